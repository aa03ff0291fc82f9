//! The entries of a run, in the order of time, in pieces: a list in one piece would be copied each time it grows.

use crate::lambda::event::Entry;

/// Entries of a piece.
const PIECE: usize = 4_096;

/// Entries in the order of time. They are appended and never changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Entries {
    pieces: Vec<Vec<Entry>>,
}

impl Entries {
    /// Appends an entry; answers its number.
    pub fn push(&mut self, entry: Entry) -> u32 {
        match self.pieces.last_mut() {
            Some(last) if last.len() < PIECE => last.push(entry),
            _ => {
                // Most runs are small, and most pieces of a large one are full.
                let room = if self.pieces.is_empty() { 64 } else { PIECE };
                let mut piece = Vec::with_capacity(room);
                piece.push(entry);
                self.pieces.push(piece);
            }
        }
        u32::try_from(self.len() - 1).unwrap_or(u32::MAX)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self.pieces.split_last() {
            Some((last, full)) => full.len() * PIECE + last.len(),
            None => 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// An entry, by its number.
    pub fn get(&self, index: usize) -> Option<&Entry> {
        self.pieces.get(index / PIECE)?.get(index % PIECE)
    }

    /// The first.
    pub fn first(&self) -> Option<&Entry> {
        self.get(0)
    }

    /// The last.
    pub fn last(&self) -> Option<&Entry> {
        self.pieces.last()?.last()
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + Clone {
        self.pieces.iter().flatten()
    }

    /// Those with a number from `from` on, and below `to`.
    pub fn range(&self, from: usize, to: usize) -> impl Iterator<Item = &Entry> + Clone {
        let pieces = self.pieces.iter().skip(from / PIECE);
        let count = to.min(self.len()).saturating_sub(from);
        pieces.flatten().skip(from % PIECE).take(count)
    }

    /// The number of the first entry for which `before` does not hold; it holds for all before that one and none after.
    pub fn partition_point(&self, before: impl Fn(&Entry) -> bool) -> usize {
        let piece = self
            .pieces
            .partition_point(|piece| piece.last().is_some_and(&before));
        match self.pieces.get(piece) {
            Some(within) => piece * PIECE + within.partition_point(&before),
            None => self.len(),
        }
    }

    /// A copy in one piece, for what leaves the page.
    pub fn to_vec(&self) -> Vec<Entry> {
        self.iter().cloned().collect()
    }
}

impl From<Vec<Entry>> for Entries {
    fn from(entries: Vec<Entry>) -> Self {
        let mut all = Self::default();
        for entry in entries {
            all.push(entry);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event::{Event, InvocationId};
    use crate::sim::{SimTime, Stamped};

    #[test]
    fn pieces_are_one_list() {
        let list: Vec<Entry> = (0..10_000)
            .map(|number| Stamped {
                at: SimTime::from_nanos(u64::from(number / 2)),
                event: Event::Accepted {
                    invocation: InvocationId(number),
                },
            })
            .collect();
        let entries = Entries::from(list.clone());
        assert_eq!(entries.len(), list.len());
        assert_eq!(entries.to_vec(), list);
        for index in [0, 4_095, 4_096, 9_999, 10_000] {
            assert_eq!(entries.get(index), list.get(index));
        }
        for at in [0, 1, 2_047, 2_048, 3_000, 4_999, 6_000] {
            let before = |entry: &Entry| entry.at.as_nanos() <= at;
            assert_eq!(
                entries.partition_point(before),
                list.partition_point(before)
            );
        }
        let some: Vec<Entry> = entries.range(4_000, 9_000).cloned().collect();
        assert_eq!(some, list[4_000..9_000]);
        assert_eq!(entries.range(9_990, 20_000).count(), 10);
        assert_eq!(Entries::default().partition_point(|_| true), 0);
    }
}
