//! Durations that vary, as three settings: how they vary, what is usual, and how long the slowest take.

use super::percent::{decimal, scaled};
use crate::sim::Distribution;

/// How durations vary.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("constant", "Always the same"),
    ("uniform", "Anything in a range"),
    ("exponential", "Many short, few long"),
    ("latency", "As latencies do"),
];

/// The name of a distribution's shape.
pub(super) fn shape(distribution: Distribution) -> &'static str {
    match distribution {
        Distribution::Constant { .. } => "constant",
        Distribution::Uniform { .. } => "uniform",
        Distribution::Exponential { .. } => "exponential",
        Distribution::LogNormal { .. } => "latency",
    }
}

/// Constant value, range's start, mean or median, in microseconds.
pub(super) fn typical(distribution: Distribution) -> u64 {
    match distribution {
        Distribution::Constant { micros } => micros,
        Distribution::Uniform { from_micros, .. } => from_micros,
        Distribution::Exponential { mean_micros } => mean_micros,
        Distribution::LogNormal { median_micros, .. } => median_micros,
    }
}

/// Range's end or 99th percentile, in microseconds; none for shapes that have neither.
pub(super) fn slowest(distribution: Distribution) -> Option<u64> {
    match distribution {
        Distribution::Uniform { to_micros, .. } => Some(to_micros),
        Distribution::LogNormal { p99_micros, .. } => Some(p99_micros),
        Distribution::Constant { .. } | Distribution::Exponential { .. } => None,
    }
}

/// Takes another shape with the same numbers, as far as it has them; a slowest that was not there is three times as long.
pub(super) fn reshape(distribution: &mut Distribution, wanted: &str) -> bool {
    let usual = typical(*distribution);
    let long = slowest(*distribution).unwrap_or(usual.saturating_mul(3));
    *distribution = match wanted {
        "constant" => Distribution::Constant { micros: usual },
        "uniform" => Distribution::Uniform {
            from_micros: usual,
            to_micros: long,
        },
        "exponential" => Distribution::Exponential { mean_micros: usual },
        "latency" => Distribution::LogNormal {
            median_micros: usual,
            p99_micros: long,
        },
        _ => return false,
    };
    true
}

/// Changes what is usual. The slowest stays in proportion: who doubles a median means a function twice as slow.
pub(super) fn set_typical(distribution: &mut Distribution, micros: u64) {
    let before = typical(*distribution);
    let stretched = |slow: u64| {
        let long = u128::from(slow) * u128::from(micros) / u128::from(before.max(1));
        u64::try_from(long).unwrap_or(u64::MAX).max(micros)
    };
    match distribution {
        Distribution::Constant { micros: it } | Distribution::Exponential { mean_micros: it } => {
            *it = micros;
        }
        Distribution::Uniform {
            from_micros,
            to_micros,
        } => (*from_micros, *to_micros) = (micros, stretched(*to_micros)),
        Distribution::LogNormal {
            median_micros,
            p99_micros,
        } => (*median_micros, *p99_micros) = (micros, stretched(*p99_micros)),
    }
}

/// Changes how long the slowest take; says whether the shape has such a number.
pub(super) fn set_slowest(distribution: &mut Distribution, micros: u64) -> bool {
    match distribution {
        Distribution::Uniform { to_micros: it, .. }
        | Distribution::LogNormal { p99_micros: it, .. } => {
            *it = micros;
            true
        }
        Distribution::Constant { .. } | Distribution::Exponential { .. } => false,
    }
}

/// Milliseconds with up to three decimals.
pub(super) fn millis(micros: u64) -> String {
    decimal(micros, 3)
}

/// Reads milliseconds.
pub(super) fn micros(millis: &str) -> Option<u64> {
    scaled(millis, 3)
}
