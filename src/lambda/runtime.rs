//! What the service asks of code: start, then handle events.
//!
//! The service does not care whether code is a WebAssembly module or a model of one; tests and benchmarks bring their own.

use crate::guest::clock::Clock;
use crate::guest::process::{PhaseReport, SharedFiles, Surroundings, Watch};

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
