//! What each instruction costs: one table, one fuel unit being one simple instruction.
//!
//! The weights follow the latency that compiled WebAssembly shows on current x86-64 and arm64 cores, in units of a simple
//! ALU operation: what a compiler folds away costs nothing (locals, constants, structure), what keeps a core busy costs
//! more (divisions, square roots), calls cost their frame. Bulk operations pay by size, because one instruction of them can
//! touch gigabytes. They are deliberately few and coarse: a reader should be able to count a loop by hand.

use wasmparser::Operator;

/// A direct call: the frame, besides the callee's own instructions.
pub const CALL: u32 = 2;
/// An indirect call: table bounds, signature check, jump.
pub const CALL_INDIRECT: u32 = 5;
/// Integer division and remainder; float division.
pub const DIVISION: u32 = 10;
/// Square root.
pub const SQUARE_ROOT: u32 = 15;
/// `memory.grow` and `table.grow`, before what they add is paid for.
pub const GROW: u32 = 500;
/// A page of 64 KiB that was added: clearing it.
pub const PAGE: u64 = 4_096;
/// Start of a bulk operation.
pub const BULK: u32 = 10;
/// Bytes that a bulk memory operation handles for one unit of fuel, as a power of two: 8.
pub const BYTES_PER_FUEL_SHIFT: u32 = 3;

/// The fixed cost of an instruction in fuel. Bulk operations and growth pay for their size on top.
pub fn of(operator: &Operator<'_>) -> u32 {
    use Operator as O;
    match operator {
        // Structure, and what register allocation makes disappear.
        O::Nop
        | O::Block { .. }
        | O::Loop { .. }
        | O::Else
        | O::End
        | O::Drop
        | O::LocalGet { .. }
        | O::LocalSet { .. }
        | O::LocalTee { .. }
        | O::I32Const { .. }
        | O::I64Const { .. }
        | O::F32Const { .. }
        | O::F64Const { .. }
        | O::V128Const { .. }
        | O::RefNull { .. }
        | O::RefFunc { .. } => 0,

        O::Call { .. } | O::ReturnCall { .. } => CALL,
        O::CallIndirect { .. } | O::ReturnCallIndirect { .. } => CALL_INDIRECT,

        O::I32DivS
        | O::I32DivU
        | O::I32RemS
        | O::I32RemU
        | O::I64DivS
        | O::I64DivU
        | O::I64RemS
        | O::I64RemU
        | O::F32Div
        | O::F64Div
        | O::F32x4Div
        | O::F64x2Div => DIVISION,
        O::F32Sqrt | O::F64Sqrt | O::F32x4Sqrt | O::F64x2Sqrt => SQUARE_ROOT,

        O::MemoryGrow { .. } | O::TableGrow { .. } => GROW,
        O::MemoryFill { .. }
        | O::MemoryCopy { .. }
        | O::MemoryInit { .. }
        | O::TableFill { .. }
        | O::TableCopy { .. }
        | O::TableInit { .. } => BULK,

        _ => 1,
    }
}
