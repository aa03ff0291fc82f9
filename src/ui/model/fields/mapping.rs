//! Settings of the event source mapping of the chosen trigger, and of its source, in the names of their APIs.

use serde_json::Value;

use super::{Input, Look, Setup, Slot, Spec, find};
use crate::lambda::event_source::MappingConfig;
use crate::lambda::event_source::Source;
use crate::lambda::event_source::default;
use crate::lambda::event_source::settings::{
    Destination, DestinationConfig, FilterCriteria, FilterPattern, FunctionResponseType,
    ProvisionedPollerConfig, ScalingConfig, StartingPosition,
};
use crate::lambda::event_source::source::{EngineType, Queue, RedrivePolicy, StreamViewType};
use crate::lambda::names::{ACCOUNT, REGION};
use crate::scenario::Mapping;

impl Setup {
    /// Where the chosen trigger's mapping stands among those that were set up.
    pub fn own_mapping(&self) -> Option<usize> {
        self.mappings
            .iter()
            .position(|mapping| mapping.source.trigger() == self.trigger)
    }

    /// The chosen trigger's mapping, set up or by default; none for triggers that are not polled.
    pub fn mapping(&self) -> Option<Mapping> {
        match self
            .own_mapping()
            .and_then(|index| self.mappings.get(index))
        {
            Some(mapping) => Some(mapping.clone()),
            None => derived(self),
        }
    }
}

/// The largest event, in bytes, that names are taken from.
const LARGEST_EVENT: usize = 64 * 1024;

/// The mapping that the event gets unless somebody sets one up.
pub fn derived(setup: &Setup) -> Option<Mapping> {
    // Cheap for all the triggers that are not polled.
    default::source(&setup.trigger, &Value::Null, 0)?;
    // Names are taken from the event; a very large one is not read anew at every keystroke, and gives none.
    let event = match setup.event.text.len() {
        0..=LARGEST_EVENT => serde_json::from_str(&setup.event.text).unwrap_or(Value::Null),
        _ => Value::Null,
    };
    let source = default::source(&setup.trigger, &event, setup.config.timeout.0)?;
    let config = default::config(&source);
    Some(Mapping {
        source,
        function_name: setup.call.function.clone(),
        qualifier: setup.call.qualifier.clone(),
        config,
    })
}

/// Changes a setting; a mapping that was there by default becomes one that is set up.
pub(super) fn edit(setup: &mut Setup, key: &str, value: &str) -> bool {
    let (Some(spec), Some(mut mapping)) = (find(SPECS, key), setup.mapping()) else {
        return false;
    };
    if !spec.set(&mut mapping, value) {
        return false;
    }
    tidy(&mut mapping.config);
    match setup
        .own_mapping()
        .and_then(|index| setup.mappings.get_mut(index))
    {
        Some(known) => *known = mapping,
        None => setup.mappings.push(mapping),
    }
    true
}

/// Takes away groups of settings that have nothing in them.
fn tidy(config: &mut MappingConfig) {
    if config.scaling_config == Some(ScalingConfig::default()) {
        config.scaling_config = None;
    }
    if config.provisioned_poller_config == Some(ProvisionedPollerConfig::default()) {
        config.provisioned_poller_config = None;
    }
    if config.starting_position != Some(StartingPosition::AtTimestamp) {
        config.starting_position_timestamp = None;
    }
}

fn queue(mapping: &mut Mapping) -> Option<&mut Queue> {
    match &mut mapping.source {
        Source::Sqs(queue) => Some(queue),
        _ => None,
    }
}

fn is_sqs(mapping: &Mapping) -> bool {
    matches!(mapping.source, Source::Sqs(_))
}

fn is_kafka(mapping: &Mapping) -> bool {
    matches!(mapping.source, Source::Kafka(_))
}

fn has_shards(mapping: &Mapping) -> bool {
    matches!(mapping.source, Source::Kinesis(_) | Source::DynamoDb(_))
}

