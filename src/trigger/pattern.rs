//! Event patterns of EventBridge and filter policies of SNS: two dialects of one language.
//!
//! EventBridge User Guide, "Comparison operators for use in event patterns"; SNS Developer Guide, "Filter policy operators".
//! A pattern has the shape of the event: keys are joined by "and", the values in a list by "or".

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::outcome::short;
use crate::problem::Problem;

/// Deepest nesting of a pattern: a bound on recursion over what a visitor typed.
const DEPTH: usize = 64;

/// Whose pattern it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Of an EventBridge rule.
    EventPattern,
    /// Of an SNS subscription: without wildcards.
    FilterPolicy,
}

/// A pattern, ready to match.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Object);

#[derive(Debug, Clone, PartialEq, Default)]
struct Object {
    fields: Vec<(String, Node)>,
    /// Each `$or`.
    branches: Vec<Vec<Object>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Object(Object),
    Rules(Vec<Rule>),
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Value(Value),
    Text(TextRule),
    Numeric(Vec<(String, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
    AnythingBut(Vec<Rule>),
}

/// A comparison of texts.
#[derive(Debug, Clone, PartialEq)]
struct TextRule {
    how: How,
    ignore_case: bool,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Equal,
    Prefix,
    Suffix,
    Wildcard,
}

type Parsed<T> = Result<T, Problem>;

fn fault<T>(place: &str, cause: impl Into<String>) -> Parsed<T> {
    Err(Problem::error(
        "pattern",
        place,
        cause,
        "A pattern looks like {\"source\": [\"com.example\"], \"detail\": {\"total\": [{\"numeric\": [\">\", 10]}]}}.",
    ))
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON path.
    pub fn parse(text: &str, dialect: Dialect) -> Parsed<Self> {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => Parser { dialect }.object(&object, "$", 0).map(Self),
            Ok(_) => fault("$", "A pattern is a JSON object."),
            Err(error) => fault("$", format!("This is not JSON: {error}.")),
        }
    }

    /// Whether an event fits.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

struct Parser {
    dialect: Dialect,
}

impl Parser {
    fn object(&self, object: &Map<String, Value>, place: &str, depth: usize) -> Parsed<Object> {
        if depth > DEPTH {
            return fault(place, "The pattern is nested too deeply.");
        }
        if object.is_empty() {
            return fault(place, "An object in a pattern must have a key.");
        }
        let mut parsed = Object::default();
        for (key, value) in object {
            let place = format!("{place}.{}", short(key));
            let node = match value {
                Value::Array(list) if key == "$or" && list.iter().all(Value::is_object) => {
                    if list.len() < 2 {
                        return fault(&place, "$or lists two or more objects.");
                    }
                    let branches = list.iter().filter_map(Value::as_object);
                    let branches: Parsed<Vec<_>> = branches
                        .map(|branch| self.object(branch, &place, depth + 1))
                        .collect();
                    parsed.branches.push(branches?);
                    continue;
                }
                Value::Object(nested) => Node::Object(self.object(nested, &place, depth + 1)?),
                Value::Array(rules) if rules.is_empty() => {
                    return fault(&place, "The list of values is empty, so nothing would fit.");
                }
                Value::Array(rules) => {
                    let rules: Parsed<Vec<_>> =
                        rules.iter().map(|rule| self.rule(rule, &place)).collect();
                    Node::Rules(rules?)
                }
                _ => {
                    return fault(
                        &place,
                        format!("{} must be an object or an array.", short(key)),
                    );
                }
            };
            parsed.fields.push((key.clone(), node));
        }
        Ok(parsed)
    }

    fn rule(&self, rule: &Value, place: &str) -> Parsed<Rule> {
        let object = match rule {
            Value::Object(object) => object,
            Value::Array(_) => return fault(place, "A list in a list is no rule."),
            scalar => return Ok(Rule::Value(scalar.clone())),
        };
        let (Some((operator, operand)), 1) = (object.iter().next(), object.len()) else {
            return fault(place, "A rule has one operator.");
        };
        if let Some(how) = self.how(operator) {
            return self.text(how, operator, operand, place).map(Rule::Text);
        }
        match (operator.as_str(), operand) {
            ("exists", Value::Bool(exists)) => Ok(Rule::Exists(*exists)),
            ("exists", _) => fault(place, "exists takes true or false."),
            ("numeric", _) => numeric(operand, place),
            ("cidr", _) => operand.as_str().and_then(cidr).map_or_else(
                || fault(place, "cidr takes a block such as 10.0.0.0/24."),
                Ok,
            ),
            ("anything-but", _) => {
                let rules: Parsed<Vec<_>> = match operand {
                    Value::Array(list) if !list.is_empty() => list
                        .iter()
                        .map(|value| match value {
                            Value::String(_) | Value::Number(_) => Ok(Rule::Value(value.clone())),
                            _ => fault(place, "anything-but takes strings or numbers."),
                        })
                        .collect(),
                    Value::String(_) | Value::Number(_) => Ok(vec![Rule::Value(operand.clone())]),
                    Value::Object(inner) => self.negated(inner, place),
                    _ => fault(place, "anything-but takes strings, numbers or an operator."),
                };
                rules.map(Rule::AnythingBut)
            }
            _ => fault(
                place,
                format!("Unrecognized match type {}.", short(operator)),
            ),
        }
    }

    /// The operator inside an anything-but, whose operand may be a list.
    fn negated(&self, inner: &Map<String, Value>, place: &str) -> Parsed<Vec<Rule>> {
        let (Some((operator, operand)), 1) = (inner.iter().next(), inner.len()) else {
            return fault(place, "anything-but takes one operator.");
        };
        let Some(how) = self.how(operator) else {
            return fault(
                place,
                "Inside anything-but there may be prefix, suffix, equals-ignore-case or wildcard.",
            );
        };
        let list = match operand {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        list.iter()
            .map(|one| self.text(how, operator, one, place).map(Rule::Text))
            .collect()
    }

    fn how(&self, operator: &str) -> Option<How> {
        match operator {
            "prefix" => Some(How::Prefix),
            "suffix" => Some(How::Suffix),
            "equals-ignore-case" => Some(How::Equal),
            "wildcard" if self.dialect == Dialect::EventPattern => Some(How::Wildcard),
            _ => None,
        }
    }

    fn text(&self, how: How, operator: &str, operand: &Value, place: &str) -> Parsed<TextRule> {
        let (text, ignore_case) = match operand {
            Value::String(text) => (text, how == How::Equal),
            Value::Object(inner) if matches!(how, How::Prefix | How::Suffix) => {
                match inner.get("equals-ignore-case") {
                    Some(Value::String(text)) if inner.len() == 1 => (text, true),
                    _ => return fault(place, format!("{operator} takes a string.")),
                }
            }
            _ => return fault(place, format!("{operator} takes a string.")),
        };
        if how == How::Wildcard && text.contains("**") {
            return fault(place, "A wildcard may not have two * in a row.");
        }
        Ok(TextRule {
            how,
            ignore_case,
            text: if ignore_case {
                text.to_lowercase()
            } else {
                text.clone()
            },
        })
    }
}

fn numeric(operand: &Value, place: &str) -> Parsed<Rule> {
    const SHAPE: &str = "numeric takes comparisons and numbers, such as [\">\", 0, \"<=\", 100].";
    let list = operand.as_array().map_or(&[][..], Vec::as_slice);
    if !matches!(list.len(), 2 | 4) {
        return fault(place, SHAPE);
    }
    let mut bounds = Vec::new();
    for pair in list.chunks_exact(2) {
        let (Some(Value::String(comparison)), Some(bound)) =
            (pair.first(), pair.get(1).and_then(Value::as_f64))
        else {
            return fault(place, SHAPE);
        };
        if !["=", "<", "<=", ">", ">="].contains(&comparison.as_str()) {
            return fault(place, SHAPE);
        }
        bounds.push((comparison.clone(), bound));
    }
    Ok(Rule::Numeric(bounds))
}

fn cidr(text: &str) -> Option<Rule> {
    let (address, bits) = text.split_once('/')?;
    let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Rule::Cidr(address, bits))
}

impl Object {
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Of a list of objects, one must fit as a whole.
            Some(Value::Array(list)) => list.iter().any(|item| self.matches(Some(item))),
            Some(Value::Object(object)) => self.fits(&|key| object.get(key)),
            _ => self.fits(&|_| None),
        }
    }

