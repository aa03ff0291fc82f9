//! `poll_oneoff`: sleeping, and asking what is ready.

use super::descriptors::Target;
use super::errno::Errno;
use super::layout::{EVENT, Record, SUBSCRIPTION, u16_at, u32_at, u64_at};
use super::{Outcome, clocks};
use crate::guest::abi::call::{Arguments, Call};
use crate::guest::abi::prices;
use crate::sim::SimDuration;

/// The most subscriptions of one call; more answer EINVAL. Room for every descriptor to be read and written, and more.
pub const MAX_SUBSCRIPTIONS: u32 = 4096;

/// What can be written without waiting, as far as anybody asks: the capacity of a pipe on Linux.
const WRITABLE: u64 = 65_536;

/// `subclockflags`: the timeout is a point in time, not a span.
const ABSOLUTE: u16 = 1;

/// `eventrwflags`: the other end has closed.
const HANGUP: u16 = 1;

/// A subscription: when it is due, and the event it then makes.
struct Subscription {
    /// Nanoseconds from now.
    due: u64,
    event: Record<EVENT>,
}

/// `poll_oneoff(in, out, nsubscriptions, nevents)`. Streams and files are always ready, so the call waits only when it is
/// given nothing but clocks: until the first is due, without using the CPU.
pub fn poll_oneoff(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (input, output) = (arguments.u32(0), arguments.u32(1));
    let (count, result) = (arguments.u32(2), arguments.u32(3));
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Err(Errno::Inval.into());
    }
    let (bytes_in, bytes_out) = (count * SUBSCRIPTION as u32, count * EVENT as u32);
    call.check(output, u64::from(bytes_out))?;
    call.check(result, 4)?;
    let records = call.read(input, bytes_in)?;
    let copied = u64::from(bytes_in) + u64::from(bytes_out);
    call.state.charge(prices::copy(copied))?;

    let mut subscriptions = Vec::with_capacity(count as usize);
    for record in records.as_chunks::<SUBSCRIPTION>().0 {
        subscriptions.push(subscription(call, record)?);
    }
    let wait = subscriptions.iter().map(|s| s.due).min().unwrap_or(0);
    if wait > 0 {
        let waited = call.state.account.wait(SimDuration::from_nanos(wait));
        waited.map_err(|end| call.state.stop(end))?;
    }
    let mut at = output;
    let mut events = 0;
    for due in subscriptions.iter().filter(|s| s.due <= wait) {
        call.write(at, due.event)?;
        at = at.saturating_add(EVENT as u32);
        events += 1;
    }
    call.write_u32(result, events)?;
    Ok(())
}

/// Understands one subscription.
///
/// # Errors
/// [`Errno::Inval`] for a kind that there is not.
fn subscription(call: &Call<'_>, record: &[u8; SUBSCRIPTION]) -> Result<Subscription, Errno> {
    let kind = record.get(8).copied().unwrap_or_default();
    let event = Record::new()
        .put(0, &u64_at(record, 0).to_le_bytes())
        .put(10, &[kind]);
    let failed = |errno: Errno| Subscription {
        due: 0,
        event: event.put(8, &(errno as u16).to_le_bytes()),
    };
    match kind {
        0 => {
            let (clock, timeout) = (u32_at(record, 16), u64_at(record, 24));
            let absolute = u16_at(record, 40) & ABSOLUTE != 0;
            // CPU time stands still while one waits for it.
            if clock > clocks::id::MONOTONIC {
                return Ok(failed(Errno::Inval));
            }
            let due = if absolute {
                timeout.saturating_sub(clocks::now(call.state, clock)?)
            } else {
                timeout
            };
            Ok(Subscription { due, event })
        }
        1 | 2 => Ok(match ready(call, u32_at(record, 16), kind == 1) {
            Ok((bytes, flags)) => Subscription {
                due: 0,
                event: event
                    .put(16, &bytes.to_le_bytes())
                    .put(24, &flags.to_le_bytes()),
            },
            Err(errno) => failed(errno),
        }),
        _ => Err(Errno::Inval),
    }
}

/// How many bytes can be read or written, and `eventrwflags`.
fn ready(call: &Call<'_>, fd: u32, read: bool) -> Result<(u64, u16), Errno> {
    let wasi = &call.state.wasi;
    let descriptor = wasi.descriptors.get(fd)?;
    if !read {
        return Ok((WRITABLE, 0));
    }
    Ok(match descriptor.target {
        Target::Input => match wasi.input.left() {
            0 => (0, HANGUP),
            left => (left, 0),
        },
        Target::File(id) => {
            let size = call.state.files.borrow().status(id).map_or(0, |s| s.size);
            (size.saturating_sub(descriptor.position), 0)
        }
        Target::Output | Target::Error | Target::Directory(_) => (0, 0),
    })
}
