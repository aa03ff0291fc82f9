//! What an embed is to show: a function, its trigger, event and settings, read from whatever an author wrote.

use serde_json::{Map, Value};

use super::settings;
use crate::problem::Problem;
use crate::sim::SimTime;
use crate::trigger::names::NAMES;
use crate::ui::catalogue;
use crate::ui::model::{Setting, Speed};

/// What is wanted. What is not there stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// Another function.
    pub code: Option<Code>,
    /// The trigger's id.
    pub trigger: Option<String>,
    /// The event's text.
    pub event: Option<String>,
    /// Settings of the function.
    pub settings: Vec<Setting>,
    /// Where the cursor stands after the next run.
    pub at: Option<SimTime>,
    /// How fast it moves.
    pub speed: Option<Speed>,
    /// Run, once everything is there.
    pub run: bool,
}

/// Where the function is.
#[derive(Debug, Clone, PartialEq)]
pub enum Code {
    /// In a share link, with a whole scenario.
    Link(String),
    /// One of the page's examples, by its id.
    Example(String),
    /// Here: a module, or WebAssembly text.
    File {
        /// What the page calls it.
        name: String,
        /// Its content.
        bytes: Vec<u8>,
    },
    /// Beside the page, at this relative address.
    Beside(String),
}

/// Every key that is read. `run` and `autorun` are the same.
const KEYS: &[&str] = &[
    "scenario", "s", "example", "wat", "name", "function", "trigger", "event", "memory", "timeout",
    "settings", "at", "speed", "run", "autorun",
];

/// The longest name of a function, in characters.
const NAME_CHARS: usize = 128;

impl Changes {
    /// Reads an object's keys, except those that are the caller's own; `bytes` is a function that came beside it. What
    /// cannot be used is left out and told.
    pub fn read(
        object: &Map<String, Value>,
        bytes: Option<Vec<u8>>,
        not_ours: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Self {
        for key in object.keys() {
            let key = key.as_str();
            if !KEYS.contains(&key) && !not_ours.contains(&key) {
                problems.push(left_out(
                    key,
                    "Nothing is known by that name",
                    "Look it up in the embedding guide",
                ));
            }
        }
        let mut changes = Self {
            code: code(object, bytes, problems),
            ..Self::default()
        };
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        if let Some(id) = text("trigger") {
            if NAMES.iter().any(|named| named.id == id) {
                changes.trigger = Some(id.to_owned());
            } else {
                problems.push(left_out(
                    "trigger",
                    &format!("There is no trigger {id:.40}"),
                    "Take an id of the table in the embedding guide, such as direct, sqs or api-gateway-http",
                ));
            }
        }
        changes.event = object.get("event").map(|event| match event {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        });
        match object.get("settings").map(as_object) {
            Some(Some(object)) => changes.settings = settings::read(&object, problems),
            Some(None) => problems.push(left_out(
                "settings",
                "It is no JSON object",
                "Write {\"timeout\": 3}",
            )),
            None => {}
        }
        for key in ["memory", "timeout"] {
            match object
                .get(key)
                .and_then(|value| settings::setting(key, value))
            {
                Some(Ok(setting)) => changes.settings.push(setting),
                Some(Err(wanted)) => {
                    problems.push(left_out(
                        key,
                        "Lambda does not take that value",
                        &format!("Give it {wanted}"),
                    ));
                }
                None => {}
            }
        }
        if let Some(at) = object.get("at") {
            changes.at = as_moment(at);
            if changes.at.is_none() {
                problems.push(left_out(
                    "at",
                    "It is no moment",
                    "Write 62s, 150ms, or whole nanoseconds as text",
                ));
            }
        }
        if let Some(key) = text("speed") {
            changes.speed = Speed::by_key(key);
            if changes.speed.is_none() {
                let known: Vec<&str> = Speed::ALL.iter().map(|(_, key, _)| *key).collect();
                problems.push(left_out(
                    "speed",
                    "There is no such speed",
                    &format!("Take one of {}", known.join(", ")),
                ));
            }
        }
        changes.run = ["run", "autorun"]
            .iter()
            .any(|key| object.get(*key).and_then(settings::boolean) == Some(true));
        changes
    }
}

fn left_out(place: &str, cause: &str, cure: &str) -> Problem {
    Problem::warning(
        "embed.value",
        format!("{place:.40}"),
        format!("{cause}; it is left out."),
        format!("{cure}."),
    )
}

/// The function, from the first of the ways that is there.
fn code(
    object: &Map<String, Value>,
    bytes: Option<Vec<u8>>,
    problems: &mut Vec<Problem>,
) -> Option<Code> {
    let text = |key: &str| {
        object
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    };
    let name = |usual: &str| -> String {
        let name = text("name").unwrap_or(usual);
        name.chars()
            .filter(|c| !c.is_control())
            .take(NAME_CHARS)
            .collect()
    };
    if let Some(bytes) = bytes {
        return Some(Code::File {
            name: name("function.wasm"),
            bytes,
        });
    }
    if let Some(link) = text("scenario").or_else(|| text("s")) {
        // A whole address is what people copy.
        let link = link.split_once("#s=").map_or(link, |(_, link)| link);
        // A guide's name keeps its prefix: that is what tells it from a scenario.
        let link = link.split_once('#').map_or(link, |(_, link)| link);
        let link = link.split('&').next().unwrap_or(link);
        return Some(Code::Link(link.trim().to_owned()));
    }
    if let Some(wat) = text("wat") {
        return Some(Code::File {
            name: name("function.wat"),
            bytes: wat.as_bytes().to_vec(),
        });
    }
    if let Some(path) = text("function") {
        if is_beside(path) {
            return Some(Code::Beside(path.to_owned()));
        }
        problems.push(left_out(
            "function",
            "The frame fetches functions from beside the playground only",
            "Give a relative address, or use the <lambda-playground> element, which fetches it from your page",
        ));
    }
    let id = text("example")?;
    if catalogue::by_id(id).is_none() {
        let known: Vec<&str> = catalogue::all()
            .iter()
            .map(|example| example.id.as_str())
            .collect();
        problems.push(left_out(
            "example",
            &format!("There is no example {id:.40}"),
            &format!("Take one of {}", known.join(", ")),
        ));
        return None;
    }
    Some(Code::Example(id.to_owned()))
}

/// Whether an address stays within the playground's own folder.
fn is_beside(path: &str) -> bool {
    path.split('/')
        .all(|part| !part.is_empty() && part != ".." && part != ".")
        && path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b))
}

