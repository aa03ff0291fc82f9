//! What keeps a module from being valid here: the proposals that it needs and this page refuses, and what is wrong besides.

use super::outline::Outline;
use crate::guest::meter::{REFUSALS, features, lacking, validate};
use crate::problem::Problem;

/// Looks again at a module that the meter did not take. Every refused proposal that it uses is named once, with the first
/// place where it does; what is wrong beside that comes last.
pub(super) fn explain(bytes: &[u8], outline: &Outline<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut features = features();
    // Each round allows one more proposal, so that the rest of the module is looked at too.
    for _ in 0..=REFUSALS.len() {
        let Err(error) = validate(bytes, features) else {
            break;
        };
        let Some(refusal) = lacking(bytes, features, &error) else {
            problems.push(invalid(bytes, outline, &error));
            break;
        };
        features |= refusal.features;
        problems.push(refusal.problem(outline.place(error.offset())));
    }
    problems
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
