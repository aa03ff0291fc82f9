//! What it costs, in us-east-1 list prices, as exact integers.
//!
//! Unit of money: the picodollar, 10^-12 $. The monthly free tier (1 M requests, 400,000 GB-s) is not taken off: one run
//! says nothing about the rest of the month. Always the first price tier, for the same reason.

mod bill;

use serde::{Deserialize, Serialize};

use super::config::{Architecture, FunctionConfig, MemoryMb};

pub use bill::{Bill, BillLine, Item, Month, TIERS_ARM, TIERS_X86, Usage, provisioned_gb_second};

/// $0.20 per million requests.
pub const REQUEST: u64 = 200_000;
/// Ephemeral storage that is free, in MB.
pub const FREE_STORAGE_MB: u32 = 512;
/// $0.0000000309 per GB-second of ephemeral storage above 512 MB. A long-standing published price that could not be checked
/// against a current source.
pub const STORAGE_GB_SECOND: u64 = 30_900;

/// Picodollars per GB-second of duration in the first tier: $0.0000166667 (x86) and $0.0000133334 (arm64).
pub const fn duration_gb_second(architecture: Architecture) -> u64 {
    match architecture {
        Architecture::X86 => 16_666_700,
        Architecture::Arm => 13_333_400,
    }
}

/// Picodollars per GB-second of duration on provisioned concurrency: $0.0000097222 (x86) and $0.0000077778 (arm64).
pub const fn provisioned_duration_gb_second(architecture: Architecture) -> u64 {
    match architecture {
        Architecture::X86 => 9_722_200,
        Architecture::Arm => 7_777_800,
    }
}

/// What the price of a run depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Terms {
    /// `MemorySize`.
    pub memory: MemoryMb,
    /// `EphemeralStorage.Size`.
    pub storage_mb: u32,
    /// `Architectures`.
    pub architecture: Architecture,
    /// Whether it runs on provisioned concurrency.
    pub provisioned: bool,
}

impl Terms {
    /// The terms of a function on demand.
    pub const fn of(config: &FunctionConfig) -> Self {
        Self {
            memory: config.memory,
            storage_mb: config.ephemeral_storage_mb,
            architecture: config.architecture,
            provisioned: false,
        }
    }

    /// Picodollars per GB-second of duration.
    pub const fn duration_gb_second(self) -> u64 {
        if self.provisioned {
            provisioned_duration_gb_second(self.architecture)
        } else {
            duration_gb_second(self.architecture)
        }
    }

    /// Ephemeral storage that is paid for, in MB.
    pub const fn paid_storage_mb(self) -> u32 {
        self.storage_mb.saturating_sub(FREE_STORAGE_MB)
    }

    /// What one run costs.
    pub fn charge(self, billed_ms: u64, requests: u64) -> Cost {
        Cost {
            duration: gb_seconds(self.memory.0, billed_ms, self.duration_gb_second()),
            request: requests.saturating_mul(REQUEST),
            storage: gb_seconds(self.paid_storage_mb(), billed_ms, STORAGE_GB_SECOND),
        }
    }
}

/// The parts of a charge, in picodollars, each rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Duration × memory.
    pub duration: u64,
    /// Requests.
    pub request: u64,
    /// Duration × ephemeral storage above 512 MB.
    pub storage: u64,
}

impl Cost {
    /// All parts together.
    pub const fn total(self) -> u64 {
        self.duration
            .saturating_add(self.request)
            .saturating_add(self.storage)
    }
}

/// What one run of the function costs. `requests` is 1, except for large asynchronous events: see [`asynchronous_requests`].
pub fn charge(config: &FunctionConfig, billed_ms: u64, requests: u64) -> Cost {
    Terms::of(config).charge(billed_ms, requests)
}

/// As how many requests an asynchronous event is billed: one for its first 256 KB, one more for each further 64 KB. The size
/// of the further chunks could not be checked against a second source.
pub const fn asynchronous_requests(payload_bytes: u64) -> u64 {
    let further = payload_bytes.saturating_sub(256 * 1024);
    1 + further.div_ceil(64 * 1024)
}

/// One line of a bill, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What for: `Duration`.
    pub label: &'static str,
    /// How much of it: `0.125 GB × 4 ms`.
    pub quantity: String,
    /// At what price: `$0.0000166667 per GB-second`.
    pub rate: String,
    /// In picodollars.
    pub amount: u64,
}

/// How a charge comes about. The amounts add up to [`Cost::total`] of the same [`charge`].
pub fn explain(config: &FunctionConfig, billed_ms: u64, requests: u64) -> Vec<Line> {
    let cost = charge(config, billed_ms, requests);
    let mut lines = vec![
        Line {
            label: "Duration",
            quantity: format!("{} GB × {billed_ms} ms", gigabytes(config.memory.0)),
            rate: format!(
                "{} per GB-second",
                dollars_exact(duration_gb_second(config.architecture))
            ),
            amount: cost.duration,
        },
        Line {
            label: "Requests",
            quantity: requests.to_string(),
            rate: "$0.20 per million".to_owned(),
            amount: cost.request,
        },
    ];
    if config.ephemeral_storage_mb > FREE_STORAGE_MB {
        lines.push(Line {
            label: "Ephemeral storage above 512 MB",
            quantity: format!(
                "{} GB × {billed_ms} ms",
                gigabytes(config.ephemeral_storage_mb - FREE_STORAGE_MB)
            ),
            rate: format!("{} per GB-second", dollars_exact(STORAGE_GB_SECOND)),
            amount: cost.storage,
        });
    }
    lines
}

/// Dollars with two significant digits, and cents at least: `$0.0000000021`, `$0.20`, `$12.34`. Rounded half up.
pub fn dollars(picodollars: u64) -> String {
    let digits = picodollars.checked_ilog10().map_or(0, |log| log + 1);
    // 12 digits are a cent's hundredth part and less; keep the first two of them, and never more than the cents.
    let keep = digits.saturating_sub(2).min(10);
    let unit = 10_u64.pow(keep);
    dollars_exact(picodollars.saturating_add(unit / 2) / unit * unit)
}

/// Dollars to the last picodollar, without trailing zeros beyond the cents: `$0.000000202083`.
pub fn dollars_exact(picodollars: u64) -> String {
    const DOLLAR: u64 = 1_000_000_000_000;
    let fraction = format!("{:012}", picodollars % DOLLAR);
    let trimmed = fraction.trim_end_matches('0');
    let shown = &fraction[..trimmed.len().max(2)];
    format!("${}.{shown}", picodollars / DOLLAR)
}

/// `mb` for `ms` at a price per GB-second, rounded half up.
fn gb_seconds(mb: u32, ms: u64, price: u64) -> u64 {
    // 1,024 MB × 1,000 ms are one GB-second. Almost every charge fits into 64 bits, which divide much faster.
    const UNIT: u64 = 1_024_000;
    let small = u64::from(mb)
        .checked_mul(ms)
        .and_then(|product| product.checked_mul(price))
        .and_then(|product| product.checked_add(UNIT / 2));
    if let Some(product) = small {
        return product / UNIT;
    }
    let product = u128::from(mb) * u128::from(ms) * u128::from(price);
    u64::try_from((product + u128::from(UNIT / 2)) / u128::from(UNIT)).unwrap_or(u64::MAX)
}

/// `128` as `0.125`: MB are 1,024ths, so ten decimals always suffice.
fn gigabytes(mb: u32) -> String {
    let fraction = u64::from(mb % 1_024) * 10_000_000_000 / 1_024;
    let text = format!("{}.{fraction:010}", mb / 1_024);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
