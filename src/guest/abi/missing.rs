//! What a module lacks that follows no calling convention.

use super::imports::signature;
use super::outline::{Export, ExportKind};
use super::{exports_function, exports_memory};
use crate::guest::meter::ValueType::{self, I32, I64};
use crate::guest::recognise::shown;
use crate::problem::Problem;

/// How to export what the conventions ask for, beside every message about it.
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

const HANDLER: (&[ValueType], Option<ValueType>) = (&[I32, I32], Some(I64));
const ALLOC: (&[ValueType], Option<ValueType>) = (&[I32], Some(I32));

/// Why [`detect`](super::detect) found nothing.
pub fn no_entry(exports: &[Export]) -> Problem {
    let find = |name: &str| exports.iter().find(|export| export.name == name);
    let kind = |name: &str| find(name).map(|export| &export.kind);
    let memory = exports_memory(exports);
    let start = exports_function(exports, "_start", &[], None);
    let cause = if !memory && (start || kind("handler").is_some()) {
        match kind("memory") {
            Some(other) => format!("The module exports `memory`, but as {other}, not as a memory."),
            None => {
                "The module does not export its memory, so nothing can be passed to it.".to_owned()
            }
        }
    } else if let Some(found) = kind("_start").filter(|_| kind("handler").is_none()) {
        format!("The module exports `_start`, but as {found}; it must be `() -> ()`.")
    } else if let Some(found) = kind("handler") {
        handler_cause(exports, found)
    } else if let Some(found) = HANDLER_LIKE.iter().find_map(|name| find(name)) {
        format!(
            "The module exports `{}` as {}, but neither `handler` nor `_start`: nothing says how to call it.",
            found.name, found.kind
        )
    } else if kind("_initialize").is_some() {
        "The module is a WASI reactor (it exports `_initialize`) without a `handler`.".to_owned()
    } else if exports.is_empty() {
        "The module exports nothing, so there is nothing to call.".to_owned()
    } else {
        let names: Vec<_> = exports
            .iter()
            .take(4)
            .map(|export| format!("`{}`", shown(&export.name)))
            .collect();
        let more = if exports.len() > names.len() {
            " and others"
        } else {
            ""
        };
        format!(
            "The module exports neither `_start` nor `handler`, only {}{more}.",
            names.join(", ")
        )
    };
    Problem::error("module.no-entry", "exports", cause, CONVENTION)
}

/// What is wrong with a module that does export `handler`.
fn handler_cause(exports: &[Export], handler: &ExportKind) -> String {
    let is = |name: &str, (parameters, result): (&[ValueType], _)| {
        exports_function(exports, name, parameters, result)
    };
    if !is("handler", HANDLER) {
        return format!(
            "The module exports `handler`, but as {handler}; it must be `{}`.",
            signature(HANDLER.0, HANDLER.1)
        );
    }
    let find = |name: &str| exports.iter().find(|export| export.name == name);
    match find("alloc") {
        Some(alloc) => format!(
            "The module exports `handler` and `alloc`, but `alloc` as {}; it must be `{}`.",
            alloc.kind,
            signature(ALLOC.0, ALLOC.1)
        ),
        None => match ALLOC_LIKE.iter().find(|name| find(name).is_some()) {
            Some(name) => format!("The module exports `handler` and `{name}`, but no `alloc`."),
            None => "The module exports `handler`, but no `alloc` to get room for the event from."
                .to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::abi::outline::Outline;

    #[test]
    fn what_is_missing_is_named() {
        let cases = [
            ("(module)", "exports nothing"),
            (
                r#"(module (func (export "main")))"#,
                "exports `main` as () -> ()",
            ),
            (
                r#"(module (func (export "_start")))"#,
                "does not export its memory",
            ),
            (
                r#"(module (global (export "memory") i32 i32.const 0) (func (export "_start")))"#,
                "`memory`, but as a global",
            ),
            (
                r#"(module (memory (export "memory") 1) (func (export "handler") (param i32) (result i32) i32.const 0))"#,
                "`handler`, but as (i32) -> i32; it must be `(i32, i32) -> i64`",
            ),
        ];
        for (text, words) in cases {
            let outline = Outline::read(&wat::parse_str(text).unwrap()).unwrap();
            let problem = no_entry(&outline.exports);
            assert!(problem.cause.contains(words), "{text}: {}", problem.cause);
        }
    }
}
