//! Asynchronous events: accepted, tried, sent on or given up.

use std::sync::Arc;

use super::story::{From, Story};
use super::{Cloud, Happening};
use crate::lambda::async_queue::{Next, QueuedEvent, RetryPolicy};
use crate::lambda::config::{Destination, DestinationKind, FunctionConfig, RecursiveLoop};
use crate::lambda::destination::Told;
use crate::lambda::event::{
    Delivery, DeliveryKind, DropReason, Event, InvocationId, InvocationType, Outcome, RetryCause,
    Sent,
};
use crate::lambda::machine::Ended;
use crate::lambda::{invoke, names};
use crate::sim::{SimTime, Slot};

/// How many functions in a row Lambda lets one chain pass before it takes it for a loop ("approximately 16 times").
const LONGEST_CHAIN: u32 = 16;

impl Cloud {
    /// 202: the event stands in the queue.
    pub(super) fn accept(&mut self, now: SimTime, slot: Slot) {
        let Some(story) = self.stories.get_mut(slot) else {
            return;
        };
        let invocation = story.invocation;
        story.queued = Some(QueuedEvent::accepted(now));
        let waits = std::mem::take(&mut story.waits);
        let origin = story.origin;
        self.trace.note(now, Event::Accepted { invocation });
        if let From::Sender(index) = origin
            && waits
        {
            let view = self.view_accepted(index);
            self.caller_sees(now, invocation, view);
        }
        self.kernel.at(now, Happening::Dequeue(slot, invocation));
        let twice = self
            .chances
            .duplicates
            .happens(self.chances.duplicates_per_million);
        if twice && !matches!(origin, From::Lambda) {
            self.duplicate(now, slot);
        }
    }

