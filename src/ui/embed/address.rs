//! The fragment of an embed's address: `#embed=1&view=timeline&example=primes&memory=512`.
//!
//! It is never sent to a server. Keys and values are percent-encoded as in a query; the frame alone, without the element
//! and without a message, can say everything with it.

use serde_json::{Map, Value};

use super::{Changes, TEXT_BYTES, Theme, View};
use crate::problem::Problem;

/// What an embed's address asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// The parts that are shown.
    pub view: View,
    /// Light or dark.
    pub theme: Theme,
    /// Whether the reader may only run and look.
    pub readonly: bool,
    /// Whether the host says what is shown, in a message that is on its way.
    pub wait: bool,
    /// What is shown.
    pub changes: Changes,
    /// What is wrong with the address.
    pub problems: Vec<Problem>,
}

/// Keys that are not about what is shown.
const OWN: &[&str] = &["embed", "view", "theme", "readonly", "wait"];

/// Reads a fragment, with or without its `#`; none when it is not an embed's.
pub fn read(fragment: &str) -> Option<Options> {
    let text = fragment.strip_prefix('#').unwrap_or(fragment);
    let version = match text.split('&').next().unwrap_or_default() {
        "embed" => "1",
        first => first.strip_prefix("embed=")?,
    };
    let mut options = Options {
        view: View::USUAL,
        ..Options::default()
    };
    if version != "1" {
        options.problems.push(Problem::warning(
            "embed.version",
            "embed",
            format!("The address is of version {version:.8}; this playground reads version 1."),
            "Update the playground, or write embed=1.",
        ));
    }
    if text.len() > TEXT_BYTES {
        options.problems.push(Problem::error(
            "embed.size",
            "",
            "The address is longer than the playground reads.",
            "Hand large functions over with the <lambda-playground> element.",
        ));
        return Some(options);
    }
    let mut object = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        object.insert(decoded(key), Value::String(decoded(value)));
    }
    let value = |key: &str| object.get(key).and_then(Value::as_str);
    if let Some(text) = value("view") {
        let (view, problems) = View::read(text);
        options.view = view;
        options.problems.extend(problems);
    }
    if let Some(key) = value("theme") {
        match Theme::of_key(key) {
            Some(theme) => options.theme = theme,
            None => options.problems.push(Problem::warning(
                "embed.value",
                "theme",
                "There is no such theme.",
                "The themes are auto, light and dark.",
            )),
        }
    }
    let yes = |key: &str| value(key).is_some_and(|value| !matches!(value, "0" | "false"));
    options.readonly = yes("readonly");
    options.wait = yes("wait");
    options.changes = Changes::read(&object, None, OWN, &mut options.problems);
    Some(options)
}

/// Undoes percent-encoding, and `+` for a space. What is not an encoding stays as it is.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while let Some(byte) = bytes.get(index) {
        let hex = (*byte == b'%')
            .then(|| text.get(index + 1..index + 3))
            .flatten()
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match hex {
            Some(value) => {
                out.push(value);
                index += 3;
            }
            None => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                index += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;
    use crate::ui::model::Setting;
    use proptest::prelude::*;

    #[test]
    fn only_an_embeds_fragment_is_read() {
        assert_eq!(read("#s=1.abc"), None);
        assert_eq!(read(""), None);
        assert_eq!(read("#embedded"), None);
        assert_eq!(read("#embed").map(|it| it.view), Some(View::USUAL));
    }

    #[test]
    fn a_frame_alone_says_everything_in_its_address() {
        let options = read("#embed=1&view=result,slider&theme=dark&readonly&example=primes&memory=512&event=%7B%22a%22%3A%22%C3%A4+b%22%7D&autorun").unwrap();
        assert!(options.problems.is_empty(), "{:?}", options.problems);
        assert!(options.view.result && options.view.slider && !options.view.timeline);
        assert_eq!(options.theme, Theme::Dark);
        assert!(options.readonly && !options.wait && options.changes.run);
        assert_eq!(
            options.changes.code,
            Some(Code::Example("primes".to_owned()))
        );
        assert_eq!(options.changes.event.as_deref(), Some("{\"a\":\"ä b\"}"));
        assert_eq!(options.changes.settings, [Setting::Memory(512)]);
    }

    #[test]
    fn a_share_link_travels_in_it() {
        let options = read("#embed=1&s=1.a-_b").unwrap();
        assert_eq!(options.changes.code, Some(Code::Link("1.a-_b".to_owned())));
    }

    #[test]
    fn an_address_of_a_later_version_is_read_as_far_as_it_goes() {
        let options = read("#embed=2&view=result&glow=1").unwrap();
        assert!(options.view.result);
        let codes: Vec<&str> = options.problems.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["embed.version", "embed.value"]);
    }

    proptest! {
        #[test]
        fn whatever_an_address_says_nothing_panics(rest in ".{0,200}") {
            let _ = read(&format!("#embed=1&{rest}"));
            let _ = decoded(&rest);
        }
    }
}
