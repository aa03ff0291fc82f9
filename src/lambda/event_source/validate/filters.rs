//! Filter criteria.

use crate::lambda::event_source::{MappingConfig, Source};
use crate::lambda::pattern::{Dialect, Pattern};
use crate::problem::Problem;

/// Filters that a mapping may have, without a raised quota.
pub const FILTERS: usize = 5;

/// Patterns that are none, and patterns that will match nothing.
pub(super) fn check(source: &Source, config: &MappingConfig, problems: &mut Vec<Problem>) {
    let Some(criteria) = &config.filter_criteria else {
        return;
    };
    if matches!(source, Source::DocumentDb(_)) && !criteria.filters.is_empty() {
        problems.push(Problem::error(
            "mapping.filter",
            "FilterCriteria",
            "Lambda does not support event filtering for Amazon DocumentDB.",
            "Leave the filters out.",
        ));
        return;
    }
    if criteria.filters.len() > FILTERS {
        problems.push(Problem::error(
            "mapping.filter",
            "FilterCriteria.Filters",
            format!(
                "A mapping has at most {FILTERS} filters; here are {}.",
                criteria.filters.len()
            ),
            "Join some with $or. On AWS the quota can be raised to 10.",
        ));
    }
    for (index, filter) in criteria.filters.iter().enumerate() {
        let place = format!("FilterCriteria.Filters[{index}].Pattern");
        let invalid = |cure: String| {
            Problem::error(
                "mapping.filter",
                &place,
                "Invalid filter pattern definition.",
                cure,
            )
        };
        let pattern = match Pattern::parse(&filter.pattern, Dialect::FilterCriteria) {
            Ok(pattern) => pattern,
            Err(fault) => {
                problems.push(invalid(format!("In the pattern, at {fault}")));
                continue;
            }
        };
        if matches!(source, Source::Kinesis(_)) && pattern.is_object_at("data") == Some(false) {
            problems.push(invalid(
                "Kinesis data can only be filtered as JSON: name its keys.".into(),
            ));
        }
        let other = pattern
            .roots()
            .find(|root| *root != "body")
            .map(str::to_owned);
        if let (Source::Sqs(_), Some(root)) = (source, other) {
            problems.push(Problem::warning(
                "mapping.filter",
                &place,
                format!("SQS messages can only be filtered on body; this filter asks for {root}."),
                "Nothing will match it, so every message is deleted. Write {\"body\": …}.",
            ));
        }
    }
}
