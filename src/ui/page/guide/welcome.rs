//! What is below the picture before the first run: the tour, once, and the guides.

use leptos::prelude::*;
use web_sys::Storage;

use super::catalogue::cards;
use crate::ui::guide::{TOUR, to_address};
use crate::ui::model::{Guiding, Msg};
use crate::ui::page::live::live;
use crate::ui::page::store::use_store;

/// Where it is kept that the tour was seen, or declined.
const SEEN: &str = "tour";

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn seen() -> bool {
    storage().is_some_and(|storage| matches!(storage.get_item(SEEN), Ok(Some(_))))
}

/// A browser that keeps nothing offers the tour again.
fn remember() {
    if let Some(storage) = storage() {
        let _ = storage.set_item(SEEN, "seen");
    }
}

/// The offer and the guides.
#[component]
pub fn Welcome() -> impl IntoView {
    let store = use_store();
    let offered = RwSignal::new(!seen());
    // However it is opened, it need not be offered again.
    Effect::new(move |_| {
        if store.guide.with(|guide| guide.open == Some(TOUR)) {
            remember();
            offered.set(false);
        }
    });
    view! {
        <section class="pane welcome" aria-labelledby="welcome-head" data-testid="welcome">
            <div class="tour-offer" hidden=live(move || !offered.get()) data-testid="tour-offer">
                <p><strong>"New here? "</strong> "A tour of one minute shows where things are. It runs a function, and you can leave it at any time."</p>
                <div class="tour-buttons">
                    <button
                        type="button"
                        data-testid="tour-start"
                        on:click=move |_| store.send(Msg::Guide(Guiding::Open(to_address(TOUR, 0))))
                    >
                        "Take the tour"
                    </button>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="tour-skip"
                        on:click=move |_| {
                            remember();
                            offered.set(false);
                        }
                    >
                        "Not now"
                    </button>
                </div>
            </div>
            <h2 id="welcome-head">"Or begin with a story"</h2>
            {cards()}
        </section>
    }
}
