//! Where the requests of a scenario go: to functions, or through a polled trigger to the source of a mapping.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mapping::{MAX_MAPPINGS, Mapping, context};
use super::{Arrival, Scenario, Traffic};
use crate::lambda::caller::Target;
use crate::lambda::event_source::{check, default};
use crate::lambda::function_name::meant;
use crate::problem::Severity;

/// Which mappings a cloud has, and what goes to them.
pub(super) struct Plan {
    /// The scenario's own, then those made for requests without one.
    pub mappings: Vec<Mapping>,
    /// Where every single request goes.
    pub arrivals: Vec<Target>,
    /// The same for loads.
    pub traffic: Vec<Target>,
}

/// What decides where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    trigger: &'a str,
    payload: &'a str,
    function: Option<&'a str>,
    qualifier: Option<&'a str>,
}

impl<'a> From<&'a Arrival> for Asked<'a> {
    fn from(arrival: &'a Arrival) -> Self {
        let meant = meant(arrival.function.as_deref(), arrival.qualifier.as_deref());
        Self {
            trigger: &arrival.trigger,
            payload: &arrival.payload,
            function: meant.name,
            qualifier: meant.qualifier,
        }
    }
}

impl<'a> From<&'a Traffic> for Asked<'a> {
    fn from(traffic: &'a Traffic) -> Self {
        let meant = meant(traffic.function.as_deref(), traffic.qualifier.as_deref());
        Self {
            trigger: &traffic.trigger,
            payload: &traffic.payload,
            function: meant.name,
            qualifier: meant.qualifier,
        }
    }
}

impl Plan {
    pub fn of(scenario: &Scenario) -> Self {
        let mut planner = Planner {
            scenario,
            mappings: scenario.mappings.clone(),
            known: BTreeMap::new(),
        };
        let arrivals = scenario.arrivals.iter().map(Asked::from);
        let arrivals = arrivals.map(|asked| planner.target(asked)).collect();
        let traffic = scenario.traffic.iter().map(Asked::from);
        let traffic = traffic.map(|asked| planner.target(asked)).collect();
        Self {
            mappings: planner.mappings,
            arrivals,
            traffic,
        }
    }
}

struct Planner<'a> {
    scenario: &'a Scenario,
    mappings: Vec<Mapping>,
    /// What was asked before: requests are mostly alike.
    known: BTreeMap<Asked<'a>, Option<u16>>,
}

impl<'a> Planner<'a> {
    fn target(&mut self, asked: Asked<'a>) -> Target {
        let machine = match self.known.get(&asked) {
            Some(known) => *known,
            None => {
                let found = self.mapping(asked);
                self.known.insert(asked, found);
                found
            }
        };
        Target {
            function: asked.function.map(str::to_owned),
            qualifier: asked.qualifier.map(str::to_owned),
            machine,
        }
    }

    /// The mapping for a request: the scenario's for its trigger, one of the same target first, or a default one. None when
    /// the trigger is not polled, or the function is not there: then the call is answered with 404.
    fn mapping(&mut self, asked: Asked<'_>) -> Option<u16> {
        let Asked {
            trigger,
            function,
            qualifier,
            ..
        } = asked;
        default::source(trigger, &Value::Null, 0)?;
        let own = || {
            let numbered = self.scenario.mappings.iter().enumerate();
            numbered.filter(|(_, mapping)| mapping.source.trigger() == trigger)
        };
        let same = own().find(|(_, mapping)| {
            let own = mapping.meant();
            (own.name, own.qualifier) == (function, qualifier)
        });
        if let Some((index, _)) = same.or_else(|| own().next()) {
            return u16::try_from(index).ok();
        }
        let mapping = by_default(self.scenario, asked)?;
        let index = self.mappings.iter().position(|known| *known == mapping);
        let index = index.unwrap_or_else(|| {
            if self.mappings.len() < MAX_MAPPINGS {
                self.mappings.push(mapping);
            }
            self.mappings.len() - 1
        });
        u16::try_from(index).ok()
    }
}

/// The mapping of a request for which the scenario has none: source and names as its event shows them.
fn by_default(scenario: &Scenario, asked: Asked<'_>) -> Option<Mapping> {
    let context = context(scenario, asked.function, asked.qualifier)?;
    let event = serde_json::from_str(asked.payload).unwrap_or(Value::Null);
    [&event, &Value::Null].into_iter().find_map(|event| {
        let source = default::source(asked.trigger, event, context.function_timeout_seconds)?;
        let config = default::config(&source);
        // Names from an event may be none; then the plain default is taken, and validation tells what is wrong with that.
        let problems = check(&source, &config, &context);
        let usable = event.is_null() || !problems.iter().any(|p| p.severity == Severity::Error);
        usable.then(|| Mapping {
            source,
            function_name: asked.function.map(str::to_owned),
            qualifier: asked.qualifier.map(str::to_owned),
            config,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests that are alike share a mapping, single or in a load, and what is not polled has none.
    #[test]
    fn arrivals_and_loads_are_planned_alike() {
        let arrival = |trigger: &str, payload: &str| Arrival {
            trigger: trigger.to_owned(),
            payload: payload.to_owned(),
            ..Arrival::default()
        };
        let mut scenario = Scenario {
            arrivals: vec![
                arrival("sqs", "{}"),
                arrival("direct", "{}"),
                arrival("kinesis", "{}"),
                arrival("sqs", "{}"),
            ],
            ..Scenario::default()
        };
        scenario.traffic = vec![Traffic {
            trigger: "kinesis".to_owned(),
            payload: "{}".to_owned(),
            start: crate::sim::SimTime::ZERO,
            pattern: crate::lambda::traffic::Pattern::Burst { count: 2 },
            function: None,
            qualifier: None,
        }];
        let plan = Plan::of(&scenario);
        let machines: Vec<_> = plan.arrivals.iter().map(|target| target.machine).collect();
        assert_eq!(machines, [Some(0), None, Some(1), Some(0)]);
        assert_eq!(plan.traffic[0].machine, Some(1));
        assert_eq!(plan.mappings.len(), 2);
    }
}
