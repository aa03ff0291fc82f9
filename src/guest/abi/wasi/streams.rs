//! Reading and writing through descriptors.

use super::Outcome;
use super::descriptors::{Descriptor, Target, flags, rights};
use super::errno::{Errno, Failure};
use super::layout::{IOVEC, u32_at};
use crate::guest::abi::call::{Arguments, Call};
use crate::guest::abi::prices;
use crate::guest::process::log::Stream;

/// The most buffers of one call; more answer EINVAL. Linux's `IOV_MAX`.
pub const MAX_BUFFERS: u32 = 1024;

/// The most bytes of an answer on standard output, ten times what Lambda lets through; writing more answers EFBIG.
pub const MAX_ANSWER_BYTES: usize = 64 << 20;

/// Bytes are moved in pieces of this size, to bound the host's memory.
const PIECE: usize = 64 * 1024;

/// Standard input: bytes that are there from the start, then the end.
#[derive(Debug, Default)]
pub struct Input {
    bytes: Vec<u8>,
    position: usize,
}

impl Input {
    /// An input of these bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes not read yet.
    pub fn left(&self) -> u64 {
        self.rest().len() as u64
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    fn read(&mut self, into: &mut [u8]) -> usize {
        let rest = self.rest();
        let count = rest.len().min(into.len());
        for (to, from) in into.iter_mut().zip(rest) {
            *to = *from;
        }
        self.position += count;
        count
    }
}

/// Where standard output goes.
#[derive(Debug)]
pub enum Output {
    /// Into the log.
    Log,
    /// Into the answer.
    Answer(Vec<u8>),
}

/// The buffers of a call, all inside the guest's memory.
struct Buffers {
    ranges: Vec<(u32, u32)>,
    total: u64,
}

impl Buffers {
    /// Reads and checks `count` iovecs at `at`.
    fn read(call: &Call<'_>, at: u32, count: u32) -> Result<Self, Failure> {
        if count > MAX_BUFFERS {
            return Err(Errno::Inval.into());
        }
        let records = call.read(at, count * IOVEC as u32)?;
        let mut buffers = Self {
            ranges: Vec::with_capacity(count as usize),
            total: 0,
        };
        for record in records.as_chunks::<IOVEC>().0 {
            let (at, len) = (u32_at(record, 0), u32_at(record, 4));
            call.check(at, u64::from(len))?;
            buffers.total += u64::from(len);
            buffers.ranges.push((at, len));
        }
        // What is read or written is counted in 32 bits.
        if buffers.total > u64::from(u32::MAX) {
            return Err(Errno::Inval.into());
        }
        Ok(buffers)
    }

