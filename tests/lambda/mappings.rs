//! Event source mappings in the cloud: reference 6.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::event::{Entry, Event};
use lambda_playground::lambda::event_source::SourceEvent;
use lambda_playground::scenario::{Arrival, Scenario, from_json, to_json};
use lambda_playground::sim::SimTime;
use serde_json::{Value, json};

use crate::scripted::*;

pub const SQS: &str = r#"{"Records":[{"body":"good"},{"body":"bad"}]}"#;
pub const KINESIS: &str = r#"{"Records":[{"kinesis":{"partitionKey":"a","data":"Z29vZA=="}}]}"#;

pub fn scenario(trigger: &str, payload: &str, mapping: Option<Value>) -> Scenario {
    let mappings: Vec<Value> = mapping.into_iter().collect();
    let text = json!({"version": 2, "mappings": mappings}).to_string();
    let (mut scenario, problems) = from_json(&text);
    assert_eq!(problems, []);
    scenario.arrivals = vec![Arrival {
        trigger: trigger.to_owned(),
        payload: payload.to_owned(),
        ..Arrival::default()
    }];
    scenario
}

pub fn lived(scenario: &Scenario, code: Scripted) -> Vec<Entry> {
    let mut cloud = Cloud::new(scenario, Rc::new(code), patient()).expect("a valid scenario");
    while cloud.step() {}
    cloud.take_entries()
}

fn notes(entries: &[Entry]) -> Vec<(SimTime, &SourceEvent)> {
    let notes = entries.iter().filter_map(|entry| match &entry.event {
        Event::Mapping { event, .. } => Some((entry.at, &**event)),
        _ => None,
    });
    notes.collect()
}

fn count(entries: &[Entry], wanted: impl Fn(&SourceEvent) -> bool) -> usize {
    notes(entries).iter().filter(|(_, it)| wanted(it)).count()
}

fn invoked(entries: &[Entry]) -> usize {
    let ends = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::InvokeFinished { .. }));
    ends.count()
}

#[test]
fn messages_are_read_processed_and_deleted() {
    let code = Scripted::idle();
    let seen = Rc::clone(&code.seen);
    let entries = lived(&scenario("sqs", SQS, None), code);
    assert_eq!(
        count(
            &entries,
            |it| matches!(it, SourceEvent::Deleted { items, .. } if items.len() == 2)
        ),
        1
    );
    let event: Value = serde_json::from_slice(&seen.borrow().events[0].1).expect("JSON");
    assert_eq!(event.pointer("/Records/1/body"), Some(&json!("bad")));
    assert_eq!(
        event.pointer("/Records/0/eventSource"),
        Some(&json!("aws:sqs"))
    );
}

#[test]
fn a_poison_message_goes_to_the_dead_letter_queue() {
    let entries = lived(
        &scenario("sqs", SQS, None),
        Scripted::always(vec![fail("E", "no")]),
    );
    assert_eq!(invoked(&entries), 5);
    let (at, _) = *notes(&entries).last().expect("an end");
    assert!(
        count(&entries, |it| matches!(
            it,
            SourceEvent::MovedToDeadLetterQueue { .. }
        )) > 0
    );
    assert_eq!(at.as_nanos() / 1_000_000_000, 150);
}

