//! A commit as the base: what has landed, looked up by content id before anything is parsed.

use git2::{ObjectType, Oid};

use super::listing::Item;
use super::{Commit, DEPTH, SUBMODULE, SYMBOLIC_LINK, from_oid};
use crate::failure::Failure;
use crate::lock::{Landings, landings::Awaited};
use crate::tree::base::{Base, Id};

/// The id of an entry that is no file: no bytes have it, so it always counts as different.
const NO_FILE: Id = Id([0; 20]);

impl Base for Commit {
    fn below(&self) -> &str {
        Commit::below(self)
    }

    fn folders(&self, below: &str) -> Vec<String> {
        let Some(listing) = self.folder(below).and_then(|id| self.listing(id)) else {
            return Vec::new();
        };
        let folders = listing.iter().filter(|item| item.is_folder());
        folders.filter_map(|item| String::from_utf8(item.name.clone()).ok()).collect()
    }

    fn folder_id(&self, path: &str) -> Option<Id> {
        self.folder(path).map(from_oid)
    }

    fn files(&self, folder: &str) -> Vec<(String, Id)> {
        let mut files = Vec::new();
        if let Some(id) = self.folder(folder) {
            self.collect(id, "", 0, &mut files);
        }
        files.sort();
        files
    }

    fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let item = self.item(path)?;
        if item.kind != Some(ObjectType::Blob) || item.mode == SYMBOLIC_LINK {
            return None;
        }
        Some(self.repository().find_blob(item.id).ok()?.content().to_vec())
    }

    fn landings(&self, awaited: &Awaited) -> Result<Landings, Failure> {
        self.when_landed(awaited)
    }

    fn id_of(&self, bytes: &[u8]) -> Id {
        Id::of_file(bytes)
    }
}

impl Commit {
    fn folder(&self, path: &str) -> Option<Oid> {
        self.item(path).filter(Item::is_folder).map(|item| item.id)
    }

    fn collect(&self, folder: Oid, path: &str, depth: usize, files: &mut Vec<(String, Id)>) {
        let Some(listing) = self.listing(folder) else { return };
        for item in listing.iter() {
            let path = format!("{path}{}", String::from_utf8_lossy(&item.name));
            match item.mode {
                SYMBOLIC_LINK | SUBMODULE => files.push((path, NO_FILE)),
                _ if item.is_folder() && depth < DEPTH => {
                    self.collect(item.id, &format!("{path}/"), depth + 1, files);
                }
                _ => files.push((path, from_oid(item.id))),
            }
        }
    }
}
