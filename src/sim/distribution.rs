//! How long something takes, when that is a matter of chance.

use serde::{Deserialize, Serialize};

use super::fixed;
use super::{Rng, SimDuration};

/// A distribution of durations. Lengths are microseconds, so that settings read well and hold no floats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Distribution {
    /// Always the same.
    Constant {
        /// How long.
        micros: u64,
    },
    /// Anything in a range, all equally likely.
    Uniform {
        /// The shortest.
        from_micros: u64,
        /// The longest.
        to_micros: u64,
    },
    /// Memoryless: many short, few long.
    Exponential {
        /// The mean.
        mean_micros: u64,
    },
    /// What latencies usually look like: half are below the median, one in a hundred above the 99th percentile.
    LogNormal {
        /// The 50th percentile.
        median_micros: u64,
        /// The 99th percentile.
        p99_micros: u64,
    },
}

/// The 99th percentile of the standard normal distribution, in Q32: 2.326347874.
const Z_99: u64 = 9_991_588_038;

impl Distribution {
    /// Always `duration`, cut to whole microseconds.
    pub const fn constant(duration: SimDuration) -> Self {
        Self::Constant {
            micros: duration.as_nanos() / 1_000,
        }
    }

    /// The longest setting in it, in microseconds.
    pub fn longest_micros(self) -> u64 {
        match self {
            Self::Constant { micros } => micros,
            Self::Uniform { to_micros, .. } => to_micros,
            Self::Exponential { mean_micros } => mean_micros,
            Self::LogNormal { p99_micros, .. } => p99_micros,
        }
    }

    /// What is contradictory in it, a sentence.
    pub fn contradiction(self) -> Option<&'static str> {
        match self {
            Self::Uniform {
                from_micros,
                to_micros,
            } if from_micros > to_micros => Some("The shortest is longer than the longest."),
            Self::LogNormal {
                median_micros: 0, ..
            } => Some("A median of zero leaves nothing to spread."),
            Self::LogNormal {
                median_micros,
                p99_micros,
            } if median_micros > p99_micros => Some("The median is above the 99th percentile."),
            _ => None,
        }
    }

    /// Draws one.
    pub fn sample(self, rng: &mut Rng) -> SimDuration {
        match self {
            Self::Constant { micros } => SimDuration::from_micros(micros),
            Self::Uniform {
                from_micros,
                to_micros,
            } => {
                let from = SimDuration::from_micros(from_micros);
                let width = SimDuration::from_micros(to_micros).saturating_sub(from);
                from + SimDuration::from_nanos(rng.below(width.as_nanos().saturating_add(1)))
            }
            Self::Exponential { mean_micros } => {
                exponential(mean_micros.saturating_mul(1_000), rng)
            }
            Self::LogNormal {
                median_micros,
                p99_micros,
            } => {
                let ratio = (u128::from(p99_micros) << 32) / u128::from(median_micros.max(1));
                let spread = fixed::ln(u64::try_from(ratio).unwrap_or(u64::MAX));
                // σ = ln(p99 / median) / z99.
                let sigma = (i128::from(spread) << 32) / i128::from(Z_99);
                let exponent = (sigma * i128::from(normal(rng))) >> 32;
                let exponent = exponent.clamp(i128::from(i64::MIN / 4), i128::from(i64::MAX / 4));
                let factor = fixed::exp(exponent as i64);
                scaled(median_micros.saturating_mul(1_000), factor)
            }
        }
    }
}

/// An exponential duration with a mean in nanoseconds: also the gap between two arrivals of a Poisson process.
pub fn exponential(mean_nanos: u64, rng: &mut Rng) -> SimDuration {
    scaled(mean_nanos, fixed::negative_ln_fraction(rng.next_u64()))
}

/// A standard normal number in Q32: the sum of twelve even ones, less six. Its tails end at six, where a normal number is
/// found once in a billion draws.
fn normal(rng: &mut Rng) -> i64 {
    let sum: i64 = (0..6)
        .map(|_| {
            let draw = rng.next_u64();
            ((draw >> 32) + (draw & 0xffff_ffff)) as i64
        })
        .sum();
    sum - 6 * fixed::ONE as i64
}

fn scaled(nanos: u64, factor: u64) -> SimDuration {
    let product = (u128::from(nanos) * u128::from(factor)) >> 32;
    SimDuration::from_nanos(u64::try_from(product).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean, median and 99th percentile of many draws, in microseconds.
    fn shape(distribution: Distribution) -> (u64, u64, u64) {
        let mut rng = Rng::for_component(1, "test");
        let mut draws: Vec<u64> = (0..20_000)
            .map(|_| distribution.sample(&mut rng).as_nanos() / 1_000)
            .collect();
        draws.sort_unstable();
        let mean = draws.iter().sum::<u64>() / 20_000;
        (mean, draws[10_000], draws[19_800])
    }

    fn near(found: u64, expected: u64) -> bool {
        found.abs_diff(expected) * 20 <= expected
    }

    #[test]
    fn draws_have_the_shape_that_was_asked_for() {
        let (mean, median, p99) = shape(Distribution::Constant { micros: 700 });
        assert_eq!((mean, median, p99), (700, 700, 700));
        let (mean, median, p99) = shape(Distribution::Uniform {
            from_micros: 1_000,
            to_micros: 3_000,
        });
        assert!(near(mean, 2_000) && near(median, 2_000) && near(p99, 2_980));
        let (mean, median, p99) = shape(Distribution::Exponential { mean_micros: 1_000 });
        assert!(
            near(mean, 1_000) && near(median, 693) && near(p99, 4_605),
            "{mean} {median} {p99}"
        );
        let (_, median, p99) = shape(Distribution::LogNormal {
            median_micros: 20_000,
            p99_micros: 200_000,
        });
        assert!(
            near(median, 20_000) && p99.abs_diff(200_000) < 20_000,
            "{median} {p99}"
        );
    }

    #[test]
    fn contradictions_are_found() {
        let swapped = Distribution::Uniform {
            from_micros: 2,
            to_micros: 1,
        };
        assert!(swapped.contradiction().is_some());
        assert!(
            Distribution::Constant { micros: 0 }
                .contradiction()
                .is_none()
        );
    }
}
