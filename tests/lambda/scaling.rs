//! Reference section 4: concurrency and scaling; section 2.1: provisioned concurrency.

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{
    Capacity, Event, InvocationType, ProvisionedState, ThrottleReason,
};
use lambda_playground::lambda::function::{AdditionalVersion, Alias, Provisioned};
use lambda_playground::lambda::logs;
use lambda_playground::lambda::model::Model;
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::sim::SimDuration;

use crate::fleet::*;
use crate::scripted::{ms, play};

const SYNC: InvocationType = InvocationType::RequestResponse;

/// "Account concurrency: 1,000 per Region default"; the rest is refused with 429.
#[test]
fn the_account_runs_1_000_at_once() {
    let entries = play(Setup {
        loads: vec![load(Pattern::Burst { count: 1_500 }, call(SYNC, "f", None))],
        ..fleet(vec![function("f", model(0, 1_000))])
    });
    let totals = summary::totals(&entries);
    assert_eq!(
        (totals.invocations, totals.concurrency_peak),
        (1_000, 1_000)
    );
    assert_eq!(
        throttles(&entries),
        [ThrottleReason::ConcurrentInvocationLimitExceeded; 500]
    );
}

/// "per function: +1,000 environments every 10 s, refilled continuously".
#[test]
fn a_function_scales_out_by_1_000_in_10_seconds() {
    let entries = play(Setup {
        account_concurrency: 5_000,
        loads: vec![
            load(Pattern::Burst { count: 1_200 }, call(SYNC, "f", None)),
            lambda_playground::lambda::caller::Load {
                start: ms(1_000),
                ..load(Pattern::Burst { count: 300 }, call(SYNC, "f", None))
            },
            // Another function has a budget of its own.
            load(Pattern::Burst { count: 1_000 }, call(SYNC, "g", None)),
        ],
        ..fleet(vec![
            function("f", model(0, 20_000)),
            function("g", model(0, 20_000)),
        ])
    });
    assert_eq!(throttles(&entries).len(), 200 + 200);
    assert_eq!(summary::totals(&entries).environments, 1_100 + 1_000);
}

/// "Request-rate limit: 10 x concurrency requests/s."
#[test]
fn ten_requests_a_second_for_each_unit_of_concurrency() {
    let entries = play(Setup {
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(200),
                seconds: 10,
            },
            call(SYNC, "f", None),
        )],
        // One millisecond each: one environment would do.
        ..fleet(vec![reserving(function("f", model(0, 1)), 10)])
    });
    let refused = throttles(&entries);
    assert!(refused.len().abs_diff(900) <= 10, "{}", refused.len());
    assert!(
        refused
            .iter()
            .all(|r| *r == ThrottleReason::ReservedFunctionInvocationRateLimitExceeded)
    );
}

/// "Reserved: both a guarantee and a cap."
#[test]
fn a_reserve_is_a_guarantee_and_a_cap() {
    let entries = play(Setup {
        account_concurrency: 300,
        loads: vec![
            load(Pattern::Burst { count: 400 }, call(SYNC, "greedy", None)),
            load(Pattern::Burst { count: 80 }, call(SYNC, "safe", None)),
        ],
        ..fleet(vec![
            function("greedy", model(0, 1_000)),
            reserving(function("safe", model(0, 1_000)), 50),
        ])
    });
    let mut reasons = throttles(&entries);
    reasons.sort_unstable();
    let mut expected = vec![ThrottleReason::ConcurrentInvocationLimitExceeded; 150];
    expected.extend([ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded; 30]);
    assert_eq!(reasons, expected);
}

/// "0 = stop: sync 429".
#[test]
fn a_reserve_of_0_switches_a_function_off() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None))],
        ..fleet(vec![reserving(function("f", model(0, 1)), 0)])
    });
    let story = &summary::invocations(&entries)[0];
    assert_eq!(
        story.status,
        Status::Refused("TooManyRequestsException".to_owned())
    );
    assert_eq!(
        story.response.as_ref().unwrap().payload,
        r#"{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
    );
}

