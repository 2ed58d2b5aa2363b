//! A commit to be: parent, updated folders, and the tree they make.
//!
//! A draft lives in memory. Looking at its tree, or dropping it, leaves the repository as it was;
//! only [`Draft::commit`] writes. Objects that many clusters share are made once. The one exception
//! is size: past [`PENDING_BYTES`] the objects made so far are written early, and nothing refers to
//! them until the commit does.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use git2::{ObjectType, Odb, OdbLookupFlags, Oid, Repository};
use rayon::prelude::*;

use super::local;
use super::pack::{self, Object};
use super::trees::{self, Edit};
use crate::failure::Failure;
use crate::tree::base::Id;

/// How many bytes of new objects wait in memory before they are written.
const PENDING_BYTES: usize = 64 << 20;

/// A folder that becomes exactly these files; without files, it goes.
pub struct FolderUpdate<'a> {
    /// Where it lies in the repository.
    pub path: String,
    /// Paths relative to the folder, and contents.
    pub files: &'a [(String, Arc<[u8]>)],
    /// Folders with the same key have the same files: the caller promises it.
    pub key: Option<u64>,
}

/// Who makes a commit, and when; the clock is the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    pub name: String,
    pub email: String,
    /// Seconds since 1970, UTC.
    pub seconds: i64,
}

/// A tree that no commit has yet.
pub struct Draft {
    repository: Repository,
    pending: Vec<Object>,
    parent: Oid,
    parent_tree: Oid,
    tree: Oid,
}

impl Draft {
    /// Makes the tree of `parent` with the folders updated.
    ///
    /// All other paths stay as they are.
    pub fn stage(
        repository: &Path,
        parent: Oid,
        updates: &[FolderUpdate<'_>],
    ) -> Result<Self, Failure> {
        let tried = "make the tree of the commit";
        let repository = Repository::discover(repository).map_err(|error| local(tried, &error))?;
        let edits = trees::edits(updates)
            .map_err(|wrong| Failure::new(tried, wrong).state("nothing was written"))?;
        let (pending, parent_tree, tree) =
            stage(&repository, parent, updates, &edits).map_err(|error| local(tried, &error))?;
        Ok(Self { repository, pending, parent, parent_tree, tree })
    }

    /// The tree's id.
    pub fn tree(&self) -> Oid {
        self.tree
    }

    /// Whether the tree is that of the parent: there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.tree == self.parent_tree
    }

    pub(in crate::delivery) fn repository(&self) -> &Repository {
        &self.repository
    }

    pub(super) fn parent_tree(&self) -> Oid {
        self.parent_tree
    }

    pub(super) fn pending(&self) -> &[Object] {
        &self.pending
    }

    /// Writes the objects and the commit; no reference moves.
    pub fn commit(&self, message: &str, author: &Author) -> Result<Oid, Failure> {
        self.write(message, author).map_err(|error| {
            local("write the commit", &error).state("no branch was moved, here or elsewhere")
        })
    }

    fn write(&self, message: &str, author: &Author) -> Result<Oid, git2::Error> {
        let text = commit_text(self.tree, self.parent, message, author);
        let id = Oid::hash_object(ObjectType::Commit, &text)?;
        // The commit goes to disk with, never before, what it refers to.
        let commit = Object { id, kind: ObjectType::Commit, bytes: text.into() };
        let objects: Vec<&Object> = self.pending.iter().chain([&commit]).collect();
        pack::write(&self.repository, &objects)?;
        Ok(id)
    }
}

fn commit_text(tree: Oid, parent: Oid, message: &str, author: &Author) -> Vec<u8> {
    // Git ends a name at `<`, and a line ends the whole header.
    let plain = |text: &str| text.replace(['<', '>', '\n', '\0'], "");
    let who =
        format!("{} <{}> {} +0000", plain(&author.name), plain(&author.email), author.seconds);
    let message = message.trim_end().replace('\0', "");
    format!("tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n{message}\n")
        .into_bytes()
}

fn stage(
    repository: &Repository,
    parent: Oid,
    updates: &[FolderUpdate<'_>],
    edits: &Edit,
) -> Result<(Vec<Object>, Oid, Oid), git2::Error> {
    let mut store = Store {
        repository,
        odb: repository.odb()?,
        pending: Vec::new(),
        bytes: 0,
        blobs: hashed(updates)?,
        seen: HashSet::new(),
    };
    let mut folders = Vec::with_capacity(updates.len());
    let mut by_key: HashMap<u64, Option<Oid>> = HashMap::new();
    for update in updates {
        let made = match update.key.and_then(|key| by_key.get(&key)) {
            Some(made) => *made,
            None => trees::folder(update.files, &mut store)?,
        };
        if let Some(key) = update.key {
            by_key.insert(key, made);
        }
        folders.push(made);
        if store.bytes > PENDING_BYTES {
            pack::write(repository, &store.pending.iter().collect::<Vec<_>>())?;
            store.pending.clear();
            store.bytes = 0;
        }
    }
    let parent_tree = repository.find_commit(parent)?.tree_id();
    let tree = match trees::apply(edits, Some(parent_tree), &folders, &mut store)? {
        Some(tree) => tree,
        None => store.tree(Vec::new())?,
    };
    Ok((store.pending, parent_tree, tree))
}

/// Where content lies in memory: shared content is recognised by it, and looked at once.
type Address = (usize, usize);

fn address(bytes: &Arc<[u8]>) -> Address {
    (bytes.as_ptr() as usize, bytes.len())
}

/// The ids of all contents, by address.
fn hashed(updates: &[FolderUpdate<'_>]) -> Result<HashMap<Address, Oid>, git2::Error> {
    let mut keys = HashSet::new();
    let mut addresses = HashSet::new();
    let mut distinct = Vec::new();
    for update in updates {
        if update.key.is_some_and(|key| !keys.insert(key)) {
            continue;
        }
        let new = update.files.iter().filter(|(_, bytes)| addresses.insert(address(bytes)));
        distinct.extend(new.map(|(_, bytes)| bytes));
    }
    let hash = |bytes: &&Arc<[u8]>| Ok((address(bytes), Oid::from_bytes(&Id::of_file(bytes).0)?));
    distinct.par_iter().map(hash).collect()
}

/// Where new objects go, each once.
pub(super) struct Store<'a> {
    pub(super) repository: &'a Repository,
    odb: Odb<'a>,
    pending: Vec<Object>,
    bytes: usize,
    blobs: HashMap<Address, Oid>,
    seen: HashSet<Oid>,
}

impl Store<'_> {
    /// Keeps a file's content, unless the repository has it; its id was found beforehand.
    pub(super) fn blob(&mut self, bytes: &Arc<[u8]>) -> Oid {
        let id = self.blobs[&address(bytes)];
        self.keep(id, ObjectType::Blob, || bytes.clone());
        id
    }

    /// Keeps a tree, unless the repository has it.
    pub(super) fn tree(&mut self, bytes: Vec<u8>) -> Result<Oid, git2::Error> {
        let id = Oid::hash_object(ObjectType::Tree, &bytes)?;
        self.keep(id, ObjectType::Tree, || bytes.into());
        Ok(id)
    }

    fn keep(&mut self, id: Oid, kind: ObjectType, bytes: impl FnOnce() -> Arc<[u8]>) {
        // Not refreshing: a miss would list the folder of packs, for every object.
        if self.seen.insert(id) && !self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
            let bytes = bytes();
            self.bytes += bytes.len();
            self.pending.push(Object { id, kind, bytes });
        }
    }
}
