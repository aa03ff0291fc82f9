//! Where each millisecond of a request went, and how its memory grew: read off the trace, for one request at a time.
//!
//! Everything here is a pure function of the entries. [`account`] lists the stretches of a request's life in the order of
//! time, [`Account::sums`] adds them up by what they were spent on, [`periods`](crate::ui::timeline::quota::periods) tells
//! running from frozen within a handler's run, and [`memory`] is the curve of its environment's memory.

use std::collections::BTreeMap;

use crate::lambda::config::MemoryMb;
use crate::lambda::event::{Entry, EnvironmentId, Event, InitPhase, InvocationId, Usage};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::AttemptId;
use crate::ui::timeline::quota::{self, Period};

/// What a stretch of a request's life was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// At Lambda's front end: let in, or looking for room.
    FrontEnd,
    /// In the event queue, before its first try or once a try is due.
    Queue,
    /// In the event queue, until the next try is due.
    Backoff,
    /// Back at a client that waits before it sends the request again.
    Client,
    /// A new environment's Init phase, for which this request waited.
    Init,
    /// The Invoke phase.
    Invoke,
}

/// What time was spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spent {
    /// Getting to an environment.
    FrontEnd,
    /// In the event queue.
    Queue,
    /// Waiting for a retry to be due.
    Backoff,
    /// The client's own waiting before it sends the request again.
    Client,
    /// Init, in a phase of its own or repeated inside the Invoke phase.
    Init,
    /// The handler's CPU time.
    Cpu,
    /// The handler frozen, the CPU quota of the period being used up.
    Frozen,
    /// The handler waiting, without using the CPU.
    Waiting,
}

impl Spent {
    /// All, in the order of a request's life.
    pub const ALL: [Self; 8] = [
        Self::FrontEnd,
        Self::Queue,
        Self::Backoff,
        Self::Client,
        Self::Init,
        Self::Cpu,
        Self::Frozen,
        Self::Waiting,
    ];

    /// In words, for a table or a legend.
    pub fn word(self) -> &'static str {
        match self {
            Self::FrontEnd => "Front end",
            Self::Queue => "Event queue",
            Self::Backoff => "Waiting for a retry",
            Self::Client => "Client's own waiting",
            Self::Init => "Init",
            Self::Cpu => "CPU",
            Self::Frozen => "Throttled by the CPU quota",
            Self::Waiting => "Waiting without the CPU",
        }
    }

    /// Its name in style sheets.
    pub fn key(self) -> &'static str {
        match self {
            Self::FrontEnd | Self::Client => "calling",
            Self::Queue => "queued",
            Self::Backoff => "backoff",
            Self::Init => "init",
            Self::Cpu => "handler",
            Self::Frozen => "frozen",
            Self::Waiting => "waited",
        }
    }
}

/// One stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    /// What it was.
    pub stage: Stage,
    /// Which try it belongs to: the one that ran, or the one that came next.
    pub attempt: u32,
    /// When it began.
    pub from: SimTime,
    /// When it ended, or the trace did.
    pub to: SimTime,
    /// What an Init or Invoke phase used, once it has ended; a repeated Init is not in it.
    pub usage: Option<Usage>,
    /// What Init used that was repeated inside this Invoke phase. It ran at the phase's beginning.
    pub repeated_init: Option<Usage>,
}

impl Stretch {
    /// How long it is.
    pub fn span(&self) -> SimDuration {
        self.to.since(self.from)
    }

    /// When the handler began: after an Init that was repeated.
    pub fn handler_from(&self) -> SimTime {
        self.from
            + self
                .repeated_init
                .map_or(SimDuration::ZERO, |it| it.duration)
    }

    /// When the handler ran and when the CPU quota had it frozen, when that can be told and there are at most `limit`
    /// periods.
    pub fn periods(&self, limit: usize) -> Option<Vec<Period>> {
        let usage = self.usage.filter(|_| self.stage == Stage::Invoke)?;
        quota::periods(self.handler_from(), &usage, limit)
    }
}

