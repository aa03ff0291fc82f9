//! Reference section 2.1: phases of an execution environment, and section 1: memory limits.

use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{
    Entry, EnvironmentId, Event, InitPhase, ReportStatus, ResetReason,
};
use lambda_playground::lambda::summary;
use lambda_playground::sim::SimDuration;

use crate::scripted::*;

const MB: u64 = 1024 * 1024;

/// What happened, in one word each.
fn words(entries: &[Entry]) -> Vec<&'static str> {
    entries
        .iter()
        .filter(|entry| !matches!(entry.event, Event::Began { .. }))
        .map(|entry| match &entry.event {
            Event::Received { .. } => "received",
            Event::Refused { .. } => "refused",
            Event::Accepted { .. } => "accepted",
            Event::Dequeued { .. } => "dequeued",
            Event::EnvironmentCreated { .. } => "created",
            Event::InitStarted {
                phase: InitPhase::Init,
                ..
            } => "init",
            Event::InitStarted { .. } => "suppressed init",
            Event::InitFinished { ended, .. } if ended.end.is_alive() => "started",
            Event::InitFinished { .. } => "not started",
            Event::InvokeStarted { cold: true, .. } => "cold invoke",
            Event::InvokeStarted { .. } => "warm invoke",
            Event::Log { .. } => "log",
            Event::InvokeFinished { .. } => "finished",
            Event::EnvironmentReset { .. } => "reset",
            Event::EnvironmentShutdown { .. } => "shutdown",
            Event::RetryScheduled { .. } => "retry",
            Event::Dropped { .. } => "dropped",
            Event::CallerSaw { .. } => "seen",
            Event::CutOff { .. } => "cut off",
            other => panic!("{other:?}"),
        })
        .collect()
}

/// "Init Duration only on the first invoke of an environment"; reuse keeps globals.
#[test]
fn the_second_invocation_finds_the_environment_warm() {
    let code = Scripted::new(|_| vec![Work(40_000)], |_| vec![Work(2_000)]);
    let seen = code.seen.clone();
    let entries = run(code, vec![sync_at(0), sync_next()]);
    assert_eq!(
        words(&entries),
        [
            "received",
            "created",
            "init",
            "started",
            "cold invoke",
            "finished",
            "seen",
            "received",
            "warm invoke",
            "finished",
            "seen"
        ]
    );
    let stories = summary::invocations(&entries);
    let reports: Vec<_> = stories.iter().filter_map(|s| s.last_report()).collect();
    assert_eq!(reports[0].init_duration, Some(SimDuration::from_millis(40)));
    assert_eq!(reports[0].duration, SimDuration::from_millis(2));
    assert_eq!(reports[1].init_duration, None);
    // The same process handled both: its second event found one before it.
    let handled: Vec<_> = seen.borrow().events.iter().map(|e| e.0).collect();
    assert_eq!(handled, [0, 1]);
}

/// "One environment runs one invocation at a time. N simultaneous requests need N environments."
#[test]
fn simultaneous_requests_need_environments_of_their_own() {
    let code = Scripted::always(vec![Sleep(100)]);
    let entries = run(code, vec![sync_at(0), sync_at(50), sync_at(200)]);
    let environments: Vec<_> = summary::invocations(&entries)
        .iter()
        .map(|story| story.attempts[0].environment.0)
        .collect();
    // The third finds both idle and takes the one used last.
    assert_eq!(environments, [0, 1, 1]);
    assert_eq!(summary::totals(&entries).concurrency_peak, 2);
}

/// "Init runs with a CPU boost", the Invoke phase at the function's share.
#[test]
fn init_has_a_whole_cpu_and_invoke_the_share() {
    let code = Scripted::new(|_| vec![Work(100_000)], |_| vec![Work(10_000)]);
    let entries = play(setup(config(128, 3), code, vec![sync_at(0)]));
    let story = &summary::invocations(&entries)[0];
    let report = story.last_report().unwrap();
    assert_eq!(report.init_duration, Some(SimDuration::from_millis(100)));
    // 10 ms of work in quotas of 1.447145 ms: six full periods of 20 ms, and a rest of 1.31713 ms.
    assert_eq!(report.duration, SimDuration::from_nanos(121_317_130));
    assert_eq!(
        story.attempts[0].usage.unwrap().frozen,
        SimDuration::from_nanos(111_317_130)
    );
}

