//! Machines that the cloud owns and drives: event source mappings, and services with a course of their own.
//!
//! A machine does no I/O and knows no clock. It is woken at times that it named, hears how its invocations ended, and says
//! what it wants next. See [`super::cloud::Setup::machines`].

use std::sync::Arc;

use super::caller::Target;
use super::event::{
    Event, InvocationId, InvocationType, InvokeResponse, Outcome, RequestId, ThrottleReason,
};
use crate::sim::SimTime;

/// What a machine wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// Invoke the function synchronously with this event.
    Invoke {
        /// Comes back with the end.
        ticket: u32,
        /// The event, JSON text.
        payload: Arc<str>,
    },
    /// Invoke some function with this event, in one way or the other. It hears of the number that the invocation has before
    /// anything comes of it, and once how it ended: of an event when the queue is done with it.
    Call {
        /// Comes back with the end.
        ticket: u32,
        /// The event, JSON text.
        payload: Arc<str>,
        /// Whether it waits for the answer.
        kind: InvocationType,
        /// Whom.
        target: Target,
    },
    /// Wake it then. One wake-up too many does no harm.
    Wake(SimTime),
    /// Put this into the trace. A [`Event::CutOff`] ends the run.
    Tell(Event),
}

/// How an invocation that a machine asked for ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ended<'a> {
    /// The function ran: it answered, or failed.
    Ran(&'a Outcome),
    /// 429.
    Throttled(ThrottleReason),
    /// The front end did not let the event in: too large, not JSON or no such function.
    Refused,
    /// The same of a [`Want::Call`], with the answer.
    NotRun(&'a InvokeResponse),
    /// 5xx.
    SystemError,
}

/// Something that invokes a function on its own account. All times come in order; wants are done in order.
pub trait Machine {
    /// The trigger id that its invocations show.
    fn id(&self) -> &str;

    /// The function it invokes.
    fn target(&self) -> Target;

    /// The scenario begins.
    fn start(&mut self, now: SimTime, wants: &mut Vec<Want>);

    /// Something was sent to it: see [`Target::machine`].
    fn put(&mut self, now: SimTime, payload: &Arc<str>, wants: &mut Vec<Want>);

    /// A time that it named has come.
    fn wake(&mut self, now: SimTime, wants: &mut Vec<Want>);

    /// An invocation ended.
    fn ended(
        &mut self,
        now: SimTime,
        ticket: u32,
        id: RequestId,
        end: Ended<'_>,
        wants: &mut Vec<Want>,
    );

    /// What it wanted by [`Want::Call`] is invocation number `invocation`; when Lambda has not `taken` it, it hears at once
    /// why.
    fn called(
        &mut self,
        _now: SimTime,
        _ticket: u32,
        _invocation: InvocationId,
        _taken: bool,
        _wants: &mut Vec<Want>,
    ) {
    }

    /// Whether it is a service that waits for calls of guests, and is woken at each: not an event source mapping.
    fn is_service(&self) -> bool {
        false
    }

    /// How many pollers run at the start, in provisioned mode.
    fn provisioned_pollers(&self) -> Option<u32> {
        None
    }

    /// Whether nothing more will happen unless something is put in.
    fn is_quiet(&self) -> bool;
}
