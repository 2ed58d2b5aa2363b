//! `kind: Provider` and `kind: Quirk`: what is known of platforms and engines, as data.

use crate::text::Spanned;
use crate::version::Range;
use schemars::JsonSchema;
use serde::Deserialize;

/// Who runs a control plane, and which namespaces belong to them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Provider {
    pub title: String,
    /// Namespaces no rule covers unless a requirement says `includeSystem`.
    pub system_namespaces: Vec<SystemNamespace>,
    /// Families of names that are not left out, since a prefix can be taken by anyone.
    #[serde(default)]
    pub patterns: Vec<NamespacePattern>,
}

/// Names that one source states.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemNamespace {
    pub names: Vec<Spanned<String>>,
    /// Where this is stated.
    pub source: String,
}

/// A family of names that one source states.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamespacePattern {
    pub pattern: String,
    /// Where this is stated.
    pub source: String,
}

/// A defect or difference of some versions of an engine, which rendering obeys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Quirk {
    #[schemars(extend("x-ids" = "engines"))]
    pub engine: String,
    /// Of the engine; for the one built into Kubernetes, of Kubernetes.
    pub versions: Range,
    /// The shape of object it concerns; left out: all of the engine's.
    pub target: Option<String>,
    pub defect: String,
    pub source: String,
    /// What is rendered, or said, instead.
    pub instead: String,
    /// The request that proves it.
    pub proof: String,
    /// What the renderer looks it up by; left out: it is only told.
    pub effect: Option<String>,
}
