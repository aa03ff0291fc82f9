//! The example functions that come with the page.
//!
//! Their descriptions are embedded; modules and sources are fetched from beside the page when one is chosen.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::value::RawValue;

/// An example as its `function.json` describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Example {
    /// Stable id; names its folder.
    pub id: String,
    /// What the page calls it.
    pub title: String,
    /// What it is for, one sentence.
    pub summary: String,
    /// What it is written in.
    pub language: String,
    /// File name of the module in its folder.
    pub artefact: String,
    /// File name of the source text in its folder.
    pub source: String,
    /// Id of the trigger that shows it best.
    pub suggested_trigger: String,
    /// Ids of the triggers that it is made for, when it is made for several.
    #[serde(default)]
    pub triggers: Vec<String>,
    /// Memory that shows it best, in MB.
    pub suggested_memory_mb: u32,
    /// Timeout that shows it best, in seconds.
    pub suggested_timeout_seconds: u32,
    /// An event of its own, where the trigger's sample would not do.
    #[serde(default)]
    pub event: Option<Box<RawValue>>,
}

impl Example {
    /// Whether it does something sensible with this trigger's events.
    pub fn serves(&self, trigger: &str) -> bool {
        self.triggers.iter().any(|id| id == trigger)
    }

    /// Where the module lies, relative to the page.
    pub fn module_address(&self) -> String {
        format!("functions/{}/{}", self.id, self.artefact)
    }

    /// Where the source text lies, relative to the page.
    pub fn source_address(&self) -> String {
        format!("functions/{}/{}", self.id, self.source)
    }

    /// The language in a few letters, for narrow places.
    pub fn short_language(&self) -> &str {
        match self.language.as_str() {
            "WebAssembly text" => "WAT",
            other => other,
        }
    }
}

/// The example that is loaded when nothing else was chosen.
pub const FIRST: &str = "hello";

const DESCRIPTIONS: &[&str] = &[
    include_str!("../../functions/hello/function.json"),
    include_str!("../../functions/primes/function.json"),
    include_str!("../../functions/counter/function.json"),
    include_str!("../../functions/flaky/function.json"),
    include_str!("../../functions/forever/function.json"),
    include_str!("../../functions/hungry/function.json"),
    include_str!("../../functions/wordcount/function.json"),
    include_str!("../../functions/thumbnail/function.json"),
    include_str!("../../functions/web/function.json"),
    include_str!("../../functions/decide/function.json"),
    include_str!("../../functions/records/function.json"),
    include_str!("../../functions/notices/function.json"),
    include_str!("../../functions/callback/function.json"),
    include_str!("../../functions/waiter/function.json"),
    include_str!("../../functions/picky/function.json"),
];

/// All examples, in the order in which the page shows them.
pub fn all() -> &'static [Example] {
    static ALL: OnceLock<Vec<Example>> = OnceLock::new();
    ALL.get_or_init(|| {
        DESCRIPTIONS
            .iter()
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect()
    })
}

/// The example with this id.
pub fn by_id(id: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.id == id)
}

/// The example that does something sensible with a trigger's events.
pub fn for_trigger(trigger: &str) -> Option<&'static Example> {
    all().iter().find(|example| example.serves(trigger))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trigger::names::NAMES;

    #[test]
    fn every_trigger_has_its_example() {
        for named in NAMES {
            assert!(for_trigger(named.id).is_some(), "{}", named.id);
        }
        for example in all() {
            for id in example.triggers.iter().chain([&example.suggested_trigger]) {
                assert!(
                    NAMES.iter().any(|named| named.id == id),
                    "{}: {id}",
                    example.id
                );
            }
        }
    }

    /// Trunk copies what `index.html` names, and nothing else.
    #[test]
    fn every_example_is_shipped() {
        let page = include_str!("../../index.html");
        for example in all() {
            let link = format!(
                r#"rel="copy-dir" href="functions/{0}" data-target-path="functions/{0}""#,
                example.id
            );
            assert!(
                page.contains(&link),
                "index.html does not copy {}",
                example.id
            );
        }
    }

    #[test]
    fn every_description_can_be_read() {
        assert_eq!(all().len(), DESCRIPTIONS.len());
        assert!(by_id(FIRST).is_some());
    }
}
