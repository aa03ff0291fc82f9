//! Outcomes that are used again: a real module's, for the same event in the same state.
//!
//! A state is what has happened to an environment since it was made: its starts and events, in order. Two environments with
//! the same history are in the same state, so the second need not run. One process is kept where each history ends, and
//! serves whichever environment goes on from there; where none is kept, the history is run again.
//!
//! Two things are taken for granted, and outcomes are labelled for it. A function's outcome does not depend on the clock,
//! the request id or random numbers. And a function that has done exactly the same [`SETTLED`] times in a row for the same
//! event, to the last unit of fuel, has a state that this event does not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::guest::clock::Clock;
use crate::guest::process::outside::ServiceCall;
use crate::guest::process::{LogLine, PhaseEnd, PhaseReport, SharedFiles};
use crate::lambda::runtime::Running;
use crate::sim::{SimDuration, SimTime};

/// After how many equal outcomes in a row a state counts as settled.
pub const SETTLED: u32 = 3;

/// Most processes that are kept.
const MOST_KEPT: usize = 64;

/// A state: a node in the tree of histories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateId(u32);

impl StateId {
    /// An environment to which nothing has happened.
    pub const NEW: Self = Self(0);
}

/// Something that happens to an environment. The time limit belongs to it, because it may decide the end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A process is started: in an Init phase of its own, or inside the Invoke phase.
    Start {
        /// Inside the Invoke phase.
        suppressed: bool,
        /// The time limit.
        limit: SimDuration,
    },
    /// An event is handled.
    Event {
        /// The event.
        event: Arc<str>,
        /// The time limit.
        limit: SimDuration,
    },
}

/// `/tmp` and the process of an environment, at the end of some history.
pub struct Real {
    /// `/tmp`.
    pub files: SharedFiles,
    /// The process, when one is running.
    pub process: Option<Box<dyn Running>>,
}

/// What came of a step, with times counted from its beginning.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    duration: SimDuration,
    report: PhaseReport,
}

struct Node {
    /// The step that led here, and how many times in a row it had the same outcome.
    last: Option<(Step, Known, u32)>,
    parent: Option<StateId>,
    next: BTreeMap<Step, (Known, StateId)>,
    kept: Option<Real>,
}

/// What is known of one version of a function.
pub struct Cache {
    nodes: Vec<Node>,
    /// Where processes are kept, oldest first.
    kept: std::collections::VecDeque<StateId>,
}

/// How to run steps for real.
pub trait Runner {
    /// `/tmp` of a new environment.
    fn files(&self) -> SharedFiles;
    /// A clock for a step that begins now.
    fn clock(&self, step: &Step) -> Clock;
    /// Runs a step.
    fn run(&mut self, real: &mut Real, step: &Step, clock: Clock) -> PhaseReport;
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            nodes: vec![Node::new(None, None)],
            kept: std::collections::VecDeque::new(),
        }
    }
}

impl Node {
    fn new(parent: Option<StateId>, last: Option<(Step, Known, u32)>) -> Self {
        Self {
            last,
            parent,
            next: BTreeMap::new(),
            kept: None,
        }
    }
}

impl Cache {
    /// Takes a step from a state: returns its report, the state after it, and whether it was known before.
    pub fn step(
        &mut self,
        from: StateId,
        step: Step,
        now: SimTime,
        runner: &mut dyn Runner,
    ) -> (PhaseReport, StateId, bool) {
        let known = self
            .nodes
            .get(from.0 as usize)
            .and_then(|node| node.next.get(&step));
        if let Some((known, to)) = known {
            return (known.at(now), *to, true);
        }
        let mut real = match self.take_kept(from) {
            Some(real) => real,
            None => match self.relive(from, runner) {
                Ok(real) => real,
                Err(report) => return (*report, from, false),
            },
        };
        let report = runner.run(&mut real, &step, runner.clock(&step));
        if matches!(
            report.end,
            PhaseEnd::OutOfPatience | PhaseEnd::EngineFailed(_)
        ) {
            // Not the function's doing: nothing to learn from.
            return (report, from, false);
        }
        let known = Known::of(&report, now);
        let to = self.learn(from, step, known);
        self.keep(to, real);
        (report, to, false)
    }

