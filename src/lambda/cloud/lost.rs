//! Environments that vanish in the middle of an invocation: a drill's doing.

use std::sync::Arc;

use super::Cloud;
use super::story::From;
use crate::lambda::event::{EnvironmentId, Event};
use crate::lambda::invoke;
use crate::lambda::machine::Ended;
use crate::sim::{SimTime, Slot};

impl Cloud {
    pub(super) fn lost(&mut self, now: SimTime, slot: Slot, id: EnvironmentId) {
        let Some(environment) = self
            .environments
            .get_mut(slot)
            .filter(|environment| environment.id() == id)
        else {
            return;
        };
        let task = environment.lose();
        let (variant, lane) = (environment.variant(), environment.provisioned());
        self.trace.note(
            now,
            Event::EnvironmentLost {
                environment: id,
                invocation: task.map(|task| task.invocation),
            },
        );
        self.environments.remove(slot);
        match lane {
            Some(lane) => self.replace_provisioned(now, lane),
            None => {
                if let Some(variant) = self.variants.get(variant as usize) {
                    self.concurrency.give_back(variant.blueprint.function);
                }
            }
        }
        let Some(task) = task else {
            return;
        };
        let Some(story) = self.stories.get(task.story) else {
            return;
        };
        if story.queued.is_some() {
            return self.attempt_lost(now, task.story);
        }
        if let From::Machine(machine, ticket) = story.origin {
            let request_id = story.sent.request_id(task.invocation);
            self.story_over(task.story);
            return self.machine_hears(now, machine, ticket, request_id, Ended::SystemError);
        }
        self.refused(now, task.story, Arc::new(invoke::service_failed()));
    }
}
