//! Commits that are made and pushed without a work tree.
//!
//! `draft` turns updated folders into trees in memory and, when asked, into a commit; `pack` brings
//! new objects to disk. `remote` moves a branch elsewhere. Nothing here moves a local reference:
//! until a remote has taken the commit, nobody sees it. Whether a branch may be moved at all, and
//! what a proposal says, is for the rest of `delivery` to decide.

mod address;
mod changes;
mod draft;
mod folder;
mod http;
mod index;
mod pack;
mod packet;
mod remote;
mod ssh;
mod trees;

pub(super) use changes::between;
pub use draft::{Author, Draft, FolderUpdate};
pub use remote::{Branches, Remote};

use crate::failure::Failure;

/// A failure of the local object store.
fn local(tried: &str, error: &git2::Error) -> Failure {
    Failure::new(tried, error.message())
        .to_do("see whether the disk is full or the repository belongs to another user")
}
