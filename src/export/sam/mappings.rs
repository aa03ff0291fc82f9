//! Event source mappings: SAM's polled events, and `AWS::Lambda::EventSourceMapping`. Both use the names of
//! `CreateEventSourceMapping`, as the scenario does.

use serde_json::{Map, Value};

use super::document::{Content, Node};
use super::properties::Properties;
use super::resolve::Template;
use crate::lambda::event_source::source::{
    BrokerQueue, ChangeStream, DataStream, EngineType, Queue, RedrivePolicy, StreamViewType,
    TableStream, Topic,
};
use crate::lambda::event_source::{MappingConfig, Source};

/// The settings that both know.
const SETTINGS: &[&str] = &[
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "ScalingConfig",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
];

/// What has no part in what is played: how Lambda gets at the source, and with which keys.
const WITHOUT_PART: &[&str] = &[
    "AmazonManagedKafkaEventSourceConfig",
    "ConsumerGroupId",
    "KmsKeyArn",
    "MetricsConfig",
    "SchemaRegistryConfig",
    "SecretsManagerKmsKeyId",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "Tags",
];

/// The settings of a mapping.
pub fn settings(properties: &mut Properties<'_, '_>) -> MappingConfig {
    let mut accepted = Map::new();
    for key in SETTINGS {
        let Some(node) = properties.take(key) else {
            continue;
        };
        let mut trial = Map::new();
        trial.insert((*key).to_owned(), value(properties.template(), key, &node));
        match serde_json::from_value::<MappingConfig>(Value::Object(trial.clone())) {
            Ok(_) => accepted.extend(trial),
            Err(error) => properties.refuse(node.line, key, &error.to_string()),
        }
    }
    properties.without_part(WITHOUT_PART);
    serde_json::from_value(Value::Object(accepted)).unwrap_or_default()
}

/// A value as JSON. Scalars have no type in a template; what they are decides the setting.
fn value(template: &Template<'_>, key: &str, node: &Node) -> Value {
    let Ok(node) = template.resolve(node) else {
        return Value::Null;
    };
    match node.content {
        Content::Null => Value::Null,
        Content::Scalar(text) if key == "Pattern" || key == "Destination" => text.into(),
        Content::Scalar(text) => match (text.as_str(), text.parse::<i64>()) {
            ("true" | "True", _) => true.into(),
            ("false" | "False", _) => false.into(),
            (_, Ok(number)) => number.into(),
            _ => text.into(),
        },
        Content::List(elements) => elements
            .iter()
            .map(|element| value(template, key, element))
            .collect(),
        Content::Map(members) => members
            .iter()
            // A destination's type follows from its ARN.
            .filter(|(name, _)| name != "Type")
            .map(|(name, member)| (name.clone(), value(template, name, member)))
            .collect::<Map<_, _>>()
            .into(),
    }
}

