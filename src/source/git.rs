//! A commit as a source of input files, and as the base that has landed.
//!
//! Nothing here touches a work tree or an index: files are read from the object store, so what is
//! rendered is exactly what was committed. Paths are relative to the folder the commit was opened
//! for, which may lie below the repository's top. What the files mean is left to others; what is
//! refused (a link, a name that leads elsewhere, a huge file) is handed on with its reason, so that
//! the caller can complain about it beside everything else.

mod base;
mod blame;
mod history;
mod landings;
mod listing;
mod parents;
mod tips;
mod touched;
mod uncommitted;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ObjectType, Oid, Repository};

use super::{Found, Refused};
use crate::failure::Failure;
use crate::limits;
use crate::tree::base::Id;

pub use blame::{Blamed, Written};
pub use history::{Entry, History};
use listing::{Item, Listings};
pub use tips::tips;

/// How deeply folders may nest before a tree is taken for hostile.
const DEPTH: usize = 64;
/// How many bytes of input are read from one commit.
const TOTAL_BYTES: usize = 1 << 30;

const SYMBOLIC_LINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// One commit of a local repository.
pub struct Commit {
    // libgit2 may be used from any thread, but only from one at a time.
    repository: Mutex<Repository>,
    id: Oid,
    tree: Oid,
    below: String,
    listings: Listings,
}

impl Commit {
    /// Opens the commit that `revision` names in the repository `folder` lies in.
    pub fn open(folder: &Path, revision: &str) -> Result<Self, Failure> {
        let repository = discover(folder)?;
        let below = below(&repository, folder);
        let tried = || format!("read the commit `{revision}` of {}", folder.display());
        let commit = repository
            .revparse_single(revision)
            .and_then(|object| object.peel_to_commit())
            .map_err(|error| {
                Failure::new(tried(), error.message()).to_do(match repository.head() {
                    Err(error) if error.code() == git2::ErrorCode::UnbornBranch => {
                        "the branch has no commit yet: git add --all && git commit"
                    }
                    _ => "`git log --all` lists the commits that exist here",
                })
            })?;
        let (id, tree) = (commit.id(), commit.tree_id());
        drop(commit);
        Ok(Self {
            repository: Mutex::new(repository),
            id,
            tree,
            below,
            listings: Listings::default(),
        })
    }

    /// The commit's id.
    pub fn id(&self) -> Id {
        from_oid(self.id)
    }

    /// Where the opened folder lies in the repository: empty, or a path with a slash at its end.
    pub fn below(&self) -> &str {
        &self.below
    }

    /// Whether this commit is the one that is checked out.
    pub fn is_head(&self) -> bool {
        let repository = self.repository();
        let head = repository.head().ok().and_then(|head| head.target());
        head == Some(self.id)
    }

    /// Reads every file below the roots; a root may be a folder or one file, or be absent.
    pub fn read(&self, roots: &[&str]) -> Result<Found, Failure> {
        let mut found = Found::default();
        let mut all = 0;
        self.walk(roots, limits::FILE_BYTES, |path, read| match read {
            Ok(bytes) => {
                all += bytes.len();
                if all > TOTAL_BYTES {
                    let most = TOTAL_BYTES >> 20;
                    return Err(format!("its files are more than {most} MiB together"));
                }
                found.files.push((path.to_owned(), bytes));
                Ok(())
            }
            Err(because) => {
                found.refused.push(Refused { path: path.to_owned(), because });
                Ok(())
            }
        })?;
        found.files.sort_by(|one, other| one.0.cmp(&other.0));
        found.files.dedup_by(|one, other| one.0 == other.0);
        Ok(found)
    }

    /// Reads the files below a root one after the other and hands over each: its bytes, or why it is
    /// not read. None may have more than `most` bytes.
    pub fn each(
        &self,
        root: &str,
        most: usize,
        mut take: impl FnMut(&str, Result<Vec<u8>, String>),
    ) -> Result<(), Failure> {
        self.walk(&[root], most, |path, read| {
            take(path, read);
            Ok(())
        })
    }

    fn walk(
        &self,
        roots: &[&str],
        most: usize,
        mut take: impl FnMut(&str, Result<Vec<u8>, String>) -> Result<(), String>,
    ) -> Result<(), Failure> {
        let items: Vec<(&str, Item)> =
            roots.iter().filter_map(|root| Some((*root, self.item(root)?))).collect();
        let repository = self.repository();
        let mut walk = Walk { repository: &repository, most, files: 0, take: &mut take };
        for (root, item) in items {
            walk.visit(root, item.kind, item.mode, item.id, 0).map_err(|came_back| {
                Failure::new(format!("read `{root}` of the commit {}", self.id), came_back)
                    .to_do("`git fsck` tells whether the repository is whole")
            })?;
        }
        Ok(())
    }

