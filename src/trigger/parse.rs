//! JSON as people type it: parsed, or explained.

use serde_json::Value;
use serde_json::error::Category;

use crate::problem::Problem;

/// Reads an event.
///
/// # Errors
/// What keeps the text from being JSON: line and column, counted from 1, the cause in plain words and the cure.
pub fn parse_event(text: &str) -> Result<Value, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| explain(text, &error))
}

fn explain(text: &str, error: &serde_json::Error) -> Problem {
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    // serde_json counts bytes; people count characters.
    let bytes = error.column().saturating_sub(1);
    let column = line
        .char_indices()
        .take_while(|(at, _)| *at < bytes)
        .count()
        + 1;
    let here = line.chars().nth(column - 1);
    let rest = line.get(bytes..).unwrap_or_default();
    let (cause, cure) = cause(text, error, here, rest);
    Problem::error(
        "event.json",
        format!("line {}, column {column}", error.line().max(1)),
        cause,
        cure,
    )
}

fn cause(
    text: &str,
    error: &serde_json::Error,
    here: Option<char>,
    rest: &str,
) -> (String, &'static str) {
    let message = error.to_string();
    let says = |words: &str| message.starts_with(words);
    if text.trim().is_empty() {
        return (
            "The event is empty.".to_owned(),
            "Lambda needs JSON; the smallest event is `{}`.",
        );
    }
    if error.classify() == Category::Eof {
        return (
            "The text ends in the middle: a string, list or object is still open.".to_owned(),
            "Look for a missing `\"`, `]` or `}`; perhaps not everything was copied.",
        );
    }
    if says("recursion limit") {
        return (
            "The event is nested too deeply.".to_owned(),
            "Lists and objects may lie in each other 127 deep.",
        );
    }
    if let Some(here @ ('\'' | '‘' | '’' | '“' | '”')) = here {
        return (
            format!("`{here}` is not a quotation mark in JSON."),
            "Use straight double quotes: `\"text\"`.",
        );
    }
    if rest.starts_with('/') || rest.starts_with('#') {
        return ("JSON has no comments.".to_owned(), "Remove it.");
    }
    if says("trailing comma") {
        return (
            "There is a comma before the closing bracket.".to_owned(),
            "Remove the comma after the last item.",
        );
    }
    if says("key must be a string") {
        return (
            "A name in an object is not in quotes.".to_owned(),
            "Write it in double quotes: `\"name\": …`.",
        );
    }
    if says("expected `:`") {
        return (
            "The `:` between a name and its value is missing.".to_owned(),
            "Write `\"name\": value`.",
        );
    }
    if says("expected `,`") {
        return (
            "Something is missing between two items, most likely a comma.".to_owned(),
            "Put a comma between them, or close the list or object.",
        );
    }
    if says("control character") {
        return (
            "A line break or tab stands inside a string.".to_owned(),
            "Write it as `\\n` or `\\t`, or close the string on its own line.",
        );
    }
    if says("invalid escape")
        || says("lone leading surrogate")
        || says("unexpected end of hex escape")
    {
        return (
            "A backslash in a string is followed by something JSON does not know.".to_owned(),
            "Write a backslash itself as `\\\\`, and characters by number as `\\u00e9`.",
        );
    }
    if says("number out of range") || says("invalid number") {
        return (
            "This is not a number that JSON can hold.".to_owned(),
            "Numbers look like `12`, `-0.5` or `1e6`, without leading zeros; anything else goes in quotes.",
        );
    }
    if says("trailing characters") {
        return (
            "There is something after the end of the event.".to_owned(),
            "An event is one value: remove the rest, or put both into a list.",
        );
    }
    if says("expected value") || says("expected ident") {
        return (
            "This is not a JSON value.".to_owned(),
            "Values are strings in double quotes, numbers, `true`, `false`, `null`, lists and objects.",
        );
    }
    let end = message.rfind(" at line").unwrap_or(message.len());
    (
        format!(
            "This is not JSON: {}.",
            message.get(..end).unwrap_or(&message)
        ),
        "Mend it there, or reset the event to the sample.",
    )
}
