//! Proof of determinism: a log of every kernel event and every random draw, and a way to run twice and compare.
//!
//! A log is switched on by handing it in ([`super::Kernel::observed`], [`super::Rng::observed`]); nothing is recorded
//! otherwise and nothing ambient is involved.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use super::SimTime;

/// One thing that could differ between two runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The kernel handed out this event.
    Event(String),
    /// A component's generator was asked, for the `number`th time, and this is a digest of what it gave.
    Draw {
        /// The component's name.
        component: String,
        /// 1 for its first draw.
        number: u64,
        /// The number drawn, or a digest of the bytes drawn.
        value: u64,
    },
    /// Anything else that a test wants compared.
    Note(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(text) => write!(f, "event {text}"),
            Self::Draw {
                component,
                number,
                value,
            } => write!(f, "draw {number} of '{component}' = {value:#x}"),
            Self::Note(text) => write!(f, "note {text}"),
        }
    }
}

/// A log of [`Step`]s with their virtual times. The default log records nothing; clones share one record.
#[derive(Debug, Clone, Default)]
pub struct Log(Option<Rc<RefCell<Record>>>);

#[derive(Debug, Default)]
struct Record {
    now: SimTime,
    steps: Vec<(SimTime, Step)>,
}

impl Log {
    /// A log that records.
    pub fn recording() -> Self {
        Self(Some(Rc::default()))
    }

    /// Records that the kernel's clock moved to `at` for an event; `describe` is only called when recording.
    pub fn event(&self, at: SimTime, describe: impl FnOnce() -> String) {
        if let Some(record) = &self.0 {
            let text = describe();
            let mut record = record.borrow_mut();
            record.now = at;
            record.steps.push((at, Step::Event(text)));
        }
    }

    /// Records a random draw at the time of the last event.
    pub fn draw(&self, component: &str, number: u64, value: u64) {
        self.push(|| Step::Draw {
            component: component.to_owned(),
            number,
            value,
        });
    }

    /// Records a remark at the time of the last event; `describe` is only called when recording.
    pub fn note(&self, describe: impl FnOnce() -> String) {
        self.push(|| Step::Note(describe()));
    }

    /// Everything recorded so far.
    pub fn steps(&self) -> Vec<(SimTime, Step)> {
        self.0
            .as_ref()
            .map(|record| record.borrow().steps.clone())
            .unwrap_or_default()
    }

    fn push(&self, step: impl FnOnce() -> Step) {
        if let Some(record) = &self.0 {
            let step = step();
            let mut record = record.borrow_mut();
            let now = record.now;
            record.steps.push((now, step));
        }
    }
}

/// The first difference between two logs, as a sentence; `None` when they are equal.
pub fn first_difference(first: &Log, second: &Log) -> Option<String> {
    let (first, second) = (first.steps(), second.steps());
    let length = first.len().max(second.len());
    (0..length).find_map(|index| {
        let (one, other) = (first.get(index), second.get(index));
        if one == other {
            return None;
        }
        let at = [one, other]
            .into_iter()
            .flatten()
            .map(|(at, _)| *at)
            .min()
            .unwrap_or_default();
        let tell =
            |step: Option<&(SimTime, Step)>| step.map_or("nothing".into(), |(_, s)| s.to_string());
        Some(format!(
            "non-determinism detected at {at}: step {index} was {} and then {}",
            tell(one),
            tell(other)
        ))
    })
}

/// Runs `run` twice, each time with a fresh recording log, and hands back both results.
///
/// # Panics
/// With `non-determinism detected at …` when the two logs differ: this is a tool for tests.
pub fn twice<T>(mut run: impl FnMut(Log) -> T) -> (T, T) {
    let (first, second) = (Log::recording(), Log::recording());
    let results = (run(first.clone()), run(second.clone()));
    if let Some(difference) = first_difference(&first, &second) {
        panic!("{difference}");
    }
    results
}

#[cfg(test)]
mod tests {
    use super::super::{Kernel, Rng};
    use super::*;

    fn simulate(log: Log, seed: u64) -> u64 {
        let mut kernel = Kernel::new().observed(&log);
        let mut rng = Rng::for_component(seed, "dice").observed(&log);
        kernel.at(SimTime::from_nanos(5), "throw");
        let mut sum = 0_u64;
        while kernel.next_event().is_some() {
            sum ^= rng.next_u64();
        }
        sum
    }

    #[test]
    fn equal_runs_pass_and_record_events_and_draws() {
        let (one, other) = twice(|log| {
            let sum = simulate(log.clone(), 1);
            assert_eq!(log.steps().len(), 2, "one event, one draw");
            sum
        });
        assert_eq!(one, other);
    }

    #[test]
    #[should_panic(expected = "non-determinism detected at 5 ns")]
    fn different_draws_are_found() {
        let mut seed = 0;
        twice(|log| {
            seed += 1;
            simulate(log, seed)
        });
    }

    #[test]
    fn a_log_that_is_off_records_nothing() {
        let log = Log::default();
        log.note(|| unreachable!("must not be described"));
        assert!(log.steps().is_empty());
    }
}
