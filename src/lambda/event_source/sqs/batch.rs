//! Messages on their way to becoming one event.

use std::rc::Rc;

use super::queue::Lease;
use crate::lambda::event_source::{BATCH_BYTES, ItemId, Items};
use crate::sim::SimTime;

const HEAD: &str = r#"{"Records":["#;
const TAIL: &str = "]}";

/// Messages that go to the function together.
#[derive(Debug)]
pub(super) struct Batch {
    pub since: SimTime,
    pub items: Vec<(ItemId, Lease)>,
    /// The event without its end; whole once it was sent.
    payload: Payload,
    pub attempts: u32,
}

#[derive(Debug)]
enum Payload {
    Growing(String),
    Whole(Rc<str>),
}

impl Batch {
    pub fn new(since: SimTime) -> Self {
        Self {
            since,
            items: Vec::new(),
            payload: Payload::Growing(HEAD.to_owned()),
            attempts: 0,
        }
    }

    /// Adds a message, unless the event would become too large.
    pub fn add(&mut self, item: ItemId, lease: Lease, record: &str) -> bool {
        let Payload::Growing(text) = &mut self.payload else {
            return false;
        };
        let separator = usize::from(!self.items.is_empty());
        if text.len() + separator + record.len() + TAIL.len() > BATCH_BYTES {
            return false;
        }
        if separator == 1 {
            text.push(',');
        }
        text.push_str(record);
        self.items.push((item, lease));
        true
    }

    pub fn seal(&mut self) -> Rc<str> {
        let whole = match &mut self.payload {
            Payload::Growing(text) => {
                text.push_str(TAIL);
                Rc::from(std::mem::take(text))
            }
            Payload::Whole(payload) => Rc::clone(payload),
        };
        self.payload = Payload::Whole(Rc::clone(&whole));
        whole
    }

    pub fn items(&self) -> Items {
        self.items.iter().map(|(item, _)| *item).collect()
    }

    /// The receives that the messages came with, each once.
    pub fn leases(&self) -> impl Iterator<Item = Lease> {
        let mut leases: Vec<_> = self.items.iter().map(|(_, lease)| *lease).collect();
        leases.dedup();
        leases.into_iter()
    }
}
