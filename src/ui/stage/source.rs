//! What lies at an event source: which messages or records wait, are out with the function, or are done with.

use std::collections::BTreeMap;

use crate::lambda::event_source::note::ItemId;
use crate::lambda::event_source::{Items, SourceEvent};
use crate::sim::SimTime;

/// Where one message or record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In the queue or stream, to be read.
    Waiting,
    /// Read: in a poller's hands, or in a batch with the function.
    Out,
    /// In the queue, but nobody can receive it until its visibility timeout ends.
    Hidden,
}

/// The items of one source that are not done with, and how many went which way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backlog {
    items: BTreeMap<ItemId, At>,
    /// All that came.
    pub arrived: u64,
    /// Processed, and deleted or passed over.
    pub done: u64,
    /// Left out by the filter criteria, or by the starting position.
    pub passed_over: u64,
    /// Moved to the source's dead-letter queue.
    pub dead: u64,
    /// Given up: retries used, too old, expired.
    pub given_up: u64,
    /// When the next batch is tried again, or the next message can be received again.
    pub next: Option<SimTime>,
    /// Concurrent batches that the mapping may process; none until it says so.
    pub pollers: Option<u32>,
}

impl Backlog {
    /// How many items it follows.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// How many wait to be read.
    pub fn waiting(&self) -> usize {
        self.count(At::Waiting)
    }

    /// How many are out with the function.
    pub fn out(&self) -> usize {
        self.count(At::Out)
    }

    /// How many cannot be received for the moment.
    pub fn hidden(&self) -> usize {
        self.count(At::Hidden)
    }

    fn count(&self, place: At) -> usize {
        self.items.values().filter(|at| **at == place).count()
    }

    fn put(&mut self, items: &Items, at: At) {
        for item in items.iter() {
            self.items.insert(item, at);
        }
    }

    /// Takes items away; answers how many were there.
    fn take(&mut self, items: &Items) -> u64 {
        items
            .iter()
            .filter(|item| self.items.remove(item).is_some())
            .count() as u64
    }

    /// Follows what happens at the source.
    pub(super) fn apply(&mut self, at: SimTime, event: &SourceEvent) {
        if self.next.is_some_and(|due| due <= at) {
            self.next = None;
        }
        match event {
            SourceEvent::Arrived { items } => {
                self.arrived += items.len() as u64;
                self.put(items, At::Waiting);
            }
            SourceEvent::Polled { items, .. } | SourceEvent::BatchSent { items, .. } => {
                self.put(items, At::Out);
            }
            SourceEvent::FilteredOut { items } | SourceEvent::Skipped { items } => {
                self.passed_over += self.take(items);
            }
            SourceEvent::Processed { items, .. } | SourceEvent::Deleted { items, .. } => {
                self.done += self.take(items);
            }
            SourceEvent::Hidden { items, until } => {
                self.put(items, At::Hidden);
                self.next = Some(self.next.map_or(*until, |next| next.min(*until)));
            }
            SourceEvent::Returned { items } => self.put(items, At::Waiting),
            SourceEvent::MovedToDeadLetterQueue { items } => self.dead += self.take(items),
            SourceEvent::Redriven { items, renumbered } => {
                self.dead = self.dead.saturating_sub(items.len() as u64);
                self.put(renumbered, At::Waiting);
            }
            SourceEvent::Expired { items } | SourceEvent::Discarded { items, .. } => {
                self.given_up += self.take(items);
            }
            SourceEvent::RetryScheduled { due, .. } => self.next = Some(*due),
            SourceEvent::PollersScaled { to, .. } => self.pollers = Some(*to),
            SourceEvent::Deduplicated { .. }
            | SourceEvent::Rejected { .. }
            | SourceEvent::ProducerSaw { .. }
            | SourceEvent::BatchEnded { .. }
            | SourceEvent::Bisected { .. }
            | SourceEvent::Checkpointed { .. }
            | SourceEvent::WindowClosed { .. } => {}
        }
    }
}
