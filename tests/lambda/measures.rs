//! Reference section 9 (metrics), section 8 (bills of whole traces) and section 2.4 (JSON logs).

use lambda_playground::lambda::billing::{Bill, Item, Month, Usage};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::{Architecture, LogFormat, SystemLogLevel};
use lambda_playground::lambda::event::{Entry, FunctionId, InvocationType};
use lambda_playground::lambda::logs::{self, LogKind};
use lambda_playground::lambda::metrics::{Dimension, MINUTE, Metric, Metrics, Statistic};
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::sim::SimDuration;
use serde_json::Value;

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;
const F: Dimension = Dimension::Function(FunctionId(0));

/// Period number and value of each point.
fn points(
    metrics: &Metrics,
    of: &Dimension,
    metric: Metric,
    statistic: Statistic,
) -> Vec<(u64, u64)> {
    metrics
        .points(of, metric, statistic)
        .into_iter()
        .map(|point| (point.at.as_nanos() / MINUTE.as_nanos(), point.value))
        .collect()
}

/// 10 a second for 2 minutes, 100 ms each, a third of them failing at random, 5 at a time at most.
fn minutes() -> Vec<Entry> {
    let model = Model {
        errors_per_million: 333_333,
        ..model(0, 1_000)
    };
    play(Setup {
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(10),
                seconds: 120,
            },
            call(SYNC, "f", None),
        )],
        ..fleet(vec![reserving(function("f", model), 5)])
    })
}

#[test]
fn invocations_errors_and_throttles_add_up() {
    let entries = minutes();
    let metrics = Metrics::of(&entries, MINUTE);
    let sum = |metric| {
        let points = points(&metrics, &F, metric, Statistic::Sum);
        assert!(points.iter().all(|(minute, _)| *minute < 2), "{points:?}");
        points.iter().map(|(_, value)| value).sum::<u64>()
    };
    let (ran, refused) = (sum(Metric::Invocations), sum(Metric::Throttles));
    assert_eq!(ran + refused, 1_200, "a throttle is no invocation");
    assert_eq!(refused, throttles(&entries).len() as u64);
    assert!(sum(Metric::Errors).abs_diff(ran / 3) < 60);
    let highest = points(
        &metrics,
        &F,
        Metric::ConcurrentExecutions,
        Statistic::Maximum,
    );
    assert_eq!(
        highest,
        [(0, 5), (1, 5), (2, 5)],
        "the last run into the third minute"
    );
    let mean = points(&metrics, &F, Metric::Duration, Statistic::Average);
    assert_eq!(mean, [(0, 1_000_000_000), (1, 1_000_000_000)]);
    // The Region is the sum of its functions.
    assert_eq!(
        metrics.points(&F, Metric::Invocations, Statistic::Sum),
        metrics.points(&Dimension::Region, Metric::Invocations, Statistic::Sum)
    );
    // A function with a reserve does not use the unreserved pool, but claims its reserve.
    let region = |metric| points(&metrics, &Dimension::Region, metric, Statistic::Maximum);
    assert_eq!(region(Metric::UnreservedConcurrentExecutions), []);
    assert_eq!(
        region(Metric::ClaimedAccountConcurrency),
        [(0, 5), (1, 5), (2, 5)]
    );
}

#[test]
fn periods_can_be_finer() {
    let metrics = Metrics::of(&minutes(), SimDuration::from_secs(1));
    assert_eq!(
        metrics
            .points(&F, Metric::Invocations, Statistic::Sum)
            .len(),
        120
    );
}

