//! All tries of the request that is looked at, side by side, and the files that tell of it.

use leptos::prelude::*;

use super::reading::story;
use crate::lambda::event::InvocationType;
use crate::lambda::summary::AttemptSummary;
use crate::session::files::FileKind;
use crate::ui::attempts::{AttemptId, Outcome};
use crate::ui::model::Msg;
use crate::ui::page::live::{kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::timeline::axis;
use crate::ui::words;

/// The line of tries; one alone has its files only.
#[component]
pub fn Tries() -> impl IntoView {
    let store = use_store();
    let tries = kept(move || {
        store.run.with(|run| {
            let story = run.shown.as_ref().and_then(|shown| story(shown));
            story.map(|story| {
                let several = story.kind == InvocationType::Event || story.attempts.len() > 1;
                let tries = if several { story.attempts } else { Vec::new() };
                (story.invocation, story.request_id, tries)
            })
        })
    });
    view! {
        {part(move || {
            let (invocation, request, tries) = tries.get()?;
            let tries = tries.into_iter().map(|attempt| one(attempt, invocation)).collect_view();
            Some(view! {
                <div class="request-line">
                    <p class="request-id">
                        {format!("Request {} ", u64::from(invocation.0) + 1)}
                        <code>{request.to_string()}</code>
                    </p>
                    <span class="spring"></span>
                    <button type="button" class="quiet" data-testid="copy-request" title="Everything about this request, as JSON on the clipboard" on:click=move |_| store.send(Msg::Copy(FileKind::Request(invocation)))>
                        {live(move || match store.copied.get() {
                            None => "Copy JSON",
                            Some(true) => "Copied",
                            Some(false) => "Not allowed",
                        })}
                    </button>
                    <button type="button" class="quiet" data-testid="request-json" title="Everything about this request, as a file" on:click=move |_| store.send(Msg::Save(FileKind::Request(invocation)))>
                        "Save as JSON"
                    </button>
                    <button type="button" class="quiet" data-testid="request-csv" title="A row for each try, as a file" on:click=move |_| store.send(Msg::Save(FileKind::Tries(invocation)))>
                        "Save as CSV"
                    </button>
                </div>
                <ol class="tries" data-testid="tries" aria-label="Tries of this request">{tries}</ol>
            })
        })}
    }
}

fn one(attempt: AttemptSummary, invocation: crate::lambda::event::InvocationId) -> AnyView {
    let store = use_store();
    let id = AttemptId {
        invocation,
        attempt: attempt.number,
    };
    let chosen = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.selected))
            == Some(id)
    });
    let how = attempt
        .end
        .as_ref()
        .map_or(Outcome::Unfinished, |end| match Outcome::of(end) {
            Outcome::Succeeded if attempt.failed() => Outcome::Failed,
            how => how,
        });
    let (started, ended) = (attempt.started, attempt.ended);
    let took = attempt
        .report
        .as_ref()
        .map(|report| words::millis(report.duration))
        .unwrap_or_default();
    let state = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        match ended {
            Some(ended) if ended <= at => 2_u8,
            _ if started <= at => 1,
            _ => 0,
        }
    });
    view! {
        <li>
            <button type="button" class="try" aria-pressed=live(move || chosen.get().to_string()) on:click=move |_| store.send(Msg::Select(id))>
                <span class="try-name">{format!("Try {}", id.attempt)}</span>
                <span class="try-how">
                    <span class=live(move || match state.get() {
                        2 => format!("dot {}", how.key()),
                        _ => "dot".to_owned(),
                    })></span>
                    {live(move || match state.get() {
                        2 => how.word(),
                        1 => "Running",
                        _ => "Not yet",
                    })}
                </span>
                <span class="try-when">
                    {format!("at {}", axis::instant(started))}
                    <span class:later=live(move || state.get() < 2)>{format!(", {took}")}</span>
                </span>
            </button>
        </li>
    }
    .into_any()
}
