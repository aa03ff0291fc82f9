//! The protocol between page and worker, and the one running cloud behind it.
//!
//! A [`Session`] is the same in both tiers and natively: it is given an engine, a way to send [`protocol::Update`]s and a
//! real clock, which it uses for progress and patience only.

pub mod desk;
pub mod files;
pub mod protocol;
mod run;
pub mod tune;
pub mod watching;
#[cfg(target_arch = "wasm32")]
pub mod worker;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest as _, Sha256};

use crate::guest::describe::Inspection;
use crate::guest::engine::Engine;
use crate::guest::program::Program;
use crate::problem::Problem;
use crate::scenario::ModuleHash;
use protocol::{Command, Update};
use run::Run;
use tune::Tune;

/// Where updates go.
pub type Outbox = Rc<RefCell<dyn FnMut(Update)>>;

/// Real microseconds from any fixed start. For progress and patience, never for results.
pub type RealClock = Rc<dyn Fn() -> u64>;

/// One page's worker: the modules it was given, and at most one run.
pub struct Session {
    engine: Rc<dyn Engine>,
    programs: BTreeMap<ModuleHash, Rc<Program>>,
    run: Option<Run>,
    tune: Option<Tune>,
    outbox: Outbox,
    clock: RealClock,
}

impl Session {
    /// A session on `engine`. Says [`Update::Ready`] at once.
    pub fn new(engine: Rc<dyn Engine>, outbox: Outbox, clock: RealClock) -> Self {
        let session = Self {
            engine,
            programs: BTreeMap::new(),
            run: None,
            tune: None,
            outbox,
            clock,
        };
        session.send(Update::Ready {
            tier: session.engine.tier(),
        });
        session
    }

    /// Obeys a command. A `Run` only begins here: [`Session::pump`] does the work.
    pub fn handle(&mut self, command: Command) {
        match command {
            Command::Tune {
                tune,
                scenario,
                patience_ms,
            } => {
                if let Some(program) = self.programs.get(&scenario.module) {
                    let (outbox, clock) = (Rc::clone(&self.outbox), Rc::clone(&self.clock));
                    let program = Rc::clone(program);
                    self.tune = Some(Tune::new(
                        tune,
                        &scenario,
                        program,
                        patience_ms,
                        outbox,
                        clock,
                    ));
                }
            }
            Command::Ask(question) => {
                if let Some(answer) = desk::answer(question) {
                    self.send(Update::Answer(answer));
                }
            }
            Command::Inspect { token, name, bytes } => self.inspect(token, &name, &bytes),
            Command::Run {
                run,
                scenario,
                patience_ms,
            } => {
                self.run = None;
                self.tune = None;
                let missing = |module: &&ModuleHash| !self.programs.contains_key(*module);
                if scenario.modules().iter().any(missing) {
                    let problem = Problem::error(
                        "scenario.module",
                        "module",
                        "This scenario's function is not loaded.",
                        "Choose an example or drop its .wasm file on the page.",
                    );
                    return self.send(Update::Refused {
                        run,
                        problems: vec![problem],
                    });
                }
                let outbox = Rc::clone(&self.outbox);
                let clock = Rc::clone(&self.clock);
                match Run::new(run, &scenario, &self.programs, patience_ms, outbox, clock) {
                    Ok(started) => self.run = Some(started),
                    Err(problems) => self.send(Update::Refused { run, problems }),
                }
            }
        }
    }

    /// Works for about `budget_us` real microseconds, longer only while one guest phase runs. Answers whether there is
    /// more to do.
    pub fn pump(&mut self, budget_us: u64) -> bool {
        if let Some(run) = &mut self.run {
            if !run.pump(budget_us) {
                self.run = None;
            }
        } else if let Some(tune) = &mut self.tune
            && !tune.pump(budget_us)
        {
            self.tune = None;
        }
        self.run.is_some() || self.tune.is_some()
    }

    fn inspect(&mut self, token: u32, name: &str, bytes: &[u8]) {
        let update = match crate::guest::describe::inspect(name, bytes) {
            Inspection::NeedsCompiling { text } => Update::NeedsCompiling { token, text },
            Inspection::Rejected { problems, report } => Update::Rejected {
                token,
                problems,
                report: report.map(Box::new),
            },
            Inspection::Runnable {
                module_bytes,
                metered,
                report,
                problems,
            } => match Program::link(&*self.engine, &module_bytes, &metered) {
                Ok(program) => {
                    let module = hash_of(&module_bytes);
                    self.programs.insert(module.clone(), program);
                    Update::Accepted {
                        token,
                        module,
                        report: Box::new(report),
                        problems,
                    }
                }
                Err(problems) => Update::Rejected {
                    token,
                    problems,
                    report: Some(Box::new(report)),
                },
            },
        };
        self.send(update);
    }

    fn send(&self, update: Update) {
        (self.outbox.borrow_mut())(update);
    }
}

/// The name of a module in scenarios: the SHA-256 of its bytes in hexadecimal.
pub fn hash_of(module: &[u8]) -> ModuleHash {
    let digest = Sha256::digest(module);
    ModuleHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
