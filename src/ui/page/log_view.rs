//! The log, line by line as CloudWatch has it; lines appear as the clock passes them.

use leptos::prelude::*;

use super::code::CopyButton;
use super::live::{Kept, kept, live, part};
use super::store::use_store;
use crate::lambda::logs::{LogKind, LogRecord};
use crate::ui::timeline::axis;

/// The lines that are drawn; Copy takes all of them.
const MOST_LINES: usize = 600;

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
    let written = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        lines.with(|lines| lines.iter().filter(|line| line.at <= at).count())
    });
    let text = Signal::derive(move || {
        let count = written.get();
        lines.with(|lines| {
            lines
                .iter()
                .take(count)
                .map(|line| line.text.as_str())
                .collect::<Vec<_>>()
                .join("\n")
        })
    });
    view! {
        <section class="pane" aria-labelledby="log-head">
            <header class="pane-head">
                <h2 id="log-head">"Log"</h2>
                <span class="count">
                    {live(move || lines.with(|lines| format!("{} of {} lines", written.get(), lines.len())))}
                </span>
                <span class="spring"></span>
                <CopyButton text=text />
            </header>
            <ol class="log-lines" data-testid="log" data-scrolls="" tabindex="0" aria-labelledby="log-head">
                {part(move || {
                    lines.with(|lines| lines.iter().enumerate().take(MOST_LINES).map(|(index, line)| row(line, index, written)).collect_view())
                })}
            </ol>
            <p class="hint" hidden=live(move || written.get() != 0)>"Nothing is written yet."</p>
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