/// Provisioned concurrency: no cold start; beyond it "requests over PC run on on-demand environments (cold starts)".
#[test]
fn provisioned_concurrency_is_warm_and_spills_over() {
    let entries = play(Setup {
        loads: vec![load(
            Pattern::Burst { count: 5 },
            call(SYNC, "f", Some("1")),
        )],
        ..fleet(vec![provisioning(function("f", model(500, 100)), 3)])
    });
    let mut served: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::InvokeStarted { capacity, cold, .. } => Some((entry.at, capacity, cold)),
            _ => None,
        })
        .collect();
    served.sort_by_key(|(at, ..)| *at);
    assert_eq!(served[..3], [(ms(0), Capacity::Provisioned, false); 3]);
    assert_eq!(served[3..], [(ms(500), Capacity::Spillover, true); 2]);
    // Init of a provisioned environment is not in REPORT, but has an INIT_REPORT.
    let lines = logs::lines(&entries);
    let reports: Vec<_> = lines
        .iter()
        .filter(|l| l.text.starts_with("REPORT"))
        .collect();
    assert_eq!(
        reports
            .iter()
            .filter(|l| l.text.contains("Init Duration"))
            .count(),
        2
    );
    let inits = lines.iter().filter(|l| l.text.starts_with("INIT_REPORT"));
    assert!(
        inits
            .clone()
            .all(|l| l.text == "INIT_REPORT Init Duration: 500.00 ms\tPhase: init")
    );
    assert_eq!(inits.count(), 3);
}

/// Cheaper per GB-second, at the function's own rate.
#[test]
fn runs_on_provisioned_concurrency_have_their_own_price() {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", Some("1")))],
        ..fleet(vec![provisioning(function("f", model(0, 1_000)), 1)])
    });
    // 1 GB for a second: $0.0000097222, and a request.
    assert_eq!(
        summary::totals(&entries).cost_picodollars,
        9_722_200 + 200_000
    );
}

/// "if reserve == PC, they are throttled instead, and $LATEST is throttled fully".
#[test]
fn a_reserve_that_is_all_provisioned_does_not_spill_over() {
    let entries = play(Setup {
        loads: vec![
            load(Pattern::Burst { count: 5 }, call(SYNC, "f", Some("1"))),
            load(Pattern::Burst { count: 2 }, call(SYNC, "f", None)),
        ],
        ..fleet(vec![reserving(
            provisioning(function("f", model(0, 100)), 3),
            3,
        )])
    });
    assert_eq!(
        throttles(&entries),
        [ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded; 4]
    );
}

/// "after a minute or two of preparation …; none usable until all requested are allocated".
#[test]
fn provisioned_concurrency_takes_its_time() {
    let mut deployment = provisioning(function("f", model(200, 10)), 10);
    deployment.provisioned[0].requested = Some(ms(5_000));
    let entries = play(Setup {
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(1),
                seconds: 120,
            },
            call(SYNC, "f", Some("1")),
        )],
        ..fleet(vec![deployment])
    });
    let states: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Provisioning { status } => Some((entry.at, status.state, status.allocated)),
            _ => None,
        })
        .collect();
    let ready = ms(5_000 + 60_000 + 90 + 200);
    assert_eq!(
        states,
        [
            (ms(5_000), ProvisionedState::InProgress, 0),
            (ready, ProvisionedState::Ready, 10)
        ]
    );
    for entry in &entries {
        if let Event::InvokeStarted { capacity, .. } = entry.event {
            let expected = if entry.at < ready {
                Capacity::OnDemand
            } else {
                Capacity::Provisioned
            };
            assert_eq!(capacity, expected, "{}", entry.at);
        }
    }
}

/// "FAILED (StatusReason FUNCTION_ERROR_INIT_FAILURE when init fails)"; calls run on demand.
#[test]
fn provisioned_concurrency_fails_with_its_init() {
    let failing = Model {
        init_errors_per_million: 1_000_000,
        ..model(100, 10)
    };
    let entries = play(Setup {
        requests: vec![at(1_000, call(SYNC, "f", Some("1")))],
        ..fleet(vec![provisioning(function("f", failing), 4)])
    });
    let failed = |event: &Event| matches!(event, Event::Provisioning { status } if status.state == ProvisionedState::Failed);
    assert_eq!(count(&entries, failed), 1);
    assert_eq!(
        count(&entries, |e| matches!(
            e,
            Event::InvokeStarted {
                capacity: Capacity::OnDemand,
                ..
            }
        )),
        1
    );
}

