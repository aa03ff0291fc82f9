//! Load: when requests arrive, generated one by one.

use serde::{Deserialize, Serialize};

use crate::sim::{Rng, SimDuration, SimTime, exponential};

/// A rate in thousandths of a request per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rate(pub u64);

impl Rate {
    /// The highest: 100,000 requests a second.
    pub const MAX: Self = Self(100_000_000);

    /// This many whole requests a second.
    pub const fn per_second(requests: u64) -> Self {
        Self(requests.saturating_mul(1_000))
    }

    /// Requests a second as people write them, with up to three decimals.
    pub fn in_words(self) -> String {
        let (whole, rest) = (self.0 / 1_000, self.0 % 1_000);
        if rest == 0 {
            return whole.to_string();
        }
        let rest = format!("{rest:03}");
        format!("{whole}.{}", rest.trim_end_matches('0'))
    }

    /// Reads what [`Self::in_words`] writes; none when it is no number, or finer than a thousandth.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && rest.is_empty())
            || !digits(whole)
            || !digits(rest)
            || rest.len() > 3
        {
            return None;
        }
        let whole: u64 = format!("0{whole}").parse().ok()?;
        let rest: u64 = format!("{rest:0<3}").parse().ok()?;
        whole.checked_mul(1_000)?.checked_add(rest).map(Self)
    }
}

/// The longest load: a day.
pub const MAX_SECONDS: u32 = 86_400;

/// The most requests at one instant.
pub const MAX_BURST: u32 = 10_000_000;

/// The most pasted times.
pub const MAX_TIMES: usize = 1_000_000;

/// When requests arrive, counted from the load's start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pattern {
    /// Evenly spaced, the first at the start.
    Constant {
        /// How many a second.
        rate: Rate,
        /// For how long.
        seconds: u32,
    },
    /// From one rate evenly to another.
    Ramp {
        /// At the start.
        from: Rate,
        /// At the end.
        to: Rate,
        /// How long it takes.
        seconds: u32,
    },
    /// All at once.
    Burst {
        /// How many.
        count: u32,
    },
    /// Independent callers: the gaps are exponential.
    Poisson {
        /// How many a second, on average.
        rate: Rate,
        /// For how long.
        seconds: u32,
    },
    /// At these times. Expected in order.
    Times(Vec<SimTime>),
}

impl Pattern {
    /// How many requests it makes, exactly but for Poisson's, where it is what is to be expected.
    pub fn expected(&self) -> u64 {
        let of = |rate: u64, seconds: u32| rate.saturating_mul(u64::from(seconds));
        match self {
            Self::Constant { rate, seconds } => of(rate.0, *seconds).div_ceil(1_000),
            Self::Poisson { rate, seconds } => of(rate.0, *seconds) / 1_000,
            Self::Ramp { from, to, seconds } => {
                of(from.0.saturating_add(to.0), *seconds).div_ceil(2_000)
            }
            Self::Burst { count } => u64::from(*count),
            Self::Times(times) => times.len() as u64,
        }
    }
}

/// The arrivals of a pattern, one after the other.
#[derive(Debug, Clone)]
pub struct Arrivals {
    pattern: Pattern,
    start: SimTime,
    made: u64,
    /// Where a Poisson process stands.
    last: SimTime,
}

impl Arrivals {
    /// The arrivals of `pattern` from `start` on.
    pub fn new(pattern: Pattern, start: SimTime) -> Self {
        Self {
            pattern,
            start,
            made: 0,
            last: start,
        }
    }

    /// How many have been handed out.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// The next arrival; none when that was all.
    pub fn next(&mut self, rng: &mut Rng) -> Option<SimTime> {
        let at = match &self.pattern {
            Pattern::Constant { rate, seconds } => {
                let offset = u128::from(self.made) * 1_000_000_000_000 / u128::from(rate.0.max(1));
                self.within(offset, *seconds).filter(|_| rate.0 > 0)?
            }
            Pattern::Ramp { from, to, seconds } => {
                let offset = ramp_micros(from.0, to.0, *seconds, self.made)?;
                self.within(offset.saturating_mul(1_000), *seconds)?
            }
            Pattern::Burst { count } => (self.made < u64::from(*count)).then_some(self.start)?,
            Pattern::Poisson { rate, seconds } => {
                let gap = exponential(1_000_000_000_000 / rate.0.max(1), rng);
                let at = self.last + gap;
                let end = self.start + SimDuration::from_secs(u64::from(*seconds));
                self.last = at;
                (at < end && rate.0 > 0).then_some(at)?
            }
            Pattern::Times(times) => {
                let at = *times.get(usize::try_from(self.made).ok()?)?;
                self.start + at.since(SimTime::ZERO)
            }
        };
        self.made += 1;
        Some(at)
    }

