//! What destinations and dead-letter queues got.

use leptos::prelude::*;

use super::around::{ROWS, go, story};
use crate::sim::SimTime;
use crate::ui::attempts::AttemptId;
use crate::ui::inspect::{self, Sent, kind_in_words};
use crate::ui::json_text;
use crate::ui::model::About;
use crate::ui::page::code::code;
use crate::ui::page::live::{Kept, kept, part};
use crate::ui::page::store::Store;
use crate::ui::stage::geometry::MOST_TARGETS;
use crate::ui::timeline::axis;
use crate::ui::words;

/// All destinations, or the one that was chosen.
pub fn destinations(store: Store, about: Kept<About>, at: RwSignal<SimTime>) -> AnyView {
    // Which: its kind in words, and its ARN.
    let chosen = kept(move || {
        let About::Destinations(Some(index)) = about.get() else {
            return None;
        };
        store.run.with(|run| {
            let targets = &run.shown.as_ref()?.cast.targets;
            // The stage's last one stands for all that found no place.
            let alone = index + 1 < MOST_TARGETS || targets.len() <= MOST_TARGETS;
            let (kind, target) = targets.get(index).filter(|_| alone)?;
            Some((kind_in_words(*kind), target.clone()))
        })
    });
    let told = kept(move || {
        let at = at.get();
        let chosen = chosen.get();
        let wanted = |sent: &Sent| {
            let this = chosen.as_ref();
            this.is_none_or(|(kind, target)| sent.kind == *kind && sent.target == *target)
        };
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            let mut sent = inspect::deliveries(shown.entries.iter(), at);
            sent.retain(wanted);
            Some(sent)
        })
    });
    let head = move || match chosen.get() {
        Some((kind, target)) => format!("{kind}: {}", target.rsplit(':').next().unwrap_or(&target)),
        None => "Destinations and dead-letter queues".to_owned(),
    };
    let body = part(move || told.get().map(|sent| drawn(store, sent)));
    story("destination-story", head, at, body.into_any())
}

fn drawn(store: Store, sent: Vec<Sent>) -> AnyView {
    if sent.is_empty() {
        return view! {
            <p class="hint">
                "Nothing has been sent on so far. Set an on-failure destination or a dead-letter queue in the settings, and what \
                 is given up comes here."
            </p>
        }
        .into_any();
    }
    let all = sent.len();
    let items = sent.into_iter().rev().take(ROWS).map(|sent| {
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
    });
    view! {
        <ul class="sent">{items.collect_view()}</ul>
        <p class="hint" hidden=all <= ROWS>{format!("The last {ROWS} of {}.", words::grouped(all as u64))}</p>
    }
    .into_any()
}
