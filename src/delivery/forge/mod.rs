//! Where proposals are reviewed.
//!
//! The trait speaks of proposals only; what a forge calls them, and how it is asked, is known to
//! the one file that speaks to it. Adding a forge is a file and a line in [`FORGES`].

mod github;

use crate::delivery::secret::Secret;
use crate::failure::Failure;
use crate::tree::base::Id;

/// Connects to a repository of a forge.
type Connect = fn(&Settings) -> Result<Box<dyn Forge>, Failure>;

/// Every forge: the name the fleet's settings give it, the environment variables that may hold its
/// token, and how to connect.
const FORGES: &[(&str, &[&str], Connect)] = &[("github", github::VARIABLES, github::connect)];

/// The names of the forges there are.
pub fn names() -> impl Iterator<Item = &'static str> {
    FORGES.iter().map(|(name, ..)| *name)
}

/// The environment variables that may hold a forge's token, first come first served.
pub fn variables(name: &str) -> &'static [&'static str] {
    FORGES.iter().find(|(known, ..)| *known == name).map_or(&[], |(_, variables, _)| *variables)
}

/// Where a forge is and who is asking.
pub struct Settings {
    /// The forge's name, one of [`names`].
    pub name: String,
    /// The address of its programming interface.
    pub url: String,
    /// The repository there, as the remote's address names it.
    pub repository: String,
    pub token: Option<Secret>,
}

/// Connects to the forge the settings name; nothing is sent yet.
pub fn connect(settings: &Settings) -> Result<Box<dyn Forge>, Failure> {
    match FORGES.iter().find(|(name, ..)| *name == settings.name) {
        Some((.., connect)) => connect(settings),
        None => {
            let known: Vec<&str> = names().collect();
            Err(Failure::new(
                format!("connect to the forge `{}`", settings.name),
                "it is not known",
            )
            .to_do(format!("known are: {}", known.join(", "))))
        }
    }
}

/// A place that proposals are opened at.
pub trait Forge {
    /// How long what is written may be.
    fn limits(&self) -> Limits;
    /// Whether a git remote on this host is this forge's, and may be shown its token.
    fn serves(&self, host: &str) -> bool;
    /// The open proposals whose branches, in this repository, start with `prefix`.
    fn proposals(&self, prefix: &str) -> Result<Vec<Proposal>, Failure>;
    /// Opens a proposal.
    fn open(&self, wanted: &Wanted) -> Result<Proposal, Failure>;
    /// Makes an open proposal say what is wanted; what was changed, in words, empty for nothing.
    ///
    /// Labels and reviewers that people added stay.
    fn revise(&self, proposal: &Proposal, wanted: &Wanted) -> Result<Vec<String>, Failure>;
    /// The proposal of this branch at this commit that people closed without merging it, if any.
    fn declined(&self, branch: &str, commit: Id) -> Result<Option<Proposal>, Failure>;
    /// Closes a proposal, saying why.
    fn close(&self, proposal: &Proposal, because: &str) -> Result<(), Failure>;
}

/// How long what is written may be, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub title: usize,
    pub body: usize,
}

/// What a proposal should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub branch: String,
    pub base: String,
    pub title: String,
    pub body: String,
    pub labels: Vec<String>,
    /// People by their names; a team as `organisation/team`.
    pub reviewers: Vec<String>,
}

/// An open proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    pub number: u64,
    /// Where people look at it.
    pub address: String,
    pub branch: String,
    pub base: String,
    pub title: String,
    pub body: String,
    /// Who opened it.
    pub author: String,
    pub labels: Vec<String>,
    /// Who is asked to review it, written as in [`Wanted`].
    pub reviewers: Vec<String>,
}
