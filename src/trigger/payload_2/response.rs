//! How a response in format 2.0, or none at all, becomes an HTTP response.
//!
//! The rules and where they are from:
//! - a response with `statusCode` is taken apart, any other JSON is the body of a 200 with `application/json`:
//!   Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs";
//! - a JSON string becomes a body without its quotes: the guide's example, and Function URLs, which share the format,
//!   do so in recordings of AWS;
//! - a key of the wrong kind fails the whole response, in the words quoted below: aws/aws-lambda-go pull request 373
//!   (for `body`; that the other keys behave alike is concluded from it);
//! - a taken-apart response without content-type gets `text/plain; charset=utf-8`: captured at
//!   aasisodiya.github.io, "AWS API Gateway Response Handling", April 2020;
//! - unknown keys are ignored, numeric strings taken as status: aws/aws-sam-cli pull request 2941 and its source.
//!
//! `date` and `apigw-requestid`, which every response has, are left out: the view has neither time nor ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::lambda::event::CallerView;
use crate::trigger::check::name;
use crate::trigger::outcome::{self, short};

/// What differs between gateways that read this format.
pub(in crate::trigger) struct Gateway {
    /// The content type of a response that names none.
    pub default_type: &'static str,
    /// Said with an inferred response.
    pub aside: &'static str,
}

/// Maps a payload, or names the rule that it breaks.
pub(in crate::trigger) fn map(payload: &str, gateway: &Gateway) -> Result<CallerView, String> {
    let value: Value =
        serde_json::from_str(payload).map_err(|error| format!("It is not JSON: {error}."))?;
    match value {
        Value::Object(object)
            if object
                .get("statusCode")
                .is_some_and(|status| !status.is_null()) =>
        {
            formatted(&object, gateway)
        }
        Value::String(text) => Ok(inferred(text, gateway)),
        _ => Ok(inferred(payload.trim().to_owned(), gateway)),
    }
}

/// A response without `statusCode`: API Gateway infers the rest.
fn inferred(body: String, gateway: &Gateway) -> CallerView {
    outcome::http(
        200,
        "application/json",
        body,
        format!(
            "The response has no statusCode, so all of it became the body of a 200 with content-type application/json. {}",
            gateway.aside
        ),
    )
}

/// A response with `statusCode`.
fn formatted(response: &Map<String, Value>, gateway: &Gateway) -> Result<CallerView, String> {
    let status = status(response.get("statusCode"))?;
    let mut headers = headers(response.get("headers"))?;
    let had_type = headers.iter().any(|(name, _)| name == "content-type");
    if !had_type {
        headers.insert(
            0,
            ("content-type".to_owned(), gateway.default_type.to_owned()),
        );
    }
    let encoded = match response.get("isBase64Encoded") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(encoded)) => *encoded,
        Some(other) => return Err(wrong_type("isBase64Encoded", "true or false", other)),
    };
    let body = match response.get("body") {
        None | Some(Value::Null) => "",
        Some(Value::String(body)) => body,
        Some(other) => {
            return Err(format!(
                "{} Turn it into a string first (JSON.stringify and its like).",
                wrong_type("body", "a string", other)
            ));
        }
    };
    let mut explanation =
        format!("The caller gets the response that the function described, with status {status}.");
    if !had_type {
        explanation.push_str(&format!(
            " It names no content-type, so the gateway added {}.",
            gateway.default_type
        ));
    }
    let (body, length) = if encoded {
        let bytes = STANDARD.decode(body).map_err(|error| {
            format!("isBase64Encoded is true, but the body is not base64: {error}.")
        })?;
        let length = bytes.len();
        match String::from_utf8(bytes) {
            Ok(text) => (text, length),
            Err(_) => {
                explanation.push_str(
                    " The body is binary; it is shown in base64, and the caller gets the bytes.",
                );
                (body.to_owned(), length)
            }
        }
    } else {
        (body.to_owned(), body.len())
    };
    headers.retain(|(name, _)| name != "content-length");
    headers.push(("content-length".to_owned(), length.to_string()));
    headers.extend(cookies(response.get("cookies"))?);
    Ok(CallerView {
        status: Some(status),
        headers,
        body,
        ok: status < 500,
        explanation,
    })
}

/// 100 to 599; the bounds are HTTP's own, the guide names none.
pub(in crate::trigger) fn status(status: Option<&Value>) -> Result<u16, String> {
    let number = match status {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => return Err(wrong_type("statusCode", "a number", other)),
        None => None,
    };
    let given = status.map(Value::to_string).unwrap_or_default();
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| (100..600).contains(number))
        .ok_or_else(|| {
            format!(
                "statusCode must be a whole number from 100 to 599, but is {}.",
                short(&given)
            )
        })
}

pub(in crate::trigger) fn headers(
    headers: Option<&Value>,
) -> Result<Vec<(String, String)>, String> {
    let headers = match headers {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(headers)) => headers,
        Some(other) => return Err(wrong_type("headers", "an object", other)),
    };
    let mut list = Vec::new();
    for (name, value) in headers {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => {
                return Err(format!(
                    "{} Join several values with commas; cookies go into the list cookies.",
                    wrong_type(&format!("headers.{}", short(name)), "a string", value)
                ));
            }
        };
        list.push((name.to_ascii_lowercase(), text));
    }
    Ok(list)
}

/// Each cookie becomes a `set-cookie` header.
fn cookies(cookies: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let cookies = match cookies {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(cookies)) => cookies,
        Some(other) => return Err(wrong_type("cookies", "a list of strings", other)),
    };
    let set = |cookie: &Value| match cookie {
        Value::String(cookie) => Ok(("set-cookie".to_owned(), cookie.clone())),
        other => Err(wrong_type("cookies", "a list of strings", other)),
    };
    cookies.iter().map(set).collect()
}

pub(in crate::trigger) fn wrong_type(field: &str, wanted: &str, found: &Value) -> String {
    // The beginning is API Gateway's, as its access log says it.
    format!(
        "Lambda body contains the wrong type for field \"{field}\": it must be {wanted}, but holds {}.",
        self::name(found)
    )
}
