//! Kafka, in Amazon MSK or self-managed: the events that Lambda's pollers make of records.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::about::{About, Field, Form, Group, value};
use super::batch::{self, Source};
use super::outcome::never;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A topic.
pub(super) struct Topic;

const SOURCE: Source = Source {
    item: "record",
    done: "Lambda commits its offsets.",
    failed: "Lambda tries the same batch again, for ever unless the mapping limits it; its partitions wait.",
    partly: Some("Lambda commits what came before them and tries again from there on."),
};

static ABOUT: About = About {
    id: "kafka",
    name: "Kafka (Amazon MSK and self-managed)",
    group: Group::Polled,
    keywords: "msk apache kafka topic partition offset consumer group bootstrap self-managed poll",
    explanation: "Lambda joins the topic's consumers and calls the function with a batch of records, up to 100 unless set otherwise, \
                  grouped by topic and partition; keys and values are in base64. When the function succeeds, Lambda commits \
                  the offsets; when it fails, the same batch comes again and its partitions wait. The function may run 14 \
                  minutes.",
    source: (
        "AWS Lambda Developer Guide: Using Lambda with Amazon MSK",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html",
    ),
    sender: "Kafka",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "cluster",
            "Cluster",
            &["Amazon MSK", "Self-managed"],
            "Amazon MSK",
            "Whose cluster it is; a self-managed one has no ARN.",
        ),
        Field::text("topic", "Topic", "mytopic", "The topic's name."),
        Field::number(
            "partition",
            "Partition",
            (0, 9_999),
            "0",
            "The partition of these records.",
        ),
        Field::number(
            "offset",
            "First offset",
            (0, 9_000_000_000_000_000),
            "15",
            "The offset of the first record.",
        ),
        Field::text("key", "Key", "order-1", "The records' key; empty for none."),
        Field::lines(
            "records",
            "Records",
            "{\"orderId\":1}\n{\"orderId\":2}",
            "The value of one record a line; in the event it is in base64.",
        ),
    ],
    template: r#"{"eventSource":"<source>","eventSourceArn?":"<arn>",
"bootstrapServers":"b-2.demo-cluster-1.a1bcde.c1.kafka.<region>.amazonaws.com:9092,b-1.demo-cluster-1.a1bcde.c1.kafka.<region>.amazonaws.com:9092",
"records":"<*records_by_partition>"}"#,
    timeout_ms: None,
    retries: &retries::POLLER,
};

const RECORD: &str = r#"{"topic":"<topic>","partition":"<#partition>","offset":"<#offset>","timestamp":"<#ms>",
"timestampType":"CREATE_TIME","key?":"<*none>","value?":"<*none>","headers":[]}"#;

impl Trigger for Topic {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let managed = value(form, "cluster") != "Self-managed";
        filler.set(
            "source",
            if managed {
                "aws:kafka"
            } else {
                "SelfManagedKafka"
            },
        );
        let arn = managed.then(|| {
            filler.expand("arn:aws:kafka:<region>:<account>:cluster/demo-cluster-1/<uuid>-2")
        });
        filler.set("arn", arn);
        let number = |key: &str| value(form, key).trim().parse::<u64>().unwrap_or_default();
        let (topic, partition, offset) =
            (value(form, "topic"), number("partition"), number("offset"));
        let key = value(form, "key");
        let records: Vec<Value> = batch::lines(value(form, "records"))
            .into_iter()
            .enumerate()
            .map(|(number, line)| {
                let mut record = json!({
                    "topic": topic,
                    "partition": partition,
                    "offset": offset.saturating_add(number as u64),
                    "timestamp": context.time_ms,
                    "timestampType": "CREATE_TIME",
                });
                if let Some(members) = record.as_object_mut() {
                    if !key.is_empty() {
                        members.insert("key".to_owned(), STANDARD.encode(key).into());
                    }
                    members.insert("value".to_owned(), STANDARD.encode(line).into());
                    members.insert("headers".to_owned(), Value::Array(Vec::new()));
                }
                record
            })
            .collect();
        let mut groups = Map::new();
        groups.insert(format!("{topic}-{partition}"), records.into());
        filler.set("records_by_partition", groups);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let Some(Value::Object(groups)) = event.get("records") else {
            if let Some(records) = event.get("records") {
                problems.push(check::wrong_kind(
                    "$.records",
                    records,
                    "an object",
                    ABOUT.sender,
                ));
            }
            return problems;
        };
        for (group, records) in groups.iter().take(10) {
            let at = format!("$.records.{}", super::outcome::short(group));
            let Some(records) = records.as_array() else {
                problems.push(check::wrong_kind(&at, records, "a list", ABOUT.sender));
                continue;
            };
            for (number, record) in records.iter().enumerate().take(10) {
                let at = format!("{at}[{number}]");
                let found = template::compare(RECORD, record, ABOUT.sender);
                problems.extend(found.into_iter().map(|problem| Problem {
                    place: problem.place.replacen('$', &at, 1),
                    ..problem
                }));
                for key in ["key", "value"] {
                    if STANDARD
                        .decode(check::text(record, &format!("/{key}")))
                        .is_err()
                    {
                        problems.push(check::not_base64(&format!("{at}.{key}")));
                    }
                }
            }
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        let groups = event.get("records").and_then(Value::as_object);
        let mut ids = Vec::new();
        for (group, records) in groups.into_iter().flatten() {
            for record in records.as_array().into_iter().flatten() {
                ids.push(json!({"partition": group, "offset": record.get("offset")}));
            }
        }
        batch::view(&SOURCE, &ids, response)
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a poller waits as long as the function runs, 14 minutes at most.")
    }
}
