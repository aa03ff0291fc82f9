//! What destinations and dead-letter queues got.

use crate::lambda::event::{DeliveryKind, Entry, Event, InvocationId};
use crate::lambda::event_source::SourceEvent;
use crate::sim::SimTime;

/// A record or an event that was sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// When.
    pub at: SimTime,
    /// Of which request; none of what a mapping gave up.
    pub invocation: Option<InvocationId>,
    /// For what, in words.
    pub kind: &'static str,
    /// The target's ARN.
    pub target: String,
    /// What the target got: JSON text.
    pub body: String,
    /// Whether the target took it.
    pub delivered: bool,
}

/// Everything that was sent on up to `at`, in the order of time.
pub fn deliveries<'e>(entries: impl IntoIterator<Item = &'e Entry>, at: SimTime) -> Vec<Sent> {
    let entries = entries.into_iter().take_while(|entry| entry.at <= at);
    entries.filter_map(sent).collect()
}

/// What a delivery is for, in words.
pub fn kind_in_words(kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::OnSuccess => "On-success destination",
        DeliveryKind::OnFailure => "On-failure destination",
        DeliveryKind::DeadLetter => "Dead-letter queue",
    }
}

fn sent(entry: &Entry) -> Option<Sent> {
    match &entry.event {
        Event::Delivered {
            invocation,
            delivery,
        } => Some(Sent {
            at: entry.at,
            invocation: Some(*invocation),
            kind: kind_in_words(delivery.kind),
            target: delivery.target.clone(),
            body: delivery.body.clone(),
            delivered: delivery.delivered,
        }),
        Event::Mapping { event, .. } => match &**event {
            SourceEvent::Discarded {
                record: Some(record),
                ..
            } => Some(Sent {
                at: entry.at,
                invocation: None,
                kind: "On-failure destination of the mapping",
                target: record.destination.clone(),
                body: record.body.clone(),
                delivered: record.delivered,
            }),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::config::Destination;
    use crate::ui::lived::{lived, scenario};

    #[test]
    fn what_is_given_up_goes_to_its_destination() {
        let mut scenario = scenario("s3", r#"{"Records":[]}"#, true);
        let arn = "arn:aws:sqs:us-east-1:123456789012:failed-events";
        scenario.function.on_failure = Some(Destination(arn.to_owned()));
        let entries = lived(&scenario);
        assert_eq!(deliveries(entries.iter(), SimTime::ZERO), []);
        let all = deliveries(entries.iter(), SimTime::from_nanos(u64::MAX));
        let [one] = &all[..] else {
            panic!("{all:?}");
        };
        assert_eq!(
            (one.target.as_str(), one.kind),
            (arn, "On-failure destination")
        );
        assert!(one.delivered && one.body.contains("RetriesExhausted"));
    }
}
