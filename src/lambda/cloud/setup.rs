//! What a cloud starts from.

use std::rc::Rc;

use crate::guest::process::Watch;
use crate::guest::process::outside::Outside;
use crate::lambda::caller::{Load, Request};
use crate::lambda::concurrency::ACCOUNT_CONCURRENCY;
use crate::lambda::config::FunctionConfig;
use crate::lambda::drill::Drill;
use crate::lambda::environment::IDLE_LIFETIME;
use crate::lambda::function::{Deployment, Package};
use crate::lambda::machine::Machine;
use crate::lambda::runtime::Code;
use crate::sim::SimDuration;
use crate::sim::check::Log;

/// Everything that decides what a cloud does. Expected to be valid: see [`crate::lambda::limits`].
pub struct Setup {
    /// The functions; at least one.
    pub functions: Vec<Deployment>,
    /// The account's concurrency.
    pub account_concurrency: u32,
    /// Seed of all randomness.
    pub seed: u64,
    /// Calendar milliseconds since 1970 at virtual time zero.
    pub epoch_ms: i64,
    /// Single requests to come.
    pub requests: Vec<Request>,
    /// Load to come.
    pub loads: Vec<Load>,
    /// Event source mappings, then services: driven by the cloud.
    pub machines: Vec<Box<dyn Machine>>,
    /// Failure drills.
    pub drills: Vec<Drill>,
    /// How many asynchronous events in a million are delivered twice although nothing failed.
    pub duplicates_per_million: u32,
    /// The host's patience with the guest.
    pub watch: Watch,
    /// Whoever answers calls of guests to other services.
    pub outside: Outside,
    /// How long an idle environment is kept.
    pub idle_lifetime: SimDuration,
    /// Where kernel events and random draws are recorded, for tests of determinism.
    pub log: Log,
}

impl Setup {
    /// One function with code, and nothing to come.
    pub fn new(config: FunctionConfig, code: Rc<dyn Code>, watch: Watch) -> Self {
        let function = Deployment::new(config, Package::Code(code));
        Self::of(vec![function], watch)
    }

    /// These functions, and nothing to come; the usual account, idle lifetime and no log.
    pub fn of(functions: Vec<Deployment>, watch: Watch) -> Self {
        Self {
            functions,
            account_concurrency: ACCOUNT_CONCURRENCY,
            seed: 1,
            epoch_ms: 0,
            requests: Vec::new(),
            loads: Vec::new(),
            machines: Vec::new(),
            drills: Vec::new(),
            duplicates_per_million: 0,
            watch,
            outside: Outside::default(),
            idle_lifetime: IDLE_LIFETIME,
            log: Log::default(),
        }
    }
}
