//! A module's outline: what its sections declare, as far as they can be read.
//!
//! Reading stops at the first error and keeps what came before; validation says what the error is. Type texts are made
//! when asked for, because a hostile module can name one enormous type from a million places.

use wasmparser::{
    BinaryReader, Export, ExternalKind, FuncType, Import, Imports, KnownCustom, MemoryType, Name,
    Parser, Payload, TypeRef, WasmFeatures,
};

/// The most imports, exports, memories and custom sections that are remembered.
const MAX_ITEMS: usize = 100_000;

/// The most functions and types whose signatures are remembered: as many as wasmparser allows a module to have.
const MAX_SIGNATURES: usize = 1_000_000;

/// The most parameters and results of all remembered types together.
const MAX_TYPE_PARTS: usize = 1_000_000;

/// The most parameters that a type's text shows.
const SHOWN_PARAMETERS: usize = 24;

/// The most entries that are taken from the `producers` section.
const MAX_PRODUCERS: usize = 32;

/// What a module declares.
#[derive(Default)]
pub(super) struct Outline<'a> {
    types: Vec<Option<FuncType>>,
    type_parts: usize,
    /// Type numbers of all functions, imported ones first.
    functions: Vec<u32>,
    /// How many of them are imported.
    pub imported_functions: u32,
    /// How many functions the module defines.
    pub defined_functions: u32,
    /// Its imports.
    pub imports: Vec<Import<'a>>,
    /// Its exports.
    pub exports: Vec<Export<'a>>,
    /// Its own memories; imported ones are among the imports.
    pub memories: Vec<MemoryType>,
    /// The start function's number.
    pub start: Option<u32>,
    /// Languages and tools.
    pub producers: Vec<String>,
    /// Custom sections and their sizes.
    pub custom_sections: Vec<(&'a str, u64)>,
    names: Option<BinaryReader<'a>>,
    /// Where each function's body begins and ends.
    bodies: Vec<(u64, u64)>,
}

impl<'a> Outline<'a> {
    /// Reads what can be read.
    pub fn read(bytes: &'a [u8]) -> Self {
        let mut outline = Self::default();
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        for payload in parser.parse_all(bytes) {
            let Ok(payload) = payload else { break };
            if outline.payload(payload).is_err() {
                break;
            }
        }
        if outline
            .custom_sections
            .iter()
            .any(|(name, _)| *name == "go:buildid")
        {
            outline.producers.push("Go".to_owned());
        }
        outline
    }

