//! SQS standard queues: reference 6 and 6.1.

use aws_lambda_events::sqs::SqsEvent;
use lambda_playground::lambda::event_source::note::{BatchEnd, Failure, ScalingReason};
use lambda_playground::lambda::event_source::{Incoming, SourceEvent};
use lambda_playground::sim::SimDuration;
use serde_json::{Value, json};

use super::world::*;

fn queue(attributes: Value) -> lambda_playground::lambda::event_source::Source {
    let mut queue = json!({"Type": "SQS"});
    queue
        .as_object_mut()
        .expect("an object")
        .extend(attributes.as_object().cloned().unwrap_or_default());
    source(queue)
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

/// Reference 7.5, SQS. The shape is the one that aws_lambda_events reads.
#[test]
fn the_event_has_lambdas_shape() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |_| success(10));
    let attributes = [("city".to_owned(), "Graz".to_owned())];
    world.put(
        at(1_500),
        Incoming {
            attributes: Some(attributes.to_vec().into()),
            ..Incoming::body("Test message.")
        },
    );
    world.run_until(at(2_000));
    let event: SqsEvent =
        serde_json::from_value(world.seen[0].event.clone()).expect("an SQS event");
    let record = &event.records[0];
    assert_eq!(record.body.as_deref(), Some("Test message."));
    assert_eq!(
        record.md5_of_body.as_deref(),
        Some("e4e68fb7bd0e697a0ae8f1bb342846b3")
    );
    assert_eq!(record.event_source.as_deref(), Some("aws:sqs"));
    let arn = "arn:aws:sqs:us-east-1:123456789012:my-queue";
    assert_eq!(record.event_source_arn.as_deref(), Some(arn));
    let city = &record.message_attributes["city"];
    assert_eq!(city.string_value.as_deref(), Some("Graz"));
    let keys: Vec<_> = world.seen[0].event["Records"][0]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(
        keys,
        [
            "messageId",
            "receiptHandle",
            "body",
            "attributes",
            "messageAttributes",
            "md5OfMessageAttributes",
            "md5OfBody",
            "eventSource",
            "eventSourceARN",
            "awsRegion"
        ]
    );
    assert_eq!(
        world.seen[0].event["Records"][0]["attributes"],
        json!({
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1767614401500",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1767614401500"
        })
    );
}

/// Reference 6: batch size 10, no window.
#[test]
fn up_to_ten_messages_that_are_there_make_a_batch() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |_| success(100));
    world.put_numbers(at(5), 0, 12).put_numbers(at(50), 12, 1);
    world.run_until(at(1_000));
    assert_eq!(
        world.story(),
        [
            (5, numbers(0..10)),
            (5, numbers(10..12)),
            (50, numbers(12..13))
        ]
    );
    assert_eq!(world.poller.stored(), 0);
    assert!(world.poller.is_quiet());
    assert_eq!(world.fates().len(), 13);
}

/// Reference 6: batch window.
#[test]
fn a_window_gathers_until_full_or_over() {
    let settings = config(json!({"BatchSize": 20, "MaximumBatchingWindowInSeconds": 5}));
    let mut world = World::new(&queue(json!({})), &settings, |_| success(100));
    world
        .put_numbers(at(0), 0, 3)
        .put_numbers(at(2_000), 3, 1)
        .put_numbers(at(10_000), 4, 25);
    world.run_until(at(30_000));
    assert_eq!(
        world.story(),
        [
            (5_000, numbers(0..4)),
            (10_000, numbers(4..24)),
            (15_000, numbers(24..29))
        ]
    );
}

/// Reference 6: the whole batch in one event, capped by 6 MB.
#[test]
fn a_batch_never_outgrows_six_megabytes() {
    let settings = config(json!({"BatchSize": 100, "MaximumBatchingWindowInSeconds": 1}));
    let mut world = World::new(&queue(json!({})), &settings, |_| success(10));
    for _ in 0..10 {
        world.put(at(0), Incoming::body("x".repeat(1_000_000)));
    }
    world.run_until(at(5_000));
    let sizes: Vec<_> = world.seen.iter().map(|seen| seen.bodies().len()).collect();
    assert_eq!(sizes, [6, 4]);
    assert_eq!(world.poller.stored(), 0);
}

