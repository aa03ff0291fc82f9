//! Names: opening, creating, removing, renaming, listing.

use super::Outcome;
use super::descriptors::{Descriptor, PREOPENED, Target, rights};
use super::errno::{Errno, Failure};
use super::files::checked_flags;
use super::layout::{self, DIRENT, PRESTAT, Record};
use crate::guest::abi::call::{Arguments, Call};
use crate::guest::abi::{prices, service_call};
use crate::guest::files::{MAX_PATH_BYTES, NodeId, NodeKind, Opening};

/// `oflags`.
mod oflags {
    pub const CREATE: u32 = 1;
    pub const DIRECTORY: u32 = 1 << 1;
    pub const EXCLUSIVE: u32 = 1 << 2;
    pub const TRUNCATE: u32 = 1 << 3;
    pub const ALL: u32 = 0xF;
}

/// `fd_prestat_get(fd, prestat)`.
pub fn fd_prestat_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    preopened(call, arguments.u32(0))?;
    let length = PREOPENED.len() as u32;
    let record: Record<PRESTAT> = Record::new().put(4, &length.to_le_bytes());
    call.write(arguments.u32(1), record)?;
    Ok(())
}

/// `fd_prestat_dir_name(fd, path, path_len)`.
pub fn fd_prestat_dir_name(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    preopened(call, arguments.u32(0))?;
    if (arguments.u32(2) as usize) < PREOPENED.len() {
        return Err(Errno::Nametoolong.into());
    }
    call.guest.write(arguments.u32(1), PREOPENED.as_bytes())?;
    Ok(())
}

/// `path_open(fd, dirflags, path, path_len, oflags, fs_rights_base, fs_rights_inheriting, fdflags, opened_fd)`.
pub fn path_open(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let base_fd = arguments.u32(0);
    let base = call.state.wasi.descriptors.directory(base_fd)?;
    let allowed = call.state.wasi.descriptors.get(base_fd)?.inheriting;
    let path = path(call, arguments, 2)?;
    let oflags = arguments.u32(4);
    let wanted = arguments.u64(5) & allowed;
    let flags = checked_flags(arguments.u32(7))?;
    call.check(arguments.u32(8), 4)?;
    let fd = call.state.wasi.descriptors.next()?;
    let how = Opening {
        create: oflags & oflags::CREATE != 0,
        exclusive: oflags & oflags::EXCLUSIVE != 0,
        truncate: oflags & oflags::TRUNCATE != 0,
        directory: oflags & oflags::DIRECTORY != 0,
        // A program that asks for a directory may ask for every right there is.
        write: wanted & rights::FD_WRITE != 0 && oflags & oflags::DIRECTORY == 0,
    };
    let senseless = oflags & !oflags::ALL != 0
        || how.create && how.directory
        || how.truncate && wanted & rights::FD_WRITE == 0;
    if senseless {
        return Err(Errno::Inval.into());
    }
    let now = call.state.realtime();
    let (id, status) = {
        let mut files = call.state.files.borrow_mut();
        let called = (base == files.root())
            .then(|| service_call::operation(&path))
            .flatten();
        if called.is_some() && how.create {
            // There from the first call on; a plain file in its place is an error of the opening below.
            let _ = files.create_directory(base, service_call::DIRECTORY, now);
        }
        let id = files.open(base, &path, how, now)?;
        if let Some(operation) = called.filter(|_| how.write) {
            let operations = &mut call.state.wasi.operations;
            operations.insert(id, operation.to_vec());
        }
        (id, files.status(id)?)
    };
    let (target, rights, inheriting) = match status.kind {
        NodeKind::File => (Target::File(id), wanted & rights::FILE, 0),
        NodeKind::Directory => (
            Target::Directory(id),
            wanted & rights::DIRECTORY,
            arguments.u64(6) & allowed,
        ),
    };
    let descriptor = Descriptor {
        target,
        position: 0,
        flags,
        rights,
        inheriting,
        preopened: false,
    };
    call.state.wasi.descriptors.insert(fd, descriptor);
    call.write_u32(arguments.u32(8), fd)?;
    Ok(())
}

