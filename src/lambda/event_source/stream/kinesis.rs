//! Kinesis data streams.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};

use super::dialect::{Dialect, Feed, WindowInfo, records_event, seconds};
use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::source::DataStream;
use crate::lambda::event_source::{Context, Incoming, ids};
use crate::lambda::names::{ACCOUNT, REGION};
use crate::sim::SimDuration;

/// Largest record: a stream's default.
const RECORD_BYTES: usize = 1_048_576;

/// A Kinesis data stream.
pub(super) struct Kinesis {
    stream: DataStream,
    arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    kinesis: Data<'a>,
    event_source: &'static str,
    event_version: &'static str,
    #[serde(rename = "eventID")]
    event_id: String,
    event_name: &'static str,
    invoke_identity_arn: String,
    aws_region: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    kinesis_schema_version: &'static str,
    partition_key: &'a str,
    sequence_number: &'a str,
    data: String,
    approximate_arrival_timestamp: f64,
}

impl Kinesis {
    pub fn new(stream: &DataStream) -> Self {
        Self {
            stream: stream.clone(),
            arn: stream.arn(),
        }
    }
}

/// Fifty-six digits that grow along a shard, as real ones do.
fn sequence_number(record: &Record) -> String {
    format!("49671{:05}{:046}", record.shard, record.offset + 1)
}

impl Dialect for Kinesis {
    fn shards(&self) -> u32 {
        self.stream.shard_count
    }

    fn feed(&self) -> Feed {
        Feed::Keyed
    }

    fn retention(&self) -> Option<SimDuration> {
        Some(SimDuration::from_secs(
            u64::from(self.stream.retention_period_hours) * 3_600,
        ))
    }

    /// Once a second; a consumer with enhanced fan-out is pushed to.
    fn period(&self) -> SimDuration {
        if self.stream.consumer_name.is_some() {
            SimDuration::ZERO
        } else {
            SimDuration::from_secs(1)
        }
    }

    fn default_window(&self) -> SimDuration {
        SimDuration::ZERO
    }

    fn accept(&self, incoming: &Incoming) -> Result<(), String> {
        let key = incoming.key.as_deref().unwrap_or_default();
        if key.is_empty() || key.chars().count() > 256 {
            return Err(format!(
                "1 validation error detected: Value '{key}' at 'partitionKey' failed to satisfy constraint: Member must \
                 have length between 1 and 256"
            ));
        }
        if incoming.body.len() + key.len() > RECORD_BYTES {
            return Err(format!(
                "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less \
                 than or equal to {RECORD_BYTES}"
            ));
        }
        Ok(())
    }

    /// By the key's MD5, on shards of equal width.
    fn place(&self, incoming: &Incoming, _arrived: u32) -> u32 {
        let key = incoming.key.as_deref().unwrap_or_default();
        // The high half decides: shards are far wider than 2^64.
        let high = (ids::md5_number(key.as_bytes()) >> 64) as u64;
        ((u128::from(high) * u128::from(self.stream.shard_count)) >> 64) as u32
    }

    fn receipt(&self, _context: &Context, record: &Record) -> String {
        format!(
            r#"{{"ShardId":"{}","SequenceNumber":"{}"}}"#,
            self.shard_id(record.shard),
            sequence_number(record)
        )
    }

    fn record(&self, context: &Context, record: &Record) -> String {
        let sequence = sequence_number(record);
        let record = EventRecord {
            kinesis: Data {
                kinesis_schema_version: "1.0",
                partition_key: record.key.as_deref().unwrap_or_default(),
                sequence_number: &sequence,
                data: STANDARD.encode(record.body.as_bytes()),
                approximate_arrival_timestamp: seconds(context, record.arrived),
            },
            event_source: "aws:kinesis",
            event_version: "1.0",
            event_id: format!("{}:{sequence}", self.shard_id(record.shard)),
            event_name: "aws:kinesis:record",
            invoke_identity_arn: format!("arn:aws:iam::{ACCOUNT}:role/lambda-role"),
            aws_region: REGION,
            event_source_arn: &self.arn,
        };
        serde_json::to_string(&record).unwrap_or_default()
    }

    fn view<'a>(&self, json: &'a str) -> Rendered<'a> {
        Rendered {
            json,
            inner: Some("kinesis"),
            encoded: &["data"],
            strings: false,
        }
    }

    fn overhead(&self) -> usize {
        1_024
    }

    fn event(&self, records: &[(&Record, String)], window: Option<&WindowInfo>) -> String {
        records_event(&self.arn, records, window)
    }

    fn shard_id(&self, shard: u32) -> String {
        format!("shardId-{shard:012}")
    }

    fn is_named(&self, record: &Record, name: &Identifier) -> bool {
        matches!(name, Identifier::Name(name) if *name == sequence_number(record))
    }

    fn batch_info(
        &self,
        context: &Context,
        records: &[Record],
        _payload_bytes: usize,
    ) -> (&'static str, Value) {
        let info = shard_batch(context, &self.arn, records, |record| {
            (self.shard_id(record.shard), sequence_number(record))
        });
        ("KinesisBatchInfo", info)
    }
}

/// `KinesisBatchInfo` and `DDBStreamBatchInfo` have the same keys. `name` gives shard id and sequence number.
pub(super) fn shard_batch(
    context: &Context,
    arn: &str,
    records: &[Record],
    name: impl Fn(&Record) -> (String, String),
) -> Value {
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return Value::Null;
    };
    let (shard_id, start) = name(first);
    let (_, end) = name(last);
    json!({
        "shardId": shard_id,
        "startSequenceNumber": start,
        "endSequenceNumber": end,
        "approximateArrivalOfFirstRecord": ids::iso_millis(context.epoch_ms, first.arrived),
        "approximateArrivalOfLastRecord": ids::iso_millis(context.epoch_ms, last.arrived),
        "batchSize": records.len(),
        "streamArn": arn,
    })
}
