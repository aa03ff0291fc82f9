//! Entries become lanes: the caller, the event queue, and one lane for each execution environment.

use std::collections::BTreeMap;

use super::axis::{Gathering, Stretches};
use super::lane::{Bar, BarKind, Lane, LaneKind, Mark, MarkKind};
use crate::lambda::event::{Entry, EnvironmentId, Event, InitPhase, InvocationId};
use crate::lambda::event_source::SourceEvent;
use crate::sim::SimTime;
use crate::ui::attempts::{AttemptId, Outcome};

/// Draws lanes while a run is read.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    lanes: BTreeMap<LaneKind, Lane>,
    /// Bars that have begun, by invocation.
    calls: BTreeMap<InvocationId, Bar>,
    /// Calls of pollers: they end with the function's run, for a poller sees what Lambda answers.
    polls: BTreeMap<InvocationId, Bar>,
    /// A mapping has sent a batch: the request that follows is its poller's.
    batch_sent: bool,
    queued: BTreeMap<InvocationId, Bar>,
    /// Environments have one at a time.
    running: BTreeMap<EnvironmentId, Bar>,
    stretches: Gathering,
    occurs: Occurs,
}

/// What there is to see in a run, for its legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Occurs {
    kinds: u8,
    /// Whether a phase was frozen by its CPU quota.
    pub frozen: bool,
    /// Whether a phase waited without using the CPU.
    pub waited: bool,
    /// Whether something failed.
    pub failed: bool,
}

impl Occurs {
    /// Whether there is a bar of this kind.
    pub fn has(self, kind: BarKind) -> bool {
        self.kinds & (1 << kind as u8) != 0
    }
}

