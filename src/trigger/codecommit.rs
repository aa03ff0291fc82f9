//! CodeCommit: pushes to a repository.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome;
use super::template::{self, Filler};
use super::{SampleContext, Trigger, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A repository's trigger.
pub(super) struct Repository;

static ABOUT: About = About {
    id: "codecommit",
    name: "CodeCommit",
    group: Group::Asynchronous,
    keywords: "git repository push branch tag commit trigger",
    explanation: "A trigger of a Git repository calls the function when somebody pushes, or makes or deletes a branch or tag. The \
                  event names the branch and the commit, not the changes: the function has to ask CodeCommit. Nobody waits; \
                  Lambda tries a failed function twice more. A repository can have ten triggers, each for all branches or \
                  some.",
    source: (
        "AWS Lambda Developer Guide: Using AWS Lambda with AWS CodeCommit",
        "https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html",
    ),
    sender: "CodeCommit",
    call: InvocationType::Event,
    fields: &[
        Field::choice(
            "event",
            "What happened",
            &["Push", "New branch", "New tag"],
            "Push",
            "What the trigger tells.",
        ),
        Field::text("name", "Branch or tag", "main", "Its name."),
        Field::text(
            "repository",
            "Repository",
            "my-repository",
            "The repository's name.",
        ),
        Field::text(
            "custom",
            "Custom data",
            "",
            "A text of the trigger's own, up to 1,000 characters; empty for none.",
        ),
    ],
    template: r#"{"Records":[{"awsRegion":"<region>","codecommit":{"references":[{"commit":"<hex 40>","created?":"<*created>","ref":"refs/<kind>/<name>"}]},"customData?":"<custom>","eventId":"<uuid>","eventName":"ReferenceChanges",
"eventPartNumber":1,"=eventSource":"aws:codecommit","eventSourceARN":"arn:aws:codecommit:<region>:<account>:<repository>",
"eventTime":"<stamp>","eventTotalParts":1,"eventTriggerConfigId":"<uuid 2>","eventTriggerName":"my-trigger",
"=eventVersion":"1.0","userIdentityARN":"arn:aws:iam::<account>:user/example"}]}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

impl Trigger for Repository {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let event = value(form, "event");
        filler.set("kind", if event == "New tag" { "tags" } else { "heads" });
        filler.set("created", event.starts_with("New").then_some(true));
        // Times of this service end in an offset.
        let time = super::ids::iso_8601(context.time_ms);
        filler.set("stamp", time.replace('Z', "+0000"));
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
        problems.extend(template::one_record(event, "Records", ABOUT.sender));
        problems
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        outcome::handed_over(&ABOUT, response)
    }
}
