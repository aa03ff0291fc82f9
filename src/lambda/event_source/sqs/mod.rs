//! Pollers of an SQS queue, standard or FIFO.
//!
//! A poller receives up to ten messages at a time, gathers them into a batch and invokes the function with it. What the
//! function has processed is deleted; the rest stays invisible until the visibility timeout ends and is then received
//! again, or moved to the dead-letter queue. A throttled batch is tried again until then.
//!
//! Simplified: receiving and deleting take no time, so a message is received the moment it is visible and a poller is free;
//! pollers fill one batch after the other instead of competing for messages. Lambda's remark that with little traffic a
//! batch may wait for a long poll of 20 s to end, whatever its window, is left out.

mod batch;
mod ending;
mod payload;
mod queue;
mod scaling;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

pub use ending::{FIRST_THROTTLE_WAIT, THROTTLE_WAIT};
pub use queue::{IN_FLIGHT_LIMIT, MESSAGE_BYTES, RECEIVE_LIMIT};
pub use scaling::{LONG_POLL, MAXIMUM, PER_MINUTE, PER_POLLER, PROVISIONED_PER_MINUTE, START};

use super::alarm::Alarm;
use super::filter::Filter;
use super::filter::view::Message as MessageView;
use super::note::{BatchEnd, Failure, ScalingReason};
use super::source::Queue as Attributes;
use super::{
    Action, Actions, BatchId, Context, Finished, Incoming, ItemId, Items, MappingConfig, Outcome,
    Place, Poller, Receipt, SourceEvent,
};
use crate::sim::{SimDuration, SimTime};
use batch::Batch;
use ending::Ending;
use queue::{Queue, Sent};
use scaling::Scaling;

/// A queue and the mapping that reads it.
pub struct Sqs {
    queue: Queue,
    fifo: bool,
    arn: String,
    context: Context,
    filter: Filter,
    enabled: bool,
    started: bool,
    batch_size: usize,
    window: SimDuration,
    reports_failures: bool,
    scaling: Scaling,
    /// Batches that are being gathered, oldest first.
    gathering: VecDeque<Batch>,
    /// Batches that were sent, or wait after a throttle.
    sent: BTreeMap<BatchId, Batch>,
    /// Throttled batches, by when they are tried again.
    throttled: BTreeSet<(SimTime, BatchId)>,
    next_batch: u32,
    arrived: Items,
    alarm: Alarm,
}

/// The visibility timeout that holds: with a batching window, at least window, function timeout and 30 s together.
pub fn visibility_timeout(
    queue: &Attributes,
    config: &MappingConfig,
    context: &Context,
) -> SimDuration {
    let window = config.maximum_batching_window_in_seconds.unwrap_or(0);
    let needed = window.saturating_add(context.function_timeout_seconds);
    let seconds = if window > 0 && needed > queue.visibility_timeout {
        needed.saturating_add(30)
    } else {
        queue.visibility_timeout
    };
    SimDuration::from_secs(u64::from(seconds))
}

impl Sqs {
    /// A mapping with an empty queue.
    pub fn new(queue: &Attributes, config: &MappingConfig, context: &Context) -> Self {
        let fifo = queue.is_fifo();
        Self {
            queue: Queue::new(queue, visibility_timeout(queue, config, context)),
            fifo,
            arn: queue.arn(),
            context: context.clone(),
            filter: Filter::new(config.filter_criteria.as_ref()),
            enabled: config.enabled,
            started: false,
            batch_size: config.batch_size.unwrap_or(10) as usize,
            window: SimDuration::from_secs(u64::from(
                config.maximum_batching_window_in_seconds.unwrap_or(0),
            )),
            reports_failures: config.reports_batch_item_failures(),
            scaling: Scaling::new(config, fifo),
            gathering: VecDeque::new(),
            sent: BTreeMap::new(),
            throttled: BTreeSet::new(),
            next_batch: 0,
            arrived: Items::default(),
            alarm: Alarm::default(),
        }
    }

    /// Batches gathered or processed at a time that the pollers are allowed just now.
    pub fn capacity(&self) -> u32 {
        self.scaling.capacity()
    }

    fn busy(&self) -> u32 {
        (self.gathering.len() + self.sent.len()) as u32
    }

