//! Writes one function anew, by its plan.
//!
//! A function gets the gauge as an extra last parameter and gives it back as an extra last result, so that between calls
//! it lives in a register. Its own locals move up by one for it; a few scratch locals follow them.
//!
//! ```text
//! entry       g -= cost << 16 | frame; if g & EXHAUSTED { g = refill(g) }
//! segment     g -= cost << 16
//! loop        loop outer { if g < 0 { g = refill(g) }  loop { if g < 0 { br outer }  g -= cost << 16; … } }
//! busy loop   loop { g -= cost << 16; if g < 0 { g = refill(g) } … }
//! call        (arguments…, g) → (results…, g)
//! import      gauge = g; call; g = gauge
//! may trap    gauge = g
//! exit        … g + frame
//! ```
//!
//! The first form of a loop has no call in its body: compilers unroll only such loops, and keep all of the body's values
//! in registers. The cold branches carry hints, so that what they clobber is saved there and not in the hot path.
//!
//! Two changes are there for wasmi 2.0.0 only. They change nothing and cost nothing, and are made for both tiers, so that
//! these run the same module:
//! - A comparison whose result a `select` takes at once is masked with 1. wasmi fuses `local.get; i32.eqz; select` and then
//!   tests its accumulator, which does not hold the local.
//! - `v128.store8_lane` and `v128.store16_lane` with an offset of 64 KiB or more, or into another memory than the first,
//!   become an `extract_lane` and a store. wasmi writes their offset down with 32 bits and reads it with 64, which ends in
//!   undefined behaviour.

use wasm_encoder::{BlockType, Encode, InstructionSink, ValType};

use super::nan::{Nans, Shape};
use super::plan::{Plan, Unit, What};
use super::{cost, gauge};

/// Bits of the NaN that arithmetic makes: quiet, positive, no payload.
pub const CANONICAL_F32: u32 = 0x7fc0_0000;
/// The same for `f64`.
pub const CANONICAL_F64: u64 = 0x7ff8_0000_0000_0000;

/// What a body needs to know of its module.
pub trait Surroundings {
    /// Where a function that the guest calls by this index is now.
    fn callee(&mut self, function: u32) -> Callee;
    /// Where a function that the guest takes the reference of is now; it has the gauge in its signature.
    fn reference(&mut self, function: u32) -> u32;
    /// The type with the gauge in its signature.
    fn metered_type(&mut self, ty: u32) -> u32;
    /// The type from nothing to what type `ty` gives.
    fn results_only(&mut self, ty: u32) -> BlockType;
    /// The injected function that grows a memory.
    fn grow_memory(&mut self, memory: u32) -> u32;
    /// The injected function that grows a table.
    fn grow_table(&mut self, table: u32) -> u32;
    /// The injected function that asks the host for fuel.
    fn refill(&mut self) -> u32;
    /// The global in which the host sees the gauge.
    fn gauge(&self) -> u32;
}

/// Where a call leads.
#[derive(Debug, Clone, Copy)]
pub enum Callee {
    /// To the host, which sees the gauge in its global.
    Import(u32),
    /// To a function that takes and gives the gauge.
    Metered(u32),
}

/// One function to write.
pub struct Body<'a, S> {
    pub plan: &'a Plan,
    pub nans: &'a Nans,
    /// The original instructions, the last `end` included.
    pub code: &'a [u8],
    /// The guest's type of it.
    pub ty: u32,
    pub parameters: u32,
    /// Units of call depth, zero when it does not count.
    pub frame: u32,
    pub surroundings: &'a mut S,
}

/// Scratch locals, in this order behind the guest's own.
#[derive(Clone, Copy)]
enum Scratch {
    I32,
    F32,
    F64,
    V128,
}

const SCRATCH: [ValType; 4] = [ValType::I32, ValType::F32, ValType::F64, ValType::V128];

