//! AWS Config: custom rules.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::callback::{Callback, Contract};
use super::outcome;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check, ids, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A custom rule.
pub(super) struct Rule;

static ABOUT: About = About {
    id: "config",
    name: "AWS Config",
    group: Group::Asynchronous,
    keywords: "config rule compliance evaluation putevaluations configuration item periodic audit",
    explanation: "A custom rule calls the function when a resource changes, or from time to time, and the function judges it. What \
                  it returns counts for nothing: it must call PutEvaluations with the event's result token, 100 evaluations \
                  at a time at most. Without that call nothing is known: the rule keeps the results it had. Lambda tries a \
                  failed function twice more.",
    source: (
        "AWS Config Developer Guide: Example events for AWS Config rules",
        "https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html",
    ),
    sender: "AWS Config",
    call: InvocationType::Event,
    fields: &[
        Field::choice(
            "message",
            "Message type",
            &[
                "ConfigurationItemChangeNotification",
                "OversizedConfigurationItemChangeNotification",
                "ScheduledNotification",
            ],
            "ConfigurationItemChangeNotification",
            "Why the rule runs.",
        ),
        Field::text(
            "type",
            "Resource type",
            "AWS::EC2::Instance",
            "Of the resource that changed.",
        ),
        Field::text(
            "resource",
            "Resource id",
            "i-0123456789abcdef0",
            "Of the resource that changed.",
        ),
        Field::lines(
            "configuration",
            "Configuration",
            "{\"instanceType\":\"t3.micro\"}",
            "What Config knows about the resource.",
        ),
        Field::lines(
            "parameters",
            "Rule parameters",
            "{\"desiredInstanceType\":\"t3.micro\"}",
            "The rule's own parameters, a JSON object.",
        ),
        Field::text("rule", "Rule", "my-config-rule", "The rule's name."),
    ],
    template: r#"{"=version":"1.0","invokingEvent":"<invoking>","ruleParameters?":"<parameters>","resultToken":"<base64 90>",
"eventLeftScope":false,"executionRoleArn":"arn:aws:iam::<account>:role/config-role",
"configRuleArn":"arn:aws:config:<region>:<account>:config-rule/config-rule-<id 6>","configRuleName":"<rule>",
"configRuleId":"config-rule-<id 6>","accountId":"<account>"}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

const ITEM: &str = r#"{"configurationItem":{"configurationItemCaptureTime":"<time>","awsAccountId":"<account>",
"configurationItemStatus":"OK","configurationItemVersion":"1.3","resourceId":"<resource>","resourceName":null,
"ARN":"arn:aws:ec2:<region>:<account>:instance/<resource>","awsRegion":"<region>","availabilityZone":"<region>a",
"configurationStateMd5Hash":"<hex 32>","resourceType":"<type>","resourceCreationTime":"<time>","tags":{},"relatedEvents":[],
"relationships":[],"configuration":"<*configuration>","supplementaryConfiguration":{},"configurationStateId":"<#ms>"},
"notificationCreationTime":"<time>","messageType":"<message>","recordVersion":"1.3"}"#;

const OVERSIZED: &str = r#"{"configurationItemSummary":{"changeType":"UPDATE","configurationItemVersion":"1.3",
"configurationItemCaptureTime":"<time>","configurationStateId":"<#ms>","awsAccountId":"<account>","configurationItemStatus":"OK",
"resourceType":"<type>","resourceId":"<resource>","resourceName":null,"ARN":"arn:aws:ec2:<region>:<account>:instance/<resource>",
"awsRegion":"<region>","availabilityZone":"<region>a","configurationStateMd5Hash":"","resourceCreationTime":"<time>"},
"s3DeliverySummary":{"s3BucketLocation":"config-bucket/<resource>.json.gz","errorCode":null,"errorMessage":null},
"notificationCreationTime":"<time>","messageType":"<message>","recordVersion":"1.0"}"#;

const SCHEDULED: &str = r#"{"awsAccountId":"<account>","notificationCreationTime":"<time>","messageType":"<message>","recordVersion":"1.0"}"#;

impl Trigger for Rule {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let template = match value(form, "message") {
            "ScheduledNotification" => SCHEDULED,
            "OversizedConfigurationItemChangeNotification" => OVERSIZED,
            _ => ITEM,
        };
        // Inside the invoking event, the state id is a number in quotes.
        filler.set("time", ids::iso_8601(context.time_ms));
        let invoking = filler.fill(template);
        filler.set("invoking", invoking.to_string());
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        for key in ["invokingEvent", "ruleParameters"] {
            if let Some(Value::String(text)) = event.get(key)
                && serde_json::from_str::<Value>(text).is_err()
            {
                problems.push(check::value(
                    &format!("$.{key}"),
                    "This text is JSON in real events; here it is not.",
                    check::RESET,
                ));
            }
        }
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        let mut view = outcome::handed_over(&ABOUT, response);
        if view.ok {
            view.explanation = "Lambda took the event and answered 202. The rule has a result only when the function calls \
                                PutEvaluations with the result token; what it returns counts for nothing."
                .to_owned();
        }
        view
    }

    fn callback(&self, event: &Value) -> Option<Callback> {
        let token = check::text(event, "/resultToken");
        Some(Callback::new(Contract::Config, token))
    }

    fn decoded(&self, event: &Value) -> Option<Value> {
        serde_json::from_str(check::text(event, "/invokingEvent")).ok()
    }
}
