//! The handler convention.

use lambda_playground::guest::abi::Abi;
use lambda_playground::guest::engine::Trap;
use lambda_playground::guest::process::PhaseEnd;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::support::*;

/// Answers with the event itself.
const ECHO: &str = "(i64.or (i64.shl (i64.extend_i32_u (local.get $p)) (i64.const 32)) (i64.extend_i32_u (local.get $n)))";

const FAIL: &str = r#"(import "lambda" "fail" (func $fail (param i32 i32 i32 i32)))"#;
const LOG: &str = r#"(import "lambda" "log" (func $log (param i32 i32)))"#;

#[test]
fn the_event_goes_in_and_the_answer_comes_out() {
    let mut environment = Environment::new(&handler("", ECHO));
    assert_eq!(environment.program.abi(), Abi::Handler);
    assert_eq!(environment.handle("{\"a\":1}").end, done("{\"a\":1}"));
    assert_eq!(environment.handle("").end, done(""));
    let long = "x".repeat(60_000);
    assert_eq!(environment.handle(&long).end, done(&long));
}

#[test]
fn state_survives_from_event_to_event() {
    let count = r#"
        (i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
        i64.const 1"#;
    let mut environment = Environment::new(&handler(r#"(data (i32.const 0) "0")"#, count));
    for expected in ["1", "2", "3"] {
        assert_eq!(environment.handle("{}").end, done(expected));
    }
    environment.process = None;
    assert_eq!(environment.handle("{}").end, done("1"), "a new process");
}

#[test]
fn starting_runs_start_and_initialize_once() {
    let rest = r#"
        (data (i32.const 0) "..")
        (func $start (i32.store8 (i32.const 0) (i32.const 115)))
        (start $start)
        (func (export "__wasm_call_ctors") (i32.store8 (i32.const 1) (i32.const 99)))"#;
    assert_eq!(end(&handler(rest, "i64.const 2")), done("sc"));
    let initialize = format!(
        r#"{rest} (func (export "_initialize")
            (i32.store8 (i32.const 1) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))))"#
    );
    assert_eq!(
        end(&handler(&initialize, "i64.const 2")),
        done("st"),
        "`_initialize` comes after the start function and replaces `__wasm_call_ctors`"
    );
}

#[test]
fn responses_are_given_back() {
    let rest = r#"
        (data (i32.const 0) "answer")
        (global $given (mut i32) (i32.const 0))
        (func (export "dealloc") (param i32 i32)
            (global.set $given (i32.add (local.get 0) (local.get 1))))"#;
    let body = "
        (if (global.get $given) (then (return (i64.const 0x1_0000_0004))))
        i64.const 0x2_0000_0003";
    let mut environment = Environment::new(&handler(rest, body));
    assert_eq!(environment.handle("{}").end, done("swe"));
    assert_eq!(
        environment.handle("{}").end,
        done("nswe"),
        "dealloc was called"
    );
}

#[test]
fn a_reported_failure_is_not_a_crash() {
    let rest = r#"(data (i32.const 0) "NotFoundno such thingSecondlater")"#;
    let body = "
        (if (i32.eq (local.get $n) (i32.const 2)) (then
            (call $fail (i32.const 0) (i32.const 8) (i32.const 8) (i32.const 13))
            (call $fail (i32.const 21) (i32.const 6) (i32.const 27) (i32.const 5))))
        i64.const 8";
    let mut environment = Environment::new(&handler_with(FAIL, rest, body));
    let failed = PhaseEnd::Failed {
        error_type: "NotFound".to_owned(),
        message: "no such thing".to_owned(),
    };
    assert_eq!(environment.handle("{}").end, failed, "the first one wins");
    assert!(environment.process.is_some(), "it lives on");
    assert_eq!(environment.handle("{ }").end, done("NotFound"));
    assert_eq!(environment.handle("{}").end, failed);
}

