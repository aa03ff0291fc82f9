//! Reference 3.1: how a request names its function, and what Lambda answers when it does not.

use std::rc::Rc;

use lambda_playground::lambda::cloud::Setup;
use lambda_playground::lambda::event::{InvocationType, InvokeResponse};
use lambda_playground::lambda::function::{Alias, Deployment, Package};
use lambda_playground::lambda::summary::{self, InvocationSummary, Status};
use lambda_playground::problem::Severity;
use lambda_playground::scenario::{Arrival, Scenario, validate};
use serde_json::Value;

use crate::fleet::*;
use crate::mappings::{SQS, lived, scenario};
use crate::scripted::*;

const SYNC: InvocationType = InvocationType::RequestResponse;

/// `f` with version 1 and the alias `live` of it.
fn published() -> Deployment {
    let mut deployment = provisioning(function("f", model(0, 10)), 0);
    deployment.aliases = vec![Alias {
        name: "live".to_owned(),
        version: 1,
        additional: None,
    }];
    deployment
}

fn called(name: &str, qualifier: Option<&str>) -> InvocationSummary {
    let entries = play(Setup {
        requests: vec![at(0, call(SYNC, name, qualifier))],
        ..fleet(vec![function("first", model(0, 10)), published()])
    });
    summary::invocations(&entries).remove(0)
}

fn refusal(name: &str, qualifier: Option<&str>) -> InvokeResponse {
    let story = called(name, qualifier);
    assert!(matches!(story.status, Status::Refused(_)), "{name}");
    InvokeResponse::clone(story.response.as_ref().expect("an answer"))
}

fn message(response: &InvokeResponse) -> String {
    let body: Value = serde_json::from_str(&response.payload).expect("JSON");
    let text = body.get("message").or_else(|| body.get("Message"));
    text.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// 3.1, "Name forms accepted: name, name:qualifier, partial ARN 123456789012:function:name, full ARN"; "Unqualified =
/// $LATEST".
#[test]
fn a_function_is_named_in_every_form() {
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:f";
    let partial = "123456789012:function:f";
    for (name, qualifier, version) in [
        ("f".to_owned(), None, "$LATEST"),
        ("f:$LATEST".to_owned(), None, "$LATEST"),
        ("f:1".to_owned(), None, "1"),
        ("f:live".to_owned(), None, "1"),
        ("f".to_owned(), Some("live"), "1"),
        (partial.to_owned(), None, "$LATEST"),
        (format!("{partial}:live"), None, "1"),
        (arn.to_owned(), None, "$LATEST"),
        (arn.to_owned(), Some("1"), "1"),
        (format!("{arn}:1"), None, "1"),
        (format!("{arn}:live"), Some("live"), "1"),
        ("function:f".to_owned(), None, "$LATEST"),
    ] {
        let story = called(&name, qualifier);
        assert_eq!(story.status, Status::Succeeded, "{name}");
        let response = story.response.as_ref().expect("an answer");
        assert_eq!(
            response.executed_version.as_deref(),
            Some(version),
            "{name}"
        );
    }
}

/// 3.1, "404 ResourceNotFoundException: Function not found: arn:aws:lambda:<region>:<acct>:function:<name>:$LATEST
/// (qualifier now included)".
#[test]
fn a_function_that_is_not_there_is_not_found() {
    for (name, qualifier, end) in [
        ("nobody", None, "nobody:$LATEST"),
        ("nobody:live", None, "nobody:live"),
        ("f", Some("2"), "f:2"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:f:blue",
            None,
            "f:blue",
        ),
    ] {
        let response = refusal(name, qualifier);
        assert_eq!(response.status, 404, "{name}");
        assert_eq!(response.api_error(), Some("ResourceNotFoundException"));
        assert_eq!(
            message(&response),
            format!("Function not found: arn:aws:lambda:us-east-1:123456789012:function:{end}")
        );
    }
}

/// 3.1, "400 ValidationException: name fails pattern: 1 validation error detected: Value '...' at 'functionName' failed to
/// satisfy constraint: ...".
#[test]
fn a_name_that_is_none_is_a_validation_error() {
    let pattern = r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
    let (long, longer) = ("a".repeat(65), "a".repeat(257));
    let at_most = |most| format!("Member must have length less than or equal to {most}");
    for (name, constraint) in [
        ("two words", pattern.to_owned()),
        ("f:", pattern.to_owned()),
        ("f:live:1", pattern.to_owned()),
        ("arn:aws:sqs:us-east-1:123456789012:f", pattern.to_owned()),
        (
            "",
            "Member must have length greater than or equal to 1".to_owned(),
        ),
        (long.as_str(), at_most(64)),
        (longer.as_str(), at_most(256)),
    ] {
        let response = refusal(name, None);
        assert_eq!(response.status, 400, "{name}");
        assert_eq!(response.api_error(), Some("ValidationException"), "{name}");
        assert_eq!(
            message(&response),
            format!(
                "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: {constraint}"
            )
        );
    }
    let both = refusal("two words", Some("li ve"));
    assert!(
        message(&both)
            .starts_with("2 validation errors detected: Value 'two words' at 'functionName'")
    );
    assert!(message(&both).contains(
        r"; Value 'li ve' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
    ));
}

/// 1, "Qualifier / alias: 1-128 chars".
#[test]
fn a_qualifier_has_1_to_128_characters() {
    assert_eq!(
        refusal("f", Some("")).api_error(),
        Some("ValidationException")
    );
    assert_eq!(refusal("f", Some(&"a".repeat(128))).status, 404);
    let response = refusal("f", Some(&"a".repeat(129)));
    assert_eq!(response.status, 400);
    assert!(message(&response).ends_with("Member must have length less than or equal to 128"));
}

/// 3.1, "400 InvalidParameterValueException": the name ends in one qualifier and another is asked for. The text is that of
/// EventBridge Scheduler's guide.
#[test]
fn two_qualifiers_that_differ_are_refused() {
    for name in [
        "f:live",
        "arn:aws:lambda:us-east-1:123456789012:function:f:live",
    ] {
        // Although `live` is version 1.
        let response = refusal(name, Some("1"));
        assert_eq!(response.status, 400);
        assert_eq!(response.api_error(), Some("InvalidParameterValueException"));
        assert_eq!(
            message(&response),
            "The derived qualifier from the function name does not match the specified qualifier."
        );
    }
}

/// 3.1, "403 AccessDeniedException: no lambda:InvokeFunction", and ARNs of other Regions.
#[test]
fn functions_elsewhere_are_not_reached() {
    let response = refusal("arn:aws:lambda:eu-west-1:123456789012:function:f", None);
    assert_eq!(response.status, 404);
    assert_eq!(
        message(&response),
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
    );
    for name in [
        "210987654321:function:f",
        "arn:aws:lambda:us-east-1:210987654321:function:f:live",
    ] {
        let response = refusal(name, None);
        assert_eq!(response.status, 403);
        assert_eq!(response.api_error(), Some("AccessDeniedException"));
        assert!(message(&response).contains(
            "is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:210987654321:function:f"
        ));
    }
}

/// A request of a scenario names its function as Invoke does; what will be refused is warned of, and runs.
#[test]
fn scenarios_name_functions_in_every_form() {
    let asks = |function: &str, qualifier: Option<&str>| {
        let mut scenario = Scenario::default();
        scenario.published.publish(None);
        scenario.arrivals = vec![Arrival {
            function: Some(function.to_owned()),
            qualifier: qualifier.map(str::to_owned),
            ..Arrival::default()
        }];
        scenario
    };
    let arn = "arn:aws:lambda:us-east-1:123456789012:function:my-function:1";
    for function in ["my-function", "my-function:1", arn] {
        let scenario = asks(function, None);
        assert_eq!(validate(&scenario), [], "{function}");
        let entries = lived(&scenario, Scripted::idle());
        assert_eq!(summary::invocations(&entries)[0].status, Status::Succeeded);
    }
    let scenario = asks("my-function:1", Some("$LATEST"));
    let problems = validate(&scenario);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, Severity::Warning);
    assert!(
        problems[0]
            .cause
            .contains("400 InvalidParameterValueException")
    );
    let entries = lived(&scenario, Scripted::idle());
    let status = &summary::invocations(&entries)[0].status;
    assert_eq!(
        *status,
        Status::Refused("InvalidParameterValueException".to_owned())
    );
}

