//! Virtual time: integer nanoseconds since the scenario's start. No floats on the clock.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

/// A point in virtual time: nanoseconds since the scenario's start. Reaches 584 years.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct SimTime(u64);

/// A span of virtual time in nanoseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct SimDuration(u64);

impl SimTime {
    /// The scenario's start.
    pub const ZERO: Self = Self(0);
    /// The end of representable time.
    pub const MAX: Self = Self(u64::MAX);

    /// The point `nanos` nanoseconds after the scenario's start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the scenario's start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.saturating_sub(earlier.0))
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest representable span.
    pub const MAX: Self = Self(u64::MAX);

    /// A span of `nanos` nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// A span of `micros` microseconds.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros.saturating_mul(1_000))
    }

    /// A span of `millis` milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000_000))
    }

    /// A span of `secs` seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000_000))
    }

    /// The span in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The span in whole milliseconds, rounded up: how Lambda bills.
    pub const fn as_millis_ceil(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }

    /// The sum, or the longest span when it does not fit.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or zero.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `factor` times the span, or the longest span when it does not fit.
    pub const fn saturating_mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }

    /// Milliseconds with two decimals, rounded half up, as Lambda's REPORT line prints durations: `3.01`.
    pub fn millis_two_decimals(self) -> String {
        let hundredths = self.0.saturating_add(5_000) / 10_000;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;
    fn add(self, span: SimDuration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, span: SimDuration) {
        *self = *self + span;
    }
}

impl Add for SimDuration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for SimTime {
    type Output = SimDuration;
    fn sub(self, earlier: Self) -> SimDuration {
        self.since(earlier)
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.0).fmt(f)
    }
}

impl fmt::Display for SimDuration {
    /// A length a person reads at a glance: `850 ns`, `12.3 ms`, `1.50 s`, `2 min 5 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ns = self.0;
        match ns {
            0..1_000 => write!(f, "{ns} ns"),
            1_000..1_000_000 => {
                write!(f, "{}.{:01} µs", ns / 1_000, ns % 1_000 / 100)
            }
            1_000_000..1_000_000_000 => {
                write!(f, "{}.{:02} ms", ns / 1_000_000, ns % 1_000_000 / 10_000)
            }
            1_000_000_000..60_000_000_000 => {
                write!(
                    f,
                    "{}.{:02} s",
                    ns / 1_000_000_000,
                    ns % 1_000_000_000 / 10_000_000
                )
            }
            _ => {
                let secs = ns / 1_000_000_000;
                let (h, m, s) = (secs / 3600, secs / 60 % 60, secs % 60);
                match (h, m, s) {
                    (0, m, 0) => write!(f, "{m} min"),
                    (0, m, s) => write!(f, "{m} min {s} s"),
                    (h, 0, 0) => write!(f, "{h} h"),
                    (h, m, _) => write!(f, "{h} h {m} min"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn report_lines_round_to_two_decimals() {
        let cases = [
            (0, "0.00"),
            (3_010_000, "3.01"),
            (3_004_999, "3.00"),
            (3_005_000, "3.01"),
            (600_000_000_000, "600000.00"),
        ];
        for (nanos, text) in cases {
            assert_eq!(SimDuration::from_nanos(nanos).millis_two_decimals(), text);
        }
    }

    #[test]
    fn billing_rounds_up_to_the_next_millisecond() {
        for (nanos, millis) in [(0, 0), (1, 1), (3_010_000, 4), (4_000_000, 4)] {
            assert_eq!(SimDuration::from_nanos(nanos).as_millis_ceil(), millis);
        }
    }

    #[test]
    fn lengths_read_at_a_glance() {
        let cases = [
            (850, "850 ns"),
            (12_345_678, "12.34 ms"),
            (1_500_000_000, "1.50 s"),
            (60_000_000_000, "1 min"),
            (125_000_000_000, "2 min 5 s"),
            (21_600_000_000_000, "6 h"),
        ];
        for (nanos, text) in cases {
            assert_eq!(SimDuration::from_nanos(nanos).to_string(), text);
        }
    }
}
