//! Reference section 8: prices, worked out by hand.

use lambda_playground::lambda::billing::{
    Cost, Month, Usage, asynchronous_requests, charge, dollars, dollars_exact, explain,
};
use lambda_playground::lambda::config::{Architecture, FunctionConfig};
use lambda_playground::lambda::summary;

use crate::scripted::*;

#[test]
fn duration_is_priced_per_gb_second() {
    let cases = [
        // memory, ms, x86, arm: picodollars.
        // 1 ms at 128 MB: 0.125/1000 GB-s × 16,666,700 = 2,083.3375.
        (128, 1, 2_083, 1_667),
        // 1 GB-s: the price itself.
        (1_024, 1_000, 16_666_700, 13_333_400),
        // 100 ms at 512 MB: 0.05 GB-s.
        (512, 100, 833_335, 666_670),
        // 900 s at 10,240 MB: 9,000 GB-s = $0.1500003.
        (10_240, 900_000, 150_000_300_000, 120_000_600_000),
        (1_769, 0, 0, 0),
    ];
    for (memory, ms, x86, arm) in cases {
        let price = |architecture| {
            let config = FunctionConfig {
                architecture,
                ..config(memory, 3)
            };
            charge(&config, ms, 1)
        };
        let expected = |duration| Cost {
            duration,
            request: 200_000,
            storage: 0,
        };
        assert_eq!(
            price(Architecture::X86),
            expected(x86),
            "{memory} MB, {ms} ms"
        );
        assert_eq!(
            price(Architecture::Arm),
            expected(arm),
            "{memory} MB, {ms} ms"
        );
    }
}

#[test]
fn storage_above_512_mb_is_priced_too() {
    let config = FunctionConfig {
        ephemeral_storage_mb: 512 + 1_024,
        ..config(128, 3)
    };
    // 1 GB for 10 s at $0.0000000309.
    assert_eq!(charge(&config, 10_000, 1).storage, 309_000);
}

/// "Async requests above 256 KB: one request per first 256 KB plus one per further 64 KB chunk".
#[test]
fn large_asynchronous_events_are_several_requests() {
    let kb = 1024;
    for (bytes, requests) in [
        (0, 1),
        (256 * kb, 1),
        (256 * kb + 1, 2),
        (320 * kb, 2),
        (320 * kb + 1, 3),
        (1024 * kb, 13),
    ] {
        assert_eq!(asynchronous_requests(bytes), requests, "{bytes}");
    }
    let event = format!("\"{}\"", "x".repeat(300 * 1024));
    let entries = run(Scripted::idle(), vec![event_at(0, &event)]);
    assert_eq!(summary::totals(&entries).cost_picodollars, 400_000);
}

#[test]
fn money_is_shown_with_enough_digits() {
    for (picodollars, short, exact) in [
        (0, "$0.00", "$0.00"),
        (1, "$0.000000000001", "$0.000000000001"),
        (2_083, "$0.0000000021", "$0.000000002083"),
        (200_000, "$0.0000002", "$0.0000002"),
        (202_083, "$0.0000002", "$0.000000202083"),
        (16_666_700, "$0.000017", "$0.0000166667"),
        (200_000_000_000, "$0.20", "$0.20"),
        (999_999_999_999, "$1.00", "$0.999999999999"),
        (12_345_678_901_234, "$12.35", "$12.345678901234"),
        (1_234_567_890_123_456, "$1234.57", "$1234.567890123456"),
    ] {
        assert_eq!(dollars(picodollars), short);
        assert_eq!(dollars_exact(picodollars), exact);
    }
}

#[test]
fn a_bill_explains_itself() {
    let config = FunctionConfig {
        ephemeral_storage_mb: 1_024,
        ..config(128, 3)
    };
    let lines: Vec<_> = explain(&config, 4, 1)
        .into_iter()
        .map(|line| {
            format!(
                "{}: {} at {} = {}",
                line.label, line.quantity, line.rate, line.amount
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "Duration: 0.125 GB × 4 ms at $0.0000166667 per GB-second = 8333",
            "Requests: 1 at $0.20 per million = 200000",
            "Ephemeral storage above 512 MB: 0.5 GB × 4 ms at $0.0000000309 per GB-second = 62",
        ]
    );
}

/// "Billed Duration of a cold start covers init + handler", rounded up once and not twice.
#[test]
fn a_cold_start_is_rounded_up_once() {
    let code = Scripted::new(|_| vec![Work(300)], |_| vec![Work(300)]);
    let entries = run(code, vec![sync_at(0), sync_next()]);
    let billed: Vec<_> = summary::invocations(&entries)
        .iter()
        .map(|story| story.billed_ms)
        .collect();
    assert_eq!(billed, [1, 1]);
}

/// "Failed invokes and timeouts are billed for the time used."
#[test]
fn failures_are_billed() {
    let code = Scripted::always(vec![Sleep(10_000)]);
    let entries = run(code, vec![sync_at(0)]);
    let totals = summary::totals(&entries);
    assert_eq!((totals.billed_ms, totals.errors), (3_000, 1));
    // 3 s at 1,769 MB: 5.1826171875 GB-s × 16,666,700 = 86,377,125.87890625; and a request.
    assert_eq!(totals.cost_picodollars, 86_377_126 + 200_000);
}

#[test]
fn a_month_holds_so_many_runs_like_these() {
    let entries = run(
        Scripted::always(vec![Sleep(100)]),
        vec![sync_at(0), sync_next()],
    );
    let usage = Usage::of(&entries);
    let both = usage.bill(Month::default()).total();
    let month = usage.month_of(1_000_000).expect("something ran");
    let all = month.bill(Month::default()).total();
    // Two runs, so half a million times as much; a bill is rounded once, at its end.
    assert!(all.abs_diff(both * 500_000) <= 500_000, "{all}");
    // 1,769 MB for 0.1 s, a million times: 172,754 GB-seconds. The free tier takes them all, and all requests.
    assert_eq!(month.bill(Month::FREE_TIER).total(), 0);
    let more = usage.month_of(10_000_000).expect("something ran");
    let (with, without) = (
        more.bill(Month::FREE_TIER).total(),
        more.bill(Month::default()).total(),
    );
    // 400,000 GB-seconds at $0.0000166667 and a million requests at $0.20.
    assert!(
        (without - with).abs_diff(6_666_680_000_000 + 200_000_000_000) <= 1,
        "{with} {without}"
    );
    assert!(Usage::default().month_of(1_000_000).is_none());
}
