//! How long a painting of the lanes stays right while the clock runs: it need not be painted anew before.

use crate::sim::SimTime;

/// For which instants a painting is right: until the clock passes the next bar that then tells how it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// From here on.
    pub from: SimTime,
    /// Not from here on any more; always, when there is nothing to wait for.
    pub until: Option<SimTime>,
}

impl Holds {
    /// At any time.
    pub const ALWAYS: Self = Self {
        from: SimTime::ZERO,
        until: None,
    };

    /// Whether it is right at an instant.
    pub fn at(self, at: SimTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Something looks different before and after `end`, and was painted as it is at `at`.
    pub fn changes(&mut self, end: SimTime, at: SimTime) {
        if end <= at {
            self.from = self.from.max(end);
        } else {
            self.until = Some(self.until.map_or(end, |until| until.min(end)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimDuration;

    fn ms(millis: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_millis(millis)
    }

    #[test]
    fn what_never_looks_different_holds_for_ever() {
        assert!(Holds::ALWAYS.at(ms(0)) && Holds::ALWAYS.at(ms(1_000_000)));
    }

    #[test]
    fn it_holds_from_the_last_end_that_is_past_to_the_next_that_is_not() {
        let mut holds = Holds::ALWAYS;
        for end in [10, 40, 25, 70, 60] {
            holds.changes(ms(end), ms(50));
        }
        assert_eq!((holds.from, holds.until), (ms(40), Some(ms(60))));
        assert!(holds.at(ms(40)) && holds.at(ms(59)));
        assert!(!holds.at(ms(39)) && !holds.at(ms(60)));
    }

    #[test]
    fn an_end_at_this_very_instant_is_past() {
        let mut holds = Holds::ALWAYS;
        holds.changes(ms(50), ms(50));
        assert!(holds.at(ms(50)) && !holds.at(ms(49)));
    }
}