impl Drawing {
    /// Reads the entry with this number; in the order of time.
    pub fn take(&mut self, number: u32, entry: &Entry) {
        let at = entry.at;
        self.stretches.happens(at);
        match &entry.event {
            Event::Received { invocation, .. } => {
                let bar = new(BarKind::Calling, at, number, Some((*invocation, 1)));
                let bar = self.begin(LaneKind::Caller, bar);
                if std::mem::take(&mut self.batch_sent) {
                    self.polls.insert(*invocation, bar);
                } else {
                    self.calls.insert(*invocation, bar);
                }
            }
            Event::Refused { invocation, .. } => {
                self.mark(LaneKind::Caller, at, MarkKind::Refused, number);
                self.leave_queue(*invocation, at, Outcome::Refused, number);
            }
            Event::Accepted { invocation } => {
                if let Some(call) = self.calls.remove(invocation) {
                    self.end(LaneKind::Caller, call, at, Outcome::Succeeded, number);
                }
                self.mark(LaneKind::Caller, at, MarkKind::Accepted, number);
                let bar = new(BarKind::Queued, at, number, Some((*invocation, 1)));
                let bar = self.begin(LaneKind::Queue, bar);
                self.queued.insert(*invocation, bar);
            }
            Event::Dequeued { invocation, .. } => {
                self.leave_queue(*invocation, at, Outcome::Succeeded, number);
            }
            Event::RetryScheduled {
                invocation,
                attempt,
                ..
            } => {
                let bar = new(BarKind::Backoff, at, number, Some((*invocation, *attempt)));
                let bar = self.begin(LaneKind::Queue, bar);
                self.queued.insert(*invocation, bar);
            }
            Event::Dropped { invocation, .. } => {
                self.leave_queue(*invocation, at, Outcome::Failed, number);
                self.mark(LaneKind::Queue, at, MarkKind::Dropped, number);
                self.occurs.failed = true;
            }
            Event::EnvironmentCreated { environment, .. } => {
                self.lane(LaneKind::Environment(*environment));
            }
            Event::InitStarted { environment, phase } => {
                self.close_idle(*environment, at, number);
                if *phase == InitPhase::Init {
                    let bar = new(BarKind::Init, at, number, None);
                    let bar = self.begin(LaneKind::Environment(*environment), bar);
                    self.running.insert(*environment, bar);
                }
            }
            Event::InitFinished {
                environment,
                phase,
                ended,
            } => {
                let lane = LaneKind::Environment(*environment);
                let outcome = Outcome::of(&ended.end);
                self.used(ended.usage.frozen.as_nanos(), ended.usage.waited.as_nanos());
                if *phase == InitPhase::Init {
                    if let Some(bar) = self.running.remove(environment) {
                        self.end(lane, bar, at, outcome, number);
                        self.idle(*environment, at, number);
                    }
                } else {
                    // A suppressed init runs inside the handler's bar, which has begun already or begins here.
                    let from = at
                        .as_nanos()
                        .saturating_sub(ended.usage.duration.as_nanos());
                    let mut inner = new(BarKind::Init, SimTime::from_nanos(from), number, None);
                    inner.to = at;
                    inner.outcome = outcome;
                    inner.ended = Some(number);
                    self.occurs.kinds |= 1 << BarKind::Init as u8;
                    self.lane(lane).over.push(inner);
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                ..
            } => {
                self.close_idle(*environment, at, number);
                let bar = new(BarKind::Handler, at, number, Some((*invocation, *attempt)));
                let bar = self.begin(LaneKind::Environment(*environment), bar);
                self.running.insert(*environment, bar);
            }
            Event::InvokeFinished {
                environment,
                outcome: ran,
                duration,
                ..
            } => {
                let Some(bar) = self.running.remove(environment) else {
                    return;
                };
                let outcome = match Outcome::of(&ran.end) {
                    Outcome::Succeeded if ran.failed() => Outcome::Failed,
                    other => other,
                };
                let usage = ran.usage(*duration);
                self.used(usage.frozen.as_nanos(), usage.waited.as_nanos());
                let lane = LaneKind::Environment(*environment);
                let bar = self.end(lane, bar, at, outcome, number);
                self.end_poll(&bar, number);
                if ran.end.is_alive() {
                    self.idle(*environment, at, number);
                }
            }
            Event::Log { environment, .. } => {
                let lane = self.lane(LaneKind::Environment(*environment));
                lane.lines.push((at, number));
            }
            Event::EnvironmentReset { environment, .. } => {
                self.close_idle(*environment, at, number);
                let lane = LaneKind::Environment(*environment);
                self.mark(lane, at, MarkKind::Reset, number);
                self.idle(*environment, at, number);
            }
            Event::EnvironmentShutdown { environment } => {
                self.close_idle(*environment, at, number);
                let lane = LaneKind::Environment(*environment);
                self.mark(lane, at, MarkKind::Shutdown, number);
            }
            Event::CallerSaw { invocation, view } => {
                if let Some(call) = self.calls.remove(invocation) {
                    let outcome = match view.ok {
                        true => Outcome::Succeeded,
                        false => Outcome::Failed,
                    };
                    self.end(LaneKind::Caller, call, at, outcome, number);
                }
            }
            Event::Throttled { invocation, .. } => {
                // A poller's call is over with its 429.
                if let Some(bar) = self.polls.remove(invocation) {
                    self.lane(LaneKind::Caller).forget(&bar, at);
                }
                self.mark(LaneKind::Caller, at, MarkKind::Refused, number);
            }
            Event::EnvironmentLost { environment, .. } => {
                let lane = LaneKind::Environment(*environment);
                if let Some(bar) = self.running.remove(environment) {
                    let bar = self.end(lane, bar, at, Outcome::Failed, number);
                    self.end_poll(&bar, number);
                }
                self.mark(lane, at, MarkKind::Shutdown, number);
            }
            Event::Mapping { event, .. } => self.source(at, event, number),
            Event::CutOff { .. } => self.mark(LaneKind::Caller, at, MarkKind::CutOff, number),
            Event::Began { .. }
            | Event::DryRun { .. }
            | Event::Duplicated { .. }
            | Event::ClientRetry { .. }
            | Event::Provisioning { .. }
            | Event::Delivered { .. } => {}
        }
    }

    /// What happens at an event source: its producers' answers, and of the rest only what a queue's lane can show, items
    /// that come and items that go.
    fn source(&mut self, at: SimTime, event: &SourceEvent, number: u32) {
        match event {
            // Whoever sends to a source has its answer at once: a mark, for it does not wait.
            SourceEvent::ProducerSaw { answer, .. } => {
                let kind = match answer.ok {
                    true => MarkKind::Accepted,
                    false => MarkKind::Refused,
                };
                self.mark(LaneKind::Caller, at, kind, number);
            }
            SourceEvent::BatchSent { .. } => self.batch_sent = true,
            SourceEvent::BatchEnded { .. } => self.batch_sent = false,
            event => {
                if let Some((kind, _)) = source_mark(event) {
                    if !self.lanes.contains_key(&LaneKind::Queue) {
                        self.lane(LaneKind::Queue).title = "Event source".to_owned();
                    }
                    self.mark(LaneKind::Queue, at, kind, number);
                }
            }
        }
    }

    fn lane(&mut self, kind: LaneKind) -> &mut Lane {
        self.lanes.entry(kind).or_insert_with(|| match kind {
            LaneKind::Caller => Lane::new(kind, "Caller"),
            LaneKind::Queue => Lane::new(kind, "Event queue"),
            LaneKind::Environment(id) => {
                Lane::new(kind, &format!("Environment {}", u64::from(id.0) + 1))
            }
        })
    }

    fn mark(&mut self, lane: LaneKind, at: SimTime, kind: MarkKind, entry: u32) {
        self.lane(lane).marks.push(Mark { kind, at, entry });
    }

    fn begin(&mut self, lane: LaneKind, mut bar: Bar) -> Bar {
        if bar.is_busy() {
            self.stretches.begins();
        }
        self.occurs.kinds |= 1 << bar.kind as u8;
        self.lane(lane).begin(&mut bar);
        bar
    }

    fn end(
        &mut self,
        lane: LaneKind,
        mut bar: Bar,
        at: SimTime,
        outcome: Outcome,
        number: u32,
    ) -> Bar {
        bar.ended = Some(number);
        self.end_at(lane, bar, at, outcome)
    }

    fn end_at(&mut self, lane: LaneKind, mut bar: Bar, at: SimTime, outcome: Outcome) -> Bar {
        bar.to = at.max(bar.from);
        bar.outcome = outcome;
        if bar.is_busy() {
            self.stretches.ends(bar.to.since(bar.from));
        }
        let quiet = matches!(bar.kind, BarKind::Queued | BarKind::Backoff);
        self.occurs.failed |= !quiet && outcome.key() == "bad";
        self.lane(lane).end(bar);
        bar
    }

    fn used(&mut self, frozen: u64, waited: u64) {
        self.occurs.frozen |= frozen > 0;
        self.occurs.waited |= waited > 0;
    }

    fn leave_queue(&mut self, id: InvocationId, at: SimTime, outcome: Outcome, number: u32) {
        if let Some(bar) = self.queued.remove(&id) {
            self.end(LaneKind::Queue, bar, at, outcome, number);
        }
    }

    /// Ends the poller's call, if it was one, together with the run it waited for.
    fn end_poll(&mut self, run: &Bar, number: u32) {
        let invocation = run.attempt.map(|attempt| attempt.invocation);
        if let Some(poll) = invocation.and_then(|it| self.polls.remove(&it)) {
            self.end(LaneKind::Caller, poll, run.to, run.outcome, number);
        }
    }

    fn idle(&mut self, environment: EnvironmentId, at: SimTime, number: u32) {
        let idle = new(BarKind::Idle, at, number, None);
        self.running.insert(environment, idle);
    }

    fn close_idle(&mut self, environment: EnvironmentId, at: SimTime, number: u32) {
        match self.running.remove(&environment) {
            Some(bar) if bar.kind == BarKind::Idle => {
                if at > bar.from {
                    let lane = LaneKind::Environment(environment);
                    let bar = self.begin(lane, bar);
                    self.end(lane, bar, at, Outcome::Succeeded, number);
                }
            }
            Some(other) => {
                self.running.insert(environment, other);
            }
            None => {}
        }
    }

    /// The run ends here: its lanes, its axis's stretches, and what there is to see.
    pub fn finish(mut self, end: SimTime) -> (Vec<Lane>, Stretches, Occurs) {
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
        for (lane, bar) in open {
            if bar.kind != BarKind::Idle {
                self.end_at(lane, bar, end, Outcome::Unfinished);
            } else if end > bar.from {
                let bar = self.begin(lane, bar);
                self.end_at(lane, bar, end, Outcome::Succeeded);
            }
        }
        let mut lanes: Vec<Lane> = self.lanes.into_values().collect();
        lanes.iter_mut().for_each(Lane::finish);
        (lanes, self.stretches.finish(end), self.occurs)
    }
}

/// How an event source's lane shows what happens there, and in which word.
pub(super) fn source_mark(event: &SourceEvent) -> Option<(MarkKind, &'static str)> {
    Some(match event {
        SourceEvent::Arrived { .. } => (MarkKind::Accepted, "arrives"),
        SourceEvent::Returned { .. } => (MarkKind::Accepted, "returns"),
        SourceEvent::Redriven { .. } => (MarkKind::Accepted, "redriven"),
        SourceEvent::Rejected { .. } => (MarkKind::Refused, "rejected"),
        SourceEvent::FilteredOut { .. } => (MarkKind::Dropped, "filtered"),
        SourceEvent::MovedToDeadLetterQueue { .. } => (MarkKind::Dropped, "dead letter"),
        SourceEvent::Expired { .. } => (MarkKind::Dropped, "expired"),
        SourceEvent::Discarded { .. } => (MarkKind::Dropped, "given up"),
        _ => return None,
    })
}

fn new(kind: BarKind, from: SimTime, number: u32, of: Option<(InvocationId, u32)>) -> Bar {
    let attempt = of.map(|(invocation, attempt)| AttemptId {
        invocation,
        attempt,
    });
    Bar {
        attempt,
        ..Bar::new(kind, from, number)
    }
}

#[cfg(test)]
mod tests;
