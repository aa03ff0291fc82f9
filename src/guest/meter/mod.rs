//! Rewriting a module so that it counts its own work.

mod body;
pub mod cost;
pub mod gauge;
mod module;
mod nan;

use wasmparser::WasmFeatures;

use crate::problem::Problem;

/// Changes whenever the same module would be metered differently: part of what a recorded figure depends on.
pub const VERSION: u32 = 1;

/// Call depth that a process has, in frame units of 64 bytes as a baseline compiler would spend them.
pub const CALL_DEPTH_UNITS: i16 = 5_000;

/// The proposals that both tiers run and the meter understands.
pub fn features() -> WasmFeatures {
    WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::MULTI_VALUE
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::REFERENCE_TYPES
        | WasmFeatures::TAIL_CALL
        | WasmFeatures::EXTENDED_CONST
        | WasmFeatures::SIMD
        | WasmFeatures::MULTI_MEMORY
        | WasmFeatures::FLOATS
        | WasmFeatures::GC_TYPES
}

/// Rewrites a module so that it counts its own work.
///
/// # Errors
/// When the module is invalid, uses what cannot be metered, or would become too large for a browser.
pub fn meter(bytes: &[u8]) -> Result<MeteredModule, Problem> {
    module::rewrite(bytes)
}

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
    /// `device`: the engine refused to grow a memory within the limit. The host stops the guest.
    Device,
}

impl MeterCall {
    /// All, in the order in which a metered module imports them after the guest's own imports.
    pub const ALL: [Self; 4] = [Self::Slice, Self::Stack, Self::Memory, Self::Device];

    /// The import's field name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slice => "slice",
            Self::Stack => "stack",
            Self::Memory => "memory",
            Self::Device => "device",
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
    /// Export name of the gauge, a mutable `i64` global.
    pub gauge: String,
    /// Export name of the page limit, a mutable `i64` global: 64 KiB pages that all memories together may take.
    pub page_limit: String,
    /// Export name of memory 0, when there is one.
    pub memory: Option<String>,
    /// Export name of the start function, which the rewritten module no longer runs by itself.
    pub start: Option<String>,
    /// Pages that all memories take at the start.
    pub initial_pages: u64,
}
