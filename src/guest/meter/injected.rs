//! The functions that the meter adds to a module.
//!
//! All but the doors take the gauge as their last parameter and give it back as their last result, like the guest's own
//! functions do after rewriting.

use wasm_encoder::{BlockType, Encode, InstructionSink};

use super::{cost, gauge};

/// The most elements that a table may grow to. Engines differ beyond: V8 stops here.
pub const MAX_TABLE_ELEMENTS: i64 = 10_000_000;

/// Indices that injected functions use.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// The global that holds the gauge when the host looks.
    pub gauge: u32,
    /// The global that holds the page limit.
    pub page_limit: u32,
    /// The meter's imports.
    pub slice: u32,
    pub stack: u32,
    pub memory: u32,
    pub device: u32,
    pub grown: u32,
}

/// How far a memory or table may grow.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Its declared maximum, or the most there is: pages or elements.
    pub maximum: u64,
    /// Whether it belongs to someone else.
    pub is_imported: bool,
}

impl Limits {
    /// Of what does not exist.
    pub const NONE: Self = Self {
        maximum: 0,
        is_imported: false,
    };
}

/// Begins a body with this many locals of type i64 and i32.
fn begin(i64s: u32, i32s: u32) -> Vec<u8> {
    let mut body = Vec::new();
    let groups = u32::from(i64s > 0) + u32::from(i32s > 0);
    groups.encode(&mut body);
    for (count, ty) in [
        (i64s, wasm_encoder::ValType::I64),
        (i32s, wasm_encoder::ValType::I32),
    ] {
        if count > 0 {
            count.encode(&mut body);
            ty.encode(&mut body);
        }
    }
    body
}

/// `(gauge) → gauge`: the gauge is exhausted. Shows it to the host and takes what the host makes of it.
pub fn refill(places: Places) -> Vec<u8> {
    const GAUGE: u32 = 0;
    let mut body = begin(0, 0);
    InstructionSink::new(&mut body)
        .local_get(GAUGE)
        .global_set(places.gauge)
        .local_get(GAUGE)
        .i64_const(gauge::DEPTH_EXHAUSTED)
        .i64_and()
        .i64_const(0)
        .i64_ne()
        .if_(BlockType::Empty)
        .call(places.stack)
        // A host that goes on would let the engine's own stack overflow.
        .unreachable()
        .end()
        .call(places.slice)
        .global_get(places.gauge)
        .end();
    body
}

/// `(pages, gauge) → (previous size or -1, gauge)`: `memory.grow` under the page limit.
pub fn grow_memory(
    places: Places,
    refill: u32,
    memory: u32,
    limits: Limits,
    memories: u32,
) -> Vec<u8> {
    const DELTA: u32 = 0;
    const GAUGE: u32 = 1;
    const WIDE_DELTA: u32 = 2;
    const PREVIOUS: u32 = 3;
    let mut body = begin(1, 1);
    let mut code = InstructionSink::new(&mut body);
    // More than the memory may ever have: refused, as the specification says.
    code.local_get(DELTA)
        .i64_extend_i32_u()
        .local_tee(WIDE_DELTA)
        .memory_size(memory)
        .i64_extend_i32_u()
        .i64_add()
        .i64_const(i64::try_from(limits.maximum).unwrap_or(i64::MAX))
        .i64_gt_u()
        .if_(BlockType::Empty)
        .i32_const(-1)
        .local_get(GAUGE)
        .return_()
        .end();
    // More than the host allows: the host ends the program. Should it not, the growth is refused.
    code.local_get(WIDE_DELTA);
    add_pages(&mut code, memories);
    code.global_get(places.page_limit)
        .i64_gt_u()
        .if_(BlockType::Empty)
        .local_get(GAUGE)
        .global_set(places.gauge)
        .call(places.memory)
        .i32_const(-1)
        .global_get(places.gauge)
        .return_()
        .end();
    code.local_get(DELTA)
        .memory_grow(memory)
        .local_tee(PREVIOUS);
    refused_by_engine(&mut code, places, GAUGE, limits);
    code.local_get(PREVIOUS);
    charge_by_length(&mut code, GAUGE, WIDE_DELTA, cost::GROWN_PAGE, refill);
    // The host is shown every growth, so that it can tell when memory was taken.
    code.local_get(DELTA)
        .if_(BlockType::Empty)
        .local_get(GAUGE)
        .global_set(places.gauge)
        .call(places.grown)
        .global_get(places.gauge)
        .local_set(GAUGE)
        .end();
    code.local_get(GAUGE).end();
    body
}

