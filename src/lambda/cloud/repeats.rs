//! Callers and services that call once more by themselves: a new invocation each time, unlike a client that repeats a call
//! that was refused.

use super::Cloud;
use super::Happening;
use super::story::From;
use crate::lambda::caller::{Failed, Next};
use crate::lambda::event::{Event, InvocationId, InvokeResponse, ServiceNote, ServiceStep};
use crate::sim::{SimTime, Slot};

/// A call to come.
pub(super) struct Repeat {
    sender: u32,
    /// Its number, and when the first was made.
    call: (u32, SimTime),
}

impl Cloud {
    /// What the caller of a story does after a failure, while the story may go on.
    pub(super) fn caller_goes_on(
        &mut self,
        now: SimTime,
        slot: Slot,
        response: Option<&InvokeResponse>,
    ) {
        let Some(story) = self.stories.get(slot) else {
            return;
        };
        let From::Sender(index) = story.origin else {
            return;
        };
        let (invocation, call) = (story.invocation, story.call);
        let again = self.goes_on(now, index, invocation, response, call);
        if let Some(story) = self.stories.get_mut(slot) {
            story.again = again;
        }
    }

    /// What a caller does after a failed call; says whether it calls once more.
    pub(super) fn goes_on(
        &mut self,
        now: SimTime,
        index: u32,
        invocation: InvocationId,
        response: Option<&InvokeResponse>,
        (attempts, first): (u32, SimTime),
    ) -> bool {
        let Some(sender) = self.senders.get(index as usize) else {
            return false;
        };
        let next = sender.caller.after(&Failed {
            response,
            attempts,
            since_first: now.since(first),
        });
        match next {
            Next::Nothing => false,
            Next::GivesUp(meaning) => {
                let step = ServiceStep::GaveUp { attempts };
                self.tell_service(now, index, Some(invocation), step, meaning);
                false
            }
            Next::Again(gap, meaning) => {
                let due = now + gap;
                let attempt = attempts.saturating_add(1);
                let step = ServiceStep::Retry { attempt, due };
                self.tell_service(now, index, Some(invocation), step, meaning);
                self.open += 1;
                let slot = self.repeats.insert(Repeat {
                    sender: index,
                    call: (attempt, first),
                });
                self.kernel.at(due, Happening::CallsAgain(slot));
                true
            }
        }
    }

    pub(super) fn calls_again(&mut self, now: SimTime, slot: Slot) {
        if let Some(repeat) = self.repeats.remove(slot) {
            self.open = self.open.saturating_sub(1);
            self.receive(now, repeat.sender, repeat.call);
        }
    }

    pub(super) fn tell_service(
        &mut self,
        now: SimTime,
        sender: u32,
        invocation: Option<InvocationId>,
        step: ServiceStep,
        meaning: String,
    ) {
        let Some(sender) = self.senders.get(sender as usize) else {
            return;
        };
        let note = Box::new(ServiceNote {
            trigger: sender.caller.id().to_owned(),
            step,
            meaning,
        });
        self.trace.note(now, Event::Service { invocation, note });
    }
}
