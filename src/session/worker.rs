//! A session inside a Web Worker: messages in, messages out.
//!
//! Each message is one `Uint8Array` holding a postcard-encoded [`Command`] or [`Update`]. Work is done in portions, so that
//! a new command can replace a long run between two of them.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::Session;
use super::protocol::{Command, Update};
use crate::guest::engine::Engine;

/// Real time worked between two looks at the message queue.
const PORTION_US: u64 = 8_000;

/// Serves a session on `engine` until the page terminates the worker. Call once, from the worker's entry.
pub fn serve(engine: Rc<dyn Engine>) {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();

    let outbox = {
        let scope = scope.clone();
        Rc::new(RefCell::new(move |update: Update| post(&scope, &update)))
    };
    let clock = {
        let performance = scope.performance();
        Rc::new(move || {
            performance
                .as_ref()
                .map_or(0, |performance| (performance.now() * 1_000.0) as u64)
        })
    };
    let server = Rc::new(Server {
        session: RefCell::new(Session::new(engine, outbox, clock)),
        pump: RefCell::new(None),
        pumping: RefCell::new(false),
        scope: scope.clone(),
    });

    let pumped = Rc::clone(&server);
    *server.pump.borrow_mut() = Some(Closure::new(move || pumped.work()));

    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        server.receive(&event);
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // The worker lives as long as its message handler.
    on_message.forget();
}

struct Server {
    session: RefCell<Session>,
    pump: RefCell<Option<Closure<dyn Fn()>>>,
    pumping: RefCell<bool>,
    scope: DedicatedWorkerGlobalScope,
}

impl Server {
    fn receive(&self, event: &MessageEvent) {
        let Some(bytes) = event.data().dyn_ref::<Uint8Array>().map(Uint8Array::to_vec) else {
            return;
        };
        // Our own page sends these; anything else is not for us.
        if let Ok(command) = postcard::from_bytes::<Command>(&bytes) {
            self.session.borrow_mut().handle(command);
            if !*self.pumping.borrow() {
                self.work();
            }
        }
    }

    fn work(&self) {
        let more = self.session.borrow_mut().pump(PORTION_US);
        *self.pumping.borrow_mut() = more;
        if more && let Some(pump) = &*self.pump.borrow() {
            // A zero timeout lets waiting messages in first. It fails only when the worker is being torn down.
            let _ = self
                .scope
                .set_timeout_with_callback(pump.as_ref().unchecked_ref());
        }
    }
}

fn post(scope: &DedicatedWorkerGlobalScope, update: &Update) {
    let Ok(bytes) = postcard::to_stdvec(update) else {
        return;
    };
    let array = Uint8Array::from(bytes.as_slice());
    // Fails only when the page is gone.
    let _ = scope.post_message_with_transfer(&array, &Array::of1(&array.buffer()));
}
