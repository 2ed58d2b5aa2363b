//! Steps along first parents: what has been on a branch, whatever was merged into it.

use super::Commit;
use git2::Oid;

/// A commit, as far as a walk back from it wants to know.
pub struct Step {
    pub id: Oid,
    pub tree: Oid,
    /// When it was made, in seconds since 1970.
    pub seconds: i64,
    /// `None` where the history here ends.
    pub parent: Option<Oid>,
}

impl Commit {
    pub(super) fn step(&self, id: Oid) -> Result<Step, git2::Error> {
        let repository = self.repository();
        let commit = repository.find_commit(id)?;
        let parent = match commit.parent(0) {
            Ok(parent) => Some(parent.id()),
            Err(_) if commit.parent_count() == 0 || repository.is_shallow() => None,
            Err(error) => return Err(error),
        };
        let (tree, seconds) = (commit.tree_id(), commit.time().seconds());
        Ok(Step { id, tree, seconds, parent })
    }

    /// Whether the history ends here only because the rest of it was not fetched.
    pub(super) fn is_shallow(&self) -> bool {
        self.repository().is_shallow()
    }
}