    /// The ranges in pieces, no more than `limit` bytes in all.
    fn pieces(&self, limit: u64) -> impl Iterator<Item = (u32, usize)> {
        let mut left = limit;
        self.ranges
            .iter()
            .flat_map(|&(at, len)| {
                (0..len)
                    .step_by(PIECE)
                    .map(move |done| (at + done, (len - done).min(PIECE as u32)))
            })
            .map_while(move |(at, len)| {
                let len = u64::from(len).min(left);
                left -= len;
                (len > 0).then_some((at, len as usize))
            })
    }
}

/// `fd_read(fd, iovs, iovs_len, nread)`.
pub fn fd_read(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let fd = arguments.u32(0);
    let descriptor = readable(call, fd)?;
    let count = read(call, arguments, descriptor, descriptor.position, 3)?;
    if let Ok(descriptor) = call.state.wasi.descriptors.get_mut(fd) {
        descriptor.position = descriptor.position.saturating_add(count);
    }
    Ok(())
}

/// `fd_pread(fd, iovs, iovs_len, offset, nread)`.
pub fn fd_pread(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptor = positioned(readable(call, arguments.u32(0))?)?;
    read(call, arguments, descriptor, arguments.u64(3), 4)?;
    Ok(())
}

/// `fd_write(fd, iovs, iovs_len, nwritten)`.
pub fn fd_write(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let fd = arguments.u32(0);
    let descriptor = writable(call, fd)?;
    let position = match descriptor.target {
        Target::File(id) if descriptor.flags & flags::APPEND != 0 => {
            call.state.files.borrow().status(id)?.size
        }
        _ => descriptor.position,
    };
    let count = write(call, arguments, descriptor, position, 3)?;
    if let Ok(descriptor) = call.state.wasi.descriptors.get_mut(fd) {
        descriptor.position = position.saturating_add(count);
    }
    Ok(())
}

/// `fd_pwrite(fd, iovs, iovs_len, offset, nwritten)`.
pub fn fd_pwrite(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptor = positioned(writable(call, arguments.u32(0))?)?;
    write(call, arguments, descriptor, arguments.u64(3), 4)?;
    Ok(())
}

fn readable(call: &Call<'_>, fd: u32) -> Result<Descriptor, Errno> {
    let descriptor = call.state.wasi.descriptors.get(fd)?;
    match descriptor.target {
        Target::Directory(_) => Err(Errno::Isdir),
        _ if descriptor.rights & rights::FD_READ == 0 => Err(Errno::Badf),
        _ => Ok(descriptor),
    }
}

fn writable(call: &Call<'_>, fd: u32) -> Result<Descriptor, Errno> {
    let descriptor = call.state.wasi.descriptors.get(fd)?;
    if descriptor.rights & rights::FD_WRITE == 0 {
        return Err(Errno::Badf);
    }
    Ok(descriptor)
}

fn positioned(descriptor: Descriptor) -> Result<Descriptor, Errno> {
    match descriptor.target {
        Target::File(_) => Ok(descriptor),
        _ => Err(Errno::Spipe),
    }
}

/// Fills the buffers of arguments 1 and 2 and puts the count where argument `result` says.
fn read(
    call: &mut Call<'_>,
    arguments: &Arguments<'_>,
    descriptor: Descriptor,
    mut position: u64,
    result: usize,
) -> Result<u64, Failure> {
    let buffers = Buffers::read(call, arguments.u32(1), arguments.u32(2))?;
    call.check(arguments.u32(result), 4)?;
    let there = match descriptor.target {
        Target::File(id) => {
            let size = call.state.files.borrow().status(id)?.size;
            size.saturating_sub(position)
        }
        _ => call.state.wasi.input.left(),
    };
    let wanted = buffers.total.min(there);
    call.state.charge(prices::copy(wanted))?;
    let mut piece = vec![0; PIECE.min(wanted as usize)];
    let mut total = 0;
    for (at, len) in buffers.pieces(wanted) {
        let into = piece.get_mut(..len).unwrap_or_default();
        let count = match descriptor.target {
            Target::File(id) => call.state.files.borrow().read(id, position, into)?,
            _ => call.state.wasi.input.read(into),
        };
        call.guest
            .write(at, into.get(..count).unwrap_or_default())?;
        position = position.saturating_add(count as u64);
        total += count as u64;
        if count < len {
            break;
        }
    }
    call.write_u32(arguments.u32(result), total as u32)?;
    Ok(total)
}

/// Writes the buffers of arguments 1 and 2 and puts the count where argument `result` says.
fn write(
    call: &mut Call<'_>,
    arguments: &Arguments<'_>,
    descriptor: Descriptor,
    mut position: u64,
    result: usize,
) -> Result<u64, Failure> {
    let buffers = Buffers::read(call, arguments.u32(1), arguments.u32(2))?;
    call.check(arguments.u32(result), 4)?;
    call.state.charge(prices::copy(buffers.total))?;
    let mut piece = vec![0; PIECE.min(buffers.total as usize)];
    let mut total = 0;
    for (at, len) in buffers.pieces(buffers.total) {
        let from = piece.get_mut(..len).unwrap_or_default();
        call.guest.read(at, from)?;
        match put(call, descriptor.target, position, from) {
            Ok(count) => {
                position = position.saturating_add(count as u64);
                total += count as u64;
                if count < len {
                    break;
                }
            }
            // What went before counts; the next call will hear of it.
            Err(Failure::Errno(_) | Failure::File(_)) if total > 0 => break,
            Err(failure) => return Err(failure),
        }
    }
    call.write_u32(arguments.u32(result), total as u32)?;
    Ok(total)
}

/// Writes one piece to where a descriptor leads; gives the number of bytes taken.
fn put(call: &mut Call<'_>, target: Target, position: u64, bytes: &[u8]) -> Result<usize, Failure> {
    let state = &mut *call.state;
    let now = state.account.now();
    match target {
        Target::File(id) => {
            let time = state.realtime();
            let mut files = state.files.borrow_mut();
            return Ok(files.write(id, position, bytes, time)?);
        }
        Target::Output => match &mut state.wasi.output {
            Output::Log => state.log.write(Stream::Output, bytes, now),
            Output::Answer(answer) => {
                let room = MAX_ANSWER_BYTES.saturating_sub(answer.len());
                let taken = bytes.get(..bytes.len().min(room)).unwrap_or_default();
                if taken.is_empty() || answer.try_reserve(taken.len()).is_err() {
                    return Err(Errno::Fbig.into());
                }
                answer.extend_from_slice(taken);
                return Ok(taken.len());
            }
        },
        Target::Error => state.log.write(Stream::Error, bytes, now),
        Target::Input | Target::Directory(_) => return Err(Errno::Badf.into()),
    }
    Ok(bytes.len())
}