    fn repository(&self) -> MutexGuard<'_, Repository> {
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a file, or why it is not read; an error ends the walk.
type Take<'a> = dyn FnMut(&str, Result<Vec<u8>, String>) -> Result<(), String> + 'a;

struct Walk<'a> {
    repository: &'a Repository,
    /// The largest file that is taken, in bytes.
    most: usize,
    files: usize,
    take: &'a mut Take<'a>,
}

impl Walk<'_> {
    fn visit(
        &mut self,
        path: &str,
        kind: Option<ObjectType>,
        mode: i32,
        id: Oid,
        depth: usize,
    ) -> Result<(), String> {
        match (kind, mode) {
            (_, SYMBOLIC_LINK) => self.refuse(path, "it is a symbolic link"),
            (_, SUBMODULE) | (Some(ObjectType::Commit), _) => {
                self.refuse(path, "it is a submodule")
            }
            (Some(ObjectType::Tree), _) if depth == DEPTH => {
                self.refuse(path, &format!("folders nest deeper than {DEPTH}"))
            }
            (Some(ObjectType::Tree), _) => self.folder(path, id, depth),
            _ => self.file(path, id),
        }
    }

    fn folder(&mut self, path: &str, id: Oid, depth: usize) -> Result<(), String> {
        let tree = self.repository.find_tree(id).map_err(said)?;
        for entry in &tree {
            match safe(entry.name_bytes()) {
                Ok(name) => {
                    let path = format!("{path}/{name}");
                    self.visit(&path, entry.kind(), entry.filemode_raw(), entry.id(), depth + 1)?;
                }
                Err(name) => self.refuse(&format!("{path}/{name}"), "its name leads elsewhere")?,
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, id: Oid) -> Result<(), String> {
        let odb = self.repository.odb().map_err(said)?;
        // The header is asked first: a huge file is never unpacked.
        let (size, _) = odb.read_header(id).map_err(said)?;
        if size > self.most {
            let most = self.most >> 20;
            return self.refuse(path, &format!("it has {size} bytes, more than {most} MiB"));
        }
        if self.files == limits::FILES {
            return Err(format!("there are more than {} files", limits::FILES));
        }
        self.files += 1;
        let bytes = odb.read(id).map_err(said)?.data().to_vec();
        (self.take)(path, Ok(bytes))
    }

    fn refuse(&mut self, path: &str, because: &str) -> Result<(), String> {
        (self.take)(path, Err(because.to_owned()))
    }
}

/// A name of a tree that is a plain name; git's objects may hold any bytes, also `..`.
fn safe(name: &[u8]) -> Result<&str, String> {
    let shown = || String::from_utf8_lossy(name).escape_debug().to_string();
    let name = std::str::from_utf8(name).map_err(|_| shown())?;
    let elsewhere = matches!(name, "" | "." | "..")
        || name.eq_ignore_ascii_case(".git")
        || name.chars().any(|c| matches!(c, '/' | '\\') || c.is_control());
    if elsewhere { Err(shown()) } else { Ok(name) }
}

/// Opens the repository a folder lies in.
pub(super) fn discover(folder: &Path) -> Result<Repository, Failure> {
    Repository::discover(folder).map_err(|error| {
        let to_do = match error.code() {
            git2::ErrorCode::NotFound => "run it inside a git repository, or `git init` one".into(),
            git2::ErrorCode::Owner => format!(
                "it belongs to another user; to trust it: git config --global --add \
                 safe.directory {}",
                folder.display()
            ),
            _ => String::new(),
        };
        let tried = format!("open the git repository of {}", folder.display());
        Failure::new(tried, error.message()).to_do(to_do)
    })
}

/// Where a folder lies below the top of its repository.
#[expect(clippy::disallowed_methods, reason = "only the file system knows which folder is meant")]
fn below(repository: &Repository, folder: &Path) -> String {
    let inside = || {
        let top = repository.workdir()?.canonicalize().ok()?;
        let folder = folder.canonicalize().ok()?;
        Some(folder.strip_prefix(top).ok()?.to_str()?.to_owned())
    };
    match inside() {
        Some(path) if !path.is_empty() => format!("{path}/"),
        _ => String::new(),
    }
}

fn said(error: git2::Error) -> String {
    error.message().to_owned()
}

pub(super) fn from_oid(oid: Oid) -> Id {
    let mut id = [0; 20];
    id.copy_from_slice(&oid.as_bytes()[..20]);
    Id(id)
}
