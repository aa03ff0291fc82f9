//! Power tuning: the same two requests - one cold, one warm - at every size of a ladder.

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::protocol::Update;
use super::run::Pace;
use super::{Outbox, RealClock};
use crate::guest::process::PhaseEnd;
use crate::guest::program::Program;
use crate::lambda::cloud::Cloud;
use crate::lambda::config::MemoryMb;
use crate::lambda::event::Entry;
use crate::lambda::summary::{self, AttemptSummary};
use crate::problem::Problem;
use crate::scenario::{Arrival, Scenario, When};
use crate::sim::SimDuration;

/// The sizes that are tried, in MB: finer where a vCPU is divided.
pub const LADDER: [u32; 14] = [
    128, 192, 256, 384, 512, 768, 1_024, 1_280, 1_536, 1_769, 2_048, 3_008, 5_120, 10_240,
];

/// What one size makes of the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Point {
    /// The size.
    pub memory: MemoryMb,
    /// The first request, which finds no environment.
    pub cold: Measured,
    /// The second, which finds the environment of the first unless it was lost.
    pub warm: Measured,
}

/// One request at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// `Init Duration`, where there was one.
    pub init: SimDuration,
    /// `Duration`.
    pub duration: SimDuration,
    /// `Billed Duration` in milliseconds.
    pub billed_ms: u64,
    /// What it costs, in picodollars.
    pub cost_picodollars: u64,
    /// How it went.
    pub verdict: Verdict,
}

/// How a request of the ladder went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The function answered.
    Answered,
    /// It answered with an error of its own, or crashed.
    Failed,
    /// The timeout ended it.
    TimedOut,
    /// The size was too small.
    OutOfMemory,
    /// We, not Lambda, stopped it: our patience was at an end.
    CutOff,
}

/// A ladder being climbed.
pub(super) struct Tune {
    number: u32,
    scenario: Scenario,
    program: Rc<Program>,
    patience_ms: u32,
    pace: Rc<RefCell<Pace>>,
    outbox: Outbox,
    /// Index in [`LADDER`] of the size to try next.
    next: usize,
    running: Option<Rung>,
}

struct Rung {
    memory: MemoryMb,
    cloud: Cloud,
    entries: Vec<Entry>,
}

impl Tune {
    /// The last request of `scenario`, twice, at every size.
    pub(super) fn new(
        number: u32,
        scenario: &Scenario,
        program: Rc<Program>,
        patience_ms: u32,
        outbox: Outbox,
        clock: RealClock,
    ) -> Self {
        let mut scenario = scenario.clone();
        if let Some(last) = scenario.arrivals.pop() {
            let request = |when| Arrival {
                when,
                ..last.clone()
            };
            scenario.arrivals = vec![
                request(When::AfterPrevious(SimDuration::ZERO)),
                request(When::AfterPrevious(SimDuration::from_secs(1))),
            ];
        }
        Self {
            number,
            scenario,
            program,
            patience_ms,
            pace: Rc::new(RefCell::new(Pace::new(clock))),
            outbox,
            next: 0,
            running: None,
        }
    }

    /// Works for about `budget_us`; answers whether there is more to do.
    pub(super) fn pump(&mut self, budget_us: u64) -> bool {
        let began = self.pace.borrow().now_us();
        loop {
            let more = match self.step() {
                Ok(more) => more,
                Err(problems) => {
                    self.send(Update::TuneRefused {
                        tune: self.number,
                        problems,
                    });
                    return false;
                }
            };
            if !more {
                self.send(Update::Tuned { tune: self.number });
                return false;
            }
            if self.pace.borrow().now_us().saturating_sub(began) >= budget_us {
                return true;
            }
        }
    }

    fn step(&mut self) -> Result<bool, Vec<Problem>> {
        self.pace.borrow_mut().step_begins();
        let Some(rung) = &mut self.running else {
            let Some(memory) = LADDER.get(self.next) else {
                return Ok(false);
            };
            self.next += 1;
            let memory = MemoryMb(*memory);
            self.scenario.function.memory = memory;
            let watch = super::run::watch(None, self.patience_ms, &self.pace, &self.outbox);
            let cloud = Cloud::new(&self.scenario, Rc::new(Rc::clone(&self.program)), watch)?;
            self.running = Some(Rung {
                memory,
                cloud,
                entries: Vec::new(),
            });
            return Ok(true);
        };
        let more = rung.cloud.step();
        rung.entries.extend(rung.cloud.take_entries());
        if !more && let Some(rung) = self.running.take() {
            self.send(Update::TunePoint {
                tune: self.number,
                point: rung.point(),
            });
        }
        Ok(true)
    }

    fn send(&self, update: Update) {
        (self.outbox.borrow_mut())(update);
    }
}

impl Rung {
    fn point(self) -> Point {
        let stories = summary::invocations(&self.entries);
        let measured =
            |index: usize| measured(stories.get(index).and_then(|story| story.attempts.first()));
        Point {
            memory: self.memory,
            cold: measured(0),
            warm: measured(1),
        }
    }
}

/// What an attempt came to; one that did not end was cut off.
fn measured(attempt: Option<&AttemptSummary>) -> Measured {
    let cut_off = Measured {
        init: SimDuration::ZERO,
        duration: SimDuration::ZERO,
        billed_ms: 0,
        cost_picodollars: 0,
        verdict: Verdict::CutOff,
    };
    let Some(attempt) = attempt else {
        return cut_off;
    };
    let (Some(end), Some(report)) = (&attempt.end, &attempt.report) else {
        return cut_off;
    };
    let verdict = match end {
        PhaseEnd::TimedOut => Verdict::TimedOut,
        PhaseEnd::OutOfMemory => Verdict::OutOfMemory,
        PhaseEnd::OutOfPatience => Verdict::CutOff,
        _ if attempt.failed() => Verdict::Failed,
        _ => Verdict::Answered,
    };
    Measured {
        init: report.init_duration.unwrap_or(SimDuration::ZERO),
        duration: report.duration,
        billed_ms: report.billed_ms,
        cost_picodollars: report.cost_picodollars,
        verdict,
    }
}
