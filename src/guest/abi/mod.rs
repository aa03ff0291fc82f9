//! Calling conventions: how a module is recognised, what it may import, and what these imports do.
//!
//! [`detect`] says which convention a module follows, [`imports`] which host functions it gets; [`wasi`], [`handler`] and
//! [`assembly_script`] have the functions themselves, each in one table of name, signature, price and implementation.

pub mod assembly_script;
pub mod call;
pub mod handler;
pub mod imports;
mod missing;
pub mod outline;
pub mod prices;
pub mod service_call;
pub mod wasi;

use serde::{Deserialize, Serialize};

use super::meter::{Import, ValueType};
use outline::{Export, ExportKind};

pub use imports::problems as import_problems;
pub use missing::no_entry;

/// How a module wants to be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Abi {
    /// WASI preview 1 command: event on stdin, response on stdout, log on stderr. One process per invocation.
    WasiCommand,
    /// Exported handler: `alloc` and `handler(ptr, len) -> ptr << 32 | len`. State survives between warm invocations.
    Handler,
}

/// The convention that a module follows, and what shows it. `None` when it follows none: [`no_entry`] says why.
///
/// A module that exports a handler is taken as one even when it exports `_start` as well, for it then was made for us.
pub fn detect(imports: &[Import], exports: &[Export]) -> Option<(Abi, String)> {
    if is_handler(exports) {
        let why = "exports `handler(ptr, len) -> i64` and `alloc(len) -> ptr`".to_owned();
        return Some((Abi::Handler, why));
    }
    if is_command(exports) {
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

/// Whether the module exports what a handler needs.
fn is_handler(exports: &[Export]) -> bool {
    use ValueType::{I32, I64};
    exports_memory(exports)
        && exports_function(exports, "handler", &[I32, I32], Some(I64))
        && exports_function(exports, "alloc", &[I32], Some(I32))
}

/// Whether the module exports what a command needs.
fn is_command(exports: &[Export]) -> bool {
    exports_memory(exports) && exports_function(exports, "_start", &[], None)
}

/// Under any name: only memory 0 is used, and people rename it.
fn exports_memory(exports: &[Export]) -> bool {
    exports.iter().any(|it| it.kind == ExportKind::Memory)
}

/// Whether the module exports this function with exactly this type.
pub(crate) fn exports_function(
    exports: &[Export],
    name: &str,
    parameters: &[ValueType],
    result: Option<ValueType>,
) -> bool {
    exports.iter().find(|export| export.name == name).is_some_and(|export| {
        matches!(&export.kind, ExportKind::Function { parameters: p, result: r } if p == parameters && *r == result)
    })
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
}
