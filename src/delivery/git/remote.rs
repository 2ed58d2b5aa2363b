//! A remote repository: its branches, and moving one of them without losing anybody's work.
//!
//! Three ways lead to a remote, and each is a [`Channel`]: a folder (libgit2), HTTP (our own client,
//! because libgit2 sends a pack in thousands of tiny pieces, and replacing its transport is unsafe
//! code), and ssh (the `git` command, which knows people's keys and agents). A branch is only ever
//! moved from the commit it was seen at: if it moved meanwhile, the push fails and nothing is lost.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Oid, Repository};

use super::address::{Address, Place};
use super::folder::Folder;
use super::http::Http;
use super::ssh::Ssh;
use crate::delivery::secret::Secret;
use crate::failure::Failure;

/// A way to a remote repository.
pub(super) trait Channel {
    /// The remote's references and where they point.
    fn references(&self) -> Result<References, Failure>;
    /// Brings commits, which the remote's references point at, into the local object store.
    fn fetch(&self, local: &Repository, tips: &[(String, Oid)]) -> Result<(), Failure>;
    /// Moves one reference; fails if it is not where `change` says it was.
    fn push(&self, local: &Repository, change: &Change<'_>) -> Result<(), Failure>;
}

/// A remote's references by their full names.
pub(super) type References = BTreeMap<String, Oid>;

/// One reference that moves.
pub(super) struct Change<'a> {
    pub(super) reference: &'a str,
    /// Where it was seen; `None` where it did not exist.
    pub(super) old: Option<Oid>,
    pub(super) new: Oid,
    /// Commits the remote has for certain.
    pub(super) known: &'a [Oid],
}

/// A remote repository.
pub struct Remote {
    address: Address,
    channel: Box<dyn Channel>,
}

/// What a remote says about its branches.
pub struct Branches(References);

impl Branches {
    /// Where a branch points.
    pub fn tip(&self, branch: &str) -> Option<Oid> {
        self.0.get(&full(branch)).copied()
    }
}

impl Remote {
    /// Finds a remote by the name the repository gives it, or takes an address as it is.
    ///
    /// `token` is for an HTTP remote and is sent to nobody but its host; one inside the address
    /// comes first. Nothing is sent yet.
    pub fn find(repository: &Path, name: &str, token: Option<Secret>) -> Result<Self, Failure> {
        let tried = || format!("find the git remote `{}`", shown(name));
        let local = Repository::discover(repository)
            .map_err(|error| Failure::new(tried(), error.message()))?;
        let configured = local.find_remote(name).ok().and_then(|remote| {
            let url = remote.pushurl().ok().flatten().map(str::to_owned);
            url.or_else(|| remote.url().ok().map(str::to_owned))
        });
        // A single dot is this repository itself.
        let is_address = name == "." || name.contains([':', '/', '\\']);
        let Some(text) = configured.or_else(|| is_address.then(|| name.to_owned())) else {
            return Err(Failure::new(tried(), "the repository has no remote of this name")
                .to_do(format!("git remote add {name} ADDRESS")));
        };
        let mut address = Address::parse(&text).map_err(|wrong| {
            Failure::new(tried(), wrong).to_do("see `git remote --verbose` for what it is set to")
        })?;
        if address.login.is_none() {
            address.login = token.map(|token| ("x-access-token".to_owned(), token));
        }
        let channel: Box<dyn Channel> = match &address.place {
            Place::Folder(folder) => {
                // As git does: a relative path starts at the top of the work tree.
                let top = local.workdir().unwrap_or_else(|| local.path());
                Box::new(Folder::new(top.join(folder)))
            }
            Place::Http => Box::new(Http::new(address.clone())?),
            Place::Ssh => Box::new(Ssh::new(address.shown.clone(), local.path().to_owned())),
        };
        Ok(Self { address, channel })
    }

    /// The address without its secrets.
    pub fn shown(&self) -> &str {
        &self.address.shown
    }

    /// The host, with its port if it has one; empty for a folder.
    pub fn host(&self) -> &str {
        &self.address.host
    }

    /// What the address names on its host, such as `owner/repository`.
    pub fn path(&self) -> &str {
        &self.address.path
    }

    /// Asks where the branches point.
    pub fn branches(&self) -> Result<Branches, Failure> {
        self.channel.references().map(Branches)
    }

    /// Brings the commits at the tips of these branches here, as far as they are not here yet.
    pub(in crate::delivery) fn fetch(
        &self,
        local: &Repository,
        branches: &Branches,
        wanted: &[&str],
    ) -> Result<(), Failure> {
        let tips: Vec<(String, Oid)> = wanted
            .iter()
            .filter_map(|branch| Some((full(branch), branches.tip(branch)?)))
            .filter(|(_, tip)| local.find_commit(*tip).is_err())
            .collect();
        match tips.is_empty() {
            true => Ok(()),
            false => self.channel.fetch(local, &tips),
        }
    }

    /// Moves a branch from where it was seen to a commit of the local object store.
    pub(in crate::delivery) fn push(
        &self,
        local: &Repository,
        branches: &Branches,
        branch: &str,
        new: Oid,
    ) -> Result<(), Failure> {
        let known: Vec<Oid> = branches.0.values().copied().collect();
        let change =
            Change { reference: &full(branch), old: branches.tip(branch), new, known: &known };
        self.channel.push(local, &change)
    }
}

fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// A name or an address as it may be shown.
fn shown(name: &str) -> String {
    match Address::parse(name) {
        Ok(address) => address.shown,
        Err(_) => "(an address that is not repeated here)".into(),
    }
}

/// The objects of `new` that a repository with the commits `known` lacks, as a pack.
///
/// Commits of `known` that are not here are passed over: the pack is then larger than need be.
pub(super) fn missing(
    local: &Repository,
    new: &[Oid],
    known: &[Oid],
) -> Result<Vec<u8>, git2::Error> {
    let mut walk = local.revwalk()?;
    for id in new {
        walk.push(*id)?;
    }
    for id in known {
        if local.find_commit(*id).is_ok() {
            walk.hide(*id)?;
        }
    }
    let mut builder = local.packbuilder()?;
    builder.set_threads(0);
    builder.insert_walk(&mut walk)?;
    let mut pack = git2::Buf::new();
    builder.write_buf(&mut pack)?;
    Ok(pack.to_vec())
}

/// What is said when a branch moved between looking and pushing.
pub(super) fn moved(reference: &str, shown: &str) -> Failure {
    Failure::new(format!("push `{reference}` to {shown}"), "somebody else moved it meanwhile")
        .to_do("look at what was pushed, then run the same command again")
        .state("the remote is as they left it")
}
