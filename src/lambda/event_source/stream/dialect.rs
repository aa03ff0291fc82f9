//! What makes one kind of stream different from the others.

use serde_json::Value;

use super::record::Record;
use crate::lambda::event_source::batch_response::Identifier;
use crate::lambda::event_source::filter::view::Rendered;
use crate::lambda::event_source::{Context, Incoming};
use crate::sim::{SimDuration, SimTime};

/// How records come to those who process them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feed {
    /// Each shard has its own lanes, and a partition key always the same one.
    Keyed,
    /// Each partition belongs to one of several consumers, whose number follows the backlog.
    Consumers,
    /// Everybody takes from one queue.
    Shared,
}

/// The properties of a tumbling window in an event.
pub(super) struct WindowInfo<'a> {
    pub start_ms: i64,
    pub end_ms: i64,
    pub state: &'a str,
    pub shard_id: String,
    pub is_final: bool,
    pub is_terminated_early: bool,
}

/// A kind of stream.
pub(super) trait Dialect {
    /// How many shards or partitions.
    fn shards(&self) -> u32;

    fn feed(&self) -> Feed;

    /// How long records are kept; none means for ever.
    fn retention(&self) -> Option<SimDuration>;

    /// How often the poller looks; zero means that it learns of records at once.
    fn period(&self) -> SimDuration {
        SimDuration::ZERO
    }

    /// How long a batch is gathered when no window is set.
    fn default_window(&self) -> SimDuration {
        SimDuration::from_millis(500)
    }

    /// Consumers at the same time, for [`Feed::Shared`].
    fn consumers(&self) -> u32 {
        1
    }

    /// How often a message is redelivered; none means for ever, and for streams that it is no matter of theirs.
    fn maximum_redeliveries(&self) -> Option<u32> {
        None
    }

    /// Whether batches have an iterator age.
    fn has_iterator_age(&self) -> bool {
        true
    }

    /// Whether a successful batch deletes its messages.
    fn deletes(&self) -> bool {
        false
    }

    /// Refuses what the source's API would refuse.
    ///
    /// # Errors
    /// With the API's words.
    fn accept(&self, incoming: &Incoming) -> Result<(), String>;

    /// The shard of something that arrives; `arrived` counts everything before it.
    fn place(&self, incoming: &Incoming, arrived: u32) -> u32;

    /// What the source's API says about a record that it took: see [`super::super::producer`].
    fn receipt(&self, context: &Context, record: &Record) -> String;

    /// A record as it stands in the event, JSON text.
    fn record(&self, context: &Context, record: &Record) -> String;

    /// A record as filters see it.
    fn view<'a>(&self, json: &'a str) -> Rendered<'a>;

    /// Bytes of an event besides its records and commas, at most.
    fn overhead(&self) -> usize;

    /// The event.
    fn event(&self, records: &[(&Record, String)], window: Option<&WindowInfo>) -> String;

    /// The name of a shard.
    fn shard_id(&self, shard: u32) -> String;

    /// Whether a function that names this item means this record.
    fn is_named(&self, record: &Record, name: &Identifier) -> bool;

    /// What a destination record says about a batch: the key and its object. The payload is the event.
    fn batch_info(
        &self,
        context: &Context,
        records: &[Record],
        payload_bytes: usize,
    ) -> (&'static str, Value);
}

/// Calendar seconds with milliseconds, the way streams write the time of arrival.
pub(super) fn seconds(context: &Context, at: SimTime) -> f64 {
    crate::lambda::names::calendar_ms(context.epoch_ms, at) as f64 / 1_000.0
}

/// `{"Records":[…]}` with a window's properties behind it.
pub(super) fn records_event(
    arn: &str,
    records: &[(&Record, String)],
    window: Option<&WindowInfo>,
) -> String {
    let bytes: usize = records.iter().map(|(_, json)| json.len() + 1).sum();
    let mut text = String::with_capacity(bytes + 16);
    text.push_str(r#"{"Records":["#);
    join(&mut text, records.iter().map(|(_, json)| json.as_str()));
    text.push(']');
    if let Some(window) = window {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            r#","window":{{"start":"{}","end":"{}"}},"state":{},"shardId":"{}","eventSourceARN":"{arn}","isFinalInvokeForWindow":{},"isWindowTerminatedEarly":{}"#,
            crate::lambda::event_source::ids::iso_seconds(window.start_ms),
            crate::lambda::event_source::ids::iso_seconds(window.end_ms),
            window.state,
            window.shard_id,
            window.is_final,
            window.is_terminated_early,
        );
    }
    text.push('}');
    text
}

/// Joins JSON texts by commas.
pub(super) fn join<'a>(text: &mut String, parts: impl Iterator<Item = &'a str>) {
    for (index, part) in parts.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(part);
    }
}
