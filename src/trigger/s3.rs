//! S3 event notifications, for new objects.
//!
//! The event is built after the User Guide's "Event message structure", which says that version 2.1 is used for all but
//! replication, lifecycle, tagging, ACL and restore events. Sequencers begin with two zeros and the time in hexadecimal
//! seconds, as in published events (an event of 2015-08-27T08:48:40 has `0055DECEE7…`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::check::{self, Key, Kind};
use super::direct::never;
use super::ids::{self, Ids};
use super::{Field, FieldKind, Form, Group, SampleContext, Trigger, value};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// S3 event notifications.
pub(super) struct S3;

const FIELDS: &[Field] = &[
    Field {
        key: "event",
        label: "Event",
        help: "How the object came into being.",
        kind: FieldKind::Choice(&[
            "ObjectCreated:Put",
            "ObjectCreated:Post",
            "ObjectCreated:Copy",
            "ObjectCreated:CompleteMultipartUpload",
        ]),
        default: "ObjectCreated:Put",
    },
    Field {
        key: "bucket",
        label: "Bucket",
        help: "The bucket's name.",
        kind: FieldKind::Text,
        default: "amzn-s3-demo-bucket",
    },
    Field {
        key: "key",
        label: "Key",
        help: "The object's name. In the event it is URL-encoded, with + for spaces.",
        kind: FieldKind::Text,
        default: "photos/summer holiday.jpg",
    },
    Field {
        key: "size",
        label: "Size in bytes",
        help: "The event tells only the size; the function has to fetch the object itself.",
        kind: FieldKind::Number {
            min: 0,
            max: 5 * 1024 * 1024 * 1024 * 1024,
        },
        default: "1024",
    },
    Field {
        key: "versioning",
        label: "Bucket versioning",
        help: "With it, the event has the object's version id.",
        kind: FieldKind::Choice(&["Off", "On"]),
        default: "Off",
    },
];

const RECORD: &[Key] = &[
    ("eventVersion", Kind::Text, true),
    ("eventSource", Kind::Text, true),
    ("awsRegion", Kind::Text, true),
    ("eventTime", Kind::Text, true),
    ("eventName", Kind::Text, true),
    ("userIdentity.principalId", Kind::Text, true),
    ("requestParameters.sourceIPAddress", Kind::Text, true),
    ("responseElements", Kind::Texts, true),
    ("s3", Kind::Object, true),
    ("s3.s3SchemaVersion", Kind::Text, true),
    ("s3.configurationId", Kind::Text, true),
    ("s3.bucket", Kind::Object, true),
    ("s3.bucket.name", Kind::Text, true),
    ("s3.bucket.ownerIdentity.principalId", Kind::Text, true),
    ("s3.bucket.arn", Kind::Text, true),
    ("s3.object", Kind::Object, true),
    ("s3.object.key", Kind::Text, true),
    // Events of removed objects have neither size nor ETag.
    ("s3.object.size", Kind::Number, false),
    ("s3.object.eTag", Kind::Text, false),
    ("s3.object.versionId", Kind::Text, false),
    ("s3.object.sequencer", Kind::Text, false),
];

