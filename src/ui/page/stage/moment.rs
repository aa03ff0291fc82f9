//! The line under the picture: what has just happened, and what it means.

use crate::ui::page::live::{kept, live};
use leptos::prelude::*;

use crate::ui::narration;
use crate::ui::page::store::use_store;

/// The line.
#[component]
pub fn NowLine() -> impl IntoView {
    let store = use_store();
    // Only told again when the cursor passes an entry.
    let index = kept(move || {
        let at = store.playback.with(|playback| playback.at);
        store.run.with(|run| {
            run.shown.as_ref().and_then(|shown| {
                shown
                    .entries
                    .partition_point(|entry| entry.at <= at)
                    .checked_sub(1)
                    .map(|index| (shown.run, index))
            })
        })
    });
    let told = kept(move || {
        let (_, index) = index.get()?;
        store.run.with_untracked(|run| {
            let shown = run.shown.as_ref()?;
            let moment = narration::tell(shown.entries.get(index)?);
            let count = format!("{}/{}", index + 1, shown.entries.len());
            Some((count, moment.title, moment.meaning))
        })
    });
    // The widest that the count gets, so that what stands beside it stays.
    let width = live(move || {
        let entries = store.run.with(|run| {
            let shown = run.shown.as_ref();
            shown.map_or(0, |shown| shown.entries.len())
        });
        format!("{}ch", 2 * entries.to_string().len() + 1)
    });
    type Told = (String, String, String);
    let text = move |read: fn(&Told) -> &String| {
        live(move || told.with(|told| told.as_ref().map(|told| read(told).clone())))
    };
    // Its elements stay while it is told anew, many times a second perhaps.
    view! {
        <p class="now" hidden=live(move || told.with(Option::is_none))>
            <span class="now-count" style:min-width=width>{text(|told| &told.0)}</span>
            <strong>{text(|told| &told.1)}</strong>
            <span class="now-meaning">{text(|told| &told.2)}</span>
        </p>
    }
}
