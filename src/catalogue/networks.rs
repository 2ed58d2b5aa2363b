//! What becomes of NetworkPolicies on a cluster: every API server takes one, and the network plugin
//! decides whether it does anything.

use super::Catalogue;
use crate::document::{Cluster, NetworkPolicies};

/// What is known of a cluster's network plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownNetwork {
    /// Its own document says so.
    Enforced,
    /// Its provider's clusters enforce them, by this source.
    UsuallyEnforced { remark: String, source: String },
    /// Its own document says so.
    Ignored,
    /// Its provider's clusters ignore them unless somebody chose otherwise.
    UsuallyIgnored(String),
    /// It hangs on a choice that nobody wrote down.
    Unknown(String),
}

impl Catalogue {
    pub fn network(&self, cluster: &Cluster) -> KnownNetwork {
        match cluster.network_policies {
            Some(NetworkPolicies::Enforced) => return KnownNetwork::Enforced,
            Some(NetworkPolicies::Ignored) => return KnownNetwork::Ignored,
            None => {}
        }
        let provider = self.providers.get(&cluster.provider.value);
        let network = provider.and_then(|provider| provider.spec.network_policies.as_ref());
        let remark = network.map(|network| network.remark.clone()).unwrap_or_default();
        match network.and_then(|network| network.usually) {
            Some(NetworkPolicies::Enforced) => {
                let source = network.map(|network| network.source.clone()).unwrap_or_default();
                KnownNetwork::UsuallyEnforced { remark, source }
            }
            Some(NetworkPolicies::Ignored) => KnownNetwork::UsuallyIgnored(remark),
            None => KnownNetwork::Unknown(remark),
        }
    }
}

impl KnownNetwork {
    /// What it means for what is rendered, where it means anything.
    pub fn words(&self) -> Option<String> {
        match self {
            KnownNetwork::Enforced | KnownNetwork::UsuallyEnforced { .. } => None,
            KnownNetwork::Ignored => Some("nothing there reads NetworkPolicies".to_owned()),
            KnownNetwork::UsuallyIgnored(remark) | KnownNetwork::Unknown(remark) => {
                Some(remark.clone())
            }
        }
    }
}
