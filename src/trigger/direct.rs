//! Calling a function directly: the console's Test button, the CLI and the SDKs.

use serde_json::{Value, json};

use super::{Field, FieldKind, Form, Group, SampleContext, Trigger, value};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// `X-Amz-Invocation-Type: RequestResponse`.
pub(super) struct Direct;

/// `X-Amz-Invocation-Type: Event`.
pub(super) struct DirectAsync;

const SOURCE: (&str, &str) = (
    "AWS Lambda API Reference: Invoke",
    "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
);

/// The console's template for new test events comes first.
const TEMPLATES: &[&str] = &["hello-world", "Empty object", "null"];

const FIELDS: &[Field] = &[Field {
    key: "template",
    label: "Template",
    help: "What the event begins as; then edit it: any JSON will do.",
    kind: FieldKind::Choice(TEMPLATES),
    default: "hello-world",
}];

fn sample(form: &Form) -> Value {
    match value(form, "template") {
        "Empty object" => json!({}),
        "null" => Value::Null,
        _ => json!({"key1": "value1", "key2": "value2", "key3": "value3"}),
    }
}

impl Trigger for Direct {
    fn id(&self) -> &'static str {
        "direct"
    }

    fn name(&self) -> &'static str {
        "Direct invocation"
    }

    fn group(&self) -> Group {
        Group::SynchronousUser
    }

    fn explanation(&self) -> &'static str {
        "The Test button of the Lambda console, the AWS CLI and the SDKs call the function with an event of your own and \
         wait for its answer. When the function fails, the status is still 200; the header X-Amz-Function-Error tells. \
         Lambda does not try again; SDKs do when Lambda refuses the call, but not when the function fails."
    }

    fn source(&self) -> (&'static str, &'static str) {
        SOURCE
    }

    fn invocation_type(&self) -> InvocationType {
        InvocationType::RequestResponse
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn sample(&self, form: &Form, _: SampleContext) -> Value {
        sample(form)
    }

    /// Every JSON value is an event.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, response: &InvokeResponse) -> CallerView {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let mut header = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                headers.push((name.to_owned(), value.clone()));
            }
        };
        header("X-Amz-Function-Error", &response.function_error);
        header("X-Amz-Executed-Version", &response.executed_version);
        let explanation = match (response.status, &response.function_error) {
            (200, None) => "The function answered; the caller gets its response as it is.",
            (200, Some(_)) => {
                "The function failed. Lambda took and answered the call, so the status is 200; that the payload is an \
                 error is said by the header X-Amz-Function-Error."
            }
            (429, _) => {
                "Lambda refused the call for lack of concurrency; the function did not run. An SDK would wait and try again."
            }
            (500.., _) => "Lambda could not run the function. An SDK would wait and try again.",
            _ => "Lambda refused the call; the function did not run. Trying again would not help.",
        };
        CallerView {
            status: Some(response.status),
            headers,
            body: response.payload.clone(),
            ok: response.status == 200 && response.function_error.is_none(),
            explanation: explanation.to_owned(),
        }
    }

    fn caller_timed_out(&self) -> CallerView {
        never("Lambda always answers, at the latest when the function's own timeout ends.")
    }
}

impl Trigger for DirectAsync {
    fn id(&self) -> &'static str {
        "direct-async"
    }

    fn name(&self) -> &'static str {
        "Direct invocation, asynchronous"
    }

    fn group(&self) -> Group {
        Group::Asynchronous
    }

    fn explanation(&self) -> &'static str {
        "The CLI and the SDKs can also hand over an event without waiting: Lambda answers 202 at once and queues the \
         event. Should the function fail, Lambda tries again twice, after one and two minutes; what becomes of the event \
         the caller never learns."
    }

    fn source(&self) -> (&'static str, &'static str) {
        SOURCE
    }

    fn invocation_type(&self) -> InvocationType {
        InvocationType::Event
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn sample(&self, form: &Form, _: SampleContext) -> Value {
        sample(form)
    }

    /// Every JSON value is an event.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, response: &InvokeResponse) -> CallerView {
        let accepted = response.status == 202;
        CallerView {
            status: Some(response.status),
            headers: Vec::new(),
            body: response.payload.clone(),
            ok: accepted,
            explanation: if accepted {
                "Lambda took the event and answered 202 with an empty body. Whether the function succeeds, the caller does \
                 not hear."
            } else {
                "Lambda did not take the event; an SDK would wait and try again."
            }
            .to_owned(),
        }
    }

    fn caller_timed_out(&self) -> CallerView {
        never("Lambda answers at once.")
    }
}

/// What a caller without a time limit of its own sees when that ends: nothing, because it does not.
pub(super) fn never(why: &str) -> CallerView {
    CallerView {
        status: None,
        headers: Vec::new(),
        body: String::new(),
        ok: false,
        explanation: format!("This caller does not give up waiting: {why}"),
    }
}
