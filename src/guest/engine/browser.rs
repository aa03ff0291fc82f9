//! The browser tier: the JS WebAssembly API, synchronously, inside a worker.
//!
//! Compiling and instantiating synchronously is allowed in workers at any size, and keeps the simulation one straight
//! line. Imports all lead through one closure; guest memory is reached by copying, so nothing of ours is ever in reach of
//! the guest.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::*;

use super::{
    CallError, Compiled, Engine, GuestAccess, Host, Instance, OutOfBounds, Tier, Trap, Value,
};
use crate::guest::meter::{Import, MeteredModule, ValueType};

// wasm-bindgen closures have a fixed number of parameters and imports do not: two lines of glue gather them.
#[wasm_bindgen(inline_js = "
export function hosted(callback, index) { return (...values) => callback(index, values); }
export function trapMessage(error) { return error instanceof WebAssembly.RuntimeError ? error.message : undefined; }
")]
extern "C" {
    fn hosted(callback: &JsValue, index: u32) -> Function;
    #[wasm_bindgen(js_name = trapMessage)]
    fn trap_message(error: &JsValue) -> Option<String>;
}

/// The browser's own engine.
#[derive(Debug, Default)]
pub struct BrowserEngine;

struct BrowserModule {
    module: WebAssembly::Module,
    metered: Rc<Names>,
}

/// What is needed of the metered module after its bytes are compiled.
struct Names {
    imports: Vec<Import>,
    gauge: String,
    page_limit: String,
    memory: Option<String>,
}

struct BrowserInstance {
    exports: Object,
    access: Access,
    stopped: Rc<RefCell<bool>>,
    // The guest's imports call into this; it must live as long as the instance.
    _callback: Closure<Callback>,
}

type Callback = dyn Fn(u32, Array) -> Result<JsValue, JsValue>;

/// Handles to the instance's memory and gauges; clones reach the same ones.
#[derive(Default, Clone)]
struct Access {
    memory: Option<WebAssembly::Memory>,
    gauge: Option<WebAssembly::Global>,
    page_limit: Option<WebAssembly::Global>,
}

impl Engine for BrowserEngine {
    fn tier(&self) -> Tier {
        Tier::Browser
    }

    fn compile(&self, module: &MeteredModule) -> Result<Rc<dyn Compiled>, String> {
        let bytes = Uint8Array::from(module.bytes.as_slice());
        let compiled = WebAssembly::Module::new(&bytes).map_err(|error| text_of(&error))?;
        Ok(Rc::new(BrowserModule {
            module: compiled,
            metered: Rc::new(Names {
                imports: module.imports.clone(),
                gauge: module.gauge.clone(),
                page_limit: module.page_limit.clone(),
                memory: module.memory.clone(),
            }),
        }))
    }
}

impl Compiled for BrowserModule {
    fn instantiate(&self, host: Rc<RefCell<dyn Host>>) -> Result<Box<dyn Instance>, CallError> {
        let access = Rc::new(RefCell::new(Access::default()));
        let stopped = Rc::new(RefCell::new(false));
        let callback = self.callback(host, Rc::clone(&access), Rc::clone(&stopped));

        let imports = Object::new();
        for (index, import) in self.metered.imports.iter().enumerate() {
            let name = JsValue::from_str(&import.module);
            let mut space = get(&imports, &name);
            if space.is_undefined() {
                space = Object::new().into();
                set(&imports, &name, &space);
            }
            let function = hosted(callback.as_ref(), index as u32);
            set(&space, &JsValue::from_str(&import.name), &function);
        }
        let instance =
            WebAssembly::Instance::new(&self.module, &imports).map_err(|e| call_error(&e))?;
        let exports = instance.exports();
        let export = |name: &str| get(&exports, &JsValue::from_str(name));
        let reached = Access {
            memory: self
                .metered
                .memory
                .as_deref()
                .and_then(|name| export(name).dyn_into().ok()),
            gauge: export(&self.metered.gauge).dyn_into().ok(),
            page_limit: export(&self.metered.page_limit).dyn_into().ok(),
        };
        *access.borrow_mut() = reached.clone();
        Ok(Box::new(BrowserInstance {
            exports,
            access: reached,
            stopped,
            _callback: callback,
        }))
    }
}

impl BrowserModule {
    /// Where all imports of one instance lead: by number, with their values in an array.
    fn callback(
        &self,
        host: Rc<RefCell<dyn Host>>,
        access: Rc<RefCell<Access>>,
        stopped: Rc<RefCell<bool>>,
    ) -> Closure<Callback> {
        let names = Rc::clone(&self.metered);
        Closure::new(move |index: u32, values: Array| {
            let Some(import) = names.imports.get(index as usize) else {
                return Err(JsValue::from_str("no such import"));
            };
            let arguments: Vec<Value> = import
                .parameters
                .iter()
                .enumerate()
                .map(|(position, kind)| from_js(&values.get(position as u32), *kind))
                .collect();
            let answer =
                host.borrow_mut()
                    .call(index as usize, &arguments, &mut *access.borrow_mut());
            match answer {
                Ok(value) => Ok(value.map_or(JsValue::UNDEFINED, to_js)),
                Err(super::Stop) => {
                    // A thrown value unwinds the guest. Guests cannot catch it: exception handling is not accepted.
                    *stopped.borrow_mut() = true;
                    Err(JsValue::NULL)
                }
            }
        })
    }
}

