//! S3 event notifications.
//!
//! The event is built after the User Guide's "Event message structure", which says which version each kind has: 2.2 for
//! replication, 2.3 for lifecycle, tiering, tagging, ACL and expired restores, 2.1 for all others. Sequencers begin with two zeros and
//! the time in hexadecimal seconds, as in published events (an event of 2015-08-27T08:48:40 has `0055DECEE7…`).

use md5::{Digest, Md5};
use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// S3 event notifications.
pub(super) struct S3;

const EVENTS: &[&str] = &[
    "ObjectCreated:Put",
    "ObjectCreated:Post",
    "ObjectCreated:Copy",
    "ObjectCreated:CompleteMultipartUpload",
    "ObjectRemoved:Delete",
    "ObjectRemoved:DeleteMarkerCreated",
    "ObjectRestore:Post",
    "ObjectRestore:Completed",
    "ObjectRestore:Delete",
    "ReducedRedundancyLostObject",
    "Replication:OperationFailedReplication",
    "Replication:OperationMissedThreshold",
    "Replication:OperationReplicatedAfterThreshold",
    "Replication:OperationNotTracked",
    "LifecycleExpiration:Delete",
    "LifecycleExpiration:DeleteMarkerCreated",
    "LifecycleTransition",
    "IntelligentTiering",
    "ObjectTagging:Put",
    "ObjectTagging:Delete",
    "ObjectAcl:Put",
];

static ABOUT: About = About {
    id: "s3",
    name: "S3",
    group: Group::Asynchronous,
    keywords: "bucket object storage notification upload put delete objectcreated objectremoved",
    explanation: "S3 tells the function what happened to an object, usually within seconds. Nobody waits: S3 hands the \
                  event to Lambda's queue and is done. Should the function fail, Lambda tries again twice, after one and two \
                  minutes. An event may come twice, and two events in another order than they happened. A notification can be \
                  limited to keys with a prefix and a suffix.",
    source: (
        "Amazon S3 User Guide: Event message structure",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html",
    ),
    sender: "S3",
    call: InvocationType::Event,
    fields: &[
        Field::choice(
            "event",
            "Event",
            EVENTS,
            "ObjectCreated:Put",
            "What happened to the object.",
        ),
        Field::text(
            "bucket",
            "Bucket",
            "amzn-s3-demo-bucket",
            "The bucket's name.",
        ),
        Field::text(
            "key",
            "Key",
            "photos/summer holiday.jpg",
            "The object's name. In the event it is URL-encoded, with + for spaces.",
        ),
        Field::number(
            "size",
            "Size in bytes",
            (0, 5 * 1024 * 1024 * 1024 * 1024),
            "1024",
            "The event tells only the size; the function has to fetch the object itself.",
        ),
        Field::text(
            "etag",
            "ETag",
            "",
            "Empty for a made-up one; that of a simple upload is the MD5 of its bytes.",
        ),
        Field::choice(
            "versioning",
            "Bucket versioning",
            &["Off", "On"],
            "Off",
            "With it, the event has the object's version id.",
        ),
        Field::lines(
            "types",
            "Event types of the notification",
            "",
            "What the notification is for, one in each line, such as s3:ObjectCreated:*; empty for all.",
        )
        .setting(),
        Field::text(
            "prefix",
            "Prefix filter",
            "",
            "The notification is for keys that begin with this; empty for all.",
        )
        .setting(),
        Field::text(
            "suffix",
            "Suffix filter",
            "",
            "The notification is for keys that end with this, such as .jpg; empty for all.",
        )
        .setting(),
    ],
    template: r#"{"Records":[{"eventVersion":"<version>","=eventSource":"aws:s3","awsRegion":"<region>","eventTime":"<time>",
"eventName":"<event>","userIdentity":{"principalId":"<principal>"},"requestParameters":{"sourceIPAddress":"<address>"},
"responseElements":{"x-amz-request-id":"<ID 16>","x-amz-id-2":"<base64 48>"},"s3":{"s3SchemaVersion":"1.0",
"configurationId":"<uuid>","bucket":{"name":"<bucket>","ownerIdentity":{"principalId":"A3NL1KOZZKExample"},
"arn":"arn:aws:s3:::<bucket>"},"object":{"key":"<key>","size?":"<#size>","eTag?":"<etag>","versionId?":"<version_id>",
"sequencer?":"<sequencer>"}},"glacierEventData?":"<*restored>","replicationEventData?":"<*replication>",
"lifecycleEventData?":"<*lifecycle>","intelligentTieringEventData?":"<*tiering>"}]}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

