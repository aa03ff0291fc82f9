//! Runs of a function: environments made, their phases begun and ended.

use std::sync::Arc;

use super::places::Place;
use super::story::From;
use super::{Cloud, Happening};
use crate::lambda::billing;
use crate::lambda::environment::{Begun, Environment, InvokeEnded, Task};
use crate::lambda::event::{
    Created, EnvironmentId, Event, InitEnd, InitPhase, InvocationId, Origin,
};
use crate::lambda::machine::Ended;
use crate::sim::{SimDuration, SimTime, Slot};

impl Cloud {
    /// Runs a story's next attempt in the place that was found for it.
    pub(super) fn run(&mut self, now: SimTime, story_slot: Slot, place: Place) {
        let Some(story) = self.stories.get_mut(story_slot) else {
            return;
        };
        story.attempt += 1;
        let requests = match (&story.queued, story.attempt) {
            // The surcharge for large events belongs to the event, not to each try.
            (Some(_), 1) => billing::asynchronous_requests(story.sent.event().len() as u64),
            _ => 1,
        };
        let task = Task {
            story: story_slot,
            invocation: story.invocation,
            identity: story.sent.repeats.unwrap_or(story.invocation),
            attempt: story.attempt,
            requests: u32::try_from(requests).unwrap_or(u32::MAX),
            capacity: place.capacity,
            log_tail: story.log_tail,
        };
        let variant = story.way.variant;
        match place.environment {
            Some(slot) => {
                if let Some(environment) = self.environments.get_mut(slot) {
                    environment.assign(task);
                }
                self.begin_invoke(now, slot);
            }
            None => {
                let Some(slot) = self.create(now, variant, None) else {
                    return;
                };
                if let Some(environment) = self.environments.get_mut(slot) {
                    environment.assign(task);
                }
                self.begin_init(now, slot, InitPhase::Init);
            }
        }
    }

    /// Makes an environment of a version, for itself or for provisioned concurrency.
    pub(super) fn create(
        &mut self,
        now: SimTime,
        variant: u32,
        provisioned: Option<u32>,
    ) -> Option<Slot> {
        let blueprint = &self.variants.get(variant as usize)?.blueprint;
        let id = EnvironmentId(self.next_environment);
        self.next_environment = self.next_environment.wrapping_add(1);
        let environment = Environment::new(id, variant, provisioned, now, blueprint);
        self.trace.note(
            now,
            Event::EnvironmentCreated {
                environment: id,
                created: Box::new(Created {
                    function: blueprint.function,
                    version: blueprint.version.clone(),
                    log_stream: environment.log_stream(blueprint),
                    provisioned: provisioned.is_some(),
                }),
            },
        );
        Some(self.environments.insert(environment))
    }

    pub(super) fn begin_init(&mut self, now: SimTime, slot: Slot, phase: InitPhase) {
        if let Some((id, begun)) = self.start_init(now, slot, phase) {
            self.begun(id, None, begun, Happening::InitEnds(slot, id));
        }
    }

    /// An Init that was over before the scenario began: what it wrote and how it ended stand at its start.
    pub(super) fn begin_init_in_the_past(&mut self, now: SimTime, slot: Slot) {
        let Some((id, mut begun)) = self.start_init(now, slot, InitPhase::Init) else {
            return;
        };
        begun.ends = now;
        for line in &mut begun.log {
            line.at = now;
        }
        for call in &mut begun.calls {
            call.at = now;
        }
        if begun.cut_off.is_some() {
            return self.begun(id, None, begun, Happening::InitEnds(slot, id));
        }
        self.foresee(id, None, begun, now);
        self.trace.reach(now);
        self.init_ends(now, slot, id);
    }

    fn start_init(
        &mut self,
        now: SimTime,
        slot: Slot,
        phase: InitPhase,
    ) -> Option<(EnvironmentId, Begun)> {
        let environment = self.environments.get_mut(slot)?;
        let id = environment.id();
        let blueprint = &self.variants.get(environment.variant() as usize)?.blueprint;
        self.trace.note(
            now,
            Event::InitStarted {
                environment: id,
                phase,
            },
        );
        self.guest_phases += u64::from(blueprint.usual.is_none());
        let begun = environment.begin_init(blueprint, phase, now, &mut self.chance);
        Some((id, begun))
    }

