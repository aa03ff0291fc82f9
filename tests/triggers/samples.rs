//! Samples: clean, stable, and equal to what the real event types read and write.

use std::collections::BTreeSet;

use aws_lambda_events::event::{
    activemq, alb, apigw, cloudformation, cloudwatch_logs, code_commit, codepipeline_job, cognito,
    config, documentdb, dynamodb, eventbridge, firehose, kafka, kinesis, lambda_function_urls,
    rabbitmq, s3, ses, sns, sqs,
};
use lambda_playground::trigger::{self, FieldKind, Form, Group, SampleContext, Trigger};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{CONTEXT, assert_kept, find, form, sample};

/// Every form that differs from the fresh one in one choice.
fn choices(trigger: &dyn Trigger) -> Vec<Form> {
    let mut forms = vec![trigger::default_form(trigger)];
    for field in trigger.fields() {
        if let FieldKind::Choice(values) = field.kind {
            forms.extend(
                values
                    .iter()
                    .map(|value| form(trigger, &[(field.key, value)])),
            );
        }
    }
    forms
}

#[test]
fn every_trigger_has_clean_samples_that_depend_on_nothing_but_their_context() {
    for trigger in trigger::all() {
        for form in choices(*trigger) {
            let event = trigger.sample(&form, CONTEXT);
            assert_eq!(
                trigger.check_event(&event),
                [],
                "{} {form:?}\n{event:#}",
                trigger.id()
            );
            assert_eq!(event, trigger.sample(&form, CONTEXT), "{}", trigger.id());
            // Nothing is left of holes and marks.
            let text = event.to_string();
            assert!(
                !text.contains("\"=") && !text.contains("?\":"),
                "{}: {text}",
                trigger.id()
            );
        }
        let fresh = trigger.sample(&trigger::default_form(*trigger), CONTEXT);
        let other = trigger.sample(
            &trigger::default_form(*trigger),
            SampleContext { seed: 2, ..CONTEXT },
        );
        let has_ids = fresh != other;
        let without = [
            "direct",
            "direct-async",
            "direct-dry-run",
            "step-functions",
            "iot",
            "cloudwatch-logs",
        ];
        assert!(
            has_ids || without.contains(&trigger.id()),
            "{} has no ids",
            trigger.id()
        );
        // Forms that nobody filled still give an event.
        for time_ms in [i64::MIN, i64::MAX] {
            trigger.sample(&Form::new(), SampleContext { time_ms, seed: 0 });
        }
    }
}

#[test]
fn every_trigger_is_described() {
    let mut ids = BTreeSet::new();
    let mut groups = Vec::new();
    for trigger in trigger::all() {
        let about = trigger.about();
        let id = about.id;
        assert!(ids.insert(id), "{id} is registered twice");
        assert!(
            id.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{id}"
        );
        assert!(
            about.source.1.starts_with("https://docs.aws.amazon.com/"),
            "{id}"
        );
        assert!(
            (200..700).contains(&about.explanation.len()),
            "{id}: {}",
            about.explanation.len()
        );
        assert!(!about.explanation.contains("  "), "{id}");
        assert!(
            !about.keywords.is_empty() && !about.sender.is_empty(),
            "{id}"
        );
        assert!(
            serde_json::from_str::<Value>(about.template).is_ok(),
            "{id}: template"
        );
        if groups.last() != Some(&about.group) {
            groups.push(about.group);
        }
        let mut keys = BTreeSet::new();
        for field in about.fields {
            let place = format!("{id}.{}", field.key);
            assert!(keys.insert(field.key), "{place} is there twice");
            assert!(
                !field.label.is_empty() && field.help.ends_with('.'),
                "{place}: {}",
                field.help
            );
            match field.kind {
                FieldKind::Choice(values) => assert!(values.contains(&field.default), "{place}"),
                FieldKind::Number { min, max } => {
                    let number: u64 = field.default.parse().expect("a number");
                    assert!((min..=max).contains(&number), "{place}");
                }
                FieldKind::Text => assert!(!field.default.contains('\n'), "{place}"),
                FieldKind::Multiline => {}
            }
        }
    }
    // The registry is in the picker's order, group by group.
    assert_eq!(groups, Group::ALL);
}

#[test]
fn the_picker_finds_triggers_by_what_people_call_them() {
    for (words, id) in [
        ("cron", "eventbridge-schedule"),
        ("lambda@edge", "cloudfront"),
        ("elb health", "alb"),
        ("bucket", "s3"),
        ("voice", "alexa"),
        ("Mail", "ses"),
        ("rollback", "cloudformation"),
        ("jwt", "api-gateway-authorizer-token"),
        ("kafka msk", "kafka"),
    ] {
        let found: Vec<_> = trigger::all()
            .iter()
            .filter(|t| t.about().matches(words))
            .map(|t| t.id())
            .collect();
        assert!(found.contains(&id), "{words}: {found:?}");
    }
    assert!(!find("sns").about().matches("no such words"));
    assert!(
        trigger::all()
            .iter()
            .all(|trigger| trigger.about().matches(""))
    );
}

