//! Which calling convention a module follows, and what is missing when it follows none.

use wasmparser::ExternalKind;

use super::outline::Outline;
use super::shown;
use crate::guest::abi::Abi;
use crate::problem::Problem;

/// How to export what the handler convention asks for, as text beside every message about it.
const CONVENTION: &str = "Export either `_start` and `memory` (a WASI command: event on standard input, response on \
     standard output), or `memory`, `alloc: (i32) -> i32` and `handler: (i32, i32) -> i64` (address and length of the \
     event; it returns `address << 32 | length` of the response).";

/// Names under which people export a handler.
const HANDLER_LIKE: [&str; 9] = [
    "handle",
    "main",
    "run",
    "lambda_handler",
    "handle_request",
    "invoke",
    "call",
    "process",
    "_handler",
];

/// Names under which people export an allocator.
const ALLOC_LIKE: [&str; 6] = [
    "malloc",
    "allocate",
    "__new",
    "cabi_realloc",
    "__alloc",
    "wasm_alloc",
];

/// The convention with the reason for it, or what is missing.
pub(super) fn detect(outline: &Outline<'_>) -> Result<(Abi, String), Problem> {
    let kind = |name: &str| outline.exported(name);
    let is = |name: &str, wanted: &str| kind(name).is_some_and(|found| found == wanted);
    // Under any name: only memory 0 is used, and people rename it.
    let memory = outline
        .exports
        .iter()
        .any(|export| export.kind == ExternalKind::Memory);
    let start = is("_start", "() -> ()");
    if memory && is("handler", HANDLER) && is("alloc", ALLOC) {
        return Ok((
            Abi::Handler,
            "exports `handler`, `alloc` and its memory".to_owned(),
        ));
    }
    if memory && start {
        return Ok((
            Abi::WasiCommand,
            "exports `_start` and its memory".to_owned(),
        ));
    }
    let cause = if !memory && (start || kind("handler").is_some()) {
        match kind("memory") {
            Some(other) => format!("The module exports `memory`, but as {other}, not as a memory."),
            None => {
                "The module does not export its memory, so nothing can be passed to it.".to_owned()
            }
        }
    } else if let Some(found) = kind("_start") {
        format!("The module exports `_start`, but as {found}; it must be `() -> ()`.")
    } else if let Some(found) = kind("handler") {
        handler_cause(outline, &found)
    } else if let Some((name, found)) = HANDLER_LIKE
        .iter()
        .find_map(|name| Some((name, kind(name)?)))
    {
        format!(
            "The module exports `{name}` as {found}, but neither `handler` nor `_start`: nothing says how to call it."
        )
    } else if kind("_initialize").is_some() {
        "The module is a WASI reactor (it exports `_initialize`) without a `handler`.".to_owned()
    } else if outline.exports.is_empty() {
        "The module exports nothing, so there is nothing to call.".to_owned()
    } else {
        let names: Vec<_> = outline
            .exports
            .iter()
            .take(4)
            .map(|export| format!("`{}`", shown(export.name)))
            .collect();
        format!(
            "The module exports neither `_start` nor `handler`, only {}.",
            names.join(", ")
        )
    };
    Err(Problem::error(
        "module.no-entry",
        "exports",
        cause,
        CONVENTION,
    ))
}

const HANDLER: &str = "(i32, i32) -> i64";
const ALLOC: &str = "(i32) -> i32";

/// What is wrong with a module that does export `handler`.
fn handler_cause(outline: &Outline<'_>, handler: &str) -> String {
    if handler != HANDLER {
        return format!("The module exports `handler`, but as {handler}; it must be `{HANDLER}`.");
    }
    match outline.exported("alloc") {
        Some(alloc) => format!(
            "The module exports `handler` and `alloc`, but `alloc` as {alloc}; it must be `{ALLOC}`."
        ),
        None => match ALLOC_LIKE
            .iter()
            .find(|name| outline.exported(name).is_some())
        {
            Some(name) => format!("The module exports `handler` and `{name}`, but no `alloc`."),
            None => "The module exports `handler`, but no `alloc` to get room for the event from."
                .to_owned(),
        },
    }
}