    /// Adds an outcome to the tree.
    fn learn(&mut self, from: StateId, step: Step, known: Known) -> StateId {
        let in_a_row = match self
            .nodes
            .get(from.0 as usize)
            .and_then(|node| node.last.as_ref())
        {
            Some((last, outcome, times)) if *last == step && *outcome == known => times + 1,
            _ => 1,
        };
        let to = if in_a_row >= SETTLED && matches!(step, Step::Event { .. }) {
            from
        } else {
            let last = Some((step.clone(), known.clone(), in_a_row));
            self.nodes.push(Node::new(Some(from), last));
            StateId(self.nodes.len() as u32 - 1)
        };
        if let Some(node) = self.nodes.get_mut(from.0 as usize) {
            node.next.insert(step, (known, to));
        }
        to
    }

    fn take_kept(&mut self, at: StateId) -> Option<Real> {
        let real = self.nodes.get_mut(at.0 as usize)?.kept.take()?;
        self.kept.retain(|kept| *kept != at);
        Some(real)
    }

    fn keep(&mut self, at: StateId, real: Real) {
        if self.kept.len() >= MOST_KEPT
            && let Some(oldest) = self.kept.pop_front()
            && let Some(node) = self.nodes.get_mut(oldest.0 as usize)
        {
            node.kept = None;
        }
        if let Some(node) = self.nodes.get_mut(at.0 as usize) {
            node.kept = Some(real);
            self.kept.push_back(at);
        }
    }

    /// Runs a whole history again, in an environment of its own.
    ///
    /// # Errors
    /// The report of the step at which we, not Lambda, had to stop.
    fn relive(&self, until: StateId, runner: &mut dyn Runner) -> Result<Real, Box<PhaseReport>> {
        let mut steps = Vec::new();
        let mut at = Some(until);
        while let Some(node) = at.and_then(|at| self.nodes.get(at.0 as usize)) {
            if let Some((step, ..)) = &node.last {
                steps.push(step.clone());
            }
            at = node.parent;
        }
        let mut real = Real {
            files: runner.files(),
            process: None,
        };
        for step in steps.iter().rev() {
            let report = runner.run(&mut real, step, runner.clock(step));
            if matches!(
                report.end,
                PhaseEnd::OutOfPatience | PhaseEnd::EngineFailed(_)
            ) {
                return Err(Box::new(report));
            }
        }
        Ok(real)
    }
}

impl Known {
    fn of(report: &PhaseReport, began: SimTime) -> Self {
        let from_beginning = |at: SimTime| SimTime::ZERO + at.since(began);
        Self {
            duration: report.ended.since(began),
            report: PhaseReport {
                ended: from_beginning(report.ended),
                log: moved(&report.log, from_beginning),
                calls: called(&report.calls, from_beginning),
                ..report.clone()
            },
        }
    }

    fn at(&self, now: SimTime) -> PhaseReport {
        PhaseReport {
            ended: now + self.duration,
            log: moved(&self.report.log, |at| now + at.since(SimTime::ZERO)),
            calls: called(&self.report.calls, |at| now + at.since(SimTime::ZERO)),
            ..self.report.clone()
        }
    }
}

fn called(calls: &[ServiceCall], to: impl Fn(SimTime) -> SimTime) -> Vec<ServiceCall> {
    calls
        .iter()
        .map(|call| ServiceCall {
            at: to(call.at),
            ..call.clone()
        })
        .collect()
}

fn moved(log: &[LogLine], to: impl Fn(SimTime) -> SimTime) -> Vec<LogLine> {
    log.iter()
        .map(|line| LogLine {
            at: to(line.at),
            text: line.text.clone(),
        })
        .collect()
}
