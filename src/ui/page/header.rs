//! The top line: what this is, and the way to what it is not.

use leptos::prelude::*;

use super::dialogs::{DIFFERS, HELP, open};
use super::icons;
use super::theme::ThemeButton;

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <h1>{icons::MARK.view()} "Lambda Playground"</h1>
            <p class="claim">
                "Runs your WebAssembly function in a simulated AWS Lambda, in this page. Nothing is uploaded."
            </p>
            <nav class="top-tools" aria-label="About">
                <button type="button" class="quiet" on:click=move |_| open(DIFFERS)>
                    "Differs from AWS"
                </button>
                <button
                    type="button"
                    class="quiet"
                    title="Keys and how it works (?)"
                    aria-label="Help"
                    on:click=move |_| open(HELP)
                >
                    <span class="glyph">"?"</span>
                </button>
                <ThemeButton />
            </nav>
        </header>
    }
}
