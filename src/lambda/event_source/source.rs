//! The simulated queues and streams: their own settings, in their services' names.

use serde::{Deserialize, Serialize};

use crate::lambda::names::{ACCOUNT, REGION};

/// A source with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "Type")]
pub enum Source {
    /// An SQS queue.
    #[serde(rename = "SQS")]
    Sqs(Queue),
    /// A Kinesis data stream.
    Kinesis(DataStream),
    /// The stream of a DynamoDB table.
    #[serde(rename = "DynamoDB")]
    DynamoDb(TableStream),
    /// A topic of an Amazon MSK or a self-managed Kafka cluster.
    Kafka(Topic),
    /// A queue of an Amazon MQ broker.
    #[serde(rename = "MQ")]
    Mq(BrokerQueue),
    /// A DocumentDB change stream.
    #[serde(rename = "DocumentDB")]
    DocumentDb(ChangeStream),
}

impl Source {
    /// `EventSourceArn`; empty for self-managed Kafka, which has none.
    pub fn arn(&self) -> String {
        match self {
            Self::Sqs(queue) => queue.arn(),
            Self::Kinesis(stream) => stream.arn(),
            Self::DynamoDb(table) => table.arn(),
            Self::Kafka(topic) if topic.self_managed => String::new(),
            Self::Kafka(topic) => format!(
                "arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/{}/751d2973-a626-431c-9d4e-d7975eb44dd7-2",
                topic.cluster_name
            ),
            Self::Mq(queue) => format!(
                "arn:aws:mq:{REGION}:{ACCOUNT}:broker:{}:b-9bcfa592-423a-4942-879d-eb284b418fc8",
                queue.broker_name
            ),
            Self::DocumentDb(stream) => {
                format!(
                    "arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{}",
                    stream.cluster_name
                )
            }
        }
    }

    /// The id of the trigger whose events it makes.
    pub const fn trigger(&self) -> &'static str {
        match self {
            Self::Sqs(_) => "sqs",
            Self::Kinesis(_) => "kinesis",
            Self::DynamoDb(_) => "dynamodb",
            Self::Kafka(_) => "kafka",
            Self::Mq(_) => "mq",
            Self::DocumentDb(_) => "documentdb",
        }
    }

    /// How long it keeps what nobody has processed, in seconds, when that is the only limit to how often a mapping's
    /// default settings try it: streams. Queues and brokers count deliveries.
    pub fn tries_until(&self) -> Option<u64> {
        let hours = match self {
            Self::Sqs(_) | Self::Mq(_) => return None,
            Self::Kinesis(stream) => stream.retention_period_hours,
            Self::DynamoDb(_) => 24,
            Self::Kafka(topic) => topic.retention_hours,
            Self::DocumentDb(stream) => stream.change_stream_log_retention_hours,
        };
        Some(u64::from(hours) * 3_600)
    }

    /// What a sentence calls it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Sqs(queue) if queue.is_fifo() => "an SQS FIFO queue",
            Self::Sqs(_) => "an SQS standard queue",
            Self::Kinesis(_) => "a Kinesis stream",
            Self::DynamoDb(_) => "a DynamoDB stream",
            Self::Kafka(_) => "a Kafka topic",
            Self::Mq(_) => "an Amazon MQ queue",
            Self::DocumentDb(_) => "a DocumentDB change stream",
        }
    }
}

/// An SQS queue's attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Queue {
    /// A name that ends in `.fifo` makes a FIFO queue.
    pub queue_name: String,
    /// 0 to 43,200 s. Default 30.
    pub visibility_timeout: u32,
    /// 60 to 1,209,600 s. Default 345,600, four days.
    pub message_retention_period: u32,
    /// 0 to 900 s. Default 0.
    pub delay_seconds: u32,
    /// FIFO: the deduplication id is the SHA-256 of the body, when the sender gives none.
    pub content_based_deduplication: bool,
    /// When messages go to a dead-letter queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<RedrivePolicy>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            queue_name: "my-queue".to_owned(),
            visibility_timeout: 30,
            message_retention_period: 345_600,
            delay_seconds: 0,
            content_based_deduplication: false,
            redrive_policy: None,
        }
    }
}

impl Queue {
    /// Whether it is a FIFO queue.
    pub fn is_fifo(&self) -> bool {
        self.queue_name.ends_with(".fifo")
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", self.queue_name)
    }
}

