//! What is around a request: its environment, Lambda's event queue, and destinations, as they are at the cursor.

use leptos::prelude::*;

use crate::lambda::event::{EnvironmentId, ResetReason};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::inspect::{self, EnvironmentStory, QueueStory, Sent};
use crate::ui::json_text;
use crate::ui::model::Msg;
use crate::ui::page::code::code;
use crate::ui::page::live::{Kept, kept, live, part};
use crate::ui::page::store::{Store, use_store};
use crate::ui::timeline::axis;
use crate::ui::words;

/// A run of more entries than this is read anew only while the clock stands.
const MANY: usize = 20_000;
/// Rows that a list shows.
const ROWS: usize = 50;

/// What the inspector tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum About {
    /// The invocation that is looked at.
    #[default]
    Invocation,
    /// The environment in which it ran.
    Environment,
    /// The event queue.
    Queue,
    /// Destinations and dead-letter queues.
    Destinations,
}

const ALL: [(About, &str); 4] = [
    (About::Invocation, "Invocation"),
    (About::Environment, "Its environment"),
    (About::Queue, "Event queue"),
    (About::Destinations, "Destinations"),
];

/// The buttons that choose.
pub fn chooser(about: RwSignal<About>) -> AnyView {
    let buttons = ALL
        .into_iter()
        .map(|(kind, name)| {
            view! {
                <button
                    type="button"
                    class="key"
                    data-testid=format!("about-{kind:?}").to_lowercase()
                    aria-pressed=live(move || (about.get() == kind).to_string())
                    on:click=move |_| about.set(kind)
                >
                    <span>{name}</span>
                </button>
            }
        })
        .collect_view();
    view! { <div class="keys about" role="group" aria-label="What is inspected">{buttons}</div> }
        .into_any()
}

/// Where the cursor stands, for a reading of the whole trace.
fn cursor(store: Store) -> Kept<SimTime> {
    kept(move || {
        let (at, playing) = store
            .playback
            .with(|playback| (playback.at, playback.playing));
        let many = store.run.with(|run| {
            run.shown
                .as_ref()
                .is_some_and(|shown| shown.entries.len() > MANY)
        });
        if playing && many { SimTime::ZERO } else { at }
    })
}

/// What is around the request.
#[component]
pub fn Around(about: About) -> impl IntoView {
    let store = use_store();
    let at = cursor(store);
    match about {
        About::Invocation => ().into_any(),
        About::Environment => {
            let told = kept(move || {
                let at = at.get();
                store.run.with(|run| {
                    let shown = run.shown.as_ref()?;
                    let id = shown.attempt()?.ran.as_ref()?.environment;
                    let story = inspect::environment(shown.entries.iter(), id, at)?;
                    Some((id, story))
                })
            });
            part(move || match told.get() {
                Some((id, story)) => environment(store, id, &story),
                None => view! { <p class="hint">"No environment works on it at this moment."</p> }
                    .into_any(),
            })
            .into_any()
        }
        About::Queue => {
            let told = kept(move || {
                let at = at.get();
                store.run.with(|run| {
                    let shown = run.shown.as_ref()?;
                    Some(inspect::queue(shown.entries.iter(), at))
                })
            });
            part(move || told.get().map(|story| queue(store, &story))).into_any()
        }
        About::Destinations => {
            let told = kept(move || {
                let at = at.get();
                store.run.with(|run| {
                    let shown = run.shown.as_ref();
                    shown.map(|shown| inspect::deliveries(shown.entries.iter(), at))
                })
            });
            part(move || told.get().map(|sent| destinations(store, sent))).into_any()
        }
    }
}

