//! Where a NaN's bits have to be made canonical.
//!
//! WebAssembly leaves the sign and payload of a NaN that arithmetic makes to the processor, so a program that looks at
//! the bits could tell the engines apart. Making every result canonical would be safe and slow. Instead we follow each
//! result through its function and act only when its bits can be *observed*: when it is stored, reinterpreted, passed,
//! returned, or otherwise leaves the sight of this analysis. A result that only flows into more arithmetic, comparisons
//! or conversions to integers costs nothing.
//!
//! NaNs that are merely moved (loaded, constant, reinterpreted from integers) keep every bit, as the specification asks.
//!
//! # Locals
//! A loop's accumulator is a local that is set from arithmetic. A local is *lazy* when every value it is ever given is an
//! arithmetic result, a constant or converted number, or a copy of a lazy local. Its NaNs may then stay as they are until
//! a `local.get` whose value is observed, which makes it canonical there. Which locals are lazy is found by assuming that
//! all are and taking back what is contradicted. A lazy local that would be made canonical in a deeper loop than it is
//! set in is not worth it and is demoted.
//!
//! # Signs
//! `neg`, `abs` and `copysign` change the sign bit of a NaN and nothing else, exactly. So their operand must be canonical
//! before, not their result after: looking at the result is looking at the operand.

use wasmparser::{Operator, V128, ValType};

/// The float types in which a value can be the result of arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    F32,
    F64,
    F32x4,
    F64x2,
}

impl Shape {
    const fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The shape that a local of this type has for certain; a vector's depends on its use.
    fn of(ty: ValType) -> Option<Self> {
        match ty {
            ValType::F32 => Some(Self::F32),
            ValType::F64 => Some(Self::F64),
            _ => None,
        }
    }
}

/// What is known of a value on the operand stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value(u32);

impl Value {
    /// Its bits are settled: not a float, moved, or canonical already.
    pub const PLAIN: Self = Self(0);
    /// Settled, and certainly not a NaN.
    pub const NUMBER: Self = Self(1);
    /// Set beside a node when the sign may have been changed since.
    const TURNED: u32 = 1 << 31;
    const FIRST_NODE: u32 = 2;

    fn node(self) -> Option<usize> {
        let plain = self.0 & !Self::TURNED;
        (plain >= Self::FIRST_NODE).then(|| (plain - Self::FIRST_NODE) as usize)
    }

    fn is_turned(self) -> bool {
        self.0 & Self::TURNED != 0
    }

    fn turned(self) -> Self {
        match self.node() {
            Some(_) => Self(self.0 | Self::TURNED),
            None => self,
        }
    }
}

/// What an instruction does to floats.
enum Effect {
    /// Pops this many of the first shape, pushes a result of arithmetic of the second.
    Arithmetic(u8, Shape, Shape),
    /// Pops this many and looks at their values, but at no NaN's bits.
    Numeric(u8, Shape),
    /// Pushes a number in place of an integer.
    Number,
    /// Pushes a constant.
    Constant { is_nan: bool },
    /// Clears the sign: the canonical NaN has none.
    Absolute,
    /// Changes the sign of the topmost.
    Negate,
    /// Gives the second the sign of the topmost.
    CopySign,
    /// None that matters: whatever it pops is observed.
    Other,
}

/// What came of an instruction.
pub enum Applied {
    /// It is none that concerns floats; nothing was done.
    NotUnderstood,
    /// Its result, if any, is on the stack.
    Done,
    /// Its result is on the stack, and could be made canonical just after it.
    Result { node: u32 },
}

