//! What the host says: one object a message, read as hostile.
//!
//! `{lambdaPlayground: 1, type: "seek", id: 7, ns: "62000000000"}`. The version comes first, `id` is answered with
//! `replyTo`, everything else depends on the type.

use serde_json::{Map, Value};

use super::changes::as_moment;
use super::{Changes, FUNCTION_BYTES, TEXT_BYTES, Theme, VERSION};
use crate::problem::Problem;
use crate::sim::SimTime;
use crate::ui::model::Speed;

/// A message, with the number that its answer carries.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// Names the answer; none when no answer is wanted.
    pub id: Option<u64>,
    /// What is wanted.
    pub request: Request,
    /// What was left out of it.
    pub problems: Vec<Problem>,
}

/// What a host may ask for.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// The first message, to the window: a port is sent back.
    Hello,
    /// Show this.
    Set(Box<Changes>),
    /// One more request.
    Run,
    /// Stop the run in progress.
    Cancel,
    /// Forget the requests so far.
    StartOver,
    /// Back to what the author wrote.
    Reset,
    /// Let the clock run.
    Play,
    /// Stop the clock.
    Pause,
    /// Go to a moment.
    Seek(SimTime),
    /// Go to the next (1) or previous (-1) event.
    StepEvent(i8),
    /// Go to the next (1) or previous (-1) invocation.
    StepAttempt(i8),
    /// How fast the clock runs.
    Speed(Speed),
    /// Light or dark.
    Theme(Theme),
    /// A link of the scenario as it is.
    GetScenario,
}

/// What a host may ask for, by name: a host learns it with the answer to its hello.
pub const TYPES: &[&str] = &[
    "set",
    "run",
    "cancel",
    "startOver",
    "reset",
    "play",
    "pause",
    "seek",
    "step",
    "speed",
    "theme",
    "getScenario",
];

/// Reads a message's JSON; `bytes` is a function that came with it.
///
/// # Errors
/// When it cannot be done at all, with the number that the answer carries, when there is one.
pub fn read(text: &str, bytes: Option<Vec<u8>>) -> Result<Envelope, (Option<u64>, Problem)> {
    let wrong =
        |place: &str, cause: &str, cure: &str| Problem::error("embed.message", place, cause, cure);
    if text.len() > TEXT_BYTES {
        return Err((
            None,
            wrong(
                "",
                "The message is larger than 8 MB.",
                "Send a large function as bytes.",
            ),
        ));
    }
    let Ok(Value::Object(object)) = serde_json::from_str(text) else {
        return Err((
            None,
            wrong("", "The message is no object.", "Send a plain object."),
        ));
    };
    let id = object.get("id").and_then(Value::as_u64);
    let fail = |problem| Err((id, problem));
    if object.get("lambdaPlayground").and_then(Value::as_u64) != Some(VERSION.into()) {
        return fail(Problem::error(
            "embed.version",
            "lambdaPlayground",
            "The message is not of version 1 of the protocol.",
            "Send lambdaPlayground: 1.",
        ));
    }
    if bytes
        .as_ref()
        .is_some_and(|bytes| bytes.len() > FUNCTION_BYTES)
    {
        return fail(wrong(
            "bytes",
            "The function is larger than 64 MiB.",
            "Strip debug information, or optimise for size.",
        ));
    }
    let mut problems = Vec::new();
    let kind = object
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let request = match kind {
        "hello" => Request::Hello,
        "set" => Request::Set(Box::new(Changes::read(
            &object,
            bytes,
            ENVELOPE,
            &mut problems,
        ))),
        "run" => Request::Run,
        "cancel" => Request::Cancel,
        "startOver" => Request::StartOver,
        "reset" => Request::Reset,
        "play" => Request::Play,
        "pause" => Request::Pause,
        "getScenario" => Request::GetScenario,
        "seek" => match object.get("ns").and_then(as_moment) {
            Some(at) => Request::Seek(at),
            None => {
                return fail(wrong(
                    "ns",
                    "It is no moment.",
                    "Send whole nanoseconds as text, or 62s.",
                ));
            }
        },
        "step" => step(&object).ok_or_else(|| {
            (
                id,
                wrong(
                    "by",
                    "There is no such step.",
                    "Send by: \"event\" or \"invocation\", and direction: 1 or -1.",
                ),
            )
        })?,
        "speed" => match text_at(&object, "speed").and_then(Speed::by_key) {
            Some(speed) => Request::Speed(speed),
            None => {
                return fail(wrong(
                    "speed",
                    "There is no such speed.",
                    "Send whole, real or another of the guide's names.",
                ));
            }
        },
        "theme" => match text_at(&object, "theme").and_then(Theme::of_key) {
            Some(theme) => Request::Theme(theme),
            None => {
                return fail(wrong(
                    "theme",
                    "There is no such theme.",
                    "Send auto, light or dark.",
                ));
            }
        },
        other => {
            return fail(Problem::error(
                "embed.type",
                "type",
                format!("This playground does not know messages of type \"{other:.40}\"."),
                "The answer to hello names those it knows.",
            ));
        }
    };
    Ok(Envelope {
        id,
        request,
        problems,
    })
}

