//! Whether an element is on the screen: what is not need not be drawn anew.

use js_sys::Array;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{IntersectionObserver, IntersectionObserverEntry};

use super::live::{Kept, kept};
use super::store::Store;
use crate::sim::SimTime;

/// Follows whether an element is in sight.
pub fn in_sight(element: NodeRef<Div>) -> RwSignal<bool> {
    let seen = RwSignal::new(true);
    type Watching = (IntersectionObserver, Closure<dyn FnMut(Array)>);
    let observer = StoredValue::new_local(None::<Watching>);
    Effect::new(move |_| {
        let Some(found) = element.get() else {
            return;
        };
        let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let last = entries.iter().last();
            let entry = last.and_then(|it| it.dyn_into::<IntersectionObserverEntry>().ok());
            if let Some(entry) = entry {
                let now = entry.is_intersecting();
                if seen.try_get_untracked() == Some(!now) {
                    seen.set(now);
                }
            }
        });
        if let Ok(made) = IntersectionObserver::new(closure.as_ref().unchecked_ref()) {
            made.observe(&found);
            observer.set_value(Some((made, closure)));
        }
    });
    on_cleanup(move || {
        observer.update_value(|observer| {
            if let Some((observer, _)) = observer.take() {
                observer.disconnect();
            }
        });
    });
    seen
}

/// Where the clock stands, for what need not follow it out of sight: there it is only told when the clock rests.
pub fn clock_in_sight(store: Store, seen: RwSignal<bool>) -> Kept<SimTime> {
    let playing = kept(move || store.playback.with(|playback| playback.playing));
    kept(move || {
        if seen.get() || !playing.get() {
            store.playback.with(|playback| playback.at)
        } else {
            store.playback.with_untracked(|playback| playback.at)
        }
    })
}
