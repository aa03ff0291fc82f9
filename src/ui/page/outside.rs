//! Doing what an update owes: the worker, fetches, timers, announcements.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::store::Store;
use crate::guest::engine::Tier;
use crate::problem::Problem;
use crate::session::desk::Question;
use crate::session::protocol::{Command, Update};
use crate::ui::catalogue;
use crate::ui::guide::LINK;
use crate::ui::model::{Effect, Msg};

/// What the page holds of the outside world.
#[derive(Default)]
pub struct Outside {
    worker: Option<Rc<Listened>>,
    desk: Option<Rc<Listened>>,
    compiler: Option<Rc<Listened>>,
}

/// A worker with the closures that listen to it. Dropping it ends both.
struct Listened {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Listened {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Listened {
    fn start(
        address: &str,
        on_message: impl FnMut(MessageEvent) + 'static,
        mut on_error: impl FnMut(String) + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let address = match window().origin() == "null" {
            true => {
                // Chromium starts no module of a page's own making where there is no origin, but a classic script.
                options.set_type(WorkerType::Classic);
                address_without_origin(address)?
            }
            false => address.to_owned(),
        };
        let worker = Worker::new_with_options(&address, &options).map_err(words)?;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(on_message);
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            // A script that cannot be loaded has no message; the property is then undefined.
            let message = Reflect::get(&event, &"message".into())
                .ok()
                .and_then(|message| message.as_string())
                .filter(|message| !message.is_empty());
            on_error(message.unwrap_or_else(|| "its script could not be loaded".to_owned()));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}

/// Where a worker's program is. A page without an origin, in a frame that its host keeps apart, may start no worker but
/// one of its own making, which then loads the program; the server must allow that, and it must for the page itself.
fn address_without_origin(address: &str) -> Result<String, String> {
    let base = document().base_uri().map_err(words)?.unwrap_or_default();
    let whole = web_sys::Url::new_with_base(address, &base).map_err(words)?;
    // Thrown outside the promise, a failure reaches the worker's error handler.
    let program = format!(
        "import({:?}).catch((error) => setTimeout(() => {{ throw error; }}));",
        whole.href()
    );
    let program = Array::of1(&program.into());
    let kind = BlobPropertyBag::new();
    kind.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&program, &kind).map_err(words)?;
    web_sys::Url::create_object_url_with_blob(&blob).map_err(words)
}

/// Does one effect.
pub fn perform(store: Store, outside: StoredValue<Outside, LocalStorage>, effect: Effect) {
    match effect {
        Effect::StartWorker(tier) => {
            dataset("engine", "starting");
            outside.update_value(|outside| outside.worker = None);
            match start_worker(store, tier) {
                Ok(worker) => {
                    outside.update_value(|outside| outside.worker = Some(Rc::new(worker)))
                }
                Err(cause) => store.send(Msg::WorkerFailed(worker_problem(&cause))),
            }
        }
        Effect::Send(command) => {
            if let Some(listened) = outside.with_value(|outside| outside.worker.clone()) {
                post(&listened.worker, &command);
            }
        }
        Effect::StartDesk => match start_desk(store) {
            Ok(worker) => outside.update_value(|outside| outside.desk = Some(Rc::new(worker))),
            Err(cause) => store.send(Msg::WorkerFailed(worker_problem(&cause))),
        },
        Effect::Ask(mut question) => {
            if let Question::Save(material) = &mut question {
                material.base = base();
            }
            if let Some(listened) = outside.with_value(|outside| outside.desk.clone()) {
                post(&listened.worker, &Command::Ask(question));
            }
        }
        Effect::Fetch { token, example } => spawn_local(async move {
            let result = match catalogue::by_id(&example) {
                Some(found) => fetch(&found.module_address()).await,
                None => Err("there is no such example".to_owned()),
            };
            store.send(Msg::Fetched { token, result });
        }),
        Effect::Compile { token, text } => compile(store, outside, token, text),
        Effect::After(millis, msg) => set_timeout(
            move || store.send(*msg),
            Duration::from_millis(millis.into()),
        ),
        Effect::Save(file) => super::save::download(&file.name, &file.bytes),
        Effect::Copy(file) => copy(store, &file.bytes),
        Effect::Keep(link) => {
            super::kept::keep(&link);
            super::recent::note(store, &link);
        }
        Effect::KeepModule { module, bytes } => spawn_local(async move {
            // A browser that keeps nothing forgets it with the page.
            let _ = super::kept::keep_module(&module.0, &bytes).await;
        }),
        Effect::FindModule {
            module,
            name,
            address,
            token,
        } => spawn_local(async move {
            let mut found = super::kept::find_module(&module.0).await.ok().flatten();
            // What is kept on other hosts is asked for, not fetched: the page says so.
            let beside = address.and_then(|address| on_this_host(&address));
            if let (None, Some(address)) = (&found, beside) {
                found = fetch(&address).await.ok();
            }
            match (found, token) {
                (Some(bytes), None) => store.send(Msg::Upload { name, bytes }),
                (None, None) => {}
                (found, Some(token)) => store.send(Msg::Fetched {
                    token,
                    result: found.ok_or_else(|| "this browser does not have it".to_owned()),
                }),
            }
        }),
        Effect::Address(step) => name_guide(step.as_deref()),
        Effect::ShowLink => super::dialogs::open(super::dialogs::SHARE),
        Effect::Announce(text) => store.announcement.set(text),
        Effect::Mark(name) => mark(name),
        Effect::RevealResult => reveal_result(),
    }
}

fn start_worker(store: Store, tier: Tier) -> Result<Listened, String> {
    let address = match tier {
        Tier::Browser => SESSION,
        Tier::Interpreter => "./interpreter_loader.js",
    };
    start_session(store, address, |update| Some(Msg::Worker(update)))
}

/// The program of both the browser tier's worker and the triggers': it is fetched once.
const SESSION: &str = "./worker_loader.js";

/// Another worker of the same program, which answers about triggers while the first is busy.
fn start_desk(store: Store) -> Result<Listened, String> {
    start_session(store, SESSION, |update| match update {
        Update::Ready { .. } => Some(Msg::DeskReady),
        Update::Answer(answer) => Some(Msg::Answered(answer)),
        _ => None,
    })
}

fn start_session(
    store: Store,
    address: &str,
    meaning: fn(Update) -> Option<Msg>,
) -> Result<Listened, String> {
    Listened::start(
        address,
        move |event| {
            let Ok(bytes) = event.data().dyn_into::<Uint8Array>() else {
                return;
            };
            // Anything else on this channel is not ours.
            if let Ok(update) = postcard::from_bytes::<Update>(&bytes.to_vec())
                && let Some(msg) = meaning(update)
            {
                store.send(msg);
            }
        },
        move |cause| store.send(Msg::WorkerFailed(worker_problem(&cause))),
    )
}

fn worker_problem(cause: &str) -> Problem {
    Problem::error(
        "engine.worker",
        "",
        format!("The worker that runs functions has failed: {cause}."),
        "Reload the page. If that does not help, choose the other engine under Advanced, or another browser.",
    )
}

fn post(worker: &Worker, command: &Command) {
    let Ok(bytes) = postcard::to_stdvec(command) else {
        return;
    };
    let array = Uint8Array::from(bytes.as_slice());
    // The buffer is ours alone, so it is moved, not copied. Only a worker that is gone refuses; its error handler tells.
    let _ = worker.post_message_with_transfer(&array, &Array::of1(&array.buffer()));
}

/// Compiles WebAssembly text in a worker of its own, which is fetched only now.
fn compile(
    store: Store,
    outside: StoredValue<Outside, LocalStorage>,
    token: u32,
    text: std::sync::Arc<str>,
) {
    let started = Listened::start(
        "./wat_compiler_loader.js",
        move |event| {
            let answer = event.data();
            let field = |name: &str| {
                Reflect::get(&answer, &name.into())
                    .ok()
                    .filter(|value| !value.is_undefined())
            };
            // It says when it listens; what is said before that is lost.
            if field("ready").is_some() {
                if let Some(compiler) = outside.with_value(|outside| outside.compiler.clone()) {
                    let _ = compiler.worker.post_message(&JsValue::from_str(&text));
                }
                return;
            }
            let result = match field("ok").and_then(|ok| ok.dyn_into::<Uint8Array>().ok()) {
                Some(bytes) => Ok(bytes.to_vec()),
                None => match field("error").and_then(|error| error.as_string()) {
                    Some(error) => Err(error),
                    None => return,
                },
            };
            outside.update_value(|outside| outside.compiler = None);
            store.send(Msg::Compiled { token, result });
        },
        move |cause| {
            store.send(Msg::Compiled {
                token,
                result: Err(format!(
                    "The compiler of WebAssembly text has failed: {cause}"
                )),
            });
        },
    );
    match started {
        Ok(compiler) => {
            outside.update_value(|outside| outside.compiler = Some(Rc::new(compiler)));
        }
        Err(cause) => store.send(Msg::Compiled {
            token,
            result: Err(cause),
        }),
    }
}

/// The link in the page's address.
pub fn address_link() -> Option<String> {
    let fragment = window().location().hash().ok()?;
    // A guide's name keeps its prefix: that is what tells it from a scenario.
    let link = match fragment.strip_prefix("#s=") {
        Some(link) => link,
        None => fragment
            .strip_prefix('#')
            .filter(|rest| rest.starts_with(LINK))?,
    };
    (!link.is_empty()).then(|| link.to_owned())
}

/// Whether the page's address names nothing.
pub fn address_is_plain() -> bool {
    window().location().hash().is_ok_and(|hash| hash.is_empty())
}

/// Whether this is an embed: what it does by itself moves neither the focus nor what is seen of the page around it.
pub fn framed() -> bool {
    let fragment = window().location().hash();
    fragment.is_ok_and(|fragment| fragment.starts_with("#embed"))
}

/// Lets the address name a step of a guide, or no guide any more. Nothing is opened by it, and Back goes past all of the
/// guide's steps to where it was opened from.
fn name_guide(step: Option<&str>) {
    let location = window().location();
    let fragment = location.hash().unwrap_or_default();
    // An embed's address says what it shows.
    if framed() {
        return;
    }
    let address = match step {
        Some(step) => format!("#{LINK}{step}"),
        None if fragment.starts_with(&format!("#{LINK}")) => {
            let (path, search) = (location.pathname(), location.search());
            format!("{}{}", path.unwrap_or_default(), search.unwrap_or_default())
        }
        None => return,
    };
    if address != fragment
        && let Ok(history) = window().history()
    {
        // Fails only where the page has no address of its own.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Puts a text on the clipboard, and says whether the browser let it.
fn copy(store: Store, text: &[u8]) {
    let text = String::from_utf8_lossy(text).into_owned();
    spawn_local(async move {
        let promise = window().navigator().clipboard().write_text(&text);
        let done = wasm_bindgen_futures::JsFuture::from(promise).await.is_ok();
        store.copied.set(Some(done));
        store.announcement.set(if done {
            "Copied.".to_owned()
        } else {
            "The browser does not allow it.".to_owned()
        });
        set_timeout(
            move || store.copied.set(None),
            std::time::Duration::from_millis(1_600),
        );
    });
}

/// Moves the keyboard's focus to an element.
pub fn focus(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// The page's address with another link in it, and maybe a moment behind it.
pub fn address_with(link: &str) -> String {
    let address = window().location().href().unwrap_or_default();
    let page = address.split('#').next().unwrap_or_default();
    format!("{page}#s={link}")
}

/// The address of the folder that the page lies in.
pub fn base() -> String {
    let address = document().base_uri().ok().flatten().unwrap_or_default();
    let page = address.split(['?', '#']).next().unwrap_or_default();
    let folder = page.rfind('/').map_or(0, |at| at + 1);
    page.get(..folder).unwrap_or_default().to_owned()
}

/// A whole address, when it is on the page's own host. Others are not asked for anything.
fn on_this_host(address: &str) -> Option<String> {
    let whole = web_sys::Url::new_with_base(address, &base()).ok()?;
    let own = web_sys::Url::new(&base()).ok()?;
    (whole.origin() == own.origin() && own.origin() != "null").then(|| whole.href())
}

/// Fetches a file that belongs to the page.
pub async fn fetch(address: &str) -> Result<Vec<u8>, String> {
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str(address))
        .await
        .map_err(words)?
        .dyn_into()
        .map_err(words)?;
    if !response.ok() {
        return Err(format!("the server answered {}", response.status()));
    }
    let buffer = JsFuture::from(response.array_buffer().map_err(words)?)
        .await
        .map_err(words)?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

/// An exception's words.
pub fn words(error: JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "unknown error".to_owned())
}

fn mark(name: &str) {
    if let Some(performance) = window().performance() {
        let _ = performance.mark(name);
    }
    match name {
        "mounted" => dataset("ready", "true"),
        "engine-ready" => dataset("engine", "ready"),
        _ => {}
    }
}

/// Notes a state on the document, for tests and benchmarks.
fn dataset(name: &str, value: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(&format!("data-{name}"), value);
    }
}

/// On one column the result is below what was just pressed.
fn reveal_result() {
    let narrow = window()
        .match_media("(max-width: 899px)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches());
    if narrow {
        // Once the result is in the document.
        request_animation_frame(|| {
            if let Some(results) = document().get_element_by_id("results") {
                results.scroll_into_view();
            }
        });
    }
}
