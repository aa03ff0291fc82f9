//! SQS: the events that Lambda's pollers make of messages.

use md5::{Digest, Md5};
use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A queue.
pub(super) struct Queue;

const SOURCE: Source = Source {
    item: "message",
    done: "Lambda deletes its messages from the queue.",
    failed: "All messages of the batch stay hidden until the visibility timeout ends, then they come back with a higher receive \
             count; after maxReceiveCount the queue moves them to its dead-letter queue.",
    partly: Some(
        "Lambda deletes the others; the failed ones come back when the visibility timeout ends. In a FIFO queue, name the first \
         failed message and all after it.",
    ),
};

static ABOUT: About = About {
    id: "sqs",
    name: "SQS",
    group: Group::Polled,
    keywords: "queue message fifo standard batchitemfailures visibility timeout dead-letter poll",
    explanation: "Lambda polls the queue and calls the function with a batch of messages, up to 10 unless set otherwise. When the \
                  function succeeds, Lambda deletes them; when it fails, all of them come back after the visibility timeout, \
                  also those that were processed. With ReportBatchItemFailures the function names the messages that failed, \
                  and only those come back. A message that keeps failing goes to the dead-letter queue, if there is one.",
    source: (
        "AWS Lambda Developer Guide: Using Lambda with Amazon SQS",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html",
    ),
    sender: "SQS",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text(
            "queue",
            "Queue",
            "my-queue",
            "The queue's name; .fifo is added for a FIFO queue.",
        ),
        Field::choice(
            "kind",
            "Queue type",
            &["Standard", "FIFO"],
            "Standard",
            "FIFO queues keep the order within a message group.",
        ),
        Field::lines(
            "messages",
            "Messages",
            "{\"orderId\":1}\n{\"orderId\":2}",
            "The body of one message a line.",
        ),
        Field::text(
            "group",
            "Message group",
            "group-1",
            "For a FIFO queue: all these messages are of this group.",
        ),
        Field::number(
            "receives",
            "Receive count",
            (1, 1_000),
            "1",
            "How often the messages have been received, this time included.",
        ),
    ],
    template: r#"{"Records":[{"messageId":"<uuid>","receiptHandle":"<base64 120>","body":"<body>","attributes":{
"ApproximateReceiveCount":"<receives>","SentTimestamp":"<sent>","SequenceNumber?":"<sequence>","MessageGroupId?":"<group_id>",
"SenderId":"AIDAIENQZJOLO23YVJ4VO","MessageDeduplicationId?":"<deduplication>","ApproximateFirstReceiveTimestamp":"<received>"},
"messageAttributes":{},"md5OfBody":"<md5>","=eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:<region>:<account>:<name>",
"awsRegion":"<region>"}]}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

impl Trigger for Queue {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let fifo = value(form, "kind") == "FIFO";
        let queue = value(form, "queue").trim_end_matches(".fifo");
        filler.set(
            "name",
            format!("{queue}{}", if fifo { ".fifo" } else { "" }),
        );
        filler.set("sent", context.time_ms.saturating_sub(40).to_string());
        filler.set("received", context.time_ms.to_string());
        filler.set("group_id", fifo.then(|| value(form, "group")));
        let first = 18_849_496_460_467_696_128_u128;
        filler.records(
            ABOUT.template,
            "Records",
            &batch::lines(value(form, "messages")),
            |filler, number, body| {
                filler.set("body", body);
                filler.set("md5", hex(&Md5::digest(body)));
                filler.set(
                    "sequence",
                    fifo.then(|| first.saturating_add(number as u128 * 256).to_string()),
                );
                let id = fifo.then(|| filler.text("hex 64"));
                filler.set("deduplication", id);
            },
        )
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let records = event.get("Records").and_then(Value::as_array);
        for (number, record) in records.into_iter().flatten().enumerate().take(10) {
            let (body, sum) = (
                check::text(record, "/body"),
                check::text(record, "/md5OfBody"),
            );
            if !sum.is_empty()
                && record.get("body").is_some_and(Value::is_string)
                && hex(&Md5::digest(body)) != sum
            {
                problems.push(Problem::note(
                    "event.md5",
                    format!("$.Records[{number}].md5OfBody"),
                    "This is not the MD5 of the body.",
                    format!("Write {}.", hex(&Md5::digest(body))),
                ));
            }
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        batch::view(
            &SOURCE,
            &batch::ids(event, "Records", "/messageId"),
            response,
        )
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs.")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
