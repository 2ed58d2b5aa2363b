//! When lines of locks landed: the history of one commit, along first parents.
//!
//! A merge is the day its branch landed, whatever the dates of the commits on the branch, so only
//! first parents are followed. The walk goes back no further than it must: a line that was noted
//! on a day cannot have landed before.

use git2::{Commit as GitCommit, Oid, Repository};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Commit;
use crate::date::Date;
use crate::failure::Failure;
use crate::lock::{Landings, landings::Awaited};

/// A lock some of whose lines have not been found to be missing from it yet.
struct Waiting<'a> {
    path: &'a str,
    file: PathBuf,
    lines: BTreeMap<&'a str, Date>,
    blob: Option<Oid>,
}

enum Stopped {
    Git(git2::Error),
    /// The history ends here because the clone is shallow.
    Shallow(Oid),
}

impl From<git2::Error> for Stopped {
    fn from(error: git2::Error) -> Stopped {
        Stopped::Git(error)
    }
}

impl Commit {
    /// The day of the first commit, on the first-parent history of this one, that holds a line.
    pub(super) fn when_landed(&self, awaited: &Awaited) -> Result<Landings, Failure> {
        if awaited.is_empty() {
            return Ok(Landings::default());
        }
        let repository = self.repository();
        walk(&repository, self.id, self.below(), awaited).map_err(|stopped| match stopped {
            Stopped::Git(error) => {
                let tried = format!("read the history of {}", self.id);
                Failure::new(tried, error.message())
                    .to_do("`git fsck` tells whether the repository is whole")
            }
            Stopped::Shallow(at) => Failure::new(
                "read since when the graces of rendered rules run",
                format!("the clone is shallow and its history ends with {at}"),
            )
            .to_do(
                "`git fetch --unshallow` completes it; a workflow checks out all of it with \
                 `fetch-depth: 0`",
            ),
        })
    }
}

fn walk(
    repository: &Repository,
    from: Oid,
    below: &str,
    awaited: &Awaited,
) -> Result<Landings, Stopped> {
    let mut landings = Landings::default();
    let mut commit = repository.find_commit(from)?;
    let mut waiting: Vec<Waiting<'_>> = vec![];
    for (path, lines) in awaited {
        let mut lines: BTreeMap<&str, Date> =
            lines.iter().map(|(line, first)| (line.as_str(), *first)).collect();
        settle(path, &mut lines, day(&commit), &mut landings);
        if !lines.is_empty() {
            let file = PathBuf::from(format!("{below}{path}"));
            let blob = blob(&commit, &file)?;
            waiting.push(Waiting { path, file, lines, blob });
        }
    }
    loop {
        let day = day(&commit);
        for one in &mut waiting {
            settle(one.path, &mut one.lines, day, &mut landings);
        }
        waiting.retain(|one| !one.lines.is_empty());
        if waiting.is_empty() {
            return Ok(landings);
        }
        let Ok(parent) = commit.parent(0) else {
            if repository.is_shallow() {
                return Err(Stopped::Shallow(commit.id()));
            }
            for one in &waiting {
                one.lines.keys().for_each(|line| landings.note(one.path, line, day));
            }
            return Ok(landings);
        };
        let same = unchanged(&commit, &parent, &waiting)?;
        for one in waiting.iter_mut().filter(|_| !same) {
            let before = blob(&parent, &one.file)?;
            if before == one.blob {
                continue;
            }
            one.blob = before;
            let text = before.map(|id| repository.find_blob(id)).transpose()?;
            let text = text.map(|blob| String::from_utf8_lossy(blob.content()).into_owned());
            let there: Vec<&str> = text.as_deref().unwrap_or_default().lines().collect();
            one.lines.retain(|line, _| {
                let was_there = there.contains(line);
                if !was_there {
                    landings.note(one.path, line, day);
                }
                was_there
            });
        }
        commit = parent;
    }
}

/// Notes the lines that stood in a commit made before the day they state was over: they count from
/// that day, however long they have stood there.
fn settle(path: &str, lines: &mut BTreeMap<&str, Date>, day: Date, landings: &mut Landings) {
    lines.retain(|line, first| {
        let lasts = day > *first;
        if !lasts {
            landings.note(path, line, day);
        }
        lasts
    });
}

/// The day on which a commit was made, in UTC.
fn day(commit: &GitCommit<'_>) -> Date {
    let seconds = commit.time().seconds();
    // What no calendar has is before or after all days there are.
    let beyond = if seconds < 0 { Date::FIRST } else { Date::LAST };
    Date::from_unix_seconds(seconds).unwrap_or(beyond)
}

fn blob(commit: &GitCommit<'_>, file: &Path) -> Result<Option<Oid>, git2::Error> {
    match commit.tree()?.get_path(file) {
        Ok(entry) => Ok(Some(entry.id())),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the folder that holds all clusters' folders is the same in both.
fn unchanged(
    commit: &GitCommit<'_>,
    parent: &GitCommit<'_>,
    waiting: &[Waiting<'_>],
) -> Result<bool, git2::Error> {
    let all = waiting.first().and_then(|one| one.file.parent()?.parent());
    match all.filter(|all| !all.as_os_str().is_empty()) {
        Some(all) => Ok(blob(commit, all)? == blob(parent, all)?),
        None => Ok(commit.tree_id() == parent.tree_id()),
    }
}
