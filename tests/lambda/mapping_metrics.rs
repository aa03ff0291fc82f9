//! Metrics of event source mappings: reference 9.

use std::sync::Arc;

use lambda_playground::lambda::event::{Entry, Event, FunctionId, MappingFacts, World};
use lambda_playground::lambda::event_source::note::DiscardReason;
use lambda_playground::lambda::event_source::{ItemId, SourceEvent};
use lambda_playground::lambda::metrics::{Dimension, MINUTE, Metric, Metrics, Statistic};
use lambda_playground::sim::{SimDuration, SimTime, Stamped};
use serde_json::{Value, json};

use crate::mappings::{KINESIS, SQS, lived, scenario};
use crate::scripted::*;

const MAPPING: Dimension = Dimension::Mapping(0);

/// The sum of a count over the whole run.
fn sum(entries: &[Entry], metric: Metric) -> u64 {
    let metrics = Metrics::of(entries, MINUTE);
    let points = metrics.points(&MAPPING, metric, Statistic::Sum);
    points.iter().map(|point| point.value).sum()
}

/// The counts of events that are there, by name.
fn counts(entries: &[Entry]) -> Vec<(&'static str, u64)> {
    let counts = Metric::ALL
        .into_iter()
        .filter(|metric| metric.name().ends_with("EventCount"));
    counts
        .map(|metric| (metric.name(), sum(entries, metric)))
        .filter(|(_, sum)| *sum > 0)
        .collect()
}

fn stat(entries: &[Entry], metric: Metric, statistic: Statistic) -> Option<u64> {
    let hour = SimDuration::from_secs(3_600);
    let points = Metrics::of(entries, hour).points(&MAPPING, metric, statistic);
    points.first().map(|point| point.value)
}

fn failing() -> Scripted {
    Scripted::always(vec![fail("E", "no")])
}

#[test]
fn messages_of_a_queue_are_polled_invoked_and_deleted() {
    let entries = lived(&scenario("sqs", SQS, None), Scripted::idle());
    assert_eq!(
        counts(&entries),
        [
            ("PolledEventCount", 2),
            ("InvokedEventCount", 2),
            ("DeletedEventCount", 2)
        ]
    );
    // A queue has neither age nor lag.
    for metric in [Metric::IteratorAge, Metric::OffsetLag] {
        assert_eq!(stat(&entries, metric, Statistic::Maximum), None);
    }
}

#[test]
fn events_that_come_again_are_counted_again_and_nothing_failed_is_deleted() {
    let entries = lived(&scenario("sqs", SQS, None), failing());
    assert_eq!(
        counts(&entries),
        [
            ("PolledEventCount", 10),
            ("InvokedEventCount", 10),
            ("FailedInvokeEventCount", 10)
        ]
    );
}

#[test]
fn throttles_count_as_invoked_and_failed_but_not_as_invocations() {
    let mut scenario = scenario("sqs", SQS, None);
    scenario.function.reserved_concurrency = Some(0);
    let entries = lived(&scenario, Scripted::idle());
    let invoked = sum(&entries, Metric::InvokedEventCount);
    assert!(invoked > 0);
    assert_eq!(sum(&entries, Metric::FailedInvokeEventCount), invoked);
    assert_eq!(sum(&entries, Metric::DeletedEventCount), 0);
    let metrics = Metrics::of(&entries, MINUTE);
    let function = Dimension::Function(FunctionId(0));
    assert_eq!(
        metrics.points(&function, Metric::Invocations, Statistic::Sum),
        []
    );
}

#[test]
fn filtered_messages_are_polled_and_neither_invoked_nor_counted_as_deleted() {
    let mapping = json!({
        "EventSource": {"Type": "SQS"},
        "FilterCriteria": {"Filters": [{"Pattern": "{\"body\":[\"good\"]}"}]},
    });
    let entries = lived(&scenario("sqs", SQS, Some(mapping)), Scripted::idle());
    assert_eq!(
        counts(&entries),
        [
            ("PolledEventCount", 2),
            ("FilteredOutEventCount", 1),
            ("InvokedEventCount", 1),
            ("DeletedEventCount", 1)
        ]
    );
}

fn kinesis(more: Value) -> Value {
    let mut mapping = json!({
        "EventSource": {"Type": "Kinesis"}, "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 2,
    });
    if let (Value::Object(mapping), Value::Object(more)) = (&mut mapping, more) {
        mapping.extend(more);
    }
    mapping
}

