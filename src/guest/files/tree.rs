//! Directories, names and open files.

use std::collections::BTreeMap;

use super::content::{BLOCK, Content};
use super::path::Path;
use super::{FileError, NodeKind, Status};

/// The most files and directories, the root included; keeps what a hostile function can take of the visitor's memory
/// near the storage setting. Lambda's own limit is not documented.
pub const MAX_NODES: usize = 65_536;

/// The default of Lambda's ephemeral storage setting, 512 MB.
const DEFAULT_LIMIT: u64 = 512 << 20;

/// A file or directory, by number. Numbers grow and are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NodeId(u64);

impl NodeId {
    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// The number of the root. Smaller ones are left for `.` and `..` among the places in a listing.
const ROOT: NodeId = NodeId(2);

/// The files of one execution environment.
#[derive(Debug, Clone)]
pub struct Files {
    limit: u64,
    used: u64,
    nodes: BTreeMap<NodeId, Node>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Node {
    body: Body,
    parent: NodeId,
    linked: bool,
    /// How often it is open; a removed node goes when nobody has it open.
    opens: u32,
    accessed: u64,
    modified: u64,
    changed: u64,
}

#[derive(Debug, Clone)]
enum Body {
    Directory {
        names: BTreeMap<String, NodeId>,
        /// The same by number, for listing.
        order: BTreeMap<NodeId, String>,
    },
    File(Content),
}

impl Body {
    fn directory() -> Self {
        Self::Directory {
            names: BTreeMap::new(),
            order: BTreeMap::new(),
        }
    }
}

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

/// One line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where the listing goes on after this entry. Stays right when other entries come and go.
    pub next: u64,
    /// The node's number.
    pub id: u64,
    /// What it is.
    pub kind: NodeKind,
    /// Its name.
    pub name: String,
}

/// Where a path leads: to a directory itself, or to a name in it that may or may not exist.
struct Place<'a> {
    directory: NodeId,
    name: Option<&'a str>,
    /// The path can only mean a directory.
    must_be_directory: bool,
}

impl Default for Files {
    fn default() -> Self {
        Self::new(DEFAULT_LIMIT)
    }
}

impl Files {
    /// An empty `/tmp` for `limit_bytes` of content, counted in whole blocks.
    pub fn new(limit_bytes: u64) -> Self {
        let root = Node {
            body: Body::directory(),
            parent: ROOT,
            linked: true,
            opens: 0,
            accessed: 0,
            modified: 0,
            changed: 0,
        };
        Self {
            limit: limit_bytes,
            used: 0,
            nodes: BTreeMap::from([(ROOT, root)]),
            next: ROOT.0 + 1,
        }
    }

    /// Bytes of content that fit.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Bytes of content taken, in whole blocks.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// The directory `/tmp` itself.
    pub fn root(&self) -> NodeId {
        ROOT
    }

    /// What is known of a node.
    ///
    /// # Errors
    /// [`FileError::NotFound`] when it is gone.
    pub fn status(&self, id: NodeId) -> Result<Status, FileError> {
        let node = self.node(id)?;
        let (kind, size) = match &node.body {
            Body::Directory { .. } => (NodeKind::Directory, BLOCK),
            Body::File(content) => (NodeKind::File, content.size()),
        };
        Ok(Status {
            id: id.0,
            kind,
            links: u64::from(node.linked),
            size,
            accessed: node.accessed,
            modified: node.modified,
            changed: node.changed,
        })
    }

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

