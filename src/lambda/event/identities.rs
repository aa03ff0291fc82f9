//! Request ids, found again while reading a trace.

use std::collections::BTreeMap;

use super::{Event, InvocationId, RequestId};

/// What request ids are derived from, gathered from the entries read so far.
#[derive(Debug, Clone, Default)]
pub struct Identities {
    seed: u64,
    /// Second deliveries, and what they repeat.
    repeats: BTreeMap<InvocationId, InvocationId>,
}

impl Identities {
    /// Reads an entry.
    pub fn read(&mut self, event: &Event) {
        match event {
            Event::Began { world } => self.seed = world.seed,
            Event::Received { invocation, sent } => {
                self.seed = sent.seed;
                if let Some(original) = sent.repeats {
                    self.repeats.insert(*invocation, original);
                }
            }
            _ => {}
        }
    }

    /// What one invocation's request id is derived from.
    pub fn alone(&self, invocation: InvocationId) -> Self {
        let repeats = self.repeats.get(&invocation);
        Self {
            seed: self.seed,
            repeats: repeats.map(|of| (invocation, *of)).into_iter().collect(),
        }
    }

    /// An invocation's request id.
    pub fn of(&self, invocation: InvocationId) -> RequestId {
        let identity = self.repeats.get(&invocation).copied();
        RequestId::of(self.seed, identity.unwrap_or(invocation))
    }
}
