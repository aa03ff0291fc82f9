//! Whether a scenario's load, clients and drills can be.

use super::{MAX_REQUESTS, Scenario, shortened};
use crate::lambda::caller::Client;
use crate::lambda::drill::Trouble;
use crate::lambda::traffic::{MAX_BURST, MAX_SECONDS, MAX_TIMES, Pattern, Rate};
use crate::problem::Problem;
use crate::sim::Distribution;
use crate::trigger;

/// Most tries of one call.
const MAX_ATTEMPTS: u32 = 100;

/// The longest wait between two tries: an hour.
const MAX_WAIT_MS: u32 = 3_600_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let mut expected = 0_u64;
    for (index, traffic) in scenario.traffic.iter().enumerate() {
        let place = format!("$.traffic[{index}]");
        if trigger::by_id(&traffic.trigger).is_none() {
            problems.push(Problem::error(
                "scenario.trigger",
                format!("{place}.trigger"),
                format!("There is no trigger '{}'.", shortened(&traffic.trigger)),
                "Choose one from the list.",
            ));
        }
        super::target(
            scenario,
            &traffic.function,
            &traffic.qualifier,
            &place,
            problems,
        );
        pattern(&traffic.pattern, &format!("{place}.pattern"), problems);
        expected = expected.saturating_add(traffic.pattern.expected());
    }
    if expected > MAX_REQUESTS {
        problems.push(Problem::error(
            "scenario.traffic",
            "$.traffic",
            format!("The load comes to {expected} requests; {MAX_REQUESTS} are the most."),
            "Lower the rate, or shorten it.",
        ));
    }
    client(scenario.client, problems);
    per_million(
        scenario.duplicates_per_million,
        "$.duplicates_per_million",
        problems,
    );
    if !(1..=86_400).contains(&scenario.idle_lifetime_seconds) {
        problems.push(Problem::error(
            "scenario.idle_lifetime",
            "$.idle_lifetime_seconds",
            "Idle environments are kept for a second to a day.",
            "Choose 1 to 86,400 seconds; minutes to tens of minutes have been seen on AWS.",
        ));
    }
    drills(scenario, problems);
}

fn pattern(pattern: &Pattern, place: &str, problems: &mut Vec<Problem>) {
    let mut refuse = |cause: String, cure: &str| {
        problems.push(Problem::error("scenario.traffic", place, cause, cure));
    };
    let (rates, seconds) = match pattern {
        Pattern::Constant { rate, seconds } | Pattern::Poisson { rate, seconds } => {
            (vec![*rate], Some(*seconds))
        }
        Pattern::Ramp { from, to, seconds } => (vec![*from, *to], Some(*seconds)),
        Pattern::Burst { count } => {
            if *count == 0 || *count > MAX_BURST {
                refuse(
                    format!("A burst has 1 to {MAX_BURST} requests, not {count}."),
                    "Choose a number in between.",
                );
            }
            (Vec::new(), None)
        }
        Pattern::Times(times) => {
            if times.len() > MAX_TIMES {
                refuse(
                    format!("There are {} times; {MAX_TIMES} are the most.", times.len()),
                    "Paste fewer.",
                );
            }
            if !times.is_sorted() {
                refuse(
                    "The times are not in order.".to_owned(),
                    "Sort them, earliest first.",
                );
            }
            (Vec::new(), None)
        }
    };
    if rates.iter().any(|rate| *rate > Rate::MAX) {
        refuse(
            format!("More than {} requests a second.", Rate::MAX.0 / 1_000),
            "Choose a lower rate.",
        );
    }
    if !rates.is_empty() && rates.iter().all(|rate| rate.0 == 0) {
        refuse(
            "A rate of zero sends nothing.".to_owned(),
            "Choose a higher rate.",
        );
    }
    if seconds.is_some_and(|seconds| seconds == 0 || seconds > MAX_SECONDS) {
        refuse(
            "A load lasts a second to a day.".to_owned(),
            "Choose 1 to 86,400 seconds.",
        );
    }
}

fn client(client: Client, problems: &mut Vec<Problem>) {
    let Client::Backoff {
        max_attempts,
        base_ms,
        cap_ms,
    } = client
    else {
        return;
    };
    let cause = if !(1..=MAX_ATTEMPTS).contains(&max_attempts) {
        format!("A client makes 1 to {MAX_ATTEMPTS} tries, not {max_attempts}.")
    } else if base_ms > cap_ms || cap_ms > MAX_WAIT_MS {
        format!(
            "The first wait of up to {base_ms} ms and the longest of {cap_ms} ms contradict each other or an hour."
        )
    } else {
        return;
    };
    problems.push(Problem::error(
        "scenario.client",
        "$.client",
        cause,
        "SDKs make 3 tries and wait up to 1,000 ms first, 20,000 ms at most.",
    ));
}

fn drills(scenario: &Scenario, problems: &mut Vec<Problem>) {
    for (index, drill) in scenario.drills.iter().enumerate() {
        let place = format!("$.drills[{index}]");
        if let Some(name) = &drill.function
            && !scenario
                .functions()
                .any(|function| function.config.name == *name)
        {
            problems.push(Problem::error(
                "scenario.drill",
                format!("{place}.function"),
                format!("There is no function '{}'.", shortened(name)),
                "Choose one that is there, or none for all.",
            ));
        }
        if drill.until.is_some_and(|until| until <= drill.from) {
            problems.push(Problem::error(
                "scenario.drill",
                format!("{place}.until"),
                "The drill ends before it begins.",
                "Choose a later end, or none.",
            ));
        }
        let trouble = format!("{place}.trouble");
        match &drill.trouble {
            Trouble::Errors { per_million: part }
            | Trouble::ThrottledDestination { per_million: part }
            | Trouble::LostEnvironment { per_million: part } => {
                per_million(*part, &trouble, problems);
            }
            Trouble::SlowDownstream {
                per_million: part,
                extra,
            } => {
                per_million(*part, &trouble, problems);
                distribution(*extra, &trouble, problems);
            }
            Trouble::PoisonMessage { text } if text.is_empty() => problems.push(Problem::error(
                "scenario.drill",
                trouble,
                "Every event contains the empty text.",
                "Give a text that only the poisoned events contain.",
            )),
            Trouble::PoisonMessage { .. } => {}
        }
    }
}

pub(super) fn per_million(part: u32, place: &str, problems: &mut Vec<Problem>) {
    if part > 1_000_000 {
        problems.push(Problem::error(
            "scenario.part",
            place,
            format!("{part} of a million is more than all."),
            "Choose 0 to 1,000,000.",
        ));
    }
}

pub(super) fn distribution(distribution: Distribution, place: &str, problems: &mut Vec<Problem>) {
    let cause = match distribution.contradiction() {
        Some(contradiction) => contradiction,
        None if distribution.longest_micros() > super::functions::LONGEST_MICROS => {
            "This takes longer than a day."
        }
        None => return,
    };
    problems.push(Problem::error(
        "scenario.duration",
        place,
        cause,
        "Choose other durations; they are in microseconds.",
    ));
}
