//! API Gateway HTTP APIs with payload format 2.0, the default for Lambda.
//!
//! The event follows the API Gateway Developer Guide, "Create AWS Lambda proxy integrations for HTTP APIs", and
//! published events. Which request bodies arrive in base64 the guide leaves open; the rule here was measured on AWS by
//! others (ministackorg/ministack pull request 766): text only for `text/*` and `application/json`, `xml` and
//! `javascript`, base64 for everything else, a missing content type and HTML forms included.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Map, Value, json};

use super::check::{self, Key, Kind};
use super::ids::{self, Ids};
use super::{Field, FieldKind, Form, Group, SampleContext, Trigger, value};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

mod response;

/// An HTTP API with a Lambda proxy integration.
pub(super) struct HttpApi;

const ROUTES: &[&str] = &["$default", "Method and path"];

const FIELDS: &[Field] = &[
    Field {
        key: "method",
        label: "Method",
        help: "The request's method.",
        kind: FieldKind::Choice(&["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
        default: "GET",
    },
    Field {
        key: "path",
        label: "Path",
        help: "Begins with a slash.",
        kind: FieldKind::Text,
        default: "/",
    },
    Field {
        key: "query",
        label: "Query string",
        help: "Without the question mark: name=value&name=value.",
        kind: FieldKind::Text,
        default: "",
    },
    Field {
        key: "headers",
        label: "Headers",
        help: "One in each line: name: value. The body of a request without content-type arrives in base64.",
        kind: FieldKind::Multiline,
        default: "accept: */*\ncontent-type: application/json",
    },
    Field {
        key: "body",
        label: "Body",
        help: "Empty for none.",
        kind: FieldKind::Multiline,
        default: "",
    },
    Field {
        key: "route",
        label: "Route",
        help: "Whether the API has a route of its own for this request, or $default catches it.",
        kind: FieldKind::Choice(ROUTES),
        default: "$default",
    },
];

const KEYS: &[Key] = &[
    ("version", Kind::Text, true),
    ("routeKey", Kind::Text, true),
    ("rawPath", Kind::Text, true),
    ("rawQueryString", Kind::Text, true),
    ("cookies", Kind::TextList, false),
    ("headers", Kind::Texts, true),
    ("queryStringParameters", Kind::Texts, false),
    ("pathParameters", Kind::Texts, false),
    ("stageVariables", Kind::Texts, false),
    ("requestContext", Kind::Object, true),
    ("requestContext.accountId", Kind::Text, true),
    ("requestContext.apiId", Kind::Text, true),
    ("requestContext.domainName", Kind::Text, true),
    ("requestContext.domainPrefix", Kind::Text, true),
    ("requestContext.http", Kind::Object, true),
    ("requestContext.http.method", Kind::Text, true),
    ("requestContext.http.path", Kind::Text, true),
    ("requestContext.http.protocol", Kind::Text, true),
    ("requestContext.http.sourceIp", Kind::Text, true),
    ("requestContext.http.userAgent", Kind::Text, true),
    ("requestContext.requestId", Kind::Text, true),
    ("requestContext.routeKey", Kind::Text, true),
    ("requestContext.stage", Kind::Text, true),
    ("requestContext.time", Kind::Text, true),
    ("requestContext.timeEpoch", Kind::Number, true),
    ("body", Kind::Text, false),
    ("isBase64Encoded", Kind::Bool, true),
];

impl Trigger for HttpApi {
    fn id(&self) -> &'static str {
        "api-gateway-http"
    }

    fn name(&self) -> &'static str {
        "API Gateway HTTP API"
    }

    fn group(&self) -> Group {
        Group::SynchronousUser
    }

    fn explanation(&self) -> &'static str {
        "A browser or program sends an HTTP request and waits; API Gateway makes it into an event, and the function's \
         response into an HTTP response. Whatever goes wrong with the function, the caller gets only \"Internal Server \
         Error\" with status 500; nothing is tried again. API Gateway waits 30 seconds at most, then answers 503, while \
         the function goes on and is billed."
    }

    fn source(&self) -> (&'static str, &'static str) {
        (
            "API Gateway Developer Guide: Create AWS Lambda proxy integrations for HTTP APIs",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
        )
    }

    fn invocation_type(&self) -> InvocationType {
        InvocationType::RequestResponse
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut ids = Ids::new(context, self.id());
        let api = ids.word("abcdefghijklmnopqrstuvwxyz0123456789", 10);
        let domain = format!("{api}.execute-api.{}.amazonaws.com", ids::REGION);
        let seconds = u32::try_from(context.time_ms.div_euclid(1000)).unwrap_or_default();
        let trace = format!("Root=1-{seconds:08x}-{}", ids.hex::<12>());
        // 11 bytes make the 15 characters and one = of published request ids.
        let request_id = URL_SAFE.encode(ids.bytes::<11>());

        let method = value(form, "method");
        let path = match value(form, "path").trim() {
            path if path.starts_with('/') => path.to_owned(),
            path => format!("/{path}"),
        };
        let query = value(form, "query").trim().trim_start_matches('?');
        let body = value(form, "body");
        let (mut headers, cookies) = headers(value(form, "headers"));
        for (name, value) in [
            ("content-length", body.len().to_string()),
            ("host", domain.clone()),
            ("user-agent", "curl/8.5.0".to_owned()),
            ("x-amzn-trace-id", trace),
            ("x-forwarded-for", ids::SOURCE_IP.to_owned()),
            ("x-forwarded-port", "443".to_owned()),
            ("x-forwarded-proto", "https".to_owned()),
        ] {
            headers.entry(name.to_owned()).or_insert(value);
        }
        let route = match value(form, "route") {
            "$default" | "" => "$default".to_owned(),
            _ => format!("{method} {path}"),
        };
        let user_agent = headers.get("user-agent").cloned();
        let encoded = !body.is_empty() && !is_text(headers.get("content-type"));

        let mut event = Map::new();
        let mut put = |key: &str, value: Value| event.insert(key.to_owned(), value);
        put("version", "2.0".into());
        put("routeKey", route.clone().into());
        put("rawPath", path.clone().into());
        put("rawQueryString", query.into());
        if !cookies.is_empty() {
            put("cookies", cookies.into());
        }
        put(
            "headers",
            headers
                .into_iter()
                .map(|(name, value)| (name, Value::from(value)))
                .collect(),
        );
        if !query.is_empty() {
            put("queryStringParameters", parameters(query).into());
        }
        put(
            "requestContext",
            json!({
                "accountId": ids::ACCOUNT,
                "apiId": api,
                "domainName": domain,
                "domainPrefix": api,
                "http": {
                    "method": method,
                    "path": path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": ids::SOURCE_IP,
                    "userAgent": user_agent,
                },
                "requestId": request_id,
                "routeKey": route,
                "stage": "$default",
                "time": ids::log_time(context.time_ms),
                "timeEpoch": context.time_ms,
            }),
        );
        if !body.is_empty() {
            put(
                "body",
                if encoded {
                    STANDARD.encode(body).into()
                } else {
                    body.into()
                },
            );
        }
        put("isBase64Encoded", encoded.into());
        Value::Object(event)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        const SOURCE: &str = "an HTTP API";
        let mut problems = check::shape(event, "$", SOURCE, KEYS);
        let mut warn = |place: &str, cause: &str, cure: &str| {
            problems.push(Problem::warning("event.value", place, cause, cure));
        };
        if event
            .get("version")
            .is_some_and(|version| version.is_string() && version != "2.0")
        {
            warn(
                "$.version",
                "This event is not in payload format 2.0; API Gateway's REST APIs send format 1.0, which has other keys.",
                check::RESET,
            );
        }
        if let Some(headers) = event.get("headers").and_then(Value::as_object)
            && let Some(name) = headers
                .keys()
                .find(|name| name.chars().any(char::is_uppercase))
        {
            warn(
                &format!("$.headers.{name}"),
                "Header names come in lower case; a function that looks for this one would not find it.",
                "Write the name in lower case.",
            );
        }
        let encoded = event.get("isBase64Encoded") == Some(&Value::Bool(true));
        let body = event.get("body").and_then(Value::as_str);
        if encoded && body.is_some_and(|body| STANDARD.decode(body).is_err()) {
            warn(
                "$.body",
                "`isBase64Encoded` is true, but the body is not base64.",
                "Set `isBase64Encoded` to false, or encode the body.",
            );
        }
        problems
    }

    /// 30 seconds: the Developer Guide's quota "Maximum integration timeout" for HTTP APIs.
    fn caller_timeout(&self) -> Option<SimDuration> {
        Some(SimDuration::from_millis(30_000))
    }

    fn caller_view(&self, response: &InvokeResponse) -> CallerView {
        response::caller_view(response)
    }

    fn caller_timed_out(&self) -> CallerView {
        response::timed_out()
    }
}

