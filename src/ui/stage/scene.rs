//! The trace up to an instant, folded: who waits, what stands in the queue, what every environment does, what came out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::source::Backlog;
use crate::lambda::event::{
    DeliveryKind, Entry, EnvironmentId, Event, InitPhase, InvocationId, InvocationType,
};
use crate::lambda::event_source::SourceEvent;
use crate::sim::SimTime;
use crate::ui::attempts::{AttemptId, Outcome};

/// So many requests that are over keep their mark, newest first; the rest are counted.
pub const REMEMBERED: usize = 12;

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whereabouts {
    /// At Lambda's front end, on its way in.
    FrontEnd,
    /// In the event queue.
    Queue {
        /// When its next try is due, if it waits for one.
        due: Option<SimTime>,
    },
    /// In an environment, which starts for it or runs it.
    Environment(EnvironmentId),
    /// Back at a client that waits before it sends it again.
    Client {
        /// When it does.
        due: SimTime,
    },
    /// The function is done with it; nobody has been told yet.
    Leaving,
}

/// A request that is not over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// How Lambda was called.
    pub kind: InvocationType,
    /// Whether one of Lambda's own pollers called.
    pub polled: bool,
    /// When it came.
    pub received: SimTime,
    /// Which try is running, or comes next.
    pub attempt: u32,
    /// Where it is.
    pub whereabouts: Whereabouts,
}

impl Call {
    /// Whether somebody stands and waits for its end.
    pub fn has_waiting_caller(&self) -> bool {
        self.kind == InvocationType::RequestResponse
    }
}

/// How a request came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// As the function's author would wish.
    Well,
    /// With an error.
    Badly,
    /// The function was not run.
    Refused,
    /// An asynchronous event was given up.
    GivenUp,
}

/// A request that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// Which, with its last try.
    pub id: AttemptId,
    /// How.
    pub how: How,
    /// When.
    pub at: SimTime,
}

/// What an environment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Its Init phase runs.
    Initialising,
    /// The handler runs, for this request.
    Busy(InvocationId),
    /// It is kept warm.
    Idle,
    /// It is kept, but its process is gone: the next request finds no state and waits for Init.
    Reset,
    /// It is no more.
    Gone,
}

/// One execution environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What it does.
    pub phase: Phase,
    /// Since when.
    pub since: SimTime,
    /// How often its handler has run.
    pub runs: u32,
    /// Whether it belongs to provisioned concurrency.
    pub provisioned: bool,
}

/// A step on a request's way, for the arrows between the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A caller, or a poller, reaches the front end.
    Called,
    /// An event goes into the event queue.
    Queued,
    /// A request or event goes to an environment.
    Started,
    /// An event goes back to the queue.
    Returned,
    /// An answer, or the end of an event.
    Ended,
    /// A message goes to a destination or dead-letter queue.
    Delivered,
}

/// How often a step was made, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trodden {
    /// How often.
    pub times: u64,
    /// When last.
    pub last: SimTime,
}

/// What never changes in a run, read from its whole trace: who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cast {
    /// Ids of the triggers whose services or people call Lambda.
    pub callers: Vec<String>,
    /// Mappings, by number, with the trigger they read for.
    pub sources: BTreeMap<u16, String>,
    /// Whether the event queue is used.
    pub queue: bool,
    /// What messages are sent to.
    pub targets: Vec<(DeliveryKind, String)>,
    /// Who a cold environment is made for.
    made_for: BTreeMap<EnvironmentId, InvocationId>,
    /// A mapping has sent a batch: the request that follows is its poller's.
    batch_sent: bool,
    /// The most environments there can be at a time: the account's concurrency, or the function's reserve.
    pub concurrency: u32,
    /// The function's timeout.
    pub timeout_seconds: u32,
    /// How many environments there ever are.
    pub environments: usize,
}

