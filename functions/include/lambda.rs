//! The handler convention for Rust functions of one file: `#[path = "../include/lambda.rs"] mod lambda;`
//! then `lambda::handler!(my_function);`. docs/abi.md shows the same without this file.

#![allow(dead_code)] // no function needs all of it

mod host {
    #[link(wasm_import_module = "lambda")]
    unsafe extern "C" {
        pub fn log(text: *const u8, len: usize);
        pub fn fail(kind: *const u8, kind_len: usize, message: *const u8, message_len: usize);
    }
}

/// Writes a line into the function's log.
pub fn log(line: &str) {
    unsafe { host::log(line.as_ptr(), line.len()) }
}

/// What a function returns when it could not do its work: Lambda's `errorType` and `errorMessage`.
pub struct Failure {
    pub kind: &'static str,
    pub message: String,
}

/// Exports `handler`, which answers every event with what `$function(event)` returns.
macro_rules! handler {
    ($function:path) => {
        #[unsafe(no_mangle)]
        unsafe extern "C" fn handler(event: *mut u8, len: usize) -> u64 {
            unsafe { lambda::answer(event, len, $function) }
        }
    };
}
pub(crate) use handler;

/// Calls `function` and packs its answer: the address in the upper half, the length in the lower.
///
/// # Safety
/// `event` and `len` are a buffer which `alloc` gave out.
pub unsafe fn answer(
    event: *mut u8,
    len: usize,
    function: impl Fn(&str) -> Result<String, Failure>,
) -> u64 {
    // The event is ours from here on, and is freed when this function ends.
    let event = unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(event, len)) };
    match function(&String::from_utf8_lossy(&event)) {
        Ok(response) => {
            let response = Box::leak(response.into_boxed_str()); // the host calls `dealloc` on it
            (response.as_ptr() as u64) << 32 | response.len() as u64
        }
        Err(Failure { kind, message }) => {
            unsafe { host::fail(kind.as_ptr(), kind.len(), message.as_ptr(), message.len()) };
            0
        }
    }
}

#[unsafe(no_mangle)]
extern "C" fn alloc(len: usize) -> *mut u8 {
    Box::leak(vec![0; len].into_boxed_slice()).as_mut_ptr()
}

/// # Safety
/// `ptr` and `len` are a response which `handler` gave out.
#[unsafe(no_mangle)]
unsafe extern "C" fn dealloc(ptr: *mut u8, len: usize) {
    drop(unsafe { Box::from_raw(core::ptr::slice_from_raw_parts_mut(ptr, len)) });
}

/// The text of the first field called `name`, wherever it stands in the JSON `event`; strings come
/// without their quotes and with their escapes as they are. Enough for examples: a real function
/// would parse the event.
pub fn field<'a>(event: &'a str, name: &str) -> Option<&'a str> {
    let key = ["\"", name, "\""].concat();
    let mut rest = event;
    loop {
        rest = after(rest, &key)?;
        let Some(value) = rest.trim_start().strip_prefix(':') else {
            continue; // a string value which looks like the key
        };
        let value = value.trim_start();
        return match value.strip_prefix('"') {
            Some(text) => text.split('"').next(),
            None => value.split([',', '}', ']', ' ', '\t', '\r', '\n']).next(),
        };
    }
}

/// What follows the first `needle`; a plain search, a fraction of the size of `str::find`'s.
pub fn after<'a>(text: &'a str, needle: &str) -> Option<&'a str> {
    let at = text
        .as_bytes()
        .windows(needle.len())
        .position(|window| window == needle.as_bytes())?;
    text.get(at + needle.len()..)
}

/// Calls of other services; imported only by functions that make them.
mod outside {
    #[link(wasm_import_module = "lambda")]
    unsafe extern "C" {
        pub fn call(operation: *const u8, operation_len: usize, body: *const u8, body_len: usize) -> u32;
        pub fn answer(into: *mut u8, room: usize) -> usize;
    }
}

/// Calls another service, such as `PutJobSuccessResult`, with a JSON body. An answer other than 200 is a failure with the
/// service's own words.
pub fn call(operation: &str, body: &str) -> Result<(), Failure> {
    let status = unsafe { outside::call(operation.as_ptr(), operation.len(), body.as_ptr(), body.len()) };
    if status == 200 {
        return Ok(());
    }
    let mut answer = vec![0; 4096];
    let length = unsafe { outside::answer(answer.as_mut_ptr(), answer.len()) };
    answer.truncate(length);
    Err(Failure {
        kind: "ServiceError",
        message: String::from_utf8_lossy(&answer).into_owned(),
    })
}
