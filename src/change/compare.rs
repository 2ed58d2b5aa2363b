//! Which folders are compared with which, each pair once.

use super::direction::{self, Direction};
use super::folder::{self, Difference, Sides};
use super::group::{self, Located};
use super::objects::Draft;
use super::{Change, Example, FileCount, Presence, Statement, Subject, Topic, Touched};
use crate::catalogue::Catalogue;
use crate::lock::{self, Lock};
use crate::tree::{Base, ClusterTree, Folder, Id, Tree};
use rayon::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Which clusters are compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scope<'a> {
    /// Only these; left out: all.
    pub only: Option<&'a BTreeSet<String>>,
    /// Clusters whose folders go. Any other folder that was not rendered stays as it is.
    pub retired: Option<&'a BTreeSet<String>>,
    /// Says which parameters ask for more; without it, nobody can tell of those that differ.
    pub catalogue: Option<&'a Catalogue>,
}

impl Scope<'_> {
    fn holds(&self, cluster: &str) -> bool {
        self.only.is_none_or(|only| only.contains(cluster))
    }
}

/// The folder of the sync tools' files, beside those of the clusters.
const SYNC: &str = "sync";

/// Compares what was rendered with what has landed in the folder `output` of the base.
pub fn compare(base: &dyn Base, output: &str, tree: &Tree, scope: Scope<'_>) -> Change {
    let clusters: Vec<(&String, &ClusterTree)> =
        tree.clusters.iter().filter(|(name, _)| scope.holds(name)).collect();
    let (pairs, pair_of) = pairs(base, output, &clusters);
    let ids = ids(base, &pairs);
    let id = |bytes: &Arc<[u8]>| match ids.get(&address(bytes)) {
        Some(id) => *id,
        None => base.id_of(bytes),
    };
    let differences: Vec<Difference> = pairs
        .par_iter()
        .map(|(name, folder, _)| {
            let path = format!("{output}/{name}");
            folder::difference(base, &path, folder, &id, scope.catalogue)
        })
        .collect();
    let synced: Vec<Vec<(Draft, String, Sides)>> = clusters
        .par_iter()
        .zip(&pair_of)
        .map(|((name, cluster), pair)| {
            sync(base, &format!("{output}/{SYNC}"), name, cluster, &differences[*pair])
        })
        .collect();

    let mut change = Change { compared: clusters.len(), ..Change::default() };
    let mut members: Vec<Vec<String>> = vec![vec![]; pairs.len()];
    let mut located: Vec<Located> = vec![];
    for (((name, _), pair), sync) in clusters.iter().zip(&pair_of).zip(synced) {
        members[*pair].push((*name).clone());
        let difference = &differences[*pair];
        let mut count = difference.count;
        for (draft, path, sides) in sync {
            count += match draft.presence {
                Presence::Added => FileCount { added: 1, ..FileCount::default() },
                Presence::Removed => FileCount { removed: 1, ..FileCount::default() },
                Presence::Changed => FileCount { changed: 1, ..FileCount::default() },
            };
            if !difference.appears {
                located.push(one(draft, name, path, sides));
            }
        }
        if count.total() > 0 || !difference.files.is_empty() {
            change.clusters.insert((*name).clone(), count);
        }
    }
    for ((difference, members), (_, folder, _)) in differences.into_iter().zip(members).zip(&pairs)
    {
        if !difference.files.is_empty() {
            let (clusters, files) = (members.clone(), difference.files.clone());
            change.touched.push(Touched { clusters, files, folder: Some(Arc::clone(folder)) });
        }
        located.extend(drafts(difference, members));
    }
    for name in scope.retired.into_iter().flatten().filter(|name| scope.holds(name)) {
        if let Some((count, gone, files)) = retired(base, output, name) {
            change.clusters.insert(name.clone(), count);
            located.push(gone);
            change.touched.push(Touched { clusters: vec![name.clone()], files, folder: None });
        }
    }
    change.entries = group::entries(located);
    change
}

/// Where bytes that are shared lie: the key under which their id is remembered.
fn address(bytes: &Arc<[u8]>) -> usize {
    bytes.as_ptr() as usize
}

/// The ids of all rendered files that something landed beside, each worked out once.
fn ids(base: &dyn Base, pairs: &[Pair<'_>]) -> HashMap<usize, Id> {
    let mut distinct: BTreeMap<usize, &Arc<[u8]>> = BTreeMap::new();
    let beside = pairs.iter().filter(|(.., landed)| *landed);
    for bytes in beside.flat_map(|(_, folder, _)| folder.files.values()) {
        distinct.entry(address(bytes)).or_insert(bytes);
    }
    distinct.into_par_iter().map(|(address, bytes)| (address, base.id_of(bytes))).collect()
}

/// The first cluster of a pair, its rendered folder, and whether anything had landed there.
type Pair<'a> = (&'a String, &'a Arc<Folder>, bool);

/// What had landed for a cluster, as far as it must be known to tell two apart.
#[derive(PartialEq, Eq, Hash)]
enum Landed {
    Id(Id),
    Files(Vec<(String, Id)>),
}

/// Distinct pairs, each with the first cluster that has it, and every cluster's pair.
fn pairs<'a>(
    base: &dyn Base,
    output: &str,
    clusters: &[(&'a String, &'a ClusterTree)],
) -> (Vec<Pair<'a>>, Vec<usize>) {
    let landed: Vec<Landed> = clusters
        .par_iter()
        .map(|(name, _)| {
            let path = format!("{output}/{name}");
            base.folder_id(&path).map_or_else(|| Landed::Files(base.files(&path)), Landed::Id)
        })
        .collect();
    let mut known: HashMap<(usize, Landed), usize> = HashMap::new();
    let (mut pairs, mut pair_of) = (vec![], vec![]);
    for ((name, cluster), landed) in clusters.iter().zip(landed) {
        let any = !matches!(&landed, Landed::Files(files) if files.is_empty());
        let key = (Arc::as_ptr(&cluster.folder) as usize, landed);
        let pair = *known.entry(key).or_insert_with(|| {
            pairs.push((*name, &cluster.folder, any));
            pairs.len() - 1
        });
        pair_of.push(pair);
    }
    (pairs, pair_of)
}

