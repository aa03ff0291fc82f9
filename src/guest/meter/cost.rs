//! What each instruction costs.
//!
//! One unit is one simple instruction: an addition, a comparison, a load, a taken or untaken branch. The table says what
//! compiled code costs on a server core, not what WebAssembly's encoding looks like:
//!
//! - What names a value or a place is free, because compilers turn it into registers and labels: `local.*`, constants,
//!   `drop`, `nop`, `block`, `loop`, `else`, `end`.
//! - Loads, stores and globals cost one: they hit the first-level cache as a rule, and several run at once.
//! - What is slow by latency costs about that many cycles at two simple instructions a cycle, rounded down, because it
//!   seldom overlaps fully: integer division by a variable, floating-point division and square root.
//! - Division by a constant that is not zero becomes a multiplication in every compiler.
//! - A call pays for its frame: saving registers, the jump there and back. An indirect call also for the bounds, null and
//!   signature checks and the harder prediction.
//! - Work proportional to a length is paid by length, see the constants.
//!
//! Every change of a figure here changes durations: raise [`super::VERSION`] with it.

use wasmparser::Operator;

/// Free: names a value or a place.
const FREE: u32 = 0;
/// One simple instruction.
const SIMPLE: u32 = 1;
/// A fixed short sequence, or one instruction of three to five cycles' latency.
const SHORT: u32 = 2;
/// Float to integer with its range check, rounding, minimum and maximum with their NaN and zero cases.
const CONVERT: u32 = 3;
/// Integer multiplication in 128-bit lanes that has no single instruction, and the like.
const WIDE: u32 = 4;
/// Integer division or remainder by a constant: a multiplication and a shift.
const DIVIDE_BY_CONSTANT: u32 = 3;
/// 32-bit integer division or remainder.
const DIVIDE_32: u32 = 12;
/// 64-bit integer division or remainder.
const DIVIDE_64: u32 = 18;
/// Floating-point division or square root.
const DIVIDE_FLOAT: u32 = 8;
/// A direct call, callee's frame included.
const CALL: u32 = 3;
/// A call through a table.
const CALL_INDIRECT: u32 = 8;
/// A branch through a table of labels.
const SWITCH: u32 = 3;
/// Starting a bulk operation: its checks and the call of the engine's routine.
const BULK: u32 = 10;
/// A request to grow, granted or not.
const GROW: u32 = 100;

/// Bytes that a bulk memory operation moves per unit, as a shift: 16.
pub const BYTES_PER_UNIT_SHIFT: u32 = 4;

/// One page of memory that was granted: 64 KiB filled with zeros, at the price of `memory.fill`.
pub const GROWN_PAGE: i64 = 65_536 >> BYTES_PER_UNIT_SHIFT;

/// One element that a bulk table operation moves, or a table grows by.
pub const TABLE_ELEMENT: i64 = 1;

