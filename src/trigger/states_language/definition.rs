//! A state machine's definition, as it runs.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::choice::Rule;
use super::data::{Chosen, Payload};
use super::path::Path;

/// A state machine, ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    pub(super) states: Rc<States>,
    /// Whether a path reads the context object, and whether one reads the execution's input there: both are made for every
    /// state, and large inputs cost time.
    pub(super) reads: (bool, bool),
}

/// The states of a machine, a branch or an item processor.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct States {
    pub start: String,
    pub states: BTreeMap<String, State>,
    pub timeout: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct State {
    pub kind: Kind,
    pub input: Chosen,
    pub output: Chosen,
    pub parameters: Option<Payload>,
    pub selector: Option<Payload>,
    pub result: Chosen,
    pub retry: Vec<Retrier>,
    pub catch: Vec<Catcher>,
    /// None at the end.
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Task {
        resource: String,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
    },
    Choice {
        rules: Vec<(Rule, String)>,
        default: Option<String>,
    },
    Wait(Wait),
    Parallel(Vec<Rc<States>>),
    Map {
        items: Option<Path>,
        processor: Rc<States>,
        concurrency: usize,
    },
    Pass(Option<Value>),
    Succeed,
    Fail {
        error: String,
        cause: String,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wait {
    Seconds(u64),
    SecondsAt(Path),
    Until(i64),
    UntilAt(Path),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Retrier {
    pub errors: Vec<String>,
    pub attempts: u64,
    pub interval_ms: u64,
    /// Thousandths.
    pub rate: u64,
    pub longest_ms: u64,
}

impl Retrier {
    /// The gap before a retry, counted from 0.
    pub fn gap_ms(&self, retry: u64) -> u64 {
        let mut gap = self.interval_ms;
        for _ in 0..retry {
            if gap >= self.longest_ms {
                break;
            }
            gap = gap.saturating_mul(self.rate) / 1_000;
        }
        gap.min(self.longest_ms)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Catcher {
    pub errors: Vec<String>,
    pub next: String,
    pub result: Chosen,
}
