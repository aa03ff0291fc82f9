//! Triggers: samples that real event types accept, and what callers see, as tables.

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::s3::S3Event;
use lambda_playground::lambda::event::{CallerView, InvokeResponse};
use lambda_playground::trigger::{self, Form, SampleContext, Trigger, parse_event};
use serde_json::{Value, json};

mod contracts;
mod forms;
mod hostile;
mod key_paths;
mod played;
mod polled;
mod rules;
mod samples;
mod states_language;

const CONTEXT: SampleContext = SampleContext {
    time_ms: 1_767_614_400_137,
    seed: 1,
};

#[track_caller]
fn find(id: &str) -> &'static dyn Trigger {
    trigger::by_id(id).unwrap_or_else(|| panic!("there is no trigger {id}"))
}

/// A trigger's default form with some fields changed.
#[track_caller]
fn form(trigger: &dyn Trigger, changes: &[(&str, &str)]) -> Form {
    let mut form = trigger::default_form(trigger);
    for (key, value) in changes {
        let field = form.iter_mut().find(|(found, _)| found == key);
        field.unwrap_or_else(|| panic!("there is no field {key}")).1 = (*value).to_owned();
    }
    form
}

#[track_caller]
fn sample(id: &str, changes: &[(&str, &str)]) -> Value {
    let trigger = find(id);
    trigger.sample(&form(trigger, changes), CONTEXT)
}

fn answer(payload: &str) -> InvokeResponse {
    InvokeResponse {
        status: 200,
        function_error: None,
        executed_version: Some("$LATEST".to_owned()),
        payload: payload.to_owned(),
    }
}

/// Every key of `ours` must be in `theirs` with the same value.
#[track_caller]
fn assert_kept(ours: &Value, theirs: &Value, path: &str) {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, value) in ours {
                let path = format!("{path}.{key}");
                assert_kept(
                    value,
                    theirs.get(key).unwrap_or_else(|| panic!("{path} is lost")),
                    &path,
                );
            }
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{path}");
            for (number, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                assert_kept(ours, theirs, &format!("{path}[{number}]"));
            }
        }
        _ => assert_eq!(ours, theirs, "{path}"),
    }
}

#[test]
fn http_events_survive_the_real_event_type() {
    for changes in [
        &[][..],
        &[
            ("method", "POST"),
            ("body", "{\"a\":1}"),
            ("query", "a=1&a=2&b=x%20y+z"),
            ("route", "Method and path"),
        ],
        &[
            ("headers", "cookie: a=1; b=2\nX-Two: 1\nx-two: 2"),
            ("body", "a=b"),
            ("method", "PUT"),
            ("path", "items/1"),
        ],
    ] {
        let event = sample("api-gateway-http", changes);
        assert_eq!(find("api-gateway-http").check_event(&event), []);
        let typed: ApiGatewayV2httpRequest =
            serde_json::from_value(event.clone()).expect("the real type takes it");
        let mut back = serde_json::to_value(typed).expect("JSON");
        // The type keeps these as lists; as JSON they are joined strings.
        if let (Some(ours), Some(theirs)) = (
            event.get("queryStringParameters"),
            back.get_mut("queryStringParameters"),
        ) {
            for (name, value) in ours.as_object().expect("an object") {
                let list = theirs[name].as_array().map(|list| {
                    list.iter()
                        .filter_map(Value::as_str)
                        .collect::<Vec<_>>()
                        .join(",")
                });
                if let Some(joined) = list {
                    assert_eq!(*value, joined);
                    theirs[name] = joined.into();
                }
            }
        }
        assert_kept(&event, &back, "$");
    }
}

#[test]
fn s3_events_survive_the_real_event_type() {
    for changes in [
        &[][..],
        &[
            ("event", "ObjectCreated:CompleteMultipartUpload"),
            ("versioning", "On"),
            ("size", "5368709120"),
        ],
    ] {
        let event = sample("s3", changes);
        assert_eq!(find("s3").check_event(&event), []);
        let typed: S3Event = serde_json::from_value(event.clone()).expect("the real type takes it");
        let back = serde_json::to_value(typed).expect("JSON");
        assert_kept(&event, &back, "$");
    }
}

