//! One row for every time the function was tried, or refused: the table of invocations, in a few bytes a row.

use std::collections::BTreeMap;

use super::Entries;
use crate::lambda::event::{
    Entry, EnvironmentId, Event, InitPhase, InvocationId, InvocationType, Outcome as Ended,
    RequestId, Sent,
};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::{AttemptId, Outcome};

/// Stands for no entry.
const NONE: u32 = u32::MAX;

/// One try of one request. The numbers of its entries lead to everything else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Which.
    pub id: AttemptId,
    /// When the handler began; when the request came, if it was never run.
    pub began: SimTime,
    /// When Lambda was done with it, as far as the trace goes.
    pub ended: Option<SimTime>,
    /// Where it ran.
    pub environment: Option<EnvironmentId>,
    /// How it went.
    pub outcome: Outcome,
    /// Whether it was its environment's first, and waited for Init.
    pub cold: bool,
    /// Whether Init ran again inside the Invoke phase.
    pub again: bool,
    received: u32,
    finished: u32,
}

impl Row {
    /// What was sent.
    pub fn sent(self, entries: &Entries) -> Option<&Sent> {
        match &entries.get(self.received as usize)?.event {
            Event::Received { sent, .. } => Some(sent),
            _ => None,
        }
    }

    /// Id of the trigger.
    pub fn trigger(self, entries: &Entries) -> &str {
        self.sent(entries).map_or("", |sent| sent.trigger.as_str())
    }

    /// How Lambda was called.
    pub fn kind(self, entries: &Entries) -> InvocationType {
        let sent = self.sent(entries);
        sent.map_or(InvocationType::RequestResponse, |sent| sent.kind)
    }

    /// Lambda's request id.
    pub fn request_id(self, entries: &Entries) -> RequestId {
        let invocation = self.id.invocation;
        self.sent(entries)
            .map_or(RequestId([0; 16]), |sent| sent.request_id(invocation))
    }

    /// How long the Invoke phase took, and what came of it; none when it has not run to its end.
    pub fn run(self, entries: &Entries) -> Option<(SimDuration, &Ended)> {
        match &entries.get(self.finished as usize)?.event {
            Event::InvokeFinished {
                duration, outcome, ..
            } => Some((*duration, outcome)),
            _ => None,
        }
    }
}

/// All tries of a run, gathered as its entries come.
#[derive(Debug, Clone, Default)]
pub struct Tries {
    rows: Vec<Row>,
    /// The numbers of the rows, in the order in which they began.
    order: Vec<u32>,
    /// The first row of each invocation.
    first: Vec<u32>,
    /// For each invocation, the number of the last entry that names it.
    last_entry: Vec<u32>,
    later: BTreeMap<AttemptId, u32>,
    running: BTreeMap<EnvironmentId, u32>,
    /// Whether there are mappings: what a batch is about is told by entries before its request.
    mapped: bool,
}

impl Tries {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// A row, counted in the order in which they began.
    pub fn get(&self, index: usize) -> Option<&Row> {
        self.rows.get(*self.order.get(index)? as usize)
    }