/// `() → pages`: what all memories together take.
pub fn pages(memories: u32) -> Vec<u8> {
    let mut body = begin(0, 0);
    let mut code = InstructionSink::new(&mut body);
    code.i64_const(0);
    add_pages(&mut code, memories);
    code.end();
    body
}

/// Adds the size of all memories to the topmost value.
fn add_pages(code: &mut InstructionSink<'_>, memories: u32) {
    for memory in 0..memories {
        code.memory_size(memory).i64_extend_i32_u().i64_add();
    }
}

/// `(value, elements, gauge) → (previous size or -1, gauge)`: `table.grow` within a size that all engines allow.
pub fn grow_table(places: Places, refill: u32, table: u32, limits: Limits) -> Vec<u8> {
    const VALUE: u32 = 0;
    const DELTA: u32 = 1;
    const GAUGE: u32 = 2;
    const WIDE_DELTA: u32 = 3;
    const PREVIOUS: u32 = 4;
    let maximum =
        i64::try_from(limits.maximum).map_or(MAX_TABLE_ELEMENTS, |it| it.min(MAX_TABLE_ELEMENTS));
    let mut body = begin(1, 1);
    let mut code = InstructionSink::new(&mut body);
    code.local_get(DELTA)
        .i64_extend_i32_u()
        .local_tee(WIDE_DELTA)
        .table_size(table)
        .i64_extend_i32_u()
        .i64_add()
        .i64_const(maximum)
        .i64_gt_u()
        .if_(BlockType::Empty)
        .i32_const(-1)
        .local_get(GAUGE)
        .return_()
        .end()
        .local_get(VALUE)
        .local_get(DELTA)
        .table_grow(table)
        .local_tee(PREVIOUS);
    refused_by_engine(&mut code, places, GAUGE, limits);
    code.local_get(PREVIOUS);
    charge_by_length(&mut code, GAUGE, WIDE_DELTA, cost::TABLE_ELEMENT, refill);
    code.local_get(GAUGE).end();
    body
}

/// With the engine's answer on the stack: -1 within the limits means that the device refused, which must not look like the
/// guest's own doing. An imported memory or table may have a lower limit than its import says, so there it is just refused.
fn refused_by_engine(code: &mut InstructionSink<'_>, places: Places, gauge: u32, limits: Limits) {
    code.i32_const(-1).i32_eq().if_(BlockType::Empty);
    if limits.is_imported {
        code.i32_const(-1).local_get(gauge);
    } else {
        code.local_get(gauge)
            .global_set(places.gauge)
            .call(places.device)
            .i32_const(-1)
            .global_get(places.gauge);
    }
    code.return_().end();
}

/// `g -= length * price << 16; if g < 0 { g = refill(g) }`
fn charge_by_length(
    code: &mut InstructionSink<'_>,
    gauge: u32,
    length: u32,
    price: i64,
    refill: u32,
) {
    code.local_get(gauge)
        .local_get(length)
        .i64_const(price << gauge::FUEL_SHIFT)
        .i64_mul()
        .i64_sub()
        .local_tee(gauge)
        .i64_const(0)
        .i64_lt_s()
        .if_(BlockType::Empty)
        .local_get(gauge)
        .call(refill)
        .local_set(gauge)
        .end();
}

/// The door by which the host enters function `inner`: the guest's own signature outside, the gauge from the global
/// inside.
pub fn door(places: Places, inner: u32, parameters: u32) -> Vec<u8> {
    let mut body = begin(0, 0);
    let mut code = InstructionSink::new(&mut body);
    for parameter in 0..parameters {
        code.local_get(parameter);
    }
    code.global_get(places.gauge)
        .call(inner)
        .global_set(places.gauge)
        .end();
    body
}

/// An import as the guest's tables hold it: with the gauge in its signature, which the host gets to see.
pub fn import_in_table(places: Places, import: u32, parameters: u32) -> Vec<u8> {
    let mut body = begin(0, 0);
    let mut code = InstructionSink::new(&mut body);
    code.local_get(parameters).global_set(places.gauge);
    for parameter in 0..parameters {
        code.local_get(parameter);
    }
    code.call(import).global_get(places.gauge).end();
    body
}