    fn within(&self, offset_nanos: u128, seconds: u32) -> Option<SimTime> {
        let nanos = u64::try_from(offset_nanos).ok()?;
        let length = SimDuration::from_secs(u64::from(seconds));
        (nanos < length.as_nanos()).then(|| self.start + SimDuration::from_nanos(nanos))
    }
}

/// When a ramp has made `n` requests, in microseconds: the root of a·t + (b − a)·t² / 2T = n, in the form that is good for
/// falling and level ramps too. None when it never gets there.
fn ramp_micros(a: u64, b: u64, seconds: u32, n: u64) -> Option<u128> {
    // Rates are thousandths per second and times microseconds, so requests come in 10^-9.
    const UNIT: u128 = 1_000_000_000;
    let length = u128::from(seconds) * 1_000_000;
    let (a, b, n) = (u128::from(a), u128::from(b), u128::from(n) * UNIT);
    if n == 0 {
        return (a + b > 0).then_some(0);
    }
    let linear = length * a;
    let change = (2 * length).checked_mul(n)?.checked_mul(a.abs_diff(b))?;
    let square = linear.checked_mul(linear)?;
    let under_root = if b >= a {
        square.checked_add(change)?
    } else {
        square.checked_sub(change)?
    };
    let below = linear + under_root.isqrt();
    (2 * length).checked_mul(n)?.checked_div(below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(pattern: Pattern) -> Vec<u64> {
        let mut rng = Rng::for_component(1, "traffic");
        let mut arrivals = Arrivals::new(pattern, SimTime::ZERO);
        std::iter::from_fn(|| arrivals.next(&mut rng))
            .map(|at| at.as_nanos() / 1_000)
            .collect()
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced() {
        let rate = Rate::per_second(4);
        assert_eq!(
            all(Pattern::Constant { rate, seconds: 1 }),
            [0, 250_000, 500_000, 750_000]
        );
        // One in two seconds.
        let slow = Pattern::Constant {
            rate: Rate(500),
            seconds: 5,
        };
        assert_eq!(slow.expected(), 3);
        assert_eq!(all(slow), [0, 2_000_000, 4_000_000]);
        assert_eq!(
            all(Pattern::Constant {
                rate: Rate(0),
                seconds: 5
            })
            .len(),
            0
        );
    }

    #[test]
    fn ramps_make_as_many_as_their_mean_rate() {
        for (from, to) in [(0, 1_000), (1_000, 0), (300, 300), (10, 20)] {
            let ramp = Pattern::Ramp {
                from: Rate::per_second(from),
                to: Rate::per_second(to),
                seconds: 10,
            };
            let expected = ramp.expected();
            let times = all(ramp);
            assert!(times.is_sorted());
            assert!(
                (times.len() as u64).abs_diff(expected) <= 1,
                "{from} to {to}: {}",
                times.len()
            );
            // Half of a rising ramp from zero has arrived after 1/√2 of its time.
            if from == 0 {
                assert!(times[times.len() / 2].abs_diff(7_071_067) < 10_000);
            }
        }
    }

    #[test]
    fn bursts_and_pasted_times_are_as_given() {
        assert_eq!(all(Pattern::Burst { count: 3 }), [0, 0, 0]);
        let times = [1, 5, 5].map(|s| SimTime::from_nanos(s * 1_000_000_000));
        assert_eq!(
            all(Pattern::Times(times.into())),
            [1_000_000, 5_000_000, 5_000_000]
        );
    }

    #[test]
    fn poisson_arrivals_have_their_rate_and_are_not_even() {
        let pattern = Pattern::Poisson {
            rate: Rate::per_second(1_000),
            seconds: 20,
        };
        let times = all(pattern);
        assert!(times.len().abs_diff(20_000) < 600, "{}", times.len());
        let short = times
            .windows(2)
            .filter(|pair| pair[1] - pair[0] < 500)
            .count();
        // 1 - e^-0.5 of the gaps are shorter than half the mean.
        assert!(short.abs_diff(times.len() * 393 / 1_000) < 400, "{short}");
    }
}
