//! Virtual time on a screen: pieces at a common scale, with dull gaps between them folded to a break of fixed width.
//!
//! A retry wait of two minutes beside a run of 40 ms would leave nothing of the run; folding shows both. A piece is never
//! narrower than [`MIN_PIECE`], so a short piece beside a long one is drawn at a larger scale, which its own ticks tell.

use std::collections::BTreeSet;

use crate::sim::{SimDuration, SimTime};
use crate::ui::words;

/// Pixels of a folded gap, where there is room.
pub const FOLD: f64 = 64.0;
/// Pixels that a piece has at least where there is room, its margins included.
pub const MIN_PIECE: f64 = 64.0;
/// Pixels between the end of a piece and what is in it; less in a piece below [`MIN_PIECE`].
pub const MARGIN: f64 = 10.0;
/// Pixels between two ticks, at least.
const TICK: f64 = 76.0;
/// Pixels that a letter of a tick's label takes, and the space before the first.
const LETTER: f64 = 6.8;
const BEFORE_LABEL: f64 = 8.0;
/// Gaps shorter than this are never folded.
const SHORTEST_FOLD: SimDuration = SimDuration::from_millis(1);
/// More gaps than these are not folded: nobody would press so many, and every frame goes through them.
const MOST_FOLDS: usize = 200;

/// A stretch of the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Where it begins in time.
    pub from: SimTime,
    /// Where it ends in time.
    pub to: SimTime,
    /// Where it begins on screen.
    pub left: f64,
    /// Where it ends on screen.
    pub right: f64,
    /// A gap drawn as a break.
    pub folded: bool,
    /// A gap that the visitor unfolded, and can fold again.
    pub unfolded: bool,
}

impl Piece {
    /// How long it is.
    pub fn span(&self) -> SimDuration {
        self.to.since(self.from)
    }

    fn inner(&self) -> (f64, f64) {
        if self.folded {
            (self.left, self.right)
        } else {
            let margin = MARGIN.min((self.right - self.left) * MARGIN / MIN_PIECE);
            (self.left + margin, self.right - margin)
        }
    }
}

/// A tick of the ruler.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Where on screen.
    pub x: f64,
    /// When.
    pub at: SimTime,
    /// `1 min 0.02 s` at the start of a piece, `+20 ms` inside one that does not begin at zero.
    pub label: String,
}

/// The axis of one run at one width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Axis {
    pieces: Vec<Piece>,
}

/// When something happened in a run, and when nothing did for long: what of an axis does not depend on its width.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stretches {
    live: Vec<(SimTime, SimTime)>,
}

