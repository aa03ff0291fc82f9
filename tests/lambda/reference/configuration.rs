//! Reference 1 and 2.1: defaults, units, and the limit of Init.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::config::{
    ApplicationLogLevel, Architecture, FunctionConfig, LogFormat, MemoryMb, RecursiveLoop,
    SystemLogLevel,
};
use lambda_playground::lambda::event::{Event, InvocationType, ProvisionedState};
use lambda_playground::lambda::function::{Deployment, Package};
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::scenario::{Published, Scenario, from_json, to_json};

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

/// 1, "Memory: default 128", "Timeout: default 3", "Ephemeral /tmp: default 512", "Architectures: x86_64 (default)"; 1.4,
/// "LogFormat Text"; 5, "MaximumRetryAttempts 0-2, default 2", "MaximumEventAgeInSeconds default 21,600", "RecursiveLoop
/// default Terminate".
#[test]
fn defaults_are_lambdas() {
    let config = FunctionConfig::default();
    assert_eq!((config.memory.0, config.timeout.0), (128, 3));
    assert_eq!(config.ephemeral_storage_mb, 512);
    assert_eq!(config.architecture, Architecture::X86);
    assert_eq!(
        (
            config.maximum_retry_attempts,
            config.maximum_event_age_seconds
        ),
        (2, 21_600)
    );
    assert_eq!(config.recursive_loop, RecursiveLoop::Terminate);
    assert_eq!(config.log_format, LogFormat::Text);
    assert_eq!(
        (config.application_log_level, config.system_log_level),
        (ApplicationLogLevel::Info, SystemLogLevel::Info)
    );
    assert_eq!(config.reserved_concurrency, None);
}

/// 1, "MB meaning: Lambda says MB but means MiB (1 MB = 1024 KB)".
#[test]
fn a_megabyte_is_a_mebibyte() {
    assert_eq!(MemoryMb(1).bytes(), 1_048_576);
    let code = Scripted::idle();
    let seen = Rc::clone(&code.seen);
    play(setup(config(128, 3), code, vec![sync_at(0)]));
    let limit = seen.borrow().starts[0].memory_limit;
    assert!(
        limit <= 128 * 1_048_576 && limit > 120 * 1_048_576,
        "{limit}"
    );
}

/// 2.1, "Init: 10 s on-demand; PC: max(130 s, function timeout)".
#[test]
fn init_has_ten_seconds_on_demand_and_more_when_provisioned() {
    let states = |init_ms: u64, timeout: u32| {
        let mut deployment = function("f", model(init_ms, 10));
        deployment.config.timeout.0 = timeout;
        let mut deployment = provisioning(deployment, 1);
        deployment.provisioned[0].requested = Some(ms(0));
        let entries = play(Setup {
            // Something to wait for.
            requests: vec![at(900_000, call(SYNC, "f", Some("1")))],
            ..fleet(vec![deployment])
        });
        let mut states = entries.iter().filter_map(|entry| match &entry.event {
            Event::Provisioning { status } => Some(status.state),
            _ => None,
        });
        states.next_back()
    };
    let (ready, failed) = (
        Some(ProvisionedState::Ready),
        Some(ProvisionedState::Failed),
    );
    assert_eq!(states(20_000, 3), ready);
    assert_eq!(states(130_001, 3), failed);
    assert_eq!(states(130_001, 300), ready);
    // On demand the same Init is cut off at 10 s, and runs again inside the invocation.
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, "f", None))],
        ..fleet(vec![function("f", model(20_000, 10))])
    });
    let first = entries.iter().find_map(|entry| match &entry.event {
        Event::InitFinished { .. } => Some(entry.at),
        _ => None,
    });
    assert_eq!(first, Some(ms(10_000)));
}

/// 2.1, "AWS_LAMBDA_INITIALIZATION_TYPE = on-demand | provisioned-concurrency".
#[test]
fn a_function_knows_how_it_was_started() {
    let code = Scripted::idle();
    let seen = Rc::clone(&code.seen);
    let deployment = Deployment::new(config(1_769, 3), Package::Code(Rc::new(code)));
    play(Setup {
        requests: vec![
            at(0, call(SYNC, "my-function", Some("1"))),
            at(0, call(SYNC, "my-function", None)),
        ],
        ..fleet(vec![provisioning(deployment, 1)])
    });
    let seen = seen.borrow();
    let kinds: Vec<_> = seen
        .starts
        .iter()
        .filter_map(|start| {
            let mut variables = start.variables.iter();
            let found = variables.find(|(name, _)| name == "AWS_LAMBDA_INITIALIZATION_TYPE");
            found.map(|(_, kind)| kind.as_str())
        })
        .collect();
    assert_eq!(kinds, ["provisioned-concurrency", "on-demand"]);
}

/// 2.1, "N simultaneous requests need N environments", "One environment runs one invocation at a time", "N requests one
/// after the other need one": of models as of code.
#[test]
fn simultaneous_requests_need_an_environment_each() {
    let environments = |spacing: u64| {
        let requests = (0..7)
            .map(|n| at(n * spacing, call(SYNC, "f", None)))
            .collect();
        let entries = play(Setup {
            requests,
            ..fleet(vec![function("f", model(0, 100))])
        });
        summary::totals(&entries).environments
    };
    assert_eq!(
        (environments(0), environments(60), environments(101)),
        (7, 2, 1)
    );
}

/// 1, "versions are integers": numbered 1, 2, 3, and never again: not even the last one's number after it was deleted.
#[test]
fn a_versions_number_is_never_used_again() {
    let mut published = Published::default();
    assert_eq!(published.next_version(), 1);
    published.publish(None);
    published.publish(None);
    assert_eq!(published.versions[1].number, 2);
    let deleted = published.delete_version(1).map(|version| version.number);
    assert_eq!(deleted, Some(2));
    assert_eq!(published.delete_version(1), None);
    published.publish(None);
    assert_eq!(published.versions[1].number, 3);
    published.delete_all();
    assert_eq!(published.next_version(), 4);
    // A scenario that was written down remembers.
    let scenario = Scenario {
        published,
        ..Scenario::default()
    };
    let (read, problems) = from_json(&to_json(&scenario));
    assert_eq!((read.published.next_version(), problems), (4, vec![]));
    // One of before knows what it has.
    let old = r#"{"version": 2, "published": {"versions": [{"number": 5}]}}"#;
    assert_eq!(from_json(old).0.published.next_version(), 6);
}

/// 2.2, "Timeout: printed with two decimals of the configured seconds", at both ends of its range.
#[test]
fn timeouts_are_whole_seconds_with_two_decimals() {
    for (timeout, text) in [(1, "1.00"), (900, "900.00")] {
        let code = Scripted::always(vec![Sleep(1_000_000)]);
        let entries = play(setup(config(1_769, timeout), code, vec![sync_at(0)]));
        let story = &summary::invocations(&entries)[0];
        assert_eq!(story.status, Status::Failed("Sandbox.Timedout".to_owned()));
        let payload = &story.response.as_ref().expect("an answer").payload;
        assert!(
            payload.contains(&format!("Task timed out after {text} seconds")),
            "{payload}"
        );
    }
}
