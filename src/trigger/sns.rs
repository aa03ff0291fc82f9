//! SNS topics with a function as subscriber.
//!
//! The delivery policy for AWS-managed endpoints: SNS Developer Guide, "Amazon SNS message delivery retries".

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::retries::{Phase, Retries, Trouble};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, filter};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::lambda::pattern::{Dialect, EXAMPLE, Pattern};
use crate::problem::Problem;

/// A topic.
pub(super) struct Topic;

/// 100,015 tries over 23 days: 3 at once, 2 a second apart, 10 from 1 to 20 seconds apart, 100,000 each 20 seconds.
static DELIVERY: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[
        Phase {
            retries: 2,
            first_ms: 0,
            longest_ms: 0,
        },
        Phase {
            retries: 2,
            first_ms: 1_000,
            longest_ms: 1_000,
        },
        Phase {
            retries: 10,
            first_ms: 1_000,
            longest_ms: 20_000,
        },
        Phase {
            retries: 100_000,
            first_ms: 20_000,
            longest_ms: 20_000,
        },
    ],
    within_ms: None,
    then: "After 100,015 tries in 23 days, or at once when the function is gone or not allowed, the message goes to the \
           subscription's dead-letter queue, or is lost.",
    published: true,
};

static ABOUT: About = About {
    id: "sns",
    name: "SNS",
    group: Group::Asynchronous,
    keywords: "notification topic subscription publish fan-out filter policy message pubsub",
    explanation: "Every message published to a topic goes to all its subscribers; a function gets it as an event with one record, \
                  unless the subscription's filter policy keeps it out. SNS hands it to Lambda's queue and does not hear \
                  whether the function succeeds; Lambda tries a failed function twice more. Only when Lambda does not take \
                  the event does SNS try again, for up to 23 days.",
    source: (
        "AWS Lambda Developer Guide: Invoking Lambda functions with Amazon SNS notifications",
        "https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html",
    ),
    sender: "SNS",
    call: InvocationType::Event,
    fields: &[
        Field::text("topic", "Topic", "my-topic", "The topic's name."),
        Field::text("subject", "Subject", "", "Empty for none."),
        Field::lines(
            "message",
            "Message",
            "{\"orderId\":\"12345\",\"status\":\"shipped\"}",
            "A text; JSON arrives as text too.",
        ),
        Field::lines(
            "attributes",
            "Message attributes",
            "",
            "One in each line: name: value. Numbers become type Number.",
        ),
        Field::lines(
            "policy",
            "Filter policy",
            "",
            "JSON such as {\"store\": [\"example_corp\"]}; empty lets everything through.",
        ).setting(),
        Field::choice(
            "scope",
            "Filter policy scope",
            &["MessageAttributes", "MessageBody"],
            "MessageAttributes",
            "What the filter policy looks at.",
        ).setting(),
        Field::lines(
            "subscribers",
            "Subscribed functions",
            "",
            "Names of functions that all get the message, one in each line; empty for the one above.",
        )
        .setting(),
    ],
    template: r#"{"Records":[{"=EventSource":"aws:sns","=EventVersion":"1.0",
"EventSubscriptionArn":"arn:aws:sns:<region>:<account>:<topic>:<uuid>","Sns":{"=Type":"Notification","MessageId":"<uuid 2>",
"TopicArn":"arn:aws:sns:<region>:<account>:<topic>","Subject":"<!title>","Message":"<message>","Timestamp":"<time>",
"SignatureVersion":"1","Signature":"<base64 256>",
"SigningCertUrl":"https://sns.<region>.amazonaws.com/SimpleNotificationService-<hex 32>.pem",
"UnsubscribeUrl":"https://sns.<region>.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:<region>:<account>:<topic>:<uuid>",
"MessageAttributes?":"<*message_attributes>"}}]}"#,
    timeout_ms: None,
    retries: &DELIVERY,
};

/// Attributes as events have them.
fn attributes(lines: &str) -> Value {
    let pairs = lines.lines().filter_map(|line| line.split_once(':'));
    Value::Object(
        pairs
            .map(|(name, value)| {
                let value = value.trim();
                let kind = if value.parse::<f64>().is_ok() {
                    "Number"
                } else if value.starts_with('[') {
                    "String.Array"
                } else {
                    "String"
                };
                let attribute = [("Type", kind), ("Value", value)];
                let attribute = attribute.map(|(key, text)| (key.to_owned(), Value::from(text)));
                (
                    name.trim().to_owned(),
                    Value::Object(attribute.into_iter().collect()),
                )
            })
            .collect(),
    )
}

impl Trigger for Topic {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let subject = value(form, "subject");
        filler.set("title", (!subject.is_empty()).then_some(subject));
        filler.set("message_attributes", attributes(value(form, "attributes")));
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        problems.extend(template::one_record(event, "Records", ABOUT.sender));
        if event
            .pointer("/Records/0/Sns/Message")
            .is_some_and(Value::is_object)
        {
            problems.push(check::value(
                "$.Records[0].Sns.Message",
                "Message is always a text, even when it holds JSON: the function has to parse it.",
                "Put the JSON into a string.",
            ));
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }

    fn subscribers<'a>(&self, settings: &'a Form) -> Vec<&'a str> {
        let names = value(settings, "subscribers").lines().map(str::trim);
        let mut known: Vec<&str> = Vec::new();
        for name in names.filter(|name| !name.is_empty()) {
            if !known.contains(&name) {
                known.push(name);
            }
        }
        known
    }

    fn delivers(&self, form: &Form, event: &Value) -> Result<(), String> {
        let policy = value(form, "policy");
        if policy.trim().is_empty() {
            return Ok(());
        }
        let pattern = Pattern::parse(policy, Dialect::FilterPolicy)
            .map_err(|fault| format!("Invalid parameter: FilterPolicy: {fault} {EXAMPLE}"))?;
        let sns = event.pointer("/Records/0/Sns").unwrap_or(&Value::Null);
        let (record, place) = if value(form, "scope") == "MessageBody" {
            let body = check::text(sns, "/Message");
            let body: Value = serde_json::from_str(body)
                .map_err(|_| "The filter policy looks at the message as JSON, which it is not, so it is not delivered.")?;
            (body, "message")
        } else {
            (plain_attributes(sns), "message attributes")
        };
        if pattern.matches(&record) {
            Ok(())
        } else {
            let why = filter::misfit(policy, Dialect::FilterPolicy, &record);
            Err(format!(
                "The filter policy does not fit the {place}, so this subscriber does not get the message: {why}."
            ))
        }
    }
}

/// Attributes as a filter policy sees them: numbers as numbers, arrays as lists.
fn plain_attributes(sns: &Value) -> Value {
    let members = sns.get("MessageAttributes").and_then(Value::as_object);
    Value::Object(
        members
            .into_iter()
            .flatten()
            .map(|(name, attribute)| {
                let text = check::text(attribute, "/Value");
                let value = match check::text(attribute, "/Type") {
                    "String" | "Binary" => Value::from(text),
                    _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
                };
                (name.clone(), value)
            })
            .collect(),
    )
}
