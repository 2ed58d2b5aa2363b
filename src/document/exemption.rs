//! `kind: Exemption`: a time-boxed hole.

use crate::date::Date;
use crate::selector::Written;
use crate::text::Spanned;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is lifted, for whom, why, and until when.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exemption {
    /// From which intents which controls are lifted; every intent that demands one is named.
    #[schemars(length(min = 1))]
    pub lifts: Vec<Lift>,
    /// For whom: all given fields must hold, any value of a field may.
    pub scope: Spanned<Scope>,
    /// Why the hole is needed.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Who answers for what is exempt.
    #[schemars(length(min = 1))]
    pub owner: String,
    /// Who agreed.
    pub approved_by: Option<Spanned<String>>,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// The day it was granted.
    pub granted: Option<Spanned<Date>>,
    /// The last day it counts, in UTC.
    pub expires: Spanned<Date>,
    /// The days it was reviewed on.
    #[serde(default)]
    pub reviewed: Vec<Spanned<Date>>,
}

/// Some controls of one intent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// The intent.
    pub intent: Spanned<String>,
    /// Its controls.
    #[schemars(length(min = 1))]
    pub controls: Vec<Spanned<String>>,
}

/// For whom an exemption holds. All given fields must hold; any value of a field may.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// On which clusters; left out: on all.
    pub clusters: Option<Spanned<Written>>,
    /// In which namespaces; left out: in all.
    pub namespaces: Option<Spanned<Written>>,
    /// These workloads and what they create.
    #[serde(default)]
    pub workloads: Vec<Workload>,
    /// Workloads whose pod template has such labels.
    pub labels: Option<Spanned<Written>>,
    /// Containers with such images: `*` within a path segment, `**` across segments.
    #[serde(default)]
    pub images: Vec<Spanned<String>>,
}

/// One workload by kind and name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// As in `kind:` of the object.
    #[schemars(regex(pattern = "^[A-Z]"))]
    pub kind: Spanned<String>,
    /// As in `metadata.name` of the object.
    pub name: Spanned<String>,
}
