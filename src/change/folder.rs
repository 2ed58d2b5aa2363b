//! One rendered folder against one that has landed: what a pair of them differs in, worked out
//! once however many clusters share the pair.

use super::direction::{self, Surroundings};
use super::objects::{self, Differing, Draft};
use super::{Direction, FileCount, Presence, Statement, Subject, Topic};
use crate::catalogue::Catalogue;
use crate::lock::{self, Lock};
use crate::tree::{Base, Folder, Id};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A file before and after.
pub type Sides = (Option<Arc<[u8]>>, Option<Arc<[u8]>>);

/// What a pair of folders differs in.
#[derive(Debug, Default)]
pub struct Difference {
    /// Nothing of ours had landed there.
    pub appears: bool,
    pub count: FileCount,
    pub drafts: Vec<Draft>,
    /// Files that differ, below the folder.
    pub files: BTreeMap<String, Sides>,
    /// The sync tool's files that had landed, as `tool/file`.
    pub sync: BTreeSet<String>,
}

/// Compares a rendered folder with the one that landed at `path`.
///
/// Files that no lock names are somebody else's, and no business of ours unless one is about to
/// be replaced.
pub fn difference(
    base: &dyn Base,
    path: &str,
    folder: &Folder,
    id: &(dyn Fn(&Arc<[u8]>) -> Id + Sync),
    catalogue: Option<&Catalogue>,
) -> Difference {
    let mut before: BTreeMap<String, Id> = base.files(path).into_iter().collect();
    let landed = before.get(lock::FILE).copied();
    let read = |file: &str| base.bytes(&format!("{path}/{file}")).map(Arc::<[u8]>::from);
    let lock_bytes = folder.files.get(lock::FILE);
    let same_lock = landed.is_some() && landed == lock_bytes.map(id);
    let old_lock = match landed {
        Some(_) if same_lock => folder.lock.clone(),
        Some(_) => read(lock::FILE).map(|bytes| readable(&bytes)).unwrap_or_default(),
        None => Lock::default(),
    };
    before.retain(|file, _| {
        file == lock::FILE || folder.files.contains_key(file) || old_lock.files.contains_key(file)
    });
    let mut found = Difference {
        appears: landed.is_none(),
        sync: old_lock.sync.clone(),
        ..Difference::default()
    };
    let paths: BTreeSet<&String> = before.keys().chain(folder.files.keys()).collect();
    for file in paths {
        let (old, new) = (before.get(file), folder.files.get(file));
        // What is new needs no id.
        if old.is_some_and(|old| new.is_some_and(|new| id(new) == *old)) {
            continue;
        }
        if file != lock::FILE {
            match (old, new) {
                (None, _) => found.count.added += 1,
                (_, None) => found.count.removed += 1,
                _ => found.count.changed += 1,
            }
        }
        let old = old.and_then(|_| read(file));
        found.files.insert(file.clone(), (old, new.cloned()));
    }
    if !found.appears && !found.files.is_empty() {
        let same = folder.files.iter().filter(|(path, _)| !found.files.contains_key(*path));
        let unchanged = same.map(|(_, bytes)| &**bytes).collect();
        let around = Surroundings { catalogue, unchanged };
        found.drafts = drafts(&found, &old_lock, &folder.lock, &around);
    }
    found
}

/// A damaged lock names nothing.
fn readable(bytes: &[u8]) -> Lock {
    std::str::from_utf8(bytes).ok().and_then(|text| Lock::read(text).ok()).unwrap_or_default()
}

fn drafts(found: &Difference, old: &Lock, new: &Lock, around: &Surroundings<'_>) -> Vec<Draft> {
    let differing: Differing<'_> = found
        .files
        .iter()
        .filter(|(path, _)| *path != lock::FILE)
        .map(|(path, (old, new))| (path.as_str(), (old.as_deref(), new.as_deref())))
        .collect();
    if differing.is_empty() && found.files.contains_key(lock::FILE) {
        return vec![lock_alone(old, new)];
    }
    let mut drafts = objects::drafts(&differing, around);
    let of = |draft: &Draft| [Some(draft.path.clone()), draft.before.clone()];
    let said: BTreeSet<String> = drafts.iter().flat_map(of).flatten().collect();
    // Whatever differs without an object that does, such as a comment, is said by its file.
    let unsaid = differing.keys().filter(|path| !said.contains(**path));
    drafts.extend(unsaid.map(|path| {
        let subject = Subject::File { path: (*path).to_owned() };
        let direction = Direction::Neutral;
        Draft { direction, ..Draft::of_file(subject, Presence::Changed, path) }
    }));
    // The lists of a step's files follow from the files that come and go.
    if found.count.added + found.count.removed > 0 {
        drafts.retain(|draft| !listing(&draft.path));
    }
    drafts
}

fn listing(path: &str) -> bool {
    path.rsplit('/').next() == Some("kustomization.yaml")
}

/// The lock changes and nothing that is applied does.
fn lock_alone(old: &Lock, new: &Lock) -> Draft {
    let mut statements = vec![];
    let mut say = |path: &str, old: Option<String>, new: Option<String>| {
        if old != new {
            let (old, new) = (old.map(Value::from), new.map(Value::from));
            statements.push(Statement { topic: Topic::Field, path: path.to_owned(), old, new });
        }
    };
    let version = |lock: &Lock| lock.catalogue.as_ref().map(|(version, _)| version.clone());
    let catalogue = match version(old) == version(new) {
        true => |lock: &Lock| lock.catalogue.as_ref().map(|(_, digest)| digest.clone()),
        false => version,
    };
    say("catalogue", catalogue(old), catalogue(new));
    let date = |lock: &Lock| lock.rendered_for.map(|date| date.to_string());
    say("rendered for", date(old), date(new));
    for (key, fact) in &new.rules {
        let (rule, requirement) = key;
        let before = old.rules.get(key);
        if before != Some(fact) {
            let first = |fact: &(String, crate::date::Date)| fact.1.to_string();
            let name = format!("{rule} for {requirement}");
            say(&name, before.map(first), Some(first(fact)));
        }
    }
    let direction = direction::of_lock(old, new);
    Draft { statements, direction, ..Draft::of_file(Subject::Lock, Presence::Changed, lock::FILE) }
}
