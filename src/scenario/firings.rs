//! What one request of the list comes to: one call, one for each subscriber, or a schedule's firings one after the other.

use std::sync::Arc;

use super::{Arrival, Scenario, When};
use crate::lambda::caller::{Moment, Target};
use crate::sim::{SimDuration, SimTime};
use crate::trigger;

/// How far ahead of the scenario's start a source is waited for: a year. What would come later does not come, and a first
/// event of a later time comes at once.
const FURTHEST: SimDuration = SimDuration::from_secs(365 * 86_400);

impl Scenario {
    /// The events of a request, and when each comes.
    pub(super) fn events(&self, arrival: &Arrival) -> Vec<(Moment, Arc<str>)> {
        let first = match arrival.when {
            When::At(at) => Moment::At(at),
            When::AfterPrevious(span) => Moment::AfterPrevious(span),
        };
        let once = || vec![(first, Arc::from(arrival.payload.as_str()))];
        let settings = self.settings_of(&arrival.trigger);
        let series = trigger::by_id(&arrival.trigger)
            .map(|trigger| trigger.series(&settings, &arrival.payload, self.seed));
        let Some([(first_ms, _), later @ ..]) = series.as_deref() else {
            return once();
        };
        let Some(due) = self.on_the_clock(*first_ms) else {
            return once();
        };
        let first = match arrival.when {
            When::At(at) => Moment::At(at.max(due)),
            When::AfterPrevious(span) => Moment::NotBefore(span, due),
        };
        // The first event as it stands in the editor.
        let mut events = vec![(first, Arc::from(arrival.payload.as_str()))];
        let mut before = due;
        for (time_ms, event) in later {
            let Some(at) = self.on_the_clock(*time_ms) else {
                break;
            };
            let gap = Moment::AfterArrival(at.since(before));
            events.push((gap, Arc::from(event.to_string())));
            before = at;
        }
        events
    }

    /// A calendar time on the scenario's clock; its start for what is past, none for what is too far ahead.
    fn on_the_clock(&self, time_ms: i64) -> Option<SimTime> {
        let ahead = time_ms.saturating_sub(self.epoch_ms);
        let ahead = SimDuration::from_millis(u64::try_from(ahead).unwrap_or(0));
        (ahead <= FURTHEST).then(|| SimTime::ZERO + ahead)
    }

    /// How many events the list's requests come to.
    pub(super) fn event_count(&self) -> usize {
        let counts = self.arrivals.iter().map(|arrival| {
            let settings = self.settings_of(&arrival.trigger);
            trigger::by_id(&arrival.trigger).map_or(1, |trigger| trigger.firings(&settings))
        });
        counts.fold(0, |sum, count| sum.saturating_add(count as usize))
    }

    /// The targets of one event: those that have subscribed to it, or the one that is named.
    pub(super) fn subscribed(&self, trigger: &str, target: Target) -> Vec<Target> {
        let settings = self.settings_of(trigger);
        let names = trigger::by_id(trigger).map(|trigger| trigger.subscribers(&settings));
        let names = names.unwrap_or_default();
        if names.is_empty() {
            return vec![target];
        }
        names
            .into_iter()
            .map(|name| Target {
                function: Some(name.to_owned()),
                qualifier: None,
                machine: target.machine,
            })
            .collect()
    }
}
