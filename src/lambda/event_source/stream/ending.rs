//! What becomes of a batch when its invocation ends.

use super::lane::{Batch, Run, State};
use super::record::Record;
use super::rules::{STATE_BYTES, backoff};
use super::{Action, Actions, BatchId, Finished, Items, SourceEvent, Stream};
use crate::lambda::event_source::Outcome;
use crate::lambda::event_source::batch_response::{self, Identifier, Verdict};
use crate::lambda::event_source::note::{BatchEnd, DiscardReason, Failure};
use crate::sim::SimTime;

impl Stream {
    pub(super) fn ended(
        &mut self,
        now: SimTime,
        number: u32,
        end: Finished,
        actions: &mut Actions,
    ) {
        let Some(lane) = self.lanes.get_mut(number as usize) else {
            return;
        };
        let (mut batch, id) = match std::mem::replace(&mut lane.state, State::Idle) {
            State::Sent(batch, id) => (batch, id),
            state => {
                lane.state = state;
                return;
            }
        };
        let (result, left) = match &end.outcome {
            Outcome::Success { payload } => self.read_response(number, &mut batch, payload),
            Outcome::FunctionError => (BatchEnd::Failed(Failure::FunctionError), Vec::new()),
            Outcome::Throttled => (BatchEnd::Throttled, Vec::new()),
            Outcome::ServiceError => (BatchEnd::ServiceError, Vec::new()),
        };
        actions.push(Action::Note(SourceEvent::BatchEnded {
            batch: id,
            end: result,
        }));
        if !matches!(result, BatchEnd::Throttled | BatchEnd::ServiceError) {
            batch.invocations += 1;
            batch.throttles = 0;
            batch.last = Some(Run {
                request_id: end.request_id,
                failed: result == BatchEnd::Failed(Failure::FunctionError),
            });
        }
        match result {
            BatchEnd::Succeeded => self.succeeded(number, id, batch, actions),
            BatchEnd::PartiallyFailed => {
                let progress = !batch.records.is_empty();
                self.acknowledge(id, &batch.records, actions);
                let mut rest = batch.with(left);
                // The failures before were another record's.
                if progress {
                    rest.failures = 0;
                }
                self.failed(now, number, id, rest, false, actions);
            }
            BatchEnd::Failed(_) => self.failed(now, number, id, batch, true, actions),
            BatchEnd::Throttled | BatchEnd::ServiceError => {
                batch.throttles += 1;
                let times = batch.throttles;
                self.retry(now, number, id, batch, times, actions);
            }
        }
    }

    /// What a response means. After a partial failure the batch holds what is done, and the list what is left.
    fn read_response(
        &mut self,
        number: u32,
        batch: &mut Batch,
        payload: &str,
    ) -> (BatchEnd, Vec<Record>) {
        let state = match (self.rules.tumbling_ms, batch.closing) {
            (Some(_), None) => match batch_response::state(payload) {
                Some(state) => Some(state),
                None => return (BatchEnd::Failed(Failure::MissingState), Vec::new()),
            },
            _ => None,
        };
        let mut result = (BatchEnd::Succeeded, Vec::new());
        if self.rules.reports_failures {
            match batch_response::read(payload) {
                Verdict::Success => {}
                Verdict::Invalid => {
                    return (BatchEnd::Failed(Failure::InvalidBatchResponse), Vec::new());
                }
                Verdict::Failed(names) => match self.left_after(batch, &names) {
                    Some(left) => result = (BatchEnd::PartiallyFailed, left),
                    None => {
                        return (BatchEnd::Failed(Failure::InvalidBatchResponse), Vec::new());
                    }
                },
            }
        }
        if let Some(state) = state
            && let Some(lane) = self.lanes.get_mut(number as usize)
            && let Some(window) = &mut lane.window
        {
            window.outgrown = state.len() > STATE_BYTES;
            window.state = state;
        }
        result
    }

    /// In every shard the earliest record that is named is the checkpoint: from there on everything is left to do. None
    /// when a name is not of this batch.
    fn left_after(&self, batch: &mut Batch, names: &[Identifier]) -> Option<Vec<Record>> {
        let mut first = std::collections::BTreeMap::new();
        for name in names {
            let record = batch
                .records
                .iter()
                .find(|record| self.dialect.is_named(record, name))?;
            let offset = first.entry(record.shard).or_insert(record.offset);
            *offset = record.offset.min(*offset);
        }
        let (left, done) = std::mem::take(&mut batch.records)
            .into_iter()
            .partition(|record| {
                first
                    .get(&record.shard)
                    .is_some_and(|offset| record.offset >= *offset)
            });
        batch.records = done;
        Some(left)
    }

