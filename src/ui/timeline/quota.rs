//! Where a run stood still because its CPU quota was used up.
//!
//! The trace tells how long in sum. For a run that did nothing but compute, the positions follow: a pause at the end of
//! every period but the last, all of one length. For a run that also slept they do not, and nothing is invented.

use crate::guest::clock::Bandwidth;
use crate::lambda::event::Usage;
use crate::sim::{SimDuration, SimTime};

/// A stretch of a run under a CPU quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// When it began.
    pub from: SimTime,
    /// When it ended.
    pub to: SimTime,
    /// Whether the guest ran; else the quota had it frozen.
    pub running: bool,
}

/// When a phase that began at `started` ran and when it was frozen, in turn, when that can be told from its usage and it
/// was frozen at most `limit` times. A phase that was never frozen ran all the time, unless it also waited.
pub fn periods(started: SimTime, usage: &Usage, limit: usize) -> Option<Vec<Period>> {
    let end = started + usage.duration;
    if usage.frozen == SimDuration::ZERO {
        let whole = Period {
            from: started,
            to: end,
            running: true,
        };
        return (usage.waited == SimDuration::ZERO).then(|| vec![whole]);
    }
    let mut periods = Vec::new();
    let mut at = started;
    let mut push = |from: SimTime, to: SimTime, running: bool| {
        if to > from {
            periods.push(Period { from, to, running });
        }
    };
    for (from, to) in pauses(started, usage, limit)? {
        push(at, from, true);
        push(from, to, false);
        at = to;
    }
    push(at, end, true);
    Some(periods)
}

/// The pauses of a phase that began at `started`, when they can be told from its usage and are at most `limit`.
pub fn pauses(started: SimTime, usage: &Usage, limit: usize) -> Option<Vec<(SimTime, SimTime)>> {
    let period = Bandwidth::WHOLE.period;
    if usage.waited != SimDuration::ZERO || usage.frozen == SimDuration::ZERO {
        return None;
    }
    // One pause ends each whole period; what comes after the last one is work.
    let count = usage.duration.as_nanos() / period.as_nanos();
    if count == 0 || count > limit as u64 {
        return None;
    }
    let pause = SimDuration::from_nanos(usage.frozen.as_nanos() / count);
    if pause >= period || !usage.frozen.as_nanos().is_multiple_of(count) {
        return None;
    }
    Some(
        (0..count)
            .map(|index| {
                let end = started + period.saturating_mul(index + 1);
                let begin = started + period.saturating_mul(index + 1).saturating_sub(pause);
                (begin, end)
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::clock::Clock;
    use crate::guest::fuel::Fuel;

    #[test]
    fn pauses_are_where_the_clock_made_them() {
        let bandwidth = Bandwidth {
            period: SimDuration::from_millis(20),
            quota: SimDuration::from_micros(1_447),
        };
        let started = SimTime::from_nanos(5_000);
        let mut clock = Clock::new(started, SimTime::MAX, bandwidth);
        clock.work(Fuel::in_cpu_time(SimDuration::from_micros(3_000)));
        let usage = Usage {
            duration: clock.now().since(started),
            frozen: clock.frozen(),
            ..Usage::default()
        };
        let found = pauses(started, &usage, 100).unwrap();
        let at = |micros: u64| started + SimDuration::from_micros(micros);
        assert_eq!(found, [(at(1_447), at(20_000)), (at(21_447), at(40_000))]);
        let all = periods(started, &usage, 100).unwrap();
        let told: Vec<_> = all.iter().map(|it| (it.to, it.running)).collect();
        let end = started + usage.duration;
        assert_eq!(
            told,
            [
                (at(1_447), true),
                (at(20_000), false),
                (at(21_447), true),
                (at(40_000), false),
                (end, true)
            ]
        );
    }

    #[test]
    fn nothing_is_invented_for_a_run_that_slept() {
        let usage = Usage {
            duration: SimDuration::from_millis(100),
            frozen: SimDuration::from_millis(30),
            waited: SimDuration::from_millis(30),
            ..Usage::default()
        };
        assert_eq!(pauses(SimTime::ZERO, &usage, 100), None);
    }
}
