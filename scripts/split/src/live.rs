//! Which locals matter at a place: those that may still be read before they are written.

use std::collections::BTreeMap;

use wasmparser::{FrameKind, Operator};

use crate::flow::Flow;

/// A set of locals.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Locals(Vec<u64>);

impl Locals {
    pub fn insert(&mut self, local: u32) {
        let word = local as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (local % 64);
    }

    pub fn remove(&mut self, local: u32) {
        if let Some(word) = self.0.get_mut(local as usize / 64) {
            *word &= !(1 << (local % 64));
        }
    }

    pub fn has(&self, local: u32) -> bool {
        let word = self.0.get(local as usize / 64);
        word.is_some_and(|word| word >> (local % 64) & 1 == 1)
    }

    pub fn add(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let locals = self.0.len() as u32 * 64;
        (0..locals).filter(|local| self.has(*local))
    }
}

/// What matters at a step.
#[derive(Clone)]
pub struct Live {
    /// Before the step itself.
    pub here: Locals,
    /// Behind the frame that the step stands in.
    pub after: Locals,
    /// Where a jump to each label goes, the function's first.
    pub labels: Vec<Locals>,
}

/// What matters at each of the wanted steps.
pub fn live(flow: &Flow<'_>, wanted: &[usize]) -> BTreeMap<usize, Live> {
    let mut walk = Walk {
        flow,
        wanted,
        labels: vec![Locals::default()],
        found: BTreeMap::new(),
        loops: BTreeMap::new(),
    };
    walk.backwards(0, flow.frames[0].close, Locals::default());
    walk.found
}

struct Walk<'f, 'a> {
    flow: &'f Flow<'a>,
    wanted: &'f [usize],
    labels: Vec<Locals>,
    found: BTreeMap<usize, Live>,
    /// Of each loop, what matters at its beginning, as far as known.
    loops: BTreeMap<usize, Locals>,
}

impl Walk<'_, '_> {
    /// What matters before a frame's steps, if `after` does behind them.
    fn backwards(&mut self, begin: usize, end: usize, after: Locals) -> Locals {
        let mut now = after.clone();
        let mut step = end;
        while step > begin {
            step -= 1;
            match &self.flow.steps[step].operator {
                Operator::End => {
                    let Some(frame) = self.flow.closed_by(step) else {
                        continue;
                    };
                    (step, now) = self.frame(frame, now);
                }
                Operator::LocalGet { local_index } => now.insert(*local_index),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    now.remove(*local_index);
                }
                Operator::Br { relative_depth } => now = self.label(*relative_depth),
                Operator::BrIf { relative_depth } => now.add(&self.label(*relative_depth)),
                Operator::BrTable { targets } => {
                    now = self.label(targets.default());
                    for target in targets.targets().flatten() {
                        now.add(&self.label(target));
                    }
                }
                Operator::Return
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::Unreachable => now = Locals::default(),
                _ => {}
            }
            if self.wanted.binary_search(&step).is_ok() {
                let live = Live {
                    here: now.clone(),
                    after: after.clone(),
                    labels: self.labels.clone(),
                };
                self.found.insert(step, live);
            }
        }
        now
    }

    /// The step that opens a frame, and what matters before it.
    fn frame(&mut self, number: usize, after: Locals) -> (usize, Locals) {
        let frame = &self.flow.frames[number];
        let (begin, end) = (frame.begin(), frame.close);
        let open = frame.open.unwrap_or_default();
        match frame.kind {
            FrameKind::Loop => {
                // A jump goes to the loop's beginning: what matters there is found when it grows no more. What was found
                // before, while the loops around this one were still growing, holds on.
                let mut label = self.loops.remove(&number).unwrap_or_default();
                loop {
                    self.labels.push(label.clone());
                    let before = self.backwards(begin, end, after.clone());
                    self.labels.pop();
                    if before == label {
                        self.loops.insert(number, label);
                        return (open, before);
                    }
                    label = before;
                }
            }
            FrameKind::Else => {
                let mut before = self.inside(begin, end, &after);
                // The `else` that opens it closes the other arm.
                let Some(arm) = self.flow.closed_by(open) else {
                    return (open, before);
                };
                let arm = &self.flow.frames[arm];
                let (begin, end) = (arm.begin(), arm.close);
                let first = arm.open.unwrap_or_default();
                before.add(&self.inside(begin, end, &after));
                (first, before)
            }
            FrameKind::If => {
                let mut before = self.inside(begin, end, &after);
                before.add(&after);
                (open, before)
            }
            _ => (open, self.inside(begin, end, &after)),
        }
    }

    fn inside(&mut self, begin: usize, end: usize, after: &Locals) -> Locals {
        self.labels.push(after.clone());
        let before = self.backwards(begin, end, after.clone());
        self.labels.pop();
        before
    }

    fn label(&self, depth: u32) -> Locals {
        let label = self.labels.len().checked_sub(depth as usize + 1);
        label
            .and_then(|label| self.labels.get(label).cloned())
            .unwrap_or_default()
    }
}
