//! Cognito user pools: functions at every step of signing up and signing in.
//!
//! Five seconds, three tries and the shapes: Cognito Developer Guide, "Customizing user pool workflows with Lambda triggers".
//! The sentences are from error reports: `… failed with error …` (aws-amplify/amplify-js issue 9127), `… invocation failed
//! due to error …` (furaiev/amazon-cognito-identity-dart-2 issue 204), `Unrecognizable lambda output` and `Invalid lambda
//! function output : Invalid JSON` (amazon-archives/amazon-cognito-identity-js issue 167, amplify-js issue 4158).

use serde_json::Value;

use super::about::{About, Field, Form, Group, value};
use super::outcome::{self, Outcome};
use super::retries::{Phase, Retries, Trouble};
use super::template::{self, Filler};
use super::{SampleContext, Trigger, check};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::problem::Problem;
use crate::sim::SimDuration;

mod kinds;

use kinds::{SOURCES, kind, template_of};

/// A user pool's trigger.
pub(super) struct UserPool;

/// Three tries in all, each of five seconds, when the function does not answer in time.
static THREE_TRIES: Retries = Retries {
    after: &[
        Trouble::CallerTimeout,
        Trouble::FunctionTimeout,
        Trouble::Throttled,
        Trouble::ServiceError,
    ],
    phases: &[Phase {
        retries: 2,
        first_ms: 0,
        longest_ms: 0,
    }],
    within_ms: None,
    then: "After three tries in vain, what the user wanted (sign up, sign in) fails.",
    published: true,
};

static ABOUT: About = About {
    id: "cognito",
    name: "Cognito user pools",
    group: Group::SynchronousService,
    keywords: "cognito user pool sign-up sign-in authentication presignup token migration custom message sender trigger",
    explanation: "A user pool calls the function at a step of signing up or in, and waits: the function returns the whole event \
                  with its response filled in, within five seconds. That limit cannot be changed; without an answer Cognito \
                  tries three times in all, then the user's action fails. An error of the function reaches the user as \
                  UserLambdaValidationException with its message. Only the custom senders are called without waiting.",
    source: (
        "Amazon Cognito Developer Guide: Customizing user pool workflows with Lambda triggers",
        "https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html",
    ),
    sender: "Cognito",
    call: InvocationType::RequestResponse,
    fields: &[
        Field::choice(
            "trigger",
            "Trigger source",
            SOURCES,
            "PreSignUp_SignUp",
            "The step, and what brought it about.",
        ),
        Field::choice(
            "version",
            "Event version",
            &["1", "2", "3"],
            "1",
            "For token generation: version 2 can change access tokens and scopes too, version 3 also for machines.",
        ),
        Field::text("user", "User name", "maria", "The user's name in the pool."),
        Field::text(
            "email",
            "E-mail address",
            "maria@example.com",
            "One of the user's attributes.",
        ),
        Field::lines(
            "attributes",
            "More attributes",
            "",
            "Further attributes of the user, a JSON object of strings such as {\"custom:plan\":\"gold\"}.",
        ),
        Field::lines(
            "metadata",
            "Client metadata",
            "{\"source\":\"example\"}",
            "What the app hands over with its request, a JSON object of strings; empty for none.",
        ),
        Field::lines(
            "session",
            "Session",
            "[]",
            "For custom challenges: those so far, a JSON list of objects with challengeName and challengeResult.",
        ),
        Field::text(
            "answer",
            "Answer to the challenge",
            "1234",
            "For custom challenges: what the user has answered; 1234 is right.",
        ),
    ],
    template: r#"{"version":"<version>","region":"<region>","userPoolId":"<region>_<pool>","userName":"<user>",
"callerContext":{"awsSdkVersion":"aws-sdk-unknown-unknown","clientId":"<id 26>"},"triggerSource":"<trigger>",
"request":{},"response":{}}"#,
    timeout_ms: Some(5_000),
    retries: &THREE_TRIES,
};

/// What an error names: the trigger source up to the underscore, as in published errors.
fn trigger_name(event: &Value) -> &str {
    let source = check::text(event, "/triggerSource");
    match source.split('_').next() {
        None | Some("") => "PreSignUp",
        Some("TokenGeneration") => "PreTokenGeneration",
        Some(name) => name,
    }
}

impl Trigger for UserPool {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn sample(&self, form: &Form, context: SampleContext) -> Value {
        let mut filler = Filler::new(ABOUT.id, form, context);
        let source = value(form, "trigger");
        let version = match value(form, "version") {
            // The grant of machines has no other.
            _ if source == "TokenGeneration_ClientCredentials" => "3",
            version @ ("2" | "3") if source.starts_with("TokenGeneration") => version,
            _ => "1",
        };
        filler.set("version", version);
        let version_2 = version != "1";
        filler.set("no", false);
        filler.set("none", Value::Null);
        let pool = filler.ids.word(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            9,
        );
        filler.set("pool", pool);
        let mut event = match kind(source) {
            Some(kind) => filler.fill(&template_of(kind, version_2)),
            None => filler.fill(ABOUT.template),
        };
        let own = serde_json::from_str(value(form, "attributes"));
        if let (Ok(Value::Object(own)), Some(Value::Object(attributes))) =
            (own, event.pointer_mut("/request/userAttributes"))
        {
            attributes.extend(own);
        }
        event
    }

    fn check_event(&self, event: &Value) -> Vec<Problem> {
        let source = check::text(event, "/triggerSource");
        let version_2 = matches!(check::text(event, "/version"), "2" | "3");
        match kind(source) {
            Some(kind) => {
                let mut problems =
                    template::compare(&template_of(kind, version_2), event, ABOUT.sender);
                if !SOURCES.contains(&source) {
                    problems.push(unknown_source());
                }
                problems
            }
            None => {
                let mut problems = template::compare(ABOUT.template, event, ABOUT.sender);
                if !source.is_empty() {
                    problems.push(unknown_source());
                }
                problems
            }
        }
    }

