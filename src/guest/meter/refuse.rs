//! Which modules are taken, and what is said to the others.

use wasmparser::{Error, WasmFeatures};

use crate::problem::Problem;

/// The largest module that is taken, in bytes.
pub const MAX_MODULE_BYTES: usize = 64 << 20;

/// What WebAssembly we take: version 2 of the language, tail calls, extended constant expressions and several memories.
/// Everything here behaves the same, to the bit, in every engine once the meter is done with it.
pub fn features() -> WasmFeatures {
    WasmFeatures::FLOATS
        | WasmFeatures::GC_TYPES
        | WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::SIMD
        | WasmFeatures::MULTI_MEMORY
}

/// A feature that we refuse: its flag, the problem's code, its name, why, and how to build without it.
struct Refusal {
    feature: WasmFeatures,
    code: &'static str,
    name: &'static str,
    cure: &'static str,
}

const REFUSALS: &[Refusal] = &[
    Refusal {
        feature: WasmFeatures::RELAXED_SIMD,
        code: "module.relaxed-simd",
        name: "relaxed SIMD, whose results differ from processor to processor",
        cure: "Build with plain SIMD: `-C target-feature=-relaxed-simd` or `-mno-relaxed-simd`.",
    },
    Refusal {
        feature: WasmFeatures::THREADS,
        code: "module.threads",
        name: "shared memory or atomics (threads)",
        cure: "Build for one thread: without `-pthread`, and with `-C target-feature=-atomics` or `-mno-atomics`.",
    },
    Refusal {
        feature: WasmFeatures::SHARED_EVERYTHING_THREADS,
        code: "module.threads",
        name: "shared functions or tables (threads)",
        cure: "Build for one thread.",
    },
    Refusal {
        feature: WasmFeatures::MEMORY64,
        code: "module.memory64",
        name: "64-bit memory or tables (memory64)",
        cure: "Build for wasm32.",
    },
    Refusal {
        feature: WasmFeatures::LEGACY_EXCEPTIONS,
        code: "module.exceptions",
        name: "exceptions in their legacy form",
        cure: "Build without WebAssembly exceptions: `-fno-exceptions`, or `-C panic=abort` in Rust.",
    },
    Refusal {
        feature: WasmFeatures::EXCEPTIONS,
        code: "module.exceptions",
        name: "exceptions",
        cure: "Build without WebAssembly exceptions: `-fno-exceptions`, or `-C panic=abort` in Rust.",
    },
    Refusal {
        feature: WasmFeatures::GC,
        code: "module.gc",
        name: "garbage-collected types (GC)",
        cure: "Build with a toolchain that keeps its data in linear memory, as Rust, C, Zig and TinyGo do.",
    },
    Refusal {
        feature: WasmFeatures::FUNCTION_REFERENCES,
        code: "module.function-references",
        name: "typed function references",
        cure: "Build with a toolchain that keeps its data in linear memory, as Rust, C, Zig and TinyGo do.",
    },
    Refusal {
        feature: WasmFeatures::CUSTOM_PAGE_SIZES,
        code: "module.custom-page-sizes",
        name: "pages of other than 64 KiB (custom page sizes)",
        cure: "Build with the standard page size.",
    },
    Refusal {
        feature: WasmFeatures::WIDE_ARITHMETIC,
        code: "module.wide-arithmetic",
        name: "128-bit arithmetic instructions (wide arithmetic)",
        cure: "Build with `-C target-feature=-wide-arithmetic` or `-mno-wide-arithmetic`.",
    },
    Refusal {
        feature: WasmFeatures::STACK_SWITCHING,
        code: "module.stack-switching",
        name: "stack switching",
        cure: "Build without it.",
    },
    Refusal {
        feature: WasmFeatures::COMPACT_IMPORTS,
        code: "module.compact-imports",
        name: "the compact encoding of imports",
        cure: "Build with the standard encoding of imports.",
    },
];

/// What is wrong with a module that did not pass validation.
pub fn invalid(error: &Error, bytes: &[u8], function: Option<u32>) -> Problem {
    let place = place(error.offset(), function);
    let named = error
        .missing_wasm_feature()
        .and_then(|missing| REFUSALS.iter().find(|it| missing.intersects(it.feature)))
        .or_else(|| missing_from_us(bytes));
    match named {
        Some(refusal) => Problem::error(
            refusal.code,
            place,
            format!("The module uses {}.", refusal.name),
            refusal.cure,
        ),
        None => Problem::error(
            "module.invalid",
            place,
            format!("This is not valid WebAssembly: {}.", error.message()),
            "Build it again, or check that it arrived whole.",
        ),
    }
}

/// The feature that makes the difference, for errors that do not name one.
fn missing_from_us(bytes: &[u8]) -> Option<&'static Refusal> {
    let valid = |features| {
        wasmparser::Validator::new_with_features(features)
            .validate_all(bytes)
            .is_ok()
    };
    if !valid(WasmFeatures::all()) {
        return None;
    }
    REFUSALS
        .iter()
        .find(|it| !valid(WasmFeatures::all() - it.feature))
}

/// Too large for us or for an engine.
pub fn too_large(place: impl Into<String>, what: &str, limit: u64) -> Problem {
    Problem::error(
        "module.too-large",
        place,
        format!("The module has more than {limit} {what} once metered."),
        "Build a smaller module: optimise for size, or leave out what the function does not use.",
    )
}

/// Not a core module.
pub fn component(offset: u64) -> Problem {
    Problem::error(
        "module.component",
        place(offset, None),
        "This is a WebAssembly component, not a core module.",
        "Build a core module, for instance for the target wasm32-wasip1.",
    )
}

/// An import that neither tier can provide.
pub fn import(module: &str, name: &str, what: &str) -> Problem {
    Problem::error(
        "module.import",
        format!("import {module:?} {name:?}"),
        format!("The module imports {what}."),
        "Let the module define it itself, and import only functions over plain numbers with at most one result.",
    )
}

fn place(offset: u64, function: Option<u32>) -> String {
    match function {
        Some(function) => format!("byte {offset:#x}, in function {function}"),
        None => format!("byte {offset:#x}"),
    }
}
