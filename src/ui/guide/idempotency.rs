//! Idempotency: what is done again when an event is tried again.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "idempotency",
    title: "Idempotency, and log entries that come again",
    summary: "A retry runs the whole function again, also what had gone well. What that means for a payment.",
    play: || {
        const {
            Play {
                example: "waiter",
                settings: r#"{"version":2,"function":{"name":"waiter","memory":128,"timeout":3}}"#,
                requests: &[Request {
                    at_ms: 0,
                    trigger: "eventbridge",
                    event: Event::Form(&[(
                        "detail",
                        r#"{"orderId":"12345","total":59.9,"ms":60000}"#,
                    )]),
                }],
            }
        }
    },
    steps: || {
        const {
            &[
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
                    text: "The database does not answer, and after three seconds the timeout ends the function. Lambda cannot know how far it got: to Lambda the event is simply not done.",
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
                    title: "One order, three entries",
                    text: "In the end the log has three `START` lines with one request id, and the card was charged three times. Seeing the same id again in a log is no error of the log: it is a retry.",
                    look: Look::Log,
                    at: At::End,
                    source: Some(sources::LOGS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Idempotent: again does no more than once",
                    text: "Remember what was done under a key that is the same in every delivery, such as the order's number in the event, and look before you act. The request id is the same in Lambda's own retries only: an event that is sent twice has two, and AWS may deliver one event twice even without an error.",
                    look: Look::Trigger,
                    at: At::End,
                    source: Some(sources::BEST_PRACTICES),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
