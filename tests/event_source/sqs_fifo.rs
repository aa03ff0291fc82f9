//! SQS FIFO queues: reference 6 and 6.1.

use lambda_playground::lambda::event_source::{Incoming, Source, SourceEvent};
use serde_json::json;

use super::world::*;

fn fifo() -> Source {
    source(json!({"Type": "SQS", "QueueName": "orders.fifo", "ContentBasedDeduplication": true}))
}

fn message(group: &str, body: &str) -> Incoming {
    Incoming {
        group: Some(group.into()),
        ..Incoming::body(body)
    }
}

/// Reference 7.5: FIFO attributes.
#[test]
fn records_carry_group_deduplication_and_sequence_number() {
    let mut world = World::new(&fifo(), &config(json!({})), |_| success(1));
    world
        .put(at(0), message("g", "a"))
        .put(at(0), message("g", "b"));
    world.run_until(at(10));
    let records = world.seen[0].event["Records"].as_array().expect("records");
    let sequence = |index: usize| {
        let number = &records[index]["attributes"]["SequenceNumber"];
        number
            .as_str()
            .expect("digits")
            .parse::<u128>()
            .expect("a number")
    };
    assert!(sequence(0) < sequence(1));
    let keys: Vec<_> = records[0]["attributes"]
        .as_object()
        .expect("an object")
        .keys()
        .collect();
    assert_eq!(
        keys,
        [
            "ApproximateReceiveCount",
            "SentTimestamp",
            "SequenceNumber",
            "MessageGroupId",
            "SenderId",
            "MessageDeduplicationId",
            "ApproximateFirstReceiveTimestamp"
        ]
    );
    // SHA-256 of "a".
    let id = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    assert_eq!(records[0]["attributes"]["MessageDeduplicationId"], id);
}

/// Reference 6: ordering per MessageGroupId; a group waits while one of its messages is in flight, others go on.
#[test]
fn one_batch_of_a_group_at_a_time() {
    let mut world = World::new(&fifo(), &config(json!({"BatchSize": 2})), |_| {
        success(1_000)
    });
    for (time, group, body) in [
        (0, "a", "a1"),
        (0, "a", "a2"),
        (0, "a", "a3"),
        (10, "b", "b1"),
        (10, "a", "a4"),
    ] {
        world.put(at(time), message(group, body));
    }
    world.run_until(at(10_000));
    let text = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        world.story(),
        [
            (0, text(&["a1", "a2"])),
            (10, text(&["b1"])),
            (1_000, text(&["a3", "a4"]))
        ]
    );
}

/// Reference 6: a failed message holds back its group, not the others.
#[test]
fn a_failed_group_waits_for_its_visibility_timeout() {
    let mut world = World::new(&fifo(), &config(json!({"BatchSize": 1})), |seen| {
        let poisoned = seen.bodies() == ["a1"] && seen.at < at(40_000);
        if poisoned { failure(10) } else { success(10) }
    });
    for body in ["a1", "a2", "b1"] {
        world.put(at(0), message(&body[..1], body));
    }
    world.run_until(at(100_000));
    let order: Vec<_> = world
        .seen
        .iter()
        .map(|seen| (millis(seen.at), seen.bodies().concat()))
        .collect();
    let order: Vec<_> = order
        .iter()
        .map(|(time, body)| (*time, body.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            (0, "a1"),
            (0, "b1"),
            (30_000, "a1"),
            (60_000, "a1"),
            (60_010, "a2")
        ]
    );
}

/// SQS: a deduplication id counts for five minutes.
#[test]
fn duplicates_within_five_minutes_are_dropped() {
    let mut world = World::new(&fifo(), &config(json!({})), |_| success(1));
    for time in [0, 299_999, 300_000] {
        world.put(at(time), message("g", "same"));
    }
    world.run_until(at(400_000));
    assert_eq!(world.times(), [0, 300_000]);
    let duplicates = world.noted(|note| match note {
        SourceEvent::Deduplicated { original } => Some(original.0),
        _ => None,
    });
    assert_eq!(duplicates, [(299_999, 0)]);
}

#[test]
fn a_fifo_queue_insists_on_its_parameters() {
    let strict = source(json!({"Type": "SQS", "QueueName": "orders.fifo"}));
    let mut world = World::new(&strict, &config(json!({})), |_| success(1));
    world
        .put(at(0), Incoming::body("x"))
        .put(at(0), message("g", "x"));
    world.run_until(at(1));
    let refused = world.noted(|note| match note {
        SourceEvent::Rejected { message } => Some(message.clone()),
        _ => None,
    });
    let texts: Vec<_> = refused.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "The request must contain the parameter MessageGroupId.",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
        ]
    );
}

/// Redrive and order together: messages that were moved away make room for those behind them.
#[test]
fn a_group_goes_on_after_its_poison_went_away() {
    let queue = source(
        json!({"Type": "SQS", "QueueName": "orders.fifo", "ContentBasedDeduplication": true,
        "RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead.fifo", "maxReceiveCount": 1}}),
    );
    let mut world = World::new(&queue, &config(json!({"BatchSize": 1})), |seen| {
        if seen.bodies() == ["a1"] {
            failure(10)
        } else {
            success(10)
        }
    });
    for body in ["a1", "a2", "a3"] {
        world.put(at(0), message("a", body));
    }
    world.run_until(at(100_000));
    assert_eq!(world.times(), [0, 30_000, 30_010]);
    assert_eq!(world.poller.dead_letters().len(), 1);
    assert_eq!(world.poller.stored(), 0);
}
