//! Operations by name: finding, opening, creating, removing, renaming.

use super::path::Path;
use super::tree::Body;
use super::{Content, FileError, Files, NodeId, NodeKind};

/// How [`Files::open`] opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opening {
    /// Create the file when there is none.
    pub create: bool,
    /// With `create`: fail when there is one.
    pub exclusive: bool,
    /// Empty the file.
    pub truncate: bool,
    /// It must be a directory.
    pub directory: bool,
    /// It is meant to be written, so it must not be a directory.
    pub write: bool,
}

/// Where a path leads: to a directory itself, or to a name in it that may or may not exist.
struct Place<'a> {
    directory: NodeId,
    name: Option<&'a str>,
    /// The path can only mean a directory.
    must_be_directory: bool,
}

impl Files {
    /// Finds the node at `path`, starting from the directory `base`.
    ///
    /// # Errors
    /// As for [`Path::parse`], and [`FileError::NotFound`], [`FileError::NotDirectory`], [`FileError::NotBeneath`].
    pub fn find(&self, base: NodeId, path: &[u8]) -> Result<NodeId, FileError> {
        let place = self.place(base, path)?;
        self.existing(&place)
    }

    /// Finds or creates the node at `path` and holds it open until [`Files::close`].
    ///
    /// # Errors
    /// As [`Files::find`], and [`FileError::Exists`], [`FileError::IsDirectory`], [`FileError::NoSpace`].
    pub fn open(
        &mut self,
        base: NodeId,
        path: &[u8],
        how: Opening,
        now: u64,
    ) -> Result<NodeId, FileError> {
        let place = self.place(base, path)?;
        let id = match self.existing(&place) {
            Ok(_) if how.create && how.exclusive => return Err(FileError::Exists),
            Ok(id) => id,
            Err(FileError::NotFound) if how.create => match place.name {
                // As Linux has it: a file cannot be created by a path that ends with a slash.
                Some(_) if place.must_be_directory => return Err(FileError::IsDirectory),
                Some(name) => {
                    self.create(place.directory, name, Body::File(Content::default()), now)?
                }
                None => return Err(FileError::NotFound),
            },
            Err(error) => return Err(error),
        };
        match self.status(id)?.kind {
            NodeKind::File if how.directory => return Err(FileError::NotDirectory),
            NodeKind::Directory if how.write || how.truncate => return Err(FileError::IsDirectory),
            NodeKind::File if how.truncate => self.set_size(id, 0, now)?,
            _ => {}
        }
        self.hold(id);
        Ok(id)
    }

    /// Creates a directory.
    ///
    /// # Errors
    /// As [`Files::find`], and [`FileError::Exists`], [`FileError::NoSpace`].
    pub fn create_directory(
        &mut self,
        base: NodeId,
        path: &[u8],
        now: u64,
    ) -> Result<(), FileError> {
        let place = self.place(base, path)?;
        let Some(name) = place.name else {
            return Err(FileError::Exists);
        };
        if self.names(place.directory)?.contains_key(name) {
            return Err(FileError::Exists);
        }
        self.create(place.directory, name, Body::directory(), now)?;
        Ok(())
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// As [`Files::find`], and [`FileError::NotEmpty`]; [`FileError::Invalid`] for `.` and `..`.
    pub fn remove_directory(
        &mut self,
        base: NodeId,
        path: &[u8],
        now: u64,
    ) -> Result<(), FileError> {
        let place = self.place(base, path)?;
        let id = self.existing(&place)?;
        let name = place.name.ok_or(FileError::Invalid)?;
        if !self.names(id)?.is_empty() {
            return Err(FileError::NotEmpty);
        }
        self.unlink(place.directory, name, now)
    }

    /// Removes a file. Whoever has it open can go on using it.
    ///
    /// # Errors
    /// As [`Files::find`], and [`FileError::IsDirectory`].
    pub fn remove_file(&mut self, base: NodeId, path: &[u8], now: u64) -> Result<(), FileError> {
        let place = self.place(base, path)?;
        let id = self.existing(&place)?;
        match place.name {
            Some(name) if self.status(id)?.kind == NodeKind::File => {
                self.unlink(place.directory, name, now)
            }
            _ => Err(FileError::IsDirectory),
        }
    }

    /// Renames; what has the new name already is replaced, as `rename` of POSIX does.
    ///
    /// # Errors
    /// As [`Files::find`], and [`FileError::IsDirectory`], [`FileError::NotEmpty`], [`FileError::Invalid`] for a
    /// directory that would come into itself.
    pub fn rename(
        &mut self,
        (from_base, from): (NodeId, &[u8]),
        (to_base, to): (NodeId, &[u8]),
        now: u64,
    ) -> Result<(), FileError> {
        let (source, target) = (self.place(from_base, from)?, self.place(to_base, to)?);
        let id = self.existing(&source)?;
        let (Some(old), Some(new)) = (source.name, target.name) else {
            return Err(FileError::Invalid);
        };
        let kind = self.status(id)?.kind;
        if kind == NodeKind::File && target.must_be_directory {
            return Err(FileError::NotDirectory);
        }
        if self.is_within(target.directory, id) {
            return Err(FileError::Invalid);
        }
        match self.names(target.directory)?.get(new).copied() {
            Some(there) if there == id => return Ok(()),
            Some(there) => {
                match (kind, self.status(there)?.kind) {
                    (NodeKind::File, NodeKind::Directory) => return Err(FileError::IsDirectory),
                    (NodeKind::Directory, NodeKind::File) => return Err(FileError::NotDirectory),
                    (NodeKind::Directory, NodeKind::Directory)
                        if !self.names(there)?.is_empty() =>
                    {
                        return Err(FileError::NotEmpty);
                    }
                    _ => {}
                }
                self.unlink(target.directory, new, now)?;
            }
            None if !self.node(target.directory)?.linked => return Err(FileError::NotFound),
            None => {}
        }
        self.detach(source.directory, old, now)?;
        self.attach(target.directory, new, id, now)
    }

    /// Follows all but the last name of a path, never above `base`.
    fn place<'a>(&self, base: NodeId, path: &'a [u8]) -> Result<Place<'a>, FileError> {
        let path = Path::parse(path)?;
        let mut directory = base;
        self.names(directory)?;
        let mut depth = 0_usize;
        let mut components = path.components.iter().peekable();
        while let Some(&name) = components.next() {
            if name == ".." {
                depth = depth.checked_sub(1).ok_or(FileError::NotBeneath)?;
                directory = self.node(directory)?.parent;
            } else if components.peek().is_none() {
                return Ok(Place {
                    directory,
                    name: Some(name),
                    must_be_directory: path.directory,
                });
            } else {
                let names = self.names(directory)?;
                directory = *names.get(name).ok_or(FileError::NotFound)?;
                self.names(directory)?;
                depth += 1;
            }
        }
        Ok(Place {
            directory,
            name: None,
            must_be_directory: true,
        })
    }

    fn existing(&self, place: &Place<'_>) -> Result<NodeId, FileError> {
        let Some(name) = place.name else {
            return Ok(place.directory);
        };
        let names = self.names(place.directory)?;
        let id = *names.get(name).ok_or(FileError::NotFound)?;
        if place.must_be_directory {
            self.names(id)?;
        }
        Ok(id)
    }

    /// Whether `directory` is `ancestor` or somewhere below it.
    fn is_within(&self, mut directory: NodeId, ancestor: NodeId) -> bool {
        loop {
            if directory == ancestor {
                return true;
            }
            match self.nodes.get(&directory) {
                Some(node) if node.parent != directory => directory = node.parent,
                _ => return false,
            }
        }
    }
}
