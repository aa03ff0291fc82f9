//! API Gateway WebSocket APIs: one invocation for connecting, one for each message, one at the end.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::http::{self, Request, Several};
use super::outcome::{self, Outcome, told};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A WebSocket API.
pub(super) struct WebSocket;

static ABOUT: About = About {
    id: "api-gateway-websocket",
    name: "API Gateway WebSocket API",
    group: Group::SynchronousUser,
    keywords: "websocket ws wss apigw $connect $disconnect $default route realtime chat",
    explanation: "A WebSocket stays open at API Gateway; the function runs once for $connect, once for each message and once \
                  after the end. $connect must answer with a status of 200, or the connection is refused. What the function \
                  returns for a message goes to the client only if the route has a route response; otherwise it sends by \
                  POST to @connections. When the function fails, the client gets a frame with Internal server error, and the \
                  connection stays open. API Gateway waits 29 seconds; messages are 128 KB at most.",
    source: (
        "API Gateway Developer Guide: Working with routes for WebSocket APIs",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html",
    ),
    sender: "a WebSocket API",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "event",
            "Event",
            &["CONNECT", "MESSAGE", "DISCONNECT"],
            "MESSAGE",
            "What happens on the connection.",
        ),
        Field::text(
            "route",
            "Route of the message",
            "$default",
            "The route that the API's route selection expression picks, such as sendMessage.",
        ),
        Field::lines(
            "body",
            "Message",
            "{\"action\":\"sendMessage\",\"data\":\"hello\"}",
            "The text of the message.",
        ),
        Field {
            help: "For a new connection: what stands behind the address, without the question mark.",
            ..http::QUERY
        },
    ],
    template: r#"{"headers?":"<%headers>","multiValueHeaders?":"<*header_lists>","queryStringParameters?":"<%parameters>",
"multiValueQueryStringParameters?":"<*parameter_lists>","requestContext":{"routeKey":"<route>",
"disconnectStatusCode?":"<#close_code>","messageId?":"<message_id>","eventType":"<event>","extendedRequestId":"<request>",
"requestTime":"<log_time>","messageDirection":"IN","disconnectReason?":"<close_reason>","stage":"production",
"connectedAt":"<#connected>","requestTimeEpoch":"<#ms>","identity":{"sourceIp":"<ip>","userAgent?":"<agent>"},
"requestId":"<request>","domainName":"<id 10>.execute-api.<region>.amazonaws.com","connectionId":"<base64 11 1>",
"apiId":"<id 10>"},"body?":"<body>","isBase64Encoded":false}"#,
    timeout_ms: Some(29_000),
    retries: &retries::NEVER,
};

/// A browser.
const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

const HEADERS: &str = r#"{"Host":"<id 10>.execute-api.<region>.amazonaws.com",
"Sec-WebSocket-Extensions":"permessage-deflate; client_max_window_bits","Sec-WebSocket-Key":"<base64 16>",
"Sec-WebSocket-Version":"13","User-Agent":"<agent>","X-Amzn-Trace-Id":"<trace>","X-Forwarded-For":"<ip>","X-Forwarded-Port":"443",
"X-Forwarded-Proto":"https"}"#;

const CLOSING_HEADERS: &str = r#"{"Host":"<id 10>.execute-api.<region>.amazonaws.com","x-api-key":"","X-Forwarded-For":"",
"x-restapi":""}"#;

fn lists(headers: &Value) -> Value {
    let members = headers.as_object().into_iter().flatten();
    Value::Object(
        members
            .map(|(name, value)| (name.clone(), Value::Array(vec![value.clone()])))
            .collect(),
    )
}

