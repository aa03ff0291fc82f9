//! What one does with an open descriptor besides reading and writing.

use super::Outcome;
use super::descriptors::{Descriptor, Target, flags, rights};
use super::errno::{Errno, Failure};
use super::layout;
use super::streams::Output;
use crate::guest::abi::call::{Arguments, Call};
use crate::guest::abi::{prices, service_call};
use crate::guest::files::NodeId;
use crate::guest::process::outside::{MAX_BODY_BYTES, Reply};

/// The highest `advice`.
const LAST_ADVICE: u32 = 5;

/// `fd_advise(fd, offset, len, advice)`: thanks.
pub fn fd_advise(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    file(call, arguments.u32(0))?;
    if arguments.u32(3) > LAST_ADVICE {
        return Err(Errno::Inval.into());
    }
    Ok(())
}

/// `fd_allocate(fd, offset, len)`.
pub fn fd_allocate(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let id = writable_file(call, arguments.u32(0))?;
    let (at, len) = (arguments.u64(1), arguments.u64(2));
    if len == 0 {
        return Err(Errno::Inval.into());
    }
    // More than fits is refused before it is paid for.
    let limit = call.state.files.borrow().limit();
    call.state.charge(prices::copy(len.min(limit)))?;
    let now = call.state.realtime();
    call.state.files.borrow_mut().allocate(id, at, len, now)?;
    Ok(())
}

/// `fd_close(fd)`. A file that stands for an operation of another service is sent with it.
pub fn fd_close(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let fd = arguments.u32(0);
    let descriptor = call.state.wasi.descriptors.get(fd)?;
    if let Target::File(id) = descriptor.target
        && descriptor.rights & rights::FD_WRITE != 0
        && let Some(operation) = call.state.wasi.operations.remove(&id)
    {
        send(call, id, &operation)?;
    }
    Ok(call.state.wasi.descriptors.close(fd)?)
}

/// Sends what a file holds to another service, and puts the answer in its place.
fn send(call: &mut Call<'_>, id: NodeId, operation: &[u8]) -> Outcome {
    let size = call.state.files.borrow().status(id)?.size;
    let reply = if size > u64::from(MAX_BODY_BYTES) {
        Reply::refused(413, "RequestEntityTooLargeException", "Request too large")
    } else {
        call.state.charge(prices::copy(size))?;
        let mut body = vec![0; size as usize];
        let read = call.state.files.borrow().read(id, 0, &mut body)?;
        body.truncate(read);
        service_call::make(call.state, operation, &body)?
    };
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    files.set_size(id, 0, now)?;
    files.write(id, 0, service_call::as_file(&reply).as_bytes(), now)?;
    Ok(())
}

/// `fd_sync(fd)` and `fd_datasync(fd)`: everything is where it will ever be.
pub fn fd_sync(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    match call.state.wasi.descriptors.get(arguments.u32(0))?.target {
        Target::File(_) | Target::Directory(_) => Ok(()),
        Target::Input | Target::Output | Target::Error => Err(Errno::Inval.into()),
    }
}

/// `fd_fdstat_get(fd, stat)`.
pub fn fd_fdstat_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptor = call.state.wasi.descriptors.get(arguments.u32(0))?;
    let filetype = filetype(call, &descriptor);
    call.write(arguments.u32(1), layout::fdstat(&descriptor, filetype))?;
    Ok(())
}

/// `fd_fdstat_set_flags(fd, flags)`.
pub fn fd_fdstat_set_flags(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptor = call.state.wasi.descriptors.get_mut(arguments.u32(0))?;
    descriptor.flags = checked_flags(arguments.u32(1))?;
    Ok(())
}

/// `fd_filestat_get(fd, stat)`.
pub fn fd_filestat_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptor = call.state.wasi.descriptors.get(arguments.u32(0))?;
    let record = match descriptor.target {
        Target::File(id) | Target::Directory(id) => {
            let status = call.state.files.borrow().status(id)?;
            layout::filestat(&status)
        }
        _ => layout::stream_filestat(filetype(call, &descriptor)),
    };
    call.write(arguments.u32(1), record)?;
    Ok(())
}

/// `fd_filestat_set_size(fd, size)`.
pub fn fd_filestat_set_size(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let id = writable_file(call, arguments.u32(0))?;
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    files.set_size(id, arguments.u64(1), now)?;
    Ok(())
}

/// `fd_renumber(fd, to)`.
pub fn fd_renumber(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let descriptors = &mut call.state.wasi.descriptors;
    Ok(descriptors.renumber(arguments.u32(0), arguments.u32(1))?)
}

/// `fd_seek(fd, offset, whence, newoffset)`.
pub fn fd_seek(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let fd = arguments.u32(0);
    let id = file(call, fd)?;
    let from = match arguments.u32(2) {
        0 => 0,
        1 => call.state.wasi.descriptors.get(fd)?.position,
        2 => call.state.files.borrow().status(id)?.size,
        _ => return Err(Errno::Inval.into()),
    };
    let position = from
        .checked_add_signed(arguments.i64(1))
        .filter(|&position| i64::try_from(position).is_ok())
        .ok_or(Errno::Inval)?;
    call.write_u64(arguments.u32(3), position)?;
    call.state.wasi.descriptors.get_mut(fd)?.position = position;
    Ok(())
}

/// `fd_tell(fd, offset)`.
pub fn fd_tell(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let fd = arguments.u32(0);
    file(call, fd)?;
    let position = call.state.wasi.descriptors.get(fd)?.position;
    call.write_u64(arguments.u32(1), position)?;
    Ok(())
}

/// `fdflags`, when there are none that do not exist.
///
/// # Errors
/// [`Errno::Inval`].
pub fn checked_flags(value: u32) -> Result<u16, Errno> {
    u16::try_from(value)
        .ok()
        .filter(|value| value & !flags::ALL == 0)
        .ok_or(Errno::Inval)
}

/// The file that a descriptor stands for; a stream has no position, a directory no content.
fn file(call: &Call<'_>, fd: u32) -> Result<NodeId, Errno> {
    match call.state.wasi.descriptors.get(fd)?.target {
        Target::File(id) => Ok(id),
        Target::Directory(_) => Err(Errno::Badf),
        Target::Input | Target::Output | Target::Error => Err(Errno::Spipe),
    }
}

fn writable_file(call: &Call<'_>, fd: u32) -> Result<NodeId, Failure> {
    let descriptor = call.state.wasi.descriptors.get(fd)?;
    match descriptor.target {
        Target::File(_) if descriptor.rights & rights::FD_WRITE == 0 => Err(Errno::Badf.into()),
        Target::File(id) => Ok(id),
        _ => Err(Errno::Inval.into()),
    }
}

fn filetype(call: &Call<'_>, descriptor: &Descriptor) -> u8 {
    let output_is_log = matches!(call.state.wasi.output, Output::Log);
    layout::filetype_of(descriptor.target, output_is_log)
}
