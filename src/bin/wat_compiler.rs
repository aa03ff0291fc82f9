//! Worker entry of the WebAssembly text compiler, fetched only when a visitor brings text.
//!
//! The message is the text, a string. The answer is an object: `{ok: Uint8Array}` or `{error: string}`. Before the first
//! message it says `{ready: true}`.

#[cfg(target_arch = "wasm32")]
fn main() {
    use js_sys::{Object, Reflect, Uint8Array};
    use wasm_bindgen::prelude::*;
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let post = {
        let scope = scope.clone();
        move |key: &str, value: &JsValue| {
            let answer = Object::new();
            // Neither can fail on a fresh plain object while the page is there.
            let _ = Reflect::set(&answer, &JsValue::from_str(key), value);
            let _ = scope.post_message(&answer);
        }
    };
    post("ready", &JsValue::TRUE);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(text) = event.data().as_string() else {
            return;
        };
        match wat::parse_str(&text) {
            Ok(binary) => post("ok", &Uint8Array::from(binary.as_slice())),
            Err(error) => post("error", &JsValue::from_str(&error.to_string())),
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The worker lives as long as its message handler.
    on_message.forget();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("This program runs inside a Web Worker. Start the playground with scripts/serve.");
}
