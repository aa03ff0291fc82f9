//! What destinations and dead-letter queues are sent, to the letter.

use serde_json::Value;

use super::config::{Destination, DestinationKind};
use super::event::{DropReason, Outcome, RequestId};
use super::names;
use crate::sim::SimTime;

/// Bytes of `ErrorMessage` on a dead letter.
pub const ERROR_MESSAGE_BYTES: usize = 1_024;

/// What a record tells.
pub struct Told<'a> {
    /// Calendar milliseconds at virtual time zero.
    pub epoch_ms: i64,
    /// When.
    pub now: SimTime,
    /// The invocation's request id.
    pub request_id: RequestId,
    /// ARN of the function, qualified.
    pub function_arn: &'a str,
    /// The event, JSON text.
    pub event: &'a str,
    /// Why it was given up; none on success.
    pub dropped: Option<DropReason>,
    /// How often the function was tried.
    pub attempts: u32,
    /// How the last try went, when there was one.
    pub last: Option<&'a Outcome>,
}

impl Told<'_> {
    /// `condition`.
    pub const fn condition(&self) -> &'static str {
        match self.dropped {
            None => "Success",
            Some(reason) => condition(reason),
        }
    }

    /// The record, JSON text.
    pub fn record(&self) -> String {
        let mut text = format!(
            r#"{{"version":"1.0","timestamp":"{}","requestContext":{{"requestId":"{}","functionArn":{},"condition":"{}","approximateInvokeCount":{}}},"requestPayload":{}"#,
            names::timestamp(self.epoch_ms, self.now),
            self.request_id,
            quoted(self.function_arn),
            self.condition(),
            self.attempts,
            if self.event.is_empty() {
                "{}"
            } else {
                self.event
            },
        );
        if let Some(last) = self.last {
            let response = &last.response;
            text += &format!(r#","responseContext":{{"statusCode":{}"#, response.status);
            if let Some(version) = &response.executed_version {
                text += &format!(r#","executedVersion":{}"#, quoted(version));
            }
            if let Some(error) = &response.function_error {
                text += &format!(r#","functionError":{}"#, quoted(error));
            }
            text += r#"},"responsePayload":"#;
            // A function may answer what is not JSON: then its text is a string.
            if serde_json::from_str::<serde::de::IgnoredAny>(&response.payload).is_ok() {
                text += &response.payload;
            } else {
                text += &quoted(&response.payload);
            }
        }
        text + "}"
    }

    /// The body for a target: EventBridge wraps the record in an event of its own.
    pub fn body(&self, target: &Destination, id: &str) -> String {
        if target.kind() != Some(DestinationKind::EventBridge) {
            return self.record();
        }
        let result = if self.dropped.is_none() {
            "Success"
        } else {
            "Failure"
        };
        let mut time = names::timestamp(self.epoch_ms, self.now);
        // EventBridge tells whole seconds.
        time.truncate(19);
        format!(
            r#"{{"version":"0","id":{},"detail-type":"Lambda Function Invocation Result - {result}","source":"lambda","account":"{}","time":"{time}Z","region":"{}","resources":[{},{}],"detail":{}}}"#,
            quoted(id),
            names::ACCOUNT,
            names::REGION,
            quoted(&target.0),
            quoted(self.function_arn),
            self.record()
        )
    }

    /// The attributes of a dead letter: name, type and value.
    pub fn attributes(&self) -> Vec<(String, String, String)> {
        let (code, message) = match self.last {
            Some(last) => (last.response.status, error_message(&last.response.payload)),
            None => (429, "Rate Exceeded.".to_owned()),
        };
        [
            ("RequestID", "String", self.request_id.to_string()),
            ("ErrorCode", "Number", code.to_string()),
            ("ErrorMessage", "String", message),
        ]
        .map(|(name, kind, value)| (name.to_owned(), kind.to_owned(), value))
        .into()
    }
}

/// `condition` of a failure record.
pub const fn condition(reason: DropReason) -> &'static str {
    match reason {
        DropReason::RetriesExhausted => "RetriesExhausted",
        DropReason::EventAgeExceeded => "EventAgeExceeded",
        DropReason::ZeroReservedConcurrency => "ZeroReservedConcurrency",
        // Which condition AWS gives to an event of a stopped loop is not documented.
        DropReason::RecursiveLoop => "RecursiveInvocation",
    }
}

/// `errorMessage` of an error object, cut to what an attribute holds.
fn error_message(payload: &str) -> String {
    let object: Option<Value> = serde_json::from_str(payload).ok();
    let mut message = object
        .as_ref()
        .and_then(|object| object.get("errorMessage")?.as_str())
        .unwrap_or(payload)
        .to_owned();
    let mut end = message.len().min(ERROR_MESSAGE_BYTES);
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    message.truncate(end);
    message
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
