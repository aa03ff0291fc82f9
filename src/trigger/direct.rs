//! Calling a function directly: the console's Test button, the CLI, the SDKs and toolkits.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::never;
use super::retries::{Phase, Retries, Trouble};
use super::{SampleContext, Trigger};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// `X-Amz-Invocation-Type: RequestResponse`.
pub(super) struct Direct;

/// `X-Amz-Invocation-Type: Event`.
pub(super) struct DirectAsync;

/// `X-Amz-Invocation-Type: DryRun`.
pub(super) struct DryRun;

/// The same call by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// For a shell.
    pub cli: String,
    /// What goes over the wire, without the signature.
    pub request: String,
}

/// The console's template for new test events comes first.
const TEMPLATES: &[&str] = &["hello-world", "Empty object", "null"];

const FIELDS: &[Field] = &[Field::choice(
    "template",
    "Template",
    TEMPLATES,
    "hello-world",
    "What the event begins as; then edit it: any JSON will do.",
)];

/// SDKs make three tries in all in their standard retry mode, up to 20 seconds apart (AWS SDKs and Tools Reference Guide,
/// "Retry behavior"); their gaps are random, here they double from half a second.
static SDK: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 2,
        first_ms: 500,
        longest_ms: 20_000,
    }],
    within_ms: None,
    then: "The SDK hands the error to the program that called.",
    published: false,
};

const COMMON: About = About {
    id: "direct",
    name: "Direct invocation",
    group: Group::SynchronousUser,
    keywords: "console test button api sdk cli toolkit requestresponse synchronous invoke boto3",
    explanation: "The Test button of the Lambda console, the AWS CLI, the SDKs and toolkits call the function with an event \
                  of your own and wait for its answer. When the function fails, the status is still 200; the header \
                  X-Amz-Function-Error tells. Lambda does not try again; SDKs do when Lambda refuses the call, but not when \
                  the function fails.",
    source: (
        "AWS Lambda API Reference: Invoke",
        "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    ),
    sender: "a program of yours",
    call: InvocationType::RequestResponse,
    fields: FIELDS,
    template: r#"{"key1":"value1","key2":"value2","key3":"value3"}"#,
    timeout_ms: None,
    retries: &SDK,
};

static DIRECT: About = COMMON;

static ASYNCHRONOUS: About = About {
    id: "direct-async",
    name: "Direct invocation, asynchronous",
    group: Group::Asynchronous,
    keywords: "console api sdk cli toolkit event 202 invoke fire and forget boto3",
    explanation: "The CLI and the SDKs can also hand over an event without waiting: Lambda answers 202 at once and queues \
                  the event. Should the function fail, Lambda tries again twice, after one and two minutes; what becomes of \
                  the event the caller never learns.",
    call: InvocationType::Event,
    ..COMMON
};

static DRY_RUN: About = About {
    id: "direct-dry-run",
    name: "Direct invocation, dry run",
    keywords: "console api sdk cli dryrun 204 permission validate invoke",
    explanation: "A dry run asks whether a call would be let in: Lambda checks the parameters and the caller's permission, \
                  answers 204 and does not run the function. It costs nothing and says nothing about the function itself.",
    call: InvocationType::DryRun,
    ..COMMON
};

fn sample(form: &Form) -> Value {
    match value(form, "template") {
        "Empty object" => Value::Object(Default::default()),
        "null" => Value::Null,
        _ => serde_json::from_str(COMMON.template).unwrap_or_default(),
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn command(event: &str, function: &str, kind: InvocationType) -> Command {
    let compact = serde_json::from_str::<Value>(event)
        .map_or_else(|_| event.trim().to_owned(), |value| value.to_string());
    let (flag, header) = match kind {
        InvocationType::RequestResponse => ("", "RequestResponse"),
        InvocationType::Event => ("--invocation-type Event ", "Event"),
        InvocationType::DryRun => ("--invocation-type DryRun ", "DryRun"),
    };
    // In a POSIX shell, a quote inside single quotes is closed, escaped and opened again.
    let quoted = compact.replace('\'', r"'\''");
    Command {
        cli: format!(
            "aws lambda invoke --function-name {function} {flag}--cli-binary-format raw-in-base64-out --payload '{quoted}' response.json"
        ),
        request: format!(
            "POST /2015-03-31/functions/{function}/invocations HTTP/1.1\nHost: lambda.us-east-1.amazonaws.com\n\
             X-Amz-Invocation-Type: {header}\nContent-Type: application/json\nContent-Length: {}\n\n{compact}",
            compact.len()
        ),
    }
}

impl Trigger for Direct {
    fn about(&self) -> &'static About {
        &DIRECT
    }

    fn sample(&self, form: &Form, _: SampleContext) -> Value {
        sample(form)
    }

    /// Every JSON value is an event.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        let mut headers = vec![header("content-type", "application/json")];
        if let Some(error) = &response.function_error {
            headers.push(header("X-Amz-Function-Error", error));
        }
        if let Some(version) = &response.executed_version {
            headers.push(header("X-Amz-Executed-Version", version));
        }
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

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("Lambda always answers, at the latest when the function's own timeout ends.")
    }

    fn command(&self, event: &str, function: &str) -> Option<Command> {
        Some(command(event, function, InvocationType::RequestResponse))
    }
}

impl Trigger for DirectAsync {
    fn about(&self) -> &'static About {
        &ASYNCHRONOUS
    }

    fn sample(&self, form: &Form, _: SampleContext) -> Value {
        sample(form)
    }

    /// Every JSON value is an event.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        without_run(
            response,
            202,
            "Lambda took the event and answered 202 with an empty body. Whether the function succeeds, the caller does not \
             hear.",
        )
    }

    fn command(&self, event: &str, function: &str) -> Option<Command> {
        Some(command(event, function, InvocationType::Event))
    }
}

impl Trigger for DryRun {
    fn about(&self) -> &'static About {
        &DRY_RUN
    }

    fn sample(&self, form: &Form, _: SampleContext) -> Value {
        sample(form)
    }

    /// Every JSON value is an event.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        without_run(
            response,
            204,
            "Lambda would take this call: 204 with an empty body. The function did not run, so this says nothing about it.",
        )
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("Lambda answers at once.")
    }

    fn command(&self, event: &str, function: &str) -> Option<Command> {
        Some(command(event, function, InvocationType::DryRun))
    }
}

/// A call that is answered before, or without, the function.
fn without_run(response: &InvokeResponse, wanted: u16, explanation: &str) -> CallerView {
    let ok = response.status == wanted;
    let refusal = match response.status {
        429 | 500.. => "Lambda did not take the call; an SDK would wait and try again.",
        _ => "Lambda refused the call; trying again would not help.",
    };
    CallerView {
        status: Some(response.status),
        headers: Vec::new(),
        body: response.payload.clone(),
        ok,
        explanation: if ok { explanation } else { refusal }.to_owned(),
    }
}