/// Through the real type and back.
#[track_caller]
fn survives<T: DeserializeOwned + Serialize>(event: &Value) {
    survives_but::<T>(event, &[]);
}

/// As [`survives`], but for keys that the crate does not know and so loses.
///
/// It also writes no nulls, and header names in lower case, which HTTP does not tell apart.
#[track_caller]
fn survives_but<T: DeserializeOwned + Serialize>(event: &Value, unknown: &[&str]) {
    let typed: T =
        serde_json::from_value(event.clone()).unwrap_or_else(|error| panic!("{error}\n{event:#}"));
    let mut back = serde_json::to_value(typed).expect("JSON");
    let mut event = event.clone();
    for value in [&mut event, &mut back] {
        normalise(value, unknown);
    }
    assert_kept(&event, &back, "$");
}

fn normalise(value: &mut Value, unknown: &[&str]) {
    match value {
        Value::Object(members) => {
            members.retain(|key, value| !value.is_null() && !unknown.contains(&key.as_str()));
            for (key, value) in members.iter_mut() {
                if matches!(key.as_str(), "headers" | "multiValueHeaders")
                    && let Value::Object(headers) = value
                {
                    *headers = std::mem::take(headers)
                        .into_iter()
                        .map(|(name, value)| (name.to_lowercase(), value))
                        .collect();
                }
                normalise(value, unknown);
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| normalise(value, unknown)),
        _ => {}
    }
}

fn each(id: &str, check: impl Fn(&Form, &Value)) {
    let trigger = find(id);
    for form in choices(trigger) {
        check(&form, &trigger.sample(&form, CONTEXT));
    }
}

#[test]
fn asynchronous_samples_survive_the_real_event_types() {
    each("s3", |_, event| {
        let data = [
            "glacierEventData",
            "replicationEventData",
            "lifecycleEventData",
            "intelligentTieringEventData",
        ];
        survives_but::<s3::S3Event>(event, &data);
    });
    each("sns", |_, event| survives::<sns::SnsEvent>(event));
    each("eventbridge", |_, event| {
        survives::<eventbridge::EventBridgeEvent>(event);
    });
    each("eventbridge-schedule", |_, event| {
        survives::<eventbridge::EventBridgeEvent>(event);
    });
    each("cloudwatch-logs", |_, event| {
        let typed: cloudwatch_logs::LogsEvent =
            serde_json::from_str(&event.to_string()).expect("the real type takes it");
        let data = serde_json::to_value(typed.aws_logs.data).expect("JSON");
        let decoded = find("cloudwatch-logs").decoded(event).expect("decoded");
        assert_kept(&decoded, &data, "$");
    });
    // The crate reads the action's type as type_, which no event has.
    each("ses", |_, event| {
        survives_but::<ses::SimpleEmailEvent>(event, &["type"])
    });
    each("codecommit", |_, event| {
        // Times without a colon in the offset come back with one.
        survives_but::<code_commit::CodeCommitEvent>(event, &["eventTime"]);
    });
    each("codepipeline", |_, event| {
        survives_but::<codepipeline_job::CodePipelineJobEvent>(event, &["expirationTime"]);
    });
    each("cloudformation", |_, event| {
        survives::<cloudformation::CloudFormationCustomResourceRequest>(event);
    });
    each("config", |_, event| survives::<config::ConfigEvent>(event));
}

#[test]
fn synchronous_samples_survive_the_real_event_types() {
    each("alb", |_, event| {
        survives::<alb::AlbTargetGroupRequest>(event)
    });
    each("api-gateway-rest", |_, event| {
        survives_but::<apigw::ApiGatewayProxyRequest>(
            event,
            &["extendedRequestId", "deploymentId"],
        );
    });
    each("api-gateway-websocket", |_, event| {
        survives::<apigw::ApiGatewayWebsocketProxyRequest>(event);
    });
    each("api-gateway-authorizer-token", |_, event| {
        survives::<apigw::ApiGatewayCustomAuthorizerRequest>(event);
    });
    each("api-gateway-authorizer-request", |_, event| {
        if event.get("version").is_some() {
            survives::<apigw::ApiGatewayV2CustomAuthorizerV2Request>(event);
        } else {
            survives_but::<apigw::ApiGatewayCustomAuthorizerRequestTypeRequest>(
                event,
                &["userAgent"],
            );
        }
    });
    for id in ["function-url", "function-url-streaming"] {
        each(id, |_, event| {
            survives_but::<lambda_function_urls::LambdaFunctionUrlRequest>(
                event,
                &["routeKey", "stage"],
            );
        });
    }
    each("s3-batch", |_, event| {
        survives_but::<s3::batch_job::S3BatchJobEvent>(event, &["s3Bucket"]);
    });
    each("firehose", |_, event| {
        // The crate writes this time as a string, but reads the number that Firehose sends.
        survives_but::<firehose::KinesisFirehoseEvent>(event, &["approximateArrivalTimestamp"]);
        assert_eq!(
            event["records"][0]["approximateArrivalTimestamp"],
            CONTEXT.time_ms
        );
    });
}

#[test]
fn cognito_samples_survive_the_real_event_types() {
    let check = |_: &Form, event: &Value| {
        let source = event["triggerSource"]
            .as_str()
            .expect("a string")
            .to_owned();
        let version_2 = event["version"] != "1";
        // The crate does not know the grant of machines.
        let mut event = event.clone();
        if source == "TokenGeneration_ClientCredentials" {
            event["triggerSource"] = "TokenGeneration_Authentication".into();
        }
        let event = &event;
        match source.split('_').next().expect("a beginning") {
            "PreSignUp" => survives::<cognito::CognitoEventUserPoolsPreSignup>(event),
            "PostConfirmation" => survives::<cognito::CognitoEventUserPoolsPostConfirmation>(event),
            "PreAuthentication" => {
                survives_but::<cognito::CognitoEventUserPoolsPreAuthentication>(
                    event,
                    &["userNotFound"],
                );
            }
            "PostAuthentication" => {
                survives::<cognito::CognitoEventUserPoolsPostAuthentication>(event)
            }
            "DefineAuthChallenge" => {
                survives::<cognito::CognitoEventUserPoolsDefineAuthChallenge>(event)
            }
            "CreateAuthChallenge" => {
                survives::<cognito::CognitoEventUserPoolsCreateAuthChallenge>(event)
            }
            "VerifyAuthChallengeResponse" => {
                survives::<cognito::CognitoEventUserPoolsVerifyAuthChallenge>(event);
            }
            "TokenGeneration" if version_2 => {
                survives::<cognito::CognitoEventUserPoolsPreTokenGenV2>(event)
            }
            "TokenGeneration" => survives::<cognito::CognitoEventUserPoolsPreTokenGen>(event),
            "UserMigration" => survives::<cognito::CognitoEventUserPoolsMigrateUser>(event),
            "CustomMessage" => {
                survives_but::<cognito::CognitoEventUserPoolsCustomMessage>(
                    event,
                    &["linkParameter"],
                );
            }
            // The crate has no types for senders and federation.
            _ => assert!(
                ["CustomEmailSender", "CustomSMSSender", "InboundFederation"]
                    .iter()
                    .any(|known| source.starts_with(known)),
                "{source}"
            ),
        }
    };
    each("cognito", check);
    let trigger = find("cognito");
    let form = form(
        trigger,
        &[
            ("trigger", "TokenGeneration_RefreshTokens"),
            ("version", "2"),
        ],
    );
    check(&form, &trigger.sample(&form, CONTEXT));
}

#[test]
fn polled_samples_survive_the_real_event_types() {
    each("sqs", |_, event| survives::<sqs::SqsEvent>(event));
    each("kinesis", |_, event| {
        // The crate writes this time as a string, but reads the number that Lambda sends.
        survives_but::<kinesis::KinesisEvent>(event, &["approximateArrivalTimestamp"]);
        assert_eq!(
            event["Records"][0]["kinesis"]["approximateArrivalTimestamp"],
            1_767_614_400.137
        );
    });
    each("dynamodb", |_, event| {
        survives_but::<dynamodb::Event>(event, &["ApproximateCreationDateTime"]);
        assert_eq!(
            event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"],
            1_767_614_400
        );
    });
    each("kafka", |_, event| {
        survives_but::<kafka::KafkaEvent>(event, &["timestamp"]);
        assert_eq!(
            event["records"]["mytopic-0"][0]["timestamp"],
            CONTEXT.time_ms
        );
    });
    each("mq", |_, event| {
        if event["eventSource"] == "aws:rmq" {
            survives::<rabbitmq::RabbitMqEvent>(event);
        } else {
            survives::<activemq::ActiveMqEvent>(event);
        }
    });
    each("documentdb", |_, event| {
        survives_but::<documentdb::DocumentDbEvent>(event, &["fullDocument"]);
    });
}

#[test]
fn packed_events_can_be_read() {
    let logs = sample("cloudwatch-logs", &[("lines", "one\ntwo")]);
    let decoded = find("cloudwatch-logs").decoded(&logs).expect("decoded");
    assert_eq!(decoded["messageType"], "DATA_MESSAGE");
    assert_eq!(decoded["logEvents"][1]["message"], "two");
    let rule = sample("config", &[]);
    let decoded = find("config").decoded(&rule).expect("decoded");
    assert_eq!(
        decoded["configurationItem"]["resourceId"],
        "i-0123456789abcdef0"
    );
}
