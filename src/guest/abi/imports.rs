//! Which host function an import leads to, and what to say about one that leads nowhere.

use super::call::HostFunction;
use super::outline::Outline;
use super::{assembly_script, handler, wasi};
use crate::guest::meter::{Import, METER, MeterCall, ValueType};
use crate::guest::recognise::shown;
use crate::problem::Problem;

/// Where an import leads.
#[derive(Clone, Copy)]
pub enum Binding {
    /// To the meter.
    Meter(MeterCall),
    /// To a host function.
    Function(&'static HostFunction),
}

/// All that modules can import, by module name.
const PROVIDED: [(&str, &[HostFunction]); 3] = [
    (wasi::MODULE, wasi::FUNCTIONS),
    (handler::MODULE, handler::FUNCTIONS),
    (assembly_script::MODULE, assembly_script::FUNCTIONS),
];

/// Whether there is a host function of this name, whatever its type.
pub fn provides(module: &str, name: &str) -> bool {
    find(module, name).is_some()
}

fn find(module: &str, name: &str) -> Option<&'static HostFunction> {
    let (_, functions) = PROVIDED.iter().find(|(provided, _)| *provided == module)?;
    functions.iter().find(|function| function.name == name)
}

/// Finds the host function that `import` asks for.
///
/// # Errors
/// `import.unknown` when there is none, `import.signature` when it has another type.
pub fn bind(import: &Import) -> Result<&'static HostFunction, Problem> {
    let Some(function) = find(&import.module, &import.name) else {
        return Err(unknown(&import.module, &import.name, "function"));
    };
    if function.parameters != import.parameters || function.result != import.result {
        return Err(Problem::error(
            "import.signature",
            place(&import.module, &import.name),
            format!(
                "The module imports it as {}, but it is {}.",
                signature(&import.parameters, import.result),
                signature(function.parameters, function.result)
            ),
            "Declare the import with that type; a compiler's own libraries do.",
        ));
    }
    Ok(function)
}

/// Finds where an import of a metered module leads. `own` tells the module's own imports from the meter's.
pub(crate) fn bind_metered(import: &Import, own: bool) -> Result<Binding, Problem> {
    if own || import.module != METER {
        return bind(import).map(Binding::Function);
    }
    MeterCall::ALL
        .into_iter()
        .find(|call| call.name() == import.name)
        .map(Binding::Meter)
        .ok_or_else(|| unknown(&import.module, &import.name, "function"))
}

/// What stands in the way of linking a module: imports that nobody provides, or not with that type.
pub fn problems(outline: &Outline) -> Vec<Problem> {
    let odd = outline.odd_imports.iter();
    let odd = odd.map(|import| unknown(&import.module, &import.name, import.kind));
    let functions = outline
        .imports
        .iter()
        .filter_map(|import| bind(import).err());
    odd.chain(functions).collect()
}

/// A function type as text: `(i32, i64) -> i32`.
pub fn signature(parameters: &[ValueType], result: Option<ValueType>) -> String {
    let parameters: Vec<_> = parameters.iter().map(|ty| type_name(*ty)).collect();
    let result = result.map_or("()", type_name);
    format!("({}) -> {result}", parameters.join(", "))
}

fn type_name(ty: ValueType) -> &'static str {
    match ty {
        ValueType::I32 => "i32",
        ValueType::I64 => "i64",
        ValueType::F32 => "f32",
        ValueType::F64 => "f64",
    }
}

fn place(module: &str, name: &str) -> String {
    format!("import {}.{}", shown(module), shown(name))
}

fn unknown(module: &str, name: &str, kind: &str) -> Problem {
    let cause = match kind {
        "function" => "Nothing here provides this function.".to_owned(),
        _ => format!(
            "The module wants its host to bring this {kind}, and the host brings functions only."
        ),
    };
    Problem::error(
        "import.unknown",
        place(module, name),
        cause,
        cure(module, kind),
    )
}

/// What helps depends on where the import comes from; the module name tells.
fn cure(module: &str, kind: &str) -> &'static str {
    match module {
        _ if kind == "memory" => {
            "Build the module with its own exported memory: without `--import-memory` (wasm-ld), `--importMemory` (asc)."
        }
        wasi::MODULE => "WASI preview 1 has no such function; check the name.",
        "wasi_unstable" => {
            "That is WASI's first snapshot: build with a newer toolchain, for `wasm32-wasip1`."
        }
        "wasi" => {
            "Threads are not simulated: build for `wasm32-wasip1`, not for its threads variant."
        }
        "lambda" => "The module `lambda` has `log`, `fail`, `call` and `answer`.",
        "__wbindgen_placeholder__" | "wbg" | "__wbindgen_externref_xform__" => {
            "wasm-bindgen makes modules for JavaScript: build without it, for `wasm32-unknown-unknown` or `wasm32-wasip1`."
        }
        "gojs" | "go" => "That is Go's build for JavaScript: use `GOOS=wasip1 GOARCH=wasm`.",
        "env" | "a" => {
            "Link everything the program needs into it, and build for WASI: with Emscripten, `-sSTANDALONE_WASM`; with clang, `--target=wasm32-wasi` without `--allow-undefined`."
        }
        METER => {
            "That name is taken by the playground's own meter: give the import module another one."
        }
        _ if module.starts_with("wasi:") || module.starts_with("cm32p2") => {
            "That is WASI preview 2, the component model: build for preview 1, `wasm32-wasip1`."
        }
        _ if module.starts_with("extism:") => {
            "Extism's host functions are not provided: follow the handler convention."
        }
        _ => "Remove the import, or take the value from the event or from WASI.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let outline = Outline::read(&wat::parse_str(text).unwrap()).unwrap();
        problems(&outline)
            .iter()
            .map(|problem| format!("{} {problem}", problem.code))
            .collect()
    }

    #[test]
    fn what_is_provided_makes_no_problem() {
        let text = r#"(module
            (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
            (import "lambda" "fail" (func (param i32 i32 i32 i32)))
            (import "env" "seed" (func (result f64))))"#;
        assert_eq!(found(text), [""; 0]);
    }

    #[test]
    fn wrong_types_are_named_with_the_right_one() {
        let text = r#"(module
            (import "wasi_snapshot_preview1" "clock_time_get" (func (param i32 i32 i32) (result i32))))"#;
        let expected = "import.signature import wasi_snapshot_preview1.clock_time_get: The module imports it as \
            (i32, i32, i32) -> i32, but it is (i32, i64, i32) -> i32.";
        assert!(
            found(text).concat().starts_with(expected),
            "{:?}",
            found(text)
        );
    }

    #[test]
    fn what_nobody_provides_comes_with_a_cure() {
        let cases = [
            (r#"(import "env" "memory" (memory 1))"#, "--import-memory"),
            (
                r#"(import "env" "emscripten_sleep" (func))"#,
                "STANDALONE_WASM",
            ),
            (
                r#"(import "meter" "slice" (func))"#,
                "playground's own meter",
            ),
            (
                r#"(import "wasi:cli/run@0.2.0" "run" (func))"#,
                "wasm32-wasip1",
            ),
            (
                r#"(import "env" "x" (func (result i32 i32)))"#,
                "several results",
            ),
            (r#"(import "js" "t" (table 1 funcref))"#, "functions only"),
        ];
        for (import, words) in cases {
            let found = found(&format!("(module {import})"));
            assert_eq!(found.len(), 1, "{import}");
            assert!(found[0].contains(words), "{import}: {found:?}");
        }
    }
}
