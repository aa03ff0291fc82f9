//! What the visitor set up: serialisable, versioned, validated.
//!
//! A scenario holds no code: modules are named by the SHA-256 of their bytes and travel beside it.

mod firings;
mod functions;
mod json;
pub mod link;
mod mapping;
mod plan;
mod play;
mod service;
mod traffic;
mod validate;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use functions::{FunctionSetup, FunctionView, Published, Runs, VersionSetup};
pub use json::{from_json, to_json};
pub use mapping::{MAX_MAPPINGS, Mapping};
pub use service::{CONTINUES_AFTER, ROLLS_BACK_AFTER};
pub use traffic::Traffic;
pub use validate::{MAX_ARRIVALS, MAX_REQUESTS, validate};

use crate::lambda::caller::Client;
use crate::lambda::concurrency::ACCOUNT_CONCURRENCY;
use crate::lambda::config::FunctionConfig;
use crate::lambda::drill::Drill;
use crate::sim::{SimDuration, SimTime};

/// The version written into every scenario; readers accept this and older ones.
///
/// 1 had one function, single requests and nothing else.
pub const VERSION: u32 = 2;

/// A module, named by the SHA-256 of its bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModuleHash(pub String);

/// Everything that decides a trace.
///
/// The simple case stays simple: one function with one module, and requests. Everything else has a default that means
/// "nothing special".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Format version.
    pub version: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// The calendar date of virtual time zero: milliseconds since 1970.
    pub epoch_ms: i64,
    /// Configuration of the first function: the one that is called when nobody names another.
    pub function: FunctionConfig,
    /// The first function's code.
    pub module: ModuleHash,
    /// How the first function's code is run, or a model of it.
    pub runs: Runs,
    /// The first function's versions, aliases and provisioned concurrency.
    pub published: Published,
    /// Further functions.
    pub others: Vec<FunctionSetup>,
    /// The account's concurrency.
    pub account_concurrency: u32,
    /// Single requests, in order.
    pub arrivals: Vec<Arrival>,
    /// Load.
    pub traffic: Vec<Traffic>,
    /// Queues and streams with what reads them. A request through a polled trigger goes to the first mapping of that trigger,
    /// or to one with default settings.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// What triggers are set up with besides their events (filters, subscribers, definitions): by the trigger's id and the
    /// key of the form's field.
    #[serde(default)]
    pub triggers: BTreeMap<String, BTreeMap<String, String>>,
    /// What clients that call directly do when they are refused.
    pub client: Client,
    /// Failure drills.
    pub drills: Vec<Drill>,
    /// How many asynchronous events in a million are delivered twice although nothing failed.
    pub duplicates_per_million: u32,
    /// How long idle environments are kept, in seconds: AWS does not say.
    pub idle_lifetime_seconds: u32,
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
    /// The function that is called, by its name, `name:qualifier` or ARN; the first when there is none.
    #[serde(default)]
    pub function: Option<String>,
    /// The version or alias that is named.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// `X-Amz-Log-Type: Tail`.
    #[serde(default)]
    pub log_tail: bool,
    /// `X-Amz-Invocation-Type: DryRun`; direct calls only.
    #[serde(default)]
    pub dry_run: bool,
}

impl Default for Arrival {
    /// A direct call of the first function without an event, after the request before it.
    fn default() -> Self {
        Self {
            when: When::AfterPrevious(SimDuration::ZERO),
            trigger: "direct".to_owned(),
            payload: String::new(),
            function: None,
            qualifier: None,
            log_tail: false,
            dry_run: false,
        }
    }
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
            runs: Runs::Module,
            published: Published::default(),
            others: Vec::new(),
            account_concurrency: ACCOUNT_CONCURRENCY,
            arrivals: Vec::new(),
            traffic: Vec::new(),
            mappings: Vec::new(),
            triggers: BTreeMap::new(),
            client: Client::NoRetry,
            drills: Vec::new(),
            duplicates_per_million: 0,
            idle_lifetime_seconds: 600,
        }
    }
}
