//! Scenarios as JSON, for export, import and hand-written files.
//!
//! Reading is tolerant: it returns the best scenario it can, and a problem for everything it had to leave out or replace.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::validate::version_problem;
use super::{
    Arrival, FunctionSetup, MAX_ARRIVALS, Mapping, ModuleHash, Published, Runs, Scenario, Traffic,
    VERSION, mapping,
};
use crate::lambda::config::FunctionConfig;
use crate::problem::Problem;

/// The scenario as JSON, indented.
pub fn to_json(scenario: &Scenario) -> String {
    // Strings, numbers and lists of them: there is nothing in a scenario that JSON cannot hold.
    serde_json::to_string_pretty(scenario).unwrap_or_default()
}

/// Reads what [`to_json`] writes, and most of what a person writes by hand. Whatever is missing has its default.
///
/// What comes back may still break Lambda's limits: see [`super::validate`].
pub fn from_json(text: &str) -> (Scenario, Vec<Problem>) {
    let mut problems = Vec::new();
    let value = match serde_json::from_str::<Value>(text) {
        Ok(value) => value,
        Err(error) => {
            problems.push(Problem::error(
                "scenario.json",
                format!("line {}, column {}", error.line(), error.column()),
                format!("This is not JSON: {error}."),
                "Paste an exported scenario.",
            ));
            return (Scenario::default(), problems);
        }
    };
    let mut scenario = Scenario::default();
    let Some(mut root) = Object::of(value, "$", &mut problems) else {
        return (scenario, problems);
    };
    // For editors; it says nothing about the scenario.
    let _ = root.take::<Value>("$schema", &mut problems);
    match root.take::<u64>("version", &mut problems) {
        // What an older version did not have has its default.
        Some(version) if (1..=u64::from(VERSION)).contains(&version) => {}
        version => problems.push(version_problem(version.unwrap_or(0))),
    }
    root.read("seed", &mut scenario.seed, &mut problems);
    root.read("epoch_ms", &mut scenario.epoch_ms, &mut problems);
    if let Some(function) = root.object("function", &mut problems) {
        scenario.function = read_function(function, &mut problems);
    }
    let mut module = String::new();
    root.read("module", &mut module, &mut problems);
    scenario.module = ModuleHash(module);
    root.read("runs", &mut scenario.runs, &mut problems);
    root.read("published", &mut scenario.published, &mut problems);
    for (index, value) in root.list("others", &mut problems).into_iter().enumerate() {
        let place = format!("$.others[{index}]");
        if let Some(function) = Object::of(value, &place, &mut problems) {
            scenario.others.push(read_other(function, &mut problems));
        }
    }
    root.read(
        "account_concurrency",
        &mut scenario.account_concurrency,
        &mut problems,
    );
    for (index, value) in root.list("traffic", &mut problems).into_iter().enumerate() {
        let place = format!("$.traffic[{index}]");
        scenario
            .traffic
            .extend(read_element::<Traffic>(value, &place, &mut problems));
    }
    for (index, value) in root.list("mappings", &mut problems).into_iter().enumerate() {
        let place = format!("$.mappings[{index}]");
        let read = read_element::<Mapping>(value.clone(), &place, &mut problems);
        let mut unknown = Vec::new();
        if let Some(written) = read.as_ref().and_then(|it| serde_json::to_value(it).ok()) {
            mapping::unknown(&value, &written, &place, &mut unknown);
        }
        problems.extend(unknown.into_iter().map(unknown_field));
        scenario.mappings.extend(read);
    }
    root.read("triggers", &mut scenario.triggers, &mut problems);
    root.read("client", &mut scenario.client, &mut problems);
    for (index, value) in root.list("drills", &mut problems).into_iter().enumerate() {
        let place = format!("$.drills[{index}]");
        scenario
            .drills
            .extend(read_element(value, &place, &mut problems));
    }
    root.read(
        "duplicates_per_million",
        &mut scenario.duplicates_per_million,
        &mut problems,
    );
    root.read(
        "idle_lifetime_seconds",
        &mut scenario.idle_lifetime_seconds,
        &mut problems,
    );
    for (index, value) in root.list("arrivals", &mut problems).into_iter().enumerate() {
        if index == MAX_ARRIVALS {
            problems.push(Problem::error(
                "scenario.arrivals",
                "$.arrivals",
                format!("There are more than {MAX_ARRIVALS} requests; the rest is left out."),
                "Send fewer.",
            ));
            break;
        }
        let place = format!("$.arrivals[{index}]");
        if let Some(arrival) = Object::of(value, &place, &mut problems) {
            scenario
                .arrivals
                .extend(read_arrival(arrival, &mut problems));
        }
    }
    root.finish(&mut problems);
    (scenario, problems)
}

