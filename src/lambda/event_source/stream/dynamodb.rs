//! DynamoDB Streams. A change arrives as JSON with `Keys`, `NewImage` and `OldImage`, and if need be `eventName` and
//! `userIdentity`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::dialect::{Dialect, Feed, WindowInfo, records_event, seconds};
use super::kinesis::shard_batch;
use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::source::{StreamViewType, TableStream};
use crate::lambda::event_source::{Context, Incoming, ids};
use crate::lambda::names::REGION;
use crate::sim::SimDuration;

/// The stream of a table.
pub(super) struct DynamoDb {
    table: TableStream,
    arn: String,
    seed: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventRecord<'a> {
    #[serde(rename = "eventID")]
    event_id: String,
    event_name: &'a str,
    event_version: &'static str,
    event_source: &'static str,
    aws_region: &'static str,
    dynamodb: StreamRecord<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_identity: Option<&'a Value>,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct StreamRecord<'a> {
    approximate_creation_date_time: f64,
    keys: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_image: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_image: Option<&'a Value>,
    sequence_number: String,
    size_bytes: usize,
    stream_view_type: &'static str,
}

/// A change as it arrived.
struct Change(Map<String, Value>);

impl Change {
    fn parse(body: &str) -> Option<Self> {
        match serde_json::from_str(body) {
            Ok(Value::Object(mut object)) => {
                // Whole records are welcome too.
                if let Some(Value::Object(inner)) = object.remove("dynamodb") {
                    object.extend(inner);
                }
                Some(Self(object))
            }
            _ => None,
        }
    }

    fn part(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| value.is_object())
    }

    fn name(&self) -> &str {
        let told = self.0.get("eventName").and_then(Value::as_str);
        told.unwrap_or(match (self.part("NewImage"), self.part("OldImage")) {
            (Some(_), Some(_)) => "MODIFY",
            (None, Some(_)) => "REMOVE",
            _ => "INSERT",
        })
    }
}

/// An attribute's size after DynamoDB's rules, near enough: names and strings by their bytes, numbers by half their digits.
fn size(attributes: &Value) -> usize {
    match attributes {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| name.len() + value_size(value))
            .sum(),
        _ => 0,
    }
}

fn value_size(value: &Value) -> usize {
    let Some((kind, content)) = value.as_object().and_then(|object| object.iter().next()) else {
        return 0;
    };
    match (kind.as_str(), content) {
        ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
        (_, Value::String(text)) => text.len(),
        ("M", map) => 3 + size(map),
        ("L", Value::Array(list)) => 3 + list.iter().map(value_size).sum::<usize>(),
        (_, Value::Array(set)) => set.iter().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

impl DynamoDb {
    pub fn new(table: &TableStream, seed: u64) -> Self {
        Self {
            table: table.clone(),
            arn: table.arn(),
            seed,
        }
    }
}

fn sequence_number(record: &Record) -> String {
    format!(
        "{}{:019}",
        44_215_800_000 + u64::from(record.shard),
        record.offset + 1
    )
}

impl Dialect for DynamoDb {
    fn shards(&self) -> u32 {
        self.table.shard_count
    }

    fn feed(&self) -> Feed {
        Feed::Keyed
    }

    fn retention(&self) -> Option<SimDuration> {
        Some(SimDuration::from_secs(24 * 3_600))
    }

    /// Four times a second.
    fn period(&self) -> SimDuration {
        SimDuration::from_millis(250)
    }

    fn default_window(&self) -> SimDuration {
        SimDuration::ZERO
    }

    fn accept(&self, incoming: &Incoming) -> Result<(), String> {
        match Change::parse(&incoming.body) {
            Some(change) if change.part("Keys").is_some() => Ok(()),
            _ => Err("A change is a JSON object with the item's Keys.".to_owned()),
        }
    }

    /// By the item's key.
    fn place(&self, incoming: &Incoming, _arrived: u32) -> u32 {
        let change = Change::parse(&incoming.body);
        let keys = change.as_ref().and_then(|change| change.part("Keys"));
        let key = keys.map(Value::to_string).unwrap_or_default();
        (ids::md5_number(key.as_bytes()) % u128::from(self.table.shard_count.max(1))) as u32
    }

    /// The kind of change; nothing when it was the table's Time to Live that made it.
    fn receipt(&self, _context: &Context, record: &Record) -> String {
        Change::parse(&record.body)
            .filter(|change| change.part("userIdentity").is_none())
            .map_or_else(String::new, |change| change.name().to_owned())
    }

    fn record(&self, context: &Context, record: &Record) -> String {
        let Some(change) = Change::parse(&record.body) else {
            return String::new();
        };
        let view = self.table.stream_view_type;
        let both = view == StreamViewType::NewAndOldImages;
        let new_image = change
            .part("NewImage")
            .filter(|_| both || view == StreamViewType::NewImage);
        let old_image = change
            .part("OldImage")
            .filter(|_| both || view == StreamViewType::OldImage);
        let keys = change.part("Keys").unwrap_or(&Value::Null);
        let id = ids::bits(self.seed, ids::kind::CHANGE, u64::from(record.item.0));
        let record = EventRecord {
            event_id: ids::hex(&id.to_be_bytes()),
            event_name: change.name(),
            event_version: "1.1",
            event_source: "aws:dynamodb",
            aws_region: REGION,
            dynamodb: StreamRecord {
                // Streams tell whole seconds.
                approximate_creation_date_time: seconds(context, record.arrived).floor(),
                keys,
                new_image,
                old_image,
                sequence_number: sequence_number(record),
                size_bytes: size(keys) + new_image.map_or(0, size) + old_image.map_or(0, size),
                stream_view_type: view.name(),
            },
            user_identity: change.part("userIdentity"),
            event_source_arn: &self.arn,
        };
        serde_json::to_string(&record).unwrap_or_default()
    }

    fn view<'a>(&self, json: &'a str) -> Rendered<'a> {
        Rendered {
            json,
            inner: None,
            encoded: &[],
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
        format!(
            "shardId-00000001767614400000-{:08x}",
            0x8ee7_2c30_u32.wrapping_add(shard)
        )
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
        ("DDBStreamBatchInfo", info)
    }
}
