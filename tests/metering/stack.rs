//! Call depth: bounded, and given back on every way out.

use lambda_playground::guest::meter::{self, MeterCall};
use wasmi::Val;

use crate::guest::{End, Guest};

#[test]
fn depth_is_given_back_on_every_way_out() {
    for body in [
        "local.get 0",
        "local.get 0 return",
        "local.get 0 br 0",
        "local.get 0 i32.const 1 br_if 0",
        "local.get 0 i32.const 0 br_if 0",
        "local.get 0 local.get 0 br_table 0 0",
        "block local.get 0 i32.const 1 br_if 1 drop end i32.const 3",
        "block local.get 0 br 1 end i32.const 3",
        "loop (result i32) local.get 0 i32.const 1 br_if 1 end",
        "loop (result i32) local.get 0 br 1 end",
        "local.get 0 if local.get 0 return end i32.const 3",
        "local.get 0 return_call $callee",
        "local.get 0 i32.const 0 return_call_indirect (type $t)",
        "local.get 0 return_call $import",
        "local.get 0 i32.const 1 return_call_indirect (type $t)",
        "local.get 0 call $callee",
        "local.get 0 i32.const 1 call_indirect (type $t)",
    ] {
        let mut guest = Guest::new(&format!(
            "(module (type $t (func (param i32) (result i32)))
               (import \"any\" \"thing\" (func $import (type $t)))
               (table 2 funcref) (elem (i32.const 0) func $callee $import)
               (func $callee (type $t) local.get 0 call $nothing)
               (func $nothing (type $t) local.get 0)
               (func $tested (type $t) i32.const 5 call $callee drop {body})
               (func (export \"run\") (type $t) local.get 0 call $tested call $tested))"
        ));
        let run = guest.call("run", &[Val::I32(1)]);
        assert_eq!(run.end, End::Returned, "{body}");
        assert_eq!(run.depth.0, run.depth.1, "{body}");
    }
}

#[test]
fn several_results_come_back_with_the_gauge() {
    for body in [
        "local.get 0 i64.const 7 f64.const 9",
        "local.get 0 i64.const 7 f64.const 9 i32.const 1 br_if 0",
        "local.get 0 i64.const 7 f64.const 9 return",
    ] {
        let mut guest = Guest::new(&format!(
            "(module (func $inner (param i32) (result i32 i64 f64) call $nothing {body})
               (func $nothing)
               (func (export \"run\") (param i32) (result i32 i64 f64) local.get 0 call $inner))"
        ));
        let run = guest.call("run", &[Val::I32(5)]);
        assert_eq!(run.end, End::Returned);
        assert_eq!(
            format!("{:?}", run.results),
            format!("{:?}", [Val::I32(5), Val::I64(7), Val::F64(9.0.into())])
        );
        assert_eq!(run.depth.0, run.depth.1);
    }
}

const RECURSIVE: &str = "(module
  (table 1 funcref) (elem (i32.const 0) func $indirect)
  (func $direct (export \"direct\") (param i32) (result i32)
    local.get 0 i32.eqz if i32.const 0 return end
    local.get 0 i32.const 1 i32.sub call $direct i32.const 1 i32.add)
  (func $indirect (export \"indirect\") (param i32) (result i32)
    local.get 0 i32.eqz if i32.const 0 return end
    local.get 0 i32.const 1 i32.sub i32.const 0 call_indirect (param i32) (result i32) i32.const 1 i32.add)
  (func $tail (export \"tail\") (param i32) (result i32)
    local.get 0 i32.eqz if i32.const 7 return end
    local.get 0 i32.const 1 i32.sub return_call $tail)
  (func $wide (export \"wide\") (param i32) (result i32)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    local.get 0 i32.eqz if i32.const 0 return end
    local.get 0 i32.const 1 i32.sub call $wide i32.const 1 i32.add))";

#[test]
fn endless_recursion_ends_in_the_stack_call() {
    for export in ["direct", "indirect", "wide"] {
        let mut guest = Guest::new(RECURSIVE);
        let run = guest.call(export, &[Val::I32(-1)]);
        assert_eq!(run.end, End::Stopped(MeterCall::Stack), "{export}");
        assert!(run.depth.0 < 0, "{export}");
        // The instance is still usable.
        let run = guest.call(export, &[Val::I32(50)]);
        assert_eq!(run.bits(), 50, "{export}");
    }
}

#[test]
fn the_limit_is_exact_and_larger_frames_reach_it_sooner() {
    let deepest = |export: &str| {
        let mut guest = Guest::new(RECURSIVE);
        let (mut low, mut high) = (0, 100_000);
        while high - low > 1 {
            let middle = (low + high) / 2;
            match guest.call_at_depth(export, &[Val::I32(middle)], 1_000).end {
                End::Returned => low = middle,
                _ => high = middle,
            }
        }
        low
    };
    let (narrow, wide) = (deepest("direct"), deepest("wide"));
    assert!(narrow >= 300, "{narrow}");
    assert!(wide < narrow / 2, "{wide} against {narrow}");
}

#[test]
fn tail_calls_take_no_depth() {
    let run = Guest::new(RECURSIVE).call_at_depth("tail", &[Val::I32(100_000)], 10);
    assert_eq!(run.bits(), 7);
}

#[test]
fn a_leaf_needs_no_depth() {
    let mut guest =
        Guest::new("(module (func (export \"run\") (result i32) i32.const 1 i32.const 2 i32.add))");
    let run = guest.call_at_depth("run", &[], 0);
    assert_eq!(run.bits(), 3);
}

#[test]
fn a_frame_too_large_for_any_stack_cannot_be_entered() {
    // Ten thousand vectors are 160 kB.
    let mut guest = Guest::new(&format!(
        "(module (func (export \"run\") {} call $nothing) (func $nothing))",
        "(local v128)".repeat(10_000)
    ));
    let units = (160_000 / meter::UNIT_BYTES + 1) as i16;
    assert_eq!(guest.call_at_depth("run", &[], units).end, End::Returned);
    let run = guest.call_at_depth("run", &[], units - 10);
    assert_eq!(run.end, End::Stopped(MeterCall::Stack));
}
