//! Share links: a scenario, and what it needs, as text for a URL's fragment, which browsers send to no server.
//!
//! `1.<data>` where `data` is the URL-safe base64, without padding, of the raw DEFLATE (RFC 1951) of a JSON object. The
//! number is the format's version; readers read every older one. Links come from anywhere and are read as hostile.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ModuleHash, Scenario, from_json, to_json};
use crate::problem::Problem;

/// The version that is written.
const VERSION: &str = "1";

/// The largest module that travels inside a link, in bytes. Browsers take URLs of megabytes, but chats and mails cut them.
pub const MODULE_BYTES: usize = 32 * 1024;

/// The longest link that is read, in bytes.
const LINK_BYTES: usize = 1024 * 1024;

/// The most that a link may unfold to, in bytes.
const UNFOLDED_BYTES: u64 = 8 * 1024 * 1024;

/// The most modules of further functions that are read.
const MOST_MODULES: usize = 100;

/// What a link carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// The scenario.
    pub scenario: Scenario,
    /// What the function is called on the page.
    pub name: String,
    /// Where its code is.
    pub code: SharedCode,
    /// The modules that further functions run, when they are others.
    pub others: Vec<SharedModule>,
    /// What stood in the editor and was not sent yet; only in what a page keeps for itself.
    pub draft: Option<Draft>,
}

/// A module that a further function runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedModule {
    /// What the scenario calls it.
    pub module: ModuleHash,
    /// What it is called on the page.
    pub name: String,
    /// Where its code is.
    pub code: SharedCode,
}

/// An event that was not sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The trigger's id.
    pub trigger: String,
    /// The event's text.
    pub event: String,
}

/// Where the code of a shared scenario is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedCode {
    /// One of the page's examples, by its id.
    Example(String),
    /// In the link.
    Inline(Vec<u8>),
    /// With whoever opens the link: the scenario names the file's SHA-256.
    Elsewhere,
    /// Where its author keeps it: an address that [`address`] takes. The scenario names the file's SHA-256, so whatever comes
    /// from there is checked.
    At(String),
}

/// The longest address of a function, in bytes.
const ADDRESS_BYTES: usize = 2_000;

/// An address as authors give it: a path beside the playground, or a whole one with `https` (`http` on this machine only).
/// Nothing else: no scripts, no data, no names and passwords. None when it is not such a one.
pub fn address(text: &str) -> Option<&str> {
    let text = text.trim();
    let plain = !text.is_empty()
        && text.len() <= ADDRESS_BYTES
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b));
    if !plain {
        return None;
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        // A path; one that begins with two slashes would be another host's.
        let path = text.split(['?', '#']).next().unwrap_or_default();
        return (!text.starts_with("//") && !path.contains(':')).then_some(text);
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let known = scheme == "https" || scheme == "http" && here;
    (known && !name.is_empty() && !host.contains('@')).then_some(text)
}

impl SharedCode {
    /// A module that a visitor brought: in the link when it is small enough.
    pub fn of_upload(bytes: &[u8]) -> Self {
        if bytes.len() <= MODULE_BYTES {
            Self::Inline(bytes.to_vec())
        } else {
            Self::Elsewhere
        }
    }
}

fn object(shared: &Shared) -> Value {
    let mut object = json!({
        "scenario": serde_json::from_str::<Value>(&to_json(&shared.scenario)).unwrap_or_default(),
        "name": shared.name,
    });
    write_code(&shared.code, &mut object);
    if !shared.others.is_empty() {
        let others = shared.others.iter().map(|other| {
            let mut object = json!({"sha256": other.module.0, "name": other.name});
            write_code(&other.code, &mut object);
            object
        });
        object["modules"] = others.collect();
    }
    if let Some(draft) = &shared.draft {
        object["draft"] = json!({"trigger": draft.trigger, "event": draft.event});
    }
    object
}

fn write_code(code: &SharedCode, object: &mut Value) {
    match code {
        SharedCode::Example(id) => object["example"] = id.as_str().into(),
        SharedCode::Inline(bytes) => object["wasm"] = STANDARD.encode(bytes).into(),
        SharedCode::Elsewhere => {}
        SharedCode::At(address) => object["function_url"] = address.as_str().into(),
    }
}

/// Where an object's code is; damaged code is elsewhere.
fn read_code(object: &Value, place: &str, problems: &mut Vec<Problem>) -> SharedCode {
    let text_at = |key: &str| object.get(key).and_then(Value::as_str);
    match (text_at("example"), text_at("wasm")) {
        (Some(id), _) => SharedCode::Example(id.to_owned()),
        (None, Some(wasm)) => match STANDARD.decode(wasm) {
            Ok(bytes) => SharedCode::Inline(bytes),
            Err(_) => {
                problems.push(Problem::warning(
                    "link.module",
                    place,
                    "The function in the link is damaged.",
                    "Drop its file on the page.",
                ));
                SharedCode::Elsewhere
            }
        },
        (None, None) => match text_at("function_url").map(|text| (text, address(text))) {
            Some((_, Some(known))) => SharedCode::At(known.to_owned()),
            Some((text, None)) => {
                problems.push(Problem::warning(
                    "link.address",
                    place.replace("wasm", "function_url"),
                    format!("The function's address, {text:.80}, is none that the playground takes."),
                    "Write a path beside the playground, or an address with https. Until then, drop the file on the page.",
                ));
                SharedCode::Elsewhere
            }
            None => SharedCode::Elsewhere,
        },
    }
}

