//! Answers requests from everything that speaks HTTP: HTTP APIs, REST APIs, WebSocket APIs, load balancers, function URLs.
//! It teaches what each of them wants to have back: the same answer, in four shapes.

#[path = "../include/json.rs"]
mod json;
#[path = "../include/lambda.rs"]
mod lambda;

use json::{Json, object};
use lambda::Failure;

lambda::handler!(web);

fn web(event: &str) -> Result<String, Failure> {
    let event = Json::parse(event);
    let context = event.at("requestContext");
    if !context.at("connectionId").is_null() {
        return Ok(socket(&event));
    }
    let (method, path) = match event.text("version") {
        "2.0" => (context.text("http.method"), event.text("rawPath")),
        _ => (event.text("httpMethod"), event.text("path")),
    };
    lambda::log(&format!("{method} {path}"));
    let (status, reason, body) = respond(&event, method, path);
    let answer = object([
        ("statusCode", Json::from(status)),
        ("isBase64Encoded", false.into()),
        ("body", body.to_string().into()),
    ]);
    let json = "application/json";
    let answer = match context.at("elb").is_null() {
        // A load balancer wants the reason too, and many values of headers when it sends many.
        false => {
            let answer = answer.with("statusDescription", format!("{status} {reason}"));
            match event.at("multiValueHeaders").is_null() {
                true => answer.with("headers", object([("content-type", json.into())])),
                false => answer.with("multiValueHeaders", object([("content-type", vec![json.into()].into())])),
            }
        }
        true => answer.with("headers", object([("content-type", json.into())])),
    };
    Ok(answer.to_string())
}

/// The answer proper, whoever asked.
fn respond(event: &Json, method: &str, path: &str) -> (u32, &'static str, Json) {
    let agent = match event.text("headers.user-agent") {
        "" => event.text("multiValueHeaders.user-agent.0"),
        agent => agent,
    };
    if agent.starts_with("ELB-HealthChecker") {
        return (200, "OK", object([("healthy", true.into())]));
    }
    if path.ends_with("/missing") {
        return (404, "Not Found", object([("message", "Nothing is here.".into())]));
    }
    let query = match event.at("queryStringParameters") {
        Json::Null => event.at("multiValueQueryStringParameters"),
        query => query,
    };
    let body = event.text("body");
    let answer = object([
        ("message", format!("{method} {path} was answered by WebAssembly.").into()),
        ("query", query.clone()),
        ("bodyBytes", Json::from(body.len() as u32)),
    ]);
    match method {
        "POST" => (201, "Created", answer),
        _ => (200, "OK", answer),
    }
}

/// A WebSocket: who connects is let in; a message is answered when its route is set up to be.
fn socket(event: &Json) -> String {
    let context = event.at("requestContext");
    let (kind, route) = (context.text("eventType"), context.text("routeKey"));
    lambda::log(&format!("{kind} on {route} from connection {}", context.text("connectionId")));
    let body = match kind {
        "MESSAGE" => format!("You said: {}", event.text("body")),
        _ => String::new(),
    };
    object([("statusCode", Json::from(200_u32)), ("body", body.into())]).to_string()
}
