//! Event source mappings in the cloud: reference 6.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Cloud;
use lambda_playground::lambda::event::{CallerView, Entry, Event};
use lambda_playground::lambda::event_source::SourceEvent;
use lambda_playground::lambda::summary;
use lambda_playground::scenario::{Arrival, Scenario, from_json, to_json};
use lambda_playground::sim::SimTime;
use lambda_playground::trigger;
use lambda_playground::ui::attempts::attempts;
use lambda_playground::ui::narration::unreached;
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
    assert_eq!(
        unreached(entries.iter()),
        "The filter dropped the records: the function is not run."
    );
    // The producer does not learn of it.
    let [(_, view)] = &seen(&entries)[..] else {
        panic!("one answer");
    };
    assert!(view.ok);
}

fn cut_off(entries: &[Entry]) -> Option<&str> {
    let mut reasons = entries.iter().filter_map(|entry| match &entry.event {
        Event::CutOff { reason, patience } => Some((reason.as_str(), *patience)),
        _ => None,
    });
    let (reason, patience) = reasons.next()?;
    assert!(!patience && reasons.next().is_none());
    Some(reason)
}

/// Reference 6: the default is -1, infinite: a record is tried until it expires. A mapping that nobody set up is not
/// watched that long, and says so.
#[test]
fn a_default_stream_that_gets_nowhere_is_cut_off_and_says_what_would_follow() {
    for (trigger, payload, expires) in [
        ("kinesis", KINESIS, "24 h"),
        (
            "kafka",
            r#"{"records":{"t-0":[{"topic":"t","value":"eA=="}]}}"#,
            "168 h",
        ),
        (
            "documentdb",
            r#"{"events":[{"event":{"operationType":"insert"}}]}"#,
            "3 h",
        ),
    ] {
        let code = Scripted::always(vec![fail("E", "no")]);
        let entries = lived(&scenario(trigger, payload, None), code);
        assert_eq!(invoked(&entries), 100, "{trigger}");
        let reason = cut_off(&entries).expect("cut off");
        assert!(reason.contains("100 invocations in a row"), "{reason}");
        assert!(reason.contains(expires), "{reason}");
        // It is the end, and the batch that is not sent is not told.
        let last = entries.last().map(|entry| &entry.event);
        assert!(matches!(last, Some(Event::CutOff { .. })));
        let sent = count(&entries, |it| matches!(it, SourceEvent::BatchSent { .. }));
        assert_eq!(sent, 100, "{trigger}");
    }
}

/// What comes to an end by itself is watched to it: a queue with a dead-letter queue, a broker that counts deliveries.
#[test]
fn default_queues_are_not_cut_off_however_many_messages_fail() {
    for (trigger, record, list) in [
        ("sqs", json!({"body": "x"}), "Records"),
        ("mq", json!({"data": "eA=="}), "messages"),
    ] {
        let payload = json!({list: vec![record; 1_500]}).to_string();
        let code = Scripted::always(vec![fail("E", "no")]);
        let entries = lived(&scenario(trigger, &payload, None), code);
        assert!(cut_off(&entries).is_none(), "{trigger}");
        let dead: usize = notes(&entries)
            .iter()
            .map(|(_, it)| match it {
                SourceEvent::MovedToDeadLetterQueue { items } => items.len(),
                _ => 0,
            })
            .sum();
        assert_eq!(dead, 1_500, "{trigger}");
    }
}

/// Reference 6: the scenario's own mapping is tried until the record expires, after a day.
#[test]
fn a_stream_with_a_mapping_of_its_own_retries_until_the_record_expires() {
    let mapping = json!({"EventSource": {"Type": "Kinesis"}, "StartingPosition": "TRIM_HORIZON"});
    let entries = lived(
        &scenario("kinesis", KINESIS, Some(mapping)),
        Scripted::always(vec![fail("E", "no")]),
    );
    assert!(invoked(&entries) > 5_000);
    let expired = count(&entries, |it| matches!(it, SourceEvent::Expired { .. }));
    assert_eq!(expired, 1);
    assert!(cut_off(&entries).is_none());
}

/// What producers saw, in order.
fn seen(entries: &[Entry]) -> Vec<(SimTime, CallerView)> {
    let seen = notes(entries).into_iter().filter_map(|(at, it)| match it {
        SourceEvent::ProducerSaw { answer, .. } => Some((at, answer.view())),
        _ => None,
    });
    seen.collect()
}