#[test]
fn of_a_partly_failed_batch_the_rest_is_deleted() {
    let mapping = json!({
        "EventSource": {"Type": "SQS", "VisibilityTimeout": 60, "RedrivePolicy":
            {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 5}},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    let mut scenario = scenario("sqs", SQS, Some(mapping));
    // The ids of messages follow from the seed: a first run tells them.
    let first = Scripted::idle();
    let seen = Rc::clone(&first.seen);
    lived(&scenario, first);
    let event: Value = serde_json::from_slice(&seen.borrow().events[0].1).expect("JSON");
    let id = event
        .pointer("/Records/1/messageId")
        .and_then(Value::as_str)
        .expect("an id")
        .to_owned();
    let partly = json!({"batchItemFailures": [{"itemIdentifier": id}]}).to_string();
    let code = Scripted::new(
        |_| vec![],
        move |event| {
            if event == 0 {
                vec![answer(&partly)]
            } else {
                vec![]
            }
        },
    );
    let entries = lived(&scenario, code);
    assert_eq!(invoked(&entries), 2);
    assert_eq!(
        count(
            &entries,
            |it| matches!(it, SourceEvent::Deleted { items, .. } if items.len() == 1)
        ),
        2
    );
    scenario.mappings.clear();
}

#[test]
fn a_throttled_function_sends_messages_back() {
    let mut scenario = scenario("sqs", SQS, None);
    scenario.function.reserved_concurrency = Some(0);
    let entries = lived(&scenario, Scripted::idle());
    assert_eq!(invoked(&entries), 0);
    assert!(count(&entries, |it| matches!(it, SourceEvent::Returned { .. })) > 0);
    assert!(
        count(&entries, |it| matches!(
            it,
            SourceEvent::MovedToDeadLetterQueue { .. }
        )) > 0
    );
}

#[test]
fn a_failing_record_blocks_its_shard_and_is_given_up() {
    let queue = "arn:aws:sqs:us-east-1:123456789012:failed";
    let mapping = json!({
        "EventSource": {"Type": "Kinesis"}, "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 2,
        "DestinationConfig": {"OnFailure": {"Destination": queue}},
    });
    let entries = lived(
        &scenario("kinesis", KINESIS, Some(mapping)),
        Scripted::always(vec![fail("E", "no")]),
    );
    assert_eq!(invoked(&entries), 3);
    assert_eq!(
        count(&entries, |it| matches!(
            it,
            SourceEvent::RetryScheduled { .. }
        )),
        2
    );
    assert_eq!(
        count(
            &entries,
            |it| matches!(it, SourceEvent::Discarded { record: Some(record), .. } if record.destination == queue)
        ),
        1
    );
}

#[test]
fn what_the_filter_drops_invokes_nothing() {
    let mapping = json!({
        "EventSource": {"Type": "SQS"},
        "FilterCriteria": {"Filters": [{"Pattern": "{\"body\":[\"other\"]}"}]},
    });
    let entries = lived(&scenario("sqs", SQS, Some(mapping)), Scripted::idle());
    assert_eq!(invoked(&entries), 0);
    assert_eq!(
        count(
            &entries,
            |it| matches!(it, SourceEvent::FilteredOut { items } if items.len() == 2)
        ),
        1
    );
}

#[test]
fn whatever_is_sent_through_a_polled_trigger_the_run_ends_and_is_repeatable() {
    for trigger in ["sqs", "kinesis", "dynamodb", "kafka", "mq", "documentdb"] {
        for payload in [
            "{}",
            "not json",
            "",
            SQS,
            KINESIS,
            r#"{"records":{"t-0":[7,{"value":"eA==","partition":3}]}}"#,
        ] {
            let scenario = scenario(trigger, payload, None);
            let run = || lived(&scenario, Scripted::always(vec![Work(10)]));
            let entries = run();
            assert_eq!(entries, run(), "{trigger} {payload}");
            assert!(!notes(&entries).is_empty(), "{trigger} {payload}");
        }
    }
}

#[test]
fn mappings_are_written_and_read_and_strange_members_named() {
    let text = r#"{"version": 2, "mappings": [{"EventSource": {"Type": "SQS", "Colour": 1}, "BatchSize": 5, "Bathc": 7}]}"#;
    let (scenario, problems) = from_json(text);
    let places: Vec<_> = problems.iter().map(|it| it.place.as_str()).collect();
    assert_eq!(
        places,
        ["$.mappings[0].EventSource.Colour", "$.mappings[0].Bathc"]
    );
    assert_eq!(scenario.mappings[0].config.batch_size, Some(5));
    assert_eq!(from_json(&to_json(&scenario)), (scenario.clone(), vec![]));
    let bytes = postcard::to_stdvec(&scenario).expect("bytes");
    assert_eq!(postcard::from_bytes::<Scenario>(&bytes), Ok(scenario));
}