#[test]
fn http_requests_become_events() {
    let request = |changes: &[(&str, &str)], pointer: &str| {
        sample("api-gateway-http", changes)
            .pointer(pointer)
            .cloned()
    };
    for (changes, pointer, wanted) in [
        (&[][..], "/rawPath", Some(json!("/"))),
        (&[], "/routeKey", Some(json!("$default"))),
        (&[], "/queryStringParameters", None),
        (&[], "/cookies", None),
        (&[], "/body", None),
        (&[], "/isBase64Encoded", Some(json!(false))),
        (
            &[],
            "/requestContext/time",
            Some(json!("05/Jan/2026:12:00:00 +0000")),
        ),
        (
            &[],
            "/requestContext/timeEpoch",
            Some(json!(1_767_614_400_137_i64)),
        ),
        (&[("path", "items")], "/rawPath", Some(json!("/items"))),
        (
            &[("path", "/items"), ("route", "Method and path")],
            "/routeKey",
            Some(json!("GET /items")),
        ),
        (
            &[("query", "?a=1&b=2&a=3")],
            "/rawQueryString",
            Some(json!("a=1&b=2&a=3")),
        ),
        (
            &[("query", "a=1&b=2&a=3")],
            "/queryStringParameters",
            Some(json!({"a": "1,3", "b": "2"})),
        ),
        (
            &[("query", "q=caf%C3%A9+au%20lait&x&%zz=1")],
            "/queryStringParameters",
            Some(json!({"q": "café au lait", "x": "", "%zz": "1"})),
        ),
        (
            &[("headers", "Cookie: a=1; b=2\nAccept: text/html")],
            "/cookies",
            Some(json!(["a=1", "b=2"])),
        ),
        (&[("headers", "Cookie: a=1")], "/headers/cookie", None),
        (
            &[("headers", "X-A: 1\nx-a: 2")],
            "/headers/x-a",
            Some(json!("1,2")),
        ),
        (
            &[("headers", "User-Agent: me")],
            "/requestContext/http/userAgent",
            Some(json!("me")),
        ),
        (
            &[("body", "é")],
            "/headers/content-length",
            Some(json!("2")),
        ),
        // JSON is text; forms, and bodies that nobody says what they are, are not.
        (&[("body", "{}")], "/body", Some(json!("{}"))),
        (
            &[
                ("body", "a=b"),
                ("headers", "content-type: application/x-www-form-urlencoded"),
            ],
            "/body",
            Some(json!("YT1i")),
        ),
        (
            &[("body", "hi"), ("headers", "")],
            "/isBase64Encoded",
            Some(json!(true)),
        ),
        (
            &[
                ("body", "hi"),
                ("headers", "content-type: text/plain; charset=utf-8"),
            ],
            "/isBase64Encoded",
            Some(json!(false)),
        ),
    ] {
        assert_eq!(request(changes, pointer), wanted, "{changes:?} {pointer}");
    }
}

#[test]
fn s3_keys_are_encoded_and_ids_look_like_s3s() {
    for (key, encoded) in [
        ("a.txt", "a.txt"),
        (
            "my photos/summer holiday (1).jpg",
            "my+photos/summer+holiday+%281%29.jpg",
        ),
        ("1+1=2", "1%2B1%3D2"),
        ("größe", "gr%C3%B6%C3%9Fe"),
    ] {
        let event = sample("s3", &[("key", key)]);
        assert_eq!(event["Records"][0]["s3"]["object"]["key"], encoded);
    }
    let event = sample("s3", &[("event", "ObjectCreated:CompleteMultipartUpload")]);
    let record = &event["Records"][0];
    assert_eq!(record["eventTime"], "2026-01-05T12:00:00.137Z");
    let object = &record["s3"]["object"];
    assert!(
        object["eTag"]
            .as_str()
            .is_some_and(|tag| tag.ends_with("-2") && tag.len() == 34),
        "{object}"
    );
    // 0x695BA7C0 is the sample's time in seconds.
    assert!(
        object["sequencer"]
            .as_str()
            .is_some_and(|s| s.starts_with("00695BA7C0") && s.len() == 18),
        "{object}"
    );
    assert_eq!(object.get("versionId"), None);
}

