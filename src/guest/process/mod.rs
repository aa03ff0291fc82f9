//! One process: an instantiated module bound to its ABI, with its surroundings, as an execution environment holds it.
//!
//! A process is started once ([`Process::start`], Lambda's Init phase) and then takes any number of events
//! ([`Process::handle`]). It knows deadlines and memory limits but not Lambda: what an ending *means* is `lambda`'s
//! business.

pub mod account;
pub(crate) mod host;
mod life;
pub mod log;
pub mod memory;

use std::cell::RefCell;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use super::clock::Clock;
use super::engine::Trap;
use super::files::Files;
use super::fuel::Fuel;
use crate::sim::{SimDuration, SimTime};

pub use life::{MAX_RESPONSE_BYTES, Process};
pub use memory::MemoryPoint;

/// What a process is given.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Command-line arguments; the first is the program's name.
    pub arguments: Vec<String>,
    /// Environment variables, in the order in which the guest sees them.
    pub variables: Vec<(String, String)>,
    /// Bytes that the linear memories together may take.
    pub memory_limit: u64,
    /// Seed of the bytes that `random_get` hands out.
    pub random_seed: u64,
    /// Milliseconds since 1970 at virtual time zero: what `clock_time_get` adds for the realtime clock.
    pub epoch_ms: i64,
}

/// `/tmp`, shared between an environment and its process: it outlives the process.
pub type SharedFiles = Rc<RefCell<Files>>;

/// Asked now and then while a guest runs, at least every few milliseconds of real time. The only place where real time may
/// come in; it decides when to give up, never what a result is.
pub type Watch = Rc<RefCell<dyn FnMut(Progress) -> Verdict>>;

/// How far a running guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Where virtual time stands.
    pub now: SimTime,
    /// When the phase must be over.
    pub deadline: SimTime,
    /// Work done in this phase.
    pub fuel: Fuel,
}

/// What the watch says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// The host's patience is used up: stop here, and say that it was us.
    GiveUp,
}

/// How a phase ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhaseEnd {
    /// Started, or answered with these bytes.
    Done(Vec<u8>),
    /// The function reported an error through its ABI: a *handled* error, the process lives on.
    Failed {
        /// `errorType` of the error object.
        error_type: String,
        /// `errorMessage` of the error object.
        message: String,
    },
    /// The process exited by itself. Status 0 without an answer is an exit too.
    Exited(i32),
    /// The process crashed.
    Trapped(Trap),
    /// More nested calls than the stack allows.
    StackOverflow,
    /// The deadline passed.
    TimedOut,
    /// The process wanted more memory than its limit.
    OutOfMemory,
    /// The handler answered with a range outside its memory, or broke the ABI in another way; the text says how.
    BrokenContract(String),
    /// Our own real-time patience ended before the guest did. Not Lambda's behaviour.
    OutOfPatience,
    /// The engine or the device failed. Not Lambda's behaviour.
    EngineFailed(String),
}

impl PhaseEnd {
    /// Whether the process can take the next event.
    pub fn is_alive(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed { .. })
    }
}

/// A line the guest wrote, with the time at which it was complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: SimTime,
    /// Without its line end.
    pub text: String,
}

/// What one phase did and used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// How it ended.
    pub end: PhaseEnd,
    /// When; never after the deadline.
    pub ended: SimTime,
    /// Work done.
    pub fuel: Fuel,
    /// CPU time used.
    pub cpu: SimDuration,
    /// Time frozen by the CPU quota.
    pub frozen: SimDuration,
    /// Time waited without using the CPU (sleeps).
    pub waited: SimDuration,
    /// The most bytes the linear memories took since the process started.
    pub memory_peak: u64,
    /// How the linear memories grew in this phase.
    pub memory: Vec<MemoryPoint>,
    /// What it wrote to its log.
    pub log: Vec<LogLine>,
}

impl PhaseReport {
    /// A report of `end` with what `clock` measured.
    pub fn new(end: PhaseEnd, clock: &Clock, memory_peak: u64, log: Vec<LogLine>) -> Self {
        Self {
            end,
            ended: clock.now().min(clock.deadline()),
            fuel: clock.fuel(),
            cpu: clock.cpu(),
            frozen: clock.frozen(),
            waited: clock.waited(),
            memory_peak,
            memory: Vec::new(),
            log,
        }
    }
}
