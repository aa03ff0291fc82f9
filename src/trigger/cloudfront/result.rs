//! What a function at the edge may return, event by event.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::event_type;
use crate::lambda::event::CallerView;
use crate::trigger::{check, outcome};

/// The rules of one kind of event.
pub(super) struct Rules {
    /// Headers that the function may not change.
    read_only: &'static [&'static str],
    /// Whether it works on a request; else on a response.
    pub request: bool,
    /// Most bytes of a generated response, headers included.
    generated: usize,
    /// Most bytes of a request's body that the function sees, and that it may put in its place.
    pub body: usize,
    /// Longest timeout of the function, in seconds.
    pub seconds: u64,
}

pub(super) fn rules(event_type: &str) -> Option<Rules> {
    let viewer = event_type.starts_with("viewer");
    let read_only: &'static [&'static str] = match event_type {
        "viewer-request" => &["content-length", "host", "transfer-encoding", "via"],
        "origin-request" => &[
            "accept-encoding",
            "content-length",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "transfer-encoding",
            "via",
        ],
        "origin-response" => &["transfer-encoding", "via"],
        "viewer-response" => &[
            "content-encoding",
            "content-length",
            "transfer-encoding",
            "warning",
            "via",
        ],
        _ => return None,
    };
    Some(Rules {
        read_only,
        request: event_type.ends_with("request"),
        generated: if viewer { 40_960 } else { 1_048_576 },
        body: if viewer { 40_960 } else { 1_048_576 },
        seconds: if viewer { 5 } else { 30 },
    })
}

/// Headers that no function may add.
const DISALLOWED: &[&str] = &[
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "trailer",
    "upgrade",
    "x-accel-buffering",
    "x-accel-charset",
    "x-accel-limit-rate",
    "x-accel-redirect",
    "x-cache",
    "x-forwarded-proto",
    "x-real-ip",
];

fn disallowed(name: &str) -> bool {
    DISALLOWED.contains(&name) || name.starts_with("x-amz-cf-") || name.starts_with("x-edge-")
}

pub(super) fn judge(event: &Value, answer: &Value) -> Result<CallerView, String> {
    let Some(rules) = rules(event_type(event)) else {
        return Err("the event is none that CloudFront sends.".to_owned());
    };
    let cf = event.pointer("/Records/0/cf").unwrap_or(&Value::Null);
    let Value::Object(object) = answer else {
        return Err(format!(
            "it must be a request or response object, but is {}.",
            check::name(answer)
        ));
    };
    if object.contains_key("Records") {
        return Err(
            "it is the whole event; return event.Records[0].cf.request or a response.".to_owned(),
        );
    }
    if !rules.request {
        return changed_response(event_type(event), cf, object, &rules);
    }
    if object.contains_key("status") {
        return generated(object, &rules);
    }
    changed_request(cf, object, &rules)
}

/// Every header is a list of objects with a value; read-only ones are as they were.
fn headers(
    object: &Map<String, Value>,
    before: Option<&Value>,
    rules: &Rules,
) -> Result<(), String> {
    let empty = Map::new();
    let headers = match object.get("headers") {
        None | Some(Value::Null) => &empty,
        Some(Value::Object(headers)) => headers,
        Some(_) => return Err("headers must be an object.".to_owned()),
    };
    for (name, entries) in headers {
        let shown = outcome::short(name);
        let lower = name.to_ascii_lowercase();
        let Value::Array(entries) = entries else {
            return Err(format!(
                "each header entry in the headers object must be an array; {shown} is not."
            ));
        };
        if disallowed(&lower) && before.and_then(|before| before.get(name)).is_none() {
            return Err(format!(
                "the function tried to add the header {shown}, which is not allowed."
            ));
        }
        for entry in entries {
            if entry.get("value").is_none_or(|value| !value.is_string()) {
                return Err(format!(
                    "each element of {shown} must be an object with a string value."
                ));
            }
            if let Some(key) = entry.get("key").and_then(Value::as_str)
                && !key.eq_ignore_ascii_case(name)
            {
                return Err(format!(
                    "the key of {shown} must be the header's name in any case, but is {}.",
                    outcome::short(key)
                ));
            }
        }
    }
    if let Some(before) = before {
        for name in rules.read_only {
            let old = before.get(*name).map(values);
            let new = headers.get(*name).map(values);
            if old != new {
                return Err(format!(
                    "the function tried to add, delete, or change the read-only header {name}."
                ));
            }
        }
    }
    Ok(())
}

fn values(entries: &Value) -> Vec<&str> {
    let list = entries.as_array().into_iter().flatten();
    list.filter_map(|entry| entry.get("value")?.as_str())
        .collect()
}

