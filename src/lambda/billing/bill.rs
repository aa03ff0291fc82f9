//! The bill of a whole trace, line by line, each explained.
//!
//! AWS bills a month's usage, not runs: a line's amount is its quantity times its price, rounded once. So it may differ from
//! the sum of the costs that are shown with single runs, which are rounded each, by half a picodollar per run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{REQUEST, STORAGE_GB_SECOND, Terms, dollars_exact};
use crate::lambda::config::Architecture;
use crate::lambda::event::{Entry, EnvironmentId, Event, FunctionId, ProvisionedState, World};
use crate::sim::{SimDuration, SimTime};

/// 1,024 MB for 1,000 ms, in MB-milliseconds: one GB-second.
const GB_SECOND: u128 = 1_024_000;

/// Provisioned concurrency is billed in steps of five minutes.
const PROVISIONED_STEP: SimDuration = SimDuration::from_secs(300);

/// One price step of duration: up to how many GB-seconds a month, and picodollars per GB-second.
type Tier = (u128, u64);

/// Duration prices by monthly usage, x86: the first 6 billion GB-seconds, the next 9 billion, and all above.
pub const TIERS_X86: [Tier; 3] = [
    (6_000_000_000, 16_666_700),
    (15_000_000_000, 15_000_000),
    (u128::MAX, 13_333_400),
];

/// The same for arm64: 7.5 billion, 11.25 billion, and all above.
pub const TIERS_ARM: [Tier; 3] = [
    (7_500_000_000, 13_333_400),
    (18_750_000_000, 12_000_100),
    (u128::MAX, 10_666_700),
];

/// Picodollars per GB-second of provisioned concurrency that is kept: $0.0000041667 (x86) and $0.0000033334 (arm64).
pub const fn provisioned_gb_second(architecture: Architecture) -> u64 {
    match architecture {
        Architecture::X86 => 4_166_700,
        Architecture::Arm => 3_333_400,
    }
}

/// What else the month holds, besides this trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Month {
    /// GB-seconds on demand used before, x86.
    pub used_gb_seconds_x86: u64,
    /// GB-seconds on demand used before, arm64.
    pub used_gb_seconds_arm: u64,
    /// Requests that are still free; a fresh month has 1,000,000.
    pub free_requests: u64,
    /// GB-seconds that are still free; a fresh month has 400,000.
    pub free_gb_seconds: u64,
}

impl Month {
    /// A month of which only the free tier is left: nothing was used before.
    pub const FREE_TIER: Self = Self {
        used_gb_seconds_x86: 0,
        used_gb_seconds_arm: 0,
        free_requests: 1_000_000,
        free_gb_seconds: 400_000,
    };
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Item {
    /// Requests.
    Requests,
    /// Duration on demand, in one price tier (1 to 3).
    Duration(Architecture, u8),
    /// Duration on provisioned concurrency.
    ProvisionedDuration(Architecture),
    /// Provisioned concurrency kept, used or not.
    ProvisionedConcurrency(Architecture),
    /// Ephemeral storage above 512 MB.
    EphemeralStorage,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// What for.
    pub item: Item,
    /// The same in words: `Duration, x86_64`.
    pub label: String,
    /// How much of it is paid for: `12.5 GB-seconds`.
    pub quantity: String,
    /// At what price: `$0.0000166667 per GB-second`.
    pub rate: String,
    /// Why, a sentence or two.
    pub explanation: String,
    /// The amount in picodollars.
    pub picodollars: u64,
}

/// The usage of a trace, gathered entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    world: Arc<World>,
    /// By whether the free tier holds for their function.
    requests: BTreeMap<bool, u64>,
    /// MB-milliseconds, by terms and whether the free tier holds.
    duration: BTreeMap<(Terms, bool), u128>,
    /// Environments of functions without a free tier.
    unfree: BTreeSet<EnvironmentId>,
    storage: u128,
    /// When provisioned concurrency was asked for, by function and qualifier.
    provisioned: BTreeMap<(FunctionId, String), Kept>,
    end: SimTime,
}

#[derive(Debug, Clone, Copy)]
struct Kept {
    since: SimTime,
    until: Option<SimTime>,
    amount: u32,
}

impl Usage {
    /// The usage of a whole trace.
    pub fn of(entries: &[Entry]) -> Self {
        let mut usage = Self::default();
        for entry in entries {
            usage.take(entry);
        }
        usage
    }

