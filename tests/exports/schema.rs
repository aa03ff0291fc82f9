//! The published JSON Schema and the reader say the same of a scenario's file.

use jsonschema::Validator;
use lambda_playground::problem::Severity;
use lambda_playground::scenario::link::{
    Draft, SCHEMA, Shared, SharedCode, SharedModule, from_file, to_file,
};
use lambda_playground::scenario::{ModuleHash, Scenario, from_json, to_json};
use serde_json::{Value, json};

fn schema() -> Validator {
    let text = include_str!("../../docs/schema/scenario-v2.schema.json");
    let schema: Value = serde_json::from_str(text).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// A scenario in which there is one of everything.
fn everything() -> Value {
    json!({
        "version": 2, "seed": 3, "epoch_ms": 1767614400000_i64,
        "function": {
            "name": "orders", "memory": 1769, "timeout": 60, "ephemeral_storage_mb": 1024, "architecture": "Arm",
            "environment": [["STAGE", "test"]], "maximum_retry_attempts": 1, "maximum_event_age_seconds": 600,
            "on_success": "arn:aws:sqs:us-east-1:123456789012:done", "on_failure": null,
            "dead_letter": "arn:aws:sns:us-east-1:123456789012:dead", "reserved_concurrency": 20,
            "recursive_loop": "Allow", "log_format": "JSON", "application_log_level": "DEBUG", "system_log_level": "WARN",
            "log_group": "/my/logs"
        },
        "module": "ab", "runs": {"Model": {
            "init": {"Constant": {"micros": 1000}}, "init_errors_per_million": 1,
            "duration": {"LogNormal": {"median_micros": 1000, "p99_micros": 5000}},
            "errors_per_million": 2, "memory_used_mb": 60, "response": "{}"
        }},
        "published": {
            "versions": [{"number": 1, "config": null, "module": "cd", "runs": "Cached"}, {"number": 2}],
            "aliases": [{"name": "live", "version": 1, "additional": {"version": 2, "per_thousand": 100}}],
            "provisioned": [{"qualifier": "live", "amount": 5, "requested": 1000}],
            "last_version": 3
        },
        "others": [{"config": {"name": "other"}, "module": "", "runs": "Module", "published": {}}],
        "account_concurrency": 500,
        "arrivals": [
            {"when": {"At": 5}, "trigger": "direct", "payload": "{}", "function": "other", "qualifier": "$LATEST",
             "log_tail": true, "dry_run": false},
            {"when": {"AfterPrevious": 1000000000}, "trigger": "sqs"}
        ],
        "traffic": [
            {"start": 9, "pattern": {"Constant": {"rate": 1000, "seconds": 5}}, "trigger": "direct", "payload": "1"},
            {"pattern": {"Ramp": {"from": 0, "to": 1000, "seconds": 5}}, "trigger": "direct"},
            {"pattern": {"Burst": {"count": 5}}, "trigger": "direct"},
            {"pattern": {"Poisson": {"rate": 5, "seconds": 5}}, "trigger": "direct"},
            {"pattern": {"Times": [1, 2]}, "trigger": "direct", "qualifier": "live"}
        ],
        "mappings": [
            {"EventSource": {"Type": "SQS", "QueueName": "q", "VisibilityTimeout": 30, "MessageRetentionPeriod": 60,
                "DelaySeconds": 0, "ContentBasedDeduplication": false,
                "RedrivePolicy": {"deadLetterTargetArn": "arn:aws:sqs:us-east-1:123456789012:dlq", "maxReceiveCount": 5}},
             "FunctionName": "orders", "Qualifier": "live", "Enabled": true, "BatchSize": 10,
             "MaximumBatchingWindowInSeconds": 1, "FilterCriteria": {"Filters": [{"Pattern": "{}"}]},
             "FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": {"MaximumConcurrency": 2},
             "ProvisionedPollerConfig": {"MinimumPollers": 2, "MaximumPollers": 10}},
            {"EventSource": {"Type": "Kinesis", "StreamName": "s", "ShardCount": 2, "RetentionPeriodHours": 24,
                "ConsumerName": "c"},
             "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 5, "ParallelizationFactor": 2,
             "MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": 60, "BisectBatchOnFunctionError": true,
             "TumblingWindowInSeconds": 0, "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}}},
            {"EventSource": {"Type": "DynamoDB", "TableName": "t", "StreamViewType": "KEYS_ONLY", "ShardCount": 1}},
            {"EventSource": {"Type": "Kafka", "ClusterName": "c", "TopicName": "t", "PartitionCount": 1,
                "RetentionHours": 1, "SelfManaged": true, "BootstrapServers": "a:1"}},
            {"EventSource": {"Type": "MQ", "BrokerName": "b", "EngineType": "RABBITMQ", "QueueName": "q",
                "VirtualHost": "/", "MaximumRedeliveries": 3}},
            {"EventSource": {"Type": "DocumentDB", "ClusterName": "c", "DatabaseName": "d", "CollectionName": "e",
                "ChangeStreamLogRetentionHours": 3}}
        ],
        "client": {"Backoff": {"max_attempts": 3, "base_ms": 100, "cap_ms": 1000}},
        "drills": [
            {"function": "orders", "from": 0, "until": 5, "trouble": {"Errors": {"per_million": 5}}},
            {"trouble": {"SlowDownstream": {"per_million": 5, "extra": {"Uniform": {"from_micros": 1, "to_micros": 2}}}}},
            {"trouble": {"PoisonMessage": {"text": "x"}}},
            {"trouble": {"ThrottledDestination": {"per_million": 5}}},
            {"until": null, "trouble": {"LostEnvironment": {"per_million": 5}}}
        ],
        "duplicates_per_million": 1, "idle_lifetime_seconds": 60
    })
}

fn read_without_loss(value: &Value) -> Scenario {
    let (scenario, problems) = from_json(&value.to_string());
    let named: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(named.is_empty(), "{named:#?}");
    scenario
}

#[track_caller]
fn accepted(schema: &Validator, value: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error:.200}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn what_is_saved_keeps_to_the_schema() {
    let schema = schema();
    let rich = read_without_loss(&everything());
    for scenario in [Scenario::default(), rich] {
        let value: Value = serde_json::from_str(&to_json(&scenario)).unwrap();
        accepted(&schema, &value);
        for code in [
            SharedCode::Example("hello".to_owned()),
            SharedCode::Inline(vec![0, 97, 115, 109]),
            SharedCode::At("functions/a.wasm".to_owned()),
            SharedCode::Elsewhere,
        ] {
            let shared = Shared {
                scenario: scenario.clone(),
                name: "a.wasm".to_owned(),
                code,
                others: vec![SharedModule {
                    module: ModuleHash("cd".to_owned()),
                    name: "b.wasm".to_owned(),
                    code: SharedCode::At("functions/b.wasm".to_owned()),
                }],
                draft: Some(Draft {
                    trigger: "sqs".to_owned(),
                    event: "{".to_owned(),
                }),
            };
            let text = to_file(&shared, &format!("https://example.com/{SCHEMA}"));
            let value: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["$schema"], format!("https://example.com/{SCHEMA}"));
            accepted(&schema, &value);
            assert_eq!(from_file(&text), Ok((shared, Vec::new())));
        }
    }
}

/// Paths to every value.
fn paths(value: &Value, path: &str, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                paths(member, &format!("{path}/{}", key.replace('/', "~1")), found);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                paths(element, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn what_the_reader_does_not_take_the_schema_refuses() {
    let schema = schema();
    let good = everything();
    let mut found = Vec::new();
    paths(&good, "", &mut found);
    let wrong = [
        json!({"surprise": 1}),
        json!([["surprise"]]),
        json!("surprise"),
        json!(-7),
        json!(1.5),
        json!(true),
        json!(null),
        json!(18_446_744_073_709_551_615_u64),
    ];
    let (mut refused, mut kept) = (0, Vec::new());
    for path in &found {
        let mut broken: Vec<Value> = Vec::new();
        for value in &wrong {
            let mut whole = good.clone();
            *whole.pointer_mut(path).expect("it was found there") = value.clone();
            broken.push(whole);
        }
        // A member more, and one that is missing.
        let mut more = good.clone();
        if let Some(members) = more.pointer_mut(path).and_then(Value::as_object_mut) {
            members.insert("surprise".to_owned(), 1.into());
            broken.push(more);
        }
        if let Some((parent, key)) = path.rsplit_once('/') {
            let mut less = good.clone();
            if let Some(members) = less.pointer_mut(parent).and_then(Value::as_object_mut) {
                members.remove(key);
                broken.push(less);
            }
        }
        for whole in broken {
            let (_, problems) = from_json(&whole.to_string());
            let complains = problems.iter().any(|it| it.severity >= Severity::Warning);
            if complains {
                refused += 1;
                if schema.is_valid(&whole) {
                    kept.push(format!(
                        "{path}: {:.80}",
                        whole.pointer(path).unwrap_or(&Value::Null)
                    ));
                }
            }
        }
    }
    assert!(refused > 1_000, "{refused}");
    assert!(kept.is_empty(), "the schema lets these through: {kept:#?}");
}

#[test]
fn files_that_are_no_scenarios_are_refused() {
    let schema = schema();
    for bad in [
        json!({}),
        json!([]),
        json!("text"),
        json!({"version": 3}),
        json!({"scenario": {}}),
        json!({"scenario": {"version": 2}, "wasm": 7}),
    ] {
        assert!(!schema.is_valid(&bad), "{bad}");
    }
    accepted(&schema, &json!({"version": 1}));
}
