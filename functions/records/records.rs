//! Works through records: queues, streams, brokers, Firehose, S3 Batch Operations. A record that holds the word `fail` fails.
//! It teaches partial failure: only what failed is named, and only that comes again.

#[path = "../include/base64.rs"]
mod base64;
#[path = "../include/json.rs"]
mod json;
#[path = "../include/lambda.rs"]
mod lambda;

use json::{Json, object};
use lambda::Failure;

lambda::handler!(records);

fn records(event: &str) -> Result<String, Failure> {
    let event = Json::parse(event);
    let answer = if !event.at("tasks").is_null() {
        tasks(&event)
    } else if !event.at("records.0.recordId").is_null() {
        transform(&event)
    } else {
        batch(&event)
    };
    Ok(answer.to_string())
}

/// S3 Batch Operations: a result for each task.
fn tasks(event: &Json) -> Json {
    let results = event.list("tasks").iter().map(|task| {
        let key = task.text("s3Key");
        lambda::log(&format!("Object {key}"));
        let (code, said) = match key.contains("fail") {
            true => ("PermanentFailure", "The key says that it fails."),
            false => ("Succeeded", "Seen."),
        };
        object([
            ("taskId", task.text("taskId").into()),
            ("resultCode", code.into()),
            ("resultString", said.into()),
        ])
    });
    let results: Vec<Json> = results.collect();
    object([
        ("invocationSchemaVersion", event.text("invocationSchemaVersion").into()),
        ("treatMissingKeysAs", "PermanentFailure".into()),
        ("invocationId", event.text("invocationId").into()),
        ("results", results.into()),
    ])
}

/// Firehose: every record comes back, in capital letters; empty ones are dropped.
fn transform(event: &Json) -> Json {
    let results = event.list("records").iter().map(|record| {
        let data = base64::decode(record.text("data")).unwrap_or_default();
        let text = String::from_utf8_lossy(&data);
        let (result, data) = match text.trim() {
            "" => ("Dropped", record.text("data").to_owned()),
            line if line.contains("fail") => ("ProcessingFailed", record.text("data").to_owned()),
            line => ("Ok", base64::encode(format!("{}\n", line.to_uppercase()).as_bytes())),
        };
        lambda::log(&format!("{result}: {}", text.trim()));
        object([
            ("recordId", record.text("recordId").into()),
            ("result", result.into()),
            ("data", data.into()),
        ])
    });
    let results: Vec<Json> = results.collect();
    object([("records", results.into())])
}

/// Queues, streams and brokers: the records of one batch, however they are wrapped.
fn batch(event: &Json) -> Json {
    let mut failures = Vec::new();
    let mut seen = |what: &str, text: &str, failed: Json| {
        lambda::log(&format!("{what}: {text}"));
        if text.contains("fail") {
            failures.push(object([("itemIdentifier", failed)]));
        }
    };
    let plain = |encoded: &str| {
        let bytes = base64::decode(encoded).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    for record in event.list("Records") {
        if !record.at("kinesis").is_null() {
            let number = record.text("kinesis.sequenceNumber");
            seen("Record", &plain(record.text("kinesis.data")), number.into());
        } else if !record.at("dynamodb").is_null() {
            let image = record.at("dynamodb").to_string();
            seen(record.text("eventName"), &image, record.text("dynamodb.SequenceNumber").into());
        } else {
            seen("Message", record.text("body"), record.text("messageId").into());
        }
    }
    // Kafka: lists of records by topic and partition.
    for (partition, list) in event.at("records").members() {
        if let Json::List(list) = list {
            for record in list {
                let place = object([
                    ("partition", partition.as_str().into()),
                    ("offset", record.at("offset").clone()),
                ]);
                seen(partition, &plain(record.text("value")), place);
            }
        }
    }
    // ActiveMQ, RabbitMQ, DocumentDB: all of the batch or nothing, so nothing is named.
    for message in event.list("messages") {
        seen("Message", &plain(message.text("data")), message.text("messageID").into());
    }
    for (queue, list) in event.at("rmqMessagesByQueue").members() {
        if let Json::List(list) = list {
            for message in list {
                seen(queue, &plain(message.text("data")), "".into());
            }
        }
    }
    for change in event.list("events") {
        let kind = change.text("event.operationType");
        seen(kind, &change.at("event.fullDocument").to_string(), change.text("event._id._data").into());
    }
    object([("batchItemFailures", failures.into())])
}