/// The fixed cost of an instruction; what depends on a length comes on top.
///
/// `divisor_is_constant` says that the instruction just before pushed a constant that is not zero, nor minus one.
pub fn of(op: &Operator<'_>, divisor_is_constant: bool) -> u32 {
    use Operator::*;
    match op {
        Nop | Block { .. } | Loop { .. } | Else | End | Drop | LocalGet { .. }
        | LocalSet { .. } | LocalTee { .. } | I32Const { .. } | I64Const { .. }
        | F32Const { .. } | F64Const { .. } | V128Const { .. } | RefNull { .. }
        // It ends the program.
        | Unreachable
        // The same register, read otherwise.
        | I32WrapI64 => FREE,

        I32DivS | I32DivU | I32RemS | I32RemU if divisor_is_constant => DIVIDE_BY_CONSTANT,
        I64DivS | I64DivU | I64RemS | I64RemU if divisor_is_constant => DIVIDE_BY_CONSTANT,
        I32DivS | I32DivU | I32RemS | I32RemU => DIVIDE_32,
        I64DivS | I64DivU | I64RemS | I64RemU => DIVIDE_64,

        F32Div | F64Div | F32Sqrt | F64Sqrt => DIVIDE_FLOAT,
        F32x4Div | F64x2Div | F32x4Sqrt | F64x2Sqrt => DIVIDE_FLOAT * 2,

        F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Min | F32Max | F64Ceil | F64Floor
        | F64Trunc | F64Nearest | F64Min | F64Max | F32Copysign | F64Copysign => CONVERT,
        I32TruncF32S | I32TruncF32U | I32TruncF64S | I32TruncF64U | I64TruncF32S
        | I64TruncF32U | I64TruncF64S | I64TruncF64U | I32TruncSatF32S | I32TruncSatF32U
        | I32TruncSatF64S | I32TruncSatF64U | I64TruncSatF32S | I64TruncSatF32U
        | I64TruncSatF64S | I64TruncSatF64U => CONVERT,
        F32ConvertI32S | F32ConvertI32U | F32ConvertI64S | F32ConvertI64U | F64ConvertI32S
        | F64ConvertI32U | F64ConvertI64S | F64ConvertI64U | F32DemoteF64 | F64PromoteF32 => SHORT,
        I32Mul | I64Mul | F32Mul | F64Mul | F32Add | F64Add | F32Sub | F64Sub => SIMPLE,

        Call { .. } | ReturnCall { .. } => CALL,
        CallIndirect { .. } | ReturnCallIndirect { .. } => CALL_INDIRECT,
        BrTable { .. } => SWITCH,

        MemoryGrow { .. } | TableGrow { .. } => GROW,
        MemoryInit { .. } | MemoryCopy { .. } | MemoryFill { .. } | TableInit { .. }
        | TableCopy { .. } | TableFill { .. } => BULK,
        TableGet { .. } | TableSet { .. } | RefFunc { .. } => SHORT,

        F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest | F64x2Ceil | F64x2Floor
        | F64x2Trunc | F64x2Nearest | F32x4Min | F32x4Max | F64x2Min | F64x2Max
        | I32x4TruncSatF32x4S | I32x4TruncSatF32x4U | I32x4TruncSatF64x2SZero
        | I32x4TruncSatF64x2UZero | F32x4ConvertI32x4U | F64x2ConvertLowI32x4U
        | I8x16Popcnt | I64x2Mul | I8x16Shl | I8x16ShrS | I8x16ShrU | I64x2ShrS
        | I8x16Shuffle { .. } | I8x16Swizzle => WIDE,
        V128Load8Lane { .. } | V128Load16Lane { .. } | V128Load32Lane { .. }
        | V128Load64Lane { .. } | V128Store8Lane { .. } | V128Store16Lane { .. }
        | V128Store32Lane { .. } | V128Store64Lane { .. } | I8x16AllTrue | I16x8AllTrue
        | I32x4AllTrue | I64x2AllTrue | V128AnyTrue | I8x16Bitmask | I16x8Bitmask
        | I32x4Bitmask | I64x2Bitmask | I32x4Mul | I32x4DotI16x8S | V128Bitselect
        | F32x4DemoteF64x2Zero | F64x2PromoteLowF32x4 | F32x4ConvertI32x4S
        | F64x2ConvertLowI32x4S => SHORT,

        _ => SIMPLE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_is_one_simple_instruction() {
        for op in [
            Operator::I32Add,
            Operator::I64Xor,
            Operator::F64Mul,
            Operator::Select,
            Operator::Return,
            Operator::BrIf { relative_depth: 0 },
            Operator::GlobalGet { global_index: 0 },
        ] {
            assert_eq!(of(&op, false), 1, "{op:?}");
        }
    }

    #[test]
    fn names_are_free() {
        for op in [
            Operator::LocalGet { local_index: 0 },
            Operator::I32Const { value: 3 },
            Operator::End,
            Operator::Drop,
        ] {
            assert_eq!(of(&op, false), 0, "{op:?}");
        }
    }

    #[test]
    fn division_by_a_constant_is_cheaper() {
        assert!(of(&Operator::I64RemU, true) < of(&Operator::I64RemU, false));
        assert_eq!(
            of(&Operator::F64Div, true),
            of(&Operator::F64Div, false),
            "only integers"
        );
    }
}
