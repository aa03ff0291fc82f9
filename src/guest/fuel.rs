//! The unit of work: what a guest's instructions cost, and how much a CPU does in a second.

use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

use crate::sim::SimDuration;

/// Work done by a guest. One unit is one simple instruction; the table is in [`crate::guest::meter::cost`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Fuel(pub u64);

/// Fuel that one full vCPU burns in one second of virtual time: the one constant that ties work to time.
///
/// Two simple instructions a nanosecond is what a 2.5 to 3 GHz core of the kind Lambda runs on keeps up on compiled
/// WebAssembly with this cost table, loads and mispredicted branches included; the browser benchmark prints the rate that
/// this machine's own browser reaches beside it. A power-of-two-like divisor keeps the conversion exact in integers.
pub const FUEL_PER_VCPU_SECOND: u64 = 2_000_000_000;

impl Fuel {
    /// No work.
    pub const ZERO: Self = Self(0);

    /// The time one full vCPU takes for this work, rounded up to a nanosecond.
    pub const fn cpu_time(self) -> SimDuration {
        let nanos = (self.0 as u128 * 1_000_000_000).div_ceil(FUEL_PER_VCPU_SECOND as u128);
        SimDuration::from_nanos(if nanos > u64::MAX as u128 {
            u64::MAX
        } else {
            nanos as u64
        })
    }

    /// The work one full vCPU does in `span`, rounded down; the most representable when it does not fit.
    pub const fn in_cpu_time(span: SimDuration) -> Self {
        let fuel = span.as_nanos() as u128 * FUEL_PER_VCPU_SECOND as u128 / 1_000_000_000;
        Self(if fuel > u64::MAX as u128 {
            u64::MAX
        } else {
            fuel as u64
        })
    }

    /// The sum, or the most representable.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or none.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add for Fuel {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl AddAssign for Fuel {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Fuel {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.saturating_sub(other)
    }
}
