//! Reference 6, the table: one test for each row, over all of its columns; and 6.4, the roots.

use lambda_playground::lambda::event_source::{Context, Incoming, check};
use lambda_playground::problem::Severity;
use serde_json::{Value, json};

use super::world::*;

/// The columns: SQS standard, SQS FIFO, Kinesis, DynamoDB Streams, Kafka, Amazon MQ, DocumentDB.
const COLUMNS: [&str; 7] = [
    "SQS",
    "FIFO",
    "Kinesis",
    "DynamoDB",
    "Kafka",
    "MQ",
    "DocumentDB",
];

fn queue(column: &str) -> Value {
    match column {
        "FIFO" => json!({"Type": "SQS", "QueueName": "q.fifo"}),
        column => json!({"Type": column}),
    }
}

/// Whether a mapping with these settings, and what its source must have besides, is accepted.
fn accepted_with(column: &str, settings: Value, timeout: u32) -> bool {
    let mut all = match column {
        "Kinesis" | "DynamoDB" | "Kafka" | "DocumentDB" => json!({"StartingPosition": "LATEST"}),
        _ => json!({}),
    };
    if let (Value::Object(all), Value::Object(settings)) = (&mut all, settings) {
        all.extend(settings);
    }
    let mut source_json = queue(column);
    if timeout > 30 && source_json["Type"] == "SQS" {
        source_json["VisibilityTimeout"] = json!(timeout);
    }
    let context = Context {
        function_timeout_seconds: timeout,
        ..context()
    };
    let problems = check(&source(source_json), &config(all), &context);
    !problems
        .iter()
        .any(|problem| problem.severity == Severity::Error)
}

fn accepted(column: &str, settings: Value) -> bool {
    accepted_with(column, settings, 3)
}

/// In which columns these settings are accepted.
fn columns(settings: &Value) -> Vec<&'static str> {
    let all = COLUMNS.into_iter();
    all.filter(|column| accepted(column, settings.clone()))
        .collect()
}

const STREAMS: [&str; 2] = ["Kinesis", "DynamoDB"];
const RETRYING: [&str; 3] = ["Kinesis", "DynamoDB", "Kafka"];

/// 6, "BatchSize default / max: 10 / 10,000; FIFO 10 / 10; 100 / 10,000".
#[test]
fn batch_sizes() {
    for column in COLUMNS {
        let size = |size: u32| {
            let mut settings = json!({"BatchSize": size});
            if column == "SQS" && size > 10 {
                settings["MaximumBatchingWindowInSeconds"] = json!(1);
            }
            accepted(column, settings)
        };
        let most = if column == "FIFO" { 10 } else { 10_000 };
        assert!(size(1) && size(most), "{column}");
        assert!(!size(0) && !size(most + 1), "{column}");
    }
}

/// 6, "Batch window default / max: 0 / 300 s; FIFO not available".
#[test]
fn batch_windows() {
    let window = |seconds: u32| columns(&json!({"MaximumBatchingWindowInSeconds": seconds}));
    let all_but_fifo: Vec<_> = COLUMNS.into_iter().filter(|it| *it != "FIFO").collect();
    assert_eq!(window(300), all_but_fifo);
    assert_eq!(window(301), [""; 0]);
    assert_eq!(window(0), COLUMNS);
}

/// 6, "MaximumConcurrency (ScalingConfig): 2-1,000", of queues alone.
#[test]
fn maximum_concurrency() {
    let most = |most: u32| columns(&json!({"ScalingConfig": {"MaximumConcurrency": most}}));
    assert_eq!(
        (most(2), most(1_000)),
        (vec!["SQS", "FIFO"], vec!["SQS", "FIFO"])
    );
    assert_eq!((most(1), most(1_001)), (vec![], vec![]));
}

