//! Reading a snapshot from files and folders, one file in memory at a time.

use super::check::DASH;
use super::options::Place;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::document::{Cluster, Document};
use crate::failure::Failure;
use crate::limits;
use crate::snapshot::{self, ENDINGS, ROOT, Snapshot, TAKEN, Taken};
use crate::source::folder::{self, Folder, What};
use crate::source::git::Commit;
use crate::text::nearest;
use crate::tree::Base;
use serde_json::Value;
use std::io::Read;

/// What stdin is called; it may hold JSON as well.
const STDIN: &str = "stdin.yaml";

/// What these paths hold, found in this cluster; `None` where one does not exist, which is said.
pub fn read(cluster: &str, paths: &[String]) -> Result<Option<Snapshot>, Failure> {
    let endings: Vec<&str> = ENDINGS.iter().copied().chain([TAKEN]).collect();
    let mut snapshot = Snapshot::new(cluster);
    for path in paths {
        if path == DASH {
            snapshot.add(STDIN, &stdin()?);
            continue;
        }
        match folder::what(path) {
            What::Nothing => {
                tell!("error: there is no file or folder `{path}`");
                return Ok(None);
            }
            What::File => add(&mut snapshot, path),
            What::Folder => {
                let found = Folder::new(path).listed(&endings, limits::SNAPSHOT_BYTES)?;
                let inside = |name: &str| match path.trim_end_matches('/') {
                    "." => name.to_owned(),
                    folder => format!("{folder}/{name}"),
                };
                for refused in &found.refused {
                    snapshot.refuse(&inside(&refused.path), &refused.because);
                }
                for (name, _) in found.files {
                    add(&mut snapshot, &inside(&name));
                }
            }
        }
    }
    Ok(Some(snapshot))
}

/// The day a cluster's own snapshot was committed, where that is known and it is as committed.
pub fn committed(place: &Place, cluster: &str) -> Option<Taken> {
    let commit = Commit::open(&place.repository, "HEAD").ok()?;
    let folder = format!("{ROOT}/{cluster}");
    if !commit.uncommitted(&[&folder]).ok()?.is_empty() {
        return None;
    }
    Date::from_unix_seconds(commit.touched(&folder)?).map(Taken::Committed)
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
    if path == DASH {
        return Ok(snapshot::values(STDIN, &stdin()?));
    }
    let bytes = folder::file_of(path, limits::SNAPSHOT_BYTES);
    Ok(bytes.and_then(|bytes| snapshot::values(path, &bytes)))
}

/// As much of it as is read at all, and a byte more: so that what is longer is refused.
fn stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![];
    let most = limits::SNAPSHOT_BYTES as u64 + 1;
    let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new("read stdin", error))?;
    Ok(bytes)
}

fn add(snapshot: &mut Snapshot, path: &str) {
    match folder::file_of(path, limits::SNAPSHOT_BYTES) {
        Ok(bytes) => snapshot.add(path, &bytes),
        Err(because) => snapshot.refuse(path, &because),
    }
}
