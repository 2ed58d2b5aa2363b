//! The documents people write, as written.
//!
//! A document here has passed its schema, so each value is of the right type and each name can be
//! a path segment; whether it makes sense beside the others is `link`'s business, and what it
//! means for a cluster the plan's. Nothing is defaulted away: what was left out is `None`.

mod advisory;
mod broken;
mod cluster;
mod control;
mod exemption;
mod fleet;
mod framework;
mod intent;
mod platform;
mod reader;

pub use advisory::{
    Advisory, AffectedImage, AffectedKubelet, AffectedRuntime, Affects, REPOSITORY, USUALLY,
    UnknownVersion, is_id,
};
pub use broken::Broken;
pub use cluster::{Cluster, Engine, KnownNamespace, NetworkPolicies, Runtime, State, Sync};
pub use control::{
    Case, CaseNamespace, Cases, Control, ControlManifest, ControlRule, ControlVariable, Each,
    Operation, Resource, ResourceScope, Severity, Subject, Subresource, Unchanged, Verdict,
};
pub use exemption::{Exemption, Lift, Scope, Workload};
pub use fleet::{
    Author, BreakGlass, Delivery, Environment, ExemptionBounds, Fleet, ForgeSettings, Kept,
    KeptPosture, Onboarding, Overdue, Part,
};
pub use framework::{Admission, Framework, FrameworkControl, Level, Recommendation, Versions};
pub use intent::{Exemptable, Grace, Intent, Namespaces, Requirement, Without};
pub use platform::{Network, Provider, Quirk};
pub use reader::{Known, Read, Reader, Schemas};

use crate::text::{Place, Spanned};
use crate::yaml::Node;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The one API version all documents share.
pub const API_VERSION: &str = "ordinance.dev/v1";

/// The annotation of every rendered object that names its control.
pub const CONTROL_ANNOTATION: &str = "ordinance.dev/control";

/// What happens to an object that breaks a rule, mildest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Let it pass and record it.
    Audit,
    /// Let it pass and tell its author.
    Warn,
    /// Refuse it.
    Deny,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Action::Audit => "audit",
            Action::Warn => "warn",
            Action::Deny => "deny",
        }
    }

    /// The verb of a sentence about a rule.
    pub fn verb(self) -> &'static str {
        match self {
            Action::Audit => "audits",
            Action::Warn => "warns",
            Action::Deny => "denies",
        }
    }
}

/// One document: its name, its labels and what it says.
#[derive(Clone, Debug)]
pub struct Document<T> {
    pub name: Spanned<String>,
    pub labels: BTreeMap<String, String>,
    pub spec: T,
    /// The tree it was read from, for complaints about free-form parts such as parameters.
    pub node: Node,
}

impl<T> Document<T> {
    pub fn place(&self) -> Place {
        self.name.place
    }
}

/// The part every document begins with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Unique among documents of its kind; lower-case letters, digits and `-`.
    #[schemars(extend("format" = "name"))]
    pub name: Spanned<String>,
    /// Free labels, which selectors can read.
    #[serde(default)]
    #[schemars(schema_with = "crate::name::label::map_schema")]
    pub labels: BTreeMap<String, String>,
}
