//! Stored records, and how far a shard is done with.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::lambda::event_source::ItemId;
use crate::sim::SimTime;

/// A record of a stream, or a message at a broker.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub item: ItemId,
    pub shard: u32,
    /// Counted from the shard's first record.
    pub offset: u64,
    pub arrived: SimTime,
    /// How often it was sent before: brokers tell.
    pub deliveries: u32,
    pub key: Option<Rc<str>>,
    pub body: Rc<str>,
    pub attributes: Option<Rc<[(String, String)]>>,
}

/// A shard's records before the first that is not done with are never looked at again.
#[derive(Debug, Default)]
pub(super) struct Progress {
    position: u64,
    done: VecDeque<bool>,
}

impl Progress {
    /// Where the checkpoint stands.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// A record is done with.
    pub fn done(&mut self, offset: u64) {
        let Some(index) = offset.checked_sub(self.position) else {
            return;
        };
        let index = index as usize;
        if self.done.len() <= index {
            self.done.resize(index + 1, false);
        }
        if let Some(done) = self.done.get_mut(index) {
            *done = true;
        }
        while self.done.front() == Some(&true) {
            self.done.pop_front();
            self.position += 1;
        }
    }
}

/// A shard or partition.
#[derive(Debug, Default)]
pub(super) struct Shard {
    /// What was not read yet.
    pub log: VecDeque<Record>,
    /// The offset of the next record to arrive.
    pub next: u64,
    pub progress: Progress,
    /// The checkpoint that was last told.
    pub told: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkpoint_waits_for_the_earliest() {
        let mut progress = Progress::default();
        progress.done(1);
        progress.done(3);
        assert_eq!(progress.position(), 0);
        progress.done(0);
        assert_eq!(progress.position(), 2);
        progress.done(2);
        assert_eq!(progress.position(), 4);
        progress.done(1);
        assert_eq!(progress.position(), 4);
    }
}
