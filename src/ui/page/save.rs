//! Files: saved from the page, and opened in it.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, HtmlInputElement, Url};

use super::dialogs::{SAVE, sheet};
use super::live::{kept, live};
use super::outside::words;
use super::recent::RecentList;
use super::store::{Store, use_store};
use crate::problem::Problem;
use crate::session::files::FileKind;
use crate::ui::model::Msg;

/// Hands bytes to the browser as a file to save.
pub fn download(name: &str, bytes: &[u8]) {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/octet-stream");
    let parts = Array::of1(&Uint8Array::from(bytes));
    let Ok(blob) = Blob::new_with_u8_array_sequence_and_options(&parts, &kind) else {
        return;
    };
    download_blob(name, &blob);
}

/// The same for what the browser has made itself.
pub fn download_blob(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else {
        return;
    };
    let link = document().create_element("a").ok();
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The download has begun with the click.
    let _ = Url::revoke_object_url(&address);
}

/// Whether a file is a scenario or a template, by its name.
pub fn is_scenario(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".json", ".yaml", ".yml", ".template"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// Opens a scenario's file.
pub fn open_file(store: Store, file: File) {
    wasm_bindgen_futures::spawn_local(async move {
        match wasm_bindgen_futures::JsFuture::from(file.text()).await {
            Ok(text) => store.send(Msg::OpenFile(text.as_string().unwrap_or_default())),
            Err(error) => {
                let problem = Problem::error(
                    "file.read",
                    "",
                    format!("The file could not be read: {}.", words(error)),
                    "A folder cannot be taken; take the file itself, and try again.",
                );
                let name = file.name();
                store.send(Msg::UploadFailed { name, problem });
            }
        }
    });
}

/// The sheet with everything that can be saved.
#[component]
pub fn Save() -> impl IntoView {
    let store = use_store();
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));
    let cut = kept(move || {
        store.run.with(|run| {
            run.shown
                .as_ref()
                .is_some_and(|shown| shown.whole.totals.cut)
        })
    });
    let input = NodeRef::<leptos::html::Input>::new();
    let chosen = move |_| {
        let Some(input) = input.get_untracked() else {
            return;
        };
        let input: HtmlInputElement = input;
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            open_file(store, file);
            super::dialogs::close(SAVE);
        }
        // The same file can be chosen again.
        input.set_value("");
    };
    let row =
        move |(kind, key, name, what): &(FileKind, &'static str, &'static str, &'static str)| {
            let kind = *kind;
            let absent = live(move || kind.needs_run() && !has_run.get());
            view! {
                <li>
                    <button
                        type="button"
                        data-testid=format!("save-{key}")
                        disabled=absent
                        on:click=move |_| store.send(Msg::Save(kind))
                    >
                        {*name}
                    </button>
                    <span class="hint">{*what}</span>
                </li>
            }
        };
    sheet(
        SAVE,
        "Files",
        view! {
            <ul class="files">{FileKind::ALL.iter().map(row).collect_view()}</ul>
            <p class="notice" hidden=live(move || !cut.get())>
                "A large run: log, trace and invocations hold the beginning that the page has; the metrics hold all of it."
            </p>
            <RecentList on_take=|()| super::dialogs::close(SAVE) />
            <h3>"Open"</h3>
            <label class="open-file">
                <input type="file" accept=".json,.yaml,.yml,.template,application/json" data-testid="open-scenario" node_ref=input on:change=chosen />
                <span class="hint">"A scenario that was saved here, or an AWS SAM or CloudFormation template. It can be dropped on the page as well."</span>
            </label>
        }
        .into_any(),
    )
}