fn changed_request(
    cf: &Value,
    object: &Map<String, Value>,
    rules: &Rules,
) -> Result<CallerView, String> {
    let before = cf.get("request").unwrap_or(&Value::Null);
    for key in ["method", "clientIp"] {
        if object
            .get(key)
            .is_some_and(|now| Some(now) != before.get(key))
        {
            return Err(format!(
                "the function tried to change {key}, which is read-only."
            ));
        }
    }
    if !object.contains_key("uri") && !object.contains_key("method") {
        return Err(
            "it has neither status (a response) nor uri and method (a request).".to_owned(),
        );
    }
    let text = |key: &str| match object.get(key) {
        None => Ok(""),
        Some(Value::String(text)) => Ok(text.as_str()),
        Some(_) => Err(format!("{key} must be a string.")),
    };
    let (uri, query) = (text("uri")?, text("querystring")?);
    if !uri.is_empty() && !uri.starts_with('/') {
        return Err("uri must begin with a slash.".to_owned());
    }
    if uri.len() + query.len() > 8_192 {
        return Err("uri and querystring together may have 8,192 characters.".to_owned());
    }
    headers(object, before.get("headers"), rules)?;
    // Without Include body there is none to replace.
    if let Some(body) = object.get("body").filter(|_| before.get("body").is_some()) {
        replaced(body, rules)?;
    }
    let next = if check::text(cf, "/config/eventType") == "viewer-request" {
        "CloudFront looks for it in its cache next"
    } else {
        "CloudFront sends it to the origin next"
    };
    Ok(outcome::told(
        true,
        Value::Object(object.clone()).to_string(),
        format!("The function passed the request on; {next}."),
    ))
}

/// The body that a function returns with a request: as it was, or another in its place.
fn replaced(body: &Value, rules: &Rules) -> Result<(), String> {
    match body.get("action").and_then(Value::as_str) {
        None | Some("read-only") => return Ok(()),
        Some("replace") => {}
        Some(_) => return Err("the body's action must be read-only or replace.".to_owned()),
    }
    let Some(data) = body.get("data").and_then(Value::as_str) else {
        return Err("the body's data must be a string.".to_owned());
    };
    let bytes = match body.get("encoding").and_then(Value::as_str) {
        Some("text") => data.len(),
        None | Some("base64") => STANDARD
            .decode(data)
            .map_err(|_| "the body's encoding is base64, but its data is not.".to_owned())?
            .len(),
        Some(_) => return Err("the body's encoding must be text or base64.".to_owned()),
    };
    if bytes > rules.body {
        return Err(format!("the body is larger than {} KB.", rules.body / 1024));
    }
    Ok(())
}

/// A response of the function's own, at a request event.
fn generated(object: &Map<String, Value>, rules: &Rules) -> Result<CallerView, String> {
    let status = status(object)?;
    headers(object, None, rules)?;
    let size = Value::Object(object.clone()).to_string().len();
    if size > rules.generated {
        return Err(format!(
            "the generated response is larger than {} KB, headers included.",
            rules.generated / 1024
        ));
    }
    view(
        object,
        status,
        "The function answered itself; the origin is not asked.".to_owned(),
    )
}

fn changed_response(
    event_type: &str,
    cf: &Value,
    object: &Map<String, Value>,
    rules: &Rules,
) -> Result<CallerView, String> {
    let status = status(object)?;
    let before = cf.get("response").unwrap_or(&Value::Null);
    if event_type == "viewer-response" && check::text(before, "/status") != status.to_string() {
        return Err(
            "the function tried to change the status, which a viewer response may not.".to_owned(),
        );
    }
    headers(object, before.get("headers"), rules)?;
    if object.get("body").is_some()
        && Value::Object(object.clone()).to_string().len() > rules.generated
    {
        return Err(format!(
            "the response is larger than {} KB, headers included.",
            rules.generated / 1024
        ));
    }
    let kept = if object.contains_key("body") {
        ""
    } else {
        " The body stays the origin's; the function cannot see it."
    };
    let next = if event_type == "viewer-response" {
        "the viewer gets"
    } else {
        "CloudFront stores and passes on"
    };
    view(
        object,
        status,
        format!("This is the response that {next}.{kept}"),
    )
}

fn status(object: &Map<String, Value>) -> Result<u16, String> {
    let text = match object.get("status") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => {
            return Err(
                "status is missing; it is the one key that every response must have.".to_owned(),
            );
        }
    };
    text.parse()
        .ok()
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| "status must be a string with a number from 200 to 599.".to_owned())
}

fn view(
    object: &Map<String, Value>,
    status: u16,
    explanation: String,
) -> Result<CallerView, String> {
    let mut list = Vec::new();
    for (name, entries) in object
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        for value in values(entries) {
            list.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let body = match object.get("body") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(body)) => body.clone(),
        Some(_) => return Err("the body is not a string.".to_owned()),
    };
    let body = match object.get("bodyEncoding").and_then(Value::as_str) {
        Some("base64") => {
            let bytes = STANDARD
                .decode(&body)
                .map_err(|_| "bodyEncoding is base64, but the body is not.".to_owned())?;
            String::from_utf8(bytes).unwrap_or(body)
        }
        None | Some("text") => body,
        Some(_) => return Err("bodyEncoding must be text or base64.".to_owned()),
    };
    Ok(CallerView {
        status: Some(status),
        headers: list,
        body,
        ok: status < 500,
        explanation,
    })
}
