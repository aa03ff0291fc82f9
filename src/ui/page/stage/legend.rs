//! What the picture's colours and patterns stand for; only those that occur in it.

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use crate::sim::SimDuration;
use crate::ui::page::store::use_store;
use crate::ui::timeline::{Bar, BarKind};

/// A swatch's name in style sheets, its meaning, and whether a bar shows it.
type Entry = (&'static str, &'static str, fn(&Bar) -> bool);

const ENTRIES: [Entry; 9] = [
    ("calling", "caller waits", |bar| {
        bar.kind == BarKind::Calling
    }),
    ("queued", "in the queue", |bar| bar.kind == BarKind::Queued),
    ("backoff", "waits for its next try", |bar| {
        bar.kind == BarKind::Backoff
    }),
    ("init", "Init", |bar| bar.kind == BarKind::Init),
    ("handler", "handler runs", |bar| {
        bar.kind == BarKind::Handler
    }),
    ("frozen", "frozen by the CPU quota", |bar| {
        bar.usage
            .is_some_and(|usage| usage.frozen > SimDuration::ZERO)
    }),
    ("waited", "waits without using the CPU", |bar| {
        bar.usage
            .is_some_and(|usage| usage.waited > SimDuration::ZERO)
    }),
    ("idle", "kept warm", |bar| bar.kind == BarKind::Idle),
    ("failed", "failed", |bar| bar.outcome.key() == "bad"),
];

/// The legend.
#[component]
pub fn Legend() -> impl IntoView {
    let store = use_store();
    let occurring = kept(move || {
        store.run.with(|run| {
            let lanes = run
                .shown
                .as_ref()
                .map(|shown| shown.lanes.clone())
                .unwrap_or_default();
            ENTRIES.map(|(.., shows)| lanes.iter().flat_map(|lane| &lane.bars).any(shows))
        })
    });
    view! {
        <ul class="legend" aria-label="Legend">
            {ENTRIES
                .iter()
                .enumerate()
                .map(|(index, (class, name, _))| {
                    let absent = live(move || !occurring.get().get(index).copied().unwrap_or_default());
                    view! {
                        <li hidden=absent><span class=format!("swatch {class}")></span>{*name}</li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
