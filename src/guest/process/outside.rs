//! Calls that a guest makes to other services, and whoever answers them.
//!
//! There is no network: whoever runs the process says what answers ([`Outside`]). A guest runs ahead of the scenario's clock,
//! so an answer is given at once, for the virtual time at which the call is made.

use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

use crate::sim::{SimDuration, SimTime};

/// How long the guest waits for an answer, without using the CPU. AWS publishes no figure for calls within a Region; this
/// one is the playground's.
pub const ROUND_TRIP: SimDuration = SimDuration::from_millis(20);

/// The most bytes of a call's body: Step Functions takes 262,144 of output, the largest of what is simulated.
pub const MAX_BODY_BYTES: u32 = 512 * 1024;

/// The most bytes of an operation's name: `PUT` and an address is one.
pub const MAX_OPERATION_BYTES: u32 = 4_096;

/// Calls of one phase that are answered; the others get 429, as from a service that is called too often.
pub const MAX_CALLS: usize = 1_000;

/// Bytes of all bodies of one phase's calls that are answered; the calls after them get 429. They are kept whole: in cached
/// mode what a function did to others is done again.
pub const MAX_CALLED_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a body that the trace shows.
const SHOWN_BYTES: usize = 16 * 1024;

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCall {
    /// When the answer was there.
    pub at: SimTime,
    /// The operation, such as `PutJobSuccessResult`.
    pub operation: String,
    /// What was sent, JSON text. In the trace only the [beginning](ServiceCall::shown) when it is long.
    pub body: String,
    /// What came back.
    pub reply: Reply,
}

/// What a service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// JSON text; of an error `__type` and `message`.
    pub body: String,
}

impl Reply {
    /// Taken, with nothing to say.
    pub fn taken() -> Self {
        Self {
            status: 200,
            body: "{}".to_owned(),
        }
    }

    /// An exception of the service's.
    pub fn refused(status: u16, exception: &str, message: &str) -> Self {
        Self {
            status,
            body: serde_json::json!({"__type": exception, "message": message}).to_string(),
        }
    }

    /// What the answer is when nobody is there who knows the operation.
    pub fn unknown(operation: &str) -> Self {
        Self::refused(
            400,
            "UnknownOperationException",
            &format!("Nothing here answers the operation {operation}."),
        )
    }
}

/// Answers a call that is made at a time.
type Answers = dyn Fn(SimTime, &str, &str) -> Reply;

/// Whoever answers; by default nobody does.
#[derive(Clone, Default)]
pub struct Outside(Option<Rc<Answers>>);

impl Outside {
    /// Calls are answered by `answer(time, operation, body)`.
    pub fn new(answer: impl Fn(SimTime, &str, &str) -> Reply + 'static) -> Self {
        Self(Some(Rc::new(answer)))
    }

    /// The answer to a call.
    pub fn answer(&self, at: SimTime, operation: &str, body: &str) -> Reply {
        match &self.0 {
            Some(answer) => answer(at, operation, body),
            None => Reply::unknown(operation),
        }
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Some(_) => "somebody answers",
            None => "nobody answers",
        })
    }
}

impl ServiceCall {
    /// A call with its whole body.
    pub fn new(at: SimTime, operation: &str, body: &str, reply: Reply) -> Self {
        Self {
            at,
            operation: operation.to_owned(),
            body: body.to_owned(),
            reply,
        }
    }

    /// The call as the trace keeps it: of a long body the beginning.
    #[must_use]
    pub fn shown(mut self) -> Self {
        let mut shown = self.body.len().min(SHOWN_BYTES);
        while !self.body.is_char_boundary(shown) {
            shown -= 1;
        }
        self.body.truncate(shown);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_long_body_ends_between_characters() {
        let body = "ä".repeat(SHOWN_BYTES);
        let call = ServiceCall::new(SimTime::ZERO, "PUT", &body, Reply::taken());
        assert_eq!(call.body, body);
        assert_eq!(call.shown().body.len(), SHOWN_BYTES);
        let odd = format!("a{body}");
        let call = ServiceCall::new(SimTime::ZERO, "PUT", &odd, Reply::taken());
        assert_eq!(call.shown().body.len(), SHOWN_BYTES - 1);
    }

    #[test]
    fn nobody_answers_by_default() {
        let reply = Outside::default().answer(SimTime::ZERO, "PutItem", "{}");
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("UnknownOperationException"));
    }
}
