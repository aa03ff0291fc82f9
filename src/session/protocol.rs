//! Messages between page and worker: small serialisable values, postcard-encoded into one byte array each.

use serde::{Deserialize, Serialize};

use super::desk::{Answer, Question};
use super::tune::Point;
use super::watching::{Costs, Series, Totals};
use crate::guest::describe::ModuleReport;
use crate::guest::engine::Tier;
use crate::guest::fuel::Fuel;
use crate::lambda::event::Entry;
use crate::problem::Problem;
use crate::scenario::{ModuleHash, Scenario};
use crate::sim::SimTime;

/// From the page to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Look at these bytes: are they a function, and which?
    Inspect {
        /// Comes back with the answer.
        token: u32,
        /// File name, for messages.
        name: String,
        /// The file's content.
        bytes: Vec<u8>,
    },
    /// Run a scenario from its start. A run in progress is dropped.
    Run {
        /// Comes back with everything that belongs to this run.
        run: u32,
        /// What to run.
        scenario: Box<Scenario>,
        /// Real milliseconds that one guest phase may take before the host gives up.
        patience_ms: u32,
    },
    /// Power tuning: the scenario's last request, cold and warm, at every size of the ladder.
    Tune {
        /// Comes back with everything that belongs to it.
        tune: u32,
        /// What to run.
        scenario: Box<Scenario>,
        /// Real milliseconds that one guest phase may take.
        patience_ms: u32,
    },
    /// A question about triggers.
    Ask(Question),
}

/// From the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Update {
    /// The worker is up.
    Ready {
        /// Which tier it runs.
        tier: Tier,
    },
    /// The bytes hold a function that can run.
    Accepted {
        /// Of the `Inspect`.
        token: u32,
        /// Names the module in scenarios.
        module: ModuleHash,
        /// What is inside.
        report: Box<ModuleReport>,
        /// Notes and warnings: nothing that stops it.
        problems: Vec<Problem>,
    },
    /// The bytes cannot run, and why; what could be learned of them is told all the same.
    Rejected {
        /// Of the `Inspect`.
        token: u32,
        /// Why.
        problems: Vec<Problem>,
        /// What is inside, as far as it could be read.
        report: Option<Box<ModuleReport>>,
    },
    /// The bytes are WebAssembly text: compile them (the `wat_compiler` worker does) and send the binary.
    NeedsCompiling {
        /// Of the `Inspect`.
        token: u32,
        /// The text.
        text: String,
    },
    /// A run goes on.
    Progress {
        /// Of the `Run`.
        run: u32,
        /// Where virtual time stands.
        now: SimTime,
        /// Work done by the guest that runs at the moment.
        fuel: Fuel,
        /// Real milliseconds since the run began.
        real_ms: u32,
    },
    /// New trace entries, in order.
    Entries {
        /// Of the `Run`.
        run: u32,
        /// The entries.
        #[serde(with = "crate::lambda::event::wire")]
        entries: Vec<Entry>,
    },
    /// Metrics and sums of the whole run; comes just before its end.
    Whole {
        /// Of the `Run`.
        run: u32,
        /// Metrics, by the second.
        series: Vec<Series>,
        /// Sums.
        totals: Totals,
        /// What it costs, line by line.
        costs: Box<Costs>,
    },
    /// The run is over.
    Finished {
        /// Of the `Run`.
        run: u32,
        /// The last instant of the trace.
        end: SimTime,
        /// Real microseconds that it took.
        real_us: u64,
    },
    /// One size of the ladder.
    TunePoint {
        /// Of the `Tune`.
        tune: u32,
        /// What it came to.
        point: Point,
    },
    /// The ladder is climbed.
    Tuned {
        /// Of the `Tune`.
        tune: u32,
    },
    /// The scenario cannot be tuned.
    TuneRefused {
        /// Of the `Tune`.
        tune: u32,
        /// Why.
        problems: Vec<Problem>,
    },
    /// The answer to an `Ask`.
    Answer(Answer),
    /// The scenario cannot run.
    Refused {
        /// Of the `Run`.
        run: u32,
        /// Why.
        problems: Vec<Problem>,
    },
}