/// Init: "10 s on-demand"; "Lambda re-runs Init inside the first Invoke, now under the function timeout".
#[test]
fn an_init_that_times_out_runs_again_inside_the_invocation() {
    let code = Scripted::new(
        |start| vec![Sleep(if start == 0 { 60_000 } else { 1_000 })],
        |_| vec![Sleep(500)],
    );
    let entries = run(code, vec![sync_at(0)]);
    assert_eq!(
        words(&entries),
        [
            "received",
            "created",
            "init",
            "not started",
            "cold invoke",
            "suppressed init",
            "started",
            "finished",
            "seen"
        ]
    );
    let story = &summary::invocations(&entries)[0];
    let attempt = &story.attempts[0];
    assert_eq!(attempt.started, ms(10_000));
    let inits: Vec<_> = attempt
        .inits
        .iter()
        .map(|init| (init.phase, init.ended.as_ref().unwrap().1.duration))
        .collect();
    assert_eq!(
        inits,
        [
            (InitPhase::Init, SimDuration::from_secs(10)),
            (InitPhase::Invoke, SimDuration::from_secs(1))
        ]
    );
    // Duration includes the suppressed init, and there is no Init Duration.
    let report = story.last_report().unwrap();
    assert_eq!(report.duration, SimDuration::from_millis(1_500));
    assert_eq!(report.init_duration, None);
    assert_eq!(report.billed_ms, 1_500);
}

/// "'Doom loop': if init + handler exceeds the function timeout every retry times out."
#[test]
fn a_suppressed_init_shares_the_timeout_with_the_handler() {
    let code = Scripted::new(
        |start| vec![Sleep(if start == 0 { 60_000 } else { 2_000 })],
        |_| vec![Sleep(2_000)],
    );
    let entries = run(code, vec![sync_at(0), sync_next()]);
    for story in summary::invocations(&entries) {
        let report = story.last_report().unwrap().clone();
        assert_eq!(report.status, Some(ReportStatus::Timeout));
        assert_eq!(report.duration, SimDuration::from_secs(3));
        assert_eq!(
            story.response.unwrap().error_type().unwrap(),
            "Sandbox.Timedout"
        );
    }
}

/// "After a timeout/crash reset: /tmp survives, process memory does not."
#[test]
fn a_reset_keeps_tmp_and_loses_the_process() {
    let cases = [
        (Sleep(10_000), ResetReason::Timeout),
        (End(PhaseEnd::Exited(1)), ResetReason::Crash),
        (Grow(u64::MAX), ResetReason::Crash),
    ];
    for (act, expected) in cases {
        let code = Scripted::new(
            |_| vec![Sleep(10)],
            move |event| {
                if event == 1 {
                    vec![act.clone()]
                } else {
                    vec![]
                }
            },
        );
        let seen = code.seen.clone();
        let entries = run(
            code,
            vec![sync_at(0), sync_next(), sync_next(), sync_next()],
        );
        let reasons: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry.event {
                Event::EnvironmentReset { reason, .. } => Some(reason),
                _ => None,
            })
            .collect();
        assert_eq!(reasons, [expected]);
        let seen = seen.borrow();
        let handled: Vec<_> = seen.events.iter().map(|e| e.0).collect();
        assert_eq!(
            handled,
            [0, 1, 0, 1],
            "events handled by the process before"
        );
        assert_eq!(seen.starts.len(), 2);
        assert!(
            std::rc::Rc::ptr_eq(&seen.files[0], &seen.files[1]),
            "the same /tmp"
        );
        // The invocation after the reset: no Init Duration, but Duration includes the init.
        let third = summary::invocations(&entries)[2].clone();
        let report = third.last_report().unwrap();
        assert_eq!(report.init_duration, None);
        assert_eq!(report.duration, SimDuration::from_millis(10));
        assert!(!third.attempts[0].cold);
    }
}

/// An error that the function reports itself leaves the process alive.
#[test]
fn a_handled_error_keeps_the_environment_warm() {
    let code = Scripted::always(vec![fail("Oops", "broken")]);
    let seen = code.seen.clone();
    let entries = run(code, vec![sync_at(0), sync_next()]);
    assert!(!words(&entries).contains(&"reset"));
    assert_eq!(seen.borrow().starts.len(), 1);
}

