//! AWS IoT Core: a rule's Lambda action.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::retries::{Phase, Retries, Trouble};
use super::template::Filler;
use super::{SampleContext, Trigger};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A rule.
pub(super) struct Rule;

/// The guide says only that an action is tried again before the error action runs.
pub(super) static BRIEFLY: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 2,
        first_ms: 1_000,
        longest_ms: 2_000,
    }],
    within_ms: None,
    then: "The rule's error action gets the message with the reason; without one, the message is lost.",
    published: false,
};

static ABOUT: About = About {
    id: "iot",
    name: "AWS IoT",
    group: Group::Asynchronous,
    keywords: "iot core mqtt topic rule sql device sensor thing button",
    explanation: "Devices publish messages on topics; a rule picks those it wants with an SQL statement and sends what the statement \
                  selects to the function, so the event has whatever shape the statement gives it. Nobody waits; Lambda \
                  tries a failed function twice more. When Lambda does not take the event, the rule tries a little longer, \
                  then runs its error action.",
    source: (
        "AWS IoT Core Developer Guide: Lambda rule action",
        "https://docs.aws.amazon.com/iot/latest/developerguide/lambda-rule-action.html",
    ),
    sender: "AWS IoT",
    call: InvocationType::Event,
    fields: &[
        Field::text(
            "topic",
            "Topic",
            "sensors/greenhouse/3",
            "What the device published on.",
        ).setting(),
        Field::lines(
            "message",
            "Message",
            "{\"row\":\"10\",\"pos\":\"23\",\"moisture\":\"75\"}",
            "What the device published, JSON.",
        ).setting(),
        Field::text(
            "sql",
            "SQL",
            "SELECT * FROM 'sensors/#'",
            "The rule's statement: fields, AS, topic(), timestamp(), WHERE with simple comparisons.",
        ).setting(),
    ],
    template: r#""<*message>""#,
    timeout_ms: None,
    retries: &BRIEFLY,
};

impl Trigger for Rule {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let message = Filler::new(ABOUT.id, form, context).fill(ABOUT.template);
        let input = super::iot_sql::Input {
            topic: value(form, "topic"),
            message: &message,
            time_ms: context.time_ms,
        };
        match super::iot_sql::Statement::parse(value(form, "sql")) {
            Ok(statement) => statement.select(&input).unwrap_or(message),
            Err(_) => message,
        }
    }

    /// Every JSON value is an event: the rule's statement decides.
    fn check_event(&self, _: &Value) -> Vec<Problem> {
        Vec::new()
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }

    fn delivers(&self, form: &Form, _: &Value) -> Result<(), String> {
        let statement = super::iot_sql::Statement::parse(value(form, "sql"))?;
        let message = serde_json::from_str(value(form, "message")).unwrap_or_default();
        let input = super::iot_sql::Input {
            topic: value(form, "topic"),
            message: &message,
            time_ms: 0,
        };
        match statement.select(&input) {
            Some(_) => Ok(()),
            None => Err(
                "The rule's statement does not pick this message, so the function is not called."
                    .to_owned(),
            ),
        }
    }
}
