//! Cold and warm starts.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

const CALL: Event = Event::Form(&[("path", "/count")]);

pub static GUIDE: Guide = Guide {
    id: "cold-and-warm",
    title: "Cold and warm",
    summary: "A function that counts its calls shows which environment is new, which remembers, and when one is gone.",
    play: || {
        const {
            Play {
                example: "counter",
                settings: r#"{"version":2,"function":{"name":"counter","memory":128,"timeout":3}}"#,
                requests: &[
                    Request {
                        at_ms: 0,
                        trigger: "api-gateway-http",
                        event: CALL,
                    },
                    Request {
                        at_ms: 2_000,
                        trigger: "api-gateway-http",
                        event: CALL,
                    },
                    Request {
                        at_ms: 1_800_000,
                        trigger: "api-gateway-http",
                        event: CALL,
                    },
                ],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "Nobody is there: a cold start",
                    text: "The first request finds no environment, so Lambda makes one. The caller waits for that too.",
                    look: Look::Picture,
                    at: At::Nth(What::EnvironmentCreated, 1),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Init runs once",
                    text: "The code is loaded and everything outside the handler runs: on the timeline, the blue part. Lambda gives Init more CPU than a small memory size would buy, and since August 2025 it is always billed.",
                    look: Look::Timeline,
                    at: At::Nth(What::InitFinished, 1),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
                Step {
                    title: "The handler answers: 1",
                    text: "The function counts its invocations in a variable and in a file under /tmp. Both say 1. Then the environment does not end: it is frozen and kept.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 1),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Two seconds later: warm",
                    text: "The second request comes to the same environment. There is no Init, and the variable is still there: the answer is 2. Connections and caches made outside the handler are kept the same way.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 2),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Idle for too long",
                    text: "After a while without requests Lambda ends the environment. AWS does not say when; the playground waits ten minutes.",
                    look: Look::Picture,
                    at: At::Nth(What::EnvironmentShutdown, 1),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
                Step {
                    title: "Cold again, and the count is lost",
                    text: "Half an hour later a new environment begins, and both counts start at 1. Never keep in an environment what must not be lost.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 3),
                    source: Some(sources::ENVIRONMENT),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
