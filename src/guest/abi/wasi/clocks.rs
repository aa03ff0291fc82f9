//! Reading the clocks. They are virtual: only work and waiting move them.

use super::Outcome;
use super::errno::Errno;
use crate::guest::abi::call::{Arguments, Call, State};

/// `clockid`.
pub mod id {
    /// Nanoseconds since 1970.
    pub const REALTIME: u32 = 0;
    /// Nanoseconds since the scenario's start.
    pub const MONOTONIC: u32 = 1;
    /// CPU time of the process, in all its invocations.
    pub const PROCESS_CPU: u32 = 2;
    /// CPU time of the thread; there is one.
    pub const THREAD_CPU: u32 = 3;
}

/// All clocks count single nanoseconds.
const RESOLUTION: u64 = 1;

/// `clock_res_get(id, resolution)`.
pub fn clock_res_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    now(call.state, arguments.u32(0))?;
    call.write_u64(arguments.u32(1), RESOLUTION)?;
    Ok(())
}

/// `clock_time_get(id, precision, time)`. The precision is a wish; every answer is exact.
pub fn clock_time_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let time = now(call.state, arguments.u32(0))?;
    call.write_u64(arguments.u32(2), time)?;
    Ok(())
}

/// `sched_yield()`: there is nobody to yield to.
pub fn sched_yield(_: &mut Call<'_>, _: &Arguments<'_>) -> Outcome {
    Ok(())
}

/// What a clock shows, in nanoseconds.
///
/// # Errors
/// [`Errno::Inval`] for a clock that there is not.
pub fn now(state: &State, clock: u32) -> Result<u64, Errno> {
    match clock {
        id::REALTIME => Ok(state.realtime()),
        id::MONOTONIC => Ok(state.account.now().as_nanos()),
        id::PROCESS_CPU | id::THREAD_CPU => Ok(state.account.process_cpu().as_nanos()),
        _ => Err(Errno::Inval),
    }
}
