//! Idempotency: what is done twice when an event is tried twice.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "idempotency",
    title: "Idempotency, and log entries that come twice",
    summary: "A retry runs the whole function again, also what had gone well. What that means for a payment.",
    play: Play {
        example: "flaky",
        settings: r#"{"version":2,"seed":1,"function":{"name":"flaky","memory":128,"timeout":3}}"#,
        requests: &[Request {
            at_ms: 0,
            trigger: "eventbridge",
            event: Event::Form(&[]),
        }],
    },
    steps: &[
        Step {
            title: "An order, as an event",
            text: "EventBridge hands over “Order placed” and leaves. Think of a function that charges a card, then writes the order into a database.",
            look: Look::Picture,
            at: At::Nth(What::Accepted, 1),
            source: Some(sources::ASYNCHRONOUS),
            ..Step::PLAIN
        },
        Step {
            title: "The first line is written",
            text: "The function does its first piece of work, and logs it: let this be the charge. It happened; nothing that comes later takes it back.",
            look: Look::Log,
            at: At::Nth(What::Log, 1),
            source: Some(sources::LOGS),
            ..Step::PLAIN
        },
        Step {
            title: "And then it fails",
            text: "The error comes after the work. Lambda cannot know how far the function got: to Lambda the event is simply not done.",
            look: Look::Result,
            at: At::Nth(What::InvokeFinished, 1),
            source: Some(sources::ASYNCHRONOUS_ERRORS),
            ..Step::PLAIN
        },
        Step {
            title: "A minute later: all of it again",
            text: "The retry begins at the top, with the same event and the same request id. The function writes its line a second time: the card is charged twice.",
            look: Look::Log,
            at: At::Nth(What::Log, 2),
            source: Some(sources::ASYNCHRONOUS_ERRORS),
            ..Step::PLAIN
        },
        Step {
            title: "One order, two entries",
            text: "This attempt succeeds, and the log has two `START` lines with one request id. Seeing the same id twice in a log is no error of the log: it is a retry.",
            look: Look::Log,
            at: At::End,
            source: Some(sources::LOGS),
            ..Step::PLAIN
        },
        Step {
            title: "Idempotent: twice does no more than once",
            text: "Remember what was done under a key that is the same in every delivery, such as the order's number in the event, and look before you act. The request id is the same in Lambda's own retries only: an event that is sent twice has two, and AWS may deliver one event twice even without an error.",
            look: Look::Trigger,
            at: At::End,
            source: Some(sources::BEST_PRACTICES),
            ..Step::PLAIN
        },
    ],
};
