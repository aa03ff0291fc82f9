//! A module taken apart as far as cutting needs it.

use wasmparser::{
    BinaryReaderError, Data, Element, Export, FuncType, FunctionBody, Global, Import, KnownCustom,
    MemoryType, Name, Parser, Payload, SubType, Table, TypeRef,
};

/// The parts of a module, in their sections' order.
#[derive(Default)]
pub struct Module<'a> {
    pub types: Vec<FuncType>,
    /// The same types, as `wasmparser` wants to see them.
    pub sub_types: Vec<SubType>,
    pub imports: Vec<Import<'a>>,
    /// Of each defined function, the type.
    pub functions: Vec<u32>,
    pub tables: Vec<Table<'a>>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element<'a>>,
    pub data_count: Option<u32>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub data: Vec<Data<'a>>,
    names: Vec<(u32, &'a str)>,
    imported: Imported,
}

/// How many of each kind are imported: they come first in their index space.
#[derive(Default, Clone, Copy)]
pub struct Imported {
    pub functions: u32,
    pub tables: u32,
    pub memories: u32,
    pub globals: u32,
}

impl<'a> Module<'a> {
    /// Takes a module apart.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(reader) => {
                    module.types = reader
                        .into_iter_err_on_gc_types()
                        .collect::<Result<_, _>>()?;
                    let types = module.types.iter().cloned();
                    module.sub_types = types.map(|ty| SubType::func(ty, false)).collect();
                }
                Payload::ImportSection(reader) => {
                    for import in reader.into_imports() {
                        module.import(import?);
                    }
                }
                Payload::FunctionSection(reader) => module.functions = all(reader)?,
                Payload::TableSection(reader) => module.tables = all(reader)?,
                Payload::MemorySection(reader) => module.memories = all(reader)?,
                Payload::GlobalSection(reader) => module.globals = all(reader)?,
                Payload::ExportSection(reader) => module.exports = all(reader)?,
                Payload::StartSection { func, .. } => module.start = Some(func),
                Payload::ElementSection(reader) => module.elements = all(reader)?,
                Payload::DataCountSection { count, .. } => module.data_count = Some(count),
                Payload::CodeSectionEntry(body) => module.bodies.push(body),
                Payload::DataSection(reader) => module.data = all(reader)?,
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(reader) = section.as_known() {
                        for name in reader {
                            if let Name::Function(map) = name? {
                                for naming in map {
                                    let naming = naming?;
                                    module.names.push((naming.index, naming.name));
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        module.names.sort_unstable();
        Ok(module)
    }

    fn import(&mut self, import: Import<'a>) {
        match import.ty {
            TypeRef::Func(_) => self.imported.functions += 1,
            TypeRef::Table(_) => self.imported.tables += 1,
            TypeRef::Memory(_) => self.imported.memories += 1,
            TypeRef::Global(_) => self.imported.globals += 1,
            TypeRef::Tag(_) | TypeRef::FuncExact(_) => {}
        }
        self.imports.push(import);
    }

    /// How many of each kind are imported.
    pub fn imported(&self) -> Imported {
        self.imported
    }

    /// Defined functions, by their index among all functions.
    pub fn defined(&self) -> impl Iterator<Item = u32> + use<> {
        let first = self.imported.functions;
        first..first + self.functions.len() as u32
    }

    /// The body of a defined function.
    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies
            .get(function.checked_sub(self.imported.functions)? as usize)
    }

    /// The import behind a function; none for a defined one.
    pub fn function_import(&self, function: u32) -> Option<Import<'a>> {
        let mut functions = self
            .imports
            .iter()
            .filter(|import| matches!(import.ty, TypeRef::Func(_)));
        functions.nth(function as usize).copied()
    }

    /// The type of any function.
    pub fn type_of(&self, function: u32) -> Option<u32> {
        if let Some(defined) = function.checked_sub(self.imported.functions) {
            return self.functions.get(defined as usize).copied();
        }
        match self.function_import(function)?.ty {
            TypeRef::Func(ty) => Some(ty),
            _ => None,
        }
    }

    /// The name of a function; empty where there is none.
    pub fn name(&self, function: u32) -> &'a str {
        match self
            .names
            .binary_search_by_key(&function, |(index, _)| *index)
        {
            Ok(found) => self.names[found].1,
            Err(_) => "",
        }
    }

    /// All functions that have a name, in order.
    pub fn all_names(&self) -> impl Iterator<Item = (u32, &'a str)> + '_ {
        self.names.iter().copied()
    }
}

fn all<'a, T: wasmparser::FromReader<'a>>(
    reader: wasmparser::SectionLimited<'a, T>,
) -> Result<Vec<T>, BinaryReaderError> {
    reader.into_iter().collect()
}
