//! Rewriting one function so that it counts its own work.
//!
//! The gauge is cached in a local. Each straight-line segment subtracts its cost at its head; function entries and loop
//! heads check. The local is written back before a call, and read again after it only where it is next needed; what is
//! written back and what is not is followed along the instructions ([`Cache`]).
//!
//! The whole body stands in a block of its own, so that every way out but a trap or a tail call leads through one epilogue,
//! which gives the call depth back.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{BlockType, Function, Ieee32, Ieee64, Instruction as I};
use wasmparser::{FrameKind, Operator, ValType};

use super::cost;
use super::gauge::{DEPTH_ONE, EXHAUSTED};
use super::module::Layout;
use super::nan::{self, Lanes, Step};

/// A function as the validator has seen it: live instructions only.
pub struct Body<'a> {
    /// Types of all locals, parameters first.
    pub locals: Vec<ValType>,
    /// How many of them are parameters.
    pub parameters: usize,
    /// The live instructions.
    pub steps: Vec<Step<'a>>,
    /// The greatest height of the operand stack.
    pub height: u32,
    /// The type of the block that the body is put into.
    pub results: BlockType,
}

/// What is decided about a function before it is written.
struct Plan {
    /// Cost charged before the instruction with this index.
    charges: Vec<u64>,
    /// Whether the `end` at this index is a place that branches go to, so that several ways meet there.
    meets: Vec<bool>,
    /// Which results to canonicalise, sorted by index.
    canonical: Vec<(u32, Lanes)>,
    /// Makes calls.
    calls: bool,
    /// Has loops.
    loops: bool,
}

/// How the gauge's local and its global stand to each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cache {
    /// The local is right, the global is old.
    Dirty,
    /// Both are right.
    Clean,
    /// The global is right, the local is old: a call has happened.
    Stale,
}

/// Rewrites a function.
pub fn rewrite(body: &Body<'_>, layout: &mut Layout) -> Result<Function, String> {
    let plan = plan(body);
    let mut writer = Writer::new(body, &plan, layout);
    writer.prologue();
    for (index, step) in body.steps.iter().enumerate() {
        writer.step(index, step)?;
    }
    Ok(writer.function)
}

/// Walks the instructions once: segments and what they cost, where branches meet, NaNs.
fn plan(body: &Body<'_>) -> Plan {
    let steps = &body.steps;
    let mut plan = Plan {
        charges: vec![0; steps.len() + 1],
        meets: vec![false; steps.len()],
        canonical: Vec::new(),
        calls: false,
        loops: false,
    };
    let mut head = 0;
    let mut sum = 0_u64;
    let mut frames = vec![(FrameKind::Block, false)];
    let mut floats = false;
    for (index, Step { operator, .. }) in steps.iter().enumerate() {
        sum = sum.saturating_add(u64::from(cost::of(operator)));
        floats |= nan::makes_nans(operator);
        let target = |frames: &mut Vec<(FrameKind, bool)>, depth: u32| {
            let place = frames.len().checked_sub(1 + depth as usize);
            if let Some((_, meets)) = place.and_then(|place| frames.get_mut(place)) {
                *meets = true;
            }
        };
        let ends_segment = match operator {
            Operator::Block { .. } => {
                frames.push((FrameKind::Block, false));
                false
            }
            Operator::Loop { .. } => {
                plan.loops = true;
                frames.push((FrameKind::Loop, false));
                true
            }
            Operator::If { .. } => {
                frames.push((FrameKind::If, true));
                true
            }
            Operator::Else => true,
            Operator::End => {
                let (kind, meets) = frames.pop().unwrap_or((FrameKind::Block, true));
                plan.meets[index] = meets && kind != FrameKind::Loop;
                plan.meets[index]
            }
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                target(&mut frames, *relative_depth);
                true
            }
            Operator::BrTable { targets } => {
                target(&mut frames, targets.default());
                for depth in targets.targets().flatten() {
                    target(&mut frames, depth);
                }
                true
            }
            Operator::Return | Operator::Unreachable => true,
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => {
                plan.calls = true;
                true
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } | Operator::MemoryGrow { .. } => {
                plan.calls = true;
                false
            }
            _ => false,
        };
        if ends_segment {
            plan.charges[head] = sum;
            (head, sum) = (index + 1, 0);
        }
    }
    plan.charges[head] = sum;
    if floats {
        plan.canonical = nan::observed(steps, body.parameters, &body.locals);
    }
    plan
}