fn effect(op: &Operator<'_>) -> Effect {
    use Effect::{Absolute, Arithmetic, Constant, CopySign, Negate, Number, Numeric};
    use Operator::*;
    use Shape::*;
    match op {
        F32Add | F32Sub | F32Mul | F32Div | F32Min | F32Max => {
            Arithmetic(2, Shape::F32, Shape::F32)
        }
        F64Add | F64Sub | F64Mul | F64Div | F64Min | F64Max => {
            Arithmetic(2, Shape::F64, Shape::F64)
        }
        F32Sqrt | F32Ceil | F32Floor | F32Trunc | F32Nearest => {
            Arithmetic(1, Shape::F32, Shape::F32)
        }
        F64Sqrt | F64Ceil | F64Floor | F64Trunc | F64Nearest => {
            Arithmetic(1, Shape::F64, Shape::F64)
        }
        F32DemoteF64 => Arithmetic(1, Shape::F64, Shape::F32),
        F64PromoteF32 => Arithmetic(1, Shape::F32, Shape::F64),
        F32Eq | F32Ne | F32Lt | F32Gt | F32Le | F32Ge => Numeric(2, Shape::F32),
        F64Eq | F64Ne | F64Lt | F64Gt | F64Le | F64Ge => Numeric(2, Shape::F64),
        I32TruncF32S | I32TruncF32U | I64TruncF32S | I64TruncF32U | I32TruncSatF32S
        | I32TruncSatF32U | I64TruncSatF32S | I64TruncSatF32U => Numeric(1, Shape::F32),
        I32TruncF64S | I32TruncF64U | I64TruncF64S | I64TruncF64U | I32TruncSatF64S
        | I32TruncSatF64U | I64TruncSatF64S | I64TruncSatF64U => Numeric(1, Shape::F64),
        F32ConvertI32S
        | F32ConvertI32U
        | F32ConvertI64S
        | F32ConvertI64U
        | F64ConvertI32S
        | F64ConvertI32U
        | F64ConvertI64S
        | F64ConvertI64U
        | F32x4ConvertI32x4S
        | F32x4ConvertI32x4U
        | F64x2ConvertLowI32x4S
        | F64x2ConvertLowI32x4U => Number,
        F32Const { value } => Constant {
            is_nan: f32::from_bits(value.bits()).is_nan(),
        },
        F64Const { value } => Constant {
            is_nan: f64::from_bits(value.bits()).is_nan(),
        },
        V128Const { value } => Constant {
            is_nan: has_nan_lane(*value),
        },
        F32Abs | F64Abs => Absolute,
        F32Neg | F64Neg => Negate,
        F32Copysign | F64Copysign => CopySign,
        F32x4Add | F32x4Sub | F32x4Mul | F32x4Div | F32x4Min | F32x4Max => {
            Arithmetic(2, F32x4, F32x4)
        }
        F64x2Add | F64x2Sub | F64x2Mul | F64x2Div | F64x2Min | F64x2Max => {
            Arithmetic(2, F64x2, F64x2)
        }
        F32x4Sqrt | F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest => {
            Arithmetic(1, F32x4, F32x4)
        }
        F64x2Sqrt | F64x2Ceil | F64x2Floor | F64x2Trunc | F64x2Nearest => {
            Arithmetic(1, F64x2, F64x2)
        }
        F32x4DemoteF64x2Zero => Arithmetic(1, F64x2, F32x4),
        F64x2PromoteLowF32x4 => Arithmetic(1, F32x4, F64x2),
        F32x4Eq | F32x4Ne | F32x4Lt | F32x4Gt | F32x4Le | F32x4Ge => Numeric(2, F32x4),
        F64x2Eq | F64x2Ne | F64x2Lt | F64x2Gt | F64x2Le | F64x2Ge => Numeric(2, F64x2),
        I32x4TruncSatF32x4S | I32x4TruncSatF32x4U => Numeric(1, F32x4),
        I32x4TruncSatF64x2SZero | I32x4TruncSatF64x2UZero => Numeric(1, F64x2),
        _ => Effect::Other,
    }
}

/// Whether any lane, read as either float type, is a NaN.
fn has_nan_lane(value: V128) -> bool {
    let bits = value.i128() as u128;
    (0..4).any(|lane| f32::from_bits((bits >> (32 * lane)) as u32).is_nan())
        || (0..2).any(|lane| f64::from_bits((bits >> (64 * lane)) as u64).is_nan())
}

/// A place where a value can be made canonical: just after an arithmetic instruction, or at a `local.get`.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The local that is read; none for arithmetic.
    local: Option<u32>,
    /// Nesting of loops around it.
    loops: u8,
    shape: Option<Shape>,
    observed: bool,
}

/// A value given to a local.
struct Assignment {
    local: u32,
    value: Value,
}

/// What is known of a local in the present function. Most functions touch few of the locals that they might declare.
#[derive(Clone, Copy, Default)]
struct Local {
    /// The function in which the rest was written; anything older is void.
    epoch: u32,
    lazy: bool,
    /// All shapes in which it was set or used.
    shapes: u8,
    /// What canonical NaNs cost when made at the sets, and at the gets.
    at_sets: u64,
    at_gets: u64,
    /// Head of the list of its copies into other locals, as an index into `copies` plus one.
    copied_to: u32,
}

/// A copy of one local into another, in a list by source.
struct Copied {
    into: u32,
    next: u32,
}

