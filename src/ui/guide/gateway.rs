//! API Gateway: 502 and 504.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "gateway-502-504",
    title: "API Gateway: 502 and 504",
    summary: "Two errors that every user of a REST API has met: an answer it cannot use, and one that comes too late.",
    play: || {
        const {
            Play {
                example: "waiter",
                settings: r#"{"version":2,"function":{"name":"waiter","memory":128,"timeout":60}}"#,
                requests: &[
                    Request {
                        at_ms: 0,
                        trigger: "api-gateway-rest",
                        event: Event::Form(&[("query", "ms=100")]),
                    },
                    Request {
                        at_ms: 2_000,
                        trigger: "api-gateway-rest",
                        event: Event::Form(&[("query", "ms=soon")]),
                    },
                    Request {
                        at_ms: 4_000,
                        trigger: "api-gateway-rest",
                        event: Event::Form(&[("query", "ms=40000")]),
                    },
                ],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "How it should be",
                    text: "A REST API turns the request into an event and wants an object back: `statusCode`, `headers`, and `body` as a string. This answer has that form, and the caller sees 200.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 1),
                    source: Some(sources::PROXY),
                    ..Step::PLAIN
                },
                Step {
                    title: "The function fails: 502",
                    text: "The second request asks for a wait of “soon”. The function reports a `ValueError`; API Gateway has no answer it could pass on, and tells the caller 502 `Internal server error`, with no word of the cause.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 2),
                    source: Some(sources::PROXY),
                    ..Step::PLAIN
                },
                Step {
                    title: "An answer of the wrong form is 502 too",
                    text: "The error is in Lambda's answer, and in the log. A function that succeeds with a number, or with an object as its body, has the same fate: the log is then full of success, and the caller still sees 502.",
                    look: Look::Log,
                    at: At::Nth(What::CallerSaw, 2),
                    source: Some(sources::PROXY),
                    ..Step::PLAIN
                },
                Step {
                    title: "After 29 seconds: 504",
                    text: "The third request waits 40 seconds, well within the function's timeout of 60. But API Gateway waits 29 unless a higher limit was granted, and answers 504 `Endpoint request timed out`.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 3),
                    source: Some(sources::GATEWAY_LIMITS),
                    ..Step::PLAIN
                },
                Step {
                    title: "The function knows nothing of it",
                    text: "The caller is gone, and the function works on for eleven seconds more, succeeds, and is billed for all forty. A timeout a little below 29 seconds would have saved that, and told the log the truth.",
                    look: Look::Timeline,
                    at: At::Nth(What::InvokeFinished, 3),
                    source: Some(sources::TIMEOUT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Take it over",
                    text: "Choose “API Gateway HTTP API” as the trigger: it answers 500 where a REST API answers 502, takes almost any answer, and waits 30 seconds.",
                    look: Look::Trigger,
                    at: At::End,
                    source: Some(sources::HTTP_API),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
