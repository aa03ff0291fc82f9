//! What the service asks of code: start, then handle events.
//!
//! The service does not care whether code is a WebAssembly module ([`Program`]) or a model of one; tests and benchmarks
//! bring their own.

use std::cell::RefCell;
use std::rc::Rc;

use crate::guest::clock::Clock;
use crate::guest::files::Files;
use crate::guest::process::{PhaseReport, Process, SharedFiles, Surroundings, Watch};
use crate::guest::program::Program;

/// A deployed package: what every execution environment of a function starts from.
pub trait Code {
    /// Bytes that the loaded package takes in an environment's memory, besides its linear memories.
    fn size(&self) -> u64;

    /// `/tmp` of a new environment, which may hold `limit_bytes`.
    fn files(&self, limit_bytes: u64) -> SharedFiles;

    /// Starts a process. When the report's end says that it did not start there is none, and otherwise there is one.
    fn start(
        &self,
        surroundings: Surroundings,
        files: SharedFiles,
        clock: Clock,
        watch: Watch,
    ) -> (PhaseReport, Option<Box<dyn Running>>);
}

/// A process that has started.
pub trait Running {
    /// Handles one event. `context` holds the variables that belong to this invocation alone.
    fn handle(&mut self, event: &[u8], context: &[(String, String)], clock: Clock) -> PhaseReport;
}

/// A real module. A package is shared by its environments, so it comes in an [`Rc`].
impl Code for Rc<Program> {
    fn size(&self) -> u64 {
        Program::size(self)
    }

    fn files(&self, limit_bytes: u64) -> SharedFiles {
        Rc::new(RefCell::new(Files::new(limit_bytes)))
    }

    fn start(
        &self,
        surroundings: Surroundings,
        files: SharedFiles,
        clock: Clock,
        watch: Watch,
    ) -> (PhaseReport, Option<Box<dyn Running>>) {
        let (report, process) = Process::start(self, surroundings, files, clock, watch);
        (report, process.map(|process| Box::new(process) as _))
    }
}

impl Running for Process {
    fn handle(&mut self, event: &[u8], context: &[(String, String)], clock: Clock) -> PhaseReport {
        self.handle(event, context, clock)
    }
}
