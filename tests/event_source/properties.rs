//! What holds for every mapping, under random traffic and a function that fails as it likes.

use std::collections::BTreeMap;

use lambda_playground::lambda::event_source::{Incoming, MappingConfig, Source};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::*;

/// One arrival: when, which key or group, and whether the function chokes on it.
type Arrival = (u64, u8, bool);

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    prop::collection::vec((0_u64..60_000, 0_u8..4, prop::bool::weighted(0.1)), 1..60)
}

/// What the function does besides choking: how long it takes, and whether it is throttled now and then.
type Mood = (u64, bool);

fn world(source: &Source, config: &MappingConfig, arrivals: &[Arrival], mood: Mood) -> World {
    let mut calls = 0_u64;
    let mut world = World::new(source, config, move |seen| {
        calls += 1;
        if mood.1 && calls.is_multiple_of(3) {
            throttle()
        } else if seen.bodies().iter().any(|body| body.contains("bad")) {
            failure(mood.0)
        } else {
            success(mood.0)
        }
    });
    let mut sorted = arrivals.to_vec();
    sorted.sort();
    let mut numbers: BTreeMap<u8, u32> = BTreeMap::new();
    for (when, key, bad) in sorted {
        let number = numbers.entry(key).or_default();
        let body = format!("{key}-{number:04}{}", if bad { "-bad" } else { "" });
        *number += 1;
        let key = format!("key {key}");
        world.put(
            at(when),
            Incoming {
                group: Some(key.as_str().into()),
                ..Incoming::keyed(key, body)
            },
        );
    }
    world
}

/// Every item that arrived ended exactly once, or is still there.
fn nothing_is_lost(world: &World, count: usize) {
    let fates = world.fates();
    assert!(fates.values().all(|ends| ends.len() == 1), "{fates:?}");
    assert_eq!(world.arrived(), count);
    assert_eq!(fates.len() + world.poller.stored(), count, "{fates:?}");
}

/// The first time that each body of a key was seen, they came in order.
fn keys_keep_their_order(world: &World) {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for body in world.seen.iter().flat_map(Seen::bodies) {
        let own = seen.entry(body[..1].to_owned()).or_default();
        if !own.contains(&body) {
            own.push(body);
        }
    }
    assert!(seen.values().all(|own| own.is_sorted()), "{seen:?}");
}

fn run(source: &Source, config: &MappingConfig, arrivals: &[Arrival], mood: Mood) -> World {
    let mut world = world(source, config, arrivals, mood);
    world.run_until(at(3_000_000));
    world
}

