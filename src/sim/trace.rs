//! What happened, in the order in which it happened.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SimTime;

/// Entries for which room is kept after a batch has left: batches of one run are about equally long.
const MOST_ROOM: usize = 65_536;

/// An entry with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped<E> {
    /// When it happened.
    pub at: SimTime,
    /// What happened.
    pub event: E,
}

/// Everything that happened so far; entries are appended and never changed, and their times never run backwards.
///
/// A guest is run to its end in one go, so what it did on the way is known before the kernel's clock gets there. Such
/// entries are [foreseen](Trace::foresee) and take their place when the clock [reaches](Trace::reach) them: the trace is in
/// order however many guests run at once.
#[derive(Debug, Clone)]
pub struct Trace<E> {
    entries: Vec<Stamped<E>>,
    ahead: BTreeMap<(SimTime, u64), E>,
    foreseen: u64,
}

impl<E> Default for Trace<E> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            ahead: BTreeMap::new(),
            foreseen: 0,
        }
    }
}

impl<E> Trace<E> {
    /// An empty trace.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an entry at `at`, the kernel's present.
    pub fn note(&mut self, at: SimTime, event: E) {
        self.entries.push(Stamped { at, event });
    }

    /// Keeps an entry of the future until the clock gets there. Entries of the same time keep their order.
    pub fn foresee(&mut self, at: SimTime, event: E) {
        self.ahead.insert((at, self.foreseen), event);
        self.foreseen += 1;
    }

    /// The clock stands at `now`: what was foreseen up to then has happened.
    pub fn reach(&mut self, now: SimTime) {
        while let Some(first) = self.ahead.first_entry() {
            let (at, _) = *first.key();
            if at > now {
                break;
            }
            let event = first.remove();
            self.entries.push(Stamped { at, event });
        }
    }

    /// Forgets what was foreseen and not reached.
    pub fn forget_ahead(&mut self) {
        self.ahead.clear();
    }

    /// All entries, in order of time.
    pub fn entries(&self) -> &[Stamped<E>] {
        &self.entries
    }

    /// Takes the entries out: how a long trace leaves the worker in batches.
    pub fn take(&mut self) -> Vec<Stamped<E>> {
        // A little more than last time, so that a batch rarely has to grow, which would double it.
        let length = self.entries.len();
        let room = Vec::with_capacity((length + length / 8).min(MOST_ROOM));
        std::mem::replace(&mut self.entries, room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_foreseen_takes_its_place_in_time() {
        let at = SimTime::from_nanos;
        let mut trace = Trace::new();
        trace.note(at(0), "start");
        for (time, event) in [(5, "late"), (2, "early"), (2, "early too")] {
            trace.foresee(at(time), event);
        }
        trace.reach(at(3));
        trace.note(at(3), "other");
        trace.reach(at(5));
        let order: Vec<_> = trace.take().into_iter().map(|entry| entry.event).collect();
        assert_eq!(order, ["start", "early", "early too", "other", "late"]);
    }
}
