//! One execution environment: created → Init → idle ⇄ busy → shut down.
//!
//! ```text
//!            ┌── Init failed ──┐                       ┌─ reset: process gone, /tmp kept ─┐
//! created ─ Init ────────── invoked ── (suppressed init) ── handler ── idle ── invoked ───┘
//!                                                                       └──── shut down
//! ```
//!
//! The environment runs its guest and keeps the books on it; when anything happens is the kernel's business. Simplified:
//! making a sandbox and fetching code take no time, and neither do resets and shutdowns (without extensions Lambda gives
//! the Shutdown phase 0 ms).

mod terms;

use std::rc::Rc;

use super::billing;
use super::config::FunctionConfig;
use super::cpu;
use super::event::{
    EnvironmentId, InitPhase, InvocationId, Report, ReportStatus, ResetReason, Usage,
};
use super::runtime::Running;
use super::{invoke, names, surroundings};
use crate::guest::clock::Clock;
use crate::guest::process::{PhaseEnd, PhaseReport, SharedFiles, Surroundings};
use crate::sim::{SimDuration, SimTime, Ticket};

pub use terms::{Begun, Blueprint, InitEnded, InvokeEnded, Task};

/// Limit of an Init phase of its own.
pub const INIT_LIMIT: SimDuration = SimDuration::from_secs(10);

/// How long an idle environment is kept. AWS does not say; minutes to tens of minutes have been seen.
pub const IDLE_LIFETIME: SimDuration = SimDuration::from_secs(600);

/// Memory of the sandbox before any code is loaded: a function whose bootstrap is missing reports 3 MB.
pub const SANDBOX_BYTES: u64 = 3 * MB;

/// Lambda's MB is a MiB.
const MB: u64 = 1024 * 1024;

/// One execution environment.
pub struct Environment {
    id: EnvironmentId,
    log_stream: String,
    state: State,
    task: Option<Task>,
    process: Option<Box<dyn Running>>,
    /// `/tmp`; none once the environment has been shut down.
    files: Option<SharedFiles>,
    /// The most memory ever used, in bytes, sandbox included: it never falls, not even at a reset.
    memory_peak: u64,
    /// Invocations begun.
    served: u32,
    /// Length of the Init phase, until a REPORT has told it.
    init_duration: Option<SimDuration>,
    /// When the Invoke phase began, and what it has used so far.
    invoke: Option<(SimTime, Usage)>,
}

enum State {
    /// Between two phases of one task.
    Between,
    /// The guest starts; the report is of the future.
    Starting(InitPhase, SimTime, PhaseReport),
    /// The guest handles the task; the report is of the future.
    Handling(SimTime, PhaseReport),
    /// Nothing to do until the expiry.
    Idle(Ticket),
    /// Shut down.
    Gone,
}

impl Environment {
    /// A new environment, with an empty `/tmp` and no process.
    pub fn new(id: EnvironmentId, log_stream: String, blueprint: &Blueprint) -> Self {
        let limit = u64::from(blueprint.config.ephemeral_storage_mb) * MB;
        Self {
            id,
            log_stream,
            state: State::Between,
            task: None,
            process: None,
            files: Some(blueprint.code.files(limit)),
            memory_peak: sandbox_bytes(blueprint).min(blueprint.config.memory.bytes()),
            served: 0,
            init_duration: None,
            invoke: None,
        }
    }

    /// Its number.
    pub fn id(&self) -> EnvironmentId {
        self.id
    }

    /// Its log stream.
    pub fn log_stream(&self) -> &str {
        &self.log_stream
    }

    /// Gives it a task: it is busy from now on. Returns the expiry it waited for, when it was idle.
    pub fn assign(&mut self, task: Task) -> Option<Ticket> {
        self.task = Some(task);
        match std::mem::replace(&mut self.state, State::Between) {
            State::Idle(expiry) => Some(expiry),
            _ => None,
        }
    }

    /// What it is working on.
    pub fn invocation(&self) -> Option<InvocationId> {
        self.task.as_ref().map(|task| task.invocation)
    }

