//! The inspector: the result of the attempt that is looked at, in the AWS console's words and order, and everything else
//! that is known of it and of what is around it.

use leptos::prelude::*;

use super::caller_view::CallerAndLambda;
use super::inspector::{Around, Bill, Chooser, EventSent, ItsLog, TimeAccount, Tries, Why, about};
use super::live::{Kept, kept, live, part};
use super::numbers::Numbers;
use super::store::{Store, use_store};
use crate::sim::SimTime;
use crate::ui::attempts::{Attempt, Outcome as How};
use crate::ui::model::{About, Ending, Msg};
use crate::ui::{narration, words};

/// Patience, in seconds, that is offered after a run that ours cut short.
const MORE_PATIENCE_S: [u32; 2] = [60, 600];

/// Where the cursor stands in an attempt's story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    NotYet,
    Running,
    Ended,
    /// The trace ends before it does, and so does what is known.
    Unknown,
}

/// The inspector.
#[component]
pub fn Outcome() -> impl IntoView {
    let store = use_store();
    let attempt = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().and_then(|shown| shown.attempt()))
    });
    let stage = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        let end = store
            .run
            .with(|run| run.shown.as_ref().map(|shown| shown.end))
            .unwrap_or_default();
        attempt.with(|attempt| attempt.as_ref().map(|attempt| stage_at(attempt, at, end)))
    });
    let caller_has_seen = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        attempt.with(|attempt| {
            attempt
                .as_ref()
                .and_then(Attempt::seen)
                .is_some_and(|(seen, _)| *seen <= at)
        })
    });
    let about = about(store);
    let elsewhere = kept(move || about.get() != About::Invocation);
    let looked_at = kept(move || attempt.with(Option::is_some));
    let folded = kept(move || store.playback.with(|playback| playback.folded));
    view! {
        <section class="pane outcome" class:folded=live(move || folded.get()) aria-labelledby="result-status">
            {live(move || cut_off(store))}
            <div class="outcome-head">
                {live(move || {
                    let Some((attempt, stage)) = attempt.get().zip(stage.get()) else {
                        let why = store.run.with(|run| {
                            let shown = run.shown.as_ref();
                            shown.map(|shown| narration::unreached(shown.entries.iter()))
                        });
                        return view! { <p class="hint" data-testid="unreached">{why}</p> }.into_any();
                    };
                    heading(&attempt, stage)
                })}
                <button
                    type="button"
                    class="quiet"
                    data-testid="fold-inspector"
                    title="Fold the details away, or unfold them (Q)"
                    aria-expanded=live(move || (!folded.get()).to_string())
                    on:click=move |_| store.send(Msg::ToggleInspector)
                >
                    {live(move || if folded.get() { "Show details" } else { "Hide details" })}
                </button>
            </div>
            <Show when=move || looked_at.get()>
                <Tries />
            </Show>
            <Chooser />
            {part(move || match (elsewhere.get(), looked_at.get()) {
                (true, _) => view! { <Around /> }.into_any(),
                (false, true) => view! { <Invocation attempt stage caller_has_seen /> }.into_any(),
                (false, false) => ().into_any(),
            })}
        </section>
    }
}

/// Everything about the attempt.
#[component]
fn Invocation(
    attempt: Kept<Option<Attempt>>,
    stage: Kept<Option<Stage>>,
    caller_has_seen: Kept<bool>,
) -> impl IntoView {
    let store = use_store();
    let ended = kept(move || stage.get() == Some(Stage::Ended));
    // A trace that ends before the attempt does has nothing to wait for.
    let told = kept(move || matches!(stage.get(), Some(Stage::Ended | Stage::Unknown)));
    let caller_told = kept(move || {
        let nobody = attempt.with(|attempt| attempt.as_ref().is_none_or(|it| it.seen().is_none()));
        caller_has_seen.get() || (nobody && told.get())
    });
    let always = kept(|| true);
    view! {
        <p class="compared" hidden=live(move || compared(store).is_none())>
            {live(move || compared(store).unwrap_or_default())}
        </p>
        // Drawn in full from the start and shown when its time has come: nothing else moves then.
        <div
            class="inspector-result"
            class:unseen=live(move || !(told.get() && caller_told.get()))
            class:caller-seen=live(move || caller_told.get())
            class:answered=live(move || told.get())
        >
            {part(move || attempt.get().map(|attempt| view! {
                <CallerAndLambda attempt ended=true seen=always />
            }))}
            <p class="hint not-yet" hidden=live(move || told.get() || caller_told.get())>"Nothing yet."</p>
        </div>
        {part(move || attempt.get().map(|attempt| view! { <Numbers attempt ended /> }))}
        <TimeAccount ended />
        <Why ended />
        <EventSent />
        <ItsLog />
        <Bill />
    }
}

