//! Event sources: one file each, and one line in [`all`].
//!
//! A trigger knows its event, its form, its invocation type, the response it wants and what its caller sees. Most of it is
//! data ([`About`]); only what differs is code. It knows nothing of the page (forms are data, drawn by one generic
//! component) and nothing of the kernel.

mod about;
mod alb;
mod alexa;
mod api_gateway_authorizer;
mod api_gateway_http;
mod api_gateway_rest;
mod api_gateway_websocket;
mod batch;
pub mod callback;
mod check;
mod cloudformation;
mod cloudfront;
mod cloudwatch_logs;
mod codecommit;
mod codepipeline;
mod cognito;
mod config_rule;
mod direct;
mod documentdb;
mod dynamodb;
mod eventbridge;
mod filter;
mod firehose;
mod function_url;
mod http;
mod ids;
mod iot;
mod iot_events;
mod iot_sql;
mod kafka;
mod kinesis;
mod lex;
mod mq;
pub mod names;
mod outcome;
mod parse;
mod payload_2;
pub mod retries;
mod s3;
mod s3_batch;
pub mod schedule;
mod ses;
mod sns;
mod sqs;
pub mod states_language;
mod step_functions;
mod template;

pub use about::{About, Field, FieldKind, Form, Group};
pub use direct::Command;
pub use parse::parse_event;
pub use s3::etag;
pub use step_functions::{execution_input, task_result};

use serde_json::Value;

use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;
use retries::{Retries, Trouble};

/// What a sample event may draw on besides its form: nothing ambient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleContext {
    /// Calendar time of the event: milliseconds since 1970.
    pub time_ms: i64,
    /// Seed for ids inside the event.
    pub seed: u64,
}

/// An event source. What depends on the case takes the event, as edited and sent: any JSON value, so nothing in it can be
/// relied on.
pub trait Trigger: Sync {
    /// What it is, as data.
    fn about(&self) -> &'static About;

