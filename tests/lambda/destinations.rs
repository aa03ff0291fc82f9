//! Reference section 5: destinations, dead-letter queues, throttled events, loops, duplicates.

use lambda_playground::lambda::caller::Call;
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::{Destination, FunctionConfig, RecursiveLoop};
use lambda_playground::lambda::drill::{Drill, Trouble};
use lambda_playground::lambda::event::{
    Delivery, DeliveryKind, DropReason, Entry, Event, InvocationType, RetryCause,
};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::lambda::traffic::Pattern;
use serde_json::{Value, json};

use crate::fleet::*;
use crate::scripted::*;

const EVENT: InvocationType = InvocationType::Event;

fn queue(name: &str) -> Option<Destination> {
    Some(Destination(format!(
        "arn:aws:sqs:us-east-1:123456789012:{name}"
    )))
}

fn deliveries(entries: &[Entry]) -> Vec<&Delivery> {
    entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Delivered { delivery, .. } => Some(&**delivery),
            _ => None,
        })
        .collect()
}

/// One event through a function that does this, with these settings.
fn one(acts: Vec<Act>, change: impl FnOnce(&mut FunctionConfig)) -> Vec<Entry> {
    let mut config = config(1_769, 3);
    change(&mut config);
    play(setup(
        config,
        Scripted::always(acts),
        vec![event_at(0, r#"{"key":1}"#)],
    ))
}

/// The failure record, to the letter: RetriesExhausted after three tries.
#[test]
fn the_failure_record_after_all_retries() {
    let entries = one(vec![Sleep(100), fail("Oops", "broken")], |c| {
        c.on_failure = queue("failed")
    });
    let story = &summary::invocations(&entries)[0];
    let sent = deliveries(&entries);
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].kind, sent[0].delivered),
        (DeliveryKind::OnFailure, true)
    );
    assert_eq!(sent[0].attributes, []);
    let id = story.request_id;
    // Keys in Lambda's order.
    assert_eq!(
        sent[0].body,
        format!(
            "{{\"version\":\"1.0\",\"timestamp\":\"2026-01-05T12:03:00.300Z\",\"requestContext\":{{\"requestId\":\"{id}\",\
             \"functionArn\":\"arn:aws:lambda:us-east-1:123456789012:function:my-function:$LATEST\",\
             \"condition\":\"RetriesExhausted\",\"approximateInvokeCount\":3}},\"requestPayload\":{{\"key\":1}},\
             \"responseContext\":{{\"statusCode\":200,\"executedVersion\":\"$LATEST\",\"functionError\":\"Unhandled\"}},\
             \"responsePayload\":{{\"errorMessage\":\"broken\",\"errorType\":\"Oops\",\"requestId\":\"{id}\"}}}}"
        )
    );
    // The order of things: given up, then sent on.
    let dropped = entries
        .iter()
        .position(|e| matches!(e.event, Event::Dropped { .. }));
    let delivered = entries
        .iter()
        .position(|e| matches!(e.event, Event::Delivered { .. }));
    assert!(dropped < delivered);
}

/// The success record: condition Success, no functionError; an answer that is not JSON is a string.
#[test]
fn the_success_record() {
    for (text, payload) in [("{\"a\": 1}", json!({"a": 1})), ("plain", json!("plain"))] {
        let entries = one(vec![answer(text)], |c| c.on_success = queue("done"));
        let sent = deliveries(&entries);
        assert_eq!(sent[0].kind, DeliveryKind::OnSuccess);
        let record: Value = serde_json::from_str(&sent[0].body).unwrap();
        assert_eq!(record["requestContext"]["condition"], "Success");
        assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
        assert_eq!(
            record["responseContext"],
            json!({"statusCode": 200, "executedVersion": "$LATEST"})
        );
        assert_eq!(record["responsePayload"], payload);
    }
}

