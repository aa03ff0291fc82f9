//! What the inspector reads of the run that is shown.

use crate::lambda::event::{Event, InvocationId, ThrottleReason};
use crate::lambda::summary::InvocationSummary;
use crate::ui::model::Shown;

/// The story of the request that is looked at.
pub fn story(shown: &Shown) -> Option<InvocationSummary> {
    shown.story_of(shown.selected?.invocation)
}

/// Why the request found no concurrency the last time that it did not.
pub fn throttled(shown: &Shown, wanted: InvocationId) -> Option<ThrottleReason> {
    let (from, to) = shown.tries.span(wanted)?;
    let reasons = shown
        .entries
        .range(from, to + 1)
        .filter_map(|entry| match &entry.event {
            Event::Throttled { invocation, reason } if *invocation == wanted => Some(*reason),
            _ => None,
        });
    reasons.last()
}
