//! From updated folders to an open proposal, in steps that can be taken again.
//!
//! Every step first looks whether it was already taken, so a run that failed half-way is finished by
//! the next one, and a run with nothing to change writes nothing anywhere. Whose a branch is, is
//! decided in `standing`; the title and the body come from the caller.

mod run;

use std::path::Path;

use git2::{Oid, Reference, Repository};

use super::forge::{Forge, Proposal, Wanted};
use super::git::{Author, Draft, FolderUpdate, Remote};
use crate::failure::Failure;
use crate::tree::base::Id;
use run::Run;

/// What is to be proposed.
pub struct Request<'a> {
    /// The repository, or a folder within it.
    pub repository: &'a Path,
    /// Where the paths of the updates start: empty, or a path with a slash at its end.
    pub below: &'a str,
    /// The commit the folders were rendered from; it becomes the proposal's parent.
    pub from: Id,
    pub updates: &'a [FolderUpdate<'a>],
    /// What the commit's message says below the title; may be empty.
    pub why: &'a str,
    /// What the commit's message says to programs, as `Name: value`.
    pub trailers: &'a [(&'a str, String)],
    pub author: &'a Author,
    pub wanted: &'a Wanted,
    /// Stop before anything is written or asked.
    pub dry_run: bool,
}

/// How it ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The commit already holds what would be rendered.
    Nothing,
    /// A dry run: this branch would be pushed, with this tree.
    Would {
        tree: Id,
    },
    /// The branch was pushed; there is no forge to propose it at.
    Pushed {
        commit: Id,
    },
    /// The branch already holds all of it; there is no forge to propose it at.
    AlreadyPushed,
    Opened {
        proposal: Proposal,
    },
    /// What was changed about a proposal that was open.
    Updated {
        proposal: Proposal,
        changed: Vec<String>,
    },
    /// It is open and says what it should.
    Unchanged {
        proposal: Proposal,
    },
    /// People closed just this; it is not opened again until it would say something else.
    Declined {
        proposal: Proposal,
    },
    /// All of it has landed, so the proposal was closed.
    Closed {
        proposal: Proposal,
    },
}

/// Commits, pushes and proposes, as far as that is not done yet; `say` hears of every step taken.
pub fn propose(
    request: &Request<'_>,
    remote: &Remote,
    forge: Option<&dyn Forge>,
    say: &mut dyn FnMut(&str),
) -> Result<Outcome, Failure> {
    let Wanted { branch, base, .. } = request.wanted;
    let tried = || format!("propose `{branch}` to {}", remote.shown());
    let untouched = "nothing was committed or pushed";
    if branch == base || !Reference::is_valid_name(&format!("refs/heads/{branch}")) {
        return Err(Failure::new(tried(), "that is no name for a proposal's branch")
            .to_do("set delivery.branch to a prefix of its own, such as `ordinance/`")
            .state(untouched));
    }
    let draft = stage(request)?;
    if request.dry_run {
        return Ok(match draft.is_empty() {
            true => Outcome::Nothing,
            false => Outcome::Would { tree: id(draft.tree()) },
        });
    }
    let run = Run { request, remote, forge, draft: &draft };
    let seen = run.look().map_err(|failure| failure.state(untouched))?;
    if draft.is_empty() {
        return run.nothing(&seen, say);
    }
    let standing = run.judge(&seen).map_err(|failure| failure.state(untouched))?;
    let told = |error: git2::Error| Failure::new(tried(), error.message());
    let commit = match run.is_proposed(&standing, &seen).map_err(told)? {
        true => None,
        false => Some(run.push(&seen, say)?),
    };
    run.tell(&seen, commit, say)
}

/// The commit that a branch of the remote holds, brought here; `None` where there is no such branch.
pub fn tip(repository: &Path, remote: &Remote, branch: &str) -> Result<Option<Id>, Failure> {
    let branches = remote.branches()?;
    let Some(tip) = branches.tip(branch) else { return Ok(None) };
    let local = Repository::discover(repository).map_err(|error| {
        Failure::new(format!("open the repository of {}", repository.display()), error.message())
    })?;
    remote.fetch(&local, &branches, &[branch])?;
    Ok(Some(id(tip)))
}

fn stage(request: &Request<'_>) -> Result<Draft, Failure> {
    let updates: Vec<FolderUpdate<'_>> = request
        .updates
        .iter()
        .map(|update| FolderUpdate {
            path: format!("{}{}", request.below, update.path),
            files: update.files,
            key: update.key,
        })
        .collect();
    Draft::stage(request.repository, oid(request.from)?, &updates)
}

fn oid(id: Id) -> Result<Oid, Failure> {
    Oid::from_bytes(&id.0).map_err(|error| Failure::new("name a commit", error.message()))
}

fn id(oid: Oid) -> Id {
    let mut id = [0; 20];
    id.copy_from_slice(&oid.as_bytes()[..20]);
    Id(id)
}
