//! The simulated service: the kernel's events, and what each of them sets in motion.
//!
//! Simplified: the front end, the queue's hand-over and the network take no time.

mod requests;
mod running;
mod setup;

use std::collections::BTreeMap;

use super::caller::{Moment, Request};
use super::concurrency::Pool;
use super::environment::Blueprint;
use super::event::{Entry, EnvironmentId, Event, InvocationId};
use crate::sim::check::Log;
use crate::sim::{Kernel, SimDuration, SimTime, Trace};

pub use setup::Setup;

use requests::Story;
use setup::Random;

/// The service with one function, in the middle of a scenario.
///
/// ```text
/// while cloud.step() {}
/// ```
pub struct Cloud {
    blueprint: Blueprint,
    idle_lifetime: SimDuration,
    kernel: Kernel<Happening>,
    trace: Trace<Event>,
    pool: Pool,
    requests: Vec<Request>,
    stories: Vec<Story>,
    /// Requests whose story is not over yet; the cloud stops when there are none.
    open: usize,
    stopped: bool,
    /// Why guests that were stopped by us were, until the clock gets there.
    cut_offs: BTreeMap<EnvironmentId, String>,
    random: Random,
    log: Log,
}

/// What the kernel tells us.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The request with this index arrives.
    Arrival(usize),
    /// A queued event is due.
    Dequeue(InvocationId),
    /// A guest has started, or failed to.
    InitEnds(EnvironmentId),
    /// A handler has ended.
    HandlerEnds(EnvironmentId),
    /// A caller has waited long enough.
    CallerGivesUp(InvocationId),
    /// An environment has been idle long enough.
    Expiry(EnvironmentId),
    /// The run cannot go on truthfully beyond this point: the guest in this environment was stopped by us.
    CutOff(EnvironmentId),
}

impl Cloud {
    /// A cloud at virtual time zero, with every request of `setup` still to come.
    pub fn start(setup: Setup) -> Self {
        let Setup {
            config,
            code,
            seed,
            epoch_ms,
            requests,
            watch,
            idle_lifetime,
            log,
        } = setup;
        let random = Random::seeded(seed, &log);
        let mut kernel = Kernel::new().observed(&log);
        for (index, request) in requests.iter().enumerate() {
            match request.when {
                Moment::At(at) => kernel.at(at, Happening::Arrival(index)),
                Moment::AfterPrevious(span) if index == 0 => {
                    kernel.after(span, Happening::Arrival(index))
                }
                Moment::AfterPrevious(_) => continue,
            };
        }
        Self {
            blueprint: Blueprint {
                config,
                code,
                epoch_ms,
                watch,
            },
            idle_lifetime,
            kernel,
            trace: Trace::new(),
            pool: Pool::default(),
            open: requests.len(),
            requests,
            stories: Vec::new(),
            stopped: false,
            cut_offs: BTreeMap::new(),
            random,
            log,
        }
    }

    /// Lets one thing happen, at most one phase of one guest included. False when the last story was over before, or the
    /// run was cut off.
    ///
    /// The trace is complete up to [`Cloud::now`]: entries come in order of time, however many guests run at once.
    pub fn step(&mut self) -> bool {
        if self.stopped || self.open == 0 {
            return false;
        }
        let Some((now, happening)) = self.kernel.next_event() else {
            return false;
        };
        self.trace.reach(now);
        match happening {
            Happening::Arrival(index) => self.arrival(now, index),
            Happening::Dequeue(invocation) => self.dequeue(now, invocation),
            Happening::InitEnds(id) => self.init_ends(now, id),
            Happening::HandlerEnds(id) => self.handler_ends(now, id),
            Happening::CallerGivesUp(invocation) => self.caller_gives_up(now, invocation),
            Happening::Expiry(id) => self.expiry(now, id),
            Happening::CutOff(id) => self.cut_off(now, id),
        }
        true
    }

    /// The entries that have not been taken yet.
    pub fn trace(&self) -> &Trace<Event> {
        &self.trace
    }

    /// Takes the entries out.
    pub fn take_entries(&mut self) -> Vec<Entry> {
        self.trace.take()
    }

    /// Where virtual time stands.
    pub fn now(&self) -> SimTime {
        self.kernel.now()
    }

    /// The trace's last instant, so far.
    pub fn end(&self) -> SimTime {
        self.kernel.now()
    }

    /// How many requests' stories are over, of how many.
    pub fn stories_over(&self) -> (usize, usize) {
        (self.requests.len() - self.open, self.requests.len())
    }
}
