//! Code that never ran inside of functions that did: it becomes functions of its own, so that it can come later.
//!
//! In structured code everything behind a place that control did not reach, up to the end of the block it stands in, was not
//! reached either. Such a *tail* becomes a function. Locals that it reads are its parameters; those that it writes and that
//! matter afterwards are its results; where it leaves for different places, a number among the results says which.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::Reencode as _;
use wasm_encoder::{Encode as _, Function, Instruction, NameMap, NameSection};
use wasmparser::{FrameKind, FuncType, FunctionBody, Operator, ValType};

use crate::flow::Flow;
use crate::live::{Live, Locals, live};
use crate::module::Module;
use crate::output::{Fault, Output};
use crate::renumber::Renumber;

/// What the stub before a tail costs in the first module, in bytes, beside the call itself: stubs compress well.
pub const OVERHEAD: i64 = 2;

/// A module with tails as functions, behind all others.
pub struct Outlined {
    pub module: Vec<u8>,
    /// Of each tail, the function it was part of.
    pub tails: Vec<u32>,
}

/// Takes tails out that are longer than what stands in their place by `overhead` bytes. `reached` says which points of a
/// function, of as many, were reached; none leaves it as it is.
pub fn outline<'l>(
    module: &Module<'_>,
    overhead: i64,
    reached: impl Fn(u32, usize) -> Option<&'l BTreeSet<usize>>,
) -> Result<Outlined, Fault> {
    let mut types = module.types.clone();
    let mut tails: Vec<(u32, u32, Function)> = Vec::new();
    let mut bodies: BTreeMap<u32, Function> = BTreeMap::new();
    let all = module.imported().functions + module.functions.len() as u32;
    for (function, body) in module.defined().zip(&module.bodies) {
        let ty = module.type_of(function).unwrap_or_default();
        let Some(signature) = module.types.get(ty as usize) else {
            continue;
        };
        let Some(flow) = Flow::of(module, signature.results(), body)? else {
            continue;
        };
        let Some(reached) = reached(function, flow.points.len()) else {
            continue;
        };
        let cold: BTreeSet<usize> = flow
            .points
            .iter()
            .enumerate()
            .filter(|(ordinal, _)| !reached.contains(ordinal))
            .map(|(_, step)| *step)
            .collect();
        let owner = Owner::new(&flow, signature, body)?;
        let chosen = owner.choose(&cold, overhead);
        if chosen.is_empty() {
            continue;
        }
        let mut written = renumbered(module).new_function_with_parsed_locals(body)?;
        let mut copied = flow.at(0);
        for tail in chosen {
            let ty = type_number(&mut types, tail.signature());
            let number = all + tails.len() as u32;
            written.raw(owner.bytes(copied, flow.at(tail.begin)).iter().copied());
            written.raw(owner.call(&tail, number));
            copied = flow.at(tail.end);
            let code = owner.function(module, &tail)?;
            tails.push((function, ty, code));
        }
        written.raw(owner.bytes(copied, flow.end).iter().copied());
        bodies.insert(function, written);
    }
    Ok(Outlined {
        tails: tails.iter().map(|(owner, ..)| *owner).collect(),
        module: write(module, &types, bodies, tails)?,
    })
}

fn write(
    module: &Module<'_>,
    types: &[FuncType],
    mut bodies: BTreeMap<u32, Function>,
    tails: Vec<(u32, u32, Function)>,
) -> Result<Vec<u8>, Fault> {
    let mut out = Output::default();
    let mut renumber = renumbered(module);
    for ty in types {
        let ty = renumber.func_type(ty.clone())?;
        out.types.ty().func_type(&ty);
    }
    for import in &module.imports {
        let ty = renumber.entity_type(import.ty)?;
        out.imports.import(import.module, import.name, ty);
    }
    for table in &module.tables {
        renumber.parse_table(&mut out.tables, table.clone())?;
    }
    out.take_rest(module, &mut renumber)?;
    out.take_data(module, &mut renumber)?;
    let mut names = NameMap::new();
    for (function, name) in module.all_names() {
        names.append(function, name);
    }
    for (function, body) in module.defined().zip(&module.bodies) {
        out.functions
            .function(module.type_of(function).unwrap_or_default());
        match bodies.remove(&function) {
            Some(body) => out.code.function(&body),
            None => out.code.raw(body.as_bytes()),
        };
    }
    let all = module.imported().functions + module.functions.len() as u32;
    for (number, (owner, ty, body)) in (all..).zip(&tails) {
        out.functions.function(*ty);
        out.code.function(body);
        names.append(number, &format!("{}, tail {number}", module.name(*owner)));
    }
    let mut section = NameSection::new();
    section.functions(&names);
    out.names = Some(section);
    Ok(out.finish())
}

