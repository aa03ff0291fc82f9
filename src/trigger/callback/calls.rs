//! What each service takes, and what it makes of it.

use serde_json::Value;

use super::{Answer, Callback, refused};
use crate::sim::SimDuration;
use crate::trigger::check;
use crate::trigger::outcome::short;

impl Callback {
    pub(super) fn job(&mut self, operation: &str, body: &Value) -> Answer {
        if check::text(body, "/jobId") != self.token {
            return refused("JobNotFoundException", "There is no job with this jobId.");
        }
        if self.end.is_some() {
            return refused("InvalidJobStateException", "The job is over already.");
        }
        if operation == "PutJobFailureResult" {
            let kind = check::text(body, "/failureDetails/type");
            let message = check::text(body, "/failureDetails/message");
            if message.is_empty() || !FAILURES.contains(&kind) {
                return refused(
                    "ValidationException",
                    "failureDetails must have a message and a type such as JobFailed.",
                );
            }
            let then = format!(
                "The function says that the job failed: {}. The action failed, and so did the stage.",
                short(message)
            );
            return self.finish(false, "Failed", &then, Value::Null, false);
        }
        match body.get("continuationToken").filter(|token| !token.is_null()) {
            Some(token) => self.finish(
                true,
                "InProgress",
                "The function asked to be called again: CodePipeline invokes it later with this continuation token.",
                token.clone(),
                true,
            ),
            None => {
                let output = body.get("outputVariables").cloned().unwrap_or_default();
                self.finish(true, "Succeeded", "The action succeeded; the pipeline goes on.", output, false)
            }
        }
    }

    pub(super) fn resource(&mut self, body: &Value) -> Answer {
        // The address is one of S3 and takes anything; CloudFormation then reads what it understands.
        if self.end.is_some() {
            return Answer::Taken;
        }
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let status = text("Status");
        let rule = if body.to_string().len() > 4_096 {
            Some("The response may have 4,096 bytes.".to_owned())
        } else if status != "SUCCESS" && status != "FAILED" {
            Some("Status must be SUCCESS or FAILED.".to_owned())
        } else if text("RequestId") != self.token {
            Some("RequestId must be the request's.".to_owned())
        } else if let Some((key, _)) = self.expected.iter().find(|(key, value)| text(key) != value)
        {
            Some(format!("{key} must be the request's."))
        } else if text("PhysicalResourceId").is_empty() && status == "SUCCESS" {
            Some("Invalid PhysicalResourceId: it is required.".to_owned())
        } else if status == "FAILED" && text("Reason").is_empty() {
            Some("Reason is required when Status is FAILED.".to_owned())
        } else {
            None
        };
        match rule {
            Some(rule) => {
                let then = format!("{rule} The resource failed; the stack rolls back.");
                self.finish(false, "FAILED", &then, body.clone(), true)
            }
            None if status == "FAILED" => {
                let then = format!(
                    "The function says that it failed: {}. The stack rolls back.",
                    short(text("Reason"))
                );
                self.finish(false, "FAILED", &then, body.clone(), true)
            }
            None => {
                let data = body.get("Data").cloned().unwrap_or_default();
                self.finish(
                    true,
                    "SUCCESS",
                    "The resource is done; the stack goes on. Fn::GetAtt reads from Data. A new PhysicalResourceId in an update means \
                     replacement: the old one gets a Delete later.",
                    data,
                    false,
                )
            }
        }
    }

    pub(super) fn task(&mut self, operation: &str, body: &Value, elapsed: SimDuration) -> Answer {
        let token = check::text(body, "/taskToken");
        if token != self.token {
            return refused(
                "InvalidToken",
                "Invalid Token: the token is none that Step Functions made.",
            );
        }
        if self.end.is_some() {
            return refused("TaskTimedOut", "Task Timed Out: the task is over already.");
        }
        match operation {
            "SendTaskHeartbeat" => {
                self.last_sign = elapsed;
                Answer::Taken
            }
            "SendTaskSuccess" => {
                let output = body.get("output").and_then(Value::as_str);
                match output.map(serde_json::from_str::<Value>) {
                    Some(Ok(output)) => self.finish(
                        true,
                        "Succeeded",
                        "The task succeeded with this output.",
                        output,
                        false,
                    ),
                    _ => refused(
                        "InvalidOutput",
                        "Invalid Output: output must be a string of JSON.",
                    ),
                }
            }
            _ => {
                let error = match check::text(body, "/error") {
                    "" => "States.TaskFailed",
                    error => error,
                };
                let cause = Value::from(check::text(body, "/cause"));
                self.finish(
                    false,
                    error,
                    "The task failed with this error; Retry and Catch decide what comes next.",
                    cause,
                    false,
                )
            }
        }
    }

    pub(super) fn evaluations(&mut self, body: &Value) -> Answer {
        if check::text(body, "/ResultToken") != self.token {
            return refused(
                "InvalidResultTokenException",
                "The ResultToken is not the event's.",
            );
        }
        let Some(list) = body.get("Evaluations").and_then(Value::as_array) else {
            return refused(
                "InvalidParameterValueException",
                "Evaluations must be a list.",
            );
        };
        if list.len() > 100 {
            return refused(
                "InvalidParameterValueException",
                "A call may have 100 evaluations.",
            );
        }
        for evaluation in list {
            for key in [
                "ComplianceResourceType",
                "ComplianceResourceId",
                "OrderingTimestamp",
            ] {
                if evaluation.get(key).is_none_or(Value::is_null) {
                    return refused(
                        "InvalidParameterValueException",
                        format!("Each evaluation must have {key}."),
                    );
                }
            }
            if !["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"]
                .contains(&check::text(evaluation, "/ComplianceType"))
            {
                return refused(
                    "InvalidParameterValueException",
                    "ComplianceType must be COMPLIANT, NON_COMPLIANT or NOT_APPLICABLE.",
                );
            }
        }
        // More calls with the same token may follow; each adds to the results.
        let then = format!("AWS Config has {} evaluations more.", list.len());
        self.finish(true, "Evaluated", &then, Value::Array(list.clone()), false)
    }
}

/// The failure types of CodePipeline.
const FAILURES: &[&str] = &[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
];