#[test]
fn a_trap_after_a_failure_is_a_trap() {
    let body = "
        (call $fail (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
        unreachable";
    let text = handler_with(FAIL, "", body);
    assert_eq!(end(&text), PhaseEnd::Trapped(Trap::Unreachable));
}

#[test]
fn lines_are_logged_with_their_time() {
    let rest = r#"(data (i32.const 0) "one\ntwo")"#;
    let body = "
        (call $log (i32.const 0) (i32.const 7))
        (call $log (i32.const 0) (i32.const 3))
        i64.const 0";
    let mut environment = Environment::new(&handler_with(LOG, rest, body));
    let report = environment.handle("{}");
    assert_eq!(texts(&report), ["one", "two", "one"]);
    let times: Vec<_> = report.log.iter().map(|line| line.at).collect();
    assert!(times[0] == times[1] && times[1] < times[2]);
    assert!(times[2] <= report.ended);
}

#[test]
fn broken_promises_are_named() {
    let far = packed(65_530, 7);
    let wide = packed(0, u64::from(u32::MAX));
    let cases = [
        (
            handler("", &far),
            "`handler` returned 7 bytes at address 0xfffa",
        ),
        (
            handler("", "i64.const -1"),
            "4294967295 bytes at address 0xffffffff",
        ),
        (
            handler("", &wide),
            "returned 4294967295 bytes at address 0x0",
        ),
        (
            handler("", "i64.const 0").replace("i32.const 4096", "i32.const 65535"),
            "`alloc(2)` gave the address 0xffff",
        ),
        (
            handler_with(
                LOG,
                "",
                "(call $log (i32.const 65535) (i32.const 2)) i64.const 0",
            ),
            "lambda.log was given 2 bytes at 0xffff",
        ),
        (
            handler_with(
                FAIL,
                "",
                "(call $fail (i32.const 0) (i32.const 1) (i32.const 0) (i32.const -1)) i64.const 0",
            ),
            "lambda.fail was given 4294967295 bytes at 0x0",
        ),
    ];
    for (text, words) in cases {
        match end(&text) {
            PhaseEnd::BrokenContract(cause) => assert!(cause.contains(words), "{cause}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}

#[test]
fn no_answer_harms_the_host() {
    // The event's first eight bytes are the answer's address and length, the next four where the next event goes.
    let text = r#"(module (memory (export "memory") 1)
        (global $room (mut i32) (i32.const 0))
        (func (export "alloc") (param i32) (result i32) global.get $room)
        (func (export "handler") (param $p i32) (param $n i32) (result i64)
            (global.set $room (i32.load (i32.add (local.get $p) (i32.const 8))))
            (i64.load (local.get $p)))
        (func (export "dealloc") (param i32 i32)))"#;
    let program = program(text);
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let near = prop_oneof![0..70_000_u32, any::<u32>()];
    let numbers = (near.clone(), near.clone(), near);
    runner
        .run(&numbers, |(length, at, room)| {
            let mut environment = Environment::of(program.clone());
            let mut event = length.to_le_bytes().to_vec();
            event.extend(at.to_le_bytes());
            event.extend(room.to_le_bytes());
            let report = environment.handle_bytes(&event);
            if u64::from(at) + u64::from(length) <= 65_536 || length == 0 {
                let PhaseEnd::Done(answer) = report.end else {
                    panic!("{at} {length}: {report:?}");
                };
                assert_eq!(answer.len(), length as usize);
                let end = environment.handle_bytes(&event).end;
                let fits = u64::from(room) + 12 <= 65_536;
                assert_eq!(matches!(end, PhaseEnd::Done(_)), fits, "{room}: {end:?}");
            } else {
                assert!(matches!(report.end, PhaseEnd::BrokenContract(_)));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn answers_up_to_the_last_byte_of_memory_are_read() {
    assert_eq!(end(&handler("", &packed(65_530, 6))), done("\0\0\0\0\0\0"));
    assert_eq!(end(&handler("", &packed(u64::from(u32::MAX), 0))), done(""));
}

#[test]
fn variables_of_the_invocation_come_over_those_of_the_function() {
    let imports = wasi(&[
        ("environ_sizes_get", "(param i32 i32) (result i32)"),
        ("environ_get", "(param i32 i32) (result i32)"),
    ]);
    // The strings go to 1024; their size, which is in the second word, is the answer's length.
    let body = "
        (drop (call $environ_sizes_get (i32.const 0) (i32.const 4)))
        (drop (call $environ_get (i32.const 64) (i32.const 1024)))
        (i64.or (i64.const 0x400_0000_0000) (i64.load32_u (i32.const 4)))";
    let mut environment = Environment::new(&handler_with(&imports, "", body));
    let context = [
        ("ID".to_owned(), "42".to_owned()),
        ("TZ".to_owned(), "there".to_owned()),
    ];
    let report = environment.handle_with("{}", &context);
    assert_eq!(report.end, done("ID=42\0TZ=there\0"));
    assert_eq!(environment.handle("{}").end, done("TZ=:UTC\0"));
}

#[test]
fn assembly_script_can_abort_trace_and_seed() {
    let imports = r#"
        (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
        (import "env" "trace" (func $trace (param i32 i32 f64 f64 f64 f64 f64)))
        (import "env" "seed" (func $seed (result f64)))"#;
    let rest = r#"
        (data (i32.const 0) "\04\00\00\00o\00\fc\00")
        (data (i32.const 16) "\08\00\00\00a\00.\00t\00s\00")"#;
    let body = "
        (f64.store (i32.const 512) (call $seed))
        (if (i32.eq (local.get $n) (i32.const 2)) (then
            (call $trace (i32.const 4) (i32.const 2) (f64.const 1.5) (f64.const -3)
                (f64.const 0) (f64.const 0) (f64.const 0))
            (return (i64.const 0x200_0000_0008))))
        (call $abort (i32.const 4) (i32.const 20) (i32.const 12) (i32.const 3))
        i64.const 0";
    let mut environment = Environment::new(&handler_with(imports, rest, body));
    let report = environment.handle("{}");
    assert_eq!(texts(&report), ["trace: oü 1.5, -3"]);
    let PhaseEnd::Done(bytes) = &report.end else {
        panic!("{report:?}");
    };
    let seed = f64::from_le_bytes(bytes.as_slice().try_into().unwrap());
    assert!((0.0..1.0).contains(&seed) && seed != 0.0);
    assert_ne!(
        environment.handle("{}").end,
        report.end,
        "another seed each time"
    );
    let report = environment.handle("");
    assert_eq!(texts(&report), ["abort: oü at a.ts:12:3"]);
    assert_eq!(report.end, PhaseEnd::Trapped(Trap::Unreachable));
}

#[test]
fn what_cannot_be_linked_is_refused_with_all_reasons() {
    let text = r#"(module
        (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))
        (import "env" "emscripten_sleep" (func (param i32)))
        (func (export "main")))"#;
    let problems = try_program(text).err().expect("it is refused");
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| problem.code.as_str())
        .collect();
    assert_eq!(
        codes,
        ["import.signature", "import.unknown", "module.no-entry"]
    );
}

#[test]
fn returning_nothing_is_an_empty_response_and_releases_nothing() {
    let rest = "(func (export \"dealloc\") (param i32 i32) unreachable)";
    assert_eq!(end(&handler(rest, "i64.const 0")), done(""));
}
