//! A commit as the base: what has landed, looked up by content id before anything is parsed.

use git2::{ObjectType, Oid};

use super::{Commit, DEPTH, SUBMODULE, SYMBOLIC_LINK, entry, find_tree, from_oid};
use crate::tree::base::{Base, Id};

/// The id of an entry that is no file: no bytes have it, so it always counts as different.
const NO_FILE: Id = Id([0; 20]);

impl Base for Commit {
    fn folders(&self, below: &str) -> Vec<String> {
        let repository = self.repository();
        let Some(tree) = self.folder(&repository, below).and_then(|id| find_tree(&repository, id))
        else {
            return Vec::new();
        };
        let mut names: Vec<String> = tree
            .iter()
            .filter(|entry| entry.kind() == Some(ObjectType::Tree))
            .filter_map(|entry| Some(entry.name().ok()?.to_owned()))
            .collect();
        // Git orders folders as if their names ended in a slash.
        names.sort();
        names
    }

    fn folder_id(&self, path: &str) -> Option<Id> {
        self.folder(&self.repository(), path).map(from_oid)
    }

    fn files(&self, folder: &str) -> Vec<(String, Id)> {
        let repository = self.repository();
        let mut files = Vec::new();
        if let Some(id) = self.folder(&repository, folder) {
            collect(&repository, id, "", 0, &mut files);
        }
        files.sort();
        files
    }

    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let repository = self.repository();
        let path = format!("{}{path}", self.below);
        let (kind, mode, id) = entry(&repository, self.tree, &path)?;
        if kind != Some(ObjectType::Blob) || mode == SYMBOLIC_LINK {
            return None;
        }
        Some(repository.find_blob(id).ok()?.content().to_vec())
    }

    fn id_of(&self, bytes: &[u8]) -> Id {
        Id::of_file(bytes)
    }
}

impl Commit {
    fn folder(&self, repository: &git2::Repository, path: &str) -> Option<Oid> {
        let path = format!("{}{path}", self.below);
        let (kind, _, id) = entry(repository, self.tree, &path)?;
        (kind == Some(ObjectType::Tree)).then_some(id)
    }
}

fn collect(
    repository: &git2::Repository,
    folder: Oid,
    path: &str,
    depth: usize,
    files: &mut Vec<(String, Id)>,
) {
    let Some(tree) = find_tree(repository, folder) else { return };
    for entry in &tree {
        let path = format!("{path}{}", String::from_utf8_lossy(entry.name_bytes()));
        match (entry.kind(), entry.filemode_raw()) {
            (_, SYMBOLIC_LINK | SUBMODULE) => files.push((path, NO_FILE)),
            (Some(ObjectType::Tree), _) if depth < DEPTH => {
                collect(repository, entry.id(), &format!("{path}/"), depth + 1, files);
            }
            _ => files.push((path, from_oid(entry.id()))),
        }
    }
}
