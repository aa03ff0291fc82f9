//! What outlives the page: the last scenario, as a link, and modules that are too large for one.

use js_sys::Uint8Array;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response, Storage};

use super::outside::words;

/// Where the scenario is kept: in the tab's own storage, which a reload finds, and for tabs to come.
const KEY: &str = "scenario";
/// The cache with the modules.
const MODULES: &str = "lambda-playground-modules";

fn storages() -> impl Iterator<Item = Storage> {
    let tab = window().session_storage().ok().flatten();
    let all = window().local_storage().ok().flatten();
    [tab, all].into_iter().flatten()
}

/// Keeps a scenario. Where nothing can be kept, or no more, it goes with the page.
pub fn keep(link: &str) {
    for storage in storages() {
        let _ = storage.set_item(KEY, link);
    }
}

/// The scenario of the last visit.
pub fn kept() -> Option<String> {
    storages().find_map(|storage| storage.get_item(KEY).ok().flatten())
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
