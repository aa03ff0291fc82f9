//! The commands that do by hand what the playground plays: with AWS SAM on one's own machine, and with the AWS CLI.

use serde_json::Value;

use super::project::Event;
use super::write::{folder, function_ids};
use crate::lambda::config::{Architecture, FunctionConfig};
use crate::scenario::Scenario;

/// A shell script for people to read and run line by line.
pub fn script(scenario: &Scenario, events: &[Event]) -> String {
    let ids = function_ids(scenario);
    let name_of = |event: &Event| {
        let own = event.function.clone();
        own.unwrap_or_else(|| scenario.function.name.clone())
    };
    let mut text = String::from(
        "#!/usr/bin/env bash\n# The same on your own machine and account. Read it first: take the lines you want.\nset -euo pipefail\n\n\
         # Is the template in order? (pip install cfn-lint)\ncfn-lint template.yaml\n\n\
         # On your own machine, with AWS SAM and Docker.\nsam build\n",
    );
    for event in events {
        let id = ids.get(&name_of(event)).cloned().unwrap_or_default();
        text += &format!("sam local invoke {id} --event {}\n", quoted(&event.path));
    }
    text += "\n# Into your account.\nsam deploy --guided\n";
    text += "\n# As services and clients call it.\n";
    for event in events {
        for line in call(event, &name_of(event)) {
            text += &line;
            text.push('\n');
        }
    }
    text += "\n# The settings alone, without a template.\n";
    for function in scenario.functions() {
        for line in settings(function.config) {
            text += &line;
            text.push('\n');
        }
        for provisioned in &function.published.provisioned {
            text += &format!(
                "aws lambda put-provisioned-concurrency-config --function-name {} --qualifier {} --provisioned-concurrent-executions {}\n",
                quoted(&function.config.name),
                quoted(&provisioned.qualifier),
                provisioned.amount
            );
        }
    }
    text
}

/// The call that makes a service send an event like this; for services without one, the event handed over as it is.
fn call(event: &Event, function: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(&event.text).unwrap_or_default();
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let records = || {
        value
            .get("Records")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let invoke = |options: &str| {
        let mut name = quoted(function);
        if let Some(qualifier) = &event.qualifier {
            name += &format!(" --qualifier {}", quoted(qualifier));
        }
        vec![format!(
            "aws lambda invoke --function-name {name}{options} --cli-binary-format raw-in-base64-out --payload {} response.json",
            quoted(&format!("file://{}", event.path))
        )]
    };
    match event.trigger.as_str() {
        "direct" => invoke(""),
        "direct-async" => invoke(" --invocation-type Event"),
        "direct-dry-run" => invoke(" --invocation-type DryRun"),
        "sqs" => records()
            .map(|record| {
                let field = |key: &str| record.get(key).and_then(Value::as_str);
                let arn = field("eventSourceARN").unwrap_or_default();
                let name = arn.rsplit(':').next().unwrap_or_default();
                let group = record
                    .pointer("/attributes/MessageGroupId")
                    .and_then(Value::as_str)
                    .map(|group| format!(" --message-group-id {}", quoted(group)));
                format!(
                    "aws sqs send-message --queue-url \"$(aws sqs get-queue-url --queue-name {} --query QueueUrl --output text)\" --message-body {}{}",
                    quoted(name),
                    quoted(field("body").unwrap_or_default()),
                    group.unwrap_or_default()
                )
            })
            .collect(),
        "kinesis" => records()
            .map(|record| {
                let field = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
                let arn = field("/eventSourceARN").unwrap_or_default();
                format!(
                    "aws kinesis put-record --stream-name {} --partition-key {} --data {}",
                    quoted(arn.rsplit('/').next().unwrap_or_default()),
                    quoted(field("/kinesis/partitionKey").unwrap_or("1")),
                    quoted(field("/kinesis/data").unwrap_or_default())
                )
            })
            .collect(),
        "sns" => records()
            .map(|record| {
                let field = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
                format!(
                    "aws sns publish --topic-arn {} --message {}",
                    quoted(field("/Sns/TopicArn").unwrap_or_default()),
                    quoted(field("/Sns/Message").unwrap_or_default())
                )
            })
            .collect(),
        "s3" => vec![format!(
            "aws s3 cp some-file {}",
            quoted(&format!(
                "s3://{}/{}",
                text("/Records/0/s3/bucket/name").unwrap_or_default(),
                text("/Records/0/s3/object/key").unwrap_or_default().replace('+', " ")
            ))
        )],
        "eventbridge" => {
            let detail = value.get("detail").map(Value::to_string).unwrap_or_default();
            let entry = serde_json::json!([{
                "Source": text("/source").unwrap_or_default(),
                "DetailType": text("/detail-type").unwrap_or_default(),
                "Detail": detail,
            }]);
            vec![format!("aws events put-events --entries {}", quoted(&entry.to_string()))]
        }
        "function-url" | "function-url-streaming" => vec![format!(
            "curl \"$(aws lambda get-function-url-config --function-name {} --query FunctionUrl --output text)\"",
            quoted(function)
        )],
        _ => invoke(""),
    }
}

fn settings(config: &FunctionConfig) -> Vec<String> {
    let name = quoted(&config.name);
    let mut lines = vec![format!(
        "aws lambda update-function-configuration --function-name {name} --memory-size {} --timeout {} --ephemeral-storage Size={}{}{}",
        config.memory.0,
        config.timeout.0,
        config.ephemeral_storage_mb,
        match config.environment.is_empty() {
            true => String::new(),
            false => {
                let variables: serde_json::Map<String, Value> = config
                    .environment
                    .iter()
                    .map(|(name, value)| (name.clone(), value.as_str().into()))
                    .collect();
                let all = serde_json::json!({"Variables": variables});
                format!(" --environment {}", quoted(&all.to_string()))
            }
        },
        match &config.dead_letter {
            Some(target) => format!(" --dead-letter-config TargetArn={}", quoted(&target.0)),
            None => String::new(),
        }
    )];
    let mut destinations = serde_json::Map::new();
    for (key, target) in [
        ("OnSuccess", &config.on_success),
        ("OnFailure", &config.on_failure),
    ] {
        if let Some(target) = target {
            destinations.insert(key.to_owned(), serde_json::json!({"Destination": target.0}));
        }
    }
    let destinations = match destinations.is_empty() {
        true => String::new(),
        false => format!(
            " --destination-config {}",
            quoted(&Value::Object(destinations).to_string())
        ),
    };
    lines.push(format!(
        "aws lambda put-function-event-invoke-config --function-name {name} --maximum-retry-attempts {} --maximum-event-age-in-seconds {}{destinations}",
        config.maximum_retry_attempts, config.maximum_event_age_seconds
    ));
    if let Some(reserved) = config.reserved_concurrency {
        lines.push(format!(
            "aws lambda put-function-concurrency --function-name {name} --reserved-concurrent-executions {reserved}"
        ));
    }
    if config.architecture == Architecture::Arm {
        lines.push(format!(
            "aws lambda update-function-code --function-name {name} --architectures arm64 --zip-file fileb://{}.zip",
            folder(&config.name)
        ));
    }
    lines
}

/// A word for a POSIX shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