    fn succeeded(&mut self, number: u32, id: BatchId, batch: Batch, actions: &mut Actions) {
        self.acknowledge(id, &batch.records, actions);
        if batch.closing.is_some() {
            self.close_window(number, actions);
        }
    }

    fn acknowledge(&mut self, id: BatchId, records: &[Record], actions: &mut Actions) {
        records.iter().for_each(|record| self.done(record));
        if !records.is_empty() {
            let items = records.iter().map(|record| record.item).collect();
            actions.push(Action::Note(if self.dialect.deletes() {
                SourceEvent::Deleted { batch: id, items }
            } else {
                SourceEvent::Processed { batch: id, items }
            }));
        }
    }

    fn close_window(&mut self, number: u32, actions: &mut Actions) {
        if let Some(lane) = self.lanes.get_mut(number as usize)
            && let Some(window) = lane.window.take()
        {
            actions.push(Action::Note(SourceEvent::WindowClosed {
                place: lane.place,
                start_ms: window.start_ms,
                early: window.outgrown,
            }));
        }
    }

    fn failed(
        &mut self,
        now: SimTime,
        number: u32,
        id: BatchId,
        mut batch: Batch,
        splits: bool,
        actions: &mut Actions,
    ) {
        if self.dialect.deletes() {
            self.redeliver(&mut batch, actions);
            if batch.records.is_empty() {
                return;
            }
        }
        if splits && self.rules.bisects && batch.records.len() > 1 {
            self.bisect(number, id, batch, actions);
            return;
        }
        batch.failures += 1;
        let exhausted = self
            .rules
            .maximum_retries
            .is_some_and(|retries| batch.failures > retries);
        if !exhausted {
            let times = batch.failures;
            self.retry(now, number, id, batch, times, actions);
            return;
        }
        let closing = batch.closing.is_some();
        let records = std::mem::take(&mut batch.records);
        let reason = DiscardReason::RetryAttemptsExhausted;
        self.give_up(now, records, &batch, reason, actions);
        if closing {
            self.close_window(number, actions);
        }
    }

    fn retry(
        &mut self,
        now: SimTime,
        number: u32,
        id: BatchId,
        batch: Batch,
        times: u32,
        actions: &mut Actions,
    ) {
        let due = now + backoff(times);
        if let Some(lane) = self.lanes.get_mut(number as usize) {
            actions.push(Action::Note(SourceEvent::RetryScheduled {
                place: lane.place,
                batch: id,
                due,
            }));
            lane.state = State::Waiting(batch, due);
        }
    }

    /// Splits a batch in two, which does not use up a retry.
    fn bisect(&mut self, number: u32, id: BatchId, mut batch: Batch, actions: &mut Actions) {
        let second = batch.records.split_off(batch.records.len() / 2);
        let first = std::mem::take(&mut batch.records);
        let Some(lane) = self.lanes.get_mut(number as usize) else {
            return;
        };
        actions.push(Action::Note(SourceEvent::Bisected {
            place: lane.place,
            batch: id,
            first: first.len() as u32,
            second: second.len() as u32,
        }));
        for records in [second, first] {
            let mut part = batch.with(records);
            part.sends = 0;
            lane.parts.push(part);
        }
    }

    /// The broker takes back what was delivered too often, and marks the rest as redelivered.
    fn redeliver(&mut self, batch: &mut Batch, actions: &mut Actions) {
        batch.payload = None;
        let maximum = self.dialect.maximum_redeliveries();
        let (kept, dead): (Vec<_>, Vec<_>) = std::mem::take(&mut batch.records)
            .into_iter()
            .map(|record| Record {
                deliveries: record.deliveries + 1,
                ..record
            })
            .partition(|record| maximum.is_none_or(|maximum| record.deliveries <= maximum));
        batch.records = kept;
        if !dead.is_empty() {
            dead.iter().for_each(|record| self.done(record));
            let items: Items = dead.iter().map(|record| record.item).collect();
            self.dead.extend(items.iter());
            actions.push(Action::Note(SourceEvent::MovedToDeadLetterQueue { items }));
        }
    }
}
