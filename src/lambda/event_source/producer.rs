//! What the producer sees: whoever sends to a source that Lambda polls.
//!
//! The call ends at the source, with the source's answer. What one event of the scenario holds is sent as one request, or as
//! few as the source's API takes; what it refuses is sent alone. A load makes an answer for each of its requests, so an
//! answer is small: what all of them say is added when somebody looks.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{ItemId, Items, Source};
use crate::lambda::event::CallerView;

/// Most messages of one `SendMessageBatch`.
const SQS_BATCH: usize = 10;

/// Most records of one `PutRecords`.
const KINESIS_BATCH: usize = 500;

/// What a source's API says to one message or record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored.
    Taken {
        /// As what.
        item: ItemId,
        /// SQS, Kinesis, Kafka: the answer, or the record's part of it, as JSON text. DynamoDB and DocumentDB: the kind of
        /// change. Empty when nobody gets an answer, or there is nothing in it.
        answer: String,
    },
    /// Accepted, but one like it is there already.
    NotKept {
        /// The answer, the same as that to the first.
        answer: String,
    },
    /// Refused.
    Refused {
        /// In the API's words.
        message: String,
    },
}

/// The request that a producer made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// SQS.
    SendMessage,
    /// SQS, up to ten messages.
    SendMessageBatch,
    /// Kinesis.
    PutRecord,
    /// Kinesis, up to 500 records.
    PutRecords,
    /// DynamoDB.
    PutItem,
    /// DynamoDB.
    UpdateItem,
    /// DynamoDB.
    DeleteItem,
    /// DynamoDB, several changes.
    TransactWriteItems,
    /// Records for a Kafka topic.
    Produce,
    /// Messages for a broker's queue.
    Publish,
    /// Changes of a DocumentDB collection.
    Write,
}

/// What a producer is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// To which request.
    pub request: Request,
    /// Whether the source took it.
    pub ok: bool,
    /// The response's body, JSON or empty; of a refusal the source's message.
    pub text: Box<str>,
}

/// The answers to whoever put in what these receipts are for, and what was taken by each request.
pub fn answers(source: &Source, receipts: &[Receipt]) -> Vec<(Items, Answer)> {
    let mut taken: Vec<(Option<ItemId>, &str)> = Vec::new();
    let mut refused = Vec::new();
    for receipt in receipts {
        match receipt {
            Receipt::Taken { item, answer } => taken.push((Some(*item), answer)),
            Receipt::NotKept { answer } => taken.push((None, answer)),
            Receipt::Refused { message } => refused.push((
                Items::default(),
                Answer {
                    request: request(source, 1, ""),
                    ok: false,
                    text: message.as_str().into(),
                },
            )),
        }
    }
    // Items that a table's Time to Live removed have no producer.
    if matches!(source, Source::DynamoDb(_)) {
        taken.retain(|(_, answer)| !answer.is_empty());
    }
    let most = match source {
        Source::Sqs(_) => SQS_BATCH,
        Source::Kinesis(_) => KINESIS_BATCH,
        _ => usize::MAX,
    };
    let mut answers: Vec<_> = taken
        .chunks(most)
        .map(|part| {
            let texts: Vec<&str> = part.iter().map(|(_, answer)| *answer).collect();
            let request = request(source, texts.len(), texts.first().unwrap_or(&""));
            let answer = Answer {
                request,
                ok: true,
                text: body(request, &texts).into(),
            };
            (part.iter().filter_map(|(item, _)| *item).collect(), answer)
        })
        .collect();
    answers.extend(refused);
    answers
}

fn request(source: &Source, count: usize, kind: &str) -> Request {
    match source {
        Source::Sqs(_) if count == 1 => Request::SendMessage,
        Source::Sqs(_) => Request::SendMessageBatch,
        Source::Kinesis(_) if count == 1 => Request::PutRecord,
        Source::Kinesis(_) => Request::PutRecords,
        Source::DynamoDb(_) if count > 1 => Request::TransactWriteItems,
        Source::DynamoDb(_) => match kind {
            "REMOVE" => Request::DeleteItem,
            "MODIFY" => Request::UpdateItem,
            _ => Request::PutItem,
        },
        Source::Kafka(_) => Request::Produce,
        Source::Mq(_) => Request::Publish,
        Source::DocumentDb(_) => Request::Write,
    }
}

