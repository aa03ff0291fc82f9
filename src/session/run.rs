//! One run of a scenario: the cloud, stepped in portions, its trace sent on in batches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::protocol::Update;
use super::watching::Watching;
use super::{Outbox, RealClock};
use crate::guest::process::{Progress, Verdict, Watch};
use crate::guest::program::Program;
use crate::lambda::cloud::Cloud;
use crate::lambda::runtime::Code;
use crate::problem::Problem;
use crate::scenario::{ModuleHash, Scenario};

/// Real time between two progress updates.
const PROGRESS_EVERY_US: u64 = 100_000;

/// The most entries in one message, so that neither side is busy with one for long.
const BATCH: usize = 2_048;

/// So many steps of a run are told one by one.
const EAGER_STEPS: u32 = 200;

/// Steps without a guest between two looks at the clock.
const STEPS: u32 = 64;

pub(super) struct Run {
    number: u32,
    cloud: Cloud,
    pace: Rc<RefCell<Pace>>,
    outbox: Outbox,
    watching: Watching,
    steps: u32,
}

/// What of real time a run needs to know.
pub(super) struct Pace {
    clock: RealClock,
    began_us: u64,
    /// When the kernel step that is running began: patience is counted from here.
    step_began_us: u64,
    told_us: u64,
}

impl Pace {
    pub(super) fn new(clock: RealClock) -> Self {
        let now = clock();
        Self {
            clock,
            began_us: now,
            step_began_us: now,
            told_us: now,
        }
    }

    pub(super) fn now_us(&self) -> u64 {
        (self.clock)()
    }

    /// Patience begins anew.
    pub(super) fn step_begins(&mut self) {
        self.step_began_us = self.now_us();
    }
}

impl Run {
    pub(super) fn new(
        number: u32,
        scenario: &Scenario,
        programs: &BTreeMap<ModuleHash, Rc<Program>>,
        patience_ms: u32,
        outbox: Outbox,
        clock: RealClock,
    ) -> Result<Self, Vec<Problem>> {
        let pace = Rc::new(RefCell::new(Pace::new(clock)));
        let watch = watch(Some(number), patience_ms, &pace, &outbox);
        let code = |module: &ModuleHash| -> Option<Rc<dyn Code>> {
            Some(Rc::new(Rc::clone(programs.get(module)?)))
        };
        let cloud = Cloud::with_modules(scenario, &code, watch)?;
        Ok(Self {
            number,
            cloud,
            pace,
            outbox,
            watching: Watching::new(),
            steps: 0,
        })
    }

    /// Steps the cloud; answers whether there is more to do.
    pub(super) fn pump(&mut self, budget_us: u64) -> bool {
        let began = self.pace.borrow().now_us();
        self.pace.borrow_mut().step_begins();
        loop {
            // A step can be a long one, and be cancelled: what is known before it is told before it. In a large run, whose
            // steps are many and short, that would cost more than it tells.
            if self.steps < EAGER_STEPS {
                self.send_entries();
            }
            self.steps = self.steps.saturating_add(1);
            let guests = self.cloud.guest_phases();
            let more = self.cloud.step();
            // Only guests take long. Reading a clock after every step of a model would take longer than the step.
            let short = self.cloud.guest_phases() == guests && !self.steps.is_multiple_of(STEPS);
            if more && short {
                continue;
            }
            let now = self.pace.borrow().now_us();
            self.pace.borrow_mut().step_begins();
            if !more || now.saturating_sub(began) >= budget_us {
                self.send_entries();
                if !more {
                    self.send(Update::Whole {
                        run: self.number,
                        series: self.watching.series(),
                        totals: self.watching.totals,
                        costs: Box::new(self.watching.costs()),
                    });
                    let real_us = now.saturating_sub(self.pace.borrow().began_us);
                    self.send(Update::Finished {
                        run: self.number,
                        end: self.cloud.end(),
                        real_us,
                    });
                }
                return more;
            }
        }
    }

    fn send_entries(&mut self) {
        let taken = self.cloud.take_entries();
        let mut entries = self.watching.read(taken);
        while !entries.is_empty() {
            let rest = entries.split_off(entries.len().min(BATCH));
            self.send(Update::Entries {
                run: self.number,
                entries,
            });
            entries = rest;
        }
    }

    fn send(&self, update: Update) {
        (self.outbox.borrow_mut())(update);
    }
}

/// Tells the page how far a running guest is, when it is to know, and gives up when the host's patience ends.
pub(super) fn watch(
    run: Option<u32>,
    patience_ms: u32,
    pace: &Rc<RefCell<Pace>>,
    outbox: &Outbox,
) -> Watch {
    let (pace, outbox) = (Rc::clone(pace), Rc::clone(outbox));
    let patience_us = u64::from(patience_ms).saturating_mul(1_000);
    Rc::new(RefCell::new(move |progress: Progress| {
        let mut pace = pace.borrow_mut();
        let now = pace.now_us();
        if let Some(run) = run
            && now.saturating_sub(pace.told_us) >= PROGRESS_EVERY_US
        {
            pace.told_us = now;
            (outbox.borrow_mut())(Update::Progress {
                run,
                now: progress.now,
                fuel: progress.fuel,
                real_ms: u32::try_from(now.saturating_sub(pace.began_us) / 1_000)
                    .unwrap_or(u32::MAX),
            });
        }
        if now.saturating_sub(pace.step_began_us) >= patience_us {
            Verdict::GiveUp
        } else {
            Verdict::Continue
        }
    }))
}