/// Units of call depth that a frame takes: what a baseline compiler would spill, in 64 bytes.
fn frame_units(body: &Body<'_>) -> i64 {
    let bytes = |kind: &ValType| if *kind == ValType::V128 { 16 } else { 8 };
    let locals: i64 = body.locals.iter().map(bytes).sum();
    let bytes = 64 + locals + 8 * i64::from(body.height);
    (bytes / 64).clamp(1, 8_000)
}

struct Writer<'a, 'b> {
    function: Function,
    plan: &'a Plan,
    layout: &'b mut Layout,
    results: BlockType,
    /// Depth that the prologue takes and the epilogue gives back, in the gauge's position; 0 for leaves.
    depth: i64,
    /// Entry and loop heads check.
    checks: bool,
    cache: Cache,
    /// Blocks open inside the body's own block: kind, and the state in which an `else` begins.
    frames: Vec<(FrameKind, Cache)>,
    next_canonical: usize,
    gauge: u32,
    length: u32,
    f32: u32,
    f64: u32,
    v128: u32,
}

impl<'a, 'b> Writer<'a, 'b> {
    fn new(body: &Body<'_>, plan: &'a Plan, layout: &'b mut Layout) -> Self {
        let mut locals: Vec<(u32, wasm_encoder::ValType)> = Vec::new();
        for kind in body.locals.iter().skip(body.parameters) {
            let kind = layout.val_type(*kind).unwrap_or(wasm_encoder::ValType::I32);
            match locals.last_mut() {
                Some((count, last)) if *last == kind => *count += 1,
                _ => locals.push((1, kind)),
            }
        }
        let mut next = body.locals.len() as u32;
        let mut local = |kind, wanted: bool| {
            if wanted {
                locals.push((1, kind));
                next += 1;
            }
            next - 1
        };
        let made = |lanes: &[Lanes]| plan.canonical.iter().any(|(_, l)| lanes.contains(l));
        let bulk = body.steps.iter().any(|step| is_bulk(&step.operator));
        use wasm_encoder::ValType as V;
        let gauge = local(V::I64, true);
        let length = local(V::I32, bulk);
        let f32 = local(V::F32, made(&[Lanes::F32]));
        let f64 = local(V::F64, made(&[Lanes::F64]));
        let v128 = local(V::V128, made(&[Lanes::F32x4, Lanes::F64x2]));
        let leaf = !plan.calls && !plan.loops;
        Self {
            function: Function::new(locals),
            plan,
            layout,
            results: body.results,
            depth: if leaf {
                0
            } else {
                frame_units(body) * DEPTH_ONE
            },
            checks: !leaf,
            cache: Cache::Stale,
            frames: Vec::new(),
            next_canonical: 0,
            gauge,
            length,
            f32,
            f64,
            v128,
        }
    }

    fn prologue(&mut self) {
        let first = self.plan.charges.first().copied().unwrap_or(0);
        self.charge(self.depth.wrapping_add(first as i64));
        if self.checks {
            self.check();
        }
        self.put(&I::Block(self.results));
    }

