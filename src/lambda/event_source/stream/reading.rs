//! From shards to lanes: starting positions, polls, filters, and Kafka's consumers.

use std::collections::BTreeSet;

use super::dialect::Feed;
use super::record::Record;
use super::{Action, Actions, Items, Place, SourceEvent, Stream};
use crate::lambda::event_source::ids;
use crate::lambda::event_source::settings::StartingPosition;
use crate::lambda::names;
use crate::sim::{SimDuration, SimTime};

/// How often Lambda looks whether a topic needs more or fewer consumers.
pub const CONSUMER_EVALUATION: SimDuration = SimDuration::from_secs(60);

impl Stream {
    /// The mapping starts: what the starting position leaves out is passed over.
    pub(super) fn begin(&mut self, now: SimTime, actions: &mut Actions) {
        let epoch_ms = self.context.epoch_ms;
        let mut skipped = Items::default();
        let mut expired = Items::default();
        for shard in &mut self.shards {
            while let Some(record) = shard.log.front() {
                let arrived_ms = names::calendar_ms(epoch_ms, record.arrived);
                let too_old = self
                    .dialect
                    .retention()
                    .is_some_and(|kept| record.arrived + kept <= now);
                let skip = match self.rules.position {
                    StartingPosition::TrimHorizon => false,
                    StartingPosition::Latest => record.arrived < now,
                    StartingPosition::AtTimestamp => {
                        let from = self.rules.timestamp.unwrap_or(0).saturating_mul(1_000);
                        arrived_ms < from
                    }
                };
                match (too_old, skip) {
                    (true, _) => expired.push(record.item),
                    (false, true) => skipped.push(record.item),
                    (false, false) => break,
                }
                shard.progress.done(record.offset);
                shard.log.pop_front();
            }
        }
        let shards = &self.shards;
        self.unread.retain(|shard| {
            shards
                .get(*shard as usize)
                .is_some_and(|shard| !shard.log.is_empty())
        });
        if !self.arrived.is_empty() {
            let items = std::mem::take(&mut self.arrived);
            actions.push(Action::Note(SourceEvent::Arrived { items }));
        }
        if !expired.is_empty() {
            actions.push(Action::Note(SourceEvent::Expired { items: expired }));
        }
        if !skipped.is_empty() {
            actions.push(Action::Note(SourceEvent::Skipped { items: skipped }));
        }
        // Where reading begins is told before anything is read.
        self.tell_checkpoints(actions);
    }

    /// The first poll at or after `at`.
    pub(super) fn poll_at_or_after(&self, at: SimTime) -> SimTime {
        let period = self.dialect.period().as_nanos();
        match self.started {
            Some(start) if period > 0 => {
                let polls = at.since(start).as_nanos().div_ceil(period);
                start + SimDuration::from_nanos(period.saturating_mul(polls))
            }
            _ => at,
        }
    }

    /// Whether a poll at `now` would find something that somebody can take.
    pub(super) fn can_read(&self, now: SimTime) -> bool {
        !self.unread.is_empty()
            && self.poll_at_or_after(now) == now
            && (self.dialect.feed() != Feed::Shared || self.taker().is_some())
    }

    /// When there is something to read.
    pub(super) fn next_reading(&self, now: SimTime) -> Option<SimTime> {
        // A shared queue is read when a lane becomes free.
        let waits = self.started.is_some()
            && !self.unread.is_empty()
            && self.dialect.feed() != Feed::Shared;
        waits.then(|| self.poll_at_or_after(now + SimDuration::from_nanos(1)))
    }

    /// Of a shared queue's lanes the one that takes the next message: one that gathers already, else a free one.
    fn taker(&self) -> Option<u32> {
        let room =
            |lane: &super::lane::Lane| lane.is_free() && lane.queue.len() < self.rules.batch_size;
        let gathers = self
            .lanes
            .iter()
            .position(|lane| room(lane) && !lane.queue.is_empty());
        let taker = gathers.or_else(|| self.lanes.iter().position(room))?;
        Some(taker as u32)
    }

    /// Reads what there is, filters it and hands it to lanes.
    pub(super) fn read(
        &mut self,
        now: SimTime,
        actions: &mut Actions,
        touched: &mut BTreeSet<u32>,
    ) {
        if !self.can_read(now) {
            return;
        }
        let mut filtered = Items::default();
        for number in std::mem::take(&mut self.unread) {
            let mut polled = Items::default();
            loop {
                let taker = match self.dialect.feed() {
                    Feed::Shared => match self.taker() {
                        Some(lane) => Some(lane),
                        None => break,
                    },
                    _ => None,
                };
                let shard = self.shards.get_mut(number as usize);
                let Some(record) = shard.and_then(|shard| shard.log.pop_front()) else {
                    break;
                };
                polled.push(record.item);
                if !self.admits(&record) {
                    filtered.push(record.item);
                    self.done(&record);
                    continue;
                }
                let lane = taker.unwrap_or_else(|| self.lane_of(&record));
                if let Some(lane) = self.lanes.get_mut(lane as usize) {
                    lane.push(now, record);
                }
                touched.insert(lane);
            }
            if self
                .shards
                .get(number as usize)
                .is_some_and(|shard| !shard.log.is_empty())
            {
                self.unread.insert(number);
            }
            if !polled.is_empty() {
                actions.push(Action::Note(SourceEvent::Polled {
                    place: Place {
                        shard: number,
                        lane: 0,
                    },
                    items: polled,
                }));
            }
        }
        if !filtered.is_empty() {
            actions.push(Action::Note(SourceEvent::FilteredOut { items: filtered }));
        }
    }

