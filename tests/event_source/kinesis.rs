//! Kinesis data streams: reference 6 and 6.2.

use aws_lambda_events::kinesis::KinesisEvent;
use lambda_playground::lambda::event_source::note::{
    BatchEnd, DestinationRecord, DiscardReason, Failure,
};
use lambda_playground::lambda::event_source::{Incoming, Source, SourceEvent};
use lambda_playground::sim::SimDuration;
use serde_json::{Value, json};

use super::world::*;

fn stream() -> Source {
    source(json!({"Type": "Kinesis"}))
}

/// From the beginning, with these settings besides.
fn from_horizon(settings: Value) -> lambda_playground::lambda::event_source::MappingConfig {
    let mut all = json!({"StartingPosition": "TRIM_HORIZON"});
    if let (Value::Object(all), Value::Object(more)) = (&mut all, settings) {
        all.extend(more);
    }
    config(all)
}

fn record(key: &str, data: &str) -> Incoming {
    Incoming::keyed(key, data)
}

fn put(world: &mut World, when: u64, data: &[&str]) {
    for data in data {
        world.put(at(when), record("k", data));
    }
}

fn sequence(seen: &Seen, index: usize) -> String {
    let number = &seen.event["Records"][index]["kinesis"]["sequenceNumber"];
    number.as_str().expect("a sequence number").to_owned()
}

fn discarded(world: &World) -> Vec<(u64, (DiscardReason, Option<DestinationRecord>))> {
    world.noted(|note| match note {
        SourceEvent::Discarded { reason, record, .. } => Some((*reason, record.clone())),
        _ => None,
    })
}

/// Reference 7.5, Kinesis.
#[test]
fn the_event_has_lambdas_shape() {
    let mut world = World::new(&stream(), &from_horizon(json!({})), |_| success(1));
    put(&mut world, 987, &["Hello"]);
    world.run_until(at(2_000));
    let event = &world.seen[0].event;
    let typed: KinesisEvent = serde_json::from_value(event.clone()).expect("a Kinesis event");
    assert_eq!(typed.records[0].kinesis.data.0, b"Hello");
    let sequence = sequence(&world.seen[0], 0);
    assert!(sequence.len() == 56 && sequence.bytes().all(|byte| byte.is_ascii_digit()));
    assert_eq!(
        *event,
        json!({"Records": [{
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "k",
                "sequenceNumber": sequence,
                "data": "SGVsbG8=",
                "approximateArrivalTimestamp": 1_767_614_400.987
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": format!("shardId-000000000000:{sequence}"),
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
            "awsRegion": "us-east-1",
            "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/my-stream"
        }]})
    );
}

/// Reference 6.2: a shard is polled about once per second; with enhanced fan-out records are pushed.
#[test]
fn shards_are_polled_every_second() {
    let mut world = World::new(&stream(), &from_horizon(json!({})), |_| success(100));
    put(&mut world, 100, &["a"]);
    put(&mut world, 900, &["b"]);
    put(&mut world, 1_001, &["c"]);
    world.run_until(at(5_000));
    let texts = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        world.story(),
        [(1_000, texts(&["a", "b"])), (2_000, texts(&["c"]))]
    );
    assert!(world.poller.is_quiet());
    let pushed = source(json!({"Type": "Kinesis", "ConsumerName": "mine"}));
    let mut world = World::new(&pushed, &from_horizon(json!({})), |_| success(100));
    put(&mut world, 100, &["a"]);
    world.run_until(at(5_000));
    assert_eq!(world.times(), [100]);
}

/// Reference 6: batch size and window; one batch of a shard at a time.
#[test]
fn a_shards_batches_follow_one_another() {
    let settings = from_horizon(json!({"BatchSize": 2}));
    let mut world = World::new(&stream(), &settings, |_| success(400));
    put(&mut world, 0, &["a", "b", "c", "d", "e"]);
    world.run_until(at(5_000));
    assert_eq!(world.times(), [0, 400, 800]);
    let settings = from_horizon(json!({"BatchSize": 3, "MaximumBatchingWindowInSeconds": 10}));
    let mut world = World::new(&stream(), &settings, |_| success(10));
    put(&mut world, 500, &["a"]);
    put(&mut world, 4_500, &["b"]);
    put(&mut world, 20_500, &["c", "d", "e", "f"]);
    world.run_until(at(60_000));
    // Read at 1 s, sent 10 s later; three at once are a full batch; the fourth waits its own 10 s.
    assert_eq!(world.times(), [11_000, 21_000, 31_000]);
}