/// A name that a page may show: no control characters, not too long.
fn read_name(object: &Value) -> String {
    let name = object.get("name").and_then(Value::as_str);
    let name = name.unwrap_or("shared.wasm").chars();
    name.filter(|c| !c.is_control()).take(128).collect()
}

/// The file with the JSON Schema of what [`to_file`] writes; it lies beside the page.
pub const SCHEMA: &str = "scenario-v2.schema.json";

/// The same as a file that people can read, with the function in it whatever its size. `schema` is the address of its JSON
/// Schema, for editors.
pub fn to_file(shared: &Shared, schema: &str) -> String {
    let mut file = json!({"$schema": schema});
    if let (Some(file), Value::Object(members)) = (file.as_object_mut(), object(shared)) {
        file.extend(members);
    }
    // An object of texts and numbers: there is nothing in it that cannot be written.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

/// Reads what [`to_file`] writes, and a scenario alone as well.
///
/// # Errors
/// When nothing of it can be used. What can be used in part comes with its problems.
pub fn from_file(text: &str) -> Result<(Shared, Vec<Problem>), Problem> {
    let broken = |cause: String| {
        Problem::error(
            "file.broken",
            "",
            format!("The file is no scenario: {cause}."),
            "Take a file that the playground has saved, or write one after its JSON Schema.",
        )
    };
    let value: Value = serde_json::from_str(text).map_err(|error| broken(error.to_string()))?;
    if value.get("scenario").is_some() {
        return from_object(&value).ok_or_else(|| broken("there is no scenario in it".to_owned()));
    }
    if value.get("version").is_none() {
        return Err(broken("it has neither scenario nor version".to_owned()));
    }
    from_object(&json!({"scenario": value, "name": "function.wasm"}))
        .ok_or_else(|| broken("it is no object".to_owned()))
}

/// The link's text.
pub fn to_link(shared: &Shared) -> String {
    let text = object(shared).to_string();
    let mut packed = Vec::new();
    // Reading from memory into memory does not fail.
    let _ = DeflateEncoder::new(text.as_bytes(), Compression::best()).read_to_end(&mut packed);
    format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(packed))
}

/// Reads a link's text.
///
/// # Errors
/// When nothing of it can be used. What can be used in part comes with its problems.
pub fn from_link(link: &str) -> Result<(Shared, Vec<Problem>), Problem> {
    let broken = |cause: &str| {
        Problem::error(
            "link.broken",
            "",
            format!("The link cannot be opened: {cause}."),
            "It may have been cut off on its way; ask for it again, as a file if need be.",
        )
    };
    if link.len() > LINK_BYTES {
        return Err(broken("it is longer than any that the playground makes"));
    }
    let Some((version, data)) = link.split_once('.') else {
        return Err(broken("it does not begin with a version"));
    };
    if version != VERSION {
        return Err(Problem::error(
            "link.version",
            "",
            format!("The link is of version {version:.8}; this page reads version {VERSION}."),
            "Load the page again to get its latest version.",
        ));
    }
    let packed = URL_SAFE_NO_PAD
        .decode(data.trim_end_matches('='))
        .map_err(|_| broken("there are characters in it that do not belong there"))?;
    let mut text = String::new();
    DeflateDecoder::new(packed.as_slice())
        .take(UNFOLDED_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|_| broken("its data is damaged"))?;
    if text.len() as u64 > UNFOLDED_BYTES {
        return Err(broken("it unfolds to more than 8 MB"));
    }
    let object: Value = serde_json::from_str(&text).map_err(|_| broken("its data is no JSON"))?;
    from_object(&object).ok_or_else(|| broken("there is no scenario in it"))
}

fn from_object(object: &Value) -> Option<(Shared, Vec<Problem>)> {
    let scenario = object.get("scenario").filter(|it| it.is_object())?;
    let (scenario, mut problems) = from_json(&scenario.to_string());
    let code = read_code(object, "wasm", &mut problems);
    let others = object.get("modules").and_then(Value::as_array);
    let others = others
        .into_iter()
        .flatten()
        .take(MOST_MODULES)
        .enumerate()
        .filter_map(|(index, other)| {
            Some(SharedModule {
                module: ModuleHash(other.get("sha256")?.as_str()?.to_owned()),
                name: read_name(other),
                code: read_code(other, &format!("modules[{index}].wasm"), &mut problems),
            })
        })
        .collect();
    let name = read_name(object);
    Some((
        Shared {
            scenario,
            name,
            code,
            others,
            draft: object
                .get("draft")
                .and_then(|draft| Draft::deserialize(draft).ok()),
        },
        problems,
    ))
}

