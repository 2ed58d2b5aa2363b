//! Commits that are made and pushed without a work tree.
//!
//! `draft` turns updated folders into trees in memory, `pack` brings new objects into the object
//! store, `draft::Draft::commit` makes the commit. Nothing here moves a local reference: until a
//! remote has taken the commit, nobody sees it.

mod draft;
mod pack;
mod trees;

pub use draft::{Author, Draft, FolderUpdate, commit};

use crate::failure::Failure;

/// A failure of the local object store.
fn local(tried: &str, error: &git2::Error) -> Failure {
    Failure::new(tried, error.message())
        .to_do("see whether the disk is full or the repository belongs to another user")
}
