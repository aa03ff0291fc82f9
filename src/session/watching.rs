//! What of a run goes to the page: all of a small one; of a large one the beginning in full, and the metrics of all of it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::lambda::billing::{Bill, Month, Usage};
use crate::lambda::event::{Entry, Event};
use crate::lambda::metrics::{Dimension, Metric, Metrics, Statistic, Unit};
use crate::sim::{SimDuration, SimTime};

/// The most entries that go to the page: four to seven belong to an invocation, so these are about 200,000 of them, in
/// some 100 MB. Metrics tell of the rest.
pub const MOST_ENTRIES: usize = 1_000_000;

/// The most bytes of text in them, in log lines and answers.
pub const MOST_TEXT: usize = 64 << 20;

/// The finest period of metrics: CloudWatch's finest for custom metrics; its own for Lambda is a minute.
const PERIOD: SimDuration = SimDuration::from_secs(1);

/// One metric's data points, a second each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The metric's name.
    pub metric: String,
    /// The statistic's name.
    pub statistic: String,
    /// What the values are.
    pub unit: SeriesUnit,
    /// When the second begins, and the value.
    pub points: Vec<(SimTime, u64)>,
}

/// What a series' values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeriesUnit {
    /// A count.
    Count,
    /// Nanoseconds, shown in milliseconds.
    Nanoseconds,
    /// Millionths, shown in per cent.
    Millionths,
}

/// Sums over a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Requests that reached Lambda.
    pub requests: u64,
    /// Runs of the function.
    pub invocations: u64,
    /// Of these, failed.
    pub errors: u64,
    /// Answers of 429, each try counted.
    pub throttles: u64,
    /// Environments that were made.
    pub environments: u64,
    /// Events given up.
    pub dropped: u64,
    /// What the invocations cost, in picodollars: requests and duration.
    pub cost_picodollars: u64,
    /// Entries of the trace, whether they went to the page or not.
    pub entries: u64,
    /// Whether some did not.
    pub cut: bool,
}

/// What a run costs, line by line.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Costs {
    /// This run alone, without free tier.
    pub run: Bill,
    /// Months with so many runs of the function, all like these: in a fresh month with its free tier, and without.
    pub months: Vec<(u64, Bill, Bill)>,
}

/// Runs of the function in the months that a run is projected to.
const MONTHS: [u64; 4] = [1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

/// Gathers while a run goes on.
pub(super) struct Watching {
    metrics: Metrics,
    usage: Usage,
    /// Bytes of text that went to the page.
    text: usize,
    pub totals: Totals,
}

impl Watching {
    pub fn new() -> Self {
        Self {
            metrics: Metrics::new(PERIOD),
            usage: Usage::default(),
            text: 0,
            totals: Totals::default(),
        }
    }

    /// Reads entries; answers those that go to the page.
    pub fn read(&mut self, mut entries: Vec<Entry>) -> Vec<Entry> {
        for entry in &entries {
            self.metrics.take(entry);
            self.usage.take(entry);
            self.count(&entry.event);
        }
        let before = self.totals.entries as usize;
        self.totals.entries += entries.len() as u64;
        let mut room = MOST_ENTRIES.saturating_sub(before).min(entries.len());
        // What has not been sent by then is never sent: a page knows all up to an instant, and nothing after it.
        if self.totals.cut {
            room = 0;
        }
        for (index, entry) in entries.iter().enumerate().take(room) {
            self.text += text_of(&entry.event);
            if self.text > MOST_TEXT {
                room = index;
                break;
            }
        }
        if entries.len() > room {
            self.totals.cut = true;
            entries.truncate(room);
        }
        entries
    }

    fn count(&mut self, event: &Event) {
        let totals = &mut self.totals;
        match event {
            Event::Received { .. } => totals.requests += 1,
            Event::Throttled { .. } => totals.throttles += 1,
            Event::EnvironmentCreated { .. } => totals.environments += 1,
            Event::Dropped { .. } => totals.dropped += 1,
            Event::InvokeFinished {
                duration, outcome, ..
            } => {
                totals.invocations += 1;
                totals.errors += u64::from(outcome.failed());
                totals.cost_picodollars += outcome.report(*duration).cost_picodollars;
            }
            _ => {}
        }
    }

    /// What it has cost so far.
    pub fn costs(&self) -> Costs {
        let month = |runs: u64| {
            let usage = self.usage.month_of(runs)?;
            let bills = [Month::FREE_TIER, Month::default()].map(|month| usage.bill(month));
            let [with, without] = bills;
            Some((runs, with, without))
        };
        Costs {
            run: self.usage.bill(Month::default()),
            months: MONTHS.into_iter().filter_map(month).collect(),
        }
    }

    /// All series that have a point, each metric with the statistics that tell most.
    pub fn series(&self) -> Vec<Series> {
        let mut found = Vec::new();
        for metric in Metric::ALL {
            let wanted: &[Statistic] = match metric.unit() {
                Unit::Milliseconds => &[Statistic::P50, Statistic::P99, Statistic::Maximum],
                _ => metric.statistics().get(..1).unwrap_or_default(),
            };
            for statistic in wanted {
                let points = self.metrics.points(&Dimension::Region, metric, *statistic);
                if points.iter().any(|point| point.value > 0) {
                    found.push(Series {
                        metric: metric.name().to_owned(),
                        statistic: statistic.name().to_owned(),
                        unit: match metric.unit() {
                            Unit::Count => SeriesUnit::Count,
                            Unit::Milliseconds => SeriesUnit::Nanoseconds,
                            Unit::Ratio => SeriesUnit::Millionths,
                        },
                        points: points
                            .into_iter()
                            .map(|point| (point.at, point.value))
                            .collect(),
                    });
                }
            }
        }
        found
    }
}

/// Bytes of text that an entry may have to itself.
fn text_of(event: &Event) -> usize {
    match event {
        Event::Log { text, .. } => text.len(),
        Event::InvokeFinished { outcome, .. } if Arc::strong_count(outcome) == 1 => {
            outcome.response.payload.len() + outcome.memory.len() * 16
        }
        Event::CallerSaw { view, .. } if Arc::strong_count(view) == 1 => view.body.len(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::event::EnvironmentId;
    use crate::sim::Stamped;

    fn line(text: &str) -> Entry {
        Stamped {
            at: SimTime::ZERO,
            event: Event::Log {
                environment: EnvironmentId(0),
                invocation: None,
                text: text.into(),
            },
        }
    }

    #[test]
    fn a_page_gets_all_up_to_an_instant_and_nothing_after_it() {
        let mut watching = Watching::new();
        let megabyte = "x".repeat(1 << 20);
        let sent: usize = (0..10)
            .map(|_| {
                watching
                    .read((0..10).map(|_| line(&megabyte)).collect())
                    .len()
            })
            .sum();
        assert_eq!(sent, 64);
        assert!(watching.totals.cut);
        assert!(watching.read(vec![line("short")]).is_empty());
        assert_eq!(watching.totals.entries, 101);
    }
}
