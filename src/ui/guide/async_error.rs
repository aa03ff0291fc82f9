//! An asynchronous event with an error: three attempts.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "async-error",
    title: "Asynchronous, with an error: three attempts",
    summary: "S3 hands over an event and leaves. When the function fails, Lambda tries again after one minute and after two more.",
    play: || {
        const {
            Play {
                example: "picky",
                settings: r#"{"version":2,"function":{"name":"picky","memory":128,"timeout":3,"on_failure":"arn:aws:sqs:us-east-1:123456789012:failed-events"}}"#,
                requests: &[Request {
                    at_ms: 0,
                    trigger: "s3",
                    event: Event::Form(&[("key", "orders/poison.json")]),
                }],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "Accepted with 202, and S3 has left",
                    text: "The call is asynchronous: Lambda puts the event into a queue of its own and answers 202 at once. S3 does not wait, and never learns what became of it.",
                    look: Look::Picture,
                    at: At::Nth(What::Accepted, 1),
                    source: Some(sources::ASYNCHRONOUS),
                    ..Step::PLAIN
                },
                Step {
                    title: "First attempt: it fails",
                    text: "Lambda takes the event from the queue and runs the function, which cannot take an object called “poison”.",
                    look: Look::Log,
                    at: At::Nth(What::InvokeFinished, 1),
                    source: Some(sources::ASYNCHRONOUS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Back to the queue, for one minute",
                    text: "Nobody else could try again, so Lambda does. The event waits a minute; on the timeline the wait is folded, with its length on it, and a click unfolds it.",
                    look: Look::Timeline,
                    at: At::Nth(What::RetryScheduled, 1),
                    source: Some(sources::ASYNCHRONOUS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Second attempt, then two minutes",
                    text: "The same event, the same request id, and it fails again. Before the third and last attempt Lambda waits two minutes.",
                    look: Look::Picture,
                    at: At::Nth(What::RetryScheduled, 2),
                    source: Some(sources::ASYNCHRONOUS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Third attempt, and the event is given up",
                    text: "Two retries are the most, and the default. After the third failure, some three minutes after the first, Lambda gives the event up.",
                    look: Look::Invocations,
                    at: At::Nth(What::Dropped, 1),
                    source: Some(sources::ASYNCHRONOUS_ERRORS),
                    ..Step::PLAIN
                },
                Step {
                    title: "A record goes to the destination",
                    text: "Without a destination or a dead-letter queue that would be all: the event would be lost without a trace outside the log. This function has an on-failure destination, an SQS queue, which gets the event with the reason `RetriesExhausted`.",
                    look: Look::Picture,
                    at: At::Nth(What::Delivered, 1),
                    source: Some(sources::RETAINING),
                    ..Step::PLAIN
                },
                Step {
                    title: "Take it over",
                    text: "In the settings, set the retries to 0 or the destination to none; or rename the object to something harmless and press Run.",
                    look: Look::Settings,
                    at: At::End,
                    source: Some(sources::ASYNCHRONOUS_ERRORS),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
