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
    // All of them from the start, so that nothing moves when one more shows; and how many hold so far.
    let reasons = kept(move || {
        let over = ended.get();
        let at = store.playback.with_untracked(|playback| playback.at);
        store.run.with(|run| {
            let Some((shown, id)) = run.shown.as_ref().and_then(|it| Some((it, it.selected?)))
            else {
                return (Vec::new(), 0);
            };
            let reason = throttled(shown, id.invocation);
            let Some(story) = story(shown) else {
                return (Vec::new(), 0);
            };
            let config = &shown.setup.config;
            let told = |at| inspect::why(&story, id.attempt, config, reason, at);
            let all: Vec<_> = told(shown.end)
                .into_iter()
                .map(|reason| (reason.text, reason.source.title, reason.source.address))
                .collect();
            let so_far = if over { all.len() } else { told(at).len() };
            (all, so_far)
        })
    });
    view! {
        <section class="why" aria-labelledby="why-head" data-testid="why">
            <h3 id="why-head">"Why"</h3>
            <ol>
                {part(move || {
                    let (all, so_far) = reasons.get();
                    all.into_iter().enumerate().map(|(number, (text, title, address))| view! {
                        <li class:later={number >= so_far}>
                            <span>{text}</span>
                            " "
                            <a href=address target="_blank" rel="noreferrer">{title}</a>
                        </li>
                    }).collect_view()
                })}
            </ol>
        </section>
    }
}
