//! Calls that a function must make because nobody reads what it returns, and what happens when it does not.
//!
//! Pure: whoever plays it says what the function called and how much time has passed.

use serde_json::Value;

use super::outcome::short;
use crate::sim::SimDuration;

mod calls;

/// Whose callback it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contract {
    /// `PutJobSuccessResult` or `PutJobFailureResult`.
    CodePipeline,
    /// A PUT to the ResponseURL.
    CloudFormation,
    /// `SendTaskSuccess`, `SendTaskFailure`, `SendTaskHeartbeat`.
    TaskToken,
    /// `PutEvaluations`.
    Config,
}

impl Contract {
    /// The operations that count. The host import and its WASI equivalent take one of these names and a JSON body.
    pub fn operations(self) -> &'static [&'static str] {
        match self {
            Self::CodePipeline => &["PutJobSuccessResult", "PutJobFailureResult"],
            Self::CloudFormation => &["PUT ResponseURL"],
            Self::TaskToken => &["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"],
            Self::Config => &["PutEvaluations"],
        }
    }

    /// Whose operation it is.
    pub fn of(operation: &str) -> Option<Self> {
        [
            Self::CodePipeline,
            Self::CloudFormation,
            Self::TaskToken,
            Self::Config,
        ]
        .into_iter()
        .find(|contract| contract.operations().contains(&operation))
    }

    /// What in a call's body says which callback it is.
    pub fn token_in(self, body: &Value) -> &str {
        let key = match self {
            Self::CodePipeline => "jobId",
            Self::CloudFormation => "RequestId",
            Self::TaskToken => "taskToken",
            Self::Config => "ResultToken",
        };
        body.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// How long the service waits; none when it never gives up.
    ///
    /// 20 minutes: CodePipeline's quota "Length of time before an action times out" for Lambda. An hour: CloudFormation's
    /// default of ServiceTimeout. 99,999,999 seconds: the default TimeoutSeconds of a task. Config does not wait.
    pub fn limit(self) -> Option<SimDuration> {
        match self {
            Self::CodePipeline => Some(SimDuration::from_secs(20 * 60)),
            Self::CloudFormation => Some(SimDuration::from_secs(3_600)),
            Self::TaskToken => Some(SimDuration::from_secs(LONGEST_SECONDS)),
            Self::Config => None,
        }
    }
}

/// The longest that any of them waits.
const LONGEST_SECONDS: u64 = 99_999_999;

/// A callback that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    contract: Contract,
    /// Job id, request id, task token or result token.
    token: String,
    /// More keys that the call must repeat, with their values.
    expected: Vec<(&'static str, String)>,
    limit: Option<SimDuration>,
    /// When the last sign of life came, counted from the beginning.
    last_sign: SimDuration,
    /// Longest time between two heartbeats.
    heartbeat: Option<SimDuration>,
    end: Option<End>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Whether the service counts it as a success.
    pub ok: bool,
    /// The service's own word for it, such as `Failed` or `States.Timeout`.
    pub status: String,
    /// What happens now: one or two sentences.
    pub then: String,
    /// What the call handed over: output of a task, data of a resource (of a failed one the whole answer), a continuation
    /// token.
    pub output: Value,
    /// Whether the service calls the function once more (a continuation token; the Delete of a rollback).
    pub again: bool,
}

/// What a service answers to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Taken. The callback may have ended by it.
    Taken,
    /// Refused: exception and message. Nothing has changed.
    Refused {
        /// The exception's name.
        exception: &'static str,
        /// Why.
        message: String,
    },
}

impl Callback {
    /// For an event with this token.
    pub(super) fn new(contract: Contract, token: &str) -> Self {
        Self {
            contract,
            token: token.to_owned(),
            expected: Vec::new(),
            limit: contract.limit(),
            last_sign: SimDuration::ZERO,
            heartbeat: None,
            end: None,
        }
    }

    /// For a task state: its token, `TimeoutSeconds` and `HeartbeatSeconds`.
    pub fn task_token(token: &str, timeout: Option<u64>, heartbeat: Option<u64>) -> Self {
        let mut callback = Self::new(Contract::TaskToken, token);
        if let Some(seconds) = timeout {
            callback.within_seconds(seconds);
        }
        callback.heartbeat =
            heartbeat.map(|seconds| SimDuration::from_secs(seconds.min(LONGEST_SECONDS)));
        callback
    }