/// 6, "Provisioned mode pollers: 2-10,000, default 2/200, exclusive with MaximumConcurrency; Kafka 1-2,000, default 1/200".
#[test]
fn provisioned_pollers() {
    let pollers = |fewest: u32, most: u32| {
        columns(
            &json!({"ProvisionedPollerConfig": {"MinimumPollers": fewest, "MaximumPollers": most}}),
        )
    };
    assert_eq!(pollers(2, 2_000), ["SQS", "FIFO", "Kafka"]);
    assert_eq!(pollers(1, 2_000), ["Kafka"]);
    assert_eq!(pollers(200, 10_000), ["SQS", "FIFO"]);
    assert_eq!(pollers(201, 2_000), [""; 0]);
    assert_eq!(pollers(2, 10_001), [""; 0]);
    let both = json!({"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 2}});
    assert_eq!(columns(&both), [""; 0]);
}

/// 6, "Concurrency: shards x ParallelizationFactor (1-10, default 1)", "Tumbling window: 0-900 s": Kinesis and DynamoDB.
#[test]
fn what_shards_alone_have() {
    let factor = |factor: u32| columns(&json!({"ParallelizationFactor": factor}));
    assert_eq!(
        (factor(1), factor(10)),
        (STREAMS.to_vec(), STREAMS.to_vec())
    );
    assert_eq!((factor(0), factor(11)), (vec![], vec![]));
    let window = |seconds: u32| columns(&json!({"TumblingWindowInSeconds": seconds}));
    assert_eq!(
        (window(0), window(900)),
        (STREAMS.to_vec(), STREAMS.to_vec())
    );
    assert_eq!(window(901), [""; 0]);
}

/// 6, "MaximumRetryAttempts: -1 or 0-10,000", "MaximumRecordAge: -1 or 60-604,800 s", "BisectBatchOnFunctionError": streams,
/// and newer also Kafka.
#[test]
fn retries_ages_and_bisecting() {
    let retries = |number: i64| columns(&json!({"MaximumRetryAttempts": number}));
    for number in [-1, 0, 10_000] {
        assert_eq!(retries(number), RETRYING, "{number}");
    }
    let age = |number: i64| columns(&json!({"MaximumRecordAgeInSeconds": number}));
    for number in [-1, 60, 604_800] {
        assert_eq!(age(number), RETRYING, "{number}");
    }
    for number in [-2, 10_001] {
        assert_eq!(retries(number), [""; 0], "{number}");
    }
    for number in [-2, 0, 59, 604_801] {
        assert_eq!(age(number), [""; 0], "{number}");
    }
    assert_eq!(
        columns(&json!({"BisectBatchOnFunctionError": true})),
        RETRYING
    );
}

/// 6, "Partial batch (ReportBatchItemFailures): yes, yes, yes, yes (newer), no, no".
#[test]
fn partial_batch_responses() {
    let settings = json!({"FunctionResponseTypes": ["ReportBatchItemFailures"]});
    assert_eq!(
        columns(&settings),
        ["SQS", "FIFO", "Kinesis", "DynamoDB", "Kafka"]
    );
}

/// 6, "On-failure destination: SQS, SNS, S3, (Kafka topic newer)": streams and Kafka.
#[test]
fn on_failure_destinations() {
    let to = |target: &str| {
        columns(&json!({"DestinationConfig": {"OnFailure": {"Destination": target}}}))
    };
    for target in [
        "arn:aws:sqs:us-east-1:123456789012:q",
        "arn:aws:sns:us-east-1:123456789012:t",
        "arn:aws:s3:::bucket",
    ] {
        assert_eq!(to(target), RETRYING, "{target}");
    }
    assert!(to("kafka://failed").contains(&"Kafka"));
}

/// 6, "Start position: LATEST, TRIM_HORIZON, AT_TIMESTAMP (Kinesis only); Kafka and DocumentDB all three", and none of a
/// queue.
#[test]
fn starting_positions() {
    let streams = ["Kinesis", "DynamoDB", "Kafka", "DocumentDB"];
    for position in ["LATEST", "TRIM_HORIZON"] {
        assert_eq!(
            columns(&json!({"StartingPosition": position})),
            streams,
            "{position}"
        );
    }
    let timestamp =
        json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1_767_614_400});
    assert_eq!(columns(&timestamp), ["Kinesis", "Kafka", "DocumentDB"]);
}

