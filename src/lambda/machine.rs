//! Machines that the cloud owns and drives: event source mappings, seen from the service.
//!
//! A machine does no I/O and knows no clock. It is woken at times that it named, hears how its invocations ended, and says
//! what it wants next. See [`super::cloud::Setup::machines`].

use std::sync::Arc;

use super::caller::Target;
use super::event::{Event, Outcome, RequestId, ThrottleReason};
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

    /// Whether nothing more will happen unless something is put in.
    fn is_quiet(&self) -> bool;
}
