//! Reading a definition: everything wrong with it, with its place.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::choice::{Rule, timestamp_ms};
use super::data::{Chosen, Payload};
use super::definition::{Catcher, Kind, Machine, Retrier, State, States, Wait};
use super::path::Path;
use crate::problem::Problem;

/// 99,999,999 seconds: the longest wait and the default timeout.
const LONGEST_SECONDS: u64 = 99_999_999;

impl Machine {
    /// Reads a definition.
    ///
    /// # Errors
    /// Everything wrong with it, as the service would refuse it with `InvalidDefinition`.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            vec![problem(
                "$",
                format!("The definition is not JSON: {error}."),
            )]
        })?;
        let mut reader = Reader {
            problems: Vec::new(),
            names: BTreeSet::new(),
        };
        let states = reader.states(&value, "$", 0);
        match states {
            Some(states) if reader.problems.is_empty() => Ok(Self {
                states: Rc::new(states),
                reads: (
                    text.contains("$$"),
                    text.contains("$$.Execution") || text.contains("$$\""),
                ),
            }),
            _ => Err(reader.problems),
        }
    }
}

fn problem(place: &str, cause: impl Into<String>) -> Problem {
    Problem::error(
        "states-language",
        place,
        cause,
        "See the Amazon States Language specification, https://states-language.net/.",
    )
}

struct Reader {
    problems: Vec<Problem>,
    /// State names are unique in the whole machine.
    names: BTreeSet<String>,
}

impl Reader {
    fn fault(&mut self, place: &str, cause: impl Into<String>) {
        self.problems.push(problem(place, cause));
    }

    fn states(&mut self, value: &Value, place: &str, depth: usize) -> Option<States> {
        if depth > 20 {
            self.fault(place, "The machine is nested too deeply.");
            return None;
        }
        if value
            .get("QueryLanguage")
            .is_some_and(|language| language == "JSONata")
        {
            self.fault(
                place,
                "JSONata is not supported here; write the machine with JSONPath.",
            );
            return None;
        }
        let Some(members) = value
            .get("States")
            .and_then(Value::as_object)
            .filter(|states| !states.is_empty())
        else {
            self.fault(
                place,
                "A machine has States, an object with at least one state.",
            );
            return None;
        };
        let Some(start) = value.get("StartAt").and_then(Value::as_str) else {
            self.fault(place, "StartAt must name the first state.");
            return None;
        };
        let mut states = BTreeMap::new();
        for (name, state) in members {
            let place = format!("{place}.States.{}", super::super::outcome::short(name));
            if name.is_empty() || name.chars().count() > 80 {
                self.fault(&place, "A state's name has 1 to 80 characters.");
            }
            if !self.names.insert(name.clone()) {
                self.fault(&place, "There are two states of this name.");
            }
            if let Some(state) = self.state(state, &place, depth) {
                states.insert(name.clone(), state);
            }
        }
        let mut targets = vec![("StartAt".to_owned(), start.to_owned())];
        for (name, state) in &states {
            let mut add = |what: &str, next: &String| {
                targets.push((format!("States.{name}.{what}"), next.clone()))
            };
            state.next.iter().for_each(|next| add("Next", next));
            state
                .catch
                .iter()
                .for_each(|catcher| add("Catch", &catcher.next));
            if let Kind::Choice { rules, default } = &state.kind {
                rules.iter().for_each(|(_, next)| add("Choices", next));
                default.iter().for_each(|next| add("Default", next));
            }
        }
        for (from, next) in targets {
            if !members.contains_key(&next) {
                let shown = super::super::outcome::short(&next);
                self.fault(
                    &format!("{place}.{from}"),
                    format!("There is no state {shown} to go to."),
                );
            }
        }
        Some(States {
            start: start.to_owned(),
            states,
            timeout: seconds(value.get("TimeoutSeconds")),
        })
    }

    fn state(&mut self, value: &Value, place: &str, depth: usize) -> Option<State> {
        let Value::Object(members) = value else {
            self.fault(place, "A state is an object.");
            return None;
        };
        let kind = self.kind(members, place, depth)?;
        let next = members
            .get("Next")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let ends = members.get("End") == Some(&Value::Bool(true));
        let terminal = matches!(kind, Kind::Succeed | Kind::Fail { .. });
        let branching = matches!(kind, Kind::Choice { .. });
        if !terminal && !branching && next.is_some() == ends {
            self.fault(place, "A state has either Next or End: true.");
        }
        let retry = self.retry(members.get("Retry"), place);
        let catch = self.catch(members.get("Catch"), place);
        Some(State {
            input: self.chosen(members, "InputPath", place),
            output: self.chosen(members, "OutputPath", place),
            result: self.chosen(members, "ResultPath", place),
            parameters: match kind {
                Kind::Map { .. } => self.payload(members, &["ItemSelector", "Parameters"], place),
                _ => self.payload(members, &["Parameters"], place),
            },
            selector: self.payload(members, &["ResultSelector"], place),
            retry,
            catch,
            next: if terminal || branching { None } else { next },
            kind,
        })
    }

