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

mod cache;
mod ending;
mod guests;
mod terms;
mod work;

use std::sync::Arc;

use super::cpu;
use super::drill::{Fate, Injected};
use super::event::{EnvironmentId, InitPhase, InvocationId, Origin, Sent, Usage};
use super::function::Package;
use super::runtime::Running;
use super::{invoke, names};
use crate::guest::clock::Clock;
use crate::guest::process::{MemoryPoint, PhaseEnd, PhaseReport, SharedFiles};
use crate::sim::{SimDuration, SimTime};

use cache::{StateId, Step};
pub use terms::{Begun, Blueprint, Chance, InitEnded, InvokeEnded, Task};
use work::Work;

/// Limit of an Init phase of its own.
pub const INIT_LIMIT: SimDuration = SimDuration::from_secs(10);

/// Limit of an Init phase with provisioned concurrency; the function's timeout, when that is longer.
pub const PROVISIONED_INIT_LIMIT: SimDuration = SimDuration::from_secs(130);

/// How long an idle environment is kept. AWS does not say; minutes to tens of minutes have been seen.
pub const IDLE_LIFETIME: SimDuration = SimDuration::from_secs(600);

/// Memory of the sandbox before any code is loaded: a function whose bootstrap is missing reports 3 MB.
pub const SANDBOX_BYTES: u64 = 3 * MB;

/// Lambda's MB is a MiB.
const MB: u64 = 1024 * 1024;

/// One execution environment.
pub struct Environment {
    id: EnvironmentId,
    /// Index of its version in the cloud.
    variant: u32,
    /// Index of the provisioned concurrency that it belongs to.
    provisioned: Option<u32>,
    created: SimTime,
    state: State,
    task: Option<Task>,
    process: Process,
    /// `/tmp`; none for models and cached code.
    files: Option<SharedFiles>,
    /// What has happened to it, for cached code.
    history: StateId,
    /// The most memory ever used, in bytes, sandbox included: it never falls, not even at a reset.
    memory_peak: u64,
    /// Invocations begun.
    served: u32,
    /// Length of the Init phase, until a REPORT has told it.
    init_duration: Option<SimDuration>,
    /// When the Invoke phase began, and what it has used so far.
    invoke: Option<(SimTime, Usage)>,
    /// How memory grew in the handler that has just ended.
    curve: Box<[MemoryPoint]>,
    /// A drill makes this invocation fail.
    injected: Option<Injected>,
    /// What the invocation wrote, when its answer carries the end of the log.
    written: String,
}

enum State {
    /// Between two phases of one task, or idle.
    Between,
    /// The guest starts.
    Starting(InitPhase, SimTime, Work),
    /// The guest handles the task.
    Handling(SimTime, Work),
}

/// What runs in an environment.
enum Process {
    /// Nothing: the next invocation begins with a suppressed init.
    None,
    /// A guest.
    Guest(Box<dyn Running>),
    /// Cached code: a process would be in this environment's state.
    Cached,
    /// A model, which needs no process but may be started or not.
    Model,
}

impl Environment {
    /// A new environment, with an empty `/tmp` and no process.
    pub fn new(
        id: EnvironmentId,
        variant: u32,
        provisioned: Option<u32>,
        created: SimTime,
        blueprint: &Blueprint,
    ) -> Self {
        let limit = u64::from(blueprint.config.ephemeral_storage_mb) * MB;
        let files = match &blueprint.package {
            Package::Code(code) => Some(code.files(limit)),
            Package::Cached(_) | Package::Model(_) => None,
        };
        Self {
            id,
            variant,
            provisioned,
            created,
            state: State::Between,
            task: None,
            process: Process::None,
            files,
            history: StateId::NEW,
            memory_peak: sandbox_bytes(blueprint).min(blueprint.config.memory.bytes()),
            served: 0,
            init_duration: None,
            invoke: None,
            curve: Box::default(),
            injected: None,
            written: String::new(),
        }
    }

    /// Its number.
    pub fn id(&self) -> EnvironmentId {
        self.id
    }

    /// Index of its version in the cloud.
    pub fn variant(&self) -> u32 {
        self.variant
    }

    /// Index of the provisioned concurrency that it belongs to.
    pub fn provisioned(&self) -> Option<u32> {
        self.provisioned
    }

    /// Its log stream.
    pub fn log_stream(&self, blueprint: &Blueprint) -> String {
        names::log_stream(
            blueprint.epoch_ms,
            self.created,
            &blueprint.version,
            blueprint.seed,
            self.id,
        )
    }

