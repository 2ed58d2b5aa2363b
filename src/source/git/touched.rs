//! When a folder was last changed, as far as the history here tells.

use super::Commit;
use super::listing::Listings;

/// How many commits are looked at: what is older than all of them is old whenever it was.
const COMMITS: usize = 20_000;

impl Commit {
    /// Seconds since 1970 of the commit that gave a folder its present content, along the first
    /// parents; `None` where there is no such folder, or the history here does not reach so far.
    pub fn touched(&self, folder: &str) -> Option<i64> {
        let present = self.item(folder)?.id;
        let mut step = self.step(self.id).ok()?;
        for _ in 0..COMMITS {
            let Some(parent) = step.parent else {
                return (!self.is_shallow()).then_some(step.seconds);
            };
            let before = self.step(parent).ok()?;
            let there = self.item_in(before.tree, folder, &Listings::default()).ok()?;
            if there.is_none_or(|item| item.id != present) {
                return Some(step.seconds);
            }
            step = before;
        }
        None
    }
}