/// Reference 6.1: error, timeout: invisible until the visibility timeout ends, then back with a count more.
#[test]
fn a_failed_batch_returns_after_the_visibility_timeout() {
    let mut failures = 2;
    let mut world = World::new(&queue(json!({})), &config(json!({})), move |_| {
        failures -= 1;
        if failures >= 0 {
            failure(1_000)
        } else {
            success(1)
        }
    });
    world.put_numbers(at(0), 0, 2).run_until(at(100_000));
    assert_eq!(world.times(), [0, 30_000, 60_000]);
    let counts: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.event["Records"][0]["attributes"]["ApproximateReceiveCount"].clone())
        .collect();
    assert_eq!(counts, ["1", "2", "3"]);
    let firsts = world.seen.iter().map(|seen| {
        seen.event["Records"][0]["attributes"]["ApproximateFirstReceiveTimestamp"].clone()
    });
    assert!(
        firsts
            .into_iter()
            .all(|first| first.as_str() == Some("1767614400000"))
    );
    let hidden = world.noted(|note| match note {
        SourceEvent::Hidden { until, .. } => Some(millis(*until)),
        _ => None,
    });
    assert_eq!(hidden, [(1_000, 30_000), (31_000, 60_000)]);
}

/// Reference 6.1: window + function timeout over the visibility timeout: window + timeout + 30 s.
#[test]
fn a_window_can_lengthen_the_visibility_timeout() {
    let settings = config(json!({"MaximumBatchingWindowInSeconds": 30}));
    let mut first = true;
    let mut world = World::new(&queue(json!({})), &settings, move |_| {
        if std::mem::take(&mut first) {
            failure(10)
        } else {
            success(10)
        }
    });
    world.put_numbers(at(0), 0, 1).run_until(at(300_000));
    // Received at 0, sent at 30 s, back at 30 + 3 + 30 = 63 s, gathered for 30 s more.
    assert_eq!(world.times(), [30_000, 93_000]);
}

/// Reference 6.1: DLQ by the queue's own redrive policy.
#[test]
fn messages_received_too_often_go_to_the_dead_letter_queue() {
    let queue = queue(json!({"RedrivePolicy": {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 3}}));
    let mut world = World::new(&queue, &config(json!({})), |_| failure(10));
    world.put_numbers(at(0), 0, 2).run_until(at(1_000_000));
    assert_eq!(world.times(), [0, 30_000, 60_000]);
    let dead = world.noted(|note| match note {
        SourceEvent::MovedToDeadLetterQueue { items } => Some(items.len()),
        _ => None,
    });
    assert_eq!(dead, [(90_000, 2)]);
    assert_eq!(
        (world.poller.stored(), world.poller.dead_letters().len()),
        (0, 2)
    );
    assert!(world.poller.is_quiet());
    // Moved back they are new: other ids, receive count 1.
    world.redrive();
    world.run_until(at(1_000_001));
    let again = &world.seen[3].event["Records"][0];
    assert_eq!(again["attributes"]["ApproximateReceiveCount"], "1");
    assert_ne!(
        again["messageId"],
        world.seen[0].event["Records"][0]["messageId"]
    );
}

/// Reference 6.1: partial response handling, verified.
#[test]
fn partial_batch_responses_return_only_what_failed() {
    let settings = config(json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]}));
    let mut calls = 0;
    let mut world = World::new(&queue(json!({})), &settings, move |seen| {
        calls += 1;
        let id = seen.event["Records"][0]["messageId"]
            .as_str()
            .expect("an id");
        match calls {
            1 => respond(
                10,
                &json!({"batchItemFailures": [{"itemIdentifier": id}]}).to_string(),
            ),
            2 => respond(
                10,
                r#"{"batchItemFailures":[{"itemIdentifier":"unknown"}]}"#,
            ),
            3 => respond(10, r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#),
            _ => respond(10, "{}"),
        }
    });
    world.put_numbers(at(0), 0, 3).run_until(at(200_000));
    assert_eq!(
        world.story(),
        [
            (0, numbers(0..3)),
            (30_000, numbers(0..1)),
            (60_000, numbers(0..1)),
            (90_000, numbers(0..1))
        ]
    );
    let invalid = BatchEnd::Failed(Failure::InvalidBatchResponse);
    assert_eq!(
        world.ends(),
        [
            BatchEnd::PartiallyFailed,
            invalid,
            invalid,
            BatchEnd::Succeeded
        ]
    );
}