    fn kind(&mut self, members: &Map<String, Value>, place: &str, depth: usize) -> Option<Kind> {
        let text = |key: &str| members.get(key).and_then(Value::as_str);
        Some(match text("Type").unwrap_or_default() {
            "Task" => {
                let Some(resource) = text("Resource") else {
                    self.fault(place, "A Task has a Resource.");
                    return None;
                };
                let service = resource.strip_prefix("arn:aws:states:::");
                if service.is_some_and(|service| {
                    !matches!(service, "lambda:invoke" | "lambda:invoke.waitForTaskToken")
                }) || !(resource.starts_with("arn:aws:") || resource.starts_with("${"))
                {
                    self.fault(
                        &format!("{place}.Resource"),
                        "Here a Task can invoke functions only: arn:aws:states:::lambda:invoke, the same with .waitForTaskToken, the \
                         ARN of a function, or ${Function} for the one that is set up.",
                    );
                }
                Kind::Task {
                    resource: resource.to_owned(),
                    timeout: seconds(members.get("TimeoutSeconds")),
                    heartbeat: seconds(members.get("HeartbeatSeconds")),
                }
            }
            "Choice" => {
                let list = members
                    .get("Choices")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default();
                if list.is_empty() {
                    self.fault(place, "A Choice has a list of Choices.");
                }
                let mut rules = Vec::new();
                for (number, choice) in list.iter().enumerate() {
                    let place = format!("{place}.Choices[{number}]");
                    let (Some(rule), Some(next)) = (
                        choice.as_object(),
                        choice.get("Next").and_then(Value::as_str),
                    ) else {
                        self.fault(&place, "A choice is a rule with Next.");
                        continue;
                    };
                    match Rule::parse(rule, 0) {
                        Ok(rule) => rules.push((rule, next.to_owned())),
                        Err(cause) => self.fault(&place, cause),
                    }
                }
                Kind::Choice {
                    rules,
                    default: text("Default").map(str::to_owned),
                }
            }
            "Wait" => Kind::Wait(self.wait(members, place)?),
            "Parallel" => {
                let list = members
                    .get("Branches")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default();
                if list.is_empty() {
                    self.fault(place, "A Parallel has a list of Branches.");
                }
                let mut branches = Vec::new();
                for (number, branch) in list.iter().enumerate() {
                    let states =
                        self.states(branch, &format!("{place}.Branches[{number}]"), depth + 1);
                    branches.extend(states.map(Rc::new));
                }
                Kind::Parallel(branches)
            }
            "Map" => {
                let (key, processor) = match (members.get("ItemProcessor"), members.get("Iterator"))
                {
                    (Some(processor), _) => ("ItemProcessor", processor),
                    (None, Some(processor)) => ("Iterator", processor),
                    _ => {
                        self.fault(place, "A Map has an ItemProcessor.");
                        return None;
                    }
                };
                if processor
                    .pointer("/ProcessorConfig/Mode")
                    .is_some_and(|mode| mode == "DISTRIBUTED")
                {
                    self.fault(place, "Distributed Map is not supported here.");
                }
                let states = self.states(processor, &format!("{place}.{key}"), depth + 1)?;
                Kind::Map {
                    items: self.path(members, "ItemsPath", place),
                    processor: Rc::new(states),
                    concurrency: members
                        .get("MaxConcurrency")
                        .and_then(Value::as_u64)
                        .and_then(|most| usize::try_from(most).ok())
                        // Inline, 40 items run at a time.
                        .map_or(40, |most| if most == 0 { 40 } else { most.min(40) }),
                }
            }
            "Pass" => Kind::Pass(members.get("Result").cloned()),
            "Succeed" => Kind::Succeed,
            "Fail" => Kind::Fail {
                error: text("Error").unwrap_or_default().to_owned(),
                cause: text("Cause").unwrap_or_default().to_owned(),
            },
            _ => {
                self.fault(
                    &format!("{place}.Type"),
                    "A state's Type is Task, Choice, Wait, Parallel, Map, Pass, Succeed or Fail.",
                );
                return None;
            }
        })
    }

    fn wait(&mut self, members: &Map<String, Value>, place: &str) -> Option<Wait> {
        if let Some(value) = members.get("Seconds") {
            return match value.as_u64().filter(|seconds| *seconds <= LONGEST_SECONDS) {
                Some(seconds) => Some(Wait::Seconds(seconds)),
                None => {
                    self.fault(place, "Seconds is a whole number from 0 to 99,999,999.");
                    None
                }
            };
        }
        if let Some(value) = members.get("Timestamp") {
            return match value.as_str().and_then(timestamp_ms) {
                Some(time) => Some(Wait::Until(time)),
                None => {
                    self.fault(place, "Timestamp is a time such as 2026-01-05T12:00:00Z.");
                    None
                }
            };
        }
        let found = self
            .path(members, "SecondsPath", place)
            .map(Wait::SecondsAt)
            .or_else(|| {
                self.path(members, "TimestampPath", place)
                    .map(Wait::UntilAt)
            });
        if found.is_none() {
            self.fault(
                place,
                "A Wait has Seconds, SecondsPath, Timestamp or TimestampPath.",
            );
        }
        found
    }