/// A request's life.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Account {
    /// Its stretches, in the order of time. They do not overlap; between them nothing is known.
    pub stretches: Vec<Stretch>,
}

impl Account {
    /// Of one try alone.
    pub fn of(&self, attempt: u32) -> Self {
        let mine = |stretch: &&Stretch| stretch.attempt == attempt;
        Self {
            stretches: self.stretches.iter().filter(mine).copied().collect(),
        }
    }

    /// What the time was spent on, in the order of [`Spent::ALL`]; nothing is left out that is not zero.
    pub fn sums(&self) -> Vec<(Spent, SimDuration)> {
        let mut sums: BTreeMap<Spent, SimDuration> = BTreeMap::new();
        let mut add = |spent: Spent, span: SimDuration| {
            if span > SimDuration::ZERO {
                *sums.entry(spent).or_default() += span;
            }
        };
        for stretch in &self.stretches {
            match stretch.stage {
                Stage::FrontEnd => add(Spent::FrontEnd, stretch.span()),
                Stage::Queue => add(Spent::Queue, stretch.span()),
                Stage::Backoff => add(Spent::Backoff, stretch.span()),
                Stage::Client => add(Spent::Client, stretch.span()),
                Stage::Init => add(Spent::Init, stretch.span()),
                Stage::Invoke => {
                    let init = stretch.repeated_init.unwrap_or_default().duration;
                    add(Spent::Init, init);
                    match stretch.usage {
                        Some(usage) => {
                            add(Spent::Cpu, usage.cpu);
                            add(Spent::Frozen, usage.frozen);
                            let rest = usage.duration.saturating_sub(usage.cpu);
                            add(Spent::Waiting, rest.saturating_sub(usage.frozen));
                        }
                        // It has not ended: what it is spent on is not known yet.
                        None => add(Spent::Cpu, stretch.span().saturating_sub(init)),
                    }
                }
            }
        }
        sums.into_iter().collect()
    }
}

/// The life of a request, as far as these entries, in the order of time, tell of it.
pub fn account<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    invocation: InvocationId,
) -> Account {
    let mut reading = Reading {
        wanted: invocation,
        ..Reading::default()
    };
    for entry in entries {
        reading.last = entry.at;
        reading.take(entry);
    }
    if let Some(open) = reading.open.take() {
        reading.close(open, reading.last);
    }
    Account {
        stretches: reading.stretches,
    }
}

#[derive(Debug)]
struct Reading {
    wanted: InvocationId,
    stretches: Vec<Stretch>,
    open: Option<Stretch>,
    /// Init phases of new environments.
    inits: BTreeMap<EnvironmentId, (SimTime, Option<(SimTime, Usage)>)>,
    environment: Option<EnvironmentId>,
    last: SimTime,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            wanted: InvocationId(0),
            stretches: Vec::new(),
            open: None,
            inits: BTreeMap::new(),
            environment: None,
            last: SimTime::ZERO,
        }
    }
}

