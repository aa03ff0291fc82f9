//! The last scenarios, kept in the browser: one for each function and trigger, to be taken up again.

use leptos::prelude::*;

use super::store::{Store, use_store};
use crate::trigger::names;
use crate::ui::model::Msg;
use crate::ui::recent::{Recent, read, with, write};

/// Where they are kept, for all tabs.
const KEY: &str = "recent";

/// Notes what is being worked on. Where nothing can be kept, nothing is.
pub fn note(store: Store, link: &str) {
    let entry = store.read(|model| {
        let function = model.function.current.as_ref()?;
        Some(Recent {
            at_ms: js_sys::Date::now() as u64,
            module: function.module.0.clone(),
            trigger: model.setup.trigger.clone(),
            name: function.name.clone(),
            link: link.to_owned(),
        })
    });
    let storage = window().local_storage().ok().flatten();
    if let (Some(entry), Some(storage)) = (entry, storage) {
        let before = storage.get_item(KEY).ok().flatten().unwrap_or_default();
        // A browser that has no more room keeps what it has.
        let _ = storage.set_item(KEY, &write(&with(read(&before), entry)));
    }
}

fn kept() -> Vec<Recent> {
    let storage = window().local_storage().ok().flatten();
    let text = storage.and_then(|storage| storage.get_item(KEY).ok().flatten());
    read(&text.unwrap_or_default())
}

/// The list. It is read when it is opened.
#[component]
pub fn RecentList(
    /// What happens when one is taken.
    #[prop(into)]
    on_take: Callback<()>,
) -> impl IntoView {
    let store = use_store();
    let list = RwSignal::new(Vec::<Recent>::new());
    let row = move |entry: Recent| {
        let link = entry.link.clone();
        let take = move |_| {
            store.send(Msg::OpenLink(link.clone()));
            on_take.run(());
        };
        let time = js_sys::Date::new(&(entry.at_ms as f64).into());
        let time =
            String::from(time.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED));
        let trigger = names::name_of(&entry.trigger).to_owned();
        view! {
            <li>
                <button type="button" data-testid="recent" on:click=take>{entry.name}</button>
                <span class="hint">{format!("{trigger} · {time}")}</span>
            </li>
        }
    };
    view! {
        <details class="recent" data-testid="recent-list" on:toggle=move |_| list.set(kept())>
            <summary>"Recent"</summary>
            <p class="hint">"What you worked on last, kept in this browser only: one for each function and trigger."</p>
            <ul class="files">{move || list.get().into_iter().map(row).collect_view()}</ul>
            <p class="hint" hidden=move || !list.with(Vec::is_empty)>"Nothing yet."</p>
        </details>
    }
}
