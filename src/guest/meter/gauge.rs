//! The gauge: one `i64` global that holds both what is left of the fuel slice and what is left of the call depth.
//!
//! The low 48 bits are the fuel left, signed; the high 16 bits are the call depth left, signed. It is one number,
//! `depth * 2^48 + fuel`, so fuel that runs below zero borrows from the depth field and gives it back when fuel is added:
//! plain additions and subtractions of either part are always right, and one load and one store move both. One test
//! (bits 47 and 63) asks whether either is used up.

use crate::guest::fuel::Fuel;

/// Where the depth field begins.
pub const DEPTH_SHIFT: u32 = 48;

/// One unit of call depth.
pub const DEPTH_ONE: i64 = 1 << DEPTH_SHIFT;

/// Either bit set: fuel or depth is below zero.
pub const EXHAUSTED: i64 = (1 << 63) | (1 << 47);

/// The most fuel that one slice may grant, far below the field's 2^47.
pub const MAX_SLICE: Fuel = Fuel(1 << 40);

/// A gauge with this much of both.
pub const fn pack(depth: i16, fuel: i64) -> i64 {
    ((depth as i64) << DEPTH_SHIFT).wrapping_add(fuel)
}

/// Fuel left; negative when overdrawn.
pub const fn fuel(gauge: i64) -> i64 {
    gauge << (64 - DEPTH_SHIFT) >> (64 - DEPTH_SHIFT)
}

/// Depth left; negative when exhausted.
pub const fn depth(gauge: i64) -> i64 {
    gauge.wrapping_sub(fuel(gauge)) >> DEPTH_SHIFT
}

/// The same gauge with other fuel; what is left of the depth stays.
pub const fn with_fuel(gauge: i64, fuel_left: i64) -> i64 {
    gauge.wrapping_sub(fuel(gauge)).wrapping_add(fuel_left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_come_back_whatever_their_signs() {
        for d in [-1, 0, 1, 300, i16::MAX] {
            for f in [-(1_i64 << 40), -1, 0, 1, 1 << 40] {
                let gauge = pack(d, f);
                assert_eq!((depth(gauge), fuel(gauge)), (i64::from(d), f));
                assert_eq!(gauge & EXHAUSTED != 0, d < 0 || f < 0, "{d} {f}");
            }
        }
    }
}
