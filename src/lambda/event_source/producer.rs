//! What the producer sees: whoever sends to a source that Lambda polls.
//!
//! The call ends at the source, with the source's answer. What one event of the scenario holds is sent as one request, or as
//! few as the source's API takes; what it refuses is sent alone.

use serde_json::{Value, json};

use super::{ItemId, Items, Source};
use crate::lambda::event::CallerView;

/// Most messages of one `SendMessageBatch`.
const SQS_BATCH: usize = 10;

/// Most records of one `PutRecords`.
const KINESIS_BATCH: usize = 500;

/// What a source's API says to one message or record.
#[derive(Debug, Clone, PartialEq)]
pub enum Receipt {
    /// It is stored.
    Taken {
        /// As what.
        item: ItemId,
        /// SQS, Kinesis, Kafka: the answer, or the record's part of it. DynamoDB: the call's name. DocumentDB: the kind of
        /// change. Null when nobody gets an answer, or there is nothing in it.
        answer: Value,
    },
    /// Accepted, but one like it is there already.
    NotKept {
        /// The answer, the same as that to the first.
        answer: Value,
    },
    /// Refused.
    Refused {
        /// In the API's words.
        message: String,
    },
}

/// One answer and what it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What was taken by the request.
    pub items: Items,
    /// What its sender sees.
    pub view: CallerView,
}

/// The answers to whoever put in what these receipts are for.
pub fn answers(source: &Source, receipts: &[Receipt]) -> Vec<Answer> {
    let mut taken: Vec<(Option<ItemId>, &Value)> = Vec::new();
    let mut refused = Vec::new();
    for receipt in receipts {
        match receipt {
            Receipt::Taken { item, answer } => taken.push((Some(*item), answer)),
            Receipt::NotKept { answer } => taken.push((None, answer)),
            Receipt::Refused { message } => refused.push(Answer {
                items: Items::default(),
                view: refusal(source, message),
            }),
        }
    }
    // Items that a table's Time to Live removed have no producer.
    if matches!(source, Source::DynamoDb(_)) {
        taken.retain(|(_, answer)| !answer.is_null());
    }
    let most = match source {
        Source::Sqs(_) => SQS_BATCH,
        Source::Kinesis(_) => KINESIS_BATCH,
        _ => usize::MAX,
    };
    let mut answers: Vec<_> = taken
        .chunks(most)
        .map(|part| {
            let values: Vec<&Value> = part.iter().map(|(_, answer)| *answer).collect();
            Answer {
                items: part.iter().filter_map(|(item, _)| *item).collect(),
                view: acceptance(source, &values),
            }
        })
        .collect();
    answers.extend(refused);
    answers
}

fn acceptance(source: &Source, values: &[&Value]) -> CallerView {
    let (status, body, what) = match (source, values) {
        (Source::Sqs(_), [one]) => (
            Some(200),
            (*one).clone(),
            "SendMessage: SQS keeps the message",
        ),
        (Source::Sqs(_), many) => (
            Some(200),
            json!({"Successful": numbered(many)}),
            "SendMessageBatch: SQS keeps the messages",
        ),
        (Source::Kinesis(_), [one]) => (
            Some(200),
            (*one).clone(),
            "PutRecord: Kinesis keeps the record",
        ),
        (Source::Kinesis(_), many) => (
            Some(200),
            json!({"FailedRecordCount": 0, "Records": many}),
            "PutRecords: Kinesis keeps the records",
        ),
        (Source::DynamoDb(_), [one]) => {
            let what = match one.as_str() {
                Some("DeleteItem") => "DeleteItem: DynamoDB has made the change",
                Some("UpdateItem") => "UpdateItem: DynamoDB has made the change",
                _ => "PutItem: DynamoDB has made the change",
            };
            (Some(200), json!({}), what)
        }
        (Source::DynamoDb(_), _) => (
            Some(200),
            json!({}),
            "TransactWriteItems: DynamoDB has made the changes",
        ),
        (Source::Kafka(_), [one]) => (None, (*one).clone(), "The broker acknowledges the record"),
        (Source::Kafka(_), many) => (None, json!(many), "The broker acknowledges the records"),
        (Source::Mq(_), [_]) => (None, Value::Null, "The broker takes the message"),
        (Source::Mq(_), _) => (None, Value::Null, "The broker takes the messages"),
        (Source::DocumentDb(_), many) => (None, written(many), "DocumentDB has made the change"),
    };
    CallerView {
        status,
        body: match body {
            Value::Null => String::new(),
            body => body.to_string(),
        },
        ok: true,
        explanation: format!(
            "{what}. The call ends here, before the function is run: its result goes to Lambda's poller, and the producer \
             never hears of it."
        ),
        ..CallerView::default()
    }
}

