//! Takes a module apart, rewrites each part, and puts it together again.
//!
//! Indices: imports keep theirs; the meter's imports come after the guest's, so the guest's own functions move up by
//! [`METER_IMPORTS`]; injected functions come after those. Types, globals and element segments are appended, so none
//! moves. Functions get the gauge in their signature and are reached by the host through injected doors.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    BlockType, BranchHint, BranchHints, CodeSection, ConstExpr, ElementSection, Elements,
    EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection, GlobalType,
    ImportSection, InstructionSink, Module, RawSection, SectionId, TypeSection, ValType,
};
use wasmparser::{
    ExternalKind, FuncToValidate, FuncType, FuncValidatorAllocations, FunctionBody, Parser,
    Payload, TypeRef, ValidPayload, Validator, ValidatorResources,
};

use super::body::{Body, Callee, Surroundings, encoded};
use super::injected::{self, Limits, Places};
use super::plan::Plan;
use super::walk::{Style, Walk};
use super::{
    CALL_DEPTH_UNITS, Import, METER, MeterCall, MeteredModule, ValueType, frame, gauge, refuse,
};
use crate::problem::Problem;

/// Functions that the meter imports.
const METER_IMPORTS: u32 = MeterCall::ALL.len() as u32;

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
    /// Ours: what may come of 64 MiB. Engines take 1 GiB.
    pub const CODE_BYTES: usize = 512 << 20;
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

/// Where everything is, and what is added on demand.
#[derive(Default)]
struct Index {
    types: Vec<FuncType>,
    /// By the guest's type index: the type with the gauge in it, once needed.
    metered_types: Vec<Option<u32>>,
    results_only: BTreeMap<u32, u32>,
    added_types: Vec<wasm_encoder::FuncType>,
    /// Types of functions, the guest's imports first.
    functions: Vec<u32>,
    imported_functions: u32,
    memories: Vec<Limits>,
    tables: Vec<Table>,
    globals: u32,
    injected: Vec<Injected>,
    injected_bytes: usize,
    refill: Option<u32>,
    imports_in_tables: BTreeMap<u32, u32>,
    memory_growers: BTreeMap<u32, u32>,
    table_growers: BTreeMap<u32, u32>,
    /// Functions that code takes references of, as they are now.
    referenced: BTreeSet<u32>,
}

struct Table {
    element: ValType,
    limits: Limits,
}

struct Injected {
    ty: u32,
    body: Vec<u8>,
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
        if self.code.byte_len() + self.index.injected_bytes > limit::CODE_BYTES {
            return Err(too_large("bytes of code", limit::CODE_BYTES as u64));
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
                limit::CODE_BYTES,
            ),
        ] {
            if count > limit {
                return Err(refuse::too_large("", what, limit as u64));
            }
        }
        Ok(())
    }
}

impl Index {
    fn arity(&self, ty: u32) -> (u32, u32) {
        self.types.get(ty as usize).map_or((0, 0), |ty| {
            (ty.params().len() as u32, ty.results().len() as u32)
        })
    }

    /// The globals come after the guest's, which are all known before any code.
    fn places(&self) -> Places {
        let import = |call: MeterCall| self.imported_functions + call as u32;
        Places {
            gauge: self.globals,
            page_limit: self.globals + 1,
            slice: import(MeterCall::Slice),
            stack: import(MeterCall::Stack),
            memory: import(MeterCall::Memory),
            device: import(MeterCall::Device),
            grown: import(MeterCall::Grown),
        }
    }

    /// Where the guest's function is now.
    fn moved(&self, function: u32) -> Callee {
        if function < self.imported_functions {
            Callee::Import(function)
        } else {
            Callee::Metered(function + METER_IMPORTS)
        }
    }

    fn add_type(&mut self, ty: wasm_encoder::FuncType) -> u32 {
        self.added_types.push(ty);
        (self.types.len() + self.added_types.len() - 1) as u32
    }

    fn inject(&mut self, ty: u32, body: Vec<u8>) -> u32 {
        let index = self.functions.len() as u32 + METER_IMPORTS + self.injected.len() as u32;
        self.injected_bytes += body.len();
        // A few bytes of input can ask for a function with a thousand parameters. Past the limit the module is going to
        // be refused, so nothing more is kept.
        let body = if self.injected_bytes > limit::CODE_BYTES {
            Vec::new()
        } else {
            body
        };
        self.injected.push(Injected { ty, body });
        index
    }

    fn refill(&mut self) -> u32 {
        if let Some(index) = self.refill {
            return index;
        }
        let ty = self.add_type(wasm_encoder::FuncType::new([ValType::I64], [ValType::I64]));
        let index = self.inject(ty, injected::refill(self.places()));
        self.refill = Some(index);
        index
    }

    /// The function by which the host enters the guest's function.
    fn door(&mut self, function: u32) -> u32 {
        let inner = match self.moved(function) {
            // The host's own function comes back to it as it is.
            Callee::Import(index) => return index,
            Callee::Metered(index) => index,
        };
        let ty = self.function_type(function);
        let (parameters, _) = self.arity(ty);
        self.inject(ty, injected::door(self.places(), inner, parameters))
    }

    fn function_type(&self, function: u32) -> u32 {
        self.functions.get(function as usize).copied().unwrap_or(0)
    }

    /// The most parameters or results of any type with the gauge in it.
    fn widest(&self) -> usize {
        self.added_types
            .iter()
            .map(|ty| ty.params().len().max(ty.results().len()))
            .max()
            .unwrap_or(0)
    }