#[test]
fn asynchronous_events_are_counted_on_their_way() {
    let mut failing = function(
        "f",
        Model {
            errors_per_million: 1_000_000,
            ..model(0, 1)
        },
    );
    failing.config.on_failure = None;
    let entries = play(Setup {
        requests: vec![at(0, call(InvocationType::Event, "f", None))],
        ..fleet(vec![failing])
    });
    let metrics = Metrics::of(&entries, MINUTE);
    let of = |metric, statistic| points(&metrics, &F, metric, statistic);
    assert_eq!(of(Metric::AsyncEventsReceived, Statistic::Sum), [(0, 1)]);
    assert_eq!(of(Metric::AsyncEventsDropped, Statistic::Sum), [(3, 1)]);
    assert_eq!(
        of(Metric::Invocations, Statistic::Sum),
        [(0, 1), (1, 1), (3, 1)]
    );
    assert_eq!(
        of(Metric::AsyncEventAge, Statistic::Maximum),
        [(0, 0), (1, 60_001_000_000), (3, 180_002_000_000)]
    );
}

#[test]
fn provisioned_concurrency_has_metrics_of_its_own() {
    let entries = play(Setup {
        loads: vec![load(
            Pattern::Burst { count: 5 },
            call(SYNC, "f", Some("1")),
        )],
        ..fleet(vec![provisioning(function("f", model(0, 1_000)), 4)])
    });
    let metrics = Metrics::of(&entries, MINUTE);
    let version = Dimension::Resource(FunctionId(0), "1".to_owned());
    assert!(metrics.dimensions().contains(&version));
    let of = |metric, statistic| points(&metrics, &version, metric, statistic);
    assert_eq!(
        of(Metric::ProvisionedConcurrencyInvocations, Statistic::Sum),
        [(0, 4)]
    );
    assert_eq!(
        of(
            Metric::ProvisionedConcurrencySpilloverInvocations,
            Statistic::Sum
        ),
        [(0, 1)]
    );
    assert_eq!(
        of(Metric::ProvisionedConcurrentExecutions, Statistic::Maximum),
        [(0, 4)]
    );
    assert_eq!(
        of(
            Metric::ProvisionedConcurrencyUtilization,
            Statistic::Maximum
        ),
        [(0, 1_000_000)]
    );
}

fn lines(bill: &Bill) -> Vec<(Item, String, u64)> {
    bill.lines
        .iter()
        .map(|line| (line.item, line.quantity.clone(), line.picodollars))
        .collect()
}

#[test]
fn a_bill_has_a_line_for_everything() {
    let mut function = provisioning(function("f", model(0, 1_000)), 2);
    function.config.ephemeral_storage_mb = 1_536;
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", None)),
            at(0, call(SYNC, "f", Some("1"))),
        ],
        ..fleet(vec![function])
    });
    let bill = Usage::of(&entries).bill(Month::default());
    let x86 = Architecture::X86;
    let text = |text: &str| text.to_owned();
    assert_eq!(
        lines(&bill),
        [
            (Item::Requests, text("2 requests"), 400_000),
            (Item::Duration(x86, 1), text("1 GB-seconds"), 16_666_700),
            (
                Item::ProvisionedDuration(x86),
                text("1 GB-seconds"),
                9_722_200
            ),
            // Two of 1 GB for five minutes begun.
            (
                Item::ProvisionedConcurrency(x86),
                text("600 GB-seconds"),
                2_500_020_000
            ),
            (Item::EphemeralStorage, text("1 GB-seconds"), 30_900),
        ]
    );
    assert_eq!(
        bill.total(),
        bill.lines.iter().map(|line| line.picodollars).sum::<u64>()
    );
    assert!(bill.lines.iter().all(|line| !line.explanation.is_empty()));
}

/// Tiers: "first 6 B GB-s/month, next 9 B, over 15 B"; and the free tier.
#[test]
fn a_month_decides_tier_and_free_tier() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None))],
        ..fleet(vec![function("f", model(0, 10_000))])
    });
    let usage = Usage::of(&entries);
    let month = Month {
        used_gb_seconds_x86: 5_999_999_996,
        ..Month::default()
    };
    let x86 = Architecture::X86;
    assert_eq!(
        lines(&usage.bill(month))[1..],
        [
            (
                Item::Duration(x86, 1),
                "4 GB-seconds".to_owned(),
                4 * 16_666_700
            ),
            (
                Item::Duration(x86, 2),
                "6 GB-seconds".to_owned(),
                6 * 15_000_000
            ),
        ]
    );
    let free = usage.bill(Month::FREE_TIER);
    assert_eq!(free.total(), 0);
    assert!(
        free.lines[1]
            .explanation
            .contains("10 GB-seconds more are in the free tier")
    );
}