/// The sync tool's files that differ: those rendered, and those that had landed by the lock.
fn sync(
    base: &dyn Base,
    root: &str,
    cluster: &str,
    tree: &ClusterTree,
    difference: &Difference,
) -> Vec<(Draft, String, Sides)> {
    let mut new: BTreeMap<String, &Arc<[u8]>> = BTreeMap::new();
    if let Some((tool, files)) = &tree.sync {
        new.extend(files.iter().map(|(file, bytes)| (format!("{tool}/{file}"), bytes)));
    }
    let names: BTreeSet<&String> = difference.sync.iter().chain(new.keys()).collect();
    let tools: BTreeSet<&str> =
        names.iter().filter_map(|name| Some(name.split_once('/')?.0)).collect();
    let mut landed: BTreeMap<String, Id> = BTreeMap::new();
    for tool in tools {
        let files = base.files(&format!("{root}/{tool}/{cluster}"));
        landed.extend(files.into_iter().map(|(file, id)| (format!("{tool}/{file}"), id)));
    }
    let mut found = vec![];
    for name in names {
        let Some((tool, file)) = name.split_once('/') else { continue };
        let (old, new) = (landed.get(name), new.get(name));
        let presence = match (old, new) {
            (Some(old), Some(new)) if *old == base.id_of(new) => continue,
            (Some(_), Some(_)) => Presence::Changed,
            (None, Some(_)) => Presence::Added,
            (Some(_), None) => Presence::Removed,
            (None, None) => continue,
        };
        let path = format!("{SYNC}/{tool}/{cluster}/{file}");
        let before = old.and_then(|_| base.bytes(&format!("{root}/{tool}/{cluster}/{file}")));
        let subject = Subject::Sync { tool: tool.to_owned(), file: file.to_owned() };
        let shown = format!("{SYNC}/{tool}/<cluster>/{file}");
        let direction = direction::of_sync(before.as_deref(), new.map(|new| &***new));
        let draft = Draft { direction, ..Draft::of_file(subject, presence, &shown) };
        found.push((draft, path, (before.map(Arc::from), new.map(|new| Arc::clone(new)))));
    }
    found
}

fn one(draft: Draft, cluster: &str, path: String, (old, new): Sides) -> Located {
    let example = Example { cluster: cluster.to_owned(), path, old, new };
    Located { draft, clusters: vec![cluster.to_owned()], example }
}

/// What a pair differs in, for all clusters that have it.
fn drafts(difference: Difference, members: Vec<String>) -> Vec<Located> {
    let Some(first) = members.first().cloned() else { return vec![] };
    let example = |path: &str, before: Option<&String>| {
        let (mut old, new) = difference.files.get(path).cloned().unwrap_or_default();
        if let Some((before, _)) = before.and_then(|before| difference.files.get(before)) {
            old.clone_from(before);
        }
        Example { cluster: first.clone(), path: format!("{first}/{path}"), old, new }
    };
    if difference.appears {
        let statements = vec![files(difference.count.total(), Presence::Added)];
        let draft = whole(Presence::Added, statements);
        return vec![Located { draft, clusters: members, example: example(lock::FILE, None) }];
    }
    let located = difference.drafts.iter().map(|draft| Located {
        draft: draft.clone(),
        clusters: members.clone(),
        example: example(&draft.path, draft.before.as_ref()),
    });
    located.collect()
}

fn whole(presence: Presence, statements: Vec<Statement>) -> Draft {
    let direction = match presence {
        Presence::Removed => Direction::Loosens,
        _ => Direction::Tightens,
    };
    Draft { statements, direction, ..Draft::of_file(Subject::Cluster, presence, lock::FILE) }
}

fn files(count: usize, presence: Presence) -> Statement {
    let (value, path) = (Some(Value::from(count)), "files".to_owned());
    let (old, new) = if presence == Presence::Added { (None, value) } else { (value, None) };
    Statement { topic: Topic::Field, path, old, new }
}

/// A cluster whose files all go; nothing if none has landed.
fn retired(
    base: &dyn Base,
    output: &str,
    name: &str,
) -> Option<(FileCount, Located, BTreeMap<String, Sides>)> {
    let path = format!("{name}/{}", lock::FILE);
    let bytes = base.bytes(&format!("{output}/{path}"))?;
    let lock = Lock::read(std::str::from_utf8(&bytes).ok()?).ok()?;
    let removed = lock.files.len() + lock.sync.len();
    let draft = whole(Presence::Removed, vec![files(removed, Presence::Removed)]);
    let located = one(draft, name, path, (Some(bytes.into()), None));
    let gone = |file: &String| {
        let bytes = base.bytes(&format!("{output}/{name}/{file}"))?;
        Some((file.clone(), (Some(Arc::from(bytes)), None)))
    };
    let gone = lock.files.keys().filter_map(gone).collect();
    Some((FileCount { removed, ..FileCount::default() }, located, gone))
}
