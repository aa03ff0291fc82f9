//! What is written in bars and beside marks, made from the trace when it is looked at.

use super::lane::{Bar, BarKind, LaneKind, Mark, MarkKind};
use crate::lambda::event::{DropReason, Event, InitPhase, InvocationType, ResetReason, Usage};
use crate::lambda::event_source::SourceEvent;
use crate::sim::SimDuration;
use crate::trigger::names;
use crate::ui::trace::Entries;
use crate::ui::{narration, words};

/// The words of a bar.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarWords {
    /// What is written in it.
    pub label: String,
    /// What is written in it once it is over, where that is something else.
    pub after: Option<String>,
    /// The same with all its figures, for tooltips and screen readers.
    pub detail: String,
}

/// What a phase used, where the bar is one that has ended.
pub fn usage(bar: &Bar, entries: &Entries) -> Option<Usage> {
    match &entries.get(bar.ended? as usize)?.event {
        Event::InvokeFinished {
            duration, outcome, ..
        } => Some(outcome.usage(*duration)),
        Event::InitFinished { ended, .. } => Some(ended.usage),
        _ => None,
    }
}

/// The words of a bar.
pub fn bar(bar: &Bar, entries: &Entries) -> BarWords {
    let begun = entries.get(bar.begun as usize).map(|entry| &entry.event);
    let ended = bar.ended.and_then(|ended| entries.get(ended as usize));
    let ended = ended.map(|entry| &entry.event);
    match bar.kind {
        BarKind::Calling => calling(bar, begun, ended),
        BarKind::Queued => plain("in the queue", "The event stands in the event queue"),
        BarKind::Backoff => match begun {
            Some(Event::RetryScheduled { attempt, due, .. }) => {
                let wait = due.since(bar.from);
                plain(
                    &format!("→ try {attempt}"),
                    &format!("The event waits {wait} for try {attempt}"),
                )
            }
            _ => plain("waits", "The event waits for its next try"),
        },
        BarKind::Init => init(bar, ended),
        BarKind::Handler => handler(bar, begun, ended),
        BarKind::Idle => {
            let label = match begun {
                Some(Event::InitFinished { .. }) => "ready",
                Some(Event::EnvironmentReset { .. }) => "reset",
                _ => "warm",
            };
            plain(
                label,
                "The environment is kept, frozen, for the next invocation",
            )
        }
    }
}

fn plain(label: &str, detail: &str) -> BarWords {
    BarWords {
        label: label.to_owned(),
        after: None,
        detail: detail.to_owned(),
    }
}

fn calling(bar: &Bar, begun: Option<&Event>, ended: Option<&Event>) -> BarWords {
    let Some(Event::Received { sent, .. }) = begun else {
        return plain("", "");
    };
    let name = names::name_of(&sent.trigger);
    match ended {
        Some(Event::Accepted { .. }) => BarWords {
            label: name.to_owned(),
            after: None,
            detail: format!("{name}: accepted with 202, nobody waits"),
        },
        Some(Event::CallerSaw { view, .. }) => {
            let after = match view.status {
                Some(status) => format!("{name} → {status}"),
                None => format!("{name} → {}", if view.ok { "answer" } else { "error" }),
            };
            BarWords {
                label: waits(name, sent.kind),
                detail: format!(
                    "{after}, after {}. {}",
                    bar.to.since(bar.from),
                    view.explanation
                ),
                after: Some(after),
            }
        }
        // A poller sees what Lambda answers, and nobody else does.
        Some(Event::InvokeFinished { .. } | Event::EnvironmentLost { .. }) => {
            let label = format!("{name}: the poller waits");
            let detail = format!("{label}: {}", bar.outcome.word().to_lowercase());
            BarWords {
                label,
                after: None,
                detail,
            }
        }
        _ => {
            let label = waits(name, sent.kind);
            BarWords {
                detail: label.clone(),
                label,
                after: None,
            }
        }
    }
}

fn waits(name: &str, kind: InvocationType) -> String {
    match kind {
        InvocationType::RequestResponse => format!("{name} waits"),
        InvocationType::Event | InvocationType::DryRun => name.to_owned(),
    }
}

fn init(bar: &Bar, ended: Option<&Event>) -> BarWords {
    let Some(Event::InitFinished { phase, ended, .. }) = ended else {
        return plain("Init", "Init");
    };
    let usage = &ended.usage;
    let (label, what) = match phase {
        InitPhase::Init => ("Init", "Init"),
        InitPhase::Invoke => ("Init again", "Init, repeated inside the invocation"),
    };
    let failed = match bar.outcome.key() {
        "bad" => ", failed",
        _ => "",
    };
    plain(
        label,
        &format!("{what}: {}{failed}, {}", usage.duration, split(usage)),
    )
}

