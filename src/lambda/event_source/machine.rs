//! A mapping as a machine of the cloud's.

use std::sync::Arc;

use super::{
    Action, Actions, BatchId, Context, Finished, Incoming, MappingConfig, Outcome, Poller, Source,
    SourceEvent, incoming, open, producer,
};
use crate::lambda::caller::Target;
use crate::lambda::event::{Event, RequestId};
use crate::lambda::machine::{Ended, Machine, Want};
use crate::sim::{SimDuration, SimTime};

/// Invocations in a row without anything being done with, after which the run is cut off.
///
/// A source without a retry limit tries until its retention ends, and a broker's queue for ever. A day of a Kinesis shard
/// (about 5,400 tries) and four days of a queue with a visibility timeout of 30 s (11,520) fit in.
pub const FRUITLESS: u32 = 20_000;

/// The same for a stream's mapping that nobody set up: enough to see that it would go on, few enough to be read.
pub const FRUITLESS_BY_DEFAULT: u32 = 100;

/// A poller that the cloud drives.
pub struct MappingMachine {
    number: u16,
    trigger: &'static str,
    source: Source,
    target: Target,
    poller: Box<dyn Poller>,
    actions: Actions,
    /// What was put in last, taken apart: a load sends the same event again and again.
    last: Option<(Arc<str>, Vec<Incoming>)>,
    /// Invocations since something was done with.
    fruitless: u32,
    /// How many of them there may be in a row.
    patience: u32,
    given_up: bool,
    /// Pollers at the start, in provisioned mode.
    pollers: Option<u32>,
}

impl MappingMachine {
    /// The mapping with this number in the set-up. Source and settings are expected to be valid: see [`super::check`].
    pub fn new(
        number: u16,
        source: &Source,
        config: &MappingConfig,
        target: Target,
        context: &Context,
    ) -> Self {
        Self {
            number,
            trigger: source.trigger(),
            source: source.clone(),
            target,
            poller: open(source, config, context),
            actions: Actions::new(),
            last: None,
            fruitless: 0,
            patience: FRUITLESS,
            given_up: false,
            pollers: config
                .provisioned_poller_config
                .filter(|_| config.enabled)
                .map(|pollers| match source {
                    Source::Kafka(topic) => {
                        let partitions = topic.partition_count.max(1);
                        pollers.minimum_pollers.unwrap_or(1).min(partitions)
                    }
                    _ => pollers.minimum_pollers.unwrap_or(2),
                }),
        }
    }

    /// The mapping was not set up by anybody. Its rules are those of AWS all the same; but where they set no limit to the
    /// tries, the run is cut off after [`FRUITLESS_BY_DEFAULT`] of them.
    #[must_use]
    pub fn made_by_default(mut self) -> Self {
        if self.source.tries_until().is_some() {
            self.patience = FRUITLESS_BY_DEFAULT;
        }
        self
    }

    /// What AWS would go on doing, for the visitor.
    fn cut_off(&self) -> Event {
        let tries = self.patience;
        let what = capitalised(self.source.label());
        let goes_on = match self.source.tries_until() {
            Some(seconds) => format!(
                "Lambda would go on; without a limit it sends the same batch again until the records expire, after {}.",
                SimDuration::from_secs(seconds)
            ),
            None => "Lambda would go on with it.".to_owned(),
        };
        let cure = match &self.source {
            Source::Kinesis(_) | Source::DynamoDb(_) | Source::Kafka(_) => {
                "Limit the tries with MaximumRetryAttempts or MaximumRecordAgeInSeconds; an on-failure destination keeps what \
                 is given up."
            }
            Source::Sqs(_) => "Give the queue a dead-letter queue.",
            Source::Mq(_) => "Limit the redeliveries at the broker.",
            Source::DocumentDb(_) => {
                "DocumentDB has no limit to set; the function itself must let the change pass."
            }
        };
        Event::CutOff {
            reason: format!(
                "{what} led to {tries} invocations in a row and nothing came of them. {goes_on} {cure}"
            ),
            patience: false,
        }
    }