impl<S: Surroundings> Body<'_, S> {
    /// Writes the body without its length. `hints` receives the offsets of branches that are seldom taken.
    pub fn write(&mut self, out: &mut Vec<u8>, hints: &mut Vec<u32>) {
        let own: u32 = self.plan.locals.iter().map(|(count, _)| count).sum();
        let used = self.scratch_used();
        let mut scratch = [0; 4];
        let mut next = self.parameters + 1 + own;
        for (local, used) in scratch.iter_mut().zip(used) {
            *local = next;
            next += u32::from(used);
        }
        let groups = self.plan.locals.len() + used.iter().filter(|used| **used).count();
        groups.encode(out);
        for &(count, ty) in &self.plan.locals {
            count.encode(out);
            encoded(ty).encode(out);
        }
        for (ty, _) in SCRATCH.iter().zip(used).filter(|(_, used)| *used) {
            1_u32.encode(out);
            ty.encode(out);
        }
        Writer {
            body: self,
            out,
            hints,
            scratch,
        }
        .function();
    }

    /// How many locals the rewritten function has, its parameters included.
    pub fn locals(&self) -> u64 {
        let own: u64 = self.plan.locals.iter().map(|(n, _)| u64::from(*n)).sum();
        u64::from(self.parameters) + 1 + own + SCRATCH.len() as u64
    }

    fn scratch_used(&self) -> [bool; 4] {
        let mut used = [false; 4];
        for edit in &self.plan.edits {
            match edit.what {
                What::CallIndirect { .. } | What::ReturnCallIndirect { .. } | What::Bulk { .. } => {
                    used[Scratch::I32 as usize] = true
                }
                What::Canonical { node } => match self.nans.is_canonical_at(node) {
                    Some(Shape::F32) => used[Scratch::F32 as usize] = true,
                    Some(Shape::F64) => used[Scratch::F64 as usize] = true,
                    Some(Shape::F32x4 | Shape::F64x2) => used[Scratch::V128 as usize] = true,
                    None => {}
                },
                _ => {}
            }
        }
        used
    }
}

struct Writer<'w, 'a, S> {
    body: &'w mut Body<'a, S>,
    out: &'w mut Vec<u8>,
    hints: &'w mut Vec<u32>,
    scratch: [u32; 4],
}

impl<S: Surroundings> Writer<'_, '_, S> {
    fn function(&mut self) {
        let plan = self.body.plan;
        self.entry();
        if plan.wrap {
            let ty = self.body.surroundings.results_only(self.body.ty);
            self.sink().block(ty);
        }
        let mut copied = 0;
        for edit in &plan.edits {
            let at = edit.at as usize;
            self.copy(copied..at);
            copied = at + edit.skip as usize;
            self.edit(edit.what, at..copied);
        }
        if plan.wrap {
            self.sink().end();
        }
        if plan.falls_through || plan.wrap {
            self.gauge_on_exit();
        }
        self.sink().end();
    }

    fn entry(&mut self) {
        let fuel = self.body.plan.segments.first().copied().unwrap_or(0);
        let units = i64::from(self.body.frame);
        let gauge = self.gauge();
        if units == 0 {
            self.charge(fuel);
            return;
        }
        self.sink()
            .local_get(gauge)
            .i64_const(amount(fuel) + units * gauge::DEPTH_ONE)
            .i64_sub()
            .local_tee(gauge)
            .i64_const(gauge::EXHAUSTED)
            .i64_and()
            .i64_const(0)
            .i64_ne();
        self.refill_if();
    }

    fn edit(&mut self, what: What, range: std::ops::Range<usize>) {
        let gauge = self.gauge();
        match what {
            What::Nothing => {}
            What::Unreachable => {
                self.sink().unreachable();
            }
            What::Charge { segment } => self.charge_segment(segment),
            What::Loop { index } => self.loop_head(index, range),
            What::LoopEnd { index } => {
                if self.is_plain(index) {
                    self.sink().end();
                }
            }
            What::LocalGet { local, node } => {
                self.sink().local_get(local + 1);
                if let Some(shape) = self.body.nans.is_canonical_at(node) {
                    self.canonical_local(local + 1, shape);
                }
            }
            What::LocalSet { local } => {
                self.sink().local_set(local + 1);
            }
            What::LocalTee { local } => {
                self.sink().local_tee(local + 1);
            }
            What::Canonical { node } => {
                if let Some(shape) = self.body.nans.is_canonical_at(node) {
                    self.canonical(shape);
                }
            }
            What::Flush => self.flush(),
            What::Apart => {
                self.sink().i32_const(1).i32_and();
            }
            What::StoreByteLane { memarg, lane } => {
                let memarg = encoded_access(memarg);
                self.sink().i8x16_extract_lane_u(lane).i32_store8(memarg);
            }
            What::StoreShortLane { memarg, lane } => {
                let memarg = encoded_access(memarg);
                self.sink().i16x8_extract_lane_u(lane).i32_store16(memarg);
            }
            What::Call { function } => match self.body.surroundings.callee(function) {
                Callee::Import(index) => {
                    self.flush();
                    let global = self.body.surroundings.gauge();
                    self.sink().call(index).global_get(global).local_set(gauge);
                }
                Callee::Metered(index) => {
                    self.sink().local_get(gauge).call(index).local_set(gauge);
                }
            },
            What::ReturnCall { function } => match self.body.surroundings.callee(function) {
                Callee::Import(index) => {
                    self.flush();
                    let global = self.body.surroundings.gauge();
                    self.sink().call(index).global_get(global).local_set(gauge);
                    self.gauge_on_exit();
                    self.sink().return_();
                }
                Callee::Metered(index) => {
                    self.gauge_on_exit();
                    self.sink().return_call(index);
                }
            },
            What::CallIndirect { ty, table } => {
                let ty = self.body.surroundings.metered_type(ty);
                let index = self.scratch(Scratch::I32);
                self.sink()
                    .local_set(index)
                    .local_get(gauge)
                    .local_get(index)
                    .call_indirect(table, ty)
                    .local_set(gauge);
            }
            What::ReturnCallIndirect { ty, table } => {
                let ty = self.body.surroundings.metered_type(ty);
                let index = self.scratch(Scratch::I32);
                self.sink().local_set(index);
                self.gauge_on_exit();
                self.sink().local_get(index).return_call_indirect(table, ty);
            }
            What::RefFunc { function } => {
                let function = self.body.surroundings.reference(function);
                self.sink().ref_func(function);
            }
            What::MemoryGrow { memory } => {
                let grow = self.body.surroundings.grow_memory(memory);
                self.sink().local_get(gauge).call(grow).local_set(gauge);
            }
            What::TableGrow { table } => {
                let grow = self.body.surroundings.grow_table(table);
                self.sink().local_get(gauge).call(grow).local_set(gauge);
            }
            What::Bulk { unit } => self.bulk(unit),
            What::Return => {
                self.gauge_on_exit();
                self.sink().return_();
            }
            What::Branch { index, label } => {
                if self.is_plain(index) {
                    self.branch(range, label);
                } else {
                    self.copy(range);
                }
            }
        }
    }

