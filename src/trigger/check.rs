//! Comparing an edited event with the shape that real ones have.
//!
//! Findings are warnings: an unusual event is the visitor's right, and a test of a function's defences.

use serde_json::Value;

use crate::problem::Problem;

/// The cure of nearly everything here.
pub(super) const RESET: &str = "If this is not on purpose, reset the event to the sample.";

/// The finding that a key is not there.
pub(super) fn missing(place: &str, sender: &str) -> Problem {
    Problem::warning(
        "event.missing",
        place,
        format!("Every event from {sender} has this key; this one does not."),
        RESET,
    )
}

/// The finding that a value is of another kind than in real events.
pub(super) fn wrong_kind(place: &str, value: &Value, wanted: &str, sender: &str) -> Problem {
    Problem::warning(
        "event.kind",
        place,
        format!(
            "In events from {sender} this is {wanted}; here it is {}.",
            name(value)
        ),
        RESET,
    )
}

/// The finding that a value is not the one that all real events have.
pub(super) fn other_value(place: &str, wanted: &Value, sender: &str) -> Problem {
    let wanted = match wanted {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    value(
        place,
        format!("In events from {sender} this is `{wanted}`."),
        RESET,
    )
}

/// The finding that a value is not as it would be in real events.
pub(super) fn value(place: &str, cause: impl Into<String>, cure: impl Into<String>) -> Problem {
    Problem::warning("event.value", place, cause, cure)
}

/// The finding that something says it is base64 and is not.
pub(super) fn not_base64(place: &str) -> Problem {
    value(
        place,
        "In real events this is base64; this text is not.",
        "Encode the data.",
    )
}

/// The string that a JSON pointer leads to.
pub(super) fn text<'a>(event: &'a Value, pointer: &str) -> &'a str {
    event
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
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
