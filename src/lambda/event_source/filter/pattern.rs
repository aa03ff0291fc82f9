//! One filter pattern: parsed, checked, matched against a record.

use std::fmt;

use serde_json::{Map, Value};

/// Deepest nesting of a pattern: a bound on recursion over what a visitor typed.
const DEPTH: usize = 64;

/// Longest `Pattern` in characters.
pub const LENGTH: usize = 4_096;

/// A filter pattern, ready to match.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Object);

/// All fields must match, and one of the branches of each `$or`.
#[derive(Debug, Clone, PartialEq, Default)]
struct Object {
    fields: Vec<(String, Node)>,
    any: Vec<Vec<Object>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// A nested object.
    Object(Object),
    /// Rules for a value; one must match.
    Rules(Vec<Rule>),
}

#[derive(Debug, Clone, PartialEq)]
enum Rule {
    Equals(Value),
    EqualsIgnoreCase(String),
    Prefix(String),
    Suffix(String),
    AnythingBut(Vec<Value>),
    Numeric(Vec<(Comparison, f64)>),
    Exists(bool),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Why a text is not a filter pattern. Lambda says `Invalid filter pattern definition.` and no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON path inside the pattern.
    pub place: String,
    /// What is wrong there.
    pub cause: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.cause)
    }
}

fn fault<T>(place: &str, cause: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        place: place.to_owned(),
        cause: cause.into(),
    })
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.chars().count() > LENGTH {
            return fault("$", format!("A pattern has at most {LENGTH} characters."));
        }
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => Object::parse(&object, "$", 0).map(Self),
            Ok(_) => fault("$", "A pattern is a JSON object."),
            Err(error) => fault("$", format!("This is not JSON: {error}.")),
        }
    }

    /// The keys at the top, those inside `$or` included.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let mut roots = Vec::new();
        self.0.roots(&mut roots);
        roots.into_iter()
    }

    /// Whether the pattern looks into an object under this key at the top.
    pub fn is_object_at(&self, root: &str) -> Option<bool> {
        self.0.kind_at(root)
    }

    /// Whether a record matches.
    pub fn matches(&self, record: &Value) -> bool {
        self.0.matches(Some(record))
    }
}

impl Object {
    fn parse(object: &Map<String, Value>, place: &str, depth: usize) -> Result<Self, Fault> {
        if depth > DEPTH {
            return fault(place, format!("Patterns nest at most {DEPTH} levels deep."));
        }
        if object.is_empty() {
            return fault(place, "An object of a pattern names at least one key.");
        }
        let mut parsed = Self::default();
        for (key, value) in object {
            let place = format!("{place}.{key}");
            match value {
                Value::Array(branches) if key == "$or" => {
                    parsed.any.push(or(branches, &place, depth)?);
                }
                Value::Object(nested) => {
                    let node = Node::Object(Self::parse(nested, &place, depth + 1)?);
                    parsed.fields.push((key.clone(), node));
                }
                Value::Array(rules) if rules.is_empty() => {
                    return fault(&place, "A list of rules has at least one rule.");
                }
                Value::Array(rules) => {
                    let rules = rules.iter().map(|rule| Rule::parse(rule, &place));
                    let node = Node::Rules(rules.collect::<Result<_, _>>()?);
                    parsed.fields.push((key.clone(), node));
                }
                _ => return fault(&place, "Values stand in a list, as in [\"x\"]."),
            }
        }
        Ok(parsed)
    }

    fn roots<'a>(&'a self, roots: &mut Vec<&'a str>) {
        roots.extend(self.fields.iter().map(|(key, _)| key.as_str()));
        for branch in self.any.iter().flatten() {
            branch.roots(roots);
        }
    }

    fn kind_at(&self, root: &str) -> Option<bool> {
        let own = self.fields.iter().find(|(key, _)| key == root);
        own.map(|(_, node)| matches!(node, Node::Object(_)))
            .or_else(|| {
                let mut branches = self.any.iter().flatten();
                branches.find_map(|branch| branch.kind_at(root))
            })
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Of a list of objects, one must match as a whole.
            Some(Value::Array(list)) => list.iter().any(|value| self.matches(Some(value))),
            Some(Value::Object(object)) => self.all(|key| object.get(key)),
            // A key of something that is no object is a key that does not exist.
            _ => self.all(|_| None),
        }
    }

    fn all<'v>(&self, get: impl Fn(&str) -> Option<&'v Value> + Copy) -> bool {
        let fields = self.fields.iter().all(|(key, node)| match node {
            Node::Object(object) => object.matches(get(key)),
            Node::Rules(rules) => rules.iter().any(|rule| rule.matches(get(key))),
        });
        fields
            && self
                .any
                .iter()
                .all(|branches| branches.iter().any(|branch| branch.all(get)))
    }
}