fn figure(name: &'static str, value: String) -> AnyView {
    view! { <div class="figure"><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

/// A button that looks at an attempt.
fn go(store: Store, id: AttemptId) -> AnyView {
    let name = format!("{}, try {}", u64::from(id.invocation.0) + 1, id.attempt);
    view! {
        <button type="button" class="row-button" on:click=move |_| store.send(Msg::Select(id))>{name}</button>
    }
    .into_any()
}

fn environment(store: Store, id: EnvironmentId, story: &EnvironmentStory) -> AnyView {
    let resets = match story.resets {
        (0, _) => "never".to_owned(),
        (count, Some(ResetReason::Timeout)) => format!("{count}, last after a timeout"),
        (count, Some(ResetReason::Crash)) => format!("{count}, last after a crash"),
        (count, None) => count.to_string(),
    };
    let all = story.served.len();
    let rows = story
        .served
        .iter()
        .rev()
        .take(ROWS)
        .map(|run| {
            let (key, word, took) = match &run.ended {
                Some((at, how)) => (how.key(), how.word(), words::millis(at.since(run.from))),
                None => ("", "Running", String::new()),
            };
            view! {
                <tr>
                    <th scope="row">{go(store, run.id)}</th>
                    <td class="number">{axis::instant(run.from)}</td>
                    <td><span class=format!("dot {key}")></span> {word}</td>
                    <td class="number">{took}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="around" data-testid="environment-story">
            <h3>{format!("Environment {}: {}", u64::from(id.0) + 1, story.state())}</h3>
            <dl class="figures">
                {figure("Created at", axis::instant(story.created))}
                {figure("Version", story.version.clone())}
                {figure("Init", story.init.map_or_else(|| "not yet".to_owned(), words::millis))}
                {figure("Invocations so far", words::grouped(all as u64))}
                {figure("Busy so far", words::millis(story.busy))}
                {figure("Reset", resets)}
                {figure("Capacity", if story.provisioned { "provisioned".to_owned() } else { "on demand".to_owned() })}
                <div class="figure wide"><dt>"Log stream"</dt><dd>{story.log_stream.clone()}</dd></div>
            </dl>
            <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label="What this environment has served">
                <table class="attempts">
                    <thead><tr><th scope="col">"Invocation"</th><th scope="col" class="number">"Start"</th><th scope="col">"Result"</th><th scope="col" class="number">"Took"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <p class="hint" hidden=all <= ROWS>{format!("The last {ROWS} of {}.", words::grouped(all as u64))}</p>
        </div>
    }
    .into_any()
}

fn queue(store: Store, story: &QueueStory) -> AnyView {
    let all = story.waiting.len();
    let rows = story
        .waiting
        .iter()
        .take(ROWS)
        .map(|waiting| {
            let due = waiting
                .due
                .map_or_else(|| "when there is room".to_owned(), axis::instant);
            view! {
                <tr>
                    <th scope="row">{go(store, waiting.id)}</th>
                    <td class="number">{axis::instant(waiting.since)}</td>
                    <td class="number">{due}</td>
                </tr>
            }
        })
        .collect_view();
    let empty = if story.accepted == 0 {
        "No asynchronous event has come. Synchronous calls and event source mappings do not use this queue."
    } else {
        "Nothing waits in it at this moment."
    };
    view! {
        <div class="around" data-testid="queue-story">
            <h3>"Lambda's queue of asynchronous events"</h3>
            <dl class="figures">
                {figure("Waiting now", words::grouped(all as u64))}
                {figure("Accepted", words::grouped(story.accepted.into()))}
                {figure("Back after an error", words::grouped(story.retries.into()))}
                {figure("Back for lack of room", words::grouped(story.throttled.into()))}
                {figure("Given up", words::grouped(story.dropped.into()))}
                {figure("Oldest that left it", story.oldest.to_string())}
            </dl>
            <p class="hint" hidden=all != 0>{empty}</p>
            <div class="table-scroll" data-scrolls="" tabindex="0" role="region" aria-label="Events in the queue" hidden=all == 0>
                <table class="attempts">
                    <thead><tr><th scope="col">"Event"</th><th scope="col" class="number">"Since"</th><th scope="col" class="number">"Next try at"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn destinations(store: Store, sent: Vec<Sent>) -> AnyView {
    if sent.is_empty() {
        return view! {
            <div class="around" data-testid="destination-story">
                <h3>"Destinations and dead-letter queues"</h3>
                <p class="hint">
                    "Nothing has been sent on so far. Set an on-failure destination or a dead-letter queue in the settings, and what \
                     is given up comes here."
                </p>
            </div>
        }
        .into_any();
    }
    let all = sent.len();
    let items = sent
        .into_iter()
        .rev()
        .take(ROWS)
        .map(|sent| {
            let from = sent.invocation.map(|invocation| {
                go(
                    store,
                    AttemptId {
                        invocation,
                        attempt: 1,
                    },
                )
            });
            let json = json_text::is_json(&sent.body);
            let body = if json {
                json_text::pretty(&sent.body)
            } else {
                sent.body
            };
            view! {
                <li>
                    <p>
                        <strong>{sent.kind}</strong> " " <code>{sent.target}</code>
                        {format!(" at {}", axis::instant(sent.at))}
                        {(!sent.delivered).then_some(", not taken")} " " {from}
                    </p>
                    {code(&body, json)}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="around" data-testid="destination-story">
            <h3>"Destinations and dead-letter queues"</h3>
            <ul class="sent">{items}</ul>
            <p class="hint" hidden=all <= ROWS>{format!("The last {ROWS} of {}.", words::grouped(all as u64))}</p>
        </div>
    }
    .into_any()
}
