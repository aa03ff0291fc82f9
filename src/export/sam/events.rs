//! A function's events: for polled sources a mapping, and for each of them a sample request.

use serde_json::{Map, Value};

use super::document::{Content, Node, shortened};
use super::mappings;
use super::properties::Properties;
use super::resolve::Template;
use crate::lambda::event_source::Source;
use crate::problem::Problem;
use crate::scenario::Mapping;
use crate::trigger::Form;

/// A sample request to come: the trigger and what is filled into its form.
#[derive(Debug, Default)]
pub struct Sample {
    /// The trigger's id.
    pub trigger: &'static str,
    /// Fields that the template says something about.
    pub form: Form,
}

impl Sample {
    fn new(trigger: &'static str) -> Self {
        Self {
            trigger,
            form: Form::new(),
        }
    }

    fn with(mut self, key: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.form.push((key.to_owned(), value));
        }
        self
    }
}

/// What one event of a function becomes.
#[derive(Debug, Default)]
pub struct Read {
    /// The sample request.
    pub sample: Option<Sample>,
    /// The source and its mapping; function and qualifier are the reader's to fill in.
    pub mapping: Option<Mapping>,
}

/// Reads one member of `Events`.
pub fn read(template: &Template<'_>, node: &Node, place: &str) -> Read {
    let mut event = Properties::of(template, Some(node), place);
    let kind = event.text("Type").unwrap_or_default();
    let mut properties = match event.object("Properties") {
        Some(properties) => properties,
        None => Properties::of(template, None, &format!("{place}.Properties")),
    };
    event.finish();
    let polled_arn = match kind.as_str() {
        "SQS" => Some("Queue"),
        "Kinesis" | "DynamoDB" | "MSK" => Some("Stream"),
        "MQ" => Some("Broker"),
        "DocumentDB" => Some("Cluster"),
        _ => None,
    };
    let read = if let Some(key) = polled_arn {
        let arn = properties.text(key);
        polled(&mut properties, key, arn)
    } else if kind == "SelfManagedKafka" {
        let source = mappings::self_managed(&mut properties);
        Some(mapped(&mut properties, source))
    } else {
        pushed(&kind, &mut properties).map(|sample| Read {
            sample: Some(sample),
            mapping: None,
        })
    };
    match read {
        Some(read) => {
            properties.finish();
            read
        }
        None => {
            let cause = match kind.as_str() {
                "" => "it has no type".to_owned(),
                kind => format!(
                    "the playground does not play events of type {}",
                    shortened(kind)
                ),
            };
            template.say(Problem::warning(
                "template.value",
                format!("line {}, {place}", node.line),
                format!("This is left out: {cause}."),
                "Choose a trigger here that is like it.",
            ));
            Read::default()
        }
    }
}

/// `AWS::Lambda::EventSourceMapping`.
pub fn resource(properties: &mut Properties<'_, '_>) -> Option<Read> {
    if properties.has("SelfManagedEventSource") {
        let source = mappings::self_managed(properties);
        return Some(mapped(properties, source));
    }
    let arn = properties.text("EventSourceArn");
    polled(properties, "EventSourceArn", arn)
}

fn polled(properties: &mut Properties<'_, '_>, key: &str, arn: Option<String>) -> Option<Read> {
    let arn = arn?;
    match mappings::source(properties, &arn) {
        Some(source) => Some(mapped(properties, source)),
        None => {
            properties.refuse_all(key, "this is not the ARN of a queue or stream");
            Some(Read::default())
        }
    }
}

fn mapped(properties: &mut Properties<'_, '_>, source: Source) -> Read {
    let mapping = Mapping {
        config: mappings::settings(properties),
        function_name: None,
        qualifier: None,
        source,
    };
    Read {
        sample: Some(sample_of(&mapping.source)),
        mapping: Some(mapping),
    }
}

