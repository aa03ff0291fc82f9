//! What is around a request, as it is at the cursor: environments, Lambda's event queue, event sources, destinations.

use std::time::Duration;

use leptos::prelude::*;

use super::destinations::destinations;
use super::environment::environment;
use super::queue::queue;
use super::source::source;
use crate::sim::SimTime;
use crate::trigger::names;
use crate::ui::attempts::AttemptId;
use crate::ui::model::{About, Msg};
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::outside;
use crate::ui::page::store::{Store, use_store};
use crate::ui::timeline::axis;

/// A run of more entries than this is read anew only once the clock stands.
const MANY: usize = 20_000;
/// So long must it stand.
const REST: Duration = Duration::from_millis(150);
/// Rows that a list shows.
pub const ROWS: usize = 50;

const ALL: [(About, &str, &str); 4] = [
    (About::Invocation, "Invocation", "about-invocation"),
    (About::Environment(None), "Environment", "about-environment"),
    (About::Queue, "Event queue", "about-queue"),
    (
        About::Destinations(None),
        "Destinations",
        "about-destinations",
    ),
];

/// What the inspector tells of.
pub fn about(store: Store) -> Kept<About> {
    kept(move || store.playback.with(|playback| playback.about))
}

/// Has the inspector tell of something, and goes there.
pub fn inspect(store: Store, about: About) {
    store.send(Msg::Inspect(about));
    // Once it is drawn.
    request_animation_frame(|| outside::focus(".around h3"));
}

/// The buttons that choose.
#[component]
pub fn Chooser() -> impl IntoView {
    let store = use_store();
    let now = about(store);
    let button = move |about: About, name: String, testid: String| {
        view! {
            <button
                type="button"
                class="key"
                data-testid=testid
                aria-pressed=live(move || now.get().is_like(about).to_string())
                on:click=move |_| store.send(Msg::Inspect(about))
            >
                <span>{name}</span>
            </button>
        }
        .into_any()
    };
    let sources = kept(move || {
        store.run.with(|run| {
            let cast = run.shown.as_ref().map(|shown| shown.cast.clone());
            cast.map(|cast| cast.sources.clone()).unwrap_or_default()
        })
    });
    view! {
        <div class="keys about" role="group" aria-label="What is inspected">
            {ALL.map(|(about, name, testid)| button(about, name.to_owned(), testid.to_owned())).collect_view()}
            {part(move || sources.get().into_iter().map(|(mapping, trigger)| {
                let name = names::name_of(&trigger).to_owned();
                button(About::Source(mapping), name, format!("about-source-{mapping}"))
            }).collect_view())}
        </div>
    }
}

/// Where the cursor stands, for readings of the whole trace.
fn cursor(store: Store) -> RwSignal<SimTime> {
    let read = RwSignal::new(store.playback.with_untracked(|playback| playback.at));
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let at = store.playback.with(|playback| playback.at);
        let entries = store.run.with(|run| {
            let shown = run.shown.as_ref();
            shown.map_or(0, |shown| shown.entries.len())
        });
        let this = turn.with_value(|turn| turn.wrapping_add(1));
        turn.set_value(this);
        if read.get_untracked() == at {
            return;
        }
        if entries <= MANY {
            return read.set(at);
        }
        set_timeout(
            move || {
                if turn.try_get_value() == Some(this) {
                    read.set(at);
                }
            },
            REST,
        );
    });
    read
}

/// What is around the request. It stays while one goes from one environment to another.
#[component]
pub fn Around() -> impl IntoView {
    let store = use_store();
    let about = about(store);
    let kind = kept(move || match about.get() {
        About::Environment(_) => About::Environment(None),
        About::Destinations(_) => About::Destinations(None),
        other => other,
    });
    let at = cursor(store);
    view! {
        {part(move || match kind.get() {
            About::Invocation => ().into_any(),
            About::Environment(_) => environment(store, about, at),
            About::Queue => queue(store, at),
            About::Source(mapping) => source(store, mapping, at),
            About::Destinations(_) => destinations(store, about, at),
        })}
    }
}

/// A story: its heading, which keeps the focus whatever is told, and the moment of which it tells.
pub fn story(
    testid: &'static str,
    head: impl Fn() -> String + Send + 'static,
    at: RwSignal<SimTime>,
    body: AnyView,
) -> AnyView {
    view! {
        <div class="around" data-testid=testid>
            <h3 tabindex="-1">{live(head)}</h3>
            <p class="hint">{live(move || format!("As it is at {} on Lambda's clock.", axis::instant(at.get())))}</p>
            {body}
        </div>
    }
    .into_any()
}

/// One figure.
pub fn figure(name: &'static str, value: String) -> AnyView {
    view! { <div class="figure"><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

/// A list of rows, with a room of its own that does not change while they come and go.
pub fn rows(name: &'static str, heads: &[(&'static str, bool)], rows: AnyView) -> AnyView {
    let heads = heads
        .iter()
        .map(|(head, number)| view! { <th scope="col" class:number=*number>{*head}</th> });
    view! {
        <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label=name>
            <table class="attempts">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// How long something has been there, as time passes.
pub fn age(since: SimTime, at: RwSignal<SimTime>) -> AnyView {
    view! { <td class="number">{live(move || at.get().since(since).to_string())}</td> }.into_any()
}

/// A button that looks at an attempt.
pub fn go(store: Store, id: AttemptId) -> AnyView {
    let name = format!("{}, try {}", u64::from(id.invocation.0) + 1, id.attempt);
    let press = move |_| {
        store.send(Msg::Select(id));
        store.send(Msg::Inspect(About::Invocation));
        outside::focus("[data-testid='about-invocation']");
    };
    view! {
        <button type="button" class="row-button" on:click=press>{name}</button>
    }
    .into_any()
}
