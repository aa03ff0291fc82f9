//! Choosing who calls: the trigger, its form, and the event it sends.

use std::sync::Arc;

use leptos::prelude::*;

use super::event_editor::EventEditor;
use super::form::FormField;
use super::live::{Kept, kept, live, part};
use super::store::use_store;
use crate::session::desk::Card;
use crate::trigger::Group;
use crate::trigger::names::{NAMES, Named};
use crate::ui::model::Msg;

/// The groups with their names, in the picker's order.
const GROUPS: [(Group, &str); 4] = [
    (Group::SynchronousUser, "A caller waits"),
    (Group::SynchronousService, "A service waits"),
    (Group::Asynchronous, "Nobody waits"),
    (Group::Polled, "Lambda polls"),
];

/// The pane.
#[component]
pub fn TriggerPane() -> impl IntoView {
    let store = use_store();
    let chosen = kept(move || store.setup.with(|setup| setup.trigger.clone()));
    let card = kept(move || {
        let chosen = chosen.get();
        store
            .desk
            .with(|desk| desk.cards.iter().find(|card| card.id == chosen).cloned())
    });
    let groups = GROUPS
        .iter()
        .map(|(group, name)| {
            let keys = NAMES
                .iter()
                .filter(|named| named.group == *group)
                .map(|named| key(named, chosen))
                .collect::<Vec<_>>();
            (!keys.is_empty()).then(|| {
                view! {
                    <div class="key-group" role="group" aria-label=*name>
                        <p class="key-group-name">{*name}</p>
                        <div class="keys">{keys}</div>
                    </div>
                }
            })
        })
        .collect_view();
    view! {
        <section class="pane" aria-labelledby="trigger-head">
            <header class="pane-head">
                <h2 id="trigger-head">"Trigger"</h2>
            </header>
            {groups}
            {part(move || card.get().map(about))}
            <EventEditor />
        </section>
    }
}

fn key(named: &'static Named, chosen: Kept<String>) -> impl IntoView {
    let store = use_store();
    let id = named.id;
    view! {
        <button
            type="button"
            class="key"
            data-testid=format!("trigger-{id}")
            aria-pressed=live(move || (chosen.get() == id).to_string())
            on:click=move |_| store.send(Msg::PickTrigger(id.to_owned()))
        >
            <span>{named.name}</span>
        </button>
    }
}

/// What the trigger is, and its form.
fn about(card: Arc<Card>) -> impl IntoView {
    let (title, address) = card.source.clone();
    view! {
        <p class="explanation">
            {card.explanation.clone()} " "
            <a href=address target="_blank" rel="noopener noreferrer">{title}</a>
        </p>
        <div class="form">
            {card.fields.iter().map(|field| view! { <FormField field=field.clone() /> }).collect_view()}
        </div>
    }
}