    fn invocation_type(&self, event: &Value) -> InvocationType {
        let source = check::text(event, "/triggerSource");
        if source.starts_with("CustomEmailSender_") || source.starts_with("CustomSMSSender_") {
            InvocationType::Event
        } else {
            InvocationType::RequestResponse
        }
    }

    fn caller_timeout(&self, event: &Value) -> Option<SimDuration> {
        (self.invocation_type(event) == InvocationType::RequestResponse)
            .then_some(SimDuration::from_secs(5))
    }

    fn caller_view(&self, event: &Value, response: &InvokeResponse) -> CallerView {
        if self.invocation_type(event) == InvocationType::Event {
            return outcome::handed_over(&ABOUT, response);
        }
        let name = trigger_name(event);
        match Outcome::of(response) {
            Outcome::Answer(answer) => judge(event, &answer),
            Outcome::NotJson(error) => refused(
                "InvalidLambdaResponseException",
                "Invalid lambda function output : Invalid JSON",
                &format!("The response is not JSON: {error}."),
            ),
            Outcome::Failed(failure) if !failure.timed_out => refused(
                "UserLambdaValidationException",
                &format!("{name} failed with error {}.", failure.message),
                "The function failed, and Cognito hands its message to the app: that is how a trigger refuses a user.",
            ),
            outcome => refused(
                "UnexpectedLambdaException",
                &format!(
                    "{name} invocation failed due to error {}.",
                    match outcome {
                        Outcome::Throttled => "TooManyRequestsException",
                        Outcome::Failed(_) => "Socket timeout while invoking Lambda function",
                        _ => "ServiceException",
                    }
                ),
                &outcome::no_answer(&outcome),
            ),
        }
    }

    fn caller_timed_out(&self, event: &Value) -> CallerView {
        refused(
            "UnexpectedLambdaException",
            &format!(
                "{} invocation failed due to error Socket timeout while invoking Lambda function.",
                trigger_name(event)
            ),
            "The function did not answer within 5 seconds, which cannot be changed. Cognito tries three times in all.",
        )
    }
}

fn unknown_source() -> Problem {
    check::value(
        "$.triggerSource",
        "Cognito has no such trigger source.",
        check::RESET,
    )
}

/// What the app that asked Cognito gets: status 400 and an exception.
fn refused(exception: &str, message: &str, why: &str) -> CallerView {
    let body = format!(
        "{{\"__type\":\"{exception}\",\"message\":{}}}",
        Value::from(message)
    );
    let mut view = outcome::http(
        400,
        "application/x-amz-json-1.1",
        body,
        format!("{why} The user's action fails with {exception}."),
    );
    view.headers
        .push(("x-amzn-errortype".to_owned(), exception.to_owned()));
    view
}

fn judge(event: &Value, answer: &Value) -> CallerView {
    let rule = broken_rule(event, answer);
    if let Some(rule) = rule {
        return refused(
            "InvalidLambdaResponseException",
            "Unrecognizable lambda output",
            &rule,
        );
    }
    let response = answer.get("response").unwrap_or(&Value::Null);
    let source = check::text(event, "/triggerSource");
    let then = match kind(source) {
        Some(kind) => kind.then,
        None => "Cognito goes on.",
    };
    outcome::told(true, response.to_string(), then)
}

fn broken_rule(event: &Value, answer: &Value) -> Option<String> {
    if !answer.is_object() {
        return Some(format!(
            "The function must return the event with its response filled in, but returned {}.",
            check::name(answer)
        ));
    }
    let Some(response) = answer.get("response") else {
        return Some(
            "The function must return the whole event; what it returned has no key response."
                .to_owned(),
        );
    };
    if !response.is_object() && !response.is_null() {
        return Some(format!(
            "response must be an object, but is {}.",
            check::name(response)
        ));
    }
    for (key, wanted) in [
        ("autoConfirmUser", "a boolean"),
        ("autoVerifyEmail", "a boolean"),
        ("autoVerifyPhone", "a boolean"),
        ("issueTokens", "a boolean"),
        ("failAuthentication", "a boolean"),
        ("answerCorrect", "a boolean"),
        ("challengeName", "a string"),
        ("smsMessage", "a string"),
        ("emailMessage", "a string"),
        ("emailSubject", "a string"),
        ("userAttributes", "an object"),
        ("userAttributesToMap", "an object"),
        ("publicChallengeParameters", "an object"),
        ("privateChallengeParameters", "an object"),
        ("claimsOverrideDetails", "an object"),
        ("claimsAndScopeOverrideDetails", "an object"),
    ] {
        if let Some(found) = response.get(key)
            && !found.is_null()
            && check::name(found) != wanted
        {
            return Some(format!(
                "response.{key} must be {wanted}, but is {}.",
                check::name(found)
            ));
        }
    }
    let source = check::text(event, "/triggerSource");
    let filled = |key: &str| response.get(key).is_some_and(|value| !value.is_null());
    if source.starts_with("UserMigration") && !filled("userAttributes") {
        return Some("To migrate a user, response.userAttributes must be filled.".to_owned());
    }
    if source.starts_with("CustomMessage") {
        let code = check::text(event, "/request/codeParameter");
        for key in ["smsMessage", "emailMessage"] {
            let text = response
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !text.is_empty() && !code.is_empty() && !text.contains(code) {
                return Some(format!(
                    "response.{key} must contain the event's codeParameter, {code}."
                ));
            }
        }
    }
    None
}
