//! The source and the mapping that an event seems to come from, for scenarios that set up none.

use serde_json::Value;

use super::settings::{MappingConfig, StartingPosition};
use super::source::{
    BrokerQueue, ChangeStream, DataStream, EngineType, Queue, RedrivePolicy, Source, TableStream,
    Topic,
};
use crate::lambda::names::{ACCOUNT, REGION};

/// How often a message is received before it goes to the dead-letter queue: as few times as AWS recommends at least.
pub const RECEIVES: u32 = 5;

/// How often ActiveMQ redelivers unless told otherwise; without a limit a broken message would come back for ever.
pub const REDELIVERIES: u32 = 6;

/// The source of a trigger's event: names as the event shows them, default settings, and for queues a dead-letter queue.
/// None for triggers that are not polled.
pub fn source(trigger: &str, event: &Value, function_timeout_seconds: u32) -> Option<Source> {
    let record = event.pointer("/Records/0").unwrap_or(&Value::Null);
    let own = text(record, "/eventSourceARN").unwrap_or_default();
    let whole = text(event, "/eventSourceArn").unwrap_or_default();
    Some(match trigger {
        "sqs" => {
            let mut queue = Queue::default();
            set(&mut queue.queue_name, own.rsplit(':').next());
            let name = queue.queue_name.trim_end_matches(".fifo");
            let ending = if queue.is_fifo() { ".fifo" } else { "" };
            queue.redrive_policy = Some(RedrivePolicy {
                dead_letter_target_arn: format!(
                    "arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-dlq{ending}"
                ),
                max_receive_count: RECEIVES,
            });
            // Six times the function's timeout, as AWS recommends, or SQS's own default.
            let recommended = function_timeout_seconds.saturating_mul(6).min(43_200);
            queue.visibility_timeout = queue.visibility_timeout.max(recommended);
            queue.content_based_deduplication = queue.is_fifo();
            Source::Sqs(queue)
        }
        "kinesis" => {
            let mut stream = DataStream::default();
            set(&mut stream.stream_name, own.split('/').nth(1));
            Source::Kinesis(stream)
        }
        "dynamodb" => {
            let mut table = TableStream::default();
            set(&mut table.table_name, own.split('/').nth(1));
            Source::DynamoDb(table)
        }
        "kafka" => {
            let mut topic = Topic {
                self_managed: text(event, "/eventSource") == Some("SelfManagedKafka"),
                ..Topic::default()
            };
            set(&mut topic.cluster_name, whole.split('/').nth(1));
            let groups = event.get("records").and_then(Value::as_object);
            let records = groups
                .into_iter()
                .flatten()
                .filter_map(|(_, list)| list.as_array())
                .flatten();
            for record in records {
                set(&mut topic.topic_name, text(record, "/topic"));
                let partition = record.get("partition").and_then(Value::as_u64);
                let count = partition.and_then(|number| u32::try_from(number).ok()?.checked_add(1));
                topic.partition_count = topic.partition_count.max(count.unwrap_or(1)).min(1_000);
            }
            Source::Kafka(topic)
        }
        "mq" => {
            let mut queue = BrokerQueue {
                maximum_redeliveries: Some(REDELIVERIES),
                ..BrokerQueue::default()
            };
            set(&mut queue.broker_name, whole.split(':').nth(6));
            let physical = text(event, "/messages/0/destination/physicalName");
            set(&mut queue.queue_name, physical);
            if let Some(queues) = event.get("rmqMessagesByQueue").and_then(Value::as_object) {
                queue.engine_type = EngineType::RabbitMq;
                let mut parts = queues.keys().next().map_or("", String::as_str).split("::");
                set(&mut queue.queue_name, parts.next());
                set(&mut queue.virtual_host, parts.next());
            }
            Source::Mq(queue)
        }
        "documentdb" => {
            let mut stream = ChangeStream::default();
            set(&mut stream.cluster_name, whole.rsplit(':').next());
            let (db, coll) = ("/events/0/event/ns/db", "/events/0/event/ns/coll");
            set(&mut stream.database_name, text(event, db));
            set(&mut stream.collection_name, text(event, coll));
            Source::DocumentDb(stream)
        }
        _ => return None,
    })
}

/// Default settings. Streams begin with the oldest record: there is no default for that on AWS, and with LATEST one could
/// wait for what came before.
pub fn config(source: &Source) -> MappingConfig {
    MappingConfig {
        starting_position: match source {
            Source::Sqs(_) | Source::Mq(_) => None,
            _ => Some(StartingPosition::TrimHorizon),
        },
        ..MappingConfig::default()
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn set(name: &mut String, found: Option<&str>) {
    if let Some(found) = found.filter(|found| !found.is_empty()) {
        found.clone_into(name);
    }
}
