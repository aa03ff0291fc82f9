//! The service with real modules behind it: the example functions, on the interpreter tier.

use std::rc::Rc;

use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::guest::program::Program;
use lambda_playground::lambda::caller::Request;
use lambda_playground::lambda::cloud::{Cloud, Setup};
use lambda_playground::lambda::config::FunctionConfig;
use lambda_playground::lambda::event::{Entry, ReportStatus};
use lambda_playground::lambda::logs::{self, LogKind};
use lambda_playground::lambda::summary::{self, InvocationSummary, Status};
use lambda_playground::sim::check::{Log, twice};

use crate::scripted::*;

macro_rules! example {
    ($name:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/functions/",
            $name,
            "/",
            $name,
            ".wasm"
        ))
    };
}

fn prepare(module: &[u8]) -> Rc<Program> {
    Program::prepare(&Interpreter::new(), module).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn play_module(
    module: &[u8],
    config: FunctionConfig,
    requests: Vec<Request>,
    log: Log,
) -> Vec<Entry> {
    let mut cloud = Cloud::start(Setup {
        epoch_ms: 1_767_614_400_000,
        requests,
        log,
        ..Setup::new(config, Rc::new(prepare(module)), patient())
    });
    while cloud.step() {}
    cloud.take_entries()
}

fn stories(
    module: &[u8],
    config: FunctionConfig,
    requests: Vec<Request>,
) -> Vec<InvocationSummary> {
    summary::invocations(&play_module(module, config, requests, Log::default()))
}

fn payload(story: &InvocationSummary) -> &str {
    &story.response.as_ref().expect("a response").payload
}

/// Reuse keeps globals and `/tmp`; a second environment has its own.
#[test]
fn counter_counts_per_environment() {
    let stories = stories(
        example!("counter"),
        config(1_769, 3),
        vec![sync_at(0), sync_at(100), sync_at(100)],
    );
    let answers: Vec<_> = stories.iter().map(payload).collect();
    assert_eq!(
        answers,
        [
            r#"{"warm_invocations":1,"tmp_count":1}"#,
            r#"{"warm_invocations":2,"tmp_count":2}"#,
            r#"{"warm_invocations":1,"tmp_count":1}"#,
        ]
    );
    assert!(stories[0].last_report().unwrap().init_duration.is_some());
    assert!(stories[1].last_report().unwrap().init_duration.is_none());
}

/// "After a timeout/crash reset: `/tmp` survives, process memory does not."
#[test]
fn a_crash_keeps_tmp_and_loses_globals() {
    // Answers with its count and what came of creating a file that must not be there: 00 or 20 (EEXIST). A long event
    // makes it crash afterwards.
    let text = r#"(module
        (import "wasi_snapshot_preview1" "path_open"
            (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "mark")
        (data (i32.const 16) "[0,00]")
        (global $count (mut i32) (i32.const 0))
        (func (export "alloc") (param i32) (result i32) (i32.const 1024))
        (func (export "handler") (param i32 i32) (result i64) (local $errno i32)
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (local.set $errno (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 5)
                (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 512)))
            (i32.store8 (i32.const 17) (i32.add (i32.const 48) (global.get $count)))
            (i32.store8 (i32.const 19) (i32.add (i32.const 48) (i32.div_u (local.get $errno) (i32.const 10))))
            (i32.store8 (i32.const 20) (i32.add (i32.const 48) (i32.rem_u (local.get $errno) (i32.const 10))))
            (if (i32.gt_u (local.get 1) (i32.const 4)) (then unreachable))
            (i64.const 0x1000000006)))"#;
    let module = wat::parse_str(text).expect("valid text");
    let crash = with_event(sync_next(), "\"crash\"");
    let stories = stories(
        &module,
        config(128, 3),
        vec![sync_at(0), sync_next(), crash, sync_next()],
    );
    let id = stories[2].request_id.to_string();
    let answers: Vec<_> = stories
        .iter()
        .map(|story| payload(story).replace(&id, "<id>"))
        .collect();
    assert_eq!(
        answers,
        [
            "[1,00]",
            "[2,20]",
            r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: <id> Error: Runtime exited with error: signal: aborted"}"#,
            "[1,20]",
        ]
    );
}

