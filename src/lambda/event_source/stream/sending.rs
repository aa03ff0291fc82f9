//! From lanes to the function: batches gathered, cut to size and sent, tumbling windows opened and closed.

use std::rc::Rc;

use super::dialect::WindowInfo;
use super::discard::Discard;
use super::lane::{Batch, Closing, State, Window};
use super::record::Record;
use super::{Action, Actions, BatchId, Items, SourceEvent, Stream};
use crate::lambda::event_source::BATCH_BYTES;
use crate::lambda::event_source::note::DiscardReason;
use crate::lambda::names;
use crate::sim::SimTime;

impl Stream {
    /// Sends what a lane can send at `now`, or sets its timer.
    pub(super) fn advance(&mut self, now: SimTime, number: u32, actions: &mut Actions) {
        loop {
            let Some(lane) = self.lanes.get_mut(number as usize) else {
                return;
            };
            let batch = match std::mem::replace(&mut lane.state, State::Idle) {
                State::Waiting(batch, due) if due <= now => Some(batch),
                State::Idle => lane.parts.pop(),
                state => {
                    lane.state = state;
                    if let State::Waiting(_, due) = lane.state {
                        self.set_timer(number, due);
                    }
                    return;
                }
            };
            let Some(batch) = batch.or_else(|| self.gather(now, number, actions)) else {
                return;
            };
            let batch = self.without_the_old(now, batch, actions);
            if !batch.records.is_empty() || batch.closing.is_some() {
                self.send(now, number, batch, actions);
                return;
            }
        }
    }

    /// Takes a batch from the lane's queue, if it is time; else sets the lane's timer.
    fn gather(&mut self, now: SimTime, number: u32, actions: &mut Actions) -> Option<Batch> {
        if self.rules.tumbling_ms.is_some()
            && let Some(closing) = self.turn_window(now, number)
        {
            return Some(Batch {
                closing: Some(closing),
                ..Batch::default()
            });
        }
        let end_ms = self.window_end_ms(number);
        let epoch_ms = self.context.epoch_ms;
        let in_window = |record: &Record| {
            end_ms.is_none_or(|end| names::calendar_ms(epoch_ms, record.arrived) < end)
        };
        let lane = self.lanes.get(number as usize)?;
        lane.queue.front()?;
        let size = self.rules.batch_size;
        // A window's records come first, so it is enough to look at the one that would fill the batch, and the last.
        let last = lane.queue.back();
        let full = lane.queue.get(size - 1).is_some()
            || lane.queued_bytes >= BATCH_BYTES
            || !last.is_some_and(&in_window);
        let due = lane.since.unwrap_or(now) + self.rules.window;
        let over = end_ms.is_some_and(|end| names::calendar_ms(epoch_ms, now) >= end);
        if !full && !over && due > now {
            self.set_timer(number, due);
            return None;
        }
        let batch = self.cut(now, number, size, in_window, actions);
        // All that was taken was too large to send: what comes next?
        if batch.records.is_empty() {
            return self.gather(now, number, actions);
        }
        Some(batch)
    }

    /// Takes up to `size` records that fit into one event, and builds it.
    fn cut(
        &mut self,
        now: SimTime,
        number: u32,
        size: usize,
        in_window: impl Fn(&Record) -> bool,
        actions: &mut Actions,
    ) -> Batch {
        let mut batch = Batch::default();
        let mut rendered: Vec<(Record, String)> = Vec::new();
        let mut oversized = Vec::new();
        let mut room = BATCH_BYTES.saturating_sub(self.dialect.overhead());
        if let Some(lane) = self.lanes.get_mut(number as usize) {
            let state = lane.window.as_ref().map_or(0, |window| window.state.len());
            room = room.saturating_sub(state);
            let whole = room;
            while rendered.len() < size
                && let Some(record) = lane.queue.front()
                && in_window(record)
            {
                let json = self.dialect.record(&self.context, record);
                let bytes = json.len() + 1;
                if bytes > room && bytes <= whole {
                    break;
                }
                let Some(record) = lane.pop() else {
                    break;
                };
                if bytes > whole {
                    oversized.push(record);
                    continue;
                }
                room -= bytes;
                rendered.push((record, json));
            }
            lane.since = (!lane.queue.is_empty()).then_some(now);
        }
        for record in oversized {
            self.give_up(
                now,
                vec![record],
                &Batch::default(),
                DiscardReason::MaximumPayloadSizeExceeded,
                actions,
            );
        }
        batch.payload = Some(self.build(number, &rendered, None));
        batch.records = rendered.into_iter().map(|(record, _)| record).collect();
        batch
    }

    fn build(
        &self,
        number: u32,
        rendered: &[(Record, String)],
        closing: Option<Closing>,
    ) -> Rc<str> {
        let lane = self.lanes.get(number as usize);
        let window = lane.and_then(|lane| {
            let (window, length) = (lane.window.as_ref()?, self.rules.tumbling_ms?);
            Some(WindowInfo {
                start_ms: window.start_ms,
                end_ms: window.start_ms + length,
                state: &window.state,
                shard_id: self.dialect.shard_id(lane.place.shard),
                is_final: closing.is_some(),
                is_terminated_early: closing.is_some_and(|closing| closing.early),
            })
        });
        let parts: Vec<_> = rendered
            .iter()
            .map(|(record, json)| (record, json.clone()))
            .collect();
        Rc::from(self.dialect.event(&parts, window.as_ref()))
    }

