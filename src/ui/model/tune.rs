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
    /// Why it cannot be tried.
    pub problems: Vec<Problem>,
    /// Which start is looked at.
    pub start: Start,
    /// A curve measured elsewhere.
    pub compared: Option<Curve>,
    /// Whether what was given as such a curve is none.
    pub not_a_curve: bool,
}

impl Tuning {
    /// Whether the points still tell of this scenario, whatever its memory size.
    pub fn is_of(&self, scenario: &Scenario) -> bool {
        self.of.as_ref().is_some_and(|of| {
            let mut same = scenario.clone();
            same.function.memory = of.function.memory;
            **of == same
        })
    }
}
