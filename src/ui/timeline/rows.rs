//! Bars of one lane that overlap: a few stand in rows below each other, many become a count over time.

use super::lane::{Bar, Lane, LaneKind, Rows};
use crate::sim::SimTime;

/// More bars than this at a time are counted instead of being drawn one below the other.
const MOST_ROWS: usize = 4;

/// Sorts a lane's bars by their beginning and finds room for those that overlap.
pub fn arrange(lane: &mut Lane) {
    lane.bars.sort_by_key(|bar| bar.from);
    let mut reach = SimTime::ZERO;
    lane.reach = lane
        .bars
        .iter()
        .map(|bar| {
            reach = reach.max(bar.to);
            reach
        })
        .collect();
    // An environment does one thing at a time; an Init inside an invocation is drawn over it.
    if matches!(lane.kind, LaneKind::Environment(_)) {
        return;
    }
    let mut ends: Vec<SimTime> = Vec::new();
    for bar in &mut lane.bars {
        let free = ends.iter().position(|end| *end <= bar.from);
        let row = free.unwrap_or_else(|| {
            ends.push(SimTime::ZERO);
            ends.len() - 1
        });
        if row >= MOST_ROWS {
            lane.rows = counted(&lane.bars);
            return;
        }
        // A bar of no length takes its place, too.
        ends[row] = bar
            .to
            .max(SimTime::from_nanos(bar.from.as_nanos().saturating_add(1)));
        bar.row = row as u8;
    }
    lane.rows = Rows::Stacked(ends.len().max(1) as u8);
}

fn counted(bars: &[Bar]) -> Rows {
    let mut changes: Vec<(SimTime, i64)> = bars
        .iter()
        .flat_map(|bar| [(bar.from, 1), (bar.to, -1)])
        .collect();
    changes.sort_unstable();
    let mut steps: Vec<(SimTime, u32)> = Vec::new();
    let (mut count, mut most) = (0_i64, 0);
    for (at, change) in changes {
        count += change;
        let now = u32::try_from(count).unwrap_or_default();
        most = most.max(now);
        match steps.last_mut() {
            Some(last) if last.0 == at => last.1 = now,
            _ => steps.push((at, now)),
        }
    }
    Rows::Counted { steps, most }
}
