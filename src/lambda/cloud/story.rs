//! One request from arrival to end.

use std::sync::Arc;

use super::routes::Way;
use crate::lambda::async_queue::QueuedEvent;
use crate::lambda::event::{InvocationId, Outcome, Sent};
use crate::sim::SimTime;

/// A request whose story is not over.
pub(super) struct Story {
    pub invocation: InvocationId,
    pub sent: Arc<Sent>,
    pub origin: From,
    pub way: Way,
    /// Attempts of the function begun.
    pub attempt: u32,
    /// Tries of the client, the first included.
    pub tries: u32,
    /// How many functions in a row led here through destinations.
    pub hops: u32,
    /// Whether somebody waits for an answer.
    pub waits: bool,
    pub log_tail: bool,
    /// The queue's state, for asynchronous requests.
    pub queued: Option<QueuedEvent>,
    /// Calls of the caller so far, this one included, and when the first was made.
    pub call: (u32, SimTime),
    /// Whether the caller will call once more: what comes after the request waits for that.
    pub again: bool,
    /// How the last attempt went, for records of asynchronous events.
    pub last: Option<Arc<Outcome>>,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum From {
    /// A caller: index of its sender.
    Sender(u32),
    /// A machine, and its ticket.
    Machine(u16, u32),
    /// Lambda itself: a destination, or the second delivery of an event.
    Lambda,
}

impl Story {
    pub fn new(invocation: InvocationId, sent: Arc<Sent>, origin: From, way: Way) -> Self {
        Self {
            invocation,
            sent,
            origin,
            way,
            attempt: 0,
            tries: 1,
            hops: 0,
            waits: matches!(origin, From::Sender(_)),
            log_tail: false,
            queued: None,
            call: (1, SimTime::ZERO),
            again: false,
            last: None,
        }
    }
}
