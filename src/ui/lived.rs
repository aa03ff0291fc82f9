//! Runs that the cloud has really lived through, for tests.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::guest::process::Verdict;
use crate::lambda::cloud::Cloud;
use crate::lambda::event::Entry;
use crate::lambda::model::Model;
use crate::scenario::{Arrival, Runs, Scenario};
use crate::sim::Distribution;

/// A modelled function: Init 200 ms, handler 50 ms.
pub fn scenario(trigger: &str, payload: &str, failing: bool) -> Scenario {
    Scenario {
        runs: Runs::Model(Model {
            init: Distribution::Constant { micros: 200_000 },
            duration: Distribution::Constant { micros: 50_000 },
            errors_per_million: if failing { 1_000_000 } else { 0 },
            ..Model::default()
        }),
        arrivals: vec![Arrival {
            trigger: trigger.to_owned(),
            payload: payload.to_owned(),
            ..Arrival::default()
        }],
        ..Scenario::default()
    }
}

/// What happens in it, in the order of time.
pub fn lived(scenario: &Scenario) -> Arc<Vec<Entry>> {
    let watch = Rc::new(RefCell::new(|_| Verdict::Continue));
    let mut cloud = Cloud::with_modules(scenario, &|_| None, watch).expect("a valid scenario");
    while cloud.step() {}
    let mut entries = cloud.take_entries();
    entries.sort_by_key(|entry| entry.at);
    Arc::new(entries)
}
