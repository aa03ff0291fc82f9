//! Reports to services that do not read answers: CodePipeline, CloudFormation, AWS Config, Step Functions with a task token.
//! It teaches the callback, and what becomes of those who forget it: say `fail`, `silent` or (to CodePipeline) `continue` in
//! the user parameters, a resource's property, a rule's parameter or the state's input.

#[path = "../include/json.rs"]
mod json;
#[path = "../include/lambda.rs"]
mod lambda;

use json::{Json, object};
use lambda::Failure;

lambda::handler!(callback);

fn callback(event: &str) -> Result<String, Failure> {
    let event = Json::parse(event);
    if !event.get("CodePipeline.job").is_null() {
        pipeline(event.get("CodePipeline.job"))?;
    } else if !event.at("ResponseURL").is_null() {
        resource(&event)?;
    } else if !event.at("resultToken").is_null() {
        rule(&event)?;
    } else if !event.at("token").is_null() {
        task(&event)?;
    } else {
        // A task without a token: what is returned is the state's result.
        if says(&event, "fail") {
            return Err(Failure {
                kind: "OrderRejected",
                message: "The input says that it fails.".to_owned(),
            });
        }
        return Ok(object([("accepted", true.into()), ("input", event)]).to_string());
    }
    Ok("null".to_owned())
}

/// Whether a word stands anywhere in the data.
fn says(data: &Json, word: &str) -> bool {
    data.to_string().contains(word)
}

fn pipeline(job: &Json) -> Result<(), Failure> {
    let id = job.text("id");
    let parameters = job.at("data.actionConfiguration.configuration.UserParameters");
    lambda::log(&format!("Job {id}: {parameters}"));
    if says(parameters, "silent") {
        return Ok(());
    }
    if says(parameters, "fail") {
        let details = object([("type", "JobFailed".into()), ("message", "The user parameters say so.".into())]);
        let body = object([("jobId", id.into()), ("failureDetails", details)]);
        return lambda::call("PutJobFailureResult", &body.to_string());
    }
    let body = object([("jobId", id.into())]);
    let body = match says(parameters, "continue") && job.at("data.continuationToken").is_null() {
        true => body.with("continuationToken", "half way"),
        false => body,
    };
    lambda::call("PutJobSuccessResult", &body.to_string())
}

fn resource(event: &Json) -> Result<(), Failure> {
    let properties = event.at("ResourceProperties");
    let request = event.text("RequestType");
    lambda::log(&format!("{request} {}", event.text("LogicalResourceId")));
    if says(properties, "silent") {
        return Ok(());
    }
    let physical = match event.text("PhysicalResourceId") {
        "" => "example-resource-1",
        known => known,
    };
    let body = object([
        ("StackId", event.text("StackId").into()),
        ("RequestId", event.text("RequestId").into()),
        ("LogicalResourceId", event.text("LogicalResourceId").into()),
        ("PhysicalResourceId", physical.into()),
    ]);
    // A Delete succeeds whatever the properties say, or the stack could never be removed.
    let body = match says(properties, "fail") && request != "Delete" {
        true => body.with("Status", "FAILED").with("Reason", "The properties say so."),
        false => body.with("Status", "SUCCESS").with("Data", object([("Answer", "42".into())])),
    };
    lambda::call(&format!("PUT {}", event.text("ResponseURL")), &body.to_string())
}

fn rule(event: &Json) -> Result<(), Failure> {
    let invoking = Json::parse(event.text("invokingEvent"));
    let parameters = Json::parse(event.text("ruleParameters"));
    let item = invoking.at("configurationItem");
    let (kind, id, when) = match item.is_null() {
        false => (
            item.text("resourceType"),
            item.text("resourceId"),
            item.text("configurationItemCaptureTime"),
        ),
        true => ("AWS::::Account", event.text("accountId"), invoking.text("notificationCreationTime")),
    };
    lambda::log(&format!("{kind} {id}"));
    if says(&parameters, "silent") {
        return Ok(());
    }
    let compliance = if says(&parameters, "fail") { "NON_COMPLIANT" } else { "COMPLIANT" };
    let evaluation = object([
        ("ComplianceResourceType", kind.into()),
        ("ComplianceResourceId", id.into()),
        ("ComplianceType", compliance.into()),
        ("OrderingTimestamp", when.into()),
    ]);
    let body = object([
        ("Evaluations", vec![evaluation].into()),
        ("ResultToken", event.text("resultToken").into()),
    ]);
    lambda::call("PutEvaluations", &body.to_string())
}

fn task(event: &Json) -> Result<(), Failure> {
    let (token, input) = (event.text("token"), event.at("input"));
    lambda::log(&format!("Task with input {input}"));
    if says(input, "silent") {
        return Ok(());
    }
    let body = object([("taskToken", token.into())]);
    lambda::call("SendTaskHeartbeat", &body.to_string())?;
    if says(input, "fail") {
        let body = body.with("error", "OrderRejected").with("cause", "The input says so.");
        return lambda::call("SendTaskFailure", &body.to_string());
    }
    let output = object([("approved", true.into())]).to_string();
    lambda::call("SendTaskSuccess", &body.with("output", output).to_string())
}
