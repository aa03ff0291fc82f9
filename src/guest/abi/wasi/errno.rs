//! WASI preview 1's error numbers, those that we use.

use crate::guest::engine::{OutOfBounds, Stop};
use crate::guest::files::FileError;
use crate::guest::process::PhaseEnd;

/// Why a call did not do what it was asked to. The numbers are the interface's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum Errno {
    /// Bad file descriptor, or one that is not open for this.
    Badf = 8,
    /// File exists.
    Exist = 20,
    /// Bad address.
    Fault = 21,
    /// File too large.
    Fbig = 22,
    /// Illegal byte sequence.
    Ilseq = 25,
    /// Invalid argument.
    Inval = 28,
    /// Is a directory.
    Isdir = 31,
    /// Too many open files.
    Mfile = 33,
    /// Name too long.
    Nametoolong = 37,
    /// No such file or directory.
    Noent = 44,
    /// No space left on device.
    Nospc = 51,
    /// Function not implemented.
    Nosys = 52,
    /// Not a directory.
    Notdir = 54,
    /// Directory not empty.
    Notempty = 55,
    /// Invalid seek.
    Spipe = 70,
    /// Capabilities insufficient.
    Notcapable = 76,
}

/// How a WASI function ends when it does not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The guest is told.
    Errno(Errno),
    /// The guest is stopped.
    Stop(Stop),
    /// A file operation failed. The device's own failure among these stops the guest.
    File(FileError),
}

impl From<Errno> for Failure {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<OutOfBounds> for Failure {
    fn from(_: OutOfBounds) -> Self {
        Self::Errno(Errno::Fault)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

/// What the guest is told about a failed file operation.
///
/// # Errors
/// The end of the phase, when it was not the guest's fault.
pub fn file_errno(error: FileError) -> Result<Errno, PhaseEnd> {
    Ok(match error {
        FileError::Exists => Errno::Exist,
        FileError::NotFound => Errno::Noent,
        FileError::NotDirectory => Errno::Notdir,
        FileError::IsDirectory => Errno::Isdir,
        FileError::NotEmpty => Errno::Notempty,
        FileError::NoSpace => Errno::Nospc,
        FileError::TooLarge => Errno::Fbig,
        FileError::NameTooLong => Errno::Nametoolong,
        FileError::NotBeneath => Errno::Notcapable,
        FileError::NotText => Errno::Ilseq,
        FileError::Invalid => Errno::Inval,
        FileError::Device => {
            let text = "the device has no memory left for the files in /tmp";
            return Err(PhaseEnd::EngineFailed(text.to_owned()));
        }
    })
}
