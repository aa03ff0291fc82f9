//! Where an invocation runs: provisioned, idle or new, or nowhere.

use super::Cloud;
use super::routes::Way;
use crate::lambda::event::{Capacity, InvocationType, ThrottleReason};
use crate::sim::{SimTime, Slot};

/// A place that was found, with its concurrency taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// An idle environment; none when one is to be made.
    pub environment: Option<Slot>,
    pub capacity: Capacity,
}

impl Cloud {
    /// Finds a place: provisioned concurrency first, then the idle environment that was used last, then a new one.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn place(
        &mut self,
        now: SimTime,
        way: Way,
        kind: InvocationType,
    ) -> Result<Place, ThrottleReason> {
        let mut capacity = Capacity::OnDemand;
        if let Some(lane) = way.lane.and_then(|lane| self.lanes.get_mut(lane as usize))
            && lane.is_ready()
        {
            match lane.take_idle(now, kind) {
                Some(slot) => {
                    return Ok(Place {
                        environment: Some(slot),
                        capacity: Capacity::Provisioned,
                    });
                }
                None => capacity = Capacity::Spillover,
            }
        }
        self.concurrency.take(way.function)?;
        let idle = self
            .variants
            .get_mut(way.variant as usize)
            .and_then(|variant| variant.pool.take());
        if idle.is_none()
            && let Err(reason) = self.concurrency.scale_out(way.function, now)
        {
            self.concurrency.give_back(way.function);
            return Err(reason);
        }
        Ok(Place {
            environment: idle,
            capacity,
        })
    }
}