/// `path_filestat_get(fd, flags, path, path_len, stat)`.
pub fn path_filestat_get(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (base, path) = located(call, arguments, 0, 2)?;
    let status = {
        let files = call.state.files.borrow();
        files.status(files.find(base, &path)?)?
    };
    call.write(arguments.u32(4), layout::filestat(&status))?;
    Ok(())
}

/// `path_create_directory(fd, path, path_len)`.
pub fn path_create_directory(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (base, path) = located(call, arguments, 0, 1)?;
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    Ok(files.create_directory(base, &path, now)?)
}

/// `path_remove_directory(fd, path, path_len)`.
pub fn path_remove_directory(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (base, path) = located(call, arguments, 0, 1)?;
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    Ok(files.remove_directory(base, &path, now)?)
}

/// `path_unlink_file(fd, path, path_len)`.
pub fn path_unlink_file(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (base, path) = located(call, arguments, 0, 1)?;
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    Ok(files.remove_file(base, &path, now)?)
}

/// `path_rename(fd, old_path, old_path_len, new_fd, new_path, new_path_len)`.
pub fn path_rename(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let (from_base, from) = located(call, arguments, 0, 1)?;
    let (to_base, to) = located(call, arguments, 3, 4)?;
    let now = call.state.realtime();
    let mut files = call.state.files.borrow_mut();
    Ok(files.rename((from_base, &from), (to_base, &to), now)?)
}

/// `fd_readdir(fd, buf, buf_len, cookie, bufused)`. The last entry is cut off at the end of the buffer, as the interface
/// has it; a buffer that is not filled means that there is no more.
pub fn fd_readdir(call: &mut Call<'_>, arguments: &Arguments<'_>) -> Outcome {
    let directory = call.state.wasi.descriptors.directory(arguments.u32(0))?;
    let (buffer, room) = (arguments.u32(1), arguments.u32(2));
    call.check(buffer, u64::from(room))?;
    call.check(arguments.u32(4), 4)?;
    let mut listing = Vec::new();
    {
        let files = call.state.files.borrow();
        let mut place = arguments.u64(3);
        while listing.len() < room as usize {
            let Some(entry) = files.entry(directory, place)? else {
                break;
            };
            let record: Record<DIRENT> = Record::new()
                .put(0, &entry.next.to_le_bytes())
                .put(8, &entry.id.to_le_bytes())
                .put(16, &(entry.name.len() as u32).to_le_bytes())
                .put(20, &[layout::kind(entry.kind)]);
            listing.extend_from_slice(&record.0);
            listing.extend_from_slice(entry.name.as_bytes());
            place = entry.next;
        }
    }
    listing.truncate(room as usize);
    call.state.charge(prices::copy(listing.len() as u64))?;
    call.guest.write(buffer, &listing)?;
    call.write_u32(arguments.u32(4), listing.len() as u32)?;
    Ok(())
}

fn preopened(call: &Call<'_>, fd: u32) -> Result<(), Errno> {
    if call.state.wasi.descriptors.get(fd)?.preopened {
        Ok(())
    } else {
        Err(Errno::Badf)
    }
}

/// The directory and the path of a call, from its arguments number `fd`, and `at` and the one after it.
fn located(
    call: &mut Call<'_>,
    arguments: &Arguments<'_>,
    fd: usize,
    at: usize,
) -> Result<(NodeId, Vec<u8>), Failure> {
    let base = call.state.wasi.descriptors.directory(arguments.u32(fd))?;
    Ok((base, path(call, arguments, at)?))
}

/// The path that arguments `at` and `at + 1` describe.
fn path(call: &mut Call<'_>, arguments: &Arguments<'_>, at: usize) -> Result<Vec<u8>, Failure> {
    let length = arguments.u32(at + 1);
    if length as usize > MAX_PATH_BYTES {
        return Err(Errno::Nametoolong.into());
    }
    call.check(arguments.u32(at), u64::from(length))?;
    call.state.charge(prices::copy(u64::from(length)))?;
    Ok(call.read(arguments.u32(at), length)?)
}
