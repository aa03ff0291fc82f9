//! The bill: of this run, and of a month of runs like it, each line explained.

use leptos::prelude::*;

use super::live::{kept, live, part};
use super::store::use_store;
use crate::lambda::billing::{self, Bill, BillLine};
use crate::ui::words;

/// The section.
#[component]
pub fn CostView() -> impl IntoView {
    let store = use_store();
    let costs = kept(move || {
        store.run.with(|run| {
            run.shown
                .as_ref()
                .map(|shown| shown.whole.costs.clone())
                .unwrap_or_default()
        })
    });
    // The number of runs in the month that is looked at; none for the run alone.
    let month = RwSignal::new(None::<usize>);
    let free = RwSignal::new(true);
    let bill = kept(move || {
        costs.with(
            |costs| match month.get().and_then(|it| costs.months.get(it)) {
                Some((_, with, _)) if free.get() => with.clone(),
                Some((_, _, without)) => without.clone(),
                None => costs.run.clone(),
            },
        )
    });
    let empty = move || bill.with(|bill| bill.lines.is_empty());
    view! {
        <section
            class="pane"
            aria-labelledby="cost-head"
            data-testid="costs"
            hidden=live(empty)
        >
            <header class="pane-head">
                <h2 id="cost-head">"Cost"</h2>
                <span class="spring"></span>
                <select
                    aria-label="Cost of"
                    data-testid="cost-month"
                    on:change=move |event| month.set(event_target_value(&event).parse().ok())
                >
                    <option value="">"This run"</option>
                    {part(move || costs.with(|costs| costs
                        .months
                        .iter()
                        .enumerate()
                        .map(|(index, (runs, ..))| view! {
                            <option value=index.to_string() selected=month.get_untracked() == Some(index)>
                                {format!("A month with {} runs like these", words::grouped(*runs))}
                            </option>
                        })
                        .collect_view()))}
                </select>
                <label class="inline check" hidden=live(move || month.get().is_none())>
                    <input
                        type="checkbox"
                        prop:checked=live(move || free.get())
                        on:change=move |event| free.set(event_target_checked(&event))
                    />
                    "With the free tier"
                </label>
            </header>
            {part(move || bill.with(table))}
            <p class="hint">
                "Prices of us-east-1. What other services charge, such as API Gateway, S3 or CloudWatch, is not in it."
            </p>
        </section>
    }
}

fn table(bill: &Bill) -> AnyView {
    let line = |line: &BillLine| {
        view! {
            <tr>
                <th scope="row">{line.label.clone()}<p class="hint">{line.explanation.clone()}</p></th>
                <td class="number">{line.quantity.clone()}</td>
                <td class="number">{line.rate.clone()}</td>
                <td class="number">{billing::dollars_exact(line.picodollars)}</td>
            </tr>
        }
    };
    view! {
        <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label="The bill, line by line">
            <table class="attempts bill">
                <thead>
                    <tr>
                        <th scope="col">"For"</th>
                        <th scope="col" class="number">"Quantity"</th>
                        <th scope="col" class="number">"Price"</th>
                        <th scope="col" class="number">"Amount"</th>
                    </tr>
                </thead>
                <tbody>{bill.lines.iter().map(line).collect_view()}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row" colspan="3">"Sum"</th>
                        <td class="number" data-testid="cost-sum">{billing::dollars_exact(bill.total())}</td>
                    </tr>
                </tfoot>
            </table>
        </div>
    }
    .into_any()
}
