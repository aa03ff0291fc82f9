//! Function URLs: a web address for a function, without a gateway before it.
//!
//! Errors are from recordings of AWS (function error: 502 with the text `Internal Server Error`); the bodies of 429 and of
//! a malformed response are not recorded, and the view says so.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, never};
use super::payload_2::{self, response::Gateway};
use super::template::Filler;
use super::{SampleContext, Trigger, http, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// Invoke mode `BUFFERED`.
pub(super) struct Buffered;

/// Invoke mode `RESPONSE_STREAM`.
pub(super) struct Streamed;

const GATEWAY: Gateway = Gateway {
    default_type: "application/json",
    aside: "",
};

/// What ends the metadata at the beginning of a streamed response.
const DELIMITER: &str = "\0\0\0\0\0\0\0\0";

/// The metadata must lie within the first 16 KB of the stream.
const METADATA_LIMIT: usize = 16 * 1024;

const COMMON: About = About {
    id: "function-url",
    name: "Function URL",
    group: Group::SynchronousUser,
    keywords: "http https web lambda-url on.aws buffered furl",
    explanation: "A web address for one function: a request to https://<id>.lambda-url.<region>.on.aws becomes an event in \
                  the format of HTTP APIs, and the function's response an HTTP response. The caller waits as long as the \
                  function's timeout allows, up to 15 minutes. When the function fails, the caller gets 502 with the text \
                  Internal Server Error; when it is throttled, 429.",
    source: (
        "AWS Lambda Developer Guide: Invoking Lambda function URLs",
        "https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html",
    ),
    sender: "a function URL",
    call: InvocationType::RequestResponse,
    fields: &[
        http::METHOD,
        http::PATH,
        http::QUERY,
        http::HEADERS,
        http::BODY,
        Field::choice(
            "auth",
            "Auth type",
            &["NONE", "AWS_IAM"],
            "NONE",
            "With AWS_IAM, requests are signed and the event says by whom.",
        ),
    ],
    template: payload_2::TEMPLATE,
    timeout_ms: None,
    retries: &retries::NEVER,
};

static BUFFERED: About = COMMON;

static STREAMED: About = About {
    id: "function-url-streaming",
    name: "Function URL, streamed",
    keywords: "http https web lambda-url on.aws response_stream streaming furl chunked",
    explanation: "With invoke mode RESPONSE_STREAM a function URL passes on what the function writes while it still runs: up \
                  to 200 MB, the first 6 MB at full speed, then 2 MB a second. Status and headers come first, as JSON that \
                  ends with eight zero bytes; without it, the stream is the body of a 200. Once the status is sent, an error \
                  can only break the response off.",
    source: (
        "AWS Lambda Developer Guide: Response streaming for Lambda functions",
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html",
    ),
    ..COMMON
};

const AUTHORIZER: &str = r#"{"iam":{"accessKey":"AKIAIOSFODNN7EXAMPLE","accountId":"<account>",
"callerId":"AIDAJDPLRKLG7UEXAMPLE","cognitoIdentity":null,"principalOrgId":null,
"userArn":"arn:aws:iam::<account>:user/example","userId":"AIDAJDPLRKLG7UEXAMPLE"}}"#;

fn sample(about: &About, form: &Form, context: SampleContext) -> Value {
    let mut filler = Filler::new(about.id, form, context);
    let signed = value(form, "auth") == "AWS_IAM";
    let id = filler.text("id 32");
    filler.set("id 10", id);
    let owner = if signed {
        super::ids::ACCOUNT
    } else {
        "anonymous"
    };
    filler.set("owner", owner);
    let request_id = filler.text("uuid");
    filler.set("request", request_id);
    let authorizer = signed.then(|| filler.fill(AUTHORIZER));
    filler.set("authorizer", authorizer);
    payload_2::sample(&mut filler, form, "<id 10>.lambda-url.<region>.on.aws")
}

impl Trigger for Buffered {
    fn about(&self) -> &'static About {
        &BUFFERED
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        sample(&BUFFERED, form, context)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        payload_2::check(&BUFFERED, event)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        not_answered(response).unwrap_or_else(|| mapped(&response.payload))
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a function URL has no time limit of its own.")
    }
}

impl Trigger for Streamed {
    fn about(&self) -> &'static About {
        &STREAMED
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        sample(&STREAMED, form, context)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        payload_2::check(&STREAMED, event)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        not_answered(response).unwrap_or_else(|| streamed(&response.payload))
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("a function URL has no time limit of its own.")
    }
}

fn mapped(payload: &str) -> CallerView {
    payload_2::response::map(payload, &GATEWAY).unwrap_or_else(|rule| {
        bad_gateway(&format!(
            "The response does not match the format that a function URL expects. {rule}"
        ))
    })
}

/// What a caller sees when there is no response to map.
fn not_answered(response: &InvokeResponse) -> Option<CallerView> {
    match Outcome::of(response) {
        Outcome::Failed(failure) => Some(bad_gateway(if failure.timed_out {
            "The function ran into its own timeout; the caller is not told more."
        } else {
            "The function failed; its error stays in the log, the caller is not told."
        })),
        Outcome::Throttled => Some(outcome::http(
            429,
            "application/json",
            response.payload.clone(),
            "Lambda refused the invocation for lack of concurrency. The caller gets status 429. (What the body says, no \
             source confirms.)",
        )),
        Outcome::Refused(413) => Some(outcome::http(
            413,
            "application/json",
            response.payload.clone(),
            "The request is larger than 6 MB.",
        )),
        outcome @ Outcome::Refused(_) => Some(bad_gateway(&outcome::no_answer(&outcome))),
        Outcome::Answer(_) | Outcome::NotJson(_) => None,
    }
}

fn bad_gateway(why: &str) -> CallerView {
    outcome::http(502, "text/plain", "Internal Server Error", why)
}

/// A stream: metadata, delimiter and body, or just a body.
fn streamed(payload: &str) -> CallerView {
    let Some((metadata, body)) = payload.split_once(DELIMITER) else {
        return outcome::http(
            200,
            "application/octet-stream",
            payload,
            "The stream does not begin with metadata (JSON and eight zero bytes), so all of it is the body of a 200: a \
             statusCode in it is not read.",
        );
    };
    if metadata.len() > METADATA_LIMIT {
        return bad_gateway("The metadata must lie within the first 16 KB of the stream.");
    }
    let mut response: Value = match serde_json::from_str(metadata) {
        Ok(response @ Value::Object(_)) => response,
        Ok(_) => return bad_gateway("The metadata before the eight zero bytes must be an object."),
        Err(error) => {
            return bad_gateway(&format!(
                "The metadata before the eight zero bytes is not JSON: {error}."
            ));
        }
    };
    if let Some(members) = response.as_object_mut() {
        members.remove("isBase64Encoded");
        members
            .entry("statusCode")
            .and_modify(|_| {})
            .or_insert(Value::from(200));
        members.insert("body".to_owned(), body.into());
    }
    mapped(&response.to_string())
}
