//! DocumentDB change streams. A change arrives as the change event's JSON; what it leaves out is made up.

use serde_json::{Value, json};

use super::dialect::{Dialect, Feed, WindowInfo, join};
use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::source::{ChangeStream, Source};
use crate::lambda::event_source::{Context, Incoming};
use crate::lambda::names;
use crate::sim::SimDuration;

/// A change stream.
pub(super) struct DocumentDb {
    stream: ChangeStream,
    arn: String,
}

impl DocumentDb {
    pub fn new(stream: &ChangeStream) -> Self {
        Self {
            stream: stream.clone(),
            arn: Source::DocumentDb(stream.clone()).arn(),
        }
    }
}

impl Dialect for DocumentDb {
    fn shards(&self) -> u32 {
        1
    }

    fn feed(&self) -> Feed {
        Feed::Keyed
    }

    fn retention(&self) -> Option<SimDuration> {
        Some(SimDuration::from_secs(
            u64::from(self.stream.change_stream_log_retention_hours) * 3_600,
        ))
    }

    fn accept(&self, incoming: &Incoming) -> Result<(), String> {
        match serde_json::from_str::<Value>(&incoming.body) {
            Ok(Value::Object(_)) => Ok(()),
            _ => Err("A change is a JSON object.".to_owned()),
        }
    }

    fn place(&self, _incoming: &Incoming, _arrived: u32) -> u32 {
        0
    }

    /// The kind of change.
    fn receipt(&self, _context: &Context, record: &Record) -> String {
        let change: Value = serde_json::from_str(&record.body).unwrap_or_default();
        let kind = change.get("operationType").and_then(Value::as_str);
        kind.unwrap_or("insert").to_owned()
    }

    fn record(&self, context: &Context, record: &Record) -> String {
        let seconds = names::calendar_ms(context.epoch_ms, record.arrived).div_euclid(1_000);
        let id = format!("{:024x}", record.offset + 1);
        let mut event = json!({
            "_id": {"_data": format!("01{seconds:08x}{:08x}", record.offset + 1)},
            "clusterTime": {"$timestamp": {"t": seconds, "i": record.offset + 1}},
            "documentKey": {"_id": {"$oid": id}},
            "ns": {"db": self.stream.database_name, "coll": self.stream.collection_name},
            "operationType": "insert",
        });
        if let (Value::Object(event), Ok(Value::Object(told))) =
            (&mut event, serde_json::from_str(&record.body))
        {
            event.extend(told);
        }
        json!({ "event": event }).to_string()
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
        512 + self.arn.len()
    }

    fn event(&self, records: &[(&Record, String)], _window: Option<&WindowInfo>) -> String {
        let mut text = format!(r#"{{"eventSourceArn":"{}","events":["#, self.arn);
        join(&mut text, records.iter().map(|(_, json)| json.as_str()));
        text.push_str(r#"],"eventSource":"aws:docdb"}"#);
        text
    }

    fn shard_id(&self, _shard: u32) -> String {
        self.stream.collection_name.clone()
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
        // Change streams have no on-failure destination.
        ("DocumentDBBatchInfo", Value::Null)
    }
}
