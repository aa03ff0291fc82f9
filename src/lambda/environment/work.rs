//! A phase that is under way: a guest's, whose report is of the future, or a model's.

use super::super::model::ModelEnd;
use crate::guest::process::{PhaseEnd, PhaseReport};
use crate::lambda::drill::{Fate, Injected};
use crate::lambda::event::{Origin, Usage};
use crate::sim::{SimDuration, SimTime};

/// What was computed when the phase began.
pub(super) enum Work {
    /// A guest ran.
    Guest(Box<PhaseReport>, Origin),
    /// A model drew.
    Model(SimDuration, ModelEnd),
}

impl Work {
    /// What a failure drill makes of a handler's work that began at `started` and must be over by `deadline`.
    pub fn befallen(self, fate: Fate, started: SimTime, deadline: SimTime) -> Self {
        match self {
            Self::Guest(mut report, origin) => {
                let mut origin = origin;
                if fate.extra > SimDuration::ZERO && report.end.is_alive() {
                    origin = Origin::Drilled;
                    let ended = (report.ended + fate.extra).min(deadline);
                    report.waited += ended.since(report.ended);
                    report.ended = ended;
                    if ended == deadline {
                        report.end = PhaseEnd::TimedOut;
                    }
                }
                if let (Some(injected), PhaseEnd::Done(_)) = (fate.fails, &report.end) {
                    origin = Origin::Drilled;
                    report.end = failed(injected);
                }
                Self::Guest(report, origin)
            }
            Self::Model(duration, end) => {
                let limit = deadline.since(started);
                match duration.saturating_add(fate.extra) {
                    longer if longer >= limit => Self::Model(limit, ModelEnd::TimedOut),
                    longer => Self::Model(longer, end),
                }
            }
        }
    }

    /// When it ends.
    pub fn ends(&self, started: SimTime) -> SimTime {
        match self {
            Self::Guest(report, _) => report.ended,
            Self::Model(duration, _) => started + *duration,
        }
    }

    /// What it used, memory aside.
    pub fn usage(&self, started: SimTime) -> Usage {
        match self {
            Self::Guest(report, _) => Usage {
                duration: report.ended.since(started),
                fuel: report.fuel,
                cpu: report.cpu,
                frozen: report.frozen,
                waited: report.waited,
                memory_peak: 0,
            },
            Self::Model(duration, _) => Usage {
                duration: *duration,
                waited: *duration,
                ..Usage::default()
            },
        }
    }
}

/// The error that a drill injects.
pub(super) fn failed(injected: Injected) -> PhaseEnd {
    let (error_type, message) = injected.error();
    PhaseEnd::Failed {
        error_type: error_type.to_owned(),
        message: message.to_owned(),
    }
}
