//! `/tmp`: an in-memory file system bounded by the ephemeral storage setting.
//!
//! It belongs to an execution environment and outlives its processes. There are directories and regular files, no links.
//! Times are virtual, the order of a directory's entries is the order of their creation, so everything repeats exactly.

mod content;
mod names;
mod path;
mod tree;

use content::Content;
pub use content::{BLOCK, MAX_FILE_BYTES};
pub use names::Opening;
pub use path::{MAX_NAME_BYTES, MAX_PATH_BYTES};
pub use tree::{Entry, Files, MAX_NODES, NodeId};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// A directory.
    Directory,
    /// A regular file.
    File,
}

/// What is known of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Its number, never used twice within a file system.
    pub id: u64,
    /// What it is.
    pub kind: NodeKind,
    /// Names it has: 0 once it is removed while somebody has it open, else 1.
    pub links: u64,
    /// Bytes of content; one block for a directory.
    pub size: u64,
    /// Nanoseconds since 1970 of its creation. Reading does not change it, as with the mount option `noatime`.
    pub accessed: u64,
    /// Nanoseconds since 1970 of the last change of its content.
    pub modified: u64,
    /// Nanoseconds since 1970 of the last change of its content, name or size.
    pub changed: u64,
}

/// Why an operation did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileError {
    /// There is already something of that name.
    Exists,
    /// There is nothing of that name.
    NotFound,
    /// A file where a directory is needed.
    NotDirectory,
    /// A directory where a file is needed.
    IsDirectory,
    /// The directory has entries.
    NotEmpty,
    /// The storage, or the number of files, is used up.
    NoSpace,
    /// Beyond [`MAX_FILE_BYTES`].
    TooLarge,
    /// A path or name is too long.
    NameTooLong,
    /// The path leads out of the directory that it starts from.
    NotBeneath,
    /// The path is not UTF-8.
    NotText,
    /// It makes no sense: a NUL in a name, a directory moved into itself.
    Invalid,
    /// The visitor's device has no memory left. Not a limit of Lambda's.
    Device,
}