/// Reference 6: start position.
#[test]
fn the_starting_position_decides_what_is_seen() {
    let first = |settings: Value| {
        let mut world = World::created(&stream(), &config(settings), at(10_000), |_| success(1));
        for (when, data) in [(1_000, "a"), (5_000, "b"), (11_000, "c")] {
            put(&mut world, when, &[data]);
        }
        world.run_until(at(20_000));
        let bodies: Vec<_> = world.seen.iter().flat_map(Seen::bodies).collect();
        assert_eq!(world.fates().len(), 3);
        bodies.concat()
    };
    assert_eq!(first(json!({"StartingPosition": "TRIM_HORIZON"})), "abc");
    assert_eq!(first(json!({"StartingPosition": "LATEST"})), "c");
    let from = EPOCH_MS / 1_000 + 5;
    let settings = json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": from});
    assert_eq!(first(settings), "bc");
}

/// Reference 6: shards x ParallelizationFactor, order per partition key.
#[test]
fn parallelisation_keeps_the_order_of_each_key() {
    let settings = from_horizon(json!({"BatchSize": 1, "ParallelizationFactor": 10}));
    let mut world = World::new(&stream(), &settings, |_| success(1_000));
    for number in 0..5 {
        for key in ["a", "b", "c", "d", "e", "f"] {
            world.put(at(0), record(key, &format!("{key}{number}")));
        }
    }
    world.run_until(at(100_000));
    assert!(world.most_running > 1, "{}", world.most_running);
    let order: Vec<_> = world.seen.iter().flat_map(Seen::bodies).collect();
    assert_eq!(order.len(), 30);
    for key in ["a", "b", "c", "d", "e", "f"] {
        let own: Vec<_> = order.iter().filter(|data| data.starts_with(key)).collect();
        let expected: Vec<_> = (0..5).map(|number| format!("{key}{number}")).collect();
        assert!(own.into_iter().eq(&expected));
    }
}

/// Kinesis: keys are spread over shards by their MD5; shards are independent.
#[test]
fn shards_go_their_own_ways() {
    let two = source(json!({"Type": "Kinesis", "ShardCount": 2}));
    let settings = from_horizon(json!({"BatchSize": 1}));
    let mut world = World::new(&two, &settings, |seen| {
        if seen.bodies()[0].starts_with("bad") && seen.at < at(30_000) {
            failure(10)
        } else {
            success(10)
        }
    });
    // MD5 of "a" begins with 0c, of "b" with 92.
    world
        .put(at(0), record("a", "bad"))
        .put(at(0), record("a", "behind"));
    world.put(at(0), record("b", "free"));
    world.run_until(at(60_000));
    let at_of = |data: &str| {
        let calls = world.seen.iter().filter(|seen| seen.bodies() == [data]);
        calls.map(|seen| millis(seen.at)).collect::<Vec<_>>()
    };
    assert_eq!(at_of("free"), [0]);
    assert!(at_of("behind")[0] > 30_000);
    assert!(at_of("bad").len() > 4);
}

/// Reference 6.2: MaximumRetryAttempts n means n+1 invocations; then the record goes to the destination.
#[test]
fn retries_end_in_a_destination_record() {
    let settings = from_horizon(json!({
        "MaximumRetryAttempts": 1,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failures"}}
    }));
    let mut world = World::new(&stream(), &settings, |_| failure(100));
    put(&mut world, 0, &["a", "b"]);
    world.run_until(at(10_000));
    assert_eq!(world.times(), [0, 600]);
    let discarded = discarded(&world);
    let [(700, (DiscardReason::RetryAttemptsExhausted, Some(record)))] = &discarded[..] else {
        panic!("{discarded:?}");
    };
    let body: Value = serde_json::from_str(&record.body).expect("JSON");
    assert_eq!(
        body,
        json!({
            "requestContext": {
                "requestId": "00000000-0000-0000-0000-000000000001",
                "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:my-function",
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 2
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled"
            },
            "version": "1.0",
            "timestamp": "2026-01-05T12:00:00.700Z",
            "KinesisBatchInfo": {
                "shardId": "shardId-000000000000",
                "startSequenceNumber": sequence(&world.seen[0], 0),
                "endSequenceNumber": sequence(&world.seen[0], 1),
                "approximateArrivalOfFirstRecord": "2026-01-05T12:00:00.000Z",
                "approximateArrivalOfLastRecord": "2026-01-05T12:00:00.000Z",
                "batchSize": 2,
                "streamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/my-stream"
            }
        })
    );
    assert!(record.body.starts_with(r#"{"requestContext":{"requestId""#));
    assert_eq!(world.poller.stored(), 0);
}

/// Reference 6.2: the S3 destination adds the payload.
#[test]
fn an_s3_destination_gets_the_whole_event() {
    let settings = from_horizon(json!({
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}}
    }));
    let mut world = World::new(&stream(), &settings, |_| failure(100));
    put(&mut world, 0, &["a"]);
    world.run_until(at(10_000));
    let (_, (_, record)) = &discarded(&world)[0];
    let record = record.as_ref().expect("a record");
    let body: Value = serde_json::from_str(&record.body).expect("JSON");
    assert_eq!(body["payload"], world.seen[0].event);
    let key = record.object_key.as_deref().expect("a key");
    assert!(
        key.contains("/shardId-000000000000/2026/01/05/2026-01-05T12.00.00-"),
        "{key}"
    );
}

