//! A trace read as attempts: one row for every time the function was tried, or refused. A flat view of [`summary`].

use crate::guest::process::PhaseEnd;
use crate::guest::process::outside::ServiceCall;
use crate::lambda::event::{
    CallerView, Entry, EnvironmentId, InitPhase, InvocationId, InvocationType, InvokeResponse,
    Report, RequestId, ServiceNote, Usage,
};
use crate::lambda::summary::{self, AttemptSummary, BatchSummary, InvocationSummary, Status};
use crate::sim::SimTime;

/// Names one attempt: the invocation, and 1 for its first try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptId {
    /// Which request.
    pub invocation: InvocationId,
    /// Which try.
    pub attempt: u32,
}

/// One try of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// Which.
    pub id: AttemptId,
    /// Lambda's request id.
    pub request_id: RequestId,
    /// Id of the trigger.
    pub trigger: String,
    /// Synchronous or asynchronous.
    pub kind: InvocationType,
    /// When the request reached Lambda.
    pub received: SimTime,
    /// Where and when the function ran; none when it was refused or waits in the queue.
    pub ran: Option<Ran>,
    /// The API error, when the front end refused.
    pub refused: Option<(SimTime, InvokeResponse)>,
    /// What the caller saw in the end; the same for all tries of one request.
    pub caller: Option<(SimTime, CallerView)>,
    /// The batch, when Lambda's poller called: whoever sent its items saw the source's answer, long before.
    pub batch: Option<BatchSummary>,
    /// What the caller or another service did by itself; the same for all tries of one request.
    pub service: Vec<(SimTime, ServiceNote)>,
    /// The calls to other services that the function made, in all tries.
    pub calls: Vec<ServiceCall>,
}

/// The function's run in one attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// Where.
    pub environment: EnvironmentId,
    /// Whether it was the environment's first invocation.
    pub cold: bool,
    /// Whether the process had been lost, so that Init ran again inside the Invoke phase.
    pub again: bool,
    /// When the handler began.
    pub started: SimTime,
    /// What Init used, when this attempt had to wait for it.
    pub init: Option<Usage>,
    /// How it ended; none when the trace is cut off before.
    pub finished: Option<Finished>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// When.
    pub at: SimTime,
    /// How the guest ended.
    pub end: PhaseEnd,
    /// What Lambda made of it.
    pub response: InvokeResponse,
    /// What it used.
    pub usage: Usage,
    /// What REPORT says.
    pub report: Report,
}

/// How an attempt went, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Lambda has an answer without an error.
    Succeeded,
    /// The function failed, in whatever way.
    Failed,
    /// The timeout ended it.
    TimedOut,
    /// Not run.
    Refused,
    /// Ended by the playground, not by Lambda.
    CutOff,
    /// The trace ends before it does.
    Unfinished,
}

impl Outcome {
    /// How the end of a phase counts.
    pub fn of(end: &PhaseEnd) -> Self {
        match end {
            PhaseEnd::Done(_) => Self::Succeeded,
            PhaseEnd::TimedOut => Self::TimedOut,
            PhaseEnd::OutOfPatience | PhaseEnd::EngineFailed(_) => Self::CutOff,
            _ => Self::Failed,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::TimedOut => "Timed out",
            Self::Refused => "Refused",
            Self::CutOff => "Cut off",
            Self::Unfinished => "Unfinished",
        }
    }

    /// How bad it is; 0 is well.
    pub fn severity(self) -> u8 {
        match self {
            Self::Succeeded => 0,
            Self::Unfinished => 1,
            Self::CutOff => 2,
            Self::Refused => 3,
            Self::Failed => 4,
            Self::TimedOut => 5,
        }
    }

    /// Its name in style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::Succeeded => "ok",
            Self::Failed | Self::TimedOut | Self::Refused => "bad",
            Self::CutOff | Self::Unfinished => "cut",
        }
    }
}

