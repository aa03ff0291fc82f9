//! What `CreateEventSourceMapping` and the sources' own APIs refuse, in their words where they are known.

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::filter::Pattern;
use super::settings::{MappingConfig, StartingPosition};
use super::source::{EngineType, Queue, Source};
use super::{Context, sqs};
use crate::problem::Problem;

/// Filters that a mapping may have, without a raised quota.
pub const FILTERS: usize = 5;

/// Everything wrong with a mapping and its source. Places are the settings' own names.
pub fn check(source: &Source, config: &MappingConfig, context: &Context) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_source(source, &mut problems);
    check_ranges(config, &mut problems);
    check_support(source, config, &mut problems);
    match source {
        Source::Sqs(queue) => check_sqs(queue, config, context, &mut problems),
        _ => check_position(source, config, &mut problems),
    }
    check_filters(source, config, &mut problems);
    check_destination(source, config, &mut problems);
    check_timeout(source, context, &mut problems);
    problems
}

/// The sentence in which Lambda reports a value out of range.
fn out_of_range(
    value: impl Display,
    field: &str,
    range: &RangeInclusive<i64>,
    above: bool,
) -> String {
    let (word, bound) = if above {
        ("less", range.end())
    } else {
        ("greater", range.start())
    };
    format!(
        "1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: Member must have value \
         {word} than or equal to {bound}"
    )
}

fn range(
    problems: &mut Vec<Problem>,
    place: &str,
    value: Option<i64>,
    range: RangeInclusive<i64>,
    unit: &str,
) {
    let Some(value) = value.filter(|value| !range.contains(value)) else {
        return;
    };
    let name = place.rsplit('.').next().unwrap_or(place);
    let mut field = name.to_owned();
    if let Some(first) = field.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    problems.push(Problem::error(
        "mapping.range",
        place,
        out_of_range(value, &field, &range, value > *range.end()),
        format!("Choose {} to {}{unit}.", range.start(), range.end()),
    ));
}

fn check_ranges(config: &MappingConfig, problems: &mut Vec<Problem>) {
    let wide = |value: Option<u32>| value.map(i64::from);
    let scaling = config.scaling_config.and_then(|s| s.maximum_concurrency);
    range(
        problems,
        "BatchSize",
        wide(config.batch_size),
        1..=10_000,
        "",
    );
    range(
        problems,
        "MaximumBatchingWindowInSeconds",
        wide(config.maximum_batching_window_in_seconds),
        0..=300,
        " seconds",
    );
    range(
        problems,
        "ParallelizationFactor",
        wide(config.parallelization_factor),
        1..=10,
        "",
    );
    range(
        problems,
        "MaximumRetryAttempts",
        config.maximum_retry_attempts.map(i64::from),
        -1..=10_000,
        "; -1 is for ever",
    );
    let age = config.maximum_record_age_in_seconds.map(i64::from);
    range(
        problems,
        "MaximumRecordAgeInSeconds",
        age,
        -1..=604_800,
        " seconds; -1 is for ever",
    );
    if age.is_some_and(|age| (0..60).contains(&age)) {
        problems.push(Problem::error(
            "mapping.range",
            "MaximumRecordAgeInSeconds",
            "The shortest maximum record age is 60 seconds.",
            "Choose 60 to 604800 seconds, or -1 for ever.",
        ));
    }
    range(
        problems,
        "TumblingWindowInSeconds",
        wide(config.tumbling_window_in_seconds),
        0..=900,
        " seconds",
    );
    range(
        problems,
        "ScalingConfig.MaximumConcurrency",
        wide(scaling),
        2..=1_000,
        "",
    );
}

/// Settings that the source does not have.
fn check_support(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    let sqs = matches!(source, Source::Sqs(_));
    let kafka = matches!(source, Source::Kafka(_));
    let shards = matches!(source, Source::Kinesis(_) | Source::DynamoDb(_));
    let retries = shards || kafka;
    let position = !sqs && !matches!(source, Source::Mq(_));
    let settings = [
        ("ScalingConfig", config.scaling_config.is_some(), sqs),
        (
            "ProvisionedPollerConfig",
            config.provisioned_poller_config.is_some(),
            sqs || kafka,
        ),
        (
            "ParallelizationFactor",
            config.parallelization_factor.is_some(),
            shards,
        ),
        (
            "TumblingWindowInSeconds",
            config.tumbling_window_in_seconds.is_some(),
            shards,
        ),
        (
            "MaximumRetryAttempts",
            config.maximum_retry_attempts.is_some(),
            retries,
        ),
        (
            "MaximumRecordAgeInSeconds",
            config.maximum_record_age_in_seconds.is_some(),
            retries,
        ),
        (
            "BisectBatchOnFunctionError",
            config.bisect_batch_on_function_error.is_some(),
            retries,
        ),
        ("DestinationConfig", config.on_failure().is_some(), retries),
        (
            "FunctionResponseTypes",
            !config.function_response_types.is_empty(),
            sqs || retries,
        ),
        (
            "StartingPosition",
            config.starting_position.is_some(),
            position,
        ),
        (
            "StartingPositionTimestamp",
            config.starting_position_timestamp.is_some(),
            position,
        ),
    ];
    for (name, set, supported) in settings {
        if set && !supported {
            let cause = if sqs && name == "StartingPosition" {
                "StartingPosition is not valid for SQS event sources.".to_owned()
            } else {
                format!("{name} is not supported for {}.", source.label())
            };
            problems.push(Problem::error(
                "mapping.unsupported",
                name,
                cause,
                "Leave it out.",
            ));
        }
    }
    let uses_retries = config.maximum_retry_attempts.is_some()
        || config.maximum_record_age_in_seconds.is_some()
        || config.bisect_batch_on_function_error == Some(true)
        || config.reports_batch_item_failures();
    if kafka && uses_retries && config.provisioned_poller_config.is_none() {
        problems.push(Problem::warning(
            "mapping.provisioned",
            "ProvisionedPollerConfig",
            "For Kafka, Lambda offers these error handling settings in provisioned mode only.",
            "Set MinimumPollers and MaximumPollers.",
        ));
    }
    check_pollers(source, config, problems);
}

