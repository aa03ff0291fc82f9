//! Entries become lanes: the caller, the event queue, and one lane for each execution environment.

mod event_source;

use std::collections::BTreeMap;

use super::lane::{Bar, BarKind, Lane, LaneKind, Mark, MarkKind};
use super::{quota, rows};
use crate::lambda::event::{
    DropReason, Entry, EnvironmentId, Event, InitPhase, InvocationId, InvocationType, ResetReason,
    Usage,
};
use crate::sim::{SimDuration, SimTime};
use crate::trigger::names;
use crate::ui::attempts::{AttemptId, Outcome};
use crate::ui::words;

/// More pauses than this in one bar are told as a share instead of being drawn.
const MOST_PAUSES: usize = 400;

/// The lanes of a trace that ends at `end`; entries in the order of time.
pub fn lanes(entries: &[Entry], end: SimTime) -> Vec<Lane> {
    let mut drawing = Drawing::default();
    for entry in entries {
        drawing.draw(entry);
    }
    drawing.finish(end)
}

#[derive(Default)]
struct Drawing {
    lanes: BTreeMap<LaneKind, Lane>,
    /// Bars that have begun, by lane and invocation; environments have one at a time.
    calls: BTreeMap<InvocationId, Bar>,
    /// Calls of pollers: they end with the function's run, for a poller sees what Lambda answers.
    polls: BTreeMap<InvocationId, Bar>,
    /// A mapping has sent a batch: the request that follows is its poller's.
    batch_sent: bool,
    queued: BTreeMap<InvocationId, Bar>,
    running: BTreeMap<EnvironmentId, Bar>,
    ended: Vec<EnvironmentId>,
}

impl Drawing {
    fn lane(&mut self, kind: LaneKind) -> &mut Lane {
        self.lanes.entry(kind).or_insert_with(|| match kind {
            LaneKind::Caller => Lane::new(kind, "Caller"),
            LaneKind::Queue => Lane::new(kind, "Event queue"),
            LaneKind::Environment(id) => Lane::new(kind, &format!("Environment {}", id.0 + 1)),
        })
    }

    fn mark(&mut self, lane: LaneKind, at: SimTime, kind: MarkKind, label: &str, detail: String) {
        self.lane(lane).marks.push(Mark {
            kind,
            at,
            label: label.to_owned(),
            detail,
        });
    }