/// "DLQ: original event body; attributes RequestID (String), ErrorCode (Number), ErrorMessage (String, first 1 KB)"; "Both
/// may be set; both get the event".
#[test]
fn a_dead_letter_is_the_event_with_attributes() {
    let entries = one(
        vec![fail("Oops", Box::leak("é".repeat(2_000).into_boxed_str()))],
        |c| {
            c.dead_letter = queue("dead");
            c.on_failure = queue("failed");
            c.maximum_retry_attempts = 0;
        },
    );
    let sent = deliveries(&entries);
    let kinds: Vec<_> = sent.iter().map(|delivery| delivery.kind).collect();
    assert_eq!(kinds, [DeliveryKind::OnFailure, DeliveryKind::DeadLetter]);
    let letter = sent[1];
    assert_eq!(letter.body, r#"{"key":1}"#);
    let id = summary::invocations(&entries)[0].request_id.to_string();
    let text = |text: &str| text.to_owned();
    assert_eq!(
        letter.attributes,
        [
            (text("RequestID"), text("String"), id),
            (text("ErrorCode"), text("Number"), text("200")),
            (text("ErrorMessage"), text("String"), "é".repeat(512)),
        ]
    );
}

/// "EventBridge wrapping: source lambda, detail-type Lambda Function Invocation Result - Failure".
#[test]
fn event_bridge_gets_an_event_of_its_own() {
    let bus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
    let entries = one(vec![fail("Oops", "")], |c| {
        c.on_failure = Some(Destination(bus.to_owned()));
        c.maximum_retry_attempts = 0;
    });
    let event: Value = serde_json::from_str(&deliveries(&entries)[0].body).unwrap();
    assert_eq!(event["source"], "lambda");
    assert_eq!(
        event["detail-type"],
        "Lambda Function Invocation Result - Failure"
    );
    assert_eq!(
        event["resources"],
        json!([
            bus,
            "arn:aws:lambda:us-east-1:123456789012:function:my-function:$LATEST"
        ])
    );
    assert_eq!(
        event["detail"]["requestContext"]["condition"],
        "RetriesExhausted"
    );
    assert_eq!(event["time"], "2026-01-05T12:00:00Z");
}

/// "Reserved concurrency 0 -> condition ZeroReservedConcurrency, approximateInvokeCount 0", no response.
#[test]
fn a_switched_off_function_sends_its_events_straight_on() {
    let entries = one(vec![], |c| {
        c.on_failure = queue("failed");
        c.reserved_concurrency = Some(0);
    });
    let story = &summary::invocations(&entries)[0];
    assert_eq!(story.caller.as_ref().unwrap().1.status, Some(202));
    assert_eq!(
        story.status,
        Status::Dropped(DropReason::ZeroReservedConcurrency)
    );
    let record: Value = serde_json::from_str(&deliveries(&entries)[0].body).unwrap();
    assert_eq!(
        record["requestContext"]["condition"],
        "ZeroReservedConcurrency"
    );
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(record.get("responseContext"), None);
    assert_eq!(record.get("responsePayload"), None);
}

/// A destination that is a function is invoked asynchronously with the record.
#[test]
fn a_function_can_be_a_destination() {
    let mut first = function("first", model(0, 10));
    first.config.on_success = Some(Destination(
        "arn:aws:lambda:us-east-1:123456789012:function:second".to_owned(),
    ));
    let entries = play(Setup {
        requests: vec![at(0, call(EVENT, "first", None))],
        ..fleet(vec![first, function("second", model(0, 10))])
    });
    let stories = summary::invocations(&entries);
    assert_eq!(stories.len(), 2);
    assert_eq!(
        (stories[1].kind, stories[1].trigger.as_str()),
        (EVENT, "lambda-destination")
    );
    let record: Value = serde_json::from_str(&stories[1].payload).unwrap();
    assert_eq!(
        record["requestContext"]["requestId"],
        stories[0].request_id.to_string()
    );
    assert_eq!(stories[1].status, Status::Succeeded);
    assert_eq!(stories[1].caller, None);
}

/// "Lambda stops the next one after about 16 times; RecursiveLoop Allow|Terminate".
#[test]
fn loops_are_stopped() {
    let looping = |recursive_loop| {
        let mut function = function("loop", model(0, 10));
        function.config.recursive_loop = recursive_loop;
        function.config.dead_letter = queue("dead");
        function.config.on_success = Some(Destination(
            "arn:aws:lambda:us-east-1:123456789012:function:loop".to_owned(),
        ));
        fleet(vec![function])
    };
    let entries = play(Setup {
        requests: vec![at(0, call(EVENT, "loop", None))],
        ..looping(RecursiveLoop::Terminate)
    });
    let totals = summary::totals(&entries);
    assert_eq!((totals.invocations, totals.dropped), (16, 1));
    let stopped = summary::invocations(&entries).pop().unwrap();
    assert_eq!(stopped.status, Status::Dropped(DropReason::RecursiveLoop));
    assert_eq!(stopped.deliveries[0].kind, DeliveryKind::DeadLetter);
    // Allowed, it goes on.
    let mut cloud = lambda_playground::lambda::cloud::Cloud::start(Setup {
        requests: vec![at(0, call(EVENT, "loop", None))],
        ..looping(RecursiveLoop::Allow)
    });
    for _ in 0..1_000 {
        assert!(cloud.step());
    }
}

/// "Throttle: retry gap grows from 1 s to 5 min; these tries do not count against the 2 retries"; accepted all the same.
#[test]
fn throttled_events_wait_in_the_queue() {
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 3 }, call(EVENT, "f", None))],
        ..fleet(vec![reserving(function("f", model(0, 2_500)), 1)])
    });
    let stories = summary::invocations(&entries);
    assert!(
        stories
            .iter()
            .all(|story| story.status == Status::Succeeded)
    );
    assert!(
        stories
            .iter()
            .all(|story| story.attempts.len() == 1 && story.attempts[0].number == 1)
    );
    let waits: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::RetryScheduled {
                invocation,
                cause: RetryCause::Throttled,
                due,
                ..
            } if invocation.0 == 1 => Some(due.since(entry.at).as_nanos() / 1_000_000_000),
            _ => None,
        })
        .collect();
    assert_eq!(waits, [1, 2], "and at 3 s there is room");
}

