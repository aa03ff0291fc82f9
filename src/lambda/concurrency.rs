//! How many invocations may run at once: the account's limit, reserves, and how fast functions scale out.
//!
//! A running invocation counts, its Init included; waiting in the event queue does not. Provisioned environments do not
//! count while they run, because their share is set aside when they are asked for.

use super::event::{FunctionId, ThrottleReason};
use crate::sim::SimTime;

/// Concurrency of an account that asked for no more.
pub const ACCOUNT_CONCURRENCY: u32 = 1_000;

/// What must stay unreserved.
pub const UNRESERVED_MINIMUM: u32 = 100;

/// How many environments a function may add at once, and within [`SCALE_OUT_SECONDS`].
pub const SCALE_OUT: u64 = 1_000;

/// In how many seconds an empty [`SCALE_OUT`] budget is full again; it fills continuously.
pub const SCALE_OUT_SECONDS: u64 = 10;

/// Synchronous requests per second for each unit of concurrency.
pub const REQUESTS_PER_CONCURRENCY: u64 = 10;

/// How many synchronous requests a second some concurrency serves: a token bucket in exact integers.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Billionths of a token.
    level: u64,
    full: u64,
    /// Billionths of a token per nanosecond: tokens per second.
    per_second: u64,
    last: SimTime,
}

const TOKEN: u64 = 1_000_000_000;

impl Bucket {
    fn new(capacity: u64, per_second: u64) -> Self {
        let full = capacity.saturating_mul(TOKEN);
        Self {
            level: full,
            full,
            per_second,
            last: SimTime::ZERO,
        }
    }

    /// The bucket of so much concurrency. How large bursts may be is not documented: here a second's worth.
    pub fn of_requests(concurrency: u32) -> Self {
        requests(concurrency)
    }

    /// Takes one, when there is one at `now`.
    pub fn take(&mut self, now: SimTime) -> bool {
        let passed = now.since(self.last).as_nanos();
        self.level = self
            .level
            .saturating_add(passed.saturating_mul(self.per_second))
            .min(self.full);
        self.last = now;
        let enough = self.level >= TOKEN;
        if enough {
            self.level -= TOKEN;
        }
        enough
    }
}

/// The account's concurrency and what its functions take of it.
#[derive(Debug, Clone)]
pub struct Concurrency {
    /// What functions without a reserve share.
    unreserved: u32,
    unreserved_busy: u32,
    rate: Bucket,
    functions: Vec<Share>,
}

#[derive(Debug, Clone)]
struct Share {
    reserved: Option<u32>,
    /// Provisioned concurrency, set aside.
    provisioned: u32,
    /// Running on demand.
    busy: u32,
    scale_out: Bucket,
    rate: Option<Bucket>,
}

impl Concurrency {
    /// An account with this limit, and functions with these reserves and this provisioned concurrency.
    pub fn new(account: u32, functions: impl IntoIterator<Item = (Option<u32>, u32)>) -> Self {
        let functions: Vec<_> = functions
            .into_iter()
            .map(|(reserved, provisioned)| Share {
                reserved,
                provisioned,
                busy: 0,
                scale_out: Bucket::new(SCALE_OUT, SCALE_OUT / SCALE_OUT_SECONDS),
                rate: reserved.map(requests),
            })
            .collect();
        let aside = functions.iter().fold(0_u32, |sum, share| {
            sum.saturating_add(share.reserved.unwrap_or(share.provisioned))
        });
        Self {
            unreserved: account.saturating_sub(aside),
            unreserved_busy: 0,
            rate: requests(account),
            functions,
        }
    }

    /// Whether one more synchronous request may come in at `now`. The limit that holds is the function's, when it has a
    /// reserve, and the account's otherwise. How large bursts may be is not documented: here a second's worth.
    ///
    /// # Errors
    /// The reason to answer.
    pub fn request(&mut self, function: FunctionId, now: SimTime) -> Result<(), ThrottleReason> {
        let own = self
            .functions
            .get_mut(usize::from(function.0))
            .and_then(|share| share.rate.as_mut());
        let (bucket, reason) = match own {
            Some(bucket) if bucket.full == 0 => {
                return Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
            }
            Some(bucket) => (
                bucket,
                ThrottleReason::ReservedFunctionInvocationRateLimitExceeded,
            ),
            None => (
                &mut self.rate,
                ThrottleReason::FunctionInvocationRateLimitExceeded,
            ),
        };
        if bucket.take(now) {
            Ok(())
        } else {
            Err(reason)
        }
    }