fn or(branches: &[Value], place: &str, depth: usize) -> Result<Vec<Object>, Fault> {
    if branches.len() < 2 {
        return fault(place, "$or lists two or more objects.");
    }
    let parse = |branch: &Value| match branch {
        Value::Object(object) => Object::parse(object, place, depth + 1),
        _ => fault(place, "$or lists objects."),
    };
    branches.iter().map(parse).collect()
}

impl Rule {
    fn parse(rule: &Value, place: &str) -> Result<Self, Fault> {
        let object = match rule {
            Value::Object(object) => object,
            Value::Array(_) => return fault(place, "A rule is not a list."),
            scalar => return Ok(Self::Equals(scalar.clone())),
        };
        let (Some((operator, operand)), 1) = (object.iter().next(), object.len()) else {
            return fault(place, "A rule has one operator.");
        };
        let text = || match operand {
            Value::String(text) => Ok(text.clone()),
            _ => fault(place, format!("{operator} takes a string.")),
        };
        match operator.as_str() {
            "prefix" => text().map(Self::Prefix),
            "suffix" => text().map(Self::Suffix),
            "equals-ignore-case" => text().map(|text| Self::EqualsIgnoreCase(text.to_lowercase())),
            "exists" => match operand {
                Value::Bool(exists) => Ok(Self::Exists(*exists)),
                _ => fault(place, "exists takes true or false."),
            },
            "anything-but" => match operand {
                Value::Array(list)
                    if !list.is_empty() && list.iter().all(|v| v.is_string() || v.is_number()) =>
                {
                    Ok(Self::AnythingBut(list.clone()))
                }
                Value::String(_) | Value::Number(_) => Ok(Self::AnythingBut(vec![operand.clone()])),
                _ => fault(place, "anything-but takes strings or numbers."),
            },
            "numeric" => numeric(operand, place).map(Self::Numeric),
            _ => fault(
                place,
                format!(
                    "{operator} is not an operator. There are prefix, suffix, anything-but, numeric, exists and \
                     equals-ignore-case."
                ),
            ),
        }
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        let Some(value) = value else {
            return *self == Self::Exists(false);
        };
        match value {
            Value::Array(list) if list.is_empty() => *self == Self::Exists(false),
            Value::Array(list) => list.iter().any(|value| self.matches(Some(value))),
            // Rules are about leaves: an object is none.
            Value::Object(_) => *self == Self::Exists(false),
            leaf => self.holds_for(leaf),
        }
    }

    fn holds_for(&self, leaf: &Value) -> bool {
        let text = leaf.as_str();
        match self {
            Self::Equals(wanted) => same(wanted, leaf),
            Self::EqualsIgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == *wanted)
            }
            Self::Prefix(prefix) => text.is_some_and(|text| text.starts_with(prefix)),
            Self::Suffix(suffix) => text.is_some_and(|text| text.ends_with(suffix)),
            Self::AnythingBut(others) => others.iter().all(|other| !same(other, leaf)),
            Self::Numeric(bounds) => leaf.as_f64().is_some_and(|number| {
                bounds
                    .iter()
                    .all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(exists) => *exists,
        }
    }
}

/// Numbers are equal when their values are: 300, 300.0 and 3e2.
fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn numeric(operand: &Value, place: &str) -> Result<Vec<(Comparison, f64)>, Fault> {
    const SHAPE: &str = "numeric takes one or two comparisons, as in [\">\", 0, \"<=\", 100]; operators are =, <, <=, > and >=.";
    let list = operand.as_array().map(Vec::as_slice).unwrap_or_default();
    if !matches!(list.len(), 2 | 4) {
        return fault(place, SHAPE);
    }
    let bounds: Option<Vec<_>> = list
        .chunks_exact(2)
        .map(|pair| {
            let comparison = match pair.first()?.as_str()? {
                "=" => Comparison::Equal,
                "<" => Comparison::Less,
                "<=" => Comparison::LessOrEqual,
                ">" => Comparison::Greater,
                ">=" => Comparison::GreaterOrEqual,
                _ => return None,
            };
            Some((comparison, pair.get(1)?.as_f64()?))
        })
        .collect();
    let Some(bounds) = bounds else {
        return fault(place, SHAPE);
    };
    if let [(from, low), (to, high)] = bounds[..]
        && !(from.is_lower_bound() && to.is_upper_bound() && low < high)
    {
        return fault(place, "A range goes from a lower to a higher bound.");
    }
    Ok(bounds)
}

