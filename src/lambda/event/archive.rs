//! A whole trace, kept small: for whoever keeps millions of entries and reads them rarely.
//!
//! An entry in a list takes 40 bytes, and about six of them tell of an asynchronous invocation. Here an entry takes about
//! ten: times are told from the entry before, numbers as short as they are, and what entries share is kept once. Nothing is
//! lost: reading gives the same entries again.
//!
//! Reading is in order ([`Archive::iter`]) or from any place on ([`Archive::from`], [`Archive::since`]): blocks know where
//! they begin, so that to reach an entry costs at most the unpacking of one block, some 6,000 entries.

use super::packed::{Packed, Packer};
use super::{Entry, Event};
use crate::sim::{SimTime, Stamped};

/// Bytes of a block, about: one that is full is never touched again.
const BLOCK: usize = 65_536;

/// A full block.
#[derive(Debug, Clone)]
struct Block {
    bytes: Box<[u8]>,
    start: Start,
}

/// Where a block begins.
#[derive(Debug, Clone, Copy, Default)]
struct Start {
    /// The number of its first entry.
    entry: usize,
    /// The time of the entry before it, from which its first one counts.
    before: SimTime,
}

/// A trace that is kept.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    blocks: Vec<Block>,
    /// The block that is written.
    open: Vec<u8>,
    open_start: Start,
    packer: Packer,
    last: SimTime,
    entries: usize,
}

/// Bytes appended to a block.
struct Tail<'a>(&'a mut Vec<u8>);

impl Extend<u8> for Tail<'_> {
    fn extend<I: IntoIterator<Item = u8>>(&mut self, bytes: I) {
        self.0.extend(bytes);
    }
}

impl Archive {
    /// Adds an entry; entries come in the order of time.
    ///
    /// # Errors
    /// With the entry's time when it lies before the last one's, or the entry cannot be written. It is not kept then.
    pub fn push(&mut self, entry: &Entry) -> Result<(), SimTime> {
        if entry.at < self.last {
            return Err(entry.at);
        }
        let step = entry.at.since(self.last).as_nanos();
        let before = self.open.len();
        let packed = (step, self.packer.pack(&entry.event));
        if postcard::to_extend(&packed, Tail(&mut self.open)).is_err() {
            self.open.truncate(before);
            return Err(entry.at);
        }
        self.last = entry.at;
        self.entries += 1;
        if self.open.len() >= BLOCK {
            let full = std::mem::replace(&mut self.open, Vec::with_capacity(BLOCK + BLOCK / 8));
            self.blocks.push(Block {
                bytes: full.into_boxed_slice(),
                start: self.open_start,
            });
            self.open_start = Start {
                entry: self.entries,
                before: self.last,
            };
        }
        Ok(())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// Bytes that the entries take, without what they share.
    pub fn bytes(&self) -> usize {
        let full: usize = self.blocks.iter().map(|block| block.bytes.len()).sum();
        full + self.open.len()
    }

    /// The entries, in the order of time.
    pub fn iter(&self) -> impl Iterator<Item = Entry> + '_ {
        self.read(0)
    }

    /// The entries from this number on, counted from 0; none when there are not so many.
    pub fn from(&self, entry: usize) -> impl Iterator<Item = Entry> + '_ {
        // The last block that begins at or before it.
        let after = self
            .blocks
            .partition_point(|block| block.start.entry <= entry);
        let block = match self.open_start.entry <= entry {
            true => self.blocks.len(),
            false => after.saturating_sub(1),
        };
        let skipped = entry.saturating_sub(self.start_of(block).entry);
        self.read(block).skip(skipped)
    }

    /// The entries at this time and later.
    pub fn since(&self, at: SimTime) -> impl Iterator<Item = Entry> + '_ {
        // Entries of that very time may end the block before the first one that begins after it.
        let after = self.blocks.partition_point(|block| block.start.before < at);
        let block = match self.open_start.before < at {
            true => self.blocks.len(),
            false => after.saturating_sub(1),
        };
        self.read(block).skip_while(move |entry| entry.at < at)
    }

    /// Where a block begins; the open one comes after all full ones.
    fn start_of(&self, block: usize) -> Start {
        let full = self.blocks.get(block);
        full.map_or(self.open_start, |block| block.start)
    }

    /// The entries from a block's first one on.
    fn read(&self, block: usize) -> impl Iterator<Item = Entry> + '_ {
        let full = self.blocks.get(block..).unwrap_or_default();
        let blocks = full.iter().map(|block| &*block.bytes);
        let mut blocks = blocks.chain(std::iter::once(&*self.open));
        let mut rest: &[u8] = &[];
        let mut at = self.start_of(block).before;
        std::iter::from_fn(move || {
            while rest.is_empty() {
                rest = blocks.next()?;
            }
            // Only what was written here is read, so this cannot fail.
            let (packed, after) = postcard::take_from_bytes::<(u64, Packed<Event>)>(rest).ok()?;
            rest = after;
            at = SimTime::from_nanos(at.as_nanos().saturating_add(packed.0));
            let event = self.packer.shared.unpack(packed.1)?;
            Some(Stamped { at, event })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event::InvocationId;

    fn entry(at: u64, number: u32) -> Entry {
        Stamped {
            at: SimTime::from_nanos(at),
            event: Event::Accepted {
                invocation: InvocationId(number),
            },
        }
    }

    #[test]
    fn what_comes_too_late_is_not_kept() {
        let mut archive = Archive::default();
        assert!(archive.is_empty() && archive.iter().next().is_none());
        assert_eq!(archive.push(&entry(5, 0)), Ok(()));
        assert_eq!(archive.push(&entry(4, 1)), Err(SimTime::from_nanos(4)));
        assert_eq!(archive.iter().collect::<Vec<_>>(), [entry(5, 0)]);
    }

    #[test]
    fn entries_of_many_blocks_come_back() {
        let all: Vec<_> = (0..50_000)
            .map(|n| entry(u64::from(n / 3) * 7_777, n))
            .collect();
        let mut archive = Archive::default();
        for entry in &all {
            assert_eq!(archive.push(entry), Ok(()));
        }
        assert!(archive.blocks.len() > 2);
        assert_eq!(archive.len(), all.len());
        assert!(archive.iter().eq(all.iter().cloned()));
        // From anywhere on, by number and by time, times of several entries and ends of blocks included.
        let ends = archive.blocks.iter().map(|block| block.start.entry);
        let around = ends.flat_map(|end| [end.saturating_sub(1), end, end + 1]);
        for from in around.chain([0, 1, 777, 49_999, 50_000, 60_000]) {
            let rest = all.get(from..).unwrap_or_default();
            assert!(archive.from(from).eq(rest.iter().cloned()), "from {from}");
            let at = rest.first().map_or(SimTime::MAX, |entry| entry.at);
            let since = all.iter().filter(|entry| entry.at >= at).cloned();
            assert!(archive.since(at).eq(since), "since {at}");
        }
    }
}
