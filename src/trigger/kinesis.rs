//! Kinesis Data Streams: the events that Lambda's pollers make of records.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A stream.
pub(super) struct Stream;

const SOURCE: Source = Source {
    item: "record",
    done: "The shard goes on after it.",
    failed: "Lambda tries the same batch again until it succeeds, is too old or has used its retries; meanwhile the shard waits.",
    partly: Some(
        "Lambda tries again from the lowest of these sequence numbers on; what came before is done.",
    ),
};

static ABOUT: About = About {
    id: "kinesis",
    name: "Kinesis Data Streams",
    group: Group::Polled,
    keywords: "kinesis stream shard partition key sequence number records iterator age bisect poll",
    explanation: "Lambda reads each shard of the stream in order and calls the function with a batch of records, up to 100 unless \
                  set otherwise. When the function fails, Lambda tries the same batch again and the shard waits: for ever, \
                  unless the mapping limits retries or the age of records. With ReportBatchItemFailures the function names the \
                  first record that failed, and Lambda goes on from there.",
    source: (
        "AWS Lambda Developer Guide: How Lambda processes records from stream and queue-based event sources (Kinesis)",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html",
    ),
    sender: "Kinesis",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text("stream", "Stream", "my-stream", "The stream's name."),
        Field::lines(
            "records",
            "Records",
            "{\"sensor\":1,\"value\":20.5}\n{\"sensor\":1,\"value\":21}",
            "The data of one record a line; in the event it is in base64.",
        ),
        Field::text(
            "key",
            "Partition key",
            "sensor-1",
            "Decides the shard; the order holds within it.",
        ),
        Field::number(
            "shard",
            "Shard",
            (0, 9_999),
            "0",
            "The number of the shard.",
        ),
    ],
    template: r#"{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"<key>","sequenceNumber":"<sequence>",
"data":"<data>","approximateArrivalTimestamp":"<#arrival>"},"=eventSource":"aws:kinesis","=eventVersion":"1.0",
"eventID":"shardId-<shard_id>:<sequence>","=eventName":"aws:kinesis:record","invokeIdentityArn":"arn:aws:iam::<account>:role/lambda-role",
"awsRegion":"<region>","eventSourceARN":"arn:aws:kinesis:<region>:<account>:stream/<stream>"}]}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

impl Trigger for Stream {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let shard = value(form, "shard")
            .trim()
            .parse::<u32>()
            .unwrap_or_default();
        filler.set("shard_id", format!("{shard:012}"));
        // Seconds with milliseconds, as a decimal number.
        let arrival = format!(
            "{}.{:03}",
            context.time_ms.div_euclid(1_000),
            context.time_ms.rem_euclid(1_000)
        );
        filler.set("arrival", arrival);
        let beginning = format!("4959{}", filler.ids.word("0123456789", 44));
        filler.records(
            ABOUT.template,
            "Records",
            &batch::lines(value(form, "records")),
            |filler, number, data| {
                filler.set("data", STANDARD.encode(data));
                filler.set("sequence", format!("{beginning}{number:08}"));
            },
        )
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let records = event.get("Records").and_then(Value::as_array);
        for (number, record) in records.into_iter().flatten().enumerate().take(10) {
            if STANDARD
                .decode(check::text(record, "/kinesis/data"))
                .is_err()
            {
                problems.push(check::not_base64(&format!(
                    "$.Records[{number}].kinesis.data"
                )));
            }
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        batch::view(
            &SOURCE,
            &batch::ids(event, "Records", "/kinesis/sequenceNumber"),
            response,
        )
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs.")
    }
}