    /// Takes concurrency for one more invocation on demand.
    ///
    /// # Errors
    /// The reason to answer, when there is none left.
    pub fn take(&mut self, function: FunctionId) -> Result<(), ThrottleReason> {
        let Some(share) = self.functions.get_mut(usize::from(function.0)) else {
            return Err(ThrottleReason::ConcurrentInvocationLimitExceeded);
        };
        match share.reserved {
            Some(reserved) if share.busy >= reserved.saturating_sub(share.provisioned) => {
                return Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded);
            }
            None if self.unreserved_busy >= self.unreserved => {
                return Err(ThrottleReason::ConcurrentInvocationLimitExceeded);
            }
            Some(_) => {}
            None => self.unreserved_busy += 1,
        }
        share.busy += 1;
        Ok(())
    }

    /// Gives it back.
    pub fn give_back(&mut self, function: FunctionId) {
        if let Some(share) = self.functions.get_mut(usize::from(function.0)) {
            share.busy = share.busy.saturating_sub(1);
            if share.reserved.is_none() {
                self.unreserved_busy = self.unreserved_busy.saturating_sub(1);
            }
        }
    }

    /// Whether the function may add an environment at `now`. Which reason AWS answers when it may not is not documented.
    ///
    /// # Errors
    /// The reason to answer.
    pub fn scale_out(&mut self, function: FunctionId, now: SimTime) -> Result<(), ThrottleReason> {
        let taken = self
            .functions
            .get_mut(usize::from(function.0))
            .is_some_and(|share| share.scale_out.take(now));
        if taken {
            Ok(())
        } else {
            Err(ThrottleReason::ConcurrentInvocationLimitExceeded)
        }
    }

    /// Whether the function is switched off by a reserve of 0.
    pub fn is_switched_off(&self, function: FunctionId) -> bool {
        self.functions
            .get(usize::from(function.0))
            .is_some_and(|share| share.reserved == Some(0))
    }
}

/// A bucket for ten requests a second per unit of concurrency.
fn requests(concurrency: u32) -> Bucket {
    let per_second = u64::from(concurrency) * REQUESTS_PER_CONCURRENCY;
    Bucket::new(per_second, per_second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::SimDuration;

    const F: FunctionId = FunctionId(0);
    const G: FunctionId = FunctionId(1);

    fn at(seconds: u64) -> SimTime {
        SimTime::ZERO + SimDuration::from_secs(seconds)
    }

    #[test]
    fn functions_without_a_reserve_share_what_is_left() {
        let mut account = Concurrency::new(10, [(Some(4), 0), (None, 0), (None, 3)]);
        for _ in 0..4 {
            account.take(F).expect("its reserve");
        }
        assert_eq!(
            account.take(F),
            Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded)
        );
        // 10 - 4 reserved - 3 provisioned.
        for _ in 0..3 {
            account.take(G).expect("the pool");
        }
        assert_eq!(
            account.take(FunctionId(2)),
            Err(ThrottleReason::ConcurrentInvocationLimitExceeded)
        );
        account.give_back(G);
        assert_eq!(account.take(FunctionId(2)), Ok(()));
    }

    #[test]
    fn a_function_adds_1_000_environments_at_once_and_100_a_second() {
        let mut account = Concurrency::new(10_000, [(None, 0)]);
        let mut added = |now| {
            (0..5_000)
                .filter(|_| account.scale_out(F, now).is_ok())
                .count()
        };
        assert_eq!(added(at(0)), 1_000);
        assert_eq!(added(at(1)), 100);
        assert_eq!(added(at(11)), 1_000);
        // What is not used does not add up.
        assert_eq!(added(at(1_000)), 1_000);
    }

    #[test]
    fn ten_requests_a_second_for_each_unit_of_concurrency() {
        let mut account = Concurrency::new(1_000, [(Some(5), 0), (None, 0), (Some(0), 0)]);
        let count = |account: &mut Concurrency, function, now| {
            (0..20_000)
                .filter(|_| account.request(function, now).is_ok())
                .count()
        };
        assert_eq!(count(&mut account, F, at(0)), 50);
        assert_eq!(
            account.request(F, at(0)),
            Err(ThrottleReason::ReservedFunctionInvocationRateLimitExceeded)
        );
        assert_eq!(count(&mut account, F, at(1)), 50);
        assert_eq!(count(&mut account, G, at(1)), 10_000);
        assert_eq!(
            account.request(G, at(1)),
            Err(ThrottleReason::FunctionInvocationRateLimitExceeded)
        );
        assert_eq!(
            account.request(FunctionId(2), at(1)),
            Err(ThrottleReason::ReservedFunctionConcurrentInvocationLimitExceeded)
        );
    }
}
