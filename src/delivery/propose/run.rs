//! The steps of a proposal, each of which first looks whether it was taken.

use git2::Oid;

use super::{Outcome, Request, id, oid};
use crate::delivery::forge::{Forge, Proposal, Wanted};
use crate::delivery::git::{Branches, Draft, Remote, between};
use crate::delivery::standing::{self, Standing};
use crate::failure::Failure;
use crate::report;
use crate::tree::base::Id;

/// One run of [`super::propose`].
pub(super) struct Run<'a> {
    pub(super) request: &'a Request<'a>,
    pub(super) remote: &'a Remote,
    pub(super) forge: Option<&'a dyn Forge>,
    pub(super) draft: &'a Draft,
}

/// How the repository itself is named where it is its own remote.
const HERE: &str = ".";

/// What was there before anything was done.
pub(super) struct Seen {
    branches: Branches,
    tip: Option<Oid>,
    base: Option<Oid>,
    open: Option<Proposal>,
}

impl Run<'_> {
    /// Asks the remote and the forge; writes nothing.
    pub(super) fn look(&self) -> Result<Seen, Failure> {
        let Wanted { branch, base, .. } = self.request.wanted;
        let branches = self.remote.branches()?;
        let (tip, base_tip) = (branches.tip(branch), branches.tip(base));
        if self.forge.is_some() && base_tip.is_none() {
            let tried = format!("propose to `{base}` of {}", self.remote.shown());
            return Err(Failure::new(tried, "the remote has no such branch")
                .to_do("set delivery.base to the branch that proposals are merged into"));
        }
        self.remote.fetch(self.draft.repository(), &branches, &[branch, base])?;
        let open = match self.forge {
            Some(forge) => {
                let mut open = forge.proposals(branch)?;
                open.retain(|proposal| proposal.branch == *branch);
                open.into_iter().next()
            }
            None => None,
        };
        Ok(Seen { branches, tip, base: base_tip, open })
    }

    /// Whose the branch is; fails if it may not be moved.
    pub(super) fn judge(&self, seen: &Seen) -> Result<Standing, Failure> {
        let branch = &self.request.wanted.branch;
        let tried = format!("update the proposal `{branch}` on {}", self.remote.shown());
        let local = self.draft.repository();
        let standing = standing::judge(local, seen.tip, &self.request.author.email)
            .map_err(|error| self.unreadable(&tried, &error))?;
        let delete = "delete the branch there if they are not wanted, then run it again";
        match &standing {
            Standing::Theirs(commit) => {
                Err(Failure::new(tried, format!("its last commit is not ours: {commit}"))
                    .to_do(format!("merge what people pushed to it, or {delete}")))
            }
            // Where nobody looks at a proposal, nothing is dropped from it.
            Standing::Ours { parent, .. } if seen.open.is_some() || self.forge.is_none() => {
                let from = oid(self.request.from)?;
                let lost = standing::lost(local, *parent, from, seen.base)
                    .map_err(|error| self.unreadable(&tried, &error))?;
                match lost.is_empty() {
                    true => Ok(standing),
                    false => {
                        let came_back = format!("commits would be dropped: {}", lost.join(", "));
                        Err(Failure::new(tried, came_back)
                            .to_do(format!("merge them, or render from them, or {delete}")))
                    }
                }
            }
            _ => Ok(standing),
        }
    }

    fn unreadable(&self, tried: &str, error: &git2::Error) -> Failure {
        Failure::new(tried, error.message()).to_do(match self.draft.repository().is_shallow() {
            true => {
                "the clone is shallow: `git fetch --unshallow`, or fetch-depth: 0 in a workflow"
            }
            false => "fetch the branch with git and run it again",
        })
    }

    /// Whether the branch already proposes just this.
    pub(super) fn is_proposed(
        &self,
        standing: &Standing,
        seen: &Seen,
    ) -> Result<bool, git2::Error> {
        let Standing::Ours { parent, parent_tree, tree } = standing else { return Ok(false) };
        let local = self.draft.repository();
        if *tree == self.draft.tree() {
            return Ok(true);
        }
        let from = Oid::from_bytes(&self.request.from.0)?;
        // When the base moves on elsewhere, the proposal need not follow.
        Ok(between(local, *parent_tree, *tree)? == self.draft.changes()?
            && !standing::brings_more(local, from, *parent, seen.base)?)
    }

    pub(super) fn push(&self, seen: &Seen, say: &mut dyn FnMut(&str)) -> Result<Id, Failure> {
        let wanted = self.request.wanted;
        let message = format!("{}\n\n{}", wanted.title, self.request.why);
        let message =
            standing::signed(message.trim_end(), self.request.trailers, self.draft.tree());
        let commit = self.draft.commit(&message, self.request.author)?;
        say(&format!("committed {commit}"));
        self.remote.push(self.draft.repository(), &seen.branches, &wanted.branch, commit).map_err(
            |failure| failure.state(format!("the commit {commit} is here, on no branch")),
        )?;
        say(&match self.remote.shown() {
            HERE => format!("moved the branch `{}` of this repository to it", wanted.branch),
            remote => format!("pushed `{}` to {remote}", wanted.branch),
        });
        Ok(id(commit))
    }

    /// Opens the proposal, or makes the open one say what it should.
    pub(super) fn tell(
        &self,
        seen: &Seen,
        pushed: Option<Id>,
        say: &mut dyn FnMut(&str),
    ) -> Result<Outcome, Failure> {
        let wanted = self.request.wanted;
        let Some(forge) = self.forge else {
            return Ok(pushed.map_or(Outcome::AlreadyPushed, |commit| Outcome::Pushed { commit }));
        };
        let go_on = |failure: Failure| {
            failure.state(format!(
                "the branch `{}` is pushed; running it again goes on from there",
                wanted.branch
            ))
        };
        let Some(proposal) = &seen.open else {
            if let (None, Some(tip)) = (pushed, seen.tip)
                && let Some(proposal) = forge.declined(&wanted.branch, id(tip)).map_err(go_on)?
            {
                return Ok(Outcome::Declined { proposal });
            }
            let proposal = forge.open(wanted).map_err(go_on)?;
            say(&format!("opened {}", proposal.address));
            return Ok(Outcome::Opened { proposal });
        };
        let mut changed = forge.revise(proposal, &kept(proposal, wanted)).map_err(go_on)?;
        if pushed.is_some() {
            changed.insert(0, "commit".into());
        }
        let proposal = proposal.clone();
        if changed.is_empty() {
            return Ok(Outcome::Unchanged { proposal });
        }
        say(&format!("updated {}: {}", proposal.address, changed.join(", ")));
        Ok(Outcome::Updated { proposal, changed })
    }

    /// There is nothing to commit: a proposal of ours that is still open has landed otherwise.
    pub(super) fn nothing(
        &self,
        seen: &Seen,
        say: &mut dyn FnMut(&str),
    ) -> Result<Outcome, Failure> {
        let (Some(forge), Some(open)) = (self.forge, &seen.open) else {
            return Ok(Outcome::Nothing);
        };
        // Only the base itself can tell that something has landed.
        let is_base = seen.base == Some(oid(self.request.from)?);
        let ours = matches!(self.judge(seen), Ok(Standing::Ours { .. }));
        if !(is_base && ours) {
            return Ok(Outcome::Nothing);
        }
        forge.close(open, "What this proposes has landed, or is no longer asked for.")?;
        say(&format!("closed {}", open.address));
        Ok(Outcome::Closed { proposal: open.clone() })
    }
}

/// A body that says the same stays as it is, though it names another day or commit.
fn kept(open: &Proposal, wanted: &Wanted) -> Wanted {
    let (marked, own) = (report::marker(&open.body), report::marker(&wanted.body));
    match marked.is_some() && marked == own {
        true => Wanted { body: open.body.clone(), title: open.title.clone(), ..wanted.clone() },
        false => wanted.clone(),
    }
}