    /// Hands the poller's actions to the cloud.
    fn pass_on(&mut self, wants: &mut Vec<Want>) {
        for action in std::mem::take(&mut self.actions) {
            match action {
                Action::Wake { at } => wants.push(Want::Wake(at)),
                Action::Note(event) => {
                    if is_progress(&event) {
                        self.fruitless = 0;
                    }
                    if matches!(event, SourceEvent::BatchSent { .. }) {
                        if self.fruitless >= self.patience {
                            self.given_up = true;
                            wants.push(Want::Tell(self.cut_off()));
                            return;
                        }
                        self.fruitless += 1;
                    }
                    wants.push(Want::Tell(Event::Mapping {
                        mapping: self.number,
                        event: Box::new(event),
                    }));
                }
                Action::Invoke { batch, payload } => {
                    wants.push(Want::Invoke {
                        ticket: batch.0,
                        payload: Arc::from(&*payload),
                    });
                }
            }
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// Whether something was done with, in whichever way.
fn is_progress(event: &SourceEvent) -> bool {
    matches!(
        event,
        SourceEvent::Processed { .. }
            | SourceEvent::Deleted { .. }
            | SourceEvent::FilteredOut { .. }
            | SourceEvent::MovedToDeadLetterQueue { .. }
            | SourceEvent::Expired { .. }
            | SourceEvent::Discarded { .. }
    )
}

impl Machine for MappingMachine {
    fn id(&self) -> &str {
        self.trigger
    }

    fn target(&self) -> Target {
        self.target.clone()
    }

    fn start(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        self.poller.start(now, &mut self.actions);
        self.pass_on(wants);
    }

    fn put(&mut self, now: SimTime, payload: &Arc<str>, wants: &mut Vec<Want>) {
        if self.given_up {
            return;
        }
        let known = self
            .last
            .as_ref()
            .is_some_and(|(last, _)| Arc::ptr_eq(last, payload));
        if !known {
            let records = incoming::records(&self.source, payload);
            self.last = Some((Arc::clone(payload), records));
        }
        if let Some((_, records)) = &self.last {
            let mut receipts = Vec::with_capacity(records.len());
            for record in records {
                receipts.push(self.poller.put(now, record.clone(), &mut self.actions));
            }
            for (items, answer) in producer::answers(&self.source, &receipts) {
                self.actions
                    .push(Action::Note(SourceEvent::ProducerSaw { items, answer }));
            }
        }
        self.pass_on(wants);
    }

    fn wake(&mut self, now: SimTime, wants: &mut Vec<Want>) {
        if !self.given_up {
            self.poller.wake(now, &mut self.actions);
            self.pass_on(wants);
        }
    }

    fn ended(
        &mut self,
        now: SimTime,
        ticket: u32,
        id: RequestId,
        end: Ended<'_>,
        wants: &mut Vec<Want>,
    ) {
        if self.given_up {
            return;
        }
        let outcome = match end {
            Ended::Ran(outcome) if outcome.failed() => Outcome::FunctionError,
            Ended::Ran(outcome) => Outcome::Success {
                payload: outcome.response.payload.clone(),
            },
            Ended::Throttled(_) => Outcome::Throttled,
            // Batches keep to the limits and functions are there, or the mapping would have been refused.
            Ended::Refused | Ended::NotRun(_) | Ended::SystemError => Outcome::ServiceError,
        };
        let finished = Finished {
            request_id: id,
            outcome,
        };
        self.poller
            .finished(now, BatchId(ticket), finished, &mut self.actions);
        self.pass_on(wants);
    }

    fn provisioned_pollers(&self) -> Option<u32> {
        self.pollers
    }

    fn is_quiet(&self) -> bool {
        self.given_up || self.poller.is_quiet()
    }
}