/// The configuration, when the mapping is of this kind.
fn of(mapping: &mut Mapping, kind: bool) -> Option<&mut MappingConfig> {
    kind.then_some(&mut mapping.config)
}

fn config(mapping: &mut Mapping) -> Option<&mut MappingConfig> {
    Some(&mut mapping.config)
}

fn sqs_config(mapping: &mut Mapping) -> Option<&mut MappingConfig> {
    let kind = is_sqs(mapping);
    of(mapping, kind)
}

fn pollers(mapping: &mut Mapping) -> Option<&mut ProvisionedPollerConfig> {
    let kind = is_sqs(mapping) || is_kafka(mapping);
    let config = of(mapping, kind)?;
    Some(config.provisioned_poller_config.get_or_insert_default())
}

fn shards(mapping: &mut Mapping) -> Option<&mut MappingConfig> {
    let kind = has_shards(mapping);
    of(mapping, kind)
}

/// Sources whose batches Lambda tries again by itself.
fn retried(mapping: &mut Mapping) -> Option<&mut MappingConfig> {
    let kind = has_shards(mapping) || is_kafka(mapping);
    of(mapping, kind)
}

fn retried_now(mapping: &Mapping) -> bool {
    has_shards(mapping) || is_kafka(mapping)
}

fn on(value: bool) -> Option<String> {
    Some(value.to_string())
}

