//! Sums over a trace.

use serde::{Deserialize, Serialize};

use crate::guest::fuel::Fuel;
use crate::lambda::event::{Entry, Event, InitPhase};
use crate::sim::{SimDuration, SimTime};

/// Sums over a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Requests that arrived.
    pub requests: u64,
    /// Requests that were not let in.
    pub refused: u64,
    /// Runs of the function that ended; what AWS bills and counts as Invocations.
    pub invocations: u64,
    /// Of these, those that failed.
    pub errors: u64,
    /// Of these, the first of their environment.
    pub cold_starts: u64,
    /// Tries that found no concurrency.
    pub throttles: u64,
    /// Asynchronous events given up.
    pub dropped: u64,
    /// Environments made.
    pub environments: u64,
    /// The most environments busy at once, an Init counted.
    pub concurrency_peak: u64,
    /// Billed milliseconds.
    pub billed_ms: u64,
    /// Durations of the Invoke phases together.
    pub duration: SimDuration,
    /// Work done by the guest, Init included.
    pub fuel: Fuel,
    /// What it costs, in picodollars.
    pub cost_picodollars: u64,
    /// The last instant.
    pub end: SimTime,
}

/// Sums over a trace.
pub fn totals(entries: &[Entry]) -> Totals {
    let mut totals = Totals::default();
    let mut busy = 0_u64;
    for entry in entries {
        totals.end = totals.end.max(entry.at);
        match &entry.event {
            Event::Received { .. } => totals.requests += 1,
            Event::Refused { .. } => totals.refused += 1,
            Event::Dropped { .. } => totals.dropped += 1,
            Event::EnvironmentCreated { created, .. } => {
                totals.environments += 1;
                // A provisioned environment starts without an invocation.
                busy += u64::from(!created.provisioned);
            }
            Event::Throttled { .. } => totals.throttles += 1,
            Event::InvokeStarted { cold, .. } => {
                // A cold environment is busy since its creation.
                busy += u64::from(!cold);
                totals.cold_starts += u64::from(*cold);
            }
            Event::InitFinished {
                phase: InitPhase::Init,
                ended,
                ..
            } => totals.fuel += ended.usage.fuel,
            Event::EnvironmentLost { invocation, .. } => {
                busy = busy.saturating_sub(u64::from(invocation.is_some()));
            }
            Event::InvokeFinished {
                duration, outcome, ..
            } => {
                busy = busy.saturating_sub(1);
                totals.invocations += 1;
                totals.errors += u64::from(outcome.failed());
                let billed_ms = outcome.billed_ms(*duration);
                let cost = outcome.terms.charge(billed_ms, u64::from(outcome.requests));
                totals.billed_ms += billed_ms;
                totals.duration += *duration;
                totals.fuel += outcome.fuel;
                totals.cost_picodollars = totals.cost_picodollars.saturating_add(cost.total());
            }
            _ => {}
        }
        totals.concurrency_peak = totals.concurrency_peak.max(busy);
    }
    totals
}
