//! Requests: let in, answered, tried again by their clients, over.

use std::sync::Arc;

use super::routes::Way;
use super::story::{From, Story};
use super::{Cloud, Happening};
use crate::lambda::caller::Moment;
use crate::lambda::event::{
    CallerView, Event, InvocationId, InvocationType, InvokeResponse, Outcome, Sent, ServiceStep,
    ThrottleReason,
};
use crate::lambda::invoke;
use crate::sim::{SimDuration, SimTime, Slot};

impl Cloud {
    pub(super) fn arrival(&mut self, now: SimTime, index: u32) {
        // The request itself was counted as open; from here on its story is.
        self.open = self.open.saturating_sub(1);
        self.receive(now, index, (1, now));
        let gap = match self.moments.get(index as usize + 1) {
            Some(Moment::WithPrevious) => SimDuration::ZERO,
            Some(Moment::AfterArrival(gap)) => *gap,
            _ => return,
        };
        self.kernel.at(now + gap, Happening::Arrival(index + 1));
    }

    pub(super) fn load_arrival(&mut self, now: SimTime, load: u32) {
        self.next_of_load(load);
        self.receive(now, self.moments.len() as u32 + load, (1, now));
    }

    /// Schedules a load's next arrival, and none when it is through.
    pub(super) fn next_of_load(&mut self, load: u32) {
        let Some(state) = self.loads.get_mut(load as usize) else {
            return;
        };
        match state.arrivals.next(&mut state.rng) {
            Some(at) => self.kernel.at(at, Happening::LoadArrival(load)),
            None => self.open = self.open.saturating_sub(1),
        }
    }

    /// A caller calls, for the `call.0`th time since `call.1`.
    pub(super) fn receive(&mut self, now: SimTime, index: u32, call: (u32, SimTime)) {
        let Some(sender) = self.senders.get(index as usize) else {
            return;
        };
        if let Some(meaning) = sender.held_back.clone() {
            self.tell_service(now, index, None, ServiceStep::HeldBack, meaning);
            self.follow(index);
            return;
        }
        if let Some(machine) = sender.machine {
            let payload = Arc::clone(&sender.sent.payload);
            self.machine_is_given(now, machine, &payload);
            self.follow(index);
            return;
        }
        let sent = Arc::clone(&sender.sent);
        let (refusal, route) = (sender.refusal.clone(), sender.route);
        let (timeout, log_tail, kind) = (sender.timeout, sender.log_tail, sent.kind);
        let invocation = self.next_invocation();
        self.trace.note(
            now,
            Event::Received {
                invocation,
                sent: Arc::clone(&sent),
            },
        );
        self.open += 1;
        let route = match (refusal, route) {
            (None, Some(route)) => route,
            (refusal, _) => {
                let response = refusal
                    .unwrap_or_else(|| Arc::new(invoke::not_found("", sent.qualifier.as_deref())));
                let view = self.view_response(index, &response);
                self.trace.note(
                    now,
                    Event::Refused {
                        invocation,
                        response: Arc::clone(&response),
                    },
                );
                let failed = !view.ok;
                self.caller_sees(now, invocation, view);
                let again = failed && {
                    let response = Some(&*response);
                    self.goes_on(now, index, invocation, response, call)
                };
                self.over(From::Sender(index), again);
                return;
            }
        };
        let way = route.choose(&mut self.chances.weights);
        match kind {
            InvocationType::DryRun => {
                self.trace.note(now, Event::DryRun { invocation });
                let view = self.view_response(index, &Arc::new(invoke::dry_run()));
                self.caller_sees(now, invocation, view);
                self.over(From::Sender(index), false);
            }
            InvocationType::RequestResponse => {
                let mut story = Story::new(invocation, sent, From::Sender(index), way);
                story.log_tail = log_tail;
                story.call = call;
                let slot = self.stories.insert(story);
                if let Some(limit) = timeout {
                    self.kernel
                        .after(limit, Happening::CallerGivesUp(slot, invocation));
                }
                self.try_synchronously(now, slot);
            }
            InvocationType::Event => {
                let slot =
                    self.stories
                        .insert(Story::new(invocation, sent, From::Sender(index), way));
                self.accept(now, slot);
            }
        }
    }

    /// Puts a synchronous invocation of a machine's or the like on its way. Its `Received` entry is written here.
    pub(super) fn invoke_for(&mut self, now: SimTime, sent: Arc<Sent>, origin: From, way: Way) {
        let invocation = self.next_invocation();
        self.trace.note(
            now,
            Event::Received {
                invocation,
                sent: Arc::clone(&sent),
            },
        );
        self.open += 1;
        let slot = self
            .stories
            .insert(Story::new(invocation, sent, origin, way));
        self.try_synchronously(now, slot);
    }

    /// One try of a synchronous request: run, or refused with 429.
    pub(super) fn try_synchronously(&mut self, now: SimTime, slot: Slot) {
        let Some(way) = self.stories.get(slot).map(|story| story.way) else {
            return;
        };
        let place = self
            .concurrency
            .request(way.function, now)
            .and_then(|()| self.place(now, way, InvocationType::RequestResponse));
        match place {
            Ok(place) => self.run(now, slot, place),
            Err(reason) => self.throttled(now, slot, reason),
        }
    }

