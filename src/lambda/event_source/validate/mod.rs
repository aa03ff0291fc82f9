//! What `CreateEventSourceMapping` and the sources' own APIs refuse, in their words where they are known.

mod filters;
mod queue;
mod source;

use std::fmt::Display;
use std::ops::RangeInclusive;

use super::settings::{MappingConfig, StartingPosition};
use super::source::{Queue, Source};
pub use filters::FILTERS;

use super::{Context, sqs};
use crate::problem::Problem;

/// Everything wrong with a mapping and its source. Places are the settings' own names.
pub fn check(source: &Source, config: &MappingConfig, context: &Context) -> Vec<Problem> {
    let mut problems = Vec::new();
    source::check(source, &mut problems);
    check_ranges(config, &mut problems);
    check_support(source, config, &mut problems);
    match source {
        Source::Sqs(queue) => queue::check(queue, config, context, &mut problems),
        _ => check_position(source, config, &mut problems),
    }
    filters::check(source, config, &mut problems);
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

/// The visibility timeout that will hold, for the page to show beside the queue's own.
pub fn effective_visibility_timeout_seconds(
    queue: &Queue,
    config: &MappingConfig,
    context: &Context,
) -> u64 {
    sqs::visibility_timeout(queue, config, context).as_nanos() / 1_000_000_000
}