    /// Reads one more entry.
    pub fn take(&mut self, entry: &Entry) {
        self.end = self.end.max(entry.at);
        match &entry.event {
            Event::Began { world } => self.world = Arc::clone(world),
            // "The free tier does not apply to functions that have provisioned concurrency enabled."
            Event::EnvironmentCreated {
                environment,
                created,
            } if self
                .world
                .function(created.function)
                .is_some_and(|facts| !facts.provisioned.is_empty()) =>
            {
                self.unfree.insert(*environment);
            }
            Event::InvokeFinished {
                environment,
                duration,
                outcome,
                ..
            } => {
                let (terms, ms) = (outcome.terms, outcome.billed_ms(*duration));
                let free = self.unfree.is_empty() || !self.unfree.contains(environment);
                *self.requests.entry(free).or_default() += u64::from(outcome.requests);
                *self.duration.entry((terms, free)).or_default() +=
                    u128::from(terms.memory.0) * u128::from(ms);
                self.storage += u128::from(terms.paid_storage_mb()) * u128::from(ms);
            }
            Event::Provisioning { status } => {
                let key = (status.function, status.qualifier.clone());
                match status.state {
                    ProvisionedState::InProgress | ProvisionedState::Ready => {
                        let kept = self.provisioned.entry(key).or_insert(Kept {
                            since: entry.at,
                            until: None,
                            amount: 0,
                        });
                        kept.amount = kept.amount.max(status.requested);
                    }
                    ProvisionedState::Failed => {
                        if let Some(kept) = self.provisioned.get_mut(&key) {
                            kept.until = Some(entry.at);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// A month of 30 days with so many runs of the function, all like those of this trace on average; provisioned concurrency
    /// is kept all the time. None when nothing ran.
    pub fn month_of(&self, runs: u64) -> Option<Self> {
        let own: u64 = self.requests.values().sum();
        let scaled = |amount: u128| {
            let scaled = amount.saturating_mul(u128::from(runs));
            scaled.checked_div(u128::from(own))
        };
        let requests = self.requests.iter();
        let duration = self.duration.iter();
        let kept = self
            .provisioned
            .iter()
            .filter(|(_, kept)| kept.until.is_none());
        Some(Self {
            world: Arc::clone(&self.world),
            unfree: BTreeSet::new(),
            requests: requests
                .map(|(key, count)| Some((*key, scaled(u128::from(*count))? as u64)))
                .collect::<Option<_>>()?,
            duration: duration
                .map(|(terms, used)| Some((*terms, scaled(*used)?)))
                .collect::<Option<_>>()?,
            storage: scaled(self.storage)?,
            provisioned: kept
                .map(|(key, kept)| {
                    let since = SimTime::ZERO;
                    (key.clone(), Kept { since, ..*kept })
                })
                .collect(),
            end: SimTime::ZERO + SimDuration::from_secs(30 * 24 * 3_600),
        })
    }

    /// The bill in a month like this, up to the trace's last entry. Free allowances go to x86 first.
    pub fn bill(&self, month: Month) -> Bill {
        let mut lines = vec![self.request_line(month.free_requests)];
        let mut free = u128::from(month.free_gb_seconds) * GB_SECOND;
        for (architecture, tiers, before) in [
            (Architecture::X86, TIERS_X86, month.used_gb_seconds_x86),
            (Architecture::Arm, TIERS_ARM, month.used_gb_seconds_arm),
        ] {
            let used = self.duration_of(architecture, false);
            let taken = self.free_duration_of(architecture).min(free);
            free -= taken;
            lines.extend(duration_lines(architecture, &tiers, before, used, taken));
            lines.extend(provisioned_duration_line(
                architecture,
                self.duration_of(architecture, true),
            ));
            lines.extend(self.provisioned_line(architecture));
        }
        if self.storage > 0 {
            lines.push(BillLine {
                item: Item::EphemeralStorage,
                label: "Ephemeral storage above 512 MB".to_owned(),
                quantity: gb_seconds(self.storage),
                rate: per_gb_second(STORAGE_GB_SECOND),
                explanation:
                    "512 MB of /tmp are free. What is above costs for as long as the function runs."
                        .to_owned(),
                picodollars: amount(self.storage, STORAGE_GB_SECOND),
            });
        }
        Bill { lines }
    }

    fn duration_of(&self, architecture: Architecture, provisioned: bool) -> u128 {
        self.duration
            .iter()
            .filter(|((terms, _), _)| {
                terms.architecture == architecture && terms.provisioned == provisioned
            })
            .map(|(_, used)| used)
            .sum()
    }

    /// Of the duration on demand, what the free tier may take.
    fn free_duration_of(&self, architecture: Architecture) -> u128 {
        self.duration
            .iter()
            .filter(|((terms, free), _)| {
                *free && terms.architecture == architecture && !terms.provisioned
            })
            .map(|(_, used)| used)
            .sum()
    }

    fn request_line(&self, free: u64) -> BillLine {
        let all: u64 = self.requests.values().sum();
        // Functions with provisioned concurrency have no free tier.
        let with_free_tier = self.requests.get(&true).copied().unwrap_or(0);
        let taken = with_free_tier.min(free);
        let paid = all - taken;
        let mut explanation =
            "Every run of a function is a request, failed ones and retries included. Throttled calls are not."
                .to_owned();
        if taken > 0 {
            explanation += &format!(" {taken} of {all} are in the free tier.");
        }
        BillLine {
            item: Item::Requests,
            label: "Requests".to_owned(),
            quantity: match paid {
                1 => "1 request".to_owned(),
                _ => format!("{paid} requests"),
            },
            rate: "$0.20 per million".to_owned(),
            explanation,
            picodollars: paid.saturating_mul(REQUEST),
        }
    }

    fn provisioned_line(&self, architecture: Architecture) -> Option<BillLine> {
        let mut kept_mb_ms = 0_u128;
        let mut parts = Vec::new();
        for ((function, qualifier), kept) in &self.provisioned {
            let Some(facts) = self.world.function(*function) else {
                continue;
            };
            let config = self
                .world
                .config(*function, qualifier)
                .unwrap_or(&facts.config);
            if config.architecture != architecture {
                continue;
            }
            let length = kept.until.unwrap_or(self.end).since(kept.since);
            let steps = length
                .as_nanos()
                .div_ceil(PROVISIONED_STEP.as_nanos())
                .max(1);
            let ms = u128::from(steps) * u128::from(PROVISIONED_STEP.as_nanos() / 1_000_000);
            kept_mb_ms += u128::from(kept.amount) * u128::from(config.memory.0) * ms;
            parts.push(format!(
                "{} × {} MB for {} minutes ({}:{qualifier})",
                kept.amount,
                config.memory.0,
                steps * 5,
                config.name
            ));
        }
        let price = provisioned_gb_second(architecture);
        (!parts.is_empty()).then(|| BillLine {
            item: Item::ProvisionedConcurrency(architecture),
            label: format!("Provisioned concurrency, {}", name(architecture)),
            quantity: gb_seconds(kept_mb_ms),
            rate: per_gb_second(price),
            explanation: format!(
                "It costs for as long as it is kept, used or not, in steps of five minutes: {}.",
                parts.join("; ")
            ),
            picodollars: amount(kept_mb_ms, price),
        })
    }
}

/// A bill.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Bill {
    /// Its lines.
    pub lines: Vec<BillLine>,
}

impl Bill {
    /// What it comes to, in picodollars.
    pub fn total(&self) -> u64 {
        self.lines
            .iter()
            .fold(0, |sum, line| sum.saturating_add(line.picodollars))
    }
}

fn duration_lines(
    architecture: Architecture,
    tiers: &[Tier],
    used_before: u64,
    used: u128,
    free: u128,
) -> Vec<BillLine> {
    let mut lines = Vec::new();
    if used == 0 {
        return lines;
    }
    let mut position = u128::from(used_before) * GB_SECOND;
    let mut left = used - free;
    for (number, (until, price)) in tiers.iter().enumerate() {
        let room = until.saturating_mul(GB_SECOND).saturating_sub(position);
        let here = left.min(room);
        // A trace that is free altogether still has a line that says so.
        if here == 0 && (left > 0 || !lines.is_empty() || number + 1 < tiers.len() && room == 0) {
            continue;
        }
        position += here;
        left -= here;
        let mut explanation = format!(
            "Billed milliseconds × memory, on demand, in price tier {} of {} for a month's usage.",
            number + 1,
            tiers.len()
        );
        if free > 0 && lines.is_empty() {
            explanation += &format!(" {} more are in the free tier.", gb_seconds(free));
        }
        lines.push(BillLine {
            item: Item::Duration(architecture, number as u8 + 1),
            label: format!("Duration, {}", name(architecture)),
            quantity: gb_seconds(here),
            rate: per_gb_second(*price),
            explanation,
            picodollars: amount(here, *price),
        });
        if left == 0 {
            break;
        }
    }
    lines
}

fn provisioned_duration_line(architecture: Architecture, used: u128) -> Option<BillLine> {
    let price = super::provisioned_duration_gb_second(architecture);
    (used > 0).then(|| BillLine {
        item: Item::ProvisionedDuration(architecture),
        label: format!("Duration on provisioned concurrency, {}", name(architecture)),
        quantity: gb_seconds(used),
        rate: per_gb_second(price),
        explanation:
            "Runs on provisioned concurrency have a lower price, because keeping it has been paid for."
                .to_owned(),
        picodollars: amount(used, price),
    })
}

const fn name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86 => "x86_64",
        Architecture::Arm => "arm64",
    }
}

fn per_gb_second(price: u64) -> String {
    format!("{} per GB-second", dollars_exact(price))
}

/// MB-milliseconds at a price per GB-second, rounded half up.
fn amount(mb_ms: u128, price: u64) -> u64 {
    let product = mb_ms.saturating_mul(u128::from(price));
    u64::try_from((product + GB_SECOND / 2) / GB_SECOND).unwrap_or(u64::MAX)
}

/// MB-milliseconds as GB-seconds, with six decimals at most.
fn gb_seconds(mb_ms: u128) -> String {
    let millionths = (mb_ms.saturating_mul(1_000_000) + GB_SECOND / 2) / GB_SECOND;
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} GB-seconds")
}
