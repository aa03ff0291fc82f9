//! How much CPU a memory size buys.
//!
//! The share is linear in memory, 1,769 MB being one full vCPU (AWS: "Configuring Lambda function memory"). Below one vCPU
//! it is enforced in periods of 20 ms (measured by third parties, not promised by AWS).

use super::config::MemoryMb;
use crate::guest::clock::Bandwidth;
use crate::sim::SimDuration;

/// Memory that buys one full vCPU.
pub const MEMORY_PER_VCPU: u32 = 1_769;

/// Length of a bandwidth period. Third-party measurements of 2025 see pauses on a 20 ms grid.
pub const PERIOD: SimDuration = SimDuration::from_millis(20);

/// The first memory size, in MB, that shows this many CPUs, largest first. Below 3,009 MB measurements see 2, an AWS slide
/// of 2020 says 1; we show what was measured.
const VISIBLE: [(u32, u32); 5] = [(8_846, 6), (7_077, 5), (5_308, 4), (3_009, 3), (0, 2)];

/// A share of one vCPU, as an exact fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Over [`MEMORY_PER_VCPU`].
    pub numerator: u32,
    /// Always [`MEMORY_PER_VCPU`].
    pub denominator: u32,
}

impl Share {
    /// What `memory` buys.
    pub fn of(memory: MemoryMb) -> Self {
        Self {
            numerator: memory.0,
            denominator: MEMORY_PER_VCPU,
        }
    }

    /// Whether one thread gets a whole vCPU.
    pub fn is_whole(self) -> bool {
        self.numerator >= self.denominator
    }
}

impl std::fmt::Display for Share {
    /// `7.2 % of one vCPU`, `1 vCPU`, `5.79 vCPUs`; rounded half up.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scaled = |by: u64| {
            let (n, d) = (u64::from(self.numerator), u64::from(self.denominator));
            (n * by + d / 2) / d
        };
        if self.numerator < self.denominator {
            // 1,768 MB would round up to 100.0 %, which it is not.
            let tenths = scaled(1_000).min(999);
            write!(f, "{}.{} % of one vCPU", tenths / 10, tenths % 10)
        } else if self.numerator == self.denominator {
            f.write_str("1 vCPU")
        } else {
            let hundredths = scaled(100);
            write!(f, "{}.{:02} vCPUs", hundredths / 100, hundredths % 100)
        }
    }
}

/// How many CPUs the function sees.
pub fn visible_cpus(memory: MemoryMb) -> u32 {
    VISIBLE
        .iter()
        .find(|(from, _)| memory.0 >= *from)
        .map_or(2, |(_, cpus)| *cpus)
}

/// What one guest thread gets in the Invoke phase, and in a suppressed init, which is part of it.
///
/// That a suppressed init has no boost follows from its being part of the Invoke phase; a published log of a 128 MB
/// function agrees (151 ms in Init, 1,329 ms for the same init in Invoke), but AWS does not say so.
pub fn bandwidth(memory: MemoryMb) -> Bandwidth {
    let share = Share::of(memory);
    if share.is_whole() {
        return Bandwidth {
            period: PERIOD,
            quota: PERIOD,
        };
    }
    let quota =
        u128::from(PERIOD.as_nanos()) * u128::from(share.numerator) / u128::from(share.denominator);
    Bandwidth {
        period: PERIOD,
        quota: SimDuration::from_nanos(quota as u64),
    }
}

/// What one guest thread gets in its own Init phase: a whole vCPU whatever the memory size. Measured by third parties, not
/// promised by AWS.
pub fn init_bandwidth() -> Bandwidth {
    Bandwidth::WHOLE
}

/// What the page says beside the memory slider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// `7.2 % of one vCPU`.
    pub share: String,
    /// CPUs that the function sees.
    pub visible_cpus: u32,
    /// CPU time and pause per period for one thread; none when it never pauses.
    pub quota: Option<(SimDuration, SimDuration)>,
    /// What this size means for code with one thread, one sentence.
    pub meaning: &'static str,
}

/// The facts about a memory size.
pub fn facts(memory: MemoryMb) -> Facts {
    let share = Share::of(memory);
    let quota = bandwidth(memory).quota;
    Facts {
        share: share.to_string(),
        visible_cpus: visible_cpus(memory),
        quota: (!share.is_whole()).then(|| (quota, PERIOD.saturating_sub(quota))),
        meaning: if memory.0 < MEMORY_PER_VCPU {
            "More memory makes the function faster, up to 1,769 MB."
        } else if memory.0 == MEMORY_PER_VCPU {
            "One thread cannot use more than one vCPU: this is where more memory stops helping it."
        } else {
            "One thread cannot use more than one vCPU: more than 1,769 MB only helps code that runs in parallel."
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_read_as_the_reference_has_them() {
        let cases = [
            (128, "7.2 % of one vCPU"),
            (256, "14.5 % of one vCPU"),
            (512, "28.9 % of one vCPU"),
            (1_024, "57.9 % of one vCPU"),
            (1_768, "99.9 % of one vCPU"),
            (1_769, "1 vCPU"),
            (10_240, "5.79 vCPUs"),
        ];
        for (memory, text) in cases {
            assert_eq!(Share::of(MemoryMb(memory)).to_string(), text);
        }
    }

    #[test]
    fn quotas_are_the_floor_of_the_share_of_a_period() {
        // Reference table at a period of 20 ms, in hundredths of a millisecond.
        let cases = [
            (128, 1_447_145),
            (256, 2_894_290),
            (512, 5_788_581),
            (1_024, 11_577_162),
            (1_536, 17_365_743),
            (1_769, 20_000_000),
            (10_240, 20_000_000),
        ];
        for (memory, nanos) in cases {
            assert_eq!(
                bandwidth(MemoryMb(memory)).quota.as_nanos(),
                nanos,
                "{memory} MB"
            );
        }
    }

    #[test]
    fn visible_cpus_follow_the_table() {
        let cases = [
            (128, 2),
            (1_769, 2),
            (3_008, 2),
            (3_009, 3),
            (5_307, 3),
            (5_308, 4),
            (7_076, 4),
            (7_077, 5),
            (8_845, 5),
            (8_846, 6),
            (10_240, 6),
        ];
        for (memory, cpus) in cases {
            assert_eq!(visible_cpus(MemoryMb(memory)), cpus, "{memory} MB");
        }
    }

    #[test]
    fn facts_say_when_memory_buys_nothing_more() {
        assert_eq!(
            facts(MemoryMb(128)).quota,
            Some((
                SimDuration::from_nanos(1_447_145),
                SimDuration::from_nanos(18_552_855)
            ))
        );
        assert_eq!(facts(MemoryMb(2_048)).quota, None);
        assert!(facts(MemoryMb(2_048)).meaning.contains("cannot use more"));
    }
}