/// The names that a mapped source's event shows.
fn sample_of(source: &Source) -> Sample {
    let sample = Sample::new(source.trigger());
    match source {
        Source::Sqs(queue) => {
            let name = queue.queue_name.trim_end_matches(".fifo").to_owned();
            sample
                .with("queue", Some(name))
                .with("kind", queue.is_fifo().then(|| "FIFO".to_owned()))
        }
        Source::Kinesis(stream) => sample.with("stream", Some(stream.stream_name.clone())),
        Source::DynamoDb(table) => sample
            .with("table", Some(table.table_name.clone()))
            .with("view", Some(table.stream_view_type.name().to_owned())),
        Source::Kafka(topic) => sample.with("topic", Some(topic.topic_name.clone())).with(
            "cluster",
            topic.self_managed.then(|| "Self-managed".to_owned()),
        ),
        Source::Mq(queue) => sample.with("queue", Some(queue.queue_name.clone())).with(
            "engine",
            matches!(
                queue.engine_type,
                crate::lambda::event_source::source::EngineType::RabbitMq
            )
            .then(|| "RabbitMQ".to_owned()),
        ),
        Source::DocumentDb(stream) => sample
            .with("database", Some(stream.database_name.clone()))
            .with("collection", Some(stream.collection_name.clone())),
    }
}

/// Events of services that call Lambda.
fn pushed(kind: &str, properties: &mut Properties<'_, '_>) -> Option<Sample> {
    Some(match kind {
        "Api" => {
            let sample = http(properties, Sample::new("api-gateway-rest"));
            properties.without_part(&["RestApiId", "Auth", "RequestModel", "RequestParameters"]);
            sample.with("resource", Some("Own path".to_owned()))
        }
        "HttpApi" => {
            let sample = http(properties, Sample::new("api-gateway-http"));
            properties.without_part(&[
                "ApiId",
                "Auth",
                "PayloadFormatVersion",
                "RouteSettings",
                "TimeoutInMillis",
            ]);
            sample
        }
        "S3" => {
            let bucket = properties.text("Bucket");
            let events = properties.list("Events");
            let event = events
                .first()
                .and_then(Node::scalar)
                .map(|event| event.trim_start_matches("s3:").to_owned());
            let (mut prefix, mut suffix) = (None, None);
            if let Some(mut filter) = properties.object("Filter")
                && let Some(mut key) = filter.object("S3Key")
            {
                for rule in key.list("Rules") {
                    let text = |name: &str| rule.get(name).and_then(Node::scalar);
                    match (text("Name"), text("Value")) {
                        (Some("prefix"), Some(value)) => prefix = Some(value.to_owned()),
                        (Some("suffix"), Some(value)) => suffix = Some(value.to_owned()),
                        _ => key.refuse(rule.line, "Rules", "a rule is a prefix or a suffix"),
                    }
                }
            }
            let name = [prefix.as_deref(), Some("object"), suffix.as_deref()];
            let key = (prefix.is_some() || suffix.is_some())
                .then(|| name.into_iter().flatten().collect::<String>());
            Sample::new("s3")
                .with("bucket", bucket)
                .with("event", event)
                .with("prefix", prefix)
                .with("suffix", suffix)
                .with("key", key)
        }
        "SNS" => {
            let topic = properties.text("Topic");
            let name = topic.map(|arn| arn.rsplit(':').next().unwrap_or_default().to_owned());
            let policy = properties.take("FilterPolicy").map(|node| json(&node));
            let scope = properties.text("FilterPolicyScope");
            properties.without_part(&["Region", "SqsSubscription", "RedrivePolicy"]);
            Sample::new("sns")
                .with("topic", name)
                .with("policy", policy)
                .with("scope", scope)
        }
        "Schedule" | "ScheduleV2" => {
            let schedule = if properties.has("ScheduleExpression") {
                properties.text("ScheduleExpression")
            } else {
                properties.text("Schedule")
            };
            let name = properties.text("Name");
            delivery(properties);
            Sample::new("eventbridge-schedule")
                .with("schedule", schedule)
                .with("rule", name)
        }
        "EventBridgeRule" | "CloudWatchEvent" => {
            let pattern = properties.take("Pattern");
            delivery(properties);
            rule(pattern.as_ref())
        }
        "CloudWatchLogs" => {
            let group = properties.text("LogGroupName");
            properties.without_part(&["FilterPattern"]);
            Sample::new("cloudwatch-logs").with("group", group)
        }
        "IoTRule" => {
            let sql = properties.text("Sql");
            properties.without_part(&["AwsIotSqlVersion"]);
            let topic = sql.as_deref().and_then(|sql| {
                let topic = sql.split('\'').nth(1)?;
                Some(topic.replace(['#', '+'], "1"))
            });
            Sample::new("iot").with("sql", sql).with("topic", topic)
        }
        "Cognito" => {
            let triggers = properties.list("Trigger");
            let source = triggers.first().and_then(Node::scalar).and_then(source_of);
            properties.without_part(&["UserPool"]);
            Sample::new("cognito").with("trigger", source.map(str::to_owned))
        }
        "AlexaSkill" => {
            properties.without_part(&["SkillId"]);
            Sample::new("alexa")
        }
        _ => return None,
    })
}

