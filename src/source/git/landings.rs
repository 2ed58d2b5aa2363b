//! When lines of locks landed: the history of one commit, along first parents.
//!
//! A merge is the day its branch landed, whatever the dates of the commits on the branch, so only
//! first parents are followed. The walk goes back no further than it must: a line that was noted
//! on a day cannot have landed before.

use git2::Oid;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::Commit;
use super::listing::Listings;
use crate::date::Date;
use crate::failure::Failure;
use crate::lock::{Landings, landings::Awaited};

/// A lock some of whose lines have not been found to be missing from it yet.
struct Waiting<'a> {
    path: &'a str,
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
        self.walk_back(awaited).map_err(|stopped| match stopped {
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

    fn walk_back(&self, awaited: &Awaited) -> Result<Landings, Stopped> {
        let mut landings = Landings::default();
        let mut step = self.step(self.id)?;
        let mut waiting: Vec<Waiting<'_>> = vec![];
        for (path, lines) in awaited {
            let lines = lines.iter().map(|(line, first)| (line.as_str(), *first)).collect();
            let blob = self.found(step.tree, path, &self.listings)?;
            waiting.push(Waiting { path, lines, blob });
        }
        let mut clusters = self.found(step.tree, all_clusters(&waiting), &self.listings)?;
        loop {
            let day = day(step.seconds);
            for one in &mut waiting {
                settle(one.path, &mut one.lines, day, &mut landings);
            }
            waiting.retain(|one| !one.lines.is_empty());
            if waiting.is_empty() {
                return Ok(landings);
            }
            let Some(parent) = step.parent else {
                if self.is_shallow() {
                    return Err(Stopped::Shallow(step.id));
                }
                for one in &waiting {
                    one.lines.keys().for_each(|line| landings.note(one.path, line, day));
                }
                return Ok(landings);
            };
            let before = self.step(parent)?;
            let listings = Listings::default();
            let there = self.found(before.tree, all_clusters(&waiting), &listings)?;
            if there == clusters {
                step = before;
                continue;
            }
            clusters = there;
            // Clusters alike have the same lock.
            let mut texts: HashMap<Oid, Arc<HashSet<String>>> = HashMap::new();
            for one in &mut waiting {
                let blob = self.found(before.tree, one.path, &listings)?;
                if blob == one.blob {
                    continue;
                }
                one.blob = blob;
                let there = match blob {
                    None => Arc::default(),
                    Some(id) => match texts.get(&id) {
                        Some(known) => known.clone(),
                        None => texts.entry(id).or_insert(Arc::new(self.lines(id)?)).clone(),
                    },
                };
                one.lines.retain(|line, _| {
                    let was_there = there.contains(*line);
                    if !was_there {
                        landings.note(one.path, line, day);
                    }
                    was_there
                });
            }
            step = before;
        }
    }

    fn found(
        &self,
        tree: Oid,
        path: &str,
        listings: &Listings,
    ) -> Result<Option<Oid>, git2::Error> {
        Ok(self.item_in(tree, path, listings)?.map(|item| item.id))
    }

    fn lines(&self, blob: Oid) -> Result<HashSet<String>, git2::Error> {
        let repository = self.repository();
        let blob = repository.find_blob(blob)?;
        Ok(String::from_utf8_lossy(blob.content()).lines().map(str::to_owned).collect())
    }
}

/// The folder that holds all clusters' folders.
fn all_clusters<'a>(waiting: &[Waiting<'a>]) -> &'a str {
    waiting.first().and_then(|one| one.path.rsplitn(3, '/').nth(2)).unwrap_or_default()
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
fn day(seconds: i64) -> Date {
    // What no calendar has is before or after all days there are.
    let beyond = if seconds < 0 { Date::FIRST } else { Date::LAST };
    Date::from_unix_seconds(seconds).unwrap_or(beyond)
}
