//! Choosing the function: an example, a button, or a file dropped anywhere.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, FileList, HtmlInputElement};

use super::icons;
use super::live::{kept, live};
use super::module_report::{ModuleCard, report_facts};
use super::outside::words;
use super::problems::problems;
use super::save::{is_scenario, open_file};
use super::store::{Store, use_store};
use crate::problem::Problem;
use crate::ui::catalogue;
use crate::ui::model::{Msg, Origin};
use crate::ui::words as figures;

/// Larger files are not read: Lambda takes 250 MB unzipped, a page should not.
const LARGEST: f64 = 64.0 * 1024.0 * 1024.0;

/// The pane.
#[component]
pub fn FunctionPane() -> impl IntoView {
    let store = use_store();
    let picked = move |event: Event| {
        let input = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(input) = input {
            if let Some(files) = input.files() {
                take_files(store, &files);
            }
            // So that the same file can be taken again after a change.
            input.set_value("");
        }
    };
    let chosen = kept(move || {
        store.function.with(|function| {
            let origin = match (&function.loading, &function.current) {
                (Some(loading), _) => &loading.origin,
                (None, Some(current)) => &current.origin,
                (None, None) => return None,
            };
            match origin {
                Origin::Example(id) => Some(id.clone()),
                Origin::Upload => None,
            }
        })
    });
    let loading = kept(move || {
        store.function.with(|function| {
            function.loading.as_ref().map(|loading| {
                if loading.compiling {
                    format!("Compiling {}…", loading.name)
                } else {
                    format!("Loading {}…", loading.name)
                }
            })
        })
    });
    let examples = catalogue::all()
        .iter()
        .map(|example| {
            let id = example.id.as_str();
            view! {
                <button
                    type="button"
                    class="key"
                    data-testid=format!("example-{id}")
                    title=example.summary.as_str()
                    aria-pressed=live(move || (chosen.get().as_deref() == Some(id)).to_string())
                    on:click=move |_| store.send(Msg::ChooseExample(id.to_owned()))
                >
                    <span>{example.title.as_str()}</span>
                    <small>{example.short_language()}</small>
                </button>
            }
        })
        .collect_view();

    view! {
        <section class="pane" aria-labelledby="function-head">
            <header class="pane-head">
                <h2 id="function-head">"Function"</h2>
                <label class="button" title="Take a .wasm or .wat file">
                    {icons::UPLOAD.view()}
                    "Upload…"
                    <input
                        type="file"
                        class="visually-hidden"
                        accept=".wasm,.wat,.wast,application/wasm"
                        aria-describedby="drop-hint"
                        data-testid="upload-input"
                        on:change=picked
                    />
                </label>
            </header>
            <p class="hint" id="drop-hint" data-testid="drop-zone">
                "Drop a .wasm or .wat file anywhere on the page, or take an example:"
            </p>
            <div class="keys" role="group" aria-label="Examples">{examples}</div>
            {live(move || link_problems(store))}
            {live(move || rejected(store))}
            <p class="loading" class:idle=live(move || loading.get().is_none())>
                {live(move || loading.get().unwrap_or_default())}
            </p>
            <ModuleCard />
        </section>
    }
}

/// Reads the first of some files and sends it on its way.
pub fn take_files(store: Store, files: &FileList) {
    let Some(file) = files.get(0) else {
        return;
    };
    let name = file.name();
    if is_scenario(&name) {
        return open_file(store, file);
    }
    if file.size() > LARGEST {
        let problem = Problem::error(
            "module.size",
            "",
            format!("The file is {} large.", figures::bytes(file.size() as u64)),
            "The playground takes modules of up to 64 MiB: strip debug information, or optimise for size.",
        );
        store.send(Msg::UploadFailed { name, problem });
        return;
    }
    spawn_local(async move {
        match JsFuture::from(file.array_buffer()).await {
            Ok(buffer) => store.send(Msg::Upload {
                name,
                bytes: js_sys::Uint8Array::new(&buffer).to_vec(),
            }),
            Err(error) => {
                let problem = Problem::error(
                    "module.read",
                    "",
                    format!("The file could not be read: {}.", words(error)),
                    "A folder cannot be taken; take the file itself, and try again.",
                );
                store.send(Msg::UploadFailed { name, problem });
            }
        }
    });
}

/// What is wrong with the link that was opened, or what it still wants.
fn link_problems(store: Store) -> AnyView {
    store.link.with(|link| {
        if link.problems.is_empty() {
            return ().into_any();
        }
        view! {
            <div class="rejected" role="alert">
                <p class="rejected-head">
                    <strong>"The shared link"</strong>
                    <button
                        type="button"
                        class="quiet"
                        aria-label="Put this message away"
                        on:click=move |_| store.send(Msg::DismissLink)
                    >
                        {icons::CROSS.view()}
                    </button>
                </p>
                {problems(&link.problems, "link-problems")}
            </div>
        }
        .into_any()
    })
}

/// Why the last file cannot run, and what still can.
fn rejected(store: Store) -> AnyView {
    store.function.with(|function| {
        let Some(rejected) = &function.rejected else {
            return ().into_any();
        };
        let still = function
            .current
            .as_ref()
            .map(|current| view! { <p class="hint">{current.name.clone()} " stays loaded."</p> });
        let report = rejected
            .report
            .as_ref()
            .map(|report| view! { <p class="facts">{report_facts(report)}</p> });
        view! {
            <div class="rejected" role="alert" data-testid="function-problems">
                <p class="rejected-head">
                    <strong>{rejected.name.clone()}</strong>
                    " cannot run"
                    <button
                        type="button"
                        class="quiet"
                        aria-label="Put this message away"
                        on:click=move |_| store.send(Msg::DismissRejected)
                    >
                        {icons::CROSS.view()}
                    </button>
                </p>
                {report}
                {problems(&rejected.problems, "rejected-problems")}
                {still}
            </div>
        }
        .into_any()
    })
}
