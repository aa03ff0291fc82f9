//! What is refused, in whose words: reference 6, and the API's own texts.

use lambda_playground::lambda::event_source::{Context, MappingConfig, check};
use lambda_playground::problem::Severity;
use serde_json::{Value, json};

use super::world::*;

fn errors_with(queue: Value, settings: Value, timeout: u32) -> Vec<(String, String)> {
    let context = Context {
        function_timeout_seconds: timeout,
        ..context()
    };
    check(&source(queue), &config(settings), &context)
        .into_iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| (problem.place, problem.cause))
        .collect()
}

fn errors(queue: Value, settings: Value) -> Vec<(String, String)> {
    errors_with(queue, settings, 3)
}

fn refuses(queue: Value, settings: Value, place: &str, cause: &str) {
    let expected = (place.to_owned(), cause.to_owned());
    assert_eq!(errors(queue, settings.clone()), [expected], "{settings}");
}

#[test]
fn defaults_are_accepted_everywhere() {
    for kind in ["SQS", "MQ"] {
        assert_eq!(errors(json!({"Type": kind}), json!({})), []);
    }
    for kind in ["Kinesis", "DynamoDB", "Kafka", "DocumentDB"] {
        let settings = json!({"StartingPosition": "LATEST"});
        assert_eq!(errors(json!({"Type": kind}), settings), []);
    }
}

/// Settings are read and written in AWS's own names.
#[test]
fn settings_survive_json() {
    let text = json!({
        "Enabled": true, "BatchSize": 5, "MaximumBatchingWindowInSeconds": 1,
        "FilterCriteria": {"Filters": [{"Pattern": "{\"body\":[\"x\"]}"}]},
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
        "StartingPosition": "TRIM_HORIZON",
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:q"}}
    });
    assert_eq!(
        serde_json::to_value(config(text.clone())).expect("JSON"),
        text
    );
    assert_eq!(config(json!({})), MappingConfig::default());
}

