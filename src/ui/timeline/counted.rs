//! How many bars of a lane there are at a time, where they are too many to stand one below the other.

use super::axis::Axis;
use super::strip::Window;
use crate::sim::SimTime;

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

    /// The highest number there ever is.
    pub fn most(&self) -> u32 {
        let last = self.steps.last().map_or(0, |step| step.1);
        self.most.max(last)
    }
}
