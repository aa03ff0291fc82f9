//! What a function's response says about its batch, with `ReportBatchItemFailures` and with tumbling windows.
//!
//! Each rule was seen on AWS; see the reference, 6.1.

use serde_json::Value;

/// What a response says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is done: no list, an empty one, `null`, `{}`.
    Success,
    /// These items failed.
    Failed(Vec<Identifier>),
    /// The response is wrong, so the whole batch failed.
    Invalid,
}

/// An `itemIdentifier`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identifier {
    /// An SQS message id, or a Kinesis or DynamoDB sequence number.
    Name(String),
    /// A Kafka record.
    Offset {
        /// `topic-partition`.
        partition: String,
        /// Its offset.
        offset: u64,
    },
}

/// Reads a response. Whether its identifiers belong to the batch is for the caller to see: one that does not fails the
/// batch.
pub fn read(payload: &str) -> Verdict {
    if payload.trim().is_empty() {
        return Verdict::Success;
    }
    let Ok(response) = serde_json::from_str::<Value>(payload) else {
        return Verdict::Invalid;
    };
    let failures = match &response {
        Value::Null => return Verdict::Success,
        Value::Array(list) if list.is_empty() => return Verdict::Success,
        Value::Object(object) => object.get("batchItemFailures"),
        _ => return Verdict::Invalid,
    };
    match failures {
        None | Some(Value::Null) => Verdict::Success,
        Some(Value::Array(list)) if list.is_empty() => Verdict::Success,
        Some(Value::Array(list)) => list
            .iter()
            .map(identifier)
            .collect::<Option<Vec<_>>>()
            .map_or(Verdict::Invalid, Verdict::Failed),
        Some(_) => Verdict::Invalid,
    }
}

fn identifier(failure: &Value) -> Option<Identifier> {
    match failure.get("itemIdentifier")? {
        Value::String(name) if !name.is_empty() => Some(Identifier::Name(name.clone())),
        Value::Object(record) => Some(Identifier::Offset {
            partition: record.get("partition")?.as_str()?.to_owned(),
            offset: record.get("offset")?.as_u64()?,
        }),
        _ => None,
    }
}

/// The state that a tumbling window's invocation hands on, as JSON text; none fails the invocation.
pub fn state(payload: &str) -> Option<String> {
    let response = serde_json::from_str::<Value>(payload).ok()?;
    match response.get("state")? {
        Value::Null => None,
        state => Some(state.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference 6.1: partial response handling, verified.
    #[test]
    fn empty_answers_mean_success() {
        for payload in [
            "",
            "null",
            "{}",
            "[]",
            r#"{"batchItemFailures":[]}"#,
            r#"{"batchItemFailures":null}"#,
        ] {
            assert_eq!(read(payload), Verdict::Success, "{payload}");
        }
    }

    /// Reference 6.1: bad key, empty or null identifier.
    #[test]
    fn malformed_answers_fail_the_batch() {
        for payload in [
            r#"{"batchItemFailures":[{"foo":"a"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":"a"}"#,
            r#""a""#,
            "{",
        ] {
            assert_eq!(read(payload), Verdict::Invalid, "{payload}");
        }
    }

    #[test]
    fn items_are_named_by_id_or_by_partition_and_offset() {
        let named = r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#;
        let names = ["a", "b"].map(|name| Identifier::Name(name.to_owned()));
        assert_eq!(read(named), Verdict::Failed(names.to_vec()));
        let kafka =
            r#"{"batchItemFailures":[{"itemIdentifier":{"partition":"orders-0","offset":7}}]}"#;
        let record = Identifier::Offset {
            partition: "orders-0".to_owned(),
            offset: 7,
        };
        assert_eq!(read(kafka), Verdict::Failed(vec![record]));
    }

    /// Reference 6.2: a missing state is a failed batch.
    #[test]
    fn a_window_needs_a_state() {
        assert_eq!(state(r#"{"state":{"1":282}}"#), Some(r#"{"1":282}"#.into()));
        for payload in ["null", "{}", r#"{"state":null}"#, "x"] {
            assert_eq!(state(payload), None, "{payload}");
        }
    }
}
