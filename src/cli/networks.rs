//! Where a NetworkPolicy is rendered and may do nothing: every API server takes one, and the
//! network plugin decides what becomes of it.

use crate::change;
use crate::document::{Cluster, NetworkPolicies};
use crate::manifest;
use crate::pipeline::{Loaded, Render};
use std::collections::BTreeMap;

/// What is known of a cluster's network plugin.
pub enum Known {
    Enforced,
    /// Its own document says so.
    Ignored,
    /// Its provider's clusters ignore them unless somebody chose otherwise.
    UsuallyIgnored(String),
    /// It hangs on a choice that nobody wrote down.
    Unknown(String),
}

pub fn known(loaded: &Loaded, cluster: &Cluster) -> Known {
    match cluster.network_policies {
        Some(NetworkPolicies::Enforced) => return Known::Enforced,
        Some(NetworkPolicies::Ignored) => return Known::Ignored,
        None => {}
    }
    let provider = loaded.catalogue.providers.get(&cluster.provider.value);
    let network = provider.and_then(|provider| provider.spec.network_policies.as_ref());
    let remark = network.map(|network| network.remark.clone()).unwrap_or_default();
    match network.and_then(|network| network.usually) {
        Some(NetworkPolicies::Enforced) => Known::Enforced,
        Some(NetworkPolicies::Ignored) => Known::UsuallyIgnored(remark),
        None => Known::Unknown(remark),
    }
}

impl Known {
    /// What it means for what is rendered, where it means anything.
    pub fn words(&self) -> Option<String> {
        match self {
            Known::Enforced => None,
            Known::Ignored => Some("nothing there reads NetworkPolicies".to_owned()),
            Known::UsuallyIgnored(remark) | Known::Unknown(remark) => Some(remark.clone()),
        }
    }
}

/// A word on each rule that makes NetworkPolicies for clusters which may not read them.
pub fn unread(loaded: &Loaded, rendered: &Render) -> Vec<String> {
    let mut found: BTreeMap<(&str, bool, String), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in &rendered.clusters {
        let cluster = &loaded.linked.clusters[clustered.index];
        let plan = &rendered.units[clustered.unit].plan;
        let known = known(loaded, &cluster.spec);
        let Some(words) = known.words() else { continue };
        let stated = matches!(known, Known::Ignored);
        for rule in plan.holding().filter(|rule| rule.control.makes("NetworkPolicy")) {
            let given = |part: &crate::plan::Part| {
                rule.control.is_applied(part.action)
                    && !manifest::namespaces(plan, part).0.is_empty()
            };
            if rule.parts.iter().any(given) {
                let key = (rule.name.as_str(), stated, words.clone());
                found.entry(key).or_default().push(name);
            }
        }
    }
    let told = |((rule, stated, words), clusters): ((&str, bool, String), Vec<&str>)| {
        let clusters = change::clusters(&clusters);
        match stated {
            true => format!("`{rule}` does nothing on {clusters}: {words}"),
            false => format!(
                "`{rule}` may do nothing on {clusters}: {words}; `networkPolicies: enforced` in the \
                 cluster's document says that it does"
            ),
        }
    };
    found.into_iter().map(told).collect()
}
