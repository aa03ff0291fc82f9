//! A sample event of every trigger, as files in the layout of `sam local generate-event`: a folder for each service, a file for
//! each kind of event.
//!
//! Names follow AWS SAM CLI's own (samcli/lib/generated_sample_events/events) where it has that event.

use crate::scenario::Scenario;
use crate::trigger::{self, SampleContext, Trigger};

/// Service and file, for triggers that `generate-event` knows under another name than ours.
const NAMES: &[(&str, &str, &str)] = &[
    ("alb", "alb", "AlbRequest"),
    ("alexa", "alexa-smart-home", "AlexaSkill"),
    (
        "api-gateway-authorizer-request",
        "apigateway",
        "ApiGatewayRequestAuthorizer",
    ),
    (
        "api-gateway-authorizer-token",
        "apigateway",
        "ApiGatewayAuthorizer",
    ),
    ("api-gateway-http", "apigateway", "ApiGatewayHttpApiProxy"),
    ("api-gateway-rest", "apigateway", "ApiGatewayAwsProxy"),
    ("api-gateway-websocket", "apigateway", "ApiGatewayWebSocket"),
    (
        "cloudformation",
        "cloudformation",
        "CloudFormationCreateRequest",
    ),
    ("cloudfront", "cloudfront", "CloudFrontViewerRequest"),
    ("cloudwatch-logs", "cloudwatch", "CloudWatchLogs"),
    ("codecommit", "codecommit", "CodeCommitRepository"),
    ("codepipeline", "codepipeline", "CodePipelineJob"),
    ("cognito", "cognito", "CognitoUserPool"),
    ("config", "config", "ConfigItemChangeNotification"),
    ("documentdb", "documentdb", "DocumentDbUpdate"),
    ("dynamodb", "dynamodb", "DynamoDBUpdate"),
    ("eventbridge", "eventbridge", "EventBridgeRule"),
    ("eventbridge-schedule", "cloudwatch", "ScheduledEvent"),
    ("firehose", "kinesis", "KinesisFirehose"),
    ("function-url", "lambda", "FunctionUrl"),
    ("function-url-streaming", "lambda", "FunctionUrlStreaming"),
    ("kafka", "kafka", "MskRecords"),
    ("kinesis", "kinesis", "KinesisGetRecords"),
    ("lex", "lex", "LexBot"),
    ("mq", "mq", "MqMessages"),
    ("s3", "s3", "S3Put"),
    ("s3-batch", "s3", "S3BatchInvocation"),
    ("ses", "ses", "SesEmailReceiving"),
    ("sns", "sns", "SnsNotification"),
    ("sqs", "sqs", "SqsReceiveMessage"),
    ("step-functions", "stepfunctions", "StepFunctionsTask"),
];

/// Paths and texts.
pub fn files(scenario: &Scenario) -> Vec<(String, String)> {
    let context = SampleContext {
        time_ms: scenario.epoch_ms,
        seed: scenario.seed,
    };
    trigger::all()
        .iter()
        .map(|trigger| {
            let event = trigger.sample(&trigger::default_form(*trigger), context);
            let text = serde_json::to_string_pretty(&event).unwrap_or_else(|_| event.to_string());
            (path(*trigger), text + "\n")
        })
        .collect()
}

fn path(trigger: &dyn Trigger) -> String {
    let id = trigger.id();
    let known = NAMES.iter().find(|(known, ..)| *known == id);
    match known {
        Some((_, service, file)) => format!("events/{service}/{file}.json"),
        None => format!("events/{}/{id}.json", id.split('-').next().unwrap_or(id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_trigger_has_a_file_of_its_own() {
        let files = files(&Scenario::default());
        let paths: BTreeSet<_> = files.iter().map(|(path, _)| path).collect();
        assert_eq!(paths.len(), trigger::all().len());
        for (known, ..) in NAMES {
            assert!(trigger::by_id(known).is_some(), "{known}");
        }
        for (path, text) in &files {
            assert!(
                serde_json::from_str::<serde_json::Value>(text).is_ok(),
                "{path}"
            );
        }
    }
}
