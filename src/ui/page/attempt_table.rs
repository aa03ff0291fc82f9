//! All attempts of a run in a table; one of them is looked at. Of a long one, only the rows in sight are on the page.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::live::{Kept, kept, live, part};
use super::rolled::Rolled;
use super::store::{Store, use_store};
use crate::lambda::event::InvocationType;
use crate::trigger::names;
use crate::ui::attempts::AttemptId;
use crate::ui::find::{Found, Query};
use crate::ui::model::{Msg, Shown};
use crate::ui::order::{Column, Order};
use crate::ui::timeline::axis;
use crate::ui::trace::Row;
use crate::ui::words;

/// Height of a row, and of the table, in pixels.
const ROW: f64 = 32.0;
const HEIGHT: f64 = 420.0;

/// A run that is the same when its trace is the same in memory.
#[derive(Clone, Default)]
struct Listed(Option<Arc<Shown>>);

impl PartialEq for Listed {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(a), Some(b)) => Arc::ptr_eq(&a.tries, &b.tries),
            (None, None) => true,
            _ => false,
        }
    }
}

/// The table; only when there is more than one attempt to choose from.
#[component]
pub fn AttemptTable() -> impl IntoView {
    let store = use_store();
    let run = kept(move || Listed(store.run.with(|run| run.shown.clone())));
    let all = kept(move || run.with(|run| run.0.as_ref().map_or(0, |shown| shown.tries.len())));
    let search = kept(move || store.playback.with(|playback| playback.find.clone()));
    // Only what is searched for.
    let found = kept(move || {
        let query = search.with(|search| Query::new(search));
        run.with(|run| {
            let shown = run.0.as_ref().filter(|_| !query.is_empty())?;
            Some(Found::new(&query, &shown.tries, &shown.entries))
        })
    });
    let count = kept(move || {
        found.with(|found| match found {
            Some(found) => found.count,
            None => all.get(),
        })
    });
    let order = kept(move || store.playback.with(|playback| playback.order));
    // The places of the listed rows among all; none when all are listed as they began.
    let places = kept(move || {
        let order = order.get();
        run.with(|run| {
            let shown = run.0.as_ref()?;
            found.with(|found| order.places(&shown.tries, &shown.entries, found.as_ref()))
        })
    });
    let place = move |index: usize| {
        places.with_untracked(|places| match places {
            Some(places) => places.get(index).map(|place| *place as usize),
            None => Some(index),
        })
    };
    let rolled = Rolled::new(NodeRef::new(), count, ROW, HEIGHT);
    let selected = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.selected))
    });
    let listed = move || {
        let (first, end) = rolled.drawn.get();
        places.with(|_| ());
        run.with(|run| {
            let shown = run.0.as_ref();
            (first..end)
                .filter_map(|index| Some((index, *shown?.tries.get(place(index)?)?)))
                .collect::<Vec<_>>()
        })
    };
    // What is selected elsewhere is brought into sight, within the table only.
    let listed_at = move |id: AttemptId| {
        run.with_untracked(|run| {
            let place = run.0.as_ref()?.tries.place(id)?;
            places.with_untracked(|places| match places {
                Some(places) => places.iter().position(|listed| *listed as usize == place),
                None => Some(place),
            })
        })
    };
    Effect::new(move |_| {
        let index = selected.get().and_then(listed_at);
        if let Some(index) = index {
            // Rows that come with the same change have their place by then.
            request_animation_frame(move || rolled.show(index, ROW));
        }
    });
    // In another order one wants to see what comes first.
    Effect::new(move |before: Option<Order>| {
        let order = order.get();
        if before.is_some_and(|before| before != order) {
            rolled.to_top();
        }
        order
    });
    let keys = move |event: KeyboardEvent| {
        let page = (HEIGHT / ROW) as isize - 2;
        let step: isize = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "PageDown" => page,
            "PageUp" => -page,
            _ => return,
        };
        if event.shift_key() || event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        event.prevent_default();
        let now = selected.get_untracked().and_then(listed_at);
        let last = count.get_untracked().saturating_sub(1);
        let next = now.map_or(0, |now| now.saturating_add_signed(step).min(last));
        let id = run.with_untracked(|run| {
            let shown = run.0.as_ref()?;
            shown.tries.get(place(next)?).map(|row| row.id)
        });
        if let Some(id) = id {
            store.send(Msg::Select(id));
        }
    };
    view! {
        <Show when=move || { all.get() > 1 }>
            <section class="pane" aria-labelledby="attempts-head">
                <header class="pane-head">
                    <h2 id="attempts-head">"Invocations"</h2>
                    <span class="count" data-testid="attempts-count">
                        {live(move || {
                            let (count, all) = (count.get() as u64, all.get() as u64);
                            if count == all {
                                words::grouped(all)
                            } else {
                                format!("{} of {}", words::grouped(count), words::grouped(all))
                            }
                        })}
                    </span>
                    <span class="count" hidden=live(move || search.with(|search| search.trim().is_empty()))>
                        {live(move || format!("found by \u{201c}{}\u{201d}", search.get().trim()))}
                    </span>
                </header>
                <div
                    class="table-scroll rolled"
                    data-scrolls=""
                    data-testid="attempts-scroll"
                    tabindex="0"
                    role="region"
                    aria-label="All tries, a row each"
                    node_ref=rolled.element
                    on:scroll=move |_| rolled.scrolled()
                    on:keydown=keys
                >
                    <table
                        class="attempts"
                        data-testid="attempts"
                        aria-rowcount=live(move || (count.get() + 1).to_string())
                    >
                        <thead>
                            <tr aria-rowindex="1">
                                {Column::ALL.map(|(column, testid, name)| {
                                    let trigger = (column == Column::Start).then(|| view! { <th scope="col">"Trigger"</th> });
                                    view! { {trigger} {head(order, column, testid, name)} }
                                }).collect_view()}
                            </tr>
                        </thead>
                        <tbody>
                            <tr class="spacer" aria-hidden="true" hidden=live(move || rolled.above() == 0.0)>
                                <td colspan="9" style:height=live(move || words::px(rolled.above()))></td>
                            </tr>
                            <For
                                each=listed
                                key=move |(index, row)| (*index, row.id, run.with_untracked(|run| run.0.as_ref().map(|shown| shown.run)))
                                children=move |(index, row)| {
                                    run.with_untracked(|run| run.0.as_ref().map(|shown| line(store, shown, index, row)))
                                }
                            />
                            <tr class="spacer" aria-hidden="true" hidden=live(move || rolled.below() == 0.0)>
                                <td colspan="9" style:height=live(move || words::px(rolled.below()))></td>
                            </tr>
                        </tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}