fn queue(fifo: bool, receives: Option<u32>) -> Source {
    let mut queue = json!({"Type": "SQS", "MessageRetentionPeriod": 600});
    if fifo {
        queue["QueueName"] = "q.fifo".into();
        queue["ContentBasedDeduplication"] = true.into();
    }
    if let Some(receives) = receives {
        queue["RedrivePolicy"] = json!({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dead",
            "maxReceiveCount": receives});
    }
    source(queue)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn queues_lose_nothing(arrivals in arrivals(), took in 1_u64..40_000, throttled: bool, receives in prop::option::of(1_u32..5),
                           size in 1_u32..11, window in 0_u32..5) {
        let settings = config(json!({"BatchSize": size, "MaximumBatchingWindowInSeconds": window}));
        let world = run(&queue(false, receives), &settings, &arrivals, (took, throttled));
        nothing_is_lost(&world, arrivals.len());
        prop_assert_eq!(world.poller.stored(), 0);
    }

    #[test]
    fn fifo_queues_lose_nothing_and_keep_groups_in_order(arrivals in arrivals(), took in 1_u64..20_000, throttled: bool,
                                                         receives in prop::option::of(1_u32..5), size in 1_u32..11) {
        let settings = config(json!({"BatchSize": size}));
        let world = run(&queue(true, receives), &settings, &arrivals, (took, throttled));
        nothing_is_lost(&world, arrivals.len());
        keys_keep_their_order(&world);
        prop_assert_eq!(world.poller.stored(), 0);
    }

    #[test]
    fn streams_lose_nothing_and_keep_keys_in_order(arrivals in arrivals(), took in 1_u64..20_000, throttled: bool,
                                                   retries in -1_i32..4, factor in 1_u32..4, bisect: bool, size in 1_u32..20,
                                                   shards in 1_u32..4) {
        let settings = config(json!({"StartingPosition": "TRIM_HORIZON", "BatchSize": size, "ParallelizationFactor": factor,
            "MaximumRetryAttempts": retries, "BisectBatchOnFunctionError": bisect, "MaximumRecordAgeInSeconds": 600}));
        let kinesis = source(json!({"Type": "Kinesis", "ShardCount": shards}));
        let world = run(&kinesis, &settings, &arrivals, (took, throttled));
        nothing_is_lost(&world, arrivals.len());
        keys_keep_their_order(&world);
        prop_assert_eq!(world.poller.stored(), 0);
        prop_assert!(world.poller.is_quiet());
    }

    #[test]
    fn topics_and_brokers_lose_nothing(arrivals in arrivals(), took in 1_u64..20_000, throttled: bool, partitions in 1_u32..5,
                                       redeliveries in 0_u32..4) {
        let topic = source(json!({"Type": "Kafka", "PartitionCount": partitions, "RetentionHours": 1}));
        let settings = config(json!({"StartingPosition": "TRIM_HORIZON", "BatchSize": 3}));
        let world = run(&topic, &settings, &arrivals, (took, throttled));
        nothing_is_lost(&world, arrivals.len());
        keys_keep_their_order(&world);
        let broker = source(json!({"Type": "MQ", "MaximumRedeliveries": redeliveries}));
        let world = run(&broker, &config(json!({"BatchSize": 3})), &arrivals, (took, throttled));
        nothing_is_lost(&world, arrivals.len());
        prop_assert_eq!(world.poller.stored(), 0);
    }

    #[test]
    fn partial_responses_keep_the_promise(arrivals in arrivals(), took in 1_u64..20_000) {
        for fifo in [false, true] {
            let settings = config(json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]}));
            let mut world = world(&queue(fifo, Some(3)), &settings, &arrivals, (took, false));
            world = answer_partially(world, took);
            world.run_until(at(3_000_000));
            nothing_is_lost(&world, arrivals.len());
            prop_assert_eq!(world.poller.stored(), 0);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_actions(arrivals in arrivals(), took in 1_u64..20_000, throttled: bool) {
        let settings = config(json!({"BatchSize": 3}));
        let one = run(&queue(false, Some(2)), &settings, &arrivals, (took, throttled));
        let other = run(&queue(false, Some(2)), &settings, &arrivals, (took, throttled));
        prop_assert_eq!(one.notes, other.notes);
        prop_assert_eq!(one.seen, other.seen);
    }
}

/// A function that returns everything from the first bad message on, as the guide asks for FIFO queues.
fn answer_partially(mut world: World, took: u64) -> World {
    world.answer(move |seen| {
        let records = seen.event["Records"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let bad = |record: &Value| {
            record["body"]
                .as_str()
                .is_some_and(|body| body.contains("bad"))
        };
        let failed: Vec<_> = records
            .iter()
            .skip_while(|record| !bad(record))
            .map(|record| json!({"itemIdentifier": record["messageId"]}))
            .collect();
        respond(took, &json!({ "batchItemFailures": failed }).to_string())
    });
    world
}

/// 10,000 messages a second for a minute: an ordinary load.
#[test]
fn ten_thousand_messages_a_second_are_ordinary() {
    let started = std::time::Instant::now();
    let settings = config(json!({"BatchSize": 100, "MaximumBatchingWindowInSeconds": 1}));
    let mut world = World::new(&queue(false, None), &settings, |_| success(200));
    world.remember = false;
    for tick in 0..60_000_u64 {
        world.put_numbers(at(tick), (tick * 10) as u32, 10);
    }
    world.run_until(at(120_000));
    assert_eq!(world.poller.stored(), 0);
    assert_eq!(world.fates().len(), 600_000);
    println!(
        "600,000 messages, {} batches: {:?}",
        world.invocations,
        started.elapsed()
    );
}
