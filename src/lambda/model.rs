//! A function without code: given durations, errors and memory, so that scaling can be studied at millions of invocations.
//!
//! Its numbers hold at the function's memory size: a model does not compute, so more memory does not make it faster.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::billing::Terms;
use super::config::FunctionConfig;
use super::event::{InvokeResponse, Origin, Outcome};
use super::invoke;
use crate::guest::fuel::Fuel;
use crate::guest::process::PhaseEnd;
use crate::sim::{Distribution, Rng, SimDuration};

/// What a modelled function does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// How long Init takes.
    pub init: Distribution,
    /// How many Inits in a million fail.
    pub init_errors_per_million: u32,
    /// How long the handler takes.
    pub duration: Distribution,
    /// How many invocations in a million fail.
    pub errors_per_million: u32,
    /// `Max Memory Used` in MB; more than the function has means out of memory.
    pub memory_used_mb: u32,
    /// What it answers, JSON text.
    pub response: String,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            init: Distribution::Constant { micros: 200_000 },
            init_errors_per_million: 0,
            duration: Distribution::Constant { micros: 50_000 },
            errors_per_million: 0,
            memory_used_mb: 40,
            response: "null".to_owned(),
        }
    }
}

/// How a modelled phase ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelEnd {
    /// It answers, or has started.
    Done,
    /// It reports an error of its own.
    Failed,
    /// The time is up.
    TimedOut,
    /// It wants more memory than there is.
    OutOfMemory,
}

impl ModelEnd {
    /// The same as a guest's end would be told.
    pub fn phase_end(self) -> PhaseEnd {
        match self {
            Self::Done => PhaseEnd::Done(Vec::new()),
            Self::Failed => PhaseEnd::Failed {
                error_type: "ModelError".to_owned(),
                message: "The modelled function failed".to_owned(),
            },
            Self::TimedOut => PhaseEnd::TimedOut,
            Self::OutOfMemory => PhaseEnd::OutOfMemory,
        }
    }
}

impl Model {
    /// What one Init does within `limit`.
    pub fn start(&self, limit: SimDuration, rng: &mut Rng) -> (SimDuration, ModelEnd) {
        let duration = self.init.sample(rng);
        let failed = rng.happens(self.init_errors_per_million);
        within(
            duration,
            limit,
            if failed {
                ModelEnd::Failed
            } else {
                ModelEnd::Done
            },
        )
    }

    /// What one invocation does within `limit`, in a function with `memory_mb`.
    pub fn handle(
        &self,
        limit: SimDuration,
        memory_mb: u32,
        rng: &mut Rng,
    ) -> (SimDuration, ModelEnd) {
        let duration = self.duration.sample(rng);
        let failed = rng.happens(self.errors_per_million);
        let end = if self.memory_used_mb > memory_mb {
            ModelEnd::OutOfMemory
        } else if failed {
            ModelEnd::Failed
        } else {
            ModelEnd::Done
        };
        within(duration, limit, end)
    }

    /// What its answer, or its own error, becomes; none for ends that Lambda makes an error of. Its errors are those of a
    /// runtime that does not repeat the request id.
    pub fn response(&self, end: &PhaseEnd, version: &str) -> Option<InvokeResponse> {
        match end {
            PhaseEnd::Done(_) => Some(invoke::answer(self.response.clone(), version)),
            PhaseEnd::Failed {
                error_type,
                message,
            } => Some(invoke::function_error(
                invoke::object(&[("errorType", error_type), ("errorMessage", message)]),
                version,
            )),
            _ => None,
        }
    }
}

fn within(duration: SimDuration, limit: SimDuration, end: ModelEnd) -> (SimDuration, ModelEnd) {
    if duration >= limit {
        (limit, ModelEnd::TimedOut)
    } else {
        (duration, end)
    }
}

/// The outcomes that most invocations of a model share.
#[derive(Debug, Clone)]
pub struct Usual {
    answered: [Arc<Outcome>; 2],
    failed: [Arc<Outcome>; 2],
}

impl Usual {
    /// The usual outcomes of `model` in a function configured like this, in this version.
    pub fn of(model: &Model, config: &FunctionConfig, version: &str) -> Self {
        let outcome = |end: ModelEnd, provisioned: bool| {
            Arc::new(Outcome {
                end: end.phase_end(),
                response: model
                    .response(&end.phase_end(), version)
                    .unwrap_or_else(|| invoke::answer(String::new(), version)),
                status: None,
                init_duration: None,
                fuel: Fuel::ZERO,
                cpu: SimDuration::ZERO,
                frozen: SimDuration::ZERO,
                waited: None,
                memory_peak: u64::from(model.memory_used_mb) * 1024 * 1024,
                memory: Box::default(),
                terms: Terms {
                    provisioned,
                    ..Terms::of(config)
                },
                requests: 1,
                origin: Origin::Modelled,
                log_result: None,
            })
        };
        let both = |end| [outcome(end, false), outcome(end, true)];
        Self {
            answered: both(ModelEnd::Done),
            failed: both(ModelEnd::Failed),
        }
    }

    /// The usual outcome of an end; none for ends that carry the request id.
    pub fn get(&self, end: ModelEnd, provisioned: bool) -> Option<&Arc<Outcome>> {
        let [on_demand, on_provisioned] = match end {
            ModelEnd::Done => &self.answered,
            ModelEnd::Failed => &self.failed,
            ModelEnd::TimedOut | ModelEnd::OutOfMemory => return None,
        };
        Some(if provisioned {
            on_provisioned
        } else {
            on_demand
        })
    }
}