/// Headers as events have them: lower-case names, values of the same name joined by commas, cookies apart.
fn headers(lines: &str) -> (BTreeMap<String, String>, Vec<String>) {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut cookies = Vec::new();
    for (name, value) in lines.lines().filter_map(|line| line.split_once(':')) {
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        if name == "cookie" {
            cookies.extend(
                value
                    .split(';')
                    .map(|cookie| cookie.trim().to_owned())
                    .filter(|cookie| !cookie.is_empty()),
            );
        } else if !name.is_empty() {
            headers
                .entry(name)
                .and_modify(|known| {
                    known.push(',');
                    known.push_str(value);
                })
                .or_insert_with(|| value.to_owned());
        }
    }
    (headers, cookies)
}

/// Query parameters as events have them: decoded, values of the same name joined by commas.
fn parameters(query: &str) -> Map<String, Value> {
    let mut parameters: Map<String, Value> = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), decode(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(known) => format!("{known},{value}"),
            None => value,
        };
        parameters.insert(name, joined.into());
    }
    parameters
}

/// Undoes URL encoding; what is not encoded rightly stays as it is.
fn decode(text: &str) -> String {
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

/// Whether a request body of this content type arrives as text.
fn is_text(content_type: Option<&String>) -> bool {
    let content_type = content_type.map_or("", String::as_str);
    let essence = content_type
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
