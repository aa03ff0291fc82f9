//! Settings of the event source mapping of the chosen trigger, in the names of Lambda's API. Those of what it reads are in
//! [`source`](super::source).

use serde_json::Value;

use super::{Input, Look, Setup, Slot, Spec, find, source};
use crate::lambda::event_source::MappingConfig;
use crate::lambda::event_source::Source;
use crate::lambda::event_source::default;
use crate::lambda::event_source::settings::{
    Destination, DestinationConfig, FilterCriteria, FilterPattern, FunctionResponseType,
    ProvisionedPollerConfig, ScalingConfig, StartingPosition,
};
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

/// A setting of the mapping, or of what it reads.
pub(super) fn spec(key: &str) -> Option<&'static Spec<Mapping>> {
    find(SPECS, key).or_else(|| find(source::SPECS, key))
}

/// Changes a setting; a mapping that was there by default becomes one that is set up.
pub(super) fn edit(setup: &mut Setup, key: &str, value: &str) -> bool {
    let (Some(spec), Some(mut mapping)) = (spec(key), setup.mapping()) else {
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

/// Applies a switch's text.
pub(super) fn switch(text: &str, apply: impl FnOnce(bool)) -> bool {
    match text.parse() {
        Ok(value) => {
            apply(value);
            true
        }
        Err(_) => false,
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
];
