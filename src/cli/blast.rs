//! Whom a change hits, as far as snapshots say: reading them, each distinct one once.

use super::options::Common;
use super::{snapshots, talk};
use crate::blast::{Blast, Courts, Found, Judged};
use crate::change::Change;
use crate::check::Labels;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::limits;
use crate::pipeline::Loaded;
use crate::snapshot::{ROOT, Seen, Snapshot, TAKEN, Taken, skim};
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::text::count;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is judged by one change, and what is found in one snapshot: whoever has both alike is hit
/// alike.
type Alike<'a> = (usize, [u8; 32], &'a BTreeMap<String, Labels>);

/// Where what runs is found.
#[derive(Clone, Copy)]
pub enum Where<'a> {
    /// In the repository's folder, or, where paths are named, there and on every cluster.
    Folder(&'a [String]),
    /// In a commit.
    Commit(&'a Commit),
}

/// A cluster's snapshot, as far as it is known without its objects.
struct Held {
    digest: [u8; 32],
    taken: Option<Taken>,
}

/// The blast radius of a change; `None` where one of the paths that were named is not there, which
/// is said.
pub fn blast(
    common: &Common,
    loaded: &Loaded,
    change: &Change,
    found: Where<'_>,
) -> Result<Option<Blast>, Failure> {
    let courts = Courts::of(change);
    let clusters: Vec<&str> = courts.clusters().collect();
    let folder = Folder::new(&common.place.repository);
    let looking = match found {
        Where::Folder(&[]) => Looking::Folder(folder),
        Where::Folder(paths) => match snapshots::read("every cluster", paths)? {
            Some(snapshot) => Looking::Everywhere(snapshot),
            None => return Ok(None),
        },
        Where::Commit(commit) => Looking::Commit(commit),
    };
    let held: Vec<Option<Held>> =
        clusters.par_iter().map(|name| looking.held(name)).collect::<Result<_, _>>()?;
    let inventory: BTreeMap<&str, BTreeMap<String, Labels>> = loaded
        .linked
        .clusters
        .iter()
        .map(|one| (one.name.value.as_str(), crate::pipeline::namespaces(one)))
        .collect();
    let (none, alike) = (BTreeMap::new(), courts.alike());
    let mut groups: BTreeMap<Alike<'_>, Vec<usize>> = BTreeMap::new();
    for (index, (name, held)) in clusters.iter().zip(&held).enumerate() {
        if let Some(held) = held {
            let known = inventory.get(name).unwrap_or(&none);
            groups.entry((alike[*name], held.digest, known)).or_default().push(index);
        }
    }
    let bar = talk::progress(clusters.len());
    let judged: Vec<(&Vec<usize>, Option<Judged>, Vec<Diagnostic>)> = groups
        .par_iter()
        .map(|((.., known), members)| {
            let judge = |name: &str, seen: &[Seen<'_>], unread: usize| {
                courts.judge(name, seen, unread, known)
            };
            let (judged, problems) = looking.judge(clusters[members[0]], &judge)?;
            bar.inc(members.len() as u64);
            Ok((members, judged, problems))
        })
        .collect::<Result<_, Failure>>()?;
    bar.finish_and_clear();
    let undated: Vec<&str> = clusters
        .iter()
        .zip(&held)
        .filter(|(_, held)| held.as_ref().is_some_and(|held| held.taken.is_none()))
        .map(|(name, _)| *name)
        .collect();
    let committed = match &looking {
        _ if undated.is_empty() => BTreeMap::new(),
        Looking::Folder(_) => snapshots::committed(&common.place, &undated),
        Looking::Commit(commit) => snapshots::committed_in(commit, &undated),
        Looking::Everywhere(_) => BTreeMap::new(),
    };
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    let mut problems: Vec<Diagnostic> = vec![];
    for (members, judged, said) in judged {
        // What was named for all clusters is read for each.
        let new = said
            .into_iter()
            .filter(|one| !problems.iter().any(|known| known.message == one.message));
        let new: Vec<Diagnostic> = new.collect();
        problems.extend(new);
        let Some(judged) = judged.map(Arc::new) else { continue };
        for index in members {
            let name = clusters[*index];
            let taken = held[*index].as_ref().and_then(|held| held.taken);
            let taken = taken.or_else(|| committed.get(name).copied());
            found.insert(name.to_owned(), (taken, judged.clone()));
        }
    }
    tell_unread(&problems);
    Ok(Some(courts.sum(change, &found)))
}

/// What could not be read is not judged, and that is said.
fn tell_unread(problems: &[Diagnostic]) {
    const TOLD: usize = 10;
    for one in problems.iter().take(TOLD) {
        tell!("warning: {}", one.message);
    }
    if problems.len() > TOLD {
        tell!("warning: {} more like these", problems.len() - TOLD);
    }
    if !problems.is_empty() {
        tell!("hint: whom the change hits is told without {}", count(problems.len(), "of these"));
    }
}

/// Where snapshots are looked for.
enum Looking<'a> {
    Folder(Folder),
    Commit(&'a Commit),
    /// What was named, for all clusters.
    Everywhere(Snapshot),
}

impl Looking<'_> {
    /// Reads a cluster's own files, of which nothing is kept but what they are; `None` where there is
    /// none.
    fn held(&self, cluster: &str) -> Result<Option<Held>, Failure> {
        if let Looking::Everywhere(snapshot) = self {
            return Ok(Some(Held { digest: [0; 32], taken: snapshot.taken }));
        }
        let (mut digest, mut files) = (Sha256::new(), 0);
        let mut dated = Snapshot::new(cluster);
        let root = format!("{ROOT}/{cluster}");
        self.each(&root, |path, read| match path.rsplit('/').next() {
            Some(TAKEN) => dated.take(path, read),
            _ => {
                files += 1;
                add(&mut digest, path.strip_prefix(&root).unwrap_or(path), &read);
            }
        })?;
        let held = Held { digest: digest.finalize().into(), taken: dated.taken };
        Ok((files > 0).then_some(held))
    }

    /// Has a cluster's objects judged, and tells what could not be read of them.
    fn judge(
        &self,
        cluster: &str,
        judge: &dyn Fn(&str, &[Seen<'_>], usize) -> Option<Judged>,
    ) -> Result<(Option<Judged>, Vec<Diagnostic>), Failure> {
        let in_full = |snapshot: &Snapshot| {
            let seen = snapshot.objects.iter().map(|one| Seen::Read(Cow::Borrowed(&one.object)));
            let judged = judge(cluster, &seen.collect::<Vec<_>>(), snapshot.problems.len());
            (judged, snapshot.problems.clone())
        };
        if let Looking::Everywhere(snapshot) = self {
            return Ok(in_full(snapshot));
        }
        let mut files: Vec<(String, Result<Vec<u8>, String>)> = vec![];
        self.each(&format!("{ROOT}/{cluster}"), |path, read| {
            if path.rsplit('/').next() != Some(TAKEN) {
                files.push((path.to_owned(), read));
            }
        })?;
        let skimmed = files.iter().map(|(path, read)| skim(path, read.as_ref().ok()?));
        let skimmed: Option<Vec<Vec<Seen<'_>>>> = skimmed.collect();
        if let Some(judged) = skimmed.and_then(|seen| judge(cluster, &seen.concat(), 0)) {
            return Ok((Some(judged), vec![]));
        }
        let mut snapshot = Snapshot::new(cluster);
        files.into_iter().for_each(|(path, read)| snapshot.take(&path, read));
        Ok(in_full(&snapshot))
    }

    fn each(
        &self,
        root: &str,
        take: impl FnMut(&str, Result<Vec<u8>, String>),
    ) -> Result<(), Failure> {
        let most = limits::SNAPSHOT_BYTES;
        match self {
            Looking::Folder(folder) => folder.each(root, &snapshots::endings(), most, take),
            Looking::Commit(commit) => commit.each(root, most, take),
            Looking::Everywhere(_) => Ok(()),
        }
    }
}

fn add(digest: &mut Sha256, path: &str, read: &Result<Vec<u8>, String>) {
    let (word, bytes) = match read {
        Ok(bytes) => ("read", bytes.as_slice()),
        Err(because) => ("not", because.as_bytes()),
    };
    digest.update(format!("{path}\0{word}\0{}\0", bytes.len()));
    digest.update(bytes);
}
