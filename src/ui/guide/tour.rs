//! The tour of the page.

use super::{At, Event, Guide, Look, Play, Request, Step, What};

pub static GUIDE: Guide = Guide {
    id: "tour",
    title: "A tour of the page",
    summary: "Where things are: one request through a function, in seven short steps.",
    play: || {
        const {
            Play {
                example: "hello",
                settings: r#"{"version":2,"function":{"name":"hello","memory":128,"timeout":3}}"#,
                requests: &[Request {
                    at_ms: 0,
                    trigger: "api-gateway-http",
                    event: Event::Form(&[]),
                }],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "A function and what calls it",
                    text: "On the left you choose a function, an example or a file of your own, and what calls it. This one is twenty lines of WebAssembly, and an HTTP API calls it. The function really runs, here in your browser; nothing is uploaded.",
                    look: Look::Function,
                    at: At::Start,
                    ..Step::PLAIN
                },
                Step {
                    title: "The service, at one moment",
                    text: "This is Lambda at the moment where the clock stands: who called, who waits, and the environments in which the function lives. A request has just arrived.",
                    look: Look::Picture,
                    at: At::Nth(What::Received, 1),
                    ..Step::PLAIN
                },
                Step {
                    title: "The clock is yours",
                    text: "Time here is Lambda's, not yours. Play it, stop it, turn it back; a wait of minutes is skipped in a moment. The keys `,` and `.` go from event to event, and the space bar plays.",
                    look: Look::Clock,
                    at: At::Nth(What::InitFinished, 1),
                    ..Step::PLAIN
                },
                Step {
                    title: "The whole run, side by side",
                    text: "Every environment has a lane, and so has whoever waits. Blue is Init, orange the handler. Drag over it to move the clock, click a bar to look at its invocation.",
                    look: Look::Timeline,
                    at: At::Nth(What::InvokeStarted, 1),
                    ..Step::PLAIN
                },
                Step {
                    title: "What came of it",
                    text: "The result in the console's words: what the caller saw beside what Lambda answered, the event, the numbers of the REPORT line, where each millisecond went, and why.",
                    look: Look::Result,
                    at: At::End,
                    ..Step::PLAIN
                },
                Step {
                    title: "Memory is also CPU",
                    text: "Move this slider: everything is run again at once with the new size, and the page says what changed.",
                    look: Look::Memory,
                    at: At::End,
                    ..Step::PLAIN
                },
                Step {
                    title: "Where to go on",
                    text: "Run sends one more request. “Guides” has ten more stories like this one, about cold starts, retries, queues and throttling, and the question mark has every key. All of them are live: change whatever you like, at any step.",
                    look: Look::Header,
                    at: At::End,
                    ..Step::PLAIN
                },
            ]
        }
    },
};
