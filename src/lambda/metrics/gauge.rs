//! A level that goes up and down, and its maximum in each period.

use std::collections::BTreeMap;

/// A level over time. Changes come in order of time.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge {
    level: u64,
    /// For each period with a change: the highest level in it, and the last.
    periods: Vec<(u64, u64, u64)>,
}

impl Gauge {
    pub fn up(&mut self, index: u64) {
        self.set(index, self.level + 1);
    }

    pub fn down(&mut self, index: u64) {
        self.set(index, self.level.saturating_sub(1));
    }

    pub fn set(&mut self, index: u64, level: u64) {
        let before = self.level;
        self.level = level;
        match self.periods.last_mut() {
            Some((own, highest, last)) if *own == index => {
                *highest = (*highest).max(level);
                *last = level;
            }
            // A period begins with the level at which the one before ended.
            _ => self.periods.push((index, level.max(before), level)),
        }
    }

    /// The highest level of each period up to `end`, those without a change included.
    pub fn maxima(&self, end: u64) -> BTreeMap<u64, u64> {
        let mut maxima = BTreeMap::new();
        for (place, (index, highest, last)) in self.periods.iter().enumerate() {
            maxima.insert(*index, *highest);
            if *last > 0 {
                let next = self.periods.get(place + 1).map_or(end + 1, |next| next.0);
                for quiet in index + 1..next {
                    maxima.insert(quiet, *last);
                }
            }
        }
        maxima
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_last_until_they_change() {
        let mut gauge = Gauge::default();
        for (index, up) in [
            (0, true),
            (0, true),
            (3, false),
            (5, false),
            (5, true),
            (5, false),
        ] {
            if up {
                gauge.up(index);
            } else {
                gauge.down(index);
            }
        }
        let maxima: Vec<_> = gauge.maxima(9).into_iter().collect();
        assert_eq!(maxima, [(0, 2), (1, 2), (2, 2), (3, 2), (4, 1), (5, 1)]);
    }
}
