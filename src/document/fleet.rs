//! `kind: Fleet`: the repository's settings.

use super::Action;
use crate::date::Period;
use crate::selector::Written;
use crate::text::Spanned;
use crate::version::Range;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The settings of a fleet: one document, in `ordinance.yaml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fleet {
    /// Versions of Ordinance that may render here; two of them would take turns.
    pub ordinance: Option<Spanned<Range>>,
    /// In order; the one without places takes whatever the others leave.
    #[serde(default)]
    pub environments: Vec<Environment>,
    /// Parameters by control: above the catalogue's defaults, below an intent's own.
    #[serde(default)]
    pub parameters: BTreeMap<String, Spanned<serde_json::Value>>,
    /// A milder beginning of all that is asked for on a cluster that is new.
    pub onboarding: Option<Spanned<Onboarding>>,
    /// Whose requests pass in an emergency, with a warning where they would be refused.
    pub break_glass: Option<BreakGlass>,
    /// What every exemption is held to, besides what the intents say that it lifts from.
    pub exemptions: Option<ExemptionBounds>,
    /// The folder that is rendered into.
    #[serde(default = "rendered")]
    pub output: String,
    /// What auditors ask for, written beside the render: `posture/FRAMEWORK@VERSION`, of every
    /// framework that an intent asks for; left out: not written.
    pub posture: Option<KeptPosture>,
    /// How proposals are delivered.
    pub delivery: Option<Delivery>,
}

/// How the posture is kept beside the render, so that git's history is the audit trail.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeptPosture {
    /// In which formats, each a file of its own.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    pub formats: Vec<Kept>,
}

/// A format in which the posture is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Kept {
    Markdown,
    Html,
    Json,
    Oscal,
    Csv,
}

impl Kept {
    pub const ALL: [Kept; 5] = [Kept::Markdown, Kept::Html, Kept::Json, Kept::Oscal, Kept::Csv];

    /// What `--format` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Kept::Markdown => "markdown",
            Kept::Html => "html",
            Kept::Json => "json",
            Kept::Oscal => "oscal",
            Kept::Csv => "csv",
        }
    }
}

fn rendered() -> String {
    "rendered".into()
}

/// What a cluster is given at first. A requirement's own grace takes its place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Onboarding {
    /// For how long, counted as a grace is.
    pub period: Spanned<Period>,
    /// What happens meanwhile; left out: `audit`.
    pub action: Option<Action>,
}

/// Who may pass in an emergency. What exists is audited all the same, whoever made it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// Names of groups, as the API server learns them from whoever authenticates people.
    #[schemars(length(min = 1, max = 8))]
    pub groups: Vec<Spanned<String>>,
}

/// What every exemption is held to. Of two periods the shorter one counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExemptionBounds {
    /// From grant to expiry at the most.
    pub longest: Option<Spanned<Period>>,
    /// The longest time between reviews.
    pub review: Option<Spanned<Period>>,
    /// What becomes of an exemption whose review is overdue; left out: `remind`.
    #[serde(default)]
    pub overdue: Overdue,
    /// How long before an end, or a review, it is said.
    pub remind: Option<Spanned<Period>>,
    /// How many exemptions of one owner may be in force at once.
    pub per_owner: Option<Spanned<u32>>,
    /// Only these may have approved; empty: anybody, or nobody.
    #[serde(default)]
    pub approvers: Vec<Spanned<String>>,
    /// Controls that no exemption may lift.
    #[serde(default)]
    pub never: Vec<Spanned<String>>,
}

/// What becomes of an exemption that nobody has reviewed in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Overdue {
    /// It counts as ever, and a warning is said.
    #[default]
    Remind,
    /// It ends with the day on which the review was due.
    Lapse,
}

/// A part of the fleet with one purpose.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// What intents call it.
    #[schemars(extend("format" = "name"))]
    pub name: Spanned<String>,
    /// Where it is; left out: everywhere that no other environment is.
    pub places: Option<Vec<Part>>,
}

/// Some clusters, and there some or all namespaces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Which clusters.
    pub clusters: Spanned<Written>,
    /// Which of their namespaces; left out: all, and the cluster's own objects too.
    pub namespaces: Option<Spanned<Written>>,
}

/// Where proposals go and what they carry.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The git remote that is pushed to.
    #[serde(default = "origin")]
    pub remote: String,
    /// The branch that sync tools follow.
    #[serde(default = "main")]
    pub base: String,
    /// What the names of proposal branches begin with.
    #[serde(default = "prefix")]
    pub branch: String,
    /// Where pull requests are opened.
    pub forge: ForgeSettings,
    /// Labels of every proposal.
    #[serde(default)]
    pub labels: Vec<String>,
    /// People, or teams written as `organisation/team`, asked to review.
    #[serde(default)]
    pub reviewers: Vec<String>,
    /// Who the commits are by.
    #[serde(default)]
    pub author: Author,
}

fn origin() -> String {
    "origin".into()
}
fn main() -> String {
    "main".into()
}
fn prefix() -> String {
    "ordinance/".into()
}

/// The place pull requests are opened at.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgeSettings {
    /// Which forge it is.
    #[schemars(extend("x-ids" = "forges"))]
    pub name: Spanned<String>,
    /// The root of its API.
    pub url: Option<String>,
    /// `owner/name` of the repository; left out: read from the remote's URL.
    pub repository: Option<String>,
}

/// A git identity.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Author {
    pub name: String,
    pub email: String,
}

impl Default for Author {
    fn default() -> Author {
        Author { name: "ordinance".into(), email: "ordinance@localhost".into() }
    }
}