/// `FunctionName` of CreateEventSourceMapping takes the same forms.
#[test]
fn mappings_name_functions_in_every_form() {
    for (name, version) in [
        ("my-function", "$LATEST"),
        ("my-function:1", "1"),
        (
            "arn:aws:lambda:us-east-1:123456789012:function:my-function:1",
            "1",
        ),
    ] {
        let mapping = serde_json::json!({"EventSource": {"Type": "SQS"}, "FunctionName": name});
        let mut scenario = scenario("sqs", SQS, Some(mapping));
        scenario.published.publish(None);
        let entries = lived(&scenario, Scripted::idle());
        let story = &summary::invocations(&entries)[0];
        let response = story.response.as_ref().expect("an answer");
        assert_eq!(
            response.executed_version.as_deref(),
            Some(version),
            "{name}"
        );
    }
}

/// 3.2, "Lambda-Runtime-Invoked-Function-Arn", and the version in the environment: those of the call, qualified or not.
#[test]
fn a_function_sees_as_what_it_was_called() {
    let code = Scripted::idle();
    let seen = Rc::clone(&code.seen);
    let own = config(1_769, 3);
    let mut deployment = Deployment::new(own, Package::Code(Rc::new(code)));
    deployment = provisioning(deployment, 0);
    deployment.aliases = published().aliases;
    let names = ["my-function", "my-function:1", "my-function:live"];
    play(Setup {
        requests: (0..)
            .zip(names)
            .map(|(n, name)| at(n * 1_000, call(SYNC, name, None)))
            .collect(),
        ..fleet(vec![deployment])
    });
    let seen = seen.borrow();
    let arns: Vec<_> = seen
        .events
        .iter()
        .filter_map(|(_, _, context)| {
            let found = context
                .iter()
                .find(|(name, _)| name == "LAMBDA_RUNTIME_INVOKED_FUNCTION_ARN");
            found.map(|(_, arn)| {
                arn.split(":function:")
                    .nth(1)
                    .unwrap_or_default()
                    .to_owned()
            })
        })
        .collect();
    assert_eq!(arns, names);
    let versions: Vec<_> = seen
        .starts
        .iter()
        .filter_map(|start| {
            let mut variables = start.variables.iter();
            let found = variables.find(|(name, _)| name == "AWS_LAMBDA_FUNCTION_VERSION");
            found.map(|(_, version)| version.as_str())
        })
        .collect();
    // Version 1 is warm when its alias is called.
    assert_eq!(versions, ["$LATEST", "1"]);
}
