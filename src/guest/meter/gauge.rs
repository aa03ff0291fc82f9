//! The gauge: one `i64` that holds both what is left of the fuel slice and what is left of the call depth.
//!
//! It is the number `fuel * 2^16 + depth`: the low 16 bits are the call depth left, signed; the high 48 bits are the fuel
//! left, signed, less one when the depth has run below zero and borrows from them. Being one sum, plain additions and
//! subtractions of either part are always right, and one register carries both. The sign alone says whether the fuel is
//! used up, which is all that a loop asks; bits 15 and 63 together answer for both parts, which is what a function asks
//! when it is entered.
//!
//! While guest code runs, the gauge travels from function to function as an extra last parameter and an extra last
//! result. It is in the exported global whenever the host can look: before every call of an import and before every
//! instruction of which the meter says so.

use crate::guest::fuel::Fuel;

/// Where the fuel field begins.
pub const FUEL_SHIFT: u32 = 16;

/// One unit of fuel.
pub const FUEL_ONE: i64 = 1 << FUEL_SHIFT;

/// One unit of call depth.
pub const DEPTH_ONE: i64 = 1;

/// Either bit set: fuel or depth is below zero.
pub const EXHAUSTED: i64 = (1 << 63) | DEPTH_EXHAUSTED;

/// The bit set when the depth is below zero.
pub const DEPTH_EXHAUSTED: i64 = 1 << (FUEL_SHIFT - 1);

/// The most fuel that one slice may grant, far below the field's 2^47.
pub const MAX_SLICE: Fuel = Fuel(1 << 40);

/// A gauge with this much of both.
pub const fn pack(depth: i16, fuel: i64) -> i64 {
    (fuel << FUEL_SHIFT).wrapping_add(depth as i64)
}

/// Fuel left; negative when overdrawn.
pub const fn fuel(gauge: i64) -> i64 {
    gauge.wrapping_sub(depth(gauge)) >> FUEL_SHIFT
}

/// Depth left; negative when exhausted.
pub const fn depth(gauge: i64) -> i64 {
    gauge as i16 as i64
}

/// The same depth, with this much fuel: how a host grants a slice.
pub const fn with_fuel(gauge: i64, fuel: i64) -> i64 {
    pack(gauge as i16, fuel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_parts_come_back_whatever_their_signs() {
        for d in [i16::MIN, -1, 0, 1, 300, i16::MAX] {
            for f in [-(1_i64 << 40), -1, 0, 1, 1 << 40] {
                let gauge = pack(d, f);
                assert_eq!((depth(gauge), fuel(gauge)), (i64::from(d), f));
                assert_eq!(gauge & EXHAUSTED != 0, d < 0 || f < 0, "{d} {f}");
                if d >= 0 {
                    assert_eq!(gauge < 0, f < 0, "{d} {f}: the sign is the fuel's");
                }
                assert_eq!(with_fuel(gauge, 7), pack(d, 7));
            }
        }
    }

    #[test]
    fn parts_can_be_added_and_taken_separately() {
        let gauge = pack(3, 100) - 250 * FUEL_ONE - 5 * DEPTH_ONE;
        assert_eq!((depth(gauge), fuel(gauge)), (-2, -150));
        let gauge = gauge + 5 * DEPTH_ONE + 250 * FUEL_ONE;
        assert_eq!(gauge, pack(3, 100));
    }
}
