//! One stream of batches, strictly one after the other: a shard's, a part of a shard's, or a consumer's.

use std::collections::VecDeque;
use std::rc::Rc;

use super::record::Record;
use crate::lambda::event::RequestId;
use crate::lambda::event_source::{BatchId, Items, Place};
use crate::sim::SimTime;

/// Where batches are made.
#[derive(Debug)]
pub(super) struct Lane {
    pub place: Place,
    /// Records that were read and wait to be sent.
    pub queue: VecDeque<Record>,
    /// Their size in events, about.
    pub queued_bytes: usize,
    /// Since when the batch to come is gathered.
    pub since: Option<SimTime>,
    /// Parts of a split batch that come before the queue; the last one is first.
    pub parts: Vec<Batch>,
    pub state: State,
    /// The tumbling window that is open.
    pub window: Option<Window>,
    /// When something is to be done here, and known to be.
    pub timer: Option<SimTime>,
}

#[derive(Debug)]
pub(super) enum State {
    Idle,
    /// The function has it.
    Sent(Batch, BatchId),
    /// It is sent again at that time.
    Waiting(Batch, SimTime),
}

/// Records that are sent together, as often as it takes.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub records: Vec<Record>,
    /// The event, once it was built.
    pub payload: Option<Rc<str>>,
    /// Failures that count against the retries.
    pub failures: u32,
    /// How often the function ran with it.
    pub invocations: u32,
    /// Throttles since it last ran.
    pub throttles: u32,
    /// How often it was sent.
    pub sends: u32,
    /// The last run.
    pub last: Option<Run>,
    /// Whether it ends a tumbling window, and so has no records.
    pub closing: Option<Closing>,
}

/// A run of the function, as destination records tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub request_id: RequestId,
    /// Whether the function failed, rather than naming failed records.
    pub failed: bool,
}

/// The end of a tumbling window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closing {
    pub early: bool,
}

/// A tumbling window.
#[derive(Debug)]
pub(super) struct Window {
    pub start_ms: i64,
    /// JSON text, handed from one invocation to the next.
    pub state: String,
    /// The state outgrew its limit.
    pub outgrown: bool,
}

impl Lane {
    pub fn new(place: Place) -> Self {
        Self {
            place,
            queue: VecDeque::new(),
            queued_bytes: 0,
            since: None,
            parts: Vec::new(),
            state: State::Idle,
            window: None,
            timer: None,
        }
    }

    pub fn push(&mut self, now: SimTime, record: Record) {
        self.since.get_or_insert(now);
        self.queued_bytes += weight(&record);
        self.queue.push_back(record);
    }

    pub fn pop(&mut self) -> Option<Record> {
        let record = self.queue.pop_front()?;
        self.queued_bytes = self.queued_bytes.saturating_sub(weight(&record));
        Some(record)
    }

    /// Whether no batch is on its way or half done.
    pub fn is_free(&self) -> bool {
        matches!(self.state, State::Idle) && self.parts.is_empty()
    }

    /// Whether nothing is left to do.
    pub fn is_quiet(&self) -> bool {
        self.is_free() && self.queue.is_empty() && self.window.is_none()
    }

    /// Records that are here.
    pub fn stored(&self) -> usize {
        let state = match &self.state {
            State::Idle => 0,
            State::Sent(batch, _) | State::Waiting(batch, _) => batch.records.len(),
        };
        let parts: usize = self.parts.iter().map(|part| part.records.len()).sum();
        self.queue.len() + parts + state
    }
}

impl Batch {
    pub fn items(&self) -> Items {
        self.records.iter().map(|record| record.item).collect()
    }

    /// The same story with other records.
    pub fn with(&self, records: Vec<Record>) -> Self {
        Self {
            records,
            payload: None,
            closing: self.closing,
            ..*self
        }
    }
}

/// A record's size in an event, about: base64 makes four bytes of three.
fn weight(record: &Record) -> usize {
    record.body.len() / 3 * 4 + record.key.as_deref().map_or(0, str::len) + 400
}
