//! Filter criteria: which messages or records are sent to the function at all.

pub(super) mod view;

use serde_json::{Map, Value};

use super::settings::FilterCriteria;
use crate::lambda::pattern::{Dialect, Pattern};
use view::View;

/// The compiled filters of one mapping.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    patterns: Vec<Pattern>,
}

impl Filter {
    /// Compiles filter criteria. Patterns that are not valid are left out: see [`super::check`].
    pub fn new(criteria: Option<&FilterCriteria>) -> Self {
        let patterns = criteria
            .iter()
            .flat_map(|criteria| &criteria.filters)
            .filter_map(|filter| Pattern::parse(&filter.pattern, Dialect::FilterCriteria).ok())
            .collect();
        Self { patterns }
    }

    /// Whether everything is sent: a mapping without filters.
    pub fn is_open(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether one of the filters matches; without filters everything does.
    pub(super) fn admits(&self, view: &impl View) -> bool {
        if self.is_open() {
            return true;
        }
        // Only what the patterns ask for is decoded, once for all of them.
        let mut record = Map::new();
        for root in self.patterns.iter().flat_map(Pattern::roots) {
            if !record.contains_key(root)
                && let Some(value) = view.root(root)
            {
                record.insert(root.to_owned(), value);
            }
        }
        let record = Value::Object(record);
        self.patterns
            .iter()
            .any(|pattern| view.fits(pattern, &record) && pattern.matches(&record))
    }
}
