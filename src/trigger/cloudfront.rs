//! CloudFront with Lambda@Edge: four places at which a function may change a request or a response.
//!
//! Limits and allowed changes: CloudFront Developer Guide, "Restrictions on edge functions" and "Quotas on Lambda@Edge". An
//! invalid result is 502, a function error, timeout or throttle 503: AWS's Knowledge Center, "lambda-edge-500-errors".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::http::{self, Request};
use super::outcome::{self, Outcome};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

mod result;

use result::{judge, rules};

/// A distribution with a function.
pub(super) struct Edge;

static ABOUT: About = About {
    id: "cloudfront",
    name: "CloudFront (Lambda@Edge)",
    group: Group::SynchronousUser,
    keywords: "lambda@edge edge cdn viewer-request origin-request origin-response viewer-response distribution",
    explanation: "CloudFront runs the function near the viewer at one of four places: when a request comes in, before it asks \
                  the origin (on a cache miss only), when the origin has answered, and before the viewer gets the response. \
                  At the first two the function returns the request, changed or not, or a response of its own; at the last \
                  two the response. A result that breaks the rules is 502 for the viewer; an error, a timeout (5 seconds at \
                  viewer events, 30 at origin events) or a throttle is 503. Nothing is tried again.",
    source: (
        "CloudFront Developer Guide: Restrictions on Lambda@Edge",
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html",
    ),
    sender: "CloudFront",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "event",
            "Event",
            &[
                "viewer-request",
                "origin-request",
                "origin-response",
                "viewer-response",
            ],
            "viewer-request",
            "The place at which the function runs.",
        ),
        Field::choice(
            "method",
            "Method",
            &["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"],
            "GET",
            "The request's method.",
        ),
        Field::text(
            "uri",
            "URI",
            "/index.html",
            "The path, without the query string.",
        ),
        Field::text("query", "Query string", "", "Without the question mark."),
        Field::number(
            "status",
            "Status of the response",
            (100, 599),
            "200",
            "For the two response events: what the origin answered.",
        ),
        Field {
            default: "",
            help: "Of the viewer, besides those that every request has; one in each line: name: value.",
            ..http::HEADERS
        },
        http::BODY,
        Field::choice(
            "include_body",
            "Include body",
            &["Off", "On"],
            "Off",
            "The distribution's setting: with it, the two request events have the request's body, in base64.",
        ),
    ],
    template: r#"{"Records":[{"cf":{"config":{"distributionDomainName":"d111111abcdef8.cloudfront.net",
"distributionId":"EDFDVBD6EXAMPLE","eventType":"<event>","requestId":"<base64 39>"},"request":{"clientIp":"<ip>",
"headers":"<*headers>","method":"<method>","body?":"<*sent_body>","origin?":"<*origin>","querystring":"<query>","uri":"<uri>"},
"response?":"<*response>"}}]}"#,
    timeout_ms: Some(5_000),
    retries: &retries::NEVER,
};

const VIEWER_HEADERS: &str = r#"{"host":[{"key":"Host","value":"d111111abcdef8.cloudfront.net"}],
"user-agent":[{"key":"User-Agent","value":"curl/8.5.0"}],"accept":[{"key":"accept","value":"*/*"}]}"#;

const ORIGIN_HEADERS: &str = r#"{"x-forwarded-for":[{"key":"X-Forwarded-For","value":"<ip>"}],
"user-agent":[{"key":"User-Agent","value":"Amazon CloudFront"}],
"via":[{"key":"Via","value":"2.0 <hex 32>.cloudfront.net (CloudFront)"}],"host":[{"key":"Host","value":"example.org"}],
"cache-control":[{"key":"Cache-Control","value":"no-cache"}]}"#;

const ORIGIN: &str = r#"{"custom":{"customHeaders":{},"domainName":"example.org","keepaliveTimeout":5,"path":"","port":443,
"protocol":"https","readTimeout":30,"sslProtocols":["TLSv1","TLSv1.1","TLSv1.2"]}}"#;

const RESPONSE: &str = r#"{"headers":{"content-type":[{"key":"Content-Type","value":"text/html; charset=utf-8"}],
"content-length":[{"key":"Content-Length","value":"9593"}],"server":[{"key":"Server","value":"ExampleCustomOriginServer"}]},
"status":"<status>","statusDescription":"<reason>"}"#;

