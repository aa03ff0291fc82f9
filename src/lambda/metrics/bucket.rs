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
    Polled,
    FilteredOut,
    Invoked,
    FailedInvoke,
    Deleted,
    Committed,
    Dropped,
    OnFailureDelivered,
    Oversized,
    InvokeErrors,
    OnFailureErrors,
    UrlRequests,
    Url4xx,
    Url5xx,
}

const COUNTERS: usize = 24;

/// What is measured each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sample {
    Duration,
    AsyncEventAge,
    IteratorAge,
    OffsetLag,
    MaxOffsetLag,
    SumOffsetLag,
    UrlLatency,
}

const SAMPLES: usize = 7;

/// One period. Every measured value is kept: percentiles are exact.
#[derive(Debug, Clone, Default)]
pub(super) struct Bucket {
    counts: [u64; COUNTERS],
    samples: [Vec<u64>; SAMPLES],
}

impl Bucket {
    pub fn add(&mut self, counter: Counter) {
        self.add_many(counter, 1);
    }

    pub fn add_many(&mut self, counter: Counter, many: u64) {
        if let Some(count) = self.counts.get_mut(counter as usize) {
            *count = count.saturating_add(many);
        }
    }

    pub fn get(&self, counter: Counter) -> u64 {
        self.counts.get(counter as usize).copied().unwrap_or(0)
    }

    pub fn measure(&mut self, sample: Sample, value: u64) {
        if let Some(values) = self.samples.get_mut(sample as usize) {
            values.push(value);
        }
    }

    pub fn span(&mut self, sample: Sample, span: SimDuration) {
        self.measure(sample, span.as_nanos());
    }

    pub fn measured(&self, sample: Sample) -> &[u64] {
        self.samples.get(sample as usize).map_or(&[], Vec::as_slice)
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