impl Cast {
    /// Reads a trace.
    pub fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut cast = Self::default();
        for entry in entries {
            cast.take(entry);
        }
        cast
    }

    /// Reads the next entry.
    pub fn take(&mut self, entry: &Entry) {
        match &entry.event {
            Event::Began { world } => {
                let function = world.functions.first();
                let reserve = function.and_then(|it| it.config.reserved_concurrency);
                self.concurrency = reserve.unwrap_or(world.account_concurrency);
                self.timeout_seconds = function.map_or(0, |it| it.config.timeout.0);
                let mappings = world.mappings.iter().zip(0_u16..);
                self.sources = mappings
                    .map(|(facts, number)| (number, facts.trigger.clone()))
                    .collect();
            }
            Event::Mapping { event, .. } => {
                self.batch_sent = matches!(**event, SourceEvent::BatchSent { .. });
            }
            // A poller's call comes with its batch.
            Event::Received { .. } if std::mem::take(&mut self.batch_sent) => {}
            Event::Received { sent, .. } => {
                if !self.callers.contains(&sent.trigger) {
                    self.callers.push(sent.trigger.clone());
                }
            }
            Event::Accepted { .. } => self.queue = true,
            Event::EnvironmentCreated { .. } => self.environments += 1,
            Event::InvokeStarted {
                environment,
                invocation,
                cold: true,
                ..
            } => {
                self.made_for.entry(*environment).or_insert(*invocation);
            }
            Event::Delivered { delivery, .. } => {
                let target = (delivery.kind, delivery.target.clone());
                if !self.targets.contains(&target) {
                    self.targets.push(target);
                }
            }
            _ => {}
        }
    }
}

/// The service at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scene {
    /// The time of the last entry that is part of it.
    pub entry_at: SimTime,
    /// Requests that are not over.
    pub calls: BTreeMap<InvocationId, Call>,
    /// The event queue: when each event's next try is due, those that wait for nothing first.
    pub queued: BTreeSet<(Option<SimTime>, InvocationId)>,
    /// Who waits for an answer, and since when.
    pub waiting: BTreeSet<(SimTime, InvocationId)>,
    /// Requests back at their clients, by when they are sent again.
    pub at_clients: BTreeSet<(SimTime, InvocationId)>,
    /// Requests at the front end, on their way in or out.
    pub passing: BTreeSet<InvocationId>,
    /// What each environment starts for, or runs.
    pub inside: BTreeMap<EnvironmentId, InvocationId>,
    /// Environments, those that are gone included.
    pub environments: BTreeMap<EnvironmentId, Room>,
    /// Event sources, by mapping.
    pub sources: BTreeMap<u16, Backlog>,
    /// The last requests that are over, newest first.
    pub ended: VecDeque<Ended>,
    /// How many ended how.
    pub well: u64,
    /// Answered with an error, or failed.
    pub badly: u64,
    /// Not run.
    pub refused: u64,
    /// Given up after their tries.
    pub given_up: u64,
    /// Tries that met 429.
    pub throttled: u64,
    /// Answered with 202.
    pub accepted: u64,
    /// What each target took.
    pub delivered: BTreeMap<(DeliveryKind, String), u64>,
    /// The arrows.
    pub steps: BTreeMap<Step, Trodden>,
    /// Whether a poller has just sent a batch: the request that comes next is its call.
    batch_sent: bool,
}