const RESTORED: &str = r#"{"restoreEventData":{"lifecycleRestorationExpiryTime":"<expiry>","lifecycleRestoreStorageClass":"GLACIER"}}"#;
const REPLICATION: &str = r#"{"replicationRuleId":"rule-1","destinationBucket":"arn:aws:s3:::<bucket>-replica",
"s3Operation":"OBJECT_PUT","requestTime":"<time>","failureReason":"AssumeRoleNotPermitted"}"#;
const LIFECYCLE: &str = r#"{"transitionEventData":{"destinationStorageClass":"GLACIER"}}"#;
const TIERING: &str = r#"{"destinationAccessTier":"ARCHIVE_ACCESS"}"#;

const VERSION_LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

const DAY_MS: i64 = 86_400_000;

impl Trigger for S3 {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let event = value(form, "event");
        let has = |beginning: &str| event.starts_with(beginning);
        let by_s3 = has("Lifecycle") || has("Replication") || has("IntelligentTiering");
        filler.set(
            "version",
            match event {
                _ if has("Replication") => "2.2",
                _ if by_s3
                    || has("ObjectTagging")
                    || has("ObjectAcl")
                    || event == "ObjectRestore:Delete" =>
                {
                    "2.3"
                }
                _ => "2.1",
            },
        );
        filler.set(
            "principal",
            if by_s3 {
                "s3.amazonaws.com"
            } else {
                "AWS:AIDAJDPLRKLG7UEXAMPLE"
            },
        );
        filler.set(
            "address",
            if by_s3 {
                "s3.amazonaws.com"
            } else {
                ids::SOURCE_IP
            },
        );
        filler.set("key", encode_key(value(form, "key")));
        let removed = has("ObjectRemoved") || has("LifecycleExpiration");
        let marker = event.ends_with("DeleteMarkerCreated");
        if removed {
            filler.set("size", Value::Null);
        }
        if removed && !marker {
            filler.set("etag", Value::Null);
        } else if value(form, "etag").trim().is_empty() {
            let mut e_tag = filler.text("hex 32");
            if event.ends_with("CompleteMultipartUpload") {
                // The ETag of such an object is no MD5, and ends with the number of parts.
                e_tag.push_str("-2");
            }
            filler.set("etag", e_tag);
        }
        let version = (value(form, "versioning") == "On" || marker)
            .then(|| filler.ids.word(VERSION_LETTERS, 32));
        filler.set("version_id", version);
        let seconds = u32::try_from(context.time_ms.div_euclid(1000)).unwrap_or_default();
        let low = u32::from_le_bytes(filler.ids.bytes());
        let sequencer = format!("00{seconds:08X}{low:08X}");
        let ordered = has("ObjectCreated") || removed;
        filler.set("sequencer", ordered.then_some(sequencer));
        filler.set(
            "expiry",
            ids::iso_8601(context.time_ms.saturating_add(7 * DAY_MS)),
        );
        for (hole, wanted, template) in [
            ("restored", event == "ObjectRestore:Completed", RESTORED),
            ("replication", has("Replication"), REPLICATION),
            ("lifecycle", event == "LifecycleTransition", LIFECYCLE),
            ("tiering", event == "IntelligentTiering", TIERING),
        ] {
            if wanted {
                let value = filler.fill(template);
                filler.set(hole, value);
            }
        }
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        problems.extend(template::one_record(event, "Records", ABOUT.sender));
        let records = event.get("Records").and_then(Value::as_array);
        for (number, record) in records.into_iter().flatten().enumerate().take(10) {
            check_texts(record, &format!("$.Records[{number}]"), &mut problems);
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }

