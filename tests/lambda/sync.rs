//! Reference section 3.1: dry runs, log tails, clients that retry.

use base64::Engine as _;
use lambda_playground::lambda::caller::{Call, Client};
use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{Event, InvocationType};
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::sim::SimDuration;

use crate::fleet::*;
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

/// "204 DryRun", nothing is run and nothing costs.
#[test]
fn a_dry_run_is_answered_204() {
    let entries = play(Setup {
        requests: vec![
            at(0, call(InvocationType::DryRun, "f", None)),
            at(0, call(InvocationType::DryRun, "nobody", None)),
        ],
        ..fleet(vec![function("f", model(0, 10))])
    });
    let stories = summary::invocations(&entries);
    let (_, view) = stories[0].caller.clone().unwrap();
    assert_eq!((view.status, view.body.as_str()), (Some(204), ""));
    assert_eq!(stories[0].status, Status::DryRun);
    assert_eq!(stories[1].caller.clone().unwrap().1.status, Some(404));
    assert_eq!(summary::totals(&entries).environments, 0);
}

/// "X-Amz-Log-Result: base64 of last 4 KB log".
#[test]
fn tail_brings_the_end_of_the_log() {
    for lines in [1, 1_000] {
        let code = Scripted::always(vec![Say("hello"); lines]);
        let tailing = Call {
            log_tail: true,
            ..call(SYNC, "my-function", None)
        };
        let entries = play(setup(config(1_769, 3), code, vec![at(0, tailing)]));
        let story = &summary::invocations(&entries)[0];
        let (_, view) = story.caller.clone().unwrap();
        let (name, tail) = view.headers.last().unwrap();
        assert_eq!(name, "X-Amz-Log-Result");
        // The same as the log itself says.
        let logged = lambda_playground::lambda::logs::tail(
            &lambda_playground::lambda::logs::lines(&entries),
            story.request_id,
        );
        assert_eq!(*tail, logged);
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(tail)
            .unwrap();
        assert!(bytes.len() <= 4_096);
        assert!(
            String::from_utf8(bytes)
                .unwrap()
                .contains("REPORT RequestId: ")
        );
    }
}

/// Without a retry the first 429 is the caller's; with the SDKs' backoff a later try finds room.
#[test]
fn clients_that_retry_get_through() {
    let run = |client: Client| {
        let call = Call {
            client,
            ..call(SYNC, "f", None)
        };
        play(Setup {
            requests: vec![at(0, call.clone()), at(0, call)],
            ..fleet(vec![reserving(function("f", model(0, 400)), 1)])
        })
    };
    let impatient = summary::invocations(&run(Client::NoRetry));
    assert_eq!(
        impatient[1].status,
        Status::Refused("TooManyRequestsException".to_owned())
    );
    assert_eq!(impatient[1].caller.as_ref().unwrap().0, ms(0));

    let entries = run(Client::Backoff {
        max_attempts: 20,
        base_ms: 100,
        cap_ms: 20_000,
    });
    let patient = summary::invocations(&entries);
    assert_eq!(patient[1].status, Status::Succeeded);
    let waits: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::ClientRetry { attempt, due, .. } => Some((attempt, due.since(entry.at))),
            _ => None,
        })
        .collect();
    assert!(!waits.is_empty());
    for (attempt, wait) in waits {
        let longest = SimDuration::from_millis(100 << (attempt - 2));
        assert!(wait <= longest, "try {attempt} after {wait}");
    }
}

/// Three tries, and the caller sees the last refusal. A function error is nobody's retry but the caller's.
#[test]
fn clients_give_up_in_the_end_and_never_retry_function_errors() {
    let entries = play(Setup {
        requests: vec![at(0, by_sdk(call(SYNC, "off", None)))],
        ..fleet(vec![reserving(function("off", model(0, 1)), 0)])
    });
    assert_eq!(throttles(&entries).len(), 3);
    let story = &summary::invocations(&entries)[0];
    assert_eq!(story.caller.as_ref().unwrap().1.status, Some(429));

    let code = Scripted::always(vec![fail("Oops", "")]);
    let entries = play(setup(
        config(128, 3),
        code,
        vec![at(0, by_sdk(call(SYNC, "my-function", None)))],
    ));
    assert_eq!(summary::invocations(&entries)[0].attempts.len(), 1);
    assert_eq!(
        count(&entries, |e| matches!(e, Event::ClientRetry { .. })),
        0
    );
}

/// Waits are random parts of a doubling limit, capped.
#[test]
fn waits_double_up_to_the_cap() {
    let longest: Vec<_> = (1..=7)
        .map(|tries| {
            let client = Client::Backoff {
                max_attempts: 7,
                base_ms: 1_000,
                cap_ms: 20_000,
            };
            client
                .longest_wait(tries)
                .map(|wait| wait.as_nanos() / 1_000_000)
        })
        .collect();
    assert_eq!(
        longest,
        [
            Some(1_000),
            Some(2_000),
            Some(4_000),
            Some(8_000),
            Some(16_000),
            Some(20_000),
            None
        ]
    );
    assert_eq!(Client::NoRetry.longest_wait(1), None);
}
