//! The simulated service: the kernel's events, and what each of them sets in motion.
//!
//! Simplified: the front end, the queue's hand-over and the network take no time.

mod build;
mod idle;
mod lost;
mod machines;
mod places;
mod provisioned;
mod queue;
mod repeats;
mod requests;
mod routes;
mod running;
mod sender;
mod setup;
mod story;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::caller::Moment;
use super::concurrency::Concurrency;
use super::drill::Drills;
use super::environment::{Blueprint, Chance, Environment};
use super::event::{Entry, EnvironmentId, Event, InvocationId, InvokeResponse, ThrottleReason};
use super::invoke;
use super::machine::{Machine, Want};
use super::pool::Pool;
use super::traffic::Arrivals;
use crate::sim::check::Log;
use crate::sim::{Kernel, Rng, SimDuration, SimTime, Slab, Slot, Trace};

pub use setup::Setup;

use provisioned::Lane;
use routes::Routes;
use sender::Sender;
use story::Story;

/// The service in the middle of a scenario.
///
/// ```text
/// while cloud.step() {}
/// ```
pub struct Cloud {
    seed: u64,
    epoch_ms: i64,
    idle_lifetime: SimDuration,
    kernel: Kernel<Happening>,
    trace: Trace<Event>,
    /// `$LATEST` and the published versions of all functions.
    variants: Vec<Variant>,
    lanes: Vec<Lane>,
    routes: Routes,
    concurrency: Concurrency,
    environments: Slab<Environment>,
    next_environment: u32,
    /// One for each single request, then one for each load.
    senders: Vec<Sender>,
    /// Calls that callers will make once more.
    repeats: Slab<repeats::Repeat>,
    /// When the single requests arrive.
    moments: Vec<Moment>,
    loads: Vec<LoadState>,
    stories: Slab<Story>,
    next_invocation: u32,
    machines: Vec<Box<dyn Machine>>,
    /// What machines want, in order; what comes of one want may add others.
    wants: VecDeque<(u16, Want)>,
    /// Whether wants are being done.
    granting: bool,
    /// Requests to come, loads that are not through and stories that are not over; the cloud stops when there are none.
    open: u64,
    over: u64,
    guest_phases: u64,
    stopped: bool,
    /// Why guests that were stopped by us were, until the clock gets there.
    cut_offs: BTreeMap<EnvironmentId, String>,
    drills: Drills,
    /// The 429s answered so far, one for each reason.
    throttle_answers: BTreeMap<ThrottleReason, Arc<InvokeResponse>>,
    chance: Chance,
    chances: Chances,
    log: Log,
}

/// One version of a function and its idle environments.
struct Variant {
    blueprint: Blueprint,
    pool: Pool,
}

/// A load in the middle of its requests.
struct LoadState {
    arrivals: Arrivals,
    rng: Rng,
}

/// Generators of the service's own chances.
struct Chances {
    clients: Rng,
    weights: Rng,
    duplicates: Rng,
    duplicates_per_million: u32,
}

/// What the kernel tells us. Slots are used again, so what may be overtaken also carries an id.
#[derive(Debug, Clone, Copy)]
enum Happening {
    /// The single request with this index arrives.
    Arrival(u32),
    /// The next request of this load arrives.
    LoadArrival(u32),
    /// A client tries again.
    ClientRetry(Slot, InvocationId),
    /// A caller calls once more.
    CallsAgain(Slot),
    /// A guest has called another service.
    GuestCalled,
    /// A queued event is due.
    Dequeue(Slot, InvocationId),
    /// A guest has started, or failed to.
    InitEnds(Slot, EnvironmentId),
    /// A handler has ended.
    HandlerEnds(Slot, EnvironmentId),
    /// A drill takes an environment away.
    Lost(Slot, EnvironmentId),
    /// A caller has waited long enough.
    CallerGivesUp(Slot, InvocationId),
    /// Environments of this version may have been idle long enough.
    Expiry(u32),
    /// The run cannot go on truthfully beyond this point: the guest in this environment was stopped by us.
    CutOff(EnvironmentId),
    /// Provisioned concurrency begins to be allocated.
    ProvisioningBegins(u32),
    /// One environment of provisioned concurrency is made.
    Provision(u32),
    /// A machine starts.
    MachineStarts(u16),
    /// A machine wanted to be woken.
    MachineWakes(u16),
}

impl Cloud {
    /// Lets one thing happen, at most one phase of one guest included. False when the last story was over before, or the
    /// run was cut off.
    ///
    /// The trace is complete up to [`Cloud::now`]: entries come in order of time, however many guests run at once.
    pub fn step(&mut self) -> bool {
        if self.stopped || (self.open == 0 && self.machines_are_quiet()) {
            return false;
        }
        let Some((now, happening)) = self.kernel.next_event() else {
            return false;
        };
        self.trace.reach(now);
        match happening {
            Happening::Arrival(index) => self.arrival(now, index),
            Happening::LoadArrival(load) => self.load_arrival(now, load),
            Happening::ClientRetry(slot, id) => self.client_retry(now, slot, id),
            Happening::CallsAgain(slot) => self.calls_again(now, slot),
            Happening::GuestCalled => self.guest_called(now),
            Happening::Dequeue(slot, id) => self.dequeue(now, slot, id),
            Happening::InitEnds(slot, id) => self.init_ends(now, slot, id),
            Happening::HandlerEnds(slot, id) => self.handler_ends(now, slot, id),
            Happening::Lost(slot, id) => self.lost(now, slot, id),
            Happening::CallerGivesUp(slot, id) => self.caller_gives_up(now, slot, id),
            Happening::Expiry(variant) => self.expiry(now, variant),
            Happening::CutOff(id) => self.cut_off(now, id),
            Happening::ProvisioningBegins(lane) => self.provisioning_begins(now, lane),
            Happening::Provision(lane) => self.provision(now, lane),
            Happening::MachineStarts(machine) => self.machine_starts(now, machine),
            Happening::MachineWakes(machine) => self.machine_wakes(now, machine),
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

    /// How many phases of guests have been run: real work, unlike everything else that a step may be.
    pub fn guest_phases(&self) -> u64 {
        self.guest_phases
    }

    /// How many requests' stories are over, of how many that are known: a load's requests count as they arrive.
    pub fn stories_over(&self) -> (u64, u64) {
        (self.over, self.over + self.open)
    }

    /// The 429 for a reason, shared by all who get it.
    fn throttle_answer(&mut self, reason: ThrottleReason) -> Arc<InvokeResponse> {
        let answer = self
            .throttle_answers
            .entry(reason)
            .or_insert_with(|| Arc::new(invoke::throttled(reason)));
        Arc::clone(answer)
    }
}
