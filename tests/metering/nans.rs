//! NaNs have the same bits everywhere. x86 makes negative ones, so these tests would fail on it if nothing were done.

use wasmi::Val;

use crate::guest::Guest;

const CANONICAL_32: u64 = 0x7fc0_0000;
const CANONICAL_64: u64 = 0x7ff8_0000_0000_0000;
const NEGATIVE_64: u64 = 0xfff8_0000_0000_0000;
/// A signalling NaN with a payload.
const PAYLOAD_32: u64 = 0xffa1_2345;
const PAYLOAD_64: u64 = 0xfff4_0000_dead_beef;

/// Makes a NaN by arithmetic; parameter 0 is 0.0, 1 is a NaN with a payload.
const MAKE_64: &str = "local.get 0 local.get 0 f64.div";

/// Bodies of a function with parameters `f64 f64` (zero, and a NaN with a payload) and an `i64` result.
fn bits_64(body: &str) -> u64 {
    let text = format!(
        "(module (memory 1) (global $g (mut f64) (f64.const 0)) (table 1 funcref) (elem (i32.const 0) func $id)
           (type $id (func (param f64) (result f64)))
           (func $id (param f64) (result f64) local.get 0)
           (func $bits (param f64) (result i64) local.get 0 i64.reinterpret_f64)
           (func $make (param f64) (result f64) local.get 0 local.get 0 f64.div)
           (func (export \"run\") (param f64 f64) (result i64) (local $x f64) (local $y f64) (local $n i32) {body}))"
    );
    let arguments = [
        Val::F64(0.0.into()),
        Val::F64(wasmi::F64::from_bits(PAYLOAD_64)),
    ];
    Guest::new(&text).call("run", &arguments).bits()
}

#[test]
fn arithmetic_makes_canonical_ones_wherever_they_are_observed() {
    for observed in [
        "MAKE i64.reinterpret_f64",
        "i32.const 8 MAKE f64.store i32.const 8 i64.load",
        "MAKE global.set $g global.get $g i64.reinterpret_f64",
        "MAKE call $bits",
        "MAKE call $id i64.reinterpret_f64",
        "MAKE i32.const 0 call_indirect (type $id) i64.reinterpret_f64",
        "MAKE return_call $bits",
        "local.get 0 call $make i64.reinterpret_f64",
        // Through locals, lazy or not.
        "MAKE local.set $x local.get $x i64.reinterpret_f64",
        "MAKE local.tee $x i64.reinterpret_f64",
        "MAKE local.tee $x drop local.get $x local.set $y local.get $y i64.reinterpret_f64",
        "MAKE local.set $x local.get 1 local.set $y local.get $x local.set $y local.get $y i64.reinterpret_f64",
        "MAKE local.set 0 local.get 0 i64.reinterpret_f64",
        "f64.const 1 local.set $x MAKE local.set $x local.get $x i64.reinterpret_f64",
        "MAKE local.set $x local.get $x local.get $x f64.add i64.reinterpret_f64",
        // Through control.
        "block (result f64) MAKE end i64.reinterpret_f64",
        "block (result f64) MAKE br 0 end i64.reinterpret_f64",
        "block (result f64) MAKE i32.const 1 br_if 0 end i64.reinterpret_f64",
        "block (result f64) MAKE i32.const 0 br_table 0 0 end i64.reinterpret_f64",
        "i32.const 1 if (result f64) MAKE else f64.const 1 end i64.reinterpret_f64",
        "MAKE block (param f64) (result i64) i64.reinterpret_f64 end",
        "MAKE loop (param f64) (result i64) i64.reinterpret_f64 end",
        "MAKE f64.const 1 i32.const 1 select i64.reinterpret_f64",
        // Through the instructions that leave bits alone.
        "MAKE f64.abs i64.reinterpret_f64",
        "MAKE f64.const 1 f64.copysign i64.reinterpret_f64",
        // Arithmetic forgets payloads.
        "local.get 1 f64.const 1 f64.add i64.reinterpret_f64",
        "f64.const 1 local.get 1 f64.mul i64.reinterpret_f64",
        "local.get 1 f64.sqrt i64.reinterpret_f64",
        "local.get 1 f64.floor i64.reinterpret_f64",
        "local.get 1 f64.ceil i64.reinterpret_f64",
        "local.get 1 f64.trunc i64.reinterpret_f64",
        "local.get 1 f64.nearest i64.reinterpret_f64",
        "local.get 1 f64.const 1 f64.min i64.reinterpret_f64",
        "local.get 1 f64.const 1 f64.max i64.reinterpret_f64",
        "local.get 1 f32.demote_f64 f64.promote_f32 i64.reinterpret_f64",
        // A loop's accumulator, observed afterwards and in the middle.
        "f64.const 1 local.set $x loop local.get $x MAKE f64.add local.set $x \
         local.get $n i32.const 1 i32.add local.tee $n i32.const 3 i32.lt_u br_if 0 end local.get $x i64.reinterpret_f64",
        "loop local.get $x MAKE f64.add local.set $x i32.const 8 local.get $x f64.store \
         local.get $n i32.const 1 i32.add local.tee $n i32.const 3 i32.lt_u br_if 0 end i32.const 8 i64.load",
    ] {
        let body = observed.replace("MAKE", MAKE_64);
        assert_eq!(bits_64(&body), CANONICAL_64, "{observed}");
    }
}

#[test]
fn the_sign_can_be_changed_exactly() {
    for observed in [
        "MAKE f64.neg i64.reinterpret_f64",
        "MAKE f64.const -1 f64.copysign i64.reinterpret_f64",
        "MAKE f64.neg local.set $x local.get $x i64.reinterpret_f64",
        "MAKE local.tee $y f64.neg local.set $x local.get $x i64.reinterpret_f64",
        "MAKE local.set $x local.get $x f64.neg i64.reinterpret_f64",
        "MAKE f64.abs f64.neg i64.reinterpret_f64",
        "f64.const 1 MAKE f64.copysign f64.neg MAKE f64.add f64.neg i64.reinterpret_f64",
    ] {
        let body = observed.replace("MAKE", MAKE_64);
        assert_eq!(bits_64(&body), NEGATIVE_64, "{observed}");
    }
    // The sign of a canonical NaN is plus.
    assert_eq!(
        bits_64(&format!(
            "f64.const 1 {MAKE_64} f64.copysign i64.reinterpret_f64"
        )),
        1_f64.to_bits()
    );
}

#[test]
fn what_is_only_moved_keeps_every_bit() {
    for moved in [
        "local.get 1 i64.reinterpret_f64",
        "local.get 1 local.set $x local.get $x i64.reinterpret_f64",
        "local.get 1 local.tee $x drop local.get $x local.set $y local.get $y i64.reinterpret_f64",
        // A local that is also set by arithmetic.
        "local.get 0 local.get 0 f64.div local.set $x local.get 1 local.set $x local.get $x i64.reinterpret_f64",
        // A copy of such a one.
        "local.get 0 local.get 0 f64.div local.set $y local.get 1 local.set $x local.get $x local.set $y local.get $y \
         i64.reinterpret_f64",
        "i32.const 8 local.get 1 f64.store i32.const 8 f64.load i64.reinterpret_f64",
        "local.get 1 global.set $g global.get $g i64.reinterpret_f64",
        "local.get 1 call $id i64.reinterpret_f64",
        "local.get 1 f64.neg f64.neg i64.reinterpret_f64",
        "local.get 1 f64.const 1 i32.const 1 select i64.reinterpret_f64",
        "block (result f64) local.get 1 end i64.reinterpret_f64",
        "i64.const 0xfff40000deadbeef f64.reinterpret_i64 i64.reinterpret_f64",
        "f64.const -nan:0x40000deadbeef i64.reinterpret_f64",
    ] {
        assert_eq!(bits_64(moved), PAYLOAD_64, "{moved}");
    }
}

/// Bodies of a function with parameters `f32 f32` and an `i32` result.
fn bits_32(body: &str) -> u64 {
    let text = format!(
        "(module (memory 1)
           (func (export \"run\") (param f32 f32) (result i32) (local $x f32) {body}))"
    );
    let arguments = [
        Val::F32(0.0.into()),
        Val::F32(wasmi::F32::from_bits(PAYLOAD_32 as u32)),
    ];
    Guest::new(&text).call("run", &arguments).bits()
}

#[test]
fn single_precision_too() {
    for (body, bits) in [
        (
            "local.get 0 local.get 0 f32.div i32.reinterpret_f32",
            CANONICAL_32,
        ),
        (
            "local.get 0 local.get 0 f32.div local.set $x local.get $x i32.reinterpret_f32",
            CANONICAL_32,
        ),
        ("local.get 1 f32.sqrt i32.reinterpret_f32", CANONICAL_32),
        (
            "local.get 1 f64.promote_f32 f32.demote_f64 i32.reinterpret_f32",
            CANONICAL_32,
        ),
        (
            "i32.const 0 local.get 1 f32.nearest f32.store i32.const 0 i32.load",
            CANONICAL_32,
        ),
        ("local.get 1 i32.reinterpret_f32", PAYLOAD_32),
        (
            "i32.const 0 local.get 1 f32.store i32.const 0 i32.load",
            PAYLOAD_32,
        ),
    ] {
        assert_eq!(bits_32(body), bits, "{body}");
    }
}

/// Bodies of a function that leaves a vector; its two halves.
fn vector(body: &str) -> (u64, u64) {
    let lanes = [0, 1].map(|lane| {
        let text = format!(
            "(module (memory 1)
               (func (export \"run\") (result i64) (local $x v128) (local $y v128) (local $n i32)
                 {body} i64x2.extract_lane {lane}))"
        );
        Guest::new(&text).call("run", &[]).bits()
    });
    (lanes[0], lanes[1])
}

#[test]
fn every_lane_of_a_vector_too() {
    const ZERO_BY_ZERO_64: &str = "v128.const f64x2 0 1 v128.const f64x2 0 1 f64x2.div";
    const ZERO_BY_ZERO_32: &str = "v128.const f32x4 0 1 0 1 v128.const f32x4 0 1 0 1 f32x4.div";
    let one_64 = 1_f64.to_bits();
    let one_32 = u64::from(1_f32.to_bits());
    let mixed_32 = one_32 << 32 | CANONICAL_32;
    for (body, lanes) in [
        (ZERO_BY_ZERO_64.to_owned(), (CANONICAL_64, one_64)),
        (ZERO_BY_ZERO_32.to_owned(), (mixed_32, mixed_32)),
        (
            format!("{ZERO_BY_ZERO_64} local.set $x local.get $x"),
            (CANONICAL_64, one_64),
        ),
        (
            format!(
                "{ZERO_BY_ZERO_64} local.set $x local.get $x local.get $x f64x2.add local.set $x local.get $x f64x2.abs"
            ),
            (CANONICAL_64, 2_f64.to_bits()),
        ),
        (
            // A local used in both shapes.
            format!(
                "{ZERO_BY_ZERO_64} local.set $x local.get $x v128.const f32x4 0 0 0 0 f32x4.eq drop local.get $x"
            ),
            (CANONICAL_64, one_64),
        ),
        (
            // Two shapes in one local.
            format!("{ZERO_BY_ZERO_64} local.set $x {ZERO_BY_ZERO_32} local.set $x local.get $x"),
            (mixed_32, mixed_32),
        ),
        (
            // A copy into a local of another shape.
            format!(
                "{ZERO_BY_ZERO_32} local.set $y {ZERO_BY_ZERO_64} local.set $x local.get $x local.set $y local.get $y"
            ),
            (CANONICAL_64, one_64),
        ),
        (
            // It chooses one of its operands, as it is.
            "v128.const f64x2 -nan:0x40000deadbeef 1 v128.const f64x2 2 2 f64x2.pmin".to_owned(),
            (PAYLOAD_64, one_64),
        ),
        (
            "v128.const f64x2 -nan:0x40000deadbeef 1".to_owned(),
            (PAYLOAD_64, one_64),
        ),
        (
            "v128.const f64x2 -nan:0x40000deadbeef 1 f32x4.demote_f64x2_zero".to_owned(),
            (mixed_32, 0),
        ),
        (
            "v128.const f32x4 -nan:0x212345 1 1 1 f64x2.promote_low_f32x4".to_owned(),
            (CANONICAL_64, one_64),
        ),
    ] {
        assert_eq!(vector(&body), lanes, "{body}");
    }
}

/// The size of a metered function says whether anything was done about NaNs in it.
#[test]
fn nothing_is_done_where_nothing_is_observed() {
    let size = |body: &str| {
        let text = format!(
            "(module (func (export \"run\") (param f64 f64) (result i32) (local $x f64) {body}))"
        );
        let bytes = wat::parse_str(text).expect("the text is WebAssembly");
        let fast = lambda_playground::guest::meter::meter(&bytes).expect("it can be metered");
        fast.bytes
            .windows(8)
            .filter(|bytes| *bytes == CANONICAL_64.to_le_bytes())
            .count()
    };
    for body in [
        "local.get 0 local.get 1 f64.div f64.const 1 f64.lt",
        "local.get 0 local.get 1 f64.div i32.trunc_sat_f64_s",
        "loop local.get $x local.get 0 f64.add local.tee $x f64.const 9 f64.lt br_if 0 end local.get $x i32.trunc_f64_s",
        "local.get 0 f64.sqrt drop i32.const 0",
    ] {
        assert_eq!(size(body), 0, "{body}");
    }
    assert_eq!(
        size("local.get 0 f64.sqrt i64.reinterpret_f64 i32.wrap_i64"),
        1
    );
}
