//! The simulated queue: messages arrive, are received, hidden, deleted, returned, moved and expire.

mod receive;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use crate::lambda::event_source::source::Queue as Attributes;
use crate::lambda::event_source::{Incoming, ItemId, ids};
use crate::sim::{SimDuration, SimTime};

/// Messages in flight that a queue allows.
pub const IN_FLIGHT_LIMIT: usize = 120_000;
/// Messages that one `ReceiveMessage` returns at most.
pub const RECEIVE_LIMIT: usize = 10;
/// Largest message in bytes, attributes included.
pub const MESSAGE_BYTES: usize = 1_048_576;
/// How long a FIFO queue remembers deduplication ids.
const DEDUPLICATION: SimDuration = SimDuration::from_secs(300);

/// One `ReceiveMessage`: its messages share a visibility timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Lease(u64);

/// A stored message.
#[derive(Debug)]
pub(super) struct Message {
    pub body: Rc<str>,
    pub sent: SimTime,
    pub first_received: SimTime,
    pub receives: u32,
    /// What few messages have.
    pub extra: Option<Rc<Extra>>,
    group: Option<u32>,
    state: State,
}

/// What few messages have.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub group: Option<Rc<str>>,
    pub deduplication: Option<Rc<str>>,
    pub attributes: Option<Rc<[(String, String)]>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Delayed,
    Visible,
    Held(Lease),
}

/// The messages of one group, in order, those in flight included.
#[derive(Debug, Default)]
struct Group {
    messages: VecDeque<ItemId>,
    held: u32,
}

/// The messages of one receive.
#[derive(Debug)]
struct Held {
    due: SimTime,
    items: Vec<ItemId>,
    /// How many of them were not deleted.
    left: usize,
}

/// What became of a `SendMessage`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Stored(ItemId),
    Duplicate(ItemId),
    Refused(String),
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    fifo: bool,
    content_based_deduplication: bool,
    delay: SimDuration,
    retention: SimDuration,
    visibility: SimDuration,
    max_receives: Option<u32>,
    next: u32,
    messages: BTreeMap<ItemId, Message>,
    delayed: BTreeSet<(SimTime, ItemId)>,
    /// Standard queues: what can be received; entries may be stale.
    ready: VecDeque<ItemId>,
    /// How many messages are visible.
    visible: usize,
    held: usize,
    /// Leases from `first_lease` on. The visibility timeout never changes, so they end in order.
    leases: VecDeque<Held>,
    first_lease: u64,
    group_numbers: BTreeMap<Rc<str>, u32>,
    groups: Vec<Group>,
    /// FIFO queues: groups with visible messages and none in flight, by their oldest message.
    open_groups: BTreeSet<(ItemId, u32)>,
    recent: BTreeMap<Rc<str>, ItemId>,
    recent_ends: VecDeque<(SimTime, Rc<str>)>,
    dead: Vec<(ItemId, Rc<str>, Option<Rc<Extra>>)>,
}

impl Queue {
    pub fn new(attributes: &Attributes, visibility: SimDuration) -> Self {
        Self {
            fifo: attributes.is_fifo(),
            content_based_deduplication: attributes.content_based_deduplication,
            delay: SimDuration::from_secs(u64::from(attributes.delay_seconds)),
            retention: SimDuration::from_secs(u64::from(attributes.message_retention_period)),
            visibility,
            max_receives: attributes
                .redrive_policy
                .as_ref()
                .map(|policy| policy.max_receive_count),
            next: 0,
            messages: BTreeMap::new(),
            delayed: BTreeSet::new(),
            ready: VecDeque::new(),
            visible: 0,
            held: 0,
            leases: VecDeque::new(),
            first_lease: 0,
            group_numbers: BTreeMap::new(),
            groups: Vec::new(),
            open_groups: BTreeSet::new(),
            recent: BTreeMap::new(),
            recent_ends: VecDeque::new(),
            dead: Vec::new(),
        }
    }

