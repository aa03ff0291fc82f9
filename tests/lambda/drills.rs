//! Failure drills: each does what it says, where and when it says, and the same way every time.

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::drill::{Drill, Trouble};
use lambda_playground::lambda::event::{Entry, Event, InvocationType, Origin, RetryCause};
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::lambda::traffic::{Pattern, Rate};
use lambda_playground::sim::check::twice;
use lambda_playground::sim::{Distribution, SimTime};

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

fn drill(trouble: Trouble) -> Drill {
    Drill {
        function: None,
        from: SimTime::ZERO,
        until: None,
        trouble,
    }
}

/// 1,000 calls in 100 s of a function that takes 100 ms.
fn busy(drills: Vec<Drill>) -> Setup {
    Setup {
        drills,
        loads: vec![load(
            Pattern::Constant {
                rate: Rate::per_second(10),
                seconds: 100,
            },
            call(SYNC, "f", None),
        )],
        ..fleet(vec![function("f", model(0, 100))])
    }
}

fn errors(entries: &[Entry]) -> u64 {
    summary::totals(entries).errors
}

#[test]
fn errors_come_at_their_rate_and_in_their_time() {
    let tenth = Trouble::Errors {
        per_million: 100_000,
    };
    let found = errors(&play(busy(vec![drill(tenth.clone())])));
    assert!(found.abs_diff(100) < 35, "{found} of 1,000");
    let all = Trouble::Errors {
        per_million: 1_000_000,
    };
    let window = Drill {
        from: ms(10_000),
        until: Some(ms(20_000)),
        ..drill(all.clone())
    };
    assert_eq!(errors(&play(busy(vec![window]))), 100);
    let elsewhere = Drill {
        function: Some("g".to_owned()),
        ..drill(all)
    };
    assert_eq!(errors(&play(busy(vec![elsewhere]))), 0);
}

#[test]
fn a_drilled_run_is_labelled() {
    let code = Scripted::always(vec![Work(1_000)]);
    let entries = play(Setup {
        drills: vec![drill(Trouble::Errors {
            per_million: 1_000_000,
        })],
        ..setup(config(1_769, 3), code, vec![sync_at(0)])
    });
    let attempt = &summary::invocations(&entries)[0].attempts[0];
    assert_eq!(attempt.origin, Some(Origin::Drilled));
    assert!(
        attempt
            .response
            .as_ref()
            .unwrap()
            .payload
            .contains("Drill.Error")
    );
}

#[test]
fn a_slow_downstream_makes_runs_longer_and_may_time_them_out() {
    let slow = |millis: u64| {
        vec![drill(Trouble::SlowDownstream {
            per_million: 1_000_000,
            extra: Distribution::Constant {
                micros: millis * 1_000,
            },
        })]
    };
    for entries in [
        play(Setup {
            drills: slow(2_000),
            ..setup(
                config(1_769, 3),
                Scripted::always(vec![Work(1_000)]),
                vec![sync_at(0)],
            )
        }),
        play(Setup {
            drills: slow(1_901),
            loads: vec![],
            requests: vec![at(0, call(SYNC, "f", None))],
            ..busy(vec![])
        }),
    ] {
        let report = summary::invocations(&entries)[0]
            .last_report()
            .unwrap()
            .clone();
        assert_eq!(report.duration.as_nanos(), 2_001_000_000);
        assert_eq!(report.status, None);
    }
    let entries = play(Setup {
        drills: slow(5_000),
        ..setup(
            config(1_769, 3),
            Scripted::always(vec![Work(1_000)]),
            vec![sync_at(0)],
        )
    });
    let story = &summary::invocations(&entries)[0];
    assert_eq!(story.status, Status::Failed("Sandbox.Timedout".to_owned()));
    assert_eq!(story.billed_ms, 3_000);
    assert_eq!(
        count(&entries, |e| matches!(e, Event::EnvironmentReset { .. })),
        1
    );
}

#[test]
fn a_poison_message_fails_every_time() {
    let poison = drill(Trouble::PoisonMessage {
        text: "bad".to_owned(),
    });
    let entries = play(Setup {
        drills: vec![poison],
        ..setup(
            config(128, 3),
            Scripted::idle(),
            vec![event_at(0, r#"{"bad":1}"#), event_at(0, "{}")],
        )
    });
    let stories = summary::invocations(&entries);
    assert_eq!(stories[0].attempts.len(), 3);
    assert_eq!(stories[1].status, Status::Succeeded);
}

/// "System error (5xx): event goes back": a lost environment uses no retry up; a synchronous caller sees 500.
#[test]
fn a_lost_environment_is_lambdas_failure() {
    let lost = |until| {
        vec![Drill {
            until: Some(ms(until)),
            ..drill(Trouble::LostEnvironment {
                per_million: 1_000_000,
            })
        }]
    };
    let code = Scripted::always(vec![Sleep(500), Say("late")]);
    let entries = play(Setup {
        drills: lost(10),
        ..setup(config(128, 3), code, vec![sync_at(0), sync_at(2_000)])
    });
    let stories = summary::invocations(&entries);
    assert_eq!(
        stories[0].status,
        Status::Refused("ServiceException".to_owned())
    );
    assert_eq!(stories[0].caller.as_ref().unwrap().1.status, Some(500));
    assert_eq!(stories[1].status, Status::Succeeded);
    assert_eq!(summary::totals(&entries).environments, 2);
    // What it had not written by then it never wrote.
    assert_eq!(count(&entries, |e| matches!(e, Event::Log { .. })), 1);

    let code = Scripted::always(vec![Sleep(500)]);
    let mut config = config(128, 3);
    config.maximum_retry_attempts = 0;
    let entries = play(Setup {
        drills: lost(1_000),
        ..setup(config, code, vec![event_at(0, "{}")])
    });
    let story = &summary::invocations(&entries)[0];
    assert_eq!(story.status, Status::Succeeded);
    let causes = |e: &Event| {
        matches!(
            e,
            Event::RetryScheduled {
                cause: RetryCause::SystemError,
                ..
            }
        )
    };
    assert_eq!(count(&entries, causes), 1);
    // Each attempt has its own number, and only the one that ended is billed.
    let numbers: Vec<_> = story
        .attempts
        .iter()
        .map(|attempt| attempt.number)
        .collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(story.billed_ms, 500);
}

#[test]
fn drills_replay_exactly() {
    let drills = || {
        vec![
            drill(Trouble::Errors {
                per_million: 50_000,
            }),
            drill(Trouble::LostEnvironment {
                per_million: 50_000,
            }),
            drill(Trouble::SlowDownstream {
                per_million: 300_000,
                extra: Distribution::Exponential {
                    mean_micros: 400_000,
                },
            }),
        ]
    };
    let (first, second) = twice(|log| play(with_log(busy(drills()), log)));
    assert_eq!(first, second);
    let other = play(Setup {
        seed: 2,
        ..busy(drills())
    });
    assert_ne!(first, other);
}
