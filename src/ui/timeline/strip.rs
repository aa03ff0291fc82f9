//! What of a lane's row is drawn in a window on the axis: bars, and groups of bars that are too narrow to be told apart.
//!
//! A row has no overlaps, so whatever ends within a group's pixels is found by two searches: the cost is that of what is
//! drawn, not of what there is.

use super::axis::Axis;
use super::lane::{Bar, BarKind, Mark};
use crate::ui::attempts::Outcome;

/// A narrower bar is drawn this wide, in pixels, together with its neighbours.
pub const NARROW: f64 = 3.0;

/// The part of an axis that is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Window {
    /// Its left edge, in pixels of the axis.
    pub left: f64,
    /// Its width in pixels.
    pub width: f64,
}

/// Something drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// The bar's number in its row; the first one's of a group.
    pub bar: usize,
    /// How many bars of the row it stands for, idle ones included.
    pub run: usize,
    /// How many bars it stands for that are not idle.
    pub count: u32,
    /// Left edge in the window.
    pub x: f64,
    /// Width.
    pub width: f64,
    /// How it went; of a group, the worst.
    pub outcome: Outcome,
    /// What it shows; of a group, the first that is not idle.
    pub kind: BarKind,
}

impl Span {
    fn right(&self) -> f64 {
        self.x + self.width
    }
}

/// What is drawn of a row, left to right.
pub fn strip(row: &[Bar], axis: &Axis, window: Window) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let begin = axis.time(window.left);
    let mut index = row.partition_point(|bar| bar.to < begin);
    while let Some(bar) = row.get(index) {
        let x = axis.x(bar.from) - window.left;
        if x > window.width {
            break;
        }
        let right = axis.x(bar.to) - window.left;
        if right - x >= NARROW {
            spans.push(Span {
                bar: index,
                run: 1,
                count: u32::from(bar.kind != BarKind::Idle),
                x,
                width: right - x,
                outcome: bar.outcome,
                kind: bar.kind,
            });
            index += 1;
            continue;
        }
        // All that begin within these pixels; but for the last, they also end there.
        let edge = axis.time(window.left + x + NARROW);
        let rest = row.get(index..).unwrap_or_default();
        let mut run = rest.partition_point(|bar| bar.from < edge).max(1);
        if run > 1
            && let Some(last) = rest.get(run - 1)
            && axis.x(last.to) - axis.x(last.from) >= NARROW
        {
            run -= 1;
        }
        let mut group = Span {
            bar: index,
            run,
            count: 0,
            x,
            width: NARROW,
            outcome: Outcome::Succeeded,
            kind: BarKind::Idle,
        };
        for bar in rest.get(..run).unwrap_or_default() {
            if bar.kind == BarKind::Idle {
                continue;
            }
            if group.count == 0 {
                group.kind = bar.kind;
            }
            group.count += 1;
            group.outcome = worse(group.outcome, bar.outcome);
        }
        if group.count > 0 {
            spans.push(group);
        }
        index += run;
    }
    spans
}

/// The bar at a place in the window: of a group, the first that is not idle.
pub fn bar_at<'a>(row: &'a [Bar], axis: &Axis, window: Window, x: f64) -> Option<&'a Bar> {
    // Only what is near it needs to be looked at.
    let near = Window {
        left: window.left + x - 2.0 * NARROW,
        width: 4.0 * NARROW,
    };
    let x = 2.0 * NARROW;
    let spans = strip(row, axis, near);
    let hits = spans
        .iter()
        .rev()
        .filter(|span| x >= span.x - 1.0 && x <= span.right() + 1.0);
    hits.filter_map(|span| row.get(span.bar..span.bar + span.run))
        .find_map(|bars| bars.iter().find(|bar| bar.kind != BarKind::Idle))
}

/// The marks that are drawn in a window: of those within a few pixels, the most important one. With their places.
pub fn marks(marks: &[Mark], axis: &Axis, window: Window) -> Vec<(f64, Mark)> {
    let mut drawn = Vec::new();
    let mut index = marks.partition_point(|mark| mark.at < axis.time(window.left));
    while let Some(mark) = marks.get(index) {
        let x = axis.x(mark.at) - window.left;
        if x > window.width {
            break;
        }
        let edge = axis.time(window.left + x + NARROW);
        let rest = marks.get(index..).unwrap_or_default();
        let run = rest.partition_point(|mark| mark.at < edge).max(1);
        let group = rest.get(..run).unwrap_or_default();
        // Of equals the first.
        let most = group.iter().rev().max_by_key(|mark| mark.kind);
        drawn.push((x, *most.unwrap_or(mark)));
        index += run;
    }
    drawn
}