fn handler(bar: &Bar, begun: Option<&Event>, ended: Option<&Event>) -> BarWords {
    let Some(Event::InvokeStarted {
        invocation,
        attempt,
        cold,
        ..
    }) = begun
    else {
        return plain("", "");
    };
    let start = if *cold { "cold" } else { "warm" };
    let mut label = format!("Invocation {}, {start}", u64::from(invocation.0) + 1);
    if *attempt > 1 {
        label.push_str(&format!(", try {attempt}"));
    }
    let detail = match ended {
        Some(Event::InvokeFinished {
            duration, outcome, ..
        }) => format!(
            "{label}: {}, {}, {} billed; {}",
            bar.outcome.word().to_lowercase(),
            duration,
            SimDuration::from_millis(outcome.billed_ms(*duration)),
            split(&outcome.usage(*duration))
        ),
        Some(Event::EnvironmentLost { .. }) => format!("{label}: the environment was lost"),
        _ => label.clone(),
    };
    BarWords {
        label,
        after: None,
        detail,
    }
}

/// What is written beside a mark, and the whole story.
pub fn mark(mark: &Mark, lane: LaneKind, entries: &Entries) -> (String, String) {
    let Some(entry) = entries.get(mark.entry as usize) else {
        return Default::default();
    };
    let told = |label: &str, detail: String| (label.to_owned(), detail);
    match &entry.event {
        Event::Refused { response, .. } => (
            response.status.to_string(),
            format!("Refused with {}: the function is not run", response.status),
        ),
        Event::Accepted { .. } => told(
            "202",
            "Accepted with 202: the event stands in Lambda's own queue, nobody waits for it"
                .to_owned(),
        ),
        Event::Dropped {
            reason, attempts, ..
        } => {
            let why = match reason {
                DropReason::RetriesExhausted => "all retries are used",
                DropReason::EventAgeExceeded => "it is, or would be, too old",
                DropReason::ZeroReservedConcurrency => "the reserved concurrency is 0",
                DropReason::RecursiveLoop => "Lambda stops the loop",
            };
            told(
                "given up",
                format!("The event is given up after {attempts} tries: {why}"),
            )
        }
        Event::EnvironmentReset { reason, .. } => {
            let why = match reason {
                ResetReason::Timeout => "the timeout ended the process",
                ResetReason::Crash => "the process is gone",
            };
            told(
                "reset",
                format!(
                    "Reset: {why}. Memory is lost, /tmp stays; the next invocation runs Init again"
                ),
            )
        }
        Event::EnvironmentShutdown { .. } => {
            told("shut down", "The environment is shut down".to_owned())
        }
        Event::EnvironmentLost { .. } => {
            told("lost", "The environment is lost: a drill".to_owned())
        }
        Event::Throttled { reason, .. } => told("429", format!("Throttled: {}", reason.name())),
        Event::CutOff { reason, .. } => told("cut off", reason.clone()),
        Event::Mapping { event, .. } => {
            let told = narration::tell(entry);
            let detail = format!("{}. {}", told.title, told.meaning);
            match &**event {
                SourceEvent::ProducerSaw { answer, .. } if lane == LaneKind::Caller => {
                    let view = answer.view();
                    let word = if view.ok { "accepted" } else { "refused" };
                    let label = view
                        .status
                        .map_or_else(|| word.to_owned(), |status| status.to_string());
                    let detail = format!("Producer → {label}. {}", view.explanation);
                    (label, detail)
                }
                event => {
                    let label = super::lanes::source_mark(event).map_or("", |(_, label)| label);
                    (label.to_owned(), detail)
                }
            }
        }
        _ => (mark.kind.key().to_owned(), narration::tell(entry).title),
    }
}

/// The name of a mark's kind, for the worst of a group.
pub fn is_bad(kind: MarkKind) -> bool {
    matches!(
        kind,
        MarkKind::Refused | MarkKind::Dropped | MarkKind::Reset
    )
}

/// How a phase's time was split, in words.
fn split(usage: &Usage) -> String {
    let whole = usage.duration.as_nanos();
    let mut text = format!("CPU {}", words::share(usage.cpu.as_nanos(), whole));
    if usage.frozen > SimDuration::ZERO {
        text.push_str(&format!(
            ", frozen by the CPU quota {}",
            words::share(usage.frozen.as_nanos(), whole)
        ));
    }
    if usage.waited > SimDuration::ZERO {
        text.push_str(&format!(
            ", waiting {}",
            words::share(usage.waited.as_nanos(), whole)
        ));
    }
    text
}
