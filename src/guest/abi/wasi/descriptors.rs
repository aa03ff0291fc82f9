//! The table of open file descriptors.

use std::collections::BTreeMap;

use super::errno::Errno;
use crate::guest::files::NodeId;
use crate::guest::process::SharedFiles;

/// Open descriptors of one process: Lambda's quota of file descriptors.
pub const MAX_DESCRIPTORS: usize = 1024;

/// The name under which the one preopened directory is known.
pub const PREOPENED: &str = "/tmp";

/// Rights that decide something here. The others are carried and shown, never asked.
pub mod rights {
    /// `fd_read`.
    pub const FD_READ: u64 = 1 << 1;
    /// `fd_write`.
    pub const FD_WRITE: u64 = 1 << 6;
    /// All that make sense for a file: everything from `fd_datasync` to `fd_allocate`, the `fd_filestat` rights, polling.
    pub const FILE: u64 = 0x1FF | 1 << 21 | 1 << 22 | 1 << 23 | 1 << 27;
    /// All that make sense for a directory: the `path` rights, `fd_readdir`, and what any descriptor can do.
    pub const DIRECTORY: u64 =
        1 << 3 | 1 << 4 | 0xFE00 | 0x001F_0000 | 1 << 21 | 1 << 23 | 0x0700_0000;
    /// What standard input can do: no seeking, which is how C's `isatty` knows a stream.
    pub const INPUT: u64 = FD_READ | 1 << 3 | 1 << 21 | 1 << 27;
    /// What standard output and error can do.
    pub const OUTPUT: u64 = FD_WRITE | 1 << 3 | 1 << 21 | 1 << 27;
}

/// `fdflags`.
pub mod flags {
    /// Writes go to the end.
    pub const APPEND: u16 = 1;
    /// Everything there is: append, dsync, nonblock, rsync, sync. All but append change nothing here.
    pub const ALL: u16 = 0x1F;
}

/// What a descriptor stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
    /// A file in `/tmp`.
    File(NodeId),
    /// A directory in `/tmp`.
    Directory(NodeId),
}

/// An open descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// What it stands for.
    pub target: Target,
    /// Where the next read or write of a file happens.
    pub position: u64,
    /// `fdflags`.
    pub flags: u16,
    /// Rights on it.
    pub rights: u64,
    /// Rights on what is opened through it.
    pub inheriting: u64,
    /// Whether it was there from the start.
    pub preopened: bool,
}

impl Descriptor {
    fn stream(target: Target, rights: u64) -> Self {
        Self {
            target,
            position: 0,
            flags: 0,
            rights,
            inheriting: 0,
            preopened: false,
        }
    }
}

/// The descriptors of one process. It holds what they have open in the file system until they are closed or it goes.
pub struct Descriptors {
    files: SharedFiles,
    table: BTreeMap<u32, Descriptor>,
}

impl Descriptors {
    /// 0, 1 and 2 for the standard streams, 3 for `/tmp`.
    pub fn new(files: &SharedFiles) -> Self {
        let root = {
            let mut files = files.borrow_mut();
            let root = files.root();
            files.hold(root);
            root
        };
        let tmp = Descriptor {
            target: Target::Directory(root),
            position: 0,
            flags: 0,
            rights: rights::DIRECTORY,
            inheriting: rights::DIRECTORY | rights::FILE,
            preopened: true,
        };
        let table = [
            Descriptor::stream(Target::Input, rights::INPUT),
            Descriptor::stream(Target::Output, rights::OUTPUT),
            Descriptor::stream(Target::Error, rights::OUTPUT),
            tmp,
        ];
        Self {
            files: files.clone(),
            table: (0..).zip(table).collect(),
        }
    }

    /// The descriptor `fd`.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    pub fn get(&self, fd: u32) -> Result<Descriptor, Errno> {
        self.table.get(&fd).copied().ok_or(Errno::Badf)
    }

    /// The descriptor `fd`, to change.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    pub fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        self.table.get_mut(&fd).ok_or(Errno::Badf)
    }

    /// The directory that `fd` stands for.
    ///
    /// # Errors
    /// [`Errno::Badf`], [`Errno::Notdir`].
    pub fn directory(&self, fd: u32) -> Result<NodeId, Errno> {
        match self.get(fd)?.target {
            Target::Directory(id) => Ok(id),
            _ => Err(Errno::Notdir),
        }
    }

    /// The number that the next descriptor will have: the lowest free one.
    ///
    /// # Errors
    /// [`Errno::Mfile`].
    pub fn next(&self) -> Result<u32, Errno> {
        if self.table.len() >= MAX_DESCRIPTORS {
            return Err(Errno::Mfile);
        }
        let taken = (0..).zip(self.table.keys()).take_while(|(i, fd)| i == *fd);
        Ok(taken.count() as u32)
    }

    /// Puts a descriptor, whose node is held already, under a free number.
    pub fn insert(&mut self, fd: u32, descriptor: Descriptor) {
        if let Some(old) = self.table.insert(fd, descriptor) {
            self.release(old);
        }
    }

    /// Closes `fd`.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    pub fn close(&mut self, fd: u32) -> Result<(), Errno> {
        let old = self.table.remove(&fd).ok_or(Errno::Badf)?;
        self.release(old);
        Ok(())
    }

    /// Moves `from` to the number `to`, which must be open and is closed.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    pub fn renumber(&mut self, from: u32, to: u32) -> Result<(), Errno> {
        let descriptor = self.get(from)?;
        self.get(to)?;
        if from != to {
            self.table.remove(&from);
            self.insert(to, descriptor);
        }
        Ok(())
    }

    fn release(&self, descriptor: Descriptor) {
        if let Target::File(id) | Target::Directory(id) = descriptor.target {
            // Nobody holds the files while a descriptor is closed; a panic in `drop` would be worse than a leak.
            if let Ok(mut files) = self.files.try_borrow_mut() {
                files.close(id);
            }
        }
    }
}

impl Drop for Descriptors {
    fn drop(&mut self) {
        for descriptor in std::mem::take(&mut self.table).into_values() {
            self.release(descriptor);
        }
    }
}
