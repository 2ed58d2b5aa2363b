//! `kind: Cluster`: one entry of the inventory.

use crate::name::label;
use crate::text::Spanned;
use crate::version::Version;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A cluster's facts, as far as they decide what it is given.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cluster {
    /// Whether it is rendered, left as it is, or removed.
    #[serde(default)]
    pub state: State,
    /// The API server's version, `"1.33"`; while an upgrade is under way
    /// `{version: "1.33", next: "1.34"}`.
    pub kubernetes: Kubernetes,
    /// Who runs the control plane; decides which namespaces are system namespaces.
    #[schemars(extend("x-ids" = "providers"))]
    pub provider: Spanned<String>,
    /// What enforces policy there.
    pub engine: Engine,
    /// What runs the containers of its nodes, where that is the same on all of them and no snapshot
    /// lists the nodes.
    pub runtime: Option<Runtime>,
    /// System namespaces beside the provider's.
    #[serde(default)]
    #[schemars(schema_with = "label::namespaces_schema")]
    pub system_namespaces: Vec<String>,
    /// Namespaces known today: they serve warnings and never narrow a rule.
    #[serde(default)]
    pub namespaces: Vec<KnownNamespace>,
    /// Whether its network plugin does what NetworkPolicies say; left out: what the provider's
    /// usually do.
    pub network_policies: Option<NetworkPolicies>,
    /// What applies the rendered tree to the cluster.
    pub sync: Option<Sync>,
}

/// The API server's version, and the one an upgrade that is under way will bring.
///
/// Written as a text where there is no upgrade, and as a map otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kubernetes {
    /// What a rule means is decided by this one until the upgrade is done.
    pub version: Spanned<Version>,
    /// What is rendered is valid for this one, too.
    pub next: Option<Spanned<Version>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UnderWay {
    /// The version that runs until the upgrade is done.
    version: Spanned<Version>,
    /// The version it will have; what is rendered is valid for both.
    next: Option<Spanned<Version>>,
}

enum Written {
    Version(Version),
    UnderWay(UnderWay),
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Written;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a version, or a map of `version` and `next`")
            }
            fn visit_str<E: serde::de::Error>(self, written: &str) -> Result<Written, E> {
                written.parse().map(Written::Version).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Written, A::Error> {
                UnderWay::deserialize(MapAccessDeserializer::new(map)).map(Written::UnderWay)
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Kubernetes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Spanned { value, place } = Spanned::<Written>::deserialize(from)?;
        Ok(match value {
            Written::Version(value) => Kubernetes { version: Spanned { value, place }, next: None },
            Written::UnderWay(UnderWay { version, next }) => Kubernetes { version, next },
        })
    }
}

impl JsonSchema for Kubernetes {
    fn schema_name() -> Cow<'static, str> {
        "Kubernetes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<Version>(), generator.subschema_for::<UnderWay>()],
        })
    }
}

/// What becomes of a NetworkPolicy. Every API server takes one, whether or not anything reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NetworkPolicies {
    /// It decides what gets through.
    Enforced,
    /// Nothing reads it.
    Ignored,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Rendered.
    #[default]
    Active,
    /// Left as it was last rendered.
    Paused,
    /// Its rendered folder goes.
    Retired,
}

/// What runs containers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// As nodes report it, such as `containerd` or `cri-o`.
    #[schemars(regex(pattern = "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$"))]
    pub name: String,
    /// As nodes report it, such as `1.7.27`.
    #[schemars(regex(pattern = "^v?[0-9]"))]
    pub version: String,
}

/// The engine that enforces.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Engine {
    /// Which engine.
    #[schemars(extend("x-ids" = "engines"))]
    pub name: Spanned<String>,
    /// Its version; the engine built into Kubernetes has none of its own.
    pub version: Option<Spanned<Version>>,
    /// The version it will have when the upgrade that is under way is done; what is rendered is
    /// valid for both.
    pub next: Option<Spanned<Version>>,
    /// Whether the provider installs and upgrades it.
    #[serde(default)]
    pub managed: bool,
    /// The namespace it runs in; left out: the engine's usual one.
    #[schemars(extend("format" = label::NAMESPACE, "pattern" = label::NAMESPACE_PATTERN))]
    pub namespace: Option<String>,
    /// Whether requests pass when the engine cannot be reached; `unknown` is the same as left out.
    #[schemars(extend("enum" = [true, false, "unknown"]))]
    pub fail_open: Option<serde_json::Value>,
}

impl Engine {
    /// `None` where it is not known.
    pub fn fails_open(&self) -> Option<bool> {
        self.fail_open.as_ref().and_then(serde_json::Value::as_bool)
    }
}

/// A namespace that exists today.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KnownNamespace {
    #[schemars(extend("format" = label::NAMESPACE, "pattern" = label::NAMESPACE_PATTERN))]
    pub name: String,
    #[serde(default)]
    #[schemars(schema_with = "label::map_schema")]
    pub labels: BTreeMap<String, String>,
}

/// The tool that syncs the cluster with Git.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sync {
    /// Which tool.
    #[schemars(extend("x-ids" = "tools"))]
    pub tool: Spanned<String>,
    /// Its version.
    pub version: Option<Spanned<Version>>,
    /// The namespace its objects live in; left out: the tool's usual one.
    #[schemars(extend("format" = label::NAMESPACE, "pattern" = label::NAMESPACE_PATTERN))]
    pub namespace: Option<String>,
    /// What it reads the rendered tree from: the name of a source object, or a repository URL.
    pub source: String,
}