/// Everything keeps its number.
fn renumbered(module: &Module<'_>) -> Renumber {
    let all = module.imported().functions + module.functions.len() as u32;
    Renumber::functions((0..all).map(|function| (function, function)).collect())
}

fn type_number(types: &mut Vec<FuncType>, ty: FuncType) -> u32 {
    let found = types.iter().position(|known| *known == ty);
    found.unwrap_or_else(|| {
        types.push(ty);
        types.len() - 1
    }) as u32
}

/// Where a tail goes when it is through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Exit {
    /// Out of the function.
    Return,
    /// Behind the frame it stands in.
    End,
    /// To a label, as seen from the tail's frame.
    Label(u32),
}

/// What a tail gives back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// Nothing: it never comes back.
    Never,
    /// What the whole function does.
    Return,
    /// What its frame does.
    Value,
    /// Locals only, and which exit it took if there are several.
    Locals,
}

struct Tail {
    frame: usize,
    /// Its first step, and the one behind its last: what closes the frame.
    begin: usize,
    end: usize,
    exits: Vec<Exit>,
    gives: Gives,
    parameters: Vec<(u32, ValType)>,
    /// Results on the stack, in front of the locals.
    values: Vec<ValType>,
    /// Locals that it gives back.
    changed: Vec<(u32, ValType)>,
}

impl Tail {
    fn signature(&self) -> FuncType {
        let locals = self.changed.iter().map(|(_, ty)| *ty);
        FuncType::new(
            self.parameters.iter().map(|(_, ty)| *ty),
            self.values.iter().copied().chain(locals),
        )
    }

    fn exit(&self, exit: Exit) -> u32 {
        let place = self.exits.iter().position(|known| *known == exit);
        place.unwrap_or_default() as u32
    }
}

/// The function that tails are taken from.
struct Owner<'f, 'a> {
    flow: &'f Flow<'a>,
    signature: &'f FuncType,
    locals: Vec<ValType>,
    code: &'a [u8],
    code_begins: u64,
}

