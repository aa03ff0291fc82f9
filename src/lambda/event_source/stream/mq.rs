//! Queues of Amazon MQ brokers: ActiveMQ and RabbitMQ.
//!
//! Lambda acknowledges a batch that succeeded. One that failed is redelivered; how often is the broker's policy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::dialect::{Dialect, Feed, WindowInfo, join};
use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::source::{BrokerQueue, EngineType, Source};
use crate::lambda::event_source::{Context, Incoming};
use crate::lambda::names::{self, REGION};
use crate::sim::SimDuration;

/// A broker's queue.
pub(super) struct Mq {
    queue: BrokerQueue,
    arn: String,
}

impl Mq {
    pub fn new(queue: &BrokerQueue) -> Self {
        Self {
            queue: queue.clone(),
            arn: Source::Mq(queue.clone()).arn(),
        }
    }

    fn active_mq(&self, context: &Context, record: &Record) -> Value {
        let time = names::calendar_ms(context.epoch_ms, record.arrived);
        json!({
            "messageID": format!(
                "ID:b-9bcfa592-423a-4942-879d-eb284b418fc8-1.mq.{REGION}.amazonaws.com-37557-{}-4:1:1:1:{}",
                context.epoch_ms, record.offset + 1
            ),
            "messageType": "jms/text-message",
            "timestamp": time,
            "deliveryMode": 1,
            "correlationID": "",
            "replyTo": "null",
            "destination": {"physicalName": self.queue.queue_name},
            "redelivered": record.deliveries > 0,
            "type": "",
            "expiration": 0,
            "priority": 0,
            "data": STANDARD.encode(record.body.as_bytes()),
            "brokerInTime": time,
            "brokerOutTime": time,
            "properties": properties(record, |value| Value::from(value)),
        })
    }

    fn rabbit_mq(&self, record: &Record) -> Value {
        json!({
            "basicProperties": {
                "contentType": "text/plain",
                "contentEncoding": null,
                "headers": properties(record, |value| json!({"bytes": value.as_bytes()})),
                "deliveryMode": 1,
                "priority": 0,
                "correlationId": null,
                "replyTo": null,
                "expiration": null,
                "messageId": null,
                "timestamp": null,
                "type": null,
                "userId": null,
                "appId": null,
                "clusterId": null,
                "bodySize": record.body.len(),
            },
            "redelivered": record.deliveries > 0,
            "data": STANDARD.encode(record.body.as_bytes()),
        })
    }
}

fn properties(record: &Record, value: impl Fn(&str) -> Value) -> Map<String, Value> {
    let attributes = record.attributes.as_deref().unwrap_or_default();
    let each = attributes
        .iter()
        .map(|(name, text)| (name.clone(), value(text)));
    each.collect()
}

impl Dialect for Mq {
    fn shards(&self) -> u32 {
        1
    }

    fn feed(&self) -> Feed {
        Feed::Shared
    }

    fn retention(&self) -> Option<SimDuration> {
        None
    }

    /// Concurrent batches: five for ActiveMQ, one for RabbitMQ.
    fn consumers(&self) -> u32 {
        match self.queue.engine_type {
            EngineType::ActiveMq => 5,
            EngineType::RabbitMq => 1,
        }
    }

    fn maximum_redeliveries(&self) -> Option<u32> {
        self.queue.maximum_redeliveries
    }

    fn has_iterator_age(&self) -> bool {
        false
    }

    fn deletes(&self) -> bool {
        true
    }

    fn accept(&self, _incoming: &Incoming) -> Result<(), String> {
        Ok(())
    }

    fn place(&self, _incoming: &Incoming, _arrived: u32) -> u32 {
        0
    }

    fn receipt(&self, _context: &Context, _record: &Record) -> String {
        String::new()
    }

    fn record(&self, context: &Context, record: &Record) -> String {
        match self.queue.engine_type {
            EngineType::ActiveMq => self.active_mq(context, record),
            EngineType::RabbitMq => self.rabbit_mq(record),
        }
        .to_string()
    }

    fn view<'a>(&self, json: &'a str) -> Rendered<'a> {
        Rendered {
            json,
            inner: None,
            encoded: &["data"],
            strings: true,
        }
    }

    fn overhead(&self) -> usize {
        512 + self.arn.len() + self.queue.queue_name.len() + 6 * self.queue.virtual_host.len()
    }

    fn event(&self, records: &[(&Record, String)], _window: Option<&WindowInfo>) -> String {
        let (head, tail) = match self.queue.engine_type {
            EngineType::ActiveMq => (
                format!(
                    r#"{{"eventSource":"aws:mq","eventSourceArn":"{}","messages":["#,
                    self.arn
                ),
                "]}",
            ),
            EngineType::RabbitMq => {
                let name = format!("{}::{}", self.queue.queue_name, self.queue.virtual_host);
                (
                    format!(
                        r#"{{"eventSource":"aws:rmq","eventSourceArn":"{}","rmqMessagesByQueue":{{{}:["#,
                        self.arn,
                        Value::from(name)
                    ),
                    "]}}",
                )
            }
        };
        let mut text = head;
        join(&mut text, records.iter().map(|(_, json)| json.as_str()));
        text.push_str(tail);
        text
    }

    fn shard_id(&self, _shard: u32) -> String {
        self.queue.queue_name.clone()
    }

    fn is_named(&self, _record: &Record, _name: &Identifier) -> bool {
        false
    }

    fn batch_info(
        &self,
        _context: &Context,
        _records: &[Record],
        _payload_bytes: usize,
    ) -> (&'static str, Value) {
        // Brokers have no on-failure destination.
        ("MQBatchInfo", Value::Null)
    }
}
