//! From scenario to running cloud: requests come through triggers.

use std::rc::Rc;

use serde_json::Value;

use super::{Scenario, When, validate};
use crate::guest::process::Watch;
use crate::lambda::caller::{Caller, Moment, Request};
use crate::lambda::cloud::{Cloud, Setup};
use crate::lambda::event::{CallerView, InvocationType, InvokeResponse};
use crate::lambda::runtime::Code;
use crate::problem::{Problem, Severity};
use crate::sim::SimDuration;
use crate::trigger::{self, Trigger};

impl Cloud {
    /// A cloud at virtual time zero, about to live through `scenario` with `code`.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error.
    pub fn new(
        scenario: &Scenario,
        code: Rc<dyn Code>,
        watch: Watch,
    ) -> Result<Self, Vec<Problem>> {
        Ok(Self::start(scenario.setup(code, watch)?))
    }
}

impl Scenario {
    /// What [`Cloud::start`] wants to know, for callers that set more than a scenario does.
    ///
    /// # Errors
    /// Everything wrong with the scenario, when something in it is an error.
    pub fn setup(&self, code: Rc<dyn Code>, watch: Watch) -> Result<Setup, Vec<Problem>> {
        let problems = validate(self);
        if problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
        {
            return Err(problems);
        }
        let requests = self
            .arrivals
            .iter()
            .filter_map(|arrival| {
                // Validation has made sure that there is one.
                let trigger = trigger::by_id(&arrival.trigger)?;
                Some(Request {
                    when: match arrival.when {
                        When::At(at) => Moment::At(at),
                        When::AfterPrevious(span) => Moment::AfterPrevious(span),
                    },
                    caller: Rc::new(Through {
                        trigger,
                        event: Rc::from(arrival.payload.as_str()),
                    }),
                    payload: Rc::from(arrival.payload.as_str()),
                })
            })
            .collect();
        Ok(Setup {
            seed: self.seed,
            epoch_ms: self.epoch_ms,
            requests,
            ..Setup::new(self.function.clone(), code, watch)
        })
    }
}

/// A caller that comes through a trigger.
struct Through {
    trigger: &'static dyn Trigger,
    /// The event as sent; parsed anew when something depends on it, because most of 100,000 requests are only waited for.
    event: Rc<str>,
}

impl Through {
    fn event(&self) -> Value {
        serde_json::from_str(&self.event).unwrap_or_default()
    }
}

impl Caller for Through {
    fn id(&self) -> &str {
        self.trigger.id()
    }

    fn invocation_type(&self) -> InvocationType {
        self.trigger.invocation_type(&self.event())
    }

    fn timeout(&self) -> Option<SimDuration> {
        self.trigger.caller_timeout(&self.event())
    }

    fn view(&self, response: &InvokeResponse) -> CallerView {
        self.trigger.caller_view(&self.event(), response)
    }

    fn timed_out(&self) -> CallerView {
        self.trigger.caller_timed_out(&self.event())
    }
}
