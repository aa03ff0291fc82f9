//! Validation, and the names of the WebAssembly proposals that a module needs and this page refuses.

use wasmparser::{Validator, WasmFeatures};

use super::outline::Outline;
use crate::problem::Problem;

/// A proposal that is refused: its features, a code, its name, and how to build without it.
type Proposal = (WasmFeatures, &'static str, &'static str, &'static str);

/// Every proposal that wasmparser knows and that is refused here.
const REFUSED: &[Proposal] = &[
    (
        WasmFeatures::THREADS,
        "module.threads",
        "threads (atomic operations, shared memory)",
        "Build without them: no `-pthread`, no `+atomics` target feature, no `wasm32-wasip1-threads`.",
    ),
    (
        WasmFeatures::RELAXED_SIMD,
        "module.relaxed-simd",
        "relaxed SIMD, whose results differ from processor to processor",
        "Build without it (`-mno-relaxed-simd`, no `+relaxed-simd`); plain SIMD is fine.",
    ),
    (
        WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
        "module.exceptions",
        "exception handling",
        "Build without it: `-fno-exceptions` in C++, `panic = \"abort\"` in Rust.",
    ),
    (
        WasmFeatures::GC
            .union(WasmFeatures::FUNCTION_REFERENCES)
            .union(WasmFeatures::CUSTOM_DESCRIPTORS),
        "module.gc",
        "garbage-collected types or typed function references, as Kotlin, Dart and Java compilers use them",
        "These languages have no other target yet; write the function in Rust, Go, C, Zig or AssemblyScript.",
    ),
    (
        WasmFeatures::MEMORY64,
        "module.memory64",
        "64-bit memories (memory64)",
        "Build for wasm32 instead of wasm64.",
    ),
    (
        WasmFeatures::WIDE_ARITHMETIC,
        "module.wide-arithmetic",
        "wide arithmetic",
        "Build without the target feature `wide-arithmetic`.",
    ),
    (
        WasmFeatures::CUSTOM_PAGE_SIZES,
        "module.custom-page-sizes",
        "custom page sizes",
        "Link with the ordinary page size of 64 KiB.",
    ),
    (
        WasmFeatures::STACK_SWITCHING,
        "module.stack-switching",
        "stack switching",
        "Build without it; browsers do not have it either.",
    ),
    (
        WasmFeatures::SHARED_EVERYTHING_THREADS.union(WasmFeatures::ACQUIRE_RELEASE_ATOMICS),
        "module.threads",
        "shared-everything threads",
        "Build without them; browsers do not have them either.",
    ),
    (
        WasmFeatures::COMPACT_IMPORTS,
        "module.compact-imports",
        "compact imports",
        "Build without them; browsers do not have them yet.",
    ),
    (
        WasmFeatures::MEMORY_CONTROL.union(WasmFeatures::MULTIBYTE_ARRAY_ACCESS),
        "module.proposal",
        "a proposal that is not finished",
        "Build without it; browsers do not have it either.",
    ),
];

/// The largest module that is validated once more for each proposal; at tens of MB a second this is about a second.
const MAX_TRIED: usize = 4 * 1024 * 1024;

/// What is accepted: WebAssembly 2.0 with tail calls, extended constants and several memories; no relaxed SIMD.
fn accepted() -> WasmFeatures {
    WasmFeatures::WASM2
        .union(WasmFeatures::TAIL_CALL)
        .union(WasmFeatures::EXTENDED_CONST)
        .union(WasmFeatures::MULTI_MEMORY)
}

/// Validates a module. Every refused proposal that it uses is named once, with the first place where it does; what is
/// wrong beside that comes last.
pub(super) fn validate(bytes: &[u8], outline: &Outline<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut features = accepted();
    // Each round allows one more proposal, so that the rest of the module is looked at too.
    for _ in 0..=REFUSED.len() {
        let Err(error) = Validator::new_with_features(features).validate_all(bytes) else {
            break;
        };
        let Some((wanted, code, name, cure)) = proposal(bytes, features, &error) else {
            problems.push(invalid(bytes, outline, &error));
            break;
        };
        features |= *wanted;
        problems.push(Problem::error(
            code,
            outline.place(error.offset()),
            format!("The module uses {name}; this page refuses it."),
            *cure,
        ));
    }
    problems
}

/// The refused proposal without which a module is invalid at this place.
fn proposal(
    bytes: &[u8],
    features: WasmFeatures,
    error: &wasmparser::Error,
) -> Option<&'static Proposal> {
    let mut open = REFUSED
        .iter()
        .filter(|(wanted, ..)| !features.contains(*wanted));
    if let Some(missing) = error.missing_wasm_feature() {
        return open.find(|(wanted, ..)| wanted.intersects(missing));
    }
    // Not every error names its feature: try which one takes the module past it, unless that takes too long.
    if bytes.len() > MAX_TRIED {
        return None;
    }
    open.find(|(wanted, ..)| {
        match Validator::new_with_features(features | *wanted).validate_all(bytes) {
            Ok(_) => true,
            Err(next) => next.offset() > error.offset(),
        }
    })
}

fn invalid(bytes: &[u8], outline: &Outline<'_>, error: &wasmparser::Error) -> Problem {
    let message = error.message();
    // What a text editor or a wrong transfer leaves of bytes that are not UTF-8.
    let replaced = bytes
        .windows(3)
        .filter(|three| *three == b"\xef\xbf\xbd")
        .take(3)
        .count();
    let cure = if replaced == 3 {
        "It was saved as text on its way, which replaces bytes for good (they read ef bf bd now): copy the original in binary mode."
    } else {
        "Build it again; if it then fails at the same place, a tool in the build makes invalid modules: try without `wasm-opt` and other tools after the compiler."
    };
    Problem::error(
        "module.invalid",
        outline.place(error.offset()),
        format!("The module is not valid: {message}."),
        cure,
    )
}