    /// The queue will deliver this event a second time.
    fn duplicate(&mut self, now: SimTime, slot: Slot) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let (original, way) = (story.invocation, story.way);
        let sent = Arc::new(Sent {
            repeats: Some(original),
            ..Sent::clone(&story.sent)
        });
        let invocation = self.next_invocation();
        self.trace.note(
            now,
            Event::Duplicated {
                invocation: original,
                duplicate: invocation,
            },
        );
        self.enqueue(now, Story::new(invocation, sent, From::Lambda, way));
    }

    /// Puts an event into the queue that Lambda itself sends.
    fn enqueue(&mut self, now: SimTime, story: Story) {
        self.trace.note(
            now,
            Event::Received {
                invocation: story.invocation,
                sent: Arc::clone(&story.sent),
            },
        );
        self.open += 1;
        let slot = self.stories.insert(story);
        self.accept(now, slot);
    }

    pub(super) fn dequeue(&mut self, now: SimTime, slot: Slot, id: InvocationId) {
        let Some(story) = self
            .stories
            .get(slot)
            .filter(|story| story.invocation == id)
        else {
            return;
        };
        let way = story.way;
        if self.concurrency.is_switched_off(way.function) {
            return self.give_up(now, slot, DropReason::ZeroReservedConcurrency);
        }
        match self.place(now, way, InvocationType::Event) {
            Ok(place) => {
                let Some(event) = self.stories.get_mut(slot).and_then(|s| s.queued.as_mut()) else {
                    return;
                };
                let (attempt, age) = event.dequeue(now);
                self.trace.note(
                    now,
                    Event::Dequeued {
                        invocation: id,
                        attempt,
                        age,
                    },
                );
                self.run(now, slot, place);
            }
            Err(reason) => {
                self.trace.note(
                    now,
                    Event::Throttled {
                        invocation: id,
                        reason,
                    },
                );
                self.set_back(now, slot, RetryCause::Throttled, QueuedEvent::throttled);
            }
        }
    }

    /// An attempt of an asynchronous event is over.
    pub(super) fn attempt_over(&mut self, now: SimTime, slot: Slot, outcome: &Arc<Outcome>) {
        let Some(story) = self.stories.get_mut(slot) else {
            return;
        };
        story.last = Some(Arc::clone(outcome));
        if outcome.failed() {
            return self.set_back(now, slot, RetryCause::FunctionError, QueuedEvent::failed);
        }
        if let Some(event) = &mut story.queued {
            event.succeeded();
        }
        if let Some(target) = self.config_of(slot).and_then(|c| c.on_success.clone()) {
            self.send_record(now, slot, DeliveryKind::OnSuccess, &target, None);
        }
        self.event_over(now, slot);
    }

    /// The environment was lost in the middle of an attempt.
    pub(super) fn attempt_lost(&mut self, now: SimTime, slot: Slot) {
        self.set_back(
            now,
            slot,
            RetryCause::SystemError,
            QueuedEvent::system_failed,
        );
    }

    /// The event goes back to the queue, or is given up.
    fn set_back(
        &mut self,
        now: SimTime,
        slot: Slot,
        cause: RetryCause,
        decide: fn(&mut QueuedEvent, SimTime, RetryPolicy) -> Next,
    ) {
        let Some(policy) = self.config_of(slot).map(RetryPolicy::of) else {
            return;
        };
        let Some(story) = self.stories.get_mut(slot) else {
            return;
        };
        let invocation = story.invocation;
        let Some(event) = &mut story.queued else {
            return;
        };
        match decide(event, now, policy) {
            Next::Retry { attempt, due } => {
                self.trace.note(
                    now,
                    Event::RetryScheduled {
                        invocation,
                        attempt,
                        cause,
                        due,
                    },
                );
                self.kernel.at(due, Happening::Dequeue(slot, invocation));
            }
            Next::Drop(reason) => self.give_up(now, slot, reason),
        }
    }

    /// The event is given up: on-failure destination and dead-letter queue both get it, where there are any.
    fn give_up(&mut self, now: SimTime, slot: Slot, reason: DropReason) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let attempts = story.queued.as_ref().map_or(0, QueuedEvent::attempts);
        self.trace.note(
            now,
            Event::Dropped {
                invocation: story.invocation,
                reason,
                attempts,
            },
        );
        let targets = self
            .config_of(slot)
            .map(|config| (config.on_failure.clone(), config.dead_letter.clone()));
        let (on_failure, dead_letter) = targets.unwrap_or_default();
        if let Some(target) = on_failure {
            self.send_record(now, slot, DeliveryKind::OnFailure, &target, Some(reason));
        }
        if let Some(target) = dead_letter {
            self.send_record(now, slot, DeliveryKind::DeadLetter, &target, Some(reason));
        }
        self.event_over(now, slot);
    }

    /// The queue is done with an event; a machine that has sent it hears how it went.
    fn event_over(&mut self, now: SimTime, slot: Slot) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let (origin, last) = (story.origin, story.last.clone());
        let id = story.sent.request_id(story.invocation);
        self.story_over(slot);
        if let From::Machine(machine, ticket) = origin {
            let end = match &last {
                Some(outcome) => Ended::Ran(outcome),
                None => Ended::Refused,
            };
            self.machine_hears(now, machine, ticket, id, end);
        }
    }

    fn send_record(
        &mut self,
        now: SimTime,
        slot: Slot,
        kind: DeliveryKind,
        target: &Destination,
        dropped: Option<DropReason>,
    ) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let (invocation, hops, function) = (story.invocation, story.hops, story.way.function);
        let Some(config) = self.config_of(slot) else {
            return;
        };
        let qualifier = story.sent.qualifier.as_deref().unwrap_or(names::VERSION);
        let function_arn = names::qualified_arn(&config.name, qualifier);
        let request_id = story.sent.request_id(invocation);
        let told = Told {
            epoch_ms: self.epoch_ms,
            now,
            request_id,
            function_arn: &function_arn,
            event: &story.sent.payload,
            dropped,
            attempts: story.queued.as_ref().map_or(0, QueuedEvent::attempts),
            // Nothing ran in a function that is switched off.
            last: story.last.as_deref(),
        };
        let (body, attributes) = match kind {
            DeliveryKind::DeadLetter => {
                let event = String::from_utf8_lossy(story.sent.event()).into_owned();
                (event, told.attributes())
            }
            _ => (told.body(target, &request_id.to_string()), Vec::new()),
        };
        let next = match kind {
            DeliveryKind::DeadLetter => None,
            _ => Some(Arc::<str>::from(body.as_str())),
        };
        let delivered = !self.drills.refuses_message(function, now);
        self.trace.note(
            now,
            Event::Delivered {
                invocation,
                delivery: Box::new(Delivery {
                    kind,
                    target: target.0.clone(),
                    body,
                    attributes,
                    delivered,
                }),
            },
        );
        if let (Some(payload), true) = (next, delivered)
            && target.kind() == Some(DestinationKind::Lambda)
        {
            self.invoke_destination(now, target, payload, hops + 1);
        }
    }

    /// A destination that is a function is invoked with the record, asynchronously.
    fn invoke_destination(
        &mut self,
        now: SimTime,
        target: &Destination,
        payload: Arc<str>,
        hops: u32,
    ) {
        let Some((name, qualifier)) = target.function() else {
            return;
        };
        let found = self.routes.find(Some(name), qualifier);
        let Ok(route) = found.route else {
            // A function of somebody else's: the scenario does not follow the record there.
            return;
        };
        let way = route.choose(&mut self.chances.weights);
        let invocation = self.next_invocation();
        let sent = Arc::new(Sent {
            seed: self.seed,
            function: found.function,
            qualifier: found.qualifier,
            kind: InvocationType::Event,
            trigger: "lambda-destination".to_owned(),
            payload,
            repeats: None,
        });
        let mut story = Story::new(invocation, sent, From::Lambda, way);
        story.hops = hops;
        let stops = self.config(way.variant).is_some_and(|config| {
            config.recursive_loop == RecursiveLoop::Terminate && hops >= LONGEST_CHAIN
        });
        if !stops {
            return self.enqueue(now, story);
        }
        // Its own on-failure destination would be the next round of the loop: what was stopped goes to the dead-letter
        // queue only.
        self.trace.note(
            now,
            Event::Received {
                invocation,
                sent: Arc::clone(&story.sent),
            },
        );
        self.trace.note(now, Event::Accepted { invocation });
        self.trace.note(
            now,
            Event::Dropped {
                invocation,
                reason: DropReason::RecursiveLoop,
                attempts: 0,
            },
        );
        self.open += 1;
        let dead_letter = self
            .config(way.variant)
            .and_then(|config| config.dead_letter.clone());
        let slot = self.stories.insert(story);
        if let Some(target) = dead_letter {
            let reason = Some(DropReason::RecursiveLoop);
            self.send_record(now, slot, DeliveryKind::DeadLetter, &target, reason);
        }
        self.story_over(slot);
    }

    fn view_accepted(&mut self, sender: u32) -> Arc<crate::lambda::event::CallerView> {
        match self.senders.get_mut(sender as usize) {
            Some(sender) => sender.view_accepted(invoke::accepted),
            None => Arc::default(),
        }
    }

    /// The configuration that holds for a story.
    fn config_of(&self, slot: Slot) -> Option<&FunctionConfig> {
        self.config(self.stories.get(slot)?.way.variant)
    }

    fn config(&self, variant: u32) -> Option<&FunctionConfig> {
        Some(&self.variants.get(variant as usize)?.blueprint.config)
    }
}
