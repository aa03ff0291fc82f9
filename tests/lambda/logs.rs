//! Reference section 2.3: the text log, to the letter.

use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::lambda::event::Entry;
use lambda_playground::lambda::logs::{self, LogKind};
use lambda_playground::lambda::summary;

use crate::scripted::*;

const INIT_START: &str = "INIT_START Runtime Version: provided:al2023.v12\tRuntime Version ARN: \
     arn:aws:lambda:us-east-1::runtime:136ed310b999b334fac0d4a087dd5c3d4f95efe17b434ba3c1eefb429c00f150";

/// The log with request ids written as `<0>`, `<1>`, in order of arrival.
fn log(entries: &[Entry]) -> Vec<String> {
    let stories = summary::invocations(entries);
    logs::lines(entries)
        .into_iter()
        .map(|line| {
            stories.iter().fold(line.text, |text, story| {
                text.replace(
                    &story.request_id.to_string(),
                    &format!("<{}>", story.invocation.0),
                )
            })
        })
        .collect()
}

#[test]
fn a_cold_and_a_warm_invocation() {
    let code = Scripted::new(
        |_| vec![Say("starting"), Work(110_100)],
        |event| match event {
            0 => vec![Say("hello"), Work(3_010)],
            _ => vec![Work(900)],
        },
    );
    let entries = run(code, vec![sync_at(0), sync_next()]);
    assert_eq!(
        log(&entries),
        [
            INIT_START,
            "starting",
            "START RequestId: <0> Version: $LATEST",
            "hello",
            "END RequestId: <0>",
            // 110.10 + 3.01 are billed together, rounded up once.
            "REPORT RequestId: <0>\tDuration: 3.01 ms\tBilled Duration: 114 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\tInit Duration: 110.10 ms\t",
            "START RequestId: <1> Version: $LATEST",
            "END RequestId: <1>",
            "REPORT RequestId: <1>\tDuration: 0.90 ms\tBilled Duration: 1 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\t",
        ]
    );
}

/// The real line: 600 s timeout, 476.75 ms init, billed 600477 ms. And warm: both exactly the timeout.
#[test]
fn timeouts() {
    let code = Scripted::new(
        |start| {
            if start == 0 {
                vec![Work(476_750)]
            } else {
                vec![]
            }
        },
        |event| vec![Sleep(if event == 1 { 0 } else { 900_000 })],
    );
    let entries = play(setup(
        config(1_536, 600),
        code,
        vec![sync_at(0), sync_next(), sync_next()],
    ));
    let reports: Vec<_> = log(&entries)
        .into_iter()
        .filter(|line| line.starts_with("REPORT"))
        .collect();
    assert_eq!(
        reports,
        [
            "REPORT RequestId: <0>\tDuration: 600000.00 ms\tBilled Duration: 600477 ms\tMemory Size: 1536 MB\tMax Memory Used: 3 MB\tInit Duration: 476.75 ms\tStatus: timeout",
            "REPORT RequestId: <1>\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 1536 MB\tMax Memory Used: 3 MB\t",
            "REPORT RequestId: <2>\tDuration: 600000.00 ms\tBilled Duration: 600000 ms\tMemory Size: 1536 MB\tMax Memory Used: 3 MB\tStatus: timeout",
        ]
    );
}

/// The real line: Duration 10935.70 ms, billed 10936 ms, all memory used.
#[test]
fn out_of_memory() {
    let code = Scripted::new(
        |_| vec![],
        |event| {
            if event == 0 {
                vec![]
            } else {
                vec![Work(10_935_700), Grow(u64::MAX)]
            }
        },
    );
    let entries = play(setup(
        config(2_048, 60),
        code,
        vec![sync_at(0), sync_next()],
    ));
    assert_eq!(
        log(&entries)[4..],
        [
            "START RequestId: <1> Version: $LATEST",
            "END RequestId: <1>",
            "REPORT RequestId: <1>\tDuration: 10935.70 ms\tBilled Duration: 10936 ms\tMemory Size: 2048 MB\tMax Memory Used: 2048 MB\tStatus: error\tError Type: Runtime.OutOfMemory",
        ]
    );
}

/// "Handler exception: REPORT unchanged (no Status field)".
#[test]
fn handled_errors_leave_report_as_it_is() {
    let code = Scripted::always(vec![fail("Oops", "broken")]);
    let entries = run(code, vec![sync_at(0)]);
    assert_eq!(
        log(&entries).last().unwrap(),
        "REPORT RequestId: <0>\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\tInit Duration: 0.00 ms\t"
    );
}