    /// Holds a node open once more.
    pub fn hold(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.opens = node.opens.saturating_add(1);
        }
    }

    /// Undoes one [`Files::open`] or [`Files::hold`].
    pub fn close(&mut self, id: NodeId) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.opens = node.opens.saturating_sub(1);
        }
        self.collect(id);
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

    /// Reads a file; the number of bytes is short at its end only.
    ///
    /// # Errors
    /// [`FileError::IsDirectory`].
    pub fn read(&self, id: NodeId, at: u64, into: &mut [u8]) -> Result<usize, FileError> {
        match &self.node(id)?.body {
            Body::File(content) => Ok(content.read(at, into)),
            Body::Directory { .. } => Err(FileError::IsDirectory),
        }
    }

    /// Writes a file; the number of bytes is short when the storage is used up on the way.
    ///
    /// # Errors
    /// When nothing was written: [`FileError::NoSpace`], [`FileError::TooLarge`], [`FileError::IsDirectory`],
    /// [`FileError::Device`].
    pub fn write(
        &mut self,
        id: NodeId,
        at: u64,
        bytes: &[u8],
        now: u64,
    ) -> Result<usize, FileError> {
        self.change(id, now, |content, budget| content.write(at, bytes, budget))
    }

    /// Cuts a file short or lengthens it with zeros, which take no storage.
    ///
    /// # Errors
    /// [`FileError::TooLarge`], [`FileError::IsDirectory`].
    pub fn set_size(&mut self, id: NodeId, size: u64, now: u64) -> Result<(), FileError> {
        self.change(id, now, |content, _| content.set_size(size))
    }

    /// Takes the storage for a range of a file now.
    ///
    /// # Errors
    /// As [`Files::write`].
    pub fn allocate(&mut self, id: NodeId, at: u64, len: u64, now: u64) -> Result<(), FileError> {
        self.change(id, now, |content, budget| content.allocate(at, len, budget))
    }

    /// The first entry of a directory after the place `after`, which is 0 at the start and [`Entry::next`] then. `.` and
    /// `..` come first; the parent of the root is the root.
    ///
    /// # Errors
    /// [`FileError::NotDirectory`].
    pub fn entry(&self, directory: NodeId, after: u64) -> Result<Option<Entry>, FileError> {
        let node = self.node(directory)?;
        let Body::Directory { order, .. } = &node.body else {
            return Err(FileError::NotDirectory);
        };
        let (next, id, name) = match after {
            0 => (1, directory, "."),
            1 => (2, node.parent, ".."),
            _ => {
                let rest = (
                    std::ops::Bound::Excluded(NodeId(after)),
                    std::ops::Bound::Unbounded,
                );
                match order.range(rest).next() {
                    Some((id, name)) => (id.0, *id, name.as_str()),
                    None => return Ok(None),
                }
            }
        };
        let kind = match self.nodes.get(&id).map(|node| &node.body) {
            Some(Body::File(_)) => NodeKind::File,
            _ => NodeKind::Directory,
        };
        Ok(Some(Entry {
            next,
            id: id.0,
            kind,
            name: name.to_owned(),
        }))
    }

    /// Changes a file's content within the storage that is left, and keeps the account of it.
    fn change<T>(
        &mut self,
        id: NodeId,
        now: u64,
        change: impl FnOnce(&mut Content, u64) -> Result<T, FileError>,
    ) -> Result<T, FileError> {
        let budget = self.limit.saturating_sub(self.used);
        let node = self.nodes.get_mut(&id).ok_or(FileError::NotFound)?;
        let Body::File(content) = &mut node.body else {
            return Err(FileError::IsDirectory);
        };
        let before = content.stored();
        let result = change(content, budget);
        self.used = (self.used + content.stored()).saturating_sub(before);
        if result.is_ok() {
            node.modified = now;
            node.changed = now;
        }
        result
    }

    fn node(&self, id: NodeId) -> Result<&Node, FileError> {
        self.nodes.get(&id).ok_or(FileError::NotFound)
    }

    fn names(&self, directory: NodeId) -> Result<&BTreeMap<String, NodeId>, FileError> {
        match &self.node(directory)?.body {
            Body::Directory { names, .. } => Ok(names),
            Body::File(_) => Err(FileError::NotDirectory),
        }
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

    fn create(
        &mut self,
        directory: NodeId,
        name: &str,
        body: Body,
        now: u64,
    ) -> Result<NodeId, FileError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(FileError::NoSpace);
        }
        if !self.node(directory)?.linked {
            return Err(FileError::NotFound);
        }
        let id = NodeId(self.next);
        self.next += 1;
        let node = Node {
            body,
            parent: directory,
            linked: true,
            opens: 0,
            accessed: now,
            modified: now,
            changed: now,
        };
        self.nodes.insert(id, node);
        self.attach(directory, name, id, now)?;
        Ok(id)
    }

    fn attach(
        &mut self,
        directory: NodeId,
        name: &str,
        id: NodeId,
        now: u64,
    ) -> Result<(), FileError> {
        let node = self.nodes.get_mut(&directory).ok_or(FileError::NotFound)?;
        let Body::Directory { names, order } = &mut node.body else {
            return Err(FileError::NotDirectory);
        };
        names.insert(name.to_owned(), id);
        order.insert(id, name.to_owned());
        node.modified = now;
        node.changed = now;
        if let Some(node) = self.nodes.get_mut(&id) {
            node.parent = directory;
            node.changed = now;
        }
        Ok(())
    }

    /// Takes a name out of a directory; the node stays.
    fn detach(&mut self, directory: NodeId, name: &str, now: u64) -> Result<NodeId, FileError> {
        let node = self.nodes.get_mut(&directory).ok_or(FileError::NotFound)?;
        let Body::Directory { names, order } = &mut node.body else {
            return Err(FileError::NotDirectory);
        };
        let id = names.remove(name).ok_or(FileError::NotFound)?;
        order.remove(&id);
        node.modified = now;
        node.changed = now;
        Ok(id)
    }

    fn unlink(&mut self, directory: NodeId, name: &str, now: u64) -> Result<(), FileError> {
        let id = self.detach(directory, name, now)?;
        if let Some(node) = self.nodes.get_mut(&id) {
            node.linked = false;
            node.changed = now;
        }
        self.collect(id);
        Ok(())
    }

    /// Frees a node that has neither a name nor anybody who has it open.
    fn collect(&mut self, id: NodeId) {
        let gone = self
            .nodes
            .get(&id)
            .is_some_and(|node| !node.linked && node.opens == 0);
        if !gone {
            return;
        }
        if let Some(Body::File(content)) = self.nodes.remove(&id).map(|node| node.body) {
            self.used = self.used.saturating_sub(content.stored());
        }
    }
}
