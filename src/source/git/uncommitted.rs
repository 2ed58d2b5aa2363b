//! Input files that differ from the commit that is checked out.

use git2::{Status, StatusOptions};

use super::Commit;
use crate::failure::Failure;

impl Commit {
    /// The input files below the roots that are changed, staged or not yet known to git, sorted.
    ///
    /// A proposal is made from a commit, so these would silently be left out of it. A repository
    /// without a work tree has none. Neither work tree nor index is written to.
    pub fn uncommitted(&self, roots: &[&str]) -> Result<Vec<String>, Failure> {
        let repository = self.repository();
        if repository.is_bare() {
            return Ok(Vec::new());
        }
        let mut options = StatusOptions::new();
        options
            .include_untracked(true)
            .recurse_untracked_dirs(true)
            .exclude_submodules(true)
            .disable_pathspec_match(true)
            .update_index(false);
        for root in roots {
            options.pathspec(format!("{}{root}", self.below));
        }
        let statuses = repository.statuses(Some(&mut options)).map_err(|error| {
            Failure::new("compare the work tree with its commit", error.message())
        })?;
        let mut paths: Vec<String> = statuses
            .iter()
            .filter(|entry| !entry.status().is_empty() && entry.status() != Status::IGNORED)
            .map(|entry| String::from_utf8_lossy(entry.path_bytes()).into_owned())
            .map(|path| path.strip_prefix(&self.below).unwrap_or(&path).to_owned())
            .collect();
        paths.sort();
        Ok(paths)
    }
}
