//! How a guest's work becomes virtual time under a CPU quota.
//!
//! Below one vCPU the share is enforced in periods, as the Linux scheduler's CFS bandwidth control does: a thread runs
//! until the quota of the period is used and is then frozen to the period's end. So short work can finish within one
//! quota, and long work stretches in steps.

use serde::{Deserialize, Serialize};

use super::fuel::Fuel;
use crate::sim::{SimDuration, SimTime};

/// CPU time granted per period to one guest thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bandwidth {
    /// Length of a period.
    pub period: SimDuration,
    /// CPU time per period; a quota of a whole period or more never freezes a single thread.
    pub quota: SimDuration,
}

impl Bandwidth {
    /// One whole CPU: never frozen.
    pub const WHOLE: Self = Self {
        period: SimDuration::from_millis(20),
        quota: SimDuration::from_millis(20),
    };
}

/// A guest's clock during one phase (Init or Invoke): where virtual time stands, and when it must be over.
///
/// The first period begins with the phase. Work moves the clock by [`Bandwidth`]; waiting moves it without using quota.
#[derive(Debug, Clone)]
pub struct Clock {
    started: SimTime,
    deadline: SimTime,
    bandwidth: Bandwidth,
    now: SimTime,
    /// Start of the period in which `used` was used.
    period_start: SimTime,
    used: SimDuration,
    fuel: Fuel,
    /// CPU time of `fuel` already accounted for, so that rounding never accumulates.
    accounted: SimDuration,
    frozen: SimDuration,
    waited: SimDuration,
}

impl Clock {
    /// A clock that stands at `started` and must be over by `deadline`.
    pub fn new(started: SimTime, deadline: SimTime, bandwidth: Bandwidth) -> Self {
        Self {
            started,
            deadline,
            bandwidth,
            now: started,
            period_start: started,
            used: SimDuration::ZERO,
            fuel: Fuel::ZERO,
            accounted: SimDuration::ZERO,
            frozen: SimDuration::ZERO,
            waited: SimDuration::ZERO,
        }
    }

    /// Where virtual time stands.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// When the phase began.
    pub fn started(&self) -> SimTime {
        self.started
    }

    /// When the phase must be over.
    pub fn deadline(&self) -> SimTime {
        self.deadline
    }

    /// Whether the deadline is reached or passed.
    pub fn is_over(&self) -> bool {
        self.now >= self.deadline
    }

    /// All work done so far.
    pub fn fuel(&self) -> Fuel {
        self.fuel
    }

    /// Time spent frozen because a period's quota was used up.
    pub fn frozen(&self) -> SimDuration {
        self.frozen
    }

    /// Time spent waiting without using the CPU.
    pub fn waited(&self) -> SimDuration {
        self.waited
    }

    /// CPU time used so far.
    pub fn cpu(&self) -> SimDuration {
        self.accounted
    }

    /// Does `fuel` more work.
    pub fn work(&mut self, fuel: Fuel) {
        self.fuel += fuel;
        let total = self.fuel.cpu_time();
        let mut burst = total.saturating_sub(self.accounted);
        self.accounted = total;
        if self.bandwidth.quota >= self.bandwidth.period {
            self.now += burst;
            return;
        }
        let quota = self.bandwidth.quota.as_nanos().max(1);
        self.roll();
        // What fits into the period that has begun.
        let left = SimDuration::from_nanos(quota).saturating_sub(self.used);
        let first = burst.min(left);
        self.now += first;
        self.used += first;
        burst = burst.saturating_sub(first);
        if burst == SimDuration::ZERO {
            return;
        }
        // The rest: whole periods frozen at their quota, then a last one that ends with the work (so never exactly at 0).
        let whole = (burst.as_nanos() - 1) / quota;
        let rest = SimDuration::from_nanos(burst.as_nanos() - whole * quota);
        let resumed = self.period_start + self.bandwidth.period.saturating_mul(whole + 1);
        self.period_start = resumed;
        self.frozen += resumed
            .since(self.now)
            .saturating_sub(SimDuration::from_nanos(whole.saturating_mul(quota)));
        self.now = resumed + rest;
        self.used = rest;
    }

    /// Waits for `span` without using the CPU.
    pub fn wait(&mut self, span: SimDuration) {
        self.now += span;
        self.waited += span;
    }

