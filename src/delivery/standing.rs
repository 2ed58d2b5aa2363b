//! Whose a proposal's branch is, and whether it may be moved.
//!
//! A branch is ours only while its last commit is exactly what we once pushed: one parent, made by
//! the committer of the fleet's settings, and with a trailer that names its own tree. Whoever adds a
//! commit, amends, rebases or merges into it breaks at least one of the three, and from then on it
//! is theirs. Below our commit there may be commits that travel with the proposal; other people's
//! are not dropped from a proposal that is open.

use git2::{Oid, Repository};

/// The trailer that names the tree of a commit of ours.
const TRAILER: &str = "Ordinance-Render";

/// How many commits that would be lost are told of.
const TOLD: usize = 5;

/// Whose a branch is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// There is no such branch.
    Absent,
    /// Our commit, and what it stands on.
    Ours { parent: Oid, parent_tree: Oid, tree: Oid },
    /// Somebody else's; the commit in words.
    Theirs(String),
}

/// A commit message with its trailers; the last one names the tree.
pub(super) fn signed(message: &str, trailers: &[(&str, String)], tree: Oid) -> String {
    let others = trailers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("{}\n\n{}{TRAILER}: {tree}\n", message.trim_end(), others.collect::<String>())
}

/// Judges a branch by the commit at its tip.
pub(super) fn judge(
    local: &Repository,
    tip: Option<Oid>,
    email: &str,
) -> Result<Standing, git2::Error> {
    let Some(tip) = tip else { return Ok(Standing::Absent) };
    let commit = local.find_commit(tip)?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    let trailer = format!("{TRAILER}: {}", commit.tree_id());
    let names_itself = message.trim_end().lines().next_back() == Some(trailer.as_str());
    let by_us = commit.committer().email_bytes() == email.as_bytes();
    if !(commit.parent_count() == 1 && by_us && names_itself) {
        return Ok(Standing::Theirs(described(&commit)));
    }
    let parent = commit.parent_id(0)?;
    // A shallow clone may not have it; then what it carries cannot be known either.
    let parent_tree = local.find_commit(parent)?.tree_id();
    Ok(Standing::Ours { parent, parent_tree, tree: commit.tree_id() })
}

/// Commits of other people that are in the history of `parent`, have not landed on `base`, and
/// would no longer be in that of `from`; told in words.
///
/// Commits by whoever made `from` do not count: they were amended or rebased by their own author.
pub(super) fn lost(
    local: &Repository,
    parent: Oid,
    from: Oid,
    base: Option<Oid>,
) -> Result<Vec<String>, git2::Error> {
    let me = local.find_commit(from)?.committer().email_bytes().to_vec();
    let mut lost = Vec::new();
    for id in only_in(local, parent, &[Some(from), base])? {
        let commit = local.find_commit(id)?;
        if commit.committer().email_bytes() != me {
            lost.push(described(&commit));
        }
    }
    let more = lost.len().saturating_sub(TOLD);
    lost.truncate(TOLD);
    if more > 0 {
        lost.push(format!("{more} more"));
    }
    Ok(lost)
}

/// Whether `from` brings commits along that neither `base` nor the proposal standing on `parent`
/// has.
pub(super) fn brings_more(
    local: &Repository,
    from: Oid,
    parent: Oid,
    base: Option<Oid>,
) -> Result<bool, git2::Error> {
    Ok(!only_in(local, from, &[Some(parent), base])?.is_empty())
}

fn only_in(local: &Repository, tip: Oid, without: &[Option<Oid>]) -> Result<Vec<Oid>, git2::Error> {
    let mut walk = local.revwalk()?;
    walk.push(tip)?;
    for id in without.iter().flatten() {
        walk.hide(*id)?;
    }
    walk.collect()
}

fn described(commit: &git2::Commit<'_>) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).escape_debug().to_string();
    let id = commit.id().to_string();
    let summary = text(commit.summary_bytes().unwrap_or_default());
    format!("{} \"{summary}\" by {}", &id[..10], text(commit.committer().name_bytes()))
}