/// `RedrivePolicy`, written as SQS does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedrivePolicy {
    /// ARN of the dead-letter queue.
    pub dead_letter_target_arn: String,
    /// How often a message may be received, 1 to 1,000.
    pub max_receive_count: u32,
}

/// A Kinesis data stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct DataStream {
    /// Its name.
    pub stream_name: String,
    /// How many shards; partition keys are spread evenly over them by their MD5.
    pub shard_count: u32,
    /// 24 to 8,760 h. Default 24.
    pub retention_period_hours: u32,
    /// The stream consumer's name, with enhanced fan-out: records are pushed instead of polled for once a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_name: Option<String>,
}

impl Default for DataStream {
    fn default() -> Self {
        Self {
            stream_name: "my-stream".to_owned(),
            shard_count: 1,
            retention_period_hours: 24,
            consumer_name: None,
        }
    }
}

impl DataStream {
    /// The ARN of the stream, or of its consumer.
    pub fn arn(&self) -> String {
        let stream = format!(
            "arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{}",
            self.stream_name
        );
        match &self.consumer_name {
            Some(consumer) => format!("{stream}/consumer/{consumer}:1767614400"),
            None => stream,
        }
    }
}

/// A DynamoDB table with a stream, which keeps records for 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct TableStream {
    /// The table.
    pub table_name: String,
    /// What records show of the item.
    pub stream_view_type: StreamViewType,
    /// How many shards. DynamoDB decides this by itself; here it is set.
    pub shard_count: u32,
}

impl Default for TableStream {
    fn default() -> Self {
        Self {
            table_name: "my-table".to_owned(),
            stream_view_type: StreamViewType::NewAndOldImages,
            shard_count: 1,
        }
    }
}

impl TableStream {
    /// The stream's ARN.
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}/stream/2026-01-05T12:00:00.000",
            self.table_name
        )
    }
}

/// `StreamViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamViewType {
    /// Only the item's key.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamViewType {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

/// A Kafka topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Topic {
    /// The cluster.
    pub cluster_name: String,
    /// The topic.
    pub topic_name: String,
    /// How many partitions.
    pub partition_count: u32,
    /// How long records are kept, in hours. Kafka's default is 168, seven days.
    pub retention_hours: u32,
    /// Whether the cluster is the visitor's own, rather than Amazon MSK.
    pub self_managed: bool,
    /// The brokers' addresses, comma-separated.
    pub bootstrap_servers: String,
}

impl Default for Topic {
    fn default() -> Self {
        Self {
            cluster_name: "my-cluster".to_owned(),
            topic_name: "my-topic".to_owned(),
            partition_count: 1,
            retention_hours: 168,
            self_managed: false,
            bootstrap_servers: "b-1.my-cluster.a1b2c3.c2.kafka.us-east-1.amazonaws.com:9092,b-2.my-cluster.a1b2c3.c2.kafka.us-east-1.amazonaws.com:9092".to_owned(),
        }
    }
}

/// A queue of an Amazon MQ broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct BrokerQueue {
    /// The broker.
    pub broker_name: String,
    /// Which software it runs.
    pub engine_type: EngineType,
    /// The queue.
    pub queue_name: String,
    /// RabbitMQ: the virtual host. Default `/`.
    pub virtual_host: String,
    /// How often a message is redelivered before the broker moves it to its dead-letter queue: a matter of the broker's
    /// policy. None means for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_redeliveries: Option<u32>,
}

impl Default for BrokerQueue {
    fn default() -> Self {
        Self {
            broker_name: "my-broker".to_owned(),
            engine_type: EngineType::ActiveMq,
            queue_name: "my-queue".to_owned(),
            virtual_host: "/".to_owned(),
            maximum_redeliveries: None,
        }
    }
}

/// `EngineType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum EngineType {
    /// Apache ActiveMQ.
    ActiveMq,
    /// RabbitMQ.
    RabbitMq,
}

/// A DocumentDB change stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ChangeStream {
    /// The cluster.
    pub cluster_name: String,
    /// `DatabaseName`.
    pub database_name: String,
    /// `CollectionName`.
    pub collection_name: String,
    /// How long changes are kept, in hours: 3 by default, up to 168.
    pub change_stream_log_retention_hours: u32,
}

impl Default for ChangeStream {
    fn default() -> Self {
        Self {
            cluster_name: "my-cluster".to_owned(),
            database_name: "my-database".to_owned(),
            collection_name: "my-collection".to_owned(),
            change_stream_log_retention_hours: 3,
        }
    }
}
