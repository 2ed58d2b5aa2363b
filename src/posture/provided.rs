//! What a cluster's provider, or its network plugin, does by itself of a recommendation.

use super::standing::Place;
use crate::catalogue::{KnownNetwork, NETWORK_POLICIES, provided};
use crate::document::{Cluster, Document, Recommendation};

/// What is done, and where that is stated.
pub fn by(
    place: &Place<'_>,
    cluster: &Document<Cluster>,
    one: &Recommendation,
) -> Option<(String, String)> {
    let spec = &cluster.spec;
    let kubernetes = spec.kubernetes.version.value.minor_version();
    let fits = provided().filter(|provided| {
        provided.framework == place.document.name.value
            && provided.version == place.version
            && provided.recommendation == one.id.value
            && provided.provider.is_none_or(|provider| provider == spec.provider.value)
            && provided.from.is_none_or(|from| from <= kubernetes)
    });
    let title = |name: &str| {
        let provider = place.given.catalogue.providers.get(name);
        provider.map_or(name.to_owned(), |provider| provider.spec.title.clone())
    };
    let mut told = fits.filter_map(|provided| {
        if provided.what != NETWORK_POLICIES {
            let why = format!("{}: {}", title(&spec.provider.value), provided.what);
            return Some((why, provided.source.to_owned()));
        }
        match place.given.catalogue.network(spec) {
            KnownNetwork::Enforced => {
                let why = "its network plugin does what NetworkPolicies say".to_owned();
                Some((why, "`networkPolicies: enforced` in the cluster's document".to_owned()))
            }
            KnownNetwork::UsuallyEnforced { remark, source } => {
                Some((format!("{}: {remark}", title(&spec.provider.value)), source))
            }
            _ => None,
        }
    });
    told.next()
}
