//! Kafka: reference 6, 6.3 and 7.5.

use aws_lambda_events::kafka::KafkaEvent;
use lambda_playground::lambda::event_source::{Incoming, SourceEvent};
use serde_json::{Value, json};

use super::world::*;

fn message(partition: u32, value: &str) -> Incoming {
    Incoming {
        partition: Some(partition),
        ..Incoming::body(value)
    }
}

fn settings(more: Value) -> lambda_playground::lambda::event_source::MappingConfig {
    let mut all = json!({"StartingPosition": "TRIM_HORIZON"});
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    config(all)
}

/// Reference 7.5: records are grouped by topic and partition. Default window 500 ms (6).
#[test]
fn the_event_groups_records_by_partition() {
    let topic = source(json!({"Type": "Kafka", "PartitionCount": 2}));
    let mut world = World::new(&topic, &settings(json!({})), |_| success(1));
    let headers = [("trace".to_owned(), "é".to_owned())];
    world.put(
        at(100),
        Incoming {
            attributes: Some(headers.to_vec().into()),
            partition: Some(1),
            ..Incoming::keyed("key", "one")
        },
    );
    world
        .put(at(100), message(0, "zero"))
        .put(at(200), message(1, "two"));
    world.run_until(at(5_000));
    assert_eq!(world.times(), [600]);
    let event = &world.seen[0].event;
    let typed: KafkaEvent = serde_json::from_value(event.clone()).expect("a Kafka event");
    assert_eq!(typed.records["my-topic-1"].len(), 2);
    assert_eq!(event["eventSource"], "aws:kafka");
    assert_eq!(
        event["records"]["my-topic-1"],
        json!([
            {"topic": "my-topic", "partition": 1, "offset": 0, "timestamp": 1_767_614_400_100_u64,
             "timestampType": "CREATE_TIME", "key": "a2V5", "value": "b25l",
             "headers": [{"trace": [-61, -87]}]},
            {"topic": "my-topic", "partition": 1, "offset": 1, "timestamp": 1_767_614_400_200_u64,
             "timestampType": "CREATE_TIME", "value": "dHdv", "headers": []}
        ])
    );
    let own = source(json!({"Type": "Kafka", "SelfManaged": true, "BootstrapServers": "a:1,b:2"}));
    let mut world = World::new(&own, &settings(json!({})), |_| success(1));
    world.put(at(0), message(0, "x")).run_until(at(1_000));
    let event = &world.seen[0].event;
    assert_eq!(event["eventSource"], "SelfManagedKafka");
    assert_eq!(event["bootstrapServers"], "a:1,b:2");
    assert_eq!(event.get("eventSourceArn"), None);
}

/// Reference 6.3: endless retry of the batch until the record expires.
#[test]
fn a_failing_batch_is_retried_until_it_expires() {
    let topic = source(json!({"Type": "Kafka", "RetentionHours": 1}));
    let mut world = World::new(&topic, &settings(json!({})), |seen| {
        if seen.bodies().contains(&"bad".to_owned()) {
            failure(1_000)
        } else {
            success(1)
        }
    });
    world
        .put(at(0), message(0, "bad"))
        .put(at(1_800_000), message(0, "good"));
    world.run_until(at(2 * 3_600_000));
    let fates = world.fates();
    assert_eq!(
        (&fates[&0][..], &fates[&1][..]),
        (&["expired"][..], &["processed"][..])
    );
}

