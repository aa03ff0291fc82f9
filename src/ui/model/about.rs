//! What the inspector tells of.

use crate::lambda::event::EnvironmentId;

/// What the inspector tells of. A press on the stage chooses it, and so do the inspector's own buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum About {
    /// The invocation that is looked at.
    #[default]
    Invocation,
    /// An environment; without a number, the one in which the invocation ran.
    Environment(Option<EnvironmentId>),
    /// Lambda's queue of asynchronous events.
    Queue,
    /// The queue or stream that a mapping reads.
    Source(u16),
    /// Destinations and dead-letter queues: all, or one of the cast's by its number.
    Destinations(Option<usize>),
}

impl About {
    /// What is told of once another invocation is looked at: no environment but its own.
    pub fn of_another(self) -> Self {
        match self {
            Self::Environment(Some(_)) => Self::Environment(None),
            other => other,
        }
    }

    /// Whether both are of the same kind, and so of the same button.
    pub fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Source(a), Self::Source(b)) => a == b,
            (a, b) => std::mem::discriminant(&a) == std::mem::discriminant(&b),
        }
    }
}
