//! Rules for a value: the operators.

use std::net::IpAddr;

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rule {
    Value(Value),
    Text(TextRule),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
    Cidr(IpAddr, u8),
    AnythingBut {
        others: Vec<Rule>,
        /// Whether each value of a list must be another one; else one of them is enough.
        each: bool,
    },
}

/// A comparison of texts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TextRule {
    pub how: How,
    /// The text is in lower case then.
    pub ignore_case: bool,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Equal,
    Prefix,
    Suffix,
    Wildcard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Rule {
    pub fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Rules are about leaves: an object is none, and neither is an empty list.
            None | Some(Value::Object(_)) => *self == Self::Exists(false),
            Some(Value::Array(list)) if list.is_empty() => *self == Self::Exists(false),
            Some(Value::Array(list)) => match self {
                Self::AnythingBut { each: true, .. } => {
                    list.iter().all(|item| self.matches(Some(item)))
                }
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
                    .all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(exists) => *exists,
            Self::Cidr(block, bits) => leaf
                .as_str()
                .and_then(|text| text.parse().ok())
                .is_some_and(|address| within(address, *block, *bits)),
            Self::AnythingBut { others, .. } => !others.iter().any(|other| other.holds(leaf)),
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

impl Comparison {
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "=" => Self::Equal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }

    pub fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    pub fn is_upper_bound(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
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
