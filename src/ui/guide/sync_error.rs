//! A synchronous call with an error: who tries again.

use super::{At, Event, Guide, Look, Play, Request, Step, What};
use crate::ui::sources;

const BAD: Event = Event::Text(
    r#"{
  "order": 17,
  "note": "poison"
}"#,
);

pub static GUIDE: Guide = Guide {
    id: "sync-error",
    title: "Synchronous, with an error: who tries again?",
    summary: "A program calls the function and waits. The function fails. Lambda does nothing about it; the caller may.",
    play: || {
        const {
            Play {
                example: "picky",
                settings: r#"{"version":2,"function":{"name":"picky","memory":128,"timeout":3}}"#,
                requests: &[
                    Request {
                        at_ms: 0,
                        trigger: "direct",
                        event: BAD,
                    },
                    Request {
                        at_ms: 1_000,
                        trigger: "direct",
                        event: BAD,
                    },
                ],
            }
        }
    },
    steps: || {
        const {
            &[
                Step {
                    title: "A program calls, and waits",
                    text: "An SDK's `Invoke` is synchronous unless told otherwise. The caller waits for the function's own answer.",
                    look: Look::Picture,
                    at: At::Nth(What::InvokeStarted, 1),
                    source: Some(sources::SYNCHRONOUS),
                    ..Step::PLAIN
                },
                Step {
                    title: "The function fails",
                    text: "This function fails for every event that says “poison”. It reports an error of its own, so its process lives on and the environment stays warm.",
                    look: Look::Log,
                    at: At::Nth(What::InvokeFinished, 1),
                    source: Some(sources::RETRIES),
                    ..Step::PLAIN
                },
                Step {
                    title: "The status is 200 all the same",
                    text: "The status says whether Lambda could run the function, and it could. That it failed stands in the header `X-Amz-Function-Error` and in the body. Whoever looks at the status alone believes that all is well.",
                    look: Look::Result,
                    at: At::Nth(What::CallerSaw, 1),
                    source: Some(sources::INVOKE),
                    ..Step::PLAIN
                },
                Step {
                    title: "Lambda leaves it at that",
                    text: "After a synchronous call Lambda never tries again: there is no queue and no retry. The SDKs repeat calls that Lambda refused, but this one was answered with 200.",
                    look: Look::Timeline,
                    at: At::Nth(What::CallerSaw, 1),
                    source: Some(sources::RETRIES),
                    ..Step::PLAIN
                },
                Step {
                    title: "So the caller calls again",
                    text: "A second later the program calls once more by itself. For Lambda that is a new invocation with a request id of its own; the environment is warm, and the event is as bad as before.",
                    look: Look::Invocations,
                    at: At::Nth(What::InvokeFinished, 2),
                    source: Some(sources::SYNCHRONOUS),
                    ..Step::PLAIN
                },
                Step {
                    title: "Take it over",
                    text: "Take the word “poison” out of the event on the left and press Run: a third call, which succeeds. Or choose “Direct invocation, asynchronous”, and see what Lambda does when nobody waits.",
                    look: Look::Trigger,
                    at: At::End,
                    ..Step::PLAIN
                },
            ]
        }
    },
};
