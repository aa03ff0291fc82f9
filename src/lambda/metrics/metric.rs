//! The metrics by name, with their units and statistics.

use super::bucket::{Counter, Sample};

/// A metric that this simulation emits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// The function ran, whatever came of it.
    Invocations,
    /// It failed.
    Errors,
    /// A request was refused with 429; retries count each time.
    Throttles,
    /// How long the function ran, without a cold start's Init.
    Duration,
    /// Environments at work.
    ConcurrentExecutions,
    /// Of these, those of functions without a reserve.
    UnreservedConcurrentExecutions,
    /// What is in use or set aside of the account's concurrency.
    ClaimedAccountConcurrency,
    /// Provisioned environments at work.
    ProvisionedConcurrentExecutions,
    /// The same as a part of what is allocated.
    ProvisionedConcurrencyUtilization,
    /// Invocations on provisioned concurrency.
    ProvisionedConcurrencyInvocations,
    /// Invocations on demand because provisioned concurrency was all in use.
    ProvisionedConcurrencySpilloverInvocations,
    /// Events that entered the queue.
    AsyncEventsReceived,
    /// How old events were at each try.
    AsyncEventAge,
    /// Events given up, wherever they went.
    AsyncEventsDropped,
    /// Events that a dead-letter queue did not take.
    DeadLetterErrors,
    /// Records that a destination did not take.
    DestinationDeliveryFailures,
    /// Invocations that the loop guard stopped.
    RecursiveInvocationsDropped,
    /// How old a batch's last record was when the batch was sent: Kinesis, DynamoDB, DocumentDB.
    IteratorAge,
    /// How many records a Kafka topic's consumers had not done with when a batch was sent, the batch included.
    OffsetLag,
    /// Messages or records that a mapping read. A poll that finds nothing takes no part here; on AWS it tells a 0.
    PolledEventCount,
    /// Of these, those that the filter criteria left out.
    FilteredOutEventCount,
    /// Those that the function was invoked with; retries count again.
    InvokedEventCount,
    /// Those in batches that did not wholly succeed, at the end of the invocation.
    FailedInvokeEventCount,
    /// Messages deleted from an SQS queue because they were processed.
    DeletedEventCount,
    /// Records committed to a Kafka topic after processing.
    CommittedEventCount,
    /// Records given up by age or retries that no destination got: Kinesis, DynamoDB, Kafka. Retention does not count.
    DroppedEventCount,
    /// Records sent to the on-failure destination: Kinesis, DynamoDB, Kafka.
    OnFailureDestinationDeliveredEventCount,
    /// DocumentDB changes too large for an event, left out.
    OversizedRecordCount,
    /// Batches of a Kafka topic with which the function could not be invoked: throttles and Lambda's own errors. Of the other
    /// metrics of the group `ErrorCount` three - polling, committing, schema registries - tell of what never fails here, so
    /// they are never sent, as on AWS while nothing fails.
    InvokeErrorCount,
    /// Records of what a Kafka topic's mapping gave up that the on-failure destination did not take.
    OnFailureDestinationDeliveryErrorCount,
    /// The most that a partition of a Kafka topic has beyond its committed offset. When it is sent is not documented: here
    /// at every poll and commit. The documentation names no statistic either.
    MaxOffsetLag,
    /// The same of all partitions together.
    SumOffsetLag,
    /// Pollers of a mapping in provisioned mode. Left out: `EventPollerUnit` and `EventPollerThroughputInBytes` of Kafka,
    /// as it is not published how much a unit is.
    ProvisionedPollers,
    /// Requests to function URLs.
    UrlRequestCount,
    /// Of these, answered with 4xx.
    Url4xxCount,
    /// Of these, answered with 5xx.
    Url5xxCount,
    /// From request to answer at a function URL.
    UrlRequestLatency,
}

/// What values count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `Count`.
    Count,
    /// `Milliseconds`; values are nanoseconds.
    Milliseconds,
    /// `None`: a part of one; values are millionths.
    Ratio,
}

/// How the values of a period become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// All together.
    Sum,
    /// Their mean.
    Average,
    /// The least.
    Minimum,
    /// The greatest.
    Maximum,
    /// How many.
    SampleCount,
    /// Half of them are below.
    P50,
    /// Nine in ten are below.
    P90,
    /// Ninety-nine in a hundred are below.
    P99,
}

