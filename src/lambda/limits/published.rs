//! Limits of what belongs to a function besides its configuration, and of the account: versions, aliases, provisioned and
//! reserved concurrency, with the API's own messages where it has them.

use std::collections::BTreeSet;

use crate::lambda::concurrency::UNRESERVED_MINIMUM;
use crate::lambda::config::FunctionConfig;
use crate::lambda::function::{Alias, Provisioned};
use crate::problem::Problem;

/// The account's concurrency: the default is 1,000, and it is raised to tens of thousands on request.
pub const ACCOUNT_CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=100_000;

/// One function, as far as these limits go.
pub struct Deployed<'a> {
    /// Its configuration.
    pub config: &'a FunctionConfig,
    /// Numbers of its versions.
    pub versions: Vec<u32>,
    /// Its aliases.
    pub aliases: &'a [Alias],
    /// Its provisioned concurrency.
    pub provisioned: &'a [Provisioned],
}

/// The place of a problem with the reserve, which is a setting of the configuration.
pub const RESERVED: &str = "reserved_concurrency";

/// Everything wrong with versions, aliases and provisioned concurrency of one function. Places are `versions[0]`,
/// `aliases[1]`, `provisioned[2]`, and [`RESERVED`].
pub fn check(function: &Deployed<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut numbers = BTreeSet::new();
    for (index, number) in function.versions.iter().enumerate() {
        if *number == 0 || !numbers.insert(*number) {
            problems.push(Problem::error(
                "function.version",
                format!("versions[{index}]"),
                format!("Version {number} is there twice, or is 0."),
                "Lambda numbers versions 1, 2, 3 and never uses a number again.",
            ));
        }
    }
    let mut names = BTreeSet::new();
    for (index, alias) in function.aliases.iter().enumerate() {
        let place = format!("aliases[{index}]");
        check_alias(alias, &numbers, &place, &mut problems);
        if !names.insert(alias.name.as_str()) {
            problems.push(Problem::error(
                "function.alias",
                place,
                format!("Alias already exists: {}", alias.name),
                "Give it another name.",
            ));
        }
    }
    check_provisioned(function, &numbers, &mut problems);
    problems
}

fn check_alias(alias: &Alias, versions: &BTreeSet<u32>, place: &str, problems: &mut Vec<Problem>) {
    let name = &alias.name;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let digits = name.chars().all(|c| c.is_ascii_digit());
    if name.is_empty() || name.len() > 128 || !name.chars().all(allowed) || digits {
        problems.push(Problem::error(
            "function.alias",
            place,
            format!(
                "1 validation error detected: Value '{name}' at 'name' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)"
            ),
            "Use 1 to 128 letters, digits, hyphens and underscores, not digits alone.",
        ));
    }
    let second = alias.additional.map(|second| second.version);
    for version in std::iter::once(alias.version).chain(second) {
        if !versions.contains(&version) {
            problems.push(Problem::error(
                "function.alias",
                place,
                format!("Function not found: there is no version {version} for alias '{name}'."),
                "Publish the version, or choose one that is there.",
            ));
        }
    }
    if let Some(second) = alias.additional {
        if second.per_thousand > 1_000 {
            problems.push(Problem::error(
                "function.weight",
                place,
                format!(
                    "A weight of {} in 1,000 is more than all.",
                    second.per_thousand
                ),
                "Choose 0 to 1,000.",
            ));
        }
        if second.version == alias.version {
            problems.push(Problem::error(
                "function.weight",
                place,
                "Both versions of this weighted alias are the same.",
                "Choose two versions, or none besides the first.",
            ));
        }
    }
}

