//! What is inside a module, and whether it can run here.
//!
//! Nothing fails hard: whatever can be read of a broken module is reported beside what is wrong with it. A module with
//! no [`Severity::Error`] among its problems runs.

use serde::{Deserialize, Serialize};

use self::outline::Outline;
use super::abi::{self, Abi, import_problems};
use super::meter::{self, MeteredModule};
use super::recognise::{Recognised, recognise, shown};
use crate::problem::{Problem, Severity};

mod frame;
mod neighbours;
mod outline;
mod proposals;

/// What a module is made of, for the visitor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ModuleReport {
    /// Size in bytes.
    pub size: u64,
    /// Imports: module, name and type as text (`(i32, i32) -> i32`, `memory`, `global i32`).
    pub imports: Vec<Item>,
    /// Exports: name and type as text.
    pub exports: Vec<Item>,
    /// Number of functions defined.
    pub functions: u32,
    /// Memories: initial and maximum pages of 64 KiB.
    pub memories: Vec<(u64, Option<u64>)>,
    /// Languages and tools, from the `producers` section or telltale names: `Rust 1.95.0`, `clang 19`.
    pub producers: Vec<String>,
    /// Custom sections with their sizes.
    pub custom_sections: Vec<(String, u64)>,
    /// The calling convention found, and why.
    pub abi: Option<(Abi, String)>,
    /// Size in bytes once it counts its own work; zero when it cannot be made to.
    pub metered_size: u64,
}

/// One import or export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// `module.name` of an import, name of an export.
    pub name: String,
    /// Its type as text.
    pub kind: String,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inspection {
    /// A module that can run.
    Runnable {
        /// The module, out of its archive if it was in one.
        module_bytes: Vec<u8>,
        /// The module, rewritten so that it counts its own work: see [`crate::guest::program::Program::link`].
        metered: Box<MeteredModule>,
        /// What is inside.
        report: ModuleReport,
        /// Warnings and notes; no errors.
        problems: Vec<Problem>,
    },
    /// WebAssembly text: compile it and inspect the binary.
    NeedsCompiling {
        /// The text.
        text: String,
    },
    /// Nothing that can run, and why.
    Rejected {
        /// Why, errors first.
        problems: Vec<Problem>,
        /// What is inside, if it is a module at all.
        report: Option<ModuleReport>,
    },
}

/// Recognises a file and, if it is a module, describes it. Never panics, whatever the bytes.
pub fn inspect(name: &str, bytes: &[u8]) -> Inspection {
    match recognise(name, bytes) {
        Recognised::Text(text) => Inspection::NeedsCompiling { text },
        Recognised::Refused(problem) => Inspection::Rejected {
            problems: vec![problem],
            report: None,
        },
        Recognised::Module { bytes, notes } => {
            let (report, mut problems, metered) = examine(&bytes);
            problems.extend(notes);
            match metered.filter(|_| !any_error(&problems)) {
                Some(metered) => Inspection::Runnable {
                    module_bytes: bytes.into_owned(),
                    metered: Box::new(metered),
                    report,
                    problems,
                },
                None => Inspection::Rejected {
                    problems,
                    report: Some(report),
                },
            }
        }
    }
}

fn any_error(problems: &[Problem]) -> bool {
    let mut severities = problems.iter().map(|problem| problem.severity);
    severities.any(|severity| severity == Severity::Error)
}

/// The most imports, exports and custom sections that a report lists.
const LISTED: usize = 500;

/// Says what is inside a core module, and what is wrong with it, errors first. It never fails: of a broken module the
/// report tells what comes before the break.
pub fn describe(bytes: &[u8]) -> (ModuleReport, Vec<Problem>) {
    let (report, problems, _) = examine(bytes);
    (report, problems)
}