/// The answers of a batch, each with the id that its request gave it.
fn numbered(values: &[&Value]) -> Vec<Value> {
    let numbered = values.iter().enumerate().map(|(number, value)| {
        let mut entry = json!({"Id": number.to_string()});
        if let (Value::Object(entry), Value::Object(answer)) = (&mut entry, value) {
            entry.extend(answer.clone());
        }
        entry
    });
    numbered.collect()
}

/// What the database answers to `insert`, `update` or `delete`; changes of several kinds are several calls.
fn written(kinds: &[&Value]) -> Value {
    let first = kinds.first().and_then(|kind| kind.as_str());
    if kinds.iter().any(|kind| kind.as_str() != first) {
        return Value::Null;
    }
    let count = kinds.len();
    match first {
        Some("insert" | "delete") => json!({"ok": 1, "n": count}),
        Some("update" | "replace") => json!({"ok": 1, "n": count, "nModified": count}),
        _ => json!({"ok": 1}),
    }
}

fn refusal(source: &Source, message: &str) -> CallerView {
    let (code, error) = match source {
        Source::Sqs(_) if message.contains("must contain the parameter") => (
            "MissingParameter",
            "com.amazon.coral.service#MissingRequiredParameterException",
        ),
        Source::Sqs(_) => (
            "InvalidParameterValue",
            "com.amazon.coral.service#InvalidParameterValueException",
        ),
        Source::Kinesis(_) => ("", "ValidationException"),
        // What is refused here is no call of theirs: the event holds no such change, or no such partition.
        Source::DynamoDb(_) | Source::Kafka(_) | Source::Mq(_) | Source::DocumentDb(_) => ("", ""),
    };
    let is_api = !error.is_empty();
    CallerView {
        status: is_api.then_some(400),
        headers: match code {
            "" => Vec::new(),
            code => vec![("x-amzn-query-error".to_owned(), format!("{code};Sender"))],
        },
        body: match is_api {
            true => json!({"__type": error, "message": message}).to_string(),
            false => String::new(),
        },
        ok: false,
        explanation: format!("{message} Nothing is stored, and the function is not run."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event_source::default;

    fn source(trigger: &str) -> Source {
        default::source(trigger, &Value::Null, 3).expect("a polled trigger")
    }

    fn taken(item: u32, answer: Value) -> Receipt {
        let item = ItemId(item);
        Receipt::Taken { item, answer }
    }

    #[test]
    fn eleven_messages_are_two_calls() {
        let receipts: Vec<_> = (0..11)
            .map(|item| taken(item, json!({"MessageId": item})))
            .collect();
        let answers = answers(&source("sqs"), &receipts);
        let sizes: Vec<_> = answers.iter().map(|answer| answer.items.len()).collect();
        assert_eq!(sizes, [10, 1]);
        let first: Value = serde_json::from_str(&answers[0].view.body).expect("JSON");
        assert_eq!(
            first.pointer("/Successful/9"),
            Some(&json!({"Id": "9", "MessageId": 9}))
        );
        assert_eq!(answers[1].view.body, r#"{"MessageId":10}"#);
    }

    #[test]
    fn what_is_refused_is_answered_alone() {
        let receipts = [
            taken(0, json!({"ShardId": "s"})),
            Receipt::Refused {
                message: "1 validation error detected".to_owned(),
            },
        ];
        let answers = answers(&source("kinesis"), &receipts);
        assert_eq!(answers[0].view.body, r#"{"ShardId":"s"}"#);
        assert_eq!(answers[1].view.status, Some(400));
        assert!(!answers[1].view.ok && answers[1].items.is_empty());
    }

    #[test]
    fn a_removal_by_time_to_live_has_no_producer() {
        let receipts = [taken(0, Value::Null)];
        assert_eq!(answers(&source("dynamodb"), &receipts), []);
        assert_eq!(answers(&source("mq"), &receipts).len(), 1);
    }
}