/// Reference 6: MaximumRecordAge. The record has no responseContext (6.2). Eight tries within 60 s were seen.
#[test]
fn records_that_are_too_old_are_given_up() {
    let settings = from_horizon(json!({
        "MaximumRecordAgeInSeconds": 60,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:123456789012:failures"}}
    }));
    let mut world = World::new(&stream(), &settings, |_| failure(1));
    put(&mut world, 0, &["a"]);
    put(&mut world, 40_000, &["b"]);
    world.run_until(at(62_000));
    assert_eq!(world.times().len(), 8);
    // The young record behind goes on.
    world.run_until(at(64_000));
    let (_, (reason, record)) = &discarded(&world)[0];
    assert_eq!(*reason, DiscardReason::RecordAgeExceeded);
    let body: Value = serde_json::from_str(&record.as_ref().expect("a record").body).expect("JSON");
    assert_eq!(body["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(body["requestContext"]["approximateInvokeCount"], 8);
    assert_eq!(body.get("responseContext"), None);
    assert_eq!(world.seen.last().expect("an invocation").bodies(), ["b"]);
}

/// Reference 6: BisectBatchOnFunctionError; splitting does not use up the retry count.
#[test]
fn bisecting_finds_the_poison() {
    let settings = from_horizon(json!({
        "BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 0, "BatchSize": 8}));
    let mut world = World::new(&stream(), &settings, |seen| {
        if seen.bodies().iter().any(|data| data == "bad") {
            failure(10)
        } else {
            success(10)
        }
    });
    put(&mut world, 0, &["a", "b", "c", "d", "e", "bad", "g", "h"]);
    world.run_until(at(10_000));
    let told: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.bodies().concat())
        .collect();
    assert_eq!(
        told,
        ["abcdebadgh", "abcd", "ebadgh", "ebad", "e", "bad", "gh"]
    );
    let fates = world.fates();
    assert_eq!(fates[&5], ["discarded"]);
    assert_eq!(
        fates
            .values()
            .filter(|fate| **fate == ["processed"])
            .count(),
        7
    );
}

/// Reference 6.2: a returned sequence number restarts the batch from there; the lowest counts.
#[test]
fn a_partial_failure_is_a_checkpoint() {
    let settings = from_horizon(json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]}));
    let mut calls = 0;
    let mut world = World::new(&stream(), &settings, move |seen| {
        calls += 1;
        let named = |indices: &[usize]| {
            let list: Vec<_> = indices
                .iter()
                .map(|index| json!({"itemIdentifier": sequence(seen, *index)}))
                .collect();
            json!({ "batchItemFailures": list }).to_string()
        };
        match calls {
            1 => respond(10, &named(&[3, 1])),
            2 => respond(10, r#"{"batchItemFailures":[{"itemIdentifier":"0"}]}"#),
            _ => respond(10, r#"{"batchItemFailures":[]}"#),
        }
    });
    put(&mut world, 0, &["a", "b", "c", "d"]);
    world.run_until(at(10_000));
    let told: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.bodies().concat())
        .collect();
    assert_eq!(told, ["abcd", "bcd", "bcd"]);
    let invalid = BatchEnd::Failed(Failure::InvalidBatchResponse);
    assert_eq!(
        world.ends(),
        [BatchEnd::PartiallyFailed, invalid, BatchEnd::Succeeded]
    );
    let checkpoints = world.noted(|note| match note {
        SourceEvent::Checkpointed { position, .. } => Some(*position),
        _ => None,
    });
    let positions: Vec<_> = checkpoints.iter().map(|(_, position)| *position).collect();
    assert_eq!(positions, [1, 4]);
}

/// Reference 6.2: with a partial failure functionError is null.
#[test]
fn partial_failures_have_no_function_error() {
    let settings = from_horizon(json!({
        "FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failures"}}
    }));
    let mut world = World::new(&stream(), &settings, |seen| {
        let name = sequence(seen, 0);
        respond(
            1,
            &json!({"batchItemFailures": [{"itemIdentifier": name}]}).to_string(),
        )
    });
    put(&mut world, 0, &["a"]);
    world.run_until(at(10_000));
    let (_, (_, record)) = &discarded(&world)[0];
    let body: Value = serde_json::from_str(&record.as_ref().expect("a record").body).expect("JSON");
    assert_eq!(body["responseContext"]["functionError"], Value::Null);
    assert_eq!(body["requestContext"]["approximateInvokeCount"], 2);
}

