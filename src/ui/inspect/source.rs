//! The queue or stream that a mapping reads, at an instant.

use std::collections::BTreeMap;

use crate::lambda::event::{Entry, Event};
use crate::lambda::event_source::note::ItemId;
use crate::lambda::event_source::{Items, SourceEvent};
use crate::sim::SimTime;

/// Where one message or record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It waits to be read.
    Waiting,
    /// With a poller, or in a batch with the function.
    Out,
    /// Nobody can receive it until then.
    Hidden(SimTime),
    /// In the source's dead-letter queue.
    DeadLetter,
}

/// A message or record that is not done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Its number in the order of arrival, from 0.
    pub id: ItemId,
    /// When it came.
    pub since: SimTime,
    /// How often the function was called with it.
    pub tries: u32,
    /// Where it is.
    pub place: Place,
}

/// What is known of a source at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceStory {
    /// All that came.
    pub arrived: u64,
    /// Processed, and deleted or passed over.
    pub done: u64,
    /// Left out by the filter criteria or the starting position.
    pub left_out: u64,
    /// Given up: retries used, too old, expired.
    pub given_up: u64,
    /// Batches that were sent to the function.
    pub batches: u64,
    /// What is not done with, those in the dead-letter queue included, in the order in which it came.
    pub items: Vec<Item>,
}

impl SourceStory {
    /// How many are at a place like this.
    pub fn count(&self, at: impl Fn(Place) -> bool) -> u64 {
        self.items.iter().filter(|item| at(item.place)).count() as u64
    }

    /// When the oldest came that is still to be processed.
    pub fn oldest(&self) -> Option<SimTime> {
        let mut open = self.items.iter();
        open.find(|item| item.place != Place::DeadLetter)
            .map(|item| item.since)
    }
}

/// Reads a mapping's source up to `at`. The entries are in the order of time.
pub fn source<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    wanted: u16,
    at: SimTime,
) -> SourceStory {
    let mut reading = Reading::default();
    for entry in entries.into_iter().take_while(|entry| entry.at <= at) {
        if let Event::Mapping { mapping, event } = &entry.event
            && *mapping == wanted
        {
            reading.take(entry.at, event);
        }
    }
    let mut story = reading.story;
    story.items = reading.items.into_values().collect();
    story
}

#[derive(Default)]
struct Reading {
    story: SourceStory,
    items: BTreeMap<ItemId, Item>,
}

impl Reading {
    fn take(&mut self, at: SimTime, event: &SourceEvent) {
        match event {
            SourceEvent::Arrived { items } => {
                self.story.arrived += items.len() as u64;
                self.come(items, at);
            }
            SourceEvent::Polled { items, .. } => self.put(items, Place::Out),
            SourceEvent::BatchSent { items, .. } => {
                self.story.batches += 1;
                self.put(items, Place::Out);
                for id in items.iter() {
                    if let Some(item) = self.items.get_mut(&id) {
                        item.tries += 1;
                    }
                }
            }
            SourceEvent::Hidden { items, until } => self.put(items, Place::Hidden(*until)),
            SourceEvent::Returned { items } => self.put(items, Place::Waiting),
            SourceEvent::MovedToDeadLetterQueue { items } => self.put(items, Place::DeadLetter),
            SourceEvent::Redriven { items, renumbered } => {
                self.leave(items);
                self.come(renumbered, at);
            }
            SourceEvent::Processed { items, .. } | SourceEvent::Deleted { items, .. } => {
                self.story.done += self.leave(items);
            }
            SourceEvent::FilteredOut { items } | SourceEvent::Skipped { items } => {
                self.story.left_out += self.leave(items);
            }
            SourceEvent::Expired { items } | SourceEvent::Discarded { items, .. } => {
                self.story.given_up += self.leave(items);
            }
            _ => {}
        }
    }

    fn come(&mut self, items: &Items, since: SimTime) {
        for id in items.iter() {
            let place = Place::Waiting;
            let item = Item {
                id,
                since,
                tries: 0,
                place,
            };
            self.items.insert(id, item);
        }
    }

    fn put(&mut self, items: &Items, place: Place) {
        for id in items.iter() {
            if let Some(item) = self.items.get_mut(&id) {
                item.place = place;
            }
        }
    }

    /// Takes items away; answers how many were there.
    fn leave(&mut self, items: &Items) -> u64 {
        let there = items
            .iter()
            .filter(|item| self.items.remove(item).is_some());
        there.count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event_source::note::Place as Shard;
    use crate::sim::SimDuration;

    fn entry(seconds: u64, event: SourceEvent) -> Entry {
        Entry {
            at: SimTime::ZERO + SimDuration::from_secs(seconds),
            event: Event::Mapping {
                mapping: 0,
                event: Box::new(event),
            },
        }
    }

    fn items(ids: &[u32]) -> Items {
        ids.iter().copied().map(ItemId).collect()
    }

    #[test]
    fn a_message_is_followed_from_its_arrival_to_the_dead_letter_queue() {
        let until = SimTime::ZERO + SimDuration::from_secs(31);
        let batch = |at, ids: &[u32]| {
            let sent = SourceEvent::BatchSent {
                batch: crate::lambda::event_source::BatchId(0),
                place: Shard::default(),
                attempt: 1,
                items: items(ids),
                bytes: 100,
                iterator_age: None,
            };
            entry(at, sent)
        };
        let entries = [
            entry(
                0,
                SourceEvent::Arrived {
                    items: items(&[0, 1]),
                },
            ),
            batch(1, &[0, 1]),
            entry(
                2,
                SourceEvent::Deleted {
                    batch: crate::lambda::event_source::BatchId(0),
                    items: items(&[1]),
                },
            ),
            entry(
                2,
                SourceEvent::Hidden {
                    items: items(&[0]),
                    until,
                },
            ),
            entry(31, SourceEvent::Returned { items: items(&[0]) }),
            batch(32, &[0]),
            entry(
                33,
                SourceEvent::MovedToDeadLetterQueue { items: items(&[0]) },
            ),
        ];
        let read = |seconds| {
            let at = SimTime::ZERO + SimDuration::from_secs(seconds);
            source(entries.iter(), 0, at)
        };
        assert_eq!(read(0).count(|place| place == Place::Waiting), 2);
        let hidden = read(5);
        assert_eq!((hidden.done, hidden.batches), (1, 1));
        assert_eq!(hidden.items[0].place, Place::Hidden(until));
        assert_eq!(hidden.oldest(), Some(SimTime::ZERO));
        let end = read(40);
        assert_eq!(
            (end.items[0].tries, end.items[0].place),
            (2, Place::DeadLetter)
        );
        assert_eq!(end.oldest(), None);
        assert_eq!(source(entries.iter(), 1, until).arrived, 0);
    }
}