#[test]
fn a_record_given_up_is_dropped_unless_a_destination_gets_it() {
    let scenario_of = |more| scenario("kinesis", KINESIS, Some(kinesis(more)));
    let entries = lived(&scenario_of(json!({})), failing());
    let before = [
        ("PolledEventCount", 1),
        ("InvokedEventCount", 3),
        ("FailedInvokeEventCount", 3),
    ];
    let counted = counts(&entries);
    assert_eq!(counted[..3], before);
    assert_eq!(counted[3..], [("DroppedEventCount", 1)]);

    let queue = "arn:aws:sqs:us-east-1:123456789012:failed";
    let destination = json!({"DestinationConfig": {"OnFailure": {"Destination": queue}}});
    let counted = counts(&lived(&scenario_of(destination), failing()));
    assert_eq!(counted[..3], before);
    assert_eq!(
        counted[3..],
        [("OnFailureDestinationDeliveredEventCount", 1)]
    );
}

/// IteratorAge is the age of the last record of the batch when it is sent: it grows while a batch blocks its shard.
#[test]
fn the_iterator_age_grows_while_a_batch_is_retried() {
    let entries = lived(
        &scenario("kinesis", KINESIS, Some(kinesis(json!({})))),
        failing(),
    );
    let of = |statistic| stat(&entries, Metric::IteratorAge, statistic);
    let (first, last) = (of(Statistic::Minimum), of(Statistic::Maximum));
    assert_eq!(of(Statistic::SampleCount), Some(3));
    assert!(first < last, "{first:?} {last:?}");
    // Two waits lie between: 0.5 s and 1 s.
    assert!(
        last.zip(first)
            .is_some_and(|(last, first)| last - first >= 1_500_000_000)
    );
}

#[test]
fn age_and_lag_belong_to_their_sources() {
    for (trigger, age, lag) in [
        ("sqs", false, false),
        ("kinesis", true, false),
        ("dynamodb", true, false),
        ("kafka", false, true),
        ("mq", false, false),
        ("documentdb", true, false),
    ] {
        let event = match trigger {
            "dynamodb" => {
                r#"{"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"a"}}}}]}"#
            }
            _ => "{}",
        };
        let entries = lived(&scenario(trigger, event, None), Scripted::idle());
        let has = |metric| stat(&entries, metric, Statistic::Maximum).is_some();
        assert!(sum(&entries, Metric::InvokedEventCount) > 0, "{trigger}");
        assert_eq!(has(Metric::IteratorAge), age, "{trigger}");
        assert_eq!(has(Metric::OffsetLag), lag, "{trigger}");
        let deleted = sum(&entries, Metric::DeletedEventCount) > 0;
        assert_eq!(deleted, trigger == "sqs", "{trigger}");
        let committed = sum(&entries, Metric::CommittedEventCount) > 0;
        assert_eq!(committed, trigger == "kafka", "{trigger}");
    }
}

#[test]
fn the_offset_lag_is_what_the_consumers_have_not_done_with() {
    let event = r#"{"records":{"t-0":[{"value":"YQ=="},{"value":"Yg=="},{"value":"Yw=="}]}}"#;
    let mapping = json!({
        "EventSource": {"Type": "Kafka"}, "StartingPosition": "TRIM_HORIZON", "BatchSize": 1,
    });
    let entries = lived(&scenario("kafka", event, Some(mapping)), Scripted::idle());
    let of = |statistic| stat(&entries, Metric::OffsetLag, statistic);
    assert_eq!(of(Statistic::Maximum), Some(3));
    assert_eq!(of(Statistic::Average), Some(2));
    assert_eq!(of(Statistic::Minimum), Some(1));
    assert_eq!(sum(&entries, Metric::CommittedEventCount), 3);
}

/// FailedInvokeEventCount is timestamped at the end of the invocation, InvokedEventCount and Errors at its beginning.
#[test]
fn a_failed_batch_is_counted_when_its_invocation_ends() {
    let mapping = kinesis(json!({"MaximumRetryAttempts": 0}));
    let code = Scripted::always(vec![Sleep(2_000), fail("E", "no")]);
    let entries = lived(&scenario("kinesis", KINESIS, Some(mapping)), code);
    let metrics = Metrics::of(&entries, SimDuration::from_secs(1));
    let second = |metric| {
        let points = metrics.points(&MAPPING, metric, Statistic::Sum);
        points[0].at.as_nanos() / 1_000_000_000
    };
    let began = second(Metric::InvokedEventCount);
    assert!(second(Metric::FailedInvokeEventCount) >= began + 2);
}

