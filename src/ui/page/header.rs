//! The top line: what this is, and the way to what it is not.

use leptos::prelude::*;

use super::dialogs::{DIFFERS, HELP, SAVE, open};
use super::guide::GUIDES;
use super::icons;
use super::live::live;
use super::store::use_store;
use super::theme::ThemeButton;
use crate::ui::model::Msg;

/// The header.
#[component]
pub fn Header() -> impl IntoView {
    let store = use_store();
    view! {
        <header class="top">
            <h1>{icons::MARK.view()} "Lambda Playground"</h1>
            <p class="claim">
                "Runs your WebAssembly function in a simulated AWS Lambda, in this page. Nothing is uploaded."
            </p>
            <nav class="top-tools" aria-label="Guides, files and help">
                <button type="button" class="guides-button" data-testid="guides" on:click=move |_| open(GUIDES)>
                    {icons::GUIDE.view()}
                    "Guides"
                </button>
                <button
                    type="button"
                    class="quiet commands-button"
                    data-testid="commands"
                    title="All commands, by name (Ctrl K)"
                    on:click=move |_| store.palette.set(true)
                >
                    "Commands"
                    <kbd>"Ctrl K"</kbd>
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="undo"
                    title="Undo (Ctrl Z)"
                    aria-label="Undo"
                    disabled=live(move || store.history.with(|history| !history.can_undo()))
                    on:click=move |_| store.send(Msg::Undo)
                >
                    {icons::UNDO.view()}
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="redo"
                    title="Do again (Ctrl Shift Z)"
                    aria-label="Do again"
                    disabled=live(move || store.history.with(|history| !history.can_redo()))
                    on:click=move |_| store.send(Msg::Redo)
                >
                    {icons::REDO.view()}
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="new"
                    title="Begin anew, with every setting as at first"
                    on:click=move |_| store.send(Msg::New)
                >
                    "New"
                </button>
                <button
                    type="button"
                    class="quiet"
                    data-testid="share"
                    disabled=live(move || store.function.with(|function| function.current.is_none()))
                    on:click=move |_| store.send(Msg::Share)
                >
                    "Share"
                </button>
                <button type="button" class="quiet" data-testid="files" on:click=move |_| open(SAVE)>
                    "Files"
                </button>
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
