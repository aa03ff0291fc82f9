//! What a cloud starts from.

use std::rc::Rc;

use crate::guest::process::Watch;
use crate::lambda::caller::Request;
use crate::lambda::config::FunctionConfig;
use crate::lambda::environment::IDLE_LIFETIME;
use crate::lambda::runtime::Code;
use crate::sim::check::Log;
use crate::sim::{Rng, SimDuration};

/// Everything that decides what a cloud does.
pub struct Setup {
    /// The function. Expected to be valid: see [`super::limits::check`].
    pub config: FunctionConfig,
    /// The function's code.
    pub code: Rc<dyn Code>,
    /// Seed of all randomness.
    pub seed: u64,
    /// Calendar milliseconds since 1970 at virtual time zero.
    pub epoch_ms: i64,
    /// The requests to come.
    pub requests: Vec<Request>,
    /// The host's patience with the guest.
    pub watch: Watch,
    /// How long an idle environment is kept.
    pub idle_lifetime: SimDuration,
    /// Where kernel events and random draws are recorded, for tests of determinism.
    pub log: Log,
}

impl Setup {
    /// A set-up with the usual idle lifetime and no log.
    pub fn new(config: FunctionConfig, code: Rc<dyn Code>, watch: Watch) -> Self {
        Self {
            config,
            code,
            seed: 1,
            epoch_ms: 0,
            requests: Vec::new(),
            watch,
            idle_lifetime: IDLE_LIFETIME,
            log: Log::default(),
        }
    }
}

/// One generator per component.
pub(super) struct Random {
    pub request_ids: Rng,
    pub trace_ids: Rng,
    pub log_streams: Rng,
    pub guest_seeds: Rng,
}

impl Random {
    pub fn seeded(seed: u64, log: &Log) -> Self {
        let generator = |component| Rng::for_component(seed, component).observed(log);
        Self {
            request_ids: generator("request ids"),
            trace_ids: generator("trace ids"),
            log_streams: generator("log streams"),
            guest_seeds: generator("guest seeds"),
        }
    }
}
