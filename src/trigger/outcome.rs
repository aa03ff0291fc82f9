//! How a call ended, sorted by what callers tell apart, and the views they share.

use serde_json::Value;

use super::about::About;
use super::retries::Trouble;
use crate::lambda::event::{CallerView, InvokeResponse};

/// How a call ended.
pub(super) enum Outcome {
    /// The function answered with JSON.
    Answer(Value),
    /// The function answered with something else: why it is not JSON.
    NotJson(String),
    /// The function failed or timed out.
    Failed(Failure),
    /// 429.
    Throttled,
    /// Another status: not run.
    Refused(u16),
}

/// A function error.
pub(super) struct Failure {
    /// `errorType`.
    pub kind: String,
    /// `errorMessage`.
    pub message: String,
    /// Whether the function's timeout ended it.
    pub timed_out: bool,
}

impl Outcome {
    /// Of a synchronous call.
    pub fn of(response: &InvokeResponse) -> Self {
        match Trouble::of(response) {
            None => match serde_json::from_str(&response.payload) {
                Ok(value) => Self::Answer(value),
                Err(error) => Self::NotJson(error.to_string()),
            },
            Some(Trouble::Throttled) => Self::Throttled,
            Some(Trouble::FunctionError | Trouble::FunctionTimeout) => {
                let object: Value = serde_json::from_str(&response.payload).unwrap_or_default();
                let text = |key: &str| {
                    let value = object.get(key).and_then(Value::as_str);
                    value.unwrap_or_default().to_owned()
                };
                let kind = text("errorType");
                Self::Failed(Failure {
                    timed_out: kind == "Sandbox.Timedout",
                    message: text("errorMessage"),
                    kind,
                })
            }
            Some(_) => Self::Refused(response.status),
        }
    }
}

/// A view without HTTP: what a service makes of it, in words, with the text it passes on.
pub(super) fn told(
    ok: bool,
    body: impl Into<String>,
    explanation: impl Into<String>,
) -> CallerView {
    CallerView {
        status: None,
        headers: Vec::new(),
        body: body.into(),
        ok,
        explanation: explanation.into(),
    }
}

/// An HTTP response with one content type.
pub(super) fn http(
    status: u16,
    content_type: &str,
    body: impl Into<String>,
    explanation: impl Into<String>,
) -> CallerView {
    let body = body.into();
    CallerView {
        status: Some(status),
        headers: vec![
            ("content-type".to_owned(), content_type.to_owned()),
            ("content-length".to_owned(), body.len().to_string()),
        ],
        ok: status < 400,
        body,
        explanation: explanation.into(),
    }
}

/// What a service that hands over events sees.
pub(super) fn handed_over(about: &About, response: &InvokeResponse) -> CallerView {
    let name = about.name;
    let taken = response.status == 202;
    CallerView {
        status: Some(response.status),
        headers: Vec::new(),
        body: response.payload.clone(),
        ok: taken,
        explanation: if taken {
            format!(
                "Lambda took the event and answered 202; {name} is done with it. Whether the function succeeds, {name} does \
                 not hear: retries are the business of Lambda's queue."
            )
        } else {
            let retries = about.retries;
            let again = match Trouble::of(response) {
                Some(trouble) if retries.covers(trouble) => "tries again",
                _ => "does not try again",
            };
            format!(
                "Lambda did not take the event (status {}); {name} {again}. {}",
                response.status, retries.then
            )
        },
    }
}

/// What a caller without a time limit of its own sees when that ends: nothing, because it does not.
pub(super) fn never(why: &str) -> CallerView {
    told(
        false,
        "",
        format!("This caller does not give up waiting: {why}"),
    )
}

/// One sentence for each end in which there is no answer to judge. `failed` ends in the error itself.
pub(super) fn no_answer(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answer(_) => String::new(),
        Outcome::NotJson(error) => format!("The response is not JSON: {error}."),
        Outcome::Failed(failure) if failure.timed_out => {
            "The function ran into its own timeout.".to_owned()
        }
        Outcome::Failed(failure) => {
            format!(
                "The function failed: {}: {}",
                failure.kind,
                short(&failure.message)
            )
        }
        Outcome::Throttled => {
            "Lambda refused the invocation for lack of concurrency, so the function did not run."
                .to_owned()
        }
        Outcome::Refused(status) => {
            format!("Lambda refused the invocation with status {status}; the function did not run.")
        }
    }
}

/// A function's text, short enough for a sentence.
pub(super) fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(120).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