impl Instance for BrowserInstance {
    fn call(&mut self, export: &str, arguments: &[Value]) -> Result<Option<Value>, CallError> {
        let function: Function = get(&self.exports, &JsValue::from_str(export))
            .dyn_into()
            .map_err(|_| CallError::Engine(format!("no exported function {export}")))?;
        let values: Array = arguments.iter().copied().map(to_js).collect();
        *self.stopped.borrow_mut() = false;
        match function.apply(&JsValue::UNDEFINED, &values) {
            Ok(answer) => Ok(result_of(&answer)),
            Err(_) if *self.stopped.borrow() => Err(CallError::Stopped),
            Err(error) => Err(call_error(&error)),
        }
    }

    fn access(&mut self) -> &mut dyn GuestAccess {
        &mut self.access
    }
}

impl GuestAccess for Access {
    fn memory_bytes(&self) -> u64 {
        self.view().map_or(0, |view| u64::from(view.length()))
    }

    fn read(&self, at: u32, into: &mut [u8]) -> Result<(), OutOfBounds> {
        if !into.is_empty() {
            self.range(at, into.len())?.copy_to(into);
        }
        Ok(())
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), OutOfBounds> {
        if !bytes.is_empty() {
            self.range(at, bytes.len())?.copy_from(bytes);
        }
        Ok(())
    }

    fn gauge(&self) -> i64 {
        self.gauge
            .as_ref()
            .and_then(|global| i64::try_from(global.value()).ok())
            .unwrap_or(0)
    }

    fn set_gauge(&mut self, gauge: i64) {
        if let Some(global) = &self.gauge {
            global.set_value(&JsValue::from(gauge));
        }
    }

    fn set_page_limit(&mut self, pages: i64) {
        if let Some(global) = &self.page_limit {
            global.set_value(&JsValue::from(pages));
        }
    }
}

impl Access {
    /// The memory as it is now: growing detaches older views.
    fn view(&self) -> Option<Uint8Array> {
        self.memory
            .as_ref()
            .map(|memory| Uint8Array::new(&memory.buffer()))
    }

    fn range(&self, at: u32, length: usize) -> Result<Uint8Array, OutOfBounds> {
        let view = self.view().ok_or(OutOfBounds)?;
        let length = u32::try_from(length).map_err(|_| OutOfBounds)?;
        let end = at.checked_add(length).ok_or(OutOfBounds)?;
        if end > view.length() {
            return Err(OutOfBounds);
        }
        Ok(view.subarray(at, end))
    }
}

fn get(object: &JsValue, key: &JsValue) -> JsValue {
    Reflect::get(object, key).unwrap_or(JsValue::UNDEFINED)
}

fn set(object: &JsValue, key: &JsValue, value: &JsValue) {
    // Fails only on frozen objects and throwing setters; ours are plain and new.
    let _ = Reflect::set(object, key, value);
}

fn to_js(value: Value) -> JsValue {
    match value {
        Value::I32(value) => JsValue::from(value),
        Value::I64(value) => JsValue::from(value),
        Value::F32(bits) => JsValue::from(f32::from_bits(bits)),
        Value::F64(bits) => JsValue::from(f64::from_bits(bits)),
    }
}

fn from_js(value: &JsValue, kind: ValueType) -> Value {
    let number = || value.as_f64().unwrap_or(0.0);
    match kind {
        ValueType::I32 => Value::I32(number() as i32),
        ValueType::I64 => Value::I64(i64::try_from(value.clone()).unwrap_or(0)),
        ValueType::F32 => Value::F32((number() as f32).to_bits()),
        ValueType::F64 => Value::F64(number().to_bits()),
    }
}

/// Exported functions that we call answer nothing, an `i32` or an `i64`.
fn result_of(answer: &JsValue) -> Option<Value> {
    if answer.is_bigint() {
        return i64::try_from(answer.clone()).ok().map(Value::I64);
    }
    answer.as_f64().map(|number| Value::I32(number as i32))
}

/// Traps have one class of error and no code: their messages are all an engine tells.
fn call_error(error: &JsValue) -> CallError {
    match trap_message(error).as_deref().and_then(classify) {
        Some(trap) => CallError::Trap(trap),
        None => CallError::Engine(text_of(error)),
    }
}

/// Tells traps apart by the messages of V8, SpiderMonkey and JavaScriptCore.
fn classify(message: &str) -> Option<Trap> {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    Some(if says(&["unreachable"]) {
        Trap::Unreachable
    } else if says(&["table", "element segment"]) && says(&["bounds"]) {
        Trap::TableOutOfBounds
    } else if says(&[
        "signature",
        "null function",
        "indirect call",
        "call_indirect",
    ]) {
        Trap::BadIndirectCall
    } else if says(&["bounds"]) {
        Trap::MemoryOutOfBounds
    } else if says(&["by zero"]) {
        Trap::DivideByZero
    } else if says(&["unrepresentable", "overflow", "invalid conversion", "trunc"]) {
        Trap::Unrepresentable
    } else {
        return None;
    })
}

fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    )
}
