//! The guide that is open, and how far one is in it.

use std::sync::Arc;

use super::Setup;
use crate::lambda::config::MemoryMb;
use crate::scenario::ModuleHash;
use crate::ui::guide::{Guide, Step};

/// The guide part of the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GuideState {
    /// The one that is open.
    pub open: Option<&'static Guide>,
    /// Its step, from 0.
    pub step: usize,
    /// Whether its scenario has still to be asked for: the triggers' worker does not listen yet.
    pub asks: bool,
    /// Whether the step is to be shown when its run is there.
    pub awaits: bool,
    /// What the guide set up, once it has.
    pub own: Option<Arc<Setup>>,
    /// Whether what the step stands at does not happen in the run that is shown.
    pub lost: bool,
}

impl GuideState {
    /// The step.
    pub fn current(&self) -> Option<&'static Step> {
        self.open?.steps().get(self.step)
    }

    /// Whether this is the last step.
    pub fn is_last(&self) -> bool {
        self.open
            .is_none_or(|guide| self.step + 1 >= guide.steps().len())
    }

    /// Whether the visitor has changed what the guide set up: its text may then tell of something else.
    pub fn taken_over(&self, setup: &Setup) -> bool {
        let Some((own, guide)) = self.own.as_ref().zip(self.open) else {
            return false;
        };
        let scenario = |setup: &Setup| {
            let mut scenario = setup.scenario(&ModuleHash(String::new()));
            // Sizes that the guide itself goes through.
            if guide
                .steps()
                .iter()
                .any(|step| step.memory == Some(scenario.function.memory.0))
            {
                scenario.function.memory = MemoryMb::MIN;
            }
            scenario
        };
        scenario(own) != scenario(setup)
    }
}
