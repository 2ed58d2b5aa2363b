//! What a node says of the software it runs.

use super::Found;
use crate::name;
use crate::object::{self, Object};
use crate::version::Version;
use std::collections::BTreeMap;

/// One machine of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    /// As written, such as `v1.33.4-eks-1a2b3c`; empty where it says nothing.
    pub kubelet: String,
    pub runtime: Option<Runtime>,
    /// Who made the machine, such as `aws:///eu-west-1a/i-0123`; empty where it says nothing.
    pub provider: String,
}

/// What runs a node's containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runtime {
    pub name: String,
    /// As written, such as `1.7.27` or `1.7.27-k3s1`.
    pub version: String,
}

impl Node {
    /// The leading numbers of its kubelet's version; `None` where it has none.
    pub fn kubelet_version(&self) -> Option<Version> {
        numbers(&self.kubelet)
    }
}

impl Runtime {
    /// The leading numbers of its version; `None` where it has none.
    pub fn number(&self) -> Option<Version> {
        numbers(&self.version)
    }
}

/// What keeps an object from being a node, as the end of a sentence: its name goes into commands and
/// policies, and no cluster has one of another name.
pub fn flaw(object: &Object) -> Option<&'static str> {
    let name = object::name(object);
    if name.is_empty() {
        return Some("a Node without a name");
    }
    (!name::is_subdomain(name)).then_some("a Node whose name is no DNS name")
}

fn numbers(written: &str) -> Option<Version> {
    written.split('~').next().unwrap_or_default().parse().ok()
}

impl From<&Found> for Node {
    fn from(found: &Found) -> Node {
        let object = &found.object;
        let info = |field| object::text(object, &["status", "nodeInfo", field]);
        let runtime = info("containerRuntimeVersion").split_once("://");
        Node {
            name: object::name(object).to_owned(),
            labels: object::labels(object),
            kubelet: info("kubeletVersion").to_owned(),
            runtime: runtime.map(|(name, version)| Runtime {
                name: name.to_owned(),
                version: version.to_owned(),
            }),
            provider: object::text(object, &["spec", "providerID"]).to_owned(),
        }
    }
}
