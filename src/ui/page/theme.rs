//! Light, dark, or as the system has it.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::icons;
use super::live::live;
use super::store::{Store, use_store};

/// Where the choice is kept.
const KEY: &str = "theme";

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

    fn stored() -> Self {
        let stored = window()
            .local_storage()
            .ok()
            .flatten()
            .and_then(|storage| storage.get_item(KEY).ok().flatten());
        match stored.as_deref() {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// Applies and keeps it. A browser that stores nothing forgets it with the page.
    fn apply(self) {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", self.key());
        }
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = match self {
                Self::Auto => storage.remove_item(KEY),
                other => storage.set_item(KEY, other.key()),
            };
        }
    }
}

/// The button that goes round the three.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let theme = RwSignal::new(Theme::stored());
    let store = use_store();
    Effect::new(move |_| {
        theme.get().apply();
        store.theme.update(|changes| *changes += 1);
    });
    follow_system(store);
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="theme"
            on:click=move |_| theme.update(|it| *it = it.next())
            aria-label=live(move || format!("Theme: {}. Change", theme.get().key()))
            title=live(move || format!("Theme: {}", theme.get().key()))
        >
            {live(move || match theme.get() {
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
