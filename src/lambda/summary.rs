//! What became of each request, and of all of them together: folds over the trace, for the page's results and time line.
//!
//! Any prefix of a trace can be folded: what has not happened yet is `None`.

mod batches;
mod totals;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::event::{
    CallerView, Capacity, Delivery, DropReason, Entry, EnvironmentId, Event, InitPhase,
    InvocationId, InvocationType, InvokeResponse, Origin, Report, RequestId, Usage,
};
use super::event_source::Items;
use crate::guest::process::PhaseEnd;
use crate::sim::SimTime;

use batches::Batches;
pub use totals::{Totals, totals};

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Waits in the event queue, for its first attempt or the next.
    Queued,
    /// Its client waits before it tries again.
    Waiting,
    /// An environment starts for it, or runs it.
    Running,
    /// The function answered.
    Succeeded,
    /// The function failed, and it was the only attempt there is; the error's type.
    Failed(String),
    /// The front end did not let it in: the exception's name.
    Refused(String),
    /// An asynchronous event was given up.
    Dropped(DropReason),
    /// A dry run: it would have been let in.
    DryRun,
    /// The run was cut off by us before its story was over.
    CutOff,
}

/// One Init phase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitSummary {
    /// Own phase, or inside the Invoke phase.
    pub phase: InitPhase,
    /// When it began.
    pub started: SimTime,
    /// How it ended and what it used, once it has.
    pub ended: Option<(PhaseEnd, Usage)>,
}

/// One run of the function for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptSummary {
    /// 1 for the first.
    pub number: u32,
    /// Where it ran.
    pub environment: EnvironmentId,
    /// Whether it was the environment's first invocation.
    pub cold: bool,
    /// From which capacity it was served.
    pub capacity: Capacity,
    /// The Init phases that ran because of it, in order: one after a cold start, two when that failed.
    pub inits: Vec<InitSummary>,
    /// When the Invoke phase began.
    pub started: SimTime,
    /// When it ended.
    pub ended: Option<SimTime>,
    /// How the guest ended.
    pub end: Option<PhaseEnd>,
    /// What the Invoke phase used, a suppressed init included.
    pub usage: Option<Usage>,
    /// What REPORT says.
    pub report: Option<Report>,
    /// What Lambda answered.
    pub response: Option<InvokeResponse>,
    /// Whether the function really ran, once it has ended.
    pub origin: Option<Origin>,
}

impl AttemptSummary {
    /// Whether the function failed; false while it runs.
    pub fn failed(&self) -> bool {
        self.response
            .as_ref()
            .is_some_and(|response| response.function_error.is_some())
    }
}

/// What a mapping sent: the batch behind one of its invocations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// The mapping's number in the set-up.
    pub mapping: u16,
    /// What is in it.
    pub items: Items,
    /// What the producer of its first item saw, and when; none of items that nobody sent, and of batches without any.
    pub producer: Option<(SimTime, CallerView)>,
    /// How many other requests brought its other items, each with an answer of its own.
    pub other_producers: u32,
}

/// One request's story.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvocationSummary {
    /// Which.
    pub invocation: InvocationId,
    /// Its request id.
    pub request_id: RequestId,
    /// Synchronous or asynchronous.
    pub kind: InvocationType,
    /// Id of the trigger that sent it.
    pub trigger: String,
    /// When it arrived.
    pub received: SimTime,
    /// The event, as sent.
    pub payload: String,
    /// Where it stands.
    pub status: Status,
    /// The runs of the function, in order.
    pub attempts: Vec<AttemptSummary>,
    /// How often it found no concurrency.
    pub throttles: u32,
    /// What was sent on to destinations and dead-letter queues.
    pub deliveries: Vec<Delivery>,
    /// When the next attempt is due, while it waits for one.
    pub next_attempt: Option<SimTime>,
    /// What Lambda answered last: the function's answer, an error object or the refusal.
    pub response: Option<InvokeResponse>,
    /// When the caller saw something, and what.
    pub caller: Option<(SimTime, CallerView)>,
    /// The batch, when a mapping's poller called: then nobody else sees what Lambda answers.
    pub batch: Option<BatchSummary>,
    /// When the story was over: answered or given up, and the function at rest.
    pub ended: Option<SimTime>,
    /// What all attempts cost, in picodollars.
    pub cost_picodollars: u64,
    /// Billed milliseconds of all attempts.
    pub billed_ms: u64,
}

