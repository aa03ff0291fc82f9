//! One run of a scenario: the cloud, stepped in portions, its trace sent on in batches.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::protocol::Update;
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
const BATCH: usize = 4_096;

/// Steps without a guest between two looks at the clock.
const STEPS: u32 = 64;

pub(super) struct Run {
    number: u32,
    cloud: Cloud,
    pace: Rc<RefCell<Pace>>,
    outbox: Outbox,
}

/// What of real time a run needs to know.
struct Pace {
    clock: RealClock,
    began_us: u64,
    /// When the kernel step that is running began: patience is counted from here.
    step_began_us: u64,
    told_us: u64,
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
        let now = clock();
        let pace = Rc::new(RefCell::new(Pace {
            clock,
            began_us: now,
            step_began_us: now,
            told_us: now,
        }));
        let watch = watch(number, patience_ms, Rc::clone(&pace), Rc::clone(&outbox));
        let code = |module: &ModuleHash| -> Option<Rc<dyn Code>> {
            Some(Rc::new(Rc::clone(programs.get(module)?)))
        };
        let cloud = Cloud::with_modules(scenario, &code, watch)?;
        Ok(Self {
            number,
            cloud,
            pace,
            outbox,
        })
    }

    /// Steps the cloud; answers whether there is more to do.
    pub(super) fn pump(&mut self, budget_us: u64) -> bool {
        let began = self.now_us();
        self.pace.borrow_mut().step_began_us = began;
        let mut steps = 0_u32;
        loop {
            let guests = self.cloud.guest_phases();
            let more = self.cloud.step();
            steps += 1;
            // Only guests take long. Reading a clock after every step of a model would take longer than the step.
            let short = self.cloud.guest_phases() == guests && !steps.is_multiple_of(STEPS);
            if more && short {
                continue;
            }
            let now = self.now_us();
            self.pace.borrow_mut().step_began_us = now;
            if !more || now.saturating_sub(began) >= budget_us {
                self.send_entries();
                if !more {
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
        let mut entries = self.cloud.take_entries();
        while !entries.is_empty() {
            let rest = entries.split_off(entries.len().min(BATCH));
            self.send(Update::Entries {
                run: self.number,
                entries,
            });
            entries = rest;
        }
    }

    fn now_us(&self) -> u64 {
        let clock = Rc::clone(&self.pace.borrow().clock);
        clock()
    }

    fn send(&self, update: Update) {
        (self.outbox.borrow_mut())(update);
    }
}

/// Tells the page how far a running guest is, and gives up when the host's patience ends.
fn watch(run: u32, patience_ms: u32, pace: Rc<RefCell<Pace>>, outbox: Outbox) -> Watch {
    let patience_us = u64::from(patience_ms).saturating_mul(1_000);
    Rc::new(RefCell::new(move |progress: Progress| {
        let mut pace = pace.borrow_mut();
        let now = (pace.clock)();
        if now.saturating_sub(pace.told_us) >= PROGRESS_EVERY_US {
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
