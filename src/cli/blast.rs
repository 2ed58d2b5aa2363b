//! Whom a change hits, as far as snapshots say: reading them, each distinct one once.

use super::options::Common;
use super::{repository, snapshots, talk};
use crate::blast::{Blast, Courts, Found, Judged};
use crate::change::Change;
use crate::check::Labels;
use crate::date::Date;
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
use std::collections::{BTreeMap, BTreeSet};
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
    /// What is wrong with the file that says when.
    problems: Vec<Diagnostic>,
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
        Where::Folder(paths) => match snapshots::judgeable(paths)? {
            Some(snapshot) => Looking::Everywhere(snapshot),
            None => return Ok(None),
        },
        Where::Commit(commit) => Looking::Commit(commit),
    };
    let today = repository::today(common);
    if let Looking::Everywhere(snapshot) = &looking {
        snapshots::warn_of_day(snapshot, today);
    }
    let held: Vec<Option<Held>> =
        clusters.par_iter().map(|name| looking.held(name, today)).collect::<Result<_, _>>()?;
    let dates = held.iter().flatten().flat_map(|held| held.problems.clone());
    snapshots::warn(&dates.collect::<Vec<_>>());
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
    let mut blast = courts.sum(change, &found);
    if let Looking::Everywhere(_) = looking {
        unread_once(&mut blast);
    }
    Ok(Some(blast))
}

/// What could not be read of what was named is missing once, not once for each cluster.
fn unread_once(blast: &mut Blast) {
    for (_, looked) in blast.clusters.values_mut().flatten().skip(1) {
        looked.unread = 0;
    }
}

/// What could not be read is not judged, and that is said.
fn tell_unread(problems: &[Diagnostic]) {
    snapshots::warn(problems);
    // Each names its file first, and of one file there may be several.
    let files = problems.iter().filter_map(|one| one.message.split('`').nth(1));
    let files: BTreeSet<&str> = files.collect();
    if !files.is_empty() {
        let files = count(files.len(), "file");
        tell!("hint: whom the change hits is told without what could not be read of {files}");
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
    fn held(&self, cluster: &str, today: Date) -> Result<Option<Held>, Failure> {
        if let Looking::Everywhere(snapshot) = self {
            let (digest, taken) = ([0; 32], snapshot.taken);
            return Ok(Some(Held { digest, taken, problems: vec![] }));
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
        let problems = dated.problems(today);
        let held = Held { digest: digest.finalize().into(), taken: dated.taken, problems };
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
