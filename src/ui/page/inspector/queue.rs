//! Lambda's queue of asynchronous events: what waits in it, since when and for what.

use leptos::prelude::*;

use super::around::{ROWS, age, figure, go, rows, story};
use crate::sim::SimTime;
use crate::ui::inspect::{self, QueueStory};
use crate::ui::page::live::{kept, part};
use crate::ui::page::store::Store;
use crate::ui::timeline::axis;
use crate::ui::words;

/// The queue.
pub fn queue(store: Store, at: RwSignal<SimTime>) -> AnyView {
    let told = kept(move || {
        let at = at.get();
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            Some(inspect::queue(shown.entries.iter(), at))
        })
    });
    let body = part(move || told.get().map(|story| drawn(store, &story, at)));
    let head = || "Lambda's queue of asynchronous events".to_owned();
    story("queue-story", head, at, body.into_any())
}

fn drawn(store: Store, story: &QueueStory, at: RwSignal<SimTime>) -> AnyView {
    let all = story.waiting.len();
    let waiting = story.waiting.iter().take(ROWS).map(|waiting| {
        let due = waiting
            .due
            .map_or_else(|| "when there is room".to_owned(), axis::instant);
        view! {
            <tr>
                <th scope="row">{go(store, waiting.id)}</th>
                {age(waiting.accepted, at)}
                <td class="number">{axis::instant(waiting.since)}</td>
                <td class="number">{due}</td>
            </tr>
        }
    });
    let waiting = waiting.collect_view().into_any();
    let empty = if story.accepted == 0 {
        "No asynchronous event has come. Synchronous calls and event source mappings do not use this queue."
    } else {
        "Nothing waits in it at this moment."
    };
    view! {
        <dl class="figures">
            {figure("Waiting now", words::grouped(all as u64))}
            {figure("Accepted", words::grouped(story.accepted.into()))}
            {figure("Back after an error", words::grouped(story.retries.into()))}
            {figure("Back for lack of room", words::grouped(story.throttled.into()))}
            {figure("Given up", words::grouped(story.dropped.into()))}
            {figure("Oldest that left it", story.oldest.to_string())}
        </dl>
        {rows("Events in the queue", &[("Event", false), ("Age", true), ("Waits since", true), ("Next try at", true)], waiting)}
        <p class="hint" class:unsaid=all != 0>{empty}</p>
    }
    .into_any()
}