    /// `SendMessage`.
    pub fn send(&mut self, now: SimTime, incoming: Incoming) -> Sent {
        let attributes = incoming.attributes.as_deref().unwrap_or_default();
        let bytes = incoming.body.len()
            + attributes
                .iter()
                .map(|(name, value)| name.len() + value.len() + "String".len())
                .sum::<usize>();
        if bytes > MESSAGE_BYTES || incoming.body.is_empty() {
            return Sent::Refused(if bytes > MESSAGE_BYTES {
                format!(
                    "One or more parameters are invalid. Reason: Message must be shorter than {MESSAGE_BYTES} bytes."
                )
            } else {
                "The request must contain the parameter MessageBody.".to_owned()
            });
        }
        if let Some(seconds) = incoming.delay_seconds.filter(|seconds| *seconds > 900) {
            return Sent::Refused(format!(
                "Value {seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."
            ));
        }
        let mut deduplication = None;
        if self.fifo {
            if incoming.group.as_deref().unwrap_or_default().is_empty() {
                return Sent::Refused(
                    "The request must contain the parameter MessageGroupId.".to_owned(),
                );
            }
            let id: Rc<str> = match incoming.deduplication {
                Some(id) => id,
                None if self.content_based_deduplication => {
                    ids::sha256_hex(incoming.body.as_bytes()).into()
                }
                None => {
                    return Sent::Refused(
                        "The queue should either have ContentBasedDeduplication enabled or \
                         MessageDeduplicationId provided explicitly"
                            .to_owned(),
                    );
                }
            };
            self.forget_recent(now);
            if let Some(original) = self.recent.get(&id) {
                return Sent::Duplicate(*original);
            }
            self.recent.insert(Rc::clone(&id), ItemId(self.next));
            self.recent_ends
                .push_back((now + DEDUPLICATION, Rc::clone(&id)));
            deduplication = Some(id);
        }
        let delay = match incoming.delay_seconds {
            // A FIFO queue delays all messages alike.
            Some(seconds) if !self.fifo => SimDuration::from_secs(u64::from(seconds)),
            _ => self.delay,
        };
        let extra = (incoming.group.is_some() || incoming.attributes.is_some()).then(|| {
            Rc::new(Extra {
                group: incoming.group,
                deduplication,
                attributes: incoming.attributes,
            })
        });
        Sent::Stored(self.store(now, incoming.body, extra, delay))
    }

    fn store(
        &mut self,
        now: SimTime,
        body: Rc<str>,
        extra: Option<Rc<Extra>>,
        delay: SimDuration,
    ) -> ItemId {
        let item = ItemId(self.next);
        self.next += 1;
        let group = extra
            .as_ref()
            .and_then(|extra| extra.group.as_ref())
            .filter(|_| self.fifo)
            .map(|name| {
                let groups = &mut self.groups;
                *self
                    .group_numbers
                    .entry(Rc::clone(name))
                    .or_insert_with(|| {
                        groups.push(Group::default());
                        (groups.len() - 1) as u32
                    })
            });
        let message = Message {
            body,
            sent: now,
            first_received: now,
            receives: 0,
            extra,
            group,
            state: State::Delayed,
        };
        self.messages.insert(item, message);
        if delay == SimDuration::ZERO {
            self.show(item);
        } else {
            self.delayed.insert((now + delay, item));
        }
        item
    }

    fn forget_recent(&mut self, now: SimTime) {
        while let Some((_, id)) = self.recent_ends.pop_front_if(|(end, _)| *end <= now) {
            self.recent.remove(&id);
        }
    }

    /// A delayed message can be received.
    fn show(&mut self, item: ItemId) {
        let Some(message) = self.messages.get_mut(&item) else {
            return;
        };
        message.state = State::Visible;
        self.visible += 1;
        match message.group {
            None => self.ready.push_back(item),
            Some(number) => {
                if let Some(group) = self.groups.get_mut(number as usize) {
                    group.messages.push_back(item);
                    self.reopen(number);
                }
            }
        }
    }

    /// Lets a group be received from, if it can.
    fn reopen(&mut self, number: u32) {
        if let Some(group) = self.groups.get(number as usize)
            && group.held == 0
            && let Some(first) = group.messages.front()
        {
            self.open_groups.insert((*first, number));
        }
    }

