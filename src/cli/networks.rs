//! Where a NetworkPolicy is rendered and may do nothing: every API server takes one, and the
//! network plugin decides what becomes of it.

use crate::catalogue::KnownNetwork;
use crate::change;
use crate::manifest;
use crate::pipeline::{Loaded, Render};
use std::collections::BTreeMap;

/// A word on each rule that makes NetworkPolicies for clusters which may not read them.
pub fn unread(loaded: &Loaded, rendered: &Render) -> Vec<String> {
    let mut found: BTreeMap<(&str, bool, String), Vec<&str>> = BTreeMap::new();
    for (name, clustered) in &rendered.clusters {
        let cluster = &loaded.linked.clusters[clustered.index];
        let plan = &rendered.units[clustered.unit].plan;
        let known = loaded.catalogue.network(&cluster.spec);
        let Some(words) = known.words() else { continue };
        let stated = matches!(known, KnownNetwork::Ignored);
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
