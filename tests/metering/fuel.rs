//! What programs cost.

use lambda_playground::guest::meter;
use wasmi::{TrapCode, Val};

use crate::guest::{End, Guest};

/// Text of a function `run(i32) -> i32`, its argument, result and fuel, counted by hand.
const COUNTED: &[(&str, &str, i32, i32, u64)] = &[
    ("constants and locals are free", "local.get 0", 7, 7, 0),
    ("one addition", "local.get 0 i32.const 1 i32.add", 7, 8, 1),
    (
        "dead code is free",
        "local.get 0 return i32.const 1 i32.add",
        7,
        7,
        1,
    ),
    (
        "an arm that is taken",
        "local.get 0 if local.get 0 i32.const 1 i32.add local.set 0 end local.get 0",
        7,
        8,
        1 + 1,
    ),
    (
        "an arm that is not",
        "local.get 0 if local.get 0 i32.const 1 i32.add local.set 0 end local.get 0",
        0,
        0,
        1,
    ),
    (
        "after an arm",
        "local.get 0 if (result i32) i32.const 5 else i32.const 6 i32.const 1 i32.mul end i32.const 1 i32.add",
        0,
        7,
        1 + 1 + 1,
    ),
    (
        "a branch out of a block skips its rest",
        "block local.get 0 br_if 0 local.get 0 i32.const 1 i32.add local.set 0 end local.get 0 i32.clz",
        1,
        31,
        1 + 1,
    ),
    (
        "a branch out of two blocks skips both rests",
        "block block local.get 0 br_if 1 local.get 0 i32.eqz drop end local.get 0 i32.eqz drop end local.get 0",
        1,
        1,
        1,
    ),
    (
        "a loop, by its rounds",
        "loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 0",
        10,
        0,
        10 * 2,
    ),
    (
        "what follows a loop, once",
        "loop local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 0 i32.popcnt",
        10,
        0,
        10 * 2 + 1,
    ),
    (
        "a loop in a loop",
        "(local i32) loop i32.const 3 local.set 1 loop local.get 1 i32.const 1 i32.sub local.tee 1 br_if 0 end \
         local.get 0 i32.const 1 i32.sub local.tee 0 br_if 0 end local.get 0",
        4,
        0,
        4 * (3 * 2 + 2),
    ),
    (
        "a switch",
        "block block local.get 0 br_table 0 1 end local.get 0 i32.const 9 i32.add return end local.get 0",
        0,
        9,
        3 + 1 + 1,
    ),
    (
        "a call",
        "local.get 0 call $inc call $inc",
        7,
        9,
        2 * (3 + 1),
    ),
    ("a tail call", "local.get 0 return_call $inc", 7, 8, 3 + 1),
    (
        "an indirect call",
        "local.get 0 i32.const 0 call_indirect (param i32) (result i32)",
        7,
        8,
        8 + 1,
    ),
    (
        "division by a variable",
        "i32.const 21 local.get 0 i32.div_u",
        7,
        3,
        12,
    ),
    (
        "division by a constant",
        "local.get 0 i32.const 3 i32.div_u",
        9,
        3,
        3,
    ),
    (
        "a fill, by its length",
        "i32.const 0 i32.const 0 local.get 0 memory.fill local.get 0",
        1_000,
        1_000,
        10 + 1_000 / 16,
    ),
    (
        "growth, by its pages",
        "local.get 0 memory.grow",
        2,
        1,
        100 + 2 * 4_096,
    ),
    (
        "growth that is refused",
        "local.get 0 memory.grow",
        100,
        -1,
        100,
    ),
];

