//! Code to read: monospaced, coloured when it is JSON, with a button that copies it.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::icons;
use super::live::{live, part};
use crate::ui::json_text::{self, Branch};

/// Longer texts are shown without colours, which would cost an element each.
const COLOURED: usize = 40_000;

/// The text as coloured stretches.
pub fn coloured(text: &str) -> AnyView {
    if text.len() > COLOURED {
        return text.to_owned().into_any();
    }
    json_text::tokens(text)
        .into_iter()
        .map(|(token, part)| view! { <span class=token.class()>{part.to_owned()}</span> })
        .collect_view()
        .into_any()
}

/// A sentence in which `code` stands between backticks.
pub fn sentence(text: &str) -> AnyView {
    text.split('`')
        .enumerate()
        .map(|(index, part)| {
            if index % 2 == 1 {
                view! { <code>{part.to_owned()}</code> }.into_any()
            } else {
                part.to_owned().into_any()
            }
        })
        .collect_view()
        .into_any()
}

/// A block of code; indented JSON is coloured and wrapped, and what stands in brackets can be folded.
pub fn code(text: &str, json: bool) -> AnyView {
    let shown = if json && text.len() <= COLOURED {
        let tree = branches(&json_text::tree(text));
        view! { <div class="json" tabindex="0" role="group" aria-label="JSON">{tree}</div> }
            .into_any()
    } else {
        view! { <pre tabindex="0"><code>{text.to_owned()}</code></pre> }.into_any()
    };
    view! {
        <div class="code" class:wrapped=json>
            <CopyButton text=text.to_owned() />
            {shown}
        </div>
    }
    .into_any()
}

fn branches(tree: &[Branch<'_>]) -> AnyView {
    tree.iter().map(branch).collect_view().into_any()
}

/// A line of JSON, or a fold of several.
fn branch(branch: &Branch<'_>) -> AnyView {
    match branch {
        Branch::Leaf(line) => view! { <div>{coloured(line)}</div> }.into_any(),
        Branch::Fold {
            open,
            inside,
            close,
        } => {
            let more = format!(" \u{2026} {}", close.trim());
            view! {
                <details open>
                    <summary>{coloured(open)}<span class="more">{more}</span></summary>
                    {branches(inside)}
                    <div>{coloured(close)}</div>
                </details>
            }
            .into_any()
        }
    }
}

/// Text that may be JSON: a line as it is, which then opens into a tree.
pub fn unfolding(text: &str) -> AnyView {
    let within = text.trim_start();
    if !within.starts_with(['{', '[']) || !json_text::is_json(within) {
        return text.to_owned().into_any();
    }
    let opened = RwSignal::new(false);
    let inside = within.to_owned();
    view! {
        <details class="unfolding" on:toggle=move |_| opened.set(true)>
            <summary>{text.to_owned()}</summary>
            {part(move || opened.get().then(|| code(&json_text::pretty(&inside), true)))}
        </details>
    }
    .into_any()
}

/// Copies a text, and says that it did.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>) -> impl IntoView {
    let done = RwSignal::new(None::<bool>);
    let copy = move |_| {
        spawn_local(async move {
            let promise = window()
                .navigator()
                .clipboard()
                .write_text(&text.get_untracked());
            done.set(Some(JsFuture::from(promise).await.is_ok()));
            set_timeout(
                move || done.set(None),
                std::time::Duration::from_millis(1_600),
            );
        });
    };
    view! {
        <button type="button" class="quiet copy" on:click=copy title="Copy" aria-label="Copy">
            {live(move || match done.get() {
                None => icons::COPY.view(),
                Some(true) => view! { {icons::TICK.view()} <span role="status">"Copied"</span> }.into_any(),
                Some(false) => {
                    view! { <span role="status">"The browser does not allow it"</span> }.into_any()
                }
            })}
        </button>
    }
}