/// An Init that fails on both tries fails the invocation, and the environment starts over next time.
#[test]
fn an_init_that_never_succeeds_fails_every_invocation() {
    let code = Scripted::new(|_| vec![Sleep(10), End(PhaseEnd::Exited(3))], |_| vec![]);
    let seen = code.seen.clone();
    let entries = run(code, vec![sync_at(0), sync_next()]);
    assert_eq!(
        words(&entries),
        [
            "received",
            "created",
            "init",
            "not started",
            "cold invoke",
            "suppressed init",
            "not started",
            "finished",
            "reset",
            "seen",
            "received",
            "warm invoke",
            "suppressed init",
            "not started",
            "finished",
            "reset",
            "seen"
        ]
    );
    assert_eq!(seen.borrow().events.len(), 0);
    for story in summary::invocations(&entries) {
        let report = story.last_report().unwrap();
        assert_eq!(
            report.status,
            Some(ReportStatus::Error("Runtime.ExitError".to_owned()))
        );
        assert_eq!(report.duration, SimDuration::from_millis(10));
        assert_eq!(report.init_duration, None);
    }
}

/// Idle lifetime: undocumented on AWS, ours is ten minutes; an expiry before the next request happens, one after the last
/// request is not waited for.
#[test]
fn idle_environments_expire_before_a_late_request_and_not_after_the_last() {
    let ten_minutes = 600_000;
    let code = Scripted::always(vec![Sleep(100)]);
    let entries = run(code, vec![sync_at(0), sync_at(100 + ten_minutes + 1)]);
    let shutdowns: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::EnvironmentShutdown { environment } => Some((entry.at, environment)),
            _ => None,
        })
        .collect();
    assert_eq!(shutdowns, [(ms(100 + ten_minutes), EnvironmentId(0))]);
    assert_eq!(summary::totals(&entries).cold_starts, 2);
    assert_eq!(entries.last().unwrap().at, ms(100 + ten_minutes + 1 + 100));

    let code = Scripted::always(vec![Sleep(100)]);
    let entries = run(code, vec![sync_at(0), sync_at(ten_minutes)]);
    assert_eq!(summary::totals(&entries).cold_starts, 1);
}

/// The idle lifetime can be set in code.
#[test]
fn the_idle_lifetime_can_be_chosen() {
    let code = Scripted::idle();
    let entries = play(Setup {
        idle_lifetime: SimDuration::from_secs(1),
        ..setup(config(128, 3), code, vec![sync_at(0), sync_at(2_000)])
    });
    assert_eq!(summary::totals(&entries).cold_starts, 2);
}

/// "Max Memory Used is per environment high-water mark"; a sandbox without code shows 3 MB; MB are MiB, rounded up.
#[test]
fn max_memory_used_is_a_high_water_mark_per_environment() {
    let code = Scripted::new(
        |_| vec![Grow(MB)],
        |event| match event {
            0 => vec![Grow(20 * MB + 1)],
            _ => vec![Grow(2 * MB)],
        },
    )
    .size(MB / 2);
    let entries = play(setup(config(128, 3), code, vec![sync_at(0), sync_next()]));
    let used: Vec<_> = summary::invocations(&entries)
        .iter()
        .map(|story| story.last_report().unwrap().max_memory_used_mb)
        .collect();
    // 3 MB sandbox + 0.5 MB module + 20 MB and a byte.
    assert_eq!(used, [24, 24]);

    let entries = run(Scripted::idle(), vec![sync_at(0)]);
    let report = summary::invocations(&entries)[0]
        .last_report()
        .unwrap()
        .clone();
    assert_eq!(report.max_memory_used_mb, 3);
}

/// Out of memory: Max Memory Used is exactly Memory Size; the linear memories' limit is what the sandbox leaves.
#[test]
fn out_of_memory_shows_all_memory_used() {
    let code = Scripted::always(vec![Grow(125 * MB + 1)]);
    let seen = code.seen.clone();
    let entries = play(setup(config(128, 3), code, vec![sync_at(0)]));
    assert_eq!(seen.borrow().starts[0].memory_limit, 125 * MB);
    let report = summary::invocations(&entries)[0]
        .last_report()
        .unwrap()
        .clone();
    assert_eq!(report.max_memory_used_mb, 128);
    assert_eq!(
        report.status,
        Some(ReportStatus::Error("Runtime.OutOfMemory".to_owned()))
    );
    // One byte less fits.
    let code = Scripted::always(vec![Grow(125 * MB)]);
    let entries = play(setup(config(128, 3), code, vec![sync_at(0)]));
    let report = summary::invocations(&entries)[0]
        .last_report()
        .unwrap()
        .clone();
    assert_eq!((report.max_memory_used_mb, report.status), (128, None));
}