    pub(super) fn init_ends(&mut self, now: SimTime, slot: Slot, id: EnvironmentId) {
        let Some(environment) = self.known(slot, id) else {
            return;
        };
        let (variant, lane) = (environment.variant(), environment.provisioned());
        let Some(environment) = self.environments.get_mut(slot) else {
            return;
        };
        let Some(blueprint) = self.variants.get(variant as usize).map(|v| &v.blueprint) else {
            return;
        };
        let Some(ended) = environment.end_init(blueprint) else {
            return;
        };
        let started = !environment.needs_init();
        let has_task = environment.task().is_some();
        self.trace.note(
            now,
            Event::InitFinished {
                environment: id,
                phase: ended.phase,
                ended: Box::new(InitEnd {
                    end: ended.end.clone(),
                    error_type: ended.error_type,
                    usage: ended.usage,
                    memory: ended.memory,
                }),
            },
        );
        match (ended.phase, lane) {
            (InitPhase::Init, Some(lane)) if !has_task => {
                self.provisioned(now, slot, lane, started);
            }
            (InitPhase::Init, _) => self.begin_invoke(now, slot),
            (InitPhase::Invoke, _) if started => self.begin_handling(now, slot),
            (InitPhase::Invoke, _) => {
                let origin = Origin::Ran;
                let ended = self.with_environment(slot, |environment, blueprint| {
                    environment.end_invoke(blueprint, ended.end, true, origin)
                });
                if let Some(ended) = ended {
                    self.invoke_ended(now, slot, id, ended);
                }
            }
        }
    }

    pub(super) fn begin_invoke(&mut self, now: SimTime, slot: Slot) {
        let Some(environment) = self.environments.get_mut(slot) else {
            return;
        };
        let id = environment.id();
        let Some((task, cold)) = environment.begin_invoke(now) else {
            return;
        };
        let started = Event::InvokeStarted {
            environment: id,
            invocation: task.invocation,
            attempt: task.attempt,
            cold,
            capacity: task.capacity,
        };
        self.trace.note(now, started);
        if environment.needs_init() {
            self.begin_init(now, slot, InitPhase::Invoke);
        } else {
            self.begin_handling(now, slot);
        }
    }

    pub(super) fn begin_handling(&mut self, now: SimTime, slot: Slot) {
        let Some(environment) = self.environments.get_mut(slot) else {
            return;
        };
        let Some(task) = environment.task().copied() else {
            return;
        };
        let Some(variant) = self.variants.get(environment.variant() as usize) else {
            return;
        };
        let Some(story) = self.stories.get(task.story) else {
            return;
        };
        let function = variant.blueprint.function;
        let fate = self.drills.fate(function, now, &story.sent.payload);
        let id = environment.id();
        self.guest_phases += u64::from(variant.blueprint.usual.is_none());
        let Some(begun) = environment.begin_handling(
            &variant.blueprint,
            now,
            &story.sent,
            fate,
            &mut self.chance,
        ) else {
            return;
        };
        let end = match fate.lost.filter(|_| begun.cut_off.is_none()) {
            None => Happening::HandlerEnds(slot, id),
            Some(part) => {
                let length = u128::from(begun.ends.since(now).as_nanos());
                let after = (length * u128::from(part)) >> 32;
                let at = now + SimDuration::from_nanos(after as u64);
                self.kernel.at(at, Happening::Lost(slot, id));
                // The handler's end finds nobody there; what it writes after the loss is not told.
                return self.foresee(id, Some(task.invocation), begun, at);
            }
        };
        self.begun(id, Some(task.invocation), begun, end);
    }

    pub(super) fn handler_ends(&mut self, now: SimTime, slot: Slot, id: EnvironmentId) {
        if self.known(slot, id).is_none() {
            return;
        }
        let ended = self.with_environment(slot, |environment, blueprint| {
            environment.end_handling(blueprint)
        });
        if let Some(ended) = ended {
            self.invoke_ended(now, slot, id, ended);
        }
    }