/// Describes a module, validates it and makes it count its work, all in one go. What it becomes is there when there is no
/// error among the problems.
fn examine(bytes: &[u8]) -> (ModuleReport, Vec<Problem>, Option<MeteredModule>) {
    let outline = Outline::read(bytes);
    let mut report = report(bytes, &outline);
    if let Some(cut) = frame::cut_off(bytes) {
        return (report, vec![cut], None);
    }
    let mut problems = Vec::new();
    let mut refused = None;
    let metered = match meter::meter(bytes) {
        Ok(metered) => {
            report.metered_size = metered.bytes.len() as u64;
            Some(metered)
        }
        Err(problem) => {
            // Of imports more is said below, and what is too large is valid.
            if !matches!(problem.code.as_str(), "module.import" | "module.too-large") {
                problems.extend(proposals::explain(bytes, &outline));
            }
            refused = Some(problem);
            None
        }
    };
    let neighbours = neighbours::look(&outline);
    let foreign = !neighbours.is_empty();
    problems.extend(neighbours);
    // What cannot be read was found invalid above.
    if let Ok(surface) = abi::outline::Outline::read(bytes) {
        report.abi = abi::detect(&surface.imports, &surface.exports);
        // Of a module built for another host, the host is the matter, not what else is amiss for this one.
        if !foreign {
            problems.extend(import_problems(&surface));
            if report.abi.is_none() {
                problems.push(abi::no_entry(&surface.exports));
            }
        }
    }
    if !any_error(&problems) {
        problems.extend(refused);
    }
    problems.extend(remarks(bytes, &outline, &report));
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.severity));
    (report, problems, metered)
}

fn report(bytes: &[u8], outline: &Outline<'_>) -> ModuleReport {
    let imports = outline.imports.iter().take(LISTED);
    let exports = outline.exports.iter().take(LISTED);
    ModuleReport {
        size: bytes.len() as u64,
        imports: imports
            .map(|import| Item {
                name: format!("{}.{}", shown(import.module), shown(import.name)),
                kind: outline.import_kind(import),
            })
            .collect(),
        exports: exports
            .map(|export| Item {
                name: shown(export.name),
                kind: outline.export_kind(export),
            })
            .collect(),
        functions: outline.defined_functions,
        memories: outline
            .memories
            .iter()
            .map(|memory| (memory.initial, memory.maximum))
            .collect(),
        producers: outline.producers.clone(),
        custom_sections: outline
            .custom_sections
            .iter()
            .take(LISTED)
            .map(|(name, size)| (shown(name), *size))
            .collect(),
        abi: None,
        metered_size: 0,
    }
}

/// Warnings and notes about a module that may well run.
fn remarks(bytes: &[u8], outline: &Outline<'_>, report: &ModuleReport) -> Vec<Problem> {
    let mut notes = Vec::new();
    if let Some(start) = outline.start {
        notes.push(Problem::note(
            "module.start",
            outline.function(start),
            "The module has a start function, which runs as soon as it is instantiated.",
            "Nothing to do: its work counts to the Init phase.",
        ));
    }
    let debug: u64 = outline
        .custom_sections
        .iter()
        .filter(|(name, _)| name.starts_with(".debug_"))
        .map(|(_, size)| size)
        .sum();
    if debug * 2 > bytes.len() as u64 {
        notes.push(Problem::note(
            "module.debug-info",
            "",
            format!("{} of the module's {} bytes are debug information.", debug, bytes.len()),
            "Strip it for a quicker start: `wasm-opt --strip-debug`, or `-C strip=debuginfo` in Rust, `-Wl,--strip-debug` in C.",
        ));
    }
    let pages: u64 = outline
        .memories
        .iter()
        .fold(0, |sum, memory| sum.saturating_add(memory.initial));
    let megabytes = pages.div_ceil(16);
    if megabytes >= 128 {
        notes.push(Problem::warning(
            "module.memory-size",
            "",
            format!("The module begins with {megabytes} MB of memory, whatever it does with it."),
            format!("Configure more than {megabytes} MB for the function, or link it with a smaller initial memory."),
        ));
    }
    for (what, listed, all) in [
        ("imports", report.imports.len(), outline.imports.len()),
        ("exports", report.exports.len(), outline.exports.len()),
        (
            "custom sections",
            report.custom_sections.len(),
            outline.custom_sections.len(),
        ),
    ] {
        if listed < all {
            notes.push(Problem::note(
                "module.list-shortened",
                what,
                format!("The module has {all} {what}; the report lists the first {listed}."),
                "Nothing to do.",
            ));
        }
    }
    notes
}