    fn payload(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for ty in group?.into_types() {
                        self.add_type(match &ty.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for group in section {
                    // The compact forms are a proposal that validation refuses.
                    let Imports::Single(_, import) = group? else {
                        continue;
                    };
                    if let TypeRef::Func(ty) | TypeRef::FuncExact(ty) = import.ty {
                        self.imported_functions = self.imported_functions.saturating_add(1);
                        self.add_function(ty);
                    }
                    push(&mut self.imports, import);
                }
            }
            Payload::FunctionSection(section) => {
                self.defined_functions = section.count();
                for ty in section.into_iter() {
                    self.add_function(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    push(&mut self.memories, memory?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    push(&mut self.exports, export?);
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                self.bodies.push((range.start, range.end));
            }
            Payload::CustomSection(section) => {
                push(
                    &mut self.custom_sections,
                    (section.name(), section.data().len() as u64),
                );
                match section.as_known() {
                    KnownCustom::Producers(fields) => self.add_producers(fields),
                    KnownCustom::Name(_) => {
                        self.names = Some(BinaryReader::new(section.data(), section.data_offset()));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add_type(&mut self, function: Option<&FuncType>) {
        self.type_parts += function.map_or(0, |ty| ty.params().len() + ty.results().len());
        if self.type_parts <= MAX_TYPE_PARTS && self.types.len() < MAX_SIGNATURES {
            self.types.push(function.cloned());
        }
    }

    fn add_function(&mut self, ty: u32) {
        if self.functions.len() < MAX_SIGNATURES {
            self.functions.push(ty);
        }
    }

    fn add_producers(&mut self, fields: wasmparser::ProducersSectionReader<'a>) {
        for field in fields.into_iter().flatten() {
            for value in field.values.into_iter().flatten() {
                let text = producer(value.name, value.version);
                // Rust names itself both as language and as compiler, with a version only there.
                self.producers
                    .retain(|known| !text.starts_with(&format!("{known} ")));
                if self.producers.len() < MAX_PRODUCERS && !self.producers.contains(&text) {
                    self.producers.push(text);
                }
            }
        }
    }

    /// An import's type as text.
    pub fn import_kind(&self, import: &Import<'_>) -> String {
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => self.type_text(Some(ty)),
            TypeRef::Table(table) => format!("table {}", table.element_type),
            TypeRef::Memory(_) => "memory".to_owned(),
            TypeRef::Global(global) => {
                format!(
                    "global {}{}",
                    if global.mutable { "mut " } else { "" },
                    global.content_type
                )
            }
            TypeRef::Tag(_) => "tag".to_owned(),
        }
    }

    /// An export's type as text.
    pub fn export_kind(&self, export: &Export<'_>) -> String {
        match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                self.type_text(self.functions.get(export.index as usize).copied())
            }
            ExternalKind::Table => "table".to_owned(),
            ExternalKind::Memory => "memory".to_owned(),
            ExternalKind::Global => "global".to_owned(),
            ExternalKind::Tag => "tag".to_owned(),
        }
    }

    fn type_text(&self, ty: Option<u32>) -> String {
        let Some(Some(function)) = ty.and_then(|ty| self.types.get(ty as usize)) else {
            return "function".to_owned();
        };
        let list = |types: &[wasmparser::ValType]| {
            let mut texts: Vec<_> = types
                .iter()
                .take(SHOWN_PARAMETERS)
                .map(ToString::to_string)
                .collect();
            if types.len() > SHOWN_PARAMETERS {
                texts.push(format!("… {} in all", types.len()));
            }
            texts.join(", ")
        };
        let results = match function.results() {
            [one] => one.to_string(),
            many => format!("({})", list(many)),
        };
        format!("({}) -> {results}", list(function.params()))
    }

    /// A function's number, with its name where the name section has one: ``function 12 `main` ``.
    pub fn function(&self, index: u32) -> String {
        match self.name(index) {
            Some(name) => format!("function {index} `{}`", super::shown(name)),
            None => format!("function {index}"),
        }
    }

    fn name(&self, index: u32) -> Option<&'a str> {
        let names = wasmparser::NameSectionReader::new(self.names.clone()?);
        for part in names.into_iter().map_while(Result::ok) {
            if let Name::Function(functions) = part {
                let mut names = functions.into_iter().map_while(Result::ok);
                return names
                    .find(|naming| naming.index == index)
                    .map(|naming| naming.name);
            }
        }
        None
    }

    /// Where an offset into the file lies, in words: the byte, and the function around it.
    pub fn place(&self, offset: u64) -> String {
        let number = self.bodies.partition_point(|(_, end)| *end <= offset);
        let inside = self
            .bodies
            .get(number)
            .is_some_and(|(begin, _)| *begin <= offset);
        match u32::try_from(number).ok().filter(|_| inside) {
            Some(number) => {
                let function = self.function(self.imported_functions.saturating_add(number));
                format!("byte 0x{offset:x}, {function}")
            }
            None => format!("byte 0x{offset:x}"),
        }
    }
}

/// A language or tool with its version, as people say it: `Rust 1.95.0`, not `rustc 1.95.0 (59807616e 2026-04-14)`.
fn producer(name: &str, version: &str) -> String {
    let name = if name == "rustc" { "Rust" } else { name };
    let version = version.split(" (").next().unwrap_or_default();
    super::shown(format!("{name} {version}").trim_end())
}

/// Remembers an item, up to [`MAX_ITEMS`].
fn push<T>(items: &mut Vec<T>, item: T) {
    if items.len() < MAX_ITEMS {
        items.push(item);
    }
}