fn body(request: Request, texts: &[&str]) -> String {
    match (request, texts) {
        (Request::SendMessageBatch, many) => {
            // Each answer begins with the id that its request gave it.
            let entries = many.iter().enumerate().map(|(id, answer)| {
                let rest = answer.strip_prefix('{').unwrap_or(answer);
                format!(r#"{{"Id":"{id}",{rest}"#)
            });
            format!(
                r#"{{"Successful":[{}]}}"#,
                entries.collect::<Vec<_>>().join(",")
            )
        }
        (Request::PutRecords, many) => {
            format!(
                r#"{{"FailedRecordCount":0,"Records":[{}]}}"#,
                many.join(",")
            )
        }
        (Request::SendMessage | Request::PutRecord | Request::Produce, [one]) => (*one).to_owned(),
        (Request::SendMessage | Request::PutRecord | Request::Produce, many) => {
            format!("[{}]", many.join(","))
        }
        (
            Request::PutItem
            | Request::UpdateItem
            | Request::DeleteItem
            | Request::TransactWriteItems,
            _,
        ) => "{}".to_owned(),
        (Request::Publish, _) => String::new(),
        (Request::Write, kinds) => written(kinds),
    }
}

/// What the database answers to `insert`, `update` or `delete`; changes of several kinds are several calls.
fn written(kinds: &[&str]) -> String {
    let first = kinds.first().copied().unwrap_or_default();
    if kinds.iter().any(|kind| *kind != first) {
        return String::new();
    }
    let count = kinds.len();
    match first {
        "insert" | "delete" => json!({"ok": 1, "n": count}),
        "update" | "replace" => json!({"ok": 1, "n": count, "nModified": count}),
        _ => json!({"ok": 1}),
    }
    .to_string()
}

impl Request {
    /// What the source has done, when it took it.
    fn done(self) -> &'static str {
        match self {
            Self::SendMessage => "SendMessage: SQS keeps the message.",
            Self::SendMessageBatch => "SendMessageBatch: SQS keeps the messages.",
            Self::PutRecord => "PutRecord: Kinesis keeps the record.",
            Self::PutRecords => "PutRecords: Kinesis keeps the records.",
            Self::PutItem => "PutItem: DynamoDB has made the change.",
            Self::UpdateItem => "UpdateItem: DynamoDB has made the change.",
            Self::DeleteItem => "DeleteItem: DynamoDB has made the change.",
            Self::TransactWriteItems => "TransactWriteItems: DynamoDB has made the changes.",
            Self::Produce => "The broker has acknowledged what was sent.",
            Self::Publish => "The broker has taken what was sent.",
            Self::Write => "DocumentDB has made what changes were asked for.",
        }
    }

    /// How its API calls a refusal: the error code in a header, if there is one, and the error's type. None when what is
    /// refused is no call of theirs, but an event that holds no such change or partition.
    fn error(self, message: &str) -> Option<(Option<&'static str>, &'static str)> {
        Some(match self {
            Self::SendMessage | Self::SendMessageBatch
                if message.contains("must contain the parameter") =>
            {
                (
                    Some("MissingParameter"),
                    "com.amazon.coral.service#MissingRequiredParameterException",
                )
            }
            Self::SendMessage | Self::SendMessageBatch => (
                Some("InvalidParameterValue"),
                "com.amazon.coral.service#InvalidParameterValueException",
            ),
            Self::PutRecord | Self::PutRecords => (None, "ValidationException"),
            _ => return None,
        })
    }
}

