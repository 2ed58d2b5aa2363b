//! Reading a snapshot from files and folders, one file in memory at a time.

use super::check::DASH;
use crate::failure::Failure;
use crate::limits;
use crate::snapshot::{ENDINGS, Snapshot, TAKEN};
use crate::source::folder::{self, Folder, What};
use std::io::Read;

/// What these paths hold, found in this cluster; `None` where one does not exist, which is said.
pub fn read(cluster: &str, paths: &[String]) -> Result<Option<Snapshot>, Failure> {
    let endings: Vec<&str> = ENDINGS.iter().copied().chain([TAKEN]).collect();
    let mut snapshot = Snapshot::new(cluster);
    for path in paths {
        if path == DASH {
            let mut bytes = vec![];
            let most = limits::SNAPSHOT_BYTES as u64 + 1;
            let read = std::io::stdin().lock().take(most).read_to_end(&mut bytes);
            read.map_err(|error| Failure::new("read stdin", error))?;
            snapshot.add("stdin.yaml", &bytes);
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

fn add(snapshot: &mut Snapshot, path: &str) {
    match folder::file_of(path, limits::SNAPSHOT_BYTES) {
        Ok(bytes) => snapshot.add(path, &bytes),
        Err(because) => snapshot.refuse(path, &because),
    }
}
