//! `kind: Provider` and `kind: Quirk`: what is known of platforms and engines, as data.

use super::{Cluster, NetworkPolicies};
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
    /// What becomes of NetworkPolicies where a cluster does not say.
    pub network_policies: Option<Network>,
    /// Families of names that are not left out, since a prefix can be taken by anyone.
    #[serde(default)]
    pub patterns: Vec<NamespacePattern>,
}

/// What a provider's clusters do about NetworkPolicies, unless somebody chose otherwise.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// Left out: it hangs on a choice that every cluster makes.
    pub usually: Option<NetworkPolicies>,
    /// On what it hangs, as a sentence.
    pub remark: String,
    /// Where this is stated.
    pub source: String,
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
    /// Only of clusters like these; nothing that rendering obeys may depend on it.
    #[serde(default, rename = "where")]
    pub only: Only,
    /// The shape of object it concerns; left out: all of the engine's.
    pub target: Option<String>,
    pub defect: String,
    pub source: String,
    /// What is rendered, or said, instead.
    pub instead: String,
    /// What is admitted, or not known, all the same; left out: nothing.
    pub remains: Option<String>,
    /// The ways by which it shows.
    #[schemars(length(min = 1))]
    pub requests: Vec<Way>,
    /// The request that proves it.
    pub proof: String,
    /// What the renderer looks it up by; left out: it is only told.
    pub effect: Option<String>,
}

/// What a cluster must be like for a quirk to be its own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Only {
    #[schemars(extend("x-ids" = "providers"))]
    pub provider: Option<String>,
    /// Whether the provider installs and upgrades the engine.
    pub managed: Option<bool>,
    /// What may be said of whether requests pass while the engine is away.
    #[serde(default)]
    #[schemars(extend("items" = {"enum": [true, false, "unknown"]}))]
    pub fail_open: Vec<serde_json::Value>,
}

impl Only {
    pub fn holds(&self, cluster: &Cluster) -> bool {
        let engine = &cluster.engine;
        let said = match engine.fails_open() {
            Some(said) => serde_json::Value::Bool(said),
            None => "unknown".into(),
        };
        self.provider.as_ref().is_none_or(|provider| *provider == cluster.provider.value)
            && self.managed.is_none_or(|managed| managed == engine.managed)
            && (self.fail_open.is_empty() || self.fail_open.contains(&said))
    }
}

/// A way by which something reaches, or does not reach, an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
pub enum Way {
    #[serde(rename = "CREATE")]
    Create,
    #[serde(rename = "UPDATE")]
    Update,
    #[serde(rename = "scale")]
    Scale,
    #[serde(rename = "resize")]
    Resize,
    /// An ephemeral container is added to a running pod.
    #[serde(rename = "debug")]
    Debug,
    /// The labels of a namespace change.
    #[serde(rename = "relabel")]
    Relabel,
    #[serde(rename = "background scan")]
    BackgroundScan,
    /// The rendered object itself is applied, and compared with what is stored.
    #[serde(rename = "apply")]
    Apply,
    /// The engine's own command line.
    #[serde(rename = "CLI")]
    Cli,
}

impl Way {
    /// Nothing in a cluster is admitted or found by it: people's and sync tools' own programs are.
    pub fn is_of_tools(self) -> bool {
        matches!(self, Way::Apply | Way::Cli)
    }

    pub fn words(self) -> &'static str {
        match self {
            Way::Create => "CREATE",
            Way::Update => "UPDATE",
            Way::Scale => "scale",
            Way::Resize => "resize",
            Way::Debug => "debug",
            Way::Relabel => "relabel",
            Way::BackgroundScan => "background scan",
            Way::Apply => "apply",
            Way::Cli => "CLI",
        }
    }
}
