//! All attempts of a run in a table; one of them is looked at.

use leptos::prelude::*;

use super::live::{kept, live, part};
use super::store::use_store;
use crate::lambda::event::InvocationType;
use crate::trigger::names;
use crate::ui::attempts::Attempt;
use crate::ui::find;
use crate::ui::model::Msg;
use crate::ui::timeline::axis;
use crate::ui::words;

/// More rows than this cost a page its breath; the metrics tell of the rest.
const MOST_ROWS: usize = 200;

/// The table; only when there is more than one attempt to choose from.
#[component]
pub fn AttemptTable() -> impl IntoView {
    let store = use_store();
    let all = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().map_or(0, |shown| shown.attempts.len()))
    });
    let search = kept(move || store.playback.with(|playback| playback.find.clone()));
    // Only what is searched for.
    let attempts = kept(move || {
        store.run.with(|run| {
            let attempts = run.shown.iter().flat_map(|shown| &shown.attempts);
            search.with(|search| {
                attempts
                    .filter(|attempt| find::fits(attempt, search))
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    });
    let selected = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.selected))
    });
    let row = move |attempt: Attempt| {
        let id = attempt.id;
        let chosen = move || selected.get() == Some(id);
        let outcome = attempt.outcome();
        let began = attempt
            .ran
            .as_ref()
            .map_or(attempt.received, |ran| ran.started);
        let environment = attempt.ran.as_ref().map(|ran| {
            let start = match (ran.cold, ran.again) {
                (true, _) => "cold",
                (false, true) => "after a reset",
                (false, false) => "warm",
            };
            format!("{} {start}", ran.environment.0 + 1)
        });
        let report = attempt.finished().map(|finished| &finished.report);
        let figure = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
        let tries = match attempt.kind {
            InvocationType::Event => format!("{}, try {}", id.invocation.0 + 1, id.attempt),
            InvocationType::RequestResponse | InvocationType::DryRun => {
                (id.invocation.0 + 1).to_string()
            }
        };
        let name = names::name_of(&attempt.trigger).to_owned();
        let ended = attempt.ended();
        // A row's figures come with its end.
        let future = kept(move || {
            let at = store.playback.with(|playback| playback.at);
            ended.is_none_or(|ended| ended > at)
        });
        let unfinished = ended.is_none();
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
        let result = part(move || {
            let (key, word) = match (future.get(), unfinished) {
                (true, false) => ("", "…"),
                _ => (outcome.key(), outcome.word()),
            };
            view! { <span class=format!("dot {key}")></span> {word} }
        });
        view! {
            <tr class:chosen=chosen>
                <th scope="row">
                    <button
                        type="button"
                        class="row-button"
                        aria-pressed=live(move || chosen().to_string())
                        on:click=move |_| store.send(Msg::Select(id))
                    >
                        {tries}
                    </button>
                </th>
                <td>{name}</td>
                <td class="number">{axis::instant(began)}</td>
                <td>{figure(environment)}</td>
                <td>{result}</td>
                {figures}
            </tr>
        }
    };
    view! {
        <Show when=move || { all.get() > 1 }>
            <section class="pane" aria-labelledby="attempts-head">
                <header class="pane-head">
                    <h2 id="attempts-head">"Invocations"</h2>
                    <span class="count" hidden=live(move || attempts.with(|attempts| attempts.len() <= MOST_ROWS))>
                        {live(move || format!("the first {MOST_ROWS} of {}", words::grouped(attempts.with(|attempts| attempts.len() as u64))))}
                    </span>
                    <span class="count" hidden=live(move || search.with(|search| search.trim().is_empty()))>
                        {live(move || format!("found by \u{201c}{}\u{201d}", search.get().trim()))}
                    </span>
                </header>
                <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label="All tries, a row each">
                    <table class="attempts" data-testid="attempts">
                        <thead>
                            <tr>
                                <th scope="col">"#"</th>
                                <th scope="col">"Trigger"</th>
                                <th scope="col" class="number">"Start"</th>
                                <th scope="col">"Environment"</th>
                                <th scope="col">"Result"</th>
                                <th scope="col" class="number">"Duration"</th>
                                <th scope="col" class="number">"Billed"</th>
                                <th scope="col" class="number">"Init"</th>
                                <th scope="col" class="number">"Memory used"</th>
                            </tr>
                        </thead>
                        <tbody>{part(move || attempts.get().into_iter().take(MOST_ROWS).map(row).collect_view())}</tbody>
                    </table>
                </div>
            </section>
        </Show>
    }
}
