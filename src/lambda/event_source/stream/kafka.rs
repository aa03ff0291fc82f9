//! Topics of Amazon MSK and self-managed Kafka clusters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::dialect::{Dialect, Feed, WindowInfo, join};
use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::source::{Source, Topic};
use crate::lambda::event_source::{Context, Incoming, ids};
use crate::lambda::names;
use crate::sim::SimDuration;

/// A Kafka topic.
pub(super) struct Kafka {
    topic: Topic,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    topic: &'a str,
    partition: u32,
    offset: u64,
    timestamp: i64,
    timestamp_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    value: String,
    headers: Vec<Value>,
}

impl Kafka {
    pub fn new(topic: &Topic) -> Self {
        Self {
            topic: topic.clone(),
            arn: Source::Kafka(topic.clone()).arn(),
        }
    }

    fn partition(&self, shard: u32) -> String {
        format!("{}-{shard}", self.topic.topic_name)
    }
}

/// MurmurHash2 as Kafka's default partitioner uses it.
fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c_u32 ^ data.len() as u32;
    let chunks = data.chunks_exact(4);
    let rest = chunks.remainder();
    for chunk in chunks {
        let word = chunk
            .iter()
            .rev()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word.wrapping_mul(M);
        let word = (word ^ (word >> 24)).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ word;
    }
    if !rest.is_empty() {
        let word = rest
            .iter()
            .rev()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        hash = (hash ^ word).wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

impl Dialect for Kafka {
    fn shards(&self) -> u32 {
        self.topic.partition_count
    }

    fn feed(&self) -> Feed {
        Feed::Consumers
    }

    fn retention(&self) -> Option<SimDuration> {
        Some(SimDuration::from_secs(
            u64::from(self.topic.retention_hours) * 3_600,
        ))
    }

    fn has_iterator_age(&self) -> bool {
        false
    }

    fn accept(&self, incoming: &Incoming) -> Result<(), String> {
        match incoming.partition {
            Some(partition) if partition >= self.topic.partition_count => Err(format!(
                "The topic has {} partitions, counted from 0; there is no partition {partition}.",
                self.topic.partition_count
            )),
            _ => Ok(()),
        }
    }

    /// Where the producer says, else by the key's hash, else in turn.
    fn place(&self, incoming: &Incoming, arrived: u32) -> u32 {
        let partitions = self.topic.partition_count.max(1);
        incoming.partition.unwrap_or_else(|| match &incoming.key {
            Some(key) => (murmur2(key.as_bytes()) & 0x7fff_ffff) % partitions,
            None => arrived % partitions,
        })
    }

    /// What producers call the record's metadata.
    fn receipt(&self, context: &Context, record: &Record) -> String {
        json!({
            "topic": self.topic.topic_name,
            "partition": record.shard,
            "offset": record.offset,
            "timestamp": names::calendar_ms(context.epoch_ms, record.arrived),
        })
        .to_string()
    }

    fn record(&self, context: &Context, record: &Record) -> String {
        let headers = record.attributes.as_deref().unwrap_or_default();
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let bytes: Vec<i8> = value.bytes().map(|byte| byte as i8).collect();
                Value::Object(Map::from_iter([(name.clone(), json!(bytes))]))
            })
            .collect();
        let record = EventRecord {
            topic: &self.topic.topic_name,
            partition: record.shard,
            offset: record.offset,
            timestamp: names::calendar_ms(context.epoch_ms, record.arrived),
            timestamp_type: "CREATE_TIME",
            key: record
                .key
                .as_deref()
                .map(|key| STANDARD.encode(key.as_bytes())),
            value: STANDARD.encode(record.body.as_bytes()),
            headers,
        };
        serde_json::to_string(&record).unwrap_or_default()
    }

    fn view<'a>(&self, json: &'a str) -> Rendered<'a> {
        Rendered {
            json,
            inner: None,
            encoded: &["value", "key"],
            strings: true,
        }
    }

    fn overhead(&self) -> usize {
        let groups = self.topic.partition_count as usize * (self.topic.topic_name.len() + 16);
        512 + self.arn.len() + self.topic.bootstrap_servers.len() + groups
    }

    fn event(&self, records: &[(&Record, String)], _window: Option<&WindowInfo>) -> String {
        let mut text = if self.topic.self_managed {
            r#"{"eventSource":"SelfManagedKafka","#.to_owned()
        } else {
            format!(
                r#"{{"eventSource":"aws:kafka","eventSourceArn":"{}","#,
                self.arn
            )
        };
        text.push_str(r#""bootstrapServers":"#);
        text.push_str(&Value::from(self.topic.bootstrap_servers.as_str()).to_string());
        text.push_str(r#","records":{"#);
        let mut partitions: Vec<u32> = records.iter().map(|(record, _)| record.shard).collect();
        partitions.sort_unstable();
        partitions.dedup();
        for (index, partition) in partitions.into_iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&format!("\"{}\":[", self.partition(partition)));
            let own = records
                .iter()
                .filter(|(record, _)| record.shard == partition);
            join(&mut text, own.map(|(_, json)| json.as_str()));
            text.push(']');
        }
        text.push_str("}}");
        text
    }

    fn shard_id(&self, shard: u32) -> String {
        self.partition(shard)
    }

    fn is_named(&self, record: &Record, name: &Identifier) -> bool {
        matches!(name, Identifier::Offset { partition, offset }
            if *offset == record.offset && *partition == self.partition(record.shard))
    }

    fn batch_info(
        &self,
        context: &Context,
        records: &[Record],
        payload_bytes: usize,
    ) -> (&'static str, Value) {
        let mut by_partition = Map::new();
        for record in records {
            let time = ids::iso_millis(context.epoch_ms, record.arrived);
            let offset = record.offset.to_string();
            let info = by_partition
                .entry(self.partition(record.shard))
                .or_insert_with(|| json!({"firstRecordOffset": offset, "lastRecordOffset": offset, "firstRecordTimestamp": time, "lastRecordTimestamp": time}));
            if let Value::Object(info) = info {
                info.insert("lastRecordOffset".to_owned(), offset.into());
                info.insert("lastRecordTimestamp".to_owned(), time.into());
            }
        }
        let mut info = json!({
            "batchSize": records.len(),
            "eventSourceArn": self.arn,
            "bootstrapServers": self.topic.bootstrap_servers,
            "payloadSize": payload_bytes,
            "recordsInfo": by_partition,
        });
        if self.topic.self_managed
            && let Value::Object(info) = &mut info
        {
            info.remove("eventSourceArn");
        }
        ("KafkaBatchInfo", info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of Kafka's own test of its hash.
    #[test]
    fn keys_are_hashed_as_kafka_does() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
    }
}
