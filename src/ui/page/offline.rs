//! Working without a network, and the notice that there is a newer version. The service worker itself is `embed/sw.js`.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{ServiceWorkerContainer, ServiceWorkerRegistration, ServiceWorkerState};

use super::live::{kept, live};
use super::store::use_store;

/// The notice; and, once something has run, what makes the next visit work offline.
#[component]
pub fn Offline() -> impl IntoView {
    let store = use_store();
    let waiting = RwSignal::new_local(None::<ServiceWorkerRegistration>);
    let has_run = kept(move || store.run.with(|run| run.shown.is_some()));
    // Not before: nothing may stand in the way of the first run.
    let begun = StoredValue::new(false);
    Effect::new(move |_| {
        if has_run.get() && !begun.get_value() {
            begun.set_value(true);
            register(waiting);
        }
    });
    let take = move |_| {
        let worker = waiting.with_untracked(|it| it.as_ref().and_then(|it| it.waiting()));
        if let Some(worker) = worker {
            let _ = worker.post_message(&"take over".into());
        }
    };
    view! {
        <div class="update" role="status" data-testid="update" hidden=live(move || waiting.with(Option::is_none))>
            <span>"A newer version of the playground is here."</span>
            <button type="button" on:click=take>"Take it"</button>
            <span class="hint">"What you have set up stays."</span>
        </div>
    }
}

/// Where the browser has service workers and lets us use them: not on addresses without encryption, for example.
fn container() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let found = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    found.dyn_into().ok()
}

fn register(waiting: RwSignal<Option<ServiceWorkerRegistration>, LocalStorage>) {
    let Some(container) = container() else {
        return;
    };
    // Whoever takes the newer version wants to see it; what is set up is kept and comes back.
    let had_one = container.controller().is_some();
    let reload = Closure::<dyn FnMut()>::new(move || {
        if had_one {
            let _ = window().location().reload();
        }
    });
    container.set_oncontrollerchange(Some(reload.as_ref().unchecked_ref()));
    // As long as the page.
    reload.forget();
    spawn_local(async move {
        // A development build has none, and the page works without.
        let Ok(registered) = JsFuture::from(container.register("./sw.js")).await else {
            return;
        };
        let Ok(registration) = registered.dyn_into::<ServiceWorkerRegistration>() else {
            return;
        };
        if registration.waiting().is_some() && had_one {
            waiting.set(Some(registration.clone()));
        }
        let found = registration.clone();
        let on_found = Closure::<dyn FnMut()>::new(move || {
            let Some(worker) = found.installing() else {
                return;
            };
            let (registration, watched) = (found.clone(), worker.clone());
            let on_state = Closure::<dyn FnMut()>::new(move || {
                if watched.state() == ServiceWorkerState::Installed && had_one {
                    waiting.set(Some(registration.clone()));
                }
            });
            worker.set_onstatechange(Some(on_state.as_ref().unchecked_ref()));
            on_state.forget();
        });
        registration.set_onupdatefound(Some(on_found.as_ref().unchecked_ref()));
        on_found.forget();
    });
}
