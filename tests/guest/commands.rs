//! The command convention.

use lambda_playground::guest::abi::Abi;
use lambda_playground::guest::process::PhaseEnd;

use crate::support::*;

/// Copies standard input to standard output, 16 bytes at a time, and counts its runs in its memory.
const CAT: &str = r#"
    (global $runs (mut i32) (i32.const 48))
    (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64))
        (global.set $runs (i32.add (global.get $runs) (i32.const 1)))
        (loop $more
            (i32.store (i32.const 4) (i32.const 16))
            (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
            (if (i32.load (i32.const 8)) (then
                (i32.store (i32.const 4) (i32.load (i32.const 8)))
                (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
                (br $more))))
        (i32.store8 (i32.const 64) (global.get $runs))
        (i32.store (i32.const 4) (i32.const 1))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8))))"#;

fn command(body: &str) -> String {
    let io = "(param i32 i32 i32 i32) (result i32)";
    let imports = wasi(&[
        ("fd_read", io),
        ("fd_write", io),
        ("proc_exit", "(param i32)"),
        ("random_get", "(param i32 i32) (result i32)"),
    ]);
    format!(r#"(module {imports} (memory (export "memory") 1) {body})"#)
}

#[test]
fn the_event_is_standard_input_and_the_answer_standard_output() {
    let mut environment = Environment::new(&command(CAT));
    assert_eq!(environment.program.abi(), Abi::WasiCommand);
    let report = environment.handle("a rather long event");
    assert_eq!(report.end, done("a rather long event1"));
    assert_eq!(texts(&report), ["1"]);
    let report = environment.handle("x");
    assert_eq!(report.end, done("x1"), "each event has a new process");
}

#[test]
fn exit_codes_decide() {
    let exit = |code: i32| {
        let body = format!(r#"(func (export "_start") (call $proc_exit (i32.const {code})))"#);
        end(&command(&body))
    };
    assert_eq!(exit(0), done(""));
    assert_eq!(exit(3), PhaseEnd::Exited(3));
    assert_eq!(exit(-1), PhaseEnd::Exited(-1));
}

#[test]
fn a_handler_that_exits_is_gone_even_with_code_0() {
    let imports = wasi(&[("proc_exit", "(param i32)")]);
    let text = handler_with(&imports, "", "(call $proc_exit (i32.const 0)) i64.const 0");
    assert_eq!(end(&text), PhaseEnd::Exited(0));
}

#[test]
fn starting_a_command_costs_but_runs_nothing() {
    let body = r#"(data (i32.const 0) "text") (func (export "_start") unreachable)"#;
    let mut environment = Environment::new(&command(body));
    let report = environment.start();
    assert_eq!(report.end, done(""));
    assert!(report.fuel.0 > 0);
    assert_eq!(report.memory_peak, 65_536);
    let broken = r#"(data (i32.const 65535) "text") (func (export "_start"))"#;
    let report = Environment::new(&command(broken)).start();
    assert!(matches!(report.end, PhaseEnd::Trapped(_)), "{report:?}");
}

#[test]
fn random_numbers_go_on_from_event_to_event() {
    let body = r#"(func (export "_start")
        (drop (call $random_get (i32.const 64) (i32.const 8)))
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 8))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"#;
    let draws = || {
        let mut environment = Environment::new(&command(body));
        [environment.handle("").end, environment.handle("").end]
    };
    let [first, second] = draws();
    assert_ne!(first, second);
    assert_eq!(draws(), [first, second]);
}

#[test]
fn files_outlive_processes_and_descriptors_do_not() {
    let imports = wasi(&[
        (
            "path_open",
            "(param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)",
        ),
        ("fd_write", "(param i32 i32 i32 i32) (result i32)"),
        ("fd_filestat_get", "(param i32 i32) (result i32)"),
    ]);
    // Appends a byte to /tmp/f and answers with the descriptor and the size, as digits.
    let text = format!(
        r#"(module {imports} (memory (export "memory") 1)
        (data (i32.const 32) "f")
        (func (export "_start")
            (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1)
                (i32.const 1) (i64.const -1) (i64.const -1) (i32.const 1) (i32.const 40)))
            (i32.store (i32.const 0) (i32.const 32))
            (i32.store (i32.const 4) (i32.const 1))
            (drop (call $fd_write (i32.load (i32.const 40)) (i32.const 0) (i32.const 1) (i32.const 8)))
            (drop (call $fd_filestat_get (i32.load (i32.const 40)) (i32.const 128)))
            (i32.store8 (i32.const 40) (i32.add (i32.load8_u (i32.const 40)) (i32.const 48)))
            (i32.store8 (i32.const 41) (i32.add (i32.load8_u (i32.const 160)) (i32.const 48)))
            (i32.store (i32.const 0) (i32.const 40))
            (i32.store (i32.const 4) (i32.const 2))
            (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#
    );
    let mut environment = Environment::new(&text);
    for expected in ["41", "42", "43"] {
        assert_eq!(environment.handle("").end, done(expected));
    }
}
