//! Functions besides the first, and what is published of each: versions, aliases, provisioned concurrency.

use leptos::prelude::*;

use super::drills_pane::{entry, remove};
use super::fields::{Fields, refused, said_at};
use super::fold::Fold;
use super::live::{kept, live, part};
use super::store::{Store, use_store};
use crate::ui::model::{List, Msg, Part, Setting};

/// Settings of a further function that stand at once; the others are folded.
const MAIN: &[&str] = &["name", "memory", "timeout", "reserved_concurrency"];
const MORE: &[&str] = &[
    "architecture",
    "maximum_retry_attempts",
    "maximum_event_age_seconds",
    "on_failure",
    "on_success",
    "dead_letter",
    "log_format",
    "application_log_level",
    "system_log_level",
    "log_group",
    "recursive_loop",
];

/// The folds.
#[component]
pub fn FunctionsSettings() -> impl IntoView {
    let store = use_store();
    let count = kept(move || store.setup.with(|setup| setup.others.len()));
    let names = kept(move || {
        store.setup.with(|setup| {
            let others = setup.others.iter();
            others.map(|it| it.config.name.clone()).collect::<Vec<_>>()
        })
    });
    let loaded = kept(move || {
        store
            .function
            .with(|function| function.current.as_ref().map(|it| it.name.clone()))
    });
    let published = kept(move || store.setup.with(|setup| setup.published_in_words(0)));
    let other_parts = move || {
        let functions = 1..=count.get();
        functions
            .flat_map(|index| [Part::Function(index), Part::Model(index)])
            .collect()
    };
    view! {
        <Fold
            testid="version-settings"
            title="Versions and aliases"
            changed=published
            trouble=refused(store, move || published_parts(store, 0))
        >
            {publication(store, 0)}
        </Fold>
        <Fold
            testid="functions-settings"
            title="Further functions"
            changed=names
            trouble=refused(store, other_parts)
        >
            <p class="help">"They share the account's concurrency. Requests choose theirs under \u{201c}Requests and clients\u{201d}."</p>
            {part(move || (1..=count.get()).map(|index| further(store, index)).collect_view())}
            <div class="entry-tools">
                <button
                    type="button"
                    data-testid="add-loaded"
                    disabled=live(move || loaded.get().is_none())
                    title="It stays as it is; another can then be chosen above"
                    on:click=move |_| store.send(Msg::AddLoaded)
                >
                    {live(move || match loaded.get() {
                        Some(name) => format!("Add {name}"),
                        None => "Add the function above".to_owned(),
                    })}
                </button>
                <button
                    type="button"
                    data-testid="add-function"
                    on:click=move |_| store.send(Msg::Set(Setting::Add(List::Functions)))
                >
                    "Add a model"
                </button>
            </div>
        </Fold>
    }
}

fn published_parts(store: Store, function: usize) -> Vec<Part> {
    store.setup.with(|setup| {
        setup
            .published_of(function)
            .map(|published| {
                let versions = (0..published.versions.len()).map(|it| Part::Version(function, it));
                let aliases = (0..published.aliases.len()).map(|it| Part::Alias(function, it));
                versions.chain(aliases).collect()
            })
            .unwrap_or_default()
    })
}

/// A further function: a model with settings of its own.
fn further(store: Store, index: usize) -> AnyView {
    view! {
        <fieldset class="entry" data-testid=format!("function-{index}")>
            <legend>{live(move || store.setup.with(|setup| {
                setup.config_of(index).map(|config| config.name.clone()).unwrap_or_default()
            }))}</legend>
            {remove(store, List::Functions, index - 1, "function")}
            <Fields part=Part::Function(index) only=MAIN />
            <p class="help">{live(move || what_runs(store, index))}</p>
            <Fields part=Part::Code(index) />
            <Show when=move || store.setup.with(|setup| setup.model_of(index).is_some())>
                <Fields part=Part::Model(index) />
            </Show>
            <details>
                <summary>"More of its settings"</summary>
                <Fields part=Part::Function(index) only=MORE />
            </details>
            <details>
                <summary>"Its versions and aliases"</summary>
                {publication(store, index)}
            </details>
        </fieldset>
    }
    .into_any()
}

/// What runs when a further function is invoked.
fn what_runs(store: Store, index: usize) -> String {
    let module = store.setup.with(|setup| {
        let other = setup.others.get(index.checked_sub(1)?)?;
        other.runs.needs_module().then(|| other.module.clone())
    });
    let Some(module) = module else {
        return "Its code is not run: a model says how long it takes and how often it fails."
            .to_owned();
    };
    store
        .function
        .with(|function| match function.shelf.get(&module) {
            Some(found) => format!("It runs {}.", found.name),
            None => "Its module is not here: open its scenario as a file, or make it a model."
                .to_owned(),
        })
}

/// What is published of a function.
fn publication(store: Store, function: usize) -> AnyView {
    let lengths = kept(move || {
        store.setup.with(|setup| {
            let published = setup.published_of(function);
            published.map_or((0, 0), |it| (it.versions.len(), it.aliases.len()))
        })
    });
    let place = store.setup.with_untracked(|setup| {
        let place = setup.place(Part::Version(function, 0));
        place.replace("versions[0]", "provisioned")
    });
    let said = said_at(store, place, "provisioned-problems");
    let versions = part(move || {
        (0..lengths.get().0)
            .map(|index| version(store, function, index))
            .collect_view()
    });
    let aliases = part(move || {
        (0..lengths.get().1)
            .map(|index| {
                entry(
                    store,
                    Part::Alias(function, index),
                    List::Aliases(function),
                    index,
                    "alias",
                )
            })
            .collect_view()
    });
    view! {
        <p class="help">
            "A version keeps the settings of the moment it is published; its code is the function's. Requests reach it by its number, or by an alias."
        </p>
        {versions}
        {aliases}
        {said}
        <div class="entry-tools">
            <button
                type="button"
                data-testid=format!("publish-{function}")
                on:click=move |_| store.send(Msg::Set(Setting::Add(List::Versions(function))))
            >
                "Publish a version"
            </button>
            <button
                type="button"
                data-testid=format!("add-alias-{function}")
                on:click=move |_| store.send(Msg::Set(Setting::Add(List::Aliases(function))))
            >
                "Add an alias"
            </button>
        </div>
    }
    .into_any()
}

fn version(store: Store, function: usize, index: usize) -> AnyView {
    let words = live(move || {
        store
            .setup
            .with(|setup| setup.version_in_words(function, index).unwrap_or_default())
    });
    view! {
        <fieldset class="entry" data-testid=Part::Version(function, index).id()>
            <legend>{words}</legend>
            {remove(store, List::Versions(function), index, "version")}
            <Fields part=Part::Version(function, index) />
        </fieldset>
    }
    .into_any()
}
