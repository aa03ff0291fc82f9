//! The example functions that ship with the page, as a visitor runs them.

use std::rc::Rc;

use lambda_playground::guest::abi::Abi;
use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::guest::process::PhaseEnd;
use lambda_playground::guest::program::Program;
use lambda_playground::sim::SimDuration;
use serde_json::Value;

use crate::support::*;

fn example(name: &str) -> Environment {
    let path = format!(
        "{}/functions/{name}/{name}.wasm",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let program: Rc<Program> = Program::prepare(&Interpreter::new(), &bytes)
        .unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
    Environment::of(program)
}

fn answer(end: &PhaseEnd) -> Value {
    let PhaseEnd::Done(bytes) = end else {
        panic!("{end:?}");
    };
    serde_json::from_slice(bytes).expect("an answer is JSON")
}

#[test]
fn hello_greets_and_logs() {
    let mut environment = example("hello");
    let report = environment.handle("{}");
    assert_eq!(answer(&report.end)["body"], "Hello from WebAssembly!");
    assert_eq!(texts(&report), ["Saying hello"]);
    let large = format!("\"{}\"", "x".repeat(1_000_000));
    assert_eq!(
        environment.handle(&large).end,
        report.end,
        "memory grows for a large event"
    );
}

#[test]
fn counter_counts_in_memory_and_in_tmp() {
    let mut environment = example("counter");
    for expected in [1, 2] {
        let report = environment.handle("{}");
        let answer = answer(&report.end);
        assert_eq!(answer["warm_invocations"], expected);
        assert_eq!(answer["tmp_count"], expected);
        assert_eq!(
            texts(&report),
            [format!("Invocation {expected} of this environment")]
        );
    }
    environment.process = None;
    let answer = answer(&environment.handle("{}").end);
    assert_eq!(
        (&answer["warm_invocations"], &answer["tmp_count"]),
        (&1.into(), &3.into())
    );
}

#[test]
fn wordcount_is_a_command() {
    let mut environment = example("wordcount");
    assert_eq!(environment.program.abi(), Abi::WasiCommand);
    let first = environment.handle(r#"{"text":"one two two"}"#);
    answer(&first.end);
    let again = environment.handle(r#"{"text":"one two two"}"#);
    assert_eq!(again.end, first.end);
    assert_eq!(again.fuel, first.fuel, "each event has a new process");
}

#[test]
fn flaky_fails_now_and_then_and_lives_on() {
    let mut environment = example("flaky");
    let ends: Vec<_> = (0..40).map(|_| environment.handle("{}").end).collect();
    let failed = ends
        .iter()
        .filter(|end| matches!(end, PhaseEnd::Failed { .. }))
        .count();
    assert!(ends.iter().all(PhaseEnd::is_alive), "{ends:?}");
    assert!((10..=30).contains(&failed), "{failed} of 40");
}

#[test]
fn forever_times_out() {
    let report = example("forever").handle("{}");
    assert_eq!(report.end, PhaseEnd::TimedOut);
}

#[test]
fn hungry_dies_of_its_memory_setting() {
    let mut environment = example("hungry");
    environment.limit = SimDuration::from_secs(15);
    let report = environment.handle("{}");
    assert_eq!(report.end, PhaseEnd::OutOfMemory);
    assert!(report.memory_peak > 100 << 20 && report.memory_peak <= 128 << 20);
    assert!(
        report.log.iter().any(|line| line.text == "112 MiB so far"),
        "{:?}",
        report.log
    );
}

#[test]
fn primes_and_thumbnail_answer() {
    for name in ["primes", "thumbnail"] {
        let path = format!(
            "{}/functions/{name}/function.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let about: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let event = about["event"].clone();
        let event = if event.is_null() {
            "{}".to_owned()
        } else {
            event.to_string()
        };
        let mut environment = example(name);
        environment.limit = SimDuration::from_secs(15);
        let report = environment.handle(&event);
        answer(&report.end);
        assert!(report.fuel.0 > 1_000_000, "{name}: {:?}", report.fuel);
    }
}

#[test]
fn waiter_waits_without_the_cpu() {
    let mut environment = example("waiter");
    environment.limit = SimDuration::from_secs(5);
    let report = environment.handle(r#"{"ms": 1500}"#);
    assert_eq!(answer(&report.end)["body"], "Waited 1500 ms");
    assert_eq!(
        texts(&report),
        ["Asking the database", "The database took 1500 ms"]
    );
    let end = environment
        .handle(r#"{"queryStringParameters": {"ms": "soon"}}"#)
        .end;
    assert!(
        matches!(&end, PhaseEnd::Failed { error_type, .. } if error_type == "ValueError"),
        "{end:?}"
    );
    // Longer than its time: the wait is cut.
    environment.limit = SimDuration::from_secs(3);
    assert_eq!(
        environment.handle(r#"{"ms": 60000}"#).end,
        PhaseEnd::TimedOut
    );
}

#[test]
fn picky_fails_for_poison_wherever_it_stands() {
    let mut environment = example("picky");
    let poison = |end: &PhaseEnd| matches!(end, PhaseEnd::Failed { error_type, .. } if error_type == "PoisonError");
    assert_eq!(answer(&environment.handle("{}").end)["ok"], true);
    assert!(poison(&environment.handle(r#"{"note": "poison"}"#).end));
    let batch = |second: &str| {
        format!(
            r#"{{"Records":[{{"body":"order 1","eventSource":"aws:sqs"}},{{"body":"{second}","eventSource":"aws:sqs"}}]}}"#
        )
    };
    assert_eq!(
        answer(&environment.handle(&batch("order 2")).end)["records"],
        2
    );
    let report = environment.handle(&batch("poison"));
    assert!(poison(&report.end));
    assert_eq!(texts(&report), ["Record 1 is good", "This one is poison"]);
    // A stream's records are in Base64.
    let stream = r#"{"Records":[{"kinesis":{"data":"cG9pc29u"},"eventSource":"aws:kinesis"}]}"#;
    assert!(poison(&environment.handle(stream).end));
}
