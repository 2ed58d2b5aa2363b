//! What a commit changes, file by file: two proposals that change the same are the same proposal.

use std::collections::BTreeSet;

use git2::{ObjectType, Oid, Repository};

use super::draft::Draft;

/// Every changed path with the content ids before and after; zero where there is no file.
pub(in crate::delivery) type Changes = BTreeSet<(Vec<u8>, Oid, Oid)>;

/// What lies between two trees.
pub(in crate::delivery) fn between(
    repository: &Repository,
    old: Oid,
    new: Oid,
) -> Result<Changes, git2::Error> {
    let (old, new) = (repository.find_tree(old)?, repository.find_tree(new)?);
    let diff = repository.diff_tree_to_tree(Some(&old), Some(&new), None)?;
    let changes = diff.deltas().map(|delta| {
        let file = delta.new_file();
        let path = file.path_bytes().or_else(|| delta.old_file().path_bytes());
        (path.unwrap_or_default().to_vec(), delta.old_file().id(), file.id())
    });
    Ok(changes.collect())
}

impl Draft {
    /// What the draft changes, without writing it.
    pub(in crate::delivery) fn changes(&self) -> Result<Changes, git2::Error> {
        // A handle of its own: what is put into its memory must not be taken for written.
        let repository = Repository::open(self.repository().path())?;
        let odb = repository.odb()?;
        odb.add_new_mempack_backend(1_000)?;
        for tree in self.pending().iter().filter(|object| object.kind == ObjectType::Tree) {
            odb.write(tree.kind, &tree.bytes)?;
        }
        between(&repository, self.parent_tree(), self.tree())
    }
}
