//! Event source mappings of a scenario.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Scenario;
use super::plan::Plan;
use crate::lambda::caller::Target;
use crate::lambda::event_source::{Context, MappingConfig, Source, check};
use crate::lambda::function_name::{Meant, meant};
use crate::lambda::names;
use crate::problem::{Problem, Severity};

/// Most mappings of one scenario, those included that are made for requests without one.
pub const MAX_MAPPINGS: usize = 1_000;

/// An event source with its mapping. In JSON all in one object, as `CreateEventSourceMapping` has it, with the source's
/// own settings under `EventSource`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The queue or stream.
    pub source: Source,
    /// The function that is invoked, by name or ARN; the first when there is none.
    pub function_name: Option<String>,
    /// A version or alias of it, when `function_name` does not end in one.
    pub qualifier: Option<String>,
    /// The mapping's settings.
    pub config: MappingConfig,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written {
    event_source: Source,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    function_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    qualifier: Option<String>,
    #[serde(flatten)]
    config: MappingConfig,
}

impl Serialize for Mapping {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            event_source: self.source.clone(),
            function_name: self.function_name.clone(),
            qualifier: self.qualifier.clone(),
            config: self.config.clone(),
        };
        if serializer.is_human_readable() {
            return written.serialize(serializer);
        }
        // Formats that do not describe themselves know neither tags nor absent members: there it travels as text.
        let text = serde_json::to_string(&written).map_err(serde::ser::Error::custom)?;
        text.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Mapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = if deserializer.is_human_readable() {
            Written::deserialize(deserializer)?
        } else {
            let text = String::deserialize(deserializer)?;
            serde_json::from_str(&text).map_err(serde::de::Error::custom)?
        };
        Ok(Self {
            source: written.event_source,
            function_name: written.function_name,
            qualifier: written.qualifier,
            config: written.config,
        })
    }
}

/// The places of members that were not understood: those that are not written again.
pub(super) fn unknown(read: &Value, written: &Value, place: &str, found: &mut Vec<String>) {
    match (read, written) {
        (Value::Object(read), Value::Object(written)) => {
            for (key, value) in read {
                let place = format!("{place}.{key}");
                match written.get(key) {
                    Some(known) => unknown(value, known, &place, found),
                    None if value.is_null() || value.as_array().is_some_and(Vec::is_empty) => {}
                    None => found.push(place),
                }
            }
        }
        (Value::Array(read), Value::Array(written)) => {
            for (index, (read, written)) in read.iter().zip(written).enumerate() {
                unknown(read, written, &format!("{place}[{index}]"), found);
            }
        }
        _ => {}
    }
}

impl Mapping {
    /// The function that it invokes, in whichever form it is named.
    pub fn meant(&self) -> Meant<'_> {
        meant(self.function_name.as_deref(), self.qualifier.as_deref())
    }

    pub(super) fn target(&self) -> Target {
        let meant = self.meant();
        Target {
            function: meant.name.map(str::to_owned),
            qualifier: meant.qualifier.map(str::to_owned),
            machine: None,
        }
    }

    /// What the mapping must know of its surroundings; none when there is no such function.
    pub(super) fn context(&self, scenario: &Scenario) -> Option<Context> {
        let meant = self.meant();
        context(scenario, meant.name, meant.qualifier)
    }
}

/// What a mapping to this function must know; none when there is no such function.
pub(super) fn context(
    scenario: &Scenario,
    name: Option<&str>,
    qualifier: Option<&str>,
) -> Option<Context> {
    let function = scenario
        .functions()
        .find(|function| name.is_none_or(|name| function.config.name == name))?;
    let published = function.published;
    let mut config = function.config;
    if let Some(qualifier) = qualifier.filter(|qualifier| *qualifier != names::VERSION) {
        let alias = published
            .aliases
            .iter()
            .find(|alias| alias.name == qualifier);
        let number = alias.map_or_else(|| qualifier.to_owned(), |alias| alias.version.to_string());
        let version = published
            .versions
            .iter()
            .find(|version| version.number.to_string() == number)?;
        config = version.config.as_ref().unwrap_or(config);
    }
    let name = &function.config.name;
    Some(Context {
        seed: scenario.seed,
        epoch_ms: scenario.epoch_ms,
        function_arn: match qualifier {
            Some(qualifier) => names::qualified_arn(name, qualifier),
            None => names::function_arn(name),
        },
        function_timeout_seconds: config.timeout.0,
    })
}

/// Mappings of one function that read from one source: Lambda takes the first only. Self-managed Kafka has no ARN to tell.
fn twice(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut known = std::collections::BTreeSet::new();
    for (index, mapping) in scenario.mappings.iter().enumerate() {
        let arn = mapping.source.arn();
        let meant = mapping.meant();
        let function = meant.name.unwrap_or(&scenario.function.name);
        if arn.is_empty() || known.insert((arn.clone(), function, meant.qualifier)) {
            continue;
        }
        problems.push(Problem::error(
            "mapping.twice",
            format!("$.mappings[{index}].FunctionName"),
            format!(
                "The event source arn (\" {arn} \") and function (\" {function} \") provided mapping already exists. \
                 Please update or delete the existing mapping."
            ),
            "Change the first one, or have this one read from another source or invoke another function.",
        ));
    }
}

/// Everything wrong with the mappings, those included that requests without one get. The plan, unless there are too many.
pub(super) fn validate(scenario: &Scenario, problems: &mut Vec<Problem>) -> Option<Plan> {
    if scenario.mappings.len() > MAX_MAPPINGS {
        problems.push(Problem::error(
            "scenario.mappings",
            "$.mappings",
            format!("There are more than {MAX_MAPPINGS} mappings."),
            "Remove some.",
        ));
        return None;
    }
    twice(scenario, problems);
    let plan = Plan::of(scenario);
    for (index, mapping) in plan.mappings.iter().enumerate() {
        let own = index < scenario.mappings.len();
        let place = if own {
            format!("$.mappings[{index}]")
        } else {
            "$.function".to_owned()
        };
        let Some(context) = mapping.context(scenario) else {
            problems.push(Problem::error(
                "scenario.target",
                format!("{place}.FunctionName"),
                "There is no such function, version or alias.",
                "Choose one that is there.",
            ));
            continue;
        };
        let found = check(&mapping.source, &mapping.config, &context);
        problems.extend(
            found
                .into_iter()
                .filter(|problem| own || problem.severity == Severity::Error)
                .map(|problem| Problem {
                    place: format!("{place}.{}", problem.place),
                    ..problem
                }),
        );
    }
    Some(plan)
}