/// What is missing when the code is elsewhere.
pub fn file_wanted(name: &str, module: &ModuleHash, code: &SharedCode) -> Problem {
    let hash: String = module.0.chars().take(12).collect();
    if let SharedCode::At(address) = code {
        return Problem::warning(
            "link.file",
            "",
            format!(
                "The link's function, {name}, is kept at {address}. The playground itself asks no other host than its own."
            ),
            format!(
                "Open that address if you trust it, and drop the file here; its SHA-256 begins with {hash}."
            ),
        );
    }
    Problem::warning(
        "link.file",
        "",
        format!("The link's function, {name}, was too large to travel in it."),
        format!("Drop the file here; its SHA-256 begins with {hash}."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shared(code: SharedCode) -> Shared {
        let scenario = Scenario {
            module: ModuleHash("ab".repeat(32)),
            ..Scenario::default()
        };
        Shared {
            scenario,
            name: "my.wasm".to_owned(),
            others: vec![
                SharedModule {
                    module: ModuleHash("cd".repeat(32)),
                    name: "other.wasm".to_owned(),
                    code: code.clone(),
                },
                SharedModule {
                    module: ModuleHash("ef".repeat(32)),
                    name: "hello".to_owned(),
                    code: SharedCode::Example("hello".to_owned()),
                },
            ],
            code,
            draft: Some(Draft {
                trigger: "sqs".to_owned(),
                event: "{\"a\":".to_owned(),
            }),
        }
    }

    #[test]
    fn a_link_brings_back_what_went_in() {
        for code in [
            SharedCode::Example("hello".to_owned()),
            SharedCode::of_upload(&[0, 97, 115, 109, 255]),
            SharedCode::of_upload(&vec![7; MODULE_BYTES + 1]),
            SharedCode::At("https://docs.example.com/orders.wasm".to_owned()),
        ] {
            let shared = shared(code);
            let link = to_link(&shared);
            assert!(
                link.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
            );
            assert_eq!(from_link(&link), Ok((shared, Vec::new())));
        }
    }

    #[test]
    fn a_file_brings_back_what_went_in_and_a_bare_scenario_is_one_too() {
        for code in [
            SharedCode::Example("hello".to_owned()),
            SharedCode::Inline(vec![7; 4 * MODULE_BYTES]),
            SharedCode::Elsewhere,
        ] {
            let shared = shared(code);
            assert_eq!(
                from_file(&to_file(&shared, SCHEMA)),
                Ok((shared, Vec::new()))
            );
        }
        let scenario = Scenario::default();
        let (bare, problems) = from_file(&to_json(&scenario)).unwrap();
        assert_eq!((bare.scenario, problems), (scenario, Vec::new()));
        for text in ["", "7", "[]", "{}", "{\"scenario\": 7}", "not json"] {
            let problem = from_file(text).unwrap_err();
            assert_eq!(problem.code, "file.broken", "{text}");
        }
    }

    #[test]
    fn addresses_are_paths_or_https() {
        for good in [
            "functions/orders.wasm",
            "/lib/orders.wasm?v=3",
            "https://docs.example.com/a.wasm",
            "http://localhost:8080/a.wasm",
        ] {
            assert_eq!(address(good), Some(good));
        }
        for bad in [
            "",
            "//evil.example/a.wasm",
            "javascript:alert(1)",
            "data:application/wasm,x",
            "http://example.com/a.wasm",
            "https://me:secret@example.com/a.wasm",
            "https:///a.wasm",
            "https://example.com/<script>",
            "a b.wasm",
        ] {
            assert_eq!(address(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_link_of_the_future_says_so() {
        let problem = from_link("2.abc").unwrap_err();
        assert_eq!(problem.code, "link.version");
    }

    #[test]
    fn a_bomb_is_not_unfolded() {
        let zeros = vec![b' '; 64 * 1024 * 1024];
        let mut packed = Vec::new();
        DeflateEncoder::new(zeros.as_slice(), Compression::best())
            .read_to_end(&mut packed)
            .unwrap();
        let link = format!("1.{}", URL_SAFE_NO_PAD.encode(packed));
        assert!(link.len() < LINK_BYTES);
        assert!(from_link(&link).unwrap_err().to_string().contains("8 MB"));
    }

    proptest! {
        #[test]
        fn whatever_a_link_says_nothing_panics(data in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let _ = from_link(&format!("1.{}", URL_SAFE_NO_PAD.encode(&data)));
            let link = to_link(&shared(SharedCode::Elsewhere));
            let _ = from_link(link.get(..cut.min(link.len())).unwrap_or_default());
            let _ = from_link(&String::from_utf8_lossy(&data));
        }
    }
}
