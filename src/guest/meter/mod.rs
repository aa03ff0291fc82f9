//! Rewriting a module so that it counts its own work.
//!
//! [`meter`] takes any core module, validates it, and returns one that does the same while it pays for every instruction
//! from a *gauge* ([`gauge`]) by a table of costs ([`cost`]). When the gauge runs out the module calls the host, which
//! looks at the clock, grants another slice and lets it go on, or unwinds it. Memory can only grow to the host's limit,
//! calls can only nest to a fixed depth, and the bits of NaNs are the same everywhere. So the same module with the same
//! input gives the same results, traps and fuel in every engine.
//!
//! How: [`walk`](self) goes over each function once, validates it, and plans the changes: where segments of code begin
//! and what they cost, where NaNs may be observed, which instructions name something that moved. The body is then written
//! anew by that plan, unchanged bytes being copied. Both take time linear in the module's size.
//!
//! # What a host has to know
//! - The start function is not run by itself: call [`MeteredModule::start`] first, if there is one.
//! - Set the gauge (fuel and depth) before each call from outside, with [`gauge::pack`]; after a call that did not return,
//!   the depth in it means nothing. Within [`MeterCall::Slice`] change the fuel only, with [`gauge::with_fuel`].
//! - Segments are paid for when they begin. A call that returns has paid exactly; one that was unwound or trapped has
//!   also paid for the rest of the segments that it was in.
//! - The gauge that the host sees is exact inside every import, when a call returns, and after every trap except one: an
//!   out-of-bounds load or store. After that it shows the last time before that the module looked up (an import, a slice,
//!   an instruction such as a division), so at most one slice too little is seen to be used.
//! - Tables hold functions with the gauge in their signature; a host should not call those.

mod body;
pub mod cost;
mod frame;
pub mod gauge;
mod index;
mod injected;
mod nan;
mod plan;
mod refuse;
mod rewrite;
mod walk;

use crate::problem::Problem;
use walk::Style;

pub use frame::UNIT_BYTES;
pub use refuse::{MAX_MODULE_BYTES, REFUSALS, Refusal, features, lacking, validate};

/// Version of all that decides how much fuel a module burns: the cost table, the segments, the places where it is checked.
/// Part of every key under which a metered module or a result is kept.
pub const VERSION: u32 = 2;

/// Call depth that a call from outside starts with, in units of [`UNIT_BYTES`] of stack as [`frame`](self) estimates it.
pub const CALL_DEPTH_UNITS: i16 = 8_192;

/// A function that the module imports, by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Module name; [`METER`] for the meter's own.
    pub module: String,
    /// Field name.
    pub name: String,
    /// Parameter types.
    pub parameters: Vec<ValueType>,
    /// Result type: at most one.
    pub result: Option<ValueType>,
}

/// Types of values that cross between guest and host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
}

impl ValueType {
    /// The plain number that a type is; none for vectors and references.
    pub fn of(ty: wasmparser::ValType) -> Option<Self> {
        match ty {
            wasmparser::ValType::I32 => Some(Self::I32),
            wasmparser::ValType::I64 => Some(Self::I64),
            wasmparser::ValType::F32 => Some(Self::F32),
            wasmparser::ValType::F64 => Some(Self::F64),
            wasmparser::ValType::V128 | wasmparser::ValType::Ref(_) => None,
        }
    }
}

/// Module name of the meter's own imports, all `() -> ()`: see [`MeterCall`].
pub const METER: &str = "meter";

/// What a metered module calls of the host besides its own imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterCall {
    /// `slice`: the gauge's fuel is used up. The host accounts for it and grants more, or stops the guest.
    Slice,
    /// `stack`: the call depth is used up. The host stops the guest.
    Stack,
    /// `memory`: a growth of memory would pass the limit that the host set. The host stops the guest.
    Memory,
    /// `device`: the engine refused to grow a memory or table within the limit. The host stops the guest.
    Device,
    /// `grown`: a memory has grown, and its pages are paid for. The host may look at it; it need not do anything.
    Grown,
}

impl MeterCall {
    /// All, in the order in which a metered module imports them after the guest's own imports.
    pub const ALL: [Self; 5] = [
        Self::Slice,
        Self::Stack,
        Self::Memory,
        Self::Device,
        Self::Grown,
    ];

    /// The import's field name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slice => "slice",
            Self::Stack => "stack",
            Self::Memory => "memory",
            Self::Device => "device",
            Self::Grown => "grown",
        }
    }
}

/// A rewritten module, ready for either tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeteredModule {
    /// The module.
    pub bytes: Vec<u8>,
    /// All function imports in order, the guest's own first, the meter's after them.
    pub imports: Vec<Import>,
    /// Export name of the gauge, a mutable `i64` global. Full until the host sets it.
    pub gauge: String,
    /// Export name of the page limit, a mutable `i64` global: 64 KiB pages that all memories together may grow to.
    /// Boundless until the host sets it.
    pub page_limit: String,
    /// Export name of memory 0, when there is one.
    pub memory: Option<String>,
    /// Export name of the start function, which the rewritten module no longer runs by itself.
    pub start: Option<String>,
    /// Pages that all memories take at the start.
    pub initial_pages: u64,
    /// Export name of a function `() -> i64` that gives the pages all memories take now, when there are several. It burns
    /// no fuel.
    pub pages: Option<String>,
}

/// Validates a module and rewrites it so that it counts its own work.
///
/// # Errors
/// - `module.invalid` when it is not valid WebAssembly, `module.component` when it is a component;
/// - a code of [`REFUSALS`] (`module.relaxed-simd`, `module.threads`, `module.memory64`, `module.exceptions`, `module.gc`
///   and the like) when it uses what is outside [`features`];
/// - `module.import` when it imports anything but functions over plain numbers with at most one result;
/// - `module.too-large` when it is larger than [`MAX_MODULE_BYTES`], or would pass a limit of the engines once rewritten.
pub fn meter(bytes: &[u8]) -> Result<MeteredModule, Problem> {
    let (module, foreign) = rewrite::rewrite(bytes, Style::Fast)?;
    match foreign.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(module),
    }
}

/// Like [`meter`], for hosts that can provide any import: memories, tables, globals, and functions of every signature,
/// which [`MeteredModule::imports`] then leaves out.
///
/// # Errors
/// The same, except for `module.import`.
pub fn meter_with_any_imports(bytes: &[u8]) -> Result<MeteredModule, Problem> {
    rewrite::rewrite(bytes, Style::Fast).map(|(module, _)| module)
}

/// Like [`meter_with_any_imports`], in the plainest way: every instruction pays for itself, and every arithmetic result is
/// made canonical at once. What returns gives the same results and burns the same fuel as after [`meter`], only slower:
/// this is what [`meter`] is tested against.
///
/// # Errors
/// The same as those of [`meter_with_any_imports`].
pub fn meter_naively(bytes: &[u8]) -> Result<MeteredModule, Problem> {
    rewrite::rewrite(bytes, Style::Naive).map(|(module, _)| module)
}
