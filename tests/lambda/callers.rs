//! Callers that do not wait for ever, and requests that follow one another.

use std::rc::Rc;

use lambda_playground::lambda::caller::{Call, Moment, Request};
use lambda_playground::lambda::event::{Event, InvocationType};
use lambda_playground::lambda::summary::{self, Status};
use lambda_playground::sim::{SimDuration, SimTime};

use crate::scripted::*;

fn impatient(timeout_ms: u64) -> Request {
    Request {
        when: Moment::At(SimTime::ZERO),
        call: Call::new(
            Rc::new(Echo {
                kind: InvocationType::RequestResponse,
                timeout: Some(SimDuration::from_millis(timeout_ms)),
            }),
            "{}",
        ),
    }
}

/// The caller gives up; the function runs on and is billed.
#[test]
fn a_caller_that_gives_up_does_not_stop_the_function() {
    let code = Scripted::always(vec![Sleep(2_000)]);
    let entries = run(code, vec![impatient(500), sync_next()]);
    let stories = summary::invocations(&entries);
    let (at, view) = stories[0].caller.clone().unwrap();
    assert_eq!((at, view.status), (ms(500), Some(504)));
    assert_eq!(stories[0].status, Status::Succeeded);
    assert_eq!(stories[0].billed_ms, 2_000);
    assert_eq!(stories[0].ended, Some(ms(2_000)));
    // The next request waits for the function, not for the caller.
    assert_eq!(stories[1].received, ms(2_000));
    let seen = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::CallerSaw { .. }));
    assert_eq!(seen.count(), 2, "one view each");
}

/// An answer in time takes the caller's timeout back.
#[test]
fn a_caller_that_is_answered_in_time_never_gives_up() {
    let code = Scripted::always(vec![Sleep(100)]);
    let entries = run(code, vec![impatient(500), sync_at(1_000)]);
    let (at, view) = summary::invocations(&entries)[0].caller.clone().unwrap();
    assert_eq!((at, view.status), (ms(100), Some(200)));
    assert_eq!(entries.last().unwrap().at, ms(1_100));
}

/// A scenario without requests is over before it begins.
#[test]
fn nothing_happens_without_requests() {
    let entries = run(Scripted::idle(), vec![]);
    assert_eq!(entries.len(), 1, "what is set up");
}

/// The first request's 'after the previous' counts from the start; numbers follow the order of arrival.
#[test]
fn requests_are_numbered_as_they_arrive() {
    let after = |millis| Request {
        when: Moment::AfterPrevious(SimDuration::from_millis(millis)),
        ..sync_at(0)
    };
    let entries = run(
        Scripted::always(vec![Sleep(1)]),
        vec![after(20), after(30), sync_at(5)],
    );
    let received: Vec<_> = summary::invocations(&entries)
        .iter()
        .map(|story| (story.invocation.0, story.received))
        .collect();
    assert_eq!(received, [(0, ms(5)), (1, ms(20)), (2, ms(51))]);
}
