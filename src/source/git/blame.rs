//! Who wrote lines of a file last, and when, as far as the history here tells.
//!
//! The lines are those of the bytes that are handed over, which need not be committed yet. Of
//! several lines the one that was written last counts.

use super::{Commit, from_oid};
use crate::tree::base::Id;
use git2::BlameOptions;

/// Who wrote some lines last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub id: Id,
    pub author: String,
    /// Seconds since 1970.
    pub seconds: i64,
    /// The clone is shallow and its history ends with this commit: it may have been somebody before.
    pub or_earlier: bool,
}

/// What is known of some lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blamed {
    Written(Written),
    /// One of them is in no commit yet.
    NotCommitted,
    /// There is no such file in this commit's history, or it cannot be read.
    Unknown,
}

impl Commit {
    /// For each span of lines, counted from 1 and both ends included, who wrote them last.
    pub fn blame(&self, path: &str, bytes: &[u8], spans: &[(usize, usize)]) -> Vec<Blamed> {
        let committed = crate::tree::Base::bytes(self, path).is_some();
        let shallow = self.is_shallow();
        let repository = self.repository();
        let mut options = BlameOptions::new();
        options.newest_commit(self.id);
        let path = format!("{}{path}", self.below);
        let mut read = || {
            let file = repository.blame_file(path.as_ref(), Some(&mut options))?;
            let blame = file.blame_buffer(bytes)?;
            let mut found = vec![];
            for (first, last) in spans {
                found.push(newest(&repository, &blame, (*first, *last), shallow));
            }
            Ok::<_, git2::Error>(found)
        };
        match (committed, read()) {
            (_, Ok(found)) => found,
            (false, Err(_)) => vec![Blamed::NotCommitted; spans.len()],
            (true, Err(_)) => vec![Blamed::Unknown; spans.len()],
        }
    }
}

fn newest(
    repository: &git2::Repository,
    blame: &git2::Blame<'_>,
    (first, last): (usize, usize),
    shallow: bool,
) -> Blamed {
    let mut newest: Option<Written> = None;
    for line in first..=last {
        let Some(hunk) = blame.get_line(line) else { return Blamed::NotCommitted };
        let id = hunk.final_commit_id();
        if id.is_zero() {
            return Blamed::NotCommitted;
        }
        if newest.as_ref().is_some_and(|known| known.id == from_oid(id)) {
            continue;
        }
        let Ok(commit) = repository.find_commit(id) else { return Blamed::Unknown };
        let written = Written {
            id: from_oid(id),
            author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
            seconds: commit.author().when().seconds(),
            or_earlier: shallow
                && commit.parent_ids().all(|id| repository.find_commit(id).is_err()),
        };
        if newest.as_ref().is_none_or(|known| known.seconds < written.seconds) {
            newest = Some(written);
        }
    }
    newest.map_or(Blamed::Unknown, Blamed::Written)
}
