//! Services with a course of their own, as machines that the cloud drives: jobs that wait for a callback, and state
//! machines.

mod desk;
mod jobs;
mod workflow;

use std::cell::RefCell;
use std::rc::Rc;

use super::Scenario;
use crate::guest::process::outside::Outside;
use crate::lambda::caller::Target;
use crate::lambda::machine::Machine;
use crate::problem::Problem;
use crate::trigger::{self, Form, Trigger};
use desk::Desk;
use jobs::Jobs;
use workflow::Workflow;

pub use jobs::{CONTINUES_AFTER, ROLLS_BACK_AFTER};

/// The services of a scenario, made as its requests need them.
pub(super) struct Services<'a> {
    scenario: &'a Scenario,
    /// Which number the first has among the cloud's machines.
    first: usize,
    desk: Rc<RefCell<Desk>>,
    /// What each is for: trigger and function.
    known: Vec<(&'static str, Target)>,
    machines: Vec<Box<dyn Machine>>,
}

impl<'a> Services<'a> {
    pub fn new(scenario: &'a Scenario, first: usize) -> Self {
        Self {
            scenario,
            first,
            desk: Rc::default(),
            known: Vec::new(),
            machines: Vec::new(),
        }
    }

    /// The number of the service that takes requests of this trigger for this function; none when they go to Lambda as they
    /// are.
    pub fn of(&mut self, trigger: &'static dyn Trigger, target: &Target) -> Option<u16> {
        if target.machine.is_some() {
            return None;
        }
        let sought = (trigger.id(), target.clone());
        let index = match self.known.iter().position(|known| *known == sought) {
            Some(index) => index,
            None => {
                let machine = self.make(trigger, target)?;
                self.machines.push(machine);
                self.known.push(sought);
                self.known.len() - 1
            }
        };
        u16::try_from(self.first + index).ok()
    }

    fn make(&self, trigger: &'static dyn Trigger, target: &Target) -> Option<Box<dyn Machine>> {
        let desk = Rc::clone(&self.desk);
        let settings = self.scenario.settings_of(trigger.id());
        // Validation has made sure that the definition can be read.
        if let Some(Ok(machine)) = trigger.machine(&settings) {
            let workflow = Workflow::new(
                trigger,
                machine,
                settings,
                target.clone(),
                desk,
                (self.scenario.seed, self.scenario.epoch_ms),
            );
            return Some(Box::new(workflow));
        }
        // Whether there is a callback does not depend on the event; what it must say does.
        trigger.callback(&serde_json::Value::Null)?;
        Some(Box::new(Jobs::new(trigger, target.clone(), desk)))
    }

    /// The machines, and whoever answers the calls of guests.
    pub fn finish(self) -> (Vec<Box<dyn Machine>>, Outside) {
        let desk = self.desk;
        let outside = Outside::new(move |at, operation, body| {
            // Nobody else has the desk while a guest runs.
            match desk.try_borrow_mut() {
                Ok(mut desk) => desk.answer(at, operation, body),
                Err(_) => crate::guest::process::outside::Reply::unknown(operation),
            }
        });
        (self.machines, outside)
    }
}

impl Scenario {
    /// What a trigger is set up with besides its events.
    pub fn settings_of(&self, trigger: &str) -> Form {
        let settings = self.triggers.get(trigger).into_iter().flatten();
        settings
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }
}

/// What is wrong with the settings of triggers.
pub(super) fn validate(scenario: &Scenario, problems: &mut Vec<Problem>) {
    for id in scenario.triggers.keys() {
        let place = format!("$.triggers.{id}");
        let Some(trigger) = trigger::by_id(id) else {
            problems.push(Problem::warning(
                "scenario.trigger",
                place,
                "There is no such trigger.",
                "Choose one from the list.",
            ));
            continue;
        };
        let settings = scenario.settings_of(id);
        let known = trigger.fields().iter().filter(|field| field.setting);
        let known: Vec<&str> = known.map(|field| field.key).collect();
        for (key, _) in settings
            .iter()
            .filter(|(key, _)| !known.contains(&key.as_str()))
        {
            problems.push(Problem::warning(
                "scenario.setting",
                format!("{place}.{key}"),
                format!("{} has no such setting.", trigger.name()),
                "Remove it.",
            ));
        }
        if let Some(Err(wrong)) = trigger.machine(&settings) {
            problems.extend(wrong.into_iter().map(|problem| Problem {
                place: format!(
                    "{place}.definition{}",
                    problem.place.trim_start_matches('$')
                ),
                ..problem
            }));
        }
    }
}
