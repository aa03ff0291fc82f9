//! Event sources: one file each, and one line in [`all`].
//!
//! A trigger knows its event, its form, its invocation type, the response it wants and what its caller sees. It knows
//! nothing of the page (forms are data, drawn by one generic component) and nothing of the kernel.

mod api_gateway_http;
mod check;
mod direct;
mod ids;
pub mod names;
mod parse;
mod s3;

pub use parse::parse_event;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

/// How the picker groups triggers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Group {
    /// The caller is a user who waits.
    SynchronousUser,
    /// Another service waits.
    SynchronousService,
    /// 202, queue, retries.
    Asynchronous,
    /// Lambda reads from a stream or queue.
    Polled,
}

/// One field of a trigger's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}

/// What a field holds; all values are text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// A filled form: key and value, in the fields' order.
pub type Form = Vec<(String, String)>;

/// What a sample event may draw on besides its form: nothing ambient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleContext {
    /// Calendar time of the event: milliseconds since 1970.
    pub time_ms: i64,
    /// Seed for ids inside the event.
    pub seed: u64,
}

/// An event source.
pub trait Trigger: Sync {
    /// Stable id, kebab case.
    fn id(&self) -> &'static str;
    /// AWS's name for it.
    fn name(&self) -> &'static str;
    /// Where the picker shows it.
    fn group(&self) -> Group;
    /// One paragraph: when it fires, who waits, what happens on failure.
    fn explanation(&self) -> &'static str;
    /// Title and address of the AWS page behind the explanation.
    fn source(&self) -> (&'static str, &'static str);
    /// How it calls Lambda.
    fn invocation_type(&self) -> InvocationType;
    /// The form's fields.
    fn fields(&self) -> &'static [Field];
    /// The event for a form, identical in shape to what AWS sends.
    fn sample(&self, form: &Form, context: SampleContext) -> Value;
    /// Findings about an edited event.
    fn check_event(&self, event: &Value) -> Vec<Problem>;
    /// How long the caller waits before it gives up, for synchronous triggers with a limit of their own.
    fn caller_timeout(&self) -> Option<SimDuration> {
        None
    }
    /// What the caller sees when Lambda has answered.
    fn caller_view(&self, response: &InvokeResponse) -> CallerView;
    /// What the caller sees when [`Trigger::caller_timeout`] ended first.
    fn caller_timed_out(&self) -> CallerView;
}

/// Every trigger, in the picker's order.
pub fn all() -> &'static [&'static dyn Trigger] {
    &[
        &direct::Direct,
        &direct::DirectAsync,
        &api_gateway_http::HttpApi,
        &s3::S3,
    ]
}

/// The trigger with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Trigger> {
    all().iter().copied().find(|trigger| trigger.id() == id)
}

/// A form with every field at its default.
pub fn default_form(trigger: &dyn Trigger) -> Form {
    trigger
        .fields()
        .iter()
        .map(|field| (field.key.to_owned(), field.default.to_owned()))
        .collect()
}

/// What a field of a form holds; empty if it is not there.
fn value<'a>(form: &'a Form, key: &str) -> &'a str {
    form.iter()
        .find(|(found, _)| found == key)
        .map_or("", |(_, value)| value.as_str())
}