    /// Whether an invocation has to begin with a suppressed init.
    pub fn needs_init(&self) -> bool {
        self.process.is_none()
    }

    /// Starts a process: an Init phase of its own, or one inside the Invoke phase, under the function's timeout and at its
    /// CPU share.
    pub fn begin_init(
        &mut self,
        blueprint: &Blueprint,
        phase: InitPhase,
        now: SimTime,
        random_seed: u64,
    ) -> Begun {
        let clock = match phase {
            InitPhase::Init => Clock::new(now, now + INIT_LIMIT, cpu::init_bandwidth()),
            InitPhase::Invoke => Clock::new(
                now,
                self.deadline(blueprint, now),
                cpu::bandwidth(blueprint.config.memory),
            ),
        };
        let surroundings = Surroundings {
            arguments: vec!["bootstrap".to_owned()],
            variables: surroundings::variables(&blueprint.config, &self.log_stream),
            memory_limit: blueprint
                .config
                .memory
                .bytes()
                .saturating_sub(sandbox_bytes(blueprint)),
            random_seed,
            epoch_ms: blueprint.epoch_ms,
        };
        let files = self
            .files
            .clone()
            .unwrap_or_else(|| blueprint.code.files(0));
        let (mut report, process) =
            blueprint
                .code
                .start(surroundings, files, clock, Rc::clone(&blueprint.watch));
        self.process = process;
        let begun = Begun::of(&mut report);
        self.state = State::Starting(phase, now, report);
        begun
    }

    /// The Init that was begun has ended. None when none was.
    pub fn end_init(&mut self, blueprint: &Blueprint) -> Option<InitEnded> {
        let State::Starting(phase, started, report) =
            std::mem::replace(&mut self.state, State::Between)
        else {
            return None;
        };
        let usage = self.account(blueprint, started, &report);
        if !report.end.is_alive() || matches!(report.end, PhaseEnd::Failed { .. }) {
            self.process = None;
        }
        match (phase, &self.process) {
            (InitPhase::Init, Some(_)) => self.init_duration = Some(usage.duration),
            (InitPhase::Init, None) => {}
            (InitPhase::Invoke, _) => {
                if let Some((_, so_far)) = &mut self.invoke {
                    add(so_far, &usage);
                }
            }
        }
        Some(InitEnded {
            phase,
            error_type: invoke::error_type(&report.end),
            end: without_answer(report.end),
            usage,
        })
    }

    /// The Invoke phase begins. Returns the task and whether it is this environment's first.
    pub fn begin_invoke(&mut self, now: SimTime) -> Option<(&Task, bool)> {
        self.served = self.served.saturating_add(1);
        self.invoke = Some((now, Usage::default()));
        let cold = self.served == 1;
        self.task.as_ref().map(|task| (task, cold))
    }

    /// Hands the task's event to the process. None when there is no process or no task.
    ///
    /// The first CPU period begins here; after a suppressed init that is up to one quota more than Lambda would give.
    pub fn begin_handling(&mut self, blueprint: &Blueprint, now: SimTime) -> Option<Begun> {
        let deadline = self.deadline(blueprint, now);
        let task = self.task.as_ref()?;
        let context = surroundings::context(
            &blueprint.config,
            task.request_id,
            names::calendar_ms(blueprint.epoch_ms, deadline),
            &task.trace_id,
        );
        let clock = Clock::new(now, deadline, cpu::bandwidth(blueprint.config.memory));
        let mut report = self.process.as_mut()?.handle(&task.event, &context, clock);
        let begun = Begun::of(&mut report);
        self.state = State::Handling(now, report);
        Some(begun)
    }

    /// The handler has ended. None when none was running.
    pub fn end_handling(&mut self, blueprint: &Blueprint) -> Option<InvokeEnded> {
        let State::Handling(started, report) = std::mem::replace(&mut self.state, State::Between)
        else {
            return None;
        };
        let usage = self.account(blueprint, started, &report);
        if let Some((_, so_far)) = &mut self.invoke {
            add(so_far, &usage);
        }
        self.end_invoke(blueprint, report.end, false)
    }

