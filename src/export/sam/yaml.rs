//! YAML as a template writes it: two spaces a level, quoted where a parser of any version could take a text for something else.

use serde_json::Value;

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    /// As it is: numbers, truth values, short intrinsics.
    Raw(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Yaml>),
    /// Names with values; those without a value are left out.
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// A map.
    pub fn map<const N: usize>(members: [(&str, Option<Self>); N]) -> Self {
        let members = members.into_iter();
        Self::Map(
            members
                .filter_map(|(key, value)| Some((key.to_owned(), value?)))
                .collect(),
        )
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Option<Self> {
        Some(Self::Text(text.into()))
    }

    /// Something that is written as it is.
    pub fn raw(text: impl ToString) -> Option<Self> {
        Some(Self::Raw(text.to_string()))
    }

    /// The same as a JSON value.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(elements) => Self::List(elements.iter().map(Self::of).collect()),
            Value::Object(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::of(value)))
                    .collect(),
            ),
            other => Self::Raw(other.to_string()),
        }
    }

    /// Whether there is nothing in it.
    fn is_empty(&self) -> bool {
        match self {
            Self::List(elements) => elements.is_empty(),
            Self::Map(members) => members.is_empty(),
            Self::Raw(_) | Self::Text(_) => false,
        }
    }

    /// Appends it to `text`, `level` levels deep, behind a name or a dash.
    fn write(&self, text: &mut String, level: usize) {
        match self {
            Self::Raw(raw) => *text += &format!(" {raw}\n"),
            Self::Text(own) => *text += &format!(" {}\n", quoted(own)),
            Self::List(_) if self.is_empty() => text.push_str(" []\n"),
            Self::Map(_) if self.is_empty() => text.push_str(" {}\n"),
            Self::List(elements) => {
                text.push('\n');
                for element in elements {
                    *text += &format!("{}-", "  ".repeat(level));
                    match element {
                        // The first member stands behind the dash.
                        Self::Map(members) if !members.is_empty() => {
                            let mut inner = String::new();
                            members_text(members, &mut inner, level + 1);
                            text.push(' ');
                            text.push_str(inner.trim_start());
                        }
                        _ => element.write(text, level + 1),
                    }
                }
            }
            Self::Map(members) => {
                text.push('\n');
                members_text(members, text, level);
            }
        }
    }
}

/// The whole of a document.
pub fn document(members: &[(String, Yaml)]) -> String {
    let mut text = String::new();
    members_text(members, &mut text, 0);
    text
}

fn members_text(members: &[(String, Yaml)], text: &mut String, level: usize) {
    for (key, value) in members {
        *text += &format!("{}{}:", "  ".repeat(level), quoted(key));
        value.write(text, level + 1);
    }
}

/// A text without quotes where nobody could take it for anything else, in JSON's quotes otherwise, which YAML reads too.
fn quoted(text: &str) -> String {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    // A colon within a word is a letter like any other; SAM's and CloudFormation's own types have them.
    let word = text.replace("::", "").chars().all(goes_on);
    let meant_otherwise = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    if begins && word && !meant_otherwise && !text.ends_with(':') {
        return text.to_owned();
    }
    let mut quoted = String::new();
    for c in Value::from(text).to_string().chars() {
        match c {
            // JSON lets these stand as they are; YAML does not.
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                quoted += &format!("\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::document::{Content, Node, parse};
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn it_reads_as_people_write_it() {
        let value = json!({"A": {"B": [1, {"c": "x", "d": "yes"}], "E": {}, "F::G": "a: b"}});
        let Yaml::Map(members) = Yaml::of(&value) else {
            panic!("an object is a map");
        };
        assert_eq!(
            document(&members),
            "A:\n  B:\n    - 1\n    - c: x\n      d: \"yes\"\n  E: {}\n  F::G: \"a: b\"\n"
        );
    }

    fn texts(node: &Node) -> Vec<String> {
        match &node.content {
            Content::Map(members) => members
                .iter()
                .flat_map(|(key, value)| [vec![key.clone()], texts(value)].concat())
                .collect(),
            Content::List(elements) => elements.iter().flat_map(texts).collect(),
            Content::Scalar(text) => vec![text.clone()],
            Content::Null => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(texts_in in prop::collection::btree_set(any::<String>(), 1..5)) {
            let list: Vec<String> = texts_in.into_iter().collect();
            let value = json!({"list": list, "deep": [{"x": list}]});
            let Yaml::Map(members) = Yaml::of(&value) else { unreachable!() };
            let text = document(&members);
            let root = parse(&text).map_err(|problem| TestCaseError::fail(format!("{problem}\n{text}")))?;
            prop_assert_eq!(texts(root.get("list").unwrap()), list);
        }
    }
}