/// Fewer marks than this that touch each other are still told apart.
const CROWD: usize = 5;

/// Which of some marks stand in a crowd: each less than `width` from the next. Their places are in rising order.
pub fn crowded(places: &[f64], width: f64) -> Vec<bool> {
    let mut crowded = Vec::with_capacity(places.len());
    for group in places.chunk_by(|left, right| right - left < width) {
        crowded.resize(crowded.len() + group.len(), group.len() >= CROWD);
    }
    crowded
}

/// Where lines were written: places in the window, at least `apart` pixels from each other.
pub fn lines(
    lines: &[(crate::sim::SimTime, u32)],
    axis: &Axis,
    window: Window,
    apart: f64,
) -> Vec<f64> {
    let mut drawn = Vec::new();
    let begin = axis.time(window.left);
    let mut index = lines.partition_point(|(at, _)| *at < begin);
    while let Some((at, _)) = lines.get(index) {
        let x = axis.x(*at) - window.left;
        if x > window.width {
            break;
        }
        drawn.push(x);
        let edge = axis.time(window.left + x + apart);
        let rest = lines.get(index..).unwrap_or_default();
        index += rest.partition_point(|(at, _)| *at < edge).max(1);
    }
    drawn
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    if b.severity() > a.severity() { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{SimDuration, SimTime};
    use crate::ui::timeline::lane::{Lane, LaneKind, MarkKind};

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    /// A lane in which these bars begin and end.
    fn lane(bars: &[(u64, u64, Outcome)]) -> Lane {
        let mut lane = Lane::new(LaneKind::Caller, "Caller");
        let mut changes: Vec<(u64, bool, usize)> = bars
            .iter()
            .enumerate()
            .flat_map(|(index, bar)| [(bar.0, true, index), (bar.1, false, index)])
            .collect();
        changes.sort_unstable();
        let mut open = std::collections::BTreeMap::new();
        for (at, begins, index) in changes {
            if begins {
                let mut bar = Bar::new(BarKind::Calling, ms(at), 0);
                lane.begin(&mut bar);
                open.insert(index, bar);
            } else if let Some(mut bar) = open.remove(&index) {
                bar.to = ms(at);
                bar.outcome = bars[index].2;
                lane.end(bar);
            }
        }
        lane.finish();
        lane
    }

    fn axis(bars: &[(u64, u64, Outcome)], width: f64) -> Axis {
        let busy: Vec<_> = bars.iter().map(|bar| (ms(bar.0), ms(bar.1))).collect();
        Axis::layout([], &busy, &Default::default(), width)
    }

    #[test]
    fn bars_too_narrow_to_tell_apart_are_drawn_as_one_that_shows_the_worst() {
        let bars: Vec<_> = (0..100_000)
            .map(|index| {
                let outcome = if index == 70_000 {
                    Outcome::TimedOut
                } else {
                    Outcome::Succeeded
                };
                (index * 10, index * 10 + 9, outcome)
            })
            .collect();
        let lane = lane(&bars);
        let row = &lane.rows[0];
        let axis = axis(&bars, 1_000.0);
        let whole = Window {
            left: 0.0,
            width: 1_000.0,
        };
        let spans = strip(row, &axis, whole);
        assert!(spans.len() <= 335, "{}", spans.len());
        assert_eq!(spans.iter().map(|span| span.count).sum::<u32>(), 100_000);
        let bad: Vec<_> = spans
            .iter()
            .filter(|it| it.outcome == Outcome::TimedOut)
            .collect();
        assert_eq!(bad.len(), 1);
        // Enlarged a thousand times each has its own bar, and only those in the window are looked at.
        let large = super::Axis::layout([], &[(ms(0), ms(1_000_000))], &Default::default(), 1e6);
        let window = Window {
            left: large.x(ms(700_000)) - 500.0,
            width: 1_000.0,
        };
        let spans = strip(row, &large, window);
        assert!(spans.iter().all(|span| span.count == 1));
        assert!((90..=110).contains(&spans.len()), "{}", spans.len());
        let hit = bar_at(row, &large, window, 505.0).unwrap();
        assert_eq!(hit.outcome, Outcome::TimedOut);
    }

    #[test]
    fn a_wide_bar_among_narrow_ones_keeps_its_width() {
        let mut bars: Vec<_> = (0..1_000)
            .map(|index| (index, index + 1, Outcome::Succeeded))
            .collect();
        bars.push((1_000, 2_000, Outcome::Failed));
        bars.extend((2_000..3_000).map(|index| (index, index + 1, Outcome::Succeeded)));
        let axis = axis(&bars, 300.0);
        let whole = Window {
            left: 0.0,
            width: 300.0,
        };
        let lane = lane(&bars);
        let spans: Vec<Span> = lane
            .rows
            .iter()
            .flat_map(|row| strip(row, &axis, whole))
            .collect();
        assert_eq!(spans.iter().map(|it| it.count).sum::<u32>(), 2_001);
        let wide: Vec<_> = spans.iter().filter(|it| it.width > 10.0).collect();
        assert_eq!(wide.len(), 1);
        assert!(wide[0].width > 80.0 && wide[0].outcome == Outcome::Failed);
    }

    #[test]
    fn a_few_overlapping_bars_stand_in_rows_and_many_are_counted() {
        let few = [
            (0, 10, Outcome::Succeeded),
            (5, 20, Outcome::Failed),
            (11, 30, Outcome::Succeeded),
        ];
        let axis_of_few = axis(&few, 300.0);
        let few = lane(&few);
        let rows: Vec<usize> = few.rows.iter().map(Vec::len).collect();
        assert_eq!(rows, [2, 1]);
        let window = Window {
            left: 0.0,
            width: 300.0,
        };
        let x = axis_of_few.x(ms(7));
        let hit =
            |row: usize| bar_at(&few.rows[row], &axis_of_few, window, x).map(|bar| bar.outcome);
        assert_eq!(hit(0), Some(Outcome::Succeeded));
        assert_eq!(hit(1), Some(Outcome::Failed));

        let many: Vec<_> = (0..50)
            .map(|index| (index, 100 + index, Outcome::Succeeded))
            .collect();
        let axis = axis(&many, 300.0);
        let many = lane(&many);
        let counted = many.counted.unwrap();
        assert_eq!((counted.most(), many.bars), (50, 50));
        let columns = counted.columns(&axis, window, 2.0);
        assert_eq!(columns.iter().map(|it| it.1).max(), Some(50));
        assert_eq!(columns.last().map(|it| it.1 < 5), Some(true));
        assert_eq!(few.counted, None);
    }

    #[test]
    fn of_marks_close_together_the_most_important_is_drawn() {
        let all: Vec<Mark> = (0..100_000)
            .map(|index| Mark {
                kind: if index == 5_000 {
                    MarkKind::Dropped
                } else {
                    MarkKind::Accepted
                },
                at: ms(index),
                entry: index as u32,
            })
            .collect();
        let axis = Axis::layout([], &[(ms(0), ms(100_000))], &Default::default(), 300.0);
        let window = Window {
            left: 0.0,
            width: 300.0,
        };
        let drawn = marks(&all, &axis, window);
        assert!(drawn.len() <= 101);
        let dropped = drawn.iter().find(|it| it.1.kind == MarkKind::Dropped);
        assert_eq!(dropped.map(|it| it.1.entry), Some(5_000));
        let times: Vec<_> = all.iter().map(|mark| (mark.at, mark.entry)).collect();
        assert!(lines(&times, &axis, window, 3.0).len() <= 101);
    }

    #[test]
    fn a_few_marks_that_touch_are_no_crowd() {
        let few = [0.0, 5.0, 9.0, 14.0];
        assert_eq!(crowded(&few, 11.0), [false; 4]);
        let many = [0.0, 5.0, 9.0, 14.0, 20.0, 60.0, 100.0, 110.0];
        assert_eq!(
            crowded(&many, 11.0),
            [true, true, true, true, true, false, false, false]
        );
        assert_eq!(crowded(&[], 11.0), [false; 0]);
    }
}
