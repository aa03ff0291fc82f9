//! The line under the picture: what has just happened, and what it means.

use crate::ui::page::live::kept;
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
    move || {
        let (_, index) = index.get()?;
        let (moment, count) = store.run.with_untracked(|run| {
            let shown = run.shown.as_ref()?;
            let entry = shown.entries.get(index)?;
            Some((narration::tell(entry), shown.entries.len()))
        })?;
        // The widest that it gets, so that what stands beside it stays.
        let width = format!("{}ch", 2 * count.to_string().len() + 1);
        Some(view! {
            <p class="now">
                <span class="now-count" style:min-width=width>{format!("{}/{count}", index + 1)}</span>
                <strong>{moment.title}</strong>
                <span class="now-meaning">{moment.meaning}</span>
            </p>
        })
    }
}
