//! Receiving and deleting: `ReceiveMessage` and `DeleteMessage`.

use super::{Held, IN_FLIGHT_LIMIT, Lease, Queue, RECEIVE_LIMIT, State};
use crate::lambda::event_source::ItemId;
use crate::sim::SimTime;

/// What one `ReceiveMessage` did.
#[derive(Debug)]
pub(in super::super) struct Received {
    pub lease: Lease,
    pub items: Vec<ItemId>,
    /// Moved instead of received.
    pub dead: Vec<ItemId>,
}

impl Queue {
    /// `ReceiveMessage`, for at most `limit` messages.
    pub fn receive(&mut self, now: SimTime, limit: usize) -> Received {
        let lease = Lease(self.first_lease + self.leases.len() as u64);
        let mut received = Received {
            lease,
            items: Vec::new(),
            dead: Vec::new(),
        };
        let limit = limit
            .min(RECEIVE_LIMIT)
            .min(IN_FLIGHT_LIMIT.saturating_sub(self.held));
        if self.fifo {
            while received.items.len() < limit
                && let Some((_, number)) = self.open_groups.pop_first()
            {
                self.receive_group(now, number, limit, &mut received);
            }
        } else {
            while received.items.len() < limit
                && let Some(item) = self.ready.pop_front()
            {
                self.take(now, item, &mut received);
            }
        }
        if !received.items.is_empty() {
            self.leases.push_back(Held {
                due: now + self.visibility,
                left: received.items.len(),
                items: received.items.clone(),
            });
        }
        received
    }

    /// As many of one group as there is room for.
    fn receive_group(&mut self, now: SimTime, number: u32, limit: usize, received: &mut Received) {
        let mut index = 0;
        while received.items.len() < limit {
            let group = self.groups.get(number as usize);
            let Some(&item) = group.and_then(|group| group.messages.get(index)) else {
                break;
            };
            let before = (received.items.len(), received.dead.len());
            self.take(now, item, received);
            if before == (received.items.len(), received.dead.len()) {
                break;
            }
            // A message that was moved away makes room for the next.
            index += received.items.len() - before.0;
        }
        let Some(group) = self.groups.get_mut(number as usize) else {
            return;
        };
        group.held = index as u32;
        if let Some(first) = group.messages.front().copied()
            && index > 0
        {
            // Moving messages away has reopened it.
            self.open_groups.remove(&(first, number));
        }
        self.reopen(number);
    }

    /// Receives one visible message, or moves it to the dead-letter queue.
    fn take(&mut self, now: SimTime, item: ItemId, received: &mut Received) {
        let Some(message) = self.messages.get_mut(&item) else {
            return;
        };
        if message.state != State::Visible {
            return;
        }
        if self.max_receives.is_some_and(|max| message.receives >= max) {
            if let Some(message) = self.remove(item) {
                self.dead.push((item, message.body, message.extra));
            }
            received.dead.push(item);
            return;
        }
        message.receives += 1;
        if message.receives == 1 {
            message.first_received = now;
        }
        message.state = State::Held(received.lease);
        self.visible -= 1;
        self.held += 1;
        received.items.push(item);
    }

    /// `DeleteMessage` with the receipt of one receive. False when that receipt deletes nothing: the message is gone, was
    /// received again, or, in a FIFO queue, its visibility timeout has ended.
    pub fn delete(&mut self, item: ItemId, lease: Lease) -> bool {
        let deletes = self
            .messages
            .get(&item)
            .is_some_and(|message| match message.state {
                State::Held(current) => current == lease,
                State::Visible => !self.fifo,
                State::Delayed => false,
            });
        if deletes {
            self.remove(item);
        }
        deletes
    }

    /// When the visibility timeout of a receive ends; none when it has.
    pub fn due(&self, lease: Lease) -> Option<SimTime> {
        let index = lease.0.checked_sub(self.first_lease)?;
        Some(self.leases.get(index as usize)?.due)
    }

    /// Whether a receive still holds a message.
    pub fn holds(&self, item: ItemId, lease: Lease) -> bool {
        let message = self.messages.get(&item);
        message.is_some_and(|message| message.state == State::Held(lease))
    }
}
