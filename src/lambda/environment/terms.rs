//! What environments are made from, are asked to do, and tell.

use std::cell::RefCell;
use std::sync::Arc;

use super::cache::Cache;
use crate::guest::process::{LogLine, MemoryPoint, PhaseEnd, PhaseReport, Watch};
use crate::lambda::config::FunctionConfig;
use crate::lambda::event::{
    Capacity, FunctionId, InitPhase, InvocationId, Outcome, RequestId, ResetReason, Usage,
};
use crate::lambda::function::Package;
use crate::lambda::model::Usual;
use crate::sim::{Rng, SimTime, Slot};

/// What all environments of one version of a function share.
pub struct Blueprint {
    /// The function.
    pub function: FunctionId,
    /// `$LATEST` or a version's number.
    pub version: String,
    /// The configuration.
    pub config: FunctionConfig,
    /// The code, or a model of it.
    pub package: Package,
    /// What is known of cached code.
    pub cache: Option<RefCell<Cache>>,
    /// What most invocations of a model share.
    pub usual: Option<Usual>,
    /// The scenario's seed, from which ids are derived.
    pub seed: u64,
    /// Calendar milliseconds at virtual time zero.
    pub epoch_ms: i64,
    /// The host's patience.
    pub watch: Watch,
}

/// Chance, as environments need it.
pub struct Chance {
    /// Seeds of guests' random numbers.
    pub guest_seeds: Rng,
    /// What models draw.
    pub models: Rng,
}

/// The invocation an environment is working on.
#[derive(Debug, Clone, Copy)]
pub struct Task {
    /// Where its story is.
    pub story: Slot,
    /// Which.
    pub invocation: InvocationId,
    /// Whose request id it shows: its own, or that of the invocation it repeats.
    pub identity: InvocationId,
    /// 1 for the first try.
    pub attempt: u32,
    /// How many requests it is billed as.
    pub requests: u32,
    /// From which capacity it is served.
    pub capacity: Capacity,
    /// Whether the answer carries the end of the log.
    pub log_tail: bool,
}

impl Task {
    /// Its request id.
    pub fn request_id(&self, seed: u64) -> RequestId {
        RequestId::of(seed, self.identity)
    }
}

/// A phase that has begun: when it ends, and what will have been written by then.
pub struct Begun {
    /// When it ends.
    pub ends: SimTime,
    /// The lines it writes.
    pub log: Vec<LogLine>,
    /// Not Lambda ends it but we do, and why.
    pub cut_off: Option<String>,
}

/// An Init that has ended.
pub struct InitEnded {
    /// Own phase, or inside an Invoke phase.
    pub phase: InitPhase,
    /// How.
    pub end: PhaseEnd,
    /// `Error Type` of INIT_REPORT.
    pub error_type: Option<String>,
    /// What it used.
    pub usage: Usage,
    /// How memory grew, sandbox included.
    pub memory: Box<[MemoryPoint]>,
}

/// An Invoke phase that has ended.
pub struct InvokeEnded {
    /// What was asked.
    pub task: Task,
    /// How long the phase took, a suppressed init included.
    pub duration: crate::sim::SimDuration,
    /// How it went.
    pub outcome: Arc<Outcome>,
    /// The process is gone, and why.
    pub reset: Option<ResetReason>,
}

impl Begun {
    /// A phase in which nothing is written.
    pub(super) const fn silent(ends: SimTime) -> Self {
        Self {
            ends,
            log: Vec::new(),
            cut_off: None,
        }
    }

    /// Takes the log lines out of a report: they go into the trace, not into the books.
    pub(super) fn of(report: &mut PhaseReport) -> Self {
        let cut_off = match &report.end {
            PhaseEnd::OutOfPatience => Some(
                "The run was stopped by the page, not by Lambda: the function took longer in real time than the page \
                 waits. What would have happened next is not known."
                    .to_owned(),
            ),
            PhaseEnd::EngineFailed(cause) => Some(format!(
                "The run was stopped by this device, not by Lambda: {cause}. What would have happened next is not known."
            )),
            _ => None,
        };
        Self {
            ends: report.ended,
            log: std::mem::take(&mut report.log),
            cut_off,
        }
    }
}