    fn path(&mut self, members: &Map<String, Value>, key: &str, place: &str) -> Option<Path> {
        let text = members.get(key)?.as_str().unwrap_or_default();
        match Path::parse(text) {
            Ok(path) => Some(path),
            Err(cause) => {
                self.fault(&format!("{place}.{key}"), cause);
                None
            }
        }
    }

    fn chosen(&mut self, members: &Map<String, Value>, key: &str, place: &str) -> Chosen {
        match members.get(key) {
            None => Chosen::All,
            Some(Value::Null) => Chosen::Nothing,
            Some(_) => match self.path(members, key, place) {
                Some(path) if key == "ResultPath" && !path.is_reference() => {
                    self.fault(&format!("{place}.{key}"), "ResultPath can name keys only.");
                    Chosen::All
                }
                Some(path) => Chosen::At(path),
                None => Chosen::All,
            },
        }
    }

    fn payload(
        &mut self,
        members: &Map<String, Value>,
        keys: &[&str],
        place: &str,
    ) -> Option<Payload> {
        let (key, value) = keys
            .iter()
            .find_map(|key| members.get(*key).map(|value| (*key, value)))?;
        match Payload::parse(value) {
            Ok(payload) => Some(payload),
            Err(cause) => {
                self.fault(&format!("{place}.{key}"), cause);
                None
            }
        }
    }

    /// `ErrorEquals` of each entry of a list. States.ALL stands alone, in the last one.
    fn errors<'v>(
        &mut self,
        list: Option<&'v Value>,
        place: &str,
    ) -> Vec<(&'v Value, Vec<String>)> {
        let entries = list
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let mut found = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let names = entry.get("ErrorEquals").and_then(Value::as_array);
            let names: Vec<String> = names
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect();
            if names.is_empty() {
                self.fault(
                    &format!("{place}[{number}]"),
                    "ErrorEquals lists the names of errors.",
                );
            }
            let all = names.iter().any(|name| name == "States.ALL");
            if all && (names.len() > 1 || number + 1 < entries.len()) {
                self.fault(
                    &format!("{place}[{number}]"),
                    "States.ALL must stand alone, and last.",
                );
            }
            found.push((entry, names));
        }
        found
    }

    fn retry(&mut self, list: Option<&Value>, place: &str) -> Vec<Retrier> {
        let place = format!("{place}.Retry");
        let mut retriers = Vec::new();
        for (entry, errors) in self.errors(list, &place) {
            let number =
                |key: &str, default: u64| entry.get(key).map_or(Some(default), Value::as_u64);
            let rate = entry.get("BackoffRate").map_or(Some(2.0), Value::as_f64);
            let (Some(interval), Some(attempts), Some(rate), Some(longest)) = (
                number("IntervalSeconds", 1)
                    .filter(|seconds| (1..=LONGEST_SECONDS).contains(seconds)),
                number("MaxAttempts", 3).filter(|attempts| *attempts <= LONGEST_SECONDS),
                rate.filter(|rate| (1.0..=1_000.0).contains(rate)),
                number("MaxDelaySeconds", LONGEST_SECONDS).filter(|seconds| *seconds > 0),
            ) else {
                self.fault(
                    &place,
                    "IntervalSeconds is a whole number from 1, MaxAttempts from 0, BackoffRate a number from 1.0, MaxDelaySeconds a \
                     whole number from 1.",
                );
                continue;
            };
            retriers.push(Retrier {
                errors,
                attempts,
                interval_ms: interval * 1_000,
                // At most 1,000,000, so nothing is lost.
                rate: (rate * 1_000.0) as u64,
                longest_ms: longest.saturating_mul(1_000),
            });
        }
        retriers
    }

    fn catch(&mut self, list: Option<&Value>, place: &str) -> Vec<Catcher> {
        let place = format!("{place}.Catch");
        let mut catchers = Vec::new();
        for (entry, errors) in self.errors(list, &place) {
            let (Some(members), Some(next)) =
                (entry.as_object(), entry.get("Next").and_then(Value::as_str))
            else {
                self.fault(&place, "A catcher has Next.");
                continue;
            };
            let result = self.chosen(members, "ResultPath", &place);
            catchers.push(Catcher {
                errors,
                next: next.to_owned(),
                result,
            });
        }
        catchers
    }
}

fn seconds(value: Option<&Value>) -> Option<u64> {
    value?
        .as_u64()
        .filter(|seconds| (1..=LONGEST_SECONDS).contains(seconds))
}