/// Reference 4: throttles do not use up MaximumRetryAttempts; the shard stalls and the iterator age grows.
#[test]
fn throttles_block_the_shard_but_use_up_nothing() {
    let settings = from_horizon(json!({"MaximumRetryAttempts": 0}));
    let mut world = World::new(&stream(), &settings, |seen| {
        if seen.at < at(20_000) {
            throttle()
        } else {
            success(1)
        }
    });
    put(&mut world, 0, &["a"]);
    world.run_until(at(60_000));
    assert_eq!(world.fates()[&0], ["processed"]);
    let ages = world.noted(|note| match note {
        SourceEvent::BatchSent { iterator_age, .. } => *iterator_age,
        _ => None,
    });
    assert!(
        ages.iter()
            .all(|(at, age)| *age == SimDuration::from_millis(*at))
    );
    assert!(ages.is_sorted());
}

/// Reference 6.2: Kinesis keeps records for 24 h; without limits a poison record blocks its shard until then.
#[test]
fn a_poison_record_blocks_until_it_expires() {
    let mut world = World::new(&stream(), &from_horizon(json!({"BatchSize": 1})), |seen| {
        if seen.bodies() == ["bad"] {
            failure(60_000)
        } else {
            success(1)
        }
    });
    put(&mut world, 0, &["bad"]);
    put(&mut world, 3_600_000, &["good"]);
    world.run_until(at(25 * 3_600_000));
    let fates = world.fates();
    assert_eq!(
        (&fates[&0][..], &fates[&1][..]),
        (&["expired"][..], &["processed"][..])
    );
    let last = world.times().last().copied().expect("an invocation");
    assert!((86_400_000..86_500_000).contains(&last), "{last}");
}

/// Reference 6.4: filtered records advance the iterator; data that is not JSON is dropped.
#[test]
fn filters_pass_records_over() {
    let settings = from_horizon(json!({
        "FilterCriteria": {"Filters": [{"Pattern": "{\"data\":{\"kind\":[\"order\"]}}"}]}}));
    let mut world = World::new(&stream(), &settings, |_| success(1));
    put(
        &mut world,
        0,
        &[r#"{"kind":"news"}"#, r#"{"kind":"order"}"#, "text"],
    );
    world.run_until(at(5_000));
    assert_eq!(world.story(), [(0, vec![r#"{"kind":"order"}"#.to_owned()])]);
    let checkpoints = world.noted(|note| match note {
        SourceEvent::Checkpointed { position, .. } => Some(*position),
        _ => None,
    });
    assert_eq!(checkpoints, [(0, 1), (1, 3)]);
}

/// Reference 6: 6 MB.
#[test]
fn batches_stay_below_six_megabytes() {
    let mut world = World::new(&stream(), &from_horizon(json!({})), |_| success(1));
    let big = "x".repeat(1_000_000);
    put(&mut world, 0, &[big.as_str(); 10]);
    world.run_until(at(5_000));
    let sizes: Vec<_> = world.seen.iter().map(|seen| seen.bodies().len()).collect();
    assert_eq!(sizes, [4, 4, 2]);
}

#[test]
fn what_kinesis_refuses_never_enters() {
    let mut world = World::new(&stream(), &from_horizon(json!({})), |_| success(1));
    world.put(at(0), Incoming::body("no key"));
    world.put(at(0), record("k", &"x".repeat(1_048_576)));
    world.run_until(at(5_000));
    let refused = world.noted(|note| matches!(note, SourceEvent::Rejected { .. }).then_some(()));
    assert_eq!((refused.len(), world.invocations), (2, 0));
}
