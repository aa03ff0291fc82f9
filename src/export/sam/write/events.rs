//! What calls a function in a template: events that are pushed, and sources that are polled.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::yaml::Yaml;
use super::{Pushed, Writing, foreign};
use crate::lambda::config::{Destination, FunctionConfig};
use crate::lambda::event_source::{Source, default};
use crate::lambda::function_name::meant;
use crate::lambda::names::{ACCOUNT, REGION};
use crate::scenario::{Mapping, Scenario};

impl Writing {
    /// The events of a function, and its URL.
    pub(super) fn events(
        &mut self,
        scenario: &Scenario,
        config: &FunctionConfig,
        first: bool,
    ) -> (Vec<(String, Yaml)>, Option<Yaml>) {
        let is_for = |name: &Option<String>| match meant(name.as_deref(), None).name {
            None => first,
            Some(name) => name == config.name,
        };
        let mut mappings: Vec<Mapping> = scenario
            .mappings
            .iter()
            .filter(|mapping| is_for(&mapping.function_name))
            .cloned()
            .collect();
        let requests = scenario
            .arrivals
            .iter()
            .map(|it| (&it.function, it.trigger.as_str(), it.payload.as_str()));
        let loads = scenario
            .traffic
            .iter()
            .map(|it| (&it.function, it.trigger.as_str(), it.payload.as_str()));
        let mut seen = BTreeSet::new();
        let (mut events, mut url) = (Vec::new(), None);
        for (_, trigger, payload) in requests.chain(loads).filter(|(name, ..)| is_for(name)) {
            if !seen.insert(trigger) {
                continue;
            }
            let event: Value = serde_json::from_str(payload).unwrap_or_default();
            if let Some(source) = default::source(trigger, &event, config.timeout.0) {
                if mappings.iter().all(|it| it.source.trigger() != trigger) {
                    mappings.push(Mapping {
                        config: default::config(&source),
                        source,
                        function_name: None,
                        qualifier: None,
                    });
                }
            } else if let Some(written) = self.pushed(trigger, &event, config) {
                match written {
                    Pushed::Url(own) => url = Some(own),
                    Pushed::Event(kind, properties) => {
                        events.push((kind.to_owned(), event_of(kind, properties)));
                    }
                    Pushed::Nothing => {}
                }
            } else {
                self.remarks.push(format!(
                    "{} is also called through {trigger}, for which SAM has no event type.",
                    config.name
                ));
            }
        }
        for mapping in mappings {
            let (kind, properties) = self.polled(&mapping);
            let name = match events
                .iter()
                .filter(|(name, _)| name.starts_with(kind))
                .count()
            {
                0 => kind.to_owned(),
                others => format!("{kind}{}", others + 1),
            };
            events.push((name, event_of(kind, properties)));
        }
        (events, url)
    }

