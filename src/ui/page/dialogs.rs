//! The sheets: what differs from AWS, and help. Others have files of their own: [`share`](super::share), [`save`](super::save).

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlDialogElement;

use super::guide::GUIDES;
use super::icons;
use super::keys::KEYS;
use crate::ui::differences::differences;
use crate::ui::guide::TOUR;

/// Id of the sheet on what differs.
pub const DIFFERS: &str = "differs";
/// Id of the help sheet.
pub const HELP: &str = "help";

/// Id of the sheet with the link.
pub const SHARE: &str = "share";

/// Id of the command palette.
pub const COMMANDS: &str = "commands";

/// Id of the sheet with files.
pub const SAVE: &str = "files";

/// Opens a sheet.
pub fn open(id: &str) {
    if let Some(dialog) = find(id)
        && !dialog.open()
    {
        // Fails only for a dialog outside the document.
        let _ = dialog.show_modal();
    }
}

fn find(id: &str) -> Option<HtmlDialogElement> {
    document()
        .get_element_by_id(id)?
        .dyn_into::<HtmlDialogElement>()
        .ok()
}

/// The sheet on what differs from AWS.
#[component]
pub fn Differs() -> impl IntoView {
    let rows = differences()
        .into_iter()
        .map(|(title, text)| view! { <dt>{title}</dt><dd>{text}</dd> })
        .collect_view();
    sheet(
        DIFFERS,
        "Differs from AWS",
        view! {
            <p>"The function really runs, and Lambda's rules are kept to the letter of its documentation. These are the places where they are not, or where there is no letter:"</p>
            <dl class="differences">{rows}</dl>
        }
        .into_any(),
    )
}

/// The help sheet.
#[component]
pub fn Help() -> impl IntoView {
    let rows = KEYS
        .iter()
        .map(|(keys, what)| {
            let keys = keys
                .iter()
                .map(|key| view! { <kbd>{*key}</kbd> })
                .collect_view();
            view! { <tr><th scope="row">{keys}</th><td>{*what}</td></tr> }
        })
        .collect_view();
    sheet(
        HELP,
        "How it works",
        view! {
            <p>"Choose a function, choose what calls it, and run. The function runs in this page, its instructions counted; from the count and the CPU share that its memory buys follows how long it would take. So the clock is not yours but Lambda's: stop it, turn it back, or skip a wait of minutes."</p>
            <p>"Each press of Run is one more request to the same function, a second after the last. Change the memory, and all of them are run again with the new size."</p>
            <p><a href="./docs/introduction.html" data-testid="book">"The book"</a>" has more: what is simulated and how faithfully, every trigger, writing functions, live examples in your own pages."</p>
            <p class="help-guides">
                <a class="button" href=TOUR.fragment() data-testid="help-tour" on:click=|_| close(HELP)>"Take the tour"</a>
                <button type="button" on:click=|_| { close(HELP); open(GUIDES); }>"All guides"</button>
            </p>
            <h3>"Keys"</h3>
            <table class="key-table"><tbody>{rows}</tbody></table>
        }
        .into_any(),
    )
}

/// Closes a sheet.
pub fn close(id: &str) {
    if let Some(dialog) = find(id) {
        dialog.close();
    }
}

/// A sheet: a dialog with a head.
pub fn sheet(id: &'static str, title: &'static str, body: AnyView) -> AnyView {
    let head = format!("{id}-head");
    let named_by = head.clone();
    let scrolled_by = head.clone();
    view! {
        <dialog id=id aria-labelledby=named_by>
            <header class="sheet-head">
                <h2 id=head>{title}</h2>
                <form method="dialog">
                    <button class="quiet" aria-label="Close">{icons::CROSS.view()}</button>
                </form>
            </header>
            <div class="sheet-body" tabindex="0" role="group" aria-labelledby=scrolled_by>{body}</div>
        </dialog>
    }
    .into_any()
}
