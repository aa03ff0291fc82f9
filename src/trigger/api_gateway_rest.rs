//! API Gateway REST APIs with a Lambda proxy integration, payload format 1.0.
//!
//! Which shapes of a response are taken was recorded on AWS in November 2024: unknown keys, a body that is not a string and
//! lists where strings belong fail it; a missing body, missing statusCode and numbers in headers do not.

use serde_json::{Map, Value};

use super::about::{About, Field, Form, Group, value};
use super::http::{self, Request, Several};
use super::outcome::{self, Outcome};
use super::payload_2::{response, wrong_encoding};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A REST API.
pub(super) struct RestApi;

static ABOUT: About = About {
    id: "api-gateway-rest",
    name: "API Gateway REST API",
    group: Group::SynchronousUser,
    keywords: "http web apigw v1 payload format 1.0 lambda proxy integration stage resource 502 504 29 seconds",
    explanation: "API Gateway turns a request into an event of format 1.0 and reads the function's response strictly: an object \
                  with statusCode, headers, multiValueHeaders, body (a string) and isBase64Encoded, and no other key. Anything \
                  else, and any function error, is 502 Internal server error for the caller. It waits 29 seconds unless a \
                  higher limit was granted, then answers 504; the function runs on and is billed.",
    source: (
        "API Gateway Developer Guide: Lambda proxy integrations in API Gateway",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html",
    ),
    sender: "a REST API",
    call: InvocationType::RequestResponse,
    fields: &[
        http::METHOD,
        http::PATH,
        http::QUERY,
        http::HEADERS,
        http::BODY,
        Field::choice(
            "resource",
            "Resource",
            &["/{proxy+}", "Own path"],
            "/{proxy+}",
            "A greedy resource catches all paths; a resource of its own has just this one.",
        ),
        Field::text("stage", "Stage", "prod", "The name of the API's stage."),
        http::STAGE_VARIABLES,
        http::AUTHORIZER,
    ],
    template: r#"{"resource":"<resource>","path":"<path>","httpMethod":"<method>","headers":"<*headers>",
"multiValueHeaders":"<*header_lists>","queryStringParameters":"<*parameters>","multiValueQueryStringParameters":"<*parameter_lists>",
"pathParameters":"<*path_parameters>","stageVariables":"<*stage_variables>","requestContext":{"authorizer?":"<*authorizer>","resourceId":"<id 6>","resourcePath":"<resource>",
"httpMethod":"<method>","extendedRequestId":"<base64 11>","requestTime":"<log_time>","path":"/<stage><path>","accountId":"<account>",
"protocol":"HTTP/1.1","stage":"<stage>","domainPrefix":"<id 10>","requestTimeEpoch":"<#ms>","requestId":"<uuid>",
"identity":{"cognitoIdentityPoolId":null,"accountId":null,"cognitoIdentityId":null,"caller":null,"sourceIp":"<ip>",
"principalOrgId?":null,"accessKey":null,"cognitoAuthenticationType":null,"cognitoAuthenticationProvider":null,"userArn":null,
"userAgent":"<*agent>","user":null},"domainName":"<id 10>.execute-api.<region>.amazonaws.com","deploymentId?":"<id 6 2>",
"apiId":"<id 10>"},"body":"<!body>","isBase64Encoded":"<?encoded>"}"#,
    timeout_ms: Some(29_000),
    retries: &retries::NEVER,
};

