//! The cursor on the virtual clock, and how it moves while playing.

use std::collections::BTreeSet;

use super::About;
use super::zoom::Zoom;
use crate::sim::{SimDuration, SimTime};
use crate::ui::order::Order;
use crate::ui::timeline::{Axis, LaneKind};

/// Real microseconds in which a folded gap is crossed.
const FOLD_US: u64 = 450_000;
/// Real microseconds in which [`Speed::Whole`] plays a run.
const WHOLE_US: u64 = 8_000_000;

/// How fast virtual time passes while playing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Speed {
    /// The whole picture in eight seconds, whatever its length.
    #[default]
    Whole,
    /// So many virtual nanoseconds per real microsecond; 1,000 is real time.
    Rate(u64),
}

impl Speed {
    /// All speeds that the page offers, slowest first, with their names.
    pub const ALL: [(Self, &'static str, &'static str); 9] = [
        (Self::Whole, "whole", "Whole run in 8 s"),
        (Self::Rate(1), "1000th", "Slow motion: 1 ms takes 1 s"),
        (Self::Rate(10), "100th", "Slow motion: 10 ms takes 1 s"),
        (Self::Rate(100), "10th", "Slow motion: 100 ms takes 1 s"),
        (Self::Rate(1_000), "real", "Real time"),
        (Self::Rate(10_000), "10", "Time lapse: 10 s take 1 s"),
        (Self::Rate(60_000), "60", "Time lapse: 1 min takes 1 s"),
        (Self::Rate(600_000), "600", "Time lapse: 10 min take 1 s"),
        (
            Self::Rate(10_000_000),
            "10000",
            "Time lapse: 10,000 times as fast",
        ),
    ];

    /// Its name in links and tests.
    pub fn key(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(speed, ..)| *speed == self)
            .map_or("whole", |(_, key, _)| key)
    }

    /// The speed with this name.
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name, _)| *name == key)
            .map(|(speed, ..)| *speed)
    }
}

/// The cursor.
#[derive(Debug, Clone, PartialEq)]
pub struct Playback {
    /// Where it stands; what is later has not happened yet.
    pub at: SimTime,
    /// Whether it moves by itself.
    pub playing: bool,
    /// How fast.
    pub speed: Speed,
    /// Whether folded gaps are crossed in a moment.
    pub skip_waits: bool,
    /// Gaps that are drawn at full length, by their beginning.
    pub unfolded: BTreeSet<SimTime>,
    /// The part of the timeline that is on the screen.
    pub zoom: Zoom,
    /// What is searched for in the timeline and the table of invocations.
    pub find: String,
    /// How the table of invocations is put in order.
    pub order: Order,
    /// A mark to measure from.
    pub mark: Option<SimTime>,
    /// A stretch that is measured.
    pub range: Option<(SimTime, SimTime)>,
    /// The bar that keys point at.
    pub pointed: Option<Pointed>,
    /// Lanes that stay at the top, in the order in which they were pinned.
    pub pinned: Vec<LaneKind>,
    /// What the inspector tells of.
    pub about: About,
    /// Whether the inspector is folded away.
    pub folded: bool,
}

/// More lanes than these are not pinned: something must be left to scroll.
const MOST_PINNED: usize = 5;

/// A bar of the timeline, as keys point at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pointed {
    /// Its lane.
    pub lane: LaneKind,
    /// When it begins; of two that begin at the same time, the one in the higher row.
    pub from: SimTime,
    /// Its row.
    pub row: u8,
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            at: SimTime::ZERO,
            playing: false,
            speed: Speed::Whole,
            skip_waits: true,
            unfolded: BTreeSet::new(),
            zoom: Zoom::default(),
            find: String::new(),
            order: Order::default(),
            mark: None,
            range: None,
            pointed: None,
            pinned: Vec::new(),
            about: About::Invocation,
            folded: false,
        }
    }
}

