//! Payload format 2.0: what HTTP APIs and function URLs send, and how they read the response.
//!
//! The event follows the API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", and
//! published events. Which request bodies arrive in base64 the guide leaves open; the rule here was measured on AWS by
//! others (ministackorg/ministack pull request 766): text only for `text/*` and `application/json`, `xml` and
//! `javascript`, base64 for everything else, a missing content type and HTML forms included.

pub(super) mod response;

use serde_json::{Map, Value};

use super::about::{About, Form, value};
use super::check;
use super::http::{self, Request, Several};
use super::ids;
use super::template::{self, Filler};
use crate::problem::Problem;

pub(super) const TEMPLATE: &str = r#"{"=version":"2.0","routeKey":"<route>","rawPath":"<path>","rawQueryString":"<query>",
"cookies?":"<@cookies>","headers":"<%headers>","queryStringParameters?":"<%parameters>","pathParameters?":"<%path_parameters>",
"stageVariables?":"<%stage_variables>","requestContext":{"accountId":"<owner>","apiId":"<id 10>","authorizer?":"<*authorizer>","domainName":"<domain>",
"domainPrefix":"<id 10>","http":{"method":"<method>","path":"<path>","protocol":"HTTP/1.1","sourceIp":"<ip>",
"userAgent":"<agent>"},"requestId":"<request>","routeKey":"<route>","stage":"$default","time":"<log_time>",
"timeEpoch":"<#ms>"},"body?":"<body>","isBase64Encoded":"<?encoded>"}"#;

/// The event of a request to `domain` (a text with holes).
pub(super) fn sample(filler: &mut Filler<'_>, form: &Form, domain: &str) -> Value {
    let domain = filler.expand(domain);
    let added = [
        ("content-length", value(form, "body").len().to_string()),
        ("host", domain.clone()),
        ("user-agent", "curl/8.5.0".to_owned()),
        ("x-amzn-trace-id", filler.text("trace")),
        ("x-forwarded-for", ids::SOURCE_IP.to_owned()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ];
    let request = Request::of(form, &added);
    let (mut headers, cookies) = headers(&request);
    sort(&mut headers);
    let (body, encoded) = http::body(request.body, http::is_text(request.header("content-type")));
    let route = match value(form, "route") {
        "$default" | "" => "$default".to_owned(),
        _ => format!("{} {}", request.method, request.path),
    };
    filler.set("route", route);
    filler.set("method", request.method);
    filler.set("path", request.path.as_str());
    filler.set("query", request.query);
    filler.set("cookies", cookies);
    filler.set("agent", request.header("user-agent").unwrap_or_default());
    filler.set("headers", headers);
    let parameters = http::object(request.decoded(), Several::Joined);
    filler.set("parameters", parameters);
    filler.set("domain", domain);
    filler.set("body", body);
    filler.set("encoded", encoded);
    filler.fill(TEMPLATE)
}

/// Headers as events have them: lower-case names, values of the same name joined by commas, cookies apart; null for no
/// cookies.
pub(super) fn headers(request: &Request<'_>) -> (Value, Value) {
    let is_cookie = |name: &str| name.eq_ignore_ascii_case("cookie");
    let others = request.headers.iter().filter(|(name, _)| !is_cookie(name));
    let headers = http::object(
        others.map(|(name, value)| (name.to_ascii_lowercase(), value)),
        Several::Joined,
    );
    let cookies: Vec<Value> = request
        .headers
        .iter()
        .filter(|(name, _)| is_cookie(name))
        .flat_map(|(_, value)| value.split(';'))
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty())
        .map(Value::from)
        .collect();
    (
        headers,
        if cookies.is_empty() {
            Value::Null
        } else {
            cookies.into()
        },
    )
}

/// Gateways send headers in alphabetical order.
pub(super) fn sort(object: &mut Value) {
    if let Value::Object(members) = object {
        let mut sorted: Vec<_> = std::mem::take(members).into_iter().collect();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        *members = Map::from_iter(sorted);
    }
}

/// Findings about an edited event.
pub(super) fn check(about: &About, event: &Value) -> Vec<Problem> {
    let mut problems = template::compare(TEMPLATE, event, about.sender);
    problems.extend(upper_case_header(event, "headers"));
    if !http::body_is_sound(event) {
        problems.push(wrong_encoding());
    }
    problems
}

/// A header name that no gateway with lower-case names would send.
pub(super) fn upper_case_header(event: &Value, key: &str) -> Option<Problem> {
    let headers = event.get(key)?.as_object()?;
    let name = headers
        .keys()
        .find(|name| name.chars().any(char::is_uppercase))?;
    Some(check::value(
        &format!("$.{key}.{name}"),
        "Header names come in lower case; a function that looks for this one would not find it.",
        "Write the name in lower case.",
    ))
}

/// The finding that a body is not in the encoding it claims.
pub(super) fn wrong_encoding() -> Problem {
    check::value(
        "$.body",
        "`isBase64Encoded` is true, but the body is not base64.",
        "Set `isBase64Encoded` to false, or encode the body.",
    )
}
