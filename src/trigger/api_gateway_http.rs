//! API Gateway HTTP APIs with payload format 2.0, the default for Lambda.
//!
//! A timeout is 503 with `{"message":"Service Unavailable"}`: captured in cortexlabs/cortex issue 1225. What a throttled
//! function's caller sees is documented nowhere that we found: 503 here, and said to be uncertain.

use serde_json::Value;

use super::about::{About, Field, Form, Group};
use super::outcome::{self, Outcome};
use super::payload_2::{self, response::Gateway};
use super::template::Filler;
use super::{SampleContext, Trigger, http, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// An HTTP API with a Lambda proxy integration.
pub(super) struct HttpApi;

const ROUTES: &[&str] = &["$default", "Method and path"];

const REST_502: &str = "A REST API would answer 502 {\"message\": \"Internal server error\"}.";

const GATEWAY: Gateway = Gateway {
    default_type: "text/plain; charset=utf-8",
    aside: REST_502,
};

static ABOUT: About = About {
    id: "api-gateway-http",
    name: "API Gateway HTTP API",
    group: Group::SynchronousUser,
    keywords: "http rest web apigw v2 payload format 2.0 proxy integration route",
    explanation: "A browser or program sends an HTTP request and waits; API Gateway makes it into an event, and the function's \
                  response into an HTTP response. Whatever goes wrong with the function, the caller gets only \"Internal \
                  Server Error\" with status 500; nothing is tried again. API Gateway waits 30 seconds at most, then answers \
                  503, while the function goes on and is billed.",
    source: (
        "API Gateway Developer Guide: Create AWS Lambda proxy integrations for HTTP APIs",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html",
    ),
    sender: "an HTTP API",
    call: InvocationType::RequestResponse,
    fields: &[
        http::METHOD,
        http::PATH,
        http::QUERY,
        Field {
            help: "One in each line: name: value. The body of a request without content-type arrives in base64.",
            ..http::HEADERS
        },
        http::BODY,
        Field::choice(
            "route",
            "Route",
            ROUTES,
            "$default",
            "Whether the API has a route of its own for this request, or $default catches it.",
        ),
        http::STAGE_VARIABLES,
        http::AUTHORIZER,
    ],
    template: payload_2::TEMPLATE,
    // The Developer Guide's quota "Maximum integration timeout" for HTTP APIs.
    timeout_ms: Some(30_000),
    retries: &retries::NEVER,
};

impl Trigger for HttpApi {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        // 11 bytes make the 15 characters and one = of published request ids.
        let request_id = filler.text("base64 11");
        filler.set("request", request_id.replace('+', "-").replace('/', "_"));
        filler.set("owner", super::ids::ACCOUNT);
        let authorizer = super::http::authorized(form);
        filler.set(
            "authorizer",
            authorizer.map(|context| serde_json::json!({"lambda": context})),
        );
        payload_2::sample(
            &mut filler,
            form,
            "<id 10>.execute-api.<region>.amazonaws.com",
        )
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        payload_2::check(&ABOUT, event)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Throttled => error(
                503,
                "Service Unavailable",
                "Lambda refused the invocation for lack of concurrency, so the function did not run. (That callers see 503, \
                 not 500, no source confirms. A REST API answers 500 {\"message\": \"Internal server error\"}.)",
            ),
            Outcome::Failed(_) => internal(
                "The function failed, and API Gateway keeps its error from the caller; look into the function's log.",
            ),
            outcome @ Outcome::Refused(_) => internal(&outcome::no_answer(&outcome)),
            _ => payload_2::response::map(&response.payload, &GATEWAY).unwrap_or_else(|rule| {
                internal(&format!(
                    "The response from the Lambda function doesn't match the format that API Gateway expects. {rule}"
                ))
            }),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        error(
            503,
            "Service Unavailable",
            "The function did not answer within 30 seconds, and API Gateway waits no longer. The function runs on until its \
             own timeout, and is billed for it. A REST API would answer 504 {\"message\": \"Endpoint request timed out\"} \
             after 29 seconds.",
        )
    }
}

fn internal(why: &str) -> CallerView {
    error(500, "Internal Server Error", &format!("{why} {REST_502}"))
}

/// A response of API Gateway's own making.
fn error(status: u16, message: &str, explanation: &str) -> CallerView {
    outcome::http(
        status,
        "application/json",
        format!("{{\"message\":\"{message}\"}}"),
        explanation,
    )
}
