//! Just enough JSON for examples of one file: `#[path = "../include/json.rs"] mod json;`. Numbers keep their text.

#![allow(dead_code)] // no function needs all of it

use std::fmt;

/// A JSON value.
#[derive(Clone)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

static NULL: Json = Json::Null;

/// Deeper values are not read: an example's stack is small.
const DEEPEST: usize = 100;

impl Json {
    /// Reads a text; what is no JSON is null.
    pub fn parse(text: &str) -> Self {
        Reader { rest: text.as_bytes() }.value(0).unwrap_or(Json::Null)
    }

    /// What is under a path of keys and indices, such as `Records.0.s3`; null when there is nothing.
    pub fn at(&self, path: &str) -> &Json {
        path.split('.').fold(self, |value, step| match value {
            Json::Object(members) => members
                .iter()
                .find(|(key, _)| key == step)
                .map_or(&NULL, |(_, value)| value),
            Json::List(list) => step.parse().ok().and_then(|index: usize| list.get(index)).unwrap_or(&NULL),
            _ => &NULL,
        })
    }

    /// A member whose key may hold dots.
    pub fn get(&self, wanted: &str) -> &Json {
        match self {
            Json::Object(members) => members.iter().find(|(key, _)| key == wanted).map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    /// The text at a path; empty when there is none.
    pub fn text(&self, path: &str) -> &str {
        match self.at(path) {
            Json::Text(text) | Json::Number(text) => text,
            _ => "",
        }
    }

    /// The list at a path; empty when there is none.
    pub fn list(&self, path: &str) -> &[Json] {
        match self.at(path) {
            Json::List(list) => list,
            _ => &[],
        }
    }

    /// The members of an object; none of anything else.
    pub fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The same object with one member put in or replaced.
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Json {
        if !matches!(self, Json::Object(_)) {
            self = Json::Object(Vec::new());
        }
        if let Json::Object(members) = &mut self {
            let value = value.into();
            match members.iter_mut().find(|(known, _)| known == key) {
                Some(member) => member.1 = value,
                None => members.push((key.to_owned(), value)),
            }
        }
        self
    }
}

/// An object with these members.
pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Json::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Json::Text(text)
    }
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Json::Bool(flag)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Json::Number(number.to_string())
    }
}

impl From<Vec<Json>> for Json {
    fn from(list: Vec<Json>) -> Self {
        Json::List(list)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(flag) => write!(f, "{flag}"),
            Json::Number(text) => f.write_str(text),
            Json::Text(text) => quoted(text, f),
            Json::List(list) => {
                f.write_str("[")?;
                for (index, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    f.write_str(if index > 0 { "," } else { "" })?;
                    quoted(key, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    for character in text.chars() {
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            control if control < ' ' => write!(f, "\\u{:04x}", control as u32)?,
            other => write!(f, "{other}")?,
        }
    }
    f.write_str("\"")
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    fn take(&mut self, wanted: &[u8]) -> Option<()> {
        self.peek()?;
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        if depth > DEEPEST {
            return None;
        }
        Some(match self.peek()? {
            b'{' => {
                self.take(b"{")?;
                let mut members = Vec::new();
                while self.peek()? != b'}' {
                    let key = self.string()?;
                    self.take(b":")?;
                    members.push((key, self.value(depth + 1)?));
                    if self.take(b",").is_none() {
                        break;
                    }
                }
                self.take(b"}")?;
                Json::Object(members)
            }
            b'[' => {
                self.take(b"[")?;
                let mut list = Vec::new();
                while self.peek()? != b']' {
                    list.push(self.value(depth + 1)?);
                    if self.take(b",").is_none() {
                        break;
                    }
                }
                self.take(b"]")?;
                Json::List(list)
            }
            b'"' => Json::Text(self.string()?),
            b't' => self.take(b"true").map(|()| Json::Bool(true))?,
            b'f' => self.take(b"false").map(|()| Json::Bool(false))?,
            b'n' => self.take(b"null").map(|()| Json::Null)?,
            _ => {
                let end = self
                    .rest
                    .iter()
                    .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at_checked(end).filter(|(number, _)| !number.is_empty())?;
                self.rest = rest;
                Json::Number(String::from_utf8_lossy(number).into_owned())
            }
        })
    }

    fn string(&mut self) -> Option<String> {
        self.take(b"\"")?;
        let mut bytes = Vec::new();
        loop {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            match byte {
                b'"' => return Some(String::from_utf8_lossy(&bytes).into_owned()),
                b'\\' => {
                    let (escape, rest) = self.rest.split_first()?;
                    self.rest = rest;
                    match escape {
                        b'n' => bytes.push(b'\n'),
                        b't' => bytes.push(b'\t'),
                        b'r' => bytes.push(b'\r'),
                        b'b' => bytes.push(8),
                        b'f' => bytes.push(12),
                        b'u' => {
                            let mut code = self.hex()?;
                            if (0xD800..0xDC00).contains(&code) && self.rest.starts_with(b"\\u") {
                                self.rest = self.rest.get(2..)?;
                                code = 0x10000 + ((code - 0xD800) << 10) + (self.hex()? & 0x3FF);
                            }
                            let character = char::from_u32(code).unwrap_or('\u{FFFD}');
                            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                        other => bytes.push(*other),
                    }
                }
                other => bytes.push(*other),
            }
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        u32::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
    }
}
