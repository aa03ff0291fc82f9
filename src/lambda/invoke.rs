//! The Invoke API: what is let in, and what is answered, to the letter.
//!
//! A function error is HTTP 200 with `X-Amz-Function-Error: Unhandled`; 4xx means that the function was not run.

use serde::Deserialize as _;
use serde::de::IgnoredAny;
use serde_json::{Deserializer, Value};

use super::config::TimeoutSeconds;
use super::event::{InvocationType, InvokeResponse, ReportStatus, RequestId, ThrottleReason};
use super::names;
use crate::guest::engine::Trap;
use crate::guest::process::PhaseEnd;

/// Most bytes of a synchronous event.
pub const SYNCHRONOUS_PAYLOAD_LIMIT: usize = 6_291_456;
/// Most bytes of an asynchronous event, since October 2025.
pub const ASYNCHRONOUS_PAYLOAD_LIMIT: usize = 1_048_576;
/// Most bytes of a buffered response: 6 MiB and 100 bytes.
pub const RESPONSE_LIMIT: usize = 6_291_556;

/// How the answer to what is not JSON begins.
const NOT_JSON: &str = "Could not parse request body into json";

/// What the front end lets through: the bytes that the function gets. An absent payload becomes `{}`.
///
/// # Errors
/// The API error, when the payload is too large or not JSON.
pub fn admit(payload: &str, kind: InvocationType) -> Result<&[u8], InvokeResponse> {
    let (limit, name) = match kind {
        InvocationType::RequestResponse => (SYNCHRONOUS_PAYLOAD_LIMIT, "RequestResponse"),
        InvocationType::DryRun => (SYNCHRONOUS_PAYLOAD_LIMIT, "DryRun"),
        InvocationType::Event => (ASYNCHRONOUS_PAYLOAD_LIMIT, "Event"),
    };
    if payload.len() > limit {
        return Err(refusal(
            413,
            &format!(
                "{} byte payload is too large for the {name} invocation type (limit {limit} bytes)",
                payload.len()
            ),
        ));
    }
    if payload.is_empty() {
        return Ok(b"{}");
    }
    match is_json(payload) {
        Ok(()) => Ok(payload.as_bytes()),
        // What Lambda says after the second colon is its parser's own wording; here it is ours.
        Err(error) => Err(refusal(
            400,
            &format!("{NOT_JSON}: Could not parse payload into json: {error}"),
        )),
    }
}

/// What an asynchronous call is answered: 202, nothing else.
pub fn accepted() -> InvokeResponse {
    empty(202)
}

/// What a dry run is answered: 204, nothing else.
pub fn dry_run() -> InvokeResponse {
    empty(204)
}

/// What a function's answer becomes.
pub fn answer(payload: String, version: &str) -> InvokeResponse {
    InvokeResponse {
        status: 200,
        function_error: None,
        executed_version: Some(version.to_owned()),
        payload,
    }
}

/// 429 `TooManyRequestsException`.
pub fn throttled(reason: ThrottleReason) -> InvokeResponse {
    InvokeResponse {
        payload: object(&[
            ("Reason", reason.name()),
            ("Type", "User"),
            ("message", "Rate Exceeded."),
        ]),
        ..empty(429)
    }
}

/// 404 `ResourceNotFoundException`: there is no such function, version or alias.
pub fn not_found(name: &str, qualifier: Option<&str>) -> InvokeResponse {
    let arn = names::qualified_arn(name, qualifier.unwrap_or(names::VERSION));
    refusal(404, &format!("Function not found: {arn}"))
}

/// 404 `ResourceNotFoundException`: Lambda does not reach into other Regions.
pub fn other_region(region: &str) -> InvokeResponse {
    refusal(
        404,
        &format!(
            "Functions from '{region}' are not reachable in this region ('{}')",
            names::REGION
        ),
    )
}

