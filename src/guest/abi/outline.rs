//! What a module asks for and offers: its imports and exports, and how many bytes its data segments fill.

use wasmparser::{ExternalKind, FuncType, Parser, Payload, TypeRef};

use super::imports::signature;
use crate::guest::meter::{Import, ValueType};
use crate::problem::Problem;

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ExportKind,
}

/// What an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportKind {
    /// A function whose parameters and result are plain numbers.
    Function {
        /// Parameter types.
        parameters: Vec<ValueType>,
        /// Result type.
        result: Option<ValueType>,
    },
    /// A memory.
    Memory,
    /// Anything else, in words.
    Other(&'static str),
}

impl std::fmt::Display for ExportKind {
    /// As text: `(i32, i32) -> i64`, `a memory`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function { parameters, result } => f.write_str(&signature(parameters, *result)),
            Self::Memory => f.write_str("a memory"),
            Self::Other(what) => f.write_str(what),
        }
    }
}

/// An import that is not a function of plain numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OddImport {
    /// Module name.
    pub module: String,
    /// Field name.
    pub name: String,
    /// What it is: `memory`, `table`, `global`, `tag`, `function with vectors, references or several results`.
    pub kind: &'static str,
}

/// A module's surface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// Imported functions, in order. An odd one is in `odd_imports` instead.
    pub imports: Vec<Import>,
    /// Imports that we never provide, whatever their names.
    pub odd_imports: Vec<OddImport>,
    /// Exports, in order.
    pub exports: Vec<Export>,
    /// Bytes of all data segments.
    pub data_bytes: u64,
}

impl Outline {
    /// Reads a module's surface. The module need not be valid beyond the sections that are read.
    ///
    /// # Errors
    /// `module.malformed`, when these sections cannot be parsed.
    pub fn read(module: &[u8]) -> Result<Self, Problem> {
        Self::parse(module).map_err(|error| {
            Problem::error(
                "module.malformed",
                format!("byte {:#x}", error.offset()),
                format!("The module is damaged: {}.", error.message()),
                "Build it again, and copy the file as binary.",
            )
        })
    }

    fn parse(module: &[u8]) -> wasmparser::Result<Self> {
        let mut outline = Self::default();
        // `None` stands for a type that is not a function.
        let mut types: Vec<Option<FuncType>> = Vec::new();
        let mut functions: Vec<u32> = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for sub in group?.into_types() {
                            types.push(match sub.composite_type.inner {
                                wasmparser::CompositeInnerType::Func(func) => Some(func),
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(index) | TypeRef::FuncExact(index) = import.ty {
                            functions.push(index);
                        }
                        outline.import(import, &types);
                    }
                }
                Payload::FunctionSection(section) => {
                    for index in section {
                        functions.push(index?);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let kind = match export.kind {
                            ExternalKind::Func | ExternalKind::FuncExact => functions
                                .get(export.index as usize)
                                .and_then(|&ty| numbers(&types, ty))
                                .map_or(
                                    ExportKind::Other(
                                        "a function with vectors, references or several results",
                                    ),
                                    |(parameters, result)| ExportKind::Function {
                                        parameters,
                                        result,
                                    },
                                ),
                            ExternalKind::Memory => ExportKind::Memory,
                            ExternalKind::Table => ExportKind::Other("a table"),
                            ExternalKind::Global => ExportKind::Other("a global"),
                            ExternalKind::Tag => ExportKind::Other("a tag"),
                        };
                        outline.exports.push(Export {
                            name: export.name.to_owned(),
                            kind,
                        });
                    }
                }
                Payload::DataSection(section) => {
                    for segment in section {
                        outline.data_bytes += segment?.data.len() as u64;
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }

    fn import(&mut self, import: wasmparser::Import<'_>, types: &[Option<FuncType>]) {
        let kind = match import.ty {
            TypeRef::Func(index) | TypeRef::FuncExact(index) => match numbers(types, index) {
                Some((parameters, result)) => {
                    self.imports.push(Import {
                        module: import.module.to_owned(),
                        name: import.name.to_owned(),
                        parameters,
                        result,
                    });
                    return;
                }
                None => "function with vectors, references or several results",
            },
            TypeRef::Memory(_) => "memory",
            TypeRef::Table(_) => "table",
            TypeRef::Global(_) => "global",
            TypeRef::Tag(_) => "tag",
        };
        self.odd_imports.push(OddImport {
            module: import.module.to_owned(),
            name: import.name.to_owned(),
            kind,
        });
    }
}

/// A function type's parameters and result, when they are plain numbers and at most one result.
fn numbers(types: &[Option<FuncType>], index: u32) -> Option<(Vec<ValueType>, Option<ValueType>)> {
    let ty = types.get(index as usize)?.as_ref()?;
    let parameters = ty
        .params()
        .iter()
        .map(|&ty| ValueType::of(ty))
        .collect::<Option<_>>()?;
    let result = match ty.results() {
        [] => None,
        [one] => Some(ValueType::of(*one)?),
        _ => return None,
    };
    Some((parameters, result))
}
