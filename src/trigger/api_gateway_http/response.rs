//! What an HTTP API makes of the function's response.
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
//! - unknown keys are ignored, numeric strings taken as status: aws/aws-sam-cli pull request 2941 and its source;
//! - a timeout is 503 with `{"message":"Service Unavailable"}`: captured in cortexlabs/cortex issue 1225;
//! - what a throttled function's caller sees is documented nowhere that we found: 503 here, and said to be uncertain.
//!
//! `date` and `apigw-requestid`, which every response has, are left out: the view has neither time nor ids.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::lambda::event::{CallerView, InvokeResponse};
use crate::trigger::check::name;

const REST_502: &str = "A REST API would answer 502 {\"message\": \"Internal server error\"}.";

/// What the caller sees when Lambda has answered.
pub(super) fn caller_view(response: &InvokeResponse) -> CallerView {
    if response.status == 429 {
        return gateway_error(
            503,
            "Service Unavailable",
            "Lambda refused the invocation for lack of concurrency, so the function did not run. (That callers see 503, not \
             500, no source confirms. A REST API answers 500 {\"message\": \"Internal server error\"}.)",
        );
    }
    if response.status != 200 {
        return internal(&format!(
            "Lambda refused the invocation with status {}.",
            response.status
        ));
    }
    if response.function_error.is_some() {
        return internal(
            "The function failed, and API Gateway keeps its error from the caller; look into the function's log.",
        );
    }
    match map(&response.payload) {
        Ok(view) => view,
        Err(rule) => internal(&format!(
            "The response from the Lambda function doesn't match the format that API Gateway expects. {rule}"
        )),
    }
}

/// What the caller sees when 30 seconds are over.
pub(super) fn timed_out() -> CallerView {
    gateway_error(
        503,
        "Service Unavailable",
        "The function did not answer within 30 seconds, and API Gateway waits no longer. The function runs on until its own \
         timeout, and is billed for it. A REST API would answer 504 {\"message\": \"Endpoint request timed out\"} after 29 \
         seconds.",
    )
}

fn internal(why: &str) -> CallerView {
    gateway_error(500, "Internal Server Error", &format!("{why} {REST_502}"))
}

/// A response of API Gateway's own making.
fn gateway_error(status: u16, message: &str, explanation: &str) -> CallerView {
    let body = format!("{{\"message\":\"{message}\"}}");
    CallerView {
        status: Some(status),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ],
        body,
        ok: false,
        explanation: explanation.to_owned(),
    }
}

/// Maps a payload, or names the rule that it breaks.
fn map(payload: &str) -> Result<CallerView, String> {
    let value: Value =
        serde_json::from_str(payload).map_err(|error| format!("It is not JSON: {error}."))?;
    match value {
        Value::Object(object)
            if object
                .get("statusCode")
                .is_some_and(|status| !status.is_null()) =>
        {
            formatted(&object)
        }
        Value::String(text) => Ok(inferred(text)),
        _ => Ok(inferred(payload.trim().to_owned())),
    }
}

/// A response without `statusCode`: API Gateway infers the rest.
fn inferred(body: String) -> CallerView {
    CallerView {
        status: Some(200),
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ],
        body,
        ok: true,
        explanation: format!(
            "The response has no statusCode, so API Gateway took all of it as the body of a 200 with content-type \
             application/json. {REST_502}"
        ),
    }
}

/// A response with `statusCode`.
fn formatted(response: &Map<String, Value>) -> Result<CallerView, String> {
    let status = status(response.get("statusCode"))?;
    let mut headers = headers(response.get("headers"))?;
    let had_type = headers.iter().any(|(name, _)| name == "content-type");
    if !had_type {
        headers.insert(
            0,
            (
                "content-type".to_owned(),
                "text/plain; charset=utf-8".to_owned(),
            ),
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
        explanation.push_str(" It names no content-type, so API Gateway added text/plain.");
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
fn status(status: Option<&Value>) -> Result<u16, String> {
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

fn headers(headers: Option<&Value>) -> Result<Vec<(String, String)>, String> {
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

fn wrong_type(field: &str, wanted: &str, found: &Value) -> String {
    // The first sentence is API Gateway's, as its access log says it.
    format!(
        "Lambda body contains the wrong type for field \"{field}\": it must be {wanted}, but holds {}.",
        self::name(found)
    )
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}
