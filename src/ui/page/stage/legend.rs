//! What the picture's colours and patterns stand for; only those that occur in it.

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use crate::ui::page::store::use_store;
use crate::ui::timeline::{BarKind, Occurs};

/// A swatch's name in style sheets, its meaning, and whether it is to be seen.
type Entry = (&'static str, &'static str, fn(Occurs) -> bool);

const ENTRIES: [Entry; 9] = [
    ("calling", "caller waits", |it| it.has(BarKind::Calling)),
    ("queued", "in the queue", |it| it.has(BarKind::Queued)),
    ("backoff", "waits for its next try", |it| {
        it.has(BarKind::Backoff)
    }),
    ("init", "Init", |it| it.has(BarKind::Init)),
    ("handler", "handler runs", |it| it.has(BarKind::Handler)),
    ("frozen", "frozen by the CPU quota", |it| it.frozen),
    ("waited", "waits without using the CPU", |it| it.waited),
    ("idle", "kept warm", |it| it.has(BarKind::Idle)),
    ("failed", "failed", |it| it.failed),
];

/// The legend.
#[component]
pub fn Legend() -> impl IntoView {
    let store = use_store();
    let occurring = kept(move || {
        store.run.with(|run| {
            let occurs = run.shown.as_ref().map(|shown| shown.occurs);
            ENTRIES.map(|(.., shows)| occurs.is_some_and(shows))
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
