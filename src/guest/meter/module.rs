//! Rewriting a whole module: sections, indices, and what is added to them.
//!
//! The guest's own imports keep their places, the meter's follow them; so all functions that the guest defines move by
//! the number of its calls. Globals, types and helper functions of ours come behind the guest's, so nothing else moves.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction as I, MemorySection, Module, TableSection, TypeSection, ValType,
};
use wasmparser::{
    FuncValidatorAllocations, FunctionBody, Operator, Parser, Payload, TypeRef, ValidPayload,
    Validator,
};

use super::body::{self, Body};
use super::nan::Step;
use super::{
    CALL_DEPTH_UNITS, Import, METER, MeterCall, MeteredModule, ValueType, cost, features, gauge,
};
use crate::problem::Problem;

/// Pages of a 32-bit memory, at most.
const MOST_PAGES: u64 = 65_536;

/// Indices of what is added, and the way from old indices to new ones.
pub struct Layout {
    /// Functions that the guest imports.
    imported: u32,
    /// The gauge's global.
    pub gauge: u32,
    /// The page limit's global.
    pub page_limit: u32,
    /// `refill(gauge) -> gauge`.
    pub refill: u32,
    slice: u32,
    stack: u32,
    memory: u32,
    device: u32,
    /// Maximum pages of each memory.
    memories: Vec<u64>,
}

impl Layout {
    /// The function that stands in for `memory.grow` of one memory: `(pages) -> old size or -1`.
    pub fn grow_helper(&self, memory: u32) -> u32 {
        self.refill + 1 + memory
    }
}

impl Reencode for Layout {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(if function < self.imported {
            function
        } else {
            function + MeterCall::ALL.len() as u32
        })
    }
}

/// What a first look at the module finds.
#[derive(Default)]
struct Survey {
    imports: Vec<Import>,
    other_imports: Vec<String>,
    imported_globals: u32,
    defined_globals: u32,
    defined_functions: u32,
    types: u32,
    memories: Vec<(u64, u64)>,
    exports: Vec<String>,
    memory_export: Option<String>,
    start: Option<u32>,
}

/// Rewrites a module; see [`super::meter`].
pub fn rewrite(bytes: &[u8]) -> Result<MeteredModule, Problem> {
    let survey = survey(bytes).map_err(|error| invalid(&error))?;
    if let Some(import) = survey.other_imports.first() {
        return Err(Problem::error(
            "module.import",
            import.clone(),
            "This module wants a memory, table or global from its host, and here it gets functions only.",
            "Link it so that it brings its own (clang: no --import-memory; AssemblyScript: no --importMemory).",
        ));
    }
    let functions = survey.imports.len() as u32;
    let first_helper = functions + MeterCall::ALL.len() as u32 + survey.defined_functions;
    let globals = survey.imported_globals + survey.defined_globals;
    let mut layout = Layout {
        imported: functions,
        gauge: globals,
        page_limit: globals + 1,
        refill: first_helper,
        slice: functions,
        stack: functions + 1,
        memory: functions + 2,
        device: functions + 3,
        memories: survey.memories.iter().map(|(_, most)| *most).collect(),
    };
    build(bytes, &survey, &mut layout)
}

fn survey(bytes: &[u8]) -> Result<Survey, wasmparser::BinaryReaderError> {
    let mut survey = Survey::default();
    let mut signatures = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(section) => {
                for group in section {
                    for sub in group?.into_types() {
                        survey.types += 1;
                        signatures.push(match sub.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    match import.ty {
                        TypeRef::Func(index) | TypeRef::FuncExact(index) => {
                            let signature = signatures.get(index as usize).and_then(Option::as_ref);
                            let kinds = |types: &[wasmparser::ValType]| {
                                types
                                    .iter()
                                    .filter_map(|kind| ValueType::of(*kind))
                                    .collect::<Vec<_>>()
                            };
                            survey.imports.push(Import {
                                module: import.module.to_owned(),
                                name: import.name.to_owned(),
                                parameters: signature
                                    .map(|s| kinds(s.params()))
                                    .unwrap_or_default(),
                                result: signature.and_then(|s| kinds(s.results()).first().copied()),
                            });
                        }
                        other => {
                            if matches!(other, TypeRef::Global(_)) {
                                survey.imported_globals += 1;
                            }
                            survey
                                .other_imports
                                .push(format!("{}.{}", import.module, import.name));
                        }
                    }
                }
            }
            Payload::FunctionSection(section) => survey.defined_functions = section.count(),
            Payload::GlobalSection(section) => survey.defined_globals = section.count(),
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    let most = memory.maximum.unwrap_or(MOST_PAGES).min(MOST_PAGES);
                    survey.memories.push((memory.initial, most));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    survey.exports.push(export.name.to_owned());
                    if export.kind == wasmparser::ExternalKind::Memory && export.index == 0 {
                        survey.memory_export.get_or_insert(export.name.to_owned());
                    }
                }
            }
            Payload::StartSection { func, .. } => survey.start = Some(func),
            _ => {}
        }
    }
    Ok(survey)
}

