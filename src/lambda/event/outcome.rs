//! How a run of the function went: what thousands of runs can have in common is stored once.

use serde::{Deserialize, Serialize};

use super::{InvokeResponse, Report, ReportStatus, Usage};
use crate::guest::fuel::Fuel;
use crate::guest::process::{MemoryPoint, PhaseEnd};
use crate::lambda::billing::Terms;
use crate::sim::SimDuration;

/// What an outcome comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The function ran.
    Ran,
    /// The function is a model: the numbers are the visitor's.
    Modelled,
    /// The module ran before with this event in this state, and what came of it is used again.
    Reused,
    /// The function ran, and a failure drill changed what came of it.
    Drilled,
}

/// Everything about the end of a run but its length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// How the guest ended. An answer's bytes are left out: they are in `response`.
    pub end: PhaseEnd,
    /// What Lambda makes of it: the answer or the error object.
    pub response: InvokeResponse,
    /// The tail of REPORT.
    pub status: Option<ReportStatus>,
    /// `Init Duration`, on the first invocation after a cold start.
    pub init_duration: Option<SimDuration>,
    /// Work done.
    pub fuel: Fuel,
    /// CPU time used.
    pub cpu: SimDuration,
    /// Frozen by the CPU quota.
    pub frozen: SimDuration,
    /// Waited without using the CPU; none when all of the duration was not CPU time (models do not compute).
    pub waited: Option<SimDuration>,
    /// Max Memory Used so far in this environment, in bytes, sandbox included.
    pub memory_peak: u64,
    /// How memory grew, sandbox included, counted from the beginning of the Invoke phase. Empty for a model.
    pub memory: Box<[MemoryPoint]>,
    /// What its price depends on.
    pub terms: Terms,
    /// As how many requests it is billed.
    pub requests: u32,
    /// What it comes from.
    pub origin: Origin,
    /// `X-Amz-Log-Result`, when the caller asked for it.
    pub log_result: Option<String>,
}

impl Outcome {
    /// Whether the function failed.
    pub fn failed(&self) -> bool {
        self.response.function_error.is_some()
    }

    /// What a run of this length used.
    pub fn usage(&self, duration: SimDuration) -> Usage {
        Usage {
            duration,
            fuel: self.fuel,
            cpu: self.cpu,
            frozen: self.frozen,
            waited: self.waited.unwrap_or(
                duration
                    .saturating_sub(self.cpu)
                    .saturating_sub(self.frozen),
            ),
            memory_peak: self.memory_peak,
        }
    }

    /// `Billed Duration` of a run of this length, in milliseconds. Since August 2025 a cold start bills init and handler
    /// together, rounded up once.
    pub fn billed_ms(&self, duration: SimDuration) -> u64 {
        duration
            .saturating_add(self.init_duration.unwrap_or_default())
            .as_millis_ceil()
    }

    /// What REPORT says about a run of this length.
    pub fn report(&self, duration: SimDuration) -> Report {
        let billed_ms = self.billed_ms(duration);
        Report {
            duration,
            init_duration: self.init_duration,
            billed_ms,
            memory_size: self.terms.memory,
            max_memory_used_mb: self.max_memory_used_mb(),
            status: self.status.clone(),
            cost_picodollars: self
                .terms
                .charge(billed_ms, u64::from(self.requests))
                .total(),
        }
    }

    /// `Max Memory Used` in MB.
    pub fn max_memory_used_mb(&self) -> u32 {
        u32::try_from(self.memory_peak.div_ceil(1024 * 1024)).unwrap_or(u32::MAX)
    }
}