    fn step(&mut self, index: usize, step: &Step<'_>) -> Result<(), String> {
        if index > 0 && self.plan.charges[index] > 0 {
            self.charge(self.plan.charges[index] as i64);
        }
        match &step.operator {
            Operator::Block { .. } => {
                self.frames.push((FrameKind::Block, self.cache));
                self.copy(&step.operator)?;
            }
            Operator::Loop { .. } => {
                self.fresh();
                self.frames.push((FrameKind::Loop, self.cache));
                self.copy(&step.operator)?;
                self.cache = Cache::Dirty;
                self.check();
            }
            Operator::If { .. } => {
                // Without an `else`, one of the two ways that meet behind it is no way at all.
                self.fresh();
                self.frames.push((FrameKind::If, self.cache));
                self.copy(&step.operator)?;
            }
            Operator::Else => {
                self.fresh();
                let before = self.frames.last().map_or(Cache::Dirty, |(_, cache)| *cache);
                self.copy(&step.operator)?;
                self.cache = before;
            }
            Operator::End => self.end(index),
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::BrTable { .. } => {
                self.fresh();
                self.copy(&step.operator)?;
            }
            Operator::Return => {
                self.fresh();
                let depth = self.frames.len() as u32;
                self.put(&I::Br(depth));
            }
            Operator::Call { .. } | Operator::CallIndirect { .. } => {
                self.flush();
                self.copy(&step.operator)?;
                self.cache = Cache::Stale;
            }
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => {
                self.leave();
                self.copy(&step.operator)?;
            }
            Operator::MemoryGrow { mem } => {
                self.flush();
                let helper = self.layout.grow_helper(*mem);
                self.put(&I::Call(helper));
                self.cache = Cache::Stale;
            }
            operator if is_bulk(operator) => {
                self.charge_by_length(operator);
                self.check();
                self.flush();
                self.copy(operator)?;
            }
            operator => {
                if may_trap(operator) {
                    self.flush();
                }
                self.copy(operator)?;
            }
        }
        self.canonicalise(index);
        Ok(())
    }

    fn end(&mut self, index: usize) {
        if self.frames.pop().is_none() {
            // The function's own end: first out of the body's block, then through the epilogue.
            self.fresh();
            self.put(&I::End);
            self.cache = Cache::Dirty;
            self.leave();
            self.put(&I::End);
            return;
        }
        if self.plan.meets[index] {
            self.fresh();
            self.cache = Cache::Dirty;
        }
        self.put(&I::End);
    }

    /// Writes the way out: the depth is given back, and the global is right.
    fn leave(&mut self) {
        if self.depth != 0 {
            self.charge(self.depth.wrapping_neg());
        }
        self.flush();
    }

    /// Subtracts from the gauge.
    fn charge(&mut self, cost: i64) {
        match self.cache {
            Cache::Stale => self.put(&I::GlobalGet(self.layout.gauge)),
            _ => self.put(&I::LocalGet(self.gauge)),
        }
        self.put(&I::I64Const(cost));
        self.put(&I::I64Sub);
        self.put(&I::LocalSet(self.gauge));
        self.cache = Cache::Dirty;
    }

    /// Asks whether fuel or depth is used up, and if so lets the host see to it.
    fn check(&mut self) {
        self.fresh();
        self.put(&I::LocalGet(self.gauge));
        self.put(&I::I64Const(EXHAUSTED));
        self.put(&I::I64And);
        self.put(&I::I64Const(0));
        self.put(&I::I64Ne);
        self.put(&I::If(BlockType::Empty));
        self.put(&I::LocalGet(self.gauge));
        self.put(&I::Call(self.layout.refill));
        self.put(&I::LocalSet(self.gauge));
        self.put(&I::End);
    }

    /// Makes the local right.
    fn fresh(&mut self) {
        if self.cache == Cache::Stale {
            self.put(&I::GlobalGet(self.layout.gauge));
            self.put(&I::LocalSet(self.gauge));
            self.cache = Cache::Clean;
        }
    }

    /// Makes the global right.
    fn flush(&mut self) {
        if self.cache == Cache::Dirty {
            self.put(&I::LocalGet(self.gauge));
            self.put(&I::GlobalSet(self.layout.gauge));
            self.cache = Cache::Clean;
        }
    }

