//! A mapping's settings, resolved for one stream.

use super::dialect::Dialect;
use crate::lambda::event_source::settings::{MappingConfig, StartingPosition};
use crate::sim::SimDuration;

/// The first wait before a batch is sent again; each further one is twice as long, up to [`LONGEST_WAIT`].
///
/// Lambda publishes no curve. These numbers give the eight tries within a record age of 60 s that were seen in one run
/// (reference 6.2).
pub const FIRST_WAIT: SimDuration = SimDuration::from_millis(500);
/// The longest wait before a batch is sent again.
pub const LONGEST_WAIT: SimDuration = SimDuration::from_secs(16);

/// Largest state of a tumbling window in bytes.
pub const STATE_BYTES: usize = 1_048_576;

/// What holds for one mapping.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub batch_size: usize,
    pub window: SimDuration,
    /// Length of a tumbling window in milliseconds.
    pub tumbling_ms: Option<i64>,
    /// None is for ever.
    pub maximum_retries: Option<u32>,
    /// None is for ever.
    pub maximum_age: Option<SimDuration>,
    pub bisects: bool,
    pub reports_failures: bool,
    pub destination: Option<String>,
    pub position: StartingPosition,
    pub timestamp: Option<i64>,
    pub parallelization: u32,
    /// Fewest and most Kafka consumers, when they are set.
    pub pollers: Option<(u32, u32)>,
}

impl Rules {
    pub fn new(config: &MappingConfig, dialect: &dyn Dialect) -> Self {
        let seconds = |seconds: u32| SimDuration::from_secs(u64::from(seconds));
        Self {
            batch_size: config.batch_size.unwrap_or(100).max(1) as usize,
            window: config
                .maximum_batching_window_in_seconds
                .map_or_else(|| dialect.default_window(), seconds),
            tumbling_ms: config
                .tumbling_window_in_seconds
                .filter(|seconds| *seconds > 0)
                .map(|seconds| i64::from(seconds) * 1_000),
            maximum_retries: config
                .maximum_retry_attempts
                .and_then(|retries| u32::try_from(retries).ok()),
            maximum_age: config
                .maximum_record_age_in_seconds
                .and_then(|age| u32::try_from(age).ok())
                .map(seconds),
            bisects: config.bisect_batch_on_function_error == Some(true),
            reports_failures: config.reports_batch_item_failures(),
            destination: config.on_failure().map(str::to_owned),
            // Brokers have none and begin with what there is.
            position: config
                .starting_position
                .unwrap_or(StartingPosition::TrimHorizon),
            timestamp: config.starting_position_timestamp,
            parallelization: config.parallelization_factor.unwrap_or(1).max(1),
            pollers: config.provisioned_poller_config.map(|pollers| {
                let minimum = pollers.minimum_pollers.unwrap_or(1);
                (minimum, pollers.maximum_pollers.unwrap_or(200).max(minimum))
            }),
        }
    }
}

/// How long a batch waits after it failed, or was throttled, `times` times.
pub(super) fn backoff(times: u32) -> SimDuration {
    let doublings = times.saturating_sub(1).min(16);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference 6.2: eight tries within a record age of 60 s.
    #[test]
    fn eight_tries_fit_into_a_minute() {
        let mut at = SimDuration::ZERO;
        let mut tries = 1;
        while at + backoff(tries) < SimDuration::from_secs(60) {
            at += backoff(tries);
            tries += 1;
        }
        assert_eq!(tries, 8);
    }
}
