//! Requests: let in, answered, queued, over.

use std::rc::Rc;

use super::{Cloud, Happening};
use crate::lambda::async_queue::{Next, QueuedEvent, RetryPolicy};
use crate::lambda::caller::{Caller, Moment};
use crate::lambda::event::{Event, InvocationId, InvocationType, InvokeResponse, RequestId};
use crate::lambda::{invoke, names};
use crate::sim::{SimTime, Ticket};

/// One request from arrival to end.
pub(super) struct Story {
    pub request: usize,
    pub request_id: RequestId,
    pub event: Rc<[u8]>,
    pub trace_id: String,
    pub caller: CallerState,
    /// The queue's state, for asynchronous requests.
    pub queued: Option<QueuedEvent>,
}

/// Where a caller stands.
pub(super) enum CallerState {
    /// Waits; the ticket is of its own timeout.
    Waiting(Option<Ticket>),
    /// Has seen what it will see.
    Gone,
}

impl Cloud {
    pub(super) fn arrival(&mut self, now: SimTime, index: usize) {
        let Some(request) = self.requests.get(index).cloned() else {
            return;
        };
        let invocation = InvocationId(self.stories.len() as u32);
        let kind = request.caller.invocation_type();
        let request_id = names::request_id(&mut self.random.request_ids);
        self.trace.note(
            now,
            Event::Received {
                invocation,
                request_id,
                kind,
                trigger: request.caller.id().to_owned(),
                payload: request.payload.to_string(),
            },
        );
        let admitted = invoke::admit(&request.payload, kind);
        self.stories.push(Story {
            request: index,
            request_id,
            event: Rc::from(*admitted.as_ref().unwrap_or(&&[][..])),
            trace_id: names::trace_id(self.blueprint.epoch_ms, now, &mut self.random.trace_ids),
            caller: CallerState::Waiting(None),
            queued: None,
        });
        match (admitted, kind) {
            (Err(response), _) => {
                self.trace.note(
                    now,
                    Event::Refused {
                        invocation,
                        response: response.clone(),
                    },
                );
                self.answer(now, invocation, &response);
                self.story_over(invocation);
            }
            (Ok(_), InvocationType::RequestResponse) => {
                let ticket = request.caller.timeout().map(|limit| {
                    self.kernel
                        .after(limit, Happening::CallerGivesUp(invocation))
                });
                if let Some(story) = self.story(invocation) {
                    story.caller = CallerState::Waiting(ticket);
                }
                self.run(now, invocation, 1);
            }
            (Ok(_), InvocationType::DryRun) => {
                self.answer(now, invocation, &invoke::dry_run());
                self.story_over(invocation);
            }
            (Ok(_), InvocationType::Event) => {
                self.trace.note(now, Event::Accepted { invocation });
                self.answer(now, invocation, &invoke::accepted());
                if let Some(story) = self.story(invocation) {
                    story.queued = Some(QueuedEvent::accepted(now));
                }
                self.kernel.at(now, Happening::Dequeue(invocation));
            }
        }
    }

    pub(super) fn dequeue(&mut self, now: SimTime, invocation: InvocationId) {
        let Some(event) = self.story(invocation).and_then(|s| s.queued.as_mut()) else {
            return;
        };
        let (attempt, age) = event.dequeue(now);
        self.trace.note(
            now,
            Event::Dequeued {
                invocation,
                attempt,
                age,
            },
        );
        self.run(now, invocation, attempt);
    }

    /// A run of the function is over: what does it mean for whoever waits for it?
    pub(super) fn settle(
        &mut self,
        now: SimTime,
        invocation: InvocationId,
        response: &InvokeResponse,
    ) {
        let policy = RetryPolicy::of(&self.blueprint.config);
        let failed = response.function_error.is_some();
        let Some(story) = self.story(invocation) else {
            return;
        };
        let Some(event) = &mut story.queued else {
            self.answer(now, invocation, response);
            self.story_over(invocation);
            return;
        };
        if !failed {
            event.succeeded();
            self.story_over(invocation);
            return;
        }
        match event.failed(now, policy) {
            Next::Retry { attempt, due } => {
                self.trace.note(
                    now,
                    Event::RetryScheduled {
                        invocation,
                        attempt,
                        due,
                    },
                );
                self.kernel.at(due, Happening::Dequeue(invocation));
            }
            Next::Drop(reason) => {
                let attempts = event.attempts();
                self.trace.note(
                    now,
                    Event::Dropped {
                        invocation,
                        reason,
                        attempts,
                    },
                );
                self.story_over(invocation);
            }
        }
    }

    /// The caller gets an answer, if it is still there.
    pub(super) fn answer(
        &mut self,
        now: SimTime,
        invocation: InvocationId,
        response: &InvokeResponse,
    ) {
        let Some(caller) = self.caller(invocation) else {
            return;
        };
        let Some(story) = self.story(invocation) else {
            return;
        };
        if let CallerState::Waiting(ticket) =
            std::mem::replace(&mut story.caller, CallerState::Gone)
        {
            if let Some(ticket) = ticket {
                self.kernel.cancel(ticket);
            }
            let view = caller.view(response);
            self.trace.note(now, Event::CallerSaw { invocation, view });
        }
    }

    /// The caller stops waiting. The function runs on, and is billed.
    pub(super) fn caller_gives_up(&mut self, now: SimTime, invocation: InvocationId) {
        let Some(caller) = self.caller(invocation) else {
            return;
        };
        if let Some(story) = self.story(invocation) {
            story.caller = CallerState::Gone;
            let view = caller.timed_out();
            self.trace.note(now, Event::CallerSaw { invocation, view });
        }
    }

    pub(super) fn story_over(&mut self, invocation: InvocationId) {
        self.open = self.open.saturating_sub(1);
        let Some(story) = self.story(invocation) else {
            return;
        };
        // Nobody will ask for it again, and it can be megabytes.
        story.event = Rc::from([]);
        let next = story.request + 1;
        if let Some(Moment::AfterPrevious(span)) = self.requests.get(next).map(|next| next.when) {
            self.kernel.after(span, Happening::Arrival(next));
        }
    }

    pub(super) fn story(&mut self, invocation: InvocationId) -> Option<&mut Story> {
        self.stories.get_mut(invocation.0 as usize)
    }

    pub(super) fn caller(&self, invocation: InvocationId) -> Option<Rc<dyn Caller>> {
        let story = self.stories.get(invocation.0 as usize)?;
        Some(Rc::clone(&self.requests.get(story.request)?.caller))
    }
}
