//! Takes a module apart, rewrites each part, and puts it together again.
//!
//! Indices: imports keep theirs; the meter's imports come after the guest's, so the guest's own functions move up by
//! [`METER_IMPORTS`]; injected functions come after those. Types, globals and element segments are appended, so none
//! moves. Functions get the gauge in their signature and are reached by the host through injected doors.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    BranchHint, BranchHints, CodeSection, ConstExpr, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, GlobalSection, GlobalType, ImportSection, Module, RawSection,
    SectionId, ValType,
};
use wasmparser::{
    ExternalKind, FuncToValidate, FuncType, FuncValidatorAllocations, FunctionBody, Parser,
    Payload, TypeRef, ValidPayload, Validator, ValidatorResources,
};

use super::body::{Body, encoded};
use super::index::{CODE_BYTES, Index, METER_IMPORTS, References, Table};
use super::injected::{self, Limits};
use super::plan::Plan;
use super::walk::{Style, Walk};
use super::{
    CALL_DEPTH_UNITS, Import, METER, MeterCall, MeteredModule, ValueType, frame, gauge, refuse,
};
use crate::problem::Problem;

/// What engines take at most; the same figures in V8, SpiderMonkey and wasmparser.
mod limit {
    pub const TYPES: usize = 1_000_000;
    pub const FUNCTIONS: usize = 1_000_000;
    pub const IMPORTS: usize = 1_000_000;
    pub const EXPORTS: usize = 1_000_000;
    pub const GLOBALS: usize = 1_000_000;
    pub const ELEMENT_SEGMENTS: usize = 100_000;
    pub const PARAMETERS: usize = 1_000;
    pub const LOCALS: u64 = 50_000;
    pub const BODY_BYTES: usize = 7_654_321;
}

/// Rewrites a module. The problems are imports that no tier can provide; the caller decides what to do about those.
///
/// # Errors
/// When the module is not valid, uses what we refuse by name, or is too large once rewritten.
pub fn rewrite(bytes: &[u8], style: Style) -> Result<(MeteredModule, Vec<Problem>), Problem> {
    if bytes.len() > refuse::MAX_MODULE_BYTES {
        return Err(refuse::too_large(
            "",
            "bytes",
            refuse::MAX_MODULE_BYTES as u64,
        ));
    }
    let mut rewriting = Rewriting::default();
    rewriting.walk.style = style;
    let mut validator = Validator::new_with_features(refuse::features());
    let mut parser = Parser::new(0);
    parser.set_features(refuse::features());
    for payload in parser.parse_all(bytes) {
        let invalid = |error: &wasmparser::Error| refuse::invalid(error, bytes, None);
        let payload = payload.map_err(|error| invalid(&error))?;
        if let Payload::Version {
            encoding, range, ..
        } = &payload
            && *encoding != wasmparser::Encoding::Module
        {
            return Err(refuse::component(range.start));
        }
        match validator
            .payload(&payload)
            .map_err(|error| invalid(&error))?
        {
            ValidPayload::Func(function, body) => {
                let index = function.index;
                rewriting
                    .function(function, &body)
                    .map_err(|failure| failure.problem(bytes, Some(index)))?;
            }
            _ => rewriting
                .section(payload, bytes)
                .map_err(|failure| failure.problem(bytes, None))?,
        }
    }
    rewriting.finish()
}

/// Why rewriting stopped.
enum Failure {
    Invalid(wasmparser::Error),
    Refused(Problem),
}

impl Failure {
    fn problem(self, bytes: &[u8], function: Option<u32>) -> Problem {
        match self {
            Self::Invalid(error) => refuse::invalid(&error, bytes, function),
            Self::Refused(problem) => problem,
        }
    }
}

impl From<wasmparser::Error> for Failure {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error)
    }
}

impl From<reencode::Error<std::convert::Infallible>> for Failure {
    fn from(error: reencode::Error<std::convert::Infallible>) -> Self {
        match error {
            reencode::Error::ParseError(error) => Self::Invalid(error),
            // Only what was validated is encoded, so the encoder cannot meet anything that it does not know.
            other => Self::Refused(Problem::error(
                "module.invalid",
                "",
                format!("The module could not be encoded again: {other}."),
                "Build it for WebAssembly 2.0 without later proposals.",
            )),
        }
    }
}

