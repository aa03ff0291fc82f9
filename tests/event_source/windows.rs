//! Tumbling windows: reference 6.2.

use aws_lambda_events::kinesis::KinesisTimeWindowEvent;
use lambda_playground::lambda::event_source::note::{BatchEnd, Failure};
use lambda_playground::lambda::event_source::{Incoming, SourceEvent};
use serde_json::{Value, json};

use super::world::*;

fn settings() -> lambda_playground::lambda::event_source::MappingConfig {
    config(
        json!({"StartingPosition": "TRIM_HORIZON", "TumblingWindowInSeconds": 60, "BatchSize": 2}),
    )
}

/// A function that counts the records of a window.
fn count(seen: &Seen) -> Answer {
    let before = seen.event["state"]["count"]
        .as_str()
        .map_or(0, |count| count.parse().expect("a number"));
    let records = seen.event["Records"].as_array().map_or(0, Vec::len) as u64;
    respond(
        10,
        &json!({"state": {"count": (before + records).to_string()}}).to_string(),
    )
}

fn told(seen: &Seen) -> (u64, u64, Value, bool) {
    (
        millis(seen.at),
        seen.event["Records"].as_array().map_or(0, Vec::len) as u64,
        seen.event["state"].clone(),
        seen.event["isFinalInvokeForWindow"]
            .as_bool()
            .expect("a flag"),
    )
}

#[test]
fn a_window_hands_its_state_on_and_ends_with_a_final_invocation() {
    let kinesis = source(json!({"Type": "Kinesis"}));
    let mut world = World::new(&kinesis, &settings(), count);
    for (time, number) in [(500, 0), (500, 1), (500, 2), (59_500, 3), (61_000, 4)] {
        world.put(at(time), Incoming::keyed("k", format!("{number}")));
    }
    world.run_until(at(300_000));
    let story: Vec<_> = world.seen.iter().map(told).collect();
    assert_eq!(
        story,
        [
            (1_000, 2, json!({}), false),
            (1_010, 1, json!({"count": "2"}), false),
            (60_000, 1, json!({"count": "3"}), false),
            (60_010, 0, json!({"count": "4"}), true),
            (61_000, 1, json!({}), false),
            (120_000, 0, json!({"count": "1"}), true),
        ]
    );
    let last = &world.seen[3].event;
    let typed: KinesisTimeWindowEvent =
        serde_json::from_value(last.clone()).expect("a window event");
    assert!(typed.time_window_properties.is_final_invoke_for_window);
    assert_eq!(
        last["window"],
        json!({"start": "2026-01-05T12:00:00Z", "end": "2026-01-05T12:01:00Z"})
    );
    assert_eq!(last["shardId"], "shardId-000000000000");
    assert_eq!(last["isWindowTerminatedEarly"], false);
    assert!(world.poller.is_quiet());
}

#[test]
fn a_response_without_state_is_a_failed_batch() {
    let mut first = true;
    let kinesis = source(json!({"Type": "Kinesis"}));
    let mut world = World::new(&kinesis, &settings(), move |seen| {
        if std::mem::take(&mut first) {
            success(10)
        } else {
            count(seen)
        }
    });
    world
        .put(at(0), Incoming::keyed("k", "0"))
        .run_until(at(70_000));
    assert_eq!(world.ends()[0], BatchEnd::Failed(Failure::MissingState));
    assert_eq!(world.times(), [0, 510, 60_000]);
}

#[test]
fn a_state_over_one_megabyte_ends_its_window_early() {
    let kinesis = source(json!({"Type": "Kinesis"}));
    let mut world = World::new(&kinesis, &settings(), |_| {
        respond(
            10,
            &json!({"state": {"x": "x".repeat(1_048_576)}}).to_string(),
        )
    });
    world
        .put(at(0), Incoming::keyed("k", "0"))
        .run_until(at(20));
    assert_eq!(world.seen[1].event["isWindowTerminatedEarly"], true);
    assert_eq!(world.seen[1].event["isFinalInvokeForWindow"], true);
    let closed = world.noted(|note| match note {
        SourceEvent::WindowClosed { early, .. } => Some(*early),
        _ => None,
    });
    assert_eq!(closed, [(20, true)]);
}
