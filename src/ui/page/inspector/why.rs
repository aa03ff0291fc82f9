//! Why it came so: the rules that were at work, with their sources.

use leptos::prelude::*;

use super::reading::{story, throttled};
use crate::ui::inspect;
use crate::ui::page::live::{Kept, kept, part};
use crate::ui::page::store::use_store;

/// The rules behind the attempt that is looked at, as far as it has come. `ended` is whether the cursor is past its end.
#[component]
pub fn Why(ended: Kept<bool>) -> impl IntoView {
    let store = use_store();
    let reasons = kept(move || {
        // What changes with the cursor is whether the attempt has ended; its other rules are known once it has begun.
        let over = ended.get();
        let at = store.playback.with_untracked(|playback| playback.at);
        store.run.with(|run| {
            let Some((shown, id)) = run.shown.as_ref().and_then(|it| Some((it, it.selected?)))
            else {
                return Vec::new();
            };
            let reason = throttled(shown, id.invocation);
            let at = if over { shown.end } else { at };
            let config = &shown.setup.config;
            let story = story(shown);
            let reasons = story.map(|story| inspect::why(&story, id.attempt, config, reason, at));
            let reasons = reasons.unwrap_or_default().into_iter();
            reasons
                .map(|reason| (reason.text, reason.source.title, reason.source.address))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <section class="why" aria-labelledby="why-head" data-testid="why">
            <h3 id="why-head">"Why"</h3>
            <ol>
                {part(move || reasons.get().into_iter().map(|(text, title, address)| view! {
                    <li>
                        <span>{text}</span>
                        " "
                        <a href=address target="_blank" rel="noreferrer">{title}</a>
                    </li>
                }).collect_view())}
            </ol>
        </section>
    }
}
