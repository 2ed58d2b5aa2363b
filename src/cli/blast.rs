//! Whom a change hits, as far as snapshots say: reading them, each distinct one once.

mod looking;

use super::options::Common;
use super::{repository, snapshots, talk};
use crate::blast::{Blast, Courts, Found, Judged};
use crate::change::Change;
use crate::check::Labels;
use crate::diagnostic::Diagnostic;
use crate::failure::Failure;
use crate::pipeline::Loaded;
use crate::snapshot::Seen;
use crate::source::folder::Folder;
use crate::source::git::Commit;
use crate::text::count;
use looking::{Held, Looking};
use rayon::prelude::*;
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
        // Where nothing could be read, nothing was looked at.
        let looked = judged.filter(|one| one.looked.objects > 0 || one.looked.unread == 0);
        let Some(judged) = looked.map(Arc::new) else { continue };
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