/// Failed init, then suppressed init inside the invoke: both report, and START comes after the second.
#[test]
fn an_init_that_fails_twice() {
    let code = Scripted::new(
        |start| {
            vec![
                Say("starting"),
                Work(if start == 0 { 790 } else { 610 }),
                End(PhaseEnd::Exited(1)),
            ]
        },
        |_| vec![],
    );
    let entries = run(code, vec![sync_at(0)]);
    assert_eq!(
        log(&entries),
        [
            INIT_START,
            "starting",
            "INIT_REPORT Init Duration: 0.79 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError",
            "starting",
            "INIT_REPORT Init Duration: 0.61 ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError",
            "START RequestId: <0> Version: $LATEST",
            "END RequestId: <0>",
            "REPORT RequestId: <0>\tDuration: 0.61 ms\tBilled Duration: 1 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\tStatus: error\tError Type: Runtime.ExitError",
        ]
    );
}

/// "Init timeout: INIT_REPORT … Status: timeout, then re-init within the invoke", which is silent when it succeeds.
#[test]
fn an_init_that_times_out_once() {
    let code = Scripted::new(
        |start| vec![Sleep(if start == 0 { 20_000 } else { 40 })],
        |_| vec![Say("hello"), Sleep(2)],
    );
    let entries = run(code, vec![sync_at(0)]);
    assert_eq!(
        log(&entries)[1..],
        [
            "INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout",
            "START RequestId: <0> Version: $LATEST",
            "hello",
            "END RequestId: <0>",
            "REPORT RequestId: <0>\tDuration: 42.00 ms\tBilled Duration: 42 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\t",
        ]
    );
}

/// "After an invoke failure the next invoke in that environment re-inits silently".
#[test]
fn a_suppressed_init_after_a_reset_is_silent() {
    let code = Scripted::new(
        |_| vec![Sleep(10)],
        |event| {
            if event == 0 {
                vec![End(PhaseEnd::Exited(1))]
            } else {
                vec![]
            }
        },
    );
    let entries = run(code, vec![sync_at(0), sync_next()]);
    assert_eq!(
        log(&entries)[4..],
        [
            "START RequestId: <1> Version: $LATEST",
            "END RequestId: <1>",
            "REPORT RequestId: <1>\tDuration: 10.00 ms\tBilled Duration: 10 ms\tMemory Size: 1769 MB\tMax Memory Used: 3 MB\t",
        ]
    );
}

/// Lines know their time, environment, request and writer; one log stream per environment.
#[test]
fn lines_can_be_traced_to_where_they_come_from() {
    let code = Scripted::new(
        |_| vec![Say("starting"), Sleep(5)],
        |_| vec![Sleep(1), Say("hello")],
    );
    let entries = run(code, vec![sync_at(0), sync_at(1)]);
    let lines = logs::lines(&entries);
    let stories = summary::invocations(&entries);
    assert!(lines.is_sorted_by_key(|line| line.at));
    for (number, story) in stories.iter().enumerate() {
        let own: Vec<_> = lines
            .iter()
            .filter(|line| line.environment.0 as usize == number)
            .collect();
        let kinds: Vec<_> = own
            .iter()
            .map(|line| (line.kind, line.request_id))
            .collect();
        let of = Some(story.request_id);
        assert_eq!(
            kinds,
            [
                (LogKind::Platform, None),
                (LogKind::Function, None),
                (LogKind::Platform, of),
                (LogKind::Function, of),
                (LogKind::Platform, of),
                (LogKind::Platform, of),
            ]
        );
        assert_eq!(own[3].at, ms(6 + number as u64));
        assert_eq!(own[3].invocation, Some(story.invocation));
    }
    let streams = logs::streams(&entries);
    assert_eq!(streams.len(), 2);
    assert_ne!(streams[0].1, streams[1].1);
}

/// "Invoke log tail: last 4 KB of the execution log, base64".
#[test]
fn the_log_tail_is_the_last_4_kb() {
    use base64::Engine as _;
    let code = Scripted::always(vec![Say("hello"); 1_000]);
    let entries = run(code, vec![sync_at(0)]);
    let story = &summary::invocations(&entries)[0];
    let tail = logs::tail(&logs::lines(&entries), story.request_id);
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(tail)
        .unwrap();
    assert_eq!(bytes.len(), 4_096);
    assert!(
        String::from_utf8(bytes)
            .unwrap()
            .contains("\nREPORT RequestId: ")
    );
}
