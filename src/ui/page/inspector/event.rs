//! What was sent, and what was logged meanwhile.

use leptos::prelude::*;

use super::fold;
use super::reading::story;
use crate::ui::json_text;
use crate::ui::page::code::{CopyButton, code};
use crate::ui::page::live::{kept, live, part};
use crate::ui::page::store::use_store;

/// The most lines that are shown; the log below has all.
const MOST_LINES: usize = 1_000;

/// The event, as it was sent.
#[component]
pub fn EventSent() -> impl IntoView {
    let store = use_store();
    let open = RwSignal::new(false);
    let payload = kept(move || {
        if !open.get() {
            return String::new();
        }
        store.run.with(|run| {
            let story = run.shown.as_ref().and_then(|shown| story(shown));
            story.map(|story| story.payload).unwrap_or_default()
        })
    });
    fold(
        "Event",
        open,
        part(move || {
            let text = payload.get();
            if text.is_empty() {
                return view! { <p class="hint">"Nothing was sent with it."</p> }.into_any();
            }
            let json = json_text::is_json(&text);
            let text = if json { json_text::pretty(&text) } else { text };
            view! { <div data-testid="event-sent">{code(&text, json)}</div> }.into_any()
        })
        .into_any(),
    )
}

/// The lines that were logged during this request, as far as the cursor has come.
#[component]
pub fn ItsLog() -> impl IntoView {
    let store = use_store();
    let open = RwSignal::new(false);
    let text = kept(move || {
        if !open.get() {
            return String::new();
        }
        let at = store.playback.with(|playback| playback.at);
        store.run.with(|run| {
            let Some((shown, id)) = run.shown.as_ref().and_then(|it| Some((it, it.selected?)))
            else {
                return String::new();
            };
            let lines = shown
                .log
                .lines()
                .iter()
                .filter(|line| line.at <= at && line.invocation == Some(id.invocation));
            let texts = lines.filter_map(|line| {
                let entry = shown.entries.get(line.entry as usize)?;
                Some(shown.log.read(line, entry)?.text)
            });
            texts.take(MOST_LINES).collect::<Vec<_>>().join("\n")
        })
    });
    fold(
        "Its log",
        open,
        view! {
            <div class="code">
                <CopyButton text=Signal::derive(move || text.get()) />
                <pre tabindex="0" data-testid="its-log"><code>
                    {live(move || match text.get() {
                        text if text.is_empty() => "Nothing is written yet.".to_owned(),
                        text => text,
                    })}
                </code></pre>
            </div>
        }
        .into_any(),
    )
}
