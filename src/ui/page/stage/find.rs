//! The line above the timeline: enlarging, and searching for invocations.

use leptos::prelude::*;

use crate::ui::find::{Found, environments, with_word};
use crate::ui::model::Msg;
use crate::ui::page::icons;
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::store::use_store;
use crate::ui::words;

/// How much a press of a button enlarges.
const STEP: f64 = 2.0;

/// Outcomes and starts that can be chosen: as a search says them, and in words.
const OUTCOMES: [(&str, &str); 7] = [
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("timeout", "Timed out"),
    ("refused", "Refused"),
    ("cold", "Cold starts"),
    ("warm", "Warm starts"),
    ("retry", "Retries"),
];

/// Environments that can be chosen.
const MOST_ENVIRONMENTS: usize = 200;

/// The line. `found` is what a search found, when there is one; `enlarged` says whether there is more than is seen.
#[component]
pub fn Find(found: Kept<Option<Found>>, enlarged: Kept<bool>) -> impl IntoView {
    let store = use_store();
    let count = move || found.with(|found| found.as_ref().map(|found| found.count));
    let none = move || count().unwrap_or_default() == 0;
    let zoom = move |factor: f64| store.send(Msg::Zoom { factor, x: None });
    view! {
        <div class="find" role="group" aria-label="Timeline">
            <input
                type="search"
                data-testid="find"
                placeholder="Find: failed, cold, >200ms, #7, env:2, request id"
                aria-label="Find invocations"
                prop:value=live(move || store.playback.with(|playback| playback.find.clone()))
                on:input=move |event| store.send(Msg::Find(event_target_value(&event)))
                on:keydown=move |event| {
                    if event.key() == "Enter" {
                        event.prevent_default();
                        store.send(Msg::FindNext(if event.shift_key() { -1 } else { 1 }));
                    }
                }
            />
            <Filters />
            <span class="found" role="status" data-testid="found">
                {live(move || match count() {
                    None => String::new(),
                    Some(1) => "1 found".to_owned(),
                    Some(count) => format!("{} found", words::grouped(count as u64)),
                })}
            </span>
            <button
                type="button"
                class="quiet"
                title="Previous found (Shift Enter)"
                aria-label="Previous found"
                hidden=live(none)
                on:click=move |_| store.send(Msg::FindNext(-1))
            >
                {icons::BACK.view()}
            </button>
            <button
                type="button"
                class="quiet"
                title="Next found (Enter)"
                aria-label="Next found"
                hidden=live(none)
                on:click=move |_| store.send(Msg::FindNext(1))
            >
                {icons::ON.view()}
            </button>
            <span class="zoom">
                <button type="button" class="quiet" title="Smaller (S)" aria-label="Smaller" disabled=live(move || !enlarged.get()) on:click=move |_| zoom(1.0 / STEP)>
                    {icons::MINUS.view()}
                </button>
                <button type="button" class="quiet" data-testid="zoom-in" title="Larger (W)" aria-label="Larger" on:click=move |_| zoom(STEP)>
                    {icons::PLUS.view()}
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="show-all"
                    title="Show all (0)"
                    disabled=live(move || !enlarged.get())
                    on:click=move |_| store.send(Msg::ShowAll)
                >
                    "Fit"
                </button>
            </span>
        </div>
    }
}

/// Filters by outcome and environment: they write words of the search, which one may as well type.
#[component]
fn Filters() -> impl IntoView {
    let store = use_store();
    let search = kept(move || store.playback.with(|playback| playback.find.clone()));
    let choose = move |word: Option<String>, instead_of: fn(&str) -> bool| {
        let text = search.with_untracked(|search| with_word(search, word.as_deref(), instead_of));
        store.send(Msg::Find(text));
    };
    let chosen = move |word: &str| {
        search.with(|search| search.split_whitespace().any(|known| known == word))
    };
    let rooms = kept(move || {
        store.run.with(|run| {
            let tries = run.shown.as_ref().map(|shown| shown.tries.clone());
            tries
                .map(|tries| environments(&tries, MOST_ENVIRONMENTS))
                .unwrap_or_default()
        })
    });
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    view! {
        <select
            aria-label="Outcome"
            data-testid="filter-outcome"
            on:change=move |event| choose(some(event_target_value(&event)), is_outcome)
        >
            <option value="" prop:selected=live(move || !search.with(|it| it.split_whitespace().any(is_outcome)))>"Any outcome"</option>
            {OUTCOMES
                .iter()
                .map(|(word, name)| {
                    view! { <option value=*word prop:selected=live(move || chosen(word))>{*name}</option> }
                })
                .collect_view()}
        </select>
        <select
            aria-label="Environment"
            data-testid="filter-environment"
            hidden=live(move || rooms.with(|rooms| rooms.len() < 2))
            on:change=move |event| choose(some(event_target_value(&event)), is_environment)
        >
            <option value="" prop:selected=live(move || !search.with(|it| it.split_whitespace().any(is_environment)))>"Any environment"</option>
            {part(move || rooms.get().into_iter().map(|room| {
                let number = u64::from(room) + 1;
                let word = format!("env:{number}");
                let known = word.clone();
                view! { <option value=word prop:selected=live(move || chosen(&known))>{format!("Environment {number}")}</option> }
            }).collect_view())}
        </select>
    }
}

fn is_outcome(word: &str) -> bool {
    OUTCOMES.iter().any(|(known, _)| *known == word)
}

fn is_environment(word: &str) -> bool {
    word.starts_with("env:")
}