impl Metric {
    /// All of them, in the order in which a dashboard would show them.
    pub const ALL: [Self; 37] = [
        Self::Invocations,
        Self::Errors,
        Self::Throttles,
        Self::Duration,
        Self::ConcurrentExecutions,
        Self::UnreservedConcurrentExecutions,
        Self::ClaimedAccountConcurrency,
        Self::ProvisionedConcurrentExecutions,
        Self::ProvisionedConcurrencyUtilization,
        Self::ProvisionedConcurrencyInvocations,
        Self::ProvisionedConcurrencySpilloverInvocations,
        Self::AsyncEventsReceived,
        Self::AsyncEventAge,
        Self::AsyncEventsDropped,
        Self::DeadLetterErrors,
        Self::DestinationDeliveryFailures,
        Self::RecursiveInvocationsDropped,
        Self::IteratorAge,
        Self::OffsetLag,
        Self::PolledEventCount,
        Self::FilteredOutEventCount,
        Self::InvokedEventCount,
        Self::FailedInvokeEventCount,
        Self::DeletedEventCount,
        Self::CommittedEventCount,
        Self::DroppedEventCount,
        Self::OnFailureDestinationDeliveredEventCount,
        Self::OversizedRecordCount,
        Self::InvokeErrorCount,
        Self::OnFailureDestinationDeliveryErrorCount,
        Self::MaxOffsetLag,
        Self::SumOffsetLag,
        Self::ProvisionedPollers,
        Self::UrlRequestCount,
        Self::Url4xxCount,
        Self::Url5xxCount,
        Self::UrlRequestLatency,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invocations => "Invocations",
            Self::Errors => "Errors",
            Self::Throttles => "Throttles",
            Self::Duration => "Duration",
            Self::ConcurrentExecutions => "ConcurrentExecutions",
            Self::UnreservedConcurrentExecutions => "UnreservedConcurrentExecutions",
            Self::ClaimedAccountConcurrency => "ClaimedAccountConcurrency",
            Self::ProvisionedConcurrentExecutions => "ProvisionedConcurrentExecutions",
            Self::ProvisionedConcurrencyUtilization => "ProvisionedConcurrencyUtilization",
            Self::ProvisionedConcurrencyInvocations => "ProvisionedConcurrencyInvocations",
            Self::ProvisionedConcurrencySpilloverInvocations => {
                "ProvisionedConcurrencySpilloverInvocations"
            }
            Self::AsyncEventsReceived => "AsyncEventsReceived",
            Self::AsyncEventAge => "AsyncEventAge",
            Self::AsyncEventsDropped => "AsyncEventsDropped",
            Self::DeadLetterErrors => "DeadLetterErrors",
            Self::DestinationDeliveryFailures => "DestinationDeliveryFailures",
            Self::RecursiveInvocationsDropped => "RecursiveInvocationsDropped",
            Self::IteratorAge => "IteratorAge",
            Self::OffsetLag => "OffsetLag",
            Self::PolledEventCount => "PolledEventCount",
            Self::FilteredOutEventCount => "FilteredOutEventCount",
            Self::InvokedEventCount => "InvokedEventCount",
            Self::FailedInvokeEventCount => "FailedInvokeEventCount",
            Self::DeletedEventCount => "DeletedEventCount",
            Self::CommittedEventCount => "CommittedEventCount",
            Self::DroppedEventCount => "DroppedEventCount",
            Self::OnFailureDestinationDeliveredEventCount => {
                "OnFailureDestinationDeliveredEventCount"
            }
            Self::OversizedRecordCount => "OversizedRecordCount",
            Self::InvokeErrorCount => "InvokeErrorCount",
            Self::OnFailureDestinationDeliveryErrorCount => {
                "OnFailureDestinationDeliveryErrorCount"
            }
            Self::MaxOffsetLag => "MaxOffsetLag",
            Self::SumOffsetLag => "SumOffsetLag",
            Self::ProvisionedPollers => "ProvisionedPollers",
            Self::UrlRequestCount => "UrlRequestCount",
            Self::Url4xxCount => "Url4xxCount",
            Self::Url5xxCount => "Url5xxCount",
            Self::UrlRequestLatency => "UrlRequestLatency",
        }
    }

    /// What its values count.
    pub const fn unit(self) -> Unit {
        match self {
            Self::Duration | Self::AsyncEventAge | Self::IteratorAge | Self::UrlRequestLatency => {
                Unit::Milliseconds
            }
            Self::ProvisionedConcurrencyUtilization => Unit::Ratio,
            _ => Unit::Count,
        }
    }

    /// The statistics that mean something for it, the usual one first.
    pub const fn statistics(self) -> &'static [Statistic] {
        match self {
            Self::Duration | Self::AsyncEventAge | Self::IteratorAge | Self::UrlRequestLatency => {
                &[
                    Statistic::Average,
                    Statistic::Maximum,
                    Statistic::P99,
                    Statistic::P90,
                    Statistic::P50,
                    Statistic::Minimum,
                    Statistic::Sum,
                    Statistic::SampleCount,
                ]
            }
            Self::OffsetLag | Self::MaxOffsetLag | Self::SumOffsetLag => {
                &[Statistic::Maximum, Statistic::Average, Statistic::Minimum]
            }
            Self::ConcurrentExecutions
            | Self::UnreservedConcurrentExecutions
            | Self::ClaimedAccountConcurrency
            | Self::ProvisionedConcurrentExecutions
            | Self::ProvisionedConcurrencyUtilization
            | Self::ProvisionedPollers => &[Statistic::Maximum],
            _ => &[Statistic::Sum],
        }
    }

    /// Whether a period with nothing to tell has no data point. Durations may be zero and still be told.
    pub(super) const fn only_when_positive(self) -> bool {
        !matches!(self.unit(), Unit::Milliseconds)
    }

    pub(super) const fn counter(self) -> Option<Counter> {
        Some(match self {
            Self::Invocations => Counter::Invocations,
            Self::Errors => Counter::Errors,
            Self::Throttles => Counter::Throttles,
            Self::ProvisionedConcurrencyInvocations => Counter::OnProvisioned,
            Self::ProvisionedConcurrencySpilloverInvocations => Counter::Spillover,
            Self::AsyncEventsReceived => Counter::AsyncEventsReceived,
            Self::AsyncEventsDropped => Counter::AsyncEventsDropped,
            Self::DeadLetterErrors => Counter::DeadLetterErrors,
            Self::DestinationDeliveryFailures => Counter::DestinationDeliveryFailures,
            Self::RecursiveInvocationsDropped => Counter::RecursiveInvocationsDropped,
            Self::PolledEventCount => Counter::Polled,
            Self::FilteredOutEventCount => Counter::FilteredOut,
            Self::InvokedEventCount => Counter::Invoked,
            Self::FailedInvokeEventCount => Counter::FailedInvoke,
            Self::DeletedEventCount => Counter::Deleted,
            Self::CommittedEventCount => Counter::Committed,
            Self::DroppedEventCount => Counter::Dropped,
            Self::OnFailureDestinationDeliveredEventCount => Counter::OnFailureDelivered,
            Self::OversizedRecordCount => Counter::Oversized,
            Self::InvokeErrorCount => Counter::InvokeErrors,
            Self::OnFailureDestinationDeliveryErrorCount => Counter::OnFailureErrors,
            Self::UrlRequestCount => Counter::UrlRequests,
            Self::Url4xxCount => Counter::Url4xx,
            Self::Url5xxCount => Counter::Url5xx,
            _ => return None,
        })
    }

    pub(super) const fn sample(self) -> Option<Sample> {
        Some(match self {
            Self::Duration => Sample::Duration,
            Self::AsyncEventAge => Sample::AsyncEventAge,
            Self::IteratorAge => Sample::IteratorAge,
            Self::OffsetLag => Sample::OffsetLag,
            Self::MaxOffsetLag => Sample::MaxOffsetLag,
            Self::SumOffsetLag => Sample::SumOffsetLag,
            Self::UrlRequestLatency => Sample::UrlLatency,
            _ => return None,
        })
    }
}