/// Follows float values through one function after the other.
#[derive(Default)]
pub struct Nans {
    stack: Vec<Value>,
    nodes: Vec<Node>,
    assignments: Vec<Assignment>,
    locals: Vec<Local>,
    touched: Vec<u32>,
    copies: Vec<Copied>,
    epoch: u32,
    deepest: usize,
    eager: bool,
}

impl Nans {
    /// Forgets the function before. When `eager`, every arithmetic result is made canonical, observed or not.
    pub fn start(&mut self, eager: bool) {
        self.eager = eager;
        self.stack.clear();
        self.nodes.clear();
        self.assignments.clear();
        self.touched.clear();
        self.copies.clear();
        self.epoch += 1;
        self.deepest = 0;
    }

    /// Values on the stack.
    pub fn height(&self) -> usize {
        self.stack.len()
    }

    /// The most values that ever were on the stack.
    pub fn deepest(&self) -> usize {
        self.deepest
    }

    /// Pops `count` values, all of which are observed.
    pub fn observe(&mut self, count: u32) {
        for _ in 0..count {
            let value = self.pop();
            self.look_at(value);
        }
    }

    /// Pushes `count` values with settled bits.
    pub fn settle(&mut self, count: u32) {
        for _ in 0..count {
            self.push(Value::PLAIN);
        }
    }

    /// Pops one value, of which nothing is seen.
    pub fn drop(&mut self) {
        self.pop();
    }

    /// Leaves `height` values.
    pub fn truncate(&mut self, height: usize) {
        self.stack.truncate(height);
    }

    /// `local.get` of a float local that is not a parameter. Returns where it could be made canonical.
    pub fn get(&mut self, local: u32, ty: ValType, loops: u8) -> u32 {
        self.local(local, ty);
        self.node(Node {
            local: Some(local),
            loops,
            shape: Shape::of(ty),
            observed: false,
        })
    }

    /// `local.set` of a float local that is not a parameter.
    pub fn set(&mut self, local: u32, ty: ValType) {
        let value = self.pop();
        self.local(local, ty);
        self.assignments.push(Assignment { local, value });
    }

    /// `local.tee` of a float local that is not a parameter.
    pub fn tee(&mut self, local: u32, ty: ValType) {
        let value = self.stack.last().copied().unwrap_or(Value::PLAIN);
        self.set(local, ty);
        self.push(value);
    }

    /// An instruction that is no control instruction and names no local.
    pub fn apply(&mut self, op: &Operator<'_>, loops: u8) -> Applied {
        match effect(op) {
            Effect::Other => return Applied::NotUnderstood,
            Effect::Arithmetic(count, from, to) => {
                for _ in 0..count {
                    self.compute_with(from);
                }
                let node = self.node(Node {
                    local: None,
                    loops,
                    shape: Some(to),
                    observed: false,
                });
                return Applied::Result { node };
            }
            Effect::Numeric(count, shape) => {
                for _ in 0..count {
                    self.compute_with(shape);
                }
                self.push(Value::PLAIN);
            }
            Effect::Number => {
                self.observe(1);
                self.push(Value::NUMBER);
            }
            Effect::Constant { is_nan: true } => self.push(Value::PLAIN),
            Effect::Constant { is_nan: false } => self.push(Value::NUMBER),
            // The canonical NaN has no sign to clear, so it does not matter when it is made.
            Effect::Absolute => {}
            Effect::Negate => {
                let value = self.pop().turned();
                self.push(value);
            }
            Effect::CopySign => {
                self.observe(1);
                let value = self.pop().turned();
                self.push(value);
            }
        }
        Applied::Done
    }

