//! How wide an element is, as long as it is on the page.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::ResizeObserver;

/// Keeps `width` at the element's width.
pub fn measure(element: NodeRef<Div>, width: RwSignal<f64>) {
    let observer = StoredValue::new_local(None::<(ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(found) = element.get() else {
            return;
        };
        let watched = found.clone();
        let read = move || {
            let now = watched.get_bounding_client_rect().width();
            if now > 0.0 && (width.get_untracked() - now).abs() > 0.5 {
                width.set(now);
            }
        };
        read();
        let closure = Closure::<dyn FnMut()>::new(read);
        if let Ok(made) = ResizeObserver::new(closure.as_ref().unchecked_ref()) {
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
}