    /// Gives it a task: it is busy from now on.
    pub fn assign(&mut self, task: Task) {
        self.task = Some(task);
    }

    /// What it is working on.
    pub fn task(&self) -> Option<&Task> {
        self.task.as_ref()
    }

    /// What it is working on.
    pub fn invocation(&self) -> Option<InvocationId> {
        self.task.as_ref().map(|task| task.invocation)
    }

    /// Whether an invocation has to begin with a suppressed init.
    pub fn needs_init(&self) -> bool {
        matches!(self.process, Process::None)
    }

    /// Starts a process: an Init phase of its own, or one inside the Invoke phase, under the function's timeout and at its
    /// CPU share.
    pub fn begin_init(
        &mut self,
        blueprint: &Blueprint,
        phase: InitPhase,
        now: SimTime,
        chance: &mut Chance,
    ) -> Begun {
        let deadline = match (phase, self.provisioned) {
            (InitPhase::Init, None) => now + INIT_LIMIT,
            (InitPhase::Init, Some(_)) => now + PROVISIONED_INIT_LIMIT.max(timeout(blueprint)),
            (InitPhase::Invoke, _) => self.deadline(blueprint, now),
        };
        let (work, begun) = match &blueprint.package {
            Package::Model(model) => {
                let (duration, end) = model.start(deadline.since(now), &mut chance.models);
                self.process = Process::Model;
                (Work::Model(duration, end), None)
            }
            Package::Code(_) => {
                let mut report = self.start_guest(blueprint, phase, now, deadline, chance);
                let begun = self.begun(&mut report);
                (Work::Guest(Box::new(report), Origin::Ran), Some(begun))
            }
            Package::Cached(_) => {
                let step = Step::Start {
                    suppressed: phase == InitPhase::Invoke,
                    limit: deadline.since(now),
                };
                let (mut report, reused) = self.cached(blueprint, step, now, None);
                if report.end.is_alive() {
                    self.process = Process::Cached;
                }
                let begun = self.begun(&mut report);
                (Work::Guest(Box::new(report), origin(reused)), Some(begun))
            }
        };
        let ends = work.ends(now);
        self.state = State::Starting(phase, now, work);
        begun.unwrap_or(Begun::silent(ends))
    }

    /// The Init that was begun has ended. None when none was.
    pub fn end_init(&mut self, blueprint: &Blueprint) -> Option<InitEnded> {
        let State::Starting(phase, started, work) =
            std::mem::replace(&mut self.state, State::Between)
        else {
            return None;
        };
        let mut usage = work.usage(started);
        let mut memory = Box::default();
        let end = match work {
            Work::Guest(report, _) => {
                self.raise_memory(blueprint, &report);
                memory = curve(blueprint, &report, started, started);
                report.end
            }
            Work::Model(_, end) => {
                self.raise_model_memory(blueprint);
                end.phase_end()
            }
        };
        usage.memory_peak = self.memory_peak;
        if !matches!(end, PhaseEnd::Done(_)) {
            self.process = Process::None;
        }
        match phase {
            // With provisioned concurrency nobody waits for Init, and REPORT does not tell it.
            InitPhase::Init if !self.needs_init() && self.provisioned.is_none() => {
                self.init_duration = Some(usage.duration);
            }
            InitPhase::Init => {}
            InitPhase::Invoke => {
                if let Some((_, so_far)) = &mut self.invoke {
                    add(so_far, &usage);
                }
            }
        }
        Some(InitEnded {
            phase,
            error_type: invoke::error_type(&end),
            end: without_answer(end),
            usage,
            memory,
        })
    }

    /// The Invoke phase begins. Returns the task and whether somebody waited for this environment's Init.
    pub fn begin_invoke(&mut self, now: SimTime) -> Option<(&Task, bool)> {
        self.served = self.served.saturating_add(1);
        self.invoke = Some((now, Usage::default()));
        let cold = self.served == 1 && self.provisioned.is_none();
        self.task.as_ref().map(|task| (task, cold))
    }

