//! Data Firehose: transforming records on their way.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, told};
use super::retries::{Phase, Retries, Trouble};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A delivery stream's transformation.
pub(super) struct Transformation;

/// Most bytes of a response.
const LIMIT: usize = 6 * 1024 * 1024;

/// "If your Lambda function invocation fails because of a network timeout or because you've reached the invocation limit,
/// Firehose retries the invocation three times by default": its guide. The gaps are not published.
pub(super) static THREE_RETRIES: Retries = Retries {
    after: &[
        Trouble::Throttled,
        Trouble::ServiceError,
        Trouble::CallerTimeout,
    ],
    phases: &[Phase {
        retries: 3,
        first_ms: 1_000,
        longest_ms: 8_000,
    }],
    within_ms: None,
    then: "The batch goes to processing-failed/ in the stream's S3 bucket.",
    published: false,
};

static ABOUT: About = About {
    id: "firehose",
    name: "Data Firehose",
    group: Group::SynchronousOther,
    keywords: "kinesis firehose delivery stream transformation record ok dropped processingfailed",
    explanation: "A stream collects records (up to 3 MB, or until 60 seconds are over unless set otherwise), hands the batch to \
                  the function and waits, 5 minutes at most. For each record the function returns the same recordId, a result \
                  (Ok, Dropped or ProcessingFailed) and the new data in base64. Failed and missing records go to \
                  processing-failed/ in S3. A call that Lambda does not take is tried again three times.",
    source: (
        "Amazon Data Firehose Developer Guide: Transform source data in Amazon Data Firehose",
        "https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html",
    ),
    sender: "Firehose",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text(
            "stream",
            "Stream",
            "my-delivery-stream",
            "The stream's name.",
        ),
        Field::lines(
            "records",
            "Records",
            "{\"level\":\"info\",\"message\":\"first\"}\n{\"level\":\"error\",\"message\":\"second\"}",
            "One record a line; in the event they are in base64.",
        ),
        Field::choice(
            "source",
            "Source",
            &["Direct PUT", "Kinesis stream"],
            "Direct PUT",
            "From a Kinesis stream, records say where they were.",
        ),
    ],
    template: r#"{"invocationId":"<uuid>","deliveryStreamArn":"arn:aws:firehose:<region>:<account>:deliverystream/<stream>",
"sourceKinesisStreamArn?":"<source_arn>","region":"<region>","records":[{"recordId":"<record>",
"approximateArrivalTimestamp":"<#ms>","data":"<data>","kinesisRecordMetadata?":"<*metadata>"}]}"#,
    timeout_ms: Some(300_000),
    retries: &THREE_RETRIES,
};

impl Trigger for Transformation {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let kinesis = value(form, "source").starts_with("Kinesis");
        if kinesis {
            let arn = filler.expand("arn:aws:kinesis:<region>:<account>:stream/source-stream");
            filler.set("source_arn", arn);
        }
        let mut event = filler.fill(ABOUT.template);
        let beginning = format!("4954{}", filler.ids.word("0123456789", 44));
        let records = value(form, "records")
            .lines()
            .filter(|line| !line.is_empty())
            .enumerate()
            .map(|(number, line)| {
                let id = format!("{beginning}{number:08}");
                let mut record = json!({
                    "recordId": if kinesis { id.clone() } else { format!("{id}000000") },
                    "approximateArrivalTimestamp": context.time_ms,
                    "data": STANDARD.encode(line),
                });
                if kinesis && let Some(members) = record.as_object_mut() {
                    members.insert(
                        "kinesisRecordMetadata".to_owned(),
                        json!({
                            "sequenceNumber": id,
                            "subsequenceNumber": 0,
                            "partitionKey": format!("key-{number}"),
                            "shardId": "shardId-000000000000",
                            "approximateArrivalTimestamp": context.time_ms,
                        }),
                    );
                }
                record
            })
            .collect();
        if let Some(slot) = event.get_mut("records") {
            *slot = records;
        }
        event
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let records = event.get("records").and_then(Value::as_array);
        for (number, record) in records.into_iter().flatten().enumerate().take(10) {
            if STANDARD.decode(check::text(record, "/data")).is_err() {
                problems.push(check::not_base64(&format!("$.records[{number}].data")));
            }
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Answer(_) if response.payload.len() > LIMIT => {
                failed("Lambda.FunctionError", "The response may have 6 MB.")
            }
            Outcome::Answer(answer) => {
                judge(event, &answer).unwrap_or_else(|rule| failed("Lambda.FunctionError", &rule))
            }
            Outcome::Throttled => failed(
                "Lambda.InvokeLimitExceeded",
                &outcome::no_answer(&Outcome::Throttled),
            ),
            outcome => failed("Lambda.FunctionError", &outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        failed(
            "Lambda.FunctionTimedOut",
            "The function did not answer within 5 minutes, the most that Firehose waits.",
        )
    }
}

/// What becomes of a whole batch.
fn failed(code: &str, why: &str) -> CallerView {
    told(
        false,
        code,
        format!(
            "{why} All records of the batch count as failed: they go to processing-failed/ in S3, with errorCode {code}."
        ),
    )
}

fn judge(event: &Value, answer: &Value) -> Result<CallerView, String> {
    let results = answer
        .get("records")
        .and_then(Value::as_array)
        .ok_or("The response must have a list of records.")?;
    let sent = event.get("records").and_then(Value::as_array);
    let (mut delivered, mut dropped, mut lost) = (0_u32, 0_u32, 0_u32);
    let mut first_rule = None;
    for record in sent.into_iter().flatten() {
        let id = check::text(record, "/recordId");
        let Some(result) = results
            .iter()
            .find(|result| check::text(result, "/recordId") == id)
        else {
            lost += 1;
            first_rule.get_or_insert(format!(
                "The record {} has no result: every recordId of the event must be in the response",
                outcome::short(id)
            ));
            continue;
        };
        match check::text(result, "/result") {
            "Dropped" => dropped += 1,
            "Ok" if result
                .get("data")
                .and_then(Value::as_str)
                .is_some_and(|data| STANDARD.decode(data).is_ok()) =>
            {
                delivered += 1
            }
            "Ok" => {
                lost += 1;
                first_rule.get_or_insert("A record that is Ok must have data in base64".to_owned());
            }
            "ProcessingFailed" => {
                lost += 1;
                first_rule.get_or_insert("The function says ProcessingFailed".to_owned());
            }
            _ => {
                lost += 1;
                first_rule
                    .get_or_insert("result must be Ok, Dropped or ProcessingFailed".to_owned());
            }
        }
    }
    let rule = first_rule.map_or(String::new(), |rule| {
        format!(" {rule}; such records go to processing-failed/ in S3 with errorCode Lambda.ProcessingFailedStatus or the like.")
    });
    Ok(told(
        lost == 0,
        format!("{delivered} delivered, {dropped} dropped, {lost} failed"),
        format!(
            "{delivered} records go on to the destination, {dropped} were dropped on purpose, {lost} failed.{rule}"
        ),
    ))
}
