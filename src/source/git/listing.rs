//! The folders of a commit, each unpacked once.
//!
//! libgit2 keeps no large tree in memory, so looking something up in the folder of a thousand
//! clusters would unpack and hash that folder a thousand times.

use super::Commit;
use git2::{ObjectType, Oid};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// An entry of a folder.
#[derive(Clone, Debug)]
pub struct Item {
    pub name: Vec<u8>,
    pub kind: Option<ObjectType>,
    pub mode: i32,
    pub id: Oid,
}

impl Item {
    pub fn is_folder(&self) -> bool {
        self.kind == Some(ObjectType::Tree)
    }
}

/// The folders that were looked into, by id; their entries sorted by name.
#[derive(Default)]
pub struct Listings(Mutex<HashMap<Oid, Arc<[Item]>>>);

impl Commit {
    /// The entries of a folder, sorted by name; `None` where it cannot be read.
    pub fn listing(&self, folder: Oid) -> Option<Arc<[Item]>> {
        self.list(folder, &self.listings).ok()
    }

    /// What lies at a path, counted from the folder the commit was opened for.
    pub fn item(&self, path: &str) -> Option<Item> {
        self.item_in(self.tree, path, &self.listings).ok().flatten()
    }

    /// The same in the tree of another commit; an error where a folder on the way cannot be read.
    /// What is looked into is kept in `listings`: a long history would fill this commit's own.
    pub fn item_in(
        &self,
        tree: Oid,
        path: &str,
        listings: &Listings,
    ) -> Result<Option<Item>, git2::Error> {
        let path = format!("{}{path}", self.below);
        let mut item =
            Item { name: vec![], kind: Some(ObjectType::Tree), mode: 0o040_000, id: tree };
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if !item.is_folder() {
                return Ok(None);
            }
            let listing = self.list(item.id, listings)?;
            let place = listing.binary_search_by(|one| one.name.as_slice().cmp(name.as_bytes()));
            let Ok(place) = place else { return Ok(None) };
            item = listing[place].clone();
        }
        Ok(Some(item))
    }

    fn list(&self, folder: Oid, listings: &Listings) -> Result<Arc<[Item]>, git2::Error> {
        let known = || listings.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listing) = known().get(&folder) {
            return Ok(listing.clone());
        }
        let repository = self.repository();
        let tree = repository.find_tree(folder)?;
        let mut items: Vec<Item> = tree
            .iter()
            .map(|entry| Item {
                name: entry.name_bytes().to_vec(),
                kind: entry.kind(),
                mode: entry.filemode_raw(),
                id: entry.id(),
            })
            .collect();
        // Git orders folders as if their names ended in a slash.
        items.sort_by(|one, other| one.name.cmp(&other.name));
        let listing: Arc<[Item]> = items.into();
        known().insert(folder, listing.clone());
        Ok(listing)
    }
}
