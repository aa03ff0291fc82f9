//! The run on the virtual clock: its controls, the service as it is at the cursor, what just happened in words, and the
//! timeline.

mod brush;
mod find;
mod inside_view;
mod layout;
mod legend;
mod measure;
mod measured;
mod moment;
mod paint;
mod painted;
mod palette;
mod picture_view;
mod timeline_view;
mod transport;

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use super::store::{Store, use_store};
use crate::ui::model::Msg;
use crate::ui::timeline::axis;

/// The stage; an embed may show a part of it.
#[component]
pub fn Stage(
    /// Whether the service is shown as it is at the cursor.
    #[prop(default = true)]
    picture: bool,
    /// Whether the lanes are shown.
    #[prop(default = true)]
    timeline: bool,
    /// Whether there is an inspector, to which the service's parts lead.
    #[prop(default = true)]
    inspector: bool,
) -> impl IntoView {
    let store = use_store();
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));
    view! {
        <section class="pane stage" aria-labelledby="stage-head">
            <h2 class="visually-hidden" id="stage-head">"The run on the virtual clock"</h2>
            <Show when=move || has_run.get() fallback=Empty>
                <transport::Transport />
                {picture.then(|| view! { <picture_view::PictureView inspector /> })}
                <moment::NowLine />
                {timeline.then(|| view! { <timeline_view::TimelineView /> <measured::MeasuredLine /> <legend::Legend /> <inside_view::InsideView /> })}
            </Show>
        </section>
    }
}

/// Before the first run: what to do, and the picture's skeleton.
#[component]
fn Empty() -> impl IntoView {
    let store = use_store();
    let name = kept(move || {
        store.function.with(|function| {
            function
                .current
                .as_ref()
                .map(|current| current.name.clone())
        })
    });
    let running = kept(move || store.run.with(|run| run.pending.is_some()));
    let reached = move || {
        store.run.with(|run| {
            run.pending
                .as_ref()
                .and_then(|pending| pending.progress)
                .map_or_else(|| "0".to_owned(), |progress| axis::instant(progress.now))
        })
    };
    view! {
        <div class="empty">
            <div class="empty-lanes" aria-hidden="true">
                <span>"Caller"</span>
                <i><b class="ghost calling">"waits for the answer"</b></i>
                <span>"Environment"</span>
                <i><b class="ghost init">"Init"</b><b class="ghost handler">"handler"</b></i>
            </div>
            <p class="empty-text">
                {live(move || match name.get() {
                    Some(name) if running.get() => format!("{name} is running. Lambda's clock stands at {}.", reached()),
                    Some(name) => format!("{name} is loaded. Run it, and its whole life in Lambda is drawn here, on a clock you can stop and turn back."),
                    None => "Run a function, and its whole life in Lambda is drawn here, on a clock you can stop and turn back.".to_owned(),
                })}
            </p>
            <button
                type="button"
                class="primary"
                disabled=live(move || running.get())
                on:click=move |_| store.send(Msg::Run)
            >
                {super::icons::PLAY.view()}
                {live(move || name.get().map_or_else(|| "Run".to_owned(), |name| format!("Run {name}")))}
            </button>
            <dl class="promises">
                <div>
                    <dt>"Your code really runs"</dt>
                    <dd>"Every instruction is counted. The same run always gives the same numbers, to the last log line."</dd>
                </div>
                <div>
                    <dt>"Memory is CPU"</dt>
                    <dd>"Move the slider after a run, and see what another size makes of it, in time and in dollars."</dd>
                </div>
                <div>
                    <dt>"Time is Lambda's"</dt>
                    <dd>"A timeout of 15 minutes or a retry after two is over at once, and can be watched at any speed."</dd>
                </div>
            </dl>
        </div>
    }
}

/// Lets the clock run while it plays, a frame at a time.
pub fn run_clock(store: Store) {
    let playing = kept(move || store.playback.with(|playback| playback.playing));
    // A loop that belongs to an earlier press of Play ends at its next frame.
    let current = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let turn = current.with_value(|turn| turn.wrapping_add(1));
        current.set_value(turn);
        if playing.get() {
            next_frame(store, current, turn, now_ms());
        }
    });
}

fn next_frame(store: Store, current: StoredValue<u32>, turn: u32, before: f64) {
    request_animation_frame(move || {
        if current.get_value() != turn {
            return;
        }
        let now = now_ms();
        // After a pause in another tab the clock does not jump.
        let real_us = ((now - before) * 1_000.0).clamp(0.0, 250_000.0) as u32;
        store.send(Msg::Tick { real_us });
        next_frame(store, current, turn, now);
    });
}

fn now_ms() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}