impl Scene {
    /// Follows one entry.
    pub fn apply(&mut self, entry: &Entry, cast: &Cast) {
        let at = entry.at;
        self.entry_at = at;
        match &entry.event {
            Event::Received { invocation, sent } => {
                self.step(Step::Called, at);
                let call = Call {
                    kind: sent.kind,
                    polled: std::mem::take(&mut self.batch_sent),
                    received: at,
                    attempt: 1,
                    whereabouts: Whereabouts::FrontEnd,
                };
                if call.has_waiting_caller() && !call.polled {
                    self.waiting.insert((at, *invocation));
                }
                self.calls.insert(*invocation, call);
                self.passing.insert(*invocation);
            }
            Event::Refused { invocation, .. } => self.end(*invocation, How::Refused, at),
            Event::DryRun { invocation } => self.end(*invocation, How::Well, at),
            Event::Accepted { invocation } => {
                self.accepted += 1;
                self.step(Step::Queued, at);
                self.go(*invocation, Whereabouts::Queue { due: None });
            }
            Event::Dequeued {
                invocation,
                attempt,
                ..
            } => {
                self.tries(*invocation, *attempt);
                self.go(*invocation, Whereabouts::FrontEnd);
            }
            Event::Throttled { invocation, .. } => {
                self.throttled += 1;
                // A poller's call is over with its 429: it sends the batch again as a new one.
                if self.calls.get(invocation).is_some_and(|call| call.polled) {
                    self.end(*invocation, How::Refused, at);
                }
            }
            Event::ClientRetry {
                invocation,
                attempt,
                due,
            } => {
                self.tries(*invocation, *attempt);
                self.go(*invocation, Whereabouts::Client { due: *due });
            }
            Event::EnvironmentCreated {
                environment,
                created,
            } => {
                let room = Room {
                    phase: Phase::Initialising,
                    since: at,
                    runs: 0,
                    provisioned: created.provisioned,
                };
                self.environments.insert(*environment, room);
                if let Some(invocation) = cast.made_for.get(environment) {
                    self.go(*invocation, Whereabouts::Environment(*environment));
                }
            }
            Event::InitStarted {
                environment,
                phase: InitPhase::Init,
            } => self.enter(*environment, Phase::Initialising, at),
            Event::InitFinished {
                environment,
                phase: InitPhase::Init,
                ended,
            } => {
                let alive = ended.end.is_alive();
                let phase = if alive { Phase::Idle } else { Phase::Reset };
                self.enter(*environment, phase, at);
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                ..
            } => {
                self.step(Step::Started, at);
                self.enter(*environment, Phase::Busy(*invocation), at);
                if let Some(room) = self.environments.get_mut(environment) {
                    room.runs += 1;
                }
                self.tries(*invocation, *attempt);
                self.go(*invocation, Whereabouts::Environment(*environment));
            }
            Event::InvokeFinished {
                environment,
                invocation,
                outcome,
                ..
            } => {
                self.enter(*environment, Phase::Idle, at);
                let failed = outcome.failed() || Outcome::of(&outcome.end) != Outcome::Succeeded;
                self.ran(*invocation, failed, at);
            }
            Event::EnvironmentReset { environment, .. } => {
                self.enter(*environment, Phase::Reset, at);
            }
            Event::EnvironmentShutdown { environment } => self.enter(*environment, Phase::Gone, at),
            Event::EnvironmentLost {
                environment,
                invocation,
            } => {
                self.enter(*environment, Phase::Gone, at);
                if let Some(invocation) = invocation {
                    self.ran(*invocation, true, at);
                }
            }
            Event::RetryScheduled {
                invocation,
                attempt,
                due,
                ..
            } => {
                self.step(Step::Returned, at);
                self.tries(*invocation, *attempt);
                self.go(*invocation, Whereabouts::Queue { due: Some(*due) });
            }
            Event::Dropped { invocation, .. } => self.end(*invocation, How::GivenUp, at),
            Event::Delivered { delivery, .. } => {
                self.step(Step::Delivered, at);
                let target = (delivery.kind, delivery.target.clone());
                *self.delivered.entry(target).or_default() += u64::from(delivery.delivered);
            }
            Event::CallerSaw { invocation, view } => {
                let waited = self
                    .calls
                    .get(invocation)
                    .is_some_and(|call| call.has_waiting_caller() && !call.polled);
                if waited {
                    let how = if view.ok { How::Well } else { How::Badly };
                    self.end(*invocation, how, at);
                }
            }
            Event::Mapping { mapping, event } => {
                self.batch_sent = matches!(**event, SourceEvent::BatchSent { .. });
                self.sources.entry(*mapping).or_default().apply(at, event);
            }
            Event::Began { .. }
            | Event::Duplicated { .. }
            | Event::InitStarted { .. }
            | Event::InitFinished { .. }
            | Event::Log { .. }
            | Event::Provisioning { .. }
            | Event::CutOff { .. } => {}
        }
    }