/// Sections under construction, in the order in which they are written.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    tables: TableSection,
    memories: MemorySection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    data_count: Option<u32>,
    code: CodeSection,
    data: DataSection,
}

fn build(bytes: &[u8], survey: &Survey, layout: &mut Layout) -> Result<MeteredModule, Problem> {
    let mut sections = Sections::default();
    let mut types = Types::new(survey.types);
    let mut validator = Validator::new_with_features(features());
    let mut allocations = FuncValidatorAllocations::default();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.map_err(|error| invalid(&error))?;
        let valid = validator
            .payload(&payload)
            .map_err(|error| invalid(&error))?;
        match payload {
            Payload::TypeSection(section) => layout.parse_type_section(&mut sections.types, section),
            Payload::ImportSection(section) => {
                layout.parse_import_section(&mut sections.imports, section)
            }
            Payload::FunctionSection(section) => {
                layout.parse_function_section(&mut sections.functions, section)
            }
            Payload::TableSection(section) => {
                layout.parse_table_section(&mut sections.tables, section)
            }
            Payload::MemorySection(section) => {
                layout.parse_memory_section(&mut sections.memories, section)
            }
            Payload::GlobalSection(section) => {
                layout.parse_global_section(&mut sections.globals, section)
            }
            Payload::ExportSection(section) => {
                layout.parse_export_section(&mut sections.exports, section)
            }
            Payload::ElementSection(section) => {
                layout.parse_element_section(&mut sections.elements, section)
            }
            Payload::DataCountSection { count, .. } => {
                sections.data_count = Some(count);
                Ok(())
            }
            Payload::DataSection(section) => layout.parse_data_section(&mut sections.data, section),
            Payload::CodeSectionEntry(code) => {
                if let ValidPayload::Func(function, code) = valid {
                    let mut function = function.into_validator(allocations);
                    let body = read(&mut function, &code, &mut types)
                        .map_err(|error| invalid(&error))?;
                    allocations = function.into_allocations();
                    let rewritten = body::rewrite(&body, layout).map_err(|e| unwritable(&e))?;
                    if rewritten.byte_len() > 7_654_321 {
                        return Err(Problem::error(
                            "module.function-too-large",
                            format!("byte {:#x}", code.range().start),
                            "With metering added, this function is larger than browsers accept (7.6 MB).",
                            "Build with optimisation for size (-Os), or split the function.",
                        ));
                    }
                    sections.code.function(&rewritten);
                }
                let _ = code;
                Ok(())
            }
            _ => Ok(()),
        }
        .map_err(|error: Error<Infallible>| unwritable(&error.to_string()))?;
    }
    Ok(finish(survey, layout, sections, types))
}

/// Validates one function and keeps its live instructions.
fn read<'a, T: wasmparser::WasmModuleResources>(
    validator: &mut wasmparser::FuncValidator<T>,
    code: &FunctionBody<'a>,
    types: &mut Types,
) -> Result<Body<'a>, wasmparser::BinaryReaderError> {
    let mut reader = code.get_binary_reader();
    let signature = validator
        .resources()
        .type_index_of_function(validator.index())
        .and_then(|index| validator.resources().sub_type_at(index))
        .map(|sub| sub.unwrap_func().clone());
    let (parameters, results) = signature.map_or((0, Vec::new()), |signature| {
        (signature.params().len(), signature.results().to_vec())
    });
    validator.read_locals(&mut reader)?;
    let mut operators = wasmparser::OperatorsReader::new(reader);
    let locals = (0..validator.len_locals())
        .filter_map(|local| validator.get_local_type(local))
        .collect();
    let mut steps = Vec::new();
    let mut height = 0;
    // How many blocks deep inside code that can never be reached we are; such code is dropped.
    let mut dead: Option<u32> = None;
    while !operators.eof() {
        let offset = operators.original_position();
        let operator = operators.read()?;
        let before = validator.operand_stack_height();
        let arity = if dead.is_none() {
            operator.operator_arity(validator)
        } else {
            None
        };
        match (&mut dead, &operator) {
            (Some(depth), Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. }) => {
                *depth += 1;
            }
            (Some(0), Operator::End | Operator::Else) => dead = None,
            (Some(depth), Operator::End) => *depth -= 1,
            _ => {}
        }
        validator.op(offset, &operator)?;
        height = height.max(validator.operand_stack_height());
        if dead.is_some() {
            continue;
        }
        let (pops, pushes) = arity.unwrap_or((0, 0));
        let never_returns = matches!(
            operator,
            Operator::Br { .. }
                | Operator::BrTable { .. }
                | Operator::Return
                | Operator::Unreachable
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
        );
        steps.push(Step {
            operator,
            pops,
            pushes,
            height: before,
        });
        if never_returns {
            dead = Some(0);
        }
    }
    operators.finish()?;
    Ok(Body {
        locals,
        parameters,
        steps,
        height,
        results: types.block(&results),
    })
}

