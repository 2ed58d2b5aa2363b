//! When folders were last changed, as far as the history here tells.

use super::Commit;
use super::listing::Listings;
use git2::Oid;
use std::collections::BTreeMap;

/// How many commits are looked at: what is older than all of them is old whenever it was.
const COMMITS: usize = 20_000;

impl Commit {
    /// By name, seconds since 1970 of the commit that gave a folder below `root` its present content,
    /// along the first parents. Missing: there is no such folder, or the history here does not reach
    /// so far.
    pub fn touched(&self, root: &str, folders: &[&str]) -> BTreeMap<String, i64> {
        let mut found = BTreeMap::new();
        let mut open: BTreeMap<&str, Oid> = BTreeMap::new();
        for folder in folders {
            open.extend(self.item(&format!("{root}/{folder}")).map(|item| (*folder, item.id)));
        }
        let Ok(mut step) = self.step(self.id) else { return found };
        let mut whole = self.item(root).map(|item| item.id);
        for _ in 0..COMMITS {
            if open.is_empty() {
                break;
            }
            let Some(parent) = step.parent else {
                if !self.is_shallow() {
                    found.extend(open.keys().map(|name| ((*name).to_owned(), step.seconds)));
                }
                break;
            };
            let Ok(before) = self.step(parent) else { break };
            let listings = Listings::default();
            let Ok(all) = self.item_in(before.tree, root, &listings) else { break };
            let all = all.map(|item| item.id);
            if all != whole {
                whole = all;
                open.retain(|name, present| {
                    let there = self.item_in(before.tree, &format!("{root}/{name}"), &listings);
                    let same = there.is_ok_and(|item| item.is_some_and(|one| one.id == *present));
                    if !same {
                        found.insert((*name).to_owned(), step.seconds);
                    }
                    same
                });
            }
            step = before;
        }
        found
    }
}
