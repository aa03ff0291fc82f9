//! The settings of an event source mapping, in the names of `CreateEventSourceMapping`.

use serde::{Deserialize, Serialize};

/// What `CreateEventSourceMapping` is told. Absent settings have the source's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct MappingConfig {
    /// Whether it reads at all.
    pub enabled: bool,
    /// Most items in one batch: 1 to 10,000; FIFO queues up to 10. Default 10 for queues, 100 for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// How long a batch may be gathered, 0 to 300 s. Default 0; 500 ms for Kafka, MQ and DocumentDB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_batching_window_in_seconds: Option<u32>,
    /// Which items are sent at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter_criteria: Option<FilterCriteria>,
    /// What the function's response may say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub function_response_types: Vec<FunctionResponseType>,
    /// SQS: a limit on concurrent invocations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scaling_config: Option<ScalingConfig>,
    /// SQS and Kafka: pollers kept ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisioned_poller_config: Option<ProvisionedPollerConfig>,
    /// Streams: where to begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position: Option<StartingPosition>,
    /// With `AT_TIMESTAMP`: Unix time in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starting_position_timestamp: Option<i64>,
    /// Kinesis and DynamoDB: concurrent batches per shard, 1 to 10. Default 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallelization_factor: Option<u32>,
    /// Streams: -1 (for ever, the default) or 0 to 10,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_retry_attempts: Option<i32>,
    /// Streams: -1 (for ever, the default) or 60 to 604,800 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_record_age_in_seconds: Option<i32>,
    /// Streams: split a failed batch in two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bisect_batch_on_function_error: Option<bool>,
    /// Kinesis and DynamoDB: length of a tumbling window, 0 (none, the default) to 900 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tumbling_window_in_seconds: Option<u32>,
    /// Streams: where discarded records go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_config: Option<DestinationConfig>,
}

impl Default for MappingConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            batch_size: None,
            maximum_batching_window_in_seconds: None,
            filter_criteria: None,
            function_response_types: Vec::new(),
            scaling_config: None,
            provisioned_poller_config: None,
            starting_position: None,
            starting_position_timestamp: None,
            parallelization_factor: None,
            maximum_retry_attempts: None,
            maximum_record_age_in_seconds: None,
            bisect_batch_on_function_error: None,
            tumbling_window_in_seconds: None,
            destination_config: None,
        }
    }
}

impl MappingConfig {
    /// Whether the function names the items that failed.
    pub fn reports_batch_item_failures(&self) -> bool {
        self.function_response_types
            .contains(&FunctionResponseType::ReportBatchItemFailures)
    }

    /// The on-failure destination.
    pub fn on_failure(&self) -> Option<&str> {
        let destination = self.destination_config.as_ref()?.on_failure.as_ref()?;
        destination.destination.as_deref()
    }
}

/// `FilterCriteria`: an item is sent when one of the filters matches.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct FilterCriteria {
    /// Up to five.
    pub filters: Vec<FilterPattern>,
}

/// One filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct FilterPattern {
    /// The pattern, JSON text.
    pub pattern: String,
}

/// `FunctionResponseTypes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionResponseType {
    /// The function's response names the items that failed.
    ReportBatchItemFailures,
}

/// `ScalingConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ScalingConfig {
    /// 2 to 1,000.
    pub maximum_concurrency: Option<u32>,
}

/// `ProvisionedPollerConfig`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ProvisionedPollerConfig {
    /// SQS 2 to 200, default 2; Kafka 1 to 200, default 1.
    pub minimum_pollers: Option<u32>,
    /// SQS 2 to 10,000, Kafka 1 to 2,000; default 200.
    pub maximum_pollers: Option<u32>,
}

/// `StartingPosition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StartingPosition {
    /// With the oldest record that is kept.
    TrimHorizon,
    /// With what comes after the mapping is created.
    Latest,
    /// With the first record at or after a time. Not for DynamoDB Streams.
    AtTimestamp,
}

/// `DestinationConfig`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DestinationConfig {
    /// Where discarded records go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Destination>,
}

/// `OnFailure`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Destination {
    /// ARN of an SQS queue, SNS topic or S3 bucket; for Kafka also `kafka://` and a topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
}