    fn fits<'v>(&self, get: &dyn Fn(&str) -> Option<&'v Value>) -> bool {
        let fields = self.fields.iter().all(|(key, node)| match node {
            Node::Object(object) => object.matches(get(key)),
            Node::Rules(rules) => rules.iter().any(|rule| rule.matches(get(key))),
        });
        let branches = |branches: &Vec<Object>| branches.iter().any(|branch| branch.fits(get));
        fields && self.branches.iter().all(branches)
    }
}

impl Rule {
    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            None | Some(Value::Object(_)) => *self == Self::Exists(false),
            Some(Value::Array(list)) if list.is_empty() => *self == Self::Exists(false),
            Some(Value::Array(list)) => match self {
                // None of the values may be what is excluded.
                Self::AnythingBut(_) => list.iter().all(|item| self.matches(Some(item))),
                _ => list.iter().any(|item| self.matches(Some(item))),
            },
            Some(leaf) => self.holds(leaf),
        }
    }

    fn holds(&self, leaf: &Value) -> bool {
        match self {
            Self::Value(wanted) => same(wanted, leaf),
            Self::Text(rule) => leaf.as_str().is_some_and(|text| rule.holds(text)),
            Self::Numeric(bounds) => leaf.as_f64().is_some_and(|number| {
                bounds
                    .iter()
                    .all(|(comparison, bound)| compare(number, comparison, *bound))
            }),
            Self::Exists(exists) => *exists,
            Self::Cidr(block, bits) => leaf
                .as_str()
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| within(address, *block, *bits)),
            Self::AnythingBut(others) => !others.iter().any(|other| other.holds(leaf)),
        }
    }
}

impl TextRule {
    fn holds(&self, text: &str) -> bool {
        let lower;
        let text = if self.ignore_case {
            lower = text.to_lowercase();
            &lower
        } else {
            text
        };
        match self.how {
            How::Equal => text == self.text,
            How::Prefix => text.starts_with(&self.text),
            How::Suffix => text.ends_with(&self.text),
            How::Wildcard => wildcard(text, &self.text),
        }
    }
}

/// Whether `text` fits a pattern in which `*` is any text.
fn wildcard(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = pattern.rsplit('*').next().filter(|_| pattern.contains('*')) else {
        return rest.is_empty();
    };
    let middle = parts.clone().count().saturating_sub(1);
    for part in parts.take(middle) {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

/// Numbers are equal when their values are: 300, 300.0 and 3e2.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn compare(number: f64, comparison: &str, bound: f64) -> bool {
    match comparison {
        "=" => number == bound,
        "<" => number < bound,
        "<=" => number <= bound,
        ">" => number > bound,
        _ => number >= bound,
    }
}

fn within(address: IpAddr, block: IpAddr, bits: u8) -> bool {
    let (one, other, width): (u128, u128, u32) = match (address, block) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            (u32::from(one).into(), u32::from(other).into(), 32)
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.into(), other.into(), 128),
        _ => return false,
    };
    let shift = width.saturating_sub(u32::from(bits));
    one.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
}
