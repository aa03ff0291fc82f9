//! The sources' own settings.

use std::ops::RangeInclusive;

use crate::lambda::event_source::Source;
use crate::lambda::event_source::source::EngineType;
use crate::problem::Problem;

/// Ranges and names.
pub(super) fn check(source: &Source, problems: &mut Vec<Problem>) {
    let mut check = |place: &str, value: u32, allowed: RangeInclusive<u32>| {
        if !allowed.contains(&value) {
            problems.push(Problem::error(
                "source.range",
                place,
                format!("{place} is {value}."),
                format!("Choose {} to {}.", allowed.start(), allowed.end()),
            ));
        }
    };
    let name = match source {
        Source::Sqs(queue) => {
            check("VisibilityTimeout", queue.visibility_timeout, 0..=43_200);
            check(
                "MessageRetentionPeriod",
                queue.message_retention_period,
                60..=1_209_600,
            );
            check("DelaySeconds", queue.delay_seconds, 0..=900);
            if let Some(policy) = &queue.redrive_policy {
                check(
                    "RedrivePolicy.maxReceiveCount",
                    policy.max_receive_count,
                    1..=1_000,
                );
            }
            ("QueueName", queue.queue_name.trim_end_matches(".fifo"), 80)
        }
        Source::Kinesis(stream) => {
            check("ShardCount", stream.shard_count, 1..=500);
            check(
                "RetentionPeriodHours",
                stream.retention_period_hours,
                24..=8_760,
            );
            ("StreamName", stream.stream_name.as_str(), 128)
        }
        Source::DynamoDb(table) => {
            check("ShardCount", table.shard_count, 1..=500);
            ("TableName", table.table_name.as_str(), 255)
        }
        Source::Kafka(topic) => {
            check("PartitionCount", topic.partition_count, 1..=1_000);
            check("RetentionHours", topic.retention_hours, 1..=87_600);
            ("TopicName", topic.topic_name.as_str(), 249)
        }
        Source::Mq(queue) => ("QueueName", queue.queue_name.as_str(), 200),
        Source::DocumentDb(stream) => {
            check(
                "ChangeStreamLogRetentionHours",
                stream.change_stream_log_retention_hours,
                1..=168,
            );
            ("ClusterName", stream.cluster_name.as_str(), 63)
        }
    };
    let (place, name, longest) = name;
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > longest || !name.chars().all(legal) {
        problems.push(Problem::error(
            "source.name",
            place,
            format!("'{name}' cannot be a name here."),
            format!("Use 1 to {longest} letters, digits, hyphens and underscores."),
        ));
    }
    if let Source::Mq(queue) = source
        && queue.engine_type == EngineType::RabbitMq
        && queue.virtual_host.is_empty()
    {
        problems.push(Problem::error(
            "source.name",
            "VirtualHost",
            "The virtual host has no name.",
            "The default is /.",
        ));
    }
}
