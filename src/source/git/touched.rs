//! When a folder was last changed, as far as the history here tells.

use super::Commit;
use git2::{Oid, Repository};
use std::path::Path;

/// How many commits are looked at: what is older than all of them is old whenever it was.
const COMMITS: usize = 20_000;

impl Commit {
    /// Seconds since 1970 of the commit that gave a folder its present content, along the first
    /// parents; `None` where there is no such folder, or the history here does not reach so far.
    pub fn touched(&self, folder: &str) -> Option<i64> {
        let path = format!("{}{folder}", self.below);
        let repository = self.repository();
        touched(&repository, self.id, Path::new(&path)).ok().flatten()
    }
}

fn touched(repository: &Repository, from: Oid, path: &Path) -> Result<Option<i64>, git2::Error> {
    let entry = |commit: &git2::Commit<'_>| -> Option<Oid> {
        commit.tree().ok()?.get_path(path).ok().map(|entry| entry.id())
    };
    let mut commit = repository.find_commit(from)?;
    let Some(present) = entry(&commit) else { return Ok(None) };
    for _ in 0..COMMITS {
        let seconds = commit.committer().when().seconds();
        if commit.parent_count() == 0 {
            // The last commit of a shallow clone has a parent elsewhere.
            return Ok((!repository.is_shallow()).then_some(seconds));
        }
        let parent = commit.parent(0)?;
        if entry(&parent) != Some(present) {
            return Ok(Some(seconds));
        }
        commit = parent;
    }
    Ok(None)
}
