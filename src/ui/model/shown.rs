//! A run as it is shown: its trace, and everything that is derived from it once.

use std::sync::Arc;

use super::{Jump, Setup};
use crate::lambda::config::MemoryMb;
use crate::lambda::event::{Event, InvocationId};
use crate::lambda::logs::Lines;
use crate::lambda::summary::{self, InvocationSummary};
use crate::session::watching::{Costs, Series, Totals};
use crate::sim::{SimDuration, SimTime};
use crate::ui::account::{self, Account, Memory};
use crate::ui::attempts::{self, Attempt, AttemptId};
use crate::ui::stage::Cast;
use crate::ui::timeline::{Axis, Lane, Occurs, Stretches};
use crate::ui::trace::{Entries, Reading, Tries};
use crate::ui::words;

/// What is known of a whole run, however large.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Whole {
    /// Metrics.
    pub series: Vec<Series>,
    /// Sums.
    pub totals: Totals,
    /// What it costs, line by line.
    pub costs: Costs,
}

/// How a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The scenario was played to its end.
    Finished {
        /// Real microseconds that it took.
        real_us: u64,
    },
    /// The visitor stopped it; the trace is what there was.
    Cancelled,
}

/// The run that is shown. Cheap to copy: all that is large is shared.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its number.
    pub run: u32,
    /// What was run.
    pub setup: Arc<Setup>,
    /// How it ended.
    pub ending: Ending,
    /// The trace, in the order of time.
    pub entries: Arc<Entries>,
    /// Every time the function was tried.
    pub tries: Arc<Tries>,
    /// Which one is looked at.
    pub selected: Option<AttemptId>,
    /// The CloudWatch log.
    pub log: Arc<Lines>,
    /// The timeline's lanes.
    pub lanes: Arc<Vec<Lane>>,
    /// What there is to see in them.
    pub occurs: Occurs,
    /// Who takes part.
    pub cast: Arc<Cast>,
    /// The numbers of the entries that one can jump to, by kind.
    pub jumps: Arc<[Vec<u32>; Jump::ALL.len()]>,
    /// When something happened, for the axis; in the run that it is compared with, too.
    stretches: Arc<Stretches>,
    /// When something happened in this run.
    own_stretches: Arc<Stretches>,
    /// The number of the entry with which we, not Lambda, ended it.
    cut_off: Option<u32>,
    /// The last instant of what is drawn.
    pub end: SimTime,
    /// The last instant of the whole run.
    pub run_end: SimTime,
    /// Metrics and sums, of what is not in `entries` too.
    pub whole: Arc<Whole>,
}

impl Shown {
    /// A run that has been read.
    pub fn new(
        run: u32,
        setup: Arc<Setup>,
        ending: Ending,
        reading: Reading,
        whole: Whole,
        end: SimTime,
    ) -> Self {
        let last = reading.last();
        let run_end = last.map_or(end, |last| end.max(last));
        // Of a very large run only the beginning is here; nothing is drawn as if it lasted to the end.
        let end = match last {
            Some(last) if whole.totals.cut => last,
            _ => run_end,
        };
        let read = reading.finish(end);
        let selected = read.tries.iter().next_back().map(|row| row.id);
        Self {
            run,
            setup,
            ending,
            selected,
            entries: read.entries,
            tries: read.tries,
            log: read.log,
            lanes: read.lanes,
            occurs: read.occurs,
            cast: read.cast,
            jumps: read.jumps,
            own_stretches: Arc::clone(&read.stretches),
            stretches: read.stretches,
            cut_off: read.cut_off,
            end,
            run_end,
            whole: Arc::new(whole),
        }
    }

    /// The attempt that is looked at.
    pub fn attempt(&self) -> Option<Attempt> {
        self.attempt_of(self.selected?)
    }

    /// An attempt with everything about it. It is told anew each time, from the entries of its request's life.
    pub fn attempt_of(&self, id: AttemptId) -> Option<Attempt> {
        let (from, to) = self.tries.span(id.invocation)?;
        attempts::attempt(self.entries.range(from, to + 1), id)
    }

