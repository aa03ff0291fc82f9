//! Arguments, environment variables, randomness, exit.

use super::Outcome;
use super::errno::Errno;
use crate::guest::abi::call::{Arguments, Call};
use crate::guest::abi::prices;
use crate::guest::engine::{Stop, Value};
use crate::guest::process::PhaseEnd;

/// Random bytes are made in pieces of this size, to bound the host's memory.
const PIECE: usize = 64 * 1024;

/// `args_get(argv, argv_buf)`.
pub fn args_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let strings = call.state.surroundings.arguments.clone();
    write_strings(call, &strings, arguments.u32(0), arguments.u32(1))
}

/// `args_sizes_get(argc, argv_buf_size)`.
pub fn args_sizes_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let sizes = sizes(&call.state.surroundings.arguments)?;
    write_sizes(call, sizes, arguments)
}

/// `environ_get(environ, environ_buf)`.
pub fn environ_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let strings = call.state.variables();
    write_strings(call, &strings, arguments.u32(0), arguments.u32(1))
}

/// `environ_sizes_get(count, environ_buf_size)`.
pub fn environ_sizes_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let sizes = sizes(&call.state.variables())?;
    write_sizes(call, sizes, arguments)
}

/// `random_get(buf, buf_len)`.
pub fn random_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (at, len) = (arguments.u32(0), arguments.u32(1));
    call.check(at, u64::from(len))?;
    call.state.charge(prices::random(u64::from(len)))?;
    let mut piece = vec![0; PIECE.min(len as usize)];
    let mut done = 0;
    while done < len {
        let step = (len - done).min(PIECE as u32);
        piece.truncate(step as usize);
        call.state.random.fill(&mut piece);
        call.guest.write(at.saturating_add(done), &piece)?;
        done += step;
    }
    Ok(())
}

/// `proc_exit(rval)`: never returns.
pub fn proc_exit(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Result<Option<Value>, Stop> {
    let status = arguments.u32(0) as i32;
    Err(call.state.stop(PhaseEnd::Exited(status)))
}

/// How many strings there are and how many bytes they take with the NUL after each.
fn sizes(strings: &[String]) -> Result<(u32, u32), Errno> {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    let count = u32::try_from(strings.len()).map_err(|_| Errno::Inval)?;
    Ok((count, u32::try_from(bytes).map_err(|_| Errno::Inval)?))
}

fn write_sizes(
    call: &mut Call<'_>,
    (count, bytes): (u32, u32),
    arguments: &Arguments<'_>,
) -> Outcome {
    call.check(arguments.u32(1), 4)?;
    call.write_u32(arguments.u32(0), count)?;
    call.write_u32(arguments.u32(1), bytes)?;
    Ok(())
}

/// Writes the strings one after the other at `buffer`, and where each begins at `pointers`.
fn write_strings(call: &mut Call<'_>, strings: &[String], pointers: u32, buffer: u32) -> Outcome {
    let (count, bytes) = sizes(strings)?;
    call.check(pointers, u64::from(count) * 4)?;
    call.check(buffer, u64::from(bytes))?;
    let copied = u64::from(bytes) + u64::from(count) * 4;
    call.state.charge(prices::copy(copied))?;
    let (mut pointer, mut at) = (pointers, buffer);
    for string in strings {
        call.write_u32(pointer, at)?;
        call.guest.write(at, string.as_bytes())?;
        at = at.saturating_add(string.len() as u32);
        call.guest.write(at, &[0])?;
        at = at.saturating_add(1);
        pointer = pointer.saturating_add(4);
    }
    Ok(())
}
