//! Choosing who calls: the trigger, its form, and the event it sends.

use super::live::{live, part};
use leptos::prelude::*;

use super::event_editor::EventEditor;
use super::form::FormField;
use super::store::use_store;
use crate::trigger::{self, Group, Trigger};
use crate::ui::model::Msg;

/// The groups with their names, in the picker's order.
const GROUPS: [(Group, &str); 5] = [
    (Group::SynchronousUser, "A caller waits"),
    (Group::SynchronousService, "A service waits"),
    (Group::SynchronousOther, "Others that wait"),
    (Group::Asynchronous, "Nobody waits"),
    (Group::Polled, "Lambda polls"),
];

/// The pane.
#[component]
pub fn TriggerPane() -> impl IntoView {
    let store = use_store();
    let chosen = Memo::new(move |_| store.setup.with(|setup| setup.trigger.clone()));
    let groups = GROUPS
        .iter()
        .map(|(group, name)| {
            let keys = trigger::all()
                .iter()
                .filter(|found| found.group() == *group)
                .map(|found| key(*found, chosen))
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
            {part(move || trigger::by_id(&chosen.get()).map(about))}
            <EventEditor />
        </section>
    }
}

fn key(found: &'static dyn Trigger, chosen: Memo<String>) -> impl IntoView {
    let store = use_store();
    let id = found.id();
    view! {
        <button
            type="button"
            class="key"
            data-testid=format!("trigger-{id}")
            aria-pressed=live(move || (chosen.get() == id).to_string())
            on:click=move |_| store.send(Msg::PickTrigger(id.to_owned()))
        >
            <span>{found.name()}</span>
        </button>
    }
}

/// What the trigger is, and its form.
fn about(found: &'static dyn Trigger) -> impl IntoView {
    let (title, address) = found.source();
    view! {
        <p class="explanation">
            {found.explanation()} " "
            <a href=address target="_blank" rel="noopener noreferrer">{title}</a>
        </p>
        <div class="form">
            {found.fields().iter().map(|field| view! { <FormField field=field /> }).collect_view()}
        </div>
    }
}