#[test]
fn hello_is_logged() {
    let requests = vec![sync_at(0)];
    let entries = play_module(example!("hello"), config(128, 3), requests, Log::default());
    let own: Vec<_> = logs::lines(&entries)
        .into_iter()
        .filter(|line| line.kind == LogKind::Function)
        .map(|line| line.text)
        .collect();
    assert_eq!(own, ["Saying hello"]);
    let story = &summary::invocations(&entries)[0];
    assert_eq!(
        payload(story),
        r#"{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"Hello from WebAssembly!"}"#
    );
    let report = story.last_report().unwrap();
    // 3 MB sandbox, one page of 64 KiB and the module itself.
    assert_eq!(report.max_memory_used_mb, 4);
    assert_eq!(report.billed_ms, 1);
}

#[test]
fn forever_times_out_to_the_nanosecond() {
    let stories = stories(
        example!("forever"),
        config(128, 1),
        vec![sync_at(0), sync_next()],
    );
    for story in &stories {
        let report = story.last_report().unwrap();
        assert_eq!(report.status, Some(ReportStatus::Timeout));
        assert_eq!(report.duration.as_nanos(), 1_000_000_000);
        assert!(payload(story).ends_with(r#"Task timed out after 1.00 seconds"}"#));
    }
    assert_eq!(
        stories[1].attempts[0].inits.len(),
        1,
        "a suppressed init after the reset"
    );
}

#[test]
fn hungry_runs_out_of_memory() {
    let stories = stories(example!("hungry"), config(128, 15), vec![sync_at(0)]);
    let report = stories[0].last_report().unwrap();
    assert_eq!(
        report.status,
        Some(ReportStatus::Error("Runtime.OutOfMemory".to_owned()))
    );
    assert_eq!(report.max_memory_used_mb, 128);
}

/// Flaky fails about every second time; its retries draw other numbers, and the same seed draws the same.
#[test]
fn flaky_is_retried() {
    let requests = || (0..8).map(|n| event_at(n * 1_000, "{}")).collect();
    let (first, second) =
        twice(|log| play_module(example!("flaky"), config(128, 3), requests(), log));
    assert_eq!(first, second);
    let stories = summary::invocations(&first);
    let retried = stories.iter().filter(|s| s.attempts.len() > 1).count();
    assert!((1..8).contains(&retried), "{retried} of 8");
    assert!(
        stories
            .iter()
            .all(|s| matches!(s.status, Status::Succeeded | Status::Dropped(_)))
    );
}

/// CPU is in proportion to memory: twice the memory halves the duration, in steps of the CPU period.
#[test]
fn primes_run_faster_with_more_memory() {
    let run = |memory| {
        let request = with_event(sync_at(0), r#"{"n":300000}"#);
        let stories = stories(example!("primes"), config(memory, 15), vec![request]);
        assert_eq!(payload(&stories[0]), r#"{"n":300000,"primes":25997}"#);
        stories[0].attempts[0].usage.expect("usage")
    };
    let [small, middle, whole, large] = [442, 884, 1_769, 10_240].map(run);
    assert_eq!(small.fuel, large.fuel);
    assert_eq!(small.cpu, large.cpu);
    // Within one period, of about 20 ms, of a half and a quarter of the speed.
    for (usage, factor) in [(small, 4), (middle, 2)] {
        let expected = whole.duration.as_nanos() * factor;
        assert!(
            usage.duration.as_nanos().abs_diff(expected) <= 20_000_000,
            "{} and not about {expected} ns",
            usage.duration
        );
    }
    assert_eq!(whole.duration, whole.cpu);
    assert_eq!(whole, large, "one thread cannot use more than one vCPU");
}

/// A command sees Lambda's variables, and those of the invocation.
#[test]
fn wordcount_sees_its_surroundings() {
    let request = with_event(sync_at(0), r#"{"text":"to be or not"}"#);
    let entries = play_module(
        example!("wordcount"),
        config(192, 3),
        vec![request, sync_next()],
        Log::default(),
    );
    let own: Vec<_> = logs::lines(&entries)
        .into_iter()
        .filter(|line| line.kind == LogKind::Function)
        .map(|line| line.text)
        .take(2)
        .collect();
    assert_eq!(
        own,
        [
            "AWS_LAMBDA_FUNCTION_NAME is my-function",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE is 192"
        ]
    );
    let stories = summary::invocations(&entries);
    assert_eq!(payload(&stories[0]).trim(), r#"{"words":5,"bytes":23}"#);
    assert_eq!(payload(&stories[1]).trim(), r#"{"words":0,"bytes":2}"#);
}