    fn loop_head(&mut self, index: u32, range: std::ops::Range<usize>) {
        let gauge = self.gauge();
        let segment = self
            .body
            .plan
            .loops
            .get(index as usize)
            .map_or(0, |it| it.segment);
        self.copy(range.clone());
        if self.is_plain(index) {
            self.sink().local_get(gauge).i64_const(0).i64_lt_s();
            self.refill_if();
            self.copy(range);
            self.sink().local_get(gauge).i64_const(0).i64_lt_s();
            self.hint();
            self.sink().br_if(1);
            self.charge_segment(segment);
        } else {
            let fuel = self.fuel_of(segment);
            if fuel == 0 {
                self.sink().local_get(gauge);
            } else {
                self.sink()
                    .local_get(gauge)
                    .i64_const(amount(fuel))
                    .i64_sub()
                    .local_tee(gauge);
            }
            self.sink().i64_const(0).i64_lt_s();
            self.refill_if();
        }
    }

    /// `if { g = refill(g) }`, with the condition on the stack.
    fn refill_if(&mut self) {
        let (gauge, refill) = (self.gauge(), self.body.surroundings.refill());
        self.hint();
        self.sink()
            .if_(BlockType::Empty)
            .local_get(gauge)
            .call(refill)
            .local_set(gauge)
            .end();
    }

    fn charge_segment(&mut self, segment: u32) {
        let fuel = self.fuel_of(segment);
        self.charge(fuel);
    }

    fn charge(&mut self, fuel: u32) {
        if fuel == 0 {
            return;
        }
        let gauge = self.gauge();
        self.sink()
            .local_get(gauge)
            .i64_const(amount(fuel))
            .i64_sub()
            .local_set(gauge);
    }

    /// Pays for the length on top of the stack, which stays there.
    fn bulk(&mut self, unit: Unit) {
        let (gauge, length) = (self.gauge(), self.scratch(Scratch::I32));
        self.sink()
            .local_tee(length)
            .local_get(gauge)
            .local_get(length);
        match unit {
            Unit::Byte => {
                self.sink()
                    .i32_const(cost::BYTES_PER_UNIT_SHIFT as i32)
                    .i32_shr_u()
                    .i64_extend_i32_u();
            }
            Unit::Element => {
                self.sink().i64_extend_i32_u();
            }
        }
        // At most 2^32 units, and what was left before was not far below zero: this cannot overflow.
        self.sink()
            .i64_const(i64::from(gauge::FUEL_SHIFT))
            .i64_shl()
            .i64_sub()
            .local_tee(gauge)
            .i64_const(0)
            .i64_lt_s();
        self.refill_if();
        self.flush();
    }

    /// Pushes the gauge as the caller is to have it.
    fn gauge_on_exit(&mut self) {
        let (gauge, units) = (self.gauge(), i64::from(self.body.frame));
        self.sink().local_get(gauge);
        if units != 0 {
            self.sink().i64_const(units * gauge::DEPTH_ONE).i64_add();
        }
    }

    fn flush(&mut self) {
        let (gauge, global) = (self.gauge(), self.body.surroundings.gauge());
        self.sink().local_get(gauge).global_set(global);
    }

    /// Makes the topmost value canonical.
    fn canonical(&mut self, shape: Shape) {
        let local = self.scratch(match shape {
            Shape::F32 => Scratch::F32,
            Shape::F64 => Scratch::F64,
            Shape::F32x4 | Shape::F64x2 => Scratch::V128,
        });
        self.sink().local_tee(local);
        self.canonical_local(local, shape);
    }

