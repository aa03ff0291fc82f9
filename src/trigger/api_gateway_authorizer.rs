//! Lambda authorisers: the function decides whether a request may pass.
//!
//! What callers see is from AWS's Developer Guide and from "API Gateway + Lambda authorizer + Lambda proxy integration
//! failure modes" (dev.to/marcogrcr), which measured the bodies.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::http::{self, Several};
use super::outcome::{self, Outcome};
use super::payload_2::{self, sort};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

/// Type `TOKEN`: one header.
pub(super) struct Token;

/// Type `REQUEST`: the whole request but its body.
pub(super) struct Request;

const METHOD_ARN: &str = "arn:aws:execute-api:<region>:<account>:<id 10>/<stage>/<method><path>";

const COMMON: About = About {
    id: "api-gateway-authorizer-token",
    name: "API Gateway Lambda authorizer, token",
    group: Group::SynchronousUser,
    keywords: "authoriser authorizer custom auth jwt bearer token policy allow deny 401 403",
    explanation: "Before a REST API passes a request on, it can ask a function: the function gets the token of one header and \
                  the ARN of the method, and returns an IAM policy that allows or denies calling it. Deny is 403 for the \
                  caller, an error with the message Unauthorized is 401, any other error or a response that is no policy is \
                  500. API Gateway can keep the answer for up to an hour and spare the next call.",
    source: (
        "API Gateway Developer Guide: Use API Gateway Lambda authorizers",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html",
    ),
    sender: "API Gateway",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text(
            "token",
            "Token",
            "allow",
            "The value of the header that the authorizer is set to read.",
        ),
        http::METHOD,
        http::PATH,
        Field::text("stage", "Stage", "prod", "The name of the API's stage."),
    ],
    template: r#"{"=type":"TOKEN","methodArn":"<arn>","authorizationToken":"<token>"}"#,
    timeout_ms: Some(29_000),
    retries: &retries::NEVER,
};

static TOKEN: About = COMMON;

static REQUEST: About = About {
    id: "api-gateway-authorizer-request",
    name: "API Gateway Lambda authorizer, request",
    keywords: "authoriser authorizer custom auth policy allow deny 401 403 isAuthorized simple response http api websocket",
    explanation: "A request authorizer gets headers, query string and context of a request, but not its body. For a REST API it \
                  returns an IAM policy; for an HTTP API it may return just {\"isAuthorized\": true}. Deny is 403 for the \
                  caller, an error with the message Unauthorized is 401, any other error or a response in another shape is \
                  500. An HTTP API waits 10 seconds at most.",
    fields: &[
        Field::choice(
            "format",
            "API",
            &["REST API (1.0)", "HTTP API (2.0)"],
            "REST API (1.0)",
            "Which kind of API asks; their events differ.",
        ),
        http::METHOD,
        http::PATH,
        http::QUERY,
        Field {
            default: "authorization: allow\naccept: */*",
            ..http::HEADERS
        },
        Field::text(
            "identity",
            "Identity sources",
            "authorization",
            "Headers without which the function is not asked at all, with commas between them; empty for none.",
        )
        .setting(),
        Field::text("stage", "Stage", "prod", "The name of the API's stage."),
    ],
    template: r#"{"=type":"REQUEST","methodArn":"<arn>","resource":"<path>","path":"<path>","httpMethod":"<method>",
"headers":"<*headers>","multiValueHeaders":"<*header_lists>","queryStringParameters":"<*parameters>",
"multiValueQueryStringParameters":"<*parameter_lists>","pathParameters":{},"stageVariables":{},"requestContext":{
"path":"/<stage><path>","accountId":"<account>","resourceId":"<id 6>","stage":"<stage>","requestId":"<uuid>",
"identity":{"sourceIp":"<ip>","userAgent?":"curl/8.5.0"},"resourcePath":"<path>","httpMethod":"<method>","apiId":"<id 10>"}}"#,
    ..COMMON
};

const TEMPLATE_2: &str = r#"{"=version":"2.0","=type":"REQUEST","routeArn":"<arn>","identitySource":"<@identity>",
"routeKey":"<method> <path>","rawPath":"<path>","rawQueryString":"<query>","cookies?":"<@cookies>","headers":"<%headers>",
"queryStringParameters?":"<%parameters>","requestContext":{"accountId":"<account>","apiId":"<id 10>",
"domainName":"<id 10>.execute-api.<region>.amazonaws.com","domainPrefix":"<id 10>","http":{"method":"<method>","path":"<path>",
"protocol":"HTTP/1.1","sourceIp":"<ip>","userAgent":"curl/8.5.0"},"requestId":"<base64 11>","routeKey":"<method> <path>",
"stage":"<stage>","time":"<log_time>","timeEpoch":"<#ms>"},"pathParameters?":"<%none>","stageVariables?":"<%none>"}"#;