fn stage_at(attempt: &Attempt, at: SimTime, end: SimTime) -> Stage {
    let began = attempt
        .ran
        .as_ref()
        .map_or(attempt.received, |ran| ran.started);
    match attempt.ended() {
        Some(ended) if ended <= at => Stage::Ended,
        None if at >= end => Stage::Unknown,
        _ if at >= began => Stage::Running,
        _ => Stage::NotYet,
    }
}

fn heading(attempt: &Attempt, stage: Stage) -> AnyView {
    let outcome = attempt.outcome();
    let (class, text) = match stage {
        Stage::NotYet => ("quiet", "not begun yet".to_owned()),
        Stage::Running => ("quiet", "running".to_owned()),
        Stage::Unknown => ("cut", "unknown, cut off".to_owned()),
        Stage::Ended => (
            outcome.key(),
            match outcome {
                How::Succeeded => "succeeded".to_owned(),
                How::CutOff => "cut off by the playground".to_owned(),
                other => match error_type(attempt) {
                    Some(kind) => format!("failed, {kind}"),
                    None => other.word().to_ascii_lowercase(),
                },
            },
        ),
    };
    view! {
        <h2 class=format!("status {class}") id="result-status" data-testid="result-status">
            <span class=format!("dot {class}")></span>
            "Execution result: "
            {text}
        </h2>
    }
    .into_any()
}

/// `errorType` of the error object that Lambda answered with.
fn error_type(attempt: &Attempt) -> Option<String> {
    let payload = match (&attempt.refused, attempt.finished()) {
        (Some((_, response)), _) => &response.payload,
        (None, Some(finished)) => &finished.response.payload,
        (None, None) => return None,
    };
    /// As much of it as is shown here.
    #[derive(serde::Deserialize)]
    struct ErrorObject {
        #[serde(rename = "errorType")]
        error_type: String,
    }
    let object: ErrorObject = serde_json::from_str(payload).ok()?;
    Some(object.error_type)
}

/// The reason without the part that the notice says itself.
fn cause(reason: &str) -> String {
    let cause = reason.split_once(": ").map_or(reason, |(_, cause)| cause);
    words::capitalised(cause)
}

fn compared(store: Store) -> Option<String> {
    store
        .run
        .with(|run| run.baseline.as_ref()?.compared(run.shown.as_ref()?))
}

/// What we, not Lambda, did to the run.
fn cut_off(store: Store) -> AnyView {
    let (reason, cancelled) = store.run.with(|run| match &run.shown {
        Some(shown) => (
            shown
                .cut_off()
                .map(|(reason, patience)| (reason.to_owned(), patience)),
            shown.ending == Ending::Cancelled,
        ),
        None => (None, false),
    });
    if let Some((reason, raisable)) = reason {
        let patience = store.setup.with(|setup| setup.patience_ms / 1_000);
        let raise = MORE_PATIENCE_S
            .iter()
            .find(|seconds| raisable && **seconds > patience)
            .map(|seconds| {
                let millis = seconds * 1_000;
                view! {
                    <button type="button" on:click=move |_| store.send(Msg::RaisePatience(millis))>
                        {format!("Raise patience to {seconds} s and run again")}
                    </button>
                }
            });
        return view! {
            <div class="notice" data-testid="cutoff">
                <p><strong>"Stopped by the playground, not by Lambda. "</strong> {cause(&reason)}</p>
                {raise}
            </div>
        }
        .into_any();
    }
    if cancelled {
        return view! {
            <div class="notice" data-testid="cutoff">
                <p>
                    <strong>"Cancelled by you. "</strong>
                    "What had happened until then is shown; the request is forgotten."
                </p>
            </div>
        }
        .into_any();
    }
    ().into_any()
}
