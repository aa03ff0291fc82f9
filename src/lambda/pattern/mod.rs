//! Event patterns: one language with three dialects.
//!
//! A pattern has the shape of the event: keys are joined by "and", the values in a list by "or". Lambda's filter criteria
//! (reference 6.4), EventBridge's event patterns ("Comparison operators for use in event patterns") and SNS's filter
//! policies ("Filter policy operators") are the same but for this:
//!
//! | | filter criteria | event pattern | filter policy |
//! |---|---|---|---|
//! | `cidr`, operators inside `anything-but`, `prefix` and `suffix` that ignore case | no | yes | yes |
//! | `wildcard` | no | yes | no |
//! | a list under `$or` that is not all objects | refused | an ordinary key | an ordinary key |
//! | `anything-but` of a list | one other value is enough | nothing excluded may be in it | the same |
//! | the bounds of a range | the lower first | any | any |
//! | length | 4,096 characters | | |
//!
//! That nothing excluded may be in a list is SNS's own sentence ("String value matching": "that don't include any of the
//! policy property values"); for event patterns it is what those report who tried. For filter criteria there is no source;
//! that one other value is enough follows from "a list matches when one of its values does".
//!
//! An own matcher of some four hundred lines. The crate quamina speaks a related language, but lacks `$or`, cannot tell the
//! dialects apart and brings automata and Unicode tables for thousands of patterns into the download, where there are a few.

mod parse;
mod rule;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use parse::Parser;
use rule::Rule;

/// Longest pattern of filter criteria, in characters.
pub const LENGTH: usize = 4_096;

/// What a pattern looks like, for those whose pattern is none.
pub const EXAMPLE: &str = "A pattern looks like {\"source\": [\"com.example\"], \"detail\": {\"total\": [{\"numeric\": [\">\", 10]}]}}.";

/// Whose pattern it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Of an event source mapping's filter criteria.
    FilterCriteria,
    /// Of an EventBridge rule.
    EventPattern,
    /// Of an SNS subscription.
    FilterPolicy,
}

/// A pattern, ready to match.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern(Object);

/// All fields must match, and one of the branches of each `$or`.
#[derive(Debug, Clone, PartialEq, Default)]
struct Object {
    fields: Vec<(String, Node)>,
    branches: Vec<Vec<Object>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    /// A nested object.
    Object(Object),
    /// Rules for a value; one must match.
    Rules(Vec<Rule>),
}

/// Why a text is not a pattern.
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

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// With the first thing that is wrong.
    pub fn parse(text: &str, dialect: Dialect) -> Result<Self, Fault> {
        Parser { dialect }.whole(text).map(Self)
    }

    /// The keys at the top, those inside `$or` included.
    pub fn roots(&self) -> impl Iterator<Item = &str> {
        let mut roots = Vec::new();
        self.0.roots(&mut roots);
        roots.into_iter()
    }

    /// Whether the pattern looks into an object under this key at the top; none when it does not name the key.
    pub fn is_object_at(&self, root: &str) -> Option<bool> {
        self.0.kind_at(root)
    }

    /// Whether an event or record matches.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Object {
    fn roots<'a>(&'a self, roots: &mut Vec<&'a str>) {
        roots.extend(self.fields.iter().map(|(key, _)| key.as_str()));
        for branch in self.branches.iter().flatten() {
            branch.roots(roots);
        }
    }

    fn kind_at(&self, root: &str) -> Option<bool> {
        let own = self.fields.iter().find(|(key, _)| key == root);
        own.map(|(_, node)| matches!(node, Node::Object(_)))
            .or_else(|| {
                let mut branches = self.branches.iter().flatten();
                branches.find_map(|branch| branch.kind_at(root))
            })
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match value {
            // Of a list of objects, one must match as a whole.
            Some(Value::Array(list)) => list.iter().any(|item| self.matches(Some(item))),
            Some(Value::Object(object)) => self.all(&|key| object.get(key)),
            // A key of something that is no object is a key that does not exist.
            _ => self.all(&|_| None),
        }
    }

    fn all<'v>(&self, get: &dyn Fn(&str) -> Option<&'v Value>) -> bool {
        let fields = self.fields.iter().all(|(key, node)| match node {
            Node::Object(object) => object.matches(get(key)),
            Node::Rules(rules) => rules.iter().any(|rule| rule.matches(get(key))),
        });
        let one_of = |branches: &Vec<Object>| branches.iter().any(|branch| branch.all(get));
        fields && self.branches.iter().all(one_of)
    }
}
