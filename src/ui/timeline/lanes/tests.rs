//! Lanes of small traces.

use super::*;
use std::sync::Arc;

use crate::lambda::event::{
    Capacity, Created, DropReason, FunctionId, InvocationType, RetryCause, Sent, ThrottleReason,
};
use crate::lambda::event_source::producer::{Answer, Request};
use crate::lambda::event_source::{BatchId, ItemId, Items, Place, SourceEvent};
use crate::sim::{SimDuration, Stamped};

fn ms(millis: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_millis(millis)
}

/// Lanes as text: name, then bars as `kind from-to` in milliseconds, then marks.
fn drawn(entries: &[(u64, Event)], end: u64) -> Vec<String> {
    let entries: Vec<Entry> = entries
        .iter()
        .map(|(at, event)| Stamped {
            at: ms(*at),
            event: event.clone(),
        })
        .collect();
    let millis = |at: SimTime| at.as_nanos() / 1_000_000;
    let mut drawing = Drawing::default();
    for (number, entry) in entries.iter().enumerate() {
        drawing.take(number as u32, entry);
    }
    drawing
        .finish(ms(end))
        .0
        .iter()
        .map(|lane| {
            let mut bars: Vec<&Bar> = lane.kept().collect();
            bars.sort_by_key(|bar| bar.from);
            let bars = bars.into_iter().map(|bar| {
                let (from, to) = (millis(bar.from), millis(bar.to));
                format!("{} {from}-{to}", bar.kind.key())
            });
            let marks = lane
                .marks
                .iter()
                .map(|mark| format!("{} {}", mark.kind.key(), millis(mark.at)));
            let content: Vec<String> = bars.chain(marks).collect();
            format!("{}: {}", lane.title, content.join(", "))
        })
        .collect()
}

#[test]
fn an_event_waits_in_the_queue_and_is_given_up() {
    let invocation = InvocationId(0);
    let entries = [
        (
            0,
            Event::Received {
                invocation,
                sent: Arc::new(Sent {
                    kind: InvocationType::Event,
                    trigger: "s3".to_owned(),
                    ..Sent::default()
                }),
            },
        ),
        (0, Event::Accepted { invocation }),
        (
            5,
            Event::Dequeued {
                invocation,
                attempt: 1,
                age: SimDuration::from_millis(5),
            },
        ),
        (
            40,
            Event::RetryScheduled {
                invocation,
                attempt: 2,
                cause: RetryCause::FunctionError,
                due: ms(60_040),
            },
        ),
        (
            60_040,
            Event::Dropped {
                invocation,
                reason: DropReason::EventAgeExceeded,
                attempts: 1,
            },
        ),
    ];
    assert_eq!(
        drawn(&entries, 60_040),
        [
            "Caller: calling 0-0, accepted 0",
            "Event queue: queued 0-5, backoff 40-60040, dropped 60040",
        ]
    );
}

#[test]
fn what_the_trace_does_not_end_goes_on_to_its_end() {
    let environment = EnvironmentId(0);
    let entries = [
        (
            1,
            Event::EnvironmentCreated {
                environment,
                created: Box::new(Created {
                    function: FunctionId(0),
                    version: "$LATEST".to_owned(),
                    log_stream: String::new(),
                    provisioned: false,
                }),
            },
        ),
        (
            2,
            Event::InvokeStarted {
                environment,
                invocation: InvocationId(0),
                attempt: 1,
                cold: true,
                capacity: Capacity::OnDemand,
            },
        ),
    ];
    assert_eq!(drawn(&entries, 9), ["Environment 1: handler 2-9"]);
}

#[test]
fn a_producer_is_answered_before_the_poller_calls_and_the_poller_waits_for_the_run() {
    let invocation = InvocationId(0);
    let items = || [ItemId(0)].into_iter().collect::<Items>();
    let at_source = |event| Event::Mapping {
        mapping: 0,
        event: Box::new(event),
    };
    let seen = |ok| {
        at_source(SourceEvent::ProducerSaw {
            items: items(),
            answer: Answer {
                request: Request::SendMessage,
                ok,
                text: "".into(),
            },
        })
    };
    let sent = Arc::new(Sent {
        trigger: "sqs".to_owned(),
        ..Sent::default()
    });
    let batch_sent = at_source(SourceEvent::BatchSent {
        batch: BatchId(0),
        place: Place::default(),
        attempt: 1,
        items: items(),
        bytes: 10,
        iterator_age: None,
    });
    let entries = [
        (0, seen(true)),
        (0, seen(false)),
        (0, at_source(SourceEvent::Arrived { items: items() })),
        (3, batch_sent),
        (3, Event::Received { invocation, sent }),
        (
            9,
            Event::Throttled {
                invocation,
                reason: ThrottleReason::ConcurrentInvocationLimitExceeded,
            },
        ),
    ];
    assert_eq!(
        drawn(&entries[..5], 7),
        [
            "Caller: calling 3-7, accepted 0, refused 0",
            "Event source: accepted 0"
        ]
    );
    // A throttled call does not wait.
    assert_eq!(
        drawn(&entries, 9)[0],
        "Caller: accepted 0, refused 0, refused 9"
    );
}