/// The source with this ARN, with its own settings where the template has it as a resource.
pub fn source(properties: &mut Properties<'_, '_>, arn: &str) -> Option<Source> {
    let template = properties.template();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let &[_, _, service, _, _, resource] = parts.as_slice() else {
        return None;
    };
    let found = template.by_arn(arn);
    let place = found.map_or_else(String::new, |(id, _)| format!("Resources.{id}.Properties"));
    let mut own = Properties::of(template, found.and_then(|(_, it)| it), &place);
    Some(match service {
        "sqs" => Source::Sqs(queue(&mut own, resource)),
        "kinesis" => {
            let mut names = resource.split('/').skip(1);
            let stream = names.next().unwrap_or_default().to_owned();
            let consumer = names.nth(1).and_then(|it| it.split(':').next());
            let default = DataStream::default();
            Source::Kinesis(DataStream {
                stream_name: stream,
                shard_count: own.number("ShardCount").unwrap_or(default.shard_count),
                retention_period_hours: own
                    .number("RetentionPeriodHours")
                    .unwrap_or(default.retention_period_hours),
                consumer_name: consumer.map(str::to_owned),
            })
        }
        "dynamodb" => {
            let mut table = TableStream {
                table_name: resource.split('/').nth(1).unwrap_or_default().to_owned(),
                ..TableStream::default()
            };
            let view = own
                .object("StreamSpecification")
                .and_then(|mut stream| stream.text("StreamViewType"));
            if let Some(view) = view {
                table.stream_view_type = match view.as_str() {
                    "KEYS_ONLY" => StreamViewType::KeysOnly,
                    "NEW_IMAGE" => StreamViewType::NewImage,
                    "OLD_IMAGE" => StreamViewType::OldImage,
                    _ => StreamViewType::NewAndOldImages,
                };
            }
            Source::DynamoDb(table)
        }
        "kafka" => Source::Kafka(Topic {
            cluster_name: resource.split('/').nth(1).unwrap_or_default().to_owned(),
            topic_name: first(properties, "Topics"),
            ..Topic::default()
        }),
        "mq" => {
            let engine = own.text("EngineType").unwrap_or_default();
            let hosts = properties.list("SourceAccessConfigurations");
            let host = hosts
                .iter()
                .find(|it| it.get("Type").and_then(Node::scalar) == Some("VIRTUAL_HOST"));
            let default = BrokerQueue::default();
            Source::Mq(BrokerQueue {
                broker_name: resource.split(':').nth(1).unwrap_or_default().to_owned(),
                engine_type: if engine.eq_ignore_ascii_case("rabbitmq") || host.is_some() {
                    EngineType::RabbitMq
                } else {
                    EngineType::ActiveMq
                },
                queue_name: first(properties, "Queues"),
                virtual_host: host
                    .and_then(|it| it.get("URI")?.scalar())
                    .map_or(default.virtual_host, str::to_owned),
                maximum_redeliveries: None,
            })
        }
        "rds" => {
            let mut stream = ChangeStream {
                cluster_name: resource.split(':').nth(1).unwrap_or_default().to_owned(),
                ..ChangeStream::default()
            };
            let mut documents = properties.object("DocumentDBEventSourceConfig");
            let mut name = |key: &str, default: &mut String| {
                let given = match &mut documents {
                    Some(documents) => documents.text(key),
                    None => properties.text(key),
                };
                if let Some(given) = given {
                    *default = given;
                }
            };
            name("DatabaseName", &mut stream.database_name);
            name("CollectionName", &mut stream.collection_name);
            let _ = properties.take_raw("FullDocument");
            Source::DocumentDb(stream)
        }
        _ => return None,
    })
}

/// A topic of a cluster that is not Amazon's.
pub fn self_managed(properties: &mut Properties<'_, '_>) -> Source {
    let mut topic = Topic {
        self_managed: true,
        topic_name: first(properties, "Topics"),
        ..Topic::default()
    };
    let mut servers = properties.list("KafkaBootstrapServers");
    if let Some(mut cluster) = properties.object("SelfManagedEventSource")
        && let Some(mut endpoints) = cluster.object("Endpoints")
    {
        servers.extend(endpoints.list("KafkaBootstrapServers"));
    }
    let servers: Vec<&str> = servers.iter().filter_map(Node::scalar).collect();
    if !servers.is_empty() {
        topic.bootstrap_servers = servers.join(",");
    }
    Source::Kafka(topic)
}

fn first(properties: &mut Properties<'_, '_>, key: &str) -> String {
    let list = properties.list(key);
    let first = list.first().and_then(Node::scalar);
    first.unwrap_or_default().to_owned()
}

fn queue(own: &mut Properties<'_, '_>, name: &str) -> Queue {
    let default = Queue::default();
    Queue {
        queue_name: name.to_owned(),
        visibility_timeout: own
            .number("VisibilityTimeout")
            .unwrap_or(default.visibility_timeout),
        message_retention_period: own
            .number("MessageRetentionPeriod")
            .unwrap_or(default.message_retention_period),
        delay_seconds: own.number("DelaySeconds").unwrap_or(default.delay_seconds),
        content_based_deduplication: own
            .flag("ContentBasedDeduplication")
            .unwrap_or(default.content_based_deduplication),
        redrive_policy: own.object("RedrivePolicy").and_then(|mut policy| {
            Some(RedrivePolicy {
                dead_letter_target_arn: policy.text("deadLetterTargetArn")?,
                max_receive_count: policy.number("maxReceiveCount")?,
            })
        }),
    }
}
