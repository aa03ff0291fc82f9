//! Readers of streams and brokers: Kinesis, DynamoDB Streams, Kafka, Amazon MQ, DocumentDB.
//!
//! Records are read from shards into *lanes*. A lane sends one batch after the other and holds everything back while one
//! fails: that keeps the order. What differs from source to source is a [`dialect::Dialect`].
//!
//! Simplified: reading takes no time and has no rate limit; shards are neither split nor merged.

mod dialect;
mod discard;
mod documentdb;
mod dynamodb;
mod ending;
mod kafka;
mod kinesis;
mod lane;
mod mq;
mod reading;
mod record;
mod rules;
mod sending;

use std::collections::{BTreeMap, BTreeSet};

pub use reading::CONSUMER_EVALUATION;
pub use rules::{FIRST_WAIT, LONGEST_WAIT, STATE_BYTES};

use super::alarm::Alarm;
use super::filter::Filter;
use super::{
    Action, Actions, BatchId, Context, Finished, Incoming, ItemId, Items, MappingConfig, Place,
    Poller, Receipt, Source, SourceEvent,
};
use crate::sim::SimTime;
use dialect::{Dialect, Feed};
use lane::Lane;
use record::{Record, Shard};
use rules::Rules;

/// A stream and the mapping that reads it.
pub struct Stream {
    dialect: Box<dyn Dialect>,
    context: Context,
    rules: Rules,
    filter: Filter,
    enabled: bool,
    started: Option<SimTime>,
    shards: Vec<Shard>,
    /// Shards with records that were not read.
    unread: BTreeSet<u32>,
    lanes: Vec<Lane>,
    /// Lanes by when something is to be done.
    timers: BTreeSet<(SimTime, u32)>,
    /// Which lane has which partition, for [`Feed::Consumers`].
    owners: Vec<u32>,
    consumers: u32,
    /// When the number of consumers is looked at next.
    evaluation: Option<SimTime>,
    sent: BTreeMap<BatchId, u32>,
    next_batch: u32,
    next_item: u32,
    arrived: Items,
    dead: Vec<ItemId>,
    alarm: Alarm,
}

impl Stream {
    /// A mapping with an empty source. A queue of SQS is none of its sources.
    pub fn new(source: &Source, config: &MappingConfig, context: &Context) -> Self {
        let dialect: Box<dyn Dialect> = match source {
            Source::Kinesis(stream) => Box::new(kinesis::Kinesis::new(stream)),
            Source::DynamoDb(table) => Box::new(dynamodb::DynamoDb::new(table, context.seed)),
            Source::Kafka(topic) => Box::new(kafka::Kafka::new(topic)),
            Source::Mq(queue) => Box::new(mq::Mq::new(queue)),
            Source::DocumentDb(stream) => Box::new(documentdb::DocumentDb::new(stream)),
            Source::Sqs(_) => Box::new(mq::Mq::new(&Default::default())),
        };
        let rules = Rules::new(config, &*dialect);
        let shards = dialect.shards().max(1);
        let places: Vec<Place> = match dialect.feed() {
            Feed::Keyed => (0..shards)
                .flat_map(|shard| (0..rules.parallelization).map(move |lane| Place { shard, lane }))
                .collect(),
            Feed::Consumers => (0..shards)
                .map(|lane| Place { shard: lane, lane })
                .collect(),
            Feed::Shared => (0..dialect.consumers())
                .map(|lane| Place { shard: 0, lane })
                .collect(),
        };
        let consumers = rules.pollers.map_or(1, |(fewest, _)| fewest.min(shards));
        Self {
            dialect,
            context: context.clone(),
            filter: Filter::new(config.filter_criteria.as_ref()),
            enabled: config.enabled,
            started: None,
            shards: (0..shards).map(|_| Shard::default()).collect(),
            unread: BTreeSet::new(),
            lanes: places.into_iter().map(Lane::new).collect(),
            timers: BTreeSet::new(),
            owners: (0..shards).map(|shard| shard % consumers).collect(),
            consumers,
            evaluation: None,
            rules,
            sent: BTreeMap::new(),
            next_batch: 0,
            next_item: 0,
            arrived: Items::default(),
            dead: Vec::new(),
            alarm: Alarm::default(),
        }
    }