    /// Charges a bulk operation by the length on top of the stack.
    fn charge_by_length(&mut self, operator: &Operator<'_>) {
        self.fresh();
        self.put(&I::LocalTee(self.length));
        self.put(&I::LocalGet(self.gauge));
        self.put(&I::LocalGet(self.length));
        self.put(&I::I64ExtendI32U);
        if is_memory_bulk(operator) {
            self.put(&I::I64Const(i64::from(cost::BYTES_PER_FUEL_SHIFT)));
            self.put(&I::I64ShrU);
        }
        self.put(&I::I64Sub);
        self.put(&I::LocalSet(self.gauge));
        self.cache = Cache::Dirty;
    }

    /// Gives the NaN that an instruction may have made its canonical bits.
    fn canonicalise(&mut self, index: usize) {
        let Some((at, lanes)) = self.plan.canonical.get(self.next_canonical).copied() else {
            return;
        };
        if at as usize != index {
            return;
        }
        self.next_canonical += 1;
        match lanes {
            Lanes::F32 => self.canonical(
                self.f32,
                &I::F32Const(Ieee32::new(0x7fc0_0000)),
                &[I::F32Eq, I::Select],
            ),
            Lanes::F64 => self.canonical(
                self.f64,
                &I::F64Const(Ieee64::new(0x7ff8_0000_0000_0000)),
                &[I::F64Eq, I::Select],
            ),
            Lanes::F32x4 => self.canonical(
                self.v128,
                &I::V128Const(0x7fc0_0000_7fc0_0000_7fc0_0000_7fc0_0000),
                &[I::F32x4Eq, I::V128Bitselect],
            ),
            Lanes::F64x2 => self.canonical(
                self.v128,
                &I::V128Const(0x7ff8_0000_0000_0000_7ff8_0000_0000_0000),
                &[I::F64x2Eq, I::V128Bitselect],
            ),
        }
    }

    fn canonical(&mut self, local: u32, nan: &I<'_>, choose: &[I<'_>]) {
        self.put(&I::LocalTee(local));
        self.put(nan);
        self.put(&I::LocalGet(local));
        self.put(&I::LocalGet(local));
        for instruction in choose {
            self.put(instruction);
        }
    }

    fn put(&mut self, instruction: &I<'_>) {
        self.function.instruction(instruction);
    }

    fn copy(&mut self, operator: &Operator<'_>) -> Result<(), String> {
        let instruction = self
            .layout
            .instruction(operator.clone())
            .map_err(|error| error.to_string())?;
        self.function.instruction(&instruction);
        Ok(())
    }
}

fn is_memory_bulk(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } | Operator::MemoryInit { .. }
    )
}

/// Operations whose cost depends on the length on top of the stack.
fn is_bulk(operator: &Operator<'_>) -> bool {
    is_memory_bulk(operator)
        || matches!(
            operator,
            Operator::TableFill { .. }
                | Operator::TableCopy { .. }
                | Operator::TableInit { .. }
                | Operator::TableGrow { .. }
        )
}

/// Instructions before which the global is made right, so that the work done is known exactly if they trap. Plain loads and
/// stores are not among them: they are too many, and a slice of fuel bounds what stays uncounted.
fn may_trap(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Unreachable
            | O::I32DivS
            | O::I32DivU
            | O::I32RemS
            | O::I32RemU
            | O::I64DivS
            | O::I64DivU
            | O::I64RemS
            | O::I64RemU
            | O::I32TruncF32S
            | O::I32TruncF32U
            | O::I32TruncF64S
            | O::I32TruncF64U
            | O::I64TruncF32S
            | O::I64TruncF32U
            | O::I64TruncF64S
            | O::I64TruncF64U
            | O::TableGet { .. }
            | O::TableSet { .. }
    )
}
