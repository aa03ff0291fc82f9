//! The module around the functions: exports, the start function, references, imports.

use lambda_playground::guest::meter::{self, MeterCall, ValueType};
use wasmi::Val;

use crate::guest::{End, Guest};

#[test]
fn the_start_function_waits_to_be_called() {
    let mut guest = Guest::new(
        "(module (global $g (export \"g\") (mut i32) (i32.const 1))
           (func $start i32.const 2 global.set $g) (start $start)
           (func (export \"run\") (result i32) global.get $g))",
    );
    assert_eq!(guest.call("run", &[]).bits(), 1);
    let start = guest
        .module
        .start
        .clone()
        .expect("there is a start function");
    let run = guest.call(&start, &[]);
    assert_eq!((run.end, run.fuel), (End::Returned, 1));
    assert_eq!(guest.call("run", &[]).bits(), 2);
}

#[test]
fn names_that_the_guest_took_are_left_to_it() {
    let mut guest = Guest::new(
        "(module (memory 1)
           (func $f (result i32) i32.const 5)
           (export \"meter.gauge\" (func $f)) (export \"meter.gauge.2\" (func $f))
           (export \"meter.memory\" (func $f)) (export \"meter.start\" (func $f))
           (export \"meter.page_limit\" (func $f))
           (func $start) (start $start))",
    );
    assert_eq!(guest.module.gauge, "meter.gauge.3");
    assert_eq!(guest.module.page_limit, "meter.page_limit.2");
    assert_eq!(guest.module.memory.as_deref(), Some("meter.memory.2"));
    assert_eq!(guest.module.start.as_deref(), Some("meter.start.2"));
    for name in ["meter.gauge", "meter.memory", "meter.start"] {
        assert_eq!(guest.call(name, &[]).bits(), 5, "{name}");
    }
}

#[test]
fn an_exported_memory_keeps_its_name() {
    let name = |text: &str| {
        let bytes = wat::parse_str(text).expect("the text is WebAssembly");
        meter::meter(&bytes).expect("it can be metered").memory
    };
    assert_eq!(
        name("(module (memory (export \"mem\") 1))").as_deref(),
        Some("mem")
    );
    assert_eq!(name("(module (memory 1))").as_deref(), Some("meter.memory"));
    assert_eq!(
        name("(module (memory 1) (memory (export \"b\") 1))").as_deref(),
        Some("meter.memory")
    );
    assert_eq!(name("(module)"), None);
}

#[test]
fn imports_are_listed_with_the_meters_after_them() {
    let bytes = wat::parse_str(
        "(module (import \"a\" \"b\" (func (param i32 f64) (result i64))) (import \"c\" \"\" (func)))",
    )
    .expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("it can be metered");
    let names: Vec<_> = module
        .imports
        .iter()
        .map(|import| (import.module.as_str(), import.name.as_str()))
        .collect();
    let own = MeterCall::ALL.map(|call| (meter::METER, call.name()));
    assert_eq!(names[..2], [("a", "b"), ("c", "")]);
    assert_eq!(names[2..], own);
    assert_eq!(
        module.imports[0].parameters,
        [ValueType::I32, ValueType::F64]
    );
    assert_eq!(module.imports[0].result, Some(ValueType::I64));
}

#[test]
fn imports_are_called_directly_and_through_tables() {
    let mut guest = Guest::new(
        "(module (import \"host\" \"note\" (func $note (param i64)))
           (table 3 funcref) (elem (i32.const 0) func $note $own) (elem declare func $note)
           (global $reference funcref (ref.func $note))
           (export \"out\" (func $note))
           (func $own (param i64) local.get 0 i64.const 100 i64.add call $note)
           (func (export \"run\") (result i32)
             i64.const 1 call $note
             i64.const 2 i32.const 0 call_indirect (param i64)
             i64.const 3 i32.const 1 call_indirect (param i64)
             i32.const 2 ref.func $note table.set
             i64.const 4 i32.const 2 call_indirect (param i64)
             i32.const 2 global.get $reference table.set
             i64.const 5 i32.const 2 call_indirect (param i64)
             i32.const 0))",
    );
    assert_eq!(guest.call("run", &[]).end, End::Returned);
    assert_eq!(guest.call("out", &[Val::I64(6)]).end, End::Returned);
    let noted: Vec<i64> = guest.store.data().notes.iter().map(|note| note.0).collect();
    assert_eq!(noted, [1, 2, 103, 4, 5, 6]);
}

#[test]
fn a_signature_is_still_checked() {
    let mut guest = Guest::new(
        "(module (table 2 funcref) (elem (i32.const 0) func $f)
           (func $f (param i32))
           (func (export \"wrong\") i64.const 1 i32.const 0 call_indirect (param i64))
           (func (export \"null\") i32.const 1 i32.const 1 call_indirect (param i32)))",
    );
    assert_eq!(
        guest.call("wrong", &[]).end,
        End::Trapped(wasmi::TrapCode::BadSignature)
    );
    assert_eq!(
        guest.call("null", &[]).end,
        End::Trapped(wasmi::TrapCode::IndirectCallToNull)
    );
}

#[test]
fn what_no_tier_can_provide_is_refused_by_name() {
    for (import, what) in [
        ("(memory 1)", "a memory"),
        ("(table 1 funcref)", "a table"),
        ("(global i32)", "a global"),
        ("(func (param v128))", "a function over vectors"),
        ("(func (result externref))", "a function over vectors"),
        ("(func (result i32 i32))", "several results"),
    ] {
        let bytes = wat::parse_str(format!("(module (import \"a\" \"b\" {import}))"))
            .expect("the text is WebAssembly");
        let problem = meter::meter(&bytes).expect_err("it is refused");
        assert_eq!(problem.code, "module.import");
        assert!(problem.cause.contains(what), "{problem}");
        assert!(problem.place.contains("\"b\""), "{problem}");
        meter::meter_with_any_imports(&bytes).expect("some hosts can provide it");
    }
}

#[test]
fn a_module_runs_when_the_host_sets_nothing() {
    let bytes = wat::parse_str(
        "(module (memory 1) (func (export \"run\") (result i32)
           call $deep i32.const 1 memory.grow) (func $deep call $deeper) (func $deeper))",
    )
    .expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("it can be metered");
    let guest = Guest::from(module, 0).expect("it can be instantiated");
    let Guest {
        mut store,
        instance,
        ..
    } = guest;
    let run = instance
        .get_typed_func::<(), i32>(&store, "run")
        .expect("it is exported");
    assert_eq!(run.call(&mut store, ()).expect("it returns"), 1);
}

/// All of them speak of offsets or indices that are no more, or of a build that this is not.
#[test]
fn stale_sections_are_dropped() {
    let stale = [
        ".debug_info",
        "sourceMappingURL",
        "external_debug_info",
        "producers",
        "target_features",
        "reloc.CODE",
        "metadata.code.trace_inst",
    ];
    let sections: String = stale
        .iter()
        .map(|name| format!("(@custom \"{name}\" \"\\00\")"))
        .collect();
    // An ill-placed hint of the guest's own: only the meter's come out.
    let text = format!(
        "(module $named {sections} (func $f (export \"f\") (param $p i32)
           local.get 0 (@metadata.code.branch_hint \"\\01\") if nop end))"
    );
    let bytes = wat::parse_str(text).expect("the text is WebAssembly");
    let module = meter::meter(&bytes).expect("it can be metered");
    for payload in wasmparser::Parser::new(0).parse_all(&module.bytes) {
        if let wasmparser::Payload::CustomSection(section) = payload.expect("it can be parsed") {
            panic!("{} is still there", section.name());
        }
    }
}

/// Global initialisers and table elements are copied as they are, references to functions renumbered.
#[test]
fn constant_expressions_mean_what_they_meant() {
    let mut guest = Guest::new(
        "(module (import \"host\" \"note\" (func $note (param i64)))
           (global $wide i64 (i64.const -1234567890123))
           (global $sum i32 (i32.add (i32.mul (i32.const 1) (i32.const 3)) (i32.const -2)))
           (global $float f64 (f64.const 1.5)) (global $vector v128 (v128.const i64x2 7 9))
           (global $nothing externref (ref.null extern)) (global $f funcref (ref.func $f))
           (table 4 funcref)
           (elem (i32.sub (i32.const 2) (i32.const 1)) funcref (ref.func $f) (ref.null func) (ref.func $f))
           (func $f (param i64) local.get 0 call $note)
           (func (export \"run\")
             global.get $wide global.get $sum call_indirect (param i64)
             global.get $float i64.trunc_f64_s i32.const 3 call_indirect (param i64)
             global.get $vector i64x2.extract_lane 1 call $f
             global.get $nothing ref.is_null i64.extend_i32_u call $f
             i32.const 2 table.get 0 ref.is_null i64.extend_i32_u call $f))",
    );
    assert_eq!(guest.call("run", &[]).end, End::Returned);
    let noted: Vec<i64> = guest.store.data().notes.iter().map(|note| note.0).collect();
    assert_eq!(noted, [-1_234_567_890_123, 1, 9, 1, 1]);
}

/// wasmi 2.0.0 by itself takes the wrong operand here, because something else is in its accumulator.
#[test]
fn a_select_by_a_test_for_zero_chooses_the_right_operand() {
    for test in [
        "local.get $x i32.eqz",
        "local.get $x i32.const 0 i32.eq",
        "i32.const 0 local.get $x i32.eq",
        "local.get $x i32.eqz nop",
        "local.get $x i32.const 0 i32.ne i32.eqz",
    ] {
        for select in ["select", "select (result i32)"] {
            let mut guest = Guest::new(&format!(
                "(module (memory 1) (func (export \"run\") (param $x i32) (result i32)
                   memory.size drop i32.const 11 i32.const 22 {test} {select}))"
            ));
            for (x, result) in [(0, 11), (1, 22)] {
                let run = guest.call("run", &[Val::I32(x)]);
                assert_eq!(run.bits(), result, "{test} {select} of {x}");
            }
        }
    }
}

/// wasmi 2.0.0 by itself crashes here.
#[test]
fn lanes_are_stored_far_away_and_into_other_memories() {
    for (store, stored) in [
        ("8", 0x88_u64),
        ("16", 0x7788),
        ("32", 0x5566_7788),
        ("64", 0x1122_3344_5566_7788),
    ] {
        for place in ["$b", "$b offset=70000", "offset=70000"] {
            let mut guest = Guest::new(&format!(
                "(module (memory 2) (memory $b 2) (func (export \"run\") (param $at i32) (result i64)
                   local.get $at v128.const i64x2 3 0x1122334455667788 local.tee $v drop
                   local.get $v v128.store{store}_lane {place} {lane}
                   local.get $at i64.load {place}))",
                lane = 64 / store.parse::<u32>().expect("a width"),
            ).replace("(result i64)", "(result i64) (local $v v128)"));
            assert_eq!(
                guest.call("run", &[Val::I32(4)]).bits(),
                stored,
                "{store} {place}"
            );
            let run = guest.call("run", &[Val::I32(131_072)]);
            assert_eq!(run.end, End::Trapped(wasmi::TrapCode::MemoryOutOfBounds));
        }
    }
}
