//! A short execution, and the time limit.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "time-limit",
    title: "A short run, and the time limit",
    summary: "What you pay for a run of 200 ms, and what happens to one that takes longer than its timeout.",
    play: || {
        const {
            Play {
                example: "waiter",
                settings: r#"{"version":2,"function":{"name":"waiter","memory":128,"timeout":3}}"#,
                requests: &[
                    Request {
                        at_ms: 0,
                        trigger: "api-gateway-http",
                        event: Event::Form(&[("query", "ms=200")]),
                    },
                    Request {
                        at_ms: 2_000,
                        trigger: "api-gateway-http",
                        event: Event::Form(&[("query", "ms=60000")]),
                    },
                    Request {
                        at_ms: 8_000,
                        trigger: "api-gateway-http",
                        event: Event::Form(&[("query", "ms=200")]),
                    },
                ],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "A caller waits",
                    text: "A request comes in through an HTTP API. The call is synchronous: the caller stays on the line until the function has answered. The function will ask a slow database, for 200 ms.",
                    look: Look::Picture,
                    at: At::Nth(What::InvokeStarted, 1),
                    source: Some(sources::SYNCHRONOUS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Answered, and billed by the millisecond",
                    text: "The caller sees 200. `Duration` is how long the handler took; `Billed Duration` is that and, on a first call, Init, rounded up to the next millisecond. Waiting for a database is billed like computing.",
                    look: Look::Numbers,
                    at: At::Nth(What::CallerSaw, 1),
                    source: Some(sources::PRICING),
                    ..Step::PLAIN
                },
                Step {
                    title: "A second request, and a clock that runs down",
                    text: "This time the database would take a minute. The function's timeout is 3 seconds, Lambda's default, and it counts from here: from the start of the handler.",
                    look: Look::Timeline,
                    at: At::Nth(What::InvokeStarted, 2),
                    source: Some(sources::TIMEOUT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Three seconds later Lambda ends it",
                    text: "The handler is not asked: its process is stopped wherever it stands, and the log says `Status: timeout`. All 3,000 ms are billed, and nothing came of them.",
                    look: Look::Log,
                    at: At::Nth(What::InvokeFinished, 2),
                    source: Some(sources::TIMEOUT),
                    ..Step::PLAIN
                },
                Step {
                    title: "What the caller is told",
                    text: "Lambda's answer names the timeout. The API keeps that to itself and tells the caller 500 `Internal Server Error`: look at both, side by side.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 2),
                    source: Some(sources::HTTP_API),
                    ..Step::PLAIN
                },
                Step {
                    title: "The environment has lost its memory",
                    text: "A timeout resets the environment: what the process held is gone, only /tmp stays. The next request still comes here, and has to wait while Init runs again inside it, on its own time limit.",
                    look: Look::Time,
                    at: At::Nth(What::InvokeFinished, 3),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
