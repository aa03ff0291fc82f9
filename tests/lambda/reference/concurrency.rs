//! Reference 4: concurrency and scaling, the rows that tests/lambda/scaling.rs leaves out.

use lambda_playground::lambda::billing::{Item, Month, Usage};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{
    Capacity, Entry, Event, FunctionId, InvocationType, ProvisionedState, ThrottleReason,
};
use lambda_playground::lambda::function::Provisioned;
use lambda_playground::lambda::metrics::{Dimension, MINUTE, Metric, Metrics, Statistic};
use lambda_playground::lambda::summary;
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::problem::Severity;
use lambda_playground::scenario::{Scenario, validate};

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;
const EVENT: InvocationType = InvocationType::Event;

fn constant(per_second: u64, seconds: u32) -> Pattern {
    Pattern::Constant {
        rate: Rate::per_second(per_second),
        seconds,
    }
}

fn ran_on(entries: &[Entry], wanted: Capacity) -> usize {
    count(
        entries,
        |event| matches!(event, Event::InvokeStarted { capacity, .. } if *capacity == wanted),
    )
}

/// 4, "Concurrency formula: average req/s x average duration (s)".
#[test]
fn concurrency_is_rate_times_duration() {
    let entries = play(Setup {
        loads: vec![load(constant(50, 60), call(SYNC, "f", None))],
        ..fleet(vec![function("f", model(0, 200))])
    });
    let metrics = Metrics::of(&entries, MINUTE);
    let of = Dimension::Function(FunctionId(0));
    let points = metrics.points(&of, Metric::ConcurrentExecutions, Statistic::Maximum);
    assert_eq!(points[0].value, 10);
    assert_eq!(summary::totals(&entries).environments, 10);
}

/// 4, "Async: no rate limit besides concurrency": 200 a second where synchronous requests have 100.
#[test]
fn events_have_no_rate_limit() {
    let run = |kind| {
        let entries = play(Setup {
            loads: vec![load(constant(200, 5), call(kind, "f", None))],
            ..fleet(vec![reserving(function("f", model(0, 1)), 10)])
        });
        throttles(&entries).len()
    };
    assert!(run(SYNC) > 300);
    assert_eq!(run(EVENT), 0);
}

/// 4, "With PC: 10 x allocated PC per version/alias": 2 of them serve 20 a second and a first second's worth; what comes
/// faster runs on demand.
#[test]
fn provisioned_concurrency_serves_ten_requests_a_second_each() {
    let run = |kind| {
        play(Setup {
            loads: vec![load(constant(40, 10), call(kind, "f", Some("1")))],
            ..fleet(vec![provisioning(function("f", model(0, 1)), 2)])
        })
    };
    let entries = run(SYNC);
    let provisioned = ran_on(&entries, Capacity::Provisioned);
    assert!(provisioned.abs_diff(20 + 200) <= 2, "{provisioned}");
    assert_eq!(ran_on(&entries, Capacity::Spillover), 400 - provisioned);
    assert_eq!(ran_on(&run(EVENT), Capacity::Provisioned), 400);
}

/// 4, "Reserved: 0..N per function; both a guarantee and a cap; free".
#[test]
fn a_reserve_is_free() {
    let bill = |deployment| {
        let entries = play(Setup {
            requests: vec![at(0, call(SYNC, "f", None))],
            ..fleet(vec![deployment])
        });
        Usage::of(&entries).bill(Month::default())
    };
    let own = bill(function("f", model(0, 100)));
    assert_eq!(bill(reserving(function("f", model(0, 100)), 500)), own);
    let items: Vec<_> = own.lines.iter().map(|line| line.item).collect();
    assert!(matches!(items[..], [Item::Requests, Item::Duration(..)]));
}

/// 4, "Provisioned: counts inside reserved": of a reserve of 5 with 3 provisioned, $LATEST has 2.
#[test]
fn provisioned_concurrency_counts_inside_the_reserve() {
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 4 }, call(SYNC, "f", None))],
        ..fleet(vec![reserving(
            provisioning(function("f", model(0, 100)), 3),
            5,
        )])
    });
    assert_eq!(summary::totals(&entries).invocations, 2);
    assert_eq!(
        throttles(&entries),
        [ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded; 2]
    );
}

fn errors(scenario: &Scenario) -> Vec<(String, String)> {
    let mut problems = validate(scenario);
    problems.retain(|problem| problem.severity == Severity::Error);
    let told = problems
        .into_iter()
        .map(|problem| (problem.place, problem.cause));
    told.collect()
}

