//! Reading a snapshot from files and folders, one file in memory at a time.

use super::named::{self, DASH, Named};
use super::options::Place;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Cluster, Document};
use crate::failure::Failure;
use crate::limits;
use crate::pipeline::Loaded;
use crate::snapshot::{self, ENDINGS, ROOT, Snapshot, TAKEN, Taken};
use crate::source::folder::{self, Folder};
use crate::source::git::Commit;
use crate::text::{nearest, visible};
use crate::tree::Base;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What stdin is called; it may hold JSON as well.
const STDIN: &str = "stdin.yaml";

/// Gives what was loaded all snapshots of the repository's folder.
pub fn look(folder: &Folder, loaded: &mut Loaded) -> Result<(), Failure> {
    folder.each(ROOT, &endings(), limits::SNAPSHOT_BYTES, |path, read| loaded.look_at(path, read))
}

pub fn endings() -> Vec<&'static str> {
    ENDINGS.iter().copied().chain([TAKEN]).collect()
}

/// What these paths hold, found in this cluster; `None` where one does not exist, which is said.
pub fn read(cluster: &str, paths: &[String]) -> Result<Option<Snapshot>, Failure> {
    let mut snapshot = Snapshot::new(cluster);
    let named = Named { paths, stdin: STDIN, endings: &endings(), most: limits::SNAPSHOT_BYTES };
    let all = named.each(|path, read| snapshot.take(path, read))?;
    Ok(all.then_some(snapshot))
}

/// What was named and holds objects; `None` where nothing could be judged, which is said.
pub fn judgeable(paths: &[String]) -> Result<Option<Snapshot>, Failure> {
    let Some(snapshot) = read("every cluster", paths)? else { return Ok(None) };
    if !snapshot.objects.is_empty() {
        return Ok(Some(snapshot));
    }
    match snapshot.problems.is_empty() {
        true => named::no_object(paths),
        false => {
            warn(&snapshot.problems);
            tell!("error: nothing in {} could be read", named::listed(paths));
            tell!("hint: take the snapshot again, or name other files");
        }
    }
    Ok(None)
}

/// Says that a snapshot is of a day to come, where it says so.
pub fn warn_of_day(snapshot: &Snapshot, today: Date) {
    warn(snapshot.day_to_come(today).as_slice());
}

/// Says what is wrong with snapshots where it ends nothing: the first of it, and how much more there
/// is.
pub fn warn(problems: &[Diagnostic]) {
    const TOLD: usize = 10;
    for one in problems.iter().take(TOLD) {
        tell!("warning: {}", visible(&one.message));
    }
    if problems.len() > TOLD {
        tell!("warning: {} more like these", problems.len() - TOLD);
    }
}

/// What is wrong with the files of a folder's snapshots. One is in memory at a time, and nothing of it
/// is kept.
pub fn wrong(folder: &Folder, today: Date) -> Result<Vec<Diagnostic>, Failure> {
    let mut problems = vec![];
    folder.each(ROOT, &endings(), limits::SNAPSHOT_BYTES, |path, read| {
        let mut one = Snapshot::new(snapshot::cluster_of(path).unwrap_or_default());
        one.take(path, read);
        problems.extend(one.problems(today));
    })?;
    problems.iter_mut().for_each(|one| one.severity = Severity::Warning);
    Ok(problems)
}

/// Where a cluster's own snapshot lies.
pub fn path(place: &Place, cluster: &str) -> String {
    place.repository.join(ROOT).join(cluster).display().to_string()
}

/// A cluster's own snapshot, with its day where that is known; `None` where there is none, which is
/// said.
pub fn own(place: &Place, cluster: &str) -> Result<Option<Snapshot>, Failure> {
    let read = read(cluster, &[path(place, cluster)])?;
    Ok(read.map(|mut snapshot| {
        snapshot.taken = snapshot.taken.or_else(|| committed(place, &[cluster]).remove(cluster));
        snapshot
    }))
}

/// The days on which clusters' own snapshots were committed, where that is known and they are as
/// committed.
pub fn committed(place: &Place, clusters: &[&str]) -> BTreeMap<String, Taken> {
    let all = || {
        let commit = Commit::open(&place.repository, "HEAD").ok()?;
        let changed = match clusters {
            [one] => commit.uncommitted(&[&format!("{ROOT}/{one}")]).ok()?,
            _ => commit.uncommitted(&[ROOT]).ok()?,
        };
        let changed: BTreeSet<&str> =
            changed.iter().filter_map(|path| snapshot::cluster_of(path)).collect();
        let kept: Vec<&str> =
            clusters.iter().copied().filter(|one| !changed.contains(one)).collect();
        Some(committed_in(&commit, &kept))
    };
    all().unwrap_or_default()
}

/// The days on which clusters' own snapshots were committed that a commit holds.
pub fn committed_in(commit: &Commit, clusters: &[&str]) -> BTreeMap<String, Taken> {
    let days = commit.touched(ROOT, clusters).into_iter();
    let day = |(name, seconds)| Some((name, Taken::Committed(Date::from_unix_seconds(seconds)?)));
    days.filter_map(day).collect()
}

/// The folders of snapshots that belong to no cluster.
pub fn strays(folder: &Folder, clusters: &[Document<Cluster>]) -> Vec<Diagnostic> {
    let known = || clusters.iter().map(|one| one.name.value.as_str());
    let folders = folder.folders(ROOT).into_iter();
    let strays = folders.filter(|name| !known().any(|one| one == name));
    let told = |name: String| {
        let message = format!("`{ROOT}/{name}` belongs to no cluster");
        let said = Diagnostic::warning("stray-snapshot", message);
        match nearest(&name, known()) {
            Some(near) => said.help(format!("did you mean `{ROOT}/{near}`?")),
            None => said.help("call the folder as its cluster is called, or remove it"),
        }
    };
    strays.map(told).collect()
}

/// The documents of one file, or why it is not read.
pub fn values(path: &str) -> Result<Result<Vec<Value>, String>, Failure> {
    let (name, bytes) = match path {
        DASH => (STDIN, named::stdin(limits::SNAPSHOT_BYTES)?),
        path => (path, folder::file_of(Path::new(path), limits::SNAPSHOT_BYTES)),
    };
    Ok(bytes.and_then(|bytes| snapshot::values(name, &bytes)))
}