fn json_log(level: SystemLogLevel) -> Vec<logs::LogRecord> {
    let mut config = config(1_769, 3);
    config.log_format = LogFormat::Json;
    config.system_log_level = level;
    let code = Scripted::new(
        |_| vec![Work(110_100)],
        |event| match event {
            0 => vec![
                Say("plain"),
                Say(r#"{"level":"debug","msg":"x"}"#),
                Work(3_010),
            ],
            _ => vec![End(lambda_playground::guest::process::PhaseEnd::Exited(1))],
        },
    );
    logs::lines(&play(setup(config, code, vec![sync_at(0), sync_next()])))
}

#[test]
fn system_logs_in_json() {
    let lines = json_log(SystemLogLevel::Debug);
    let parsed: Vec<Value> = lines
        .iter()
        .filter(|line| line.kind == LogKind::Platform)
        .map(|line| serde_json::from_str(&line.text).unwrap())
        .collect();
    let kinds: Vec<_> = parsed
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "platform.initStart",
            "platform.initRuntimeDone",
            "platform.initReport",
            "platform.start",
            "platform.runtimeDone",
            "platform.report",
            "platform.start",
            "platform.runtimeDone",
            "platform.report",
        ]
    );
    assert_eq!(parsed[5]["time"], "2026-01-05T12:00:00.113Z");
    let record = &parsed[5]["record"];
    assert_eq!(
        record["metrics"],
        serde_json::json!({
            "durationMs": 3.01, "billedDurationMs": 114, "memorySizeMB": 1_769, "maxMemoryUsedMB": 3,
            "initDurationMs": 110.1
        })
    );
    assert_eq!(record["status"], "success");
    assert_eq!(parsed[8]["record"]["status"], "error");
    assert_eq!(parsed[8]["record"]["errorType"], "Runtime.ExitError");
    // Of the function's own lines, those below INFO are not kept.
    let own: Vec<_> = lines
        .iter()
        .filter(|line| line.kind == LogKind::Function)
        .collect();
    assert_eq!(own.len(), 1);
}

#[test]
fn log_levels_let_through_what_is_worth_it() {
    let kinds = |level| -> Vec<String> {
        json_log(level)
            .iter()
            .filter(|line| line.kind == LogKind::Platform)
            .filter_map(|line| {
                let value: Value = serde_json::from_str(&line.text).ok()?;
                Some(value["type"].as_str()?.to_owned())
            })
            .collect()
    };
    assert_eq!(
        kinds(SystemLogLevel::Info),
        [
            "platform.initStart",
            "platform.start",
            "platform.report",
            "platform.start",
            "platform.runtimeDone",
            "platform.report",
        ]
    );
    assert_eq!(
        kinds(SystemLogLevel::Warn),
        ["platform.runtimeDone", "platform.report"]
    );
}

/// "Default log group /aws/lambda/<function>"; "one log stream per execution environment".
#[test]
fn each_environment_has_a_stream_in_its_functions_group() {
    let mut other = function("g", model(0, 10));
    other.config.log_group = Some("/shared".to_owned());
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None)), at(0, call(SYNC, "g", None))],
        ..fleet(vec![function("f", model(0, 10)), other])
    });
    let groups: Vec<_> = logs::groups(&entries)
        .into_iter()
        .map(|(_, group, _)| group)
        .collect();
    assert_eq!(groups, ["/aws/lambda/f", "/shared"]);
}
