//! What callers and other services do by themselves: hold an event back, try again, wait for a callback, go through states.

use serde::{Deserialize, Serialize};

use crate::sim::SimTime;

/// Something that a caller or service does, or makes of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceNote {
    /// The trigger's id.
    pub trigger: String,
    /// What.
    pub step: ServiceStep,
    /// What it means: one or two sentences.
    pub meaning: String,
}

/// What a caller or service does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceStep {
    /// Its own filter keeps the event away: Lambda is not called.
    HeldBack,
    /// It will call once more.
    Retry {
        /// The call to come, 2 or more.
        attempt: u32,
        /// When.
        due: SimTime,
    },
    /// It does not try again.
    GaveUp {
        /// How often it called.
        attempts: u32,
    },
    /// It waits for a call of the function's.
    Waits {
        /// Until then; none when it does not look at the clock.
        until: Option<SimTime>,
    },
    /// It waits no longer.
    Over {
        /// Whether the service counts it as a success.
        ok: bool,
        /// The service's own word, such as `Failed`.
        status: String,
        /// What was handed over, JSON text; empty when nothing was.
        output: String,
    },
    /// A state of a state machine begins.
    Entered {
        /// Its name.
        state: String,
        /// Its input, JSON text.
        input: String,
    },
    /// A state is over.
    Exited {
        /// Its name.
        state: String,
        /// Its output, JSON text.
        output: String,
    },
    /// A state failed, and Retry or Catch takes it.
    Caught {
        /// The error's name.
        error: String,
        /// When its task is tried again; none when the machine goes on elsewhere.
        retry: Option<SimTime>,
    },
}