fn check_provisioned(
    function: &Deployed<'_>,
    versions: &BTreeSet<u32>,
    problems: &mut Vec<Problem>,
) {
    let mut total = 0_u64;
    let mut taken = BTreeSet::new();
    for (index, wanted) in function.provisioned.iter().enumerate() {
        let place = format!("provisioned[{index}]");
        let mut refuse = |cause: String, cure: &str| {
            problems.push(Problem::error(
                "function.provisioned",
                place.clone(),
                cause,
                cure,
            ));
        };
        if wanted.amount == 0 {
            refuse(
                "1 validation error detected: Value '0' at 'provisionedConcurrentExecutions' failed to satisfy constraint: \
                 Member must have value greater than or equal to 1"
                    .to_owned(),
                "Choose 1 or more, or remove it.",
            );
        }
        if wanted.qualifier == "$LATEST" {
            refuse(
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions.".to_owned(),
                "Publish a version and name it, or an alias of it.",
            );
            continue;
        }
        let alias = function
            .aliases
            .iter()
            .find(|alias| alias.name == wanted.qualifier);
        let version = match alias {
            Some(alias) => Some(alias.version),
            None => wanted
                .qualifier
                .parse()
                .ok()
                .filter(|n| versions.contains(n)),
        };
        match version {
            None => refuse(
                format!(
                    "Function not found: there is no version or alias '{}'.",
                    wanted.qualifier
                ),
                "Name a version or an alias that is there.",
            ),
            Some(version) if !taken.insert(version) => refuse(
                format!(
                    "Version {version} has provisioned concurrency already, by itself or through an alias."
                ),
                "Give it to the version or to one of its aliases, not to both.",
            ),
            Some(_) => {}
        }
        total += u64::from(wanted.amount);
    }
    let Some(reserved) = function.config.reserved_concurrency else {
        return;
    };
    if total <= u64::from(reserved) {
        return;
    }
    let cure = format!("Reserve {total} or more, or provision {reserved} or less.");
    let before = function
        .provisioned
        .iter()
        .filter(|it| it.requested.is_none());
    let allocated: u64 = before.map(|it| u64::from(it.amount)).sum();
    // Which call is refused depends on which comes second. What stands ready at the start was provisioned long before: so
    // it is the reserve that is lowered. Both texts were recorded on AWS.
    problems.push(if allocated > u64::from(reserved) {
        Problem::error(
            "function.reserved",
            RESERVED,
            format!(
                "ReservedConcurrentExecutions {reserved} should not be lower than function's total provisioned \
                 concurrency [{allocated}]."
            ),
            cure,
        )
    } else {
        Problem::error(
            "function.provisioned",
            "provisioned",
            "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
            cure,
        )
    });
}

/// Everything wrong with the account's concurrency and how functions divide it; `place` of each is the function's number
/// in the list, or none for the account itself.
pub fn check_account(account: u32, functions: &[Deployed<'_>]) -> Vec<(Option<usize>, Problem)> {
    let mut problems = Vec::new();
    if !ACCOUNT_CONCURRENCY.contains(&account) {
        problems.push((
            None,
            Problem::error(
                "account.concurrency",
                "account_concurrency",
                format!("An account's concurrency of {account} is outside 1 to 100,000."),
                "New accounts have as few as 10, others 1,000; more is granted on request.",
            ),
        ));
        // Of nothing, everything would be too much.
        return problems;
    }
    // Small accounts keep all of theirs unreserved.
    let floor = u64::from(UNRESERVED_MINIMUM.min(account));
    let mut left = u64::from(account);
    for (index, function) in functions.iter().enumerate() {
        let provisioned: u64 = function
            .provisioned
            .iter()
            .map(|p| u64::from(p.amount))
            .sum();
        let (field, api, wanted) = match function.config.reserved_concurrency {
            Some(reserved) => (
                RESERVED,
                "ReservedConcurrentExecutions",
                u64::from(reserved),
            ),
            None => ("provisioned", "ConcurrentExecutions", provisioned),
        };
        if wanted > 0 && left < wanted.saturating_add(floor) {
            problems.push((
                Some(index),
                Problem::error(
                    "account.unreserved",
                    field,
                    format!(
                        "Specified {api} for function decreases account's UnreservedConcurrentExecution below its minimum \
                         value of [{floor}]."
                    ),
                    "Take less, or raise the account's concurrency.",
                ),
            ));
            // What is refused is not taken from the others.
            continue;
        }
        left = left.saturating_sub(wanted);
    }
    problems
}
