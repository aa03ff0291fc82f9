//! Amazon States Language: small state machines that really run.
//!
//! A pure interpreter: it says which task to invoke and when to be woken, and is told what came of it. It has no clock and no
//! queue of its own, so a cloud can play it.
//!
//! Supported: Task (with Retry, Catch, timeouts, heartbeats and the task token), Choice, Wait, Parallel, Map (inline), Pass,
//! Succeed and Fail, with JSONPath for InputPath, Parameters, ResultSelector, ResultPath and OutputPath. Not supported, and
//! refused by name: JSONata, intrinsic functions, distributed Map, and services other than Lambda.
//!
//! Sources: the Amazon States Language specification (states-language.net) and the Step Functions Developer Guide,
//! "Handling errors in Step Functions workflows".

mod choice;
mod data;
mod definition;
mod execution;
mod path;
mod reader;

pub use definition::Machine;
pub use execution::{Execution, KEPT_LIMIT, Order, TaskId, Thread, Timer};

use serde_json::{Value, json};

/// An error of a state: what Retry and Catch match, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateError {
    /// Its name, such as `States.Timeout` or a function's `errorType`.
    pub error: String,
    /// Text; of a function error, its error object as JSON text.
    pub cause: String,
}

impl StateError {
    /// An error with a name.
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self {
            error: error.to_owned(),
            cause: cause.into(),
        }
    }

    /// Something in the definition does not fit the data; neither Retry nor Catch of States.ALL takes it.
    fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }

    /// What a Catch hands on.
    fn output(&self) -> Value {
        json!({"Error": self.error, "Cause": self.cause})
    }

    /// Whether a retrier or catcher with these names takes it.
    fn is_one_of(&self, names: &[String]) -> bool {
        names.iter().any(|name| match name.as_str() {
            "States.ALL" => !matches!(
                self.error.as_str(),
                "States.Runtime" | "States.DataLimitExceeded"
            ),
            "States.TaskFailed" => {
                !self.error.starts_with("States.") || self.error == "States.TaskFailed"
            }
            "States.Timeout" => {
                matches!(
                    self.error.as_str(),
                    "States.Timeout" | "States.HeartbeatTimeout"
                )
            }
            name => name == self.error,
        })
    }
}