impl Comparison {
    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
            Self::Greater => number > bound,
            Self::GreaterOrEqual => number >= bound,
        }
    }

    fn is_lower_bound(self) -> bool {
        matches!(self, Self::Greater | Self::GreaterOrEqual)
    }

    fn is_upper_bound(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(pattern: &Value, record: &Value) -> bool {
        Pattern::parse(&pattern.to_string())
            .expect("a pattern")
            .matches(record)
    }

    /// Reference 6.4: operators.
    #[test]
    fn every_operator_says_yes_and_no() {
        let cases = [
            (json!(["x"]), json!("x"), json!("y")),
            (json!([null]), json!(null), json!("")),
            (json!([""]), json!(""), json!(null)),
            (json!([true]), json!(true), json!("true")),
            (json!([300]), json!(300.0), json!("300")),
            (json!(["a", "b"]), json!("b"), json!("c")),
            (json!([{"prefix": "us-"}]), json!("us-east-1"), json!("eu")),
            (json!([{"suffix": ".png"}]), json!("a.png"), json!("png.a")),
            (
                json!([{"anything-but": ["x", "y"]}]),
                json!("z"),
                json!("y"),
            ),
            (json!([{"anything-but": "x"}]), json!(1), json!("x")),
            (json!([{"anything-but": [1, 2]}]), json!(3), json!(2.0)),
            (json!([{"numeric": ["=", 100]}]), json!(1e2), json!(101)),
            (
                json!([{"numeric": [">", 10, "<=", 20]}]),
                json!(20),
                json!(10),
            ),
            (json!([{"numeric": ["<", 0]}]), json!(-0.5), json!("-1")),
            (
                json!([{"equals-ignore-case": "AlIce"}]),
                json!("ALICE"),
                json!("Bob"),
            ),
            (json!([{"exists": true}]), json!(null), json!({"deeper": 1})),
        ];
        for (rules, yes, no) in cases {
            let pattern = json!({"k": rules});
            assert!(matches(&pattern, &json!({"k": yes})), "{pattern} {yes}");
            assert!(!matches(&pattern, &json!({"k": no})), "{pattern} {no}");
            assert!(!matches(&pattern, &json!({})), "{pattern} on nothing");
        }
    }

    #[test]
    fn exists_is_about_leaves() {
        let absent = json!({"a": {"b": [{"exists": false}]}});
        for record in [
            json!({}),
            json!({"a": 1}),
            json!({"a": {"b": {"c": 1}}}),
            json!({"a": {"b": []}}),
        ] {
            assert!(matches(&absent, &record), "{record}");
        }
        assert!(!matches(&absent, &json!({"a": {"b": null}})));
    }

    #[test]
    fn keys_are_anded_and_lists_ored() {
        let pattern = json!({"a": ["x"], "b": {"c": [1, 2]}});
        assert!(matches(&pattern, &json!({"a": "x", "b": {"c": 2}})));
        assert!(!matches(&pattern, &json!({"a": "x", "b": {"c": 3}})));
        assert!(!matches(&pattern, &json!({"a": "x"})));
        // Values of a list count one by one; objects of a list as wholes.
        assert!(matches(&json!({"a": ["x"]}), &json!({"a": ["y", "x"]})));
        let both = json!({"a": {"b": [1], "c": [2]}});
        assert!(matches(&both, &json!({"a": [{"b": 0}, {"b": 1, "c": 2}]})));
        assert!(!matches(&both, &json!({"a": [{"b": 1}, {"c": 2}]})));
    }

    #[test]
    fn or_joins_fields() {
        let pattern = json!({"a": ["x"], "$or": [{"b": [1]}, {"c": [{"numeric": [">", 5]}]}]});
        assert!(matches(&pattern, &json!({"a": "x", "b": 1})));
        assert!(matches(&pattern, &json!({"a": "x", "c": 6})));
        assert!(!matches(&pattern, &json!({"a": "x", "c": 5})));
        assert!(!matches(&pattern, &json!({"b": 1})));
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_its_place() {
        let cases = [
            ("", "$"),
            ("[]", "$"),
            ("{}", "$"),
            (r#"{"a":"x"}"#, "$.a"),
            (r#"{"a":[]}"#, "$.a"),
            (r#"{"a":{}}"#, "$.a"),
            (r#"{"a":[["x"]]}"#, "$.a"),
            (r#"{"a":[{"wildcard":"x*"}]}"#, "$.a"),
            (r#"{"a":[{"prefix":1}]}"#, "$.a"),
            (r#"{"a":[{"prefix":"x","suffix":"y"}]}"#, "$.a"),
            (r#"{"a":[{"exists":"yes"}]}"#, "$.a"),
            (r#"{"a":[{"anything-but":[]}]}"#, "$.a"),
            (r#"{"a":[{"numeric":[">"]}]}"#, "$.a"),
            (r#"{"a":[{"numeric":["~",1]}]}"#, "$.a"),
            (r#"{"a":[{"numeric":[">",5,"<",1]}]}"#, "$.a"),
            (r#"{"$or":[{"a":[1]}]}"#, "$.$or"),
            (r#"{"$or":[1,2]}"#, "$.$or"),
        ];
        for (text, place) in cases {
            let fault = Pattern::parse(text).expect_err(text);
            assert_eq!(fault.place, place, "{text}");
        }
        let deep = format!("{}{}{}", r#"{"a":"#.repeat(80), "[1]", "}".repeat(80));
        assert!(Pattern::parse(&deep).is_err());
        assert!(Pattern::parse(&format!(r#"{{"a":["{}"]}}"#, "x".repeat(5_000))).is_err());
    }
}
