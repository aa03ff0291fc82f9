//! The guide that is open: its step beside the page, and what the step points at.

mod catalogue;
mod welcome;

use leptos::html::H2;
use leptos::prelude::*;
use web_sys::{KeyboardEvent, ScrollIntoViewOptions, ScrollLogicalPosition};

use super::code::sentence;
use super::icons;
use super::live::{kept, live, part};
use super::outside::framed;
use super::store::{Store, use_store};
use crate::ui::guide::{Guide, Step};
use crate::ui::model::{Guiding, Msg};

pub use catalogue::{GUIDES, Guides};
pub use welcome::Welcome;

/// The open guide; nothing without one.
#[component]
pub fn GuidePanel() -> impl IntoView {
    let store = use_store();
    let open = kept(move || store.guide.with(|guide| guide.open.map(|open| open.id)));
    point(store);
    view! {
        {part(move || {
            open.get()?;
            let guide = store.guide.with_untracked(|guide| guide.open)?;
            Some(panel(store, guide))
        })}
    }
}

fn panel(store: Store, guide: &'static Guide) -> AnyView {
    let head = NodeRef::<H2>::new();
    // Whoever opens a guide wants to read it, and goes on from here with the keyboard.
    Effect::new(move |seen: Option<bool>| {
        if let Some(head) = head.get().filter(|_| seen != Some(true)) {
            if !framed() {
                let _ = head.focus();
            }
            return true;
        }
        seen == Some(true)
    });
    let step = kept(move || store.guide.with(|guide| guide.step));
    let last = kept(move || store.guide.with(|guide| guide.is_last()));
    let waits = kept(move || store.guide.with(|guide| guide.awaits));
    let lost = kept(move || store.guide.with(|guide| guide.lost && !guide.awaits));
    let taken_over = kept(move || {
        store.guide.with(|guide| {
            store
                .setup
                .with(|setup| !guide.awaits && guide.taken_over(setup))
        })
    });
    let pressed = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.default_prevented() {
            event.prevent_default();
            leave(store);
        }
    };
    let steps = guide.steps().len();
    let dots = (0..steps)
        .map(|number| {
            view! { <i class:done=live(move || number <= step.get())></i> }
        })
        .collect_view();
    let go = move |direction: i8| store.send(Msg::Guide(Guiding::Step(direction)));
    view! {
        <section class="guide" aria-labelledby="guide-name" data-testid="guide" on:keydown=pressed>
            <header class="guide-head">
                <p class="guide-name" id="guide-name">{guide.title}</p>
                <p class="guide-count" data-testid="guide-count">{live(move || format!("Step {} of {steps}", step.get() + 1))}</p>
                <span class="guide-dots" aria-hidden="true">{dots}</span>
                <span class="spring"></span>
                <button type="button" class="quiet" data-testid="guide-close" aria-label="Leave the guide" title="Leave the guide (Esc)" on:click=move |_| leave(store)>
                    {icons::CROSS.view()}
                </button>
            </header>
            <div class="guide-body">
                <div class="guide-text" aria-live="polite" aria-atomic="true">
                    <h2 tabindex="-1" node_ref=head data-testid="guide-title">
                        {live(move || guide.steps().get(step.get()).map_or("", |step| step.title))}
                    </h2>
                    {part(move || guide.steps().get(step.get()).map(text))}
                </div>
                <div class="guide-buttons">
                    <button type="button" data-testid="guide-back" title="The step before (P)" disabled=live(move || step.get() == 0) on:click=move |_| go(-1)>
                        {icons::BACK.view()} "Back"
                    </button>
                    <button type="button" class="primary" data-testid="guide-next" title="The next step (N)" hidden=live(move || last.get()) on:click=move |_| go(1)>
                        "Next" {icons::ON.view()}
                    </button>
                    <button type="button" class="primary" data-testid="guide-done" hidden=live(move || !last.get()) on:click=move |_| leave(store)>
                        "Done"
                    </button>
                </div>
            </div>
            <p class="guide-note" role="status" hidden=live(move || !waits.get() && !taken_over.get() && !lost.get())>
                <span hidden=live(move || !waits.get())>"Setting it up and running it…"</span>
                <span hidden=live(move || waits.get())>
                    {live(move || if lost.get() {
                        "You have taken it over, and what this step tells of does not happen in your run. "
                    } else {
                        "You have taken it over: this run is yours, and the text may tell of another. "
                    })}
                    <button type="button" class="link" data-testid="guide-again" on:click=move |_| again(store, guide)>
                        "Set it up again as the guide has it"
                    </button>
                </span>
            </p>
        </section>
    }
    .into_any()
}

fn text(step: &'static Step) -> AnyView {
    let source = step.source.map(|source| {
        view! {
            <p class="guide-source">
                "Source: "
                <a href=source.address target="_blank" rel="noreferrer">{source.title}</a>
            </p>
        }
    });
    view! { <p>{sentence(step.text)}</p> {source} }.into_any()
}

/// The guide's own scenario once more, at the step where one is.
fn again(store: Store, guide: &Guide) {
    let step = store.guide.with_untracked(|state| state.step);
    let name = crate::ui::guide::to_address(guide, step);
    store.send(Msg::Guide(Guiding::Open(name)));
}

/// Leaves the guide; the keyboard goes on where guides are chosen.
fn leave(store: Store) {
    store.send(Msg::Guide(Guiding::Close));
    super::outside::focus("[data-testid=\"guides\"]");
}

/// Draws a line around what the step points at, and brings it into view. The line is the style sheet's: the page is drawn
/// anew all the time, and what a script marked would be lost.
fn point(store: Store) {
    let look = kept(move || {
        store
            .guide
            .with(|guide| guide.current().map(|step| step.look.key()))
    });
    let there = kept(move || store.run.with(|run| run.shown.is_some()));
    let step = kept(move || store.guide.with(|guide| guide.step));
    Effect::new(move |_| {
        let Some(root) = document().document_element() else {
            return;
        };
        step.get();
        there.get();
        match look.get() {
            Some(key) => {
                let _ = root.set_attribute("data-look", key);
                // Once what the step changes is drawn.
                request_animation_frame(move || bring_into_view(store));
            }
            None => {
                let _ = root.remove_attribute("data-look");
            }
        }
    });
}

fn bring_into_view(store: Store) {
    if framed() {
        return;
    }
    let look = store
        .guide
        .with_untracked(|guide| guide.current().map(|step| step.look));
    let target = look.and_then(|look| document().query_selector(look.selector()).ok().flatten());
    if let Some(target) = target {
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        target.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
