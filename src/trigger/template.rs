//! Events as JSON text with holes: one text is the sample and, at the same time, the shape of real events.
//!
//! A hole is `<name>` in a string. A string that is nothing but a hole takes the hole's value as it is, and a sign before
//! the name says of which kind: `<name>` text, `<#name>` a number, `<?name>` a boolean, `<%name>` an object of strings,
//! `<@name>` a list, `<*name>` anything, read from JSON text, `<!name>` anything, never read. Names are looked up among the values a trigger sets, then in the form, then among
//! made-up ones (see [`Filler::made_up`]). The same name has the same value throughout one event; `<uuid>` and `<uuid 2>`
//! are two.
//!
//! Marks on keys: `name?` is not in every event, and left out of the sample when its hole is empty; `=name` has this very
//! value in all events. Of a list, the first element shows what all are like.

use serde_json::{Map, Number, Value};

use super::SampleContext;
use super::about::{Form, value};
use super::check::{self, RESET};
use super::ids::{self, Ids};
use crate::problem::Problem;

/// More elements of a list would only say the same again.
const ELEMENTS: usize = 10;

/// Fills holes for one event.
pub(super) struct Filler<'a> {
    form: &'a Form,
    context: SampleContext,
    /// For ids that a trigger makes itself.
    pub ids: Ids,
    known: Vec<(String, Value)>,
}

impl<'a> Filler<'a> {
    /// For an event of the trigger with this id.
    pub fn new(trigger: &str, form: &'a Form, context: SampleContext) -> Self {
        Self {
            form,
            context,
            ids: Ids::new(context, trigger),
            known: Vec::new(),
        }
    }

    /// Gives a hole its value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.known.push((name.to_owned(), value.into()));
    }

    /// The event.
    pub fn fill(&mut self, template: &str) -> Value {
        let template = parsed(template);
        self.value(&template).unwrap_or_default()
    }

    /// An event whose list `key` has one record for each line: `set` gives the holes of each their values, and made-up ones
    /// are made up anew.
    pub fn records(
        &mut self,
        template: &str,
        key: &str,
        lines: &[&str],
        set: impl Fn(&mut Self, usize, &str),
    ) -> Value {
        let mut event = Value::Null;
        let before = self.known.len();
        let mut records = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            // Ids of the record before are forgotten, but not those of the source.
            self.known.truncate(before);
            set(self, number, line);
            event = self.fill(template);
            let list = event.get_mut(key).and_then(Value::as_array_mut);
            records.extend(list.into_iter().flat_map(std::mem::take));
        }
        self.known.truncate(before);
        if let Some(slot) = event.get_mut(key) {
            *slot = records.into();
        }
        event
    }

    /// The text of a hole.
    pub fn text(&mut self, name: &str) -> String {
        match self.look_up(name) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// A filled value; none when it was a hole that is empty.
    fn value(&mut self, template: &Value) -> Option<Value> {
        Some(match template {
            Value::Object(members) => {
                let mut object = Map::new();
                for (marked, member) in members {
                    let key = Key::of(marked);
                    match self.value(member) {
                        Some(value) => {
                            object.insert(key.name.to_owned(), value);
                        }
                        None if key.optional => {}
                        None => {
                            let empty = self.empty(member);
                            object.insert(key.name.to_owned(), empty);
                        }
                    }
                }
                Value::Object(object)
            }
            Value::Array(list) => list.iter().filter_map(|item| self.value(item)).collect(),
            Value::String(text) => match whole(text) {
                Some((kind, name)) => {
                    let found = self.look_up(name);
                    return converted(kind, found);
                }
                None => Value::String(self.expand(text)),
            },
            other => other.clone(),
        })
    }

    /// What an empty hole leaves behind under a key that every event has.
    fn empty(&mut self, hole: &Value) -> Value {
        match hole.as_str().and_then(whole) {
            Some((Kind::Text, name)) if !self.look_up(name).is_null() => "".into(),
            _ => Value::Null,
        }
    }

    /// A text with its holes filled.
    pub fn expand(&mut self, text: &str) -> String {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('>') else {
                rest = after;
                break;
            };
            filled.push_str(&self.text(name));
            rest = after;
        }
        filled.push_str(rest);
        filled
    }

    fn look_up(&mut self, name: &str) -> Value {
        if let Some((_, value)) = self.known.iter().rev().find(|(known, _)| known == name) {
            return value.clone();
        }
        if let Some((_, value)) = self.form.iter().find(|(key, _)| key == name) {
            return Value::String(value.clone());
        }
        let value = self.made_up(name);
        self.known.push((name.to_owned(), value.clone()));
        value
    }

    /// Values that need no trigger: places, times and ids. A number after an id's name is its length, one after that only
    /// makes it another one.
    fn made_up(&mut self, name: &str) -> Value {
        const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
        const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let ms = self.context.time_ms;
        let mut words = name.split(' ');
        let what = words.next().unwrap_or_default();
        let length = words
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or(16);
        match what {
            "account" => ids::ACCOUNT.into(),
            "region" => ids::REGION.into(),
            "ip" => ids::SOURCE_IP.into(),
            "time" => ids::iso_8601(ms).into(),
            // Without the fraction of a second.
            "time_s" => ids::iso_8601_seconds(ms).into(),
            "log_time" => ids::log_time(ms).into(),
            "ms" => ms.into(),
            "s" => ms.div_euclid(1000).into(),
            "uuid" => self.ids.uuid().into(),
            "hex" => self.ids.word("0123456789abcdef", length).into(),
            "id" => self.ids.word(LOWER, length).into(),
            "ID" => self.ids.word(UPPER, length).into(),
            "digits" => self.ids.word("0123456789", length).into(),
            "base64" => self.ids.base64(length).into(),
            "trace" => {
                let seconds = u32::try_from(ms.div_euclid(1000)).unwrap_or_default();
                format!("Root=1-{seconds:08x}-{}", self.ids.hex::<12>()).into()
            }
            // A form that nobody filled.
            _ => Value::String(value(self.form, name).to_owned()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Bool,
    Texts,
    List,
    Any,
    Raw,
}

/// Kind and name when a string is nothing but one hole.
fn whole(text: &str) -> Option<(Kind, &str)> {
    let name = text.strip_prefix('<')?.strip_suffix('>')?;
    if name.contains('<') {
        return None;
    }
    let kind = match name.chars().next()? {
        '#' => Kind::Number,
        '?' => Kind::Bool,
        '%' => Kind::Texts,
        '@' => Kind::List,
        '*' => Kind::Any,
        '!' => Kind::Raw,
        _ => return Some((Kind::Text, name)),
    };
    Some((kind, name.get(1..)?))
}

/// A hole's value as its kind wants it; none when it is empty.
fn converted(kind: Kind, value: Value) -> Option<Value> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text,
        ready => {
            return Some(match kind {
                Kind::Text => ready.to_string().into(),
                _ => ready,
            });
        }
    };
    let trimmed = text.trim();
    match kind {
        Kind::Text | Kind::Raw => (!text.is_empty()).then(|| text.into()),
        Kind::Number => Some(Value::Number(
            trimmed.parse().unwrap_or_else(|_| Number::from(0)),
        )),
        Kind::Bool => Some(matches!(trimmed, "true" | "On" | "Yes").into()),
        Kind::Any | Kind::Texts | Kind::List if trimmed.is_empty() => None,
        Kind::Texts | Kind::List => Some(serde_json::from_str(trimmed).unwrap_or_default()),
        Kind::Any => Some(serde_json::from_str(trimmed).unwrap_or_else(|_| text.into())),
    }
}