/// Reference 6: the producer's call ends at the source; what the function does later is the mapping's matter.
#[test]
fn the_producer_has_its_answer_before_the_function_runs_and_whatever_it_does() {
    for code in [
        Scripted::idle(),
        Scripted::always(vec![Sleep(500), fail("E", "no")]),
    ] {
        let entries = lived(&scenario("sqs", SQS, None), code);
        let [(at, view)] = &seen(&entries)[..] else {
            panic!("one answer");
        };
        assert_eq!(
            (*at, view.status, view.ok),
            (SimTime::ZERO, Some(200), true)
        );
        let body: Value = serde_json::from_str(&view.body).expect("JSON");
        let digest = body.pointer("/Successful/0/MD5OfMessageBody");
        // MD5 of `good`.
        assert_eq!(digest, Some(&json!("755f85c2723bb39381c7379a604160d8")));
        let stories = summary::invocations(&entries);
        let batch = stories[0].batch.as_ref().expect("a batch");
        assert_eq!(batch.producer.as_ref().map(|(_, view)| view), Some(view));
        assert_eq!((batch.items.len(), batch.other_producers), (2, 0));
        assert!(stories.iter().all(|story| story.caller.is_none()));
    }
}

/// The message id in the answer is the one that the function gets: reference 7.5.
#[test]
fn the_answer_names_what_the_function_gets() {
    for (trigger, payload, answered, got) in [
        (
            "sqs",
            r#"{"Records":[{"body":"x"}]}"#,
            "/MessageId",
            "/Records/0/messageId",
        ),
        (
            "kinesis",
            KINESIS,
            "/SequenceNumber",
            "/Records/0/kinesis/sequenceNumber",
        ),
        (
            "kafka",
            r#"{"records":{"t-0":[{"topic":"t","value":"eA=="}]}}"#,
            "/offset",
            "/records/t-0/0/offset",
        ),
    ] {
        let code = Scripted::idle();
        let events = Rc::clone(&code.seen);
        let entries = lived(&scenario(trigger, payload, None), code);
        let answer: Value = serde_json::from_str(&seen(&entries)[0].1.body).expect("JSON");
        let event: Value = serde_json::from_slice(&events.borrow().events[0].1).expect("JSON");
        assert!(answer.pointer(answered).is_some(), "{trigger}: {answer}");
        assert_eq!(answer.pointer(answered), event.pointer(got), "{trigger}");
    }
}

#[test]
fn what_the_source_refuses_is_the_producers_error() {
    let entries = lived(
        &scenario("sqs", r#"{"Records":[{"body":""}]}"#, None),
        Scripted::idle(),
    );
    let [(_, view)] = &seen(&entries)[..] else {
        panic!("one answer");
    };
    assert_eq!((view.status, view.ok), (Some(400), false));
    assert!(view.body.contains("MissingRequiredParameterException"));
    assert_eq!(invoked(&entries), 0);
    assert!(unreached(entries.iter()).starts_with("The source refused"));
}

#[test]
fn requests_that_share_a_batch_have_an_answer_each() {
    let mapping = json!({"EventSource": {"Type": "SQS"}, "MaximumBatchingWindowInSeconds": 1});
    let mut scenario = scenario("sqs", SQS, Some(mapping));
    let more = scenario.arrivals[0].clone();
    scenario.arrivals.extend([more.clone(), more]);
    let entries = lived(&scenario, Scripted::idle());
    assert_eq!(seen(&entries).len(), 3);
    let stories = summary::invocations(&entries);
    let batch = stories[0].batch.as_ref().expect("a batch");
    assert_eq!((batch.items.len(), batch.other_producers), (6, 2));
}

#[test]
fn every_sample_of_a_polled_trigger_reaches_the_function_and_its_producer_has_an_answer() {
    for trigger in ["sqs", "kinesis", "dynamodb", "kafka", "mq", "documentdb"] {
        let about = trigger::by_id(trigger).expect("a trigger");
        let context = trigger::SampleContext {
            time_ms: 1_700_000_000_000,
            seed: 1,
        };
        let sample = about.sample(&trigger::default_form(about), context);
        let scenario = scenario(trigger, &sample.to_string(), None);
        assert_eq!(lambda_playground::scenario::validate(&scenario), []);
        let attempts = attempts(&lived(&scenario, Scripted::idle()));
        assert!(!attempts.is_empty(), "{trigger}");
        for attempt in attempts {
            let (at, view) = attempt.seen().expect("an answer");
            assert!(view.ok && *at <= attempt.received, "{trigger}");
            assert!(attempt.batch.is_some() && attempt.caller.is_none());
        }
    }
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
