//! Settings of what a mapping reads, in the names of its service's API: a queue, a stream, a topic.

use super::mapping::switch;
use super::{Input, Look, Slot, Spec};
use crate::lambda::event_source::Source;
use crate::lambda::event_source::source::{EngineType, Queue, RedrivePolicy, StreamViewType};
use crate::lambda::names::{ACCOUNT, REGION};
use crate::scenario::Mapping;

fn queue(mapping: &mut Mapping) -> Option<&mut Queue> {
    match &mut mapping.source {
        Source::Sqs(queue) => Some(queue),
        _ => None,
    }
}

fn on(value: bool) -> Option<String> {
    Some(value.to_string())
}

fn dead_letter_queue(queue: &Queue) -> String {
    let name = queue.queue_name.trim_end_matches(".fifo");
    let ending = if queue.is_fifo() { ".fifo" } else { "" };
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}-dlq{ending}")
}

/// Renames a queue; its dead-letter queue stays of its kind, which SQS demands.
fn rename(queue: &mut Queue, name: &str) {
    let ours = queue
        .redrive_policy
        .as_ref()
        .is_some_and(|policy| policy.dead_letter_target_arn == dead_letter_queue(queue));
    let was_fifo = queue.is_fifo();
    name.clone_into(&mut queue.queue_name);
    if queue.is_fifo() != was_fifo {
        queue.content_based_deduplication = queue.is_fifo();
    }
    let arn = dead_letter_queue(queue);
    if let Some(policy) = queue.redrive_policy.as_mut().filter(|_| ours) {
        policy.dead_letter_target_arn = arn;
    }
}

