//! The two tiers, and the native build, hold together: the same scenario gives the same trace in all three.

use std::cell::RefCell;
use std::rc::Rc;

use lambda_playground::guest::engine::interpreter::Interpreter;
use lambda_playground::lambda::config::{MemoryMb, TimeoutSeconds};
use lambda_playground::lambda::event::Entry;
use lambda_playground::scenario::{Arrival, ModuleHash, Scenario, When};
use lambda_playground::session::protocol::{Command, Update};
use lambda_playground::session::{Session, hash_of};
use lambda_playground::sim::{SimDuration, SimTime};

use super::link::Link;
use super::support::{Page, function, in_browser};

/// A scenario that makes `module` work: three requests, a second apart, so that warm starts are part of it.
fn scenario(module: ModuleHash, trigger: &str, payload: &str, memory: u32) -> Scenario {
    let arrival = |when| Arrival {
        when,
        trigger: trigger.to_owned(),
        payload: payload.to_owned(),
        ..Arrival::default()
    };
    let mut scenario = Scenario {
        module,
        ..Scenario::default()
    };
    scenario.function.memory = MemoryMb(memory);
    scenario.function.timeout = TimeoutSeconds(2);
    scenario.arrivals = vec![
        arrival(When::At(SimTime::ZERO)),
        arrival(When::AfterPrevious(SimDuration::from_secs(1))),
        arrival(When::AfterPrevious(SimDuration::from_secs(1))),
    ];
    scenario
}

/// The trace of a scenario on native wasmi.
fn natively(bytes: &[u8], scenario: &Scenario) -> Vec<Entry> {
    let updates = Rc::new(RefCell::new(Vec::new()));
    let outbox = Rc::clone(&updates);
    let mut session = Session::new(
        Rc::new(Interpreter::default()),
        Rc::new(RefCell::new(move |update| {
            outbox.borrow_mut().push(update);
        })),
        Rc::new(|| 0),
    );
    session.handle(Command::Inspect {
        token: 0,
        name: "test.wasm".to_owned(),
        bytes: bytes.to_vec(),
    });
    session.handle(Command::Run {
        run: 1,
        scenario: Box::new(scenario.clone()),
        patience_ms: 60_000,
    });
    while session.pump(u64::MAX) {}
    let updates = updates.borrow();
    updates
        .iter()
        .filter_map(|update| match update {
            Update::Entries { entries, .. } => Some(entries.clone()),
            _ => None,
        })
        .flatten()
        .collect()
}

#[test]
fn every_example_gives_the_same_trace_in_the_browser_in_wasmi_in_the_browser_and_natively() {
    in_browser(async {
        let page = Page::open().await?;
        let browser = Link::start(&page, "browser", "worker_loader.js").await?;
        let interpreter = Link::start(&page, "interpreter", "interpreter_loader.js").await?;
        let cases = [
            ("hello", "direct", "{}", 128),
            ("primes", "direct", r#"{"n":20000}"#, 128),
            ("primes", "direct", r#"{"n":20000}"#, 1_769),
            ("flaky", "direct", "{}", 256),
            ("flaky", "s3", "{}", 256),
            ("counter", "direct", "{}", 512),
            ("hungry", "direct", "{}", 128),
            ("forever", "direct", "{}", 128),
            (
                "wordcount",
                "direct",
                r#"{"text":"to be or not to be"}"#,
                128,
            ),
            (
                "thumbnail",
                "direct",
                r#"{"Records":[{"s3":{"object":{"key":"a.png","size":9000}}}]}"#,
                512,
            ),
        ];
        for (id, trigger, payload, memory) in cases {
            let bytes = std::fs::read(function(id))?;
            let scenario = scenario(hash_of(&bytes), trigger, payload, memory);
            browser.load(&bytes).await?;
            interpreter.load(&bytes).await?;
            let in_browser = browser.run(&scenario).await?.entries;
            let in_wasmi = interpreter.run(&scenario).await?.entries;
            let native = natively(&bytes, &scenario);
            assert!(native.len() > 6, "{id}: a run leaves a trace");
            assert_same(id, "browser tier and native wasmi", &in_browser, &native);
            assert_same(id, "wasmi in the page and native wasmi", &in_wasmi, &native);
        }
        page.close().await
    });
}

#[track_caller]
fn assert_same(id: &str, what: &str, left: &[Entry], right: &[Entry]) {
    for (index, (left, right)) in left.iter().zip(right).enumerate() {
        assert_eq!(left, right, "{id}: {what} differ at entry {index}");
    }
    assert_eq!(left.len(), right.len(), "{id}: {what} differ in length");
}