    /// Makes the topmost value, which is also in `local`, canonical; the local may change with it.
    fn canonical_local(&mut self, local: u32, shape: Shape) {
        match shape {
            Shape::F32 => {
                self.sink().local_get(local).f32_ge().i32_eqz();
                self.hint();
                self.sink()
                    .if_(BlockType::Empty)
                    .f32_const(wasm_encoder::Ieee32::new(CANONICAL_F32))
                    .local_set(local)
                    .end()
                    .local_get(local);
            }
            Shape::F64 => {
                self.sink().local_get(local).f64_ge().i32_eqz();
                self.hint();
                self.sink()
                    .if_(BlockType::Empty)
                    .f64_const(wasm_encoder::Ieee64::new(CANONICAL_F64))
                    .local_set(local)
                    .end()
                    .local_get(local);
            }
            Shape::F32x4 => {
                let lane = u128::from(CANONICAL_F32);
                let lanes = lane | lane << 32 | lane << 64 | lane << 96;
                self.sink()
                    .v128_const(lanes as i128)
                    .local_get(local)
                    .local_get(local)
                    .f32x4_eq()
                    .v128_bitselect();
            }
            Shape::F64x2 => {
                let lane = u128::from(CANONICAL_F64);
                self.sink()
                    .v128_const((lane | lane << 64) as i128)
                    .local_get(local)
                    .local_get(local)
                    .f64x2_eq()
                    .v128_bitselect();
            }
        }
    }

    /// Copies a branch whose labels beyond `label` are one further away.
    fn branch(&mut self, range: std::ops::Range<usize>, label: u32) {
        const BR_TABLE: u8 = 0x0e;
        let Some((&opcode, mut rest)) = self.body.code.get(range).and_then(<[u8]>::split_first)
        else {
            return;
        };
        self.out.push(opcode);
        let labels = if opcode == BR_TABLE {
            let count = leb(&mut rest);
            count.encode(self.out);
            u64::from(count) + 1
        } else {
            1
        };
        for _ in 0..labels {
            let depth = leb(&mut rest);
            (depth + u32::from(depth > label)).encode(self.out);
        }
    }

    fn copy(&mut self, range: std::ops::Range<usize>) {
        if let Some(bytes) = self.body.code.get(range) {
            self.out.extend_from_slice(bytes);
        }
    }

    /// The next instruction branches, but seldom.
    fn hint(&mut self) {
        self.hints.push(self.out.len() as u32);
    }

    fn sink(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(self.out)
    }

    fn gauge(&self) -> u32 {
        self.body.parameters
    }

    fn scratch(&self, which: Scratch) -> u32 {
        self.scratch[which as usize]
    }

    fn is_plain(&self, index: u32) -> bool {
        let loops = &self.body.plan.loops;
        loops.get(index as usize).is_some_and(|it| it.is_plain)
    }

    fn fuel_of(&self, segment: u32) -> u32 {
        let segments = &self.body.plan.segments;
        segments.get(segment as usize).copied().unwrap_or(0)
    }
}

/// Fuel as it is subtracted from a gauge.
fn amount(fuel: u32) -> i64 {
    i64::from(fuel) << gauge::FUEL_SHIFT
}

/// Reads an unsigned LEB128 number that was validated before.
fn leb(bytes: &mut &[u8]) -> u32 {
    let mut value = 0;
    let mut shift = 0;
    while let Some((&byte, rest)) = bytes.split_first() {
        *bytes = rest;
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    value
}

/// Where an access goes, in the encoder's words.
fn encoded_access(memarg: wasmparser::MemArg) -> wasm_encoder::MemArg {
    wasm_encoder::MemArg {
        offset: memarg.offset,
        align: u32::from(memarg.align),
        target: wasm_encoder::MemArgTarget::Memory(match memarg.target {
            wasmparser::MemArgTarget::Memory(memory) => memory,
            // Arrays are garbage-collected, which is not in our feature set.
            wasmparser::MemArgTarget::Array(_) => 0,
        }),
        ordering: None,
    }
}

/// A type in the encoder's words. Only types of our feature set come here.
pub fn encoded(ty: wasmparser::ValType) -> ValType {
    match ty {
        wasmparser::ValType::I32 => ValType::I32,
        wasmparser::ValType::I64 => ValType::I64,
        wasmparser::ValType::F32 => ValType::F32,
        wasmparser::ValType::F64 => ValType::F64,
        wasmparser::ValType::V128 => ValType::V128,
        wasmparser::ValType::Ref(ty) if ty.is_extern_ref() => ValType::EXTERNREF,
        wasmparser::ValType::Ref(_) => ValType::FUNCREF,
    }
}