impl Playback {
    /// The stretch that is measured: one that was drawn, or the one from the mark to the cursor.
    pub fn measured(&self) -> Option<(SimTime, SimTime)> {
        let marked = self.mark.filter(|mark| *mark != self.at);
        let (from, to) = self.range.or(marked.map(|mark| (mark, self.at)))?;
        Some((from.min(to), from.max(to)))
    }

    /// Pins a lane, or lets it go.
    pub fn pin(&mut self, lane: LaneKind) {
        let before = self.pinned.len();
        self.pinned.retain(|pinned| *pinned != lane);
        if self.pinned.len() == before && before < MOST_PINNED {
            self.pinned.push(lane);
        }
    }

    /// Takes away what was marked, measured and pointed at.
    pub fn clear(&mut self) {
        self.mark = None;
        self.range = None;
        self.pointed = None;
    }

    /// Where the cursor stands after `real_us` more microseconds of playing along `axis`, which is laid out at some width.
    pub fn advanced(&self, axis: &Axis, real_us: u64) -> SimTime {
        let mut at = self.at;
        let mut left = real_us;
        // One step per piece crossed; the bound is for axes with very many pieces.
        for _ in 0..1_000 {
            if left == 0 || at >= axis.end() {
                break;
            }
            let Some(piece) = axis.pieces().iter().find(|piece| at < piece.to) else {
                break;
            };
            let span = piece.span().as_nanos();
            // How long the whole piece takes in real time.
            let takes_us = if piece.folded && self.skip_waits {
                FOLD_US
            } else {
                match self.speed {
                    Speed::Rate(rate) => span / rate.max(1),
                    Speed::Whole => {
                        let total: f64 = axis
                            .pieces()
                            .iter()
                            .filter(|other| !(other.folded && self.skip_waits))
                            .map(|other| other.right - other.left)
                            .sum();
                        let part = (piece.right - piece.left) / total.max(1.0);
                        (part * WHOLE_US as f64) as u64
                    }
                }
            }
            .max(1);
            let gone = at.since(piece.from).as_nanos();
            let rest_us = (u128::from(takes_us) * u128::from(span - gone.min(span))
                / u128::from(span.max(1)))
            .max(1) as u64;
            if left >= rest_us {
                at = piece.to;
                left -= rest_us;
            } else {
                let step = (u128::from(span) * u128::from(left) / u128::from(takes_us)) as u64;
                at += SimDuration::from_nanos(step.max(1));
                left = 0;
            }
        }
        at.min(axis.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    fn axis() -> Axis {
        Axis::layout(
            [],
            &[(ms(0), ms(40)), (ms(60_040), ms(60_080))],
            &BTreeSet::new(),
            1_000.0,
        )
    }

    #[test]
    fn real_time_is_real_time() {
        let playback = Playback {
            speed: Speed::Rate(1_000),
            ..Playback::default()
        };
        let at = playback.advanced(&axis(), 10_000);
        assert_eq!(at, ms(10));
    }

    #[test]
    fn a_wait_is_skipped_in_a_moment_or_sat_through() {
        let mut playback = Playback {
            at: ms(40),
            speed: Speed::Rate(1_000),
            ..Playback::default()
        };
        assert_eq!(playback.advanced(&axis(), FOLD_US), ms(60_040));
        playback.skip_waits = false;
        assert_eq!(playback.advanced(&axis(), FOLD_US), ms(490));
    }

    #[test]
    fn the_whole_run_takes_eight_seconds_and_stops_at_its_end() {
        let mut playback = Playback::default();
        let axis = axis();
        let mut real = 0;
        while playback.at < axis.end() && real < 20_000_000 {
            playback.at = playback.advanced(&axis, 16_667);
            real += 16_667;
        }
        assert_eq!(playback.at, axis.end());
        assert!((8_000_000..9_000_000).contains(&real), "{real} µs");
    }
}