    /// The real name, size and ETag of an object that is uploaded in one piece.
    fn of_file(&self, name: &str, bytes: &[u8]) -> Option<Form> {
        let fields = [
            ("key", name.to_owned()),
            ("size", bytes.len().to_string()),
            ("etag", etag(bytes)),
        ];
        Some(fields.map(|(key, value)| (key.to_owned(), value)).into())
    }

    fn delivers(&self, form: &Form, event: &Value) -> Result<(), String> {
        let name = check::text(event, "/Records/0/eventName");
        let mut types = value(form, "types")
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .peekable();
        if types.peek().is_some() {
            let mut wanted = false;
            for line in types {
                wanted |= is_for(line, name)?;
            }
            if !wanted {
                return Err(format!(
                    "The notification is not for s3:{name}, so S3 sends nothing."
                ));
            }
        }
        let key = decode_key(check::text(event, "/Records/0/s3/object/key"));
        let (prefix, suffix) = (value(form, "prefix"), value(form, "suffix"));
        for (fits, what, filter) in [
            (key.starts_with(prefix), "begin", prefix),
            (key.ends_with(suffix), "end", suffix),
        ] {
            if !fits {
                return Err(format!(
                    "The notification is for keys that {what} with {filter}; {key} does not, so S3 sends nothing."
                ));
            }
        }
        Ok(())
    }
}

/// Whether an event type of a notification's configuration, such as `s3:ObjectRemoved:*`, covers an event of this name.
///
/// # Errors
/// When S3 knows no such type.
fn is_for(event_type: &str, name: &str) -> Result<bool, String> {
    let wanted = event_type.strip_prefix("s3:").unwrap_or(event_type);
    let covers = |name: &str| match wanted.strip_suffix('*') {
        Some(family) => name.starts_with(family),
        None => name == wanted,
    };
    let whole = wanted
        .strip_suffix('*')
        .is_none_or(|family| family.ends_with(':'));
    if !whole || !EVENTS.iter().any(|known| covers(known)) {
        return Err(format!(
            "The event is not supported for notifications: {event_type} is no event type of S3's. Write s3:ObjectCreated:*, for \
             instance."
        ));
    }
    Ok(covers(name))
}

/// Texts that differ from real ones in a way that leads people astray.
fn check_texts(record: &Value, at: &str, problems: &mut Vec<Problem>) {
    if check::text(record, "/eventName").starts_with("s3:") {
        problems.push(check::value(
            &format!("{at}.eventName"),
            "The prefix `s3:` belongs to the bucket's notification configuration; events come without it.",
            "Remove `s3:`.",
        ));
    }
    let key = check::text(record, "/s3/object/key");
    if key.bytes().any(|byte| byte == b' ' || !byte.is_ascii()) {
        problems.push(check::value(
            &format!("{at}.s3.object.key"),
            "Keys come URL-encoded, with + for spaces; this one is not.",
            format!("Write `{}`.", encode_key(key)),
        ));
    }
}

/// The ETag of an object uploaded in one piece: the MD5 of its bytes.
pub fn etag(bytes: &[u8]) -> String {
    Md5::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What [`encode_key`] was given; bytes that are no text become the replacement character.
fn decode_key(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(byte) = encoded.as_bytes().get(at) {
        let digits = encoded.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(escaped) => {
                bytes.push(escaped);
                at += 2;
            }
            None if *byte == b'+' => bytes.push(b' '),
            None => bytes.push(*byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A key as events have it: form encoding, which keeps slashes.
pub(super) fn encode_key(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