/// The response of a handler → what the caller of an HTTP API gets.
#[test]
fn http_responses_reach_the_caller_as_api_gateway_maps_them() {
    const JSON: &str = "application/json";
    const TEXT: &str = "text/plain; charset=utf-8";
    for (payload, status, content_type, body, rule) in [
        // With a status code: taken apart.
        (
            r#"{"statusCode":200,"body":"hi"}"#,
            200,
            TEXT,
            "hi",
            "added text/plain",
        ),
        (r#"{"statusCode":204}"#, 204, TEXT, "", "status 204"),
        (
            r#"{"statusCode":404,"headers":{"Content-Type":"text/html"},"body":"<p>"}"#,
            404,
            "text/html",
            "<p>",
            "status 404",
        ),
        (
            r#"{"statusCode":"201","body":null,"headers":null,"cookies":null}"#,
            201,
            TEXT,
            "",
            "status 201",
        ),
        (
            r#"{"statusCode":200,"unknown":[1],"body":"x"}"#,
            200,
            TEXT,
            "x",
            "status 200",
        ),
        (
            r#"{"statusCode":200,"isBase64Encoded":true,"body":"aGk="}"#,
            200,
            TEXT,
            "hi",
            "status 200",
        ),
        (
            r#"{"statusCode":200,"isBase64Encoded":true,"body":"//79"}"#,
            200,
            TEXT,
            "//79",
            "binary",
        ),
        // Without: inferred.
        (
            r#"{"message":"hi"}"#,
            200,
            JSON,
            r#"{"message":"hi"}"#,
            "no statusCode",
        ),
        (" {\"a\": 1}\n", 200, JSON, "{\"a\": 1}", "no statusCode"),
        (r#""hello""#, 200, JSON, "hello", "no statusCode"),
        ("3.1", 200, JSON, "3.1", "no statusCode"),
        ("[1]", 200, JSON, "[1]", "no statusCode"),
        ("null", 200, JSON, "null", "no statusCode"),
        ("{}", 200, JSON, "{}", "no statusCode"),
        (
            r#"{"statusCode":null}"#,
            200,
            JSON,
            r#"{"statusCode":null}"#,
            "no statusCode",
        ),
        // Malformed.
        ("", 500, JSON, INTERNAL, "not JSON"),
        ("hello", 500, JSON, INTERNAL, "not JSON"),
        (
            r#"{"statusCode":"test"}"#,
            500,
            JSON,
            INTERNAL,
            "from 100 to 599, but is \"test\"",
        ),
        (r#"{"statusCode":1000}"#, 500, JSON, INTERNAL, "but is 1000"),
        (r#"{"statusCode":-1}"#, 500, JSON, INTERNAL, "but is -1"),
        (
            r#"{"statusCode":200.5}"#,
            500,
            JSON,
            INTERNAL,
            "but is 200.5",
        ),
        (
            r#"{"statusCode":[200]}"#,
            500,
            JSON,
            INTERNAL,
            "field \"statusCode\"",
        ),
        (
            r#"{"statusCode":200,"headers":"x"}"#,
            500,
            JSON,
            INTERNAL,
            "field \"headers\"",
        ),
        (
            r#"{"statusCode":200,"headers":{"a":["b"]}}"#,
            500,
            JSON,
            INTERNAL,
            "field \"headers.a\"",
        ),
        (
            r#"{"statusCode":200,"body":{"a":1}}"#,
            500,
            JSON,
            INTERNAL,
            "wrong type for field \"body\"",
        ),
        (
            r#"{"statusCode":200,"body":7}"#,
            500,
            JSON,
            INTERNAL,
            "wrong type for field \"body\"",
        ),
        (
            r#"{"statusCode":200,"isBase64Encoded":"yes"}"#,
            500,
            JSON,
            INTERNAL,
            "field \"isBase64Encoded\"",
        ),
        (
            r#"{"statusCode":200,"isBase64Encoded":true,"body":"%"}"#,
            500,
            JSON,
            INTERNAL,
            "not base64",
        ),
        (
            r#"{"statusCode":200,"cookies":"a=1"}"#,
            500,
            JSON,
            INTERNAL,
            "field \"cookies\"",
        ),
        (
            r#"{"statusCode":200,"cookies":[1]}"#,
            500,
            JSON,
            INTERNAL,
            "field \"cookies\"",
        ),
    ] {
        let view = find("api-gateway-http").caller_view(&Value::Null, &answer(payload));
        assert_eq!(view.status, Some(status), "{payload}");
        assert_eq!(header(&view, "content-type"), [content_type], "{payload}");
        assert_eq!(view.body, body, "{payload}");
        assert_eq!(view.ok, status < 500, "{payload}");
        assert!(
            view.explanation.contains(rule),
            "{payload}: {}",
            view.explanation
        );
        // Whoever is refused here is told what a REST API would have said.
        assert_eq!(
            status == 500,
            view.explanation.contains("format that API Gateway expects"),
            "{payload}"
        );
        assert!(
            status != 500 || view.explanation.contains("502"),
            "{payload}"
        );
    }
}

const INTERNAL: &str = r#"{"message":"Internal Server Error"}"#;

fn header<'a>(view: &'a CallerView, name: &str) -> Vec<&'a str> {
    view.headers
        .iter()
        .filter(|(found, _)| found == name)
        .map(|(_, value)| value.as_str())
        .collect()
}

#[test]
fn http_headers_and_cookies_reach_the_caller() {
    let payload = json!({
        "statusCode": 200,
        "headers": {"X-Number": 7, "X-Flag": true, "X-None": null, "Content-Length": "99"},
        "cookies": ["a=1; Secure", "b=2"],
        "body": "aGVsbG8=",
        "isBase64Encoded": true,
    });
    let view = find("api-gateway-http").caller_view(&Value::Null, &answer(&payload.to_string()));
    assert_eq!(header(&view, "x-number"), ["7"]);
    assert_eq!(header(&view, "x-flag"), ["true"]);
    assert_eq!(header(&view, "x-none"), [""; 0]);
    assert_eq!(header(&view, "set-cookie"), ["a=1; Secure", "b=2"]);
    // The length of what the caller gets, whatever the function says.
    assert_eq!(header(&view, "content-length"), ["5"]);
}

/// How Lambda ended → what each trigger's caller sees.
#[test]
fn failures_reach_each_caller_in_its_own_way() {
    let unavailable = r#"{"message":"Service Unavailable"}"#;
    let error = r#"{"errorMessage":"no","errorType":"E"}"#;
    for (id, status, function_error, seen, body, ok) in [
        (
            "api-gateway-http",
            200,
            Some("Unhandled"),
            500,
            INTERNAL,
            false,
        ),
        ("api-gateway-http", 429, None, 503, unavailable, false),
        ("api-gateway-http", 403, None, 500, INTERNAL, false),
        ("api-gateway-http", 500, None, 500, INTERNAL, false),
        ("direct", 200, None, 200, error, true),
        ("direct", 200, Some("Unhandled"), 200, error, false),
        ("direct", 429, None, 429, error, false),
        ("direct-async", 202, None, 202, error, true),
        ("direct-async", 429, None, 429, error, false),
        ("s3", 202, None, 202, error, true),
        ("s3", 429, None, 429, error, false),
    ] {
        let view = find(id).caller_view(
            &Value::Null,
            &InvokeResponse {
                status,
                function_error: function_error.map(str::to_owned),
                executed_version: None,
                payload: error.to_owned(),
            },
        );
        assert_eq!(
            (view.status, view.body.as_str(), view.ok),
            (Some(seen), body, ok),
            "{id} {status}"
        );
    }
    let late = find("api-gateway-http").caller_timed_out(&Value::Null);
    assert_eq!(
        (late.status, late.body.as_str(), late.ok),
        (Some(503), unavailable, false)
    );
    assert!(late.explanation.contains("504"), "{}", late.explanation);
}

/// An edit of the sample → the finding, by code and place.
#[test]
fn edited_events_are_compared_with_real_ones() {
    for (id, pointer, value, code, place) in [
        (
            "api-gateway-http",
            "/requestContext/http",
            json!(1),
            "event.kind",
            "$.requestContext.http",
        ),
        (
            "api-gateway-http",
            "/headers",
            json!({"a": 1}),
            "event.kind",
            "$.headers",
        ),
        (
            "api-gateway-http",
            "/headers",
            json!({"Accept": "x"}),
            "event.value",
            "$.headers.Accept",
        ),
        (
            "api-gateway-http",
            "/version",
            json!("1.0"),
            "event.value",
            "$.version",
        ),
        (
            "api-gateway-http",
            "/isBase64Encoded",
            json!("no"),
            "event.kind",
            "$.isBase64Encoded",
        ),
        ("s3", "/Records", json!({}), "event.kind", "$.Records"),
        ("s3", "/Records", json!([]), "event.records", "$.Records"),
        ("s3", "/Records/0", json!("x"), "event.kind", "$.Records[0]"),
        (
            "s3",
            "/Records/0/s3/object/key",
            json!("a b"),
            "event.value",
            "$.Records[0].s3.object.key",
        ),
        (
            "s3",
            "/Records/0/s3/object/size",
            json!("1"),
            "event.kind",
            "$.Records[0].s3.object.size",
        ),
        (
            "s3",
            "/Records/0/eventName",
            json!("s3:ObjectCreated:Put"),
            "event.value",
            "$.Records[0].eventName",
        ),
        (
            "s3",
            "/Records/0/eventSource",
            json!("aws:sns"),
            "event.value",
            "$.Records[0].eventSource",
        ),
        ("s3", "", json!({}), "event.missing", "$.Records"),
        ("s3", "", json!([]), "event.kind", "$"),
        ("api-gateway-http", "", json!(null), "event.kind", "$"),
    ] {
        let mut event = sample(id, &[]);
        *event.pointer_mut(pointer).expect("it is in the sample") = value;
        let found: Vec<_> = find(id)
            .check_event(&event)
            .into_iter()
            .map(|found| (found.code, found.place))
            .collect();
        assert_eq!(
            found,
            [(code.to_owned(), place.to_owned())],
            "{id} {pointer}"
        );
    }
}

#[test]
fn missing_keys_are_named_once_with_their_path() {
    let mut event = sample("api-gateway-http", &[]);
    event["requestContext"]
        .as_object_mut()
        .expect("an object")
        .remove("http");
    let found: Vec<_> = find("api-gateway-http")
        .check_event(&event)
        .into_iter()
        .map(|found| found.place)
        .collect();
    assert_eq!(found, ["$.requestContext.http"]);
}

/// Text → where it breaks, and a word of the cause.
#[test]
fn broken_json_is_explained() {
    for (text, place, word) in [
        ("", "line 1, column 1", "empty"),
        ("  \n ", "line 2, column 1", "empty"),
        ("{\"a\": 1", "line 1, column 7", "still open"),
        ("{'a': 1}", "line 1, column 2", "quotation mark"),
        ("{“a”: 1}", "line 1, column 2", "quotation mark"),
        ("{\n  \"a\": 1,\n}", "line 3, column 1", "comma before"),
        ("[1, 2,]", "line 1, column 7", "comma before"),
        ("{a: 1}", "line 1, column 2", "not in quotes"),
        ("{\"a\" 1}", "line 1, column 6", "`:`"),
        ("{\"a\": 1 \"b\": 2}", "line 1, column 9", "comma"),
        ("{} {}", "line 1, column 4", "after the end"),
        ("{\"a\": 01}", "line 1, column 8", "number"),
        ("{\"a\": True}", "line 1, column 7", "not a JSON value"),
        ("{\"a\": NaN}", "line 1, column 7", "not a JSON value"),
        ("// hi\n{}", "line 1, column 1", "comments"),
        ("{\"a\": \"\\x\"}", "line 1, column 9", "backslash"),
        ("{\"a\": \"b\nc\"}", "line 2, column 1", "line break"),
    ] {
        let problem = parse_event(text).expect_err(text);
        assert_eq!(problem.place, place, "{text}: {problem}");
        assert!(problem.cause.contains(word), "{text}: {problem}");
    }
    assert_eq!(parse_event("\u{feff}{}"), Ok(json!({})));
    assert!(parse_event(&"[".repeat(100_000)).is_err());
}