    fn draw(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::Received { invocation, sent } => {
                let trigger = sent.trigger.as_str();
                let name = names::name_of(trigger);
                if std::mem::take(&mut self.batch_sent) {
                    return self.begin_poll(at, *invocation, name);
                }
                let label = match sent.kind {
                    InvocationType::RequestResponse => format!("{name} waits"),
                    InvocationType::Event | InvocationType::DryRun => name.to_owned(),
                };
                let bar = bar(BarKind::Calling, at, label, Some((*invocation, 1)));
                self.calls.insert(*invocation, bar);
                self.lane(LaneKind::Caller);
            }
            Event::Refused {
                invocation,
                response,
            } => {
                let detail = format!("Refused with {}: the function is not run", response.status);
                let label = response.status.to_string();
                self.mark(LaneKind::Caller, at, MarkKind::Refused, &label, detail);
                if let Some(mut bar) = self.queued.remove(invocation) {
                    end_bar(&mut bar, at, Outcome::Refused);
                    self.lane(LaneKind::Queue).bars.push(bar);
                }
            }
            Event::Accepted { invocation } => {
                if let Some(mut call) = self.calls.remove(invocation) {
                    end_bar(&mut call, at, Outcome::Succeeded);
                    call.detail = format!("{}: accepted with 202, nobody waits", call.label);
                    self.lane(LaneKind::Caller).bars.push(call);
                }
                self.mark(
                    LaneKind::Caller,
                    at,
                    MarkKind::Accepted,
                    "202",
                    "Accepted with 202: the event stands in Lambda's own queue, nobody waits for it"
                        .to_owned(),
                );
                self.lane(LaneKind::Queue);
                self.queued.insert(
                    *invocation,
                    bar(
                        BarKind::Queued,
                        at,
                        "in the queue".to_owned(),
                        Some((*invocation, 1)),
                    ),
                );
            }
            Event::Dequeued { invocation, .. } => {
                if let Some(mut bar) = self.queued.remove(invocation) {
                    end_bar(&mut bar, at, Outcome::Succeeded);
                    self.lane(LaneKind::Queue).bars.push(bar);
                }
            }
            Event::RetryScheduled {
                invocation,
                attempt,
                due,
                ..
            } => {
                let wait = due.since(at);
                let mut bar = bar(
                    BarKind::Backoff,
                    at,
                    format!("→ try {attempt}"),
                    Some((*invocation, *attempt)),
                );
                bar.detail = format!("The event waits {wait} for try {attempt}");
                self.queued.insert(*invocation, bar);
            }
            Event::Dropped {
                invocation,
                reason,
                attempts,
            } => {
                if let Some(mut bar) = self.queued.remove(invocation) {
                    end_bar(&mut bar, at, Outcome::Failed);
                    self.lane(LaneKind::Queue).bars.push(bar);
                }
                let why = match reason {
                    DropReason::RetriesExhausted => "all retries are used",
                    DropReason::EventAgeExceeded => "it is, or would be, too old",
                    DropReason::ZeroReservedConcurrency => "the reserved concurrency is 0",
                    DropReason::RecursiveLoop => "Lambda stops the loop",
                };
                let detail = format!("The event is given up after {attempts} tries: {why}");
                self.mark(LaneKind::Queue, at, MarkKind::Dropped, "given up", detail);
            }
            Event::EnvironmentCreated {
                environment,
                created,
            } => {
                let lane = self.lane(LaneKind::Environment(*environment));
                lane.detail.clone_from(&created.log_stream);
            }
            Event::InitStarted {
                environment, phase, ..
            } => {
                self.close_idle(*environment, at);
                if *phase == InitPhase::Init {
                    let bar = bar(BarKind::Init, at, "Init".to_owned(), None);
                    self.running.insert(*environment, bar);
                }
            }
            Event::InitFinished {
                environment,
                phase,
                ended,
            } => {
                let (outcome, usage) = (Outcome::of(&ended.end), &ended.usage);
                if *phase == InitPhase::Init {
                    let Some(mut bar) = self.running.remove(environment) else {
                        return;
                    };
                    end_bar(&mut bar, at, outcome);
                    bar.usage = Some(*usage);
                    bar.detail = format!("Init: {}, {}", usage.duration, split(usage));
                    self.lane(LaneKind::Environment(*environment))
                        .bars
                        .push(bar);
                    self.idle(*environment, at, "ready");
                } else {
                    // A suppressed init runs inside the handler's bar, which has begun already or begins here.
                    let mut inner = bar(BarKind::Init, at, "Init again".to_owned(), None);
                    inner.from = SimTime::from_nanos(
                        at.as_nanos().saturating_sub(usage.duration.as_nanos()),
                    );
                    inner.to = at;
                    inner.outcome = outcome;
                    inner.usage = Some(*usage);
                    inner.detail = format!(
                        "Init, repeated inside the invocation: {}, {}",
                        usage.duration,
                        split(usage)
                    );
                    self.lane(LaneKind::Environment(*environment))
                        .bars
                        .push(inner);
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                cold,
                ..
            } => {
                self.close_idle(*environment, at);
                let start = if *cold { "cold" } else { "warm" };
                let mut label = format!("Invocation {}, {start}", invocation.0 + 1);
                if *attempt > 1 {
                    label.push_str(&format!(", try {attempt}"));
                }
                let bar = bar(BarKind::Handler, at, label, Some((*invocation, *attempt)));
                self.running.insert(*environment, bar);
            }
            Event::InvokeFinished {
                environment,
                duration,
                outcome: ran,
                ..
            } => {
                let Some(mut bar) = self.running.remove(environment) else {
                    return;
                };
                let usage = &ran.usage(*duration);
                let outcome = match Outcome::of(&ran.end) {
                    Outcome::Succeeded if ran.failed() => Outcome::Failed,
                    other => other,
                };
                end_bar(&mut bar, at, outcome);
                self.end_poll(&bar);
                bar.usage = Some(*usage);
                bar.pauses = quota::pauses(bar.from, usage, MOST_PAUSES).unwrap_or_default();
                bar.detail = format!(
                    "{}: {}, {}, {} billed; {}",
                    bar.label,
                    outcome.word().to_lowercase(),
                    usage.duration,
                    SimDuration::from_millis(ran.billed_ms(*duration)),
                    split(usage)
                );
                self.lane(LaneKind::Environment(*environment))
                    .bars
                    .push(bar);
                if ran.end.is_alive() {
                    self.idle(*environment, at, "warm");
                }
            }
            Event::Log {
                environment, text, ..
            } => {
                let lane = LaneKind::Environment(*environment);
                self.mark(lane, at, MarkKind::Log, "", format!("Log: {text}"));
            }
            Event::EnvironmentReset {
                environment,
                reason,
            } => {
                self.close_idle(*environment, at);
                let why = match reason {
                    ResetReason::Timeout => "the timeout ended the process",
                    ResetReason::Crash => "the process is gone",
                };
                let detail = format!(
                    "Reset: {why}. Memory is lost, /tmp stays; the next invocation runs Init again"
                );
                let lane = LaneKind::Environment(*environment);
                self.mark(lane, at, MarkKind::Reset, "reset", detail);
                self.idle(*environment, at, "reset");
            }
            Event::EnvironmentShutdown { environment } => {
                self.close_idle(*environment, at);
                self.ended.push(*environment);
                let lane = LaneKind::Environment(*environment);
                self.mark(
                    lane,
                    at,
                    MarkKind::Shutdown,
                    "shut down",
                    "The environment is shut down".to_owned(),
                );
            }
            Event::CallerSaw { invocation, view } => {
                if let Some(mut call) = self.calls.remove(invocation) {
                    let outcome = if view.ok {
                        Outcome::Succeeded
                    } else {
                        Outcome::Failed
                    };
                    end_bar(&mut call, at, outcome);
                    let waited = call.to.since(call.from);
                    let name = call.label.trim_end_matches(" waits");
                    let after = match view.status {
                        Some(status) => format!("{name} → {status}"),
                        None => format!("{name} → {}", if view.ok { "answer" } else { "error" }),
                    };
                    call.detail = format!("{after}, after {waited}. {}", view.explanation);
                    call.label_after = Some(after);
                    self.lane(LaneKind::Caller).bars.push(call);
                }
            }
            Event::Throttled { reason, invocation } => {
                self.polls.remove(invocation);
                self.mark(
                    LaneKind::Caller,
                    at,
                    MarkKind::Refused,
                    "429",
                    format!("Throttled: {}", reason.name()),
                );
            }
            Event::EnvironmentLost { environment, .. } => {
                if let Some(mut bar) = self.running.remove(environment) {
                    end_bar(&mut bar, at, Outcome::Failed);
                    self.end_poll(&bar);
                    let lane = LaneKind::Environment(*environment);
                    self.lane(lane).bars.push(bar);
                    let detail = "The environment is lost: a drill".to_owned();
                    self.mark(lane, at, MarkKind::Shutdown, "lost", detail);
                }
                self.ended.push(*environment);
            }
            Event::Mapping { event, .. } => self.source(entry, event),
            Event::Began { .. }
            | Event::DryRun { .. }
            | Event::Duplicated { .. }
            | Event::ClientRetry { .. }
            | Event::Called { .. }
            | Event::Service { .. }
            | Event::Provisioning { .. }
            | Event::Delivered { .. } => {}
            Event::CutOff { reason, .. } => {
                self.mark(
                    LaneKind::Caller,
                    at,
                    MarkKind::CutOff,
                    "cut off",
                    reason.clone(),
                );
            }
        }
    }

