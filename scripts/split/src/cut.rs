//! The cut itself.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{
    BlockType, ConstExpr, Elements, EntityType, ExportKind, Function, GlobalType, Instruction,
    TableType, ValType,
};
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, TypeRef,
};

use crate::list::List;
use crate::module::Module;
use crate::output::{Fault, Output};
use crate::renumber::Renumber;

/// The first module's import that brings the later one.
const LATER: (&str, &str) = ("later", "load");

/// The module name under which the later module imports the first one's exports.
const FIRST: &str = "first";

/// The first module's export that tells whether the later one is there: a mutable i32, which the loader sets to 1.
const LOADED: &str = "later";

/// A stub compresses to less than its length: functions up to this many bytes stay, where the first module refers to them.
const STUB_BYTES: usize = 12;

/// A segment costs some bytes of its own: shorter pieces of data stay where they are.
const HOLE_BYTES: u32 = 5;

/// The two modules, and how the code fell between them.
pub struct Halves {
    pub first: Vec<u8>,
    pub later: Vec<u8>,
    pub functions: usize,
    pub kept: usize,
    pub bytes: usize,
    pub kept_bytes: usize,
    pub stubs: usize,
    /// Bytes of data in the later module.
    pub data: usize,
}

/// Cuts a module. `deferred` says which places of its data only the later module needs, given the functions that stay.
pub fn cut(
    module: &Module<'_>,
    list: &List,
    deferred: impl FnOnce(&BTreeSet<u32>) -> Result<Vec<(u32, u32)>, String>,
) -> Result<Halves, String> {
    if module.tables.is_empty() || module.imported().tables > 0 {
        return Err("the module has no table of its own".to_owned());
    }
    let mut plan = Plan::new(module, list)?;
    plan.holes = deferred(&plan.kept)?;
    // Instructions name passive segments by their number, which must not change.
    let fixed = module
        .data
        .iter()
        .all(|data| place_of(&data.kind).is_some());
    plan.holes
        .retain(|(_, length)| fixed && *length >= HOLE_BYTES);
    let first = plan.first(module).map_err(|error| error.to_string())?;
    let later = plan.later(module).map_err(|error| error.to_string())?;
    let size = |function: &u32| module.body(*function).map_or(0, length);
    Ok(Halves {
        first,
        later,
        functions: module.functions.len(),
        kept: plan.kept.len(),
        bytes: module.bodies.iter().map(length).sum(),
        kept_bytes: plan.kept.iter().map(size).sum(),
        stubs: plan.stubs.len(),
        data: plan.holes.iter().map(|(_, length)| *length as usize).sum(),
    })
}

/// What a body refers to.
#[derive(Default)]
struct Uses {
    functions: BTreeSet<u32>,
    globals: BTreeSet<u32>,
    /// Whether it works on passive segments, which only one module can have.
    segments: bool,
    /// Whether there is a number in it that may be the address of some of the module's data.
    data: bool,
}

impl Uses {
    fn of(
        body: &FunctionBody<'_>,
        data: &Range<u32>,
    ) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut uses = Self::default();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            match reader.read()? {
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => {
                    uses.functions.insert(function_index);
                }
                Operator::I32Const { value } => uses.data |= data.contains(&(value as u32)),
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    uses.globals.insert(global_index);
                }
                Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => uses.segments = true,
                _ => {}
            }
        }
        Ok(uses)
    }
}

struct Plan {
    /// What each defined function refers to.
    uses: BTreeMap<u32, Uses>,
    /// Defined functions of the first module.
    kept: BTreeSet<u32>,
    /// Functions of the later module that the first one calls, exports or has in its table.
    stubs: BTreeSet<u32>,
    /// Table entries of stubs, the one that the stub calls first.
    slots: BTreeMap<u32, Vec<u32>>,
    /// Entries to add to the table.
    more_slots: u32,
    /// Places in memory that the later module fills.
    holes: Vec<(u32, u32)>,
}