    fn admits(&self, record: &Record) -> bool {
        self.filter.is_open() || {
            let json = self.dialect.record(&self.context, record);
            self.filter.admits(&self.dialect.view(&json))
        }
    }

    /// The lane of a record: its consumer's, or the one of its partition key.
    fn lane_of(&self, record: &Record) -> u32 {
        match self.dialect.feed() {
            Feed::Consumers => self
                .owners
                .get(record.shard as usize)
                .copied()
                .unwrap_or_default(),
            Feed::Shared => 0,
            Feed::Keyed => {
                let factor = self.rules.parallelization;
                let within = match (&record.key, factor) {
                    (_, 1) => 0,
                    (Some(key), _) => ids::md5_number(key.as_bytes()) % u128::from(factor),
                    // Changes of one item have one key: DynamoDB's lanes are by item.
                    (None, _) => {
                        let key = item_key(&record.body);
                        ids::md5_number(key.as_bytes()) % u128::from(factor)
                    }
                };
                record.shard * factor + within as u32
            }
        }
    }

    /// Once a minute: more consumers when records wait for longer than one batch, fewer when none do.
    pub(super) fn evaluate(
        &mut self,
        now: SimTime,
        actions: &mut Actions,
        touched: &mut BTreeSet<u32>,
    ) {
        if self.dialect.feed() != Feed::Consumers {
            return;
        }
        let partitions = self.shards.len() as u32;
        let (fewest, most) = self.rules.pollers.unwrap_or((1, partitions));
        let (fewest, most) = (fewest.min(partitions), most.min(partitions));
        let waiting: usize = self.lanes.iter().map(|lane| lane.queue.len()).sum();
        match self.evaluation {
            Some(due) if due <= now => {
                let from = self.consumers;
                let (to, reason) = if waiting > self.rules.batch_size * from as usize {
                    use crate::lambda::event_source::note::ScalingReason::Backlog;
                    (from.saturating_mul(2).min(most), Backlog)
                } else if waiting == 0 {
                    use crate::lambda::event_source::note::ScalingReason::Idle;
                    ((from / 2).max(fewest), Idle)
                } else {
                    (
                        from,
                        crate::lambda::event_source::note::ScalingReason::Backlog,
                    )
                };
                self.consumers = to;
                if from != to {
                    actions.push(Action::Note(SourceEvent::PollersScaled {
                        from,
                        to,
                        reason,
                    }));
                }
                self.evaluation = None;
            }
            _ => {}
        }
        if self.evaluation.is_none()
            && (self.consumers > fewest || waiting > 0 || !self.unread.is_empty())
        {
            self.evaluation = Some(now + CONSUMER_EVALUATION);
        }
        self.rebalance(touched);
    }

    /// Partitions go to the consumers that they belong to, as soon as those they leave are between batches.
    fn rebalance(&mut self, touched: &mut BTreeSet<u32>) {
        for partition in 0..self.owners.len() {
            let target = partition as u32 % self.consumers.max(1);
            let Some(&owner) = self.owners.get(partition) else {
                continue;
            };
            let free = self
                .lanes
                .get(owner as usize)
                .is_some_and(super::lane::Lane::is_free);
            if owner == target || !free {
                continue;
            }
            let Some(from) = self.lanes.get_mut(owner as usize) else {
                continue;
            };
            let since = from.since;
            let mut moved = Vec::new();
            let mut kept = std::collections::VecDeque::new();
            while let Some(record) = from.pop() {
                if record.shard as usize == partition {
                    moved.push(record);
                } else {
                    kept.push_back(record);
                }
            }
            from.since = None;
            for record in kept {
                from.push(since.unwrap_or_default(), record);
            }
            if let Some(to) = self.lanes.get_mut(target as usize) {
                for record in moved {
                    to.push(since.unwrap_or_default(), record);
                }
            }
            if let Some(own) = self.owners.get_mut(partition) {
                *own = target;
            }
            touched.insert(target);
        }
    }
}

/// The `Keys` of a change, as text.
fn item_key(body: &str) -> String {
    let change: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let keys = change
        .get("Keys")
        .or_else(|| change.get("dynamodb").and_then(|inner| inner.get("Keys")));
    keys.map(ToString::to_string).unwrap_or_default()
}