    fn type_and_function_sections(&mut self) -> (TypeSection, FunctionSection) {
        let mut functions = FunctionSection::new();
        let defined = self
            .functions
            .get(self.imported_functions as usize..)
            .unwrap_or_default()
            .to_vec();
        for ty in defined {
            let ty = self.metered_type(ty);
            functions.function(ty);
        }
        for injected in &self.injected {
            functions.function(injected.ty);
        }
        let mut types = TypeSection::new();
        for ty in &self.types {
            let all = |types: &[wasmparser::ValType]| -> Vec<ValType> {
                types.iter().copied().map(encoded).collect()
            };
            types.ty().function(all(ty.params()), all(ty.results()));
        }
        for ty in &self.added_types {
            types.ty().func_type(ty);
        }
        (types, functions)
    }
}

impl Surroundings for Index {
    fn callee(&mut self, function: u32) -> Callee {
        self.moved(function)
    }

    fn reference(&mut self, function: u32) -> u32 {
        let index = References(self).reference(function);
        self.referenced.insert(index);
        index
    }

    fn metered_type(&mut self, ty: u32) -> u32 {
        if let Some(Some(known)) = self.metered_types.get(ty as usize) {
            return *known;
        }
        let gauge = std::iter::once(ValType::I64);
        let (parameters, results): (Vec<ValType>, Vec<ValType>) = match self.types.get(ty as usize)
        {
            Some(ty) => (
                ty.params()
                    .iter()
                    .copied()
                    .map(encoded)
                    .chain(gauge.clone())
                    .collect(),
                ty.results()
                    .iter()
                    .copied()
                    .map(encoded)
                    .chain(gauge)
                    .collect(),
            ),
            None => (Vec::new(), Vec::new()),
        };
        let added = self.add_type(wasm_encoder::FuncType::new(parameters, results));
        if let Some(known) = self.metered_types.get_mut(ty as usize) {
            *known = Some(added);
        }
        added
    }

    fn results_only(&mut self, ty: u32) -> BlockType {
        let results: Vec<ValType> = self.types.get(ty as usize).map_or(Vec::new(), |ty| {
            ty.results().iter().copied().map(encoded).collect()
        });
        match results.as_slice() {
            [] => BlockType::Empty,
            [one] => BlockType::Result(*one),
            _ => {
                if let Some(&known) = self.results_only.get(&ty) {
                    return BlockType::FunctionType(known);
                }
                let added = self.add_type(wasm_encoder::FuncType::new([], results));
                self.results_only.insert(ty, added);
                BlockType::FunctionType(added)
            }
        }
    }

    fn grow_memory(&mut self, memory: u32) -> u32 {
        if let Some(&known) = self.memory_growers.get(&memory) {
            return known;
        }
        let ty = self.add_type(wasm_encoder::FuncType::new(
            [ValType::I32, ValType::I64],
            [ValType::I32, ValType::I64],
        ));
        let refill = self.refill();
        let limits = self.memories.get(memory as usize).copied();
        let limits = limits.unwrap_or(Limits::NONE);
        let memories = self.memories.len() as u32;
        let body = injected::grow_memory(self.places(), refill, memory, limits, memories);
        let index = self.inject(ty, body);
        self.memory_growers.insert(memory, index);
        index
    }

    fn grow_table(&mut self, table: u32) -> u32 {
        if let Some(&known) = self.table_growers.get(&table) {
            return known;
        }
        let (element, limits) = self
            .tables
            .get(table as usize)
            .map_or((ValType::FUNCREF, Limits::NONE), |table| {
                (table.element, table.limits)
            });
        let ty = self.add_type(wasm_encoder::FuncType::new(
            [element, ValType::I32, ValType::I64],
            [ValType::I32, ValType::I64],
        ));
        let refill = self.refill();
        let body = injected::grow_table(self.places(), refill, table, limits);
        let index = self.inject(ty, body);
        self.table_growers.insert(table, index);
        index
    }

    fn refill(&mut self) -> u32 {
        Index::refill(self)
    }

    fn gauge(&self) -> u32 {
        self.globals
    }
}

/// Encodes sections again with functions where they are now. Outside code, functions are only ever referenced.
struct References<'i>(&'i mut Index);

impl References<'_> {
    fn reference(&mut self, function: u32) -> u32 {
        let index = match self.0.moved(function) {
            Callee::Metered(index) => return index,
            Callee::Import(index) => index,
        };
        if let Some(&known) = self.0.imports_in_tables.get(&index) {
            return known;
        }
        let guest_type = self.0.function_type(function);
        let (parameters, _) = self.0.arity(guest_type);
        let ty = self.0.metered_type(guest_type);
        let body = injected::import_in_table(self.0.places(), index, parameters);
        let injected = self.0.inject(ty, body);
        self.0.imports_in_tables.insert(index, injected);
        injected
    }
}

impl Reencode for References<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Self::Error>> {
        Ok(self.reference(function))
    }

    /// Copies an expression but for the functions in it, so that no encoder of every instruction is compiled in.
    fn const_expr(
        &mut self,
        expression: wasmparser::ConstExpr<'_>,
    ) -> Result<ConstExpr, reencode::Error<Self::Error>> {
        let mut reader = expression.get_binary_reader();
        let start = reader.original_position();
        let code = reader.read_bytes(reader.bytes_remaining())?;
        let mut operators = expression.get_operators_reader();
        let mut copy = Vec::with_capacity(code.len());
        // The last `end` is the encoder's.
        while !operators.is_end_then_eof() {
            let from = operators.original_position() - start;
            let op = operators.read()?;
            let to = operators.original_position() - start;
            match op {
                wasmparser::Operator::RefFunc { function_index } => {
                    InstructionSink::new(&mut copy).ref_func(self.reference(function_index));
                }
                _ => copy.extend(code.get(from as usize..to as usize).unwrap_or_default()),
            }
        }
        Ok(ConstExpr::raw(copy))
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
