//! The log, line by line as CloudWatch has it; lines appear as the clock passes them.

use std::collections::BTreeSet;

use leptos::prelude::*;

use super::code::CopyButton;
use super::live::{Kept, kept, live, part};
use super::store::use_store;
use crate::lambda::event::EnvironmentId;
use crate::lambda::logs::{LogKind, LogRecord};
use crate::ui::timeline::axis;

/// The lines that are drawn; Copy takes all of them.
const MOST_LINES: usize = 600;

/// The log streams that can be chosen.
const MOST_STREAMS: usize = 200;

/// The log.
#[component]
pub fn LogView() -> impl IntoView {
    let store = use_store();
    let lines = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().map(|shown| shown.log.clone()))
            .unwrap_or_default()
    });
    let search = RwSignal::new(String::new());
    let stream = RwSignal::new(None::<EnvironmentId>);
    let mine = RwSignal::new(false);
    let streams = kept(move || {
        lines.with(|lines| {
            let all: BTreeSet<EnvironmentId> = lines.iter().map(|line| line.environment).collect();
            all
        })
    });
    let selected = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            shown.selected.map(|id| id.invocation)
        })
    });
    // Which lines are wanted, by their numbers.
    let wanted = kept(move || {
        let search = search.get().to_lowercase();
        let stream = stream.get();
        let invocation = selected.get().filter(|_| mine.get());
        lines.with(|lines| {
            let all = lines.iter().enumerate();
            let wanted = all.filter(|(_, line)| {
                stream.is_none_or(|stream| line.environment == stream)
                    && (invocation.is_none() || line.invocation == invocation)
                    && (search.is_empty() || line.text.to_lowercase().contains(&search))
            });
            wanted.map(|(index, _)| index).collect::<Vec<_>>()
        })
    });
    let narrowed = kept(move || wanted.with(Vec::len) < lines.with(|lines| lines.len()));
    let written = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        lines.with(|lines| lines.iter().filter(|line| line.at <= at).count())
    });
    let written_of_wanted = kept(move || {
        let written = written.get();
        wanted.with(|wanted| wanted.partition_point(|index| *index < written))
    });
    let text = Signal::derive(move || {
        let count = written_of_wanted.get();
        lines.with(|lines| {
            wanted.with(|wanted| {
                let wanted = wanted.iter().take(count);
                wanted
                    .filter_map(|index| lines.get(*index))
                    .map(|line| line.text.as_str())
                    .collect::<Vec<_>>()
                    .join("\n")
            })
        })
    });
    let counted = move || {
        let all = wanted.with(Vec::len);
        let shown = written_of_wanted.get();
        let cut = if shown > MOST_LINES {
            format!(", the first {MOST_LINES} are shown")
        } else {
            String::new()
        };
        format!("{shown} of {all} lines{cut}")
    };
    view! {
        <section class="pane" aria-labelledby="log-head">
            <header class="pane-head log-head">
                <h2 id="log-head">"Log"</h2>
                <span class="count">{live(counted)}</span>
                <span class="spring"></span>
                <label class="inline check" hidden=live(move || selected.get().is_none())>
                    <input
                        type="checkbox"
                        data-testid="log-mine"
                        prop:checked=live(move || mine.get())
                        on:change=move |event| mine.set(event_target_checked(&event))
                    />
                    "Selected request only"
                </label>
                <select
                    aria-label="Log stream"
                    data-testid="log-stream"
                    hidden=live(move || streams.with(|streams| streams.len() < 2))
                    on:change=move |event| {
                        let number = event_target_value(&event).parse().ok();
                        stream.set(number.map(EnvironmentId));
                    }
                >
                    <option value="">"All log streams"</option>
                    {part(move || streams.with(|streams| streams
                        .iter()
                        .take(MOST_STREAMS)
                        .map(|id| view! { <option value=id.0.to_string()>{format!("Environment {}", id.0 + 1)}</option> })
                        .collect_view()))}
                </select>
                <input
                    type="search"
                    data-testid="log-search"
                    placeholder="Filter"
                    aria-label="Filter the log"
                    on:input=move |event| search.set(event_target_value(&event))
                />
                <CopyButton text=text />
            </header>
            <ol class="log-lines" data-testid="log" data-scrolls="" tabindex="0" aria-labelledby="log-head">
                {part(move || {
                    lines.with(|lines| wanted.with(|wanted| wanted
                        .iter()
                        .take(MOST_LINES)
                        .filter_map(|index| lines.get(*index).map(|line| row(line, *index, written)))
                        .collect_view()))
                })}
            </ol>
            <p class="hint" hidden=live(move || written_of_wanted.get() != 0)>
                {live(move || if narrowed.get() { "No line fits so far." } else { "Nothing is written yet." })}
            </p>
        </section>
    }
}

fn row(line: &LogRecord, index: usize, written: Kept<usize>) -> AnyView {
    let class = match line.kind {
        LogKind::Platform => "platform",
        LogKind::Function => "function",
    };
    view! {
        <li class=class data-at=axis::instant(line.at) hidden=live(move || { index >= written.get() })>
            {line.text.clone()}
        </li>
    }
    .into_any()
}
