//! What the cursor can jump to: the entries that one looks for in a long run.

use crate::lambda::event::{Entry, Event, InvocationId};
use crate::ui::attempts::{AttemptId, Outcome};

/// A kind of place worth jumping to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// A run of the function that failed, or an event that was given up.
    Error,
    /// The start of a second or third try.
    Retry,
    /// The creation of an environment.
    ColdStart,
    /// A 429.
    Throttle,
}

impl Jump {
    /// Every kind: with its key on the keyboard, in the singular and in the plural.
    pub const ALL: [(Self, &'static str, &'static str, &'static str); 4] = [
        (Self::Error, "e", "error", "errors"),
        (Self::Retry, "r", "retry", "retries"),
        (Self::ColdStart, "c", "cold start", "cold starts"),
        (Self::Throttle, "t", "throttle", "throttles"),
    ];

    /// The kind with this key.
    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, letter, ..)| *letter == key)
            .map(|(jump, ..)| *jump)
    }

    /// The places of this kind, of those of all kinds.
    pub fn of(self, places: &[Vec<u32>; Self::ALL.len()]) -> &[u32] {
        let kinds = Self::ALL.iter().zip(places);
        let mut mine = kinds.filter(|((jump, ..), _)| *jump == self);
        mine.next().map_or(&[], |(_, places)| places.as_slice())
    }

    /// Whether this entry is such a place.
    pub fn lands(self, entry: &Entry) -> bool {
        match (self, &entry.event) {
            (Self::Error, Event::InvokeFinished { outcome, .. }) => {
                outcome.failed() || Outcome::of(&outcome.end) != Outcome::Succeeded
            }
            (Self::Error, Event::InitFinished { ended, .. }) => !ended.end.is_alive(),
            (Self::Error, Event::Dropped { .. } | Event::EnvironmentLost { .. }) => true,
            (Self::Retry, Event::InvokeStarted { attempt, .. }) => *attempt > 1,
            (Self::ColdStart, Event::EnvironmentCreated { .. })
            | (Self::Throttle, Event::Throttled { .. }) => true,
            _ => false,
        }
    }
}

/// The try that an entry belongs to, where it says so.
pub fn attempt_of(entry: &Entry) -> Option<AttemptId> {
    let (invocation, attempt): (InvocationId, u32) = match &entry.event {
        Event::InvokeStarted {
            invocation,
            attempt,
            ..
        }
        | Event::InvokeFinished {
            invocation,
            attempt,
            ..
        } => (*invocation, *attempt),
        Event::Throttled { invocation, .. } | Event::Refused { invocation, .. } => (*invocation, 1),
        Event::Dropped {
            invocation,
            attempts,
            ..
        } => (*invocation, (*attempts).max(1)),
        _ => return None,
    };
    Some(AttemptId {
        invocation,
        attempt,
    })
}