    /// A request's story, told from its own entries.
    pub fn story_of(&self, invocation: InvocationId) -> Option<InvocationSummary> {
        let (from, to) = self.tries.span(invocation)?;
        summary::story(self.entries.range(from, to + 1), invocation)
    }

    /// Where each millisecond of a request went, over all its tries.
    pub fn account_of(&self, id: AttemptId) -> Option<Account> {
        let (from, to) = self.tries.span(id.invocation)?;
        let entries = self.entries.range(from, to + 1);
        Some(account::account(entries, id.invocation))
    }

    /// How the memory of an attempt's environment grew.
    pub fn memory_of(&self, id: AttemptId) -> Option<Memory> {
        let (from, to) = self.tries.span(id.invocation)?;
        account::memory(self.entries.range(from, to + 1), id)
    }

    /// Why we, not Lambda, ended it, and whether more patience would help.
    pub fn cut_off(&self) -> Option<(&str, bool)> {
        match &self.entries.get(self.cut_off? as usize)?.event {
            Event::CutOff { reason, patience } => Some((reason.as_str(), *patience)),
            _ => None,
        }
    }

    /// The axis of this run at a width.
    pub fn axis(&self, unfolded: &std::collections::BTreeSet<SimTime>, width: f64) -> Axis {
        self.stretches.axis(unfolded, width)
    }

    /// Makes the axis so that the run that this one is compared with has room on it; its own again without one.
    pub fn compare_with(&mut self, before: Option<&Baseline>) {
        self.stretches = match before {
            Some(before) => Arc::new(self.own_stretches.union(&before.stretches)),
            None => Arc::clone(&self.own_stretches),
        };
    }

    /// What a later run is compared with: duration and cost of the attempt that is looked at.
    pub fn baseline(&self) -> Option<Baseline> {
        let attempt = self.attempt()?;
        let finished = attempt.finished()?;
        Some(Baseline {
            id: attempt.id,
            memory: self.setup.config.memory,
            timeout: self.setup.config.timeout.0,
            duration: finished.report.duration,
            billed_ms: finished.report.billed_ms,
            cost_picodollars: finished.report.cost_picodollars,
            outcome: attempt.outcome().word(),
            lanes: Arc::clone(&self.lanes),
            stretches: Arc::clone(&self.own_stretches),
        })
    }
}

/// What a run before was like.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Of which attempt.
    pub id: AttemptId,
    /// At this memory size.
    pub memory: MemoryMb,
    /// At this timeout.
    pub timeout: u32,
    /// `Duration`.
    pub duration: SimDuration,
    /// `Billed Duration`.
    pub billed_ms: u64,
    /// What it cost.
    pub cost_picodollars: u64,
    /// How it went, in a word.
    pub outcome: &'static str,
    /// The timeline's lanes: they are drawn behind those of the run that is compared with it.
    pub lanes: Arc<Vec<Lane>>,
    stretches: Arc<Stretches>,
}

impl Baseline {
    /// What changed since, in words; none when the two cannot be compared.
    pub fn compared(&self, now: &Shown) -> Option<String> {
        let attempt = now.attempt_of(self.id)?;
        let finished = attempt.finished()?;
        let config = &now.setup.config;
        let than = if config.memory != self.memory {
            format!("at {}", words::memory(self.memory))
        } else if config.timeout.0 != self.timeout {
            format!("with a timeout of {} s", self.timeout)
        } else {
            "before".to_owned()
        };
        let outcome = attempt.outcome().word();
        if outcome != self.outcome {
            return Some(format!(
                "{outcome}; {} {than}",
                self.outcome.to_ascii_lowercase()
            ));
        }
        let speed = words::speed_change(
            self.duration.as_nanos(),
            finished.report.duration.as_nanos(),
        );
        let cost = words::cost_change(self.cost_picodollars, finished.report.cost_picodollars);
        Some(match (speed.as_str(), cost.as_str()) {
            ("as fast", "the same cost") => format!("As fast and as dear as {than}"),
            ("as fast", _) => format!("As fast, {cost} than {than}"),
            (_, "the same cost") => format!("{speed} than {than}, at the same cost"),
            _ => format!("{speed}, {cost} than {than}"),
        })
    }
}