impl Trigger for S3 {
    fn id(&self) -> &'static str {
        "s3"
    }

    fn name(&self) -> &'static str {
        "S3"
    }

    fn group(&self) -> Group {
        Group::Asynchronous
    }

    fn explanation(&self) -> &'static str {
        "S3 tells the function that an object has come into being, usually within seconds. Nobody waits: S3 hands the \
         event to Lambda's queue and is done. Should the function fail, Lambda tries again twice, after one and two \
         minutes. An event may come twice, and two events in another order than they happened."
    }

    fn source(&self) -> (&'static str, &'static str) {
        (
            "Amazon S3 User Guide: Event message structure",
            "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
        )
    }

    fn invocation_type(&self) -> InvocationType {
        InvocationType::Event
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut ids = Ids::new(context, self.id());
        let bucket = value(form, "bucket");
        let event = value(form, "event");
        let mut e_tag = ids.hex::<16>();
        if event == "ObjectCreated:CompleteMultipartUpload" {
            // The ETag of such an object is no MD5, and ends with the number of parts.
            e_tag.push_str("-2");
        }
        let seconds = u32::try_from(context.time_ms.div_euclid(1000)).unwrap_or_default();
        let sequencer = format!("00{seconds:08X}{:08X}", u32::from_le_bytes(ids.bytes()));
        let mut object = json!({
            "key": encode_key(value(form, "key")),
            "size": value(form, "size").trim().parse::<u64>().unwrap_or_default(),
            "eTag": e_tag,
        });
        if value(form, "versioning") == "On" {
            object["versionId"] = ids
                .word(
                    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._",
                    32,
                )
                .into();
        }
        object["sequencer"] = sequencer.into();
        json!({"Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": ids::REGION,
            "eventTime": ids::iso_8601(context.time_ms),
            "eventName": event,
            "userIdentity": {"principalId": "AWS:AIDAJDPLRKLG7UEXAMPLE"},
            "requestParameters": {"sourceIPAddress": ids::SOURCE_IP},
            "responseElements": {
                "x-amz-request-id": ids.word("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16),
                "x-amz-id-2": STANDARD.encode(ids.bytes::<48>()),
            },
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": ids.uuid(),
                "bucket": {
                    "name": bucket,
                    "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                    "arn": format!("arn:aws:s3:::{bucket}"),
                },
                "object": object,
            },
        }]})
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let Some(records) = event.get("Records") else {
            return check::shape(event, "$", "S3", &[("Records", Kind::Object, true)]);
        };
        let Some(records) = records.as_array() else {
            return vec![check::wrong_kind("$.Records", records, "a list", "S3")];
        };
        let mut problems = Vec::new();
        if records.len() != 1 {
            problems.push(Problem::warning(
                "event.records",
                "$.Records",
                format!(
                    "S3 sends one record in each event; here there are {}.",
                    records.len()
                ),
                check::RESET,
            ));
        }
        // Beyond the first few, the findings would say the same again.
        for (number, record) in records.iter().enumerate().take(10) {
            let at = format!("$.Records[{number}]");
            problems.extend(check::shape(record, &at, "S3", RECORD));
            problems.extend(check_texts(record, &at));
        }
        problems
    }

    fn caller_view(&self, response: &InvokeResponse) -> CallerView {
        let accepted = response.status == 202;
        CallerView {
            status: Some(response.status),
            headers: Vec::new(),
            body: response.payload.clone(),
            ok: accepted,
            explanation: if accepted {
                "Lambda took the event and answered 202; S3 is done with it. Whether the function succeeds, S3 does not hear: \
                 retries are the business of Lambda's queue."
            } else {
                "Lambda did not take the event; S3 tries again until it does."
            }
            .to_owned(),
        }
    }

    fn caller_timed_out(&self) -> CallerView {
        never("Lambda takes asynchronous events at once.")
    }
}

/// Texts that differ from real ones in a way that leads people astray.
fn check_texts(record: &Value, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let text = |path: &str| record.pointer(path).and_then(Value::as_str);
    if text("/eventSource").is_some_and(|source| source != "aws:s3") {
        problems.push(Problem::warning(
            "event.value",
            format!("{at}.eventSource"),
            "In events from S3 this is `aws:s3`.",
            check::RESET,
        ));
    }
    if text("/eventName").is_some_and(|name| name.starts_with("s3:")) {
        problems.push(Problem::warning(
            "event.value",
            format!("{at}.eventName"),
            "The prefix `s3:` belongs to the bucket's notification configuration; events come without it.",
            "Remove `s3:`.",
        ));
    }
    if let Some(key) = text("/s3/object/key").filter(|key| encoding_missing(key)) {
        problems.push(Problem::warning(
            "event.value",
            format!("{at}.s3.object.key"),
            "Keys come URL-encoded, with + for spaces; this one is not.",
            format!("Write `{}`.", encode_key(key)),
        ));
    }
    problems
}

fn encoding_missing(key: &str) -> bool {
    key.bytes().any(|byte| byte == b' ' || !byte.is_ascii())
}

/// A key as events have it: form encoding, which keeps slashes.
fn encode_key(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte))
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
