//! Provisioned concurrency: environments that stand ready before anybody calls.

use super::{Cloud, Happening};
use crate::lambda::concurrency::Bucket;
use crate::lambda::event::{
    Event, FunctionId, InitPhase, InvocationType, ProvisionedState, ProvisionedStatus,
};
use crate::lambda::function::Provisioned;
use crate::sim::{Kernel, SimDuration, SimTime, Slot};

/// What Lambda needs before it begins to allocate: "a minute or two".
const PREPARATION: SimDuration = SimDuration::from_secs(60);

/// Time between two environments: up to 6,000 a minute.
const SPACING: SimDuration = SimDuration::from_millis(10);

/// Provisioned concurrency of one version through one qualifier.
pub(super) struct Lane {
    pub function: FunctionId,
    pub variant: u32,
    pub amount: u32,
    qualifier: String,
    requested: Option<SimTime>,
    /// The most recently used at the back.
    idle: Vec<Slot>,
    /// Environments whose first Init is over.
    allocated: u32,
    state: ProvisionedState,
    /// "10 x allocated provisioned concurrency": synchronous requests a second that it serves.
    rate: Bucket,
}

impl Lane {
    pub fn new(function: FunctionId, variant: u32, wanted: &Provisioned, amount: u32) -> Self {
        Self {
            function,
            variant,
            amount,
            qualifier: wanted.qualifier.clone(),
            requested: wanted.requested,
            idle: Vec::new(),
            allocated: 0,
            state: ProvisionedState::InProgress,
            rate: Bucket::of_requests(amount),
        }
    }

    /// Whether it serves: "none usable until all requested are allocated".
    pub fn is_ready(&self) -> bool {
        self.state == ProvisionedState::Ready
    }

    /// An environment for a request. Beyond so many synchronous requests a second there is none; what becomes of those is
    /// not documented to the letter: here they spill over, like those that find all environments busy.
    pub fn take_idle(&mut self, now: SimTime, kind: InvocationType) -> Option<Slot> {
        let limited = kind == InvocationType::RequestResponse;
        if self.idle.is_empty() || limited && !self.rate.take(now) {
            return None;
        }
        self.idle.pop()
    }

    pub fn put_idle(&mut self, slot: Slot) {
        self.idle.push(slot);
    }

    fn status(&self) -> Event {
        Event::Provisioning {
            status: Box::new(ProvisionedStatus {
                function: self.function,
                qualifier: self.qualifier.clone(),
                state: self.state,
                requested: self.amount,
                allocated: self.allocated,
            }),
        }
    }
}

/// Schedules a lane's allocation.
pub(super) fn schedule(lane: &Lane, index: u32, kernel: &mut Kernel<Happening>) {
    match lane.requested {
        // Asked for long ago: everything is there when the scenario begins.
        None => {
            for _ in 0..lane.amount {
                kernel.at(SimTime::ZERO, Happening::Provision(index));
            }
        }
        Some(at) => {
            kernel.at(at, Happening::ProvisioningBegins(index));
            for number in 0..lane.amount {
                let wait = PREPARATION + SPACING.saturating_mul(u64::from(number));
                kernel.at(at + wait, Happening::Provision(index));
            }
        }
    }
}

impl Cloud {
    pub(super) fn provisioning_begins(&mut self, now: SimTime, index: u32) {
        if let Some(lane) = self.lanes.get(index as usize) {
            self.trace.note(now, lane.status());
        }
    }

    /// One more environment is made, or one that was lost is replaced.
    pub(super) fn provision(&mut self, now: SimTime, index: u32) {
        let Some(lane) = self.lanes.get(index as usize) else {
            return;
        };
        if lane.state == ProvisionedState::Failed {
            return;
        }
        let (variant, was_before) = (lane.variant, lane.requested.is_none());
        let Some(slot) = self.create(now, variant, Some(index)) else {
            return;
        };
        // Init of environments that stand ready at the start is over by then: it is told at time zero.
        if was_before && now == SimTime::ZERO {
            self.begin_init_in_the_past(now, slot);
        } else {
            self.begin_init(now, slot, InitPhase::Init);
        }
    }

    /// An environment's first Init is over.
    pub(super) fn provisioned(&mut self, now: SimTime, slot: Slot, index: u32, started: bool) {
        let Some(lane) = self.lanes.get_mut(index as usize) else {
            return;
        };
        if !started {
            // FUNCTION_ERROR_INIT_FAILURE: what was allocated is taken back.
            let first = lane.state == ProvisionedState::InProgress;
            if first {
                lane.state = ProvisionedState::Failed;
                lane.allocated = 0;
                let status = lane.status();
                let idle = std::mem::take(&mut lane.idle);
                self.trace.note(now, status);
                for idle in idle {
                    self.end_environment(now, idle);
                }
            }
            return self.end_environment(now, slot);
        }
        if lane.state == ProvisionedState::Failed {
            return self.end_environment(now, slot);
        }
        lane.put_idle(slot);
        lane.allocated = lane.allocated.saturating_add(1).min(lane.amount);
        if lane.allocated == lane.amount && lane.state == ProvisionedState::InProgress {
            lane.state = ProvisionedState::Ready;
            let status = lane.status();
            self.trace.note(now, status);
        }
    }

    /// An environment of provisioned concurrency is gone: Lambda makes another at once.
    pub(super) fn replace_provisioned(&mut self, now: SimTime, index: u32) {
        self.kernel.at(now, Happening::Provision(index));
    }
}