impl InvocationSummary {
    /// The last attempt, running or ended.
    pub fn last_attempt(&self) -> Option<&AttemptSummary> {
        self.attempts.last()
    }

    /// The last attempt's REPORT.
    pub fn last_report(&self) -> Option<&Report> {
        self.last_attempt()?.report.as_ref()
    }
}

/// The story of each request, in order of arrival.
pub fn invocations(entries: &[Entry]) -> Vec<InvocationSummary> {
    let mut fold = Fold::default();
    for entry in entries {
        fold.take(entry);
    }
    fold.stories
}

/// The story of one request alone, without the others' being told. The entries may begin with its own, unless it comes from
/// a mapping: what is in its batch is told before.
pub fn story<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    invocation: InvocationId,
) -> Option<InvocationSummary> {
    let mut fold = Fold {
        only: Some(invocation),
        ..Fold::default()
    };
    for entry in entries {
        fold.take(entry);
    }
    fold.stories.pop()
}

#[derive(Default)]
struct Fold {
    /// The only request whose story is wanted.
    only: Option<InvocationId>,
    stories: Vec<InvocationSummary>,
    index: BTreeMap<InvocationId, usize>,
    /// Init phases of environments whose invocation has not begun.
    inits: BTreeMap<EnvironmentId, Vec<InitSummary>>,
    /// What each environment works on.
    running: BTreeMap<EnvironmentId, InvocationId>,
    batches: Batches,
}

