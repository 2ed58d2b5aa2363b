//! `kind: Advisory`: what is known to be unsafe, until it is fixed everywhere.
//!
//! What a range of versions means is read here, since the day it is written is the day to complain
//! of it; whether a tag lies in one is a control's text, and whether a node does the pipeline's.

use super::{Action, Severity};
use crate::date::{Date, Period};
use crate::selector::Written;
use crate::text::Spanned;
use crate::version::Affected;
use schemars::JsonSchema;
use serde::Deserialize;

/// For how long an advisory counts that does not say so.
pub const USUALLY: Period = Period { days: 30 };

/// A registry with its port, then names; no tag and no digest.
pub const REPOSITORY: &str = "^([a-z0-9-]+([.][a-z0-9-]+)*(:[0-9]+)?/)?[a-z0-9]+([._-]+[a-z0-9]+)*\
                          (/[a-z0-9]+([._-]+[a-z0-9]+)*)*$";

/// What others call it, in one word.
pub const ID: &str = "^[A-Za-z0-9._:-]+$";

/// Whether a text is one of them.
pub fn is_id(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    (1..=60).contains(&text.len()) && text.chars().all(plain)
}

/// What is affected, what happens to it, and until when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Advisory {
    /// What is to be done, in plain words.
    #[schemars(length(min = 1))]
    pub statement: String,
    /// What others call it, such as `CVE-2026-12345`.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(min = 1, max = 60), regex(pattern = ID)))]
    pub ids: Vec<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Who answers for it.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// Where it comes from: a file of the repository, or an address.
    pub source: Option<String>,
    /// What is affected; at least one of the three.
    pub affects: Spanned<Affects>,
    /// What happens to an image of an affected repository whose tag is no version; left out: audit.
    pub unknown_version: Option<UnknownVersion>,
    /// Which clusters; left out: all.
    pub clusters: Option<Spanned<Written>>,
    /// What happens to what is affected; left out: deny.
    pub action: Option<Action>,
    /// The day from which on it counts.
    pub granted: Spanned<Date>,
    /// The last day it counts, in UTC; left out: 30 days after it was granted. More than 90 days
    /// after is a warning.
    pub expires: Option<Spanned<Date>>,
}

impl Advisory {
    /// The last day it counts.
    pub fn last_day(&self) -> Date {
        self.expires.as_ref().map_or(self.granted.plus(USUALLY), |day| day.value)
    }
}

/// What can be affected.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affects {
    /// Images that workloads name.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub images: Vec<Spanned<AffectedImage>>,
    /// Container runtimes of nodes.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub runtimes: Vec<AffectedRuntime>,
    /// Kubelets of nodes.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub kubelets: Vec<AffectedKubelet>,
}

/// Images of one repository: by version, by digest, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffectedImage {
    /// With its registry, without tag; without a registry it is one of Docker Hub.
    #[schemars(regex(pattern = REPOSITORY))]
    pub repository: Spanned<String>,
    /// Such as `<2.4.1` or `>=1.7.0, <1.7.29`; `*` is every version.
    pub versions: Option<Spanned<Affected>>,
    /// Such as `sha256:…`.
    #[serde(default)]
    #[schemars(length(max = 200), inner(regex(pattern = "^[a-z0-9+._-]+:[0-9a-f]{32,128}$")))]
    pub digests: Vec<String>,
}

/// A container runtime, as nodes report it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffectedRuntime {
    /// Such as `containerd` or `cri-o`.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: Spanned<String>,
    pub versions: Spanned<Affected>,
}

/// Kubelets of these versions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AffectedKubelet {
    pub versions: Spanned<Affected>,
}

/// What happens to what may be affected and nobody can tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnknownVersion {
    /// It passes, and nothing is said.
    Allow,
    Audit,
    Warn,
    Deny,
}

impl UnknownVersion {
    pub fn action(self) -> Option<Action> {
        match self {
            UnknownVersion::Allow => None,
            UnknownVersion::Audit => Some(Action::Audit),
            UnknownVersion::Warn => Some(Action::Warn),
            UnknownVersion::Deny => Some(Action::Deny),
        }
    }
}
