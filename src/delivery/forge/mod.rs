//! Where proposals are reviewed.
//!
//! The trait speaks of proposals only; what a forge calls them, and how it is asked, is known to
//! the one file that speaks to it. Adding a forge is a file and a line in [`FORGES`].

mod github;

use crate::delivery::secret::Secret;
use crate::failure::Failure;
use crate::report::{Budget, Unit};
use crate::tree::base::Id;

/// Connects to a repository of a forge.
type Connect = fn(&Settings) -> Result<Box<dyn Forge>, Failure>;

/// Every forge: the name the fleet's settings give it, the environment variables that may hold its
/// token, and how to connect.
const FORGES: &[(&str, &[&str], Connect)] = &[("github", github::VARIABLES, github::connect)];

/// What a place takes whose proposals or comments are Markdown, and who says so.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// What `--budget` calls it.
    pub name: &'static str,
    pub title: &'static str,
    pub budget: Budget,
    /// Where the numbers are from.
    pub source: &'static str,
}

/// Where bodies can be written for; only those of [`FORGES`] are also talked to.
pub const PLACES: &[Place] = &[
    Place {
        name: "github",
        title: "GitHub, pull request or comment",
        budget: Budget { bytes: Some(262_144), ..budget(65_536) },
        source: "its API's own complaint; the bytes: dependabot/dependabot-core#7487",
    },
    Place {
        name: "gitlab",
        title: "GitLab, merge request or comment",
        budget: budget(1_000_000),
        source: "Renovate and Atlantis; 25,000 before GitLab 13.4",
    },
    Place {
        name: "gitea",
        title: "Gitea, pull request or comment",
        budget: budget(1_000_000),
        source: "Renovate; a server may be set otherwise",
    },
    Place {
        name: "forgejo",
        title: "Forgejo, pull request or comment",
        budget: budget(1_000_000),
        source: "Renovate; a server may be set otherwise",
    },
    Place {
        name: "bitbucket-cloud",
        title: "Bitbucket Cloud, pull request or comment",
        budget: Budget { comments: false, details: false, ..budget(250_000) },
        source: "Renovate, which also rewrites `<details>` and drops comments",
    },
    Place {
        name: "bitbucket-data-center",
        title: "Bitbucket Data Center, pull request or comment",
        budget: Budget { comments: false, details: false, ..budget(32_768) },
        source: "Atlantis; scala-steward-org/scala-steward#3572",
    },
    Place {
        name: "azure-devops",
        title: "Azure DevOps, pull request",
        budget: Budget { unit: Unit::CodeUnits, comments: false, ..budget(4_000) },
        source: "scala-steward-org/scala-steward#3543, dotnet/arcade#5811; the unit is that of .NET's strings",
    },
    Place {
        name: "codecommit",
        title: "AWS CodeCommit, pull request",
        budget: Budget { comments: false, details: false, ..budget(10_239) },
        source: "Renovate",
    },
    Place {
        name: "gerrit",
        title: "Gerrit, comment",
        budget: Budget { comments: false, details: false, tables: false, ..budget(16_384) },
        source: "Renovate; a server may be set otherwise",
    },
];

const fn budget(limit: usize) -> Budget {
    Budget { limit, ..Budget::NONE }
}

/// What the place of this name takes.
pub fn budget_of(name: &str) -> Option<Budget> {
    PLACES.iter().find(|place| place.name == name).map(|place| place.budget)
}

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

/// How long what is written may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In characters.
    pub title: usize,
    pub body: Budget,
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
