//! A body's instructions with the structure they stand in.

use std::collections::BTreeMap;

use wasmparser::{
    BinaryReaderError, BlockType, ContType, FrameKind, FuncType, FunctionBody, ModuleArity,
    Operator, RefType, SubType, ValType,
};

use crate::module::Module;

/// One instruction.
pub struct Step<'a> {
    pub operator: Operator<'a>,
    /// Where it begins, in bytes of the whole module.
    pub at: u64,
    /// Values that its frame has on the stack before it.
    pub height: u32,
    /// Whether control can come here, as far as unconditional jumps tell.
    pub reachable: bool,
}

/// A block, loop or arm, or the function itself.
pub struct Frame {
    pub kind: FrameKind,
    pub parent: Option<usize>,
    /// The step that opens it; none for the function, which begins with step 0.
    pub open: Option<usize>,
    /// The step that closes it: an `end`, or the `else` of an arm.
    pub close: usize,
    /// What it leaves on the stack.
    pub results: Vec<ValType>,
    /// Whether control can come in.
    reachable: bool,
    /// Values of the frame around it that stay on the stack meanwhile.
    below: u32,
    parameters: u32,
}

impl Frame {
    /// The frame's first step.
    pub fn begin(&self) -> usize {
        self.open.map_or(0, |open| open + 1)
    }

    /// Whether values go along with a jump to its label: to a loop's beginning, else to the end.
    pub fn label_carries(&self) -> bool {
        match self.kind {
            FrameKind::Loop => self.parameters > 0,
            _ => !self.results.is_empty(),
        }
    }
}

/// A body taken apart.
pub struct Flow<'a> {
    pub steps: Vec<Step<'a>>,
    /// In the order in which they open; the first is the function.
    pub frames: Vec<Frame>,
    /// Steps at which control may come or not after a decision: in arms, behind conditional jumps and behind the ends of
    /// blocks. Whoever tells which of them were reached tells which code ran.
    pub points: Vec<usize>,
    /// Where the body's instructions end, in bytes of the whole module.
    pub end: u64,
    closed_by: BTreeMap<usize, usize>,
}

impl<'a> Flow<'a> {
    /// Takes a body apart; none if it has an instruction this module knows nothing of.
    pub fn of(
        module: &Module<'_>,
        results: &[ValType],
        body: &FunctionBody<'a>,
    ) -> Result<Option<Self>, BinaryReaderError> {
        let mut flow = Self {
            steps: Vec::new(),
            frames: vec![Frame {
                kind: FrameKind::Block,
                parent: None,
                open: None,
                close: 0,
                results: results.to_vec(),
                reachable: true,
                below: 0,
                parameters: 0,
            }],
            points: Vec::new(),
            end: body.range().end,
            closed_by: BTreeMap::new(),
        };
        let mut frame = 0;
        let mut height = 0_u32;
        let mut reachable = true;
        let mut is_point = false;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let (operator, at) = reader.read_with_offset()?;
            let here = flow.steps.len();
            if std::mem::take(&mut is_point)
                && reachable
                && !matches!(operator, Operator::End | Operator::Else)
            {
                flow.points.push(here);
            }
            let before = (height, reachable);
            match &operator {
                Operator::Block { blockty }
                | Operator::Loop { blockty }
                | Operator::If { blockty } => {
                    let kind = match &operator {
                        Operator::Block { .. } => FrameKind::Block,
                        Operator::Loop { .. } => FrameKind::Loop,
                        _ => FrameKind::If,
                    };
                    let Some((parameters, results)) = block_type(module, *blockty) else {
                        return Ok(None);
                    };
                    let condition = u32::from(kind == FrameKind::If);
                    flow.frames.push(Frame {
                        kind,
                        parent: Some(frame),
                        open: Some(here),
                        close: 0,
                        results,
                        reachable,
                        below: height.saturating_sub(parameters + condition),
                        parameters,
                    });
                    frame = flow.frames.len() - 1;
                    height = parameters;
                    is_point = kind == FrameKind::If;
                }
                Operator::Else => {
                    let arm = &mut flow.frames[frame];
                    arm.close = here;
                    flow.closed_by.insert(here, frame);
                    let otherwise = Frame {
                        kind: FrameKind::Else,
                        open: Some(here),
                        close: 0,
                        results: arm.results.clone(),
                        ..*arm
                    };
                    height = arm.parameters;
                    reachable = arm.reachable;
                    flow.frames.push(otherwise);
                    frame = flow.frames.len() - 1;
                    is_point = true;
                }
                Operator::End => {
                    let closed = &mut flow.frames[frame];
                    closed.close = here;
                    flow.closed_by.insert(here, frame);
                    height = closed.below + closed.results.len() as u32;
                    reachable = closed.reachable;
                    is_point = true;
                    // Behind the function's own end there is nothing.
                    frame = closed.parent.unwrap_or_default();
                }
                Operator::Br { .. }
                | Operator::BrTable { .. }
                | Operator::Return
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::Unreachable => {
                    height = 0;
                    reachable = false;
                }
                Operator::BrIf { .. } => {
                    height = height.saturating_sub(1);
                    is_point = true;
                }
                _ => {
                    let Some((taken, given)) = operator.operator_arity(&Types(module)) else {
                        return Ok(None);
                    };
                    height = height.saturating_sub(taken) + given;
                }
            }
            flow.steps.push(Step {
                operator,
                at,
                height: before.0,
                reachable: before.1,
            });
        }
        Ok(Some(flow))
    }

    /// Where a step begins, or the body ends.
    pub fn at(&self, step: usize) -> u64 {
        self.steps.get(step).map_or(self.end, |step| step.at)
    }

    /// The frame that a step opens.
    pub fn opened_by(&self, step: usize) -> Option<usize> {
        let found = self
            .frames
            .binary_search_by_key(&Some(step), |frame| frame.open);
        found.ok()
    }

    /// The frame that a step closes.
    pub fn closed_by(&self, step: usize) -> Option<usize> {
        self.closed_by.get(&step).copied()
    }

    /// The depth of a frame: the function's is 0.
    pub fn depth(&self, frame: usize) -> u32 {
        std::iter::successors(Some(frame), |frame| self.frames[*frame].parent).count() as u32 - 1
    }
}

/// Number of parameters, and results, of a block.
fn block_type(module: &Module<'_>, ty: BlockType) -> Option<(u32, Vec<ValType>)> {
    Some(match ty {
        BlockType::Empty => (0, Vec::new()),
        BlockType::Type(ty) => (0, vec![ty]),
        BlockType::FuncType(ty) => {
            let ty = module.types.get(ty as usize)?;
            (ty.params().len() as u32, ty.results().to_vec())
        }
    })
}

/// What `wasmparser` needs to know how many values an instruction takes and gives. Control instructions, which would need
/// more, are told apart above.
struct Types<'m, 'a>(&'m Module<'a>);

impl ModuleArity for Types<'_, '_> {
    fn sub_type_at(&self, ty: u32) -> Option<&SubType> {
        self.0.sub_types.get(ty as usize)
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, function: u32) -> Option<u32> {
        self.0.type_of(function)
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        1
    }

    fn label_block(&self, _: u32) -> Option<(BlockType, FrameKind)> {
        None
    }
}