impl Attempt {
    /// How it went.
    pub fn outcome(&self) -> Outcome {
        if self.refused.is_some() {
            return Outcome::Refused;
        }
        match self.finished() {
            None => Outcome::Unfinished,
            // An answer that Lambda cannot pass on is an error although the guest returned.
            Some(finished) if finished.response.function_error.is_some() => {
                match Outcome::of(&finished.end) {
                    Outcome::Succeeded => Outcome::Failed,
                    other => other,
                }
            }
            Some(finished) => Outcome::of(&finished.end),
        }
    }

    /// The end of its run.
    pub fn finished(&self) -> Option<&Finished> {
        self.ran.as_ref().and_then(|ran| ran.finished.as_ref())
    }

    /// What came back to whoever caused it, and when: the caller, or the producer of what a poller has read.
    pub fn seen(&self) -> Option<&(SimTime, CallerView)> {
        let producer = self
            .batch
            .as_ref()
            .and_then(|batch| batch.producer.as_ref());
        producer.or(self.caller.as_ref())
    }

    /// When Lambda was done with it, as far as the trace goes.
    pub fn ended(&self) -> Option<SimTime> {
        self.finished()
            .map(|finished| finished.at)
            .or(self.refused.as_ref().map(|(at, _)| *at))
    }
}

/// One attempt, from the entries that tell its request's story.
pub fn attempt<'e>(entries: impl IntoIterator<Item = &'e Entry>, id: AttemptId) -> Option<Attempt> {
    let story = summary::story(entries, id.invocation)?;
    let mut rows = rows_of(story);
    let found = rows.iter().position(|row| row.id == id);
    // A request that was never run has one row, whatever its number.
    let index = found.or(rows.first().filter(|row| row.ran.is_none()).map(|_| 0))?;
    Some(rows.swap_remove(index))
}

/// Reads a trace, in the order of time, as attempts, in the order in which they began.
pub fn attempts(entries: &[Entry]) -> Vec<Attempt> {
    let mut rows: Vec<Attempt> = summary::invocations(entries)
        .into_iter()
        .flat_map(rows_of)
        .collect();
    rows.sort_by_key(|row| {
        let began = row.ran.as_ref().map_or(row.received, |ran| ran.started);
        (began, row.id)
    });
    rows
}

/// One row for each attempt; one for a request that was never tried.
fn rows_of(story: InvocationSummary) -> Vec<Attempt> {
    let row = |attempt: u32, ran: Option<Ran>| Attempt {
        id: AttemptId {
            invocation: story.invocation,
            attempt,
        },
        request_id: story.request_id,
        trigger: story.trigger.clone(),
        kind: story.kind,
        received: story.received,
        refused: match (&story.status, &story.response, &ran) {
            (Status::Refused(_), Some(response), None) => {
                Some((story.ended.unwrap_or(story.received), response.clone()))
            }
            _ => None,
        },
        ran,
        caller: story.caller.clone(),
        batch: story.batch.clone(),
        service: story.service.clone(),
        calls: story.calls.clone(),
    };
    if story.attempts.is_empty() {
        return vec![row(1, None)];
    }
    story
        .attempts
        .iter()
        .map(|attempt| row(attempt.number, Some(ran(attempt))))
        .collect()
}

fn ran(attempt: &AttemptSummary) -> Ran {
    let finished = match (
        attempt.ended,
        &attempt.end,
        &attempt.response,
        attempt.usage,
        &attempt.report,
    ) {
        (Some(at), Some(end), Some(response), Some(usage), Some(report)) => Some(Finished {
            at,
            end: end.clone(),
            response: response.clone(),
            usage,
            report: report.clone(),
        }),
        _ => None,
    };
    Ran {
        environment: attempt.environment,
        cold: attempt.cold,
        again: attempt
            .inits
            .iter()
            .any(|init| init.phase == InitPhase::Invoke),
        started: attempt.started,
        init: attempt
            .inits
            .iter()
            .find(|init| init.phase == InitPhase::Init)
            .and_then(|init| init.ended.as_ref())
            .map(|(_, usage)| *usage),
        finished,
    }
}
