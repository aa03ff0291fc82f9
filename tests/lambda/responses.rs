//! Reference sections 2.2 and 3.1: what the invoker gets back, to the letter.

use lambda_playground::guest::engine::Trap;
use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::lambda::event::{Event, InvokeResponse, ReportStatus};
use lambda_playground::lambda::summary::{self, Status};

use crate::scripted::*;

/// Runs one synchronous invocation whose handler does this; returns the answer and REPORT's status, with the request id
/// written as `<id>`.
fn invoke(act: Act) -> (InvokeResponse, Option<ReportStatus>) {
    let entries = run(Scripted::always(vec![act]), vec![sync_at(0)]);
    let story = summary::invocations(&entries).remove(0);
    let status = story.last_report().unwrap().status.clone();
    let mut response = story.response.unwrap();
    response.payload = response
        .payload
        .replace(&story.request_id.to_string(), "<id>");
    (response, status)
}

fn error(error_type: &str) -> Option<ReportStatus> {
    Some(ReportStatus::Error(error_type.to_owned()))
}

#[test]
fn every_failure_is_a_200_with_its_error_object() {
    let cases = [
        (
            "handler reports an error",
            fail("Exception", "Handler \"fails\""),
            r#"{"errorMessage":"Handler \"fails\"","errorType":"Exception","requestId":"<id>"}"#,
            None,
        ),
        (
            "timeout (now)",
            Sleep(3_000),
            r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: <id> Error: Task timed out after 3.00 seconds"}"#,
            Some(ReportStatus::Timeout),
        ),
        (
            "out of memory",
            Grow(u64::MAX),
            r#"{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: <id> Error: Runtime exited with error: signal: killed"}"#,
            error("Runtime.OutOfMemory"),
        ),
        (
            "process exits with code n",
            End(PhaseEnd::Exited(127)),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: exit status 127"}"#,
            error("Runtime.ExitError"),
        ),
        (
            "process exits with code 0",
            End(PhaseEnd::Exited(0)),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited without providing a reason"}"#,
            error("Runtime.ExitError"),
        ),
        (
            "trap, as a native build would die of it",
            End(PhaseEnd::Trapped(Trap::Unreachable)),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: signal: aborted"}"#,
            error("Runtime.ExitError"),
        ),
        (
            "access out of bounds",
            End(PhaseEnd::Trapped(Trap::MemoryOutOfBounds)),
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: signal: segmentation fault"}"#,
            error("Runtime.ExitError"),
        ),
        (
            "the calling convention broken",
            End(PhaseEnd::BrokenContract("no".to_owned())),
            r#"{"errorMessage":"no","errorType":"Runtime.BrokenContract","requestId":"<id>"}"#,
            error("Runtime.BrokenContract"),
        ),
    ];
    for (name, act, payload, status) in cases {
        let (response, reported) = invoke(act);
        assert_eq!(response.payload, payload, "{name}");
        assert_eq!(response.status, 200, "{name}");
        assert_eq!(
            response.function_error.as_deref(),
            Some("Unhandled"),
            "{name}"
        );
        assert_eq!(
            response.executed_version.as_deref(),
            Some("$LATEST"),
            "{name}"
        );
        assert_eq!(reported, status, "{name}");
    }
}

/// "Exception during init (reported): error object with `"requestId":""`".
#[test]
fn an_error_reported_during_init_has_an_empty_request_id() {
    let code = Scripted::new(|_| vec![fail("Oops", "no config")], |_| vec![]);
    let entries = run(code, vec![sync_at(0)]);
    let story = summary::invocations(&entries).remove(0);
    assert_eq!(
        story.response.as_ref().unwrap().payload,
        r#"{"errorMessage":"no config","errorType":"Oops","requestId":""}"#
    );
    assert_eq!(story.last_report().unwrap().status, error("Oops"));
    assert_eq!(story.status, Status::Failed("Oops".to_owned()));
}

/// A provided.* runtime's answer goes through as it is.
#[test]
fn answers_go_through_as_they_are() {
    for text in ["null", r#"{"statusCode":200}"#, "not json", "", "\"ü\""] {
        let (response, status) = invoke(answer(text));
        assert_eq!(response.payload, text);
        assert_eq!(response.status, 200);
        assert_eq!(response.function_error, None);
        assert_eq!(response.executed_version.as_deref(), Some("$LATEST"));
        assert_eq!(status, None);
    }
}

/// "Response > 6,291,556 B".
#[test]
fn responses_have_a_size_limit() {
    let (response, _) = invoke(answer(&"x".repeat(6_291_556)));
    assert_eq!(response.function_error, None);
    assert_eq!(response.payload.len(), 6_291_556);
    let (response, status) = invoke(answer(&"x".repeat(6_291_557)));
    assert_eq!(
        response.payload,
        r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#
    );
    assert_eq!(response.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(status, None);
}

/// Sends one request and expects it to be refused without an environment.
fn refused(request: lambda_playground::lambda::caller::Request) -> InvokeResponse {
    let entries = run(Scripted::idle(), vec![request]);
    assert_eq!(entries.len(), 4, "began, received, refused, seen");
    let Event::Refused { response, .. } = &entries[2].event else {
        panic!("{:?}", entries[2]);
    };
    assert_eq!(response.function_error, None);
    assert_eq!(response.executed_version, None);
    InvokeResponse::clone(response)
}

/// 400 InvalidRequestContentException.
#[test]
fn an_event_that_is_not_json_is_refused() {
    for request in [sync_with("{oops"), event_at(0, "{oops"), sync_with(" ")] {
        let response = refused(request);
        assert_eq!(response.status, 400);
        assert_eq!(response.api_error(), Some("InvalidRequestContentException"));
        assert!(
            response.payload.starts_with(
                r#"{"Type":"User","message":"Could not parse request body into json: Could not parse payload into json: "#
            ),
            "{}",
            response.payload
        );
    }
}

/// Any JSON is an event; no payload at all is `{}`.
#[test]
fn any_json_is_an_event() {
    let deep = "[".repeat(2_000) + &"]".repeat(2_000);
    for (payload, event) in [
        ("", "{}"),
        ("3", "3"),
        ("null", "null"),
        ("[1, 2]", "[1, 2]"),
        (deep.as_str(), deep.as_str()),
    ] {
        let code = Scripted::idle();
        let seen = code.seen.clone();
        run(code, vec![sync_with(payload)]);
        assert_eq!(seen.borrow().events[0].1, event.as_bytes());
    }
}

/// 413 RequestTooLargeException: 6 MB synchronous, 1 MB asynchronous.
#[test]
fn events_have_a_size_limit() {
    let json = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let cases = [
        (6_291_456, sync_with as fn(&str) -> _, "RequestResponse"),
        (1_048_576, |text: &str| event_at(0, text), "Event"),
    ];
    for (limit, request, kind) in cases {
        let response = refused(request(&json(limit + 1)));
        assert_eq!(response.status, 413);
        assert_eq!(response.api_error(), Some("RequestTooLargeException"));
        assert_eq!(
            response.payload,
            format!(
                r#"{{"Type":"User","message":"{} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"}}"#,
                limit + 1
            )
        );
        let entries = run(Scripted::idle(), vec![request(&json(limit))]);
        assert_eq!(summary::invocations(&entries)[0].status, Status::Succeeded);
    }
}