/// 4, "Provisioned <= reserved, else 400 Requested Provisioned Concurrency should not be greater than the
/// reservedConcurrentExecution for function; lowering reserve below it: 400 ReservedConcurrentExecutions 1 should not be
/// lower than function's total provisioned concurrency [2]."
#[test]
fn a_reserve_is_not_lower_than_what_is_provisioned() {
    let mut scenario = Scenario::default();
    scenario.published.publish(None);
    scenario.published.provisioned = vec![Provisioned {
        qualifier: "1".to_owned(),
        amount: 2,
        requested: None,
    }];
    scenario.function.reserved_concurrency = Some(2);
    assert_eq!(errors(&scenario), []);
    scenario.function.reserved_concurrency = Some(1);
    let told = |place: &str, cause: &str| vec![(place.to_owned(), cause.to_owned())];
    // What stands ready was there before.
    assert_eq!(
        errors(&scenario),
        told(
            "$.function.reserved_concurrency",
            "ReservedConcurrentExecutions 1 should not be lower than function's total provisioned concurrency [2]."
        )
    );
    // What is asked for during the run comes after the reserve.
    scenario.published.provisioned[0].requested = Some(ms(1));
    assert_eq!(
        errors(&scenario),
        told(
            "$.published.provisioned",
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
        )
    );
}

/// 4, "on a version or alias (not $LATEST, not alias + its version twice)".
#[test]
fn a_version_is_provisioned_once() {
    let mut scenario = Scenario::default();
    scenario.published.publish(None);
    scenario.published.aliases = vec![lambda_playground::lambda::function::Alias {
        name: "live".to_owned(),
        version: 1,
        additional: None,
    }];
    let provisioned = |qualifier: &str| Provisioned {
        qualifier: qualifier.to_owned(),
        amount: 1,
        requested: None,
    };
    scenario.published.provisioned = vec![provisioned("live")];
    assert_eq!(errors(&scenario), []);
    scenario.published.provisioned.push(provisioned("1"));
    assert_eq!(errors(&scenario).len(), 1);
    scenario.published.provisioned = vec![provisioned("$LATEST")];
    assert_eq!(errors(&scenario).len(), 1);
}

/// 4, "PC status: IN_PROGRESS -> READY; Requested/Allocated/Available counters".
#[test]
fn provisioning_tells_what_is_asked_for_and_what_is_there() {
    let mut deployment = provisioning(function("f", model(100, 10)), 3);
    deployment.provisioned[0].requested = Some(ms(0));
    let entries = play(Setup {
        requests: vec![at(120_000, call(SYNC, "f", Some("1")))],
        ..fleet(vec![deployment])
    });
    let told: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Provisioning { status } => {
                Some((status.state, status.requested, status.allocated))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            (ProvisionedState::InProgress, 3, 0),
            (ProvisionedState::Ready, 3, 3)
        ]
    );
}

/// 4, "What counts: each running invocation, incl. init time; async queue waiting does not count".
#[test]
fn init_counts_and_waiting_in_the_queue_does_not() {
    let deployment = || reserving(function("f", model(1_000, 10)), 2);
    // While two environments start, there is no room for a third.
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", None)),
            at(0, call(SYNC, "f", None)),
            at(500, call(SYNC, "f", None)),
        ],
        ..fleet(vec![deployment()])
    });
    assert_eq!(throttles(&entries).len(), 1);
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 50 }, call(EVENT, "f", None))],
        ..fleet(vec![deployment()])
    });
    let metrics = Metrics::of(&entries, MINUTE);
    let of = Dimension::Function(FunctionId(0));
    let points = metrics.points(&of, Metric::ConcurrentExecutions, Statistic::Maximum);
    assert!(points.iter().all(|point| point.value <= 2), "{points:?}");
    assert_eq!(summary::totals(&entries).invocations, 50);
}

/// 3.1, "TooManyRequestsException.Reason", as they are spelt.
#[test]
fn reasons_are_spelt_as_lambda_spells_them() {
    for (reason, name) in [
        (
            ThrottleReason::ConcurrentInvocationLimitExceeded,
            "ConcurrentInvocationLimitExceeded",
        ),
        (
            ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded,
            "ReservedFunctionConcurrentInvocationLimitExceeded",
        ),
        (
            ThrottleReason::FunctionInvocationRateLimitExceeded,
            "FunctionInvocationRateLimitExceeded",
        ),
        (
            ThrottleReason::ReservedFunctionInvocationRateLimitExceeded,
            "ReservedFunctionInvocationRateLimitExceeded",
        ),
    ] {
        assert_eq!(reason.name(), name);
    }
}
