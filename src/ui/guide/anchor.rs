//! Where in a run a step stands: at what happens there.

use crate::lambda::event::{Entry, Event};
use crate::lambda::event_source::SourceEvent;

/// Where the cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// To the first entry.
    Start,
    /// To the end.
    End,
    /// To the nth entry of a kind, from 1.
    Nth(What, u32),
}

/// A kind of entry. Each is one variant of the trace's events, in their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A request reaches Lambda.
    Received,
    /// 202.
    Accepted,
    /// A new environment.
    EnvironmentCreated,
    /// Init is done.
    InitFinished,
    /// A handler begins.
    InvokeStarted,
    /// The function writes a line.
    Log,
    /// An invocation ends.
    InvokeFinished,
    /// The process of an environment is lost.
    EnvironmentReset,
    /// An idle environment is ended.
    EnvironmentShutdown,
    /// An event goes back to the queue.
    RetryScheduled,
    /// An event is given up.
    Dropped,
    /// A destination gets a record.
    Delivered,
    /// 429.
    Throttled,
    /// Something comes back to the caller.
    CallerSaw,
    /// Records came to a source.
    Arrived,
    /// A poller calls the function with a batch.
    BatchSent,
    /// Messages of a failed batch are hidden.
    Hidden,
    /// Messages are visible again.
    Returned,
    /// Messages go to the dead-letter queue.
    MovedToDeadLetterQueue,
    /// A shard's batch will be sent again.
    BatchRetry,
    /// Records are given up.
    Discarded,
    /// Records are done.
    Processed,
}

impl What {
    /// Whether the entry is of this kind.
    pub fn is(self, entry: &Entry) -> bool {
        match &entry.event {
            Event::Received { .. } => self == Self::Received,
            Event::Accepted { .. } => self == Self::Accepted,
            Event::EnvironmentCreated { .. } => self == Self::EnvironmentCreated,
            Event::InitFinished { .. } => self == Self::InitFinished,
            Event::InvokeStarted { .. } => self == Self::InvokeStarted,
            Event::Log { .. } => self == Self::Log,
            Event::InvokeFinished { .. } => self == Self::InvokeFinished,
            Event::EnvironmentReset { .. } => self == Self::EnvironmentReset,
            Event::EnvironmentShutdown { .. } => self == Self::EnvironmentShutdown,
            Event::RetryScheduled { .. } => self == Self::RetryScheduled,
            Event::Dropped { .. } => self == Self::Dropped,
            Event::Delivered { .. } => self == Self::Delivered,
            Event::Throttled { .. } => self == Self::Throttled,
            Event::CallerSaw { .. } => self == Self::CallerSaw,
            Event::Mapping { event, .. } => match &**event {
                SourceEvent::Arrived { .. } => self == Self::Arrived,
                SourceEvent::BatchSent { .. } => self == Self::BatchSent,
                SourceEvent::Hidden { .. } => self == Self::Hidden,
                SourceEvent::Returned { .. } => self == Self::Returned,
                SourceEvent::MovedToDeadLetterQueue { .. } => self == Self::MovedToDeadLetterQueue,
                SourceEvent::RetryScheduled { .. } => self == Self::BatchRetry,
                SourceEvent::Discarded { .. } => self == Self::Discarded,
                SourceEvent::Processed { .. } => self == Self::Processed,
                _ => false,
            },
            _ => false,
        }
    }
}

impl At {
    /// The number of the entry where the cursor stands then, from 0; none in a run that has been changed so that it does not
    /// happen any more.
    pub fn position<'e>(self, entries: impl Iterator<Item = &'e Entry>) -> Option<usize> {
        match self {
            Self::Start => entries.take(1).count().checked_sub(1),
            Self::End => entries.count().checked_sub(1),
            Self::Nth(what, number) => {
                let index = usize::try_from(number.checked_sub(1)?).ok()?;
                let mut found = entries.enumerate().filter(|(_, entry)| what.is(entry));
                found.nth(index).map(|(position, _)| position)
            }
        }
    }
}
