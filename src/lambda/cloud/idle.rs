//! Environments with nothing to do: kept, expired, ended.

use super::{Cloud, Happening};
use crate::lambda::event::Event;
use crate::sim::{SimTime, Slot};

impl Cloud {
    /// The environment has nothing to do.
    pub(super) fn release(&mut self, now: SimTime, slot: Slot, was_reset: bool) {
        let Some(environment) = self.environments.get(slot) else {
            return;
        };
        let (index, lane) = (environment.variant(), environment.provisioned());
        if let Some(lane) = lane {
            if was_reset {
                // Nobody shall wait for a suppressed init: a new one takes its place.
                self.end_environment(now, slot);
                self.replace_provisioned(now, lane);
            } else if let Some(lane) = self.lanes.get_mut(lane as usize) {
                lane.put_idle(slot);
            }
            return;
        }
        let Some(variant) = self.variants.get_mut(index as usize) else {
            return;
        };
        self.concurrency.give_back(variant.blueprint.function);
        if let Some(at) = variant.pool.put(slot, now, self.idle_lifetime) {
            self.kernel.at(at, Happening::Expiry(index));
        }
    }

    pub(super) fn expiry(&mut self, now: SimTime, index: u32) {
        while let Some(slot) = self
            .variants
            .get_mut(index as usize)
            .and_then(|variant| variant.pool.expired(now, self.idle_lifetime))
        {
            self.end_environment(now, slot);
        }
        let next = self
            .variants
            .get_mut(index as usize)
            .and_then(|variant| variant.pool.next_wake(self.idle_lifetime));
        if let Some(at) = next {
            self.kernel.at(at, Happening::Expiry(index));
        }
    }

    /// The environment is ended: process and `/tmp` are gone.
    pub(super) fn end_environment(&mut self, now: SimTime, slot: Slot) {
        if let Some(environment) = self.environments.remove(slot) {
            let environment = environment.id();
            self.trace
                .note(now, Event::EnvironmentShutdown { environment });
        }
    }
}