/// Reference 6: ranges.
#[test]
fn ranges_are_lambdas() {
    let sqs = json!({"Type": "SQS"});
    let stream = json!({"Type": "Kinesis"});
    let value = |value: i64, field: &str, word: &str, bound: i64| {
        format!(
            "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must have value {word} than or equal to {bound}"
        )
    };
    refuses(
        sqs.clone(),
        json!({"BatchSize": 0}),
        "BatchSize",
        &value(0, "batchSize", "greater", 1),
    );
    refuses(
        sqs.clone(),
        json!({"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 1}),
        "BatchSize",
        &value(10_001, "batchSize", "less", 10_000),
    );
    refuses(
        sqs.clone(),
        json!({"MaximumBatchingWindowInSeconds": 301}),
        "MaximumBatchingWindowInSeconds",
        &value(301, "maximumBatchingWindowInSeconds", "less", 300),
    );
    refuses(
        sqs,
        json!({"ScalingConfig": {"MaximumConcurrency": 1}}),
        "ScalingConfig.MaximumConcurrency",
        &value(1, "maximumConcurrency", "greater", 2),
    );
    for (name, field, number, word, bound) in [
        (
            "ParallelizationFactor",
            "parallelizationFactor",
            11,
            "less",
            10,
        ),
        (
            "MaximumRetryAttempts",
            "maximumRetryAttempts",
            10_001,
            "less",
            10_000,
        ),
        (
            "MaximumRecordAgeInSeconds",
            "maximumRecordAgeInSeconds",
            -2,
            "greater",
            -1,
        ),
        (
            "TumblingWindowInSeconds",
            "tumblingWindowInSeconds",
            901,
            "less",
            900,
        ),
    ] {
        let settings = json!({"StartingPosition": "LATEST", name: number});
        refuses(
            stream.clone(),
            settings,
            name,
            &value(number, field, word, bound),
        );
    }
    let short = json!({"StartingPosition": "LATEST", "MaximumRecordAgeInSeconds": 59});
    assert_eq!(errors(stream, short).len(), 1);
}

/// The API's own sentences for combinations.
#[test]
fn combinations_are_refused_in_lambdas_words() {
    let sqs = json!({"Type": "SQS"});
    let fifo = json!({"Type": "SQS", "QueueName": "q.fifo"});
    refuses(
        sqs.clone(),
        json!({"BatchSize": 11}),
        "MaximumBatchingWindowInSeconds",
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
    refuses(
        fifo,
        json!({"MaximumBatchingWindowInSeconds": 5}),
        "MaximumBatchingWindowInSeconds",
        "Batching window is not supported for FIFO queues",
    );
    refuses(
        sqs.clone(),
        json!({"StartingPosition": "LATEST"}),
        "StartingPosition",
        "StartingPosition is not valid for SQS event sources.",
    );
    refuses(
        sqs.clone(),
        json!({"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 5}}),
        "ScalingConfig.MaximumConcurrency",
        "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the control mechanism and remove maximum concurrency.",
    );
    refuses(
        sqs.clone(),
        json!({"ProvisionedPollerConfig": {"MinimumPollers": 1}}),
        "ProvisionedPollerConfig",
        "MinimumPollers should be between [2, 200] and MaximumPollers should be between [MinimumPollers, 10000]",
    );
    refuses(
        json!({"Type": "Kinesis"}),
        json!({"StartingPosition": "AT_TIMESTAMP"}),
        "StartingPositionTimestamp",
        "Need to specify a timestamp",
    );
    refuses(
        sqs.clone(),
        json!({"FilterCriteria": {"Filters": [{"Pattern": "{\"body\":\"x\"}"}]}}),
        "FilterCriteria.Filters[0].Pattern",
        "Invalid filter pattern definition.",
    );
    assert_eq!(
        errors_with(sqs, json!({}), 60),
        [(
            "VisibilityTimeout".to_owned(),
            "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds"
                .to_owned()
        )]
    );
}

/// Reference 6: settings that a source does not have, function timeouts, filters.
#[test]
fn what_a_source_does_not_have_is_refused() {
    let count = |queue: Value, settings: Value| errors(queue, settings).len();
    for (name, value) in [
        ("ParallelizationFactor", json!(2)),
        ("TumblingWindowInSeconds", json!(30)),
        ("MaximumRetryAttempts", json!(2)),
        ("BisectBatchOnFunctionError", json!(true)),
    ] {
        assert_eq!(
            count(json!({"Type": "SQS"}), json!({name: value})),
            1,
            "{name}"
        );
        assert_eq!(
            count(json!({"Type": "MQ"}), json!({name: value})),
            1,
            "{name}"
        );
    }
    let scaling = json!({"StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 2}});
    assert_eq!(count(json!({"Type": "Kinesis"}), scaling), 1);
    assert_eq!(count(json!({"Type": "Kinesis"}), json!({})), 1);
    let timestamp = json!({"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1});
    assert_eq!(count(json!({"Type": "DynamoDB"}), timestamp), 1);
    let latest = json!({"StartingPosition": "LATEST"});
    assert_eq!(
        errors_with(json!({"Type": "Kafka"}), latest.clone(), 841).len(),
        1
    );
    assert_eq!(
        errors_with(json!({"Type": "Kinesis"}), latest, 900).len(),
        0
    );
    let six = vec![json!({"Pattern": "{\"body\":[\"x\"]}"}); 6];
    assert_eq!(
        count(
            json!({"Type": "SQS"}),
            json!({"FilterCriteria": {"Filters": six}})
        ),
        1
    );
    let string = json!({"StartingPosition": "LATEST",
        "FilterCriteria": {"Filters": [{"Pattern": "{\"data\":[\"x\"]}"}]}});
    assert_eq!(count(json!({"Type": "Kinesis"}), string), 1);
    let topic = json!({"Type": "SQS", "VisibilityTimeout": 43_201, "QueueName": "a b"});
    assert_eq!(count(topic, json!({})), 2);
}
