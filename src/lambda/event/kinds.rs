//! The small terms of trace entries: types of call, phases, reasons, what phases use and what is answered.

use serde::{Deserialize, Serialize};

use super::FunctionId;
use crate::guest::fuel::Fuel;
use crate::guest::process::{MemoryPoint, PhaseEnd};
use crate::lambda::config::MemoryMb;
use crate::sim::SimDuration;

/// `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvocationType {
    /// Synchronous: the caller waits, errors are the caller's.
    RequestResponse,
    /// Asynchronous: 202 at once; queue, retries, destinations.
    Event,
    /// Only asks whether the call would be let in: 204.
    DryRun,
}

/// Why an environment runs its Init phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InitPhase {
    /// A cold start's own Init phase, with its 10 s limit.
    Init,
    /// Init repeated inside an Invoke phase, after a failed Init or a reset ("suppressed init").
    Invoke,
}

/// What a phase used; all of it read from the guest's meter and clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Wall time on the virtual clock.
    pub duration: SimDuration,
    /// Work done.
    pub fuel: Fuel,
    /// CPU time used.
    pub cpu: SimDuration,
    /// Frozen by the CPU quota.
    pub frozen: SimDuration,
    /// Waited without using the CPU.
    pub waited: SimDuration,
    /// Max Memory Used so far in this environment, in bytes, sandbox included.
    pub memory_peak: u64,
}

/// What `REPORT` says about an invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// `Duration`: the Invoke phase, a suppressed init included.
    pub duration: SimDuration,
    /// `Init Duration`, on the first invocation after a cold start.
    pub init_duration: Option<SimDuration>,
    /// `Billed Duration` in milliseconds.
    pub billed_ms: u64,
    /// `Memory Size`.
    pub memory_size: MemoryMb,
    /// `Max Memory Used` in MB.
    pub max_memory_used_mb: u32,
    /// `Status` and `Error Type`, absent on success and on errors the handler reported itself.
    pub status: Option<ReportStatus>,
    /// What it costs, in picodollars (10^-12 $): duration and request.
    pub cost_picodollars: u64,
}

/// The tail of a REPORT line of a failed invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportStatus {
    /// `Status: timeout`.
    Timeout,
    /// `Status: error` with `Error Type`.
    Error(String),
}

/// What the Invoke API answers to a synchronous call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvokeResponse {
    /// HTTP status: 200 even when the function failed, 4xx and 5xx when it was not run.
    pub status: u16,
    /// `X-Amz-Function-Error`, on function errors.
    pub function_error: Option<String>,
    /// `X-Amz-Executed-Version`.
    pub executed_version: Option<String>,
    /// The payload: the function's answer or an error object. JSON text in all but broken cases.
    pub payload: String,
}

/// Why an asynchronous event was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DropReason {
    /// All retries used.
    RetriesExhausted,
    /// Older than the maximum event age, or would be by the next try.
    EventAgeExceeded,
    /// The function's reserved concurrency is 0.
    ZeroReservedConcurrency,
    /// The chain of functions that led here was too long: Lambda stops loops.
    RecursiveLoop,
}

/// Why an environment is reset: process gone, `/tmp` kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResetReason {
    /// The function's timeout ended the process.
    Timeout,
    /// The process crashed, exited, or ran out of memory.
    Crash,
}

/// What the caller, or the service that called, sees in the end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallerView {
    /// HTTP status that the caller sees, where the caller speaks HTTP.
    pub status: Option<u16>,
    /// Response headers in order.
    pub headers: Vec<(String, String)>,
    /// Response body as text; base64-encoded bodies are decoded when they are UTF-8.
    pub body: String,
    /// Whether things went as the function's author would wish.
    pub ok: bool,
    /// One or two sentences: what happened and, if a rule was broken, which.
    pub explanation: String,
}

/// `Reason` of TooManyRequestsException.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ThrottleReason {
    /// The account's unreserved concurrency is used up, or the function has scaled out as fast as it may.
    ConcurrentInvocationLimitExceeded,
    /// The function's own reserve is used up, or is 0.
    ReservedFunctionConcurrentInvocationLimitExceeded,
    /// More synchronous requests a second than ten times the account's concurrency.
    FunctionInvocationRateLimitExceeded,
    /// More synchronous requests a second than ten times the function's reserve.
    ReservedFunctionInvocationRateLimitExceeded,
}

impl ThrottleReason {
    /// As the API writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
            Self::ReservedFunctionConcurrentInvocationLimitExceeded => {
                "ReservedFunctionConcurrentInvocationLimitExceeded"
            }
            Self::FunctionInvocationRateLimitExceeded => "FunctionInvocationRateLimitExceeded",
            Self::ReservedFunctionInvocationRateLimitExceeded => {
                "ReservedFunctionInvocationRateLimitExceeded"
            }
        }
    }
}

/// Why an asynchronous event goes back to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetryCause {
    /// The function failed: one of the retries.
    FunctionError,
    /// 429: with a growing wait, as often as the maximum age allows.
    Throttled,
    /// 5xx: the same.
    SystemError,
}

/// From which capacity an invocation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Capacity {
    /// On demand.
    OnDemand,
    /// Provisioned concurrency.
    Provisioned,
    /// On demand, because the provisioned concurrency is all in use.
    Spillover,
}

/// What an environment is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// The function.
    pub function: FunctionId,
    /// `$LATEST` or a version's number.
    pub version: String,
    /// Its log stream.
    pub log_stream: String,
    /// Whether it belongs to provisioned concurrency.
    pub provisioned: bool,
}

/// The end of an Init phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitEnd {
    /// How.
    pub end: PhaseEnd,
    /// `Error Type` of INIT_REPORT, when it failed.
    pub error_type: Option<String>,
    /// What it used.
    pub usage: Usage,
    /// How memory grew, sandbox included, counted from the phase's beginning. Empty for a model.
    pub memory: Box<[MemoryPoint]>,
}

/// How far provisioned concurrency is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedStatus {
    /// The function.
    pub function: FunctionId,
    /// The version or alias.
    pub qualifier: String,
    /// `Status`.
    pub state: ProvisionedState,
    /// `RequestedProvisionedConcurrentExecutions`.
    pub requested: u32,
    /// `AllocatedProvisionedConcurrentExecutions`.
    pub allocated: u32,
}

/// `Status` of provisioned concurrency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProvisionedState {
    /// `IN_PROGRESS`.
    InProgress,
    /// `READY`.
    Ready,
    /// `FAILED`, with StatusReason `FUNCTION_ERROR_INIT_FAILURE`.
    Failed,
}

/// For what a message is sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeliveryKind {
    /// The on-success destination.
    OnSuccess,
    /// The on-failure destination.
    OnFailure,
    /// The dead-letter queue.
    DeadLetter,
}

/// A message to a destination or a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// For what.
    pub kind: DeliveryKind,
    /// The target's ARN.
    pub target: String,
    /// What the target gets: the record, or the original event.
    pub body: String,
    /// Message attributes: name, type and value. Only dead-letter queues have them.
    pub attributes: Vec<(String, String, String)>,
    /// Whether the target took it.
    pub delivered: bool,
}
