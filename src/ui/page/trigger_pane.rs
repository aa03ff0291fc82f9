//! Choosing who calls: the trigger, its form, and the event it sends.

use std::sync::Arc;

use leptos::prelude::*;

use super::bucket::Bucket;
use super::event_editor::EventEditor;
use super::form::FormField;
use super::live::{Kept, kept, live, part};
use super::store::use_store;
use crate::session::desk::Card;
use crate::trigger::Group;
use crate::trigger::names::{NAMES, Named};
use crate::ui::catalogue;
use crate::ui::model::{Msg, Origin};

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
    let words = RwSignal::new(String::new());
    let groups = move || {
        let words = words.get();
        let found: Vec<&Named> = NAMES.iter().filter(|named| named.matches(&words)).collect();
        if found.is_empty() {
            let hint = "No trigger is called that. Try the service's name, or a word such as queue, http or schedule.";
            return view! { <p class="hint">{hint}</p> }.into_any();
        }
        Group::ALL
            .iter()
            .map(|group| {
                let keys: Vec<_> = found
                    .iter()
                    .filter(|named| named.group == *group)
                    .map(|named| key(named, chosen))
                    .collect();
                (!keys.is_empty()).then(|| {
                    view! {
                        <div class="key-group" role="group" aria-label=group.name()>
                            <p class="key-group-name">{group.name()}</p>
                            <div class="keys">{keys}</div>
                        </div>
                    }
                })
            })
            .collect_view()
            .into_any()
    };
    view! {
        <section class="pane" aria-labelledby="trigger-head">
            <header class="pane-head">
                <h2 id="trigger-head">"Trigger"</h2>
                <input
                    type="search"
                    class="picker-search"
                    data-testid="trigger-search"
                    aria-label="Search triggers"
                    placeholder="Search"
                    autocomplete="off"
                    spellcheck="false"
                    on:input=move |event| words.set(event_target_value(&event))
                />
            </header>
            <div class="picker" data-scrolls="">{part(groups)}</div>
            {part(move || card.get().map(about))}
            <EventEditor />
        </section>
    }
}

fn key(named: &Named, chosen: Kept<String>) -> impl IntoView {
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

/// The function that shows the trigger, unless it is there already.
fn example(trigger: &str) -> AnyView {
    let Some(example) = catalogue::for_trigger(trigger) else {
        return ().into_any();
    };
    let store = use_store();
    let there = kept(move || {
        store.function.with(|function| {
            let current = function.current.as_ref();
            current.is_some_and(|it| matches!(&it.origin, Origin::Example(id) if *id == example.id))
        })
    });
    view! {
        <p class="try-with" hidden=live(move || there.get())>
            <button
                type="button"
                data-testid="try-with"
                title=example.summary.as_str()
                on:click=move |_| store.send(Msg::ChooseExample(example.id.clone()))
            >
                {format!("Try it with {}", example.title)}
            </button>
        </p>
    }
    .into_any()
}

/// What the trigger is, and its form.
fn about(card: Arc<Card>) -> impl IntoView {
    let (title, address) = card.source.clone();
    let fields = |setting: bool| {
        let fields = card.fields.iter().filter(|field| field.setting == setting);
        fields
            .map(|field| view! { <FormField field=field.clone() /> })
            .collect_view()
    };
    let settings = card.fields.iter().any(|field| field.setting);
    view! {
        <p class="explanation">
            {card.explanation.clone()} " "
            <a href=address target="_blank" rel="noopener noreferrer">{title}</a>
        </p>
        {example(&card.id)}
        {card.takes_files.then(|| view! { <Bucket /> })}
        <div class="form">{fields(false)}</div>
        {settings.then(|| {
            view! {
                <fieldset class="settings-of-trigger">
                    <legend>"What it is set up with"</legend>
                    <div class="form">{fields(true)}</div>
                </fieldset>
            }
        })}
    }
}
