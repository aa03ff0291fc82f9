//! What an attempt costs, line by line.

use leptos::prelude::*;

use super::fold;
use crate::lambda::billing;
use crate::ui::page::live::{kept, part};
use crate::ui::page::store::use_store;

/// The bill of the attempt that is looked at; nothing before REPORT.
#[component]
pub fn Bill() -> impl IntoView {
    let store = use_store();
    let open = RwSignal::new(false);
    let lines = kept(move || {
        if !open.get() {
            return Vec::new();
        }
        store.run.with(|run| {
            let Some(shown) = &run.shown else {
                return Vec::new();
            };
            let billed = shown
                .attempt()
                .and_then(|attempt| Some(attempt.finished()?.report.billed_ms));
            let lines = billed.map(|ms| billing::explain(&shown.setup.config, ms, 1));
            let lines = lines.into_iter().flatten();
            lines
                .map(|line| (line.label, line.quantity, line.rate, line.amount))
                .collect::<Vec<_>>()
        })
    });
    fold(
        "Billed parts",
        open,
        part(move || {
            let lines = lines.get();
            let total = lines.iter().map(|(.., amount)| amount).sum::<u64>();
            let rows = lines
                .into_iter()
                .map(|(label, quantity, rate, amount)| {
                    view! {
                        <tr>
                            <th scope="row">{label}</th>
                            <td>{quantity}</td>
                            <td>{rate}</td>
                            <td class="number">{billing::dollars_exact(amount)}</td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label="Billed parts">
                    <table class="attempts bill-parts" data-testid="bill-parts">
                        <thead>
                            <tr><th scope="col">"For"</th><th scope="col">"How much"</th><th scope="col">"Price"</th><th scope="col" class="number">"Cost"</th></tr>
                        </thead>
                        <tbody>
                            {rows}
                            <tr><th scope="row">"Together"</th><td></td><td></td><td class="number">{billing::dollars_exact(total)}</td></tr>
                        </tbody>
                    </table>
                </div>
            }
        })
        .into_any(),
    )
}
