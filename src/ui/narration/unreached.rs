//! Why the function was not run at all.

use crate::lambda::event::{Entry, Event};
use crate::lambda::event_source::SourceEvent;

/// A sentence for a run without any invocation. What happened last of what can keep records away is the reason.
pub fn unreached<'e>(entries: impl DoubleEndedIterator<Item = &'e Entry>) -> String {
    let events = entries.rev().filter_map(|entry| match &entry.event {
        Event::Mapping { event, .. } => Some(&**event),
        _ => None,
    });
    let reason = events.filter_map(reason).next();
    reason
        .unwrap_or("No request has reached the function.")
        .to_owned()
}

fn reason(event: &SourceEvent) -> Option<&'static str> {
    Some(match event {
        SourceEvent::FilteredOut { .. } => {
            "The filter dropped the records: the function is not run."
        }
        SourceEvent::Rejected { .. } => {
            "The source refused what was sent: the function is not run."
        }
        SourceEvent::Skipped { .. } => {
            "The records came before the mapping's starting position: the function is not run."
        }
        SourceEvent::Expired { .. } => {
            "The records expired before Lambda read them: the function is not run."
        }
        SourceEvent::MovedToDeadLetterQueue { .. } => {
            "The messages went to the dead-letter queue: the function was never run for them."
        }
        SourceEvent::Discarded { .. } => {
            "The records were given up: the function was never run for them."
        }
        SourceEvent::Deduplicated { .. } => {
            "The message is a duplicate and is not kept: the function is not run."
        }
        SourceEvent::Arrived { .. } => {
            "What was sent waits at its source: no poller has read it. Is the mapping enabled?"
        }
        _ => return None,
    })
}
