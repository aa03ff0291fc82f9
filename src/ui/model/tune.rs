//! Power tuning: the ladder that was climbed, and of what.

use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::session::tune::Point;
use crate::ui::tuning::{Curve, Start};

/// The tuning part of the model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tuning {
    /// Number of the last ladder.
    pub tune: u32,
    /// Whether it is being climbed.
    pub running: bool,
    /// What is tried; its memory size is of no account.
    pub of: Option<Box<Scenario>>,
    /// The sizes tried so far, smallest first.
    pub points: Vec<Point>,
    /// Ladders that were climbed to their end, the last one last: the same scenario gives the same again.
    pub known: Vec<Ladder>,
    /// Why it cannot be tried.
    pub problems: Vec<Problem>,
    /// Which start is looked at.
    pub start: Start,
    /// A curve measured elsewhere.
    pub compared: Option<Curve>,
    /// Whether what was given as such a curve is none.
    pub not_a_curve: bool,
}

/// So many ladders are remembered.
const KNOWN: usize = 12;

/// A ladder that was climbed to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Ladder {
    /// What was tried.
    pub of: Box<Scenario>,
    /// All sizes, smallest first.
    pub points: Vec<Point>,
}

impl Tuning {
    /// Whether the points still tell of this scenario, whatever its memory size.
    pub fn is_of(&self, scenario: &Scenario) -> bool {
        self.of.as_ref().is_some_and(|of| same(of, scenario))
    }

    /// Remembers the ladder whose end has come.
    pub fn remember(&mut self) {
        let Some(of) = self.of.clone() else {
            return;
        };
        self.known.retain(|ladder| !same(&ladder.of, &of));
        if self.known.len() >= KNOWN {
            self.known.remove(0);
        }
        self.known.push(Ladder {
            of,
            points: self.points.clone(),
        });
    }

    /// The ladder of this scenario, if it was climbed before.
    pub fn known(&self, scenario: &Scenario) -> Option<&Ladder> {
        self.known.iter().find(|ladder| same(&ladder.of, scenario))
    }
}

/// Whether two scenarios are the same but for the memory size.
fn same(one: &Scenario, other: &Scenario) -> bool {
    let mut other = other.clone();
    other.function.memory = one.function.memory;
    *one == other
}
