//! CloudFormation custom resources: the function must answer to an address.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::callback::{Callback, Contract, End};
use super::outcome;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A custom resource backed by a function.
pub(super) struct CustomResource;

static ABOUT: About = About {
    id: "cloudformation",
    name: "CloudFormation custom resource",
    group: Group::Asynchronous,
    keywords: "stack custom resource responseurl cfn-response create update delete rollback servicetimeout infrastructure",
    explanation: "A stack creates, updates or deletes a resource of your own by calling the function. What the function returns \
                  counts for nothing: it must PUT its answer, SUCCESS or FAILED, to the event's ResponseURL. Until then the \
                  stack waits, an hour unless ServiceTimeout says less; then the resource has failed, the stack rolls back, \
                  and the Delete that comes with it can hang for another hour.",
    source: (
        "AWS CloudFormation User Guide: Custom resource reference",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html",
    ),
    sender: "CloudFormation",
    call: InvocationType::Event,
    fields: &[
        Field::choice(
            "request",
            "Request type",
            &["Create", "Update", "Delete"],
            "Create",
            "What the stack wants.",
        ),
        Field::text(
            "resource",
            "Logical id",
            "MyCustomResource",
            "The resource's name in the template.",
        ),
        Field::text(
            "type",
            "Resource type",
            "Custom::TestResource",
            "Custom:: and a name, or AWS::CloudFormation::CustomResource.",
        ),
        Field::lines(
            "properties",
            "Properties",
            "{\"StackName\":\"my-stack\",\"List\":[\"1\",\"2\",\"3\"]}",
            "The resource's properties; CloudFormation makes all values into strings.",
        ),
        Field::lines(
            "old",
            "Old properties",
            "{\"StackName\":\"my-stack\",\"List\":[\"1\"]}",
            "For an update: the properties before.",
        ),
        Field::text(
            "physical_id",
            "Physical id",
            "",
            "For an update or a delete: the id that the function gave at the creation; empty for a made-up one.",
        ),
        Field::number(
            "service_timeout",
            "Service timeout in seconds",
            (1, 3_600),
            "3600",
            "The property ServiceTimeout: how long the stack waits for the answer.",
        ),
    ],
    template: r#"{"RequestType":"<request>","ServiceToken":"arn:aws:lambda:<region>:<account>:function:my-function",
"ResponseURL":"https://cloudformation-custom-resource-response-useast1.s3.amazonaws.com/<stack>%7C<resource>%7C<uuid>?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=<expiry>&Signature=<id 27>%3D",
"StackId":"<stack_id>","RequestId":"<uuid>","LogicalResourceId":"<resource>","PhysicalResourceId?":"<physical>",
"ResourceType":"<type>","ResourceProperties":"<*with_token>","OldResourceProperties?":"<*before>"}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

impl Trigger for CustomResource {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let request = value(form, "request");
        let stack =
            filler.expand("arn:aws:cloudformation:<region>:<account>:stack/my-stack/<uuid 2>");
        filler.set("stack", stack.replace(':', "%3A").replace('/', "%2F"));
        filler.set("stack_id", stack);
        filler.set(
            "expiry",
            context.time_ms.div_euclid(1000).saturating_add(7_200),
        );
        let token = filler.expand("arn:aws:lambda:<region>:<account>:function:my-function");
        let properties = |key: &str| {
            let mut properties = serde_json::Map::new();
            properties.insert("ServiceToken".to_owned(), token.clone().into());
            if let Ok(Value::Object(own)) = serde_json::from_str(value(form, key)) {
                properties.extend(own.into_iter().map(|(key, value)| (key, texts(value, 0))));
            }
            // An hour is the default, which a template need not say.
            let timeout = value(form, "service_timeout").trim();
            if !matches!(timeout, "" | "3600") {
                properties.insert("ServiceTimeout".to_owned(), timeout.into());
            }
            Value::Object(properties)
        };
        filler.set("with_token", properties("properties"));
        filler.set(
            "before",
            if request == "Update" {
                properties("old")
            } else {
                Value::Null
            },
        );
        let physical = (request != "Create").then(|| match value(form, "physical_id").trim() {
            "" => filler.expand("<resource>-<id 12>"),
            given => given.to_owned(),
        });
        filler.set("physical", physical);
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        let request = check::text(event, "/RequestType");
        if !request.is_empty() && !["Create", "Update", "Delete"].contains(&request) {
            problems.push(check::value(
                "$.RequestType",
                "A request is Create, Update or Delete.",
                check::RESET,
            ));
        }
        for (key, wanted) in [
            (
                "PhysicalResourceId",
                request == "Update" || request == "Delete",
            ),
            ("OldResourceProperties", request == "Update"),
        ] {
            if wanted && event.get(key).is_none() {
                problems.push(check::missing(&format!("$.{key}"), ABOUT.sender));
            }
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        let mut view = outcome::handed_over(&ABOUT, response);
        if view.ok {
            view.explanation = "Lambda took the request and answered 202. The stack waits until the function has PUT its answer to \
                                the ResponseURL; what it returns counts for nothing."
                .to_owned();
        }
        view
    }

