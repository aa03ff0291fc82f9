//! One pending wake-up at a time.

use super::{Action, Actions};
use crate::sim::SimTime;

/// Remembers which wake-up was asked for, so that none is asked for twice.
#[derive(Debug, Default)]
pub(super) struct Alarm(Option<SimTime>);

impl Alarm {
    /// Asks for a wake-up at `at`, unless an earlier one is pending.
    pub fn set(&mut self, at: SimTime, actions: &mut Actions) {
        if self.0.is_none_or(|pending| at < pending) {
            self.0 = Some(at);
            actions.push(Action::Wake { at });
        }
    }

    /// The clock stands at `now`: an alarm up to then has rung.
    pub fn rung(&mut self, now: SimTime) {
        if self.0.is_some_and(|pending| pending <= now) {
            self.0 = None;
        }
    }
}