/// Without `ReportBatchItemFailures` the response is not read.
#[test]
fn without_the_setting_a_response_is_success() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |_| {
        respond(1, r#"{"batchItemFailures":[{"itemIdentifier":"x"}]}"#)
    });
    world.put_numbers(at(0), 0, 1).run_until(at(60_000));
    assert_eq!(world.ends(), [BatchEnd::Succeeded]);
}

/// Developer Guide: a throttled batch is retried until its visibility timeout ends; then the messages return (6.1).
#[test]
fn throttled_batches_are_tried_again_until_they_are_visible() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |seen| {
        if seen.at < at(31_000) {
            throttle()
        } else {
            success(1)
        }
    });
    world.put_numbers(at(0), 0, 1).run_until(at(100_000));
    assert_eq!(
        world.times(),
        [0, 1_000, 3_000, 7_000, 15_000, 30_000, 31_000]
    );
    let counts: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.event["Records"][0]["attributes"]["ApproximateReceiveCount"].clone())
        .collect();
    assert_eq!(counts, ["1", "1", "1", "1", "1", "2", "2"]);
}

/// Reference 6: concurrency. Five at the start, 300 more a minute, 1,250 at most.
#[test]
fn pollers_grow_while_messages_wait() {
    let running_after = |seconds: u64| {
        let mut world = World::new(
            &queue(json!({"VisibilityTimeout": 43_200})),
            &config(json!({"BatchSize": 1})),
            |_| success(3_600_000),
        );
        world.put_numbers(at(0), 0, 2_000);
        world.run_until(at(seconds * 1_000)).most_running
    };
    assert_eq!(running_after(0), 5);
    assert_eq!(running_after(60), 305);
    assert_eq!(running_after(900), 1_250);
}