    fn pushed(&mut self, trigger: &str, event: &Value, config: &FunctionConfig) -> Option<Pushed> {
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        let path = |pointer: &str| {
            let path = text(pointer).filter(|path| path.starts_with('/'));
            Yaml::text(path.unwrap_or("/"))
        };
        let method = |pointer: &str| Yaml::text(text(pointer).unwrap_or("GET").to_lowercase());
        Some(match trigger {
            // Nothing has to be set up for these.
            "direct" | "direct-async" | "direct-dry-run" => Pushed::Nothing,
            "function-url" | "function-url-streaming" => {
                let signed = event.pointer("/requestContext/authorizer/iam").is_some();
                let streamed = trigger == "function-url-streaming";
                Pushed::Url(Yaml::map([
                    (
                        "AuthType",
                        Yaml::text(if signed { "AWS_IAM" } else { "NONE" }),
                    ),
                    (
                        "InvokeMode",
                        streamed.then(|| Yaml::Text("RESPONSE_STREAM".to_owned())),
                    ),
                ]))
            }
            "api-gateway-rest" => Pushed::Event(
                "Api",
                Yaml::map([
                    ("Path", path("/resource")),
                    ("Method", method("/httpMethod")),
                ]),
            ),
            "api-gateway-http" => Pushed::Event(
                "HttpApi",
                Yaml::map([
                    ("Path", path("/rawPath")),
                    ("Method", method("/requestContext/http/method")),
                ]),
            ),
            "s3" => {
                let bucket = text("/Records/0/s3/bucket/name").unwrap_or("amzn-s3-demo-bucket");
                let id = self.fresh_id(bucket, "Bucket");
                let properties = Yaml::map([("BucketName", Yaml::text(bucket))]);
                self.resource(&id, "AWS::S3::Bucket", properties);
                let name = text("/Records/0/eventName").unwrap_or("ObjectCreated:*");
                let events = Yaml::List(vec![Yaml::Text(format!("s3:{name}"))]);
                Pushed::Event(
                    "S3",
                    Yaml::map([
                        ("Bucket", Yaml::raw(format!("!Ref {id}"))),
                        ("Events", Some(events)),
                    ]),
                )
            }
            "sns" => {
                let arn = text("/Records/0/Sns/TopicArn").unwrap_or_default();
                let arn = match arn.is_empty() {
                    true => format!("arn:aws:sns:{REGION}:{ACCOUNT}:my-topic"),
                    false => arn.to_owned(),
                };
                let topic = self.target(&Destination(arn));
                Pushed::Event("SNS", Yaml::map([("Topic", Some(topic))]))
            }
            "eventbridge" => {
                let list = |pointer: &str| Some(Yaml::List(vec![Yaml::text(text(pointer)?)?]));
                let pattern = Yaml::map([
                    ("source", list("/source")),
                    ("detail-type", list("/detail-type")),
                ]);
                Pushed::Event("EventBridgeRule", Yaml::map([("Pattern", Some(pattern))]))
            }
            "eventbridge-schedule" => Pushed::Event(
                "Schedule",
                // The event does not say how often it comes.
                Yaml::map([("Schedule", Yaml::text("rate(5 minutes)"))]),
            ),
            "cloudwatch-logs" => Pushed::Event(
                "CloudWatchLogs",
                Yaml::map([
                    ("LogGroupName", Yaml::text("/aws/lambda/another-function")),
                    ("FilterPattern", Yaml::text("ERROR")),
                ]),
            ),
            "iot" => Pushed::Event(
                "IoTRule",
                Yaml::map([("Sql", Yaml::text("SELECT * FROM 'sensors/#'"))]),
            ),
            "cognito" => {
                let id = self.fresh_id(&config.name, "UserPool");
                self.resource(&id, "AWS::Cognito::UserPool", Yaml::Map(Vec::new()));
                let source = text("/triggerSource").unwrap_or("PreSignUp_SignUp");
                let trigger = match source.split('_').next() {
                    Some("TokenGeneration") => "PreTokenGeneration",
                    Some(other) => other,
                    None => "PreSignUp",
                };
                Pushed::Event(
                    "Cognito",
                    Yaml::map([
                        ("UserPool", Yaml::raw(format!("!Ref {id}"))),
                        ("Trigger", Yaml::text(trigger)),
                    ]),
                )
            }
            "alexa" => Pushed::Event("AlexaSkill", Yaml::Map(Vec::new())),
            _ => return None,
        })
    }

