//! Where a module's types, functions, memories and tables are after the rewriting, and what is added on demand.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{BlockType, ConstExpr, FunctionSection, InstructionSink, TypeSection, ValType};
use wasmparser::FuncType;

use super::MeterCall;
use super::body::{Callee, Surroundings, encoded};
use super::injected::{self, Limits, Places};

/// Functions that the meter imports.
pub(super) const METER_IMPORTS: u32 = MeterCall::ALL.len() as u32;

/// The most code that comes of a module: what may come of 64 MiB. Engines take 1 GiB.
pub(super) const CODE_BYTES: usize = 512 << 20;

/// Where everything is, and what is added on demand.
#[derive(Default)]
pub(super) struct Index {
    pub(super) types: Vec<FuncType>,
    /// By the guest's type index: the type with the gauge in it, once needed.
    pub(super) metered_types: Vec<Option<u32>>,
    pub(super) results_only: BTreeMap<u32, u32>,
    pub(super) added_types: Vec<wasm_encoder::FuncType>,
    /// Types of functions, the guest's imports first.
    pub(super) functions: Vec<u32>,
    pub(super) imported_functions: u32,
    pub(super) memories: Vec<Limits>,
    pub(super) tables: Vec<Table>,
    pub(super) globals: u32,
    pub(super) injected: Vec<Injected>,
    pub(super) injected_bytes: usize,
    pub(super) refill: Option<u32>,
    pub(super) imports_in_tables: BTreeMap<u32, u32>,
    pub(super) memory_growers: BTreeMap<u32, u32>,
    pub(super) table_growers: BTreeMap<u32, u32>,
    /// Functions that code takes references of, as they are now.
    pub(super) referenced: BTreeSet<u32>,
}

pub(super) struct Table {
    pub(super) element: ValType,
    pub(super) limits: Limits,
}

pub(super) struct Injected {
    pub(super) ty: u32,
    pub(super) body: Vec<u8>,
}

impl Index {
    pub(super) fn arity(&self, ty: u32) -> (u32, u32) {
        self.types.get(ty as usize).map_or((0, 0), |ty| {
            (ty.params().len() as u32, ty.results().len() as u32)
        })
    }

    /// The globals come after the guest's, which are all known before any code.
    pub(super) fn places(&self) -> Places {
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
    pub(super) fn moved(&self, function: u32) -> Callee {
        if function < self.imported_functions {
            Callee::Import(function)
        } else {
            Callee::Metered(function + METER_IMPORTS)
        }
    }

    pub(super) fn add_type(&mut self, ty: wasm_encoder::FuncType) -> u32 {
        self.added_types.push(ty);
        (self.types.len() + self.added_types.len() - 1) as u32
    }

    pub(super) fn inject(&mut self, ty: u32, body: Vec<u8>) -> u32 {
        let index = self.functions.len() as u32 + METER_IMPORTS + self.injected.len() as u32;
        self.injected_bytes += body.len();
        // A few bytes of input can ask for a function with a thousand parameters. Past the limit the module is going to
        // be refused, so nothing more is kept.
        let body = if self.injected_bytes > CODE_BYTES {
            Vec::new()
        } else {
            body
        };
        self.injected.push(Injected { ty, body });
        index
    }

    pub(super) fn refill(&mut self) -> u32 {
        if let Some(index) = self.refill {
            return index;
        }
        let ty = self.add_type(wasm_encoder::FuncType::new([ValType::I64], [ValType::I64]));
        let index = self.inject(ty, injected::refill(self.places()));
        self.refill = Some(index);
        index
    }

    /// The function by which the host enters the guest's function.
    pub(super) fn door(&mut self, function: u32) -> u32 {
        let inner = match self.moved(function) {
            // The host's own function comes back to it as it is.
            Callee::Import(index) => return index,
            Callee::Metered(index) => index,
        };
        let ty = self.function_type(function);
        let (parameters, _) = self.arity(ty);
        self.inject(ty, injected::door(self.places(), inner, parameters))
    }

    pub(super) fn function_type(&self, function: u32) -> u32 {
        self.functions.get(function as usize).copied().unwrap_or(0)
    }

    /// The most parameters or results of any type with the gauge in it.
    pub(super) fn widest(&self) -> usize {
        self.added_types
            .iter()
            .map(|ty| ty.params().len().max(ty.results().len()))
            .max()
            .unwrap_or(0)
    }

    pub(super) fn type_and_function_sections(&mut self) -> (TypeSection, FunctionSection) {
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
pub(super) struct References<'i>(pub(super) &'i mut Index);

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
