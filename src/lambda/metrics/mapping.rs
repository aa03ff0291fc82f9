//! What one event source mapping tells: reference 9, the metrics with `EventSourceMappingUUID`.
//!
//! On AWS the counts of events have to be asked for (`MetricsConfig` with `EventCount`); here they are always there.

use std::collections::BTreeMap;

use super::bucket::{Buckets, Counter, Sample};
use super::gauge::Gauge;
use crate::lambda::event::MappingFacts;
use crate::lambda::event_source::note::{BatchEnd, DiscardReason};
use crate::lambda::event_source::sqs::PER_POLLER;
use crate::lambda::event_source::{BatchId, Items, SourceEvent};

/// One mapping's metrics.
#[derive(Debug, Clone)]
pub(super) struct Mapping {
    pub facts: MappingFacts,
    pub buckets: Buckets,
    source: Source,
    /// How much is in each batch that is on its way.
    batches: BTreeMap<BatchId, u64>,
    /// Records that came to the source and are not done with.
    behind: u64,
    /// Of each partition of a topic: the offsets after its latest record, and after the last one that is committed.
    partitions: BTreeMap<u32, (u64, u64)>,
    /// Pollers, in provisioned mode.
    pub pollers: Option<Gauge>,
}

/// The kinds of source as far as their metrics differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Sqs,
    /// Kinesis and DynamoDB.
    Stream,
    Kafka,
    DocumentDb,
    Other,
}

impl Mapping {
    pub fn new(facts: &MappingFacts) -> Self {
        Self {
            facts: facts.clone(),
            buckets: Buckets::default(),
            source: match facts.trigger.as_str() {
                "sqs" => Source::Sqs,
                "kinesis" | "dynamodb" => Source::Stream,
                "kafka" => Source::Kafka,
                "documentdb" => Source::DocumentDb,
                _ => Source::Other,
            },
            batches: BTreeMap::new(),
            behind: 0,
            partitions: BTreeMap::new(),
            pollers: facts.pollers.map(|pollers| {
                let mut gauge = Gauge::default();
                gauge.set(0, u64::from(pollers));
                gauge
            }),
        }
    }

    /// Reads what happened in period `now`.
    pub fn take(&mut self, now: u64, event: &SourceEvent) {
        match event {
            SourceEvent::Arrived { items } => self.behind += count(items),
            SourceEvent::Polled { place, items } => {
                self.add(now, Counter::Polled, count(items));
                // A topic is polled whenever something arrives, so what was polled is all there is.
                if self.source == Source::Kafka {
                    self.partitions.entry(place.shard).or_default().0 += count(items);
                    self.lag(now);
                }
            }
            SourceEvent::Checkpointed { shard, position } if self.source == Source::Kafka => {
                let (latest, committed) = self.partitions.entry(*shard).or_default();
                *committed = *position;
                // What the starting position left out was never polled.
                *latest = (*latest).max(*position);
                self.lag(now);
            }
            SourceEvent::PollersScaled { to, .. } => {
                let pollers = match self.source {
                    // Told as batches at a time.
                    Source::Sqs => to.div_ceil(PER_POLLER),
                    _ => *to,
                };
                if let Some(gauge) = &mut self.pollers {
                    gauge.set(now, u64::from(pollers));
                }
            }
            SourceEvent::FilteredOut { items } => {
                self.done(items);
                self.add(now, Counter::FilteredOut, count(items));
            }
            SourceEvent::BatchSent {
                batch,
                items,
                iterator_age,
                ..
            } => {
                self.batches.insert(*batch, count(items));
                self.add(now, Counter::Invoked, count(items));
                if let Some(age) = iterator_age {
                    self.buckets.at(now).span(Sample::IteratorAge, *age);
                }
                if self.source == Source::Kafka {
                    let behind = self.behind;
                    self.buckets.at(now).measure(Sample::OffsetLag, behind);
                }
            }
            SourceEvent::BatchEnded { batch, end } => {
                let size = self.batches.remove(batch).unwrap_or(0);
                if *end != BatchEnd::Succeeded {
                    self.add(now, Counter::FailedInvoke, size);
                }
                let not_invoked = matches!(end, BatchEnd::Throttled | BatchEnd::ServiceError);
                if self.source == Source::Kafka && not_invoked {
                    self.add(now, Counter::InvokeErrors, 1);
                }
            }
            SourceEvent::Processed { items, .. } => {
                self.done(items);
                if self.source == Source::Kafka {
                    self.add(now, Counter::Committed, count(items));
                }
            }
            SourceEvent::Deleted { items, .. } if self.source == Source::Sqs => {
                self.add(now, Counter::Deleted, count(items));
            }
            SourceEvent::Skipped { items } | SourceEvent::Expired { items } => self.done(items),
            SourceEvent::Discarded {
                items,
                reason,
                record,
            } => {
                self.done(items);
                let too_large = *reason == DiscardReason::MaximumPayloadSizeExceeded;
                if record.as_ref().is_some_and(|record| !record.delivered) {
                    self.add(now, Counter::DestinationDeliveryFailures, 1);
                    self.add(now, Counter::Dropped, count(items));
                    if self.source == Source::Kafka {
                        self.add(now, Counter::OnFailureErrors, 1);
                    }
                    return;
                }
                let counter = match (self.source, record) {
                    (Source::Stream | Source::Kafka, Some(_)) => Counter::OnFailureDelivered,
                    (Source::Stream | Source::Kafka, None) if !too_large => Counter::Dropped,
                    (Source::DocumentDb, _) if too_large => Counter::Oversized,
                    _ => return,
                };
                self.add(now, counter, count(items));
            }
            _ => {}
        }
    }

    fn add(&mut self, now: u64, counter: Counter, many: u64) {
        self.buckets.at(now).add_many(counter, many);
    }

    /// How far the committed offsets are behind.
    fn lag(&mut self, now: u64) {
        let lags = self.partitions.values();
        let lags = lags.map(|(latest, committed)| latest.saturating_sub(*committed));
        let (most, sum) = lags.fold((0, 0), |(most, sum): (u64, u64), lag| {
            (most.max(lag), sum + lag)
        });
        let bucket = self.buckets.at(now);
        bucket.measure(Sample::MaxOffsetLag, most);
        bucket.measure(Sample::SumOffsetLag, sum);
    }

    fn done(&mut self, items: &Items) {
        self.behind = self.behind.saturating_sub(count(items));
    }
}

fn count(items: &Items) -> u64 {
    items.len() as u64
}