impl Plan {
    fn new(module: &Module<'_>, list: &List) -> Result<Self, String> {
        let mut uses = BTreeMap::new();
        let data = data_of(module);
        for (function, body) in module.defined().zip(&module.bodies) {
            let known = Uses::of(body, &data).map_err(|error| error.to_string())?;
            uses.insert(function, known);
        }
        let outside = outside(module).map_err(|error| error.to_string())?;
        let mut kept: BTreeSet<u32> = module
            .defined()
            .filter(|function| list.has(module.name(*function)) || uses[function].segments)
            .collect();
        // A small function costs no more than its stub; keeping it may make the first module refer to others.
        let stubs = loop {
            let referred = kept.iter().flat_map(|function| &uses[function].functions);
            let mut stubs: BTreeSet<u32> = referred
                .chain(&outside)
                .copied()
                .filter(|function| uses.contains_key(function) && !kept.contains(function))
                .collect();
            let small: Vec<u32> = stubs
                .iter()
                .copied()
                .filter(|function| {
                    let small = |body: &FunctionBody<'_>| length(body) <= STUB_BYTES;
                    // What it refers to would have to come along.
                    module.body(*function).is_some_and(small) && !uses[function].data
                })
                .collect();
            if small.is_empty() {
                break std::mem::take(&mut stubs);
            }
            kept.extend(small);
        };

        let mut slots: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for element in &module.elements {
            let Some(begin) = fixed_place(&element.kind) else {
                continue;
            };
            if let ElementItems::Functions(items) = &element.items {
                for (slot, function) in (begin..).zip(items.clone()) {
                    let function = function.map_err(|error| error.to_string())?;
                    if stubs.contains(&function) {
                        slots.entry(function).or_default().push(slot);
                    }
                }
            }
        }
        let size =
            u32::try_from(module.tables[0].ty.initial).map_err(|_| "its table is too large")?;
        let mut more_slots = 0;
        for stub in &stubs {
            slots.entry(*stub).or_insert_with(|| {
                more_slots += 1;
                vec![size + more_slots - 1]
            });
        }
        Ok(Self {
            uses,
            kept,
            stubs,
            slots,
            more_slots,
            holes: Vec::new(),
        })
    }