impl Trigger for RestApi {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let added = [
            (
                "Host",
                filler.expand("<id 10>.execute-api.<region>.amazonaws.com"),
            ),
            ("User-Agent", "curl/8.5.0".to_owned()),
            ("X-Amzn-Trace-Id", filler.text("trace")),
            ("X-Forwarded-For", ids::SOURCE_IP.to_owned()),
            ("X-Forwarded-Port", "443".to_owned()),
            ("X-Forwarded-Proto", "https".to_owned()),
        ];
        let request = Request::of(form, &added);
        let own = value(form, "resource") == "Own path";
        filler.set(
            "path_parameters",
            if own {
                Value::Null
            } else {
                http::object(
                    [("proxy", request.path.trim_start_matches('/'))],
                    Several::Last,
                )
            },
        );
        filler.set(
            "resource",
            if own {
                request.path.as_str()
            } else {
                "/{proxy+}"
            },
        );
        let pairs = || request.headers.iter().map(|(name, value)| (name, value));
        filler.set("headers", http::object(pairs(), Several::Last));
        filler.set("header_lists", http::object(pairs(), Several::Lists));
        filler.set("parameters", http::object(request.decoded(), Several::Last));
        filler.set(
            "parameter_lists",
            http::object(request.decoded(), Several::Lists),
        );
        filler.set("method", request.method);
        filler.set("path", request.path.as_str());
        filler.set("agent", request.header("user-agent"));
        // Without binary media types set for the API, every body is text.
        filler.set("body", (!request.body.is_empty()).then_some(request.body));
        filler.set("encoded", false);
        // A REST API puts the context beside the principal that the policy is for.
        let authorizer = http::authorized(form).map(|mut context| {
            context
                .entry("principalId")
                .or_insert_with(|| "user".into());
            context
        });
        filler.set("authorizer", authorizer);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        if event.get("version").is_some_and(|version| version == "2.0") {
            problems.push(check::value(
                "$.version",
                "Format 2.0 is what HTTP APIs send; events of REST APIs have no version.",
                check::RESET,
            ));
        }
        if !http::body_is_sound(event) {
            problems.push(wrong_encoding());
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Answer(answer) => map(&answer).unwrap_or_else(|rule| malformed(&rule)),
            outcome @ Outcome::NotJson(_) => malformed(&outcome::no_answer(&outcome)),
            outcome @ Outcome::Failed(_) => error(
                502,
                &format!(
                    "{} API Gateway keeps the error from the caller.",
                    outcome::no_answer(&outcome)
                ),
            ),
            outcome @ Outcome::Throttled => error(
                500,
                &format!(
                    "{} API Gateway answers 500, not 429, and does not say why.",
                    outcome::no_answer(&outcome)
                ),
            ),
            outcome @ Outcome::Refused(_) => error(500, &outcome::no_answer(&outcome)),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        outcome::http(
            504,
            "application/json",
            "{\"message\": \"Endpoint request timed out\"}",
            "The function did not answer within 29 seconds, and API Gateway waits no longer (INTEGRATION_TIMEOUT). The function \
             runs on until its own timeout, and is billed for it.",
        )
    }
}

fn malformed(rule: &str) -> CallerView {
    error(
        502,
        &format!(
            "Execution failed due to configuration error: Malformed Lambda proxy response. {rule}"
        ),
    )
}

fn error(status: u16, why: &str) -> CallerView {
    let mut view = outcome::http(
        status,
        "application/json",
        "{\"message\": \"Internal server error\"}",
        why,
    );
    view.headers.push((
        "x-amzn-errortype".to_owned(),
        "InternalServerErrorException".to_owned(),
    ));
    view
}

const KEYS: &[&str] = &[
    "statusCode",
    "headers",
    "multiValueHeaders",
    "body",
    "isBase64Encoded",
];

fn map(answer: &Value) -> Result<CallerView, String> {
    let Value::Object(object) = answer else {
        return Err(format!(
            "The response must be an object, but is {}.",
            check::name(answer)
        ));
    };
    if object.is_empty() {
        return Err("The response is an empty object.".to_owned());
    }
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!(
            "The key \"{}\" is not allowed: a response may have only statusCode, headers, multiValueHeaders, body and \
             isBase64Encoded.",
            outcome::short(key)
        ));
    }
    // The single values follow the same rules as in format 2.0, which adds the content type; base64 is left alone unless the
    // API has binary media types.
    let mut rest: Map<String, Value> = object.clone();
    let lists = rest.remove("multiValueHeaders");
    rest.remove("isBase64Encoded");
    if rest.get("statusCode").is_none_or(Value::is_null) {
        rest.insert("statusCode".to_owned(), 200.into());
    }
    let mut view = response::map(
        &Value::Object(rest).to_string(),
        &response::Gateway {
            default_type: "application/json",
            aside: "",
        },
    )?;
    match lists {
        None | Some(Value::Null) => {}
        Some(Value::Object(lists)) => {
            for (name, values) in lists {
                let Value::Array(values) = values else {
                    return Err(response::wrong_type(
                        &format!("multiValueHeaders.{}", outcome::short(&name)),
                        "a list of strings",
                        &values,
                    ));
                };
                let name = name.to_ascii_lowercase();
                view.headers.retain(|(known, _)| *known != name);
                for value in values {
                    let text = match value {
                        Value::String(text) => text,
                        other => other.to_string(),
                    };
                    view.headers.push((name.clone(), text));
                }
            }
        }
        Some(other) => {
            return Err(response::wrong_type(
                "multiValueHeaders",
                "an object",
                &other,
            ));
        }
    }
    if object.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        view.explanation.push_str(
            " isBase64Encoded has no effect: the API has no binary media types, so the caller gets the base64 text.",
        );
    }
    Ok(view)
}