    fn throttled(&mut self, now: SimTime, slot: Slot, reason: ThrottleReason) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let invocation = story.invocation;
        self.trace
            .note(now, Event::Throttled { invocation, reason });
        if let From::Machine(machine, ticket) = story.origin {
            let id = story.sent.request_id(invocation);
            self.story_over(slot);
            self.machine_hears(
                now,
                machine,
                ticket,
                id,
                crate::lambda::machine::Ended::Throttled(reason),
            );
            return;
        }
        let response = self.throttle_answer(reason);
        self.refused(now, slot, response);
    }

    /// A call got 429 or 5xx: the client tries again, or gives up with what it got.
    pub(super) fn refused(&mut self, now: SimTime, slot: Slot, response: Arc<InvokeResponse>) {
        let Some(story) = self.stories.get_mut(slot) else {
            return;
        };
        let invocation = story.invocation;
        let client = match story.origin {
            From::Sender(index) if story.waits => self.senders.get(index as usize),
            _ => None,
        };
        let longest = client.and_then(|sender| sender.client.longest_wait(story.tries));
        if let Some(longest) = longest {
            story.tries += 1;
            // Full jitter: anything up to the longest wait.
            let wait = self
                .chances
                .clients
                .below(longest.as_nanos().saturating_add(1));
            let due = now + SimDuration::from_nanos(wait);
            self.trace.note(
                now,
                Event::ClientRetry {
                    invocation,
                    attempt: story.tries,
                    due,
                },
            );
            self.kernel
                .at(due, Happening::ClientRetry(slot, invocation));
            return;
        }
        self.trace.note(
            now,
            Event::Refused {
                invocation,
                response: Arc::clone(&response),
            },
        );
        if let From::Sender(index) = story.origin
            && std::mem::take(&mut story.waits)
        {
            let view = self.view_response(index, &response);
            let failed = !view.ok;
            self.caller_sees(now, invocation, view);
            if failed {
                self.caller_goes_on(now, slot, Some(&response));
            }
        }
        self.story_over(slot);
    }

    pub(super) fn client_retry(&mut self, now: SimTime, slot: Slot, id: InvocationId) {
        if self
            .stories
            .get(slot)
            .is_some_and(|story| story.invocation == id)
        {
            self.try_synchronously(now, slot);
        }
    }

    /// The caller of a run gets its answer, if it is still there.
    pub(super) fn answer(&mut self, now: SimTime, slot: Slot, outcome: &Arc<Outcome>) {
        let Some(story) = self.stories.get_mut(slot) else {
            return;
        };
        let From::Sender(index) = story.origin else {
            return;
        };
        if std::mem::take(&mut story.waits)
            && let Some(sender) = self.senders.get_mut(index as usize)
        {
            let view = sender.view_outcome(outcome);
            let invocation = story.invocation;
            let failed = !view.ok;
            self.caller_sees(now, invocation, view);
            if failed {
                self.caller_goes_on(now, slot, Some(&outcome.response));
            }
        }
    }

    /// The caller stops waiting. The function runs on, and is billed.
    pub(super) fn caller_gives_up(&mut self, now: SimTime, slot: Slot, id: InvocationId) {
        let Some(story) = self
            .stories
            .get_mut(slot)
            .filter(|story| story.invocation == id && story.waits)
        else {
            return;
        };
        story.waits = false;
        if let From::Sender(index) = story.origin
            && let Some(sender) = self.senders.get(index as usize)
        {
            let view = Arc::new(sender.caller.timed_out());
            self.caller_sees(now, id, view);
            self.caller_goes_on(now, slot, None);
        }
    }

    pub(super) fn view_response(
        &mut self,
        sender: u32,
        response: &Arc<InvokeResponse>,
    ) -> Arc<CallerView> {
        match self.senders.get_mut(sender as usize) {
            Some(sender) => sender.view_response(response),
            // Senders are never taken away.
            None => Arc::default(),
        }
    }

    pub(super) fn caller_sees(
        &mut self,
        now: SimTime,
        invocation: InvocationId,
        view: Arc<CallerView>,
    ) {
        self.trace.note(now, Event::CallerSaw { invocation, view });
    }

    /// A story has come to its end: it is forgotten.
    pub(super) fn story_over(&mut self, slot: Slot) {
        if let Some(story) = self.stories.remove(slot) {
            self.over(story.origin, story.again);
        }
    }

    /// A request is over; when its caller calls `again`, what comes after it still waits.
    fn over(&mut self, origin: From, again: bool) {
        self.open = self.open.saturating_sub(1);
        self.over += 1;
        if let From::Sender(index) = origin
            && !again
        {
            self.follow(index);
        }
    }

    /// The single request that waits for this one comes next.
    pub(super) fn follow(&mut self, index: u32) {
        let next = index + 1;
        let (span, earliest) = match self.moments.get(next as usize) {
            Some(Moment::AfterPrevious(span)) => (*span, SimTime::ZERO),
            Some(Moment::NotBefore(span, earliest)) => (*span, *earliest),
            _ => return,
        };
        let at = self.kernel.now() + span;
        self.kernel.at(at.max(earliest), Happening::Arrival(next));
    }

    pub(super) fn next_invocation(&mut self) -> InvocationId {
        let id = InvocationId(self.next_invocation);
        self.next_invocation = self.next_invocation.wrapping_add(1);
        id
    }
}