fn check_pollers(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    let Some(pollers) = config.provisioned_poller_config else {
        return;
    };
    let (least, most) = if matches!(source, Source::Sqs(_)) {
        (2, 10_000)
    } else {
        (1, 2_000)
    };
    let minimum = pollers.minimum_pollers.unwrap_or(least);
    let maximum = pollers.maximum_pollers.unwrap_or(minimum.max(200));
    if pollers.minimum_pollers.is_none() && pollers.maximum_pollers.is_none() {
        problems.push(Problem::error(
            "mapping.pollers",
            "ProvisionedPollerConfig",
            "Either MinimumPollers or MaximumPollers are required if ProvisionedPollerConfig is provided.",
            "Set one of them, or leave the whole setting out.",
        ));
    } else if !(least..=200).contains(&minimum) || !(minimum..=most).contains(&maximum) {
        problems.push(Problem::error(
            "mapping.pollers",
            "ProvisionedPollerConfig",
            format!(
                "MinimumPollers should be between [{least}, 200] and MaximumPollers should be between [MinimumPollers, \
                 {most}]"
            ),
            "Choose numbers in these ranges.",
        ));
    }
    if config
        .scaling_config
        .is_some_and(|s| s.maximum_concurrency.is_some())
    {
        problems.push(Problem::error(
            "mapping.pollers",
            "ScalingConfig.MaximumConcurrency",
            "Provisioned mode for SQS ESM does not support maximum concurrency feature. Use MaximumPollers as the control \
             mechanism and remove maximum concurrency.",
            "Remove one of the two settings.",
        ));
    }
}

fn check_sqs(
    queue: &Queue,
    config: &MappingConfig,
    context: &Context,
    problems: &mut Vec<Problem>,
) {
    let size = config.batch_size.unwrap_or(10);
    let window = config.maximum_batching_window_in_seconds.unwrap_or(0);
    if queue.is_fifo() {
        if window > 0 {
            problems.push(Problem::error(
                "mapping.fifo",
                "MaximumBatchingWindowInSeconds",
                "Batching window is not supported for FIFO queues",
                "Leave it out.",
            ));
        }
        if size > 10 {
            problems.push(Problem::error(
                "mapping.fifo",
                "BatchSize",
                "Batch size must not exceed 10 for FIFO queues",
                "Choose 1 to 10.",
            ));
        }
    } else if size > 10 && window == 0 {
        problems.push(Problem::error(
            "mapping.window",
            "MaximumBatchingWindowInSeconds",
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            "Set a window of 1 second or more, or a batch size of 10 or less.",
        ));
    }
    let timeout = context.function_timeout_seconds;
    if queue.visibility_timeout < timeout {
        problems.push(Problem::error(
            "mapping.visibility",
            "VisibilityTimeout",
            format!(
                "Queue visibility timeout: {} seconds is less than Function timeout: {timeout} seconds",
                queue.visibility_timeout
            ),
            format!("AWS recommends six times the function's timeout: {} seconds.", timeout.saturating_mul(6)),
        ));
    } else if u64::from(queue.visibility_timeout) < 6 * u64::from(timeout) + u64::from(window) {
        problems.push(Problem::note(
            "mapping.visibility",
            "VisibilityTimeout",
            "The visibility timeout is less than six times the function's timeout plus the batching window.",
            "AWS recommends that much, so that throttled batches can be tried again.",
        ));
    }
    if queue
        .redrive_policy
        .as_ref()
        .is_some_and(|policy| policy.max_receive_count < 5)
    {
        problems.push(Problem::note(
            "mapping.receives",
            "RedrivePolicy.maxReceiveCount",
            "Throttles count as receives, so good messages can end in the dead-letter queue.",
            "AWS recommends 5 or more.",
        ));
    }
}