/// An object, also as JSON text.
fn as_object(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// A moment as text, or as a whole number of nanoseconds.
pub(super) fn as_moment(value: &Value) -> Option<SimTime> {
    match value {
        Value::String(text) => moment(text),
        other => other.as_u64().map(SimTime::from_nanos),
    }
}

/// Reads a virtual time: a decimal number and one of `ns`, `us`, `ms`, `s`, `min`, `h`; without a unit whole
/// nanoseconds. Exact: no floating point is involved.
pub fn moment(text: &str) -> Option<SimTime> {
    let text = text.trim();
    let split = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(split)?;
    let scale: u64 = match unit.trim() {
        "" | "ns" => 1,
        "us" | "µs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "min" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut nanos = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let mut worth = scale;
    for digit in fraction.chars() {
        worth /= 10;
        nanos = nanos.checked_add(u64::from(digit.to_digit(10)?).checked_mul(worth)?)?;
    }
    Some(SimTime::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn read(value: Value) -> (Changes, Vec<Problem>) {
        let mut problems = Vec::new();
        let object = value.as_object().cloned().unwrap_or_default();
        (Changes::read(&object, None, &[], &mut problems), problems)
    }

    #[test]
    fn moments_are_exact() {
        for (text, nanos) in [
            ("62s", 62_000_000_000),
            ("1.5 s", 1_500_000_000),
            ("0.000000001s", 1),
            ("150ms", 150_000_000),
            ("2min", 120_000_000_000),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(moment(text), Some(SimTime::from_nanos(nanos)), "{text}");
        }
        for text in [
            "",
            "s",
            "-1s",
            "1e9",
            "1.2.3s",
            "18446744073709551616",
            "999999999999h",
            "1d",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    #[test]
    fn attributes_and_json_mean_the_same() {
        let written = json!({"example": "primes", "trigger": "sqs", "event": "{\"n\":1}", "memory": "512", "settings": "{\"retries\":1}", "at": "62s", "autorun": ""});
        let typed = json!({"example": "primes", "trigger": "sqs", "event": {"n": 1}, "memory": 512, "settings": {"retries": 1}, "at": 62_000_000_000_u64, "run": true});
        let (changes, problems) = read(written);
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(read(typed), (changes.clone(), Vec::new()));
        assert_eq!(
            changes.settings,
            [Setting::Retries(1), Setting::Memory(512)]
        );
        assert!(changes.run);
    }

    #[test]
    fn a_copied_address_is_a_scenario() {
        let (changes, _) = read(json!({"scenario": "https://play.example/#s=1.abc&t=5"}));
        assert_eq!(changes.code, Some(Code::Link("1.abc".to_owned())));
        let (changes, _) = read(json!({"scenario": "https://play.example/#guide=tour.2"}));
        assert_eq!(changes.code, Some(Code::Link("guide=tour.2".to_owned())));
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for address in [
            "https://evil.example/a.wasm",
            "//evil.example/a.wasm",
            "/a.wasm",
            "../a.wasm",
            "a/../../b.wasm",
            "a\\b",
            "data:,x",
            "functions//x",
            "%2e%2e/x",
        ] {
            let (changes, problems) = read(json!({"function": address}));
            assert_eq!(changes.code, None, "{address}");
            assert_eq!(problems[0].place, "function");
        }
        let (changes, _) = read(json!({"function": "functions/mine/a.wasm"}));
        assert_eq!(
            changes.code,
            Some(Code::Beside("functions/mine/a.wasm".to_owned()))
        );
    }

    #[test]
    fn what_is_not_known_is_left_out_and_told() {
        let (changes, problems) = read(json!({
            "example": "<img src=x>", "trigger": "carrier-pigeon", "memory": 1, "settings": [], "at": "soon",
            "speed": "warp", "onload": "alert(1)",
        }));
        assert_eq!(changes, Changes::default());
        assert_eq!(problems.len(), 7, "{problems:?}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_nothing_panics(key in prop::sample::select(KEYS), text in ".{0,60}", number in any::<f64>()) {
            let _ = read(json!({ key: text }));
            let _ = read(json!({ key: number }));
            let _ = read(json!({ key: { text.clone(): number }, "settings": { text.clone(): text } }));
            let _ = moment(&text);
        }
    }
}
