//! How the guest's memory grew during a phase.
//!
//! A growth calls the host (the meter sees to it), so each is noted at its own instant of virtual time, whatever the slices
//! and whichever tier runs the guest.

use serde::{Deserialize, Serialize};

use crate::sim::{SimDuration, SimTime};

/// The most points of a curve. One that has more loses every second of them.
const MOST_POINTS: usize = 128;

/// From then on the linear memories took so many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryPoint {
    /// Counted from the phase's beginning.
    pub after: SimDuration,
    /// Bytes.
    pub bytes: u64,
}

/// Gathers a phase's curve.
#[derive(Debug, Default)]
pub struct MemoryBook {
    began: SimTime,
    points: Vec<MemoryPoint>,
    /// Whether there are several memories, of which a growth shows only one: the curve then has the ends of calls alone.
    pub several: bool,
}

impl MemoryBook {
    /// A phase begins.
    pub fn begin(&mut self, at: SimTime) {
        self.began = at;
        self.points.clear();
    }

    /// The memories take so much at an instant.
    pub fn note(&mut self, at: SimTime, bytes: u64) {
        if self.points.last().is_some_and(|last| last.bytes == bytes) {
            return;
        }
        let after = at.since(self.began);
        self.points.push(MemoryPoint { after, bytes });
        if self.points.len() > MOST_POINTS {
            let last = self.points.len() - 1;
            let mut index = 0;
            self.points.retain(|_| {
                index += 1;
                (index - 1) % 2 == 0 || index - 1 == last
            });
        }
    }

    /// The curve so far.
    pub fn take(&mut self) -> Vec<MemoryPoint> {
        std::mem::take(&mut self.points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_an_end_however_often_memory_grows() {
        let mut book = MemoryBook::default();
        let began = SimTime::from_nanos(5);
        book.begin(began);
        for step in 0..10_000_u64 {
            book.note(began + SimDuration::from_nanos(step), step * 65_536);
            book.note(began + SimDuration::from_nanos(step), step * 65_536);
        }
        let curve = book.take();
        assert!(
            (MOST_POINTS / 2..=MOST_POINTS).contains(&curve.len()),
            "{}",
            curve.len()
        );
        assert!(curve.is_sorted_by_key(|point| (point.after, point.bytes)));
        assert_eq!(curve.first().map(|point| point.bytes), Some(0));
        let last = curve.last().map(|point| point.after.as_nanos());
        assert_eq!(last, Some(9_999));
    }
}
