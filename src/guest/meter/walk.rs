//! The walk over one function: validates it, cuts it into segments, follows its floats, and writes down the changes.
//!
//! # Segments
//! A segment is a set of places that all run equally often, and is paid for at the first of them. Straight-line code is
//! one segment; calls do not end it. Beyond that, the code after a block, `if` or loop belongs to the segment before it,
//! unless a branch inside leads further out: then it may be skipped, and is a segment of its own. So an `if` in the middle
//! of a loop costs the loop one charge more, not two.
//!
//! A segment is paid for as a whole when it begins. What does not finish (a trap, or a host function that ends the
//! program) has paid for the rest of its segments; what does finish has paid exactly.

use wasmparser::{
    BlockType, FuncValidator, FunctionBody, MemArg, MemArgTarget, ModuleArity, Operator, ValType,
    WasmModuleResources,
};

use super::cost;
use super::nan::{Applied, Nans};
use super::plan::{Edit, Loop, Plan, Unit, What};

/// A control frame.
struct Frame {
    kind: Kind,
    /// The segment before it.
    before: u32,
    /// The outermost frame that a branch inside leads to.
    leaves_to: usize,
    /// Whether a branch leads to its end.
    is_target: bool,
    /// Whether its end is reached by the arm before an `else`, or by a missing `else`.
    other_arm: bool,
    /// Values on the stack below it.
    height: usize,
    parameters: u32,
    results: u32,
    /// The innermost loop around it, this one excepted.
    loop_around: Option<LoopLabel>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Block,
    If,
    Else,
    Loop { index: u32 },
}

/// A loop that is open.
#[derive(Clone, Copy)]
struct LoopLabel {
    index: u32,
    /// Its place among the frames.
    frame: usize,
}

/// Code that cannot be reached.
struct Dead {
    /// Where it begins.
    since: u32,
    /// Blocks opened in it.
    nested: usize,
}

/// How much thought goes into a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Segments and lazy NaNs, as described.
    #[default]
    Fast,
    /// Every instruction is a segment, every arithmetic result is made canonical, every loop is taken to be busy.
    Naive,
}

/// A walk; its allocations serve one function after the other.
#[derive(Default)]
pub struct Walk {
    pub nans: Nans,
    pub style: Style,
    frames: Vec<Frame>,
}

impl Walk {
    /// Validates a body and plans its changes.
    ///
    /// # Errors
    /// When the function is not valid.
    pub fn function<R: WasmModuleResources>(
        &mut self,
        validator: &mut FuncValidator<R>,
        body: &FunctionBody<'_>,
        parameters: u32,
        results: u32,
        plan: &mut Plan,
    ) -> wasmparser::Result<()> {
        plan.clear();
        self.nans.start(self.style == Style::Naive);
        self.frames.clear();

        let mut locals = body.get_locals_reader()?;
        for _ in 0..locals.get_count() {
            let offset = locals.original_position();
            let (count, ty) = locals.read()?;
            validator.define_locals(offset, count, ty)?;
            plan.locals.push((count, ty));
            plan.vectors |= ty == ValType::V128;
        }
        let mut operators = body.get_operators_reader()?;
        let first = operators.original_position();
        plan.header = (first - body.range().start) as usize;
        plan.segments.push(0);
        self.frames.push(Frame {
            kind: Kind::Function,
            before: 0,
            leaves_to: 0,
            is_target: false,
            other_arm: false,
            height: 0,
            parameters: 0,
            results,
            loop_around: None,
        });
        let mut pass = Pass {
            walk: self,
            plan,
            validator,
            parameters,
            segment: 0,
            loop_label: None,
            loops: 0,
            dead: None,
            flushed: false,
            divisor: false,
            zero_test: false,
        };
        while !operators.eof() {
            let offset = operators.original_position();
            let op = operators.read()?;
            pass.validator.op(offset, &op)?;
            let at = (offset - first) as u32;
            let next = (operators.original_position() - first) as u32;
            pass.operator(&op, at, next);
        }
        operators.finish()?;
        self.nans.resolve();
        plan.stack = self.nans.deepest();
        Ok(())
    }
}

