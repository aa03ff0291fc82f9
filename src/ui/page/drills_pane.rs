//! Failure drills: trouble that a visitor orders.

use leptos::prelude::*;

use super::fields::{Fields, refused};
use super::fold::Fold;
use super::live::{kept, part};
use super::store::{Store, use_store};
use crate::ui::model::{List, Msg, Part, Setting};

/// The fold.
#[component]
pub fn DrillSettings() -> impl IntoView {
    let store = use_store();
    let count = kept(move || store.setup.with(|setup| setup.drills.len()));
    let changed = kept(move || {
        store.setup.with(|setup| {
            (0..setup.drills.len())
                .filter_map(|index| setup.drill_in_words(index))
                .collect::<Vec<_>>()
        })
    });
    let trouble = refused(store, move || (0..count.get()).map(Part::Drill).collect());
    view! {
        <Fold testid="drill-settings" title="Failure drills" changed=changed trouble=trouble>
            <p class="help">"Trouble that comes when you order it, to see what Lambda and your function make of it."</p>
            {part(move || (0..count.get()).map(|index| entry(store, Part::Drill(index), List::Drills, index, "drill")).collect_view())}
            <button
                type="button"
                id="add-drills"
                data-testid="add-drill"
                on:click=move |_| store.send(Msg::Set(Setting::Add(List::Drills)))
            >
                "Add a drill"
            </button>
        </Fold>
    }
}

/// One of several: its settings, and a button that takes it away.
pub fn entry(store: Store, part: Part, list: List, index: usize, what: &'static str) -> AnyView {
    view! {
        <fieldset class="entry" data-testid=part.id()>
            <legend>{format!("{}{} {}", what[..1].to_uppercase(), &what[1..], index + 1)}</legend>
            {remove(store, list, index, what)}
            <Fields part=part />
        </fieldset>
    }
    .into_any()
}

/// The button that takes one of several away. The keyboard goes on at the fold, not at the page's beginning.
pub fn remove(store: Store, list: List, index: usize, what: &'static str) -> AnyView {
    let label = format!("Remove {what} {}", index + 1);
    view! {
        <button
            type="button"
            class="quiet remove"
            aria-label=label.clone()
            title=label
            on:click=move |event| {
                let fold = event_target::<web_sys::Element>(&event)
                    .closest("details")
                    .ok()
                    .flatten()
                    .and_then(|details| details.query_selector("summary").ok().flatten());
                store.send(Msg::Set(Setting::Remove(list, index)));
                if let Some(summary) = fold.and_then(|it| wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlElement>(it).ok()) {
                    let _ = summary.focus();
                }
            }
        >
            "Remove"
        </button>
    }
    .into_any()
}
