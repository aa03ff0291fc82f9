//! What outlives the page: the last scenario, as a link, and modules that are too large for one.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, Storage};

use super::outside::{address_link, words};

/// Where the scenario is kept: in the tab's own storage, which a reload finds, and for tabs to come.
const KEY: &str = "scenario";
/// The cache with the modules.
const MODULES: &str = "lambda-playground-modules";

/// Beside it in the tab's own storage: the link in the address from which it came.
const FROM: &str = "scenario-from";

fn tab() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn all_tabs() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Keeps a scenario. Where nothing can be kept, or no more, it goes with the page.
pub fn keep(link: &str) {
    for storage in [tab(), all_tabs()].into_iter().flatten() {
        let _ = storage.set_item(KEY, link);
    }
    if let Some(tab) = tab() {
        let _ = tab.set_item(FROM, &address_link().unwrap_or_default());
    }
}

/// What the page begins with: after a reload what was made in this tab, else the link in the address, else the scenario of
/// the last visit.
pub fn beginning() -> Option<String> {
    let read = |storage: Option<Storage>, key: &str| storage?.get_item(key).ok().flatten();
    let address = address_link();
    // A guide is opened as it is written, at its step.
    if address
        .as_ref()
        .is_some_and(|address| address.starts_with("guide="))
    {
        return address;
    }
    let mine =
        read(tab(), KEY).filter(|_| read(tab(), FROM) == Some(address.clone().unwrap_or_default()));
    let Some(address) = address else {
        return mine.or_else(|| read(all_tabs(), KEY));
    };
    // The moment of the link stays, too.
    let moment = address.find('&').and_then(|at| address.get(at..));
    match mine {
        Some(mine) => Some(mine + moment.unwrap_or_default()),
        None => Some(address),
    }
}

/// Keeps a module under its hash.
pub async fn keep_module(hash: &str, bytes: &[u8]) -> Result<(), String> {
    let body = Uint8Array::from(bytes);
    let response = Response::new_with_opt_buffer_source(Some(&body)).map_err(words)?;
    let cache = modules().await?;
    JsFuture::from(cache.put_with_str(&address(hash), &response))
        .await
        .map_err(words)?;
    Ok(())
}

/// A module that was kept.
pub async fn find_module(hash: &str) -> Result<Option<Vec<u8>>, String> {
    let cache = modules().await?;
    let found = JsFuture::from(cache.match_with_str(&address(hash)))
        .await
        .map_err(words)?;
    let Ok(response) = found.dyn_into::<Response>() else {
        return Ok(None);
    };
    let buffer = JsFuture::from(response.array_buffer().map_err(words)?)
        .await
        .map_err(words)?;
    Ok(Some(Uint8Array::new(&buffer).to_vec()))
}

async fn modules() -> Result<Cache, String> {
    let caches = window().caches().map_err(words)?;
    JsFuture::from(caches.open(MODULES))
        .await
        .map_err(words)?
        .dyn_into()
        .map_err(words)
}

/// Never fetched: a name in the cache.
fn address(hash: &str) -> String {
    format!("./kept/{hash}.wasm")
}
