//! What is inside a module.

use serde::{Deserialize, Serialize};

use super::abi::Abi;

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
    /// Real microseconds that validating, describing and metering took, and the metered size in bytes; zero before.
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
