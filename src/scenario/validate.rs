//! Whether a scenario can run.

use super::{Scenario, VERSION, When};
use crate::lambda::limits;
use crate::problem::Problem;
use crate::trigger;

/// Most requests of one scenario: what the page can still show.
pub const MAX_ARRIVALS: usize = 100_000;

/// The last moment of the year 9998: log streams carry four-digit years, and a run must not leave them.
const LAST_EPOCH_MS: i64 = 253_370_764_799_999;

/// Everything wrong with a scenario, places written as in its JSON form (`$.arrivals[2].trigger`). It can run when nothing
/// in here is an error. Events are not judged: sending a broken one is a way to learn what happens.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    let mut problems = Vec::new();
    if scenario.version == 0 || scenario.version > VERSION {
        problems.push(version_problem(u64::from(scenario.version)));
    }
    if !(0..=LAST_EPOCH_MS).contains(&scenario.epoch_ms) {
        problems.push(Problem::error(
            "scenario.epoch",
            "$.epoch_ms",
            "The date is outside the years 1970 to 9998.",
            "Choose a date in between.",
        ));
    }
    problems.extend(
        limits::check(&scenario.function)
            .into_iter()
            .map(|problem| Problem {
                place: format!("$.function.{}", problem.place),
                ..problem
            }),
    );
    let hash = &scenario.module.0;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hash.is_empty() && !is_hash {
        problems.push(Problem::error(
            "scenario.module",
            "$.module",
            "A module is named by the SHA-256 of its bytes: 64 lower-case hexadecimal digits.",
            "Choose the module again.",
        ));
    }
    if scenario.arrivals.len() > MAX_ARRIVALS {
        problems.push(Problem::error(
            "scenario.arrivals",
            "$.arrivals",
            format!(
                "There are {} requests; {MAX_ARRIVALS} are the most.",
                scenario.arrivals.len()
            ),
            "Send fewer.",
        ));
    }
    arrivals(scenario, &mut problems);
    problems
}

fn arrivals(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut latest = None;
    for (index, arrival) in scenario.arrivals.iter().enumerate().take(MAX_ARRIVALS) {
        if trigger::by_id(&arrival.trigger).is_none() {
            problems.push(Problem::error(
                "scenario.trigger",
                format!("$.arrivals[{index}].trigger"),
                format!("There is no trigger '{}'.", shortened(&arrival.trigger)),
                "Choose one from the list.",
            ));
        }
        if let When::At(at) = arrival.when {
            if latest.is_some_and(|latest| at < latest) {
                problems.push(Problem::note(
                    "scenario.order",
                    format!("$.arrivals[{index}].when"),
                    "This request arrives before one that stands above it.",
                    "Requests are numbered as they arrive; sort them to see the same numbers.",
                ));
            }
            latest = latest.max(Some(at));
        }
    }
}

/// The problem with a version this program does not know.
pub(super) fn version_problem(version: u64) -> Problem {
    if version == 0 {
        Problem::error(
            "scenario.version",
            "$.version",
            "The scenario has no version.",
            "Export it again.",
        )
    } else {
        Problem::error(
            "scenario.version",
            "$.version",
            format!(
                "The scenario has version {version}; this page knows versions up to {VERSION}."
            ),
            "Load the page again to get its latest version.",
        )
    }
}

/// Text from outside, short enough for a message.
fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
