//! Lambda's queue of asynchronous events, at an instant.

use std::collections::BTreeMap;

use crate::lambda::event::{Entry, Event, InvocationId, RetryCause};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::AttemptId;

/// An event that stands in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which, and the try to come.
    pub id: AttemptId,
    /// When it was accepted.
    pub accepted: SimTime,
    /// Since when it stands there this time.
    pub since: SimTime,
    /// When its next try is due; none for one that waits for room.
    pub due: Option<SimTime>,
}

/// What is known of the queue at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueStory {
    /// Events that were accepted.
    pub accepted: u32,
    /// Events that went back because the function failed.
    pub retries: u32,
    /// Events that went back for lack of concurrency.
    pub throttled: u32,
    /// Events that were given up.
    pub dropped: u32,
    /// The age of the oldest event that left the queue for a try.
    pub oldest: SimDuration,
    /// What stands there now, in the order in which it came.
    pub waiting: Vec<Waiting>,
}

/// Reads the queue up to `at`. The entries are in the order of time.
pub fn queue<'e>(entries: impl IntoIterator<Item = &'e Entry>, at: SimTime) -> QueueStory {
    let mut story = QueueStory::default();
    let mut waiting: BTreeMap<InvocationId, Waiting> = BTreeMap::new();
    let mut accepted: BTreeMap<InvocationId, SimTime> = BTreeMap::new();
    let enter = |waiting: &mut BTreeMap<_, _>, accepted, invocation, attempt, since, due| {
        let id = AttemptId {
            invocation,
            attempt,
        };
        let entered = Waiting {
            id,
            accepted,
            since,
            due,
        };
        waiting.insert(invocation, entered);
    };
    for entry in entries.into_iter().take_while(|entry| entry.at <= at) {
        match &entry.event {
            Event::Accepted { invocation } => {
                story.accepted += 1;
                accepted.insert(*invocation, entry.at);
                enter(&mut waiting, entry.at, *invocation, 1, entry.at, None);
            }
            Event::Dequeued {
                invocation, age, ..
            } => {
                story.oldest = story.oldest.max(*age);
                waiting.remove(invocation);
            }
            Event::RetryScheduled {
                invocation,
                attempt,
                cause,
                due,
            } => {
                match cause {
                    RetryCause::FunctionError => story.retries += 1,
                    RetryCause::Throttled | RetryCause::SystemError => story.throttled += 1,
                }
                let came = accepted.get(invocation).copied().unwrap_or(entry.at);
                let due = Some(*due);
                enter(&mut waiting, came, *invocation, *attempt, entry.at, due);
            }
            Event::Dropped { invocation, .. } => {
                story.dropped += 1;
                waiting.remove(invocation);
            }
            _ => {}
        }
    }
    story.waiting = waiting.into_values().collect();
    story.waiting.sort_by_key(|it| (it.since, it.id));
    story
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lived::{lived, scenario};

    #[test]
    fn an_event_stands_in_the_queue_between_its_tries() {
        let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true));
        let at = |seconds| SimTime::ZERO + SimDuration::from_secs(seconds);
        let between = queue(entries.iter(), at(30));
        assert_eq!(
            (between.accepted, between.retries, between.dropped),
            (1, 1, 0)
        );
        let [waiting] = &between.waiting[..] else {
            panic!("{between:?}");
        };
        assert_eq!(waiting.id.attempt, 2);
        assert!(waiting.accepted < waiting.since);
        assert!(waiting.due.is_some_and(|due| due > at(55) && due < at(66)));
        let end = queue(entries.iter(), at(1_000));
        assert_eq!((end.retries, end.dropped, end.waiting.len()), (2, 1, 0));
        assert!(end.oldest > SimDuration::from_secs(170));
        assert_eq!(queue(entries.iter().take(1), SimTime::ZERO).accepted, 0);
    }
}