/// A failed batch with a non-empty BatchItemFailures is in FailedInvokeEventCount; what is done is deleted all the same.
#[test]
fn a_partly_failed_batch_counts_as_failed() {
    let mapping = json!({
        "EventSource": {"Type": "SQS", "RedrivePolicy":
            {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 1}},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
    });
    let scenario = scenario("sqs", SQS, Some(mapping));
    let first = Scripted::idle();
    let seen = std::rc::Rc::clone(&first.seen);
    lived(&scenario, first);
    let event: Value = serde_json::from_slice(&seen.borrow().events[0].1).expect("JSON");
    let id = event.pointer("/Records/1/messageId").expect("an id");
    let partly = json!({"batchItemFailures": [{"itemIdentifier": id}]}).to_string();
    let entries = lived(&scenario, Scripted::always(vec![answer(&partly)]));
    assert_eq!(
        counts(&entries),
        [
            ("PolledEventCount", 2),
            ("InvokedEventCount", 2),
            ("FailedInvokeEventCount", 2),
            ("DeletedEventCount", 1)
        ]
    );
}

#[test]
fn a_mapping_counts_for_its_function_and_its_region() {
    let entries = lived(&scenario("sqs", SQS, None), Scripted::idle());
    let metrics = Metrics::of(&entries, MINUTE);
    let function = Dimension::Function(FunctionId(0));
    assert!(metrics.dimensions().contains(&MAPPING));
    let of =
        |dimension: &Dimension| metrics.points(dimension, Metric::PolledEventCount, Statistic::Sum);
    assert_eq!(of(&MAPPING).len(), 1);
    assert_eq!(of(&MAPPING), of(&function));
    assert_eq!(of(&MAPPING), of(&Dimension::Region));
    // Invocations have no mapping's dimension.
    assert_eq!(
        metrics.points(&MAPPING, Metric::Invocations, Statistic::Sum),
        []
    );
}

#[test]
fn a_change_too_large_for_an_event_is_counted_for_documentdb_alone() {
    let item = ItemId(0);
    let discarded = SourceEvent::Discarded {
        items: [item].into_iter().collect(),
        reason: DiscardReason::MaximumPayloadSizeExceeded,
        record: None,
    };
    for (trigger, oversized) in [("documentdb", 1), ("kinesis", 0)] {
        let mappings = vec![MappingFacts {
            trigger: trigger.to_owned(),
            function: None,
            qualifier: None,
            pollers: None,
        }];
        let world = Arc::new(World {
            mappings,
            ..World::default()
        });
        let event = Event::Mapping {
            mapping: 0,
            event: Box::new(discarded.clone()),
        };
        let entries = [Event::Began { world }, event].map(|event| Stamped {
            at: SimTime::ZERO,
            event,
        });
        assert_eq!(sum(&entries, Metric::OversizedRecordCount), oversized);
        // Dropped counts age and retries only.
        assert_eq!(sum(&entries, Metric::DroppedEventCount), 0);
    }
}

/// The group ErrorCount is Kafka's alone: a batch that finds no room is an invoke error, one that the function fails is not.
#[test]
fn invoke_errors_are_counted_for_kafka_alone() {
    let kafka = json!({
        "EventSource": {"Type": "Kafka"}, "StartingPosition": "TRIM_HORIZON", "MaximumRecordAgeInSeconds": 60,
    });
    let event = r#"{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t","partition":0,"value":"e30="}]}}"#;
    let age = json!({"MaximumRecordAgeInSeconds": 60});
    for (trigger, event, mapping, counted) in [
        ("kafka", event, kafka, true),
        ("kinesis", KINESIS, kinesis(age), false),
    ] {
        let mut throttled = scenario(trigger, event, Some(mapping.clone()));
        throttled.function.reserved_concurrency = Some(0);
        let entries = lived(&throttled, Scripted::idle());
        let errors = sum(&entries, Metric::InvokeErrorCount);
        assert!(sum(&entries, Metric::FailedInvokeEventCount) > 0);
        assert_eq!(errors > 0, counted, "{trigger}: {errors}");
        let entries = lived(&scenario(trigger, event, Some(mapping)), failing());
        assert_eq!(sum(&entries, Metric::InvokeErrorCount), 0, "{trigger}");
    }
}