    /// Everything that can happen at `now` happens.
    fn run(&mut self, now: SimTime, actions: &mut Actions) {
        if !self.arrived.is_empty() {
            let items = std::mem::take(&mut self.arrived);
            actions.push(Action::Note(SourceEvent::Arrived { items }));
        }
        let expired = self.queue.expire(now);
        note_items(actions, expired, |items| SourceEvent::Expired { items });
        let returned = self.queue.advance(now);
        note_items(actions, returned, |items| SourceEvent::Returned { items });
        if self.started {
            self.poll(now, actions);
        }
        let expiry = self.queue.next_expiry();
        let next = [
            self.queue.next_return(),
            expiry,
            self.throttled.first().map(|(due, _)| *due),
            self.gathering
                .front()
                .map(|batch| batch.since + self.window),
            self.scaling.next().filter(|_| self.started),
        ];
        if let Some(at) = next.into_iter().flatten().min() {
            self.alarm.set(at, actions);
        }
    }

    fn poll(&mut self, now: SimTime, actions: &mut Actions) {
        while let Some(&(due, id)) = self.throttled.first()
            && due <= now
        {
            self.throttled.pop_first();
            if let Some(batch) = self.sent.remove(&id) {
                self.send(batch, actions);
            }
        }
        loop {
            self.receive(now, actions);
            while let Some(batch) = self.gathering.pop_front_if(|batch| {
                batch.items.len() >= self.batch_size || batch.since + self.window <= now
            }) {
                self.send(batch, actions);
            }
            let waiting = self.queue.has_visible() && self.busy() >= self.scaling.capacity();
            let scaled = self.scaling.observe(now, waiting, self.busy());
            let more = scaled.is_some() && waiting;
            actions.extend(scaled.map(Action::Note));
            if !more {
                return;
            }
        }
    }

    /// Pollers that are free receive what is visible.
    fn receive(&mut self, now: SimTime, actions: &mut Actions) {
        let mut gathered = Items::default();
        let mut filtered = Items::default();
        let mut dead = Items::default();
        loop {
            // The batch that was begun last is the only one with room left.
            let last = self.gathering.back();
            let room = last.map_or(0, |batch| self.batch_size.saturating_sub(batch.items.len()));
            let limit = match room {
                0 if self.busy() >= self.scaling.capacity() => break,
                0 => self.batch_size,
                room => room,
            };
            let received = self.queue.receive(now, limit);
            let nothing = received.items.is_empty() && received.dead.is_empty();
            received.dead.into_iter().for_each(|item| dead.push(item));
            for &item in &received.items {
                let Some(message) = self.queue.message(item) else {
                    continue;
                };
                gathered.push(item);
                if !self.filter.admits(&MessageView(&message.body)) {
                    self.queue.delete(item, received.lease);
                    filtered.push(item);
                    continue;
                }
                let record = payload::record(&self.context, &self.arn, item, message, self.fifo);
                // FIFO messages that came with one receive go out together: their groups must not be in two batches.
                let fits = self.gathering.back_mut().is_some_and(|batch| {
                    batch.items.len() < self.batch_size && batch.add(item, received.lease, &record)
                });
                if !fits {
                    let mut batch = Batch::new(now);
                    batch.add(item, received.lease, &record);
                    self.gathering.push_back(batch);
                }
            }
            if nothing {
                break;
            }
            if self.window == SimDuration::ZERO {
                // Without a window a poller goes with what one receive gave it.
                while let Some(batch) = self.gathering.pop_front() {
                    let (dead, polled, out) = (
                        std::mem::take(&mut dead),
                        std::mem::take(&mut gathered),
                        std::mem::take(&mut filtered),
                    );
                    note_received(actions, dead, polled, out);
                    self.send(batch, actions);
                }
            }
        }
        note_received(actions, dead, gathered, filtered);
    }

    fn send(&mut self, mut batch: Batch, actions: &mut Actions) {
        let id = BatchId(self.next_batch);
        self.next_batch += 1;
        batch.attempts += 1;
        let payload = batch.seal();
        actions.push(Action::Note(SourceEvent::BatchSent {
            batch: id,
            place: Place::default(),
            attempt: batch.attempts,
            items: batch.items(),
            bytes: payload.len() as u32,
            iterator_age: None,
        }));
        actions.push(Action::Invoke { batch: id, payload });
        self.sent.insert(id, batch);
    }
}

fn note_items(actions: &mut Actions, items: Vec<ItemId>, event: impl Fn(Items) -> SourceEvent) {
    if !items.is_empty() {
        actions.push(Action::Note(event(items.into_iter().collect())));
    }
}

