//! Whether a scenario can run.

mod functions;
mod load;

use super::plan::Plan;
use super::{Scenario, VERSION, When};
use crate::lambda::function_name::resolve;
use crate::problem::Problem;
use crate::trigger;

/// Most requests of one scenario: what the page can still show.
pub const MAX_ARRIVALS: usize = 100_000;

/// Most requests that the loads of one scenario may make together.
pub const MAX_REQUESTS: u64 = 50_000_000;

/// The last moment of the year 9998: log streams carry four-digit years, and a run must not leave them.
const LAST_EPOCH_MS: i64 = 253_370_764_799_999;

/// Everything wrong with a scenario, places written as in its JSON form (`$.arrivals[2].trigger`). It can run when nothing
/// in here is an error. Events are not judged: sending a broken one is a way to learn what happens.
pub fn validate(scenario: &Scenario) -> Vec<Problem> {
    examine(scenario).0
}

/// The same, with the plan that it needed; none when the scenario has too many mappings to make one.
pub(super) fn examine(scenario: &Scenario) -> (Vec<Problem>, Option<Plan>) {
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
    functions::check(scenario, &mut problems);
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
    let events = scenario.event_count();
    if events > MAX_ARRIVALS && scenario.arrivals.len() <= MAX_ARRIVALS {
        problems.push(Problem::error(
            "scenario.arrivals",
            "$.triggers",
            format!("The schedule's firings come to {events} events; {MAX_ARRIVALS} are the most."),
            "Let the rule fire fewer times, or send fewer requests.",
        ));
    }
    arrivals(scenario, &mut problems);
    load::check(scenario, &mut problems);
    super::service::validate(scenario, &mut problems);
    let plan = super::mapping::validate(scenario, &mut problems);
    (problems, plan)
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
        let place = format!("$.arrivals[{index}]");
        target(
            scenario,
            &arrival.function,
            &arrival.qualifier,
            &place,
            problems,
        );
        let is_direct = trigger::by_id(&arrival.trigger).is_some_and(super::play::is_client);
        if (arrival.dry_run || arrival.log_tail) && !is_direct {
            problems.push(Problem::error(
                "scenario.invoke",
                place,
                "Only direct calls can ask for a dry run or the end of the log.",
                "Choose the trigger 'direct', or leave both off.",
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

/// A call of a function that is not there: it can run, and is answered with 404.
fn target(
    scenario: &Scenario,
    function: &Option<String>,
    qualifier: &Option<String>,
    place: &str,
    problems: &mut Vec<Problem>,
) {
    let meant = match resolve(function.as_deref(), qualifier.as_deref()) {
        Ok(meant) => meant,
        Err(refusal) => {
            let error = refusal.api_error().unwrap_or_default();
            problems.push(Problem::warning(
                "scenario.target",
                place,
                format!(
                    "Lambda will refuse the call: {} {error}.",
                    refusal.status
                ),
                "Name the function, or give its ARN, with one version or alias or none; or keep it to see the error.",
            ));
            return;
        }
    };
    let found = scenario
        .functions()
        .find(|known| meant.name.is_none_or(|name| known.config.name == name));
    let known = found.is_some_and(|found| {
        meant
            .qualifier
            .is_none_or(|qualifier| has_qualifier(found.published, qualifier))
    });
    if !known {
        problems.push(Problem::warning(
            "scenario.target",
            place,
            "There is no such function, version or alias: the call will be answered with 404.",
            "Choose one that is there, or keep it to see the error.",
        ));
    }
}

/// Whether a function has such a version or alias.
fn has_qualifier(published: &super::Published, qualifier: &str) -> bool {
    let versions = published.versions.iter();
    let mut numbers = versions.map(|version| version.number.to_string());
    let mut aliases = published.aliases.iter();
    qualifier == "$LATEST"
        || numbers.any(|number| number == qualifier)
        || aliases.any(|alias| alias.name == qualifier)
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
pub(super) fn shortened(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
