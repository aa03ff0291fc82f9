//! Entries without what they share: an event's shared parts are numbers in lists.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CallerView, EnvironmentId, Event, InvocationId, InvokeResponse, Outcome, Sent};
use crate::sim::SimDuration;

/// Addresses that are remembered: beyond that, something shared is listed again.
const MOST_KNOWN: usize = 65_536;

/// An event whose shared parts are numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Packed<E> {
    Received(InvocationId, u32),
    Refused(InvocationId, u32),
    InvokeFinished(EnvironmentId, InvocationId, u32, SimDuration, u32),
    CallerSaw(InvocationId, u32),
    Other(E),
}

/// What packed events share, in the order of its first use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Shared {
    sent: Vec<Arc<Sent>>,
    responses: Vec<Arc<InvokeResponse>>,
    outcomes: Vec<Arc<Outcome>>,
    views: Vec<Arc<CallerView>>,
}

/// Packs events.
#[derive(Debug, Clone, Default)]
pub(super) struct Packer {
    pub shared: Shared,
    sent: Numbers,
    responses: Numbers,
    outcomes: Numbers,
    views: Numbers,
}

/// Which number a shared value has, by its address: only ever asked, never gone through in order. The lists keep the values
/// alive, so no address is used twice.
#[derive(Debug, Clone, Default)]
struct Numbers {
    known: BTreeMap<usize, u32>,
    last: Option<(usize, u32)>,
}

impl Numbers {
    fn of<T>(&mut self, values: &mut Vec<Arc<T>>, value: &Arc<T>) -> u32 {
        let address = Arc::as_ptr(value) as usize;
        if let Some((last, number)) = self.last
            && last == address
        {
            return number;
        }
        if self.known.len() >= MOST_KNOWN {
            self.known.clear();
        }
        let number = *self.known.entry(address).or_insert_with(|| {
            values.push(Arc::clone(value));
            (values.len() - 1) as u32
        });
        self.last = Some((address, number));
        number
    }
}

impl Packer {
    pub fn pack<'e>(&mut self, event: &'e Event) -> Packed<&'e Event> {
        let shared = &mut self.shared;
        match event {
            Event::Received { invocation, sent } => {
                Packed::Received(*invocation, self.sent.of(&mut shared.sent, sent))
            }
            Event::Refused {
                invocation,
                response,
            } => {
                let number = self.responses.of(&mut shared.responses, response);
                Packed::Refused(*invocation, number)
            }
            Event::InvokeFinished {
                environment,
                invocation,
                attempt,
                duration,
                outcome,
            } => {
                let number = self.outcomes.of(&mut shared.outcomes, outcome);
                Packed::InvokeFinished(*environment, *invocation, *attempt, *duration, number)
            }
            Event::CallerSaw { invocation, view } => {
                Packed::CallerSaw(*invocation, self.views.of(&mut shared.views, view))
            }
            other => Packed::Other(other),
        }
    }
}

impl Shared {
    /// The event; none when a number leads nowhere.
    pub fn unpack(&self, packed: Packed<Event>) -> Option<Event> {
        fn find<T>(values: &[Arc<T>], number: u32) -> Option<Arc<T>> {
            values.get(number as usize).cloned()
        }
        Some(match packed {
            Packed::Received(invocation, number) => Event::Received {
                invocation,
                sent: find(&self.sent, number)?,
            },
            Packed::Refused(invocation, number) => Event::Refused {
                invocation,
                response: find(&self.responses, number)?,
            },
            Packed::InvokeFinished(environment, invocation, attempt, duration, number) => {
                Event::InvokeFinished {
                    environment,
                    invocation,
                    attempt,
                    duration,
                    outcome: find(&self.outcomes, number)?,
                }
            }
            Packed::CallerSaw(invocation, number) => Event::CallerSaw {
                invocation,
                view: find(&self.views, number)?,
            },
            Packed::Other(event) => event,
        })
    }
}
