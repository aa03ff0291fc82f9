//! The rules of a Choice state.

use std::cmp::Ordering;

use serde_json::{Map, Value};
use time::{Date, Month};

use super::StateError;
use super::path::Path;

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    And(Vec<Rule>),
    Or(Vec<Rule>),
    Not(Box<Rule>),
    Test { variable: Path, test: Test },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Compare(Kind, Comparison, Operand),
    Matches(String),
    Is(Is, bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bool,
    Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Value(Value),
    At(Path),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Is {
    Null,
    Present,
    Number,
    Text,
    Bool,
    Timestamp,
}

impl Rule {
    /// Parses a rule; `Next` is read elsewhere.
    ///
    /// # Errors
    /// What is wrong, in a sentence.
    pub fn parse(members: &Map<String, Value>, depth: usize) -> Result<Self, String> {
        if depth > 64 {
            return Err("The rule is nested too deeply.".to_owned());
        }
        let list = |value: &Value| match value {
            Value::Array(list) if !list.is_empty() => list
                .iter()
                .map(|rule| match rule {
                    Value::Object(rule) => Self::parse(rule, depth + 1),
                    _ => Err("And and Or list rules.".to_owned()),
                })
                .collect(),
            _ => Err("And and Or list rules.".to_owned()),
        };
        let mut variable = None;
        let mut rule = None;
        for (key, value) in members {
            let found = match key.as_str() {
                "Next" | "Comment" => continue,
                "Variable" => {
                    let text = value.as_str().unwrap_or_default();
                    variable = Some(Path::parse(text)?);
                    continue;
                }
                "And" => Found::Rule(Self::And(list(value)?)),
                "Or" => Found::Rule(Self::Or(list(value)?)),
                "Not" => match value {
                    Value::Object(inner) => {
                        Found::Rule(Self::Not(Box::new(Self::parse(inner, depth + 1)?)))
                    }
                    _ => return Err("Not takes a rule.".to_owned()),
                },
                operator => Found::Test(test(operator, value)?),
            };
            if rule.replace(found).is_some() {
                return Err("A rule has one operator.".to_owned());
            }
        }
        match (rule, variable) {
            (Some(Found::Rule(rule)), None) => Ok(rule),
            (Some(Found::Test(test)), Some(variable)) => Ok(Self::Test { variable, test }),
            (Some(Found::Test(_)), None) => Err("A comparison needs a Variable.".to_owned()),
            _ => Err("A rule has an operator, and a comparison a Variable.".to_owned()),
        }
    }

    /// Whether it holds.
    ///
    /// # Errors
    /// `States.Runtime` when the variable is not there, except for `IsPresent`.
    pub fn holds(&self, data: &Value, context: &Value) -> Result<bool, StateError> {
        match self {
            Self::And(rules) => {
                for rule in rules {
                    if !rule.holds(data, context)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(rules) => {
                for rule in rules {
                    if rule.holds(data, context)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(rule) => rule.holds(data, context).map(|holds| !holds),
            Self::Test {
                variable,
                test: Test::Is(Is::Present, wanted),
            } => Ok(variable.find(data, context).is_some() == *wanted),
            Self::Test { variable, test } => {
                let value = variable.get(data, context)?;
                test.holds(&value, data, context)
            }
        }
    }
}

enum Found {
    Rule(Rule),
    Test(Test),
}

fn test(operator: &str, value: &Value) -> Result<Test, String> {
    let unknown = || {
        format!(
            "{} is no comparison.",
            super::super::outcome::short(operator)
        )
    };
    let flag = || {
        value
            .as_bool()
            .ok_or_else(|| format!("{operator} takes true or false."))
    };
    let is = match operator {
        "IsNull" => Some(Is::Null),
        "IsPresent" => Some(Is::Present),
        "IsNumeric" => Some(Is::Number),
        "IsString" => Some(Is::Text),
        "IsBoolean" => Some(Is::Bool),
        "IsTimestamp" => Some(Is::Timestamp),
        _ => None,
    };
    if let Some(is) = is {
        return flag().map(|wanted| Test::Is(is, wanted));
    }
    if operator == "StringMatches" {
        let pattern = value.as_str().ok_or("StringMatches takes a string.")?;
        return Ok(Test::Matches(pattern.to_owned()));
    }
    let (name, by_path) = match operator.strip_suffix("Path") {
        Some(name) => (name, true),
        None => (operator, false),
    };
    let (kind, comparison) = [
        ("String", Kind::Text),
        ("Numeric", Kind::Number),
        ("Boolean", Kind::Bool),
        ("Timestamp", Kind::Timestamp),
    ]
    .iter()
    .find_map(|(beginning, kind)| name.strip_prefix(beginning).map(|rest| (*kind, rest)))
    .ok_or_else(unknown)?;
    let comparison = match comparison {
        "Equals" => Comparison::Equal,
        "LessThan" => Comparison::Less,
        "GreaterThan" => Comparison::Greater,
        "LessThanEquals" => Comparison::LessOrEqual,
        "GreaterThanEquals" => Comparison::GreaterOrEqual,
        _ => return Err(unknown()),
    };
    if kind == Kind::Bool && comparison != Comparison::Equal {
        return Err(unknown());
    }
    let operand = if by_path {
        Operand::At(Path::parse(value.as_str().unwrap_or_default())?)
    } else if kind.fits(value) {
        Operand::Value(value.clone())
    } else {
        return Err(format!("The value of {operator} is of another kind."));
    };
    Ok(Test::Compare(kind, comparison, operand))
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Bool => value.is_boolean(),
            Self::Timestamp => value.as_str().and_then(timestamp_ms).is_some(),
        }
    }

    fn compare(self, one: &Value, other: &Value) -> Option<Ordering> {
        match self {
            Self::Text => Some(one.as_str()?.cmp(other.as_str()?)),
            Self::Number => one.as_f64()?.partial_cmp(&other.as_f64()?),
            Self::Bool => Some(one.as_bool()?.cmp(&other.as_bool()?)),
            Self::Timestamp => {
                Some(timestamp_ms(one.as_str()?)?.cmp(&timestamp_ms(other.as_str()?)?))
            }
        }
    }
}

impl Test {
    fn holds(&self, value: &Value, data: &Value, context: &Value) -> Result<bool, StateError> {
        Ok(match self {
            Self::Is(is, wanted) => {
                let found = match is {
                    Is::Present => true,
                    Is::Null => value.is_null(),
                    Is::Number => value.is_number(),
                    Is::Text => value.is_string(),
                    Is::Bool => value.is_boolean(),
                    Is::Timestamp => Kind::Timestamp.fits(value),
                };
                found == *wanted
            }
            Self::Matches(pattern) => value.as_str().is_some_and(|text| matches(text, pattern)),
            Self::Compare(kind, comparison, operand) => {
                let found;
                let other = match operand {
                    Operand::Value(value) => value,
                    Operand::At(path) => {
                        found = path.get(data, context)?;
                        &found
                    }
                };
                // A value of another kind is not equal, less or greater.
                kind.compare(value, other)
                    .is_some_and(|order| match comparison {
                        Comparison::Equal => order.is_eq(),
                        Comparison::Less => order.is_lt(),
                        Comparison::Greater => order.is_gt(),
                        Comparison::LessOrEqual => order.is_le(),
                        Comparison::GreaterOrEqual => order.is_ge(),
                    })
            }
        })
    }
}

/// Whether a text fits a pattern in which `*` is any text and `\*` a star.
fn matches(text: &str, pattern: &str) -> bool {
    // Pieces between stars, escapes undone.
    let mut pieces = vec![String::new()];
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        let literal = match letter {
            '*' => {
                pieces.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        };
        if let Some(piece) = pieces.last_mut() {
            piece.push(literal);
        }
    }
    let (Some((first, rest)), last) = (pieces.split_first(), pieces.last()) else {
        return false;
    };
    let Some(mut left) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    let Some((last, middle)) = last
        .filter(|_| !rest.is_empty())
        .zip(rest.split_last().map(|(_, middle)| middle))
    else {
        return left.is_empty();
    };
    for piece in middle {
        let Some(at) = left.find(piece.as_str()) else {
            return false;
        };
        left = left.get(at + piece.len()..).unwrap_or_default();
    }
    left.ends_with(last.as_str())
}

/// A time of RFC 3339, as `2026-01-05T12:00:00Z`, in milliseconds since 1970.
pub(super) fn timestamp_ms(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u32>().ok();
    let mark =
        |at: usize, wanted: &str| text.get(at..at + 1).filter(|found| wanted.contains(*found));
    for (at, wanted) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")] {
        mark(at, wanted)?;
    }
    let month = Month::try_from(u8::try_from(number(5, 7)?).ok()?).ok()?;
    let date = Date::from_calendar_date(
        i32::try_from(number(0, 4)?).ok()?,
        month,
        u8::try_from(number(8, 10)?).ok()?,
    )
    .ok()?;
    let time = date
        .with_hms(
            u8::try_from(number(11, 13)?).ok()?,
            u8::try_from(number(14, 16)?).ok()?,
            u8::try_from(number(17, 19)?).ok()?,
        )
        .ok()?;
    let mut rest = text.get(19..)?;
    let mut ms = time.assume_utc().unix_timestamp().checked_mul(1_000)?;
    if let Some(fraction) = rest.strip_prefix('.') {
        let end = fraction
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(fraction.len());
        let digits: String = fraction
            .get(..end)?
            .chars()
            .chain("000".chars())
            .take(3)
            .collect();
        ms += digits.parse::<i64>().ok()?;
        rest = fraction.get(end..)?;
    }
    if rest == "Z" {
        return Some(ms);
    }
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let (hours, minutes) = rest.get(1..)?.split_once(':')?;
    let offset = i64::from(hours.parse::<u8>().ok()?) * 60 + i64::from(minutes.parse::<u8>().ok()?);
    Some(ms - sign * offset * 60_000)
}