fn note_received(actions: &mut Actions, dead: Items, polled: Items, filtered: Items) {
    if !dead.is_empty() {
        actions.push(Action::Note(SourceEvent::MovedToDeadLetterQueue {
            items: dead,
        }));
    }
    if !polled.is_empty() {
        actions.push(Action::Note(SourceEvent::Polled {
            place: Place::default(),
            items: polled,
        }));
    }
    if !filtered.is_empty() {
        actions.push(Action::Note(SourceEvent::FilteredOut { items: filtered }));
    }
}

impl Poller for Sqs {
    fn put(&mut self, now: SimTime, incoming: Incoming, actions: &mut Actions) -> Receipt {
        let (body, attributes) = (Rc::clone(&incoming.body), incoming.attributes.clone());
        let attributes = attributes.as_deref().unwrap_or_default();
        let answer = |item| payload::sent(self.context.seed, item, &body, attributes, self.fifo);
        match self.queue.send(now, incoming) {
            Sent::Stored(item) => {
                self.arrived.push(item);
                self.alarm.set(now, actions);
                Receipt::Taken {
                    item,
                    answer: answer(item),
                }
            }
            Sent::Duplicate(original) => {
                actions.push(Action::Note(SourceEvent::Deduplicated { original }));
                Receipt::NotKept {
                    answer: answer(original),
                }
            }
            Sent::Refused(message) => {
                let refused = message.clone();
                actions.push(Action::Note(SourceEvent::Rejected { message: refused }));
                Receipt::Refused { message }
            }
        }
    }

    fn start(&mut self, now: SimTime, actions: &mut Actions) {
        self.started = self.enabled;
        self.run(now, actions);
    }

    fn wake(&mut self, now: SimTime, actions: &mut Actions) {
        self.alarm.rung(now);
        self.run(now, actions);
    }

    fn finished(&mut self, now: SimTime, id: BatchId, end: Finished, actions: &mut Actions) {
        let Some(batch) = self.sent.remove(&id) else {
            return;
        };
        let ending = match &end.outcome {
            Outcome::Success { payload } => self.succeeded(&batch, payload),
            Outcome::FunctionError => Ending::failed(Failure::FunctionError),
            Outcome::Throttled | Outcome::ServiceError => Ending {
                end: if end.outcome == Outcome::Throttled {
                    BatchEnd::Throttled
                } else {
                    BatchEnd::ServiceError
                },
                deleted: Items::default(),
            },
        };
        actions.push(Action::Note(SourceEvent::BatchEnded {
            batch: id,
            end: ending.end,
        }));
        if !ending.deleted.is_empty() {
            actions.push(Action::Note(SourceEvent::Deleted {
                batch: id,
                items: ending.deleted,
            }));
        }
        let reason = match ending.end {
            BatchEnd::Succeeded | BatchEnd::PartiallyFailed => None,
            BatchEnd::Throttled | BatchEnd::ServiceError => Some(ScalingReason::Throttled),
            // With partial batch responses Lambda does not poll less when the function fails.
            BatchEnd::Failed(_) if self.reports_failures => None,
            BatchEnd::Failed(_) => Some(ScalingReason::FunctionError),
        };
        if let Some(reason) = reason.filter(|_| !self.fifo) {
            actions.extend(self.scaling.failed(reason).map(Action::Note));
        }
        match ending.end {
            BatchEnd::Throttled | BatchEnd::ServiceError => {
                self.try_again(now, id, batch, actions);
            }
            _ => self.leave(&batch, actions),
        }
        self.run(now, actions);
    }

    fn is_quiet(&self) -> bool {
        !self.started
            || (self.sent.is_empty()
                && self.gathering.is_empty()
                && self.arrived.is_empty()
                && self.queue.next_return().is_none()
                && !self.queue.has_visible())
    }

    fn stored(&self) -> usize {
        self.queue.len()
    }

    fn dead_letters(&self) -> Vec<ItemId> {
        self.queue.dead_letters().collect()
    }

    fn redrive(&mut self, now: SimTime, actions: &mut Actions) {
        let moved = self.queue.redrive(now);
        if !moved.is_empty() {
            actions.push(Action::Note(SourceEvent::Redriven {
                items: moved.iter().map(|(old, _)| *old).collect(),
                renumbered: moved.iter().map(|(_, new)| *new).collect(),
            }));
            self.alarm.set(now, actions);
        }
    }
}
