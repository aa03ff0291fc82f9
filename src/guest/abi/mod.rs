//! Calling conventions: how a module is recognised, what it may import, and what these imports do.
//!
//! [`detect`] says which convention a module follows, [`imports`] which host functions it gets; [`wasi`], [`handler`] and
//! [`assembly_script`] have the functions themselves, each in one table of name, signature, price and implementation.

pub mod assembly_script;
pub mod call;
pub mod handler;
pub mod imports;
pub mod outline;
pub mod prices;
pub mod wasi;

use serde::{Deserialize, Serialize};

use super::meter::{Import, ValueType};
use crate::problem::Problem;
use outline::{Export, ExportKind};

pub use imports::problems as import_problems;

/// How a module wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Abi {
    /// WASI preview 1 command: event on stdin, response on stdout, log on stderr. One process per invocation.
    WasiCommand,
    /// Exported handler: `alloc` and `handler(ptr, len) -> ptr << 32 | len`. State survives between warm invocations.
    Handler,
}

/// The convention that a module follows, and what shows it. `None` when it follows none: [`undetected`] says why.
///
/// A module that exports a handler is taken as one even when it exports `_start` as well, for it then was made for us.
pub fn detect(imports: &[Import], exports: &[Export]) -> Option<(Abi, String)> {
    if missing_for_handler(exports).is_empty() {
        let why = "exports `handler(ptr, len) -> i64` and `alloc(len) -> ptr`".to_owned();
        return Some((Abi::Handler, why));
    }
    if missing_for_command(exports).is_empty() {
        let wasi = imports.iter().filter(|i| i.module == wasi::MODULE).count();
        let why = match wasi {
            0 => "exports `_start`".to_owned(),
            1 => format!(
                "exports `_start` and imports 1 function of `{}`",
                wasi::MODULE
            ),
            n => format!(
                "exports `_start` and imports {n} functions of `{}`",
                wasi::MODULE
            ),
        };
        return Some((Abi::WasiCommand, why));
    }
    None
}

/// Why [`detect`] found nothing.
pub fn undetected(exports: &[Export]) -> Problem {
    let (handler, command) = (missing_for_handler(exports), missing_for_command(exports));
    let has = |name: &str| exports.iter().any(|export| export.name == name);
    let (missing, meant) = if has("_start") && !has("handler") {
        (command, "a command")
    } else if has("handler") || has("alloc") {
        (handler, "a handler function")
    } else {
        let names: Vec<_> = exports.iter().map(|e| format!("`{}`", e.name)).collect();
        let found = match names.as_slice() {
            [] => "nothing".to_owned(),
            few if few.len() <= 8 => few.join(", "),
            many => format!(
                "{} and {} more",
                many.get(..8).unwrap_or(many).join(", "),
                many.len() - 8
            ),
        };
        return Problem::error(
            "abi.none",
            "exports",
            format!(
                "The module exports neither a handler nor `_start`, so there is nothing to call; it exports {found}."
            ),
            "Export `alloc(len: i32) -> i32` and `handler(ptr: i32, len: i32) -> i64`, or build it as a WASI command, which has a `main`.",
        );
    };
    Problem::error(
        "abi.incomplete",
        "exports",
        format!(
            "The module looks like {meant}, but {}.",
            missing.join(", and ")
        ),
        match meant {
            "a command" => "Build it as a WASI command, which has a `main` and exports its memory.",
            _ => {
                "Export `memory`, `alloc(len: i32) -> i32` and `handler(ptr: i32, len: i32) -> i64`."
            }
        },
    )
}

fn missing_for_handler(exports: &[Export]) -> Vec<String> {
    use ValueType::{I32, I64};
    [
        wrong_function(exports, "handler", &[I32, I32], Some(I64)),
        wrong_function(exports, "alloc", &[I32], Some(I32)),
        no_memory(exports),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn missing_for_command(exports: &[Export]) -> Vec<String> {
    [
        wrong_function(exports, "_start", &[], None),
        no_memory(exports),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn no_memory(exports: &[Export]) -> Option<String> {
    let found = exports
        .iter()
        .any(|export| export.kind == ExportKind::Memory);
    (!found).then(|| "it exports no memory".to_owned())
}

/// What is wrong with the exported function `name`, if anything.
fn wrong_function(
    exports: &[Export],
    name: &str,
    parameters: &[ValueType],
    result: Option<ValueType>,
) -> Option<String> {
    match exports.iter().find(|export| export.name == name) {
        None => Some(format!("it does not export `{name}`")),
        Some(export) => match &export.kind {
            ExportKind::Function {
                parameters: p,
                result: r,
            } if p == parameters && *r == result => None,
            ExportKind::Function {
                parameters: p,
                result: r,
            } => Some(format!(
                "its `{name}` is {}, not {}",
                imports::signature(p, *r),
                imports::signature(parameters, result)
            )),
            ExportKind::Memory | ExportKind::Other => {
                Some(format!("its `{name}` is not a function of plain numbers"))
            }
        },
    }
}

/// Whether the module exports this function with exactly this type.
pub(crate) fn exports_function(
    exports: &[Export],
    name: &str,
    parameters: &[ValueType],
    result: Option<ValueType>,
) -> bool {
    wrong_function(exports, name, parameters, result).is_none()
}

#[cfg(test)]
mod tests {
    use super::outline::Outline;
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::read(&wat::parse_str(text).unwrap()).unwrap()
    }

    fn abi(text: &str) -> Option<Abi> {
        let outline = outline(text);
        detect(&outline.imports, &outline.exports).map(|(abi, _)| abi)
    }

    const HANDLER: &str = r#"
        (func (export "alloc") (param i32) (result i32) i32.const 0)
        (func (export "handler") (param i32 i32) (result i64) i64.const 0)"#;

    #[test]
    fn conventions_show_in_the_exports() {
        let memory = r#"(memory (export "memory") 1)"#;
        let start = r#"(func (export "_start"))"#;
        let cases = [
            (format!("(module {memory} {HANDLER})"), Some(Abi::Handler)),
            (
                format!("(module {memory} {start} {HANDLER})"),
                Some(Abi::Handler),
            ),
            (format!("(module {memory} {start})"), Some(Abi::WasiCommand)),
            (format!("(module {start})"), None),
            (format!("(module {HANDLER})"), None),
            ("(module)".to_owned(), None),
        ];
        for (text, expected) in cases {
            assert_eq!(abi(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let cases = [
            ("(module)", "exports nothing"),
            (r#"(module (func (export "main")))"#, "it exports `main`"),
            (
                r#"(module (func (export "_start")))"#,
                "it exports no memory",
            ),
            (
                r#"(module (memory (export "memory") 1) (func (export "handler") (param i32) (result i32) i32.const 0))"#,
                "its `handler` is (i32) -> i32, not (i32, i32) -> i64, and it does not export `alloc`",
            ),
        ];
        for (text, words) in cases {
            let problem = undetected(&outline(text).exports);
            assert!(problem.cause.contains(words), "{text}: {}", problem.cause);
        }
    }
}