    /// A guest has run ahead of the clock: what it wrote and how it ended take their place in time.
    fn begun(
        &mut self,
        environment: EnvironmentId,
        invocation: Option<InvocationId>,
        mut begun: Begun,
        end: Happening,
    ) {
        self.log.note(|| {
            format!(
                "environment {} ends its phase at {} with {} lines, cut off: {:?}",
                environment.0,
                begun.ends,
                begun.log.len(),
                begun.cut_off
            )
        });
        let ends = begun.ends;
        let end = match begun.cut_off.take() {
            Some(reason) => {
                self.cut_offs.insert(environment, reason);
                Happening::CutOff(environment)
            }
            None => end,
        };
        self.foresee(environment, invocation, begun, SimTime::MAX);
        self.kernel.at(ends, end);
    }

    /// The lines a guest writes, and the calls it makes, until `until` take their place in time.
    fn foresee(
        &mut self,
        environment: EnvironmentId,
        invocation: Option<InvocationId>,
        begun: Begun,
        until: SimTime,
    ) {
        for line in begun.log.into_iter().filter(|line| line.at <= until) {
            self.trace.foresee(
                line.at,
                Event::Log {
                    environment,
                    invocation,
                    text: line.text.into(),
                },
            );
        }
        // A guest runs ahead of the clock: others have answered calls after `until`, which then were never made. Only a
        // failure drill that takes the environment away makes such calls.
        for call in begun.calls.into_iter().filter(|call| call.at <= until) {
            self.kernel.at(call.at, Happening::GuestCalled);
            self.trace.foresee(
                call.at,
                Event::Called {
                    environment,
                    invocation,
                    call: Box::new(call.shown()),
                },
            );
        }
    }

    fn invoke_ended(&mut self, now: SimTime, slot: Slot, id: EnvironmentId, ended: InvokeEnded) {
        let InvokeEnded {
            task,
            duration,
            outcome,
            reset,
        } = ended;
        self.trace.note(
            now,
            Event::InvokeFinished {
                environment: id,
                invocation: task.invocation,
                attempt: task.attempt,
                duration,
                outcome: Arc::clone(&outcome),
            },
        );
        if let Some(reason) = reset {
            self.trace.note(
                now,
                Event::EnvironmentReset {
                    environment: id,
                    reason,
                },
            );
        }
        self.release(now, slot, reset.is_some());
        let Some(story) = self.stories.get(task.story) else {
            return;
        };
        if story.queued.is_some() {
            return self.attempt_over(now, task.story, &outcome);
        }
        if let From::Machine(machine, ticket) = story.origin {
            let request_id = story.sent.request_id(task.invocation);
            self.story_over(task.story);
            return self.machine_hears(now, machine, ticket, request_id, Ended::Ran(&outcome));
        }
        self.answer(now, task.story, &outcome);
        self.story_over(task.story);
    }

    /// Nothing after this would be true.
    pub(super) fn cut_off(&mut self, now: SimTime, id: EnvironmentId) {
        let reason = self.cut_offs.remove(&id).unwrap_or_default();
        self.stop(
            now,
            Event::CutOff {
                reason,
                patience: true,
            },
        );
    }

    /// Ends the run with this entry.
    pub(super) fn stop(&mut self, now: SimTime, last: Event) {
        self.trace.note(now, last);
        self.trace.forget_ahead();
        self.stopped = true;
    }

    /// The environment in this slot, when it is still the one that is meant.
    fn known(&self, slot: Slot, id: EnvironmentId) -> Option<&Environment> {
        self.environments
            .get(slot)
            .filter(|environment| environment.id() == id)
    }

    fn with_environment<T>(
        &mut self,
        slot: Slot,
        work: impl FnOnce(&mut Environment, &crate::lambda::environment::Blueprint) -> Option<T>,
    ) -> Option<T> {
        let environment = self.environments.get_mut(slot)?;
        let variant = self.variants.get(environment.variant() as usize)?;
        work(environment, &variant.blueprint)
    }
}