/// Reference 6: up to one consumer per partition. They follow the backlog, looked at once a minute.
#[test]
fn consumers_follow_the_backlog_up_to_one_per_partition() {
    let topic = source(json!({"Type": "Kafka", "PartitionCount": 4}));
    let mut world = World::new(&topic, &settings(json!({"BatchSize": 1})), |_| {
        success(1_000)
    });
    for number in 0..1_000_u32 {
        world.put(at(0), message(number % 4, &format!("{:04}", number / 4)));
    }
    world.run_until(at(30_000));
    assert_eq!(world.most_running, 1);
    world.run_until(at(3_600_000));
    assert_eq!(world.most_running, 4);
    let scaled = world.noted(|note| match note {
        SourceEvent::PollersScaled { to, .. } => Some(*to),
        _ => None,
    });
    assert_eq!(scaled[..2], [(60_000, 2), (120_000, 4)]);
    assert_eq!(scaled.last().map(|(_, to)| *to), Some(1));
    // Order within each partition survived all of it.
    let mut last = [String::new(), String::new(), String::new(), String::new()];
    let mut total = 0;
    for seen in &world.seen {
        for (name, records) in seen.event["records"].as_object().expect("records") {
            let partition: usize = name
                .rsplit('-')
                .next()
                .and_then(|n| n.parse().ok())
                .expect("a partition");
            assert_eq!(records.as_array().map(Vec::len), Some(1));
            let value = seen.bodies().concat();
            assert!(
                value > last[partition] || last[partition].is_empty(),
                "{value} after {}",
                last[partition]
            );
            last[partition] = value;
            total += 1;
        }
    }
    assert_eq!(total, 1_000);
}

/// Reference 6.3: newer mappings accept retries, partial responses and destinations.
#[test]
fn partial_failures_name_partition_and_offset() {
    let topic = source(json!({"Type": "Kafka", "PartitionCount": 2}));
    let settings = settings(json!({"FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 1}}));
    let mut first = true;
    let mut world = World::new(&topic, &settings, move |_| {
        let failed = json!({"batchItemFailures": [{"itemIdentifier": {"partition": "my-topic-1", "offset": 1}}]});
        if std::mem::take(&mut first) {
            respond(1, &failed.to_string())
        } else {
            success(1)
        }
    });
    for (partition, value) in [(0, "a"), (1, "b"), (1, "c"), (0, "d"), (1, "e")] {
        world.put(at(0), message(partition, value));
    }
    world.run_until(at(10_000));
    let told: Vec<_> = world
        .seen
        .iter()
        .map(|seen| seen.bodies().concat())
        .collect();
    assert_eq!(told, ["adbce", "ce"]);
}

/// Developer Guide: `KafkaBatchInfo`; a topic as destination gets the records as well.
#[test]
fn a_kafka_destination_gets_the_records() {
    let settings = settings(json!({"MaximumRetryAttempts": 0,
        "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 1},
        "DestinationConfig": {"OnFailure": {"Destination": "kafka://failed"}}}));
    let mut world = World::new(&source(json!({"Type": "Kafka"})), &settings, |_| failure(1));
    world
        .put(at(0), message(0, "a"))
        .put(at(0), message(0, "b"));
    world.run_until(at(10_000));
    let records = world.noted(|note| match note {
        SourceEvent::Discarded { record, .. } => record.clone(),
        _ => None,
    });
    let body: Value = serde_json::from_str(&records[0].1.body).expect("JSON");
    let info = &body["KafkaBatchInfo"];
    assert_eq!(info["batchSize"], 2);
    assert_eq!(
        info["recordsInfo"]["my-topic-0"],
        json!({"firstRecordOffset": "0", "lastRecordOffset": "1",
               "firstRecordTimestamp": "2026-01-05T12:00:00.000Z", "lastRecordTimestamp": "2026-01-05T12:00:00.000Z"})
    );
    assert_eq!(body["payload"], world.seen[0].event);
}

/// Reference 6.4: value and key, JSON or plain strings.
#[test]
fn filters_see_value_and_key() {
    let run = |pattern: Value| {
        let settings =
            settings(json!({"FilterCriteria": {"Filters": [{"Pattern": pattern.to_string()}]}}));
        let mut world = World::new(&source(json!({"Type": "Kafka"})), &settings, |_| success(1));
        for (key, value) in [
            ("a", r#"{"x":1}"#),
            ("b", "plain text"),
            ("c", r#"{"x":2}"#),
        ] {
            world.put(at(0), Incoming::keyed(key, value));
        }
        world.run_until(at(1_000));
        world.seen.iter().flat_map(Seen::bodies).collect::<Vec<_>>()
    };
    assert_eq!(run(json!({"value": {"x": [1]}})), [r#"{"x":1}"#]);
    assert_eq!(run(json!({"value": [{"prefix": "plain"}]})), ["plain text"]);
    assert_eq!(run(json!({"key": ["c"]})), [r#"{"x":2}"#]);
}
