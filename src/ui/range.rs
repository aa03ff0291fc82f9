//! What a stretch of time comes to: counts, percentiles and cost of the tries that began in it.

use crate::sim::{SimDuration, SimTime};
use crate::ui::attempts::Outcome;
use crate::ui::trace::{Entries, Tries};

/// The sums of a stretch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Measured {
    /// How long it is.
    pub span: SimDuration,
    /// Tries that began in it.
    pub tries: usize,
    /// Of these, failed, timed out or refused.
    pub bad: usize,
    /// Of these, cold starts.
    pub cold: usize,
    /// Durations of those that have run to their end: median, 90th and 99th percentile (nearest rank), and the longest.
    pub durations: Option<[SimDuration; 4]>,
    /// What these cost, in picodollars.
    pub cost_picodollars: u64,
}

/// Measures the stretch between two times, both included.
pub fn measure(tries: &Tries, entries: &Entries, from: SimTime, to: SimTime) -> Measured {
    let mut measured = Measured {
        span: to.since(from),
        ..Measured::default()
    };
    let mut durations = Vec::new();
    for index in tries.began_after(from).. {
        let Some(row) = tries.get(index).filter(|row| row.began <= to) else {
            break;
        };
        measured.tries += 1;
        measured.cold += usize::from(row.cold);
        let bad = matches!(
            row.outcome,
            Outcome::Failed | Outcome::TimedOut | Outcome::Refused
        );
        measured.bad += usize::from(bad);
        if let Some((duration, outcome)) = row.run(entries) {
            durations.push(duration);
            let billed_ms = outcome.billed_ms(duration);
            let cost = outcome.terms.charge(billed_ms, u64::from(outcome.requests));
            measured.cost_picodollars = measured.cost_picodollars.saturating_add(cost.total());
        }
    }
    let ranks = [50, 90, 99, 100].map(|per_cent| (durations.len() * per_cent).div_ceil(100));
    if !durations.is_empty() {
        measured.durations = Some(ranks.map(|rank| {
            let index = rank.clamp(1, durations.len()) - 1;
            *durations.select_nth_unstable(index).1
        }));
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Arrival, When};
    use crate::ui::lived::{lived, scenario};
    use crate::ui::trace::Reading;

    #[test]
    fn a_stretch_counts_what_began_in_it() {
        let ms = |millis| SimTime::ZERO + SimDuration::from_millis(millis);
        let mut scenario = scenario("direct", "{}", false);
        let arrival = scenario.arrivals[0].clone();
        scenario.arrivals = (0..10)
            .map(|index| Arrival {
                when: When::At(ms(index * 1_000)),
                ..arrival.clone()
            })
            .collect();
        let mut reading = Reading::default();
        reading.extend(lived(&scenario).to_vec());
        let end = reading.last().unwrap();
        let read = reading.finish(end);
        let all = measure(&read.tries, &read.entries, SimTime::ZERO, end);
        assert_eq!((all.tries, all.cold, all.bad), (10, 1, 0));
        let fifty = SimDuration::from_millis(50);
        assert_eq!(all.durations, Some([fifty; 4]));
        // The first began after Init; the third at 2 s.
        let some = measure(&read.tries, &read.entries, ms(500), ms(2_000));
        assert_eq!((some.tries, some.cold), (2, 0));
        assert!(some.cost_picodollars > 0 && some.cost_picodollars * 4 < all.cost_picodollars);
        let none = measure(&read.tries, &read.entries, ms(100_000), ms(200_000));
        assert_eq!((none.tries, none.durations), (0, None));
    }
}
