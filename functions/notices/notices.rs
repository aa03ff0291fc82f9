//! Takes notice of what services tell: uploads, messages, schedules, logs, mails, pushes, devices, or anything at all.
//! It teaches how each kind of event says what happened, and to whom; nobody waits for the answer.

#[path = "../include/base64.rs"]
mod base64;
#[path = "../include/inflate.rs"]
mod inflate;
#[path = "../include/json.rs"]
mod json;
#[path = "../include/lambda.rs"]
mod lambda;

use json::{Json, object};
use lambda::Failure;

lambda::handler!(notices);

fn notices(event: &str) -> Result<String, Failure> {
    let event = Json::parse(event);
    let mut seen = Vec::new();
    for record in event.list("Records") {
        seen.push(record_of(record));
    }
    if !event.at("awslogs").is_null() {
        seen.extend(log_events(event.text("awslogs.data")));
    } else if !event.at("detail-type").is_null() {
        let what = format!("{} from {}", event.text("detail-type"), event.text("source"));
        seen.push(match event.at("detail").members().is_empty() {
            true => format!("{what}, at {}", event.text("time")),
            false => format!("{what}: {}", event.at("detail")),
        });
    } else if seen.is_empty() {
        seen.push(format!("An event: {event}"));
    }
    for line in &seen {
        lambda::log(line);
    }
    let seen: Vec<Json> = seen.into_iter().map(Json::from).collect();
    Ok(object([("noticed", seen.into())]).to_string())
}

fn record_of(record: &Json) -> String {
    if !record.at("s3").is_null() {
        let object = record.at("s3.object");
        return format!(
            "{}: {} in {}, {} bytes",
            record.text("eventName"),
            object.text("key"),
            record.text("s3.bucket.name"),
            object.text("size")
        );
    }
    if !record.at("Sns").is_null() {
        return format!("{}: {}", record.text("Sns.Subject"), record.text("Sns.Message"));
    }
    if !record.at("ses").is_null() {
        let mail = record.at("ses.mail");
        return format!("Mail from {}: {}", mail.text("source"), mail.text("commonHeaders.subject"));
    }
    if !record.at("codecommit").is_null() {
        let reference = record.at("codecommit.references.0");
        let what = match (reference.at("created"), reference.at("deleted")) {
            (Json::Bool(true), _) => "created",
            (_, Json::Bool(true)) => "deleted",
            _ => "pushed",
        };
        return format!("{} {what}, commit {}", reference.text("ref"), reference.text("commit"));
    }
    format!("A record: {record}")
}

/// CloudWatch Logs: a gzip file in base64.
fn log_events(data: &str) -> Vec<String> {
    let bytes = base64::decode(data).and_then(|bytes| inflate::gunzip(&bytes));
    let logs = Json::parse(&String::from_utf8_lossy(&bytes.unwrap_or_default()));
    let group = logs.text("logGroup");
    let events = logs.list("logEvents").iter();
    events.map(|event| format!("{group}: {}", event.text("message"))).collect()
}
