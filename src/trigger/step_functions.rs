//! Step Functions: a task state that calls a function.
//!
//! Error names: Step Functions Developer Guide, "Handling errors in Step Functions workflows", and recordings of AWS. What a
//! timeout of the function is called since Lambda's error payload changed in 2025 no source says; here it is the
//! `errorType` of that payload, as for every other function error.

use serde_json::{Value, json};

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, never, told};
use super::template::Filler;
use super::{SampleContext, Trigger, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A task state.
pub(super) struct TaskState;

/// Most bytes of a state's input or output.
const LIMIT: usize = 262_144;

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
        ),
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
        match Outcome::of(response) {
            Outcome::Answer(_) if response.payload.len() > LIMIT => failed(
                "States.DataLimitExceeded",
                "The state/task returned a result with a size exceeding the maximum number of bytes service limit.",
                "A state's result may have 262,144 bytes.",
            ),
            Outcome::Answer(answer) => {
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

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("without TimeoutSeconds a task state waits for 99,999,999 seconds.")
    }
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