/// What the services that deliver add around an event.
fn delivery(properties: &mut Properties<'_, '_>) {
    properties.without_part(&[
        "DeadLetterConfig",
        "Description",
        "Enabled",
        "EndDate",
        "EventBusName",
        "FlexibleTimeWindow",
        "GroupName",
        "Input",
        "InputPath",
        "InputTransformer",
        "KmsKeyArn",
        "OmitName",
        "PermissionsBoundary",
        "RetryPolicy",
        "RoleArn",
        "RuleName",
        "ScheduleExpressionTimezone",
        "StartDate",
        "State",
        "Target",
    ]);
}

fn http(properties: &mut Properties<'_, '_>, sample: Sample) -> Sample {
    let path = properties.text("Path");
    let method = properties
        .text("Method")
        .map(|method| method.to_uppercase())
        .filter(|method| method != "ANY" && method != "*");
    let path = path.map(|path| {
        // A parameter has some value.
        let parts = path.split('/').map(|part| match part.starts_with('{') {
            true => "1",
            false => part,
        });
        parts.collect::<Vec<_>>().join("/")
    });
    sample
        .with("method", method)
        .with("path", path.filter(|path| path.starts_with('/')))
}

/// A rule's pattern, and an event that it lets through as far as its plain values go.
fn rule(pattern: Option<&Node>) -> Sample {
    let sample = Sample::new("eventbridge");
    let Some(pattern) = pattern else {
        return sample;
    };
    let first = |key: &str| {
        let values = pattern.get(key)?.list()?;
        values
            .iter()
            .find_map(|value| Some(value.scalar()?.to_owned()))
    };
    let mut detail = Map::new();
    let wanted = pattern.get("detail").and_then(Node::map);
    for (name, values) in wanted.unwrap_or_default() {
        let plain = values
            .list()
            .and_then(|it| it.iter().find_map(Node::scalar));
        if let Some(plain) = plain {
            detail.insert(name.clone(), plain.into());
        }
    }
    sample
        .with("source", first("source"))
        .with("type", first("detail-type"))
        .with(
            "detail",
            (!detail.is_empty()).then(|| Value::Object(detail).to_string()),
        )
        .with("pattern", Some(json(pattern)))
}

/// A node as JSON text: patterns and policies.
fn json(node: &Node) -> String {
    fn value(node: &Node) -> Value {
        match &node.content {
            Content::Null => Value::Null,
            Content::Scalar(text) => match (text.as_str(), text.parse::<i64>()) {
                ("true", _) => true.into(),
                ("false", _) => false.into(),
                (_, Ok(number)) => number.into(),
                _ => text.as_str().into(),
            },
            Content::List(elements) => elements.iter().map(value).collect(),
            Content::Map(members) => members
                .iter()
                .map(|(name, member)| (name.clone(), value(member)))
                .collect::<Map<_, _>>()
                .into(),
        }
    }
    value(node).to_string()
}

/// The source that an event shows for a user pool's trigger.
fn source_of(trigger: &str) -> Option<&'static str> {
    Some(match trigger {
        "PreSignUp" => "PreSignUp_SignUp",
        "PostConfirmation" => "PostConfirmation_ConfirmSignUp",
        "PreAuthentication" => "PreAuthentication_Authentication",
        "PostAuthentication" => "PostAuthentication_Authentication",
        "PreTokenGeneration" => "TokenGeneration_Authentication",
        "CustomMessage" => "CustomMessage_SignUp",
        "DefineAuthChallenge" => "DefineAuthChallenge_Authentication",
        "CreateAuthChallenge" => "CreateAuthChallenge_Authentication",
        "VerifyAuthChallengeResponse" => "VerifyAuthChallengeResponse_Authentication",
        "UserMigration" => "UserMigration_Authentication",
        _ => return None,
    })
}