    /// Hands the task's event to the process. None when there is no process or no task.
    ///
    /// The first CPU period begins here; after a suppressed init that is up to one quota more than Lambda would give.
    pub fn begin_handling(
        &mut self,
        blueprint: &Blueprint,
        now: SimTime,
        sent: &Sent,
        fate: Fate,
        chance: &mut Chance,
    ) -> Option<Begun> {
        let deadline = self.deadline(blueprint, now);
        let task = self.task.as_ref()?;
        let (work, begun) = match (&mut self.process, &blueprint.package) {
            (Process::Model, Package::Model(model)) => {
                let limit = deadline.since(now);
                let memory = blueprint.config.memory.0;
                let (duration, end) = model.handle(limit, memory, &mut chance.models);
                (Work::Model(duration, end), None)
            }
            (Process::Cached, _) => {
                let step = Step::Event {
                    event: Arc::clone(&sent.payload),
                    limit: deadline.since(now),
                };
                let (mut report, reused) = self.cached(blueprint, step, now, Some(sent));
                let begun = self.begun(&mut report);
                (Work::Guest(Box::new(report), origin(reused)), Some(begun))
            }
            (Process::Guest(process), _) => {
                let context = guests::context(blueprint, task.identity, sent, now, deadline);
                let clock = Clock::new(now, deadline, cpu::bandwidth(blueprint.config.memory));
                let mut report = process.handle(sent.event(), &context, clock);
                let begun = self.begun(&mut report);
                (Work::Guest(Box::new(report), Origin::Ran), Some(begun))
            }
            _ => return None,
        };
        let work = if fate == Fate::default() {
            work
        } else {
            self.injected = fate.fails;
            work.befallen(fate, now, deadline)
        };
        let ends = work.ends(now);
        self.state = State::Handling(now, work);
        Some(match begun {
            Some(begun) => Begun { ends, ..begun },
            None => Begun::silent(ends),
        })
    }

    /// The environment is taken away: whatever it did is lost. Returns what it was asked to do.
    pub fn lose(&mut self) -> Option<Task> {
        self.state = State::Between;
        self.task.take()
    }

    /// When the Invoke phase must be over.
    fn deadline(&self, blueprint: &Blueprint, now: SimTime) -> SimTime {
        let began = self.invoke.map_or(now, |(began, _)| began);
        began + timeout(blueprint)
    }

    /// A guest's phase has begun; what it writes is kept too, when the answer is to carry it.
    fn begun(&mut self, report: &mut PhaseReport) -> Begun {
        let begun = Begun::of(report);
        if self.task.is_some_and(|task| task.log_tail) {
            for line in &begun.log {
                self.written.push_str(&line.text);
                self.written.push('\n');
            }
        }
        begun
    }

    /// Raises the memory's high-water mark to what a guest used.
    fn raise_memory(&mut self, blueprint: &Blueprint, report: &PhaseReport) {
        let memory = blueprint.config.memory.bytes();
        let peak = if report.end == PhaseEnd::OutOfMemory {
            memory
        } else {
            sandbox_bytes(blueprint)
                .saturating_add(report.memory_peak)
                .min(memory)
        };
        self.memory_peak = self.memory_peak.max(peak);
    }

    fn raise_model_memory(&mut self, blueprint: &Blueprint) {
        if let Package::Model(model) = &blueprint.package {
            let used = u64::from(model.memory_used_mb) * MB;
            self.memory_peak = used.min(blueprint.config.memory.bytes());
        }
    }
}

const fn origin(reused: bool) -> Origin {
    if reused { Origin::Reused } else { Origin::Ran }
}

fn timeout(blueprint: &Blueprint) -> SimDuration {
    SimDuration::from_secs(u64::from(blueprint.config.timeout.0))
}

/// Memory that is used before the guest's linear memories.
fn sandbox_bytes(blueprint: &Blueprint) -> u64 {
    match &blueprint.package {
        Package::Code(code) | Package::Cached(code) => SANDBOX_BYTES.saturating_add(code.size()),
        Package::Model(_) => SANDBOX_BYTES,
    }
}

/// How memory grew in a phase that began at `started`, sandbox included, counted from `zero`.
fn curve(
    blueprint: &Blueprint,
    report: &PhaseReport,
    started: SimTime,
    zero: SimTime,
) -> Box<[MemoryPoint]> {
    let offset = started.since(zero);
    let (sandbox, limit) = (sandbox_bytes(blueprint), blueprint.config.memory.bytes());
    let mut points: Vec<MemoryPoint> = report
        .memory
        .iter()
        .map(|point| MemoryPoint {
            after: offset + point.after,
            bytes: sandbox.saturating_add(point.bytes).min(limit),
        })
        .collect();
    // The growth that was one too many never came.
    if report.end == PhaseEnd::OutOfMemory {
        points.push(MemoryPoint {
            after: report.ended.since(zero),
            bytes: limit,
        });
    }
    points.into()
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
