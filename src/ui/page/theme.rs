//! Light, dark, or as the system has it.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::icons;
use super::live::live;
use super::store::{Store, use_store};

/// Where the choice is kept.
const KEY: &str = "theme";
/// The attribute of the page's root that style sheets go by.
const ROOT: &str = "data-theme";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Theme {
    Auto,
    Light,
    Dark,
}

impl Theme {
    fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    fn by_key(key: Option<&str>) -> Self {
        match key {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    fn stored() -> Self {
        let stored = window()
            .local_storage()
            .ok()
            .flatten()
            .and_then(|storage| storage.get_item(KEY).ok().flatten());
        Self::by_key(stored.as_deref())
    }

    /// The one that the page has.
    fn now() -> Self {
        let root = document().document_element();
        Self::by_key(root.and_then(|root| root.get_attribute(ROOT)).as_deref())
    }

    /// Applies and keeps it. A browser that stores nothing forgets it with the page.
    fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute(ROOT, self.key());
        }
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = match self {
                Self::Auto => storage.remove_item(KEY),
                other => storage.set_item(KEY, other.key()),
            };
        }
    }
}

/// Goes on to the next of the three.
pub fn next_theme(store: Store) {
    Theme::now().next().apply();
    store.theme.update(|changes| *changes += 1);
}

/// The button that goes round the three.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let store = use_store();
    Theme::stored().apply();
    let theme = move || {
        store.theme.track();
        Theme::now()
    };
    follow_system(store);
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="theme"
            on:click=move |_| next_theme(store)
            aria-label=live(move || format!("Theme: {}. Change", theme().key()))
            title=live(move || format!("Theme: {}", theme().key()))
        >
            {live(move || match theme() {
                Theme::Auto => icons::HALF.view(),
                Theme::Light => icons::SUN.view(),
                Theme::Dark => icons::MOON.view(),
            })}
        </button>
    }
}

/// Tells when the system changes between light and dark: what is painted does not change by itself.
fn follow_system(store: Store) {
    let query = window().match_media("(prefers-color-scheme: dark)");
    if let Ok(Some(query)) = query {
        let told = Closure::<dyn FnMut()>::new(move || store.theme.update(|changes| *changes += 1));
        query.set_onchange(Some(told.as_ref().unchecked_ref()));
        // Both live as long as the page does.
        told.forget();
        std::mem::forget(query);
    }
}
