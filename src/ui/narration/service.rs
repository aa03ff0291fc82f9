//! What callers and other services do by themselves, told.

use crate::guest::process::outside::ServiceCall;
use crate::lambda::event::{ServiceNote, ServiceStep};
use crate::sim::SimTime;
use crate::trigger::names;

/// Title and meaning of what a service does at `at`.
pub fn step(note: &ServiceNote, at: SimTime) -> (String, String) {
    let name = names::name_of(&note.trigger);
    let title = match &note.step {
        ServiceStep::HeldBack => format!("{name} does not call Lambda"),
        ServiceStep::Retry { attempt, due } => {
            format!("{name} waits {} before call {attempt}", due.since(at))
        }
        ServiceStep::GaveUp { attempts: 1 } => format!("{name} does not call again"),
        ServiceStep::GaveUp { attempts } => format!("{name} gives up after {attempts} calls"),
        ServiceStep::Waits { until: Some(until) } => {
            format!("{name} waits for a callback, {} at most", until.since(at))
        }
        ServiceStep::Waits { until: None } => format!("{name} waits for a callback"),
        ServiceStep::Over { status, .. } => format!("{name}: {status}"),
        ServiceStep::Entered { state, .. } => format!("State {state} begins"),
        ServiceStep::Exited { state, .. } => format!("State {state} is over"),
        ServiceStep::Caught {
            error,
            retry: Some(due),
        } => format!("{error}: tried again in {}", due.since(at)),
        ServiceStep::Caught { error, retry: None } => format!("{error} is caught"),
    };
    (title, note.meaning.clone())
}

/// The data that belongs to a step, JSON text.
pub fn data(step: &ServiceStep) -> Option<&str> {
    match step {
        ServiceStep::Over { output: text, .. }
        | ServiceStep::Entered { input: text, .. }
        | ServiceStep::Exited { output: text, .. } => Some(text).filter(|text| !text.is_empty()),
        _ => None,
    }
    .map(String::as_str)
}

/// Title and meaning of a call of the function's.
pub fn call(call: &ServiceCall) -> (String, String) {
    // An address is long; what it is for stands before its parameters.
    let operation = call.operation.split('?').next().unwrap_or_default();
    let operation: String = operation.chars().take(120).collect();
    let title = match call.reply.status {
        200 => format!("The function calls {operation}"),
        status => format!("The function calls {operation}: {status}"),
    };
    let meaning = match (call.reply.status, call.reply.body.as_str()) {
        (200, _) => "The service took the call.".to_owned(),
        (_, body) => format!("The service refused it: {body}"),
    };
    (title, meaning)
}
