//! A running guest's fuel and time: turns what the gauge says into virtual time, and hands out fuel up to the deadline.

use super::{PhaseEnd, Progress, Verdict, Watch};
use crate::guest::clock::Clock;
use crate::guest::engine::GuestAccess;
use crate::guest::fuel::Fuel;
use crate::guest::meter::gauge;
use crate::sim::{SimDuration, SimTime};

/// The most fuel handed out at once: 0.1 ms of one vCPU. Small enough that a guest is never far from its host, large
/// enough that asking costs nothing beside the work. Results do not depend on it.
pub const SLICE: Fuel = Fuel(200_000);

/// The watch is asked after this much fuel: 1 ms of one vCPU's virtual time. In real time that is less than a millisecond
/// of compiled code, a few of most interpreted code, and about 50 of an empty loop in the interpreter, the slowest there is.
pub const WATCH_INTERVAL: Fuel = Fuel(2_000_000);

/// [`Clock::fuel_to_deadline`] is an estimate; this is how far from the exact figure it may be.
const ESTIMATE_MARGIN: u64 = 8;

/// The fuel account of one process, over all its phases.
pub struct Account {
    clock: Clock,
    watch: Watch,
    slice: Fuel,
    /// What the gauge's fuel field showed when we last looked at it or set it.
    shown: i64,
    /// Work since the watch was last asked.
    unwatched: Fuel,
    /// CPU time of the phases before this one.
    earlier_cpu: SimDuration,
}

impl Account {
    /// An account that starts with `clock` and hands out at most `slice` at once.
    pub fn new(clock: Clock, watch: Watch, slice: Fuel) -> Self {
        Self {
            clock,
            watch,
            slice: slice.clamp(Fuel(1), gauge::MAX_SLICE),
            shown: 0,
            unwatched: Fuel::ZERO,
            earlier_cpu: SimDuration::ZERO,
        }
    }

    /// The next phase begins.
    pub fn begin(&mut self, clock: Clock) {
        self.earlier_cpu = self.process_cpu();
        self.clock = clock;
    }

    /// The phase's clock, exact as of the last [`Account::settle`].
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Where virtual time stands.
    pub fn now(&self) -> SimTime {
        self.clock.now()
    }

    /// CPU time that the process has used in all its phases.
    pub fn process_cpu(&self) -> SimDuration {
        self.earlier_cpu + self.clock.cpu()
    }

    /// A new process takes over the account, as a command does at each invocation.
    pub fn forget_earlier_cpu(&mut self) {
        self.earlier_cpu = SimDuration::ZERO;
    }

    /// Moves the clock by the work that the gauge shows since the last look.
    ///
    /// # Errors
    /// [`PhaseEnd::TimedOut`] when the deadline has passed.
    pub fn settle(&mut self, guest: &dyn GuestAccess) -> Result<(), PhaseEnd> {
        let shows = gauge::fuel(guest.gauge());
        let used = u64::try_from(self.shown.saturating_sub(shows)).unwrap_or(0);
        self.shown = shows;
        self.charge(Fuel(used))
    }

    /// Moves the clock by `fuel` of work done for the guest.
    ///
    /// # Errors
    /// [`PhaseEnd::TimedOut`] when the deadline passes with it.
    pub fn charge(&mut self, fuel: Fuel) -> Result<(), PhaseEnd> {
        self.clock.work(fuel);
        self.unwatched += fuel;
        self.in_time()
    }

    /// Moves the clock by `span` without using the CPU, to the deadline at most.
    ///
    /// # Errors
    /// [`PhaseEnd::TimedOut`] when the deadline comes first.
    pub fn wait(&mut self, span: SimDuration) -> Result<(), PhaseEnd> {
        let left = self.clock.deadline().since(self.clock.now());
        self.clock.wait(span.min(left));
        self.in_time()
    }

    /// Asks the watch, when it is due.
    ///
    /// # Errors
    /// [`PhaseEnd::OutOfPatience`] when it gives up.
    pub fn ask_watch(&mut self) -> Result<(), PhaseEnd> {
        if self.unwatched < WATCH_INTERVAL {
            return Ok(());
        }
        self.unwatched = Fuel::ZERO;
        let progress = Progress {
            now: self.clock.now(),
            deadline: self.clock.deadline(),
            fuel: self.clock.fuel(),
        };
        // A watch that is being asked already has nothing to say.
        match self.watch.try_borrow_mut().map(|mut watch| watch(progress)) {
            Ok(Verdict::GiveUp) => Err(PhaseEnd::OutOfPatience),
            Ok(Verdict::Continue) | Err(_) => Ok(()),
        }
    }

    /// Fills the gauge with the next slice and leaves its call depth as it is.
    pub fn grant(&mut self, guest: &mut dyn GuestAccess) {
        let fuel = self.next_grant();
        guest.set_gauge(gauge::with_fuel(guest.gauge(), fuel));
        self.shown = fuel;
    }