impl Stretches {
    /// Of stretches in the order of time that do not touch. Gaps of at most half of `worked`, what all that was at work
    /// took together, are no gaps; and of very many, only the longest are.
    fn of(live: Vec<(SimTime, SimTime)>, worked: u64) -> Self {
        let mut threshold = SimDuration::from_nanos(worked / 2).max(SHORTEST_FOLD);
        let gaps = live.windows(2).map(|pair| match pair {
            [before, after] => after.0.since(before.1),
            _ => SimDuration::ZERO,
        });
        let mut gaps: Vec<SimDuration> = gaps.filter(|gap| *gap > threshold).collect();
        if gaps.len() > MOST_FOLDS {
            let kept = gaps.len() - MOST_FOLDS;
            let (_, longest, _) = gaps.select_nth_unstable(kept - 1);
            threshold = *longest;
        }
        let mut joined: Vec<(SimTime, SimTime)> = Vec::new();
        for (from, to) in live {
            match joined.last_mut() {
                Some(last) if from.since(last.1) <= threshold => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        Self { live: joined }
    }

    /// Both together: what is a gap in both is one.
    pub fn union(&self, other: &Self) -> Self {
        Self {
            live: merged([], &[self.live.as_slice(), other.live.as_slice()].concat()),
        }
    }

    /// The axis at a width in pixels. `unfolded` names gaps by their beginning that are to be seen at full length.
    pub fn axis(&self, unfolded: &BTreeSet<SimTime>, width: f64) -> Axis {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut before: Option<SimTime> = None;
        for (from, to) in &self.live {
            let mut piece = |folded, from, to, unfolded| {
                pieces.push(Piece {
                    from,
                    to,
                    left: 0.0,
                    right: 0.0,
                    folded,
                    unfolded,
                });
            };
            if let Some(end) = before {
                let open = unfolded.contains(&end);
                piece(!open, end, *from, open);
            }
            piece(false, *from, *to, false);
            before = Some(*to);
        }
        place(&mut pieces, width);
        Axis { pieces }
    }
}

/// Gathers the stretches of a run while it is read.
#[derive(Debug, Clone, Default)]
pub struct Gathering {
    live: Vec<(SimTime, SimTime)>,
    /// How many are at work.
    busy: usize,
    worked: u64,
}

impl Gathering {
    /// Something happens. In the order of time.
    pub fn happens(&mut self, at: SimTime) {
        match self.live.last_mut() {
            Some(last) if self.busy > 0 || at.since(last.1) <= SHORTEST_FOLD => {
                last.1 = last.1.max(at);
            }
            _ => self.live.push((at, at)),
        }
    }

    /// Something begins to work: as long as it does, nothing is folded.
    pub fn begins(&mut self) {
        self.busy += 1;
    }

    /// Something has worked for so long.
    pub fn ends(&mut self, worked: SimDuration) {
        self.busy = self.busy.saturating_sub(1);
        self.worked = self.worked.saturating_add(worked.as_nanos());
    }

    /// The run ends here.
    pub fn finish(mut self, end: SimTime) -> Stretches {
        self.happens(end);
        Stretches::of(self.live, self.worked)
    }
}

impl Axis {
    /// The axis of what happened at `instants`, and was at work when `busy`.
    pub fn layout(
        instants: impl IntoIterator<Item = SimTime>,
        busy: &[(SimTime, SimTime)],
        unfolded: &BTreeSet<SimTime>,
        width: f64,
    ) -> Self {
        let worked = busy.iter().fold(0_u64, |sum, (from, to)| {
            sum.saturating_add(to.since(*from).as_nanos())
        });
        Stretches::of(merged(instants, busy), worked).axis(unfolded, width)
    }

    /// The pieces, from left to right.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Its width on screen.
    pub fn width(&self) -> f64 {
        self.pieces.last().map_or(0.0, |piece| piece.right)
    }

    /// The first instant.
    pub fn start(&self) -> SimTime {
        self.pieces
            .first()
            .map_or(SimTime::ZERO, |piece| piece.from)
    }

    /// The last instant.
    pub fn end(&self) -> SimTime {
        self.pieces.last().map_or(SimTime::ZERO, |piece| piece.to)
    }

    /// Where a time is on screen.
    pub fn x(&self, at: SimTime) -> f64 {
        let index = self.pieces.partition_point(|piece| piece.to < at);
        let Some(piece) = self.pieces.get(index).or(self.pieces.last()) else {
            return 0.0;
        };
        let (left, right) = piece.inner();
        let span = piece.span().as_nanos();
        if span == 0 {
            return left;
        }
        let passed = at.min(piece.to).since(piece.from).as_nanos();
        left + (right - left) * (passed as f64 / span as f64)
    }

    /// The time at a place on screen.
    pub fn time(&self, x: f64) -> SimTime {
        let index = self.pieces.partition_point(|piece| piece.right < x);
        let Some(piece) = self.pieces.get(index).or(self.pieces.last()) else {
            return SimTime::ZERO;
        };
        let (left, right) = piece.inner();
        let part = if right > left {
            ((x - left) / (right - left)).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let passed = (piece.span().as_nanos() as f64 * part).round() as u64;
        (piece.from + SimDuration::from_nanos(passed)).min(piece.to)
    }

    /// The folded gap that holds `at` in its middle, ends excluded.
    pub fn fold_at(&self, at: SimTime) -> Option<&Piece> {
        self.pieces
            .iter()
            .find(|piece| piece.folded && piece.from <= at && at < piece.to)
    }

    /// The ruler's ticks between two places on the axis.
    pub fn ticks(&self, begin: f64, end: f64) -> Vec<Tick> {
        let mut ticks = Vec::new();
        let mut free = 0.0;
        let first = self.pieces.partition_point(|piece| piece.right < begin);
        let visible = self
            .pieces
            .iter()
            .skip(first)
            .take_while(|piece| piece.left <= end);
        for piece in visible.filter(|piece| !piece.folded) {
            let (left, right) = piece.inner();
            let span = piece.span().as_nanos();
            // Where pieces are narrower than their labels, some go without.
            if left < free {
                continue;
            }
            let mut label = instant(piece.from);
            // A piece that began left of the screen says there when.
            let shown = left.max(begin);
            if shown > left {
                label.push('…');
            }
            free = label_end(shown, &label);
            ticks.push(Tick {
                x: shown,
                at: piece.from,
                label,
            });
            if span == 0 {
                continue;
            }
            let room = ((right - left) / TICK).floor();
            if room < 1.0 {
                continue;
            }
            let step = step_above((span as f64 / room).ceil() as u64);
            let relative = piece.from != SimTime::ZERO;
            let mut taken = free;
            // Of a piece that is wider than the screen only the part that is on it has ticks.
            let skipped = ((begin - left) / (right - left)).max(0.0) * span as f64;
            let mut offset = (skipped as u64 / step).max(1).saturating_mul(step);
            while offset <= span && offset < u64::MAX {
                let x = left + (right - left) * (offset as f64 / span as f64);
                if x > end {
                    break;
                }
                let text = offset_label(offset, step, span);
                let label = if relative { format!("+{text}") } else { text };
                let end = label_end(x, &label);
                // A label that does not fit before the next piece, or after the last label, is left out with its tick.
                if end <= piece.right && x >= taken {
                    taken = end;
                    ticks.push(Tick {
                        x,
                        at: piece.from + SimDuration::from_nanos(offset),
                        label,
                    });
                }
                offset = offset.saturating_add(step);
            }
        }
        ticks
    }
}

/// Busy stretches and instants as one sorted list of stretches that do not touch.
fn merged(
    instants: impl IntoIterator<Item = SimTime>,
    busy: &[(SimTime, SimTime)],
) -> Vec<(SimTime, SimTime)> {
    let mut all: Vec<(SimTime, SimTime)> = instants
        .into_iter()
        .map(|at| (at, at))
        .chain(busy.iter().copied())
        .collect();
    all.sort_unstable();
    let mut merged: Vec<(SimTime, SimTime)> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

/// Gives every piece its place: folds a fixed width, the others a share by length but never less than [`MIN_PIECE`]. Where
/// even that does not fit, all are narrowed alike: the picture is never wider than its room.
fn place(pieces: &mut [Piece], width: f64) {
    let folds = pieces.iter().filter(|piece| piece.folded).count() as f64;
    let live = pieces.len() as f64 - folds;
    let fit = (width / (folds * FOLD + live * MIN_PIECE)).min(1.0);
    let (fold, least) = (FOLD * fit, MIN_PIECE * fit);
    let room = (width - folds * fold).max(live * least);
    // Those that a fair share would make too narrow get the minimum; the others share the rest.
    let mut narrow = vec![false; pieces.len()];
    let scale = loop {
        let (mut rest, mut length) = (room, 0.0);
        for (piece, narrow) in pieces.iter().zip(&narrow) {
            if piece.folded {
                continue;
            }
            if *narrow {
                rest -= least;
            } else {
                length += piece.span().as_nanos() as f64;
            }
        }
        let scale = if length > 0.0 { rest / length } else { 0.0 };
        let mut settled = true;
        for (piece, narrow) in pieces.iter().zip(narrow.iter_mut()) {
            if !piece.folded && !*narrow && piece.span().as_nanos() as f64 * scale < least {
                *narrow = true;
                settled = false;
            }
        }
        if settled {
            break scale;
        }
    };
    // When all are of no length the minimum is all they get, and the rest goes to the last.
    let mut x = 0.0;
    let count = pieces.len();
    for (index, (piece, narrow)) in pieces.iter_mut().zip(&narrow).enumerate() {
        piece.left = x;
        x += if piece.folded {
            fold
        } else if *narrow {
            least
        } else {
            piece.span().as_nanos() as f64 * scale
        };
        piece.right = if index + 1 == count { x.max(width) } else { x };
    }
}

/// The smallest 1, 2 or 5 times a power of ten that is not below `least`.
fn step_above(least: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            let step = power.saturating_mul(factor);
            if step >= least {
                return step;
            }
        }
        let Some(next) = power.checked_mul(10) else {
            return u64::MAX;
        };
        power = next;
    }
}

fn label_end(x: f64, label: &str) -> f64 {
    x + BEFORE_LABEL + label.chars().count() as f64 * LETTER
}

/// `offset` in the unit that suits the whole `span`, with as many decimals as `step` needs: `0.5 ms`, `1.5 s`, `20 s`.
fn offset_label(offset: u64, step: u64, span: u64) -> String {
    let (unit, name) = match span {
        0..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let (mut decimals, mut grain) = (0, unit);
    while !step.is_multiple_of(grain) && grain >= 10 {
        grain /= 10;
        decimals += 1;
    }
    let whole = words::grouped(offset / unit);
    if decimals == 0 {
        return format!("{whole} {name}");
    }
    format!("{whole}.{:0decimals$} {name}", offset % unit / grain)
}

/// A point in time, short: `0`, `1.02 s`, `1 min 0.02 s`.
pub fn instant(at: SimTime) -> String {
    let nanos = at.as_nanos();
    if nanos == 0 {
        return "0".to_owned();
    }
    let seconds = nanos / 1_000_000_000;
    let rest = nanos % 1_000_000_000;
    if seconds < 60 {
        return SimDuration::from_nanos(nanos).to_string();
    }
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = rest / 10_000_000;
    let tail = if fraction == 0 {
        format!("{seconds} s")
    } else {
        format!("{seconds}.{fraction:02} s")
    };
    if hours > 0 {
        format!("{hours} h {minutes} min {tail}")
    } else {
        format!("{minutes} min {tail}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    fn axis(busy: &[(u64, u64)], unfolded: &[u64], width: f64) -> Axis {
        let busy: Vec<_> = busy.iter().map(|(a, b)| (ms(*a), ms(*b))).collect();
        let unfolded = unfolded.iter().copied().map(ms).collect();
        Axis::layout([SimTime::ZERO], &busy, &unfolded, width)
    }

    fn shape(axis: &Axis) -> String {
        axis.pieces()
            .iter()
            .map(|piece| if piece.folded { "~" } else { "-" })
            .collect()
    }

    #[test]
    fn a_retry_wait_beside_a_short_run_is_folded() {
        let retries = [(0, 40), (60_040, 60_080), (180_080, 180_120)];
        let axis = axis(&retries, &[], 1_000.0);
        assert_eq!(shape(&axis), "-~-~-");
        let widths: Vec<f64> = axis.pieces().iter().map(|p| p.right - p.left).collect();
        assert!((widths[0] - widths[2]).abs() < 1e-6, "{widths:?}");
        assert_eq!(widths[1], FOLD);
        assert!((widths.iter().sum::<f64>() - 1_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_short_wait_beside_long_runs_is_not() {
        assert_eq!(shape(&axis(&[(0, 3_000), (4_000, 7_000)], &[], 800.0)), "-");
    }

    #[test]
    fn a_gap_opens_when_asked() {
        let busy = [(0, 40), (60_040, 60_080)];
        let axis = axis(&busy, &[40], 800.0);
        assert_eq!(shape(&axis), "---");
        assert!(axis.pieces()[1].unfolded);
        // The short runs stay wide enough to click.
        assert!(axis.pieces()[0].right - axis.pieces()[0].left >= MIN_PIECE - 1e-6);
    }

    #[test]
    fn time_and_place_are_inverse() {
        let axis = axis(&[(0, 40), (60_040, 60_080)], &[], 700.0);
        for at in [0, 10, 40, 60_040, 60_077, 60_080] {
            let there_and_back = axis.time(axis.x(ms(at)));
            let error = there_and_back.as_nanos().abs_diff(ms(at).as_nanos());
            assert!(error < 1_000, "{at} ms came back {error} ns off");
        }
        assert!(axis.x(ms(30_000)) > axis.x(ms(40)));
        assert!(axis.x(ms(30_000)) < axis.x(ms(60_040)));
    }

    #[test]
    fn ticks_stay_apart_and_say_where_they_are() {
        let axis = axis(&[(0, 40), (60_040, 60_080)], &[], 900.0);
        let ticks = axis.ticks(0.0, axis.width());
        assert_eq!(ticks[0].label, "0");
        assert!(ticks.iter().any(|tick| tick.label == "1 min 0.04 s"));
        assert!(
            ticks.windows(2).all(|pair| pair[1].x - pair[0].x >= 40.0),
            "{ticks:?}"
        );
    }

    #[test]
    fn ticks_read_in_the_unit_of_their_piece() {
        let cases = [
            (500_000, 500_000, 4_700_000, "0.5 ms"),
            (1_500_000_000, 500_000_000, 4_000_000_000, "1.5 s"),
            (20_000_000, 10_000_000, 40_000_000, "20 ms"),
            (200, 100, 900, "200 ns"),
        ];
        for (offset, step, span, text) in cases {
            assert_eq!(offset_label(offset, step, span), text);
        }
    }

    #[test]
    fn many_pieces_are_narrowed_until_they_fit() {
        let busy: Vec<_> = (0..40).map(|n| (n * 60_000, n * 60_000 + 5)).collect();
        let axis = axis(&busy, &[], 600.0);
        assert_eq!(axis.pieces().len(), 79);
        assert!((axis.width() - 600.0).abs() < 1e-6);
        let ends = axis.ticks(0.0, axis.width());
        let apart = |pair: &[Tick]| pair[1].x >= label_end(pair[0].x, &pair[0].label);
        assert!(ends.len() > 3 && ends.windows(2).all(apart), "{ends:?}");
        let middle = ms(30 * 60_000 + 3);
        assert!(
            axis.time(axis.x(middle))
                .as_nanos()
                .abs_diff(middle.as_nanos())
                < 1_000
        );
    }

    #[test]
    fn nothing_happened_at_all() {
        let axis = Axis::layout([], &[], &BTreeSet::new(), 500.0);
        assert_eq!(axis.x(ms(5)), 0.0);
        assert_eq!(axis.time(99.0), SimTime::ZERO);
        assert!(axis.ticks(0.0, axis.width()).is_empty());
    }
}