/// Applies a switch's text.
fn switch(text: &str, apply: impl FnOnce(bool)) -> bool {
    match text.parse() {
        Ok(value) => {
            apply(value);
            true
        }
        Err(_) => false,
    }
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

/// Where discarded records go, as forms name it.
const DESTINATIONS: &[(&str, &str)] = &[
    ("", "None"),
    (
        "arn:aws:sqs:us-east-1:123456789012:discarded-records",
        "SQS queue",
    ),
    (
        "arn:aws:sns:us-east-1:123456789012:discarded-records",
        "SNS topic",
    ),
    ("arn:aws:s3:::amzn-s3-demo-discarded-records", "S3 bucket"),
    ("kafka://discarded-records", "Kafka topic (Kafka only)"),
];

/// Filters as text: JSON after JSON, on as many lines as one likes. What is not JSON is taken line by line, so that
/// validation can tell what is wrong with it.
fn filters(text: &str) -> Vec<FilterPattern> {
    let mut patterns = Vec::new();
    let mut stream =
        serde_json::Deserializer::from_str(text).into_iter::<&serde_json::value::RawValue>();
    for value in stream.by_ref() {
        match value {
            Ok(raw) => patterns.push(raw.get().to_owned()),
            Err(_) => {
                patterns = text.lines().map(str::to_owned).collect();
                break;
            }
        }
    }
    patterns
        .into_iter()
        .map(|pattern| pattern.trim().to_owned())
        .filter(|pattern| !pattern.is_empty())
        .map(|pattern| FilterPattern { pattern })
        .collect()
}

pub(super) const SPECS: &[Spec<Mapping>] = &[
    Spec {
        look: Look {
            key: "FunctionName",
            label: "Function",
            unit: "",
            help: "",
            input: Input::Functions,
        },
        slot: Slot::Own {
            get: |mapping| Some(mapping.function_name.clone().unwrap_or_default()),
            set: |mapping, name| {
                mapping.function_name = (!name.is_empty()).then(|| name.to_owned());
                mapping.qualifier = None;
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "qualifier",
            label: "Version or alias",
            unit: "",
            help: "",
            input: Input::Qualifiers,
        },
        slot: Slot::Own {
            get: |mapping| Some(mapping.qualifier.clone().unwrap_or_default()),
            set: |mapping, qualifier| {
                mapping.qualifier = (!qualifier.is_empty()).then(|| qualifier.to_owned());
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "Enabled",
            label: "Enabled",
            unit: "",
            help: "",
            input: Input::Switch,
        },
        slot: Slot::Switch(|mapping| Some(&mut mapping.config.enabled)),
    },
    Spec {
        look: Look {
            key: "BatchSize",
            label: "Batch size",
            unit: "",
            help: "",
            input: Input::Optional(1, 10_000, "default"),
        },
        slot: Slot::Maybe(|mapping| config(mapping).map(|it| &mut it.batch_size)),
    },
    Spec {
        look: Look {
            key: "MaximumBatchingWindowInSeconds",
            label: "Batch window",
            unit: "s",
            help: "How long Lambda gathers a batch.",
            input: Input::Optional(0, 300, "default"),
        },
        slot: Slot::Maybe(|mapping| {
            config(mapping).map(|it| &mut it.maximum_batching_window_in_seconds)
        }),
    },
    Spec {
        look: Look {
            key: "ScalingConfig.MaximumConcurrency",
            label: "Maximum concurrency",
            unit: "",
            help: "",
            input: Input::Optional(2, 1_000, "none"),
        },
        slot: Slot::Maybe(|mapping| {
            sqs_config(mapping).map(|it| {
                &mut it
                    .scaling_config
                    .get_or_insert_default()
                    .maximum_concurrency
            })
        }),
    },
    Spec {
        look: Look {
            key: "ProvisionedPollerConfig.MinimumPollers",
            label: "Provisioned pollers, at least",
            unit: "",
            help: "",
            input: Input::Optional(1, 200, "none"),
        },
        slot: Slot::Maybe(|mapping| pollers(mapping).map(|it| &mut it.minimum_pollers)),
    },
    Spec {
        look: Look {
            key: "ProvisionedPollerConfig.MaximumPollers",
            label: "Provisioned pollers, at most",
            unit: "",
            help: "",
            input: Input::Optional(1, 10_000, "none"),
        },
        slot: Slot::Maybe(|mapping| pollers(mapping).map(|it| &mut it.maximum_pollers)),
    },
    Spec {
        look: Look {
            key: "StartingPosition",
            label: "Starting position",
            unit: "",
            help: "",
            input: Input::Choice(&[
                ("TRIM_HORIZON", "TRIM_HORIZON: the oldest"),
                ("LATEST", "LATEST: what comes"),
                ("AT_TIMESTAMP", "AT_TIMESTAMP: a time"),
            ]),
        },
        slot: Slot::Own {
            get: |mapping| {
                let position = match mapping.config.starting_position {
                    None if matches!(mapping.source, Source::Sqs(_) | Source::Mq(_)) => {
                        return None;
                    }
                    None => "",
                    Some(StartingPosition::TrimHorizon) => "TRIM_HORIZON",
                    Some(StartingPosition::Latest) => "LATEST",
                    Some(StartingPosition::AtTimestamp) => "AT_TIMESTAMP",
                };
                Some(position.to_owned())
            },
            set: |mapping, position| {
                mapping.config.starting_position = match position {
                    "TRIM_HORIZON" => Some(StartingPosition::TrimHorizon),
                    "LATEST" => Some(StartingPosition::Latest),
                    "AT_TIMESTAMP" => Some(StartingPosition::AtTimestamp),
                    _ => return false,
                };
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "StartingPositionTimestamp",
            label: "Begins at",
            unit: "",
            help: "Unix time in seconds; the scenario begins at 1767614400.",
            input: Input::Number(0, 253_370_764_799),
        },
        slot: Slot::Own {
            get: |mapping| {
                let shown = mapping.config.starting_position == Some(StartingPosition::AtTimestamp);
                let time = mapping.config.starting_position_timestamp;
                (shown || time.is_some())
                    .then(|| time.map_or_else(String::new, |it| it.to_string()))
            },
            set: |mapping, text| {
                mapping.config.starting_position_timestamp = match text.trim() {
                    "" => None,
                    number => match number.parse() {
                        Ok(time) => Some(time),
                        Err(_) => return false,
                    },
                };
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "ParallelizationFactor",
            label: "Parallelization factor",
            unit: "",
            help: "Concurrent batches of one shard; the order holds for each partition key.",
            input: Input::Optional(1, 10, "default"),
        },
        slot: Slot::Maybe(|mapping| shards(mapping).map(|it| &mut it.parallelization_factor)),
    },
    Spec {
        look: Look {
            key: "MaximumRetryAttempts",
            label: "Retry attempts",
            unit: "",
            help: "-1, the default: as long as the record is kept.",
            input: Input::Optional(-1, 10_000, "default"),
        },
        slot: Slot::Signed(|mapping| retried(mapping).map(|it| &mut it.maximum_retry_attempts)),
    },
    Spec {
        look: Look {
            key: "MaximumRecordAgeInSeconds",
            label: "Maximum age of record",
            unit: "s",
            help: "-1, the default: as long as the record is kept.",
            input: Input::Optional(-1, 604_800, "default"),
        },
        slot: Slot::Signed(|mapping| {
            retried(mapping).map(|it| &mut it.maximum_record_age_in_seconds)
        }),
    },
    Spec {
        look: Look {
            key: "BisectBatchOnFunctionError",
            label: "Split batch on error",
            unit: "",
            help: "",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |mapping| {
                let split = mapping.config.bisect_batch_on_function_error;
                retried_now(mapping).then(|| split.unwrap_or(false).to_string())
            },
            set: |mapping, text| {
                switch(text, |split| {
                    mapping.config.bisect_batch_on_function_error = split.then_some(true);
                })
            },
        },
    },
    Spec {
        look: Look {
            key: "FunctionResponseTypes",
            label: "Report batch item failures",
            unit: "",
            help: "The function names the items that failed; the rest counts as done.",
            input: Input::Switch,
        },
        slot: Slot::Own {
            get: |mapping| {
                let shown = is_sqs(mapping) || retried_now(mapping);
                shown.then(|| mapping.config.reports_batch_item_failures().to_string())
            },
            set: |mapping, text| {
                switch(text, |report| {
                    mapping.config.function_response_types = report
                        .then_some(FunctionResponseType::ReportBatchItemFailures)
                        .into_iter()
                        .collect();
                })
            },
        },
    },
    Spec {
        look: Look {
            key: "TumblingWindowInSeconds",
            label: "Tumbling window",
            unit: "s",
            help: "",
            input: Input::Optional(0, 900, "none"),
        },
        slot: Slot::Maybe(|mapping| shards(mapping).map(|it| &mut it.tumbling_window_in_seconds)),
    },
    Spec {
        look: Look {
            key: "DestinationConfig.OnFailure.Destination",
            label: "On-failure destination",
            unit: "",
            help: "",
            input: Input::Choice(DESTINATIONS),
        },
        slot: Slot::Own {
            get: |mapping| {
                let now = mapping.config.on_failure().unwrap_or_default();
                retried_now(mapping).then(|| now.to_owned())
            },
            set: |mapping, arn| {
                mapping.config.destination_config = (!arn.is_empty()).then(|| DestinationConfig {
                    on_failure: Some(Destination {
                        destination: Some(arn.to_owned()),
                    }),
                });
                true
            },
        },
    },
    Spec {
        look: Look {
            key: "FilterCriteria",
            label: "Filter criteria",
            unit: "",
            help: "Up to five patterns, one after the other, such as {\"body\": {\"kind\": [\"order\"]}}.",
            input: Input::Lines,
        },
        slot: Slot::Own {
            get: |mapping| {
                let filters = mapping
                    .config
                    .filter_criteria
                    .iter()
                    .flat_map(|it| &it.filters);
                let patterns: Vec<&str> = filters.map(|it| it.pattern.as_str()).collect();
                Some(patterns.join("\n"))
            },
            set: |mapping, text| {
                let filters = filters(text);
                mapping.config.filter_criteria =
                    (!filters.is_empty()).then_some(FilterCriteria { filters });
                true
            },
        },
    },
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
