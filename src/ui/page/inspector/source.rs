//! The queue or stream that a mapping reads: its messages or records, their ages, and how often they were tried.

use leptos::prelude::*;

use super::around::{ROWS, age, figure, rows, story};
use crate::sim::SimTime;
use crate::trigger::names;
use crate::ui::inspect::{self, Place, SourceStory};
use crate::ui::page::live::{kept, part};
use crate::ui::page::store::Store;
use crate::ui::timeline::axis;
use crate::ui::words;

/// The source of a mapping.
pub fn source(store: Store, mapping: u16, at: RwSignal<SimTime>) -> AnyView {
    let name = kept(move || {
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            Some(names::name_of(shown.cast.sources.get(&mapping)?).to_owned())
        })
    });
    let told = kept(move || {
        let at = at.get();
        store.run.with(|run| {
            let shown = run.shown.as_ref()?;
            Some(inspect::source(shown.entries.iter(), mapping, at))
        })
    });
    let body = part(move || told.get().map(|story| drawn(&story, at)));
    let head = move || match name.get() {
        Some(name) => format!("{name}: what the mapping reads"),
        None => "Nothing is read in this run".to_owned(),
    };
    story("source-story", head, at, body.into_any())
}

fn drawn(story: &SourceStory, at: RwSignal<SimTime>) -> AnyView {
    let count = |of: fn(Place) -> bool| words::grouped(story.count(of));
    let all = story.items.len();
    let items = story.items.iter().take(ROWS).map(|item| {
        let place = match item.place {
            Place::Waiting => "waits".to_owned(),
            Place::Out => "with the function".to_owned(),
            Place::Hidden(until) => format!("invisible until {}", axis::instant(until)),
            Place::DeadLetter => "dead-letter queue".to_owned(),
        };
        view! {
            <tr>
                <th scope="row">{(u64::from(item.id.0) + 1).to_string()}</th>
                <td class="number">{axis::instant(item.since)}</td>
                {age(item.since, at)}
                <td class="number">{item.tries.to_string()}</td>
                <td>{place}</td>
            </tr>
        }
    });
    let items = items.collect_view().into_any();
    let heads = [
        ("#", false),
        ("Came at", true),
        ("Age", true),
        ("Tries", true),
        ("Where", false),
    ];
    let hint = match all {
        0 => "Nothing that is not done with is in it at this moment.".to_owned(),
        _ => format!("The first {ROWS} of {}.", words::grouped(all as u64)),
    };
    let oldest = story.oldest().map_or_else(|| "–".to_owned(), axis::instant);
    view! {
        <dl class="figures">
            {figure("Waiting now", count(|place| place == Place::Waiting))}
            {figure("With the function", count(|place| place == Place::Out))}
            {figure("Invisible", count(|place| matches!(place, Place::Hidden(_))))}
            {figure("Oldest came at", oldest)}
            {figure("Came so far", words::grouped(story.arrived))}
            {figure("Batches so far", words::grouped(story.batches))}
            {figure("Done", words::grouped(story.done))}
            {figure("Left out", words::grouped(story.left_out))}
            {figure("Dead letters", count(|place| place == Place::DeadLetter))}
            {figure("Given up", words::grouped(story.given_up))}
        </dl>
        {rows("What is in it", &heads, items)}
        <p class="hint" class:unsaid=(1..=ROWS).contains(&all)>{hint}</p>
    }
    .into_any()
}
