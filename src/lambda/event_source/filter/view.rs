//! What filter patterns see of a record: per source, and only the parts that they name.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::lambda::pattern::Pattern;

/// A record as filters see it.
pub(in crate::lambda::event_source) trait View {
    /// The value under a key at the top.
    fn root(&self, key: &str) -> Option<Value>;

    /// The key that holds what the sender wrote.
    fn data_keys(&self) -> &'static [&'static str];

    /// Whether strings are compared as well as JSON. Otherwise only JSON passes a filter on the data.
    fn plain_strings(&self) -> bool;

    /// Whether pattern and data are of the same kind. A pattern for JSON drops plain strings and the reverse, whatever the
    /// pattern says.
    fn fits(&self, pattern: &Pattern, record: &Value) -> bool {
        self.data_keys()
            .iter()
            .all(|key| match pattern.is_object_at(key) {
                None => true,
                Some(wants_json) => match record.get(key) {
                    Some(Value::Object(_) | Value::Array(_)) => wants_json,
                    Some(_) => !wants_json && self.plain_strings(),
                    None => !wants_json,
                },
            })
    }
}

/// A text as JSON when it holds an object or a list, else as a string.
pub(in crate::lambda::event_source) fn json_or_string(text: &str) -> Value {
    let starts = text.trim_start().as_bytes().first().copied();
    if matches!(starts, Some(b'{' | b'['))
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    Value::String(text.to_owned())
}

/// An SQS message: the body is all that can be filtered on.
pub(in crate::lambda::event_source) struct Message<'a>(pub &'a str);

impl View for Message<'_> {
    fn root(&self, key: &str) -> Option<Value> {
        (key == "body").then(|| json_or_string(self.0))
    }

    fn data_keys(&self) -> &'static [&'static str] {
        &["body"]
    }

    fn plain_strings(&self) -> bool {
        true
    }
}

/// A stream's record: as the event shows it, with the data decoded.
pub(in crate::lambda::event_source) struct Rendered<'a> {
    /// The record as it stands in the event, JSON text.
    pub json: &'a str,
    /// The object that holds the record's properties, when they are not at the top (Kinesis).
    pub inner: Option<&'static str>,
    /// Keys whose base64 text is decoded.
    pub encoded: &'static [&'static str],
    /// Whether plain strings can be filtered on.
    pub strings: bool,
}

impl View for Rendered<'_> {
    fn root(&self, key: &str) -> Option<Value> {
        let mut record: Value = serde_json::from_str(self.json).ok()?;
        let mut value = record.get_mut(key).map(Value::take);
        if value.is_none()
            && let Some(inner) = self.inner
        {
            value = record.get_mut(inner)?.get_mut(key).map(Value::take);
        }
        match value? {
            Value::String(text) if self.encoded.contains(&key) => {
                let bytes = STANDARD.decode(text).ok()?;
                String::from_utf8(bytes)
                    .ok()
                    .map(|text| json_or_string(&text))
            }
            value => Some(value),
        }
    }

    fn data_keys(&self) -> &'static [&'static str] {
        self.encoded
    }

    fn plain_strings(&self) -> bool {
        self.strings
    }
}

#[cfg(test)]
mod tests {
    use super::super::Filter;
    use super::*;
    use crate::lambda::event_source::settings::{FilterCriteria, FilterPattern};

    fn filter(pattern: &str) -> Filter {
        Filter::new(Some(&FilterCriteria {
            filters: vec![FilterPattern {
                pattern: pattern.to_owned(),
            }],
        }))
    }

    /// Reference 6.4: body JSON vs string pattern, or the reverse, is dropped.
    #[test]
    fn a_body_and_its_pattern_are_of_one_kind() {
        let json = r#"{"body":{"x":["1"]}}"#;
        let string = r#"{"body":[{"prefix":"Result"}]}"#;
        let absent = r#"{"body":{"x":[{"exists":false}]}}"#;
        let cases = [
            (json, r#"{"x":"1"}"#, true),
            (json, r#"{"x":"2"}"#, false),
            (json, "Result", false),
            (string, "Result: 5", true),
            (string, r#"{"x":"1"}"#, false),
            (absent, r#"{"y":"1"}"#, true),
            (absent, "plain", false),
        ];
        for (pattern, body, admitted) in cases {
            assert_eq!(
                filter(pattern).admits(&Message(body)),
                admitted,
                "{pattern} {body}"
            );
        }
    }

    /// Reference 6.4: Kinesis data is decoded; what is not JSON is dropped.
    #[test]
    fn kinesis_data_is_decoded_json() {
        let record = |data: &str| {
            format!(
                r#"{{"kinesis":{{"partitionKey":"p","data":"{}"}},"eventName":"aws:kinesis:record"}}"#,
                STANDARD.encode(data)
            )
        };
        let admits = |pattern: &str, data: &str| {
            filter(pattern).admits(&Rendered {
                json: &record(data),
                inner: Some("kinesis"),
                encoded: &["data"],
                strings: false,
            })
        };
        assert!(admits(r#"{"data":{"x":[1]}}"#, r#"{"x":1}"#));
        assert!(!admits(r#"{"data":{"x":[1]}}"#, "text"));
        assert!(!admits(r#"{"data":["text"]}"#, "text"));
        assert!(admits(r#"{"partitionKey":["p"]}"#, "text"));
        assert!(admits(r#"{"eventName":["aws:kinesis:record"]}"#, "text"));
    }

    #[test]
    fn one_filter_of_several_is_enough() {
        let patterns = [r#"{"body":{"x":[1]}}"#, r#"{"body":{"x":[2]}}"#];
        let filters = patterns.map(|pattern| FilterPattern {
            pattern: pattern.to_owned(),
        });
        let filter = Filter::new(Some(&FilterCriteria {
            filters: filters.to_vec(),
        }));
        assert!(filter.admits(&Message(r#"{"x":2}"#)));
        assert!(!filter.admits(&Message(r#"{"x":3}"#)));
        assert!(Filter::default().admits(&Message("anything")));
    }
}
