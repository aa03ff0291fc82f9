//! Which modules are taken, and what is said to the others: the one list of proposals that are accepted or refused.

use wasmparser::{FuncValidatorAllocations, Parser, ValidPayload, Validator, WasmFeatures};

use super::walk;
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

/// A proposal that is refused.
#[derive(Debug)]
pub struct Refusal {
    /// Its features.
    pub features: WasmFeatures,
    /// The problem's code.
    pub code: &'static str,
    /// What a module with it uses.
    pub name: &'static str,
    /// How to build without it.
    pub cure: &'static str,
}

/// Every proposal that wasmparser knows and that is not in [`features`].
pub const REFUSALS: &[Refusal] = &[
    Refusal {
        features: WasmFeatures::THREADS,
        code: "module.threads",
        name: "threads (atomic operations, shared memory)",
        cure: "Build without them: no `-pthread`, no `+atomics` target feature, no `wasm32-wasip1-threads`.",
    },
    Refusal {
        features: WasmFeatures::RELAXED_SIMD,
        code: "module.relaxed-simd",
        name: "relaxed SIMD, whose results differ from processor to processor",
        cure: "Build without it (`-mno-relaxed-simd`, no `+relaxed-simd`); plain SIMD is fine.",
    },
    Refusal {
        features: WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
        code: "module.exceptions",
        name: "exception handling",
        cure: "Build without it: `-fno-exceptions` in C++, `panic = \"abort\"` in Rust.",
    },
    Refusal {
        features: WasmFeatures::GC
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::CUSTOM_DESCRIPTORS),
        code: "module.gc",
        name: "garbage-collected types or typed function references, as Kotlin, Dart and Java compilers use them",
        cure: "These languages have no other target yet; write the function in Rust, Go, C, Zig or AssemblyScript.",
    },
    Refusal {
        features: WasmFeatures::MEMORY64,
        code: "module.memory64",
        name: "64-bit memories (memory64)",
        cure: "Build for wasm32 instead of wasm64.",
    },
    Refusal {
        features: WasmFeatures::WIDE_ARITHMETIC,
        code: "module.wide-arithmetic",
        name: "wide arithmetic",
        cure: "Build without the target feature `wide-arithmetic`.",
    },
    Refusal {
        features: WasmFeatures::CUSTOM_PAGE_SIZES,
        code: "module.custom-page-sizes",
        name: "custom page sizes",
        cure: "Link with the ordinary page size of 64 KiB.",
    },
    Refusal {
        features: WasmFeatures::STACK_SWITCHING,
        code: "module.stack-switching",
        name: "stack switching",
        cure: "Build without it; browsers do not have it either.",
    },
    Refusal {
        features: WasmFeatures::SHARED_EVERYTHING_THREADS
            .union(WasmFeatures::ACQUIRE_RELEASE_ATOMICS),
        code: "module.threads",
        name: "shared-everything threads",
        cure: "Build without them; browsers do not have them either.",
    },
    Refusal {
        features: WasmFeatures::COMPACT_IMPORTS,
        code: "module.compact-imports",
        name: "compact imports",
        cure: "Build without them; browsers do not have them yet.",
    },
    Refusal {
        features: WasmFeatures::MEMORY_CONTROL.union(WasmFeatures::MULTIBYTE_ARRAY_ACCESS),
        code: "module.proposal",
        name: "a proposal that is not finished",
        cure: "Build without it; browsers do not have it either.",
    },
];

impl Refusal {
    /// The problem of a module that uses it, first at `place`.
    pub fn problem(&self, place: impl Into<String>) -> Problem {
        let cause = format!("The module uses {}; this page refuses it.", self.name);
        Problem::error(self.code, place, cause, self.cure)
    }
}

/// The largest module that is validated once more for each proposal; at tens of MB a second this is about a second.
const MAX_TRIED: usize = 4 * 1024 * 1024;

/// Validates a module with these features and does nothing else.
///
/// # Errors
/// The first thing that is not valid.
pub fn validate(bytes: &[u8], features: WasmFeatures) -> wasmparser::Result<()> {
    let mut validator = Validator::new_with_features(features);
    let mut parser = Parser::new(0);
    parser.set_features(features);
    let mut allocations = FuncValidatorAllocations::default();
    for payload in parser.parse_all(bytes) {
        if let ValidPayload::Func(function, body) = validator.payload(&payload?)? {
            let mut function = function.into_validator(allocations);
            walk::validate(&mut function, &body)?;
            allocations = function.into_allocations();
        }
    }
    Ok(())
}

/// The refused proposal without which a module is not valid with `features`, as `error` says.
pub fn lacking(
    bytes: &[u8],
    features: WasmFeatures,
    error: &wasmparser::Error,
) -> Option<&'static Refusal> {
    let mut open = REFUSALS.iter().filter(|it| !features.contains(it.features));
    if let Some(missing) = error.missing_wasm_feature() {
        return open.find(|it| it.features.intersects(missing));
    }
    // Not every error names its feature: try which one takes the module past it, unless that takes too long.
    if bytes.len() > MAX_TRIED {
        return None;
    }
    let further = |it: &&Refusal| match validate(bytes, features | it.features) {
        Ok(()) => true,
        Err(next) => next.offset() > error.offset(),
    };
    if let Some(found) = open.clone().find(further) {
        return Some(found);
    }
    // Two may be needed at one place: take the first without which everything else would not do.
    validate(bytes, WasmFeatures::all()).ok()?;
    open.find(|it| validate(bytes, WasmFeatures::all() - it.features).is_err())
}

/// What is wrong with a module that did not pass validation.
pub fn invalid(error: &wasmparser::Error, bytes: &[u8], function: Option<u32>) -> Problem {
    let place = place(error.offset(), function);
    match lacking(bytes, features(), error) {
        Some(refusal) => refusal.problem(place),
        None => Problem::error(
            "module.invalid",
            place,
            format!("The module is not valid: {}.", error.message()),
            "Build it again, or check that it arrived whole.",
        ),
    }
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
