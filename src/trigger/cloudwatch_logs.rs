//! CloudWatch Logs subscriptions: log lines in gzip and base64.

use std::io::{Read, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::retries::{Phase, Retries, Trouble};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A subscription filter.
pub(super) struct Subscription;

/// More than this is not unpacked: a page shows no more, and a small text can unpack to gigabytes.
const UNPACKED_LIMIT: u64 = 8 * 1024 * 1024;

/// "Up to 24 hours" after throttles and other errors that may pass: CloudWatch Logs User Guide, "Log group-level subscription
/// filters". The gaps are not published.
pub(super) static DELIVERY: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 1_000,
        first_ms: 1_000,
        longest_ms: 300_000,
    }],
    within_ms: Some(86_400_000),
    then: "After 24 hours, or at once when the function is gone or not allowed, the log lines are not delivered.",
    published: false,
};

static ABOUT: About = About {
    id: "cloudwatch-logs",
    name: "CloudWatch Logs",
    group: Group::Asynchronous,
    keywords: "log subscription filter awslogs gzip base64 log group stream",
    explanation: "A subscription filter sends the lines of a log group to the function as they come in, several in one event, \
                  compressed with gzip and then encoded in base64. Nobody waits; Lambda tries a failed function twice more. \
                  When Lambda does not take the event, CloudWatch Logs tries again for up to 24 hours. A function that \
                  subscribes to its own log group calls itself for ever.",
    source: (
        "Amazon CloudWatch Logs User Guide: Subscription filters with AWS Lambda",
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html",
    ),
    sender: "CloudWatch Logs",
    call: InvocationType::Event,
    fields: &[
        Field::text(
            "group",
            "Log group",
            "/aws/lambda/another-function",
            "Where the lines come from.",
        ),
        Field::text(
            "stream",
            "Log stream",
            "2026/01/05/[$LATEST]94fa867e5374431291a7fc14e2f56ae7",
            "The stream within the group.",
        ),
        Field::text(
            "filter",
            "Subscription filter",
            "errors-only",
            "The filter's name.",
        ),
        Field::lines(
            "lines",
            "Lines",
            "[ERROR] First test message\n[ERROR] Second test message",
            "One log event each.",
        ),
        Field::choice(
            "type",
            "Message type",
            &["DATA_MESSAGE", "CONTROL_MESSAGE"],
            "DATA_MESSAGE",
            "A control message only checks that the destination can be reached.",
        ),
    ],
    template: r#"{"awslogs":{"data":"<data>"}}"#,
    timeout_ms: None,
    retries: &DELIVERY,
};

const DATA: &str = r#"{"messageType":"<type>","owner":"<account>","logGroup":"<group>","logStream":"<stream>",
"subscriptionFilters":["<filter>"],"logEvents":[{"id":"<digits 56>","timestamp":"<#ms>","message":"<none>"}]}"#;

const CONTROL: &str = r#"{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",
"subscriptionFilters":[],"logEvents":[{"id":"","timestamp":"<#ms>","message":"CWL CONTROL MESSAGE: Checking health of destination Lambda function."}]}"#;

impl Trigger for Subscription {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let mut data = filler.fill(if value(form, "type") == "CONTROL_MESSAGE" {
            CONTROL
        } else {
            DATA
        });
        if value(form, "type") != "CONTROL_MESSAGE"
            && let Some(slot) = data.get_mut("logEvents")
        {
            let beginning = format!("3{}", filler.ids.word("0123456789", 47));
            *slot = value(form, "lines")
                .lines()
                .enumerate()
                .map(|(number, line)| {
                    json!({
                        "id": format!("{beginning}{number:08}"),
                        "timestamp": context.time_ms,
                        "message": line,
                    })
                })
                .collect();
        }
        filler.set("data", pack(&data));
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        if event.pointer("/awslogs/data").is_some_and(Value::is_string) {
            match unpack(event) {
                Ok(data) => problems.extend(
                    template::compare(DATA, &data, ABOUT.sender)
                        .into_iter()
                        .map(|problem| Problem {
                            place: problem.place.replacen('$', "$.awslogs.data", 1),
                            ..problem
                        }),
                ),
                Err(cause) => problems.push(check::value("$.awslogs.data", cause, check::RESET)),
            }
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }

    fn decoded(&self, event: &Value) -> Option<Value> {
        unpack(event).ok()
    }
}

fn pack(data: &Value) -> String {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail.
    let written = encoder.write_all(data.to_string().as_bytes());
    let packed = written.and_then(|()| encoder.finish()).unwrap_or_default();
    STANDARD.encode(packed)
}

fn unpack(event: &Value) -> Result<Value, &'static str> {
    let packed = STANDARD
        .decode(check::text(event, "/awslogs/data"))
        .map_err(|_| "In real events this is base64; this text is not.")?;
    let mut text = String::new();
    MultiGzDecoder::new(packed.as_slice())
        .take(UNPACKED_LIMIT)
        .read_to_string(&mut text)
        .map_err(|_| "Decoded from base64, this is not text in gzip.")?;
    serde_json::from_str(&text).map_err(|_| "Unpacked, this is not JSON.")
}