/// Reference 6.1: with MaximumConcurrency pollers do not fetch more than can run; without, throttles spoil good messages.
#[test]
fn maximum_concurrency_saves_messages_from_throttles() {
    let dead_letters = |settings: Value| {
        let queue = queue(json!({"RedrivePolicy": {
            "deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead", "maxReceiveCount": 1}}));
        // The function has two environments and takes a minute of each.
        let mut free_at = [at(0); 2];
        let mut world = World::new(&queue, &config(settings), move |seen| {
            match free_at.iter_mut().find(|free| **free <= seen.at) {
                Some(free) => {
                    *free = seen.at + SimDuration::from_millis(29_000);
                    success(29_000)
                }
                None => throttle(),
            }
        });
        world.put_numbers(at(0), 0, 20).run_until(at(900_000));
        assert_eq!(world.poller.stored(), 0);
        world.poller.dead_letters().len()
    };
    assert_eq!(
        dead_letters(json!({"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}})),
        0
    );
    assert!(dead_letters(json!({"BatchSize": 1})) > 0);
}

/// Reference 6.1: on repeated errors Lambda backs off; with partial batch responses it does not.
#[test]
fn failures_make_fewer_pollers() {
    let capacities = |settings: Value| {
        let mut world = World::new(&queue(json!({})), &config(settings), |_| failure(10));
        world.put_numbers(at(0), 0, 100).run_until(at(100));
        world.noted(|note| match note {
            SourceEvent::PollersScaled { to, reason, .. } => {
                (*reason == ScalingReason::FunctionError).then_some(*to)
            }
            _ => None,
        })
    };
    assert_eq!(
        capacities(json!({"BatchSize": 1}))
            .iter()
            .map(|(_, to)| *to)
            .collect::<Vec<_>>(),
        [4, 3, 2]
    );
    let partial = json!({"BatchSize": 1, "FunctionResponseTypes": ["ReportBatchItemFailures"]});
    assert_eq!(capacities(partial), []);
}

/// Queue attributes: delay, and a message's own.
#[test]
fn delayed_messages_are_not_seen_before_their_time() {
    let mut world = World::new(
        &queue(json!({"DelaySeconds": 10})),
        &config(json!({})),
        |_| success(1),
    );
    world.put_numbers(at(0), 0, 1).put(
        at(0),
        Incoming {
            delay_seconds: Some(2),
            ..Incoming::body("1")
        },
    );
    world.run_until(at(20_000));
    assert_eq!(
        world.story(),
        [(2_000, numbers(1..2)), (10_000, numbers(0..1))]
    );
}

/// Queue attributes: retention. Without a dead-letter queue a poison message is received until then.
#[test]
fn messages_expire_after_the_retention_period() {
    let mut world = World::new(
        &queue(json!({"MessageRetentionPeriod": 70})),
        &config(json!({})),
        |_| failure(1),
    );
    world.put_numbers(at(0), 0, 1).run_until(at(200_000));
    assert_eq!(world.times(), [0, 30_000, 60_000]);
    let expired = world.noted(|note| match note {
        SourceEvent::Expired { items } => Some(items.len()),
        _ => None,
    });
    assert_eq!(expired, [(70_000, 1)]);
    assert_eq!(world.poller.stored(), 0);
}

/// Reference 6.4: non-matching messages are deleted from the queue.
#[test]
fn filtered_messages_are_deleted() {
    let pattern = json!({"body": {"kind": ["order"]}}).to_string();
    let settings = config(json!({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}}));
    let mut world = World::new(&queue(json!({})), &settings, |_| success(1));
    for body in [r#"{"kind":"order"}"#, r#"{"kind":"news"}"#, "plain"] {
        world.put(at(0), Incoming::body(body));
    }
    world.run_until(at(10));
    assert_eq!(world.story(), [(0, vec![r#"{"kind":"order"}"#.to_owned()])]);
    assert_eq!(world.poller.stored(), 0);
    let fates: Vec<_> = world.fates().into_values().flatten().collect();
    assert_eq!(fates, ["deleted", "filtered", "filtered"]);
}

/// A function that runs longer than the visibility timeout sees its messages twice.
#[test]
fn messages_come_twice_when_the_visibility_timeout_is_too_short() {
    let mut first = true;
    let mut world = World::new(&queue(json!({})), &config(json!({})), move |_| {
        if std::mem::take(&mut first) {
            success(40_000)
        } else {
            success(5_000)
        }
    });
    world.put_numbers(at(0), 0, 1).run_until(at(100_000));
    assert_eq!(world.times(), [0, 30_000]);
    assert_eq!(world.fates()[&0], ["deleted"]);
}

#[test]
fn a_disabled_mapping_leaves_the_queue_alone() {
    let mut world = World::new(
        &queue(json!({})),
        &config(json!({"Enabled": false})),
        |_| success(1),
    );
    world.put_numbers(at(0), 0, 3).run_until(at(100_000));
    assert_eq!((world.invocations, world.poller.stored()), (0, 3));
}

#[test]
fn messages_that_sqs_refuses_never_enter() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |_| success(1));
    world
        .put(at(0), Incoming::body("x".repeat(1_048_577)))
        .run_until(at(10));
    let refused = world.noted(|note| match note {
        SourceEvent::Rejected { message } => Some(message.contains("shorter than 1048576 bytes")),
        _ => None,
    });
    assert_eq!(refused, [(0, true)]);
}

/// SQS: a message's own delay is at most 15 minutes.
#[test]
fn delays_have_their_limit() {
    let mut world = World::new(&queue(json!({})), &config(json!({})), |_| success(1));
    let late = Incoming {
        delay_seconds: Some(901),
        ..Incoming::body("x")
    };
    world.put(at(0), late).run_until(at(1_000_000));
    let refused = world.noted(|note| match note {
        SourceEvent::Rejected { message } => Some(message.clone()),
        _ => None,
    });
    assert_eq!(
        refused[0].1,
        "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
    );
    assert_eq!(world.invocations, 0);
}
