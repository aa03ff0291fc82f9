//! What of a lane is drawn in a window on the axis: bars, and groups of bars that are too narrow to be told apart.

use super::axis::Axis;
use super::lane::{Bar, BarKind, Lane, Rows};
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
    /// The bar's number in its lane; the first one's of a group.
    pub bar: usize,
    /// How many bars it stands for.
    pub count: u32,
    /// Left edge in the window.
    pub x: f64,
    /// Width.
    pub width: f64,
    /// How it went; of a group, the worst.
    pub outcome: Outcome,
}

impl Span {
    fn right(&self) -> f64 {
        self.x + self.width
    }
}

/// What is drawn of a lane.
pub fn strip(lane: &Lane, axis: &Axis, window: Window) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    // The last group of each row, which the next narrow bar may join.
    let mut groups: [Option<usize>; 8] = [None; 8];
    let begin = axis.time(window.left);
    let first = lane.reach.partition_point(|reach| *reach < begin);
    for (index, bar) in lane.bars.iter().enumerate().skip(first) {
        let x = axis.x(bar.from) - window.left;
        if x > window.width {
            break;
        }
        let right = axis.x(bar.to) - window.left;
        if right < 0.0 {
            continue;
        }
        let width = right - x;
        if width >= NARROW {
            spans.push(Span {
                bar: index,
                count: 1,
                x,
                width,
                outcome: bar.outcome,
            });
            continue;
        }
        if bar.kind == BarKind::Idle {
            continue;
        }
        let row = usize::from(bar.row).min(groups.len() - 1);
        let group = groups[row].and_then(|group| spans.get_mut(group));
        match group {
            Some(group) if x < group.right() => {
                group.count += 1;
                group.outcome = worse(group.outcome, bar.outcome);
            }
            _ => {
                groups[row] = Some(spans.len());
                spans.push(Span {
                    bar: index,
                    count: 1,
                    x,
                    width: NARROW,
                    outcome: bar.outcome,
                });
            }
        }
    }
    spans
}

/// Of a lane that counts: the highest count in each column of the window, left to right. None when it does not count.
pub fn counts(lane: &Lane, axis: &Axis, window: Window, column: f64) -> Option<Vec<(f64, u32)>> {
    let Rows::Counted { steps, .. } = &lane.rows else {
        return None;
    };
    let mut columns = Vec::new();
    let mut x = 0.0;
    let mut next = steps.partition_point(|(at, _)| *at <= axis.time(window.left));
    let mut count = next
        .checked_sub(1)
        .and_then(|it| steps.get(it))
        .map_or(0, |step| step.1);
    while x < window.width {
        let end = axis.time(window.left + x + column);
        let mut most = count;
        while let Some((_, now)) = steps.get(next).filter(|(at, _)| *at <= end) {
            most = most.max(*now);
            count = *now;
            next += 1;
        }
        columns.push((x, most));
        x += column;
    }
    Some(columns)
}

/// The bar at a place: `x` in the window, `row` from the top. Of several, the one that began last.
pub fn bar_at<'a>(lane: &'a Lane, axis: &Axis, window: Window, x: f64, row: u8) -> Option<&'a Bar> {
    let spans = strip(lane, axis, window);
    let hits = spans
        .iter()
        .rev()
        .filter(|span| x >= span.x - 1.0 && x <= span.right() + 1.0);
    let bars = hits.filter_map(|span| lane.bars.get(span.bar));
    bars.filter(|bar| bar.kind != BarKind::Idle)
        .find(|bar| bar.row == row || !matches!(lane.rows, Rows::Stacked(2..)))
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    let rank = |outcome: Outcome| match outcome {
        Outcome::Succeeded => 0,
        Outcome::Unfinished => 1,
        Outcome::CutOff => 2,
        Outcome::Refused => 3,
        Outcome::Failed => 4,
        Outcome::TimedOut => 5,
    };
    if rank(b) > rank(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::{SimDuration, SimTime};
    use crate::ui::timeline::lane::LaneKind;
    use crate::ui::timeline::rows;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    fn lane(bars: &[(u64, u64, Outcome)]) -> Lane {
        let mut lane = Lane::new(LaneKind::Caller, "Caller");
        lane.bars = bars
            .iter()
            .map(|(from, to, outcome)| {
                let mut bar = Bar::new(BarKind::Calling, ms(*from), String::new());
                bar.to = ms(*to);
                bar.outcome = *outcome;
                bar
            })
            .collect();
        rows::arrange(&mut lane);
        lane
    }

    fn axis(lane: &Lane, width: f64) -> Axis {
        let busy: Vec<_> = lane.bars.iter().map(|bar| (bar.from, bar.to)).collect();
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
        let axis = axis(&lane, 1_000.0);
        let whole = Window {
            left: 0.0,
            width: 1_000.0,
        };
        let spans = strip(&lane, &axis, whole);
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
        let spans = strip(&lane, &large, window);
        assert!(spans.iter().all(|span| span.count == 1));
        assert!((90..=110).contains(&spans.len()), "{}", spans.len());
        let hit = bar_at(&lane, &large, window, 505.0, 0).unwrap();
        assert_eq!(hit.outcome, Outcome::TimedOut);
    }

    #[test]
    fn a_few_overlapping_bars_stand_in_rows_and_many_are_counted() {
        let few = lane(&[
            (0, 10, Outcome::Succeeded),
            (5, 20, Outcome::Failed),
            (10, 30, Outcome::Succeeded),
        ]);
        assert_eq!(few.rows, Rows::Stacked(2));
        assert_eq!(
            few.bars.iter().map(|bar| bar.row).collect::<Vec<_>>(),
            [0, 1, 0]
        );
        let axis_of_few = axis(&few, 300.0);
        let window = Window {
            left: 0.0,
            width: 300.0,
        };
        let x = axis_of_few.x(ms(7));
        let hit = |row| bar_at(&few, &axis_of_few, window, x, row).map(|bar| bar.outcome);
        assert_eq!(hit(0), Some(Outcome::Succeeded));
        assert_eq!(hit(1), Some(Outcome::Failed));

        let many: Vec<_> = (0..50)
            .map(|index| (index, 100 + index, Outcome::Succeeded))
            .collect();
        let many = lane(&many);
        assert!(matches!(many.rows, Rows::Counted { most: 50, .. }));
        let axis = axis(&many, 300.0);
        let columns = counts(&many, &axis, window, 2.0).unwrap();
        assert_eq!(columns.iter().map(|it| it.1).max(), Some(50));
        assert_eq!(counts(&few, &axis_of_few, window, 2.0), None);
    }
}
