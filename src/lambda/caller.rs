//! Whoever invokes: what the service needs to know about the outside.
//!
//! Triggers live above the service; it sees them through this trait only.

use std::rc::Rc;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event::{CallerView, InvocationType, InvokeResponse};
use super::traffic::Pattern;
use crate::sim::{SimDuration, SimTime};

/// Somebody who invokes a function and looks at what comes back.
pub trait Caller {
    /// The trigger's id.
    fn id(&self) -> &str;
    /// How it calls.
    fn invocation_type(&self) -> InvocationType;
    /// How long it waits for a synchronous answer, when it has a limit of its own.
    fn timeout(&self) -> Option<SimDuration>;
    /// What it makes of an answer; for an asynchronous call of the 202, or of the refusal.
    fn view(&self, response: &InvokeResponse) -> CallerView;
    /// What it makes of waiting in vain.
    fn timed_out(&self) -> CallerView;
    /// Why its own filter keeps the event away from Lambda, when it does.
    fn holds_back(&self) -> Option<String> {
        None
    }
    /// What it does when a call was not to its liking.
    fn after(&self, _failed: &Failed<'_>) -> Next {
        Next::Nothing
    }
}

/// A call that ended in a way that the caller does not like.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// What Lambda answered; none when the caller has waited in vain.
    pub response: Option<&'a InvokeResponse>,
    /// The calls so far, this one included.
    pub attempts: u32,
    /// How long ago the first of them was made.
    pub since_first: SimDuration,
}

/// What a caller does next, by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the failure is passed on.
    Nothing,
    /// It calls again after this time, and why.
    Again(SimDuration, String),
    /// It has tried, or will not, and what becomes of the event.
    GivesUp(String),
}

/// Whom a request is for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Target {
    /// `FunctionName`: a name, `name:qualifier` or an ARN; the scenario's first function when there is none.
    #[serde(default)]
    pub function: Option<String>,
    /// `Qualifier`: a version or an alias.
    #[serde(default)]
    pub qualifier: Option<String>,
    /// An event source mapping, by its number in the set-up: the payload goes to its source instead of to a function.
    #[serde(default)]
    pub machine: Option<u16>,
}

/// What a client does when a call is refused with 429 or 5xx. A function error is answered with 200: no client retries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Client {
    /// It gives up at once.
    #[default]
    NoRetry,
    /// It waits and tries again, as the SDKs do: before try n + 1 a random part of base × 2^(n - 1), never more than the cap.
    Backoff {
        /// Tries in all, the first included.
        max_attempts: u32,
        /// The longest first wait.
        base_ms: u32,
        /// The longest wait.
        cap_ms: u32,
    },
}

impl Client {
    /// What the SDKs do in their standard mode: three tries, waits of up to 1 s, 2 s, … and never more than 20 s.
    pub const SDK: Self = Self::Backoff {
        max_attempts: 3,
        base_ms: 1_000,
        cap_ms: 20_000,
    };

    /// The longest wait after the `tries`th try; none when that was the last.
    pub fn longest_wait(self, tries: u32) -> Option<SimDuration> {
        match self {
            Self::Backoff {
                max_attempts,
                base_ms,
                cap_ms,
            } if tries < max_attempts => {
                let doubled = 1_u64
                    .checked_shl(tries.saturating_sub(1))
                    .unwrap_or(u64::MAX);
                let wait = u64::from(base_ms).saturating_mul(doubled);
                Some(SimDuration::from_millis(wait.min(u64::from(cap_ms))))
            }
            _ => None,
        }
    }
}

/// What the requests of one origin have in common.
#[derive(Clone)]
pub struct Call {
    /// Through whom.
    pub caller: Rc<dyn Caller>,
    /// The event, as text.
    pub payload: Arc<str>,
    /// For whom.
    pub target: Target,
    /// What the client does when it is refused.
    pub client: Client,
    /// `X-Amz-Log-Type: Tail`: the answer carries the end of the log. Synchronous calls only.
    pub log_tail: bool,
}

impl Call {
    /// A call of the scenario's first function by a client that does not retry.
    pub fn new(caller: Rc<dyn Caller>, payload: impl Into<Arc<str>>) -> Self {
        Self {
            caller,
            payload: payload.into(),
            target: Target::default(),
            client: Client::NoRetry,
            log_tail: false,
        }
    }
}

/// One request to come.
#[derive(Clone)]
pub struct Request {
    /// When.
    pub when: Moment,
    /// What.
    pub call: Call,
}

/// When a request arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At a fixed time.
    At(SimTime),
    /// This long after the story of the request before it in the list is over: answered, the function at rest, retries
    /// included. The first of the list: after the start.
    AfterPrevious(SimDuration),
    /// The same, but not before a time.
    NotBefore(SimDuration, SimTime),
    /// Together with the one before it in the list: one message to several functions.
    WithPrevious,
    /// This long after the arrival of the one before it in the list, whatever became of that: what comes by the clock.
    AfterArrival(SimDuration),
}

/// Many requests to come, all alike.
#[derive(Clone)]
pub struct Load {
    /// From when on.
    pub start: SimTime,
    /// When, from there.
    pub pattern: Pattern,
    /// What.
    pub call: Call,
}