impl Trigger for Token {
    fn about(&self) -> &'static About {
        &TOKEN
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(TOKEN.id, form, context);
        request(&mut filler, form, &[]);
        filler.fill(TOKEN.template)
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        judge(event, response, Kind::Rest)
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        late(Kind::Rest)
    }
}

impl Trigger for Request {
    fn about(&self) -> &'static About {
        &REQUEST
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(REQUEST.id, form, context);
        let two = value(form, "format").starts_with("HTTP");
        let host = filler.expand("<id 10>.execute-api.<region>.amazonaws.com");
        let added = [
            ("Host", host),
            ("User-Agent", "curl/8.5.0".to_owned()),
            ("X-Amzn-Trace-Id", filler.text("trace")),
            ("X-Forwarded-For", ids::SOURCE_IP.to_owned()),
            ("X-Forwarded-Port", "443".to_owned()),
            ("X-Forwarded-Proto", "https".to_owned()),
        ];
        let request = request(&mut filler, form, &added);
        let pairs = || request.headers.iter().map(|(name, value)| (name, value));
        let list_or_empty = |value: Value| match value {
            Value::Null => Value::Object(Default::default()),
            some => some,
        };
        if two {
            let (mut headers, cookies) = payload_2::headers(&request);
            sort(&mut headers);
            filler.set("cookies", cookies);
            filler.set("headers", headers);
            filler.set(
                "parameters",
                http::object(request.decoded(), Several::Joined),
            );
            let identity: Vec<Value> = request
                .header("authorization")
                .into_iter()
                .map(Value::from)
                .collect();
            filler.set("identity", identity);
            filler.set("query", request.query);
            return filler.fill(TEMPLATE_2);
        }
        filler.set("headers", http::object(pairs(), Several::Last));
        filler.set("header_lists", http::object(pairs(), Several::Lists));
        filler.set(
            "parameters",
            list_or_empty(http::object(request.decoded(), Several::Last)),
        );
        filler.set(
            "parameter_lists",
            list_or_empty(http::object(request.decoded(), Several::Lists)),
        );
        filler.fill(REQUEST.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let template = match kind(event) {
            Kind::Http => TEMPLATE_2,
            Kind::Rest => REQUEST.template,
        };
        template::compare(template, event, REQUEST.sender)
    }

    /// 10 seconds for HTTP APIs: the Developer Guide's quota "Timeout for Lambda authorizer response".
    fn caller_timeout(&self, event: &Value) -> Option<SimDuration> {
        Some(SimDuration::from_millis(match kind(event) {
            Kind::Http => 10_000,
            Kind::Rest => 29_000,
        }))
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        judge(event, response, kind(event))
    }

    fn caller_timed_out(&self, event: &Value) -> CallerView {
        late(kind(event))
    }

    fn delivers(&self, form: &Form, event: &Value) -> Result<(), String> {
        let headers = event.get("headers").and_then(Value::as_object);
        let has = |name: &str| {
            let mut headers = headers.into_iter().flatten();
            headers.any(|(known, value)| known.eq_ignore_ascii_case(name) && *value != "")
        };
        let mut names = value(form, "identity").split(',').map(str::trim);
        match names.find(|name| !name.is_empty() && !has(name)) {
            None => Ok(()),
            Some(name) => Err(format!(
                "The request has no {name}, which is an identity source: API Gateway answers 401 Unauthorized without asking \
                 the function."
            )),
        }
    }
}

/// The request of a form; sets method, path and ARN.
fn request<'a>(
    filler: &mut Filler<'_>,
    form: &'a Form,
    added: &[(&str, String)],
) -> http::Request<'a> {
    let request = http::Request::of(form, added);
    filler.set("path", request.path.as_str());
    filler.set("method", request.method);
    let arn = filler.expand(METHOD_ARN);
    filler.set("arn", arn);
    request
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rest,
    Http,
}

fn kind(event: &Value) -> Kind {
    if event.get("version").is_some_and(|version| version == "2.0") {
        Kind::Http
    } else {
        Kind::Rest
    }
}

fn late(kind: Kind) -> CallerView {
    broken(
        kind,
        "The authorizer did not answer in time, and API Gateway waits no longer.",
    )
}

/// 500, as both kinds of API say it.
fn broken(kind: Kind, why: &str) -> CallerView {
    let body = match kind {
        Kind::Rest => "{\"message\": null}",
        Kind::Http => "{\"message\":\"Internal Server Error\"}",
    };
    outcome::http(
        500,
        "application/json",
        body,
        format!("{why} The caller gets 500, and the integration is not called."),
    )
}