impl<'f, 'a> Owner<'f, 'a> {
    fn new(
        flow: &'f Flow<'a>,
        signature: &'f FuncType,
        body: &FunctionBody<'a>,
    ) -> Result<Self, Fault> {
        let mut locals = signature.params().to_vec();
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals.extend(std::iter::repeat_n(ty, count as usize));
        }
        Ok(Self {
            flow,
            signature,
            locals,
            code: body.as_bytes(),
            code_begins: body.range().start,
        })
    }

    fn bytes(&self, from: u64, to: u64) -> &'a [u8] {
        &self.code[(from - self.code_begins) as usize..(to - self.code_begins) as usize]
    }

    /// The tails worth taking out, in order.
    fn choose(&self, cold: &BTreeSet<usize>, overhead: i64) -> Vec<Tail> {
        let mut places = Vec::new();
        self.places(0, false, cold, &mut places);
        let steps: Vec<usize> = places.iter().map(|(_, step)| *step).collect();
        let lives = live(self.flow, &steps);
        let mut chosen: Vec<Tail> = Vec::new();
        for (frame, begin) in places {
            if chosen.last().is_some_and(|last| begin < last.end) {
                continue;
            }
            if let Some(live) = lives.get(&begin) {
                let tail = self.tail(frame, begin, live);
                chosen.extend(tail.filter(|tail| self.gain(tail) > overhead));
            }
        }
        chosen
    }

    /// Steps at which a tail may begin, in order: cold ones at which the frame has nothing on the stack.
    fn places(
        &self,
        frame: usize,
        mut is_cold: bool,
        cold: &BTreeSet<usize>,
        places: &mut Vec<(usize, usize)>,
    ) {
        let Some(known) = self.flow.frames.get(frame) else {
            return;
        };
        let mut step = known.begin();
        while step < known.close {
            is_cold |= cold.contains(&step);
            let here = &self.flow.steps[step];
            if is_cold && here.height == 0 && here.reachable {
                places.push((frame, step));
            }
            // Into what opens here, and on behind it: an `if` has two arms.
            let mut inner = self.flow.opened_by(step);
            while let Some(opened) = inner {
                self.places(opened, is_cold, cold, places);
                step = self.flow.frames[opened].close;
                inner = self.flow.opened_by(step);
            }
            step += 1;
        }
    }

    /// By how many bytes a tail is longer than what stands in its place.
    fn gain(&self, tail: &Tail) -> i64 {
        let saved = self.flow.at(tail.end) - self.flow.at(tail.begin);
        let locals = tail.parameters.len() + tail.changed.len();
        saved as i64 - 8 - 2 * (locals + tail.exits.len()) as i64
    }

    /// The tail that begins at a step, if it can be taken out.
    fn tail(&self, frame: usize, begin: usize, live: &Live) -> Option<Tail> {
        let known = &self.flow.frames[frame];
        let end = known.close;
        let mut exits = BTreeSet::new();
        let mut read = Locals::default();
        let mut written = Locals::default();
        let mut inside = 0;
        for step in begin..end {
            match &self.flow.steps[step].operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => inside += 1,
                Operator::End => inside -= 1,
                Operator::LocalGet { local_index } => read.insert(*local_index),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    written.insert(*local_index);
                }
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    exits.extend(self.exit(frame, *relative_depth, inside));
                }
                Operator::BrTable { targets } => {
                    exits.extend(self.exit(frame, targets.default(), inside));
                    for target in targets.targets() {
                        exits.extend(self.exit(frame, target.ok()?, inside));
                    }
                }
                Operator::Return => {
                    exits.insert(Exit::Return);
                }
                Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => return None,
                _ => {}
            }
        }
        let jumps_to_end = exits.contains(&Exit::End);
        if self.flow.steps[end].reachable {
            exits.insert(if frame == 0 { Exit::Return } else { Exit::End });
        }
        let exits: Vec<Exit> = exits.into_iter().collect();
        let carries = |exit: &Exit| self.carries(frame, *exit);
        let (gives, mut values) = match exits.as_slice() {
            [] => (Gives::Never, Vec::new()),
            [Exit::Return] => (Gives::Return, self.signature.results().to_vec()),
            _ if !exits.iter().any(carries) => (Gives::Locals, Vec::new()),
            [Exit::End] if !jumps_to_end => (Gives::Value, known.results.clone()),
            _ => return None,
        };
        if gives == Gives::Locals && exits.len() > 1 {
            values.push(ValType::I32);
        }
        let mut matters = Locals::default();
        if matches!(gives, Gives::Value | Gives::Locals) {
            for exit in &exits {
                match exit {
                    Exit::Return => {}
                    Exit::End => matters.add(&live.after),
                    Exit::Label(depth) => {
                        let label = live.labels.len().checked_sub(*depth as usize + 1)?;
                        matters.add(live.labels.get(label)?);
                    }
                }
            }
        }
        let typed = |locals: Vec<u32>| -> Option<Vec<(u32, ValType)>> {
            let with_type = |local: u32| Some((local, *self.locals.get(local as usize)?));
            locals.into_iter().map(with_type).collect()
        };
        let changed = typed(written.iter().filter(|local| matters.has(*local)).collect())?;
        let is_changed = |local: &u32| changed.iter().any(|(known, _)| known == local);
        let needed = |local: &u32| read.has(*local) || is_changed(local);
        let parameters = typed(live.here.iter().filter(needed).collect())?;

        Some(Tail {
            frame,
            begin,
            end,
            exits,
            gives,
            parameters,
            values,
            changed,
        })
    }

    /// Where a jump goes from inside of `inside` frames of a tail; none if it stays in the tail.
    fn exit(&self, frame: usize, depth: u32, inside: u32) -> Option<Exit> {
        let out = depth.checked_sub(inside)?;
        Some(if out == self.flow.depth(frame) {
            Exit::Return
        } else if out == 0 && self.flow.frames[frame].kind != FrameKind::Loop {
            Exit::End
        } else {
            Exit::Label(out)
        })
    }

    /// Whether values go along with an exit.
    fn carries(&self, frame: usize, exit: Exit) -> bool {
        match exit {
            Exit::Return => !self.signature.results().is_empty(),
            Exit::End => !self.flow.frames[frame].results.is_empty(),
            Exit::Label(depth) => {
                let mut frames =
                    std::iter::successors(Some(frame), |frame| self.flow.frames[*frame].parent);
                let target = frames.nth(depth as usize);
                target.is_none_or(|target| self.flow.frames[target].label_carries())
            }
        }
    }

    /// What stands in a tail's place.
    fn call(&self, tail: &Tail, number: u32) -> Vec<u8> {
        let mut code = Vec::new();
        let mut add = |instruction: Instruction<'_>| instruction.encode(&mut code);
        // A jump to a loop's label would not leave it.
        let wrap = tail.gives == Gives::Locals
            && tail.exits.len() > 1
            && self.flow.frames[tail.frame].kind == FrameKind::Loop;
        if wrap {
            add(Instruction::Block(wasm_encoder::BlockType::Empty));
        }
        for (local, _) in &tail.parameters {
            add(Instruction::LocalGet(*local));
        }
        add(Instruction::Call(number));
        for (local, _) in tail.changed.iter().rev() {
            add(Instruction::LocalSet(*local));
        }
        let depth = self.flow.depth(tail.frame);
        match (tail.gives, tail.exits.as_slice()) {
            (Gives::Never, _) => add(Instruction::Unreachable),
            (Gives::Return, _) | (Gives::Locals, [Exit::Return]) => add(Instruction::Return),
            (Gives::Value, _) | (Gives::Locals, [Exit::End]) => {}
            (Gives::Locals, [Exit::Label(depth)]) => add(Instruction::Br(*depth)),
            (Gives::Locals, exits) => {
                let place = |exit: &Exit| match exit {
                    Exit::Return => depth + u32::from(wrap),
                    Exit::End => 0,
                    Exit::Label(depth) => depth + u32::from(wrap),
                };
                let targets: Vec<u32> = exits.iter().map(place).collect();
                if let Some((last, others)) = targets.split_last() {
                    add(Instruction::BrTable(others.into(), *last));
                }
                if wrap {
                    add(Instruction::End);
                    if !exits.contains(&Exit::End) {
                        add(Instruction::Unreachable);
                    }
                }
            }
        }
        code
    }

    /// A tail as a function.
    fn function(&self, module: &Module<'_>, tail: &Tail) -> Result<Function, Fault> {
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        for (local, _) in &tail.parameters {
            numbers.insert(*local, numbers.len() as u32);
        }
        let mut others: Vec<(u32, ValType)> = Vec::new();
        for step in tail.begin..tail.end {
            if let Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } = &self.flow.steps[step].operator
                && !numbers.contains_key(local_index)
                && let Some(ty) = self.locals.get(*local_index as usize)
            {
                numbers.insert(*local_index, numbers.len() as u32);
                others.push((1, *ty));
            }
        }
        let mut renumber = renumbered(module);
        let mut locals = Vec::new();
        for (count, ty) in others {
            locals.push((count, renumber.val_type(ty)?));
        }
        let mut code = Vec::new();
        let local = |local: &u32| numbers.get(local).copied().unwrap_or_default();

        let wraps = if tail.gives == Gives::Locals {
            tail.exits.len() as u32
        } else {
            0
        };
        for _ in 0..wraps {
            Instruction::Block(wasm_encoder::BlockType::Empty).encode(&mut code);
        }
        let mut inside = 0;
        for step in tail.begin..tail.end {
            let target = |depth: u32| match self.exit(tail.frame, depth, inside) {
                None => depth,
                Some(exit) => inside + tail.exit(exit),
            };
            match &self.flow.steps[step].operator {
                Operator::LocalGet { local_index } => {
                    Instruction::LocalGet(local(local_index)).encode(&mut code);
                }
                Operator::LocalSet { local_index } => {
                    Instruction::LocalSet(local(local_index)).encode(&mut code);
                }
                Operator::LocalTee { local_index } => {
                    Instruction::LocalTee(local(local_index)).encode(&mut code);
                }
                Operator::Br { relative_depth } => {
                    Instruction::Br(target(*relative_depth)).encode(&mut code);
                }
                Operator::BrIf { relative_depth } => {
                    Instruction::BrIf(target(*relative_depth)).encode(&mut code);
                }
                Operator::BrTable { targets } => {
                    let mut new = Vec::new();
                    for old in targets.targets() {
                        new.push(target(old?));
                    }
                    let last = target(targets.default());
                    Instruction::BrTable(new.into(), last).encode(&mut code);
                }
                Operator::Return if tail.gives == Gives::Locals => {
                    Instruction::Br(inside + tail.exit(Exit::Return)).encode(&mut code);
                }
                operator => {
                    match operator {
                        Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                            inside += 1;
                        }
                        Operator::End => inside -= 1,
                        _ => {}
                    }
                    code.extend_from_slice(self.bytes(self.flow.at(step), self.flow.at(step + 1)));
                }
            }
        }
        let falls_through = self.flow.steps[tail.end].reachable;
        let mut add = |instruction: Instruction<'_>| instruction.encode(&mut code);
        if !falls_through {
            add(Instruction::Unreachable);
        } else if tail.gives == Gives::Locals {
            add(Instruction::Br(tail.exit(if tail.frame == 0 {
                Exit::Return
            } else {
                Exit::End
            })));
        }
        for wrap in 0..wraps.max(1) {
            if wraps > 0 {
                add(Instruction::End);
            }
            if wraps > 1 {
                add(Instruction::I32Const(wrap as i32));
            }
            for (changed, _) in &tail.changed {
                add(Instruction::LocalGet(local(changed)));
            }
            if wrap + 1 < wraps {
                add(Instruction::Return);
            }
        }
        add(Instruction::End);
        let mut function = Function::new(locals);
        function.raw(code);
        Ok(function)
    }
}

#[cfg(test)]
mod tests;
