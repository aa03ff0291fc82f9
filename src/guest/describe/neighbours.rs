//! Modules built for another host: recognised by what they import, and answered with how to build for this one.

use std::collections::BTreeMap;

use wasmparser::{Import, TypeRef};

use super::outline::Outline;
use super::shown;
use crate::guest::abi::imports::provides;
use crate::guest::recognise::BUILD_FOR_WASI;
use crate::problem::Problem;

/// How many names of imports a message lists.
const LISTED: usize = 5;

/// Another host: how its imports are told, code, what it is, cure.
type Neighbour = (
    fn(&Import<'_>) -> bool,
    &'static str,
    &'static str,
    &'static str,
);

/// Hosts whose modules people bring, the telltale ones first.
const NEIGHBOURS: &[Neighbour] = &[
    (
        |import| {
            matches!(
                import.module,
                "wbg" | "__wbindgen_placeholder__" | "__wbindgen_externref_xform__"
            ) || import.module.ends_with("_bg.js")
                || import.name.starts_with("__wbindgen_")
        },
        "module.wasm-bindgen",
        "The module was built for a web page with wasm-bindgen, and needs the JavaScript that belongs to it",
        "Build a plain module: `cargo build --release --target wasm32-wasip1`, without wasm-bindgen, wasm-pack, js-sys or web-sys.",
    ),
    (
        |import| matches!(import.module, "gojs" | "go"),
        "module.go-js",
        "The module was built with Go for a web page (`GOOS=js`), and needs Go's `wasm_exec.js`",
        "Build it with `GOOS=wasip1 GOARCH=wasm go build`.",
    ),
    (
        |import| {
            import.module == "env"
                && ([
                    "emscripten_",
                    "_emscripten_",
                    "invoke_",
                    "__syscall_",
                    "_embind_",
                    "_emval_",
                ]
                .iter()
                .any(|start| import.name.starts_with(start))
                    || matches!(import.name, "__cxa_throw" | "_abort_js" | "__assert_fail"))
        },
        "module.emscripten",
        "The module was built with Emscripten, and needs the JavaScript that belongs to it",
        "Link it with `-sSTANDALONE_WASM` (and without `-sALLOW_MEMORY_GROWTH` callbacks), or compile with the WASI SDK.",
    ),
    (
        // What Emscripten's optimiser makes of all names.
        |import| import.module == "a" && import.name.len() <= 2,
        "module.emscripten",
        "The module was built with Emscripten and its names minified, so it needs the JavaScript that belongs to it",
        "Link it with `-sSTANDALONE_WASM`, or compile with the WASI SDK.",
    ),
    (
        |import| import.module.starts_with("extism:host"),
        "module.extism",
        "This is an Extism plug-in; plug-ins are recognised, but do not run here yet",
        "Build the same function as a WASI command, or export `handler` and `alloc`.",
    ),
    (
        |import| import.module == "wapc",
        "module.wapc",
        "This is a waPC guest; waPC does not run here",
        "Build the same function as a WASI command, or export `handler` and `alloc`.",
    ),
    (
        |import| import.module.starts_with("javy"),
        "module.javy-dynamic",
        "The module was built with Javy for dynamic linking: the JavaScript engine is not in it",
        "Build it statically: `javy build` without `-C dynamic`.",
    ),
    (
        |import| import.module == "wasi_unstable",
        "module.wasi-unstable",
        "The module was built for WASI's first draft (`wasi_unstable`), which differs from preview 1 in a few layouts",
        "Build it with a compiler from 2020 or later.",
    ),
    (
        |import| import.module.starts_with("wasi:") || import.module.starts_with("$root"),
        "module.component",
        "The module was made to become a component (WASI preview 2)",
        BUILD_FOR_WASI,
    ),
    (
        |import| {
            matches!(
                import.module,
                "wasi_snapshot_preview2" | "wasi_ephemeral_nn" | "wasi_experimental_http"
            )
        },
        "module.wasi-extension",
        "The module needs an extension of WASI that is not part of preview 1",
        "Build it without that extension.",
    ),
    (
        |import| import.module == "wasi" && import.name == "thread-spawn",
        "module.threads",
        "The module starts threads",
        "Build without them: no `-pthread`, no `wasm32-wasip1-threads`.",
    ),
    (
        |import| import.module == "env" && import.name.starts_with("proxy_"),
        "module.proxy-wasm",
        "This is a filter for a proxy such as Envoy (proxy-wasm)",
        BUILD_FOR_WASI,
    ),
    (
        |import| import.module == "env" && import.name.starts_with("mono_"),
        "module.dotnet",
        "The module was built with .NET for a web page (Blazor)",
        "Build it for `wasi-wasm`.",
    ),
];

/// Says which host a module was built for, if not this one, and which imports nobody here provides.
pub(super) fn look(outline: &Outline<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(problem) = unlinked(outline) {
        problems.push(problem);
        return problems;
    }
    let mut strangers: BTreeMap<(&str, &str), Vec<&Import<'_>>> = BTreeMap::new();
    let mut found: Vec<(&Neighbour, Vec<&Import<'_>>)> = Vec::new();
    for import in outline.imports.iter().filter(|import| !provided(import)) {
        if let Some(neighbour) = NEIGHBOURS.iter().find(|(is, ..)| is(import)) {
            match found
                .iter_mut()
                .find(|(known, _)| std::ptr::eq(*known, neighbour))
            {
                Some((_, imports)) => imports.push(import),
                None => found.push((neighbour, vec![import])),
            }
        } else {
            strangers
                .entry((import.module, class(import)))
                .or_default()
                .push(import);
        }
    }
    for ((_, code, what, cure), imports) in &found {
        problems.push(Problem::error(
            code,
            listed(imports),
            format!("{what}."),
            *cure,
        ));
    }
    // Where the host is known, the rest of its imports says nothing new.
    if found.is_empty() {
        for ((module, class), imports) in &strangers {
            problems.push(stranger(module, class, imports));
        }
    }
    problems
}

/// Whether the guest's own host provides an import, be it with another type.
fn provided(import: &Import<'_>) -> bool {
    matches!(import.ty, TypeRef::Func(_)) && provides(import.module, import.name)
}

fn class(import: &Import<'_>) -> &'static str {
    match import.ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => "function",
        TypeRef::Table(_) => "table",
        TypeRef::Memory(_) => "memory",
        TypeRef::Global(_) => "global",
        TypeRef::Tag(_) => "tag",
    }
}

/// Object files and side modules, which are parts of a module still to be linked.
fn unlinked(outline: &Outline<'_>) -> Option<Problem> {
    let has = |wanted: &[&str]| {
        outline
            .custom_sections
            .iter()
            .any(|(name, _)| wanted.contains(name))
    };
    let javy = [
        "invoke",
        "cabi_realloc",
        "canonical_abi_realloc",
        "eval_bytecode",
        "memory",
    ];
    if has(&["linking"]) {
        return Some(Problem::error(
            "module.object-file",
            "custom section `linking`",
            "This is an object file: one part of a module, before linking.",
            "Link it: let the compiler drive `wasm-ld` (no `-c`), and bring what comes out.",
        ));
    }
    if has(&["dylink", "dylink.0"]) {
        return Some(Problem::error(
            "module.side-module",
            "custom section `dylink.0`",
            "This is a shared library (a side module), which needs a main module around it.",
            "Link everything statically: no `-shared`, no `-sSIDE_MODULE`.",
        ));
    }
    let (first, rest) = outline.imports.split_first()?;
    let one_module = rest.iter().all(|import| import.module == first.module);
    let all_javy = outline
        .imports
        .iter()
        .all(|import| javy.contains(&import.name));
    (one_module && all_javy && outline.imports.len() > 1).then(|| {
        Problem::error(
            "module.javy-dynamic",
            format!("import `{}`", shown(first.module)),
            "The module was built with Javy for dynamic linking: the JavaScript engine is not in it.",
            "Build it statically: `javy build` without `-C dynamic`.",
        )
    })
}

fn stranger(module: &str, class: &str, imports: &[&Import<'_>]) -> Problem {
    let place = listed(imports);
    let module = shown(module);
    match class {
        "memory" => Problem::error(
            "module.import-memory",
            place,
            "The module imports its memory; here it must bring its own.",
            "Link it without `--import-memory`, and with `--export-memory` (a plain build does that).",
        ),
        "table" => Problem::error(
            "module.import-table",
            place,
            "The module imports its function table; here it must bring its own.",
            "Link it without `--import-table`.",
        ),
        "global" => Problem::error(
            "module.import-global",
            place,
            format!("The module imports globals from `{module}`; nobody here provides them."),
            "Position-independent code does this: link statically, without `-fPIC` and `-shared`.",
        ),
        _ => Problem::error(
            "module.import",
            place,
            format!(
                "The module imports {} from `{module}` that nobody here provides.",
                match imports {
                    [_] => format!("a {class}"),
                    many => format!("{} {class}s", many.len()),
                }
            ),
            "Only WASI preview 1, `lambda.log`, `lambda.fail` and AssemblyScript's `env.abort`, `env.trace` and `env.seed` are \
             there. A function of your own that was not found when linking looks the same: link its library too.",
        ),
    }
}

fn listed(imports: &[&Import<'_>]) -> String {
    let mut names: Vec<_> = imports
        .iter()
        .take(LISTED)
        .map(|import| format!("`{}.{}`", shown(import.module), shown(import.name)))
        .collect();
    if imports.len() > LISTED {
        names.push(format!("{} more", imports.len() - LISTED));
    }
    format!("import {}", names.join(", "))
}