impl Reading {
    fn take(&mut self, entry: &Entry) {
        let at = entry.at;
        let mine = |invocation: &InvocationId| *invocation == self.wanted;
        match &entry.event {
            Event::Received { invocation, .. } if mine(invocation) => {
                self.begin(Stage::FrontEnd, 1, at);
            }
            Event::Accepted { invocation } if mine(invocation) => self.begin(Stage::Queue, 1, at),
            Event::Dequeued {
                invocation,
                attempt,
                ..
            } if mine(invocation) => self.begin(Stage::FrontEnd, *attempt, at),
            Event::RetryScheduled {
                invocation,
                attempt,
                due,
                ..
            } if mine(invocation) => {
                self.begin(Stage::Backoff, *attempt, at);
                self.due(*due, Stage::Queue);
            }
            Event::ClientRetry {
                invocation,
                attempt,
                due,
            } if mine(invocation) => {
                self.begin(Stage::Client, *attempt, at);
                self.due(*due, Stage::FrontEnd);
            }
            Event::InitStarted {
                environment,
                phase: InitPhase::Init,
            } => {
                self.inits.insert(*environment, (at, None));
            }
            Event::InitFinished {
                environment,
                phase,
                ended,
            } => match phase {
                InitPhase::Init => {
                    if let Some(init) = self.inits.get_mut(environment) {
                        init.1 = Some((at, ended.usage));
                    }
                }
                InitPhase::Invoke if self.environment == Some(*environment) => {
                    if let Some(open) = &mut self.open {
                        open.repeated_init = Some(ended.usage);
                    }
                }
                InitPhase::Invoke => {}
            },
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                cold,
                ..
            } => {
                // Its Init phase is over; whoever comes next did not wait for it.
                let init = self.inits.remove(environment).filter(|_| *cold);
                if *invocation == self.wanted {
                    self.environment = Some(*environment);
                    if let Some((from, ended)) = init {
                        self.begin(Stage::Init, *attempt, from);
                        if let (Some(open), Some((to, usage))) = (&mut self.open, ended) {
                            open.usage = Some(usage);
                            open.to = to;
                        }
                    }
                    self.begin(Stage::Invoke, *attempt, at);
                }
            }
            Event::InvokeFinished {
                invocation,
                duration,
                outcome,
                ..
            } if mine(invocation) => {
                if let Some(mut open) = self.open.take() {
                    let whole = outcome.usage(*duration);
                    open.usage = Some(match open.repeated_init {
                        Some(init) => without(whole, init),
                        None => whole,
                    });
                    self.close(open, at);
                }
                self.environment = None;
            }
            Event::EnvironmentLost {
                invocation: Some(invocation),
                ..
            }
            | Event::Refused { invocation, .. }
            | Event::Dropped { invocation, .. }
            | Event::DryRun { invocation }
                if mine(invocation) =>
            {
                if let Some(open) = self.open.take() {
                    self.close(open, at);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, stage: Stage, attempt: u32, at: SimTime) {
        if let Some(open) = self.open.take() {
            self.close(open, at);
        }
        self.open = Some(Stretch {
            stage,
            attempt,
            from: at,
            to: at,
            usage: None,
            repeated_init: None,
        });
    }

    /// What has begun lasts until it is due, and what then follows until something happens.
    fn due(&mut self, due: SimTime, then: Stage) {
        if let Some(mut open) = self.open.take() {
            open.to = due;
            self.open = Some(open);
            // Closing it needs to know what follows: see `close`.
            self.stretches.push(Stretch { to: due, ..open });
            self.open = Some(Stretch {
                stage: then,
                from: due,
                to: due,
                ..open
            });
        }
    }

    fn close(&mut self, mut open: Stretch, at: SimTime) {
        open.to = at.max(open.from);
        // A trace that ends before something is due knows nothing of what would follow.
        if open.from > at {
            if let Some(last) = self.stretches.last_mut() {
                last.to = last.to.min(at.max(last.from));
            }
            return;
        }
        if open.to > open.from || open.stage == Stage::Invoke {
            self.stretches.push(open);
        }
    }
}

fn without(whole: Usage, part: Usage) -> Usage {
    Usage {
        duration: whole.duration.saturating_sub(part.duration),
        fuel: whole.fuel.saturating_sub(part.fuel),
        cpu: whole.cpu.saturating_sub(part.cpu),
        frozen: whole.frozen.saturating_sub(part.frozen),
        waited: whole.waited.saturating_sub(part.waited),
        memory_peak: whole.memory_peak,
    }
}

/// How the memory of an attempt's environment grew.
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    /// From when on there were so many bytes, sandbox included: Init's where the attempt waited for it, then the Invoke
    /// phase's. Empty for a model, which has no memory.
    pub points: Vec<(SimTime, u64)>,
    /// When the phase ended.
    pub end: SimTime,
    /// What the function is configured for.
    pub size: MemoryMb,
    /// `Max Memory Used`, in bytes: it never falls while an environment lives.
    pub peak: u64,
}

/// The memory curve of an attempt that has ended; none of one that has not run.
pub fn memory<'e>(entries: impl IntoIterator<Item = &'e Entry>, id: AttemptId) -> Option<Memory> {
    let mut inits = BTreeMap::new();
    let mut began = None;
    for entry in entries {
        match &entry.event {
            Event::InitStarted {
                environment,
                phase: InitPhase::Init,
            } => {
                inits.insert(*environment, (entry.at, None));
            }
            Event::InitFinished {
                environment,
                phase: InitPhase::Init,
                ended,
            } => {
                if let Some(init) = inits.get_mut(environment) {
                    init.1 = Some(ended);
                }
            }
            Event::InvokeStarted {
                environment,
                invocation,
                attempt,
                cold,
                ..
            } => {
                let init = inits.remove(environment).filter(|_| *cold);
                if (*invocation, *attempt) == (id.invocation, id.attempt) {
                    began = Some((entry.at, init));
                }
            }
            Event::InvokeFinished {
                invocation,
                attempt,
                outcome,
                ..
            } if (*invocation, *attempt) == (id.invocation, id.attempt) => {
                let (from, init) = began?;
                let mut points = Vec::new();
                if let Some((init_from, Some(init))) = init {
                    points.extend(
                        init.memory
                            .iter()
                            .map(|it| (init_from + it.after, it.bytes)),
                    );
                }
                points.extend(outcome.memory.iter().map(|it| (from + it.after, it.bytes)));
                points.dedup_by_key(|point| point.1);
                return Some(Memory {
                    points,
                    end: entry.at,
                    size: outcome.terms.memory,
                    peak: outcome.memory_peak,
                });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::lived::{lived, scenario};

    fn told(account: &Account) -> Vec<(Stage, u32, String)> {
        let stretches = account.stretches.iter();
        stretches
            .map(|it| (it.stage, it.attempt, it.span().to_string()))
            .collect()
    }

    #[test]
    fn a_synchronous_cold_start_waits_for_init() {
        let entries = lived(&scenario("direct", "{}", false));
        let account = account(entries.iter(), InvocationId(0));
        let stages: Vec<Stage> = account.stretches.iter().map(|it| it.stage).collect();
        assert_eq!(stages, [Stage::Init, Stage::Invoke], "{:?}", told(&account));
        let ms = |millis| SimDuration::from_millis(millis);
        assert_eq!(
            account.sums(),
            [(Spent::Init, ms(200)), (Spent::Waiting, ms(50))]
        );
    }

    #[test]
    fn an_event_that_fails_spends_its_life_waiting_for_retries() {
        let entries = lived(&scenario("s3", r#"{"Records":[]}"#, true));
        let whole = account(entries.iter(), InvocationId(0));
        let sums: BTreeMap<Spent, SimDuration> = whole.sums().into_iter().collect();
        let tries: Vec<u32> = whole
            .stretches
            .iter()
            .filter(|it| it.stage == Stage::Invoke)
            .map(|it| it.attempt)
            .collect();
        assert_eq!(tries, [1, 2, 3]);
        assert!(
            sums[&Spent::Backoff] >= SimDuration::from_secs(170),
            "{sums:?}"
        );
        assert_eq!(sums[&Spent::Waiting], SimDuration::from_millis(150));
        // Nothing is told twice, and nothing is left out.
        for pair in whole.stretches.windows(2) {
            assert!(pair[0].to <= pair[1].from, "{pair:?}");
        }
        let last = whole.of(3);
        assert!(last.stretches.iter().all(|it| it.attempt == 3));
        assert!(last.sums().len() < whole.sums().len() + 1);
    }

    #[test]
    fn a_model_has_no_memory_curve() {
        let entries = lived(&scenario("direct", "{}", false));
        let id = AttemptId {
            invocation: InvocationId(0),
            attempt: 1,
        };
        let memory = memory(entries.iter(), id).unwrap();
        assert!(memory.points.is_empty() && memory.peak > 0);
        let other = AttemptId { attempt: 2, ..id };
        assert_eq!(super::memory(entries.iter(), other), None);
    }
}
