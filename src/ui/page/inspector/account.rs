//! Where each millisecond of the request went, over all its tries.

use leptos::prelude::*;

use crate::sim::SimDuration;
use crate::ui::account::Spent;
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::words;

/// The account of the request that is looked at: a bar to scale, and each part in words. It is drawn from the start and
/// shown once the attempt has ended.
#[component]
pub fn TimeAccount(ended: Kept<bool>) -> impl IntoView {
    let store = use_store();
    let sums = kept(move || {
        store.run.with(|run| {
            let account = run
                .shown
                .as_ref()
                .and_then(|shown| shown.account_of(shown.selected?));
            account.map(|account| account.sums()).unwrap_or_default()
        })
    });
    view! {
        {part(move || {
            let sums = sums.get();
            if sums.is_empty() {
                return None;
            }
            let whole = sums.iter().fold(SimDuration::ZERO, |sum, (_, span)| sum + *span);
            let bars = sums.iter().map(|(spent, span)| bar(*spent, *span, whole)).collect_view();
            let rows = sums.iter().map(|(spent, span)| row(*spent, *span, whole)).collect_view();
            Some(view! {
                <section class="account" class:unseen=live(move || !ended.get()) aria-labelledby="account-head" data-testid="account">
                    <h3 id="account-head">{format!("The request's whole life: {}", words::millis(whole))}</h3>
                    <div class="split-bar" aria-hidden="true">{bars}</div>
                    <table class="account-table">
                        <tbody>{rows}</tbody>
                    </table>
                </section>
            })
        })}
    }
}

fn bar(spent: Spent, span: SimDuration, whole: SimDuration) -> AnyView {
    let width = words::percent_of(span.as_nanos(), whole.as_nanos());
    view! { <i class=spent.key() style:width=width></i> }.into_any()
}

fn row(spent: Spent, span: SimDuration, whole: SimDuration) -> AnyView {
    view! {
        <tr>
            <th scope="row"><span class=format!("swatch {}", spent.key())></span> {spent.word()}</th>
            <td class="number">{words::millis(span)}</td>
            <td class="number">{words::share(span.as_nanos(), whole.as_nanos())}</td>
        </tr>
    }
    .into_any()
}