    /// The event of a source that Lambda reads.
    fn polled(&mut self, mapping: &Mapping) -> (&'static str, Yaml) {
        let arn = mapping.source.arn();
        let secret = |kind: &str| {
            Yaml::of(&json!([{
                "Type": kind,
                "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:my-secret-a1b2c3",
            }]))
        };
        let (kind, mut members) = match &mapping.source {
            Source::Sqs(queue) => {
                let policy = queue.redrive_policy.as_ref().map(|policy| {
                    let target = &policy.dead_letter_target_arn;
                    let name = target.rsplit(':').next().unwrap_or_default();
                    Yaml::map([
                        ("deadLetterTargetArn", Some(self.queue_for(target, name))),
                        ("maxReceiveCount", Yaml::raw(policy.max_receive_count)),
                    ])
                });
                let yes = |flag: bool| flag.then(|| Yaml::Raw("true".to_owned()));
                let properties = Yaml::map([
                    ("QueueName", Yaml::text(&queue.queue_name)),
                    ("FifoQueue", yes(queue.is_fifo())),
                    ("VisibilityTimeout", Yaml::raw(queue.visibility_timeout)),
                    (
                        "MessageRetentionPeriod",
                        Yaml::raw(queue.message_retention_period),
                    ),
                    ("DelaySeconds", Yaml::raw(queue.delay_seconds)),
                    (
                        "ContentBasedDeduplication",
                        yes(queue.content_based_deduplication),
                    ),
                    ("RedrivePolicy", policy),
                ]);
                let reference = self.source(&arn, &queue.queue_name, "Queue", |id| {
                    ("AWS::SQS::Queue", format!("!GetAtt {id}.Arn"), properties)
                });
                ("SQS", vec![("Queue", reference)])
            }
            Source::Kinesis(stream) if stream.consumer_name.is_none() => {
                let properties = Yaml::map([
                    ("Name", Yaml::text(&stream.stream_name)),
                    ("ShardCount", Yaml::raw(stream.shard_count)),
                    (
                        "RetentionPeriodHours",
                        Yaml::raw(stream.retention_period_hours),
                    ),
                ]);
                let reference = self.source(&arn, &stream.stream_name, "Stream", |id| {
                    (
                        "AWS::Kinesis::Stream",
                        format!("!GetAtt {id}.Arn"),
                        properties,
                    )
                });
                ("Kinesis", vec![("Stream", reference)])
            }
            Source::Kinesis(_) => ("Kinesis", vec![("Stream", foreign(&arn))]),
            Source::DynamoDb(table) => {
                let properties = Yaml::of(&json!({
                    "TableName": table.table_name,
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                    "StreamSpecification": {"StreamViewType": table.stream_view_type.name()},
                }));
                let reference = self.source(&arn, &table.table_name, "Table", |id| {
                    (
                        "AWS::DynamoDB::Table",
                        format!("!GetAtt {id}.StreamArn"),
                        properties,
                    )
                });
                ("DynamoDB", vec![("Stream", reference)])
            }
            Source::Kafka(topic) => {
                let topics = Yaml::List(vec![Yaml::Text(topic.topic_name.clone())]);
                if topic.self_managed {
                    let servers = topic.bootstrap_servers.split(',');
                    let servers = servers.map(|server| Yaml::Text(server.trim().to_owned()));
                    (
                        "SelfManagedKafka",
                        vec![
                            ("KafkaBootstrapServers", Yaml::List(servers.collect())),
                            ("Topics", topics),
                            ("SourceAccessConfigurations", secret("SASL_SCRAM_512_AUTH")),
                        ],
                    )
                } else {
                    ("MSK", vec![("Stream", foreign(&arn)), ("Topics", topics)])
                }
            }
            Source::Mq(queue) => (
                "MQ",
                vec![
                    ("Broker", foreign(&arn)),
                    (
                        "Queues",
                        Yaml::List(vec![Yaml::Text(queue.queue_name.clone())]),
                    ),
                    ("SourceAccessConfigurations", secret("BASIC_AUTH")),
                ],
            ),
            Source::DocumentDb(stream) => (
                "DocumentDB",
                vec![
                    ("Cluster", foreign(&arn)),
                    ("DatabaseName", Yaml::Text(stream.database_name.clone())),
                    ("CollectionName", Yaml::Text(stream.collection_name.clone())),
                    ("SourceAccessConfigurations", secret("BASIC_AUTH")),
                ],
            ),
        };
        // All the settings in their own names, which are SAM's too.
        if let Ok(Value::Object(settings)) = serde_json::to_value(&mapping.config) {
            let mut properties: Vec<(String, Yaml)> = members
                .drain(..)
                .map(|(key, value)| (key.to_owned(), value))
                .collect();
            properties.extend(
                settings
                    .iter()
                    .map(|(key, value)| (key.clone(), Yaml::of(value))),
            );
            return (kind, Yaml::Map(properties));
        }
        (kind, Yaml::Map(Vec::new()))
    }

    /// A queue, stream or table with its settings, made once.
    fn source(
        &mut self,
        arn: &str,
        name: &str,
        ending: &str,
        what: impl FnOnce(&str) -> (&'static str, String, Yaml),
    ) -> Yaml {
        if let Some(reference) = self.made.get(arn) {
            return reference.clone();
        }
        let id = self.fresh_id(name, ending);
        let (kind, reference, properties) = what(&id);
        self.resource(&id, kind, properties);
        let reference = Yaml::Raw(reference);
        self.made.insert(arn.to_owned(), reference.clone());
        reference
    }
}

fn event_of(kind: &str, properties: Yaml) -> Yaml {
    Yaml::map([("Type", Yaml::text(kind)), ("Properties", Some(properties))])
}