    /// The event for a form, identical in shape to what AWS sends.
    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let about = self.about();
        template::Filler::new(about.id, form, context).fill(about.template)
    }

    /// Findings about an edited event.
    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let about = self.about();
        template::compare(about.template, event, about.sender)
    }

    /// How it calls Lambda with this event.
    fn invocation_type(&self, _event: &Value) -> InvocationType {
        self.about().call
    }

    /// How long the caller waits before it gives up, for synchronous triggers with a limit of their own.
    fn caller_timeout(&self, _event: &Value) -> Option<SimDuration> {
        self.about().timeout_ms.map(SimDuration::from_millis)
    }

    /// What the caller sees when Lambda has answered: a 202 or a refusal for asynchronous calls. The explanation quotes the
    /// rule that a response breaks.
    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView;

    /// What the caller sees when [`Trigger::caller_timeout`] ended first.
    fn caller_timed_out(&self, _event: &Value) -> CallerView {
        outcome::never("Lambda takes asynchronous events at once.")
    }

    /// What the caller does by itself when a call fails.
    fn retries(&self, _event: &Value) -> &'static Retries {
        self.about().retries
    }

    /// What went wrong in the caller's eyes, for [`Retries::next`]; none when nothing did.
    fn trouble(&self, event: &Value, response: &InvokeResponse) -> Option<Trouble> {
        Trouble::of(response)
            .or_else(|| (!self.caller_view(event, response).ok).then_some(Trouble::Malformed))
    }

    /// Whether a filter in the form (prefix and suffix, filter policy, event pattern) lets this event through.
    ///
    /// # Errors
    /// Why it is not delivered, or why the filter itself is wrong: one sentence.
    fn delivers(&self, _form: &Form, _event: &Value) -> Result<(), String> {
        Ok(())
    }

    /// To which functions of the account one event goes, by name; empty when it goes to the one that is set up.
    fn subscribers<'a>(&self, _settings: &'a Form) -> Vec<&'a str> {
        Vec::new()
    }

    /// What the function must call, because nobody reads what it returns.
    fn callback(&self, _event: &Value) -> Option<callback::Callback> {
        None
    }

    /// The state machine that the settings define, where the caller is one.
    fn machine(&self, _settings: &Form) -> Option<Result<states_language::Machine, Vec<Problem>>> {
        None
    }

    /// How many events one request makes, where the source goes on by itself.
    fn firings(&self, _settings: &Form) -> u32 {
        1
    }

    /// Those events with their calendar times in milliseconds since 1970, the given one first. Empty when an event comes when
    /// it is sent, and alone.
    fn series(&self, _settings: &Form, _event: &str, _seed: u64) -> Vec<(i64, Value)> {
        Vec::new()
    }

    /// The event of the call that follows when a callback has ended with [`callback::End::again`]: a job's continuation, or
    /// what a stack undoes.
    fn follow_up(&self, _event: &Value, _end: &callback::End) -> Option<Value> {
        None
    }

    /// What a file that is put into the source changes in the form; none where files mean nothing.
    fn of_file(&self, _name: &str, _bytes: &[u8]) -> Option<Form> {
        None
    }

    /// What an event holds in another encoding, readable: unpacked, decoded or parsed.
    fn decoded(&self, _event: &Value) -> Option<Value> {
        None
    }

    /// The same call by hand, where there is one: the AWS CLI's command and the API request.
    fn command(&self, _event: &str, _function: &str) -> Option<Command> {
        None
    }

    /// Stable id, kebab case.
    fn id(&self) -> &'static str {
        self.about().id
    }

    /// AWS's name for it.
    fn name(&self) -> &'static str {
        self.about().name
    }

    /// Where the picker shows it.
    fn group(&self) -> Group {
        self.about().group
    }

    /// One paragraph: when it fires, who waits, what happens on failure.
    fn explanation(&self) -> &'static str {
        self.about().explanation
    }

    /// Title and address of the AWS page behind the explanation.
    fn source(&self) -> (&'static str, &'static str) {
        self.about().source
    }

    /// The form's fields.
    fn fields(&self) -> &'static [Field] {
        self.about().fields
    }
}

/// Every trigger, in the picker's order.
pub fn all() -> &'static [&'static dyn Trigger] {
    &[
        &direct::Direct,
        &direct::DryRun,
        &api_gateway_http::HttpApi,
        &api_gateway_rest::RestApi,
        &api_gateway_websocket::WebSocket,
        &api_gateway_authorizer::Token,
        &api_gateway_authorizer::Request,
        &function_url::Buffered,
        &function_url::Streamed,
        &alb::LoadBalancer,
        &cloudfront::Edge,
        &s3_batch::Batch,
        &cognito::UserPool,
        &step_functions::TaskState,
        &lex::Bot,
        &alexa::Skill,
        &firehose::Transformation,
        &direct::DirectAsync,
        &s3::S3,
        &sns::Topic,
        &eventbridge::Rule,
        &eventbridge::Schedule,
        &cloudwatch_logs::Subscription,
        &ses::Receipt,
        &codecommit::Repository,
        &codepipeline::Action,
        &cloudformation::CustomResource,
        &config_rule::Rule,
        &iot::Rule,
        &iot_events::Detector,
        &sqs::Queue,
        &kinesis::Stream,
        &dynamodb::Stream,
        &kafka::Topic,
        &mq::Broker,
        &documentdb::ChangeStream,
    ]
}

/// The trigger with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Trigger> {
    // By the list of names, which is in the same order: asking each trigger would bring every trigger's texts to every visitor.
    let place = names::NAMES.iter().position(|named| named.id == id)?;
    all().get(place).copied()
}

/// A form with every field at its default.
pub fn default_form(trigger: &dyn Trigger) -> Form {
    trigger
        .fields()
        .iter()
        .map(|field| (field.key.to_owned(), field.default.to_owned()))
        .collect()
}
