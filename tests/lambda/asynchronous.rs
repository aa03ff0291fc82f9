//! Reference section 5: asynchronous invocation.

use lambda_playground::lambda::caller::{Moment, Request};
use lambda_playground::lambda::config::FunctionConfig;
use lambda_playground::lambda::event::{DropReason, Entry, Event, InvocationType};
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::sim::{SimDuration, SimTime};

use crate::scripted::*;

fn configured(retries: u32, age: u32) -> FunctionConfig {
    FunctionConfig {
        maximum_retry_attempts: retries,
        maximum_event_age_seconds: age,
        ..config(1_769, 3)
    }
}

/// When each attempt began, in milliseconds.
fn attempts(entries: &[Entry]) -> Vec<(u32, u64)> {
    entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::InvokeStarted { attempt, .. } => {
                Some((attempt, entry.at.as_nanos() / 1_000_000))
            }
            _ => None,
        })
        .collect()
}

/// Rule 1: "202 with empty body. ExecutedVersion is absent." The caller sees it at once, whatever becomes of the event.
#[test]
fn the_caller_sees_202_at_once() {
    let code = Scripted::always(vec![Sleep(500), fail("Oops", "")]);
    let entries = run(code, vec![event_at(7, "{}")]);
    let story = &summary::invocations(&entries)[0];
    let (at, view) = story.caller.as_ref().unwrap();
    assert_eq!(*at, ms(7));
    assert_eq!((view.status, view.body.as_str()), (Some(202), ""));
    let seen = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::CallerSaw { .. }));
    assert_eq!(seen.count(), 1, "about acceptance only");
}

/// Rules 2 and 3: the same request id for all tries; one minute before the second, two before the third, counted from the
/// failure.
#[test]
fn a_failing_event_is_tried_three_times() {
    let code = Scripted::always(vec![Sleep(250), fail("Oops", "")]);
    let seen = code.seen.clone();
    let entries = run(code, vec![event_at(0, "{}")]);
    assert_eq!(attempts(&entries), [(1, 0), (2, 60_250), (3, 180_500)]);
    let ids: Vec<_> = seen
        .borrow()
        .events
        .iter()
        .map(|(_, _, context)| context[0].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let last = entries.last().unwrap();
    assert_eq!(last.at, ms(180_750));
    assert!(matches!(
        last.event,
        Event::Dropped {
            reason: DropReason::RetriesExhausted,
            attempts: 3,
            ..
        }
    ));
}

/// Rule 3: timeouts and crashes count as function errors too.
#[test]
fn a_timeout_is_tried_again() {
    let code = Scripted::always(vec![Sleep(5_000)]);
    let entries = run(code, vec![event_at(0, "{}")]);
    assert_eq!(attempts(&entries), [(1, 0), (2, 63_000), (3, 186_000)]);
}

/// An attempt that succeeds ends the story.
#[test]
fn the_second_attempt_may_succeed() {
    let code = Scripted::new(
        |_| vec![],
        |event| {
            if event == 0 {
                vec![fail("Oops", "")]
            } else {
                vec![]
            }
        },
    );
    let entries = run(code, vec![event_at(0, "{}")]);
    assert_eq!(attempts(&entries), [(1, 0), (2, 60_000)]);
    let story = &summary::invocations(&entries)[0];
    assert_eq!(story.status, Status::Succeeded);
    assert_eq!(story.ended, Some(ms(60_000)));
}

/// MaximumRetryAttempts 0 to 2.
#[test]
fn the_number_of_retries_can_be_set() {
    for retries in 0..=2 {
        let code = Scripted::always(vec![fail("Oops", "")]);
        let entries = play(setup(
            configured(retries, 21_600),
            code,
            vec![event_at(0, "{}")],
        ));
        assert_eq!(attempts(&entries).len() as u32, retries + 1);
        assert_eq!(
            summary::invocations(&entries)[0].status,
            Status::Dropped(DropReason::RetriesExhausted)
        );
    }
}

/// test_maxeventage: "with max age 60 s and 2 retries allowed, one failure ended as EventAgeExceeded with
/// approximateInvokeCount 1; with a slightly larger age, 2". Given up at the failure, not when the retry would be due.
#[test]
fn an_event_that_would_be_too_old_is_given_up_early() {
    for (age, tries, ended) in [(60, 1, 100), (61, 2, 60_200), (182, 3, 180_300)] {
        let code = Scripted::always(vec![Sleep(100), fail("Oops", "")]);
        let entries = play(setup(configured(2, age), code, vec![event_at(0, "{}")]));
        assert_eq!(attempts(&entries).len(), tries, "age {age}");
        let story = &summary::invocations(&entries)[0];
        let reason = if tries < 3 {
            DropReason::EventAgeExceeded
        } else {
            DropReason::RetriesExhausted
        };
        assert_eq!(story.status, Status::Dropped(reason), "age {age}");
        assert_eq!(story.ended, Some(ms(ended)), "age {age}");
    }
}

/// Each attempt knows the event's age.
#[test]
fn attempts_know_how_old_the_event_is() {
    let code = Scripted::always(vec![fail("Oops", "")]);
    let entries = run(code, vec![event_at(5, "{}")]);
    let ages: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.event {
            Event::Dequeued { attempt, age, .. } => Some((attempt, age)),
            _ => None,
        })
        .collect();
    let secs = SimDuration::from_secs;
    assert_eq!(ages, [(1, secs(0)), (2, secs(60)), (3, secs(180))]);
}

/// An 'after the previous' request waits for the previous one's whole story, retries included.
#[test]
fn the_next_request_waits_for_the_retries() {
    let code = Scripted::always(vec![fail("Oops", "")]);
    let next = Request {
        when: Moment::AfterPrevious(SimDuration::from_millis(10)),
        ..sync_at(0)
    };
    let entries = run(code, vec![event_at(0, "{}"), next]);
    let received: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::Received { sent, .. } => Some((sent.kind, entry.at)),
            _ => None,
        })
        .collect();
    assert_eq!(
        received,
        [
            (InvocationType::Event, SimTime::ZERO),
            (InvocationType::RequestResponse, ms(180_010))
        ]
    );
}

/// The queue's waits let environments expire like any others: a 10-minute lifetime outlives them, a 1-minute one does not.
#[test]
fn retries_find_a_warm_environment() {
    let code = Scripted::always(vec![fail("Oops", "")]);
    let entries = run(code, vec![event_at(0, "{}")]);
    assert_eq!(summary::totals(&entries).environments, 1);
}
