//! Which batch a mapping's invocation carries, and what those saw who sent its items.

use std::collections::{BTreeMap, BTreeSet};

use super::BatchSummary;
use crate::lambda::event_source::producer::Answer;
use crate::lambda::event_source::{BatchId, ItemId, Items, SourceEvent};
use crate::sim::SimTime;

/// What is known of mappings' batches.
#[derive(Default)]
pub(super) struct Batches {
    answers: Vec<(SimTime, Answer)>,
    /// Which answer was given for an item.
    answer_of: BTreeMap<(u16, ItemId), usize>,
    /// A batch that was sent: the request that follows carries it.
    sent: Option<(u16, BatchId, Items)>,
}

impl Batches {
    pub fn take(&mut self, at: SimTime, mapping: u16, event: &SourceEvent) {
        match event {
            SourceEvent::ProducerSaw { items, answer } => {
                let number = self.answers.len();
                self.answers.push((at, answer.clone()));
                self.answer_of
                    .extend(items.iter().map(|item| ((mapping, item), number)));
            }
            // A message that is moved back from a dead-letter queue is still its producer's.
            SourceEvent::Redriven { items, renumbered } => {
                for (old, new) in items.iter().zip(renumbered.iter()) {
                    if let Some(number) = self.answer_of.get(&(mapping, old)).copied() {
                        self.answer_of.insert((mapping, new), number);
                    }
                }
            }
            SourceEvent::BatchSent { batch, items, .. } => {
                self.sent = Some((mapping, *batch, items.clone()));
            }
            // It was not let in: no request followed.
            SourceEvent::BatchEnded { batch, .. } => {
                let ended = (mapping, *batch);
                self.sent
                    .take_if(|(mapping, batch, _)| (*mapping, *batch) == ended);
            }
            _ => {}
        }
    }

    /// A request arrives that nobody asks about.
    pub fn passed(&mut self) {
        self.sent = None;
    }

    /// A request arrives: the batch that it carries.
    pub fn invoked(&mut self) -> Option<BatchSummary> {
        let (mapping, _, items) = self.sent.take()?;
        let answers: BTreeSet<usize> = items
            .iter()
            .filter_map(|item| self.answer_of.get(&(mapping, item)).copied())
            .collect();
        let first = items
            .iter()
            .find_map(|item| self.answer_of.get(&(mapping, item)));
        let producer = first.and_then(|number| self.answers.get(*number));
        Some(BatchSummary {
            mapping,
            producer: producer.map(|(at, answer)| (*at, answer.view())),
            other_producers: answers.len().saturating_sub(1) as u32,
            items,
        })
    }
}