fn check_position(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    if matches!(source, Source::Mq(_)) {
        return;
    }
    match config.starting_position {
        None => problems.push(Problem::error(
            "mapping.position",
            "StartingPosition",
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not \
             be null.",
            "Choose TRIM_HORIZON for everything there is, or LATEST for what comes.",
        )),
        Some(StartingPosition::AtTimestamp) if matches!(source, Source::DynamoDb(_)) => {
            problems.push(Problem::error(
                "mapping.position",
                "StartingPosition",
                format!("Unsupported starting position for arn type: {}", source.arn()),
                "DynamoDB Streams begin at TRIM_HORIZON or LATEST.",
            ));
        }
        Some(StartingPosition::AtTimestamp) if config.starting_position_timestamp.is_none() => {
            problems.push(Problem::error(
                "mapping.position",
                "StartingPositionTimestamp",
                "Need to specify a timestamp",
                "Give the time to begin at, as Unix time in seconds.",
            ));
        }
        Some(position) => {
            if position != StartingPosition::AtTimestamp
                && config.starting_position_timestamp.is_some()
            {
                problems.push(Problem::error(
                    "mapping.position",
                    "StartingPositionTimestamp",
                    "A timestamp belongs to the starting position AT_TIMESTAMP.",
                    "Leave it out, or begin AT_TIMESTAMP.",
                ));
            }
        }
    }
}

fn check_filters(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    let Some(criteria) = &config.filter_criteria else {
        return;
    };
    if matches!(source, Source::DocumentDb(_)) && !criteria.filters.is_empty() {
        problems.push(Problem::error(
            "mapping.filter",
            "FilterCriteria",
            "Lambda does not support event filtering for Amazon DocumentDB.",
            "Leave the filters out.",
        ));
        return;
    }
    if criteria.filters.len() > FILTERS {
        problems.push(Problem::error(
            "mapping.filter",
            "FilterCriteria.Filters",
            format!(
                "A mapping has at most {FILTERS} filters; here are {}.",
                criteria.filters.len()
            ),
            "Join some with $or. On AWS the quota can be raised to 10.",
        ));
    }
    for (index, filter) in criteria.filters.iter().enumerate() {
        let place = format!("FilterCriteria.Filters[{index}].Pattern");
        let invalid = |cure: String| {
            Problem::error(
                "mapping.filter",
                &place,
                "Invalid filter pattern definition.",
                cure,
            )
        };
        let pattern = match Pattern::parse(&filter.pattern) {
            Ok(pattern) => pattern,
            Err(fault) => {
                problems.push(invalid(format!("In the pattern, at {fault}")));
                continue;
            }
        };
        if matches!(source, Source::Kinesis(_)) && pattern.is_object_at("data") == Some(false) {
            problems.push(invalid(
                "Kinesis data can only be filtered as JSON: name its keys.".into(),
            ));
        }
        let other = pattern
            .roots()
            .find(|root| *root != "body")
            .map(str::to_owned);
        if let (Source::Sqs(_), Some(root)) = (source, other) {
            problems.push(Problem::warning(
                "mapping.filter",
                &place,
                format!("SQS messages can only be filtered on body; this filter asks for {root}."),
                "Nothing will match it, so every message is deleted. Write {\"body\": …}.",
            ));
        }
    }
}

fn check_destination(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    let Some(destination) = config.on_failure() else {
        return;
    };
    let topic = destination.strip_prefix("kafka://");
    let known = ["arn:aws:sqs:", "arn:aws:sns:", "arn:aws:s3:"]
        .iter()
        .any(|prefix| destination.starts_with(prefix));
    let fifo = destination.ends_with(".fifo");
    let place = "DestinationConfig.OnFailure.Destination";
    match (source, topic) {
        (Source::Kafka(own), Some(topic)) if own.topic_name == topic => {
            problems.push(Problem::error(
                "mapping.destination",
                place,
                "The failed records would come back to the topic that they failed on.",
                "Choose another topic.",
            ));
        }
        (Source::Kafka(_), Some(topic)) if !topic.is_empty() => {}
        _ if known && !fifo => {}
        _ => problems.push(Problem::error(
            "mapping.destination",
            place,
            "This is not a destination for discarded records.",
            "Give the ARN of an SQS standard queue, an SNS standard topic or an S3 bucket.",
        )),
    }
}

fn check_timeout(source: &Source, context: &Context, problems: &mut Vec<Problem>) {
    let limited = matches!(
        source,
        Source::Kafka(_) | Source::Mq(_) | Source::DocumentDb(_)
    );
    if limited && context.function_timeout_seconds > 840 {
        problems.push(Problem::error(
            "mapping.timeout",
            "Timeout",
            format!(
                "Functions that read {} have a timeout of at most 14 minutes.",
                source.label()
            ),
            "Set the function's timeout to 840 seconds or less.",
        ));
    }
}

fn check_source(source: &Source, problems: &mut Vec<Problem>) {
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

/// The visibility timeout that will hold, for the page to show beside the queue's own.
pub fn effective_visibility_timeout_seconds(
    queue: &Queue,
    config: &MappingConfig,
    context: &Context,
) -> u64 {
    sqs::visibility_timeout(queue, config, context).as_nanos() / 1_000_000_000
}
