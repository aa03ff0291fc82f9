//! Idle environments: which serves next, and which has been idle for too long.
//!
//! The most recently used one serves, so that the others can expire. One wake-up per pool is enough however many are idle,
//! because the one that was put back first is also the first to expire.

use std::collections::VecDeque;

use crate::sim::{SimDuration, SimTime, Slot};

/// The idle environments of one version of a function.
#[derive(Debug, Default)]
pub struct Pool {
    /// The most recently used at the back.
    idle: VecDeque<(Slot, SimTime)>,
    /// Whether a wake-up is on its way.
    waking: bool,
}

impl Pool {
    /// Takes the idle environment that was used last.
    pub fn take(&mut self) -> Option<Slot> {
        self.idle.pop_back().map(|(slot, _)| slot)
    }

    /// An environment has nothing to do from `now` on. Returns when the pool wants to be woken, when it does not know yet.
    pub fn put(&mut self, slot: Slot, now: SimTime, lifetime: SimDuration) -> Option<SimTime> {
        self.idle.push_back((slot, now));
        self.next_wake(lifetime)
    }

    /// A wake-up has come: takes out one environment whose time is over. Ask again until there is none, then for the next
    /// wake-up.
    pub fn expired(&mut self, now: SimTime, lifetime: SimDuration) -> Option<Slot> {
        self.waking = false;
        let (slot, since) = *self.idle.front()?;
        (since + lifetime <= now).then(|| {
            self.idle.pop_front();
            slot
        })
    }

    /// When the pool wants to be woken, when no wake-up is on its way.
    pub fn next_wake(&mut self, lifetime: SimDuration) -> Option<SimTime> {
        if self.waking {
            return None;
        }
        let (_, since) = self.idle.front()?;
        self.waking = true;
        Some(*since + lifetime)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_used_serves_and_the_first_put_back_expires() {
        let lifetime = SimDuration::from_nanos(10);
        let at = SimTime::from_nanos;
        let mut pool = Pool::default();
        assert_eq!(pool.put(Slot(0), at(0), lifetime), Some(at(10)));
        assert_eq!(pool.put(Slot(1), at(5), lifetime), None);
        assert_eq!(pool.take(), Some(Slot(1)));
        assert_eq!(pool.put(Slot(1), at(8), lifetime), None);
        assert_eq!(pool.expired(at(10), lifetime), Some(Slot(0)));
        assert_eq!(pool.expired(at(10), lifetime), None);
        assert_eq!(pool.next_wake(lifetime), Some(at(18)));
    }
}