    /// Everything that can happen at `now` happens. `lane` is where an invocation just ended.
    fn run(&mut self, now: SimTime, lane: Option<u32>, actions: &mut Actions) {
        if !self.arrived.is_empty() {
            let items = std::mem::take(&mut self.arrived);
            actions.push(Action::Note(SourceEvent::Arrived { items }));
        }
        if self.started.is_some() {
            let mut touched: BTreeSet<u32> = lane.into_iter().collect();
            while let Some(&(due, lane)) = self.timers.first()
                && due <= now
            {
                self.timers.pop_first();
                if let Some(lane) = self.lanes.get_mut(lane as usize) {
                    lane.timer = None;
                }
                touched.insert(lane);
            }
            self.evaluate(now, actions, &mut touched);
            // A lane that has sent its batch may make room for more of a shared queue.
            while !touched.is_empty() || self.can_read(now) {
                self.read(now, actions, &mut touched);
                let before = touched.len();
                for lane in std::mem::take(&mut touched) {
                    self.advance(now, lane, actions);
                }
                if before == 0 {
                    break;
                }
            }
            self.tell_checkpoints(actions);
        }
        let next = [
            self.timers.first().map(|(due, _)| *due),
            self.next_reading(now),
            self.evaluation,
        ];
        if let Some(at) = next.into_iter().flatten().min() {
            self.alarm.set(at, actions);
        }
    }

    /// Notes checkpoints that have moved.
    fn tell_checkpoints(&mut self, actions: &mut Actions) {
        if self.dialect.deletes() {
            return;
        }
        for (number, shard) in self.shards.iter_mut().enumerate() {
            let position = shard.progress.position();
            if position > shard.told {
                shard.told = position;
                actions.push(Action::Note(SourceEvent::Checkpointed {
                    shard: number as u32,
                    position,
                }));
            }
        }
    }

    /// A record is done with, in whichever way.
    fn done(&mut self, record: &Record) {
        if let Some(shard) = self.shards.get_mut(record.shard as usize) {
            shard.progress.done(record.offset);
        }
    }

    fn set_timer(&mut self, lane: u32, at: SimTime) {
        if let Some(own) = self.lanes.get_mut(lane as usize) {
            if let Some(old) = own.timer.replace(at) {
                self.timers.remove(&(old, lane));
            }
            self.timers.insert((at, lane));
        }
    }
}

impl Poller for Stream {
    fn put(&mut self, now: SimTime, incoming: Incoming, actions: &mut Actions) -> Receipt {
        let number = match self.dialect.accept(&incoming) {
            Ok(()) => self.dialect.place(&incoming, self.next_item),
            Err(message) => {
                let refused = message.clone();
                actions.push(Action::Note(SourceEvent::Rejected { message: refused }));
                return Receipt::Refused { message };
            }
        };
        let Some(shard) = self.shards.get_mut(number as usize) else {
            let message = "There is no such shard or partition.".to_owned();
            return Receipt::Refused { message };
        };
        let item = ItemId(self.next_item);
        self.next_item += 1;
        let record = Record {
            item,
            shard: number,
            offset: shard.next,
            arrived: now,
            deliveries: 0,
            key: incoming.key,
            body: incoming.body,
            attributes: incoming.attributes,
        };
        let answer = self.dialect.receipt(&self.context, &record);
        shard.log.push_back(record);
        shard.next += 1;
        self.unread.insert(number);
        self.arrived.push(item);
        self.alarm.set(now, actions);
        Receipt::Taken { item, answer }
    }

    fn start(&mut self, now: SimTime, actions: &mut Actions) {
        if self.enabled {
            self.started = Some(now);
            self.begin(now, actions);
        }
        self.run(now, None, actions);
    }

    fn wake(&mut self, now: SimTime, actions: &mut Actions) {
        self.alarm.rung(now);
        self.run(now, None, actions);
    }

    fn finished(&mut self, now: SimTime, id: BatchId, end: Finished, actions: &mut Actions) {
        if let Some(lane) = self.sent.remove(&id) {
            self.ended(now, lane, end, actions);
            self.run(now, Some(lane), actions);
        }
    }

    fn is_quiet(&self) -> bool {
        self.started.is_none()
            || (self.arrived.is_empty()
                && self.unread.is_empty()
                && self.lanes.iter().all(Lane::is_quiet))
    }

    fn stored(&self) -> usize {
        let logs: usize = self.shards.iter().map(|shard| shard.log.len()).sum();
        logs + self.lanes.iter().map(Lane::stored).sum::<usize>()
    }

    fn dead_letters(&self) -> Vec<ItemId> {
        self.dead.clone()
    }
}