    fn idle(&mut self, environment: EnvironmentId, at: SimTime, word: &str) {
        let mut idle = bar(BarKind::Idle, at, word.to_owned(), None);
        idle.detail = "The environment is kept, frozen, for the next invocation".to_owned();
        self.running.insert(environment, idle);
    }

    fn close_idle(&mut self, environment: EnvironmentId, at: SimTime) {
        match self.running.remove(&environment) {
            Some(mut bar) if bar.kind == BarKind::Idle => {
                end_bar(&mut bar, at, Outcome::Succeeded);
                if bar.to > bar.from {
                    self.lane(LaneKind::Environment(environment)).bars.push(bar);
                }
            }
            Some(other) => {
                self.running.insert(environment, other);
            }
            None => {}
        }
    }

    fn finish(mut self, end: SimTime) -> Vec<Lane> {
        let mut calls = std::mem::take(&mut self.calls);
        calls.append(&mut self.polls);
        let queued = std::mem::take(&mut self.queued);
        let running = std::mem::take(&mut self.running);
        let open = calls
            .into_values()
            .map(|bar| (LaneKind::Caller, bar))
            .chain(queued.into_values().map(|bar| (LaneKind::Queue, bar)))
            .chain(
                running
                    .into_iter()
                    .map(|(id, bar)| (LaneKind::Environment(id), bar)),
            );
        for (lane, mut bar) in open {
            let outcome = if bar.kind == BarKind::Idle {
                Outcome::Succeeded
            } else {
                Outcome::Unfinished
            };
            end_bar(&mut bar, end, outcome);
            if bar.to > bar.from || bar.kind != BarKind::Idle {
                self.lane(lane).bars.push(bar);
            }
        }
        let mut lanes: Vec<Lane> = self.lanes.into_values().collect();
        lanes.iter_mut().for_each(rows::arrange);
        lanes
    }
}

fn bar(kind: BarKind, from: SimTime, label: String, of: Option<(InvocationId, u32)>) -> Bar {
    let attempt = of.map(|(invocation, attempt)| AttemptId {
        invocation,
        attempt,
    });
    Bar {
        attempt,
        ..Bar::new(kind, from, label)
    }
}

fn end_bar(bar: &mut Bar, at: SimTime, outcome: Outcome) {
    bar.to = at.max(bar.from);
    bar.outcome = outcome;
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

#[cfg(test)]
mod tests;