fn refused(kind: Kind, explicit: bool, why: &str) -> CallerView {
    let body = match (kind, explicit) {
        (Kind::Rest, true) => {
            "{\"Message\":\"User is not authorized to access this resource with an explicit deny\"}"
        }
        (Kind::Rest, false) => "{\"Message\":\"User is not authorized to access this resource\"}",
        (Kind::Http, _) => "{\"message\":\"Forbidden\"}",
    };
    // The function did its work: it kept somebody out.
    CallerView {
        ok: true,
        ..outcome::http(403, "application/json", body, why)
    }
}

fn allowed() -> CallerView {
    outcome::http(
        200,
        "application/json",
        "",
        "The authorizer let the request pass; API Gateway calls the integration next, whose response the caller gets.",
    )
}

fn judge(event: &Value, response: &InvokeResponse, kind: Kind) -> CallerView {
    match Outcome::of(response) {
        Outcome::Failed(failure) if failure.message == "Unauthorized" => CallerView {
            ok: true,
            ..outcome::http(
                401,
                "application/json",
                "{\"message\":\"Unauthorized\"}",
                "The authorizer failed with exactly the message Unauthorized: that is how it says 401.",
            )
        },
        Outcome::Answer(answer) => {
            match answer.get("isAuthorized") {
                Some(Value::Bool(true)) if kind == Kind::Http => return allowed(),
                Some(Value::Bool(false)) if kind == Kind::Http => {
                    return refused(kind, true, "isAuthorized is false.");
                }
                _ => {}
            }
            policy(event, &answer, kind).unwrap_or_else(|rule| broken(kind, &rule))
        }
        outcome => broken(kind, &outcome::no_answer(&outcome)),
    }
}

fn policy(event: &Value, answer: &Value, kind: Kind) -> Result<CallerView, String> {
    let Some(policy) = answer
        .get("policyDocument")
        .filter(|policy| policy.is_object())
    else {
        let simple = match kind {
            Kind::Rest => "",
            Kind::Http => " (or isAuthorized, where simple responses are turned on)",
        };
        return Err(format!(
            "The response must have a policyDocument{simple}; this one has none (AuthorizerConfigurationException)."
        ));
    };
    if let Some(context) = answer.get("context").filter(|context| !context.is_null()) {
        let members = context
            .as_object()
            .ok_or("context must be an object of strings, numbers and booleans.")?;
        if kind == Kind::Rest
            && let Some((key, _)) = members
                .iter()
                .find(|(_, value)| value.is_object() || value.is_array())
        {
            return Err(format!(
                "context.{} is a list or an object; values of context must be strings, numbers or booleans.",
                outcome::short(key)
            ));
        }
    }
    let statements = match policy.get("Statement") {
        Some(Value::Array(list)) => list.as_slice(),
        Some(one @ Value::Object(_)) => std::slice::from_ref(one),
        _ => return Err("policyDocument must have a Statement.".to_owned()),
    };
    let arn = match check::text(event, "/methodArn") {
        "" => check::text(event, "/routeArn"),
        arn => arn,
    };
    let mut allow = false;
    for statement in statements {
        let effect = check::text(statement, "/Effect");
        let applies = any(statement.get("Action"), |action| {
            matches("execute-api:Invoke", action)
        }) && any(statement.get("Resource"), |resource| matches(arn, resource));
        match effect {
            "Allow" => allow |= applies,
            "Deny" if applies => {
                return Ok(refused(
                    kind,
                    true,
                    "A statement of the policy denies this method: an explicit deny.",
                ));
            }
            "Deny" => {}
            _ => return Err("Effect must be Allow or Deny.".to_owned()),
        }
    }
    Ok(if allow {
        allowed()
    } else {
        refused(
            kind,
            false,
            &format!(
                "No statement of the policy allows execute-api:Invoke on {arn}: an implicit deny."
            ),
        )
    })
}

/// Whether a string or one of a list of strings fits.
fn any(value: Option<&Value>, fits: impl Fn(&str) -> bool) -> bool {
    match value {
        Some(Value::String(text)) => fits(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).any(fits),
        _ => false,
    }
}

/// Whether `text` fits a pattern of IAM, where `*` is any text and `?` any character.
fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) =
        (text.chars().collect(), pattern.chars().collect());
    // Where to go on after the latest star, should what follows not fit.
    let (mut at, mut in_pattern, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(wanted) if *wanted == '?' || text.get(at) == Some(wanted) => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((star_at, resumed)) = star else {
                    return false;
                };
                star = Some((star_at, resumed + 1));
                at = resumed + 1;
                in_pattern = star_at + 1;
            }
        }
    }
    pattern.iter().skip(in_pattern).all(|rest| *rest == '*')
}
