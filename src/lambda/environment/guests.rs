//! Guests started and handed events: an environment's own process, or one of the cache's.

use std::rc::Rc;

use super::cache::{Real, Runner, Step};
use super::terms::{Blueprint, Chance};
use super::{Environment, InitPhase, MB, Process, sandbox_bytes};
use crate::guest::clock::{Bandwidth, Clock};
use crate::guest::process::{PhaseReport, SharedFiles, Surroundings};
use crate::lambda::event::{InvocationId, RequestId, Sent};
use crate::lambda::function::Package;
use crate::lambda::runtime::Code;
use crate::lambda::{cpu, names, surroundings};
use crate::sim::{SimTime, digest};

impl Environment {
    /// Starts this environment's own process.
    pub(super) fn start_guest(
        &mut self,
        blueprint: &Blueprint,
        phase: InitPhase,
        now: SimTime,
        deadline: SimTime,
        chance: &mut Chance,
    ) -> PhaseReport {
        let Package::Code(code) = &blueprint.package else {
            return PhaseReport::new(
                crate::guest::process::PhaseEnd::Exited(0),
                &Clock::new(now, deadline, Bandwidth::WHOLE),
                0,
                Vec::new(),
            );
        };
        let surroundings = self.surroundings(blueprint, chance.guest_seeds.next_u64());
        let files = self.files.clone().unwrap_or_else(|| code.files(0));
        let clock = Clock::new(
            now,
            deadline,
            bandwidth(blueprint, phase == InitPhase::Invoke),
        );
        let (report, process) = code.start(surroundings, files, clock, Rc::clone(&blueprint.watch));
        self.process = process.map_or(Process::None, Process::Guest);
        report
    }

    /// Takes a step with cached code. Returns its report, and whether it was known before.
    pub(super) fn cached(
        &mut self,
        blueprint: &Blueprint,
        step: Step,
        now: SimTime,
        sent: Option<&Sent>,
    ) -> (PhaseReport, bool) {
        let (Some(cache), Package::Cached(code)) = (&blueprint.cache, &blueprint.package) else {
            let nothing = Clock::new(now, now, Bandwidth::WHOLE);
            let end = crate::guest::process::PhaseEnd::Exited(0);
            return (PhaseReport::new(end, &nothing, 0, Vec::new()), false);
        };
        // All environments that share outcomes have the same random numbers.
        let seed = digest(blueprint.seed, u64::from(blueprint.function.0), 0);
        let seed = u64::from_be_bytes(seed.first_chunk().copied().unwrap_or_default());
        let mut runner = Guests {
            code,
            blueprint,
            surroundings: self.surroundings(blueprint, seed),
            now,
            invocation: self.task.map(|task| task.identity),
            sent,
        };
        let (mut report, history, reused) =
            cache
                .borrow_mut()
                .step(self.history, step, now, &mut runner);
        self.history = history;
        if reused {
            // The code did not run again, but what it does to others is done again.
            for call in &mut report.calls {
                call.reply = blueprint
                    .outside
                    .answer(call.at, &call.operation, &call.body);
            }
        }
        (report, reused)
    }

    fn surroundings(&self, blueprint: &Blueprint, random_seed: u64) -> Surroundings {
        Surroundings {
            arguments: vec!["bootstrap".to_owned()],
            variables: surroundings::variables(
                &blueprint.config,
                &blueprint.version,
                self.provisioned.is_some(),
                &self.log_stream(blueprint),
            ),
            memory_limit: blueprint
                .config
                .memory
                .bytes()
                .saturating_sub(sandbox_bytes(blueprint)),
            random_seed,
            epoch_ms: blueprint.epoch_ms,
            outside: blueprint.outside.clone(),
        }
    }
}

/// Runs the cache's steps for real.
struct Guests<'a> {
    code: &'a Rc<dyn Code>,
    blueprint: &'a Blueprint,
    surroundings: Surroundings,
    now: SimTime,
    invocation: Option<InvocationId>,
    sent: Option<&'a Sent>,
}

impl Runner for Guests<'_> {
    fn files(&self) -> SharedFiles {
        let limit = u64::from(self.blueprint.config.ephemeral_storage_mb) * MB;
        self.code.files(limit)
    }

    fn clock(&self, step: &Step) -> Clock {
        let (suppressed, limit) = match step {
            Step::Start { suppressed, limit } => (*suppressed, *limit),
            Step::Event { limit, .. } => (true, *limit),
        };
        Clock::new(
            self.now,
            self.now + limit,
            bandwidth(self.blueprint, suppressed),
        )
    }

    fn run(&mut self, real: &mut Real, step: &Step, clock: Clock) -> PhaseReport {
        match step {
            Step::Start { .. } => {
                let (report, process) = self.code.start(
                    self.surroundings.clone(),
                    Rc::clone(&real.files),
                    clock,
                    Rc::clone(&self.blueprint.watch),
                );
                real.process = process;
                report
            }
            Step::Event { event, .. } => {
                let unknown = Sent {
                    payload: std::sync::Arc::clone(event),
                    ..Sent::default()
                };
                let sent = self.sent.unwrap_or(&unknown);
                let invocation = self.invocation.unwrap_or(InvocationId(0));
                let context = context(self.blueprint, invocation, sent, self.now, clock.deadline());
                let report = match &mut real.process {
                    Some(process) => process.handle(unknown.event(), &context, clock),
                    // Histories only hold events that a process was there for.
                    None => PhaseReport::new(
                        crate::guest::process::PhaseEnd::Exited(0),
                        &clock,
                        0,
                        Vec::new(),
                    ),
                };
                if !report.end.is_alive() {
                    real.process = None;
                }
                report
            }
        }
    }
}

/// The variables of one invocation.
pub(super) fn context(
    blueprint: &Blueprint,
    invocation: InvocationId,
    sent: &Sent,
    now: SimTime,
    deadline: SimTime,
) -> Vec<(String, String)> {
    let name = &blueprint.config.name;
    let arn = match &sent.qualifier {
        Some(qualifier) => names::qualified_arn(name, qualifier),
        None => names::function_arn(name),
    };
    surroundings::context(
        &arn,
        RequestId::of(blueprint.seed, invocation),
        names::calendar_ms(blueprint.epoch_ms, deadline),
        &names::trace_id(blueprint.epoch_ms, now, blueprint.seed, invocation),
    )
}

/// CPU in an Init phase of its own, or in the Invoke phase.
fn bandwidth(blueprint: &Blueprint, in_invoke: bool) -> Bandwidth {
    if in_invoke {
        cpu::bandwidth(blueprint.config.memory)
    } else {
        cpu::init_bandwidth()
    }
}
