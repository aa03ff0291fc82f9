//! A priority queue of (time, sequence number): the only thing that moves virtual time forward.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::check::Log;
use super::{SimDuration, SimTime};

/// The event heap and the clock. `E` is whatever the simulated world wants to be told.
///
/// Events at the same time come out in the order in which they were scheduled. There is no taking back: whoever schedules
/// an event that may be overtaken puts into it what it needs to see that it was, which costs nothing per event.
#[derive(Debug)]
pub struct Kernel<E> {
    now: SimTime,
    next: u64,
    heap: BinaryHeap<Scheduled<E>>,
    /// Where events are recorded, and how they are described there.
    log: Option<(Log, Describe<E>)>,
}

/// How an event is written into a log.
type Describe<E> = fn(&E) -> String;

#[derive(Debug)]
struct Scheduled<E> {
    at: SimTime,
    sequence: u64,
    event: E,
}

impl<E> Default for Kernel<E> {
    fn default() -> Self {
        Self {
            now: SimTime::ZERO,
            next: 0,
            heap: BinaryHeap::new(),
            log: None,
        }
    }
}

impl<E> Kernel<E> {
    /// An empty kernel at time zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same kernel, recording every event it hands out.
    pub fn observed(mut self, log: &Log) -> Self
    where
        E: std::fmt::Debug,
    {
        self.log = Some((log.clone(), |event| format!("{event:?}")));
        self
    }

    /// The time of the event that was taken out last.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Schedules `event` at `at`; a time already past means now.
    pub fn at(&mut self, at: SimTime, event: E) {
        let sequence = self.next;
        self.next += 1;
        self.heap.push(Scheduled {
            at: at.max(self.now),
            sequence,
            event,
        });
    }

    /// Schedules `event` after `span`.
    pub fn after(&mut self, span: SimDuration, event: E) {
        self.at(self.now + span, event);
    }

    /// Moves the clock to the next event and hands it out; `None` when nothing is left.
    pub fn next_event(&mut self) -> Option<(SimTime, E)> {
        let Scheduled { at, event, .. } = self.heap.pop()?;
        self.now = at;
        if let Some((log, describe)) = &self.log {
            log.event(at, || describe(&event));
        }
        Some((at, event))
    }

    /// The time of the next event.
    pub fn peek(&self) -> Option<SimTime> {
        self.heap.peek().map(|top| top.at)
    }
}

impl<E> PartialEq for Scheduled<E> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<E> Eq for Scheduled<E> {}

impl<E> PartialOrd for Scheduled<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> Ord for Scheduled<E> {
    /// Reversed, because `BinaryHeap` hands out its greatest element.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.sequence).cmp(&(self.at, self.sequence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(kernel: &mut Kernel<&'static str>) -> Vec<(u64, &'static str)> {
        std::iter::from_fn(|| kernel.next_event())
            .map(|(at, event)| (at.as_nanos(), event))
            .collect()
    }

    #[test]
    fn events_come_in_time_order_and_ties_in_the_order_of_scheduling() {
        let mut kernel = Kernel::new();
        for (at, event) in [(5, "c"), (1, "a"), (5, "d"), (2, "b")] {
            kernel.at(SimTime::from_nanos(at), event);
        }
        assert_eq!(drain(&mut kernel), [(1, "a"), (2, "b"), (5, "c"), (5, "d")]);
    }

    #[test]
    fn the_past_is_now() {
        let mut kernel = Kernel::new();
        kernel.at(SimTime::from_nanos(10), "first");
        kernel.next_event();
        kernel.at(SimTime::from_nanos(3), "late");
        assert_eq!(drain(&mut kernel), [(10, "late")]);
    }
}