impl Answer {
    /// The answer as its sender sees it.
    pub fn view(&self) -> CallerView {
        if !self.ok {
            return self.refusal();
        }
        let has_status = !matches!(
            self.request,
            Request::Produce | Request::Publish | Request::Write
        );
        CallerView {
            status: has_status.then_some(200),
            headers: Vec::new(),
            body: self.text.to_string(),
            ok: true,
            explanation: format!(
                "{} The call ends here, before the function is run: its result goes to Lambda's poller, and the producer \
                 never hears of it.",
                self.request.done()
            ),
        }
    }

    fn refusal(&self) -> CallerView {
        let error = self.request.error(&self.text);
        let code = error.and_then(|(code, _)| code);
        let code = code.map(|code| ("x-amzn-query-error".to_owned(), format!("{code};Sender")));
        CallerView {
            status: error.map(|_| 400),
            headers: code.into_iter().collect(),
            body: error.map_or_else(String::new, |(_, error)| {
                json!({"__type": error, "message": &*self.text}).to_string()
            }),
            ok: false,
            explanation: format!(
                "{} Nothing is stored, and the function is not run.",
                self.text
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event_source::default;
    use serde_json::Value;

    fn source(trigger: &str) -> Source {
        default::source(trigger, &Value::Null, 3).expect("a polled trigger")
    }

    fn taken(item: u32, answer: &str) -> Receipt {
        Receipt::Taken {
            item: ItemId(item),
            answer: answer.to_owned(),
        }
    }

    #[test]
    fn eleven_messages_are_two_calls() {
        let receipts: Vec<_> = (0..11)
            .map(|item| taken(item, &json!({"MessageId": item}).to_string()))
            .collect();
        let answers = answers(&source("sqs"), &receipts);
        let sizes: Vec<_> = answers.iter().map(|(items, _)| items.len()).collect();
        assert_eq!(sizes, [10, 1]);
        let first: Value = serde_json::from_str(&answers[0].1.text).expect("JSON");
        assert_eq!(
            first.pointer("/Successful/9"),
            Some(&json!({"Id": "9", "MessageId": 9}))
        );
        assert_eq!(answers[1].1.view().body, r#"{"MessageId":10}"#);
    }

    #[test]
    fn what_is_refused_is_answered_alone() {
        let message = "1 validation error detected".to_owned();
        let receipts = [taken(0, r#"{"ShardId":"s"}"#), Receipt::Refused { message }];
        let answers = answers(&source("kinesis"), &receipts);
        assert_eq!(answers[0].1.view().body, r#"{"ShardId":"s"}"#);
        let (items, refusal) = (&answers[1].0, answers[1].1.view());
        assert_eq!(refusal.status, Some(400));
        assert!(!refusal.ok && items.is_empty());
    }

    #[test]
    fn a_removal_by_time_to_live_has_no_producer() {
        let receipts = [taken(0, "")];
        assert_eq!(answers(&source("dynamodb"), &receipts), []);
        assert_eq!(answers(&source("mq"), &receipts).len(), 1);
    }

    #[test]
    fn each_source_answers_in_its_own_words() {
        let two = |answer| [taken(0, answer), taken(1, answer)];
        for (trigger, receipts, status, body) in [
            (
                "kinesis",
                two(r#"{"ShardId":"s"}"#),
                Some(200),
                r#"{"FailedRecordCount":0,"Records":[{"ShardId":"s"},{"ShardId":"s"}]}"#,
            ),
            ("dynamodb", two("INSERT"), Some(200), "{}"),
            (
                "kafka",
                two(r#"{"offset":1}"#),
                None,
                r#"[{"offset":1},{"offset":1}]"#,
            ),
            ("mq", two(""), None, ""),
            ("documentdb", two("insert"), None, r#"{"ok":1,"n":2}"#),
        ] {
            let answers = answers(&source(trigger), &receipts);
            let [(items, answer)] = &answers[..] else {
                panic!("{trigger}: one answer");
            };
            let view = answer.view();
            assert_eq!((view.status, view.body.as_str()), (status, body));
            assert_eq!(items.len(), 2);
        }
    }
}
