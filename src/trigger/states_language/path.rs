//! Paths into JSON: `$`, `$.order.items[0]`, `$['key with spaces']`, and `$$` for the context.

use serde_json::Value;

use super::StateError;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// A path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    /// Of the context object.
    context: bool,
    steps: Vec<Step>,
    text: String,
}

impl Path {
    /// Parses a path.
    ///
    /// # Errors
    /// What it cannot read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let unknown = || {
            format!(
                "{} is no path that this playground knows: it reads $, $.key, $['key'] and $.list[0].",
                super::super::outcome::short(text)
            )
        };
        if text.starts_with("States.") {
            return Err("Intrinsic functions are not supported here.".to_owned());
        }
        let context = text.starts_with("$$");
        let mut rest = text
            .strip_prefix(if context { "$$" } else { "$" })
            .ok_or_else(unknown)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (key, next) = after.split_at(end);
                if key.is_empty() || key.contains(['*', '?', '@', '(', ' ']) {
                    return Err(unknown());
                }
                steps.push(Step::Key(key.to_owned()));
                rest = next;
                continue;
            }
            let inside = rest.strip_prefix('[').ok_or_else(unknown)?;
            let quoted = inside
                .strip_prefix('\'')
                .and_then(|inside| inside.split_once("']"));
            if let Some((key, next)) = quoted {
                steps.push(Step::Key(key.to_owned()));
                rest = next;
                continue;
            }
            let (number, next) = inside.split_once(']').ok_or_else(unknown)?;
            steps.push(Step::Index(number.parse().map_err(|_| unknown())?));
            rest = next;
        }
        Ok(Self {
            context,
            steps,
            text: text.to_owned(),
        })
    }

    /// What it leads to; none when there is nothing.
    pub fn find<'a>(&self, data: &'a Value, context: &'a Value) -> Option<&'a Value> {
        let root = if self.context { context } else { data };
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }

    /// What it leads to.
    ///
    /// # Errors
    /// `States.Runtime` when there is nothing.
    pub fn get(&self, data: &Value, context: &Value) -> Result<Value, StateError> {
        self.find(data, context).cloned().ok_or_else(|| {
            StateError::runtime(format!(
                "The JSONPath '{}' could not be found in the input '{}'",
                self.text,
                super::super::outcome::short(&data.to_string())
            ))
        })
    }

    /// Puts a value where it leads, making objects on the way.
    ///
    /// # Errors
    /// `States.ResultPathMatchFailure` when something else is in the way.
    pub fn put(&self, data: Value, new: Value) -> Result<Value, StateError> {
        let failure = || {
            StateError::new(
                "States.ResultPathMatchFailure",
                format!(
                    "Unable to apply reference path {} to the state's input.",
                    self.text
                ),
            )
        };
        let mut root = data;
        let mut place = &mut root;
        for step in &self.steps {
            let Step::Key(key) = step else {
                return Err(failure());
            };
            if place.is_null() {
                *place = Value::Object(Default::default());
            }
            let members = place.as_object_mut().ok_or_else(failure)?;
            place = members.entry(key.clone()).or_insert(Value::Null);
        }
        *place = new;
        Ok(root)
    }

    /// Whether it is only `$`.
    pub fn is_root(&self) -> bool {
        self.steps.is_empty() && !self.context
    }

    /// Whether results can be put there: keys only.
    pub fn is_reference(&self) -> bool {
        !self.context && self.steps.iter().all(|step| matches!(step, Step::Key(_)))
    }
}
