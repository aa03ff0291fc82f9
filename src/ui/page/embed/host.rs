//! The talk with the host page: a hello over the window, everything else over a port of its own.

use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{MessageChannel, MessageEvent, MessagePort, Window};

use super::Embed;
use crate::ui::embed::{FUNCTION_BYTES, Report, Request, VERSION, request};

/// A host that has said hello. Dropping it closes the port.
pub struct Host {
    /// The number of its hello: the same one again is the same host, asking impatiently.
    hello: u64,
    port: MessagePort,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

impl Host {
    /// Sends a message's JSON as an object.
    pub fn tell(&self, json: &str) {
        if let Ok(value) = JSON::parse(json) {
            // A port whose other side is gone takes messages and drops them.
            let _ = self.port.post_message(&value);
        }
    }
}

/// The page around this one.
fn parent() -> Option<Window> {
    let parent = window().parent().ok().flatten()?;
    (!Object::is(parent.as_ref(), window().as_ref())).then_some(parent)
}

/// Begins to listen for a hello, and says one: whoever listens already need not wait.
pub fn listen(embed: Embed) {
    let Some(parent) = parent() else {
        return;
    };
    let handle = window_event_listener(leptos::ev::message, move |event: MessageEvent| {
        greeted(embed, &event);
    });
    on_cleanup(move || handle.remove());
    // To whoever it is: there is nothing in it.
    let hello = format!("{{\"lambdaPlayground\":{VERSION},\"type\":\"hello\"}}");
    if let Ok(hello) = JSON::parse(&hello) {
        let _ = parent.post_message(&hello, "*");
    }
}

/// A message to the window. Only the page around this one is listened to, and only its hello.
fn greeted(embed: Embed, event: &MessageEvent) {
    let from_parent = match (event.source(), parent()) {
        (Some(source), Some(parent)) => Object::is(&source, parent.as_ref()),
        _ => false,
    };
    if !from_parent {
        return;
    }
    let Some((text, _)) = read(&event.data()) else {
        return;
    };
    // Messages of others on the same channel are none of our business: no answer.
    let Ok(envelope) = request::read(&text, None) else {
        return;
    };
    let (Request::Hello, Some(hello)) = (envelope.request, envelope.id) else {
        return;
    };
    let known = embed
        .host
        .with_value(|host| host.as_ref().is_some_and(|host| host.hello == hello));
    if known {
        return;
    }
    let Ok(channel) = MessageChannel::new() else {
        return;
    };
    let port = channel.port1();
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match read(&event.data()) {
            Some((text, bytes)) => embed.heard(&text, bytes),
            // What is no object at all is told as such.
            None => embed.heard("", None),
        }
    });
    port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let ready = Report::Ready {
        view: embed.view,
        theme: embed.theme.get_untracked(),
    };
    let Ok(answer) = JSON::parse(&ready.to_json(&|link| link.to_owned())) else {
        return;
    };
    // A number of this size is exact in JavaScript; a larger one would not have been read.
    let _ = Reflect::set(&answer, &"replyTo".into(), &(hello as f64).into());
    let origin = match event.origin().as_str() {
        // A file, or a frame without an origin: no address reaches it but every one.
        "" | "null" => "*".to_owned(),
        origin => origin.to_owned(),
    };
    // The parent's window: the only source that comes this far.
    let Some(parent) = parent() else {
        return;
    };
    if parent
        .post_message_with_transfer(&answer, &origin, &Array::of1(&channel.port2()))
        .is_err()
    {
        return;
    }
    embed.host.set_value(Some(Host {
        hello,
        port,
        _on_message: on_message,
    }));
    super::frame::measure(embed);
}

/// A message as JSON text, and the bytes beside it. None when it is no object, or not one of plain values.
fn read(data: &JsValue) -> Option<(String, Option<Vec<u8>>)> {
    let object = data.dyn_ref::<Object>()?;
    if Reflect::get(object, &"lambdaPlayground".into())
        .ok()?
        .is_undefined()
    {
        return None;
    }
    let key = JsValue::from_str("bytes");
    let bytes = Reflect::get(object, &key)
        .ok()?
        .dyn_into::<Uint8Array>()
        .ok();
    if bytes.is_some() {
        // The message is a copy of our own; as JSON the bytes would be ten times as long.
        let _ = Reflect::delete_property(object, &key);
    }
    let bytes = bytes.map(|bytes| {
        // One more byte than is taken is enough to say that it is too large.
        let most = bytes.length().min(FUNCTION_BYTES as u32 + 1);
        bytes.slice(0, most).to_vec()
    });
    // Throws for what JSON cannot hold, such as a BigInt or a circle.
    let text = JSON::stringify(object).ok()?.as_string()?;
    Some((text, bytes))
}