    fn callback(&self, event: &Value) -> Option<Callback> {
        let mut callback =
            Callback::new(Contract::CloudFormation, check::text(event, "/RequestId"));
        callback.expect("StackId", check::text(event, "/StackId"));
        callback.expect(
            "LogicalResourceId",
            check::text(event, "/LogicalResourceId"),
        );
        let timeout = check::text(event, "/ResourceProperties/ServiceTimeout");
        if let Ok(seconds @ 1..=3_600) = timeout.parse::<u64>() {
            callback.within_seconds(seconds);
        }
        Some(callback)
    }

    /// The rollback: what failed to come into being is deleted, what failed to change is changed back. A failed Delete is
    /// left as it is (DELETE_FAILED).
    fn follow_up(&self, event: &Value, end: &End) -> Option<Value> {
        if !end.again {
            return None;
        }
        let mut event = event.clone();
        let members = event.as_object_mut()?;
        let request = match members.get("RequestType").and_then(Value::as_str) {
            Some("Create") => {
                // Where the answer named none, CloudFormation makes one up.
                let physical = check::text(&end.output, "/PhysicalResourceId");
                let physical = match physical {
                    "" => format!(
                        "my-stack-{}-failed",
                        members.get("LogicalResourceId").and_then(Value::as_str)?
                    ),
                    named => named.to_owned(),
                };
                members.insert("PhysicalResourceId".to_owned(), physical.into());
                "Delete"
            }
            Some("Update") => {
                let new = members.get("ResourceProperties").cloned()?;
                let old = members.insert("OldResourceProperties".to_owned(), new)?;
                members.insert("ResourceProperties".to_owned(), old);
                "Update"
            }
            _ => return None,
        };
        members.insert("RequestType".to_owned(), request.into());
        // Each request has an id of its own; the address for the answer names it.
        let id = members
            .get("RequestId")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let other = turned(&id);
        if let Some(url) = members.get("ResponseURL").and_then(Value::as_str) {
            let url = url.replace(&id, &other);
            members.insert("ResponseURL".to_owned(), url.into());
        }
        members.insert("RequestId".to_owned(), other.into());
        Some(event)
    }
}

/// Another id of the same shape: the first eight digits turned round.
fn turned(id: &str) -> String {
    let (first, rest) = id.split_once('-').unwrap_or((id, ""));
    let first: String = first.chars().rev().collect();
    format!("{first}-{rest}")
}

/// CloudFormation hands over numbers and booleans as strings. What is nested deeper than any template stays as it is.
fn texts(value: Value, depth: u32) -> Value {
    match value {
        Value::Number(number) => number.to_string().into(),
        Value::Bool(flag) => flag.to_string().into(),
        Value::Array(list) if depth < 100 => list
            .into_iter()
            .map(|item| texts(item, depth + 1))
            .collect(),
        Value::Object(members) if depth < 100 => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| (key, texts(value, depth + 1)))
                .collect(),
        ),
        other => other,
    }
}
