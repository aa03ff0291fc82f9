//! What a person sets in a form stands in the event where AWS has it.

use aws_lambda_events::event::apigw::{ApiGatewayProxyRequest, ApiGatewayV2httpRequest};
use serde_json::{Value, json};

use crate::{CONTEXT, answer, find, form, sample};

/// A trigger, what is filled in, a place in the event and what must be there; null for nothing.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    Value,
);

fn cases() -> Vec<Case> {
    let alb = "/multiValueHeaders/x-a";
    vec![
        (
            "alb",
            &[("multi_value", "On"), ("headers", "x-a: 1\nx-a: 2")],
            alb,
            json!(["1", "2"]),
        ),
        ("alb", &[("multi_value", "On")], "/headers", Value::Null),
        (
            "alb",
            &[("multi_value", "Off"), ("headers", "x-a: 1\nx-a: 2")],
            "/headers/x-a",
            json!("2"),
        ),
        (
            "alb",
            &[("origin", "A health check")],
            "/headers/user-agent",
            json!("ELB-HealthChecker/2.0"),
        ),
        (
            "api-gateway-rest",
            &[("stage_variables", r#"{"table":"orders"}"#)],
            "/stageVariables",
            json!({"table": "orders"}),
        ),
        ("api-gateway-rest", &[], "/stageVariables", Value::Null),
        (
            "api-gateway-rest",
            &[],
            "/requestContext/authorizer",
            Value::Null,
        ),
        (
            "api-gateway-rest",
            &[("authorized", r#"{"tenant":"a"}"#)],
            "/requestContext/authorizer",
            json!({"tenant": "a", "principalId": "user"}),
        ),
        (
            "api-gateway-http",
            &[("stage_variables", r#"{"table":"orders"}"#)],
            "/stageVariables/table",
            json!("orders"),
        ),
        (
            "api-gateway-http",
            &[("authorized", r#"{"tenant":"a"}"#)],
            "/requestContext/authorizer/lambda/tenant",
            json!("a"),
        ),
        (
            "api-gateway-http",
            &[("authorized", "{")],
            "/requestContext/authorizer",
            Value::Null,
        ),
        (
            "function-url",
            &[],
            "/requestContext/authorizer",
            Value::Null,
        ),
        (
            "function-url",
            &[("auth", "AWS_IAM")],
            "/requestContext/authorizer/iam/accountId",
            json!("123456789012"),
        ),
        (
            "api-gateway-websocket",
            &[("event", "CONNECT"), ("query", "room=a&room=b")],
            "/multiValueQueryStringParameters/room",
            json!(["a", "b"]),
        ),
        (
            "api-gateway-websocket",
            &[("event", "CONNECT"), ("query", "room=a&room=b")],
            "/queryStringParameters/room",
            json!("b"),
        ),
        (
            "api-gateway-websocket",
            &[("query", "room=a")],
            "/queryStringParameters",
            Value::Null,
        ),
        (
            "cloudfront",
            &[("headers", "X-Test: 1\nx-test: 2\nUser-Agent: me")],
            "/Records/0/cf/request/headers",
            json!({
                "host": [{"key": "Host", "value": "d111111abcdef8.cloudfront.net"}],
                "user-agent": [{"key": "User-Agent", "value": "me"}],
                "accept": [{"key": "accept", "value": "*/*"}],
                "x-test": [{"key": "X-Test", "value": "1"}, {"key": "x-test", "value": "2"}],
            }),
        ),
        (
            "cloudfront",
            &[("body", "hello")],
            "/Records/0/cf/request/body",
            Value::Null,
        ),
        (
            "cloudfront",
            &[
                ("body", "hello"),
                ("include_body", "On"),
                ("event", "origin-request"),
            ],
            "/Records/0/cf/request/body",
            json!({"inputTruncated": false, "action": "read-only", "encoding": "base64", "data": "aGVsbG8="}),
        ),
        (
            "cloudfront",
            &[("include_body", "On"), ("event", "viewer-response")],
            "/Records/0/cf/request/body",
            Value::Null,
        ),
        (
            "s3-batch",
            &[("schema", "2.0"), ("arguments", r#"{"mode":"fast"}"#)],
            "/job/userArguments",
            json!({"mode": "fast"}),
        ),
        (
            "s3-batch",
            &[("schema", "2.0")],
            "/job/userArguments",
            Value::Null,
        ),
        (
            "cognito",
            &[("attributes", r#"{"custom:plan":"gold"}"#)],
            "/request/userAttributes/custom:plan",
            json!("gold"),
        ),
        (
            "cognito",
            &[("metadata", r#"{"a":"b"}"#)],
            "/request/clientMetadata",
            json!({"a": "b"}),
        ),
        (
            "cognito",
            &[
                ("trigger", "DefineAuthChallenge_Authentication"),
                (
                    "session",
                    r#"[{"challengeName":"SRP_A","challengeResult":true}]"#,
                ),
            ],
            "/request/session/0/challengeName",
            json!("SRP_A"),
        ),
        (
            "cognito",
            &[
                ("trigger", "VerifyAuthChallengeResponse_Authentication"),
                ("answer", "5678"),
            ],
            "/request/challengeAnswer",
            json!("5678"),
        ),
        (
            "cognito",
            &[
                ("trigger", "TokenGeneration_Authentication"),
                ("version", "3"),
            ],
            "/version",
            json!("3"),
        ),
        (
            "cognito",
            &[("trigger", "TokenGeneration_ClientCredentials")],
            "/version",
            json!("3"),
        ),
        ("cognito", &[("version", "2")], "/version", json!("1")),
        (
            "lex",
            &[("confirmation", "Denied")],
            "/sessionState/intent/confirmationState",
            json!("Denied"),
        ),
        (
            "lex",
            &[("attributes", r#"{"a":"b"}"#)],
            "/sessionState/sessionAttributes",
            json!({"a": "b"}),
        ),
        (
            "lex",
            &[("locale", "de_DE")],
            "/bot/localeId",
            json!("de_DE"),
        ),
        (
            "alexa",
            &[("attributes", r#"{"turn":2}"#)],
            "/session/attributes",
            json!({"turn": 2}),
        ),
        (
            "ses",
            &[("dmarc", "FAIL")],
            "/Records/0/ses/receipt/dmarcVerdict/status",
            json!("FAIL"),
        ),
        (
            "cloudformation",
            &[("request", "Delete"), ("physical_id", "thing-1")],
            "/PhysicalResourceId",
            json!("thing-1"),
        ),
        (
            "cloudformation",
            &[("physical_id", "thing-1")],
            "/PhysicalResourceId",
            Value::Null,
        ),
        (
            "cloudformation",
            &[("service_timeout", "60")],
            "/ResourceProperties/ServiceTimeout",
            json!("60"),
        ),
        (
            "cloudformation",
            &[],
            "/ResourceProperties/ServiceTimeout",
            Value::Null,
        ),
    ]
}

#[test]
fn what_is_filled_in_stands_in_the_event() {
    for (id, changes, pointer, wanted) in cases() {
        let event = sample(id, changes);
        let found = event.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(found, wanted, "{id} {changes:?} {pointer}\n{event:#}");
        assert_eq!(find(id).check_event(&event), [], "{id} {changes:?}");
    }
}

#[test]
fn events_behind_an_authorizer_survive_the_real_types() {
    let context = [
        ("authorized", r#"{"tenant":"a"}"#),
        ("stage_variables", r#"{"table":"orders"}"#),
    ];
    let rest: ApiGatewayProxyRequest = serde_json::from_value(sample("api-gateway-rest", &context))
        .expect("the real type takes it");
    assert_eq!(rest.stage_variables["table"], "orders");
    let http: ApiGatewayV2httpRequest =
        serde_json::from_value(sample("api-gateway-http", &context))
            .expect("the real type takes it");
    let authorizer = http.request_context.authorizer.expect("an authorizer");
    assert_eq!(authorizer.fields["tenant"], "a");
}

/// "Restrictions on Lambda@Edge": a function sees 40 KB of a body at the viewer and 1 MB at the origin, and may put as much
/// in its place.
#[test]
fn bodies_at_the_edge_have_their_limits() {
    let trigger = find("cloudfront");
    for (place, limit) in [("viewer-request", 40_960), ("origin-request", 1_048_576)] {
        let body = "a".repeat(limit + 1);
        let changes = [("event", place), ("include_body", "On"), ("body", &body)];
        let event = trigger.sample(&form(trigger, &changes), CONTEXT);
        let request = event.pointer("/Records/0/cf/request").expect("a request");
        assert_eq!(request["body"]["inputTruncated"], true, "{place}");
        let data = request["body"]["data"].as_str().expect("data");
        assert_eq!(data.len(), limit.div_ceil(3) * 4, "{place}");
        for (bytes, action, encoding, ok) in [
            (limit, "replace", "text", true),
            (limit + 1, "replace", "text", false),
            (limit + 1, "read-only", "text", true),
            (4, "replace", "base64", true),
            (5, "replace", "base64", false),
            (4, "replace", "gzip", false),
            (4, "drop", "text", false),
        ] {
            let mut changed = request.clone();
            changed["body"] =
                json!({"action": action, "encoding": encoding, "data": "a".repeat(bytes)});
            let view = trigger.caller_view(&event, &answer(&changed.to_string()));
            assert_eq!(
                view.ok, ok,
                "{place} {bytes} {action} {encoding}: {}",
                view.explanation
            );
        }
    }
}
