//! What happened, in the order in which it happened.

use serde::{Deserialize, Serialize};

use super::SimTime;

/// An entry with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped<E> {
    /// When it happened.
    pub at: SimTime,
    /// What happened.
    pub event: E,
}

/// Everything that happened so far; entries are appended and never changed.
///
/// Times never run backwards, except that one guest run may note things that lie ahead of the kernel's clock: a guest is
/// run to its end in one go, and what it did on the way carries the time at which it did it. Readers that need strict
/// order sort stably by time.
#[derive(Debug, Clone, Default)]
pub struct Trace<E> {
    entries: Vec<Stamped<E>>,
}

impl<E> Trace<E> {
    /// An empty trace.
    pub fn new() -> Self {
        Self {
            entries: Vec::new(),
        }
    }

    /// Appends an entry.
    pub fn note(&mut self, at: SimTime, event: E) {
        self.entries.push(Stamped { at, event });
    }

    /// All entries, in the order in which they were noted.
    pub fn entries(&self) -> &[Stamped<E>] {
        &self.entries
    }

    /// Takes the entries out: how a long trace leaves the worker in batches.
    pub fn take(&mut self) -> Vec<Stamped<E>> {
        std::mem::take(&mut self.entries)
    }
}