    /// Functions of the later module.
    fn moved<'a>(&'a self, module: &'a Module<'_>) -> impl Iterator<Item = u32> + 'a {
        module
            .defined()
            .filter(|function| !self.kept.contains(function))
    }

    /// What the later module needs of the first: functions (imports of the whole module among them) and globals.
    fn needed(&self, module: &Module<'_>) -> (BTreeSet<u32>, BTreeSet<u32>) {
        let mut functions = BTreeSet::new();
        let mut globals = BTreeSet::new();
        for function in self.moved(module) {
            let uses = &self.uses[&function];
            let not_moved = |used: &&u32| self.kept.contains(used) || !self.uses.contains_key(used);
            functions.extend(uses.functions.iter().filter(not_moved));
            globals.extend(&uses.globals);
        }
        (functions, globals)
    }

    fn first(&self, module: &Module<'_>) -> Result<Vec<u8>, Fault> {
        let mut out = Output::default();
        let outside = outside(module)?;
        let used = |import: &u32| {
            outside.contains(import)
                || self
                    .kept
                    .iter()
                    .any(|function| self.uses[function].functions.contains(import))
        };

        // Functions in the new order: imports, the one that loads, its guard, then what stays and the stubs.
        let mut numbers = BTreeMap::new();
        let mut next = 0;
        let mut number = |numbers: &mut BTreeMap<u32, u32>, function: Option<u32>| {
            if let Some(function) = function {
                numbers.insert(function, next);
            }
            next += 1;
            next - 1
        };
        let imports: Vec<u32> = (0..module.imported().functions).filter(used).collect();
        for import in &imports {
            number(&mut numbers, Some(*import));
        }
        let load = number(&mut numbers, None);
        let guard = number(&mut numbers, None);
        // Stubs of a type differ in one number: side by side they compress to little.
        let mut stubs: Vec<u32> = self.stubs.iter().copied().collect();
        stubs.sort_by_key(|stub| {
            let slot = self.slots.get(stub).and_then(|slots| slots.first());
            (module.type_of(*stub), slot.copied())
        });
        let here: Vec<u32> = module
            .defined()
            .filter(|function| self.kept.contains(function))
            .chain(stubs)
            .collect();
        for function in &here {
            number(&mut numbers, Some(*function));
        }
        let mut renumber = Renumber::functions(numbers);

        out.take_types(module, &mut renumber)?;
        let nothing = module.types.len() as u32;
        out.types.ty().function([], []);

        let mut function_import = 0;
        for import in &module.imports {
            if let TypeRef::Func(_) = import.ty {
                function_import += 1;
                if !imports.contains(&(function_import - 1)) {
                    continue;
                }
            }
            let ty = renumber.entity_type(import.ty)?;
            out.imports.import(import.module, import.name, ty);
        }
        out.imports
            .import(LATER.0, LATER.1, EntityType::Function(nothing));

        out.functions.function(nothing);
        for function in &here {
            out.functions
                .function(module.type_of(*function).unwrap_or_default());
        }
        for (index, table) in module.tables.iter().enumerate() {
            let mut table = table.clone();
            if index == 0 {
                table.ty.initial += u64::from(self.more_slots);
                table.ty.maximum = table
                    .ty
                    .maximum
                    .map(|maximum| maximum + u64::from(self.more_slots));
            }
            renumber.parse_table(&mut out.tables, table)?;
        }
        out.take_rest(module, &mut renumber)?;
        self.data(module, &mut renumber, &mut out, false)?;
        out.data_count = module.data_count.map(|_| out.data.len());
        let loaded = module.imported().globals + module.globals.len() as u32;
        let flag = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        out.globals.global(flag, &ConstExpr::i32_const(0));
        out.exports.export(LOADED, ExportKind::Global, loaded);
        let (functions, globals) = self.needed(module);
        for function in functions {
            if self.kept.contains(&function) {
                let index = renumber.function_index(function)?;
                out.exports
                    .export(&function_name(function), ExportKind::Func, index);
            }
        }
        for global in globals {
            out.exports
                .export(&global_name(global), ExportKind::Global, global);
        }
        for table in 0..module.tables.len() as u32 {
            out.exports
                .export(&table_name(table), ExportKind::Table, table);
        }
        for memory in 0..(module.memories.len() as u32) {
            out.exports
                .export(&memory_name(memory), ExportKind::Memory, memory);
        }

        let mut body = Function::new([]);
        for instruction in [
            Instruction::GlobalGet(loaded),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::Call(load),
            Instruction::End,
            Instruction::End,
        ] {
            body.instruction(&instruction);
        }
        out.code.function(&body);
        for function in here {
            match module.body(function) {
                Some(body) if self.kept.contains(&function) => {
                    let mut written = renumber.new_function_with_parsed_locals(body)?;
                    renumber.copy(body, &mut written)?;
                    out.code.function(&written);
                }
                _ => {
                    out.code.function(&self.stub(module, function, guard));
                }
            }
        }
        sound(&renumber, "first");
        Ok(out.finish())
    }

    /// Writes the data of one of the modules: what lies in holes, or all else.
    fn data(
        &self,
        module: &Module<'_>,
        renumber: &mut Renumber,
        out: &mut Output,
        in_holes: bool,
    ) -> Result<(), Fault> {
        for data in &module.data {
            let Some(begin) = place_of(&data.kind) else {
                if !in_holes {
                    renumber.parse_data(&mut out.data, data.clone())?;
                }
                continue;
            };
            let end = begin + data.data.len() as u32;
            let mut pieces = Vec::new();
            let mut at = begin;
            for (hole, length) in &self.holes {
                let from = (*hole).clamp(at, end);
                let to = (hole + length).clamp(at, end);
                if from < to {
                    pieces.push(if in_holes { (from, to) } else { (at, from) });
                    at = to;
                }
            }
            if !in_holes {
                pieces.push((at, end));
            }
            for (from, to) in pieces.into_iter().filter(|(from, to)| from < to) {
                let bytes = &data.data[(from - begin) as usize..(to - begin) as usize];
                let place = ConstExpr::i32_const(from as i32);
                out.data.active(0, &place, bytes.iter().copied());
            }
        }
        Ok(())
    }

    /// `function`, called through the table once the later module is there.
    fn stub(&self, module: &Module<'_>, function: u32, guard: u32) -> Function {
        let ty = module.type_of(function).unwrap_or_default();
        let parameters = module
            .types
            .get(ty as usize)
            .map_or(0, |ty| ty.params().len());
        let slot = self.slots.get(&function).and_then(|slots| slots.first());
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(guard));
        for parameter in 0..parameters as u32 {
            body.instruction(&Instruction::LocalGet(parameter));
        }
        body.instruction(&Instruction::I32Const(
            slot.copied().unwrap_or_default() as i32
        ));
        body.instruction(&Instruction::CallIndirect {
            type_index: ty,
            table_index: 0,
        });
        body.instruction(&Instruction::End);
        body
    }

    fn later(&self, module: &Module<'_>) -> Result<Vec<u8>, Fault> {
        let mut out = Output::default();
        let (functions, globals) = self.needed(module);
        let mut renumber = Renumber::functions(BTreeMap::new());
        out.take_types(module, &mut renumber)?;

        let mut next = 0;
        for function in functions {
            let ty = EntityType::Function(module.type_of(function).unwrap_or_default());
            match module.function_import(function) {
                // What the whole module imports from its surroundings, the later one does too.
                Some(import) => out.imports.import(import.module, import.name, ty),
                None => out.imports.import(FIRST, &function_name(function), ty),
            };
            renumber.functions.insert(function, next);
            next += 1;
        }
        for (table, ty) in module.tables.iter().enumerate() {
            let ty = renumber.table_type(ty.ty)?;
            let more = if table == 0 {
                u64::from(self.more_slots)
            } else {
                0
            };
            let ty = TableType {
                minimum: ty.minimum + more,
                maximum: ty.maximum.map(|maximum| maximum + more),
                ..ty
            };
            out.imports.import(FIRST, &table_name(table as u32), ty);
        }
        for (memory, ty) in module.memories.iter().enumerate() {
            let ty = renumber.memory_type(*ty)?;
            out.imports.import(FIRST, &memory_name(memory as u32), ty);
        }
        for (place, global) in globals.into_iter().enumerate() {
            let Some(defined) = global
                .checked_sub(module.imported().globals)
                .and_then(|defined| module.globals.get(defined as usize))
            else {
                continue;
            };
            let ty = renumber.global_type(defined.ty)?;
            out.imports.import(FIRST, &global_name(global), ty);
            renumber.globals.insert(global, place as u32);
        }
        let moved: Vec<u32> = self.moved(module).collect();
        for function in &moved {
            renumber.functions.insert(*function, next);
            next += 1;
        }
        for function in &moved {
            out.functions
                .function(module.type_of(*function).unwrap_or_default());
            if let Some(body) = module.body(*function) {
                let mut written = renumber.new_function_with_parsed_locals(body)?;
                renumber.copy(body, &mut written)?;
                out.code.function(&written);
            }
        }
        // Neighbours in the table share a segment.
        let mut places: Vec<(u32, u32)> = Vec::new();
        for (function, slots) in &self.slots {
            let index = renumber.function_index(*function)?;
            places.extend(slots.iter().map(|slot| (*slot, index)));
        }
        places.sort_unstable();
        for run in places.chunk_by(|left, right| left.0 + 1 == right.0) {
            let functions: Vec<u32> = run.iter().map(|(_, function)| *function).collect();
            let begin = ConstExpr::i32_const(run[0].0 as i32);
            out.elements
                .active(None, &begin, Elements::Functions(functions.into()));
        }
        if !self.holes.is_empty() {
            self.data(module, &mut renumber, &mut out, true)?;
        }
        sound(&renumber, "later");
        Ok(out.finish())
    }
}