/// Validates a body and does nothing else. It does so in the same way as [`Walk::function`], because what goes through all
/// instructions is large once compiled.
///
/// # Errors
/// When the function is not valid.
pub fn validate<R: WasmModuleResources>(
    validator: &mut FuncValidator<R>,
    body: &FunctionBody<'_>,
) -> wasmparser::Result<()> {
    validator.read_locals(&mut body.get_binary_reader())?;
    let mut operators = body.get_operators_reader()?;
    while !operators.eof() {
        let offset = operators.original_position();
        let op = operators.read()?;
        validator.op(offset, &op)?;
    }
    operators.finish()
}

struct Pass<'p, R> {
    walk: &'p mut Walk,
    plan: &'p mut Plan,
    validator: &'p mut FuncValidator<R>,
    parameters: u32,
    /// Where costs go.
    segment: u32,
    /// The innermost open loop.
    loop_label: Option<LoopLabel>,
    /// How many are open.
    loops: u8,
    dead: Option<Dead>,
    /// Whether the host can see the present gauge.
    flushed: bool,
    /// Whether the instruction before pushed a divisor that cannot trap.
    divisor: bool,
    /// Whether the instruction before was a test for zero, or may have been one.
    zero_test: bool,
}

impl<R: WasmModuleResources> Pass<'_, R> {
    fn operator(&mut self, op: &Operator<'_>, at: u32, next: u32) {
        if let Some(dead) = &mut self.dead {
            match op {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    dead.nested += 1;
                    return;
                }
                Operator::End if dead.nested > 0 => {
                    dead.nested -= 1;
                    return;
                }
                Operator::Else if dead.nested > 0 => return,
                Operator::End | Operator::Else => {
                    let since = dead.since;
                    if since < at {
                        self.edit(since, at, What::Nothing);
                    }
                }
                _ => return,
            }
        } else {
            let cost = cost::of(op, self.divisor);
            if self.walk.style == Style::Naive && cost > 0 {
                self.new_segment(at);
            }
            if let Some(fuel) = self.plan.segments.get_mut(self.segment as usize) {
                *fuel = fuel.saturating_add(cost);
            }
        }
        let divisor = std::mem::replace(&mut self.divisor, is_safe_divisor(op));
        match op {
            Operator::Nop => {}
            Operator::Select | Operator::TypedSelect { .. } if self.zero_test => {
                self.edit(at, at, What::Apart);
                self.zero_test = false;
            }
            Operator::I32Eqz | Operator::I32Eq | Operator::I32Ne => self.zero_test = true,
            _ => self.zero_test = false,
        }
        match op {
            Operator::Block { blockty } => self.open(Kind::Block, *blockty),
            Operator::Loop { blockty } => self.open_loop(*blockty, at, next),
            Operator::If { blockty } => {
                self.walk.nans.drop();
                self.open(Kind::If, *blockty);
                if let Some(frame) = self.walk.frames.last_mut() {
                    frame.other_arm = true;
                }
                self.new_segment(next);
            }
            Operator::Else => self.other_arm(next),
            Operator::End => self.close(at, next),
            Operator::Br { relative_depth } => {
                let target = self.target(*relative_depth);
                if target == 0 {
                    self.edit(at, next, What::Return);
                } else {
                    self.branch_edit(*relative_depth, at, next);
                }
                self.walk.nans.observe(self.label_arity(target));
                self.jump(target);
                self.die(next);
            }
            Operator::BrIf { relative_depth } => {
                let target = self.target(*relative_depth);
                self.branch_edit(*relative_depth, at, next);
                self.walk.nans.drop();
                self.jump(target);
                self.plan.wrap |= target == 0;
                let passed = self.label_arity(target);
                self.walk.nans.observe(passed);
                self.walk.nans.settle(passed);
                self.new_segment(next);
            }
            Operator::BrTable { targets } => {
                let mut deepest = targets.default();
                for target in targets.targets().flatten() {
                    deepest = deepest.max(target);
                    let target = self.target(target);
                    self.jump(target);
                    self.plan.wrap |= target == 0;
                }
                let target = self.target(targets.default());
                self.jump(target);
                self.plan.wrap |= target == 0;
                self.branch_edit(deepest, at, next);
                self.walk.nans.drop();
                self.walk.nans.observe(self.label_arity(target));
                self.die(next);
            }
            Operator::Return => {
                self.edit(at, next, What::Return);
                self.walk.nans.observe(self.label_arity(0));
                self.leave();
                self.die(next);
            }
            Operator::Unreachable => {
                self.flush(at);
                self.leave();
                self.die(next);
            }
            Operator::ReturnCall { function_index } => {
                self.observe_operands(op);
                self.called();
                self.edit(
                    at,
                    next,
                    What::ReturnCall {
                        function: *function_index,
                    },
                );
                self.leave();
                self.die(next);
            }
            Operator::ReturnCallIndirect {
                type_index,
                table_index,
            } => {
                self.observe_operands(op);
                self.called();
                self.flush(at);
                self.edit(
                    at,
                    next,
                    What::ReturnCallIndirect {
                        ty: *type_index,
                        table: *table_index,
                    },
                );
                self.leave();
                self.die(next);
            }
            Operator::Drop => self.walk.nans.drop(),
            Operator::LocalGet { local_index } => self.local_get(*local_index, at, next),
            Operator::LocalSet { local_index } => self.local_set(*local_index, at, next, false),
            Operator::LocalTee { local_index } => self.local_set(*local_index, at, next, true),
            _ => self.ordinary(op, divisor, at, next),
        }
    }

    /// An instruction that neither branches nor names a local.
    fn ordinary(&mut self, op: &Operator<'_>, safe_divisor: bool, at: u32, next: u32) {
        if may_trap(op, safe_divisor) {
            self.flush(at);
        }
        match op {
            Operator::Call { function_index } => {
                self.called();
                let function = *function_index;
                self.edit(at, next, What::Call { function });
            }
            Operator::CallIndirect {
                type_index,
                table_index,
            } => {
                self.called();
                let (ty, table) = (*type_index, *table_index);
                self.edit(at, next, What::CallIndirect { ty, table });
            }
            Operator::RefFunc { function_index } => {
                let function = *function_index;
                self.edit(at, next, What::RefFunc { function });
            }
            Operator::MemoryGrow { mem } => {
                self.busy_loop();
                self.edit(at, next, What::MemoryGrow { memory: *mem });
            }
            Operator::TableGrow { table } => {
                self.busy_loop();
                self.edit(at, next, What::TableGrow { table: *table });
            }
            Operator::V128Store8Lane { memarg, lane } if is_far(memarg) => {
                let (memarg, lane) = (*memarg, *lane);
                self.edit(at, next, What::StoreByteLane { memarg, lane });
            }
            Operator::V128Store16Lane { memarg, lane } if is_far(memarg) => {
                let (memarg, lane) = (*memarg, *lane);
                self.edit(at, next, What::StoreShortLane { memarg, lane });
            }
            Operator::MemoryInit { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. } => {
                self.bulk(Unit::Byte, at);
            }
            Operator::TableInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. } => {
                self.bulk(Unit::Element, at);
            }
            _ => {}
        }
        let loops = self.loops;
        match self.walk.nans.apply(op, loops) {
            Applied::Result { node } => self.edit(next, next, What::Canonical { node }),
            Applied::Done => {}
            Applied::NotUnderstood => {
                let pushes = self.observe_operands(op);
                self.walk.nans.settle(pushes);
            }
        }
        if pushes_vector(op) {
            self.plan.vectors = true;
        }
    }

    fn local_get(&mut self, local: u32, at: u32, next: u32) {
        if local < self.parameters {
            self.walk.nans.settle(1);
            return;
        }
        let node = match self.float_local(local) {
            Some(ty) => self.walk.nans.get(local, ty, self.loops),
            None => {
                self.walk.nans.settle(1);
                u32::MAX
            }
        };
        self.edit(at, next, What::LocalGet { local, node });
    }

    fn local_set(&mut self, local: u32, at: u32, next: u32, keep: bool) {
        match self.float_local(local) {
            Some(ty) if local >= self.parameters => {
                if keep {
                    self.walk.nans.tee(local, ty);
                } else {
                    self.walk.nans.set(local, ty);
                }
            }
            _ => {
                self.walk.nans.observe(1);
                self.walk.nans.settle(u32::from(keep));
            }
        }
        if local >= self.parameters {
            let what = if keep {
                What::LocalTee { local }
            } else {
                What::LocalSet { local }
            };
            self.edit(at, next, what);
        }
    }

    fn float_local(&self, local: u32) -> Option<ValType> {
        self.validator
            .get_local_type(local)
            .filter(|ty| matches!(ty, ValType::F32 | ValType::F64 | ValType::V128))
    }

    fn bulk(&mut self, unit: Unit, at: u32) {
        self.busy_loop();
        // The charge changes the gauge and then shows it to the host.
        self.edit(at, at, What::Bulk { unit });
        self.flushed = true;
    }

    fn open(&mut self, kind: Kind, ty: BlockType) {
        let (parameters, results) = self.block_arity(ty);
        // What goes in may come back in another round or from another arm.
        self.walk.nans.observe(parameters);
        let height = self.walk.nans.height();
        self.walk.nans.settle(parameters);
        let depth = self.walk.frames.len();
        self.walk.frames.push(Frame {
            kind,
            before: self.segment,
            leaves_to: depth,
            is_target: false,
            other_arm: false,
            height,
            parameters,
            results,
            loop_around: self.loop_label,
        });
    }

    fn open_loop(&mut self, ty: BlockType, at: u32, next: u32) {
        self.busy_loop();
        let index = self.plan.loops.len() as u32;
        let frame = self.walk.frames.len();
        self.open(Kind::Loop { index }, ty);
        let parameters = self.walk.frames.last().map_or(0, |frame| frame.parameters);
        self.segment = self.plan.segments.len() as u32;
        self.plan.segments.push(0);
        self.plan.loops.push(Loop {
            segment: self.segment,
            is_plain: parameters == 0 && self.walk.style == Style::Fast,
        });
        self.loop_label = Some(LoopLabel { index, frame });
        self.loops = self.loops.saturating_add(1);
        self.flushed = false;
        self.edit(at, next, What::Loop { index });
    }

    fn other_arm(&mut self, next: u32) {
        let alive = self.dead.take().is_none();
        let Some(frame) = self.walk.frames.last_mut() else {
            return;
        };
        frame.kind = Kind::Else;
        frame.other_arm = alive;
        let (height, parameters, results) = (frame.height, frame.parameters, frame.results);
        if alive {
            self.walk.nans.observe(results);
        }
        self.walk.nans.truncate(height);
        self.walk.nans.settle(parameters);
        self.new_segment(next);
    }

    fn close(&mut self, at: u32, next: u32) {
        let falls_through = self.dead.take().is_none();
        let depth = self.walk.frames.len() - 1;
        let Some(frame) = self.walk.frames.pop() else {
            return;
        };
        if falls_through {
            self.walk.nans.observe(frame.results);
        }
        self.walk.nans.truncate(frame.height);
        self.walk.nans.settle(frame.results);
        if let Some(parent) = self.walk.frames.last_mut() {
            parent.leaves_to = parent.leaves_to.min(frame.leaves_to);
        }
        self.flushed = false;
        match frame.kind {
            Kind::Function => {
                self.plan.falls_through = falls_through;
                // The final `end` is the writer's.
                self.edit(at, next, What::Nothing);
                return;
            }
            Kind::Loop { index } => {
                self.edit(next, next, What::LoopEnd { index });
                self.loop_label = frame.loop_around;
                self.loops = self.loops.saturating_sub(1);
            }
            Kind::Block | Kind::If | Kind::Else => {}
        }
        if !falls_through && !frame.other_arm && !frame.is_target {
            self.edit(next, next, What::Unreachable);
            self.die(next);
        } else if frame.leaves_to >= depth {
            self.segment = frame.before;
        } else if frame.other_arm || frame.is_target {
            self.new_segment(next);
        }
        // Otherwise the end is reached from inside only, and is still the same segment.
    }

    /// Notes a branch to a frame.
    fn jump(&mut self, target: usize) {
        if let Some(frame) = self.walk.frames.get_mut(target)
            && !matches!(frame.kind, Kind::Loop { .. })
        {
            frame.is_target = true;
        }
        if let Some(frame) = self.walk.frames.last_mut() {
            frame.leaves_to = frame.leaves_to.min(target);
        }
    }

    /// Notes an exit that no code follows.
    fn leave(&mut self) {
        if let Some(frame) = self.walk.frames.last_mut() {
            frame.leaves_to = 0;
        }
    }

    /// Pops all that an instruction takes, and says how much it gives.
    fn observe_operands(&mut self, op: &Operator<'_>) -> u32 {
        // The instruction was found valid, so it has an arity.
        let (pops, pushes) = op.operator_arity(&*self.validator).unwrap_or((0, 0));
        self.walk.nans.observe(pops);
        pushes
    }

    /// What follows an unconditional branch is dead.
    fn die(&mut self, next: u32) {
        self.dead = Some(Dead {
            since: next,
            nested: 0,
        });
    }

    fn new_segment(&mut self, at: u32) {
        self.segment = self.plan.segments.len() as u32;
        self.plan.segments.push(0);
        self.flushed = false;
        let segment = self.segment;
        self.edit(at, at, What::Charge { segment });
    }

    fn flush(&mut self, at: u32) {
        if !std::mem::replace(&mut self.flushed, true) {
            self.edit(at, at, What::Flush);
        }
    }

    /// Something is called: the gauge comes back changed.
    fn called(&mut self) {
        self.plan.calls = true;
        self.flushed = false;
        self.busy_loop();
    }

    /// The innermost loop does more than compute.
    fn busy_loop(&mut self) {
        if let Some(label) = self.loop_label
            && let Some(it) = self.plan.loops.get_mut(label.index as usize)
        {
            it.is_plain = false;
        }
    }

    /// Marks a branch that leads out of the innermost loop.
    fn branch_edit(&mut self, depth: u32, at: u32, next: u32) {
        let Some(LoopLabel { index, frame }) = self.loop_label else {
            return;
        };
        let label = (self.walk.frames.len() - 1 - frame) as u32;
        if depth > label {
            self.edit(at, next, What::Branch { index, label });
        }
    }

    /// The frame that a label names.
    fn target(&self, depth: u32) -> usize {
        (self.walk.frames.len() - 1).saturating_sub(depth as usize)
    }

    /// Values that a branch to a frame takes along.
    fn label_arity(&self, target: usize) -> u32 {
        self.walk
            .frames
            .get(target)
            .map_or(0, |frame| match frame.kind {
                Kind::Loop { .. } => frame.parameters,
                _ => frame.results,
            })
    }

    fn block_arity(&self, ty: BlockType) -> (u32, u32) {
        self.validator.block_type_arity(ty).unwrap_or((0, 0))
    }

    fn edit(&mut self, from: u32, to: u32, what: What) {
        self.plan.edits.push(Edit {
            at: from,
            skip: to - from,
            what,
        });
    }
}

