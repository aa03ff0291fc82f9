//! From text to pattern, with a word on what is wrong.

use std::net::IpAddr;

use serde_json::{Map, Value};

use super::rule::{Comparison, How, Rule, TextRule};
use super::{Dialect, Fault, LENGTH, Node, Object};

/// Deepest nesting of a pattern: a bound on recursion over what a visitor typed.
const DEPTH: usize = 64;

/// Longest name that a fault repeats, in characters.
const SHORT: usize = 120;

type Parsed<T> = Result<T, Fault>;

fn fault<T>(place: &str, cause: impl Into<String>) -> Parsed<T> {
    Err(Fault {
        place: place.to_owned(),
        cause: cause.into(),
    })
}

fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(SHORT).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

pub(super) struct Parser {
    pub dialect: Dialect,
}

impl Parser {
    /// Whether it is the smaller language of filter criteria.
    fn is_small(&self) -> bool {
        self.dialect == Dialect::FilterCriteria
    }

    pub fn whole(&self, text: &str) -> Parsed<Object> {
        if self.is_small() && text.chars().count() > LENGTH {
            return fault("$", format!("A pattern has at most {LENGTH} characters."));
        }
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => self.object(&object, "$", 0),
            Ok(_) => fault("$", "A pattern is a JSON object."),
            Err(error) => fault("$", format!("This is not JSON: {error}.")),
        }
    }

    fn object(&self, object: &Map<String, Value>, place: &str, depth: usize) -> Parsed<Object> {
        if depth > DEPTH {
            return fault(
                place,
                format!("A pattern is nested at most {DEPTH} levels deep."),
            );
        }
        if object.is_empty() {
            return fault(place, "An object in a pattern must have a key.");
        }
        let mut parsed = Object::default();
        for (key, value) in object {
            let place = format!("{place}.{}", short(key));
            let node = match value {
                Value::Array(list) if key == "$or" && self.is_or(list) => {
                    parsed.branches.push(self.or(list, &place, depth)?);
                    continue;
                }
                Value::Object(nested) => Node::Object(self.object(nested, &place, depth + 1)?),
                Value::Array(rules) if rules.is_empty() => {
                    return fault(&place, "The list of values is empty, so nothing would fit.");
                }
                Value::Array(rules) => {
                    let rules = rules.iter().map(|rule| self.rule(rule, &place));
                    Node::Rules(rules.collect::<Parsed<_>>()?)
                }
                _ => {
                    return fault(
                        &place,
                        format!(
                            "{} must be an object or an array, as in [\"x\"].",
                            short(key)
                        ),
                    );
                }
            };
            parsed.fields.push((key.clone(), node));
        }
        Ok(parsed)
    }

    fn is_or(&self, list: &[Value]) -> bool {
        self.is_small() || list.iter().all(Value::is_object)
    }

    fn or(&self, list: &[Value], place: &str, depth: usize) -> Parsed<Vec<Object>> {
        if list.len() < 2 {
            return fault(place, "$or lists two or more objects.");
        }
        let branch = |branch: &Value| match branch {
            Value::Object(object) => self.object(object, place, depth + 1),
            _ => fault(place, "$or lists objects."),
        };
        list.iter().map(branch).collect()
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
            ("numeric", _) => self.numeric(operand, place),
            ("cidr", _) if !self.is_small() => operand.as_str().and_then(cidr).map_or_else(
                || fault(place, "cidr takes a block such as 10.0.0.0/24."),
                Ok,
            ),
            ("anything-but", _) => self.anything_but(operand, place),
            _ => fault(
                place,
                format!(
                    "Unrecognized match type {}. There are {}.",
                    short(operator),
                    self.operators()
                ),
            ),
        }
    }

    fn operators(&self) -> &'static str {
        match self.dialect {
            Dialect::FilterCriteria => {
                "prefix, suffix, anything-but, numeric, exists and equals-ignore-case"
            }
            Dialect::EventPattern => {
                "prefix, suffix, anything-but, numeric, exists, equals-ignore-case, cidr and wildcard"
            }
            Dialect::FilterPolicy => {
                "prefix, suffix, anything-but, numeric, exists, equals-ignore-case and cidr"
            }
        }
    }

    fn anything_but(&self, operand: &Value, place: &str) -> Parsed<Rule> {
        let value = |value: &Value| match value {
            Value::String(_) | Value::Number(_) => Ok(Rule::Value(value.clone())),
            _ => fault(place, "anything-but takes strings or numbers."),
        };
        let others: Parsed<Vec<_>> = match operand {
            Value::Array(list) if !list.is_empty() => list.iter().map(value).collect(),
            Value::String(_) | Value::Number(_) => value(operand).map(|value| vec![value]),
            Value::Object(inner) if !self.is_small() => self.negated(inner, place),
            _ if self.is_small() => fault(place, "anything-but takes strings or numbers."),
            _ => fault(place, "anything-but takes strings, numbers or an operator."),
        };
        Ok(Rule::AnythingBut {
            others: others?,
            each: !self.is_small(),
        })
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
        let wrong = || fault(place, format!("{operator} takes a string."));
        let may_nest = !self.is_small() && matches!(how, How::Prefix | How::Suffix);
        let (text, ignore_case) = match operand {
            Value::String(text) => (text, how == How::Equal),
            Value::Object(inner) if may_nest => match inner.get("equals-ignore-case") {
                Some(Value::String(text)) if inner.len() == 1 => (text, true),
                _ => return wrong(),
            },
            _ => return wrong(),
        };
        if how == How::Wildcard && text.contains("**") {
            return fault(place, "A wildcard may not have two * in a row.");
        }
        let text = match ignore_case {
            true => text.to_lowercase(),
            false => text.clone(),
        };
        Ok(TextRule {
            how,
            ignore_case,
            text,
        })
    }

    fn numeric(&self, operand: &Value, place: &str) -> Parsed<Rule> {
        const SHAPE: &str = "numeric takes one or two comparisons, as in [\">\", 0, \"<=\", 100]; there are =, <, <=, > and >=.";
        let list = operand.as_array().map(Vec::as_slice).unwrap_or_default();
        if !matches!(list.len(), 2 | 4) {
            return fault(place, SHAPE);
        }
        let bounds: Option<Vec<_>> = list
            .chunks_exact(2)
            .map(|pair| {
                let comparison = Comparison::parse(pair.first()?.as_str()?)?;
                Some((comparison, pair.get(1)?.as_f64()?))
            })
            .collect();
        let Some(bounds) = bounds else {
            return fault(place, SHAPE);
        };
        if self.is_small()
            && let [(from, low), (to, high)] = bounds[..]
            && !(from.is_lower_bound() && to.is_upper_bound() && low < high)
        {
            return fault(place, "A range goes from a lower to a higher bound.");
        }
        Ok(Rule::Numeric(bounds))
    }
}

fn cidr(text: &str) -> Option<Rule> {
    let (address, bits) = text.split_once('/')?;
    let (address, bits): (IpAddr, u8) = (address.parse().ok()?, bits.parse().ok()?);
    let most = if address.is_ipv4() { 32 } else { 128 };
    (bits <= most).then_some(Rule::Cidr(address, bits))
}