    /// Decides. Afterwards [`Self::is_canonical_at`] answers.
    pub fn resolve(&mut self) {
        if self.nodes.is_empty() {
            return;
        }
        let mut contradicted = Vec::new();
        for index in 0..self.assignments.len() {
            let Assignment { local, value } = self.assignments[index];
            let tolerable = match value.node() {
                None => value == Value::NUMBER,
                Some(_) if value.is_turned() => false,
                Some(node) => {
                    let node = self.nodes[node];
                    let target = &mut self.locals[local as usize];
                    target.at_sets = target.at_sets.saturating_add(weight(node.loops));
                    match node.local {
                        None => target.shapes |= node.shape.map_or(0, Shape::bit),
                        Some(source) => {
                            let shapes = self.locals[source as usize].shapes;
                            self.locals[local as usize].shapes |= shapes;
                            let next = self.locals[source as usize].copied_to;
                            self.copies.push(Copied { into: local, next });
                            self.locals[source as usize].copied_to = self.copies.len() as u32;
                        }
                    }
                    true
                }
            };
            if !tolerable {
                contradicted.push(local);
            }
        }
        // A vector that is used in two shapes is left alone, and so is one whose copies might differ.
        for &index in &self.touched {
            let local = &self.locals[index as usize];
            let mut mixed = local.shapes.count_ones() > 1;
            let mut copy = local.copied_to;
            while let Some(edge) = (copy as usize)
                .checked_sub(1)
                .and_then(|at| self.copies.get(at))
            {
                mixed |= self.locals[edge.into as usize].shapes != local.shapes;
                copy = edge.next;
            }
            if mixed {
                contradicted.push(index);
            }
        }
        self.take_back(contradicted);
        for node in &self.nodes {
            if let (Some(local), true) = (node.local, node.observed) {
                let local = &mut self.locals[local as usize];
                local.at_gets = local.at_gets.saturating_add(weight(node.loops));
            }
        }
        let dear = self
            .touched
            .iter()
            .copied()
            .filter(|&index| {
                let local = &self.locals[index as usize];
                local.lazy && local.at_gets > local.at_sets
            })
            .collect();
        self.take_back(dear);
        for index in 0..self.assignments.len() {
            let Assignment { local, value } = self.assignments[index];
            if !self.locals[local as usize].lazy {
                self.look_at(value);
            }
        }
    }

    /// Whether the value must be made canonical at the place that [`Self::apply`] or [`Self::get`] named, and as what.
    pub fn is_canonical_at(&self, node: u32) -> Option<Shape> {
        let node = self.nodes.get(node as usize)?;
        if self.eager {
            return node.shape.filter(|_| node.local.is_none());
        }
        if !node.observed {
            return None;
        }
        match node.local {
            None => node.shape,
            Some(index) => {
                let local = self.locals.get(index as usize)?;
                if !local.lazy {
                    return None;
                }
                match local.shapes {
                    shapes if shapes == Shape::F32.bit() => Some(Shape::F32),
                    shapes if shapes == Shape::F64.bit() => Some(Shape::F64),
                    shapes if shapes == Shape::F32x4.bit() => Some(Shape::F32x4),
                    shapes if shapes == Shape::F64x2.bit() => Some(Shape::F64x2),
                    _ => None,
                }
            }
        }
    }

    /// Makes locals eager, and with them every local that they are copied into.
    fn take_back(&mut self, mut eager: Vec<u32>) {
        while let Some(index) = eager.pop() {
            let local = &mut self.locals[index as usize];
            if !std::mem::replace(&mut local.lazy, false) {
                continue;
            }
            let mut copy = local.copied_to;
            while let Some(edge) = (copy as usize)
                .checked_sub(1)
                .and_then(|at| self.copies.get(at))
            {
                eager.push(edge.into);
                copy = edge.next;
            }
        }
    }

    fn push(&mut self, value: Value) {
        self.stack.push(value);
        self.deepest = self.deepest.max(self.stack.len());
    }

    fn pop(&mut self) -> Value {
        // The function is valid, so this is only ever empty when the tracking is wrong; settled is then the safe answer
        // for whoever uses the value, and the value itself was observed when it left the stack.
        self.stack.pop().unwrap_or(Value::PLAIN)
    }

    fn node(&mut self, node: Node) -> u32 {
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        self.push(Value(Value::FIRST_NODE + index));
        index
    }

    /// Pops an operand of arithmetic in `shape`.
    fn compute_with(&mut self, shape: Shape) {
        let value = self.pop();
        let Some(index) = value.node() else { return };
        let node = self.nodes[index];
        match (node.local, node.shape) {
            (_, Some(own)) if own == shape => {}
            (Some(local), None) => self.locals[local as usize].shapes |= shape.bit(),
            _ => self.look_at(value),
        }
    }

    fn look_at(&mut self, value: Value) {
        if let Some(node) = value.node()
            && let Some(node) = self.nodes.get_mut(node)
        {
            node.observed = true;
        }
    }

    /// Makes sure that the local's entry is of this function.
    fn local(&mut self, index: u32, ty: ValType) {
        let at = index as usize;
        if self.locals.len() <= at {
            self.locals.resize(at + 1, Local::default());
        }
        let local = &mut self.locals[at];
        if local.epoch != self.epoch {
            *local = Local {
                epoch: self.epoch,
                lazy: true,
                shapes: Shape::of(ty).map_or(0, Shape::bit),
                ..Local::default()
            };
            self.touched.push(index);
        }
    }
}

/// How often something under this many loops runs, in a guess that only has to order things.
fn weight(loops: u8) -> u64 {
    1 << (3 * u64::from(loops.min(16)))
}