impl Fold {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::Received { invocation, .. }
                if self.only.is_some_and(|only| only != *invocation) =>
            {
                // Somebody else's batch.
                self.batches.passed();
            }
            Event::Received { invocation, sent } => {
                self.index.insert(*invocation, self.stories.len());
                self.stories.push(InvocationSummary {
                    invocation: *invocation,
                    request_id: sent.request_id(*invocation),
                    kind: sent.kind,
                    trigger: sent.trigger.clone(),
                    received: at,
                    payload: sent.payload.to_string(),
                    status: Status::Running,
                    attempts: Vec::new(),
                    throttles: 0,
                    deliveries: Vec::new(),
                    next_attempt: None,
                    response: None,
                    caller: None,
                    batch: self.batches.invoked(),
                    ended: None,
                    cost_picodollars: 0,
                    billed_ms: 0,
                });
            }
            Event::Refused {
                invocation,
                response,
            } => self.with(*invocation, |story| {
                let error = response.api_error().unwrap_or("ServiceException");
                story.status = Status::Refused(error.to_owned());
                story.response = Some(InvokeResponse::clone(response));
                story.ended = Some(at);
            }),
            Event::DryRun { invocation } => self.with(*invocation, |story| {
                story.status = Status::DryRun;
                story.ended = Some(at);
            }),
            Event::ClientRetry {
                invocation, due, ..
            } => self.with(*invocation, |story| {
                story.status = Status::Waiting;
                story.next_attempt = Some(*due);
            }),
            Event::Accepted { invocation } => {
                self.with(*invocation, |story| story.status = Status::Queued);
            }
            Event::Dequeued { invocation, .. } => self.with(*invocation, |story| {
                story.status = Status::Running;
                story.next_attempt = None;
            }),
            Event::InitStarted {
                environment, phase, ..
            } => {
                let init = InitSummary {
                    phase: *phase,
                    started: at,
                    ended: None,
                };
                match self.attempt(*environment) {
                    Some(attempt) => attempt.inits.push(init),
                    None => self.inits.entry(*environment).or_default().push(init),
                }
            }
            Event::InitFinished {
                environment, ended, ..
            } => {
                let ended = Some((ended.end.clone(), ended.usage));
                let init = match self.attempt(*environment) {
                    Some(attempt) => attempt.inits.last_mut(),
                    None => self.inits.get_mut(environment).and_then(|i| i.last_mut()),
                };
                if let Some(init) = init {
                    init.ended = ended;
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                cold,
                capacity,
            } => {
                let mut inits = self.inits.remove(environment).unwrap_or_default();
                if *capacity == Capacity::Provisioned {
                    // Nobody waited for them.
                    inits.clear();
                }
                self.running.insert(*environment, *invocation);
                self.with(*invocation, |story| {
                    story.attempts.push(AttemptSummary {
                        number: *attempt,
                        environment: *environment,
                        cold: *cold,
                        capacity: *capacity,
                        inits,
                        started: at,
                        ended: None,
                        end: None,
                        usage: None,
                        report: None,
                        response: None,
                        origin: None,
                    });
                    story.status = Status::Running;
                    story.next_attempt = None;
                });
            }
            Event::InvokeFinished {
                environment,
                invocation,
                duration,
                outcome,
                ..
            } => {
                let (response, report) = (&outcome.response, outcome.report(*duration));
                if let Some(attempt) = self.attempt(*environment) {
                    attempt.ended = Some(at);
                    attempt.end = Some(outcome.end.clone());
                    attempt.usage = Some(outcome.usage(*duration));
                    attempt.origin = Some(outcome.origin);
                    attempt.report = Some(report.clone());
                    attempt.response = Some(response.clone());
                }
                self.running.remove(environment);
                self.with(*invocation, |story| {
                    story.response = Some(response.clone());
                    story.billed_ms += report.billed_ms;
                    story.cost_picodollars = story
                        .cost_picodollars
                        .saturating_add(report.cost_picodollars);
                    match (&response.function_error, story.kind) {
                        (None, _) => story.status = Status::Succeeded,
                        (Some(_), InvocationType::RequestResponse | InvocationType::DryRun) => {
                            story.status =
                                Status::Failed(response.error_type().unwrap_or_default());
                        }
                        // Whether it is tried again is the queue's next entry.
                        (Some(_), InvocationType::Event) => {
                            story.status = Status::Queued;
                            return;
                        }
                    }
                    story.ended = Some(at);
                });
            }
            Event::RetryScheduled {
                invocation, due, ..
            } => self.with(*invocation, |story| story.next_attempt = Some(*due)),
            Event::Dropped {
                invocation, reason, ..
            } => self.with(*invocation, |story| {
                story.status = Status::Dropped(*reason);
                story.ended = Some(at);
            }),
            Event::CallerSaw { invocation, view } => {
                let view = CallerView::clone(view);
                self.with(*invocation, |story| story.caller = Some((at, view)));
            }
            Event::Throttled { invocation, .. } => {
                self.with(*invocation, |story| story.throttles += 1);
            }
            Event::Delivered {
                invocation,
                delivery,
            } => {
                let delivery = Delivery::clone(delivery);
                self.with(*invocation, |story| story.deliveries.push(delivery));
            }
            Event::EnvironmentLost {
                environment,
                invocation,
            } => {
                if let Some(attempt) = self.attempt(*environment) {
                    attempt.ended = Some(at);
                }
                self.running.remove(environment);
                if let Some(invocation) = invocation {
                    self.with(*invocation, |story| story.status = Status::Queued);
                }
            }
            Event::Mapping { mapping, event } => self.batches.take(at, *mapping, event),
            Event::CutOff { .. } => {
                for story in &mut self.stories {
                    if story.ended.is_none() {
                        story.status = Status::CutOff;
                    }
                }
            }
            Event::Began { .. }
            | Event::Duplicated { .. }
            | Event::Provisioning { .. }
            | Event::EnvironmentCreated { .. }
            | Event::Log { .. }
            | Event::EnvironmentReset { .. }
            | Event::EnvironmentShutdown { .. } => {}
        }
    }

    fn with(&mut self, invocation: InvocationId, change: impl FnOnce(&mut InvocationSummary)) {
        let index = self.index.get(&invocation).copied();
        if let Some(story) = index.and_then(|index| self.stories.get_mut(index)) {
            change(story);
        }
    }

    /// The attempt that runs in an environment.
    fn attempt(&mut self, environment: EnvironmentId) -> Option<&mut AttemptSummary> {
        let invocation = self.running.get(&environment)?;
        let index = *self.index.get(invocation)?;
        self.stories.get_mut(index)?.attempts.last_mut()
    }
}
