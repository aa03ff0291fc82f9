//! What has to change in one function: found in a single walk over its instructions, applied by [`super::body`].

use wasmparser::{MemArg, ValType};

/// One change. Everything between changes is copied byte by byte.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// Offset from the first instruction.
    pub at: u32,
    /// Original bytes left out.
    pub skip: u32,
    pub what: What,
}

/// What to write at an [`Edit`].
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// Nothing: the bytes left out are dead code.
    Nothing,
    /// After the `end` of a block that is never left by it. Validation believes in such an end, and would want to see
    /// the dead code behind it that is left out.
    Unreachable,
    /// Pay for the segment that begins here.
    Charge { segment: u32 },
    /// The head of a loop, check and charge included.
    Loop { index: u32 },
    /// After a loop's `end`.
    LoopEnd { index: u32 },
    /// `local.get`, renumbered; `node` says where the value might be made canonical.
    LocalGet { local: u32, node: u32 },
    /// `local.set`, renumbered.
    LocalSet { local: u32 },
    /// `local.tee`, renumbered.
    LocalTee { local: u32 },
    /// Make the topmost value canonical, if that turns out to be needed.
    Canonical { node: u32 },
    /// Between a comparison and the `select` that it is for: see [`super::body`].
    Apart,
    /// `v128.store8_lane`, in two instructions: see [`super::body`].
    StoreByteLane { memarg: MemArg, lane: u8 },
    /// `v128.store16_lane`, in two instructions.
    StoreShortLane { memarg: MemArg, lane: u8 },
    /// Let the host see the gauge, because the next instruction may trap.
    Flush,
    /// `call`.
    Call { function: u32 },
    /// `return_call`.
    ReturnCall { function: u32 },
    /// `call_indirect`.
    CallIndirect { ty: u32, table: u32 },
    /// `return_call_indirect`.
    ReturnCallIndirect { ty: u32, table: u32 },
    /// `ref.func`.
    RefFunc { function: u32 },
    /// `memory.grow`.
    MemoryGrow { memory: u32 },
    /// `table.grow`.
    TableGrow { table: u32 },
    /// Before a bulk operation whose length is on top of the stack.
    Bulk { unit: Unit },
    /// Leave the function: `return`, or a branch that does the same.
    Return,
    /// A branch of any kind out of loop `index`, whose own label is `label`: there may be one more label to pass.
    Branch { index: u32, label: u32 },
}

/// What a bulk operation's length counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Byte,
    Element,
}

/// What is known of a loop.
#[derive(Debug, Clone, Copy, Default)]
pub struct Loop {
    /// The segment at its head.
    pub segment: u32,
    /// Whether it calls anything, contains another loop, or takes parameters.
    pub is_plain: bool,
}

/// What has to change in a function.
#[derive(Debug, Default)]
pub struct Plan {
    pub edits: Vec<Edit>,
    /// Fuel by segment; the first is the function's entry.
    pub segments: Vec<u32>,
    pub loops: Vec<Loop>,
    /// Declared locals, parameters not counted, in groups.
    pub locals: Vec<(u32, ValType)>,
    /// Bytes of the declarations before the first instruction.
    pub header: usize,
    /// Whether other functions are called: then it counts in the call depth.
    pub calls: bool,
    /// Whether a conditional branch leaves the function, so that the body needs a block around it.
    pub wrap: bool,
    /// Whether the end of the body is reached.
    pub falls_through: bool,
    /// Most values on the operand stack.
    pub stack: usize,
    /// Whether any vector is on the operand stack or in a local.
    pub vectors: bool,
}

impl Plan {
    /// Forgets the function before, keeps the allocations.
    pub fn clear(&mut self) {
        let Self {
            edits,
            segments,
            loops,
            locals,
            ..
        } = std::mem::take(self);
        *self = Self {
            edits,
            segments,
            loops,
            locals,
            ..Self::default()
        };
        self.edits.clear();
        self.segments.clear();
        self.loops.clear();
        self.locals.clear();
    }
}