/// A module on its way.
#[derive(Default)]
struct Rewriting<'a> {
    index: Index,
    imports: Vec<Import>,
    problems: Vec<Problem>,
    raw_imports: ImportSection,
    import_count: usize,
    tables: Option<&'a [u8]>,
    memories: Option<&'a [u8]>,
    globals: GlobalSection,
    exports: Vec<(&'a str, ExternalKind, u32)>,
    start: Option<u32>,
    elements: ElementSection,
    data_count: Option<u32>,
    data: Option<&'a [u8]>,
    code: CodeSection,
    hints: BranchHints,
    initial_pages: u64,
    walk: Walk,
    plan: Plan,
    allocations: FuncValidatorAllocations,
    /// Scratch for one body and its hints.
    body: Vec<u8>,
    seldom: Vec<u32>,
}

/// Export names of what the host works with, as in [`MeteredModule`].
struct Names {
    gauge: String,
    page_limit: String,
    memory: Option<String>,
    start: Option<String>,
    pages: Option<String>,
}

impl<'a> Rewriting<'a> {
    fn section(&mut self, payload: Payload<'a>, bytes: &'a [u8]) -> Result<(), Failure> {
        let raw = |range: std::ops::Range<u64>| {
            usize::try_from(range.start)
                .ok()
                .zip(usize::try_from(range.end).ok())
                .and_then(|(start, end)| bytes.get(start..end))
        };
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    self.index.types.push(ty?);
                }
                self.index.metered_types = vec![None; self.index.types.len()];
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.index.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                self.tables = raw(section.range());
                for table in section {
                    self.table(table?.ty, false);
                }
            }
            Payload::MemorySection(section) => {
                self.memories = raw(section.range());
                for memory in section {
                    self.memory(memory?, false);
                }
            }
            Payload::GlobalSection(section) => {
                self.index.globals += section.count();
                let mut globals = GlobalSection::new();
                References(&mut self.index).parse_global_section(&mut globals, section)?;
                self.globals = globals;
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports.push((export.name, export.kind, export.index));
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                let mut elements = ElementSection::new();
                References(&mut self.index).parse_element_section(&mut elements, section)?;
                self.elements = elements;
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::DataSection(section) => self.data = raw(section.range()),
            // Custom sections speak of code that is no longer there; the rest is punctuation.
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import<'_>) -> Result<(), Failure> {
        let (module, name) = (import.module, import.name);
        let mut foreign = |what: &str| self.problems.push(refuse::import(module, name, what));
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.index.functions.push(ty);
                self.index.imported_functions += 1;
                match self.index.types.get(ty as usize).and_then(signature) {
                    Some((parameters, result)) => self.imports.push(Import {
                        module: module.to_owned(),
                        name: name.to_owned(),
                        parameters,
                        result,
                    }),
                    None => {
                        foreign("a function over vectors or references, or with several results");
                    }
                }
            }
            TypeRef::Table(table) => {
                foreign("a table");
                self.table(table, true);
            }
            TypeRef::Memory(memory) => {
                foreign("a memory");
                self.memory(memory, true);
            }
            TypeRef::Global(_) => {
                foreign("a global");
                self.index.globals += 1;
            }
            TypeRef::Tag(_) => foreign("an exception tag"),
        }
        let ty = reencode::RoundtripReencoder.entity_type(import.ty)?;
        self.raw_imports.import(module, name, ty);
        self.import_count += 1;
        Ok(())
    }

    fn memory(&mut self, memory: wasmparser::MemoryType, is_imported: bool) {
        const LARGEST: u64 = 1 << 16;
        self.initial_pages = self.initial_pages.saturating_add(memory.initial);
        self.index.memories.push(Limits {
            maximum: memory.maximum.unwrap_or(LARGEST).min(LARGEST),
            is_imported,
        });
    }

    fn table(&mut self, table: wasmparser::TableType, is_imported: bool) {
        self.index.tables.push(Table {
            element: encoded(wasmparser::ValType::Ref(table.element_type)),
            limits: Limits {
                maximum: table.maximum.unwrap_or(u64::from(u32::MAX)),
                is_imported,
            },
        });
    }

    fn function(
        &mut self,
        function: FuncToValidate<ValidatorResources>,
        body: &FunctionBody<'_>,
    ) -> Result<(), Failure> {
        let (number, ty) = (function.index, function.ty);
        let too_large = |what, limit| {
            Failure::Refused(refuse::too_large(format!("function {number}"), what, limit))
        };
        let (parameters, results) = self.index.arity(ty);
        let mut validator = function.into_validator(std::mem::take(&mut self.allocations));
        self.walk
            .function(&mut validator, body, parameters, results, &mut self.plan)?;
        self.allocations = validator.into_allocations();

        let frame = frame::units(&self.plan, parameters, results);
        let code = body.as_bytes().get(self.plan.header..).unwrap_or_default();
        let mut rewritten = Body {
            plan: &self.plan,
            nans: &self.walk.nans,
            code,
            ty,
            parameters,
            frame,
            surroundings: &mut self.index,
        };
        if rewritten.locals() > limit::LOCALS {
            return Err(too_large("locals in a function", limit::LOCALS));
        }
        self.body.clear();
        self.seldom.clear();
        rewritten.write(&mut self.body, &mut self.seldom);
        if self.body.len() > limit::BODY_BYTES {
            return Err(too_large("bytes in a function", limit::BODY_BYTES as u64));
        }
        self.code.raw(&self.body);
        if self.code.byte_len() + self.index.injected_bytes > CODE_BYTES {
            return Err(too_large("bytes of code", CODE_BYTES as u64));
        }
        if !self.seldom.is_empty() {
            self.hints.function_hints(
                number + METER_IMPORTS,
                self.seldom.iter().map(|&offset| BranchHint {
                    branch_func_offset: offset,
                    branch_hint_value: 0,
                }),
            );
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(MeteredModule, Vec<Problem>), Problem> {
        let meter_type = self.index.add_type(wasm_encoder::FuncType::new([], []));
        for call in MeterCall::ALL {
            self.raw_imports
                .import(METER, call.name(), EntityType::Function(meter_type));
            self.imports.push(Import {
                module: METER.to_owned(),
                name: call.name().to_owned(),
                parameters: Vec::new(),
                result: None,
            });
        }
        let (exports, names) = self.export_section();
        self.check_counts(&exports)?;

        let whole_gauge = gauge::pack(CALL_DEPTH_UNITS, gauge::MAX_SLICE.0 as i64);
        for initial in [whole_gauge, i64::MAX] {
            self.globals.global(
                GlobalType {
                    val_type: ValType::I64,
                    mutable: true,
                    shared: false,
                },
                &ConstExpr::i64_const(initial),
            );
        }
        if !self.index.referenced.is_empty() {
            let declared: Vec<u32> = self.index.referenced.iter().copied().collect();
            self.elements.declared(Elements::Functions(declared.into()));
        }
        let (types, functions) = self.index.type_and_function_sections();
        for injected in &self.index.injected {
            self.code.raw(&injected.body);
        }

        let mut module = Module::new();
        module.section(&types).section(&self.raw_imports);
        module.section(&functions);
        for (id, data) in [
            (SectionId::Table, self.tables),
            (SectionId::Memory, self.memories),
        ] {
            if let Some(data) = data {
                module.section(&RawSection {
                    id: id.into(),
                    data,
                });
            }
        }
        module.section(&self.globals).section(&exports);
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        if let Some(count) = self.data_count {
            module.section(&wasm_encoder::DataCountSection { count });
        }
        if !self.hints.is_empty() {
            module.section(&self.hints);
        }
        module.section(&self.code);
        if let Some(data) = self.data {
            let id = SectionId::Data.into();
            module.section(&RawSection { id, data });
        }
        Ok((
            MeteredModule {
                bytes: module.finish(),
                imports: self.imports,
                gauge: names.gauge,
                page_limit: names.page_limit,
                memory: names.memory,
                start: names.start,
                initial_pages: self.initial_pages,
                pages: names.pages,
            },
            self.problems,
        ))
    }

    /// The guest's exports, with doors for functions, and ours under names that are free.
    fn export_section(&mut self) -> (ExportSection, Names) {
        let guests = std::mem::take(&mut self.exports);
        let mut taken: BTreeSet<String> = guests.iter().map(|it| it.0.to_owned()).collect();
        let mut free = |wanted: &str| {
            let mut name = wanted.to_owned();
            let mut number = 1;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{wanted}.{number}");
            }
            name
        };
        let mut section = ExportSection::new();
        let mut doors = BTreeMap::new();
        let mut memory = None;
        for &(name, kind, index) in &guests {
            let (kind, index) = match kind {
                ExternalKind::Func | ExternalKind::FuncExact => {
                    let door = *doors.entry(index).or_insert_with(|| self.index.door(index));
                    (ExportKind::Func, door)
                }
                ExternalKind::Table => (ExportKind::Table, index),
                ExternalKind::Memory => {
                    if index == 0 && memory.is_none() {
                        memory = Some(name.to_owned());
                    }
                    (ExportKind::Memory, index)
                }
                ExternalKind::Global => (ExportKind::Global, index),
                ExternalKind::Tag => (ExportKind::Tag, index),
            };
            section.export(name, kind, index);
        }
        let places = self.index.places();
        let gauge = free("meter.gauge");
        section.export(&gauge, ExportKind::Global, places.gauge);
        let page_limit = free("meter.page_limit");
        section.export(&page_limit, ExportKind::Global, places.page_limit);
        if memory.is_none() && !self.index.memories.is_empty() {
            let name = free("meter.memory");
            section.export(&name, ExportKind::Memory, 0);
            memory = Some(name);
        }
        let start = self.start.map(|function| {
            let door = *doors
                .entry(function)
                .or_insert_with(|| self.index.door(function));
            let name = free("meter.start");
            section.export(&name, ExportKind::Func, door);
            name
        });
        let pages = (self.index.memories.len() > 1).then(|| {
            let ty = wasm_encoder::FuncType::new([], [ValType::I64]);
            let ty = self.index.add_type(ty);
            let body = injected::pages(self.index.memories.len() as u32);
            let function = self.index.inject(ty, body);
            let name = free("meter.pages");
            section.export(&name, ExportKind::Func, function);
            name
        });
        let names = Names {
            gauge,
            page_limit,
            memory,
            start,
            pages,
        };
        (section, names)
    }

    fn check_counts(&self, exports: &ExportSection) -> Result<(), Problem> {
        let index = &self.index;
        let functions = index.functions.len() + METER_IMPORTS as usize + index.injected.len();
        let elements = self.elements.len() as usize + usize::from(!index.referenced.is_empty());
        for (count, what, limit) in [
            (
                index.types.len() + index.added_types.len(),
                "types",
                limit::TYPES,
            ),
            (functions, "functions", limit::FUNCTIONS),
            (
                self.import_count + METER_IMPORTS as usize,
                "imports",
                limit::IMPORTS,
            ),
            (exports.len() as usize, "exports", limit::EXPORTS),
            (index.globals as usize + 2, "globals", limit::GLOBALS),
            (elements, "element segments", limit::ELEMENT_SEGMENTS),
            (
                index.widest(),
                "parameters or results of a function",
                limit::PARAMETERS,
            ),
            (
                self.code.byte_len() + index.injected_bytes,
                "bytes of code",
                CODE_BYTES,
            ),
        ] {
            if count > limit {
                return Err(refuse::too_large("", what, limit as u64));
            }
        }
        Ok(())
    }
}

/// A signature as the host sees it: plain numbers, at most one result.
fn signature(ty: &FuncType) -> Option<(Vec<ValueType>, Option<ValueType>)> {
    let parameters = ty
        .params()
        .iter()
        .map(|ty| ValueType::of(*ty))
        .collect::<Option<_>>()?;
    match ty.results() {
        [] => Some((parameters, None)),
        [one] => Some((parameters, Some(ValueType::of(*one)?))),
        _ => None,
    }
}