    /// The rows, in the order in which they began.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Row> {
        let rows = self.order.iter();
        rows.filter_map(|number| self.rows.get(*number as usize))
    }

    /// A row.
    pub fn row(&self, id: AttemptId) -> Option<&Row> {
        self.rows.get(self.number(id)? as usize)
    }

    /// Whether there is such a try.
    pub fn has(&self, id: AttemptId) -> bool {
        self.number(id).is_some()
    }

    /// A number below [`Self::len`] that is a try's own, for sets of bits.
    pub fn number(&self, id: AttemptId) -> Option<u32> {
        if id.attempt > 1 {
            return self.later.get(&id).copied();
        }
        let number = self.first.get(id.invocation.0 as usize)?;
        (*number != NONE && id.attempt == 1).then_some(*number)
    }

    /// The place of a row in the order in which they began.
    pub fn place(&self, id: AttemptId) -> Option<usize> {
        let row = self.row(id)?;
        let from = self.order.partition_point(|number| {
            let other = self.rows.get(*number as usize);
            other.is_some_and(|other| (other.began, other.id) < (row.began, row.id))
        });
        (self.get(from)?.id == id).then_some(from)
    }

    /// The place of the first row that began at a time or later.
    pub fn began_after(&self, at: SimTime) -> usize {
        self.order.partition_point(|number| {
            let row = self.rows.get(*number as usize);
            row.is_some_and(|row| row.began < at)
        })
    }

    /// The numbers of the first and last entry that one has to read for an invocation's story.
    pub fn span(&self, invocation: InvocationId) -> Option<(usize, usize)> {
        let last = *self.last_entry.get(invocation.0 as usize)?;
        let row = self.row(AttemptId {
            invocation,
            attempt: 1,
        })?;
        let first = if self.mapped { 0 } else { row.received };
        Some((first as usize, last as usize))
    }

    /// Reads the entry with this number.
    pub(super) fn take(&mut self, number: u32, entry: &Entry) {
        let at = entry.at;
        match &entry.event {
            Event::Began { world } => self.mapped = !world.mappings.is_empty(),
            Event::Received { invocation, .. } => {
                let row = Row {
                    id: AttemptId {
                        invocation: *invocation,
                        attempt: 1,
                    },
                    began: at,
                    ended: None,
                    environment: None,
                    outcome: Outcome::Unfinished,
                    cold: false,
                    again: false,
                    received: number,
                    finished: NONE,
                };
                let index = invocation.0 as usize;
                if self.first.len() <= index {
                    self.first.resize(index + 1, NONE);
                    self.last_entry.resize(index + 1, NONE);
                }
                if let Some(first) = self.first.get_mut(index) {
                    *first = self.rows.len() as u32;
                    self.rows.push(row);
                }
            }
            Event::Refused { invocation, .. } => {
                self.change(*invocation, |row| {
                    if row.environment.is_none() {
                        row.outcome = Outcome::Refused;
                        row.ended = Some(at);
                    }
                });
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                cold,
                ..
            } => self.started(at, *environment, *invocation, *attempt, *cold),
            Event::InitFinished {
                environment,
                phase: InitPhase::Invoke,
                ..
            } => {
                let row = self.running.get(environment);
                if let Some(row) = row.and_then(|row| self.rows.get_mut(*row as usize)) {
                    row.again = true;
                }
            }
            Event::InvokeFinished {
                environment,
                outcome,
                ..
            } => {
                let row = self.running.remove(environment);
                if let Some(row) = row.and_then(|row| self.rows.get_mut(row as usize)) {
                    row.finished = number;
                    row.ended = Some(at);
                    row.outcome = match Outcome::of(&outcome.end) {
                        // An answer that Lambda cannot pass on is an error although the guest returned.
                        Outcome::Succeeded if outcome.failed() => Outcome::Failed,
                        other => other,
                    };
                }
            }
            Event::EnvironmentLost { environment, .. } => {
                self.running.remove(environment);
            }
            _ => {}
        }
        if let Some(invocation) = invocation_of(&entry.event)
            && let Some(last) = self.last_entry.get_mut(invocation.0 as usize)
        {
            *last = number;
        }
    }

    fn started(
        &mut self,
        at: SimTime,
        environment: EnvironmentId,
        invocation: InvocationId,
        attempt: u32,
        cold: bool,
    ) {
        let id = AttemptId {
            invocation,
            attempt,
        };
        let first = self.first.get(invocation.0 as usize).copied();
        let Some(first) = first.filter(|first| *first != NONE) else {
            return;
        };
        let Some(template) = self.rows.get(first as usize).copied() else {
            return;
        };
        // The request's own row, until it has run; a client's second call may be the first to run. What runs later has a
        // row of its own, with a number of its own unless its environment was lost and the same try runs again.
        let number = if template.environment.is_none() {
            first
        } else {
            self.rows.push(Row {
                finished: NONE,
                ended: None,
                outcome: Outcome::Unfinished,
                again: false,
                ..template
            });
            (self.rows.len() - 1) as u32
        };
        if attempt > 1 {
            self.later.entry(id).or_insert(number);
        }
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.id = id;
            row.began = at;
            row.environment = Some(environment);
            row.cold = cold;
        }
        self.running.insert(environment, number);
    }

    fn change(&mut self, invocation: InvocationId, change: impl FnOnce(&mut Row)) {
        let first = self.first.get(invocation.0 as usize);
        if let Some(row) = first.and_then(|first| self.rows.get_mut(*first as usize)) {
            change(row);
        }
    }

    /// Everything has been read.
    pub(super) fn finish(&mut self) {
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        // Nearly sorted, which the sort makes use of.
        order.sort_by_key(|number| {
            let row = self.rows.get(*number as usize);
            row.map(|row| (row.began, row.id))
        });
        self.order = order;
        self.running.clear();
    }
}

/// The invocation that an entry is about.
pub(super) fn invocation_of(event: &Event) -> Option<InvocationId> {
    match event {
        Event::Received { invocation, .. }
        | Event::Refused { invocation, .. }
        | Event::DryRun { invocation }
        | Event::Accepted { invocation }
        | Event::Dequeued { invocation, .. }
        | Event::Throttled { invocation, .. }
        | Event::ClientRetry { invocation, .. }
        | Event::InvokeStarted { invocation, .. }
        | Event::InvokeFinished { invocation, .. }
        | Event::RetryScheduled { invocation, .. }
        | Event::Dropped { invocation, .. }
        | Event::Delivered { invocation, .. }
        | Event::CallerSaw { invocation, .. } => Some(*invocation),
        Event::EnvironmentLost { invocation, .. } | Event::Log { invocation, .. } => *invocation,
        _ => None,
    }
}