/// A provisioned environment whose process is gone is replaced; nobody waits for a suppressed init.
#[test]
fn a_crashed_provisioned_environment_is_replaced() {
    let mut deployment = provisioning(function("f", model(100, 5_000)), 1);
    deployment.versions[0].config.timeout.0 = 1;
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", Some("1"))),
            at(2_000, call(SYNC, "f", Some("1"))),
        ],
        ..fleet(vec![deployment])
    });
    let stories = summary::invocations(&entries);
    assert_ne!(
        stories[0].attempts[0].environment,
        stories[1].attempts[0].environment
    );
    for story in &stories {
        assert_eq!(story.attempts[0].capacity, Capacity::Provisioned);
        assert_eq!(story.attempts[0].inits, []);
    }
}

/// Versions have their own configuration; aliases lead to them, weighted ones to two.
#[test]
fn qualifiers_choose_the_version_that_runs() {
    let mut deployment = provisioning(function("f", model(0, 10)), 0);
    let mut second = deployment.versions[0].clone();
    second.number = 2;
    second.config.memory.0 = 512;
    deployment.versions.push(second);
    deployment.aliases = vec![Alias {
        name: "live".to_owned(),
        version: 1,
        additional: Some(AdditionalVersion {
            version: 2,
            per_thousand: 250,
        }),
    }];
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", None)),
            at(0, call(SYNC, "f", Some("2"))),
            at(0, call(SYNC, "f", Some("3"))),
        ],
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(10),
                seconds: 100,
            },
            call(SYNC, "f", Some("live")),
        )],
        ..fleet(vec![deployment])
    });
    let stories = summary::invocations(&entries);
    let version = |story: &summary::InvocationSummary| {
        story
            .response
            .as_ref()
            .unwrap()
            .executed_version
            .clone()
            .unwrap_or_default()
    };
    assert_eq!(version(&stories[0]), "$LATEST");
    assert_eq!(version(&stories[1]), "2");
    assert_eq!(stories[1].last_report().unwrap().memory_size.0, 512);
    let unknown = stories[2].response.as_ref().unwrap();
    assert_eq!(
        (unknown.status, unknown.api_error()),
        (404, Some("ResourceNotFoundException"))
    );
    assert!(
        unknown
            .payload
            .contains("Function not found: arn:aws:lambda:us-east-1:123456789012:function:f:3")
    );
    let second = stories[3..]
        .iter()
        .filter(|story| version(story) == "2")
        .count();
    assert!(second.abs_diff(250) < 50, "{second} of 1,000");
    // The log stream names the version.
    assert!(
        logs::streams(&entries)
            .iter()
            .any(|(_, name)| name.contains("[2]"))
    );
}

/// Provisioned concurrency of an alias serves calls of the alias only.
#[test]
fn provisioned_concurrency_belongs_to_its_qualifier() {
    let mut deployment = provisioning(function("f", model(100, 10)), 0);
    deployment.aliases = vec![Alias {
        name: "live".to_owned(),
        version: 1,
        additional: None,
    }];
    deployment.provisioned = vec![Provisioned {
        qualifier: "live".to_owned(),
        amount: 1,
        requested: None,
    }];
    let entries = play(Setup {
        requests: vec![
            at(0, call(SYNC, "f", Some("live"))),
            at(0, call(SYNC, "f", Some("1"))),
        ],
        ..fleet(vec![deployment])
    });
    let stories = summary::invocations(&entries);
    assert_eq!(stories[0].attempts[0].capacity, Capacity::Provisioned);
    assert_eq!(stories[1].attempts[0].capacity, Capacity::OnDemand);
    assert!(stories[1].attempts[0].cold);
}

/// "10,000 requests per second for ten simulated minutes is an ordinary scenario": 20 s of it here, in little memory.
#[test]
fn heavy_load_is_ordinary() {
    let entries = play(Setup {
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(10_000),
                seconds: 20,
            },
            call(SYNC, "f", None),
        )],
        ..fleet(vec![function("f", model(200, 20))])
    });
    let totals = summary::totals(&entries);
    assert_eq!(totals.requests, 200_000);
    assert_eq!(
        totals.invocations + throttles(&entries).len() as u64,
        200_000
    );
    assert!(totals.concurrency_peak <= 1_000);
    assert!(totals.end.since(ms(0)) < SimDuration::from_secs(21));
}
