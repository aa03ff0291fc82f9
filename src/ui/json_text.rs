//! JSON as text: tokens for colouring, pretty printing, and where it is broken.

use serde::de::IgnoredAny;

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
    if !is_json(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '"' => {
                length = string_length(rest);
                out.push_str(rest.get(..length).unwrap_or_default());
            }
            '{' | '[' => {
                out.push(first);
                let inside = rest.get(length..).unwrap_or_default().trim_start();
                if let Some(close) = inside.chars().next().filter(|c| matches!(c, '}' | ']')) {
                    out.push(close);
                    length = rest.len() - inside.len() + close.len_utf8();
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push(first);
            }
            ',' => {
                out.push(first);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    // Brackets in brackets without end would else cost the square of their number.
    out.extend(std::iter::repeat_n("  ", depth.min(DEEPEST)));
}

/// Brackets within so many others are neither indented further nor folded on their own.
const DEEPEST: usize = 24;

/// A part of indented JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Branch<'t> {
    /// A line.
    Leaf(&'t str),
    /// What stands in brackets over several lines.
    Fold {
        /// The line that opens it.
        open: &'t str,
        /// What is in it.
        inside: Vec<Branch<'t>>,
        /// The line that closes it.
        close: &'t str,
    },
}

/// The tree of a text that [`pretty`] has indented; its lines in their order are the whole text.
pub fn tree(indented: &str) -> Vec<Branch<'_>> {
    branches(&mut indented.lines(), 0).0
}

/// What comes up to the line that closes it, and that line.
fn branches<'t>(
    lines: &mut std::str::Lines<'t>,
    depth: usize,
) -> (Vec<Branch<'t>>, Option<&'t str>) {
    let mut found = Vec::new();
    // Brackets that are open and not folded.
    let mut flat = 0_usize;
    while let Some(line) = lines.next() {
        if line.trim_start().starts_with(['}', ']']) {
            if flat == 0 {
                return (found, Some(line));
            }
            flat -= 1;
        } else if line.ends_with(['{', '[']) {
            if depth < DEEPEST {
                let (inside, close) = branches(lines, depth + 1);
                found.push(Branch::Fold {
                    open: line,
                    inside,
                    close: close.unwrap_or_default(),
                });
                continue;
            }
            flat += 1;
        }
        found.push(Branch::Leaf(line));
    }
    (found, None)
}

/// Whether it is one JSON value. Nothing is built of it: what is inside is the worker's business.
pub fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Checks that an event is JSON.
///
/// # Errors
/// When it is not JSON: where, why, and what to do.
pub fn check(text: &str) -> Result<(), Problem> {
    if text.trim().is_empty() {
        return Err(Problem::error(
            "event.empty",
            "",
            "The event is empty.",
            "Write a JSON value, at least {}, or take the sample back.",
        ));
    }
    let read = serde_json::from_str::<IgnoredAny>(text);
    read.map(drop).map_err(|error| {
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

/// The line that a [`check`] problem names, from 1.
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
    fn what_is_indented_means_the_same() {
        for text in [
            "{\"a\":[1,2.50,{}],\"b\":{\"c\":[ ]},\"d\":\"x, {y}: \\\"z\"}",
            " 12345678901234567890 ",
            "[[],[[]],null]",
            "\"\"",
        ] {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let indented = pretty(text);
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&indented).unwrap(),
                value
            );
            assert_eq!(pretty(&indented), indented);
        }
        assert_eq!(
            pretty("{\"a\":[1,2.50,{}],\"b\":\"\"}"),
            "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": \"\"\n}"
        );
        assert_eq!(pretty("{\"a\":"), "{\"a\":");
    }

    fn lines<'t>(branches: &[Branch<'t>], out: &mut Vec<&'t str>) {
        for branch in branches {
            match branch {
                Branch::Leaf(line) => out.push(line),
                Branch::Fold {
                    open,
                    inside,
                    close,
                } => {
                    out.push(open);
                    lines(inside, out);
                    out.push(close);
                }
            }
        }
    }

    #[test]
    fn a_tree_folds_brackets_and_loses_no_line() {
        let text = pretty("{\"a\":{\"b\":[1,{}]},\"c\":\"{\"}");
        let tree = tree(&text);
        let [Branch::Fold { inside, close, .. }] = &tree[..] else {
            panic!("{tree:?}");
        };
        assert_eq!((inside.len(), *close), (2, "}"));
        assert_eq!(inside[1], Branch::Leaf("  \"c\": \"{\""));
        let mut all = Vec::new();
        lines(&tree, &mut all);
        assert_eq!(all.join("\n"), text);
        assert_eq!(super::tree("17"), [Branch::Leaf("17")]);
    }

    #[test]
    fn brackets_without_end_are_shown_without_end_of_memory() {
        let text = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let indented = pretty(&text);
        assert!(indented.len() < 100 * text.len());
        let mut all = Vec::new();
        lines(&tree(&indented), &mut all);
        assert_eq!(all.join("\n"), indented);
    }

    #[test]
    fn broken_json_names_its_line() {
        let problem = check("{\n  \"a\": 1,\n}").unwrap_err();
        assert_eq!(line_of(&problem), Some(3));
    }
}