    /// The Invoke phase ends with this: after the handler, or after a suppressed init that failed.
    pub fn end_invoke(
        &mut self,
        blueprint: &Blueprint,
        end: PhaseEnd,
        during_init: bool,
    ) -> Option<InvokeEnded> {
        let config = &blueprint.config;
        let task = self.task.take()?;
        let (_, mut usage) = self.invoke.take()?;
        usage.memory_peak = self.memory_peak;
        let (response, status) =
            invoke::outcome(&end, during_init, task.request_id, config.timeout);
        let reset = (during_init || !end.is_alive()).then(|| {
            self.process = None;
            match end {
                PhaseEnd::TimedOut => ResetReason::Timeout,
                _ => ResetReason::Crash,
            }
        });
        let report = self.report(config, &usage, status, task.requests);
        Some(InvokeEnded {
            task,
            end: without_answer(end),
            response,
            usage,
            report,
            reset,
        })
    }

    /// Nothing to do until `expiry`.
    pub fn rest(&mut self, expiry: Ticket) {
        self.state = State::Idle(expiry);
    }

    /// The idle environment is ended: process and `/tmp` are gone.
    pub fn shut_down(&mut self) {
        self.state = State::Gone;
        self.process = None;
        self.files = None;
    }

    fn report(
        &mut self,
        config: &FunctionConfig,
        usage: &Usage,
        status: Option<ReportStatus>,
        requests: u64,
    ) -> Report {
        let init_duration = self.init_duration.take();
        // Since August 2025 a cold start bills both together, rounded up once.
        let billed_ms = usage
            .duration
            .saturating_add(init_duration.unwrap_or_default())
            .as_millis_ceil();
        let cost = billing::charge(config, billed_ms, requests);
        Report {
            duration: usage.duration,
            init_duration,
            billed_ms,
            memory_size: config.memory,
            max_memory_used_mb: u32::try_from(self.memory_peak.div_ceil(MB)).unwrap_or(u32::MAX),
            status,
            cost_picodollars: cost.total(),
        }
    }

    /// When the Invoke phase must be over.
    fn deadline(&self, blueprint: &Blueprint, now: SimTime) -> SimTime {
        let began = self.invoke.map_or(now, |(began, _)| began);
        began + SimDuration::from_secs(u64::from(blueprint.config.timeout.0))
    }

    /// Turns a guest's report into usage, and raises the memory's high-water mark.
    fn account(&mut self, blueprint: &Blueprint, started: SimTime, report: &PhaseReport) -> Usage {
        let memory = blueprint.config.memory.bytes();
        let peak = if report.end == PhaseEnd::OutOfMemory {
            memory
        } else {
            sandbox_bytes(blueprint)
                .saturating_add(report.memory_peak)
                .min(memory)
        };
        self.memory_peak = self.memory_peak.max(peak);
        Usage {
            duration: report.ended.since(started),
            fuel: report.fuel,
            cpu: report.cpu,
            frozen: report.frozen,
            waited: report.waited,
            memory_peak: self.memory_peak,
        }
    }
}

/// Memory that is used before the guest's linear memories.
fn sandbox_bytes(blueprint: &Blueprint) -> u64 {
    SANDBOX_BYTES.saturating_add(blueprint.code.size())
}

/// An answer can be 6 MB; it stands in the response, and once is enough.
fn without_answer(end: PhaseEnd) -> PhaseEnd {
    match end {
        PhaseEnd::Done(_) => PhaseEnd::Done(Vec::new()),
        end => end,
    }
}

fn add(sum: &mut Usage, part: &Usage) {
    sum.duration += part.duration;
    sum.fuel += part.fuel;
    sum.cpu += part.cpu;
    sum.frozen += part.frozen;
    sum.waited += part.waited;
    sum.memory_peak = sum.memory_peak.max(part.memory_peak);
}
