//! CodePipeline: an action that must call back.

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::callback::{Callback, Contract, End};
use super::outcome;
use super::template::Filler;
use super::{SampleContext, Trigger, check, retries};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};

/// A pipeline's Lambda action.
pub(super) struct Action;

static ABOUT: About = About {
    id: "codepipeline",
    name: "CodePipeline",
    group: Group::Asynchronous,
    keywords: "pipeline stage action job putjobsuccessresult putjobfailureresult continuation token deploy",
    explanation: "A stage of a pipeline calls the function with a job: what to do, which artifacts, and credentials for them. What \
                  the function returns counts for nothing: it must call PutJobSuccessResult or PutJobFailureResult with the \
                  job's id. Until then the action is in progress; without a call it fails after 20 minutes. An error of the \
                  function does not fail the action at once: Lambda tries the event twice more.",
    source: (
        "AWS CodePipeline User Guide: Invoke an AWS Lambda function in a pipeline",
        "https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html",
    ),
    sender: "CodePipeline",
    call: InvocationType::Event,
    fields: &[
        Field::text(
            "function",
            "Function name",
            "my-function",
            "The function as the action names it.",
        ),
        Field::text(
            "parameters",
            "User parameters",
            "some-input-such-as-a-URL",
            "A text of the action's own.",
        ),
        Field::text(
            "bucket",
            "Artifact bucket",
            "codepipeline-us-east-1-example",
            "The pipeline's artifact store.",
        ),
        Field::choice(
            "continuation",
            "Continuation token",
            &["Off", "On"],
            "Off",
            "On when the function asked to be called again.",
        ),
    ],
    template: r#"{"CodePipeline.job":{"id":"<uuid>","accountId":"<account>","data":{"actionConfiguration":{"configuration":{
"FunctionName":"<function>","UserParameters?":"<parameters>"}},"inputArtifacts":[{"location":{"s3Location":{
"bucketName":"<bucket>","objectKey":"my-pipeline/SourceArti/<id 7>"},"=type":"S3"},"revision":"<*none>","name":"SourceArtifact"}],
"outputArtifacts":[],"artifactCredentials":{"accessKeyId":"AKIAIOSFODNN7EXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
"sessionToken":"<base64 90>","expirationTime?":"<#expiry>"},"continuationToken?":"<token>"}}}"#,
    timeout_ms: None,
    retries: &retries::UNTIL_TAKEN,
};

impl Trigger for Action {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let again = value(form, "continuation") == "On";
        let token = again.then(|| filler.text("uuid 2"));
        filler.set("token", token);
        filler.set("expiry", context.time_ms.saturating_add(3_600_000));
        filler.fill(ABOUT.template)
    }

    fn caller_view(&self, _: &Value, response: &InvokeResponse) -> CallerView {
        let mut view = outcome::handed_over(&ABOUT, response);
        if view.ok {
            view.explanation = "Lambda took the job and answered 202. The action stays in progress until the function calls \
                                PutJobSuccessResult or PutJobFailureResult; what it returns counts for nothing."
                .to_owned();
        }
        view
    }

    fn callback(&self, event: &Value) -> Option<Callback> {
        let id = check::text(event, "/CodePipeline.job/id");
        Some(Callback::new(Contract::CodePipeline, id))
    }

    /// The same job with the continuation token.
    fn follow_up(&self, event: &Value, end: &End) -> Option<Value> {
        let mut event = event.clone();
        let data = event
            .pointer_mut("/CodePipeline.job/data")?
            .as_object_mut()?;
        data.insert("continuationToken".to_owned(), end.output.clone());
        end.again.then_some(event)
    }
}
