//! DynamoDB Streams: the events that Lambda's pollers make of changes to a table.

use serde_json::{Map, Value, json};

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A table's stream.
pub(super) struct Stream;

const SOURCE: Source = Source {
    item: "record",
    done: "The shard goes on after it.",
    failed: "Lambda tries the same batch again until it succeeds, is too old or has used its retries; meanwhile the shard waits. \
             After 24 hours the stream forgets its records.",
    partly: Some(
        "Lambda tries again from the lowest of these sequence numbers on; what came before is done.",
    ),
};

static ABOUT: About = About {
    id: "dynamodb",
    name: "DynamoDB Streams",
    group: Group::Polled,
    keywords: "dynamodb table stream item change insert modify remove newimage oldimage ttl poll",
    explanation: "A table's stream has every change to its items; Lambda reads each shard in order and calls the function with a \
                  batch of changes, up to 100 unless set otherwise. Values come with their type, as {\"S\": \"text\"}. When the \
                  function fails, Lambda tries the same batch again and the shard waits: for up to 24 hours, unless the mapping \
                  limits retries or the age of records.",
    source: (
        "AWS Lambda Developer Guide: Using AWS Lambda with Amazon DynamoDB",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html",
    ),
    sender: "DynamoDB Streams",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text("table", "Table", "my-table", "The table's name."),
        Field::choice(
            "event",
            "Change",
            &["INSERT", "MODIFY", "REMOVE"],
            "INSERT",
            "What happened to the item.",
        ),
        Field::lines(
            "keys",
            "Key",
            "{\"id\":\"101\"}",
            "The item's primary key, as plain JSON.",
        ),
        Field::lines(
            "new",
            "New image",
            "{\"id\":\"101\",\"message\":\"New item!\"}",
            "The item after the change, as plain JSON.",
        ),
        Field::lines(
            "old",
            "Old image",
            "{\"id\":\"101\",\"message\":\"Old item\"}",
            "The item before the change, as plain JSON.",
        ),
        Field::choice(
            "view",
            "Stream view type",
            &["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"],
            "NEW_AND_OLD_IMAGES",
            "Which images the stream has.",
        ),
        Field::choice(
            "by",
            "Changed by",
            &["A program", "Time to live"],
            "A program",
            "What expires is removed by DynamoDB itself, and the event says so.",
        ),
    ],
    template: r#"{"Records":[{"eventID":"<hex 32>","eventName":"<event>","=eventVersion":"1.1","=eventSource":"aws:dynamodb",
"awsRegion":"<region>","dynamodb":{"ApproximateCreationDateTime":"<#s>","Keys":"<*key_attributes>","NewImage?":"<*new_image>",
"OldImage?":"<*old_image>","SequenceNumber":"<sequence>","SizeBytes":"<#size>","StreamViewType":"<view>"},
"userIdentity?":"<*identity>","eventSourceARN":"arn:aws:dynamodb:<region>:<account>:table/<table>/stream/<label>"}]}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

impl Trigger for Stream {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let ttl = value(form, "by") == "Time to live";
        let event = if ttl { "REMOVE" } else { value(form, "event") };
        let view = value(form, "view");
        let image = |key: &str| attributes(value(form, key));
        let (new, old) = (image("new"), image("old"));
        let keys = image("keys");
        let has_new = event != "REMOVE" && view.contains("NEW");
        let has_old = event != "INSERT" && view.contains("OLD");
        // About what DynamoDB counts: names and values.
        let size = keys.to_string().len()
            + if has_new { new.to_string().len() } else { 0 }
            + if has_old { old.to_string().len() } else { 0 };
        filler.set("event", event);
        filler.set("key_attributes", keys);
        filler.set("new_image", if has_new { new } else { Value::Null });
        filler.set("old_image", if has_old { old } else { Value::Null });
        filler.set("size", size);
        filler.set(
            "label",
            super::ids::iso_8601(context.time_ms.saturating_sub(86_400_000)).replace('Z', ""),
        );
        let sequence = format!("1{}", filler.ids.word("0123456789", 20));
        filler.set("sequence", sequence);
        filler.set(
            "identity",
            if ttl {
                json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"})
            } else {
                Value::Null
            },
        );
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let records = event.get("Records").and_then(Value::as_array);
        for (number, record) in records.into_iter().flatten().enumerate().take(10) {
            for image in ["Keys", "NewImage", "OldImage"] {
                let Some(image_value) = record.pointer(&format!("/dynamodb/{image}")) else {
                    continue;
                };
                let typed = image_value
                    .as_object()
                    .is_some_and(|members| members.values().all(is_typed));
                if !typed {
                    problems.push(check::value(
                        &format!("$.Records[{number}].dynamodb.{image}"),
                        "Values in a stream come with their type, as {\"S\": \"text\"} or {\"N\": \"1\"}.",
                        check::RESET,
                    ));
                }
            }
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        batch::view(
            &SOURCE,
            &batch::ids(event, "Records", "/dynamodb/SequenceNumber"),
            response,
        )
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs.")
    }
}

fn is_typed(value: &Value) -> bool {
    const TYPES: &[&str] = &["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"];
    value.as_object().is_some_and(|members| {
        members.len() == 1 && members.keys().all(|key| TYPES.contains(&key.as_str()))
    })
}

/// An item in plain JSON as DynamoDB writes it.
fn attributes(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, attribute(value)))
                .collect(),
        ),
        _ => Value::Object(Map::new()),
    }
}

/// serde_json reads nothing that is nested more than 127 deep, which bounds this.
fn attribute(value: Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(flag) => json!({"BOOL": flag}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(list) => json!({"L": list.into_iter().map(attribute).collect::<Vec<_>>()}),
        Value::Object(members) => {
            let members: Map<String, Value> = members
                .into_iter()
                .map(|(key, value)| (key, attribute(value)))
                .collect();
            json!({"M": members})
        }
    }
}