impl Trigger for WebSocket {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let request = filler.text("base64 11");
        filler.set("request", request);
        filler.set("agent", AGENT);
        // The connection is a minute older than a message on it.
        let age = match value(form, "event") {
            "CONNECT" => 0,
            _ => 60_000,
        };
        filler.set("connected", context.time_ms.saturating_sub(age));
        let (headers, message) = match value(form, "event") {
            "CONNECT" => {
                filler.set("route", "$connect");
                (filler.fill(HEADERS), false)
            }
            "DISCONNECT" => {
                filler.set("route", "$disconnect");
                filler.set("close_code", 1005);
                filler.set("close_reason", "Client-side close frame status not set");
                (filler.fill(CLOSING_HEADERS), false)
            }
            _ => (Value::Null, true),
        };
        // Only the request that opens the connection has an address.
        let mut parameters = Request::of(form, &[]).decoded();
        if value(form, "event") != "CONNECT" {
            parameters.clear();
        }
        filler.set(
            "parameter_lists",
            http::object(parameters.clone(), Several::Lists),
        );
        filler.set("parameters", http::object(parameters, Several::Last));
        let closing = value(form, "event") == "DISCONNECT";
        if !closing {
            filler.set("close_code", Value::Null);
        }
        if message {
            let id = filler.text("base64 11 2");
            filler.set("message_id", id);
            filler.set("header_lists", Value::Null);
        } else {
            filler.set("body", Value::Null);
            filler.set("header_lists", lists(&headers));
        }
        filler.set("headers", headers);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let kind = check::text(event, "/requestContext/eventType");
        if !kind.is_empty() && !["CONNECT", "MESSAGE", "DISCONNECT"].contains(&kind) {
            problems.push(check::value(
                "$.requestContext.eventType",
                "Events are CONNECT, MESSAGE or DISCONNECT.",
                check::RESET,
            ));
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        let outcome = Outcome::of(response);
        match check::text(event, "/requestContext/eventType") {
            "CONNECT" => connect(&outcome),
            "DISCONNECT" => told(
                matches!(outcome, Outcome::Answer(_)),
                "",
                format!(
                    "The connection is already gone; whatever the function answers reaches nobody. {}",
                    outcome::no_answer(&outcome)
                ),
            ),
            _ => message(event, &outcome),
        }
    }

    fn caller_timed_out(&self, event: &Value) -> CallerView {
        const LATE: &str =
            "The function did not answer within 29 seconds, and API Gateway waits no longer. ";
        match check::text(event, "/requestContext/eventType") {
            "CONNECT" => handshake(504, format!("{LATE}The connection is refused.")),
            "DISCONNECT" => told(false, "", LATE),
            _ => told(
                false,
                frame(event, "Endpoint request timed out"),
                format!("{LATE}The client gets this frame; the connection stays open."),
            ),
        }
    }
}

fn handshake(status: u16, why: String) -> CallerView {
    CallerView {
        status: Some(status),
        headers: Vec::new(),
        body: String::new(),
        ok: status == 101,
        explanation: why,
    }
}

fn connect(outcome: &Outcome) -> CallerView {
    let Outcome::Answer(answer) = outcome else {
        return handshake(
            match outcome {
                Outcome::Throttled | Outcome::Refused(_) => 500,
                _ => 502,
            },
            format!("{} The connection is refused.", outcome::no_answer(outcome)),
        );
    };
    let status = answer.get("statusCode").and_then(|status| match status {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|status| u16::try_from(status).ok()),
    });
    match status {
        Some(200..=299) => handshake(
            101,
            "The function let the client in: the WebSocket is open.".to_owned(),
        ),
        Some(status @ 300..=599) => handshake(
            status,
            format!(
                "$connect must answer with a statusCode of 200 to let a client in; the function answered {status}, so the \
                 connection is refused with it."
            ),
        ),
        _ => handshake(
            502,
            "$connect must answer with a statusCode of 200; the response has no valid one (Malformed Lambda proxy response), \
             so the connection is refused."
                .to_owned(),
        ),
    }
}

fn message(event: &Value, outcome: &Outcome) -> CallerView {
    if let Outcome::Answer(_) = outcome {
        return told(
            true,
            "",
            "The function took the message. Unless the route has a route response, its answer is not sent: to reach the \
             client, POST to @connections with the connectionId.",
        );
    }
    told(
        false,
        frame(event, "Internal server error"),
        format!(
            "{} The client gets this frame; the connection stays open.",
            outcome::no_answer(outcome)
        ),
    )
}

fn frame(event: &Value, message: &str) -> String {
    let quoted = |key: &str| Value::from(check::text(event, key)).to_string();
    format!(
        "{{\"message\": \"{message}\", \"connectionId\":{}, \"requestId\":{}}}",
        quoted("/requestContext/connectionId"),
        quoted("/requestContext/requestId")
    )
}
