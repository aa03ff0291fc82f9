//! What is set up as a scenario, and the reverse.

use std::sync::Arc;

use super::{Call, Setup};
use crate::scenario::{Arrival, ModuleHash, Scenario, Traffic, When};
use crate::session::desk::Card;
use crate::sim::SimTime;
use crate::ui::json_text;

impl Setup {
    /// Takes a whole scenario; what is to be edited next is its last request.
    pub fn take_scenario(&mut self, scenario: &Scenario, cards: &[Arc<Card>]) {
        self.triggers.clone_from(&scenario.triggers);
        if let Some(last) = scenario.arrivals.last() {
            self.take_trigger(&last.trigger, cards);
            self.set_event(json_text::pretty(&last.payload), true);
            self.call = Call {
                function: last.function.clone(),
                qualifier: last.qualifier.clone(),
                log_tail: last.log_tail,
                dry_run: last.dry_run,
            };
        } else {
            self.call = Call::default();
        }
        self.config = scenario.function.clone();
        self.environment_text = self
            .config
            .environment
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect();
        self.environment_problems.clear();
        self.arrivals.clone_from(&scenario.arrivals);
        let (first, rest) = match scenario.traffic.split_first() {
            Some((first, rest)) => (Some(first), rest.to_vec()),
            None => (None, Vec::new()),
        };
        self.load.take(first.map(|it| &it.pattern), &scenario.runs);
        self.loads = rest;
        if let Some(traffic) = first {
            self.take_trigger(&traffic.trigger, cards);
            self.set_event(json_text::pretty(&traffic.payload), true);
            self.call = Call {
                function: traffic.function.clone(),
                qualifier: traffic.qualifier.clone(),
                ..Call::default()
            };
            // The very text that is sent, not as it is indented in the editor.
            self.arrivals = vec![Arrival {
                when: When::At(traffic.start),
                trigger: traffic.trigger.clone(),
                payload: traffic.payload.clone(),
                function: traffic.function.clone(),
                qualifier: traffic.qualifier.clone(),
                ..Arrival::default()
            }];
        }
        self.published.clone_from(&scenario.published);
        self.others.clone_from(&scenario.others);
        self.mappings.clone_from(&scenario.mappings);
        self.drills.clone_from(&scenario.drills);
        self.account_concurrency = scenario.account_concurrency;
        self.client = scenario.client;
        self.duplicates_per_million = scenario.duplicates_per_million;
        self.idle_lifetime_seconds = scenario.idle_lifetime_seconds;
        self.seed = scenario.seed;
        self.epoch_ms = scenario.epoch_ms;
    }

    /// The scenario for the worker.
    pub fn scenario(&self, module: &ModuleHash) -> Scenario {
        let mut scenario = Scenario {
            seed: self.seed,
            epoch_ms: self.epoch_ms,
            function: self.config.clone(),
            module: module.clone(),
            runs: self.load.runs(),
            published: self.published.clone(),
            others: self.others.clone(),
            account_concurrency: self.account_concurrency,
            triggers: self.triggers.clone(),
            mappings: self.mappings.clone(),
            client: self.client,
            drills: self.drills.clone(),
            duplicates_per_million: self.duplicates_per_million,
            idle_lifetime_seconds: self.idle_lifetime_seconds,
            ..Scenario::default()
        };
        match (self.load.pattern(), self.arrivals.last()) {
            (Some(pattern), Some(sent)) => {
                scenario.traffic.push(Traffic {
                    start: match sent.when {
                        When::At(at) => at,
                        When::AfterPrevious(_) => SimTime::ZERO,
                    },
                    pattern,
                    trigger: sent.trigger.clone(),
                    payload: sent.payload.clone(),
                    function: sent.function.clone(),
                    qualifier: sent.qualifier.clone(),
                });
                scenario.traffic.extend(self.loads.iter().cloned());
            }
            _ => scenario.arrivals.clone_from(&self.arrivals),
        }
        scenario
    }
}