/// 403 `AccessDeniedException`: the function is in an account that has not allowed this one to invoke it. The words are
/// IAM's usual ones; who calls is ours.
pub fn other_account(account: &str, name: &str) -> InvokeResponse {
    let message = format!(
        "User: arn:aws:iam::{}:user/playground is not authorized to perform: lambda:InvokeFunction on resource: \
         arn:aws:lambda:{}:{account}:function:{name} because no resource-based policy allows the lambda:InvokeFunction \
         action",
        names::ACCOUNT,
        names::REGION
    );
    InvokeResponse {
        payload: object(&[("Message", &message)]),
        ..empty(403)
    }
}

/// 400 `ValidationException`: what breaks the API's shape, all in one sentence.
pub fn validation(problems: &[String]) -> InvokeResponse {
    let errors = if problems.len() == 1 {
        "error"
    } else {
        "errors"
    };
    let message = format!(
        "{} validation {errors} detected: {}",
        problems.len(),
        problems.join("; ")
    );
    InvokeResponse {
        payload: object(&[("message", &message)]),
        ..empty(400)
    }
}

/// 400 `InvalidParameterValueException`.
pub fn invalid_parameter(message: &str) -> InvokeResponse {
    refusal(400, message)
}

/// 500 `ServiceException`: Lambda failed, not the function. The text is ours: AWS documents none.
pub fn service_failed() -> InvokeResponse {
    InvokeResponse {
        payload: object(&[
            ("Type", "Service"),
            ("message", "The execution environment was lost."),
        ]),
        ..empty(500)
    }
}

fn empty(status: u16) -> InvokeResponse {
    InvokeResponse {
        status,
        function_error: None,
        executed_version: None,
        payload: String::new(),
    }
}

/// What a phase's end means for whoever invoked: the response, and the tail of the REPORT line.
///
/// `during_init` says that the function ended in a suppressed init: its error objects carry an empty request id, and even
/// errors that it reported itself stand in REPORT.
pub fn outcome(
    end: &PhaseEnd,
    during_init: bool,
    request_id: RequestId,
    timeout: TimeoutSeconds,
    version: &str,
) -> (InvokeResponse, Option<ReportStatus>) {
    if let PhaseEnd::Done(bytes) = end {
        if bytes.len() > RESPONSE_LIMIT {
            let payload = object(&[
                (
                    "errorMessage",
                    &format!(
                        "Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
                    ),
                ),
                ("errorType", "Function.ResponseSizeTooLarge"),
            ]);
            return (function_error(payload, version), None);
        }
        return (
            // A provided.* runtime's answer goes through as it is, JSON or not.
            answer(String::from_utf8_lossy(bytes).into_owned(), version),
            None,
        );
    }
    let error_type = error_type(end).unwrap_or_default();
    let id = request_id.to_string();
    let (payload, status) = match end {
        PhaseEnd::TimedOut => {
            // Whole seconds are all that can be configured; Lambda prints two decimals.
            let text = format!(
                "RequestId: {id} Error: Task timed out after {}.00 seconds",
                timeout.0
            );
            (
                sandbox_error("Sandbox.Timedout", &text),
                Some(ReportStatus::Timeout),
            )
        }
        PhaseEnd::Failed { message, .. } | PhaseEnd::BrokenContract(message) => {
            let reported_and_alive = matches!(end, PhaseEnd::Failed { .. }) && !during_init;
            let payload = object(&[
                ("errorMessage", message),
                ("errorType", &error_type),
                ("requestId", if during_init { "" } else { &id }),
            ]);
            (
                payload,
                (!reported_and_alive).then(|| ReportStatus::Error(error_type.clone())),
            )
        }
        _ => (
            sandbox_error(
                &error_type,
                &format!("RequestId: {id} Error: {}", exit_text(end)),
            ),
            Some(ReportStatus::Error(error_type.clone())),
        ),
    };
    (function_error(payload, version), status)
}

