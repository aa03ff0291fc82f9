//! JSON as text: tokens for colouring, pretty printing, and where it is broken.

use serde_json::Value;

use crate::problem::Problem;
use crate::ui::words;

/// What a stretch of JSON text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A key of an object, quotes included.
    Key,
    /// A string value, quotes included.
    Text,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Word,
    /// Braces, commas, spaces and whatever is not JSON.
    Plain,
}

impl Token {
    /// Its name in style sheets.
    pub fn class(self) -> &'static str {
        match self {
            Self::Key => "j-key",
            Self::Text => "j-text",
            Self::Number => "j-number",
            Self::Word => "j-word",
            Self::Plain => "j-plain",
        }
    }
}

/// Cuts text into coloured stretches; together they are the whole text, whether it is JSON or not.
pub fn tokens(text: &str) -> Vec<(Token, &str)> {
    let mut found: Vec<(Token, &str)> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' => {
                let length = string_length(rest);
                let after = rest.get(length..).unwrap_or_default();
                if after.trim_start().starts_with(':') {
                    (Token::Key, length)
                } else {
                    (Token::Text, length)
                }
            }
            '-' | '0'..='9' => (
                Token::Number,
                run_length(rest, |c| {
                    matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')
                }),
            ),
            'a'..='z' => (Token::Word, run_length(rest, |c| c.is_ascii_alphabetic())),
            _ => (
                Token::Plain,
                run_length(rest, |c| !matches!(c, '"' | '-' | '0'..='9' | 'a'..='z')),
            ),
        };
        let (stretch, tail) = rest.split_at(length.max(first.len_utf8()).min(rest.len()));
        found.push((token, stretch));
        rest = tail;
    }
    found
}

/// Length in bytes of the string literal at the start, or to the end of its line when it is not closed.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (index, char) in text.char_indices().skip(1) {
        match char {
            '\n' => return index,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|char| !belongs(char)).unwrap_or(text.len())
}

/// The text with two spaces of indentation, when it is JSON; as it is otherwise.
pub fn pretty(text: &str) -> String {
    serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}

/// Parses an event.
///
/// # Errors
/// When it is not JSON: where, why, and what to do.
pub fn parse(text: &str) -> Result<Value, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::error(
            "event.empty",
            "",
            "The event is empty.",
            "Write a JSON value, at least {}, or take the sample back.",
        ));
    }
    serde_json::from_str(text).map_err(|error| {
        let told = error.to_string();
        // The place is told on its own.
        let cause = told.split(" at line ").next().unwrap_or(&told);
        let cause = format!("{}.", words::capitalised(cause));
        Problem::error(
            "event.json",
            format!("line {}, column {}", error.line(), error.column()),
            cause,
            "Lambda takes only JSON events. Mend it there, or take the sample back.",
        )
    })
}

/// The line that a [`parse`] problem names, from 1.
pub fn line_of(problem: &Problem) -> Option<usize> {
    problem
        .place
        .strip_prefix("line ")?
        .split(',')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_cover_the_text() {
        for text in [
            "",
            "{\"a\": [1, -2.5e3, \"x\\\"y\", true]}",
            "{\"open",
            "äöü \u{1F600} \"é\"",
            "}{",
        ] {
            let joined: String = tokens(text).into_iter().map(|(_, part)| part).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn keys_and_values_are_told_apart() {
        let kinds: Vec<Token> = tokens("{\"a\" :\"b\",\"c\":1}")
            .into_iter()
            .map(|(token, _)| token)
            .filter(|token| *token != Token::Plain)
            .collect();
        assert_eq!(kinds, [Token::Key, Token::Text, Token::Key, Token::Number]);
    }

    #[test]
    fn broken_json_names_its_line() {
        let problem = parse("{\n  \"a\": 1,\n}").unwrap_err();
        assert_eq!(line_of(&problem), Some(3));
    }
}