/// Out of memory during Init, likewise.
#[test]
fn out_of_memory_during_init() {
    let code = Scripted::new(|_| vec![Grow(u64::MAX)], |_| vec![]);
    let entries = play(setup(config(128, 3), code, vec![sync_at(0)]));
    let story = summary::invocations(&entries)[0].clone();
    let report = story.last_report().unwrap();
    assert_eq!(report.max_memory_used_mb, 128);
    assert_eq!(
        story.response.unwrap().error_type().unwrap(),
        "Runtime.OutOfMemory"
    );
}

/// What is cut off by our own patience is labelled so and ends the run.
#[test]
fn our_own_patience_is_never_passed_off_as_lambdas_behaviour() {
    let code = Scripted::always(vec![Say("before"), Work(1_000), Say("after"), Work(1_000)]);
    let watch = std::rc::Rc::new(std::cell::RefCell::new(
        |progress: lambda_playground::guest::process::Progress| {
            if progress.fuel.0 > 0 {
                lambda_playground::guest::process::Verdict::GiveUp
            } else {
                lambda_playground::guest::process::Verdict::Continue
            }
        },
    ));
    let entries = play(Setup {
        watch,
        ..setup(config(1_769, 3), code, vec![sync_at(0), sync_next()])
    });
    assert_eq!(
        words(&entries),
        [
            "received",
            "created",
            "init",
            "started",
            "cold invoke",
            "log",
            "cut off"
        ]
    );
    assert_eq!(entries.last().unwrap().at, ms(1));
    assert_eq!(
        summary::invocations(&entries)[0].status,
        summary::Status::CutOff
    );
}

/// Guests run ahead of the clock, the trace does not.
#[test]
fn the_trace_is_in_order_of_time_however_many_guests_run_at_once() {
    let code = Scripted::always(vec![Say("a"), Sleep(70), Say("b"), Sleep(70), Say("c")]);
    let requests = (0..20).map(|n| sync_at(n * 13)).collect();
    let entries = run(code, requests);
    assert!(entries.is_sorted_by_key(|entry| entry.at));
    assert_eq!(words(&entries).iter().filter(|w| **w == "log").count(), 60);
}

/// Reference section 3.2: environment at start.
#[test]
fn the_function_finds_lambdas_variables_and_its_own() {
    let code = Scripted::idle();
    let seen = code.seen.clone();
    let mut config = config(256, 3);
    config.environment = vec![("STAGE".to_owned(), "test".to_owned())];
    play(setup(config, code, vec![sync_with(r#"{"a":1}"#)]));
    let seen = seen.borrow();
    let variables = &seen.starts[0].variables;
    let get = |name: &str| {
        let found: Vec<_> = variables.iter().filter(|(n, _)| n == name).collect();
        assert_eq!(found.len(), 1, "{name}");
        found[0].1.clone()
    };
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", "my-function"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/my-function"),
        ("AWS_REGION", "us-east-1"),
        ("TZ", ":UTC"),
        ("LAMBDA_TASK_ROOT", "/var/task"),
        ("STAGE", "test"),
    ] {
        assert_eq!(get(name), value, "{name}");
    }
    assert!(get("AWS_LAMBDA_LOG_STREAM_NAME").starts_with("2026/01/05/[$LATEST]"));
    assert!(get("AWS_SECRET_ACCESS_KEY").contains("not-a-secret"));
    assert!(
        !variables
            .iter()
            .any(|(name, _)| name == "AWS_EXECUTION_ENV")
    );

    let (_, event, context) = &seen.events[0];
    assert_eq!(event, br#"{"a":1}"#);
    let get = |name: &str| {
        let found = context.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    assert_eq!(get("LAMBDA_RUNTIME_DEADLINE_MS"), "1767614403000");
    assert_eq!(
        get("LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN"),
        "arn:aws:lambda:us-east-1:123456789012:function:my-function"
    );
    assert_eq!(get("LAMBDA_RUNTIME_AWS_REQUEST_ID").len(), 36);
    assert!(get("_X_AMZN_TRACE_ID").starts_with("Root=1-695ba7c0-"));
}