/// Keys of the envelope itself.
const ENVELOPE: &[&str] = &["lambdaPlayground", "type", "id"];

fn text_at<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

fn step(object: &Map<String, Value>) -> Option<Request> {
    let direction = match object.get("direction").and_then(Value::as_i64) {
        Some(-1) => -1,
        Some(1) | None => 1,
        _ => return None,
    };
    match text_at(object, "by") {
        Some("event") | None => Some(Request::StepEvent(direction)),
        Some("invocation") => Some(Request::StepAttempt(direction)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn ask(value: Value) -> Result<Envelope, (Option<u64>, Problem)> {
        read(&value.to_string(), None)
    }

    #[test]
    fn times_are_whole_nanoseconds_as_text() {
        let message =
            json!({"lambdaPlayground": 1, "id": 7, "type": "seek", "ns": "9007199254740993"});
        let envelope = ask(message).unwrap();
        assert_eq!(envelope.id, Some(7));
        assert_eq!(
            envelope.request,
            Request::Seek(SimTime::from_nanos(9_007_199_254_740_993))
        );
    }

    #[test]
    fn every_type_that_is_announced_is_known() {
        for kind in TYPES {
            let message = json!({"lambdaPlayground": 1, "type": kind, "ns": "0", "speed": "real", "theme": "dark"});
            assert!(ask(message).is_ok(), "{kind}");
        }
    }

    #[test]
    fn a_message_of_another_version_or_type_is_answered_with_what_is_wrong() {
        for (message, code) in [
            (
                json!({"lambdaPlayground": 2, "id": 1, "type": "run"}),
                "embed.version",
            ),
            (json!({"id": 1, "type": "run"}), "embed.version"),
            (
                json!({"lambdaPlayground": 1, "id": 1, "type": "eval"}),
                "embed.type",
            ),
            (json!({"lambdaPlayground": 1, "id": 1}), "embed.type"),
            (
                json!({"lambdaPlayground": 1, "id": 1, "type": "seek", "ns": -5}),
                "embed.message",
            ),
            (
                json!({"lambdaPlayground": 1, "id": 1, "type": "step", "direction": 9}),
                "embed.message",
            ),
            (
                json!({"lambdaPlayground": 1, "id": 1, "type": "theme", "theme": "red;background:url(//x)"}),
                "embed.message",
            ),
        ] {
            let (id, problem) = ask(message).unwrap_err();
            assert_eq!((id, problem.code.as_str()), (Some(1), code));
        }
        assert_eq!(ask(json!([1, 2])).unwrap_err().1.code, "embed.message");
    }

    #[test]
    fn what_is_nested_too_deep_is_not_followed() {
        let deep = format!(
            "{{\"lambdaPlayground\":1,\"event\":{}{}}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        assert!(read(&deep, None).is_err());
    }

    #[test]
    fn a_function_comes_as_bytes_beside_the_message() {
        let message =
            json!({"lambdaPlayground": 1, "type": "set", "name": "orders\u{7}.wasm", "run": true});
        let envelope = read(&message.to_string(), Some(vec![0, 97])).unwrap();
        let Request::Set(changes) = envelope.request else {
            panic!("a set");
        };
        assert!(changes.run);
        assert_eq!(
            changes.code,
            Some(super::super::Code::File {
                name: "orders.wasm".to_owned(),
                bytes: vec![0, 97]
            })
        );
    }

    proptest! {
        #[test]
        fn whatever_a_host_says_nothing_panics(text in ".{0,200}", kind in prop::sample::select(TYPES), key in "[a-zA-Z]{1,12}") {
            let _ = read(&text, None);
            let _ = ask(json!({"lambdaPlayground": 1, "type": kind, key.as_str(): text}));
            let _ = ask(json!({"lambdaPlayground": 1, "type": kind, "ns": text, "by": text, "speed": text, "event": text}));
        }
    }
}
