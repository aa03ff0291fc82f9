//! Entries on their way from worker to page: what many entries share travels once per batch.
//!
//! For `#[serde(with = "…")]` on a list of entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CallerView, Entry, EnvironmentId, Event, InvocationId, InvokeResponse, Outcome, Sent};
use crate::sim::{SimDuration, SimTime, Stamped};

/// A batch as it travels: borrowed on the way out, owned on the way in.
#[derive(Serialize, Deserialize)]
struct Batch<S, R, O, V, E> {
    sent: Vec<S>,
    responses: Vec<R>,
    outcomes: Vec<O>,
    views: Vec<V>,
    entries: Vec<(SimTime, Packed<E>)>,
}

/// An event whose shared parts are numbers in the batch's lists.
#[derive(Serialize, Deserialize)]
enum Packed<E> {
    Received(InvocationId, u32),
    Refused(InvocationId, u32),
    InvokeFinished(EnvironmentId, InvocationId, u32, SimDuration, u32),
    CallerSaw(InvocationId, u32),
    Other(E),
}

/// Shared values in the order of their first use.
struct Pool<'a, T> {
    values: Vec<&'a T>,
    /// By address: only ever asked, never gone through in order.
    numbers: BTreeMap<usize, u32>,
    last: Option<(usize, u32)>,
}

impl<'a, T> Pool<'a, T> {
    fn new() -> Self {
        Self {
            values: Vec::new(),
            numbers: BTreeMap::new(),
            last: None,
        }
    }

    fn number(&mut self, value: &'a Arc<T>) -> u32 {
        let address = Arc::as_ptr(value) as usize;
        if let Some((last, number)) = self.last
            && last == address
        {
            return number;
        }
        let next = self.values.len() as u32;
        let number = *self.numbers.entry(address).or_insert(next);
        if number == next {
            self.values.push(value);
        }
        self.last = Some((address, number));
        number
    }
}

/// Writes a batch.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(entries: &[Entry], serializer: S) -> Result<S::Ok, S::Error> {
    let (mut sent, mut responses) = (Pool::<Sent>::new(), Pool::<InvokeResponse>::new());
    let (mut outcomes, mut views) = (Pool::<Outcome>::new(), Pool::<CallerView>::new());
    let packed = entries
        .iter()
        .map(|entry| {
            let packed = match &entry.event {
                Event::Received {
                    invocation,
                    sent: shared,
                } => Packed::Received(*invocation, sent.number(shared)),
                Event::Refused {
                    invocation,
                    response,
                } => Packed::Refused(*invocation, responses.number(response)),
                Event::InvokeFinished {
                    environment,
                    invocation,
                    attempt,
                    duration,
                    outcome,
                } => {
                    let outcome = outcomes.number(outcome);
                    Packed::InvokeFinished(*environment, *invocation, *attempt, *duration, outcome)
                }
                Event::CallerSaw { invocation, view } => {
                    Packed::CallerSaw(*invocation, views.number(view))
                }
                other => Packed::Other(other),
            };
            (entry.at, packed)
        })
        .collect();
    Batch {
        sent: sent.values,
        responses: responses.values,
        outcomes: outcomes.values,
        views: views.values,
        entries: packed,
    }
    .serialize(serializer)
}

/// Reads a batch.
///
/// # Errors
/// The deserialiser's, and numbers that lead nowhere.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    type Owned = Batch<Arc<Sent>, Arc<InvokeResponse>, Arc<Outcome>, Arc<CallerView>, Event>;
    fn find<T, E: serde::de::Error>(values: &[Arc<T>], number: u32) -> Result<Arc<T>, E> {
        let found = values.get(number as usize);
        found
            .cloned()
            .ok_or_else(|| E::custom("a number leads nowhere"))
    }
    let batch = Owned::deserialize(deserializer)?;
    batch
        .entries
        .into_iter()
        .map(|(at, packed)| {
            let event = match packed {
                Packed::Received(invocation, number) => Event::Received {
                    invocation,
                    sent: find(&batch.sent, number)?,
                },
                Packed::Refused(invocation, number) => Event::Refused {
                    invocation,
                    response: find(&batch.responses, number)?,
                },
                Packed::InvokeFinished(environment, invocation, attempt, duration, number) => {
                    Event::InvokeFinished {
                        environment,
                        invocation,
                        attempt,
                        duration,
                        outcome: find(&batch.outcomes, number)?,
                    }
                }
                Packed::CallerSaw(invocation, number) => Event::CallerSaw {
                    invocation,
                    view: find(&batch.views, number)?,
                },
                Packed::Other(event) => event,
            };
            Ok(Stamped { at, event })
        })
        .collect()
}
