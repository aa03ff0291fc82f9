//! What happened at a source, in the words of its documentation.

use serde::{Deserialize, Serialize};

use super::BatchId;
use super::producer::Answer;
use crate::sim::{SimDuration, SimTime};

/// One message or record: its number in the order of arrival at its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemId(pub u32);

/// Several messages or records, kept as runs of neighbouring numbers: batches are mostly that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Items(Vec<(u32, u32)>);

impl Items {
    /// Adds one at the end.
    pub fn push(&mut self, item: ItemId) {
        match self.0.last_mut() {
            Some((first, count)) if first.checked_add(*count) == Some(item.0) => *count += 1,
            _ => self.0.push((item.0, 1)),
        }
    }

    /// Each of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = ItemId> + '_ {
        self.0
            .iter()
            .flat_map(|&(first, count)| (first..first.saturating_add(count)).map(ItemId))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.iter().map(|&(_, count)| count as usize).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<ItemId> for Items {
    fn from_iter<T: IntoIterator<Item = ItemId>>(items: T) -> Self {
        let mut all = Self::default();
        items.into_iter().for_each(|item| all.push(item));
        all
    }
}

/// Where in a source something happened. A queue has one place.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Place {
    /// The shard or partition, from 0; for Kafka the consumer's first.
    pub shard: u32,
    /// Which of the shard's concurrent batches (`ParallelizationFactor`), or which consumer.
    pub lane: u32,
}

/// How an invocation with a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BatchEnd {
    /// The whole batch is done.
    Succeeded,
    /// The function named items that failed (`ReportBatchItemFailures`); the others are done.
    PartiallyFailed,
    /// The function failed, or its response means so.
    Failed(Failure),
    /// 429: the function was not run.
    Throttled,
    /// 5xx: the function was not run.
    ServiceError,
}

/// Why a batch failed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The function reported an error, crashed or timed out.
    FunctionError,
    /// The batch response is not what `ReportBatchItemFailures` asks for.
    InvalidBatchResponse,
    /// The response of a tumbling window's invocation has no `state`.
    MissingState,
}

/// Why pollers became more or fewer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScalingReason {
    /// Messages wait and all pollers are busy.
    Backlog,
    /// A long poll found nothing.
    Idle,
    /// The function failed.
    FunctionError,
    /// The function was throttled.
    Throttled,
}

/// Why records are given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiscardReason {
    /// `MaximumRetryAttempts` are used up.
    RetryAttemptsExhausted,
    /// Older than `MaximumRecordAgeInSeconds`.
    RecordAgeExceeded,
    /// One record alone makes an event larger than 6 MB.
    MaximumPayloadSizeExceeded,
}

impl DiscardReason {
    /// The name in a destination record's `condition`.
    pub fn condition(self) -> &'static str {
        match self {
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Self::RecordAgeExceeded => "RecordAgeExceeded",
            Self::MaximumPayloadSizeExceeded => "MaximumPayloadSizeExceeded",
        }
    }
}

/// A record sent to an on-failure destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationRecord {
    /// The destination's ARN, or `kafka://` and a topic.
    pub destination: String,
    /// The object's key, when the destination is an S3 bucket.
    pub object_key: Option<String>,
    /// The record: JSON text.
    pub body: String,
    /// Whether the destination took it. A failure drill may keep it from that; what it was about is lost then.
    pub delivered: bool,
}