    pub(super) fn expect(&mut self, key: &'static str, value: &str) {
        self.expected.push((key, value.to_owned()));
    }

    pub(super) fn within_seconds(&mut self, seconds: u64) {
        self.limit = Some(SimDuration::from_secs(seconds.min(LONGEST_SECONDS)));
    }

    /// One that nobody waits for, and that refuses every call as the service would.
    pub fn none(contract: Contract) -> Self {
        // None of the services makes such a token.
        Self::new(contract, "\u{0}nobody")
    }

    /// Nobody waits any more, without an end of its own.
    pub fn abandon(&mut self) {
        if self.end.is_none() {
            self.finish(
                false,
                "Abandoned",
                "Nobody waits for this call any more.",
                Value::Null,
                false,
            );
        }
    }

    /// What a call must repeat to be meant for this.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whose it is.
    pub fn contract(&self) -> Contract {
        self.contract
    }

    /// How it ended; none while it is waited for.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// When [`Callback::waited`] must be called next, counted from the beginning.
    pub fn due(&self) -> Option<SimDuration> {
        if self.end.is_some() {
            return None;
        }
        let beat = self.heartbeat.map(|gap| self.last_sign + gap);
        match (self.limit, beat) {
            (Some(limit), Some(beat)) => Some(limit.min(beat)),
            (limit, beat) => limit.or(beat),
        }
    }

    /// Time has passed, `elapsed` since the beginning, without an end.
    pub fn waited(&mut self, elapsed: SimDuration) {
        if self.due().is_none_or(|due| elapsed < due) {
            return;
        }
        let overdue = self.limit.is_some_and(|limit| elapsed >= limit);
        let (status, then, again) = match self.contract {
            Contract::CodePipeline => (
                "Failed",
                "The function called neither PutJobSuccessResult nor PutJobFailureResult within 20 minutes. The action failed with \
                 a timeout, and so did the stage.",
                false,
            ),
            Contract::CloudFormation => (
                "FAILED",
                "CloudFormation did not receive a response from the custom resource in time. The resource has failed; the stack \
                 rolls back, and a Delete that is not answered either hangs just as long.",
                true,
            ),
            Contract::TaskToken if overdue => (
                "States.Timeout",
                "Nobody sent success or failure with the task token before TimeoutSeconds were over.",
                false,
            ),
            Contract::TaskToken => (
                "States.HeartbeatTimeout",
                "No heartbeat came with the task token for longer than HeartbeatSeconds.",
                false,
            ),
            Contract::Config => return,
        };
        self.finish(false, status, then, Value::Null, again);
    }

    /// The function's last try is over and nothing was called; `failed` when it failed. Only Config draws a conclusion from
    /// it: the others wait on.
    pub fn function_over(&mut self, failed: bool) {
        if self.contract == Contract::Config && self.end.is_none() {
            let why = if failed {
                "The function failed before it called PutEvaluations."
            } else {
                "The function ended without calling PutEvaluations."
            };
            self.finish(
                false,
                "No results",
                &format!("{why} The rule keeps the results it had; nothing tells that this evaluation is missing."),
                Value::Null,
                false,
            );
        }
    }

    /// The function called `operation` with `body`, `elapsed` since the beginning.
    pub fn call(&mut self, operation: &str, body: &Value, elapsed: SimDuration) -> Answer {
        self.waited(elapsed);
        if !self.contract.operations().contains(&operation) {
            return refused(
                "UnknownOperationException",
                format!("{} is not an operation of this service.", short(operation)),
            );
        }
        match self.contract {
            Contract::CodePipeline => self.job(operation, body),
            Contract::CloudFormation => self.resource(body),
            Contract::TaskToken => self.task(operation, body, elapsed),
            Contract::Config => self.evaluations(body),
        }
    }

    fn finish(&mut self, ok: bool, status: &str, then: &str, output: Value, again: bool) -> Answer {
        self.end = Some(End {
            ok,
            status: status.to_owned(),
            then: then.to_owned(),
            output,
            again,
        });
        Answer::Taken
    }
}

fn refused(exception: &'static str, message: impl Into<String>) -> Answer {
    Answer::Refused {
        exception,
        message: message.into(),
    }
}