/// Types that are added behind the guest's.
struct Types {
    next: u32,
    added: Vec<(Vec<ValType>, Vec<ValType>)>,
    known: BTreeMap<String, u32>,
}

impl Types {
    fn new(next: u32) -> Self {
        Self {
            next,
            added: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    fn function(&mut self, parameters: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let key = format!("{parameters:?} {results:?}");
        if let Some(index) = self.known.get(&key) {
            return *index;
        }
        let index = self.next + self.added.len() as u32;
        self.added.push((parameters, results));
        self.known.insert(key, index);
        index
    }

    /// The type of a block that takes nothing and leaves a function's results.
    fn block(&mut self, results: &[wasmparser::ValType]) -> BlockType {
        let results: Vec<ValType> = results
            .iter()
            .filter_map(|kind| RoundtripReencoder.val_type(*kind).ok())
            .collect();
        match results.as_slice() {
            [] => BlockType::Empty,
            [one] => BlockType::Result(*one),
            _ => BlockType::FunctionType(self.function(Vec::new(), results)),
        }
    }
}

/// Adds what is ours and writes everything down.
fn finish(
    survey: &Survey,
    layout: &mut Layout,
    mut sections: Sections,
    mut types: Types,
) -> MeteredModule {
    let nothing = types.function(Vec::new(), Vec::new());
    let refill = types.function(vec![ValType::I64], vec![ValType::I64]);
    let grow = types.function(vec![ValType::I32], vec![ValType::I32]);
    for (parameters, results) in &types.added {
        sections
            .types
            .ty()
            .function(parameters.iter().copied(), results.iter().copied());
    }

    let mut imports = survey.imports.clone();
    for name in MeterCall::ALL.map(MeterCall::name) {
        sections
            .imports
            .import(METER, name, EntityType::Function(nothing));
        imports.push(Import {
            module: METER.to_owned(),
            name: name.to_owned(),
            parameters: Vec::new(),
            result: None,
        });
    }

    sections.functions.function(refill);
    sections.code.function(&refill_body(layout));
    for memory in 0..layout.memories.len() as u32 {
        sections.functions.function(grow);
        sections.code.function(&grow_body(layout, memory));
    }

    let counter = GlobalType {
        val_type: ValType::I64,
        mutable: true,
        shared: false,
    };
    // A module whose host sets nothing has room for a while: handy in tests, and never relied on.
    let full = gauge::pack(CALL_DEPTH_UNITS, gauge::MAX_SLICE.0 as i64);
    sections
        .globals
        .global(counter, &ConstExpr::i64_const(full));
    sections
        .globals
        .global(counter, &ConstExpr::i64_const(i64::MAX));

    let mut taken = survey.exports.clone();
    let mut export = |sections: &mut Sections, wanted: &str, kind: ExportKind, index: u32| {
        let mut name = wanted.to_owned();
        while taken.contains(&name) {
            name.push('\'');
        }
        sections.exports.export(&name, kind, index);
        taken.push(name.clone());
        name
    };
    let gauge = export(
        &mut sections,
        "meter:gauge",
        ExportKind::Global,
        layout.gauge,
    );
    let page_limit = export(
        &mut sections,
        "meter:page-limit",
        ExportKind::Global,
        layout.page_limit,
    );
    let memory = match (&survey.memory_export, survey.memories.is_empty()) {
        (Some(name), _) => Some(name.clone()),
        (None, true) => None,
        (None, false) => Some(export(&mut sections, "meter:memory", ExportKind::Memory, 0)),
    };
    let start = survey.start.map(|function| {
        let index = if function < layout.imported {
            function
        } else {
            function + MeterCall::ALL.len() as u32
        };
        export(&mut sections, "meter:start", ExportKind::Func, index)
    });

    MeteredModule {
        bytes: sections.write(),
        imports,
        gauge,
        page_limit,
        memory,
        start,
        initial_pages: survey.memories.iter().map(|(initial, _)| *initial).sum(),
    }
}

impl Sections {
    fn write(self) -> Vec<u8> {
        let mut module = Module::new();
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions);
        if !self.tables.is_empty() {
            module.section(&self.tables);
        }
        if !self.memories.is_empty() {
            module.section(&self.memories);
        }
        module.section(&self.globals).section(&self.exports);
        if !self.elements.is_empty() {
            module.section(&self.elements);
        }
        if let Some(count) = self.data_count {
            module.section(&DataCountSection { count });
        }
        module.section(&self.code);
        if !self.data.is_empty() {
            module.section(&self.data);
        }
        module.finish()
    }
}

/// `refill(gauge) -> gauge`: called when a check finds fuel or depth used up.
fn refill_body(layout: &Layout) -> Function {
    let mut function = Function::new([]);
    let shift = i64::from(64 - gauge::DEPTH_SHIFT);
    for instruction in [
        I::LocalGet(0),
        I::GlobalSet(layout.gauge),
        // The depth left: the gauge without its fuel field, which is the low 48 bits with their sign.
        I::LocalGet(0),
        I::LocalGet(0),
        I::I64Const(shift),
        I::I64Shl,
        I::I64Const(shift),
        I::I64ShrS,
        I::I64Sub,
        I::I64Const(0),
        I::I64LtS,
        I::If(BlockType::Empty),
        I::Call(layout.stack),
        I::End,
        I::Call(layout.slice),
        I::GlobalGet(layout.gauge),
        I::End,
    ] {
        function.instruction(&instruction);
    }
    function
}

/// `grow(pages) -> old size or -1`: the specification's `memory.grow`, bounded by the page limit and paid for by the page.
fn grow_body(layout: &Layout, memory: u32) -> Function {
    let mut function = Function::new([]);
    let most = layout.memories.get(memory as usize).copied().unwrap_or(0);
    let mut put = |instruction: I<'_>| {
        function.instruction(&instruction);
    };
    // More than the module itself declared: refused, as the specification says.
    put(I::MemorySize(memory));
    put(I::I64ExtendI32U);
    put(I::LocalGet(0));
    put(I::I64ExtendI32U);
    put(I::I64Add);
    put(I::I64Const(most as i64));
    put(I::I64GtU);
    put(I::If(BlockType::Empty));
    put(I::I32Const(-1));
    put(I::Return);
    put(I::End);
    // More than the host allows for all memories together: the host stops the guest.
    put(I::LocalGet(0));
    put(I::I64ExtendI32U);
    for other in 0..layout.memories.len() as u32 {
        put(I::MemorySize(other));
        put(I::I64ExtendI32U);
        put(I::I64Add);
    }
    put(I::GlobalGet(layout.page_limit));
    put(I::I64GtS);
    put(I::If(BlockType::Empty));
    put(I::Call(layout.memory));
    put(I::End);
    // Pay for the pages, then grow.
    put(I::GlobalGet(layout.gauge));
    put(I::LocalGet(0));
    put(I::I64ExtendI32U);
    put(I::I64Const(cost::PAGE as i64));
    put(I::I64Mul);
    put(I::I64Sub);
    put(I::GlobalSet(layout.gauge));
    put(I::LocalGet(0));
    put(I::MemoryGrow(memory));
    put(I::LocalTee(0));
    put(I::I32Const(-1));
    put(I::I32Eq);
    put(I::If(BlockType::Empty));
    put(I::Call(layout.device));
    put(I::End);
    put(I::LocalGet(0));
    put(I::End);
    function
}

fn invalid(error: &wasmparser::BinaryReaderError) -> Problem {
    Problem::error(
        "module.invalid",
        format!("byte {:#x}", error.offset()),
        format!(
            "This is not a valid WebAssembly module: {}.",
            error.message()
        ),
        "Build it again, or check that the file was not cut short or changed on its way.",
    )
}

fn unwritable(cause: &str) -> Problem {
    Problem::error(
        "module.unsupported",
        "",
        format!("This module uses something that cannot be metered: {cause}."),
        "Build it for plain WebAssembly 2.0 (no garbage collection, exceptions or threads).",
    )
}