/// Whether an instruction may trap in a way that must leave the fuel exact. Loads and stores may trap too, but a flush
/// before each would cost too much: after those the fuel is exact up to the last flush, at most one slice ago.
fn may_trap(op: &Operator<'_>, safe_divisor: bool) -> bool {
    use Operator::*;
    match op {
        I32DivS | I32DivU | I32RemS | I32RemU | I64DivS | I64DivU | I64RemS | I64RemU => {
            !safe_divisor
        }
        I32TruncF32S
        | I32TruncF32U
        | I32TruncF64S
        | I32TruncF64U
        | I64TruncF32S
        | I64TruncF32U
        | I64TruncF64S
        | I64TruncF64U
        | CallIndirect { .. }
        | TableGet { .. }
        | TableSet { .. } => true,
        _ => false,
    }
}

/// Whether an access goes to another memory than the first, or far from its address.
fn is_far(memarg: &MemArg) -> bool {
    memarg.target != MemArgTarget::Memory(0) || memarg.offset > u64::from(u16::MAX)
}

/// Whether the instruction pushes a constant by which every integer can be divided.
fn is_safe_divisor(op: &Operator<'_>) -> bool {
    match op {
        Operator::I32Const { value } => !matches!(value, 0 | -1),
        Operator::I64Const { value } => !matches!(value, 0 | -1),
        _ => false,
    }
}

/// Whether the instruction can be the first that brings a vector onto the stack.
fn pushes_vector(op: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        op,
        V128Const { .. }
            | V128Load { .. }
            | V128Load8x8S { .. }
            | V128Load8x8U { .. }
            | V128Load16x4S { .. }
            | V128Load16x4U { .. }
            | V128Load32x2S { .. }
            | V128Load32x2U { .. }
            | V128Load8Splat { .. }
            | V128Load16Splat { .. }
            | V128Load32Splat { .. }
            | V128Load64Splat { .. }
            | V128Load32Zero { .. }
            | V128Load64Zero { .. }
            | I8x16Splat
            | I16x8Splat
            | I32x4Splat
            | I64x2Splat
            | F32x4Splat
            | F64x2Splat
    )
}