    /// Lets go of records that are past the retention period or the maximum record age.
    fn without_the_old(&mut self, now: SimTime, mut batch: Batch, actions: &mut Actions) -> Batch {
        let retention = self.dialect.retention();
        let expired = retention.map_or(0, |kept| {
            batch
                .records
                .partition_point(|record| record.arrived + kept <= now)
        });
        if expired > 0 {
            let gone: Vec<_> = batch.records.drain(..expired).collect();
            gone.iter().for_each(|record| self.done(record));
            let items: Items = gone.iter().map(|record| record.item).collect();
            actions.push(Action::Note(SourceEvent::Expired { items }));
        }
        let old = self.rules.maximum_age.map_or(0, |age| {
            batch
                .records
                .partition_point(|record| now.since(record.arrived) > age)
        });
        if old > 0 {
            let gone = batch.records.drain(..old).collect();
            self.give_up(now, gone, &batch, DiscardReason::RecordAgeExceeded, actions);
        }
        if expired + old > 0 {
            batch.payload = None;
        }
        batch
    }

    fn send(&mut self, now: SimTime, number: u32, mut batch: Batch, actions: &mut Actions) {
        let id = BatchId(self.next_batch);
        self.next_batch += 1;
        batch.sends += 1;
        let payload = match &batch.payload {
            Some(payload) => Rc::clone(payload),
            None => {
                let rendered: Vec<_> = batch
                    .records
                    .iter()
                    .map(|record| (record.clone(), self.dialect.record(&self.context, record)))
                    .collect();
                let payload = self.build(number, &rendered, batch.closing);
                batch.payload = Some(Rc::clone(&payload));
                payload
            }
        };
        let Some(lane) = self.lanes.get_mut(number as usize) else {
            return;
        };
        let last = batch.records.last();
        actions.push(Action::Note(SourceEvent::BatchSent {
            batch: id,
            place: lane.place,
            attempt: batch.sends,
            items: batch.items(),
            bytes: payload.len() as u32,
            iterator_age: last
                .filter(|_| self.dialect.has_iterator_age())
                .map(|record| now.since(record.arrived)),
        }));
        actions.push(Action::Invoke { batch: id, payload });
        lane.state = State::Sent(batch, id);
        self.sent.insert(id, number);
    }

    /// Records are given up, and the on-failure destination is told.
    pub(super) fn give_up(
        &mut self,
        now: SimTime,
        records: Vec<Record>,
        batch: &Batch,
        reason: DiscardReason,
        actions: &mut Actions,
    ) {
        if records.is_empty() {
            return;
        }
        records.iter().for_each(|record| self.done(record));
        let record = self.rules.destination.as_deref().map(|destination| {
            Discard {
                context: &self.context,
                dialect: &*self.dialect,
                destination,
                reason,
                records: &records,
                invocations: batch.invocations,
                last: batch.last,
            }
            .record(now)
        });
        actions.push(Action::Note(SourceEvent::Discarded {
            items: records.iter().map(|record| record.item).collect(),
            reason,
            record,
        }));
    }

    /// The end of the lane's tumbling window, in calendar milliseconds.
    fn window_end_ms(&self, number: u32) -> Option<i64> {
        let window = self.lanes.get(number as usize)?.window.as_ref()?;
        Some(window.start_ms + self.rules.tumbling_ms?)
    }

    /// Opens the window of the next record, or tells that the open one has to be closed.
    fn turn_window(&mut self, now: SimTime, number: u32) -> Option<Closing> {
        let length = self.rules.tumbling_ms?;
        let epoch_ms = self.context.epoch_ms;
        let lane = self.lanes.get_mut(number as usize)?;
        let next = lane.queue.front().map(|record| {
            let arrived = names::calendar_ms(epoch_ms, record.arrived);
            arrived.div_euclid(length) * length
        });
        let (start_ms, outgrown) = match (&lane.window, next) {
            (Some(window), _) => (window.start_ms, window.outgrown),
            (None, Some(start_ms)) => {
                lane.window = Some(Window {
                    start_ms,
                    state: "{}".to_owned(),
                    outgrown: false,
                });
                return None;
            }
            (None, None) => return None,
        };
        if outgrown {
            return Some(Closing { early: true });
        }
        if let Some(next) = next {
            return (next != start_ms).then_some(Closing { early: false });
        }
        // Whatever belongs to the window has been read by the first poll after its end.
        let end_ms = u64::try_from(start_ms + length - epoch_ms).unwrap_or(0);
        let end = SimTime::from_nanos(end_ms.saturating_mul(1_000_000));
        let close = self.poll_at_or_after(end);
        if close <= now {
            return Some(Closing { early: false });
        }
        self.set_timer(number, close);
        None
    }
}
