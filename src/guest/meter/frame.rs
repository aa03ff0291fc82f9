//! How much of the stack a function takes.
//!
//! The engine's own stack must never overflow before the meter's depth does, or guests would see different depths in
//! different engines. So a frame is priced by what a baseline compiler that keeps every local and every operand in memory
//! would need; optimising compilers need less, and an interpreter has its stack elsewhere.

use wasmparser::ValType;

use super::plan::Plan;

/// Bytes per unit of call depth.
pub const UNIT_BYTES: u64 = 64;

/// Return address, saved registers, the engine's own words.
const FIXED_BYTES: u64 = 64;
const SLOT_BYTES: u64 = 8;

/// A function that calls nothing may go without counting when its frame is at most this large: 1 KiB, one of which is
/// always spare.
const UNCOUNTED_UNITS: u64 = 16;

/// And when all that it can do without passing a loop head is at most this much: 5 µs.
const UNCOUNTED_FUEL: u64 = 10_000;

/// Units that a frame takes from the call depth: zero when it need not be counted.
pub fn units(plan: &Plan, parameters: u32, results: u32) -> u32 {
    let slots = |ty: ValType| if ty == ValType::V128 { 2 } else { 1 };
    let locals: u64 = plan
        .locals
        .iter()
        .map(|&(count, ty)| u64::from(count) * slots(ty))
        .sum();
    let widest = if plan.vectors { 2 } else { 1 };
    // Parameters and results may be vectors too, and may travel over the stack besides being kept.
    let passed = 2 * widest * u64::from(parameters.max(results));
    let slots = locals + passed + widest * plan.stack as u64;
    let units = (FIXED_BYTES + SLOT_BYTES * slots).div_ceil(UNIT_BYTES);

    let straight: u64 = plan.segments.iter().map(|fuel| u64::from(*fuel)).sum();
    if !plan.calls && units <= UNCOUNTED_UNITS && straight <= UNCOUNTED_FUEL {
        return 0;
    }
    // More than the gauge can hold is more than any guest has: entering it always fails.
    units.min(i16::MAX as u64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(calls: bool, locals: &[(u32, ValType)]) -> Plan {
        Plan {
            calls,
            locals: locals.to_vec(),
            ..Plan::default()
        }
    }

    #[test]
    fn a_small_leaf_is_not_counted() {
        assert_eq!(units(&plan(false, &[]), 2, 1), 0);
        assert_ne!(units(&plan(true, &[]), 2, 1), 0, "it calls");
        assert_ne!(
            units(&plan(false, &[(200, ValType::I32)]), 0, 0),
            0,
            "it is large"
        );
    }

    #[test]
    fn a_frame_grows_by_its_slots() {
        assert_eq!(units(&plan(true, &[]), 0, 0), 1);
        assert_eq!(units(&plan(true, &[(8, ValType::I64)]), 0, 0), 2);
        assert_eq!(units(&plan(true, &[(8, ValType::V128)]), 0, 0), 3);
        assert_eq!(units(&plan(true, &[]), 4, 1), 2, "four parameters, twice");
    }

    #[test]
    fn no_frame_is_more_than_the_gauge_can_take() {
        assert_eq!(
            units(
                &plan(true, &[(50_000, ValType::V128), (u32::MAX, ValType::I32)]),
                0,
                0
            ),
            i16::MAX as u32
        );
    }
}
