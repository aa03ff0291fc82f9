//! The same program, surroundings and events give the same reports, byte for byte.

use lambda_playground::guest::clock::Bandwidth;
use lambda_playground::guest::fuel::Fuel;
use lambda_playground::guest::process::PhaseReport;
use lambda_playground::sim::SimDuration;

use crate::support::*;

/// Works, logs, draws random numbers and reads the clock for as many rounds as the event has bytes.
fn busy() -> String {
    let imports = wasi(&[
        ("random_get", "(param i32 i32) (result i32)"),
        ("clock_time_get", "(param i32 i64 i32) (result i32)"),
        ("fd_write", "(param i32 i32 i32 i32) (result i32)"),
    ]);
    let body = r"
        (local $i i32) (local $k i32)
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 17))
        (i32.store8 (i32.const 80) (i32.const 10))
        (loop $rounds
            (drop (call $random_get (i32.const 64) (i32.const 8)))
            (local.set $k (i32.add (i32.load8_u (i32.const 64)) (i32.const 100)))
            (loop $work
                (i64.store (i32.const 512) (i64.mul (i64.load (i32.const 512)) (i64.const 31)))
                (local.set $k (i32.sub (local.get $k) (i32.const 1)))
                (br_if $work (local.get $k)))
            (drop (call $clock_time_get (i32.const 0) (i64.const 0) (i32.const 72)))
            (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $rounds (i32.lt_u (local.get $i) (local.get $n))))
        i64.const 0x40_0000_0010";
    handler_with(&imports, "", body)
}

fn reports(slice: u64, limit: SimDuration) -> Vec<PhaseReport> {
    let program = program(&busy()).sliced(Fuel(slice));
    let mut environment = Environment::of(program);
    environment.bandwidth = Bandwidth {
        period: SimDuration::from_millis(20),
        quota: SimDuration::from_micros(1_447),
    };
    let mut reports = vec![environment.start()];
    environment.limit = limit;
    for rounds in [1, 30, 400] {
        if environment.process.is_some() {
            reports.push(environment.handle(&"x".repeat(rounds)));
        }
    }
    reports
}

#[test]
fn runs_repeat_whatever_the_slices() {
    // The last deadlines cut the third event off, at different places.
    for limit in [900_000_000, 21_000, 100_000, 123_457, 200_001] {
        let limit = SimDuration::from_nanos(limit);
        let expected = serde_json::to_string(&reports(200_000, limit)).unwrap();
        for slice in [1, 17, 1_000, 200_000, 1 << 40] {
            let found = serde_json::to_string(&reports(slice, limit)).unwrap();
            assert_eq!(found, expected, "slice {slice}, limit {limit}");
        }
    }
}

/// Grows its memory by a page after each of as many rounds of work as the event has bytes.
fn growing() -> String {
    let body = r"
        (local $i i32) (local $k i32)
        (loop $rounds
            (local.set $k (i32.const 10000))
            (loop $work
                (local.set $k (i32.sub (local.get $k) (i32.const 1)))
                (br_if $work (local.get $k)))
            (drop (memory.grow (i32.const 1)))
            (drop (memory.grow (i32.const 0)))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $rounds (i32.lt_u (local.get $i) (local.get $n))))
        i64.const 0";
    handler_with("", "", body)
}

#[test]
fn memory_grows_when_the_guest_grows_it_whatever_the_slices() {
    let curves = |slice: u64| {
        let program = program(&growing()).sliced(Fuel(slice));
        let mut environment = Environment::of(program);
        environment.start();
        [3, 5].map(|rounds| environment.handle(&"x".repeat(rounds)).memory)
    };
    let expected = curves(200_000);
    for slice in [1, 999, 1 << 40] {
        assert_eq!(curves(slice), expected, "slice {slice}");
    }
    for (curve, growths) in expected.iter().zip([3, 5]) {
        // What there was at the beginning, and each growth at its own time.
        assert_eq!(curve.len(), growths + 1, "{curve:?}");
        assert_eq!(curve[0].after, SimDuration::ZERO);
        for pair in curve.windows(2) {
            assert_eq!(pair[1].bytes - pair[0].bytes, 65_536);
            let apart = pair[1].after.saturating_sub(pair[0].after);
            // 10,000 rounds of some four instructions, and the page: 2 fuel are a nanosecond.
            assert!((10_000..100_000).contains(&apart.as_nanos()), "{curve:?}");
        }
    }
    assert_eq!(
        expected[0].last().map(|it| it.bytes),
        expected[1].first().map(|it| it.bytes)
    );
}