/// Where a module's data lies.
fn data_of(module: &Module<'_>) -> Range<u32> {
    let places = module.data.iter().filter_map(|data| {
        let begin = place_of(&data.kind)?;
        Some((begin, begin + data.data.len() as u32))
    });
    let range = places.reduce(|all, one| (all.0.min(one.0), all.1.max(one.1)));
    range.map_or(0..0, |(begin, end)| begin..end)
}

/// Functions that are referred to from outside of bodies: exports, table entries, the start function.
fn outside(module: &Module<'_>) -> Result<BTreeSet<u32>, wasmparser::BinaryReaderError> {
    let exported = module
        .exports
        .iter()
        .filter(|export| export.kind == ExternalKind::Func)
        .map(|export| export.index);
    let mut functions: BTreeSet<u32> = exported.chain(module.start).collect();
    for element in &module.elements {
        match &element.items {
            ElementItems::Functions(items) => {
                for function in items.clone() {
                    functions.insert(function?);
                }
            }
            ElementItems::Expressions(_, items) => {
                for item in items.clone() {
                    for operator in item?.get_operators_reader() {
                        if let Operator::RefFunc { function_index } = operator? {
                            functions.insert(function_index);
                        }
                    }
                }
            }
        }
    }
    Ok(functions)
}

/// Where a data segment of the first memory begins, when that is a plain number.
pub fn place_of(kind: &DataKind<'_>) -> Option<u32> {
    let DataKind::Active {
        memory_index: 0,
        offset_expr,
    } = kind
    else {
        return None;
    };
    plain_number(offset_expr)
}

/// Where an active segment of the first table begins, when that is a plain number.
fn fixed_place(kind: &ElementKind<'_>) -> Option<u32> {
    let ElementKind::Active {
        table_index: None | Some(0),
        offset_expr,
    } = kind
    else {
        return None;
    };
    plain_number(offset_expr)
}

fn plain_number(expression: &wasmparser::ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => u32::try_from(value).ok(),
        _ => None,
    }
}

fn length(body: &FunctionBody<'_>) -> usize {
    let range = body.range();
    (range.end - range.start) as usize
}

fn function_name(function: u32) -> String {
    format!("f{function:x}")
}

fn global_name(global: u32) -> String {
    format!("g{global:x}")
}

fn table_name(table: u32) -> String {
    format!("t{table:x}")
}

fn memory_name(memory: u32) -> String {
    format!("m{memory:x}")
}

/// A function without a number would be a fault of the plan above, and the module invalid.
fn sound(renumber: &Renumber, half: &str) {
    assert!(
        renumber.missing.is_empty(),
        "the {half} module refers to functions it does not have: {:?}",
        renumber.missing
    );
}

#[cfg(test)]
mod tests;
