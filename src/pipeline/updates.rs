//! From a rendered tree to the folders of a commit that must change.
//!
//! Files that no lock names belong to someone else and stay. Clusters alike whose base is alike
//! are worked out once.

use super::landed::Locks;
use crate::lock;
use crate::tree::{Base, ClusterTree, Folder, Id, Tree};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// A folder that becomes exactly these files.
#[derive(Debug, Clone)]
pub struct Update {
    /// Within the repository.
    pub path: String,
    pub files: Arc<Vec<(String, Arc<[u8]>)>>,
    /// Equal for folders that become equal.
    pub key: Option<u64>,
}

/// The folders of `output` that differ from the base, sorted by cluster.
pub fn updates(base: &dyn Base, output: &str, tree: &Tree, retired: &[String]) -> Vec<Update> {
    let locks = Locks::new(base);
    let clusters: Vec<(&String, &ClusterTree)> = tree.clusters.iter().collect();
    let synced: Vec<Vec<Update>> = clusters
        .par_iter()
        .map(|(name, cluster)| sync(base, &locks, output, name, Some(cluster)))
        .collect();
    let mut known: HashMap<(usize, Id), usize> = HashMap::new();
    let mut distinct: Vec<(&String, &Folder)> = vec![];
    let mut numbers = vec![];
    for (name, cluster) in &clusters {
        let home = format!("{output}/{name}");
        let folder = Arc::as_ptr(&cluster.folder).addr();
        let next = distinct.len();
        // A folder without an id of its own is looked at each time.
        let number = match base.folder_id(&home).or_else(|| nothing(base, &home)) {
            Some(id) => *known.entry((folder, id)).or_insert(next),
            None => next,
        };
        if number == next {
            distinct.push((name, &cluster.folder));
        }
        numbers.push(number);
    }
    let owned: Vec<Option<Update>> = distinct
        .par_iter()
        .enumerate()
        .map(|(number, (name, folder))| {
            own(base, &locks, &format!("{output}/{name}"), Some(folder), number as u64)
        })
        .collect();
    let mut updates = vec![];
    for (((name, _), number), synced) in clusters.into_iter().zip(numbers).zip(synced) {
        let update = owned[number].clone();
        updates.extend(update.map(|update| Update { path: format!("{output}/{name}"), ..update }));
        updates.extend(synced);
    }
    for name in retired {
        let home = format!("{output}/{name}");
        let update = own(base, &locks, &home, None, 0);
        updates.extend(update.map(|update| Update { key: None, ..update }));
        updates.extend(sync(base, &locks, output, name, None));
    }
    updates
}

/// A folder beside those of clusters that differs from the base; without one, what was ours goes.
pub fn update(base: &dyn Base, home: &str, folder: Option<&Folder>) -> Option<Update> {
    let update = own(base, &Locks::new(base), home, folder, 0)?;
    Some(Update { key: None, ..update })
}

/// Stands for a folder that is not there, or has no files.
fn nothing(base: &dyn Base, home: &str) -> Option<Id> {
    base.files(home).is_empty().then_some(Id([0; 20]))
}

/// A cluster's own folder; `None` where it is as it should be.
fn own(
    base: &dyn Base,
    locks: &Locks<'_>,
    home: &str,
    folder: Option<&Folder>,
    key: u64,
) -> Option<Update> {
    let there = base.files(home);
    // A damaged lock was complained about when it was read for rendering.
    let lock = locks.read(home).unwrap_or_default();
    let ours = |path: &str| path == lock::FILE || lock.files.contains_key(path);
    let empty = BTreeMap::new();
    let files = folder.map_or(&empty, |folder| &folder.files);
    let foreign: Vec<&String> = there
        .iter()
        .map(|(path, _)| path)
        .filter(|path| !ours(path) && !files.contains_key(*path))
        .collect();
    let same = there.len() == files.len() + foreign.len()
        && there.iter().all(|(path, id)| match files.get(path) {
            Some(bytes) => base.id_of(bytes) == *id,
            None => foreign.contains(&path),
        });
    if same {
        return None;
    }
    let mut all: BTreeMap<String, Arc<[u8]>> = files.clone();
    for path in foreign {
        let bytes = base.bytes(&format!("{home}/{path}")).unwrap_or_default();
        all.insert(path.clone(), bytes.into());
    }
    let files = Arc::new(all.into_iter().collect());
    Some(Update { path: home.to_owned(), files, key: Some(key) })
}

/// The sync tools' folders of a cluster: the one it has, and those it has left.
fn sync(
    base: &dyn Base,
    locks: &Locks<'_>,
    output: &str,
    name: &str,
    cluster: Option<&ClusterTree>,
) -> Vec<Update> {
    let lock = locks.read(&format!("{output}/{name}")).unwrap_or_default();
    let own = cluster.and_then(|cluster| cluster.sync.as_ref());
    let mut tools: Vec<&str> =
        lock.sync.iter().filter_map(|path| path.split_once('/')).map(|(tool, _)| tool).collect();
    tools.extend(own.map(|(tool, _)| tool.as_str()));
    tools.sort_unstable();
    tools.dedup();
    let mut updates = vec![];
    for tool in tools {
        let home = format!("{output}/sync/{tool}/{name}");
        let there = base.files(&home);
        let mut files: BTreeMap<String, Arc<[u8]>> =
            own.filter(|(its, _)| its == tool).map(|(_, files)| files.clone()).unwrap_or_default();
        let same = there.len() == files.len()
            && there
                .iter()
                .all(|(path, id)| files.get(path).is_some_and(|bytes| base.id_of(bytes) == *id));
        if same {
            continue;
        }
        for (path, _) in there {
            let ours = lock.sync.contains(&format!("{tool}/{path}"));
            if !ours && !files.contains_key(&path) {
                let bytes = base.bytes(&format!("{home}/{path}")).unwrap_or_default();
                files.insert(path, bytes.into());
            }
        }
        let files = Arc::new(files.into_iter().collect());
        updates.push(Update { path: home, files, key: None });
    }
    updates
}
