//! The clock and its controls.

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use crate::sim::{SimDuration, SimTime};
use crate::ui::model::{Jump, Msg, Speed};
use crate::ui::page::icons;
use crate::ui::page::store::use_store;
use crate::ui::timeline::axis;
use crate::ui::words;

/// The controls.
#[component]
pub fn Transport() -> impl IntoView {
    let store = use_store();
    let playing = kept(move || store.playback.with(|playback| playback.playing));
    let speed = kept(move || store.playback.with(|playback| playback.speed));
    let skip = kept(move || store.playback.with(|playback| playback.skip_waits));
    let end = kept(move || {
        store
            .run
            .with(|run| run.shown.as_ref().map(|shown| shown.end))
            .unwrap_or_default()
    });
    let clock = live(move || store.playback.with(|playback| axis::instant(playback.at)));
    let button = move |icon: &icons::Icon, name: &'static str, msg: Msg| {
        view! {
            <button
                type="button"
                class="quiet"
                title=name
                aria-label=name
                on:click=move |_| store.send(msg.clone())
            >
                {icon.view()}
            </button>
        }
    };
    view! {
        <div class="transport" role="group" aria-label="Clock">
            <div class="transport-buttons">
                {button(&icons::START, "To the start (Home)", Msg::ToStart)}
                {button(&icons::BACK, "Previous event (,)", Msg::StepEvent(-1))}
                <button
                    type="button"
                    class="play"
                    data-testid="play"
                    aria-label=live(move || if playing.get() { "Pause" } else { "Play" })
                    title=live(move || if playing.get() { "Pause (Space)" } else { "Play (Space)" })
                    on:click=move |_| store.send(Msg::TogglePlay)
                >
                    {live(move || if playing.get() { icons::PAUSE.view() } else { icons::PLAY.view() })}
                </button>
                {button(&icons::ON, "Next event (.)", Msg::StepEvent(1))}
                {button(&icons::END, "To the end (End)", Msg::ToEnd)}
            </div>
            <p class="clock">
                <output data-testid="clock" style:min-width=live(move || longest(end.get()))>{clock}</output>
                <span class="clock-end">" of " {live(move || axis::instant(end.get()))}</span>
            </p>
            <span class="spring"></span>
            <label class="inline">
                <span class="visually-hidden">"Speed"</span>
                <select
                    data-testid="speed"
                    on:change=move |event| {
                        if let Some(speed) = Speed::by_key(&event_target_value(&event)) {
                            store.send(Msg::SetSpeed(speed));
                        }
                    }
                >
                    {Speed::ALL
                        .iter()
                        .map(|(each, key, name)| {
                            let each = *each;
                            view! { <option value=*key selected=live(move || speed.get() == each)>{*name}</option> }
                        })
                        .collect_view()}
                </select>
            </label>
            <label class="inline check">
                <input
                    type="checkbox"
                    prop:checked=live(move || skip.get())
                    on:change=move |event| store.send(Msg::SkipWaits(event_target_checked(&event)))
                />
                "Skip waits"
            </label>
            <Jumps />
        </div>
    }
}

/// Room for any time up to the end: `2 min 59.12 s`, or with hours before it.
fn longest(end: SimTime) -> &'static str {
    if end.since(SimTime::ZERO) < SimDuration::from_secs(3_600) {
        "13ch"
    } else {
        "19ch"
    }
}

/// Ways to the errors, retries, cold starts and throttles of this run; only to kinds that occur in it.
#[component]
fn Jumps() -> impl IntoView {
    let store = use_store();
    let counts = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref();
            Jump::ALL.map(|(jump, ..)| shown.map_or(0, |shown| jump.of(&shown.jumps).len() as u64))
        })
    });
    let group = move |index: usize| {
        let (jump, key, one, many) = Jump::ALL[index];
        let count = move || counts.get()[index];
        let capital = key.to_ascii_uppercase();
        let button = |icon: &icons::Icon, name: String, direction: i8| {
            view! {
                <button
                    type="button"
                    class="quiet"
                    title=name.clone()
                    aria-label=name
                    on:click=move |_| store.send(Msg::Jump(jump, direction))
                >
                    {icon.view()}
                </button>
            }
        };
        let word = move || match count() {
            1 => format!("1 {one}"),
            more => format!("{} {many}", words::grouped(more)),
        };
        view! {
            <span class="jump" hidden=live(move || count() == 0)>
                {button(&icons::BACK, format!("Previous {one} (Shift {capital})"), -1)}
                <span>{live(word)}</span>
                {button(&icons::ON, format!("Next {one} ({capital})"), 1)}
            </span>
        }
    };
    view! {
        <div class="jumps" role="group" aria-label="Jump to">
            {(0..Jump::ALL.len()).map(group).collect_view()}
        </div>
    }
}
