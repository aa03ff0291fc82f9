//! Where NaN bits have to be made canonical.
//!
//! The bits of a NaN that *arithmetic* produces are the processor's choice; the bits of a NaN that was loaded, given as a
//! constant or reinterpreted are the program's own and must not be touched. So every value on the operand stack is
//! followed from its production to its use. A production is canonicalised, right where it is made, only if some use can
//! observe its bits: a store, a reinterpretation, the sign of a `copysign`, a call, a result, a global. Use in further
//! arithmetic or in a comparison observes nothing. A local that only ever holds productions (an accumulator, say) stays
//! unobserved too, and is canonicalised where it is read for an observation.

use wasmparser::{Operator, ValType};

/// How a production is made canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lanes {
    /// A scalar `f32`.
    F32,
    /// A scalar `f64`.
    F64,
    /// Four `f32` in a vector.
    F32x4,
    /// Two `f64` in a vector.
    F64x2,
}

/// What is known of a value on the operand stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Anything whose bits are the program's own.
    Own,
    /// A float that cannot be a NaN.
    Number,
    /// Made by arithmetic, at this instruction.
    Made(u32, Lanes),
    /// Passed on from a local, by this instruction: as the local is.
    From(u32, Lanes, u32),
}

/// An instruction with its arity.
pub struct Step<'a> {
    /// The instruction.
    pub operator: Operator<'a>,
    /// Operands taken.
    pub pops: u32,
    /// Results left.
    pub pushes: u32,
    /// Height of the operand stack before it.
    pub height: u32,
}

/// Whether any instruction could make a NaN with bits of its own.
pub fn makes_nans(operator: &Operator<'_>) -> bool {
    production(operator).is_some()
}

