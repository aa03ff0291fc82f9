//! How many batches a mapping processes at a time.
//!
//! Documented: five at the start, 300 more a minute while messages wait, at most 1,250; with `MaximumConcurrency` that many;
//! in provisioned mode ten for each poller and 1,000 more a minute; fewer after failures, unless the function reports batch
//! item failures. Not published, so ours: how many fewer after a failure, and that one empty long poll is enough to go back
//! to the floor. Left out: that Lambda may go down to two pollers when a queue is quiet for long.

use crate::lambda::event_source::note::{ScalingReason, SourceEvent};
use crate::lambda::event_source::settings::MappingConfig;
use crate::sim::{SimDuration, SimTime};

/// Concurrent batches at the start.
pub const START: u32 = 5;
/// Concurrent batches at most.
pub const MAXIMUM: u32 = 1_250;
/// More concurrent batches per minute.
pub const PER_MINUTE: u32 = 300;
/// The same in provisioned mode.
pub const PROVISIONED_PER_MINUTE: u32 = 1_000;
/// Concurrent batches of one provisioned poller.
pub const PER_POLLER: u32 = 10;
/// A long poll that finds nothing.
pub const LONG_POLL: SimDuration = SimDuration::from_secs(20);
/// Concurrent batches that are left after any number of failures.
const LEAST: u32 = 2;
/// One in this many is given up after a failure.
const BACKOFF: u32 = 8;

/// The number of concurrent batches.
#[derive(Debug)]
pub(super) struct Scaling {
    capacity: u32,
    floor: u32,
    ceiling: u32,
    step: SimDuration,
    /// When the next one may be added, while messages wait.
    grows: Option<SimTime>,
    /// Since when pollers find nothing.
    idle_since: Option<SimTime>,
}

impl Scaling {
    /// For a queue's mapping. A FIFO queue's concurrency follows its active message groups alone.
    pub fn new(config: &MappingConfig, fifo: bool) -> Self {
        let maximum = config.scaling_config.and_then(|s| s.maximum_concurrency);
        let provisioned = config.provisioned_poller_config;
        let ceiling = maximum.unwrap_or(MAXIMUM);
        let (floor, ceiling, per_minute) = match provisioned {
            Some(pollers) => (
                pollers.minimum_pollers.unwrap_or(2) * PER_POLLER,
                pollers.maximum_pollers.unwrap_or(200) * PER_POLLER,
                PROVISIONED_PER_MINUTE,
            ),
            None if fifo => (ceiling, ceiling, PER_MINUTE),
            None => (START.min(ceiling), ceiling, PER_MINUTE),
        };
        Self {
            capacity: floor,
            floor,
            ceiling,
            step: SimDuration::from_nanos(60_000_000_000 / u64::from(per_minute)),
            grows: None,
            idle_since: None,
        }
    }

    /// Batches that may be processed at a time.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Tells how things stand at `now`: whether messages wait that no poller is free for, and how many batches are in
    /// process.
    pub fn observe(&mut self, now: SimTime, waiting: bool, busy: u32) -> Option<SourceEvent> {
        if waiting {
            self.idle_since = None;
            if self.capacity >= self.ceiling {
                self.grows = None;
                return None;
            }
            let due = *self.grows.get_or_insert(now + self.step);
            if now < due {
                return None;
            }
            let steps = 1 + now.since(due).as_nanos() / self.step.as_nanos().max(1);
            self.grows = Some(due + self.step.saturating_mul(steps));
            let more = u32::try_from(steps).unwrap_or(u32::MAX);
            let to = self.capacity.saturating_add(more).min(self.ceiling);
            return self.scale(to, ScalingReason::Backlog);
        }
        self.grows = None;
        if busy >= self.capacity {
            self.idle_since = None;
            return None;
        }
        let since = *self.idle_since.get_or_insert(now);
        if self.capacity != self.floor && now >= since + LONG_POLL {
            self.idle_since = Some(now);
            let to = if self.capacity > self.floor {
                self.floor.max(busy)
            } else {
                self.floor
            };
            return self.scale(to, ScalingReason::Idle);
        }
        None
    }

    /// An invocation failed.
    pub fn failed(&mut self, reason: ScalingReason) -> Option<SourceEvent> {
        let fewer = self.capacity - (self.capacity / BACKOFF).max(1).min(self.capacity);
        self.grows = None;
        self.scale(fewer.max(LEAST.min(self.ceiling)), reason)
    }

    /// When [`Scaling::observe`] has to be asked again.
    pub fn next(&self) -> Option<SimTime> {
        let idle = self.idle_since.filter(|_| self.capacity != self.floor);
        self.grows.or_else(|| idle.map(|since| since + LONG_POLL))
    }

    fn scale(&mut self, to: u32, reason: ScalingReason) -> Option<SourceEvent> {
        let from = std::mem::replace(&mut self.capacity, to);
        (from != to).then_some(SourceEvent::PollersScaled { from, to, reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event_source::settings::{ProvisionedPollerConfig, ScalingConfig};

    fn seconds(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    fn grown(scaling: &mut Scaling, until: u64) -> u32 {
        scaling.observe(SimTime::ZERO, true, scaling.capacity());
        scaling.observe(seconds(until), true, scaling.capacity());
        scaling.capacity()
    }

    /// Reference 6: concurrency of SQS standard.
    #[test]
    fn five_and_three_hundred_a_minute_up_to_1250() {
        let new = || Scaling::new(&MappingConfig::default(), false);
        assert_eq!(new().capacity(), 5);
        assert_eq!(grown(&mut new(), 60), 305);
        assert_eq!(grown(&mut new(), 3_600), 1_250);
    }

    #[test]
    fn maximum_concurrency_is_the_ceiling() {
        let config = |maximum| MappingConfig {
            scaling_config: Some(ScalingConfig {
                maximum_concurrency: Some(maximum),
            }),
            ..MappingConfig::default()
        };
        assert_eq!(Scaling::new(&config(2), false).capacity(), 2);
        assert_eq!(grown(&mut Scaling::new(&config(100), false), 600), 100);
        assert_eq!(Scaling::new(&config(100), true).capacity(), 100);
    }

    #[test]
    fn provisioned_pollers_have_ten_batches_each() {
        let config = MappingConfig {
            provisioned_poller_config: Some(ProvisionedPollerConfig {
                minimum_pollers: Some(3),
                maximum_pollers: None,
            }),
            ..MappingConfig::default()
        };
        let mut scaling = Scaling::new(&config, false);
        assert_eq!(scaling.capacity(), 30);
        assert_eq!(grown(&mut scaling, 60), 1_030);
        assert_eq!(grown(&mut scaling, 600), 2_000);
    }

    #[test]
    fn failures_make_fewer_and_quiet_brings_back_the_floor() {
        let mut scaling = Scaling::new(&MappingConfig::default(), false);
        for _ in 0..10 {
            scaling.failed(ScalingReason::FunctionError);
        }
        assert_eq!(scaling.capacity(), 2);
        assert_eq!(scaling.observe(seconds(1), false, 0), None);
        let scaled = scaling.observe(seconds(21), false, 0);
        assert!(matches!(
            scaled,
            Some(SourceEvent::PollersScaled { from: 2, to: 5, .. })
        ));
        assert_eq!(grown(&mut scaling, 60), 305);
        scaling.observe(seconds(100), false, 0);
        scaling.observe(seconds(120), false, 0);
        assert_eq!(scaling.capacity(), 5);
    }
}
