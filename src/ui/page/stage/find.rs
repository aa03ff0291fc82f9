//! The line above the timeline: enlarging, and searching for invocations.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::ui::attempts::AttemptId;
use crate::ui::model::Msg;
use crate::ui::page::icons;
use crate::ui::page::live::{Kept, live};
use crate::ui::page::store::use_store;
use crate::ui::words;

/// How much a press of a button enlarges.
const STEP: f64 = 2.0;

/// The line. `found` is what a search found, when there is one; `enlarged` says whether there is more than is seen.
#[component]
pub fn Find(found: Kept<Option<BTreeSet<AttemptId>>>, enlarged: Kept<bool>) -> impl IntoView {
    let store = use_store();
    let count = move || found.with(|found| found.as_ref().map(BTreeSet::len));
    let none = move || count().unwrap_or_default() == 0;
    let zoom = move |factor: f64| store.send(Msg::Zoom { factor, x: None });
    view! {
        <div class="find" role="group" aria-label="Timeline">
            <input
                type="search"
                data-testid="find"
                placeholder="Find: failed, cold, #7, env:2, request id"
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
            <span class="spring"></span>
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
                title="Show all (F)"
                disabled=live(move || !enlarged.get())
                on:click=move |_| store.send(Msg::ShowAll)
            >
                "Fit"
            </button>
        </div>
    }
}
