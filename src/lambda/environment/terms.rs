//! What environments are made from, are asked to do, and tell.

use std::rc::Rc;

use crate::guest::process::{LogLine, PhaseEnd, PhaseReport, Watch};
use crate::lambda::config::FunctionConfig;
use crate::lambda::event::{
    InitPhase, InvocationId, InvokeResponse, Report, RequestId, ResetReason, Usage,
};
use crate::lambda::runtime::Code;
use crate::sim::SimTime;

/// What all environments of a function share.
pub struct Blueprint {
    /// The configuration.
    pub config: FunctionConfig,
    /// The package.
    pub code: Rc<dyn Code>,
    /// Calendar milliseconds at virtual time zero.
    pub epoch_ms: i64,
    /// The host's patience.
    pub watch: Watch,
}

/// The invocation an environment is working on.
#[derive(Debug, Clone)]
pub struct Task {
    /// Which.
    pub invocation: InvocationId,
    /// Its request id.
    pub request_id: RequestId,
    /// 1 for the first try.
    pub attempt: u32,
    /// The event's bytes.
    pub event: Rc<[u8]>,
    /// How many requests it is billed as.
    pub requests: u64,
    /// `_X_AMZN_TRACE_ID`.
    pub trace_id: String,
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
}

/// An Invoke phase that has ended.
pub struct InvokeEnded {
    /// What was asked.
    pub task: Task,
    /// How the guest ended; an answer's bytes are in `response`.
    pub end: PhaseEnd,
    /// What Lambda makes of it.
    pub response: InvokeResponse,
    /// What the phase used, a suppressed init included.
    pub usage: Usage,
    /// What REPORT says.
    pub report: Report,
    /// The process is gone, and why.
    pub reset: Option<ResetReason>,
}

impl Begun {
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
