//! Code to read: monospaced, coloured when it is JSON, with a button that copies it.

use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::icons;
use super::live::live;
use crate::ui::json_text;

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

/// A block of code; JSON is coloured and wrapped.
pub fn code(text: &str, json: bool) -> AnyView {
    let shown = if json {
        coloured(text)
    } else {
        text.to_owned().into_any()
    };
    view! {
        <div class="code" class:wrapped=json>
            <CopyButton text=text.to_owned() />
            <pre tabindex="0"><code>{shown}</code></pre>
        </div>
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