    /// Ends delays and visibility timeouts up to `now`. Returns what was in flight and is not any more.
    pub fn advance(&mut self, now: SimTime) -> Vec<ItemId> {
        while let Some(&(due, item)) = self.delayed.first()
            && due <= now
        {
            self.delayed.pop_first();
            self.show(item);
        }
        let mut returned = Vec::new();
        while let Some(held) = self
            .leases
            .pop_front_if(|held| held.left == 0 || held.due <= now)
        {
            let lease = Lease(self.first_lease);
            self.first_lease += 1;
            for item in held.items {
                let Some(message) = self.messages.get_mut(&item) else {
                    continue;
                };
                if message.state != State::Held(lease) {
                    continue;
                }
                message.state = State::Visible;
                self.held -= 1;
                self.visible += 1;
                match message.group {
                    None => self.ready.push_back(item),
                    Some(number) => self.release(number),
                }
                returned.push(item);
            }
        }
        returned
    }

    /// One message of the group is in flight no more.
    fn release(&mut self, number: u32) {
        if let Some(group) = self.groups.get_mut(number as usize) {
            group.held = group.held.saturating_sub(1);
        }
        self.reopen(number);
    }

    /// Removes what is older than the retention period, wherever it is.
    pub fn expire(&mut self, now: SimTime) -> Vec<ItemId> {
        let mut expired = Vec::new();
        while let Some((&item, message)) = self.messages.first_key_value()
            && message.sent + self.retention <= now
        {
            self.remove(item);
            expired.push(item);
        }
        expired
    }

    fn remove(&mut self, item: ItemId) -> Option<Message> {
        let message = self.messages.remove(&item)?;
        match message.state {
            State::Delayed => {
                self.delayed.retain(|(_, delayed)| *delayed != item);
            }
            State::Visible => self.visible -= 1,
            State::Held(lease) => {
                self.held -= 1;
                let index = lease.0.checked_sub(self.first_lease);
                if let Some(held) = index.and_then(|index| self.leases.get_mut(index as usize)) {
                    held.left = held.left.saturating_sub(1);
                }
            }
        }
        if let Some(number) = message.group
            && let Some(group) = self.groups.get_mut(number as usize)
        {
            if let Some(index) = group.messages.iter().position(|other| *other == item) {
                if index == 0 {
                    self.open_groups.remove(&(item, number));
                }
                group.messages.remove(index);
            }
            if matches!(message.state, State::Held(_)) {
                group.held = group.held.saturating_sub(1);
            }
            self.reopen(number);
        }
        Some(message)
    }

    pub fn message(&self, item: ItemId) -> Option<&Message> {
        self.messages.get(&item)
    }

    /// Whether a receive would find something.
    pub fn has_visible(&self) -> bool {
        if self.held >= IN_FLIGHT_LIMIT {
            return false;
        }
        if self.fifo {
            !self.open_groups.is_empty()
        } else {
            self.visible > 0
        }
    }

    /// When a delay or a visibility timeout ends next.
    pub fn next_return(&self) -> Option<SimTime> {
        let held = self.leases.iter().find(|held| held.left > 0);
        let delayed = self.delayed.first().map(|(due, _)| *due);
        held.map(|held| held.due).into_iter().chain(delayed).min()
    }

    /// When the retention period of the oldest message ends.
    pub fn next_expiry(&self) -> Option<SimTime> {
        let (_, oldest) = self.messages.first_key_value()?;
        Some(oldest.sent + self.retention)
    }

    pub fn len(&self) -> usize {
        self.messages.len()
    }

    pub fn dead_letters(&self) -> impl Iterator<Item = ItemId> {
        self.dead.iter().map(|(item, ..)| *item)
    }

    /// Moves the dead letters back. They are new messages.
    pub fn redrive(&mut self, now: SimTime) -> Vec<(ItemId, ItemId)> {
        std::mem::take(&mut self.dead)
            .into_iter()
            .map(|(item, body, extra)| (item, self.store(now, body, extra, SimDuration::ZERO)))
            .collect()
    }
}
