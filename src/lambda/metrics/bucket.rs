//! What is counted in one period.

use crate::sim::SimDuration;

/// What is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counter {
    Invocations,
    Errors,
    Throttles,
    DeadLetterErrors,
    DestinationDeliveryFailures,
    OnProvisioned,
    Spillover,
    RecursiveInvocationsDropped,
    AsyncEventsReceived,
    AsyncEventsDropped,
}

const COUNTERS: usize = 10;

/// One period.
#[derive(Debug, Clone, Default)]
pub(super) struct Bucket {
    counts: [u64; COUNTERS],
    pub duration: Spans,
    pub age: Spans,
}

/// Lengths of time, each of them: percentiles are exact.
#[derive(Debug, Clone, Default)]
pub(super) struct Spans {
    pub nanos: Vec<u64>,
}

impl Spans {
    pub fn add(&mut self, span: SimDuration) {
        self.nanos.push(span.as_nanos());
    }
}

impl Bucket {
    pub fn add(&mut self, counter: Counter) {
        if let Some(count) = self.counts.get_mut(counter as usize) {
            *count += 1;
        }
    }

    pub fn get(&self, counter: Counter) -> u64 {
        self.counts.get(counter as usize).copied().unwrap_or(0)
    }
}

/// Periods in which something was counted, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Buckets {
    buckets: Vec<(u64, Bucket)>,
    /// Where the last one was found.
    last: usize,
}

impl Buckets {
    /// The bucket of a period, made when it is not there.
    pub fn at(&mut self, index: u64) -> &mut Bucket {
        let known = self
            .buckets
            .get(self.last)
            .is_some_and(|(own, _)| *own == index);
        if !known {
            self.last = match self.buckets.binary_search_by_key(&index, |(own, _)| *own) {
                Ok(place) => place,
                Err(place) => {
                    self.buckets.insert(place, (index, Bucket::default()));
                    place
                }
            };
        }
        &mut self.buckets[self.last].1
    }

    pub fn all(&self) -> impl Iterator<Item = (u64, &Bucket)> {
        self.buckets.iter().map(|(index, bucket)| (*index, bucket))
    }
}
