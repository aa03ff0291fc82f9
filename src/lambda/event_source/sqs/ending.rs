//! What becomes of a batch's messages when its invocation ends.

use std::collections::{BTreeMap, BTreeSet};

use super::Sqs;
use super::batch::Batch;
use crate::lambda::event_source::batch_response::{self, Identifier, Verdict};
use crate::lambda::event_source::note::{BatchEnd, Failure};
use crate::lambda::event_source::{Action, Actions, BatchId, Items, Place, SourceEvent, ids};
use crate::sim::{SimDuration, SimTime};

/// The first wait before a throttled batch is tried again; each further one is twice as long, up to [`THROTTLE_WAIT`]. Lambda
/// publishes neither.
pub const FIRST_THROTTLE_WAIT: SimDuration = SimDuration::from_secs(1);

/// The longest wait before a throttled batch is tried again.
pub const THROTTLE_WAIT: SimDuration = SimDuration::from_secs(30);

/// What became of a batch's messages.
pub(super) struct Ending {
    pub end: BatchEnd,
    pub deleted: Items,
}

impl Ending {
    pub fn failed(failure: Failure) -> Self {
        Self {
            end: BatchEnd::Failed(failure),
            deleted: Items::default(),
        }
    }

    pub fn invalid() -> Self {
        Self::failed(Failure::InvalidBatchResponse)
    }
}

impl Sqs {
    pub(super) fn succeeded(&mut self, batch: &Batch, payload: &str) -> Ending {
        if !self.reports_failures {
            return self.delete_all(batch, BatchEnd::Succeeded);
        }
        let names = match batch_response::read(payload) {
            Verdict::Success => return self.delete_all(batch, BatchEnd::Succeeded),
            Verdict::Invalid => return Ending::invalid(),
            Verdict::Failed(names) => names,
        };
        let by_name: BTreeMap<String, usize> = batch
            .items
            .iter()
            .enumerate()
            .map(|(index, (item, _))| (ids::message_id(self.context.seed, *item), index))
            .collect();
        let mut failed = BTreeSet::new();
        for name in names {
            let known = match &name {
                Identifier::Name(name) => by_name.get(name),
                Identifier::Offset { .. } => None,
            };
            match known {
                Some(index) => failed.insert(*index),
                None => return Ending::invalid(),
            };
        }
        let mut deleted = Items::default();
        for (index, (item, lease)) in batch.items.iter().enumerate() {
            if !failed.contains(&index) && self.queue.delete(*item, *lease) {
                deleted.push(*item);
            }
        }
        Ending {
            end: BatchEnd::PartiallyFailed,
            deleted,
        }
    }

    fn delete_all(&mut self, batch: &Batch, end: BatchEnd) -> Ending {
        let mut deleted = Items::default();
        for (item, lease) in &batch.items {
            if self.queue.delete(*item, *lease) {
                deleted.push(*item);
            }
        }
        Ending { end, deleted }
    }

    /// Tells until when what is left of a batch stays invisible.
    pub(super) fn leave(&mut self, batch: &Batch, actions: &mut Actions) {
        let mut hidden: BTreeMap<SimTime, Items> = BTreeMap::new();
        for (item, lease) in &batch.items {
            if self.queue.holds(*item, *lease)
                && let Some(due) = self.queue.due(*lease)
            {
                hidden.entry(due).or_default().push(*item);
            }
        }
        for (until, items) in hidden {
            actions.push(Action::Note(SourceEvent::Hidden { items, until }));
        }
    }

    /// A throttled batch is tried again, as long as its messages stay invisible.
    pub(super) fn try_again(
        &mut self,
        now: SimTime,
        id: BatchId,
        batch: Batch,
        actions: &mut Actions,
    ) {
        let wait = FIRST_THROTTLE_WAIT.saturating_mul(1 << (batch.attempts - 1).min(16));
        let due = now + wait.min(THROTTLE_WAIT);
        let until = batch
            .leases()
            .filter_map(|lease| self.queue.due(lease))
            .min();
        if until.is_some_and(|until| due < until) {
            actions.push(Action::Note(SourceEvent::RetryScheduled {
                place: Place::default(),
                batch: id,
                due,
            }));
            self.throttled.insert((due, id));
            self.sent.insert(id, batch);
        } else {
            self.leave(&batch, actions);
        }
    }
}