    /// The most work that can be done before the deadline, counted from now.
    pub fn fuel_to_deadline(&self) -> Fuel {
        let mut cpu = self.deadline.since(self.now);
        if self.bandwidth.quota < self.bandwidth.period {
            let mut probe = self.clone();
            probe.roll();
            let period = probe.bandwidth.period.as_nanos().max(1);
            let quota = probe.bandwidth.quota.as_nanos();
            let ahead = self.deadline.since(probe.period_start).as_nanos();
            let whole = (ahead / period).saturating_mul(quota);
            let last = (ahead % period).min(quota);
            cpu = SimDuration::from_nanos(whole + last)
                .saturating_sub(probe.used)
                .min(cpu);
        }
        // Rounding of work already done can owe at most one nanosecond: an upper bound is what callers need.
        Fuel::in_cpu_time(cpu) + Fuel(1)
    }

    /// Starts a new period when the clock has left the one in which quota was used.
    fn roll(&mut self) {
        let period = self.bandwidth.period.as_nanos().max(1);
        let passed = self.now.since(self.period_start).as_nanos() / period;
        if passed > 0 {
            self.period_start += SimDuration::from_nanos(passed * period);
            self.used = SimDuration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn clock(quota_us: u64) -> Clock {
        Clock::new(
            SimTime::ZERO,
            SimTime::from_nanos(900_000 * MS),
            Bandwidth {
                period: SimDuration::from_millis(20),
                quota: SimDuration::from_micros(quota_us),
            },
        )
    }

    fn cpu_ms(ms: u64) -> Fuel {
        Fuel::in_cpu_time(SimDuration::from_millis(ms))
    }

    #[test]
    fn work_within_the_first_quota_is_not_stretched() {
        let mut clock = clock(10_000);
        clock.work(cpu_ms(10));
        assert_eq!(clock.now().as_nanos(), 10 * MS);
        assert_eq!(clock.frozen(), SimDuration::ZERO);
    }

    #[test]
    fn long_work_stretches_in_steps() {
        // Wall time of a burst c under quota q: floor((c - eps) / q) periods, and the remainder.
        for (cpu, wall) in [(11, 21), (20, 30), (21, 41), (30, 50), (1_000, 1_990)] {
            let mut clock = clock(10_000);
            clock.work(cpu_ms(cpu));
            assert_eq!(clock.now().as_nanos(), wall * MS, "{cpu} ms of work");
            assert_eq!(
                clock.frozen().as_nanos(),
                (wall - cpu) * MS,
                "{cpu} ms of work"
            );
        }
    }

    #[test]
    fn work_in_slices_takes_as_long_as_in_one_go() {
        let (mut whole, mut sliced) = (clock(1_447), clock(1_447));
        whole.work(Fuel(33_333_333));
        for _ in 0..33 {
            sliced.work(Fuel(1_000_000));
        }
        sliced.work(Fuel(333_333));
        assert_eq!(whole.now(), sliced.now());
        assert_eq!(whole.frozen(), sliced.frozen());
    }

    #[test]
    fn a_wait_beyond_the_period_brings_a_fresh_quota() {
        let mut clock = clock(10_000);
        clock.work(cpu_ms(10));
        clock.wait(SimDuration::from_millis(15));
        clock.work(cpu_ms(10));
        assert_eq!(clock.now().as_nanos(), 35 * MS);
        assert_eq!(clock.waited(), SimDuration::from_millis(15));
    }

    #[test]
    fn a_whole_cpu_never_freezes() {
        let mut clock = Clock::new(SimTime::ZERO, SimTime::MAX, Bandwidth::WHOLE);
        clock.work(cpu_ms(1_000));
        assert_eq!(clock.now().as_nanos(), 1_000 * MS);
    }

    #[test]
    fn fuel_to_the_deadline_reaches_it_and_hardly_more() {
        for quota in [1_447, 10_000, 20_000] {
            let mut clock = clock(quota);
            clock.work(cpu_ms(123));
            clock.wait(SimDuration::from_millis(7));
            let left = clock.fuel_to_deadline();
            let mut before = clock.clone();
            before.work(left.saturating_sub(Fuel(8)));
            assert!(!before.is_over(), "quota {quota} µs: {:?}", before.now());
            clock.work(left + Fuel(8));
            assert!(clock.is_over(), "quota {quota} µs: {:?}", clock.now());
        }
    }
}
