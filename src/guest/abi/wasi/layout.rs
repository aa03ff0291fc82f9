//! Records as they lie in the guest's memory: little-endian, with the offsets of the witx description.

use super::descriptors::{Descriptor, Target};
use crate::guest::abi::call::Call;
use crate::guest::engine::OutOfBounds;
use crate::guest::files::{NodeKind, Status};

/// `filetype`.
pub mod filetype {
    /// Not known; what a pipe is.
    pub const UNKNOWN: u8 = 0;
    /// A terminal, for instance.
    pub const CHARACTER_DEVICE: u8 = 2;
    /// A directory.
    pub const DIRECTORY: u8 = 3;
    /// A regular file.
    pub const REGULAR_FILE: u8 = 4;
}

/// Size of `fdstat`.
pub const FDSTAT: usize = 24;
/// Size of `filestat`.
pub const FILESTAT: usize = 64;
/// Size of `prestat`.
pub const PRESTAT: usize = 8;
/// Size of `dirent`, without the name that follows it.
pub const DIRENT: usize = 24;
/// Size of `iovec` and `ciovec`.
pub const IOVEC: usize = 8;
/// Size of `subscription`.
pub const SUBSCRIPTION: usize = 48;
/// Size of `event`.
pub const EVENT: usize = 32;

/// A record under construction; what is not put stays zero.
#[derive(Debug, Clone, Copy)]
pub struct Record<const N: usize>(pub [u8; N]);

impl<const N: usize> Record<N> {
    /// All zeros.
    pub const fn new() -> Self {
        Self([0; N])
    }

    /// Puts a field. What would lie outside the record is left out: offsets are constants, and the tests look at them.
    pub fn put(mut self, offset: usize, bytes: &[u8]) -> Self {
        if let Some(field) = self.0.get_mut(offset..offset + bytes.len()) {
            field.copy_from_slice(bytes);
        }
        self
    }
}

/// The number at `offset` of a record.
pub fn u64_at(record: &[u8], offset: usize) -> u64 {
    record
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<8>())
        .map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// The number at `offset` of a record.
pub fn u32_at(record: &[u8], offset: usize) -> u32 {
    record
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<4>())
        .map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The number at `offset` of a record.
pub fn u16_at(record: &[u8], offset: usize) -> u16 {
    record
        .get(offset..)
        .and_then(|rest| rest.first_chunk::<2>())
        .map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

/// `fdstat` of a descriptor.
pub fn fdstat(descriptor: &Descriptor, filetype: u8) -> Record<FDSTAT> {
    Record::new()
        .put(0, &[filetype])
        .put(2, &descriptor.flags.to_le_bytes())
        .put(8, &descriptor.rights.to_le_bytes())
        .put(16, &descriptor.inheriting.to_le_bytes())
}

/// `filestat` of a file or directory.
pub fn filestat(status: &Status) -> Record<FILESTAT> {
    Record::new()
        .put(0, &1_u64.to_le_bytes())
        .put(8, &status.id.to_le_bytes())
        .put(16, &[kind(status.kind)])
        .put(24, &status.links.to_le_bytes())
        .put(32, &status.size.to_le_bytes())
        .put(40, &status.accessed.to_le_bytes())
        .put(48, &status.modified.to_le_bytes())
        .put(56, &status.changed.to_le_bytes())
}

/// `filestat` of a standard stream.
pub fn stream_filestat(filetype: u8) -> Record<FILESTAT> {
    Record::new()
        .put(16, &[filetype])
        .put(24, &1_u64.to_le_bytes())
}

/// `filetype` of a node.
pub fn kind(kind: NodeKind) -> u8 {
    match kind {
        NodeKind::Directory => filetype::DIRECTORY,
        NodeKind::File => filetype::REGULAR_FILE,
    }
}

/// `filetype` of a descriptor. What goes to the log is a character device, so that C writes it line by line; what carries
/// the event and the answer is a pipe, as it is on Lambda.
pub fn filetype_of(target: Target, output_is_log: bool) -> u8 {
    match target {
        Target::Input => filetype::UNKNOWN,
        Target::Output if output_is_log => filetype::CHARACTER_DEVICE,
        Target::Output => filetype::UNKNOWN,
        Target::Error => filetype::CHARACTER_DEVICE,
        Target::File(_) => filetype::REGULAR_FILE,
        Target::Directory(_) => filetype::DIRECTORY,
    }
}

impl Call<'_> {
    /// Writes a record.
    ///
    /// # Errors
    /// When it would not be inside the memory.
    pub(super) fn write<const N: usize>(
        &mut self,
        at: u32,
        record: Record<N>,
    ) -> Result<(), OutOfBounds> {
        self.guest.write(at, &record.0)
    }

    /// Writes a 32-bit number.
    ///
    /// # Errors
    /// When it would not be inside the memory.
    pub(super) fn write_u32(&mut self, at: u32, value: u32) -> Result<(), OutOfBounds> {
        self.guest.write(at, &value.to_le_bytes())
    }

    /// Writes a 64-bit number.
    ///
    /// # Errors
    /// When it would not be inside the memory.
    pub(super) fn write_u64(&mut self, at: u32, value: u64) -> Result<(), OutOfBounds> {
        self.guest.write(at, &value.to_le_bytes())
    }
}