/// The head of a column: a press puts the table in order by it.
fn head(order: Kept<Order>, column: Column, testid: &'static str, name: &'static str) -> AnyView {
    let store = use_store();
    let here = move || Some(order.get()).filter(|order| order.column == column);
    let sorted = live(move || match here() {
        Some(order) if order.falling => "descending",
        Some(_) => "ascending",
        None => "none",
    });
    let arrow = live(move || match here() {
        Some(order) if order.falling => "\u{2193}",
        Some(_) => "\u{2191}",
        None => "",
    });
    view! {
        <th scope="col" class=if column.is_figure() { "number" } else { "" } aria-sort=sorted>
            <button
                type="button"
                class="sort"
                data-testid=format!("sort-{testid}")
                on:click=move |_| store.send(Msg::Sort(order.get_untracked().pressed(column)))
            >
                {name}
                <span aria-hidden="true">{arrow}</span>
            </button>
        </th>
    }
    .into_any()
}

/// One row.
fn line(store: Store, shown: &Shown, index: usize, row: Row) -> AnyView {
    let entries = &shown.entries;
    let id = row.id;
    let chosen = kept(move || {
        let selected = store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.selected));
        selected == Some(id)
    });
    let hovered = live(move || store.hovered.get() == Some(id));
    let environment = row.environment.map(|environment| {
        let start = match (row.cold, row.again) {
            (true, _) => "cold",
            (false, true) => "after a reset",
            (false, false) => "warm",
        };
        format!("{} {start}", u64::from(environment.0) + 1)
    });
    let report = row
        .run(entries)
        .map(|(duration, outcome)| outcome.report(duration));
    let figure = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let number = u64::from(id.invocation.0) + 1;
    let tries = match row.kind(entries) {
        InvocationType::Event => format!("{number}, try {}", id.attempt),
        InvocationType::RequestResponse | InvocationType::DryRun => number.to_string(),
    };
    let name = names::name_of(row.trigger(entries)).to_owned();
    // A row's figures come with its end.
    let future = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        row.ended.is_none_or(|ended| ended > at)
    });
    let unfinished = row.ended.is_none();
    let report = report.as_ref();
    let figures = [
        figure(report.map(|report| words::millis(report.duration))),
        figure(report.map(|report| format!("{} ms", words::grouped(report.billed_ms)))),
        figure(
            report
                .and_then(|report| report.init_duration)
                .map(words::millis),
        ),
        figure(report.map(|report| format!("{} MB", report.max_memory_used_mb))),
    ];
    let figures = figures
        .into_iter()
        .map(|text| {
            view! {
                <td class="number">
                    {live(move || if future.get() { "–".to_owned() } else { text.clone() })}
                </td>
            }
        })
        .collect_view();
    let outcome = row.outcome;
    let result = part(move || {
        let (key, word) = match (future.get(), unfinished) {
            (true, false) => ("", "…"),
            _ => (outcome.key(), outcome.word()),
        };
        view! { <span class=format!("dot {key}")></span> {word} }
    });
    view! {
        <tr
            class:chosen=live(move || chosen.get())
            class:hovered=hovered
            aria-rowindex=(index + 2).to_string()
            on:pointerenter=move |_| store.hover(Some(id))
            on:pointerleave=move |_| store.hover(None)
        >
            <th scope="row">
                <button
                    type="button"
                    class="row-button"
                    aria-pressed=live(move || chosen.get().to_string())
                    on:click=move |_| store.send(Msg::Select(id))
                >
                    {tries}
                </button>
            </th>
            <td>{name}</td>
            <td class="number">{axis::instant(row.began)}</td>
            <td>{figure(environment)}</td>
            <td>{result}</td>
            {figures}
        </tr>
    }
    .into_any()
}
