//! What an execution wants done, and tells.

use serde_json::Value;

use crate::sim::SimDuration;
use crate::trigger::states_language::StateError;

/// A task of this execution, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub u32);

/// A wake-up that was asked for, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timer(pub u32);

/// The main line of an execution, or one branch of it, by number. The main line is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Thread(pub u32);

/// What is to be done, or has happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// A state begins, with this input.
    Entered {
        /// Where.
        thread: Thread,
        /// The state's name.
        state: String,
        /// Its raw input.
        input: Value,
    },
    /// A state is over, with this output.
    Exited {
        /// Where.
        thread: Thread,
        /// The state's name.
        state: String,
        /// Its output.
        output: Value,
    },
    /// Invoke the function, and say what came of it by [`Execution::task_over`](super::Execution::task_over).
    Invoke {
        /// Which task.
        task: TaskId,
        /// The state's name.
        state: String,
        /// The function, by name or ARN, as the definition says it.
        function: String,
        /// The event.
        event: Value,
        /// For .waitForTaskToken: the answer counts for nothing, [`Execution::callback`](super::Execution::callback) does.
        token: Option<String>,
        /// 1 for the first try.
        attempt: u32,
    },
    /// Nobody waits for this task any more.
    Forget(TaskId),
    /// Call [`Execution::woken`](super::Execution::woken) this long after now.
    Wake {
        /// With this.
        timer: Timer,
        /// When.
        after: SimDuration,
    },
    /// An error was retried or caught.
    Handled {
        /// Where.
        thread: Thread,
        /// The error.
        error: StateError,
        /// The next try comes after this; none when a Catch goes on.
        retry: Option<SimDuration>,
    },
    /// The execution succeeded.
    Succeeded(Value),
    /// The execution failed.
    Failed(StateError),
}