    fn step(&mut self, step: Step, at: SimTime) {
        let trodden = self.steps.entry(step).or_default();
        trodden.times += 1;
        trodden.last = at;
    }

    fn tries(&mut self, invocation: InvocationId, attempt: u32) {
        if let Some(call) = self.calls.get_mut(&invocation) {
            call.attempt = attempt;
        }
    }

    /// A request moves, and whoever looks for those at a place finds it there.
    fn go(&mut self, invocation: InvocationId, whereabouts: Whereabouts) {
        let Some(call) = self.calls.get_mut(&invocation) else {
            return;
        };
        let before = std::mem::replace(&mut call.whereabouts, whereabouts);
        self.leave(invocation, before);
        match whereabouts {
            Whereabouts::Queue { due } => {
                self.queued.insert((due, invocation));
            }
            Whereabouts::Client { due } => {
                self.at_clients.insert((due, invocation));
            }
            Whereabouts::Environment(environment) => {
                self.inside.insert(environment, invocation);
            }
            Whereabouts::FrontEnd | Whereabouts::Leaving => {
                self.passing.insert(invocation);
            }
        }
    }

    fn leave(&mut self, invocation: InvocationId, whereabouts: Whereabouts) {
        match whereabouts {
            Whereabouts::Queue { due } => {
                self.queued.remove(&(due, invocation));
            }
            Whereabouts::Client { due } => {
                self.at_clients.remove(&(due, invocation));
            }
            Whereabouts::Environment(environment) => {
                if self.inside.get(&environment) == Some(&invocation) {
                    self.inside.remove(&environment);
                }
            }
            Whereabouts::FrontEnd | Whereabouts::Leaving => {
                self.passing.remove(&invocation);
            }
        }
    }

    fn enter(&mut self, environment: EnvironmentId, phase: Phase, at: SimTime) {
        if let Some(room) = self.environments.get_mut(&environment) {
            room.phase = phase;
            room.since = at;
        }
    }

    /// The function is done with a request, for this try.
    fn ran(&mut self, invocation: InvocationId, failed: bool, at: SimTime) {
        self.go(invocation, Whereabouts::Leaving);
        let Some(call) = self.calls.get(&invocation) else {
            return;
        };
        // An event that failed is tried again or given up, and a caller is still to be told: both are entries to come.
        let over = match call.kind {
            InvocationType::Event => !failed,
            InvocationType::RequestResponse => call.polled,
            InvocationType::DryRun => true,
        };
        if over {
            self.end(invocation, if failed { How::Badly } else { How::Well }, at);
        }
    }

    fn end(&mut self, invocation: InvocationId, how: How, at: SimTime) {
        // Whoever was refused is told so in an entry of its own; the story ended with the refusal.
        let Some(call) = self.calls.remove(&invocation) else {
            return;
        };
        self.leave(invocation, call.whereabouts);
        self.waiting.remove(&(call.received, invocation));
        self.step(Step::Ended, at);
        match how {
            How::Well => self.well += 1,
            How::Badly => self.badly += 1,
            How::Refused => self.refused += 1,
            How::GivenUp => self.given_up += 1,
        }
        self.ended.push_front(Ended {
            id: AttemptId {
                invocation,
                attempt: call.attempt,
            },
            how,
            at,
        });
        self.ended.truncate(REMEMBERED);
    }

    /// How much it holds, about: requests, environments and items.
    pub(super) fn weight(&self) -> usize {
        let items: usize = self.sources.values().map(Backlog::len).sum();
        self.calls.len() + self.environments.len() + items + 16
    }

    /// Environments that are in use: their number is the function's concurrency.
    pub fn concurrency(&self) -> usize {
        let initialising_for = |room: &Room| room.phase == Phase::Initialising && !room.provisioned;
        self.environments
            .values()
            .filter(|room| matches!(room.phase, Phase::Busy(_)) || initialising_for(room))
            .count()
    }
}
