//! What guests see of time.

use lambda_playground::guest::clock::Bandwidth;
use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::sim::SimDuration;

use crate::support::*;

/// Reads the monotonic clock, burns, reads it again, and answers with both.
fn stopwatch(rounds: u32) -> String {
    let imports = wasi(&[("clock_time_get", "(param i32 i64 i32) (result i32)")]);
    let body = format!(
        "(local $i i32)
        (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 0)))
        (loop $l
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $i) (i32.const {rounds}))))
        (drop (call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8)))
        i64.const 16"
    );
    handler_with(&imports, "", &body)
}

fn two_times(end: &PhaseEnd) -> (u64, u64) {
    let PhaseEnd::Done(bytes) = end else {
        panic!("{end:?}");
    };
    let time = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    (time(0), time(8))
}

#[test]
fn work_takes_time_by_the_share_of_the_cpu() {
    let measure = |rounds: u32, bandwidth: Bandwidth| {
        let mut environment = Environment::new(&stopwatch(rounds));
        environment.bandwidth = bandwidth;
        environment.limit = SimDuration::from_secs(1);
        let report = environment.handle("{}");
        let (before, after) = two_times(&report.end);
        assert!(before < after && after < report.ended.as_nanos());
        (after - before, report)
    };
    let (short, _) = measure(1_000, Bandwidth::WHOLE);
    let (long, report) = measure(1_000_000, Bandwidth::WHOLE);
    assert!(long > 900 * short && long < 1_100 * short, "{short} {long}");
    assert_eq!(report.frozen, SimDuration::ZERO);
    assert_eq!(report.cpu, report.fuel.cpu_time());
    let tenth = Bandwidth {
        period: SimDuration::from_millis(20),
        quota: SimDuration::from_micros(100),
    };
    let (slow, frozen) = measure(1_000_000, tenth);
    assert_eq!(frozen.fuel, report.fuel, "the same work");
    let stretched = long * 200;
    assert!(
        slow > stretched * 9 / 10 && slow < stretched * 11 / 10,
        "{slow} {stretched}"
    );
    assert!(frozen.frozen > SimDuration::ZERO);
}

#[test]
fn the_clock_goes_on_from_phase_to_phase() {
    let mut environment = Environment::new(&stopwatch(10));
    let first = two_times(&environment.handle("{}").end);
    let second = two_times(&environment.handle("{}").end);
    assert!(first.1 < second.0);
}

/// Sleeps for the given span by `poll_oneoff`, then writes a file.
fn sleeper(nanos: u64) -> String {
    let imports = wasi(&[
        ("poll_oneoff", "(param i32 i32 i32 i32) (result i32)"),
        ("path_create_directory", "(param i32 i32 i32) (result i32)"),
    ]);
    let body = format!(
        "(i32.store (i32.const 16) (i32.const 1))
        (i64.store (i32.const 24) (i64.const {nanos}))
        (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
        (drop (call $path_create_directory (i32.const 3) (i32.const 200) (i32.const 1)))
        i64.const 0"
    );
    handler_with(&imports, r#"(data (i32.const 200) "d")"#, &body)
}

#[test]
fn sleeping_costs_no_cpu() {
    let mut environment = Environment::new(&sleeper(20_000_000));
    let began = environment.start().ended;
    let report = environment.handle("{}");
    assert_eq!(report.end, done(""));
    assert_eq!(report.waited, SimDuration::from_millis(20));
    assert!(report.cpu < SimDuration::from_millis(1));
    assert_eq!(report.ended, began + report.cpu + report.waited);
}

#[test]
fn a_sleeper_that_is_too_late_does_nothing_more() {
    let mut environment = Environment::new(&sleeper(DEADLINE.as_nanos()));
    let began = environment.start().ended;
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::TimedOut);
    assert_eq!(report.ended, began + DEADLINE);
    let files = environment.files.borrow();
    assert_eq!(files.entry(files.root(), 2), Ok(None));
}
