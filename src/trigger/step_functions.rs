//! Step Functions: a task state that calls a function.
//!
//! Error names: Step Functions Developer Guide, "Handling errors in Step Functions workflows", and recordings of AWS. What a
//! timeout of the function is called since Lambda's error payload changed in 2025 no source says; here it is the
//! `errorType` of that payload, as for every other function error.

use serde_json::{Value, json};

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, never, told};
use super::states_language::{Machine, StateError};
use super::template::Filler;
use super::{SampleContext, Trigger, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A task state.
pub(super) struct TaskState;

/// Most bytes of a state's input or output.
const LIMIT: usize = 262_144;

/// The definition of a fresh form: one task, tried three times, then caught.
const CALLS: &str = r#"{
  "StartAt": "Work",
  "States": {
    "Work": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${Function}", "Payload.$": "$"},
      "OutputPath": "$.Payload",
      "Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 2}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "GiveUp"}],
      "End": true
    },
    "GiveUp": {"Type": "Fail", "Error": "WorkFailed", "Cause": "The function failed three times."}
  }
}"#;

/// What takes its place with a task token: the task waits until somebody calls back.
const WAITS_FOR_TOKEN: &str = r#"{
  "StartAt": "Work",
  "States": {
    "Work": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "Parameters": {"FunctionName": "${Function}", "Payload": {"token.$": "$$.Task.Token", "input.$": "$"}},
      "TimeoutSeconds": 3600,
      "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "NobodyCalledBack"}],
      "End": true
    },
    "NobodyCalledBack": {"Type": "Fail", "Error": "NoCallback", "Cause": "The task token was not used within an hour."}
  }
}"#;

static ABOUT: About = About {
    id: "step-functions",
    name: "Step Functions",
    group: Group::SynchronousService,
    keywords: "state machine workflow task state amazon states language retry catch task token callback asl",
    explanation: "A task state of a state machine calls the function and waits for its answer, which becomes the state's result. \
                  An error of the function becomes an error of the state, named by its errorType: a Retry block can try \
                  again (after 1, 2, 4 seconds unless it says otherwise), a Catch block can go on elsewhere; without them \
                  the execution fails. Events and answers may have 256 KB. With a task token the state waits until somebody \
                  sends success or failure with it.",
    source: (
        "AWS Step Functions Developer Guide: Invoke an AWS Lambda function with Step Functions",
        "https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html",
    ),
    sender: "a state machine",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::lines(
            "input",
            "State input",
            "{\"orderId\":\"12345\",\"total\":59.9}",
            "The JSON that the state gets; without other parameters it is the event.",
        ),
        Field::choice(
            "token",
            "Task token",
            &["Off", "On"],
            "Off",
            "With .waitForTaskToken, the event carries a token for the callback.",
        )
        .setting(),
        Field::lines(
            "definition",
            "State machine",
            CALLS,
            "Amazon States Language; ${Function} stands for the function. Empty: one task alone, without a machine.",
        )
        .setting(),
    ],
    template: r#"{"token":"<base64 120>","input":"<*input>"}"#,
    timeout_ms: None,
    retries: &retries::NEVER,
};

impl Trigger for TaskState {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let mut event = filler.fill(ABOUT.template);
        if value(form, "token") == "On" {
            return event;
        }
        event.get_mut("input").map(Value::take).unwrap_or_default()
    }

    /// Every JSON value is an event: the state machine's author decides.
    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let size = event.to_string().len();
        if size <= LIMIT {
            return Vec::new();
        }
        vec![Problem::warning(
            "event.size",
            "$",
            format!("A state's input may have 262,144 bytes; this has {size}."),
            "Put large data into S3 and pass on where it is.",
        )]
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        match judged(response) {
            Ok(answer) => {
                let result = json!({
                    "ExecutedVersion": response.executed_version,
                    "Payload": answer,
                    "StatusCode": 200,
                });
                told(
                    true,
                    result.to_string(),
                    "The state succeeded. Called as arn:aws:states:::lambda:invoke, its result is this object with the answer as \
                     Payload; called by the function's ARN, the answer alone.",
                )
            }
            Err(Failed { error, why }) => failed(&error.error, &error.cause, &why),
        }
    }

    /// None when no machine is defined: the event then is a task's alone.
    fn machine(&self, settings: &Form) -> Option<Result<Machine, Vec<Problem>>> {
        let text = value(settings, "definition").trim();
        match (text.is_empty(), waits_for_token(settings)) {
            (true, _) => None,
            (false, true) if text == CALLS => Some(Machine::parse(WAITS_FOR_TOKEN)),
            (false, _) => Some(Machine::parse(text)),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("without TimeoutSeconds a task state waits for 99,999,999 seconds.")
    }
}

/// An error of the state, and why it is one.
struct Failed {
    error: StateError,
    why: String,
}

/// What a task state makes of Lambda's answer: its result, or its error.
///
/// # Errors
/// The state's error, by which Retry and Catch are chosen.
pub fn task_result(response: &InvokeResponse) -> Result<Value, StateError> {
    judged(response).map_err(|failed| failed.error)
}

fn judged(response: &InvokeResponse) -> Result<Value, Failed> {
    let failed = |error: &str, cause: &str, why: &str| {
        Err(Failed {
            error: StateError::new(error, cause),
            why: why.to_owned(),
        })
    };
    match Outcome::of(response) {
        Outcome::Answer(_) if response.payload.len() > LIMIT => failed(
            "States.DataLimitExceeded",
            "The state/task returned a result with a size exceeding the maximum number of bytes service limit.",
            "A state's result may have 262,144 bytes.",
        ),
        Outcome::Answer(answer) => Ok(answer),
        Outcome::NotJson(error) => failed(
            "Lambda.Unknown",
            &error,
            "The response is not JSON, so there is no result.",
        ),
        Outcome::Failed(failure) => {
            let name = if failure.kind.is_empty() {
                "Lambda.Unknown"
            } else {
                &failure.kind
            };
            failed(
                name,
                &response.payload,
                if failure.timed_out {
                    "The function ran into its own timeout. (How Step Functions names this since Lambda's error payload \
                     changed in 2025, no source confirms; it was Lambda.Unknown before.)"
                } else {
                    "The function failed; its errorType is the state's error."
                },
            )
        }
        Outcome::Throttled => failed(
            "Lambda.TooManyRequestsException",
            &response.payload,
            "Lambda refused the invocation for lack of concurrency, so the function did not run.",
        ),
        Outcome::Refused(status) => failed(
            match status {
                404 => "Lambda.ResourceNotFoundException",
                500.. => "Lambda.ServiceException",
                _ => "Lambda.AWSLambdaException",
            },
            &response.payload,
            &outcome::no_answer(&Outcome::Refused(status)),
        ),
    }
}

/// The input of an execution: the event, without the token that its sample shows; each task gets one of its own.
pub fn execution_input(settings: &Form, event: &Value) -> Value {
    let inside = event
        .get("input")
        .filter(|_| waits_for_token(settings) && event.get("token").is_some());
    inside.unwrap_or(event).clone()
}

fn waits_for_token(settings: &Form) -> bool {
    value(settings, "token") == "On"
}

fn failed(error: &str, cause: &str, why: &str) -> CallerView {
    told(
        false,
        json!({"Error": error, "Cause": cause}).to_string(),
        format!(
            "{why} The state fails with {error}: a Retry block that names it (or States.TaskFailed, or States.ALL) tries again, \
             a Catch block goes on elsewhere, and without either the execution fails."
        ),
    )
}