/// Headers of a request with those that a form adds or replaces.
fn with_own(mut headers: Value, form: &Form) -> Value {
    let mut own: Vec<(String, Vec<Value>)> = Vec::new();
    for (name, value) in Request::of(form, &[]).headers {
        let entry = serde_json::json!({"key": name, "value": value});
        let lower = name.to_ascii_lowercase();
        match own.iter_mut().find(|(known, _)| *known == lower) {
            Some((_, entries)) => entries.push(entry),
            None => own.push((lower, vec![entry])),
        }
    }
    if let Value::Object(headers) = &mut headers {
        headers.extend(own.into_iter().map(|(name, list)| (name, list.into())));
    }
    headers
}

/// A request's body as the function sees it: the beginning of a long one.
fn included(event: &str, body: &str) -> Value {
    let most = rules(event).map_or(0, |rules| rules.body);
    let shown = body.as_bytes().get(..most).unwrap_or(body.as_bytes());
    serde_json::json!({
        "inputTruncated": shown.len() < body.len(),
        "action": "read-only",
        "encoding": "base64",
        "data": STANDARD.encode(shown),
    })
}

fn event_type(event: &Value) -> &str {
    check::text(event, "/Records/0/cf/config/eventType")
}

fn reason(status: &str) -> &'static str {
    match status {
        "200" => "OK",
        "301" => "Moved Permanently",
        "302" => "Found",
        "304" => "Not Modified",
        "403" => "Forbidden",
        "404" => "Not Found",
        "500" => "Internal Server Error",
        "503" => "Service Unavailable",
        _ => "",
    }
}

impl Trigger for Edge {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let event = value(form, "event");
        let request_id = filler.text("base64 39");
        filler.set("base64 39", request_id.replace('+', "-").replace('/', "_"));
        let headers = filler.fill(if event.starts_with("origin") {
            ORIGIN_HEADERS
        } else {
            VIEWER_HEADERS
        });
        filler.set("headers", with_own(headers, form));
        if event.ends_with("request") && value(form, "include_body") == "On" {
            filler.set("sent_body", included(event, value(form, "body")));
        }
        if event.starts_with("origin") {
            let origin = filler.fill(ORIGIN);
            filler.set("origin", origin);
        }
        if event.ends_with("response") {
            filler.set("reason", reason(value(form, "status").trim()));
            let response = filler.fill(RESPONSE);
            filler.set("response", response);
        }
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        problems.extend(template::one_record(event, "Records", ABOUT.sender));
        let kind = event_type(event);
        match rules(kind) {
            None if !kind.is_empty() => problems.push(check::value(
                "$.Records[0].cf.config.eventType",
                "There is no such event of CloudFront.",
                "Write viewer-request, origin-request, origin-response or viewer-response.",
            )),
            Some(rules) if !rules.request && event.pointer("/Records/0/cf/response").is_none() => {
                problems.push(check::missing("$.Records[0].cf.response", ABOUT.sender));
            }
            _ => {}
        }
        problems
    }

    fn caller_timeout(&self, event: &Value) -> Option<SimDuration> {
        let seconds = rules(event_type(event)).map_or(30, |rules| rules.seconds);
        Some(SimDuration::from_secs(seconds))
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Answer(answer) => judge(event, &answer).unwrap_or_else(|rule| {
                error(
                    502,
                    &format!("The Lambda function result failed validation: {rule}"),
                )
            }),
            outcome @ Outcome::NotJson(_) => error(502, &outcome::no_answer(&outcome)),
            outcome => error(503, &outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, event: &Value) -> CallerView {
        let seconds = rules(event_type(event)).map_or(30, |rules| rules.seconds);
        error(
            503,
            &format!("At this event a function may run for {seconds} seconds at most."),
        )
    }
}

fn error(status: u16, why: &str) -> CallerView {
    let title = match status {
        502 => "502 ERROR",
        _ => "503 ERROR",
    };
    outcome::http(
        status,
        "text/html",
        format!("<H1>{title}</H1>\n<H2>The request could not be satisfied.</H2>"),
        format!("{why} The viewer gets CloudFront's error page with status {status}."),
    )
}
