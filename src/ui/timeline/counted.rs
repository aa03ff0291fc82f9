//! How many bars of a lane there are at a time, where they are too many to stand one below the other.

use super::axis::Axis;
use super::strip::Window;
use crate::sim::SimTime;

/// Changes closer than this, in pixels, are passed over by keys.
const APART: f64 = 4.0;

/// A number over time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// From when on there are how many.
    steps: Vec<(SimTime, u32)>,
    /// The highest number but for the last step's.
    most: u32,
    now: u32,
}

impl Counted {
    /// There is one more, or one less. In the order of time.
    pub fn step(&mut self, at: SimTime, change: i32) {
        self.now = self.now.saturating_add_signed(change);
        // Whoever comes as another leaves does not make it two.
        match self.steps.last_mut() {
            Some(last) if last.0 == at => last.1 = self.now,
            _ => {
                if let Some(last) = self.steps.last() {
                    self.most = self.most.max(last.1);
                }
                self.steps.push((at, self.now));
            }
        }
    }

    /// The highest number in each column of a window, left to right.
    pub fn columns(&self, axis: &Axis, window: Window, column: f64) -> Vec<(f64, u32)> {
        let mut columns = Vec::new();
        let mut x = 0.0;
        let begin = axis.time(window.left);
        let mut next = self.steps.partition_point(|(at, _)| *at <= begin);
        let before = next.checked_sub(1).and_then(|it| self.steps.get(it));
        let mut count = before.map_or(0, |step| step.1);
        while x < window.width {
            let end = axis.time(window.left + x + column);
            let mut most = count;
            while let Some((_, now)) = self.steps.get(next).filter(|(at, _)| *at <= end) {
                most = most.max(*now);
                count = *now;
                next += 1;
            }
            columns.push((x, most));
            x += column;
        }
        columns
    }

    /// How many there are at a time.
    pub fn at(&self, at: SimTime) -> u32 {
        let next = self.steps.partition_point(|step| step.0 <= at);
        let step = next.checked_sub(1).and_then(|it| self.steps.get(it));
        step.map_or(0, |step| step.1)
    }

    /// The last change up to a time; the first of all before it.
    pub fn change_near(&self, at: SimTime) -> Option<SimTime> {
        let next = self.steps.partition_point(|step| step.0 <= at);
        Some(self.steps.get(next.saturating_sub(1))?.0)
    }

    /// The next (1) or previous (-1) change that can be told apart on an axis from one at a time.
    pub fn change_beside(&self, at: SimTime, by: i8, axis: &Axis) -> Option<SimTime> {
        let x = axis.x(at);
        let index = if by > 0 {
            let from = axis.time(x + APART);
            self.steps
                .partition_point(|step| step.0 <= at || step.0 < from)
        } else {
            let to = axis.time((x - APART).max(0.0));
            let before = self
                .steps
                .partition_point(|step| step.0 < at && step.0 <= to);
            before.checked_sub(1)?
        };
        Some(self.steps.get(index)?.0)
    }

    /// The highest number there ever is.
    pub fn most(&self) -> u32 {
        let last = self.steps.last().map_or(0, |step| step.1);
        self.most.max(last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sim::SimDuration;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    #[test]
    fn keys_go_from_change_to_change_and_pass_over_those_that_cannot_be_told_apart() {
        let mut counted = Counted::default();
        for at in [10, 500, 501, 502, 900] {
            counted.step(ms(at), 1);
        }
        let axis = Axis::layout([], &[(ms(0), ms(1_000))], &BTreeSet::new(), 1_000.0);
        assert_eq!((counted.at(ms(9)), counted.at(ms(505))), (0, 4));
        assert_eq!(counted.change_near(ms(0)), Some(ms(10)));
        assert_eq!(counted.change_near(ms(501)), Some(ms(501)));
        let beside = |at, by| counted.change_beside(ms(at), by, &axis);
        assert_eq!(beside(10, 1), Some(ms(500)));
        assert_eq!(beside(500, 1), Some(ms(900)));
        assert_eq!(beside(900, 1), None);
        assert_eq!(beside(900, -1), Some(ms(502)));
        assert_eq!(beside(500, -1), Some(ms(10)));
        assert_eq!(beside(10, -1), None);
    }
}
