//! The commits that something is proposed from.

use super::hex;
use crate::document::Delivery;
use crate::report::Commit as Told;
use crate::source::git::Commit;

/// How many commits a proposal's reasons name.
const COMMITS: usize = 20;

/// The commits that travel along with the proposal.
pub fn commits(commit: &Commit, settings: &Delivery) -> Vec<Told> {
    let base = format!("refs/remotes/{}/{}", settings.remote, settings.base);
    let since = commit.merge_base(&base).or_else(|| commit.merge_base(&settings.base));
    let history = since.and_then(|since| commit.since(since, COMMITS).ok()).unwrap_or_default();
    let told = |entry: crate::source::git::Entry| Told {
        id: hex(entry.id),
        author: entry.author,
        subject: entry.summary,
    };
    history.commits.into_iter().map(told).collect()
}
