//! Whether a scenario's functions can be.

use std::collections::BTreeSet;

use crate::lambda::config::{Destination, FunctionConfig};
use crate::lambda::limits;
use crate::lambda::limits::published::{
    Deployed, RESERVED, check as check_published, check_account,
};
use crate::lambda::model::Model;
use crate::problem::Problem;
use crate::scenario::{FunctionView, ModuleHash, Runs, Scenario};

/// Most functions of a scenario.
const MAX_FUNCTIONS: usize = 100;

/// Most versions of all functions together.
const MAX_VERSIONS: usize = 1_000;

/// The longest that anything in a model may take: a day, in microseconds.
pub(super) const LONGEST_MICROS: u64 = 86_400_000_000;

/// Where a function's parts stand in the scenario's JSON.
struct Places {
    config: String,
    rest: String,
}

impl Places {
    fn of(index: usize) -> Self {
        match index.checked_sub(1) {
            None => Self {
                config: "$.function".to_owned(),
                rest: "$".to_owned(),
            },
            Some(other) => Self {
                config: format!("$.others[{other}].config"),
                rest: format!("$.others[{other}]"),
            },
        }
    }
}

pub(super) fn check(scenario: &Scenario, problems: &mut Vec<Problem>) {
    let functions: Vec<_> = scenario.functions().collect();
    let versions: usize = functions.iter().map(|f| f.published.versions.len()).sum();
    if functions.len() > MAX_FUNCTIONS || versions > MAX_VERSIONS {
        problems.push(Problem::error(
            "scenario.functions",
            "$.others",
            format!("There are {} functions and {versions} versions; {MAX_FUNCTIONS} and {MAX_VERSIONS} are the most.", functions.len()),
            "Take some away.",
        ));
        return;
    }
    let mut names = BTreeSet::new();
    for (index, function) in functions.iter().enumerate() {
        let places = Places::of(index);
        check_one(*function, &places, problems);
        if !names.insert(&function.config.name) {
            problems.push(Problem::error(
                "scenario.functions",
                format!("{}.name", places.config),
                format!(
                    "Function already exist: {}",
                    super::shortened(&function.config.name)
                ),
                "Give it another name.",
            ));
        }
    }
    destinations(&functions, problems);
    let deployed: Vec<_> = functions
        .iter()
        .map(|function| deployed(*function))
        .collect();
    for (index, problem) in check_account(scenario.account_concurrency, &deployed) {
        let place = match index.map(Places::of) {
            None => format!("$.{}", problem.place),
            Some(places) if problem.place == "provisioned" => {
                format!("{}.published.provisioned", places.rest)
            }
            Some(places) => format!("{}.{}", places.config, problem.place),
        };
        problems.push(Problem { place, ..problem });
    }
}

/// Functions as destinations of other functions' events, with what `PutFunctionEventInvokeConfig` says.
fn destinations(functions: &[FunctionView<'_>], problems: &mut Vec<Problem>) {
    for (index, function) in functions.iter().enumerate() {
        let config = function.config;
        let fields = [
            ("on_success", &config.on_success),
            ("on_failure", &config.on_failure),
        ];
        for (field, destination) in fields {
            let Some((name, qualifier)) = destination.as_ref().and_then(Destination::function)
            else {
                continue;
            };
            let found = functions.iter().find(|known| known.config.name == name);
            let there = found.is_some_and(|found| {
                qualifier.is_none_or(|qualifier| super::has_qualifier(found.published, qualifier))
            });
            let (cause, cure) = if name == config.name {
                (
                    "You can't specify the function as a destination for itself.".to_owned(),
                    "Choose another function.",
                )
            } else if !there {
                let arn = destination.as_ref().map_or("", |it| it.0.as_str());
                (
                    format!("The destination ARN {arn:.300} is invalid."),
                    "There is no such function, version or alias. Choose one that is there.",
                )
            } else {
                continue;
            };
            problems.push(Problem::error(
                "config.destination",
                format!("{}.{field}", Places::of(index).config),
                cause,
                cure,
            ));
        }
    }
}

fn deployed(function: FunctionView<'_>) -> Deployed<'_> {
    Deployed {
        config: function.config,
        versions: function
            .published
            .versions
            .iter()
            .map(|version| version.number)
            .collect(),
        aliases: &function.published.aliases,
        provisioned: &function.published.provisioned,
    }
}

fn check_one(function: FunctionView<'_>, places: &Places, problems: &mut Vec<Problem>) {
    config(function.config, &places.config, problems);
    module(
        function.module,
        &format!("{}.module", places.rest),
        problems,
    );
    runs(function.runs, &format!("{}.runs", places.rest), problems);
    for (index, version) in function.published.versions.iter().enumerate() {
        let place = format!("{}.published.versions[{index}]", places.rest);
        if let Some(own) = &version.config {
            config(own, &format!("{place}.config"), problems);
            if own.name != function.config.name {
                problems.push(Problem::error(
                    "function.version",
                    format!("{place}.config.name"),
                    "A version has the name of its function.",
                    "Give it the same name.",
                ));
            }
        }
        if let Some(own) = &version.module {
            module(own, &format!("{place}.module"), problems);
        }
        if let Some(own) = &version.runs {
            runs(own, &format!("{place}.runs"), problems);
        }
    }
    for problem in check_published(&deployed(function)) {
        let place = match problem.place.as_str() {
            RESERVED => format!("{}.{RESERVED}", places.config),
            own => format!("{}.published.{own}", places.rest),
        };
        problems.push(Problem { place, ..problem });
    }
}

fn config(config: &FunctionConfig, place: &str, problems: &mut Vec<Problem>) {
    problems.extend(limits::check(config).into_iter().map(|problem| Problem {
        place: format!("{place}.{}", problem.place),
        ..problem
    }));
}

fn module(module: &ModuleHash, place: &str, problems: &mut Vec<Problem>) {
    let hash = &module.0;
    let is_hash = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !hash.is_empty() && !is_hash {
        problems.push(Problem::error(
            "scenario.module",
            place,
            "A module is named by the SHA-256 of its bytes: 64 lower-case hexadecimal digits.",
            "Choose the module again.",
        ));
    }
}

fn runs(runs: &Runs, place: &str, problems: &mut Vec<Problem>) {
    let Runs::Model(model) = runs else {
        return;
    };
    let Model {
        init,
        init_errors_per_million,
        duration,
        errors_per_million,
        response,
        ..
    } = model;
    for (field, distribution) in [("init", init), ("duration", duration)] {
        super::load::distribution(*distribution, &format!("{place}.Model.{field}"), problems);
    }
    for (field, part) in [
        ("init_errors_per_million", init_errors_per_million),
        ("errors_per_million", errors_per_million),
    ] {
        super::load::per_million(*part, &format!("{place}.Model.{field}"), problems);
    }
    if response.len() > crate::lambda::invoke::RESPONSE_LIMIT {
        problems.push(Problem::error(
            "scenario.model",
            format!("{place}.Model.response"),
            "The response is larger than Lambda lets through.",
            "Stay below 6 MB.",
        ));
    }
}
