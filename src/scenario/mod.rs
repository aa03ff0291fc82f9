//! What the visitor set up: serialisable, versioned, validated.
//!
//! A scenario holds no code: modules are named by the SHA-256 of their bytes and travel beside it.

mod json;
pub mod link;
mod play;
mod validate;

use serde::{Deserialize, Serialize};

pub use json::{from_json, to_json};
pub use validate::{MAX_ARRIVALS, validate};

use crate::lambda::config::FunctionConfig;
use crate::sim::{SimDuration, SimTime};

/// The version written into every scenario; readers accept this and older ones.
pub const VERSION: u32 = 1;

/// A module, named by the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModuleHash(pub String);

/// Everything that decides a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Format version.
    pub version: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// The calendar date of virtual time zero: milliseconds since 1970.
    pub epoch_ms: i64,
    /// The function's configuration.
    pub function: FunctionConfig,
    /// The function's code.
    pub module: ModuleHash,
    /// The requests, in order.
    pub arrivals: Vec<Arrival>,
}

/// One request through a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// When it arrives.
    pub when: When,
    /// The trigger's id.
    pub trigger: String,
    /// The event, as text: what the visitor sees in the editor.
    pub payload: String,
}

/// When a request arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// At a fixed time.
    At(SimTime),
    /// This long after the request before it has come to its end (for the first: after the start).
    AfterPrevious(SimDuration),
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            version: VERSION,
            seed: 1,
            // 2026-01-05T12:00:00Z, a Monday: a date that does not move, so that links show the same logs for ever.
            epoch_ms: 1_767_614_400_000,
            function: FunctionConfig::default(),
            module: ModuleHash(String::new()),
            arrivals: Vec::new(),
        }
    }
}