fn read_function(mut object: Object, problems: &mut Vec<Problem>) -> FunctionConfig {
    let mut config = FunctionConfig::default();
    object.read("name", &mut config.name, problems);
    object.read("memory", &mut config.memory, problems);
    object.read("timeout", &mut config.timeout, problems);
    object.read(
        "ephemeral_storage_mb",
        &mut config.ephemeral_storage_mb,
        problems,
    );
    object.read("architecture", &mut config.architecture, problems);
    object.read("environment", &mut config.environment, problems);
    object.read(
        "maximum_retry_attempts",
        &mut config.maximum_retry_attempts,
        problems,
    );
    object.read(
        "maximum_event_age_seconds",
        &mut config.maximum_event_age_seconds,
        problems,
    );
    object.read("on_success", &mut config.on_success, problems);
    object.read("on_failure", &mut config.on_failure, problems);
    object.read("dead_letter", &mut config.dead_letter, problems);
    object.read(
        "reserved_concurrency",
        &mut config.reserved_concurrency,
        problems,
    );
    object.read("recursive_loop", &mut config.recursive_loop, problems);
    object.read("log_format", &mut config.log_format, problems);
    object.read(
        "application_log_level",
        &mut config.application_log_level,
        problems,
    );
    object.read("system_log_level", &mut config.system_log_level, problems);
    object.read("log_group", &mut config.log_group, problems);
    object.finish(problems);
    config
}

fn read_other(mut object: Object, problems: &mut Vec<Problem>) -> FunctionSetup {
    let config = object
        .object("config", problems)
        .map(|config| read_function(config, problems))
        .unwrap_or_default();
    let (mut module, mut runs, mut published) =
        (String::new(), Runs::default(), Published::default());
    object.read("module", &mut module, problems);
    object.read("runs", &mut runs, problems);
    object.read("published", &mut published, problems);
    object.finish(problems);
    FunctionSetup {
        config,
        module: ModuleHash(module),
        runs,
        published,
    }
}

/// An element of a list; left out, with a problem, when it cannot be read.
fn read_element<T: DeserializeOwned>(
    value: Value,
    place: &str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match serde_json::from_value(value) {
        Ok(value) => Some(value),
        Err(error) => {
            problems.push(Problem::error(
                "scenario.value",
                place,
                format!("This cannot be read and is left out: {error}."),
                "Compare it with an exported scenario.",
            ));
            None
        }
    }
}

/// A request without a trigger is left out: there is no sensible default. One without a time follows the one before it.
fn read_arrival(mut object: Object, problems: &mut Vec<Problem>) -> Option<Arrival> {
    let mut arrival = Arrival::default();
    object.read("when", &mut arrival.when, problems);
    object.read("payload", &mut arrival.payload, problems);
    object.read("function", &mut arrival.function, problems);
    object.read("qualifier", &mut arrival.qualifier, problems);
    object.read("log_tail", &mut arrival.log_tail, problems);
    object.read("dry_run", &mut arrival.dry_run, problems);
    let trigger = object.take::<String>("trigger", problems);
    if trigger.is_none() {
        problems.push(Problem::error(
            "scenario.trigger",
            format!("{}.trigger", object.place),
            "This request names no trigger and is left out.",
            "Give it the id of a trigger.",
        ));
    }
    object.finish(problems);
    Some(Arrival {
        trigger: trigger?,
        ..arrival
    })
}

/// A JSON object being read: what has been read is taken out, and what is left at the end was not expected.
struct Object {
    members: Map<String, Value>,
    place: String,
}

impl Object {
    fn of(value: Value, place: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        match value {
            Value::Object(members) => Some(Self {
                members,
                place: place.to_owned(),
            }),
            _ => {
                problems.push(Problem::error(
                    "scenario.shape",
                    place,
                    "An object is expected here.",
                    "Compare it with an exported scenario.",
                ));
                None
            }
        }
    }

    /// The member's value; none, and a problem, when it has another type.
    fn take<T: DeserializeOwned>(&mut self, key: &str, problems: &mut Vec<Problem>) -> Option<T> {
        let value = self.members.remove(key)?;
        match serde_json::from_value(value) {
            Ok(value) => Some(value),
            Err(error) => {
                problems.push(Problem::error(
                    "scenario.value",
                    format!("{}.{key}", self.place),
                    format!("This value cannot be read: {error}."),
                    "Compare it with an exported scenario; its default is used meanwhile.",
                ));
                None
            }
        }
    }

    /// Reads a member into its default.
    fn read<T: DeserializeOwned + Serialize>(
        &mut self,
        key: &str,
        into: &mut T,
        problems: &mut Vec<Problem>,
    ) {
        if let Some(value) = self.take(key, problems) {
            *into = value;
        }
    }

    fn object(&mut self, key: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let value = self.members.remove(key)?;
        Self::of(value, &format!("{}.{key}", self.place), problems)
    }

    fn list(&mut self, key: &str, problems: &mut Vec<Problem>) -> Vec<Value> {
        self.take(key, problems).unwrap_or_default()
    }

    fn finish(self, problems: &mut Vec<Problem>) {
        for key in self.members.keys() {
            problems.push(unknown_field(format!("{}.{key}", self.place)));
        }
    }
}

fn unknown_field(place: String) -> Problem {
    Problem::warning(
        "scenario.unknown",
        place,
        "This version of the page does not know this field; it is left out.",
        "Remove it, or load the page again to get its latest version.",
    )
}
