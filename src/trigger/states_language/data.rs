//! What a state makes of its input before it works, and of its result after.

use serde_json::{Map, Value};

use super::StateError;
use super::path::Path;

/// InputPath, OutputPath and ResultPath: a path, or `null` for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chosen {
    /// All of it: the default.
    All,
    /// An empty object; for ResultPath, the result is dropped.
    Nothing,
    /// A part.
    At(Path),
}

impl Chosen {
    /// The part of `data`.
    pub fn of(&self, data: Value, context: &Value) -> Result<Value, StateError> {
        match self {
            Self::All => Ok(data),
            Self::Nothing => Ok(Value::Object(Map::new())),
            Self::At(path) => path.get(&data, context),
        }
    }

    /// As ResultPath: what input and result make together.
    pub fn place(&self, input: Value, result: Value) -> Result<Value, StateError> {
        match self {
            Self::All => Ok(result),
            Self::Nothing => Ok(input),
            Self::At(path) if path.is_root() => Ok(result),
            Self::At(path) => path.put(input, result),
        }
    }
}

/// Parameters, ItemSelector and ResultSelector: JSON in which keys that end in `.$` take their value from a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Payload {
    Constant(Value),
    From(Path),
    Object(Vec<(String, Payload)>),
    List(Vec<Payload>),
}

impl Payload {
    /// Reads a template. serde_json reads nothing nested more than 127 deep, which bounds this.
    pub fn parse(value: &Value) -> Result<Self, String> {
        match value {
            Value::Object(members) => {
                let mut parsed = Vec::new();
                for (key, value) in members {
                    let member = match key.strip_suffix(".$") {
                        None => (key.clone(), Self::parse(value)?),
                        Some(key) => {
                            let text = value.as_str().ok_or_else(|| {
                                format!("The value of {key}.$ must be a path in quotes.")
                            })?;
                            (key.to_owned(), Self::From(Path::parse(text)?))
                        }
                    };
                    parsed.push(member);
                }
                Ok(Self::Object(parsed))
            }
            Value::Array(list) => list
                .iter()
                .map(Self::parse)
                .collect::<Result<_, _>>()
                .map(Self::List),
            constant => Ok(Self::Constant(constant.clone())),
        }
    }

    /// The template filled.
    pub fn fill(&self, data: &Value, context: &Value) -> Result<Value, StateError> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::From(path) => path.find(data, context).cloned().ok_or_else(|| {
                StateError::new(
                    "States.ParameterPathFailure",
                    "A path in Parameters leads to nothing in the state's input.",
                )
            }),
            Self::Object(members) => {
                let mut object = Map::new();
                for (key, member) in members {
                    object.insert(key.clone(), member.fill(data, context)?);
                }
                Ok(Value::Object(object))
            }
            Self::List(list) => list.iter().map(|item| item.fill(data, context)).collect(),
        }
    }
}