/// `Error Type` of INIT_REPORT and REPORT; none for success and for a timeout, which has a status of its own.
pub fn error_type(end: &PhaseEnd) -> Option<String> {
    let name = match end {
        PhaseEnd::Done(_) | PhaseEnd::TimedOut => return None,
        PhaseEnd::Failed { error_type, .. } => error_type,
        PhaseEnd::OutOfMemory => "Runtime.OutOfMemory",
        PhaseEnd::Exited(_) | PhaseEnd::Trapped(_) | PhaseEnd::StackOverflow => "Runtime.ExitError",
        // Our own custom runtime reports this; Lambda passes on whatever type a runtime reports.
        PhaseEnd::BrokenContract(_) => "Runtime.BrokenContract",
        // These cut the run off and are never reported as Lambda's.
        PhaseEnd::OutOfPatience | PhaseEnd::EngineFailed(_) => "Playground.CutOff",
    };
    Some(name.to_owned())
}

impl InvokeResponse {
    /// The exception's name (`X-Amzn-ErrorType`) when the API refused the call; none when it did not.
    pub fn api_error(&self) -> Option<&'static str> {
        match self.status {
            // Three kinds, which only their bodies tell apart: this one has no `Type`.
            400 if self.payload.starts_with(r#"{"message":"#) => Some("ValidationException"),
            400 if self.payload.contains(&format!(r#""message":"{NOT_JSON}"#)) => {
                Some("InvalidRequestContentException")
            }
            400 => Some("InvalidParameterValueException"),
            403 => Some("AccessDeniedException"),
            404 => Some("ResourceNotFoundException"),
            413 => Some("RequestTooLargeException"),
            429 => Some("TooManyRequestsException"),
            500 => Some("ServiceException"),
            _ => None,
        }
    }

    /// `errorType` of the error object, when the function failed and its payload is one.
    pub fn error_type(&self) -> Option<String> {
        self.function_error.as_ref()?;
        let object: Value = serde_json::from_str(&self.payload).ok()?;
        Some(object.get("errorType")?.as_str()?.to_owned())
    }
}

/// Why the process is gone, in the words of Lambda's sandbox.
///
/// A WebAssembly trap has no counterpart on Lambda: it is told as the signal by which a native build of the same program
/// would die.
fn exit_text(end: &PhaseEnd) -> String {
    let reason = match end {
        PhaseEnd::Exited(0) => return "Runtime exited without providing a reason".to_owned(),
        PhaseEnd::Exited(status) => format!("exit status {status}"),
        PhaseEnd::OutOfMemory => "signal: killed".to_owned(),
        PhaseEnd::Trapped(Trap::MemoryOutOfBounds) | PhaseEnd::StackOverflow => {
            "signal: segmentation fault".to_owned()
        }
        PhaseEnd::Trapped(Trap::DivideByZero | Trap::Unrepresentable) => {
            "signal: floating point exception".to_owned()
        }
        _ => "signal: aborted".to_owned(),
    };
    format!("Runtime exited with error: {reason}")
}

/// An error made by the sandbox: `errorType` first, as the sandbox writes it.
fn sandbox_error(error_type: &str, message: &str) -> String {
    object(&[("errorType", error_type), ("errorMessage", message)])
}

/// A function error: 200 with the error object.
pub fn function_error(payload: String, version: &str) -> InvokeResponse {
    InvokeResponse {
        function_error: Some("Unhandled".to_owned()),
        ..answer(payload, version)
    }
}

fn refusal(status: u16, message: &str) -> InvokeResponse {
    InvokeResponse {
        status,
        function_error: None,
        executed_version: None,
        payload: object(&[("Type", "User"), ("message", message)]),
    }
}

/// A flat JSON object with its keys in this order.
pub(super) fn object(members: &[(&str, &str)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(key, value)| format!("{}:{}", Value::from(*key), Value::from(*value)))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Checks the syntax without building a value: no recursion, so no limit on nesting either.
fn is_json(text: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = Deserializer::from_str(text);
    IgnoredAny::deserialize(&mut deserializer)?;
    deserializer.end()
}
