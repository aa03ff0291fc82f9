//! S3 Batch Operations: one invocation for each object of a list.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome, never, told};
use super::retries::{Phase, Retries, Trouble};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;

/// A job with the operation "Invoke AWS Lambda function".
pub(super) struct Batch;

/// The guide says that a temporary failure is redriven before the job ends, but not how often: three more tries here.
pub(super) static REDRIVE: Retries = Retries {
    after: &[Trouble::Asked, Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 3,
        first_ms: 1_000,
        longest_ms: 60_000,
    }],
    within_ms: None,
    then: "The task counts as failed in the job's completion report; the job fails when more than half of over 1,000 tasks do.",
    published: false,
};

const TEMPLATE_2: &str = r#"{"=invocationSchemaVersion":"2.0","invocationId":"<base64 45>","job":{"id":"<uuid>",
"userArguments?":"<%arguments>"},"tasks":[{"taskId":"<base64 30>","s3Key":"<key>","s3VersionId":"<*version>",
"s3Bucket":"<bucket>"}]}"#;

static ABOUT: About = About {
    id: "s3-batch",
    name: "S3 Batch Operations",
    group: Group::SynchronousUser,
    keywords: "batch job manifest objects bulk task taskid storage",
    explanation: "A batch job calls the function once for each object in its list and waits for the answer: for each task a \
                  result code, Succeeded, TemporaryFailure or PermanentFailure. After a temporary failure or a throttle S3 \
                  tries the task again; a function error or an answer it cannot read fails the task. What happened to each \
                  task stands in the job's completion report.",
    source: (
        "Amazon S3 User Guide: Invoke AWS Lambda function (Batch Operations)",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html",
    ),
    sender: "S3 Batch Operations",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::text(
            "bucket",
            "Bucket",
            "amzn-s3-demo-bucket",
            "The bucket of the object.",
        ),
        Field::text(
            "key",
            "Key",
            "customerImage1.jpg",
            "The object's name; in the event it is URL-encoded.",
        ),
        Field::text(
            "version",
            "Version id",
            "",
            "Empty for a bucket without versions.",
        ),
        Field::choice(
            "schema",
            "Schema version",
            &["1.0", "2.0"],
            "1.0",
            "2.0 names the bucket instead of its ARN and can carry arguments of the job.",
        ),
        Field::lines(
            "arguments",
            "User arguments",
            "",
            "For schema version 2.0: what the job hands over, a JSON object of strings; empty for none.",
        ),
    ],
    template: r#"{"=invocationSchemaVersion":"1.0","invocationId":"<base64 45>","job":{"id":"<uuid>"},
"tasks":[{"taskId":"<base64 30>","s3Key":"<key>","s3VersionId":"<*version>","s3BucketArn":"arn:aws:s3:::<bucket>"}]}"#,
    timeout_ms: None,
    retries: &REDRIVE,
};

fn template(event: &Value) -> &'static str {
    match check::text(event, "/invocationSchemaVersion") {
        "2.0" => TEMPLATE_2,
        _ => ABOUT.template,
    }
}

impl Trigger for Batch {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        filler.set("key", super::s3::encode_key(value(form, "key")));
        let version = value(form, "version").trim();
        filler.set("version", (!version.is_empty()).then_some(version));
        if value(form, "schema") == "2.0" {
            return filler.fill(TEMPLATE_2);
        }
        filler.fill(ABOUT.template)
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let mut problems = template::compare(template(event), event, ABOUT.sender);
        if event
            .get("tasks")
            .and_then(Value::as_array)
            .is_some_and(|tasks| tasks.len() != 1)
        {
            problems.push(Problem::warning(
                "event.records",
                "$.tasks",
                "S3 Batch Operations sends one task in each event.",
                check::RESET,
            ));
        }
        problems
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        match Outcome::of(response) {
            Outcome::Answer(answer) => judge(event, &answer).unwrap_or_else(|rule| {
                told(
                    false,
                    "PermanentFailure",
                    format!(
                        "Invalid JSON returned in Lambda payload. {rule} The task counts as failed."
                    ),
                )
            }),
            outcome @ Outcome::NotJson(_) => told(
                false,
                "PermanentFailure",
                format!(
                    "Invalid JSON returned in Lambda payload. {} The task counts as failed.",
                    outcome::no_answer(&outcome)
                ),
            ),
            outcome @ Outcome::Failed(_) => told(
                false,
                "PermanentFailure",
                format!(
                    "{} The task counts as failed; S3 does not try it again.",
                    outcome::no_answer(&outcome)
                ),
            ),
            outcome => told(
                false,
                "TemporaryFailure",
                format!(
                    "{} S3 tries the task again later.",
                    outcome::no_answer(&outcome)
                ),
            ),
        }
    }

    fn caller_timed_out(&self, _: &Value) -> CallerView {
        never("S3 waits as long as the function's own timeout.")
    }

    fn trouble(&self, event: &Value, response: &InvokeResponse) -> Option<Trouble> {
        Trouble::of(response).or_else(|| {
            let view = self.caller_view(event, response);
            match view.body.as_str() {
                _ if view.ok => None,
                "TemporaryFailure" => Some(Trouble::Asked),
                _ => Some(Trouble::Malformed),
            }
        })
    }
}

fn judge(event: &Value, answer: &Value) -> Result<CallerView, String> {
    if !answer.is_object() {
        return Err(format!(
            "The response must be an object, but is {}.",
            check::name(answer)
        ));
    }
    for key in ["invocationSchemaVersion", "invocationId"] {
        if answer
            .get(key)
            .is_none_or(|found| Some(found) != event.get(key))
        {
            return Err(format!("The response must repeat the event's {key}."));
        }
    }
    let results = answer
        .get("results")
        .and_then(Value::as_array)
        .ok_or("The response must have a list of results.")?;
    let task = check::text(event, "/tasks/0/taskId");
    let missing = check::text(answer, "/treatMissingKeysAs");
    if !missing.is_empty() && !CODES.contains(&missing) {
        return Err(
            "treatMissingKeysAs must be Succeeded, TemporaryFailure or PermanentFailure."
                .to_owned(),
        );
    }
    let (code, text) = match results
        .iter()
        .find(|result| check::text(result, "/taskId") == task)
    {
        Some(result) => (
            check::text(result, "/resultCode"),
            check::text(result, "/resultString"),
        ),
        None if missing.is_empty() => ("PermanentFailure", "no result for the task"),
        None => (
            missing,
            "no result for the task: treatMissingKeysAs decides",
        ),
    };
    if !CODES.contains(&code) {
        return Err(
            "resultCode must be Succeeded, TemporaryFailure or PermanentFailure.".to_owned(),
        );
    }
    let said = if text.is_empty() {
        String::new()
    } else {
        format!(" ({})", outcome::short(text))
    };
    Ok(match code {
        "Succeeded" => told(
            true,
            code,
            format!("The task succeeded{said}; the report says so."),
        ),
        "TemporaryFailure" => told(
            false,
            code,
            format!("The function asks for another try{said}; S3 tries the task again later."),
        ),
        _ => told(
            false,
            code,
            format!("The task failed for good{said}; S3 does not try it again."),
        ),
    })
}

const CODES: &[&str] = &["Succeeded", "TemporaryFailure", "PermanentFailure"];