/// Which instructions' results have to be canonicalised, and how; sorted by index.
///
/// `locals` are the types of all locals, of which the first `parameters` hold values of the caller.
pub fn observed(steps: &[Step<'_>], parameters: usize, locals: &[ValType]) -> Vec<(u32, Lanes)> {
    // First find the locals that hold productions only: assume that all do, and take back what contradicts.
    let mut lazy: Vec<bool> = (0..locals.len()).map(|local| local >= parameters).collect();
    let mut first = Walk::new(locals, &lazy);
    first.through(steps);
    let sets = first.sets;
    loop {
        let mut changed = false;
        for (local, slot) in &sets {
            let own = match slot {
                Slot::Own => true,
                Slot::Number | Slot::Made(..) => false,
                Slot::From(_, _, source) => !is(&lazy, *source),
            };
            if own && is(&lazy, *local) {
                lazy[*local as usize] = false;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut second = Walk::new(locals, &lazy);
    second.through(steps);
    let mut found = second.observed;
    // Vector arithmetic is always canonicalised: integer instructions can look at its lanes directly.
    for (index, step) in steps.iter().enumerate() {
        if let Some(lanes @ (Lanes::F32x4 | Lanes::F64x2)) = production(&step.operator) {
            found.push((index as u32, lanes));
        }
    }
    found.sort_unstable_by_key(|(index, _)| *index);
    found.dedup_by_key(|(index, _)| *index);
    found
}

fn is(lazy: &[bool], local: u32) -> bool {
    lazy.get(local as usize).copied().unwrap_or(false)
}

/// One walk along a function's instructions, following every value.
struct Walk<'a> {
    locals: &'a [ValType],
    lazy: &'a [bool],
    stack: Vec<Slot>,
    observed: Vec<(u32, Lanes)>,
    sets: Vec<(u32, Slot)>,
}

impl<'a> Walk<'a> {
    fn new(locals: &'a [ValType], lazy: &'a [bool]) -> Self {
        Self {
            locals,
            lazy,
            stack: Vec::new(),
            observed: Vec::new(),
            sets: Vec::new(),
        }
    }

    fn through(&mut self, steps: &[Step<'_>]) {
        for (index, step) in steps.iter().enumerate() {
            // Behind unreachable code the stack is what the validator says it is.
            self.stack.resize(step.height as usize, Slot::Own);
            let rest = self.stack.len().saturating_sub(step.pops as usize);
            let operands = self.stack.split_off(rest);
            let pushed = self.step(index as u32, &step.operator, &operands);
            for _ in 0..step.pushes {
                self.stack.push(pushed);
            }
        }
    }

    /// What one instruction observes, and what it leaves.
    fn step(&mut self, index: u32, operator: &Operator<'_>, operands: &[Slot]) -> Slot {
        use Operator as O;
        let operand = |position: usize| operands.get(position).copied().unwrap_or(Slot::Own);
        match operator {
            O::LocalGet { local_index } => match self.lanes_of(*local_index) {
                Some(lanes) => Slot::From(index, lanes, *local_index),
                None => Slot::Own,
            },
            O::LocalSet { local_index } | O::LocalTee { local_index } => {
                let slot = operand(0);
                if self.lanes_of(*local_index).is_none() {
                    return Slot::Own;
                }
                self.sets.push((*local_index, slot));
                if is(self.lazy, *local_index) {
                    // The local and what stays on the stack are the same production.
                    slot
                } else {
                    self.observe(slot);
                    Slot::Own
                }
            }
            O::F32Const { value } => number(!f32::from_bits(value.bits()).is_nan()),
            O::F64Const { value } => number(!f64::from_bits(value.bits()).is_nan()),
            O::F32ConvertI32S
            | O::F32ConvertI32U
            | O::F32ConvertI64S
            | O::F32ConvertI64U
            | O::F64ConvertI32S
            | O::F64ConvertI32U
            | O::F64ConvertI64S
            | O::F64ConvertI64U => Slot::Number,
            // The sign bit moves, nothing else: as its operand is, so is the result.
            O::F32Neg | O::F32Abs => self.same_as(operand(0), index, Lanes::F32),
            O::F64Neg | O::F64Abs => self.same_as(operand(0), index, Lanes::F64),
            O::F32Copysign => {
                self.observe(operand(1));
                self.same_as(operand(0), index, Lanes::F32)
            }
            O::F64Copysign => {
                self.observe(operand(1));
                self.same_as(operand(0), index, Lanes::F64)
            }
            O::Drop
            | O::F32Eq
            | O::F32Ne
            | O::F32Lt
            | O::F32Gt
            | O::F32Le
            | O::F32Ge
            | O::F64Eq
            | O::F64Ne
            | O::F64Lt
            | O::F64Gt
            | O::F64Le
            | O::F64Ge
            | O::I32TruncF32S
            | O::I32TruncF32U
            | O::I32TruncF64S
            | O::I32TruncF64U
            | O::I64TruncF32S
            | O::I64TruncF32U
            | O::I64TruncF64S
            | O::I64TruncF64U
            | O::I32TruncSatF32S
            | O::I32TruncSatF32U
            | O::I32TruncSatF64S
            | O::I32TruncSatF64U
            | O::I64TruncSatF32S
            | O::I64TruncSatF32U
            | O::I64TruncSatF64S
            | O::I64TruncSatF64U => Slot::Own,
            O::Select => match (operand(0), operand(1)) {
                (Slot::Number, Slot::Number) => Slot::Number,
                (Slot::Made(_, lanes), Slot::Made(..) | Slot::Number)
                | (Slot::Number, Slot::Made(_, lanes)) => Slot::Made(index, lanes),
                (left, right) => {
                    self.observe(left);
                    self.observe(right);
                    Slot::Own
                }
            },
            _ => match production(operator) {
                Some(lanes @ (Lanes::F32 | Lanes::F64)) => Slot::Made(index, lanes),
                _ => {
                    for slot in operands {
                        self.observe(*slot);
                    }
                    Slot::Own
                }
            },
        }
    }

    /// A result with the NaN bits of its operand, but for the sign.
    fn same_as(&mut self, operand: Slot, index: u32, lanes: Lanes) -> Slot {
        match operand {
            Slot::Made(..) => Slot::Made(index, lanes),
            Slot::From(_, _, local) => Slot::From(index, lanes, local),
            other => other,
        }
    }

    fn observe(&mut self, slot: Slot) {
        match slot {
            Slot::Made(at, lanes) => self.observed.push((at, lanes)),
            Slot::From(at, lanes, local) if is(self.lazy, local) => {
                self.observed.push((at, lanes));
            }
            _ => {}
        }
    }

    fn lanes_of(&self, local: u32) -> Option<Lanes> {
        match self.locals.get(local as usize)? {
            ValType::F32 => Some(Lanes::F32),
            ValType::F64 => Some(Lanes::F64),
            _ => None,
        }
    }
}

fn number(is_number: bool) -> Slot {
    if is_number { Slot::Number } else { Slot::Own }
}

/// Whether an instruction can make a NaN with bits of its own, and in which lanes.
fn production(operator: &Operator<'_>) -> Option<Lanes> {
    use Operator as O;
    Some(match operator {
        O::F32Add
        | O::F32Sub
        | O::F32Mul
        | O::F32Div
        | O::F32Sqrt
        | O::F32Min
        | O::F32Max
        | O::F32Ceil
        | O::F32Floor
        | O::F32Trunc
        | O::F32Nearest
        | O::F32DemoteF64 => Lanes::F32,
        O::F64Add
        | O::F64Sub
        | O::F64Mul
        | O::F64Div
        | O::F64Sqrt
        | O::F64Min
        | O::F64Max
        | O::F64Ceil
        | O::F64Floor
        | O::F64Trunc
        | O::F64Nearest
        | O::F64PromoteF32 => Lanes::F64,
        O::F32x4Add
        | O::F32x4Sub
        | O::F32x4Mul
        | O::F32x4Div
        | O::F32x4Sqrt
        | O::F32x4Min
        | O::F32x4Max
        | O::F32x4Ceil
        | O::F32x4Floor
        | O::F32x4Trunc
        | O::F32x4Nearest
        | O::F32x4DemoteF64x2Zero => Lanes::F32x4,
        O::F64x2Add
        | O::F64x2Sub
        | O::F64x2Mul
        | O::F64x2Div
        | O::F64x2Sqrt
        | O::F64x2Min
        | O::F64x2Max
        | O::F64x2Ceil
        | O::F64x2Floor
        | O::F64x2Trunc
        | O::F64x2Nearest
        | O::F64x2PromoteLowF32x4 => Lanes::F64x2,
        _ => return None,
    })
}
