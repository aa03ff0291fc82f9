//! Scaling out, and throttling.

use super::{At, Guide, Look, Play, Step, What};
use crate::ui::sources;

pub static GUIDE: Guide = Guide {
    id: "scaling-and-throttling",
    title: "Scaling out, and throttling",
    summary: "Eight callers at the same moment, a function that may run five times at once: three are refused.",
    play: || {
        const {
            Play {
                example: "waiter",
                settings: r#"{"version":2,"function":{"name":"waiter","memory":128,"timeout":3,"reserved_concurrency":5},
"runs":"Module","traffic":[{"pattern":{"Burst":{"count":8}},"trigger":"direct","payload":"{\n  \"ms\": 500\n}"}]}"#,
                requests: &[],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "Eight calls at once",
                    text: "Each environment does one thing at a time. So Lambda does not queue these calls behind one another: it makes a new environment for each that finds none idle.",
                    look: Look::Picture,
                    at: At::Nth(What::EnvironmentCreated, 1),
                    source: Some(sources::CONCURRENCY),
                    ..Step::PLAIN
                },
                Step {
                    title: "Five environments, five cold starts",
                    text: "How many run at the same moment is the function's concurrency: requests a second times seconds a request. Each of these five callers waits for an Init of its own.",
                    look: Look::Timeline,
                    at: At::Nth(What::EnvironmentCreated, 5),
                    source: Some(sources::CONCURRENCY),
                    ..Step::PLAIN
                },
                Step {
                    title: "The sixth is refused: 429",
                    text: "This function has a reserved concurrency of 5. That keeps five for it alone, and is also the most it may have. The sixth call gets `TooManyRequestsException`, at once and without a run.",
                    look: Look::Result,
                    at: At::Nth(What::Throttled, 1),
                    source: Some(sources::RESERVED),
                    ..Step::PLAIN
                },
                Step {
                    title: "Nobody tries again for it",
                    text: "A synchronous call that is throttled is the caller's own affair; SDKs wait and try again. An asynchronous event would go back to the queue, for up to six hours.",
                    look: Look::Invocations,
                    at: At::Nth(What::Throttled, 3),
                    source: Some(sources::RETRIES),
                    ..Step::PLAIN
                },
                Step {
                    title: "Five answers",
                    text: "The five that were let in are answered after half a second each. Throttled calls are not billed and do not count as invocations; the metrics have them apart.",
                    look: Look::Metrics,
                    at: At::End,
                    source: Some(sources::CONCURRENCY),
                    ..Step::PLAIN
                },
                Step {
                    title: "Take it over",
                    text: "In the settings, under “Load and concurrency”: raise the reserve to 8, let the client try again, or keep five environments provisioned, and look at the cold starts.",
                    look: Look::Settings,
                    at: At::End,
                    source: Some(sources::PROVISIONED),
                    ..Step::PLAIN
                },
            ]
        }
    },
};
