//! What an entry of the trace means, in a sentence: the line under the timeline that says what just happened.

mod mapping;
pub mod service;
mod unreached;

use crate::guest::process::PhaseEnd;
use crate::lambda::event::{
    DeliveryKind, DropReason, Entry, Event, InitPhase, InvocationType, ProvisionedState,
    ResetReason, RetryCause,
};
use crate::trigger::names;

pub use unreached::unreached;

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
        Event::Began { .. } => (
            "The scenario begins".to_owned(),
            "Nothing has happened yet.".to_owned(),
        ),
        Event::Received { sent, .. } => {
            let trigger = sent.trigger.as_str();
            let name = names::name_of(trigger);
            let waits = match sent.kind {
                InvocationType::RequestResponse => "The call is synchronous: the caller waits.",
                InvocationType::Event => "The call is asynchronous: nobody waits for its end.",
                InvocationType::DryRun => "A dry run: the function will not be run.",
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
        Event::InitFinished { ended, .. } if ended.end.is_alive() => (
            format!("Init is done after {}", ended.usage.duration),
            "The environment is ready.".to_owned(),
        ),
        Event::InitFinished { ended, .. } => (
            format!("Init fails after {}", ended.usage.duration),
            match &ended.error_type {
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
        Event::Log { text, .. } => ("The function writes a line".to_owned(), text.to_string()),
        Event::InvokeFinished {
            duration, outcome, ..
        } => (
            match &outcome.end {
                PhaseEnd::Done(_) if !outcome.failed() => "The handler answers".to_owned(),
                PhaseEnd::TimedOut => "The timeout ends the invocation".to_owned(),
                PhaseEnd::OutOfMemory => "The process runs out of memory".to_owned(),
                PhaseEnd::Exited(code) => format!("The process exits with status {code}"),
                PhaseEnd::OutOfPatience => "The playground stops the run".to_owned(),
                PhaseEnd::EngineFailed(_) => "The engine fails".to_owned(),
                _ => "The invocation fails".to_owned(),
            },
            format!("{} ms are billed.", outcome.billed_ms(*duration)),
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
        Event::RetryScheduled {
            attempt,
            due,
            cause,
            ..
        } => (
            format!("Try {attempt} is due in {}", due.since(entry.at)),
            match cause {
                RetryCause::FunctionError => {
                    "An asynchronous event that fails goes back to the queue."
                }
                RetryCause::Throttled | RetryCause::SystemError => {
                    "The event could not be run and goes back to the queue; this uses no retry up."
                }
            }
            .to_owned(),
        ),
        Event::Dropped {
            reason, attempts, ..
        } => (
            format!("The event is given up after {attempts} tries"),
            match reason {
                DropReason::RetriesExhausted => "All retries are used.".to_owned(),
                DropReason::EventAgeExceeded => "It would be too old by the next try.".to_owned(),
                DropReason::ZeroReservedConcurrency => {
                    "The function's reserved concurrency is 0: it is switched off.".to_owned()
                }
                DropReason::RecursiveLoop => {
                    "Functions have invoked each other in a circle; Lambda stops the loop."
                        .to_owned()
                }
            },
        ),
        Event::CallerSaw { view, .. } => (
            match view.status {
                Some(status) => format!("The caller sees {status}"),
                None => "The caller learns how it went".to_owned(),
            },
            view.explanation.clone(),
        ),
        Event::DryRun { .. } => (
            "The dry run succeeds".to_owned(),
            "The call would be let in. The function is not run.".to_owned(),
        ),
        Event::Duplicated { .. } => (
            "The event is delivered twice".to_owned(),
            "Lambda promises at least once, not exactly once.".to_owned(),
        ),
        Event::Throttled { reason, .. } => (
            "Lambda has no concurrency for it: 429".to_owned(),
            format!("Reason: {}.", reason.name()),
        ),
        Event::ClientRetry { attempt, due, .. } => (
            format!(
                "The client waits {} before try {attempt}",
                due.since(entry.at)
            ),
            "Waits grow and are random, so that clients do not all come back at once.".to_owned(),
        ),
        Event::EnvironmentLost { environment, .. } => (
            format!("Environment {} is lost", environment.0 + 1),
            "A failure drill took it away: Lambda's failure, not the function's.".to_owned(),
        ),
        Event::Provisioning { status } => (
            match status.state {
                ProvisionedState::InProgress => "Provisioned concurrency is being allocated",
                ProvisionedState::Ready => "Provisioned concurrency is ready",
                ProvisionedState::Failed => "Provisioned concurrency fails: Init failed",
            }
            .to_owned(),
            format!(
                "{} of {} environments stand ready.",
                status.allocated, status.requested
            ),
        ),
        Event::Delivered { delivery, .. } => (
            match (delivery.kind, delivery.delivered) {
                (DeliveryKind::DeadLetter, true) => "The event goes to the dead-letter queue",
                (DeliveryKind::DeadLetter, false) => {
                    "The dead-letter queue does not take the event"
                }
                (_, true) => "A record goes to the destination",
                (_, false) => "The destination does not take the record",
            }
            .to_owned(),
            delivery.target.clone(),
        ),
        Event::Mapping { event, .. } => mapping::tell(event),
        Event::Called { call, .. } => service::call(call),
        Event::Service { note, .. } => service::step(note, entry.at),
        Event::CutOff { reason, .. } => (
            "Stopped by the playground, not by Lambda".to_owned(),
            reason.clone(),
        ),
    };
    Moment { title, meaning }
}