/// An event that never finds room is given up at its maximum age; ErrorCode is then 429.
#[test]
fn an_event_that_never_finds_room_is_given_up() {
    let mut busy = reserving(function("f", model(0, 1)), 1);
    busy.config.timeout.0 = 900;
    busy.package = lambda_playground::lambda::function::Package::Model(model(0, 800_000));
    busy.config.maximum_event_age_seconds = 60;
    busy.config.dead_letter = queue("dead");
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 2 }, call(EVENT, "f", None))],
        ..fleet(vec![busy])
    });
    let story = &summary::invocations(&entries)[1];
    assert_eq!(story.status, Status::Dropped(DropReason::EventAgeExceeded));
    // 1 + 2 + 4 + 8 + 16 s, and the next wait of 32 would be too long.
    assert_eq!(story.ended, Some(ms(31_000)));
    let letter = &story.deliveries[0];
    assert_eq!(letter.attributes[1].2, "429");
}

/// "At-least-once: same event may arrive twice even without errors": a switch, off by default.
#[test]
fn events_may_be_delivered_twice() {
    let entries = play(Setup {
        duplicates_per_million: 1_000_000,
        requests: vec![at(0, call(EVENT, "f", None))],
        ..fleet(vec![function("f", model(0, 10))])
    });
    let stories = summary::invocations(&entries);
    assert_eq!(stories.len(), 2);
    assert_eq!(
        stories[0].request_id, stories[1].request_id,
        "the same request id"
    );
    assert!(
        stories
            .iter()
            .all(|story| story.status == Status::Succeeded)
    );
    assert_eq!(
        count(&entries, |e| matches!(e, Event::Duplicated { .. })),
        1
    );
    assert_eq!(count(&entries, |e| matches!(e, Event::CallerSaw { .. })), 1);
}

/// A drill: the destination does not take the record.
#[test]
fn a_throttled_destination_loses_the_record() {
    let mut function = function(
        "f",
        Model {
            errors_per_million: 1_000_000,
            ..model(0, 10)
        },
    );
    function.config.maximum_retry_attempts = 0;
    function.config.on_failure = queue("failed");
    function.config.dead_letter = queue("dead");
    let entries = play(Setup {
        drills: vec![Drill {
            function: None,
            from: ms(0),
            until: None,
            trouble: Trouble::ThrottledDestination {
                per_million: 1_000_000,
            },
        }],
        requests: vec![at(0, Call::clone(&call(EVENT, "f", None)))],
        ..fleet(vec![function])
    });
    assert!(
        deliveries(&entries)
            .iter()
            .all(|delivery| !delivery.delivered)
    );
    assert_eq!(deliveries(&entries).len(), 2);
}
