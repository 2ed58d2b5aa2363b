//! What happened between two commits: the "why" of a proposal.

use git2::{Oid, Repository, Sort};

use super::{Commit, from_oid};
use crate::failure::Failure;
use crate::tree::base::Id;

/// The commits since another one, newest first.
#[derive(Debug, Default)]
pub struct History {
    pub commits: Vec<Entry>,
    /// How many more there are than were asked for.
    pub more: usize,
}

/// One commit, as far as a reviewer wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: Id,
    pub author: String,
    pub summary: String,
    /// The message below its first line; empty where there is none.
    pub body: String,
}

impl Commit {
    /// The newest commit that is in the history of both this one and `revision`.
    ///
    /// `None` where `revision` does not exist here, or the two share no history (as it seems from
    /// within a shallow clone).
    pub fn merge_base(&self, revision: &str) -> Option<Id> {
        let repository = self.repository();
        let other = repository.revparse_single(revision).ok()?.peel_to_commit().ok()?.id();
        repository.merge_base(self.id, other).ok().map(from_oid)
    }

    /// The commits that this one has and `since` has not, at most `most`, newest first.
    pub fn since(&self, since: Id, most: usize) -> Result<History, Failure> {
        let repository = self.repository();
        log(&repository, self.id, since, most).map_err(|error| {
            let since = Oid::from_bytes(&since.0).map_or_else(|_| "?".into(), |id| id.to_string());
            let tried = format!("read the commits between {since} and {}", self.id);
            Failure::new(tried, error.message()).to_do(if repository.is_shallow() {
                "the clone is shallow; `git fetch --unshallow` completes it"
            } else {
                "`git fsck` tells whether the repository is whole"
            })
        })
    }
}

fn log(repository: &Repository, from: Oid, since: Id, most: usize) -> Result<History, git2::Error> {
    let mut walk = repository.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME)?;
    walk.push(from)?;
    walk.hide(Oid::from_bytes(&since.0)?)?;
    let mut history = History::default();
    for id in walk {
        let commit = repository.find_commit(id?)?;
        if history.commits.len() == most {
            history.more += 1;
            continue;
        }
        history.commits.push(Entry {
            id: from_oid(commit.id()),
            author: String::from_utf8_lossy(commit.author().name_bytes()).into_owned(),
            summary: text(commit.summary_bytes()),
            body: text(commit.body_bytes()),
        });
    }
    Ok(history)
}

fn text(bytes: Option<&[u8]>) -> String {
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}
