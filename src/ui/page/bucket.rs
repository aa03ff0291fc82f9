//! A bucket: a file that is dropped on it, or chosen, gives the event its real name, size and ETag.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DragEvent, Element, Event, FileList, HtmlInputElement};

use super::live::live;
use super::store::{Store, use_store};
use crate::ui::model::Msg;
use crate::ui::words;

/// The largest file that is read: it is only measured.
const LARGEST: f64 = 256.0 * 1024.0 * 1024.0;

/// The bucket's class, by which others know that something is above it.
const CLASS: &str = "bucket";

/// Whether an event happens to a bucket, which then takes the file itself.
pub fn is_over_bucket(event: &Event) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|it| matches!(it.closest(&format!(".{CLASS}")), Ok(Some(_))))
}

/// Where files are put.
#[component]
pub fn Bucket() -> impl IntoView {
    let store = use_store();
    let said = RwSignal::new(String::new());
    let above = RwSignal::new(false);
    let picked = move |event: Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else {
            return;
        };
        if let Some(files) = input.files() {
            put(store, said, &files);
        }
        // The same file again is a change again.
        input.set_value("");
    };
    let over = move |event: DragEvent| {
        event.prevent_default();
        above.set(true);
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        // The page would take it for a module.
        event.stop_propagation();
        above.set(false);
        if let Some(files) = event.data_transfer().and_then(|transfer| transfer.files()) {
            put(store, said, &files);
        }
    };
    view! {
        <div
            class=CLASS
            class:above=live(move || above.get())
            data-testid="bucket"
            on:dragover=over
            on:dragleave=move |_| above.set(false)
            on:drop=drop
        >
            <label class="button" title="The event then has its real name, size and ETag">
                "Put a file into the bucket…"
                <input
                    type="file"
                    class="visually-hidden"
                    data-testid="put-file"
                    on:change=picked
                />
            </label>
            <span class="hint">"or drop it here"</span>
            <span class="hint" role="status" data-testid="bucket-said">{live(move || said.get())}</span>
        </div>
    }
}

/// Measures the first of some files.
fn put(store: Store, said: RwSignal<String>, files: &FileList) {
    let Some(file) = files.get(0) else {
        return;
    };
    let name = file.name();
    if file.size() > LARGEST {
        let size = words::bytes(file.size() as u64);
        said.set(format!(
            "{name} is {size} large; files of up to 256 MiB are read."
        ));
        return;
    }
    let more = match files.length() {
        0 | 1 => "",
        _ => " One event tells of one object, so the other files were left.",
    };
    spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => {
                let bytes = js_sys::Uint8Array::new(&buffer).to_vec();
                let size = words::bytes(bytes.len() as u64);
                said.set(format!(
                    "{name}, {size}, is in the bucket; nothing leaves your computer.{more}"
                ));
                store.send(Msg::PutFile { name, bytes });
            }
            Err(_) => said.set(format!(
                "{name} could not be read. A folder cannot be taken; take the file itself."
            )),
        }
    });
}
