//! Taking a batch event apart: what must come to a source for its poller to make such an event.
//!
//! Ids, times, digests and positions are left out: the source gives its own.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::{Incoming, Source};

/// The partition key of something that has none: Kinesis wants one.
const PARTITION_KEY: &str = "1";

/// The records of a batch event. One record whose body is the whole event, when there is none to be found in it.
pub fn records(source: &Source, event: &str) -> Vec<Incoming> {
    let value = serde_json::from_str(event).unwrap_or(Value::Null);
    let mut found: Vec<Incoming> = match source {
        Source::Sqs(_) => list(&value, "Records").filter_map(message).collect(),
        Source::Kinesis(_) => list(&value, "Records").filter_map(kinesis).collect(),
        Source::DynamoDb(_) => list(&value, "Records").filter_map(change).collect(),
        Source::Kafka(_) => groups(&value, "records").filter_map(kafka).collect(),
        Source::Mq(_) => list(&value, "messages")
            .chain(groups(&value, "rmqMessagesByQueue"))
            .filter_map(broker)
            .collect(),
        Source::DocumentDb(_) => list(&value, "events").filter_map(document).collect(),
    };
    if found.is_empty() {
        found = vec![Incoming::body(event)];
    }
    if matches!(source, Source::Kinesis(_)) {
        for record in &mut found {
            record.key.get_or_insert_with(|| PARTITION_KEY.into());
        }
    }
    found
}

fn list<'a>(event: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let list = event.get(key).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// The elements of all lists of an object.
fn groups<'a>(event: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    let groups = event.get(key).and_then(Value::as_object);
    groups
        .into_iter()
        .flatten()
        .filter_map(|(_, list)| list.as_array())
        .flatten()
}

fn text(value: &Value, pointer: &str) -> Option<Rc<str>> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.into())
}

/// Base64 text decoded, bytes that are not UTF-8 replaced; as it stands when it is no base64.
fn decoded(value: &Value, key: &str) -> Option<Rc<str>> {
    let text = value.get(key)?.as_str()?;
    Some(match STANDARD.decode(text) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into(),
        Err(_) => text.into(),
    })
}

fn pairs(pairs: Vec<(String, String)>) -> Option<Rc<[(String, String)]>> {
    (!pairs.is_empty()).then(|| pairs.into())
}

fn message(record: &Value) -> Option<Incoming> {
    let attributes = record.get("messageAttributes").and_then(Value::as_object);
    let attributes = attributes
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let value = value.get("stringValue")?.as_str()?;
            Some((name.clone(), value.to_owned()))
        })
        .collect();
    Some(Incoming {
        body: record.get("body")?.as_str()?.into(),
        group: text(record, "/attributes/MessageGroupId"),
        deduplication: text(record, "/attributes/MessageDeduplicationId"),
        attributes: pairs(attributes),
        ..Incoming::default()
    })
}

fn kinesis(record: &Value) -> Option<Incoming> {
    let data = record.get("kinesis")?;
    Some(Incoming {
        body: decoded(data, "data")?,
        key: text(data, "/partitionKey"),
        ..Incoming::default()
    })
}

fn change(record: &Value) -> Option<Incoming> {
    record.get("dynamodb")?.get("Keys")?;
    Some(Incoming::body(record.to_string()))
}

fn kafka(record: &Value) -> Option<Incoming> {
    let headers = record.get("headers").and_then(Value::as_array);
    let headers = headers
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flatten()
        .map(|(name, bytes)| {
            let bytes = bytes.as_array().into_iter().flatten();
            // Lambda shows bytes as numbers, signed ones included.
            let bytes: Vec<u8> = bytes.filter_map(Value::as_i64).map(|n| n as u8).collect();
            (name.clone(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect();
    let partition = record.get("partition").and_then(Value::as_u64);
    Some(Incoming {
        body: decoded(record, "value")?,
        key: decoded(record, "key"),
        partition: partition.and_then(|number| number.try_into().ok()),
        attributes: pairs(headers),
        ..Incoming::default()
    })
}

fn broker(message: &Value) -> Option<Incoming> {
    let properties = message.get("properties").and_then(Value::as_object);
    let properties = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect();
    Some(Incoming {
        body: decoded(message, "data")?,
        attributes: pairs(properties),
        ..Incoming::default()
    })
}

fn document(entry: &Value) -> Option<Incoming> {
    let mut change = entry.get("event")?.as_object()?.clone();
    change.shift_remove("_id");
    change.shift_remove("clusterTime");
    Some(Incoming::body(Value::Object(change).to_string()))
}
