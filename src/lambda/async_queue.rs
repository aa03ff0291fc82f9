//! The queue of asynchronous events: three attempts, growing waits, a maximum age.
//!
//! Left out: that Lambda widens the waits when the queue is long; there are no published numbers.

use super::config::FunctionConfig;
use super::event::DropReason;
use crate::sim::{SimDuration, SimTime};

/// The wait before the second and before the third attempt after a function error.
const WAITS: [SimDuration; 2] = [SimDuration::from_secs(60), SimDuration::from_secs(120)];

/// The first wait after a throttle or a system error; it doubles up to [`LONGEST_BACKOFF`].
const FIRST_BACKOFF: SimDuration = SimDuration::from_secs(1);

/// The longest wait after a throttle or a system error.
const LONGEST_BACKOFF: SimDuration = SimDuration::from_secs(300);

/// `MaximumRetryAttempts` and `MaximumEventAgeInSeconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Retries after the first attempt, 0 to 2.
    pub retries: u32,
    /// How old an event may get.
    pub maximum_age: SimDuration,
}

impl RetryPolicy {
    /// The policy a function is configured with.
    pub fn of(config: &FunctionConfig) -> Self {
        Self {
            retries: config.maximum_retry_attempts,
            maximum_age: SimDuration::from_secs(u64::from(config.maximum_event_age_seconds)),
        }
    }
}

/// One event in the queue, from 202 to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedEvent {
    accepted: SimTime,
    attempts: u32,
    /// Attempts that failed.
    failures: u32,
    /// Throttles and system errors since the last attempt that ran.
    setbacks: u32,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waits for its next attempt.
    Waiting,
    /// The function runs.
    InFlight,
    /// Succeeded or dropped.
    Over,
}

/// What becomes of an event that failed or could not be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Back to the queue.
    Retry {
        /// The attempt to come.
        attempt: u32,
        /// When.
        due: SimTime,
    },
    /// Given up.
    Drop(DropReason),
}

impl QueuedEvent {
    /// An event that was accepted at `now`.
    pub fn accepted(now: SimTime) -> Self {
        Self {
            accepted: now,
            attempts: 0,
            failures: 0,
            setbacks: 0,
            state: State::Waiting,
        }
    }

    /// Hands the event to the function; returns the attempt's number and the event's age.
    pub fn dequeue(&mut self, now: SimTime) -> (u32, SimDuration) {
        debug_assert_eq!(self.state, State::Waiting);
        self.state = State::InFlight;
        self.attempts += 1;
        (self.attempts, now.since(self.accepted))
    }

    /// The attempt succeeded: the event is over.
    pub fn succeeded(&mut self) {
        debug_assert_eq!(self.state, State::InFlight);
        self.state = State::Over;
    }

    /// The attempt failed. When the next attempt would come too late for the maximum age, the event is given up now and
    /// not then.
    pub fn failed(&mut self, now: SimTime, policy: RetryPolicy) -> Next {
        debug_assert_eq!(self.state, State::InFlight);
        self.state = State::Over;
        self.failures += 1;
        if self.failures > policy.retries {
            return Next::Drop(DropReason::RetriesExhausted);
        }
        let index = (self.failures as usize).saturating_sub(1);
        let wait = WAITS[index.min(WAITS.len() - 1)];
        self.setbacks = 0;
        self.wait(now, wait, policy)
    }

    /// The event could not be run: 429 before an attempt began. That does not use a retry up.
    pub fn throttled(&mut self, now: SimTime, policy: RetryPolicy) -> Next {
        debug_assert_eq!(self.state, State::Waiting);
        self.set_back(now, policy)
    }

    /// Lambda failed during the attempt: 5xx. That does not use a retry up either.
    pub fn system_failed(&mut self, now: SimTime, policy: RetryPolicy) -> Next {
        debug_assert_eq!(self.state, State::InFlight);
        self.set_back(now, policy)
    }

    fn set_back(&mut self, now: SimTime, policy: RetryPolicy) -> Next {
        let doubled = 1_u64.checked_shl(self.setbacks).unwrap_or(u64::MAX);
        self.setbacks = self.setbacks.saturating_add(1);
        let wait = FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF);
        self.wait(now, wait, policy)
    }

    fn wait(&mut self, now: SimTime, wait: SimDuration, policy: RetryPolicy) -> Next {
        let due = now + wait;
        if due.since(self.accepted) > policy.maximum_age {
            self.state = State::Over;
            return Next::Drop(DropReason::EventAgeExceeded);
        }
        self.state = State::Waiting;
        Next::Retry {
            attempt: self.attempts + 1,
            due,
        }
    }

    /// How often the function was tried.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// What follows each failure of an event whose attempts all take `took` seconds.
    fn story(retries: u32, maximum_age: u64, took: u64) -> Vec<Next> {
        let policy = RetryPolicy {
            retries,
            maximum_age: SimDuration::from_secs(maximum_age),
        };
        let mut event = QueuedEvent::accepted(SimTime::ZERO);
        let mut now = SimTime::ZERO;
        let mut story = Vec::new();
        loop {
            event.dequeue(now);
            let next = event.failed(now + SimDuration::from_secs(took), policy);
            story.push(next);
            let Next::Retry { due, .. } = next else {
                return story;
            };
            now = due;
        }
    }

    fn retry(attempt: u32, seconds: u64) -> Next {
        Next::Retry {
            attempt,
            due: SimTime::from_nanos(seconds * SECOND),
        }
    }

    #[test]
    fn two_retries_one_and_two_minutes_after_each_failure() {
        let exhausted = Next::Drop(DropReason::RetriesExhausted);
        // The waits count from the failure: 1 s of run is added to each.
        assert_eq!(
            story(2, 21_600, 1),
            [retry(2, 61), retry(3, 182), exhausted]
        );
        assert_eq!(story(1, 21_600, 1), [retry(2, 61), exhausted]);
        assert_eq!(story(0, 21_600, 1), [exhausted]);
    }

    /// Waits of 1, 2, 4, … s up to 5 minutes, until the maximum age; retries are not used up.
    #[test]
    fn throttles_back_off_until_the_maximum_age() {
        let policy = RetryPolicy {
            retries: 0,
            maximum_age: SimDuration::from_secs(1_200),
        };
        let mut event = QueuedEvent::accepted(SimTime::ZERO);
        let mut now = SimTime::ZERO;
        let mut waits = Vec::new();
        while let Next::Retry { attempt, due } = event.throttled(now, policy) {
            assert_eq!(attempt, 1);
            waits.push(due.since(now).as_nanos() / SECOND);
            now = due;
        }
        // 1,111 s old, and the next wait would be another 300.
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(event.attempts(), 0);
    }

    #[test]
    fn an_event_that_would_be_too_old_is_given_up_early() {
        let too_old = Next::Drop(DropReason::EventAgeExceeded);
        // The recorded case: 60 s and two retries allowed, one attempt made.
        assert_eq!(story(2, 60, 1), [too_old]);
        // 'With a slightly larger age, 2'.
        assert_eq!(story(2, 61, 1), [retry(2, 61), too_old]);
        assert_eq!(story(2, 181, 1), [retry(2, 61), too_old]);
        assert_eq!(story(2, 182, 1).len(), 3);
    }
}
