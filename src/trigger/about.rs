//! What a trigger is, as data: for the picker, the form, and the rules that are the same for many.

use serde::{Deserialize, Serialize};

use super::retries::Retries;
use crate::lambda::event::InvocationType;

/// How the picker groups triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Group {
    /// The caller is a user who waits.
    SynchronousUser,
    /// Another service waits.
    SynchronousService,
    /// A service of another kind waits: conversations and streams.
    SynchronousOther,
    /// 202, queue, retries.
    Asynchronous,
    /// Lambda reads from a stream or queue.
    Polled,
}

impl Group {
    /// Every group, in the picker's order.
    pub const ALL: [Group; 5] = [
        Group::SynchronousUser,
        Group::SynchronousService,
        Group::SynchronousOther,
        Group::Asynchronous,
        Group::Polled,
    ];

    /// Its heading in the picker.
    pub fn name(self) -> &'static str {
        match self {
            Group::SynchronousUser => "A user waits",
            Group::SynchronousService => "A service waits",
            Group::SynchronousOther => "Others that wait",
            Group::Asynchronous => "Nobody waits",
            Group::Polled => "Lambda polls",
        }
    }
}

/// One field of a trigger's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Key in [`Form`].
    pub key: &'static str,
    /// Label, sentence case.
    pub label: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// The value of a fresh form.
    pub default: &'static str,
    /// Whether it is no part of the event but of what the service does with it: a filter, a rule, a definition.
    pub setting: bool,
}

/// What a field holds; all values are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    Multiline,
    /// A whole number in a range.
    Number {
        /// Smallest.
        min: u64,
        /// Largest.
        max: u64,
    },
    /// One of these.
    Choice(&'static [&'static str]),
}

impl Field {
    const fn new(
        key: &'static str,
        label: &'static str,
        kind: FieldKind,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self {
            key,
            label,
            help,
            kind,
            default,
            setting: false,
        }
    }

    /// The same as a setting of the service.
    pub(super) const fn setting(self) -> Self {
        Self {
            setting: true,
            ..self
        }
    }

    /// One line.
    pub(super) const fn text(
        key: &'static str,
        label: &'static str,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(key, label, FieldKind::Text, default, help)
    }

    /// Several lines.
    pub(super) const fn lines(
        key: &'static str,
        label: &'static str,
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(key, label, FieldKind::Multiline, default, help)
    }

    /// A whole number from `min` to `max`.
    pub(super) const fn number(
        key: &'static str,
        label: &'static str,
        (min, max): (u64, u64),
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(key, label, FieldKind::Number { min, max }, default, help)
    }

    /// One of `choices`; a fresh form has the one given as `default`.
    pub(super) const fn choice(
        key: &'static str,
        label: &'static str,
        choices: &'static [&'static str],
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(key, label, FieldKind::Choice(choices), default, help)
    }
}

/// A filled form: key and value, in the fields' order.
pub type Form = Vec<(String, String)>;

/// What a field of a form holds; empty if it is not there.
pub(super) fn value<'a>(form: &'a Form, key: &str) -> &'a str {
    form.iter()
        .find(|(found, _)| found == key)
        .map_or("", |(_, value)| value.as_str())
}

/// What a trigger is.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Stable id, kebab case.
    pub id: &'static str,
    /// AWS's name for it.
    pub name: &'static str,
    /// Where the picker shows it.
    pub group: Group,
    /// Words that people search for, besides the name.
    pub keywords: &'static str,
    /// One paragraph: when it fires, who waits, what happens on failure.
    pub explanation: &'static str,
    /// Title and address of the AWS page behind the explanation.
    pub source: (&'static str, &'static str),
    /// Who sends the event, as findings about an edited one say it: `S3`, `an HTTP API`.
    pub sender: &'static str,
    /// How it calls Lambda; triggers with both ways override [`super::Trigger::invocation_type`].
    pub call: InvocationType,
    /// The form's fields.
    pub fields: &'static [Field],
    /// The sample event, and the shape of all events: see the module `template`.
    pub template: &'static str,
    /// How long the caller waits for a synchronous answer, in milliseconds; none when it waits as long as Lambda runs.
    pub timeout_ms: Option<u64>,
    /// What the caller does by itself when a call fails.
    pub retries: &'static Retries,
}

impl About {
    /// Whether a search for `words` finds it: every word must occur in its name, id, keywords or sender.
    pub fn matches(&self, words: &str) -> bool {
        let known = [self.name, self.id, self.keywords, self.sender]
            .join(" ")
            .to_lowercase();
        words
            .to_lowercase()
            .split_whitespace()
            .all(|word| known.contains(word))
    }
}