/// Something that happened at a source or to its mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceEvent {
    /// Whoever sent something to the source has its answer, the source's own: the function is run later, and its result
    /// never comes back here.
    ProducerSaw {
        /// What was taken by this request; nothing when it was refused, or accepted but not kept.
        items: Items,
        /// The answer.
        answer: Answer,
    },
    /// Messages or records came to the source.
    Arrived {
        /// Which.
        items: Items,
    },
    /// A message was accepted but is not kept: one with its deduplication id came less than five minutes before.
    Deduplicated {
        /// The one that is kept.
        original: ItemId,
    },
    /// The source refused a message.
    Rejected {
        /// What its API says.
        message: String,
    },
    /// The starting position leaves these out.
    Skipped {
        /// Which.
        items: Items,
    },
    /// Pollers read these.
    Polled {
        /// From where.
        place: Place,
        /// Which.
        items: Items,
    },
    /// The filter criteria leave these out. Messages are deleted, records passed over.
    FilteredOut {
        /// Which.
        items: Items,
    },
    /// The function is invoked with a batch.
    BatchSent {
        /// Which.
        batch: BatchId,
        /// From where.
        place: Place,
        /// 1 for the first try of these items together.
        attempt: u32,
        /// What is in it.
        items: Items,
        /// The event's size in bytes.
        bytes: u32,
        /// The metric `IteratorAge`: the age of the batch's last record. Streams only.
        iterator_age: Option<SimDuration>,
    },
    /// An invocation ended.
    BatchEnded {
        /// Which.
        batch: BatchId,
        /// How.
        end: BatchEnd,
    },
    /// Records were processed; the stream keeps them.
    Processed {
        /// By which batch.
        batch: BatchId,
        /// Which.
        items: Items,
    },
    /// Messages were processed and are deleted from the queue, or acknowledged at the broker.
    Deleted {
        /// By which batch.
        batch: BatchId,
        /// Which.
        items: Items,
    },
    /// Messages of a failed batch stay invisible.
    Hidden {
        /// Which.
        items: Items,
        /// Until their visibility timeout ends.
        until: SimTime,
    },
    /// A visibility timeout ended: the messages can be received again.
    Returned {
        /// Which.
        items: Items,
    },
    /// Messages were received too often and are moved to the dead-letter queue.
    MovedToDeadLetterQueue {
        /// Which.
        items: Items,
    },
    /// Messages were moved from the dead-letter queue back to the source, where they are new.
    Redriven {
        /// As what they went to the dead-letter queue.
        items: Items,
        /// As what they return, in the same order.
        renumbered: Items,
    },
    /// The retention period ended.
    Expired {
        /// Which.
        items: Items,
    },
    /// The mapping may now process this many batches at a time.
    PollersScaled {
        /// Before.
        from: u32,
        /// Now.
        to: u32,
        /// Why.
        reason: ScalingReason,
    },
    /// The same batch will be sent again; until then nothing else moves at this place.
    RetryScheduled {
        /// Where.
        place: Place,
        /// The invocation that did not succeed.
        batch: BatchId,
        /// When.
        due: SimTime,
    },
    /// `BisectBatchOnFunctionError` split a failed batch.
    Bisected {
        /// Where.
        place: Place,
        /// The invocation that failed.
        batch: BatchId,
        /// Items in the first part, which goes first.
        first: u32,
        /// Items in the second part.
        second: u32,
    },
    /// Everything before this position of a shard or partition is done with.
    Checkpointed {
        /// The shard or partition.
        shard: u32,
        /// The number of the first record that is not, counted from the shard's first.
        position: u64,
    },
    /// Records are given up.
    Discarded {
        /// Which.
        items: Items,
        /// Why.
        reason: DiscardReason,
        /// What the on-failure destination gets, if there is one.
        record: Option<DestinationRecord>,
    },
    /// A tumbling window is over.
    WindowClosed {
        /// Where.
        place: Place,
        /// Its start, in calendar milliseconds since 1970.
        start_ms: i64,
        /// Whether it ended because its state outgrew 1 MB.
        early: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order_and_share_runs() {
        let ids = [4, 5, 6, 9, 2, 3].map(ItemId);
        let items: Items = ids.into_iter().collect();
        assert_eq!(items.len(), 6);
        assert_eq!(items.iter().collect::<Vec<_>>(), ids);
        assert_eq!(items.0.len(), 3);
        assert!(Items::default().is_empty());
    }
}
