//! For every trigger: a success, a function error, a timeout, a throttle and a malformed response, and what its caller sees.

use lambda_playground::lambda::event::{CallerView, InvocationType, InvokeResponse};
use lambda_playground::trigger;
use lambda_playground::trigger::retries::Trouble;
use serde_json::{Value, json};

use crate::{CONTEXT, answer, find, form};

fn error() -> InvokeResponse {
    failure(r#"{"errorMessage":"no such order","errorType":"OrderError","requestId":"x"}"#)
}

fn timeout() -> InvokeResponse {
    failure(
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: x Error: Task timed out after 3.00 seconds"}"#,
    )
}

fn failure(payload: &str) -> InvokeResponse {
    InvokeResponse {
        function_error: Some("Unhandled".to_owned()),
        ..answer(payload)
    }
}

fn refusal(status: u16) -> InvokeResponse {
    InvokeResponse {
        status,
        function_error: None,
        executed_version: None,
        payload: r#"{"Type":"User","message":"Rate Exceeded."}"#.to_owned(),
    }
}

fn accepted() -> InvokeResponse {
    InvokeResponse {
        payload: String::new(),
        ..refusal(202)
    }
}

/// What a view must be: status (0 for none), whether all is well, and a word of the explanation.
type Seen = (u16, bool, &'static str);

#[track_caller]
fn assert_seen(what: &str, view: &CallerView, (status, ok, word): Seen) {
    assert_eq!(
        view.status,
        (status != 0).then_some(status),
        "{what}: {view:?}"
    );
    assert_eq!(view.ok, ok, "{what}: {view:?}");
    assert!(view.explanation.contains(word), "{what}: {word}: {view:?}");
    assert!(!view.explanation.contains("  "), "{what}: {view:?}");
}

/// One synchronous trigger: a form, a good answer and what is seen of it, then of an error, a timeout, a throttle, and a
/// malformed answer with the rule that it breaks.
struct Play {
    id: &'static str,
    form: &'static [(&'static str, &'static str)],
    /// An answer, made from the event.
    good: fn(&Value) -> Value,
    seen: Seen,
    error: Seen,
    timeout: Seen,
    throttle: Seen,
    malformed: &'static str,
    broken: Seen,
}

const PLAYS: &[Play] = &[
    Play {
        id: "direct",
        form: &[],
        good: |_| json!({"any": "thing"}),
        seen: (200, true, "answered"),
        error: (200, false, "X-Amz-Function-Error"),
        timeout: (200, false, "X-Amz-Function-Error"),
        throttle: (429, false, "concurrency"),
        // Nothing is malformed for a direct caller.
        malformed: "not JSON",
        broken: (200, true, "as it is"),
    },
    Play {
        id: "api-gateway-http",
        form: &[],
        good: |_| json!({"statusCode": 201, "body": "made"}),
        seen: (201, true, "status 201"),
        error: (500, false, "keeps its error from the caller"),
        timeout: (500, false, "failed"),
        throttle: (503, false, "concurrency"),
        malformed: r#"{"statusCode":200,"body":{"a":1}}"#,
        broken: (500, false, "wrong type for field \"body\""),
    },
    Play {
        id: "api-gateway-rest",
        form: &[],
        good: |_| json!({"statusCode": 201, "headers": {"x-a": true}, "body": "made"}),
        seen: (201, true, "status 201"),
        error: (502, false, "no such order"),
        timeout: (502, false, "own timeout"),
        throttle: (500, false, "not 429"),
        malformed: r#"{"statusCode":200,"wrongValue":1}"#,
        broken: (502, false, "\"wrongValue\" is not allowed"),
    },
    Play {
        id: "api-gateway-websocket",
        form: &[("event", "CONNECT")],
        good: |_| json!({"statusCode": 200}),
        seen: (101, true, "open"),
        error: (502, false, "refused"),
        timeout: (502, false, "own timeout"),
        throttle: (500, false, "concurrency"),
        malformed: "{}",
        broken: (502, false, "must answer with a statusCode of 200"),
    },
    Play {
        id: "api-gateway-websocket",
        form: &[("event", "MESSAGE")],
        good: |_| json!(null),
        seen: (0, true, "@connections"),
        error: (0, false, "stays open"),
        timeout: (0, false, "stays open"),
        throttle: (0, false, "stays open"),
        malformed: "oops",
        broken: (0, false, "not JSON"),
    },
    Play {
        id: "api-gateway-authorizer-token",
        form: &[],
        good: |event| policy("Allow", &event["methodArn"]),
        seen: (200, true, "let the request pass"),
        error: (500, false, "no such order"),
        timeout: (500, false, "own timeout"),
        throttle: (500, false, "concurrency"),
        malformed: r#"{"principalId":"me"}"#,
        broken: (500, false, "must have a policyDocument"),
    },
    Play {
        id: "api-gateway-authorizer-request",
        form: &[("format", "HTTP API (2.0)")],
        good: |_| json!({"isAuthorized": true}),
        seen: (200, true, "let the request pass"),
        error: (500, false, "no such order"),
        timeout: (500, false, "own timeout"),
        throttle: (500, false, "concurrency"),
        malformed: r#"{"isAuthorized":"yes"}"#,
        broken: (500, false, "must have a policyDocument"),
    },
    Play {
        id: "function-url",
        form: &[],
        good: |_| json!("hello"),
        seen: (200, true, "no statusCode"),
        error: (502, false, "stays in the log"),
        timeout: (502, false, "own timeout"),
        throttle: (429, false, "concurrency"),
        malformed: r#"{"statusCode":"test"}"#,
        broken: (502, false, "from 100 to 599"),
    },
    Play {
        id: "function-url-streaming",
        form: &[],
        good: |_| json!("hello"),
        seen: (200, true, "statusCode in it is not read"),
        error: (502, false, "stays in the log"),
        timeout: (502, false, "own timeout"),
        throttle: (429, false, "concurrency"),
        malformed: "[]\0\0\0\0\0\0\0\0body",
        broken: (502, false, "must be an object"),
    },
    Play {
        id: "alb",
        form: &[],
        good: |_| json!({"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "hi"}),
        seen: (200, true, "status 200"),
        error: (502, false, "LambdaUnhandled"),
        timeout: (502, false, "LambdaUnhandled"),
        throttle: (502, false, "LambdaThrottling"),
        malformed: r#"{"headers":{}}"#,
        broken: (502, false, "must have a statusCode"),
    },
    Play {
        id: "cloudfront",
        form: &[],
        good: |event| event["Records"][0]["cf"]["request"].clone(),
        seen: (0, true, "passed the request on"),
        error: (503, false, "no such order"),
        timeout: (503, false, "own timeout"),
        throttle: (503, false, "concurrency"),
        malformed: r#"{"status":"200","headers":{"a":"b"}}"#,
        broken: (502, false, "must be an array"),
    },
    Play {
        id: "s3-batch",
        form: &[],
        good: |event| batch_answer(event, "Succeeded"),
        seen: (0, true, "succeeded"),
        error: (0, false, "does not try it again"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "again later"),
        malformed: r#"{"results":[]}"#,
        broken: (0, false, "must repeat the event's invocationSchemaVersion"),
    },
    Play {
        id: "cognito",
        form: &[],
        good: Value::clone,
        seen: (0, true, "sign-up goes on"),
        error: (400, false, "UserLambdaValidationException"),
        timeout: (400, false, "UnexpectedLambdaException"),
        throttle: (400, false, "UnexpectedLambdaException"),
        malformed: r#"{"response":{"autoConfirmUser":"yes"}}"#,
        broken: (400, false, "response.autoConfirmUser must be a boolean"),
    },
    Play {
        id: "step-functions",
        form: &[],
        good: |_| json!({"any": "thing"}),
        seen: (0, true, "Payload"),
        error: (0, false, "OrderError"),
        timeout: (0, false, "Sandbox.Timedout"),
        throttle: (0, false, "Lambda.TooManyRequestsException"),
        malformed: "not JSON",
        broken: (0, false, "not JSON"),
    },
    Play {
        id: "lex",
        form: &[],
        good: |_| {
            json!({"sessionState": {"dialogAction": {"type": "Close"}, "intent": {"name": "OrderFlowers", "state": "Fulfilled"}},
            "messages": [{"contentType": "PlainText", "content": "Done."}]})
        },
        seen: (200, true, "over"),
        error: (424, false, "DependencyFailedException"),
        timeout: (424, false, "own timeout"),
        throttle: (429, false, "ThrottlingException"),
        malformed: r#"{"sessionState":{"dialogAction":{"type":"ElicitIntent"}}}"#,
        broken: (
            424,
            false,
            "messages field is required if dialogAction.type is ElicitIntent",
        ),
    },
    Play {
        id: "alexa",
        form: &[],
        good: |_| json!({"version": "1.0", "response": {"outputSpeech": {"type": "PlainText", "text": "Hi"}, "shouldEndSession": false}}),
        seen: (0, true, "session goes on"),
        error: (0, false, "SessionEndedRequest"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "concurrency"),
        malformed: r#"{"version":"1.0"}"#,
        broken: (0, false, "response is required"),
    },
    Play {
        id: "alexa",
        form: &[("request", "Smart home directive")],
        good: |event| {
            json!({"event": {"header": {"namespace": "Alexa", "name": "Response", "messageId": "1", "payloadVersion": "3",
            "correlationToken": event["directive"]["header"]["correlationToken"]}}})
        },
        seen: (0, true, "did it"),
        error: (0, false, "does not respond"),
        timeout: (0, false, "does not respond"),
        throttle: (0, false, "does not respond"),
        malformed: "{}",
        broken: (0, false, "must have event.header"),
    },
    Play {
        id: "firehose",
        form: &[],
        good: |event| {
            let records = event["records"].as_array().expect("a list").iter();
            json!({"records": records.map(|record| json!({"recordId": record["recordId"], "result": "Ok", "data": record["data"]}))
                .collect::<Vec<_>>()})
        },
        seen: (0, true, "2 records go on"),
        error: (0, false, "processing-failed/"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "Lambda.InvokeLimitExceeded"),
        malformed: r#"{"records":[]}"#,
        broken: (
            0,
            false,
            "every recordId of the event must be in the response",
        ),
    },
    Play {
        id: "ses",
        form: &[("invocation", "RequestResponse")],
        good: |_| json!({"disposition": "STOP_RULE"}),
        seen: (0, true, "next rule"),
        error: (0, false, "CONTINUE"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "concurrency"),
        malformed: r#"{"disposition":"stop"}"#,
        broken: (0, false, "CONTINUE, STOP_RULE or STOP_RULE_SET"),
    },
    Play {
        id: "sqs",
        form: &[],
        good: |_| json!(null),
        seen: (0, true, "deletes"),
        error: (0, false, "visibility timeout"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "visibility timeout"),
        malformed: r#"{"batchItemFailures":[{"foo":"x"}]}"#,
        broken: (0, false, "must have the key itemIdentifier"),
    },
    Play {
        id: "kinesis",
        form: &[],
        good: |_| json!({"batchItemFailures": []}),
        seen: (0, true, "done"),
        error: (0, false, "shard waits"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "shard waits"),
        malformed: r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#,
        broken: (0, false, "item of this batch"),
    },
    Play {
        id: "dynamodb",
        form: &[],
        good: |_| json!({}),
        seen: (0, true, "done"),
        error: (0, false, "shard waits"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "24 hours"),
        malformed: r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
        broken: (0, false, "must not be null"),
    },
    Play {
        id: "kafka",
        form: &[],
        good: |_| json!(null),
        seen: (0, true, "offsets"),
        error: (0, false, "partitions wait"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "same batch"),
        malformed: r#"{"batchItemFailures":"all"}"#,
        broken: (0, false, "must be a list"),
    },
    Play {
        id: "mq",
        form: &[],
        good: |_| json!("whatever"),
        seen: (0, true, "acknowledges"),
        error: (0, false, "broker keeps"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "broker keeps"),
        // Nobody reads the answer.
        malformed: "not JSON",
        broken: (0, true, "acknowledges"),
    },
    Play {
        id: "documentdb",
        form: &[],
        good: |_| json!("whatever"),
        seen: (0, true, "done"),
        error: (0, false, "same batch"),
        timeout: (0, false, "own timeout"),
        throttle: (0, false, "same batch"),
        malformed: "not JSON",
        broken: (0, true, "change stream"),
    },
];

fn policy(effect: &str, resource: &Value) -> Value {
    json!({"principalId": "me", "policyDocument": {"Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}]}})
}

fn batch_answer(event: &Value, code: &str) -> Value {
    json!({"invocationSchemaVersion": event["invocationSchemaVersion"], "invocationId": event["invocationId"],
        "treatMissingKeysAs": "PermanentFailure",
        "results": [{"taskId": event["tasks"][0]["taskId"], "resultCode": code, "resultString": "x"}]})
}

#[test]
fn synchronous_calls_play_out() {
    for play in PLAYS {
        let trigger = find(play.id);
        let event = trigger.sample(&form(trigger, play.form), CONTEXT);
        let view = |response: &InvokeResponse| trigger.caller_view(&event, response);
        let what = |case: &str| format!("{} {:?}: {case}", play.id, play.form);
        assert_seen(
            &what("success"),
            &view(&answer(&(play.good)(&event).to_string())),
            play.seen,
        );
        assert_seen(&what("error"), &view(&error()), play.error);
        assert_seen(&what("timeout"), &view(&timeout()), play.timeout);
        assert_seen(&what("throttle"), &view(&refusal(429)), play.throttle);
        assert_seen(
            &what("malformed"),
            &view(&answer(play.malformed)),
            play.broken,
        );
        assert!(!view(&refusal(500)).ok, "{}", what("500"));
        // Whoever has a limit says what its end looks like.
        let late = trigger.caller_timed_out(&event);
        assert!(!late.ok && !late.explanation.is_empty(), "{}", what("late"));
        assert_eq!(
            trigger.caller_timeout(&event).is_none(),
            late.explanation.contains("does not give up waiting"),
            "{}: {}",
            what("late"),
            late.explanation
        );
    }
}

#[test]
fn every_synchronous_trigger_is_played() {
    for trigger in trigger::all() {
        let event = trigger.sample(&trigger::default_form(*trigger), CONTEXT);
        if trigger.invocation_type(&event) == InvocationType::RequestResponse {
            assert!(
                PLAYS.iter().any(|play| play.id == trigger.id()),
                "{}",
                trigger.id()
            );
        }
    }
}

#[test]
fn services_that_hand_over_events_see_only_the_202() {
    for trigger in trigger::all() {
        let event = trigger.sample(&trigger::default_form(*trigger), CONTEXT);
        if trigger.invocation_type(&event) != InvocationType::Event {
            continue;
        }
        let id = trigger.id();
        assert_seen(
            id,
            &trigger.caller_view(&event, &accepted()),
            (202, true, "202"),
        );
        for status in [429, 500, 403] {
            let view = trigger.caller_view(&event, &refusal(status));
            assert_eq!((view.status, view.ok), (Some(status), false), "{id}");
            let again = trigger
                .retries(&event)
                .covers(Trouble::of(&refusal(status)).expect("trouble"));
            assert_eq!(again, status != 403, "{id} {status}");
        }
        assert_eq!(trigger.caller_timeout(&event), None, "{id}");
    }
    let dry = find("direct-dry-run");
    assert_eq!(dry.invocation_type(&Value::Null), InvocationType::DryRun);
    assert_seen(
        "dry run",
        &dry.caller_view(&Value::Null, &refusal(204)),
        (204, true, "did not run"),
    );
    assert_seen(
        "dry run",
        &dry.caller_view(&Value::Null, &refusal(403)),
        (403, false, "refused"),
    );
}

/// The answer of one trigger's function to a form → what is seen.
#[test]
fn finer_points_of_the_contracts() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        fn(&Value) -> Value,
        Seen,
    );
    let cases: &[Case] = &[
        // Authorizers.
        (
            "api-gateway-authorizer-token",
            &[],
            |event| policy("Deny", &event["methodArn"]),
            (403, true, "explicit deny"),
        ),
        (
            "api-gateway-authorizer-token",
            &[],
            |_| policy("Allow", &json!("arn:aws:execute-api:*:*:other/*")),
            (403, true, "implicit deny"),
        ),
        (
            "api-gateway-authorizer-token",
            &[],
            |_| policy("Allow", &json!(["*"])),
            (200, true, "pass"),
        ),
        (
            "api-gateway-authorizer-token",
            &[],
            |_| {
                policy(
                    "Allow",
                    &json!("arn:aws:execute-api:us-east-1:*/prod/GET/*"),
                )
            },
            (200, true, "pass"),
        ),
        (
            "api-gateway-authorizer-token",
            &[],
            |_| policy("allow", &json!("*")),
            (500, false, "Allow or Deny"),
        ),
        (
            "api-gateway-authorizer-token",
            &[],
            |_| json!({"isAuthorized": true}),
            (500, false, "policyDocument"),
        ),
        (
            "api-gateway-authorizer-request",
            &[],
            |event| {
                let mut answer = policy("Allow", &event["methodArn"]);
                answer["context"] = json!({"roles": ["a"]});
                answer
            },
            (500, false, "context.roles"),
        ),
        (
            "api-gateway-authorizer-request",
            &[("format", "HTTP API (2.0)")],
            |_| json!({"isAuthorized": false}),
            (403, true, "isAuthorized is false"),
        ),
        // REST API: recorded shapes.
        (
            "api-gateway-rest",
            &[],
            |_| json!({}),
            (502, false, "empty object"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!("text"),
            (502, false, "must be an object, but is a string"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!({"headers": {}}),
            (200, true, "status 200"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!({"statusCode": "201"}),
            (201, true, "status 201"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!({"statusCode": "test"}),
            (502, false, "from 100 to 599"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!({"statusCode": 200, "multiValueHeaders": {"a": "b"}}),
            (502, false, "multiValueHeaders.a"),
        ),
        (
            "api-gateway-rest",
            &[],
            |_| json!({"statusCode": 200, "isBase64Encoded": true, "body": "aGk="}),
            (200, true, "no effect"),
        ),
        // WebSocket.
        (
            "api-gateway-websocket",
            &[("event", "CONNECT")],
            |_| json!({"statusCode": 403}),
            (403, false, "refused with it"),
        ),
        (
            "api-gateway-websocket",
            &[("event", "DISCONNECT")],
            |_| json!(null),
            (0, true, "already gone"),
        ),
        // Load balancer.
        (
            "alb",
            &[("multi_value", "On")],
            |_| json!({"statusCode": 200, "multiValueHeaders": {"a": ["1", "2"]}}),
            (200, true, "status 200"),
        ),
        (
            "alb",
            &[("multi_value", "On")],
            |_| json!({"statusCode": 200, "headers": {"a": "1"}}),
            (200, true, "headers is not read"),
        ),
        (
            "alb",
            &[],
            |_| json!({"statusCode": 200, "multiValueHeaders": {"a": ["1"]}}),
            (200, true, "multiValueHeaders is not read"),
        ),
        (
            "alb",
            &[],
            |_| json!({"statusCode": 200, "headers": {"a": ["1"]}}),
            (502, false, "headers.a"),
        ),
        (
            "alb",
            &[],
            |_| json!({"statusCode": 200, "headers": {}, "body": "x".repeat(1_048_577)}),
            (502, false, "LambdaResponseTooLarge"),
        ),
        (
            "alb",
            &[("origin", "A health check")],
            |_| json!({"statusCode": 200, "headers": {}}),
            (200, true, "healthy"),
        ),
        (
            "alb",
            &[("origin", "A health check")],
            |_| json!({"statusCode": 404, "headers": {}}),
            (404, false, "unhealthy"),
        ),
        // Lambda@Edge.
        (
            "cloudfront",
            &[],
            |_| json!({"status": "302", "headers": {"location": [{"key": "Location", "value": "/x"}]}}),
            (302, true, "origin is not asked"),
        ),
        (
            "cloudfront",
            &[],
            |_| json!({"status": "200", "body": "x".repeat(40_960)}),
            (502, false, "40 KB"),
        ),
        (
            "cloudfront",
            &[("event", "origin-request")],
            |_| json!({"status": "200", "body": "x".repeat(40_960)}),
            (200, true, "origin is not asked"),
        ),
        (
            "cloudfront",
            &[],
            |event| edited(event, "/request/method", json!("POST")),
            (502, false, "change method"),
        ),
        (
            "cloudfront",
            &[],
            |event| edited(event, "/request/headers/host/0/value", json!("evil")),
            (502, false, "read-only header host"),
        ),
        (
            "cloudfront",
            &[],
            |event| edited(event, "/request/headers/x-edge-a", json!([{"value": "1"}])),
            (502, false, "not allowed"),
        ),
        (
            "cloudfront",
            &[],
            |event| edited(event, "/request/uri", json!("other")),
            (502, false, "begin with a slash"),
        ),
        (
            "cloudfront",
            &[],
            |event| edited(event, "/request/uri", json!("/other")),
            (0, true, "passed the request on"),
        ),
        ("cloudfront", &[], Value::clone, (502, false, "whole event")),
        (
            "cloudfront",
            &[],
            |_| json!(null),
            (502, false, "but is null"),
        ),
        (
            "cloudfront",
            &[("event", "viewer-response")],
            |event| edited(event, "/response/status", json!("404")),
            (502, false, "change the status"),
        ),
        (
            "cloudfront",
            &[("event", "origin-response")],
            |event| edited(event, "/response/status", json!("404")),
            (404, true, "stores"),
        ),
        (
            "cloudfront",
            &[("event", "viewer-response")],
            |event| edited(event, "/response/headers/via", json!([{"value": "1"}])),
            (502, false, "read-only header via"),
        ),
        (
            "cloudfront",
            &[("event", "viewer-response")],
            |event| {
                edited(
                    event,
                    "/response/headers/x-new",
                    json!([{"key": "X-New", "value": "1"}]),
                )
            },
            (200, true, "viewer gets"),
        ),
        // Batch operations.
        (
            "s3-batch",
            &[],
            |event| batch_answer(event, "TemporaryFailure"),
            (0, false, "another try"),
        ),
        (
            "s3-batch",
            &[("schema", "2.0")],
            |event| batch_answer(event, "PermanentFailure"),
            (0, false, "for good"),
        ),
        (
            "s3-batch",
            &[],
            |event| batch_answer(event, "Ok"),
            (0, false, "resultCode must be"),
        ),
        // Cognito.
        (
            "cognito",
            &[("trigger", "CustomMessage_SignUp")],
            |event| {
                let mut event = event.clone();
                event["response"]["emailMessage"] = json!("no code");
                event
            },
            (400, false, "codeParameter"),
        ),
        (
            "cognito",
            &[("trigger", "UserMigration_Authentication")],
            Value::clone,
            (400, false, "userAttributes must be filled"),
        ),
        (
            "cognito",
            &[],
            |_| json!({"statusCode": 200}),
            (400, false, "no key response"),
        ),
        // Lex.
        (
            "lex",
            &[],
            |_| json!({"messages": []}),
            (424, false, "sessionState is always required"),
        ),
        // Firehose.
        (
            "firehose",
            &[],
            |event| {
                json!({"records": [{"recordId": event["records"][0]["recordId"], "result": "Dropped"},
            {"recordId": event["records"][1]["recordId"], "result": "ProcessingFailed"}]})
            },
            (0, false, "1 were dropped on purpose, 1 failed"),
        ),
        (
            "firehose",
            &[],
            |event| {
                json!({"records": [{"recordId": event["records"][0]["recordId"], "result": "Ok", "data": "%"},
            {"recordId": event["records"][1]["recordId"], "result": "Dropped"}]})
            },
            (0, false, "data in base64"),
        ),
        // Batches.
        (
            "sqs",
            &[],
            |event| json!({"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}),
            (0, false, "1 of 2 messages failed"),
        ),
        (
            "sqs",
            &[],
            |_| json!({"batchItemFailures": [{"itemIdentifier": ""}]}),
            (0, false, "must not be empty"),
        ),
        (
            "sqs",
            &[],
            |_| json!({"batchItemFailures": null}),
            (0, true, "done"),
        ),
        (
            "kinesis",
            &[],
            |event| json!({"batchItemFailures": [{"itemIdentifier": event["Records"][0]["kinesis"]["sequenceNumber"]}]}),
            (0, false, "lowest"),
        ),
        (
            "kafka",
            &[],
            |_| json!({"batchItemFailures": [{"itemIdentifier": {"partition": "mytopic-0", "offset": 16}}]}),
            (0, false, "1 of 2 records failed"),
        ),
    ];
    for (id, changes, make, seen) in cases {
        let trigger = find(id);
        let event = trigger.sample(&form(trigger, changes), CONTEXT);
        let view = trigger.caller_view(&event, &answer(&make(&event).to_string()));
        assert_seen(&format!("{id} {changes:?}"), &view, *seen);
    }
    let unauthorized = failure(r#"{"errorMessage":"Unauthorized","errorType":"Error"}"#);
    let view = find("api-gateway-authorizer-token").caller_view(&Value::Null, &unauthorized);
    assert_eq!(
        (view.status, view.body.as_str()),
        (Some(401), r#"{"message":"Unauthorized"}"#)
    );
    let stream =
        "{\"statusCode\":201,\"headers\":{\"content-type\":\"text/plain\"}}\0\0\0\0\0\0\0\0hello";
    let view = find("function-url-streaming").caller_view(&Value::Null, &answer(stream));
    assert_eq!((view.status, view.body.as_str()), (Some(201), "hello"));
}

/// Request or response of an edge event with one value changed or added.
fn edited(event: &Value, pointer: &str, value: Value) -> Value {
    let mut cf = event["Records"][0]["cf"].clone();
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
    let parent = cf.pointer_mut(parent).expect("it is in the sample");
    match parent {
        Value::Array(list) => list[key.parse::<usize>().expect("a number")] = value,
        parent => parent[key] = value,
    }
    let root = pointer.split('/').nth(1).expect("a key");
    cf[root].clone()
}

/// What the callers with limits of their own wait, in seconds.
#[test]
fn callers_have_their_limits() {
    for (id, changes, seconds) in [
        ("api-gateway-http", &[][..], 30),
        ("api-gateway-rest", &[], 29),
        ("api-gateway-websocket", &[], 29),
        ("api-gateway-authorizer-token", &[], 29),
        (
            "api-gateway-authorizer-request",
            &[("format", "HTTP API (2.0)")],
            10,
        ),
        ("cloudfront", &[("event", "viewer-request")], 5),
        ("cloudfront", &[("event", "viewer-response")], 5),
        ("cloudfront", &[("event", "origin-request")], 30),
        ("cloudfront", &[("event", "origin-response")], 30),
        ("cognito", &[], 5),
        ("lex", &[], 30),
        ("alexa", &[], 8),
        ("firehose", &[], 300),
        ("ses", &[("invocation", "RequestResponse")], 30),
    ] {
        let trigger = find(id);
        let event = trigger.sample(&form(trigger, changes), CONTEXT);
        let limit = trigger
            .caller_timeout(&event)
            .map(|limit| limit.as_nanos() / 1_000_000_000);
        assert_eq!(limit, Some(seconds), "{id} {changes:?}");
    }
    let sender = find("cognito");
    let event = sender.sample(
        &form(sender, &[("trigger", "CustomSMSSender_SignUp")]),
        CONTEXT,
    );
    assert_eq!(sender.invocation_type(&event), InvocationType::Event);
    assert_eq!(sender.caller_timeout(&event), None);
}

#[test]
fn direct_calls_come_with_the_command_for_them() {
    let command = find("direct")
        .command("{\"it's\": 1}", "my-function")
        .expect("a command");
    assert_eq!(
        command.cli,
        r#"aws lambda invoke --function-name my-function --cli-binary-format raw-in-base64-out --payload '{"it'\''s":1}' response.json"#
    );
    assert!(
        command
            .request
            .starts_with("POST /2015-03-31/functions/my-function/invocations HTTP/1.1\n"),
        "{}",
        command.request
    );
    assert!(command.request.ends_with("X-Amz-Invocation-Type: RequestResponse\nContent-Type: application/json\nContent-Length: 10\n\n{\"it's\":1}"), "{}", command.request);
    for (id, flag) in [("direct-async", "Event"), ("direct-dry-run", "DryRun")] {
        let command = find(id).command("null", "f").expect("a command");
        assert!(
            command.cli.contains(&format!("--invocation-type {flag} ")),
            "{}",
            command.cli
        );
        assert!(
            command
                .request
                .contains(&format!("X-Amz-Invocation-Type: {flag}\n")),
            "{}",
            command.request
        );
    }
    assert_eq!(find("s3").command("{}", "f"), None);
}
