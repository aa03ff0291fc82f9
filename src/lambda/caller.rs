//! Whoever invokes: what the service needs to know about the outside.
//!
//! Triggers live above the service; it sees them through this trait only.

use std::rc::Rc;

use super::event::{CallerView, InvocationType, InvokeResponse};
use crate::sim::{SimDuration, SimTime};

/// Somebody who invokes the function and looks at what comes back.
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
}

/// One request to come.
#[derive(Clone)]
pub struct Request {
    /// When.
    pub when: Moment,
    /// Through whom.
    pub caller: Rc<dyn Caller>,
    /// The event, as text.
    pub payload: Rc<str>,
}

/// When a request arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At a fixed time.
    At(SimTime),
    /// This long after the story of the request before it in the list is over: answered, the function at rest, retries
    /// included. The first of the list: after the start.
    AfterPrevious(SimDuration),
}