fn text(body: &str) -> String {
    format!(
        "(module (memory 1 10) (table 1 funcref) (elem (i32.const 0) func $inc)
           (func $inc (param i32) (result i32) local.get 0 i32.const 1 i32.add)
           (func (export \"run\") (param i32) (result i32) {body}))"
    )
}

#[test]
fn counted_by_hand() {
    for &(what, body, argument, result, fuel) in COUNTED {
        let run = Guest::new(&text(body)).call("run", &[Val::I32(argument)]);
        assert_eq!(run.bits() as i32, result, "{what}: result");
        assert_eq!(run.fuel, fuel, "{what}: fuel");
    }
}

#[test]
fn segments_cost_what_their_instructions_cost() {
    for &(what, body, argument, _, fuel) in COUNTED {
        let bytes = wat::parse_str(text(body)).expect("the text is WebAssembly");
        let naive = meter::meter_naively(&bytes).expect("the module can be metered");
        let mut guest = Guest::from(naive, 100_000).expect("the module can be instantiated");
        assert_eq!(
            guest.call("run", &[Val::I32(argument)]).fuel,
            fuel,
            "{what}"
        );
    }
}

const COLLATZ: &str = "(module (import \"host\" \"note\" (func $note (param i64)))
  (func $steps (param $n i64) (result i64) (local $count i64)
    loop $next
      local.get $n i64.const 1 i64.le_u if local.get $count return end
      local.get $n i64.const 1 i64.and i64.eqz
      if local.get $n i64.const 1 i64.shr_u local.set $n
      else local.get $n i64.const 3 i64.mul i64.const 1 i64.add local.set $n end
      local.get $count i64.const 1 i64.add local.set $count
      br $next
    end unreachable)
  (func (export \"run\") (param $to i64) (result i64) (local $sum i64)
    loop $each
      local.get $to call $steps local.get $sum i64.add local.set $sum
      local.get $sum call $note
      local.get $to i64.const 1 i64.sub local.tee $to i64.const 0 i64.ne br_if $each
    end
    local.get $sum))";

#[test]
fn slices_of_any_size_give_the_same_run() {
    let bytes = wat::parse_str(COLLATZ).expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("the module can be metered");
    let runs = [1, 2, 17, 300, 5_000, 1 << 39].map(|slice| {
        let mut guest = Guest::from(module.clone(), slice).expect("it can be instantiated");
        let run = guest.call("run", &[Val::I64(300)]);
        (run.bits(), run.fuel, guest.store.data().notes.clone())
    });
    for run in &runs {
        assert_eq!(run, &runs[0]);
    }
    assert!(runs[0].1 > 5_000, "more than the larger slices");
}

#[test]
fn the_host_sees_exact_fuel_inside_its_functions() {
    let mut guest = Guest::new(
        "(module (import \"host\" \"note\" (func $note (param i64)))
           (func (export \"run\") (param i64)
             local.get 0 call $note
             loop
               local.get 0 call $note
               local.get 0 i64.const 1 i64.sub local.tee 0 i64.eqz i32.eqz br_if 0
             end
             local.get 0 call $note))",
    );
    guest.call("run", &[Val::I64(2)]);
    // Two calls outside the loop are one segment, paid first; a round is a call, a subtraction, two tests and a branch.
    assert_eq!(
        guest.store.data().notes,
        [(2, 6), (2, 13), (1, 20), (0, 20)]
    );
}

#[test]
fn fuel_is_exact_after_traps_that_are_not_loads_or_stores() {
    for (body, code, fuel) in [
        (
            "local.get 0 i32.eqz drop unreachable",
            TrapCode::UnreachableCodeReached,
            1,
        ),
        (
            "local.get 0 i32.eqz drop i32.const 1 local.get 0 i32.div_u",
            TrapCode::IntegerDivisionByZero,
            1 + 12,
        ),
        (
            "local.get 0 i32.const 7 call_indirect (param i32) (result i32)",
            TrapCode::TableOutOfBounds,
            8,
        ),
        (
            "f64.const nan i32.trunc_f64_s",
            TrapCode::BadConversionToInteger,
            3,
        ),
        (
            "i32.const 65536 i32.const 0 i32.const 64 memory.fill i32.const 0",
            TrapCode::MemoryOutOfBounds,
            10 + 4,
        ),
    ] {
        let run = Guest::new(&text(body)).call("run", &[Val::I32(0)]);
        assert_eq!(run.end, End::Trapped(code), "{body}");
        assert_eq!(run.fuel, fuel, "{body}");
    }
}

#[test]
fn a_huge_length_is_paid_for_and_then_traps() {
    let bytes = wat::parse_str(text(
        "i32.const 0 i32.const 0 i32.const -1 memory.fill i32.const 0",
    ))
    .expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("it can be metered");
    let run = Guest::from(module, 1 << 39)
        .expect("it can be instantiated")
        .call("run", &[Val::I32(0)]);
    assert_eq!(run.end, End::Trapped(TrapCode::MemoryOutOfBounds));
    assert_eq!(run.fuel, 10 + u64::from(u32::MAX) / 16);
}

#[test]
fn an_endless_loop_keeps_asking_for_slices() {
    for body in [
        "loop br 0 end i32.const 0",
        "loop call $inc2 br 0 end i32.const 0",
    ] {
        let text = text(body).replace("(func $inc ", "(func $inc2) (func $inc ");
        // A round that costs nothing would never ask, so there is none: a branch costs one.
        let run = Guest::new(&text).call("run", &[Val::I32(0)]);
        assert_eq!(run.end, End::Endless, "{body}");
    }
}
