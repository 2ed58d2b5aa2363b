//! Which frameworks the intents ask for, in which versions, and whose versions these are.

use crate::document::{Cluster, Document, State};
use crate::link::{Demand, Linked, labels};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// A version of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub framework: String,
    pub version: String,
    /// The clusters whose own version it is; `None` where it is asked for by number.
    pub clusters: Option<BTreeSet<String>>,
}

/// Every framework that some intent asks for, each in the versions that it comes to.
pub fn asked_for(linked: &Linked) -> Vec<Asked> {
    let mut found: BTreeMap<(String, String), Option<BTreeSet<String>>> = BTreeMap::new();
    let mut note = |framework: &str, version: String, cluster: Option<&str>| {
        let clusters =
            found.entry((framework.to_owned(), version)).or_insert(Some(BTreeSet::new()));
        match (clusters, cluster) {
            (Some(known), Some(cluster)) => {
                known.insert(cluster.to_owned());
            }
            (clusters, None) => *clusters = None,
            (None, Some(_)) => {}
        }
    };
    for demand in &linked.demands {
        for one in &demand.recommendations {
            let own = demand
                .follows
                .as_ref()
                .filter(|following| following.pinned.is_none() && one.version == "cluster");
            for cluster in holding(demand, linked) {
                let name = Some(cluster.name.value.as_str());
                let kubernetes = cluster.spec.kubernetes.version.value;
                match (own, &demand.picked) {
                    (Some(own), _) => {
                        note(&one.framework, own.version(kubernetes).to_string(), name);
                    }
                    (None, Some(_)) => note(&one.framework, one.version.clone(), name),
                    (None, None) => note(&one.framework, one.version.clone(), None),
                }
            }
            if own.is_none() && demand.picked.is_none() {
                note(&one.framework, one.version.clone(), None);
            }
        }
    }
    let found = found.into_iter();
    let mut found: Vec<Asked> = found
        .map(|((framework, version), clusters)| Asked { framework, version, clusters })
        .collect();
    found.sort_by_key(|one| (one.framework.clone(), one.version.parse::<Version>().ok()));
    found
}

/// The active clusters that a demand is for.
fn holding<'a>(
    demand: &'a Demand,
    linked: &'a Linked,
) -> impl Iterator<Item = &'a Document<Cluster>> {
    let active = linked.clusters.iter().filter(|one| one.spec.state == State::Active);
    let given = active.filter(|one| demand.clusters.matches(&labels(one)));
    given.filter(|one| demand.holds(&one.spec))
}