/// 6, "Function timeout: 900 s, 14 min for Kafka, MQ and DocumentDB".
#[test]
fn function_timeouts() {
    for column in COLUMNS {
        let brief = matches!(column, "Kafka" | "MQ" | "DocumentDB");
        assert!(accepted_with(column, json!({}), 840), "{column}");
        assert_eq!(accepted_with(column, json!({}), 900), !brief, "{column}");
    }
}

/// 6.4, "Roots: SQS body (JSON or plain string), Kinesis data (base64-decoded JSON), DynamoDB dynamodb.*/eventName, Kafka
/// and self-managed value/key, MQ data"; of two items one matches. The row's last root, DocumentDB's, contradicts the
/// developer guide, which says that there is no filtering: see the next test.
#[test]
fn filters_begin_at_their_roots() {
    let change = |name: &str| {
        json!({"eventName": name, "dynamodb": {"Keys": {"id": {"S": name}}}}).to_string()
    };
    let body = |text: &str| Incoming::body(text.to_owned());
    let json_of = |good: bool| json!({"good": good}).to_string();
    let cases = [
        (
            "SQS",
            r#"{"body":{"good":[true]}}"#,
            [body(&json_of(true)), body(&json_of(false))],
        ),
        (
            "SQS",
            r#"{"body":["plain"]}"#,
            [body("plain"), body("other")],
        ),
        (
            "Kinesis",
            r#"{"data":{"good":[true]}}"#,
            [
                Incoming::keyed("a", json_of(true)),
                Incoming::keyed("a", json_of(false)),
            ],
        ),
        (
            "DynamoDB",
            r#"{"eventName":["INSERT"]}"#,
            [
                Incoming::keyed("a", change("INSERT")),
                Incoming::keyed("b", change("REMOVE")),
            ],
        ),
        (
            "DynamoDB",
            r#"{"dynamodb":{"Keys":{"id":{"S":["INSERT"]}}}}"#,
            [
                Incoming::keyed("a", change("INSERT")),
                Incoming::keyed("b", change("MODIFY")),
            ],
        ),
        (
            "Kafka",
            r#"{"value":{"good":[true]}}"#,
            [body(&json_of(true)), body(&json_of(false))],
        ),
        (
            "Kafka",
            r#"{"key":["good"]}"#,
            [Incoming::keyed("good", "1"), Incoming::keyed("bad", "1")],
        ),
        (
            "MQ",
            r#"{"data":{"good":[true]}}"#,
            [body(&json_of(true)), body(&json_of(false))],
        ),
    ];
    for (column, pattern, items) in cases {
        let mut settings = json!({"FilterCriteria": {"Filters": [{"Pattern": pattern}]}});
        if !matches!(column, "SQS" | "MQ") {
            settings["StartingPosition"] = json!("TRIM_HORIZON");
        }
        let mut world = World::new(&source(queue(column)), &config(settings), |_| success(1));
        for item in items {
            world.put(at(100), item);
        }
        world.run_until(at(60_000));
        let fates = world.fates();
        assert_ne!(
            fates.get(&0),
            Some(&vec!["filtered"]),
            "{column} {pattern}: {fates:?}"
        );
        assert_eq!(
            fates.get(&1),
            Some(&vec!["filtered"]),
            "{column} {pattern}: {fates:?}"
        );
        assert_eq!(world.invocations, 1, "{column} {pattern}");
    }
}

/// Developer guide, "Control which events Lambda sends to your function".
#[test]
fn document_db_has_no_filters() {
    let settings = json!({
        "StartingPosition": "LATEST", "FilterCriteria": {"Filters": [{"Pattern": "{\"event\":{}}"}]},
    });
    let problems = check(&source(queue("DocumentDB")), &config(settings), &context());
    assert_eq!(
        problems[0].cause,
        "Lambda does not support event filtering for Amazon DocumentDB."
    );
}
