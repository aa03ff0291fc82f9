//! Calls that a function must make because nobody reads what it returns, and what happens when it does not.
//!
//! Pure: whoever plays it says what the function called and how much time has passed.

use serde_json::Value;

use super::check;
use super::outcome::short;
use crate::sim::SimDuration;

/// Whose callback it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// How long the service waits; none when it never gives up.
    ///
    /// 20 minutes: CodePipeline's quota "Length of time before an action times out" for Lambda. An hour: CloudFormation's
    /// default of ServiceTimeout. 99,999,999 seconds: the default TimeoutSeconds of a task. Config does not wait.
    pub fn limit(self) -> Option<SimDuration> {
        match self {
            Self::CodePipeline => Some(SimDuration::from_secs(20 * 60)),
            Self::CloudFormation => Some(SimDuration::from_secs(3_600)),
            Self::TaskToken => Some(SimDuration::from_secs(99_999_999)),
            Self::Config => None,
        }
    }
}

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
    /// What the call handed over: output of a task, data of a resource, a continuation token.
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
        callback.heartbeat = heartbeat.map(SimDuration::from_secs);
        callback
    }

    pub(super) fn expect(&mut self, key: &'static str, value: &str) {
        self.expected.push((key, value.to_owned()));
    }

    pub(super) fn within_seconds(&mut self, seconds: u64) {
        self.limit = Some(SimDuration::from_secs(seconds));
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

    fn job(&mut self, operation: &str, body: &Value) -> Answer {
        if check::text(body, "/jobId") != self.token {
            return refused("JobNotFoundException", "There is no job with this jobId.");
        }
        if self.end.is_some() {
            return refused("InvalidJobStateException", "The job is over already.");
        }
        if operation == "PutJobFailureResult" {
            let kind = check::text(body, "/failureDetails/type");
            let message = check::text(body, "/failureDetails/message");
            if message.is_empty() || !FAILURES.contains(&kind) {
                return refused(
                    "ValidationException",
                    "failureDetails must have a message and a type such as JobFailed.",
                );
            }
            let then = format!(
                "The function says that the job failed: {}. The action failed, and so did the stage.",
                short(message)
            );
            return self.finish(false, "Failed", &then, Value::Null, false);
        }
        match body.get("continuationToken").filter(|token| !token.is_null()) {
            Some(token) => self.finish(
                true,
                "InProgress",
                "The function asked to be called again: CodePipeline invokes it later with this continuation token.",
                token.clone(),
                true,
            ),
            None => {
                let output = body.get("outputVariables").cloned().unwrap_or_default();
                self.finish(true, "Succeeded", "The action succeeded; the pipeline goes on.", output, false)
            }
        }
    }

    fn resource(&mut self, body: &Value) -> Answer {
        // The address is one of S3 and takes anything; CloudFormation then reads what it understands.
        if self.end.is_some() {
            return Answer::Taken;
        }
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let status = text("Status");
        let rule = if body.to_string().len() > 4_096 {
            Some("The response may have 4,096 bytes.".to_owned())
        } else if status != "SUCCESS" && status != "FAILED" {
            Some("Status must be SUCCESS or FAILED.".to_owned())
        } else if text("RequestId") != self.token {
            Some("RequestId must be the request's.".to_owned())
        } else if let Some((key, _)) = self.expected.iter().find(|(key, value)| text(key) != value)
        {
            Some(format!("{key} must be the request's."))
        } else if text("PhysicalResourceId").is_empty() && status == "SUCCESS" {
            Some("Invalid PhysicalResourceId: it is required.".to_owned())
        } else if status == "FAILED" && text("Reason").is_empty() {
            Some("Reason is required when Status is FAILED.".to_owned())
        } else {
            None
        };
        match rule {
            Some(rule) => {
                let then = format!("{rule} The resource failed; the stack rolls back.");
                self.finish(false, "FAILED", &then, Value::Null, true)
            }
            None if status == "FAILED" => {
                let then = format!(
                    "The function says that it failed: {}. The stack rolls back.",
                    short(text("Reason"))
                );
                self.finish(false, "FAILED", &then, Value::Null, true)
            }
            None => {
                let data = body.get("Data").cloned().unwrap_or_default();
                self.finish(
                    true,
                    "SUCCESS",
                    "The resource is done; the stack goes on. Fn::GetAtt reads from Data. A new PhysicalResourceId in an update means \
                     replacement: the old one gets a Delete later.",
                    data,
                    false,
                )
            }
        }
    }

    fn task(&mut self, operation: &str, body: &Value, elapsed: SimDuration) -> Answer {
        let token = check::text(body, "/taskToken");
        if token != self.token {
            return refused(
                "InvalidToken",
                "Invalid Token: the token is none that Step Functions made.",
            );
        }
        if self.end.is_some() {
            return refused("TaskTimedOut", "Task Timed Out: the task is over already.");
        }
        match operation {
            "SendTaskHeartbeat" => {
                self.last_sign = elapsed;
                Answer::Taken
            }
            "SendTaskSuccess" => {
                let output = body.get("output").and_then(Value::as_str);
                match output.map(serde_json::from_str::<Value>) {
                    Some(Ok(output)) => self.finish(
                        true,
                        "Succeeded",
                        "The task succeeded with this output.",
                        output,
                        false,
                    ),
                    _ => refused(
                        "InvalidOutput",
                        "Invalid Output: output must be a string of JSON.",
                    ),
                }
            }
            _ => {
                let error = match check::text(body, "/error") {
                    "" => "States.TaskFailed",
                    error => error,
                };
                let cause = Value::from(check::text(body, "/cause"));
                self.finish(
                    false,
                    error,
                    "The task failed with this error; Retry and Catch decide what comes next.",
                    cause,
                    false,
                )
            }
        }
    }

    fn evaluations(&mut self, body: &Value) -> Answer {
        if check::text(body, "/ResultToken") != self.token {
            return refused(
                "InvalidResultTokenException",
                "The ResultToken is not the event's.",
            );
        }
        let Some(list) = body.get("Evaluations").and_then(Value::as_array) else {
            return refused(
                "InvalidParameterValueException",
                "Evaluations must be a list.",
            );
        };
        if list.len() > 100 {
            return refused(
                "InvalidParameterValueException",
                "A call may have 100 evaluations.",
            );
        }
        for evaluation in list {
            for key in [
                "ComplianceResourceType",
                "ComplianceResourceId",
                "OrderingTimestamp",
            ] {
                if evaluation.get(key).is_none_or(Value::is_null) {
                    return refused(
                        "InvalidParameterValueException",
                        format!("Each evaluation must have {key}."),
                    );
                }
            }
            if !["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"]
                .contains(&check::text(evaluation, "/ComplianceType"))
            {
                return refused(
                    "InvalidParameterValueException",
                    "ComplianceType must be COMPLIANT, NON_COMPLIANT or NOT_APPLICABLE.",
                );
            }
        }
        // More calls with the same token may follow; each adds to the results.
        let then = format!("AWS Config has {} evaluations more.", list.len());
        self.finish(true, "Evaluated", &then, Value::Array(list.clone()), false)
    }
}

/// The failure types of CodePipeline.
const FAILURES: &[&str] = &[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
];

fn refused(exception: &'static str, message: impl Into<String>) -> Answer {
    Answer::Refused {
        exception,
        message: message.into(),
    }
}
