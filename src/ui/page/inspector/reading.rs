//! What the inspector reads of the run that is shown.

use crate::lambda::event::{Event, InvocationId, ThrottleReason};
use crate::lambda::summary::{self, InvocationSummary};
use crate::ui::model::Shown;

/// The story of the request that is looked at.
pub fn story(shown: &Shown) -> Option<InvocationSummary> {
    let id = shown.selected?;
    let mut stories = summary::invocations(&shown.entries).into_iter();
    stories.find(|story| story.invocation == id.invocation)
}

/// Why the request found no concurrency the last time that it did not.
pub fn throttled(shown: &Shown, wanted: InvocationId) -> Option<ThrottleReason> {
    shown
        .entries
        .iter()
        .rev()
        .find_map(|entry| match &entry.event {
            Event::Throttled { invocation, reason } if *invocation == wanted => Some(*reason),
            _ => None,
        })
}
