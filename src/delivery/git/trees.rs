//! Git trees as bytes: made from files, and changed without a work tree.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::draft::{FolderUpdate, Store};

const FILE: i32 = 0o100_644;
const FOLDER: i32 = 0o040_000;

/// What happens at a place of the tree.
pub(super) enum Edit {
    /// Becomes the folder made for the update with this number.
    Replace(usize),
    /// Only something further down changes.
    Inside(BTreeMap<String, Edit>),
}

/// Sorts updates into one tree of edits; says what is wrong with a path.
pub(super) fn edits(updates: &[FolderUpdate<'_>]) -> Result<Edit, String> {
    let mut root = BTreeMap::new();
    for (number, update) in updates.iter().enumerate() {
        insert(&mut root, &update.path, number)?;
        for (path, _) in update.files {
            for name in path.split('/') {
                plain(name).map_err(|why| format!("the path `{}/{path}` {why}", update.path))?;
            }
        }
    }
    Ok(Edit::Inside(root))
}

fn insert(root: &mut BTreeMap<String, Edit>, path: &str, update: usize) -> Result<(), String> {
    let twice = || format!("the path `{path}` lies within another one that is also written");
    let mut names: Vec<&str> = path.split('/').collect();
    let last = names.pop().unwrap_or_default();
    let mut place = root;
    for name in names {
        plain(name).map_err(|why| format!("the path `{path}` {why}"))?;
        let next = place.entry(name.to_owned()).or_insert_with(|| Edit::Inside(BTreeMap::new()));
        let Edit::Inside(next) = next else { return Err(twice()) };
        place = next;
    }
    plain(last).map_err(|why| format!("the path `{path}` {why}"))?;
    match place.insert(last.to_owned(), Edit::Replace(update)) {
        None => Ok(()),
        Some(_) => Err(twice()),
    }
}

fn plain(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("has an empty part"),
        "." | ".." => Err("leads elsewhere"),
        _ if name.eq_ignore_ascii_case(".git") => Err("leads into git's own folder"),
        _ if name.contains(['\\', '\0', '\n']) => Err("has a character no file name should have"),
        _ => Ok(()),
    }
}

/// The tree of a folder with exactly these files; `None` if there are none.
pub(super) fn folder(
    files: &[(String, Arc<[u8]>)],
    store: &mut Store<'_>,
) -> Result<Option<Oid>, git2::Error> {
    let mut sorted: Vec<(&str, &Arc<[u8]>)> =
        files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect();
    sorted.sort_by_key(|(path, _)| *path);
    level(&sorted, 0, store)
}

/// The tree of files that share the first `skip` bytes of their paths.
fn level(
    files: &[(&str, &Arc<[u8]>)],
    skip: usize,
    store: &mut Store<'_>,
) -> Result<Option<Oid>, git2::Error> {
    let mut entries: Vec<(Vec<u8>, i32, Oid)> = Vec::new();
    let mut rest = files;
    while let Some((path, bytes)) = rest.first() {
        let Some((name, _)) = path[skip..].split_once('/') else {
            let name = &path[skip..];
            if entries.last().is_some_and(|(last, ..)| last == name.as_bytes()) {
                return Err(git2::Error::from_str(&format!("`{path}` is given twice")));
            }
            entries.push((name.into(), FILE, store.blob(bytes)));
            rest = &rest[1..];
            continue;
        };
        let prefix = &path[..skip + name.len() + 1];
        let within = rest.iter().take_while(|(path, _)| path.starts_with(prefix)).count();
        if entries.iter().any(|(file, ..)| file == name.as_bytes()) {
            return Err(git2::Error::from_str(&format!("`{prefix}` is a file and a folder")));
        }
        if let Some(id) = level(&rest[..within], prefix.len(), store)? {
            entries.push((name.into(), FOLDER, id));
        }
        rest = &rest[within..];
    }
    write(entries, store)
}

/// Applies edits to a tree that may be absent; `None` if nothing is left of it.
pub(super) fn apply(
    edit: &Edit,
    tree: Option<Oid>,
    folders: &[Option<Oid>],
    store: &mut Store<'_>,
) -> Result<Option<Oid>, git2::Error> {
    let edits = match edit {
        Edit::Replace(number) => return Ok(folders[*number]),
        Edit::Inside(edits) => edits,
    };
    let mut kept = Vec::new();
    let mut below = BTreeMap::new();
    if let Some(tree) = tree {
        for entry in &store.repository.find_tree(tree)? {
            let name = entry.name_bytes();
            if std::str::from_utf8(name).is_ok_and(|name| edits.contains_key(name)) {
                // A file where a folder is wanted gives way to it.
                let is_folder = entry.kind() == Some(ObjectType::Tree);
                below.insert(name.to_vec(), is_folder.then(|| entry.id()));
            } else {
                kept.push((name.to_vec(), entry.filemode_raw(), entry.id()));
            }
        }
    }
    for (name, edit) in edits {
        let present = below.get(name.as_bytes()).copied().flatten();
        if let Some(id) = apply(edit, present, folders, store)? {
            kept.push((name.clone().into_bytes(), FOLDER, id));
        }
    }
    write(kept, store)
}

/// Writes one tree, its entries in git's order: a folder sorts as if its name ended in a slash.
fn write(
    mut entries: Vec<(Vec<u8>, i32, Oid)>,
    store: &mut Store<'_>,
) -> Result<Option<Oid>, git2::Error> {
    if entries.is_empty() {
        return Ok(None);
    }
    entries.sort_by(|(one, one_mode, _), (other, other_mode, _)| {
        let key = |name: &[u8], mode: i32| -> Vec<u8> {
            let end: &[u8] = if mode == FOLDER { b"/" } else { b"" };
            [name, end].concat()
        };
        key(one, *one_mode).cmp(&key(other, *other_mode))
    });
    let mut bytes = Vec::with_capacity(entries.len() * 48);
    for (name, mode, id) in &entries {
        bytes.extend_from_slice(format!("{mode:o} ").as_bytes());
        bytes.extend_from_slice(name);
        bytes.push(0);
        bytes.extend_from_slice(id.as_bytes());
    }
    store.tree(bytes).map(Some)
}
