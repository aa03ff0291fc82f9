//! Comparing an edited event with the shape that real ones have.
//!
//! Findings are warnings: an unusual event is the visitor's right, and a test of a function's defences.

use serde_json::Value;

use crate::problem::Problem;

/// The cure of nearly everything here.
pub(super) const RESET: &str = "If this is not on purpose, reset the event to the sample.";

/// What a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Object,
    /// An object whose values are all strings.
    Texts,
    /// A list of strings.
    TextList,
}

/// A key that events have: its path, what it holds, whether each of them has it.
pub(super) type Key = (&'static str, Kind, bool);

/// Compares `event` with the keys that real events of `source` have. `at` is its JSON path.
pub(super) fn shape(event: &Value, at: &str, source: &str, keys: &[Key]) -> Vec<Problem> {
    if !event.is_object() {
        return vec![wrong_kind(at, event, "an object", source)];
    }
    let mut problems: Vec<Problem> = Vec::new();
    for (path, kind, always) in keys {
        let mut value = Some(event);
        for key in path.split('.') {
            value = value.and_then(|value| value.get(key));
        }
        let place = format!("{at}.{path}");
        match value {
            // What lies in something missing or mistyped was already said.
            _ if problems
                .iter()
                .any(|problem| place.starts_with(&format!("{}.", problem.place))) => {}
            None if *always => problems.push(Problem::warning(
                "event.missing",
                place,
                format!("Every event from {source} has this key; this one does not."),
                RESET,
            )),
            None => {}
            Some(value) => problems.extend(of_kind(&place, value, *kind, source)),
        }
    }
    problems
}

fn of_kind(place: &str, value: &Value, kind: Kind, source: &str) -> Option<Problem> {
    let (fits, wanted) = match kind {
        Kind::Text => (value.is_string(), "a string"),
        Kind::Number => (value.is_number(), "a number"),
        Kind::Bool => (value.is_boolean(), "`true` or `false`"),
        Kind::Object => (value.is_object(), "an object"),
        Kind::Texts => (
            value
                .as_object()
                .is_some_and(|object| object.values().all(Value::is_string)),
            "an object of strings",
        ),
        Kind::TextList => (
            value
                .as_array()
                .is_some_and(|list| list.iter().all(Value::is_string)),
            "a list of strings",
        ),
    };
    (!fits).then(|| wrong_kind(place, value, wanted, source))
}

/// The finding that a value is of another kind than in real events.
pub(super) fn wrong_kind(place: &str, value: &Value, wanted: &str, source: &str) -> Problem {
    Problem::warning(
        "event.kind",
        place,
        format!(
            "In events from {source} this is {wanted}; here it is {}.",
            name(value)
        ),
        RESET,
    )
}

/// A value's kind in words.
pub(super) fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
