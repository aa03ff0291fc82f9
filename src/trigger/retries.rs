//! What callers do by themselves when a call fails, as data for whoever plays it.
//!
//! This is not Lambda's own retry of asynchronous events, which begins after the 202.

use crate::lambda::event::InvokeResponse;
use crate::sim::SimDuration;

/// How a call went wrong, seen from the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The function reported an error or died.
    FunctionError,
    /// The function's own timeout ended it.
    FunctionTimeout,
    /// The caller's limit ended first.
    CallerTimeout,
    /// 429: not run.
    Throttled,
    /// 5xx from Lambda: not run.
    ServiceError,
    /// Another 4xx: not run, and would not be next time.
    Refused,
    /// The response breaks the contract.
    Malformed,
    /// The response asks for another try.
    Asked,
}

impl Trouble {
    /// What is wrong with a response as far as Lambda knows; none when the function answered.
    pub fn of(response: &InvokeResponse) -> Option<Self> {
        match response.status {
            200..=299 if response.function_error.is_none() => None,
            200..=299 if response.error_type().as_deref() == Some("Sandbox.Timedout") => {
                Some(Self::FunctionTimeout)
            }
            200..=299 => Some(Self::FunctionError),
            429 => Some(Self::Throttled),
            500.. => Some(Self::ServiceError),
            _ => Some(Self::Refused),
        }
    }
}

/// Some retries with growing gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// How many.
    pub retries: u32,
    /// The first gap in milliseconds; it doubles from retry to retry.
    pub first_ms: u64,
    /// No gap is longer, in milliseconds.
    pub longest_ms: u64,
}

/// A caller's retry policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// After what it tries again.
    pub after: &'static [Trouble],
    /// One phase after the other.
    pub phases: &'static [Phase],
    /// When it gives up even with retries left: milliseconds after the first try.
    pub within_ms: Option<u64>,
    /// What it does then, or when it does not try again: one sentence.
    pub then: &'static str,
    /// Whether AWS publishes the numbers; if not, they are this playground's, and the page says so.
    pub published: bool,
}

impl Retries {
    /// A caller that never tries again.
    pub const fn none(then: &'static str) -> Self {
        Self {
            after: &[],
            phases: &[],
            within_ms: None,
            then,
            published: true,
        }
    }

    /// Whether it tries again after `trouble`.
    pub fn covers(&self, trouble: Trouble) -> bool {
        self.after.contains(&trouble)
    }

    /// How many tries it makes at most, the first one included.
    pub fn tries(&self) -> u32 {
        self.phases
            .iter()
            .fold(1, |tries, phase| tries.saturating_add(phase.retries))
    }

    /// The gap before a retry, counted from 1; none when there is no such retry.
    pub fn gap(&self, retry: u32) -> Option<SimDuration> {
        let mut left = retry.checked_sub(1)?;
        for phase in self.phases {
            if left < phase.retries {
                let doubled = phase.first_ms.saturating_mul(1 << left.min(30));
                return Some(SimDuration::from_millis(doubled.min(phase.longest_ms)));
            }
            left -= phase.retries;
        }
        None
    }

    /// The gap before the next retry, after `tries` tries that began `since_first` ago; none when it gives up.
    pub fn next(
        &self,
        trouble: Trouble,
        tries: u32,
        since_first: SimDuration,
    ) -> Option<SimDuration> {
        let gap = self.covers(trouble).then(|| self.gap(tries))??;
        let end = self.within_ms.map(SimDuration::from_millis);
        end.is_none_or(|end| since_first + gap <= end)
            .then_some(gap)
    }
}

/// Every policy whose gaps AWS does not publish, with who follows it: for the page, which must name them but does not hold
/// the triggers.
pub static UNPUBLISHED: &[(&str, &Retries)] = &[
    ("S3 Batch Operations", &super::s3_batch::REDRIVE),
    ("Data Firehose", &super::firehose::THREE_RETRIES),
    ("EventBridge", &super::eventbridge::DELIVERY),
    ("CloudWatch Logs", &super::cloudwatch_logs::DELIVERY),
    ("AWS IoT", &super::iot::BRIEFLY),
    (
        "S3, SES, CodeCommit, CodePipeline, CloudFormation, AWS Config and IoT Events",
        &UNTIL_TAKEN,
    ),
];

/// Services that hand events over until Lambda takes them, but publish no numbers.
pub(super) static UNTIL_TAKEN: Retries = Retries {
    after: &[Trouble::Throttled, Trouble::ServiceError],
    phases: &[Phase {
        retries: 100_000,
        first_ms: 1_000,
        longest_ms: 60_000,
    }],
    within_ms: Some(6 * 3_600_000),
    then: "When Lambda keeps refusing it, the event is lost.",
    published: false,
};

/// Callers that pass the failure on.
pub(super) static NEVER: Retries =
    Retries::none("It does not try again; the failure is passed on.");

/// Callers that leave retries to Lambda's pollers.
pub(super) static POLLER: Retries =
    Retries::none("Lambda's poller decides what becomes of the batch.");