pub(super) const SPECS: &[Spec<Mapping>] = &[
    Spec {
        look: Look {
            key: "QueueName",
            label: "Queue name",
            unit: "",
            help: "",
            input: Input::Text,
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::Sqs(queue) => Some(queue.queue_name.clone()),
                Source::Mq(queue) => Some(queue.queue_name.clone()),
                _ => None,
            },
            set: |mapping, name| match &mut mapping.source {
                Source::Sqs(queue) => {
                    rename(queue, name);
                    true
                }
                Source::Mq(queue) => {
                    name.clone_into(&mut queue.queue_name);
                    true
                }
                _ => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "Fifo",
            label: "FIFO queue",
            unit: "",
            help: "Its name ends in .fifo. Messages of a group stay in order, and are handled one batch at a time.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::Sqs(queue) => on(queue.is_fifo()),
                _ => None,
            },
            set: |mapping, text| match &mut mapping.source {
                Source::Sqs(queue) => switch(text, |fifo| {
                    let plain = queue.queue_name.trim_end_matches(".fifo").to_owned();
                    rename(queue, &if fifo { format!("{plain}.fifo") } else { plain });
                }),
                _ => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "ContentBasedDeduplication",
            label: "Content-based deduplication",
            unit: "",
            help: "",
            input: Input::Switch,
        },
        slot: Slot::Switch(|mapping| {
            queue(mapping)
                .filter(|queue| queue.is_fifo())
                .map(|queue| &mut queue.content_based_deduplication)
        }),
    },
    Spec {
        look: Look {
            key: "VisibilityTimeout",
            label: "Visibility timeout",
            unit: "s",
            help: "AWS recommends six times the function's timeout.",
            input: Input::Number(0, 43_200),
        },
        slot: Slot::Number(|mapping| queue(mapping).map(|queue| &mut queue.visibility_timeout)),
    },
    Spec {
        look: Look {
            key: "MessageRetentionPeriod",
            label: "Message retention",
            unit: "s",
            help: "",
            input: Input::Number(60, 1_209_600),
        },
        slot: Slot::Number(|mapping| {
            queue(mapping).map(|queue| &mut queue.message_retention_period)
        }),
    },
    Spec {
        look: Look {
            key: "DelaySeconds",
            label: "Delivery delay",
            unit: "s",
            help: "",
            input: Input::Number(0, 900),
        },
        slot: Slot::Number(|mapping| queue(mapping).map(|queue| &mut queue.delay_seconds)),
    },
    Spec {
        look: Look {
            key: "RedrivePolicy",
            label: "Dead-letter queue",
            unit: "",
            help: "Without one a message comes back until its retention ends.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::Sqs(queue) => on(queue.redrive_policy.is_some()),
                _ => None,
            },
            set: |mapping, text| match &mut mapping.source {
                Source::Sqs(queue) => switch(text, |wanted| {
                    queue.redrive_policy = wanted.then(|| RedrivePolicy {
                        dead_letter_target_arn: dead_letter_queue(queue),
                        max_receive_count: 5,
                    });
                }),
                _ => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "RedrivePolicy.maxReceiveCount",
            label: "Maximum receives",
            unit: "",
            help: "",
            input: Input::Number(1, 1_000),
        },
        slot: Slot::Number(|mapping| {
            let policy = queue(mapping)?.redrive_policy.as_mut()?;
            Some(&mut policy.max_receive_count)
        }),
    },
    Spec {
        look: Look {
            key: "ShardCount",
            label: "Shards",
            unit: "",
            help: "",
            input: Input::Number(1, 500),
        },
        slot: Slot::Number(|mapping| match &mut mapping.source {
            Source::Kinesis(stream) => Some(&mut stream.shard_count),
            Source::DynamoDb(table) => Some(&mut table.shard_count),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "RetentionPeriodHours",
            label: "Retention",
            unit: "h",
            help: "",
            input: Input::Number(24, 8_760),
        },
        slot: Slot::Number(|mapping| match &mut mapping.source {
            Source::Kinesis(stream) => Some(&mut stream.retention_period_hours),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "ConsumerName",
            label: "Enhanced fan-out",
            unit: "",
            help: "Records are pushed, instead of polled for once a second.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::Kinesis(stream) => on(stream.consumer_name.is_some()),
                _ => None,
            },
            set: |mapping, text| match &mut mapping.source {
                Source::Kinesis(stream) => switch(text, |pushed| {
                    stream.consumer_name = pushed.then(|| "my-consumer".to_owned());
                }),
                _ => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "StreamViewType",
            label: "Stream view type",
            unit: "",
            help: "",
            input: Input::Choice(&[
                ("NEW_AND_OLD_IMAGES", "New and old images"),
                ("NEW_IMAGE", "New image"),
                ("OLD_IMAGE", "Old image"),
                ("KEYS_ONLY", "Keys only"),
            ]),
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::DynamoDb(table) => Some(table.stream_view_type.name().to_owned()),
                _ => None,
            },
            set: |mapping, name| {
                let known = [
                    StreamViewType::KeysOnly,
                    StreamViewType::NewImage,
                    StreamViewType::OldImage,
                    StreamViewType::NewAndOldImages,
                ];
                match (
                    &mut mapping.source,
                    known.into_iter().find(|it| it.name() == name),
                ) {
                    (Source::DynamoDb(table), Some(found)) => {
                        table.stream_view_type = found;
                        true
                    }
                    _ => false,
                }
            },
        },
    },
    Spec {
        look: Look {
            key: "PartitionCount",
            label: "Partitions",
            unit: "",
            help: "",
            input: Input::Number(1, 1_000),
        },
        slot: Slot::Number(|mapping| match &mut mapping.source {
            Source::Kafka(topic) => Some(&mut topic.partition_count),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "RetentionHours",
            label: "Retention",
            unit: "h",
            help: "",
            input: Input::Number(1, 87_600),
        },
        slot: Slot::Number(|mapping| match &mut mapping.source {
            Source::Kafka(topic) => Some(&mut topic.retention_hours),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "EngineType",
            label: "Broker",
            unit: "",
            help: "",
            input: Input::Choice(&[("ACTIVEMQ", "ActiveMQ"), ("RABBITMQ", "RabbitMQ")]),
        },
        slot: Slot::Own {
            get: |mapping| match &mapping.source {
                Source::Mq(queue) => Some(
                    match queue.engine_type {
                        EngineType::ActiveMq => "ACTIVEMQ",
                        EngineType::RabbitMq => "RABBITMQ",
                    }
                    .to_owned(),
                ),
                _ => None,
            },
            set: |mapping, name| match (&mut mapping.source, name) {
                (Source::Mq(queue), "ACTIVEMQ") => {
                    queue.engine_type = EngineType::ActiveMq;
                    true
                }
                (Source::Mq(queue), "RABBITMQ") => {
                    queue.engine_type = EngineType::RabbitMq;
                    true
                }
                _ => false,
            },
        },
    },
    Spec {
        look: Look {
            key: "MaximumRedeliveries",
            label: "Redeliveries",
            unit: "",
            help: "The broker's own policy; empty: for ever.",
            input: Input::Optional(0, 1_000, "for ever"),
        },
        slot: Slot::Maybe(|mapping| match &mut mapping.source {
            Source::Mq(queue) => Some(&mut queue.maximum_redeliveries),
            _ => None,
        }),
    },
    Spec {
        look: Look {
            key: "ChangeStreamLogRetentionHours",
            label: "Change stream retention",
            unit: "h",
            help: "",
            input: Input::Number(1, 168),
        },
        slot: Slot::Number(|mapping| match &mut mapping.source {
            Source::DocumentDb(stream) => Some(&mut stream.change_stream_log_retention_hours),
            _ => None,
        }),
    },
];