    /// Fills the gauge for a call into the guest that starts at an empty stack of `depth` units.
    pub fn enter(&mut self, guest: &mut dyn GuestAccess, depth: i16) {
        let fuel = self.next_grant();
        guest.set_gauge(gauge::pack(depth, fuel));
        self.shown = fuel;
    }

    /// The gauge trips when it falls below zero, so it gets one less than what passes the deadline. Then it is the sum of
    /// work alone that decides where a guest is stopped, never how that work was cut into slices.
    fn next_grant(&self) -> i64 {
        let grant = self.work_to_deadline().saturating_sub(1).min(self.slice.0);
        i64::try_from(grant).unwrap_or(i64::MAX)
    }

    /// The least work after which the clock is over; when it is more than a slice, perhaps a little more than that.
    fn work_to_deadline(&self) -> u64 {
        let estimate = self.clock.fuel_to_deadline().0;
        if estimate > self.slice.0.saturating_add(ESTIMATE_MARGIN) {
            return estimate;
        }
        let over = |fuel: u64| {
            let mut clock = self.clock.clone();
            clock.work(Fuel(fuel));
            clock.is_over()
        };
        let mut enough = estimate.max(1);
        while !over(enough) {
            enough += ESTIMATE_MARGIN;
        }
        let mut short = estimate.saturating_sub(ESTIMATE_MARGIN);
        if over(short) {
            short = 0;
        }
        while enough - short > 1 {
            let middle = short + (enough - short) / 2;
            if over(middle) {
                enough = middle;
            } else {
                short = middle;
            }
        }
        enough
    }

    fn in_time(&self) -> Result<(), PhaseEnd> {
        if self.clock.is_over() {
            Err(PhaseEnd::TimedOut)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::guest::clock::Bandwidth;

    fn account(quota_us: u64, deadline_ns: u64, slice: u64) -> Account {
        let bandwidth = Bandwidth {
            period: SimDuration::from_millis(20),
            quota: SimDuration::from_micros(quota_us),
        };
        let clock = Clock::new(SimTime::ZERO, SimTime::from_nanos(deadline_ns), bandwidth);
        let watch: Watch = Rc::new(RefCell::new(|_| Verdict::Continue));
        Account::new(clock, watch, Fuel(slice))
    }

    /// Burns fuel one unit at a time, as a guest with a check after each instruction does; gives back what was burnt.
    fn burn(mut account: Account) -> u64 {
        loop {
            let granted = account.next_grant();
            if account.charge(Fuel(granted as u64 + 1)).is_err() {
                return account.clock().fuel().0;
            }
        }
    }

    #[test]
    fn a_guest_is_stopped_at_the_same_work_whatever_the_slices() {
        for quota in [1_447, 10_000, 20_000] {
            for deadline in [20_999, 1_000_000, 20_000_001, 47_123_457] {
                let whole = burn(account(quota, deadline, 1 << 40));
                for slice in [7, 1_000, 4_321] {
                    let stopped = burn(account(quota, deadline, slice));
                    assert_eq!(
                        stopped, whole,
                        "quota {quota}, deadline {deadline}, slice {slice}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_last_unit_before_the_deadline_is_still_granted() {
        let mut account = account(20_000, 1_000, 1_000_000);
        let granted = account.next_grant() as u64;
        assert_eq!(
            granted, 1_998,
            "1,000 ns are 2,000 fuel, and work rounds up to a nanosecond"
        );
        assert_eq!(account.charge(Fuel(granted)), Ok(()));
        assert_eq!(account.charge(Fuel(1)), Err(PhaseEnd::TimedOut));
    }

    #[test]
    fn a_wait_ends_at_the_deadline() {
        let mut account = account(20_000, 1_000, 1_000);
        assert_eq!(account.wait(SimDuration::from_nanos(999)), Ok(()));
        assert_eq!(account.wait(SimDuration::MAX), Err(PhaseEnd::TimedOut));
        assert_eq!(account.now().as_nanos(), 1_000);
        assert_eq!(account.clock().waited().as_nanos(), 1_000);
    }

    #[test]
    fn the_watch_is_asked_once_per_interval() {
        let asked = Rc::new(RefCell::new(Vec::new()));
        let (seen, mut account) = (asked.clone(), account(20_000, 1 << 50, SLICE.0));
        account.watch = Rc::new(RefCell::new(move |progress: Progress| {
            seen.borrow_mut().push(progress.fuel.0);
            if progress.fuel.0 >= 2 * WATCH_INTERVAL.0 {
                Verdict::GiveUp
            } else {
                Verdict::Continue
            }
        }));
        let mut end = Ok(());
        while end.is_ok() {
            account.charge(SLICE).unwrap();
            end = account.ask_watch();
        }
        assert_eq!(end, Err(PhaseEnd::OutOfPatience));
        assert_eq!(*asked.borrow(), [WATCH_INTERVAL.0, 2 * WATCH_INTERVAL.0]);
    }
}