impl Statistic {
    /// Its name in CloudWatch.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sum => "Sum",
            Self::Average => "Average",
            Self::Minimum => "Minimum",
            Self::Maximum => "Maximum",
            Self::SampleCount => "SampleCount",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P99 => "p99",
        }
    }

    /// The statistic of these values; none of no values. A percentile is the value at its rank, rounded up.
    pub(super) fn of(self, mut values: Vec<u64>) -> Option<u64> {
        let count = values.len();
        let sum: u128 = values.iter().copied().map(u128::from).sum();
        let mut ranked = |per_hundred: usize| {
            let rank = (count * per_hundred).div_ceil(100).max(1) - 1;
            let (_, value, _) = values.select_nth_unstable(rank.min(count.checked_sub(1)?));
            Some(*value)
        };
        let fitting = |value: u128| u64::try_from(value).unwrap_or(u64::MAX);
        match self {
            Self::Sum => (count > 0).then(|| fitting(sum)),
            Self::Average => Some(fitting(sum.checked_div(count as u128)?)),
            Self::Minimum => values.into_iter().min(),
            Self::Maximum => values.into_iter().max(),
            Self::SampleCount => (count > 0).then_some(count as u64),
            Self::P50 => ranked(50),
            Self::P90 => ranked(90),
            Self::P99 => ranked(99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_known_values() {
        let values: Vec<u64> = (1..=200).rev().collect();
        let of = |statistic: Statistic| statistic.of(values.clone()).unwrap_or(0);
        assert_eq!(of(Statistic::Sum), 20_100);
        assert_eq!(of(Statistic::Average), 100);
        assert_eq!((of(Statistic::Minimum), of(Statistic::Maximum)), (1, 200));
        assert_eq!(of(Statistic::SampleCount), 200);
        assert_eq!(
            (of(Statistic::P50), of(Statistic::P90), of(Statistic::P99)),
            (100, 180, 198)
        );
        for statistic in [
            Statistic::Sum,
            Statistic::Average,
            Statistic::P99,
            Statistic::Maximum,
        ] {
            assert_eq!(statistic.of(Vec::new()), None);
        }
    }
}
