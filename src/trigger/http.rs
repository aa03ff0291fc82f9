//! An HTTP request as typed into a form, and the ways in which gateways put it into events.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::about::{Field, Form, value};

pub(super) const METHOD: Field = Field::choice(
    "method",
    "Method",
    &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
    "GET",
    "The request's method.",
);
pub(super) const PATH: Field = Field::text("path", "Path", "/", "Begins with a slash.");
pub(super) const QUERY: Field = Field::text(
    "query",
    "Query string",
    "",
    "Without the question mark: name=value&name=value.",
);
pub(super) const HEADERS: Field = Field::lines(
    "headers",
    "Headers",
    "accept: */*\ncontent-type: application/json",
    "One in each line: name: value.",
);
pub(super) const STAGE_VARIABLES: Field = Field::lines(
    "stage_variables",
    "Stage variables",
    "",
    "Variables of the API's stage, a JSON object of strings; empty for none.",
);
pub(super) const AUTHORIZER: Field = Field::lines(
    "authorized",
    "Context of a Lambda authorizer",
    "",
    "What an authorizer in front has returned as context, a JSON object; empty for none.",
);
pub(super) const BODY: Field = Field::lines("body", "Body", "", "Empty for none.");

/// A request.
pub(super) struct Request<'a> {
    pub method: &'a str,
    pub path: String,
    pub query: &'a str,
    /// Names as typed.
    pub headers: Vec<(String, String)>,
    pub body: &'a str,
}

impl<'a> Request<'a> {
    /// As a form describes it, with the headers that a gateway adds where they are not there yet.
    pub fn of(form: &'a Form, added: &[(&str, String)]) -> Self {
        let mut headers: Vec<(String, String)> = value(form, "headers")
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .filter(|(name, _)| !name.is_empty())
            .collect();
        for (name, value) in added {
            if !headers
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(name))
            {
                headers.push(((*name).to_owned(), value.clone()));
            }
        }
        let path = value(form, "path").trim();
        Self {
            method: match value(form, "method") {
                "" => "GET",
                method => method,
            },
            path: if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("/{path}")
            },
            query: value(form, "query").trim().trim_start_matches('?'),
            headers,
            body: value(form, "body"),
        }
    }

    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Name and value of each query parameter, as sent.
    pub fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// Name and value of each query parameter, decoded.
    pub fn decoded(&self) -> Vec<(String, String)> {
        self.parameters()
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }
}

/// What a Lambda authorizer in front has handed on; none when there is none.
pub(super) fn authorized(form: &Form) -> Option<Map<String, Value>> {
    serde_json::from_str(value(form, AUTHORIZER.key)).ok()
}

/// What becomes of several values of one name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Several {
    /// Joined by commas.
    Joined,
    /// The last one wins.
    Last,
    /// A list each.
    Lists,
}

/// Pairs as an object; null when there are none.
pub(super) fn object<N: AsRef<str>, V: AsRef<str>>(
    pairs: impl IntoIterator<Item = (N, V)>,
    several: Several,
) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        let (name, value) = (name.as_ref(), value.as_ref());
        match (object.get_mut(name), several) {
            (Some(Value::String(known)), Several::Joined) => {
                known.push(',');
                known.push_str(value);
            }
            (Some(Value::Array(known)), Several::Lists) => known.push(value.into()),
            (_, Several::Lists) => {
                object.insert(name.to_owned(), Value::Array(vec![value.into()]));
            }
            _ => {
                object.insert(name.to_owned(), value.into());
            }
        }
    }
    if object.is_empty() {
        Value::Null
    } else {
        Value::Object(object)
    }
}

/// A body and whether it is in base64.
pub(super) fn body(body: &str, text: bool) -> (String, bool) {
    if body.is_empty() || text {
        (body.to_owned(), false)
    } else {
        (STANDARD.encode(body), true)
    }
}

/// Undoes URL encoding; what is not encoded rightly stays as it is.
pub(super) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let (byte, next) = match (
            first,
            pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()),
        ) {
            (b'%', Some(byte)) => (byte, after.get(2..).unwrap_or_default()),
            (b'+', _) => (b' ', after),
            (other, _) => (*other, after),
        };
        bytes.push(byte);
        rest = next;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a request body of this content type arrives as text: `text/*` and the JSON, XML and JavaScript of
/// `application`.
pub(super) fn is_text(content_type: Option<&str>) -> bool {
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence.starts_with("text/")
        || matches!(
            essence.as_str(),
            "application/json" | "application/xml" | "application/javascript"
        )
}

/// Whether an event's `body` is base64 when `isBase64Encoded` says so.
pub(super) fn body_is_sound(event: &Value) -> bool {
    event.get("isBase64Encoded") != Some(&Value::Bool(true))
        || event
            .get("body")
            .and_then(Value::as_str)
            .is_none_or(|body| STANDARD.decode(body).is_ok())
}
