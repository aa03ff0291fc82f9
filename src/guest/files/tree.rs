//! Nodes: what is in them, who has them open, what is in a directory.

use std::collections::BTreeMap;

use super::content::{BLOCK, Content};
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
    pub(super) nodes: BTreeMap<NodeId, Node>,
    next: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Node {
    body: Body,
    pub(super) parent: NodeId,
    pub(super) linked: bool,
    /// How often it is open; a removed node goes when nobody has it open.
    opens: u32,
    accessed: u64,
    modified: u64,
    changed: u64,
}

#[derive(Debug, Clone)]
pub(super) enum Body {
    Directory {
        names: BTreeMap<String, NodeId>,
        /// The same by number, for listing.
        order: BTreeMap<NodeId, String>,
    },
    File(Content),
}

impl Body {
    pub(super) fn directory() -> Self {
        Self::Directory {
            names: BTreeMap::new(),
            order: BTreeMap::new(),
        }
    }
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

    pub(super) fn node(&self, id: NodeId) -> Result<&Node, FileError> {
        self.nodes.get(&id).ok_or(FileError::NotFound)
    }

    pub(super) fn names(&self, directory: NodeId) -> Result<&BTreeMap<String, NodeId>, FileError> {
        match &self.node(directory)?.body {
            Body::Directory { names, .. } => Ok(names),
            Body::File(_) => Err(FileError::NotDirectory),
        }
    }

    pub(super) fn create(
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

    pub(super) fn attach(
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
    pub(super) fn detach(
        &mut self,
        directory: NodeId,
        name: &str,
        now: u64,
    ) -> Result<NodeId, FileError> {
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

    pub(super) fn unlink(
        &mut self,
        directory: NodeId,
        name: &str,
        now: u64,
    ) -> Result<(), FileError> {
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
