//! A run as it is shown: its trace, and everything that is derived from it once.

use std::sync::Arc;

use super::Setup;
use crate::lambda::config::MemoryMb;
use crate::lambda::event::{Entry, Event};
use crate::lambda::logs::{self, LogRecord};
use crate::session::watching::{Costs, Series, Totals};
use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::{self, Attempt, AttemptId};
use crate::ui::timeline::{self, Axis, Lane, Stretches};
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

/// The run that is shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its number.
    pub run: u32,
    /// What was run.
    pub setup: Arc<Setup>,
    /// How it ended.
    pub ending: Ending,
    /// The trace, in the order of time.
    pub entries: Arc<Vec<Entry>>,
    /// The attempts in it.
    pub attempts: Vec<Attempt>,
    /// Which one is looked at.
    pub selected: Option<AttemptId>,
    /// The CloudWatch log.
    pub log: Arc<Vec<LogRecord>>,
    /// The timeline's lanes.
    pub lanes: Arc<Vec<Lane>>,
    /// When something happened, for the axis.
    pub stretches: Arc<Stretches>,
    /// The last instant of what is drawn.
    pub end: SimTime,
    /// The last instant of the whole run.
    pub run_end: SimTime,
    /// Metrics and sums, of what is not in `entries` too.
    pub whole: Arc<Whole>,
}

impl Shown {
    /// Reads a trace.
    pub fn new(
        run: u32,
        setup: Arc<Setup>,
        ending: Ending,
        mut entries: Vec<Entry>,
        whole: Whole,
        end: SimTime,
    ) -> Self {
        // A guest's lines may lie ahead of the kernel's clock: see `sim::Trace`.
        entries.sort_by_key(|entry| entry.at);
        let run_end = entries.last().map_or(end, |last| end.max(last.at));
        // Of a large run only the beginning is here; nothing is drawn as if it lasted to the end.
        let end = match entries.last() {
            Some(last) if whole.totals.cut => last.at,
            _ => run_end,
        };
        let attempts = attempts::attempts(&entries);
        let selected = attempts.last().map(|attempt| attempt.id);
        let lanes = timeline::lanes(&entries, end);
        let busy: Vec<(SimTime, SimTime)> = lanes
            .iter()
            .flat_map(|lane| &lane.bars)
            .filter(|bar| bar.is_busy())
            .map(|bar| (bar.from, bar.to))
            .collect();
        let instants = entries.iter().map(|entry| entry.at).chain([end]);
        let stretches = Arc::new(Stretches::new(instants, &busy));
        Self {
            run,
            setup,
            ending,
            log: Arc::new(logs::lines(&entries)),
            entries: Arc::new(entries),
            attempts,
            selected,
            lanes: Arc::new(lanes),
            stretches,
            end,
            run_end,
            whole: Arc::new(whole),
        }
    }

    /// The attempt that is looked at.
    pub fn attempt(&self) -> Option<&Attempt> {
        let id = self.selected?;
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// Why we, not Lambda, ended it, and whether more patience would help.
    pub fn cut_off(&self) -> Option<(&str, bool)> {
        self.entries.iter().find_map(|entry| match &entry.event {
            Event::CutOff { reason, patience } => Some((reason.as_str(), *patience)),
            _ => None,
        })
    }

    /// The axis of this run at a width.
    pub fn axis(&self, unfolded: &std::collections::BTreeSet<SimTime>, width: f64) -> Axis {
        self.stretches.axis(unfolded, width)
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
        })
    }
}

/// What a run before was like.
#[derive(Debug, Clone, PartialEq)]
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
}

impl Baseline {
    /// What changed since, in words; none when the two cannot be compared.
    pub fn compared(&self, now: &Shown) -> Option<String> {
        let attempt = now.attempts.iter().find(|attempt| attempt.id == self.id)?;
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