struct Key<'a> {
    name: &'a str,
    optional: bool,
    fixed: bool,
}

impl<'a> Key<'a> {
    fn of(marked: &'a str) -> Self {
        let unfixed = marked.strip_prefix('=');
        let name = unfixed.unwrap_or(marked);
        let required = name.strip_suffix('?');
        Self {
            name: required.unwrap_or(name),
            optional: required.is_some(),
            fixed: unfixed.is_some(),
        }
    }
}

/// Templates are ours; a test reads them all.
fn parsed(template: &str) -> Value {
    serde_json::from_str(template).unwrap_or_default()
}

/// What sets an edited event apart from real ones of `sender`.
pub(super) fn compare(template: &str, event: &Value, sender: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut at = String::from("$");
    walk(&parsed(template), event, &mut at, sender, &mut problems);
    problems
}

fn walk(
    template: &Value,
    event: &Value,
    at: &mut String,
    sender: &str,
    problems: &mut Vec<Problem>,
) {
    let wanted = match template {
        Value::Object(members) => {
            let Some(object) = event.as_object() else {
                problems.push(check::wrong_kind(at, event, "an object", sender));
                return;
            };
            let length = at.len();
            for (marked, member) in members {
                let key = Key::of(marked);
                at.push('.');
                at.push_str(key.name);
                match object.get(key.name) {
                    None if key.optional => {}
                    None => problems.push(check::missing(at, sender)),
                    Some(found) if key.fixed && found != member && same_kind(found, member) => {
                        problems.push(check::other_value(at, member, sender));
                    }
                    Some(found) => walk(member, found, at, sender, problems),
                }
                at.truncate(length);
            }
            return;
        }
        Value::Array(list) => {
            let Some(found) = event.as_array() else {
                problems.push(check::wrong_kind(at, event, "a list", sender));
                return;
            };
            let length = at.len();
            if let Some(first) = list.first() {
                for (number, item) in found.iter().enumerate().take(ELEMENTS) {
                    at.push_str(&format!("[{number}]"));
                    walk(first, item, at, sender, problems);
                    at.truncate(length);
                }
            }
            return;
        }
        Value::String(text) => match whole(text).map_or(Kind::Text, |(kind, _)| kind) {
            Kind::Text if !event.is_string() => "a string",
            Kind::Number if !event.is_number() => "a number",
            Kind::Bool if !event.is_boolean() => "`true` or `false`",
            Kind::List if !event.is_array() => "a list",
            Kind::Texts if !is_texts(event) => "an object of strings",
            _ => return,
        },
        Value::Number(_) if !event.is_number() => "a number",
        Value::Bool(_) if !event.is_boolean() => "`true` or `false`",
        _ => return,
    };
    problems.push(check::wrong_kind(at, event, wanted, sender));
}

fn is_texts(event: &Value) -> bool {
    event
        .as_object()
        .is_some_and(|object| object.values().all(Value::is_string))
}

fn same_kind(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Warns of a list of records that real events of `sender` do not have so many of.
pub(super) fn one_record(event: &Value, key: &str, sender: &str) -> Option<Problem> {
    let count = event.get(key)?.as_array()?.len();
    (count != 1).then(|| {
        Problem::warning(
            "event.records",
            format!("$.{key}"),
            format!("{sender} sends one record in each event; here there are {count}."),
            RESET,
        )
    })
}
