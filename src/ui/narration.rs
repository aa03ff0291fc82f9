//! What an entry of the trace means, in a sentence: the line under the timeline that says what just happened.

use crate::guest::process::PhaseEnd;
use crate::lambda::event::{DropReason, Entry, Event, InitPhase, InvocationType, ResetReason};
use crate::trigger::names;

/// A moment of a run, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What happened, a few words.
    pub title: String,
    /// What it means, a sentence.
    pub meaning: String,
}

/// Tells an entry.
pub fn tell(entry: &Entry) -> Moment {
    let (title, meaning) = match &entry.event {
        Event::Received { kind, trigger, .. } => {
            let name = names::name_of(trigger);
            let waits = match kind {
                InvocationType::RequestResponse => "The call is synchronous: the caller waits.",
                InvocationType::Event => "The call is asynchronous: nobody waits for its end.",
                InvocationType::DryRun => "The call is a dry run: the function does not run.",
            };
            (format!("{name} calls Lambda"), waits.to_owned())
        }
        Event::Refused { response, .. } => (
            format!("Lambda refuses with {}", response.status),
            "The function is not run and nothing is billed.".to_owned(),
        ),
        Event::Accepted { .. } => (
            "Lambda accepts the event with 202".to_owned(),
            "It stands in Lambda's own queue; from here on Lambda looks after it.".to_owned(),
        ),
        Event::Dequeued { attempt, age, .. } => (
            format!("The event leaves the queue for try {attempt}"),
            format!("It is {age} old."),
        ),
        Event::EnvironmentCreated { environment, .. } => (
            format!("Environment {} is created", environment.0 + 1),
            "No idle environment is there, so this is a cold start.".to_owned(),
        ),
        Event::InitStarted { phase, .. } => match phase {
            InitPhase::Init => (
                "Init begins".to_owned(),
                "The module is instantiated and started, with a whole vCPU whatever the memory."
                    .to_owned(),
            ),
            InitPhase::Invoke => (
                "Init begins again, inside the invocation".to_owned(),
                "The process was lost. This time Init counts into Duration and the timeout."
                    .to_owned(),
            ),
        },
        Event::InitFinished { end, usage, .. } if end.is_alive() => (
            format!("Init is done after {}", usage.duration),
            "The environment is ready.".to_owned(),
        ),
        Event::InitFinished {
            error_type, usage, ..
        } => (
            format!("Init fails after {}", usage.duration),
            match error_type {
                Some(kind) => {
                    format!("{kind}. Lambda tries Init once more, inside the invocation.")
                }
                None => "Lambda tries Init once more, inside the invocation.".to_owned(),
            },
        ),
        Event::InvokeStarted { cold, attempt, .. } => (
            match (cold, attempt) {
                (_, 2..) => format!("The handler begins, try {attempt}"),
                (true, _) => "The handler begins, in a new environment".to_owned(),
                (false, _) => "The handler begins, in a warm environment".to_owned(),
            },
            "The timeout counts from here.".to_owned(),
        ),
        Event::Log { text, .. } => ("The function writes a line".to_owned(), text.clone()),
        Event::InvokeFinished {
            end,
            response,
            report,
            ..
        } => (
            match end {
                PhaseEnd::Done(_) if response.function_error.is_none() => {
                    "The handler answers".to_owned()
                }
                PhaseEnd::TimedOut => "The timeout ends the invocation".to_owned(),
                PhaseEnd::OutOfMemory => "The process runs out of memory".to_owned(),
                PhaseEnd::Exited(code) => format!("The process exits with status {code}"),
                PhaseEnd::OutOfPatience => "The playground stops the run".to_owned(),
                PhaseEnd::EngineFailed(_) => "The engine fails".to_owned(),
                _ => "The invocation fails".to_owned(),
            },
            format!("{} ms are billed.", report.billed_ms),
        ),
        Event::EnvironmentReset { reason, .. } => (
            "The environment is reset".to_owned(),
            match reason {
                ResetReason::Timeout => {
                    "The process is ended. Its memory is lost; /tmp stays.".to_owned()
                }
                ResetReason::Crash => "The process is gone, and its memory; /tmp stays.".to_owned(),
            },
        ),
        Event::EnvironmentShutdown { .. } => (
            "The environment is shut down".to_owned(),
            "It was idle for too long. The next request starts cold.".to_owned(),
        ),
        Event::RetryScheduled { attempt, due, .. } => (
            format!("Try {attempt} is due in {}", due.since(entry.at)),
            "An asynchronous event that fails goes back to the queue.".to_owned(),
        ),
        Event::Dropped {
            reason, attempts, ..
        } => (
            format!("The event is given up after {attempts} tries"),
            match reason {
                DropReason::RetriesExhausted => "All retries are used.".to_owned(),
                DropReason::EventAgeExceeded => "It would be too old by the next try.".to_owned(),
            },
        ),
        Event::CallerSaw { view, .. } => (
            match view.status {
                Some(status) => format!("The caller sees {status}"),
                None => "The caller learns how it went".to_owned(),
            },
            view.explanation.clone(),
        ),
        Event::CutOff { reason } => (
            "Stopped by the playground, not by Lambda".to_owned(),
            reason.clone(),
        ),
    };
    Moment { title, meaning }
}
