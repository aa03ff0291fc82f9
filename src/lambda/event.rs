//! The entries of a trace: everything that can happen in the simulated service, in Lambda's own terms.
//!
//! The page, the log viewer, the bill and the tests read these and nothing else.

use serde::{Deserialize, Serialize};

use super::config::MemoryMb;
use crate::guest::fuel::Fuel;
use crate::guest::process::PhaseEnd;
use crate::sim::{SimDuration, SimTime, Stamped};

/// A trace entry with its time.
pub type Entry = Stamped<Event>;

/// One request to invoke a function, whatever becomes of it: its number in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvocationId(pub u32);

/// One execution environment: its number in the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EnvironmentId(pub u32);

/// Lambda's request id, a version 4 UUID; the same in all attempts of one asynchronous event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub [u8; 16]);

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

/// `X-Amz-Invocation-Type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvocationType {
    /// Synchronous: the caller waits, errors are the caller's.
    RequestResponse,
    /// Asynchronous: 202 at once; queue, retries, destinations.
    Event,
    /// 204 at once: only asks whether a call would be let in.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DropReason {
    /// All retries used.
    RetriesExhausted,
    /// Older than the maximum event age, or would be by the next try.
    EventAgeExceeded,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// What can happen. Entries of one invocation share its id; so do those of one environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A request reaches Lambda's front end.
    Received {
        /// Which.
        invocation: InvocationId,
        /// Its request id.
        request_id: RequestId,
        /// Synchronous or asynchronous.
        kind: InvocationType,
        /// Id of the trigger that sent it.
        trigger: String,
        /// The event, JSON text.
        payload: String,
    },
    /// The front end refuses it: the function is not run. The response says why.
    Refused {
        /// Which.
        invocation: InvocationId,
        /// The API error.
        response: InvokeResponse,
    },
    /// An asynchronous request is accepted with 202 and stands in the event queue.
    Accepted {
        /// Which.
        invocation: InvocationId,
    },
    /// The event queue hands an event to the function.
    Dequeued {
        /// Which.
        invocation: InvocationId,
        /// 1 for the first try.
        attempt: u32,
        /// How long ago it was accepted.
        age: SimDuration,
    },
    /// A new execution environment comes into being.
    EnvironmentCreated {
        /// Which.
        environment: EnvironmentId,
        /// Its log stream.
        log_stream: String,
    },
    /// Init begins.
    InitStarted {
        /// Where.
        environment: EnvironmentId,
        /// Own phase, or inside an Invoke phase.
        phase: InitPhase,
        /// `Runtime Version` as INIT_START prints it.
        runtime_version: String,
        /// `Runtime Version ARN` as INIT_START prints it.
        runtime_version_arn: String,
    },
    /// Init ends.
    InitFinished {
        /// Where.
        environment: EnvironmentId,
        /// Own phase, or inside an Invoke phase.
        phase: InitPhase,
        /// How.
        end: PhaseEnd,
        /// `Error Type` of INIT_REPORT, when it failed.
        error_type: Option<String>,
        /// What it used.
        usage: Usage,
    },
    /// An environment begins to run an invocation.
    InvokeStarted {
        /// Where.
        environment: EnvironmentId,
        /// Which.
        invocation: InvocationId,
        /// Its request id.
        request_id: RequestId,
        /// 1 for the first try.
        attempt: u32,
        /// Whether this is the environment's first invocation.
        cold: bool,
    },
    /// The guest wrote a line.
    Log {
        /// Where.
        environment: EnvironmentId,
        /// During which invocation; none during Init.
        invocation: Option<InvocationId>,
        /// The line.
        text: String,
    },
    /// An invocation ends, whatever the end.
    InvokeFinished {
        /// Where.
        environment: EnvironmentId,
        /// Which.
        invocation: InvocationId,
        /// Its request id.
        request_id: RequestId,
        /// 1 for the first try.
        attempt: u32,
        /// How the guest ended. An answer's bytes are left out: they are in `response`.
        end: PhaseEnd,
        /// What Lambda makes of it: the answer or the error object.
        response: InvokeResponse,
        /// What the Invoke phase used, a suppressed init included.
        usage: Usage,
        /// What REPORT says.
        report: Report,
    },
    /// An environment is reset: the process is gone, `/tmp` stays, the next invocation starts with a suppressed init.
    EnvironmentReset {
        /// Which.
        environment: EnvironmentId,
        /// Why.
        reason: ResetReason,
    },
    /// An idle environment is ended.
    EnvironmentShutdown {
        /// Which.
        environment: EnvironmentId,
    },
    /// A failed asynchronous event goes back to the queue.
    RetryScheduled {
        /// Which.
        invocation: InvocationId,
        /// The try to come.
        attempt: u32,
        /// When.
        due: SimTime,
    },
    /// An asynchronous event is given up.
    Dropped {
        /// Which.
        invocation: InvocationId,
        /// Why.
        reason: DropReason,
        /// How often the function was tried.
        attempts: u32,
    },
    /// What came back through the trigger: the end of the story for whoever called.
    CallerSaw {
        /// Which.
        invocation: InvocationId,
        /// What.
        view: CallerView,
    },
    /// The run was cut off by us, not by Lambda: by patience or cancellation. Nothing after this would be true.
    CutOff {
        /// Why, for the visitor.
        reason: String,
    },
}
