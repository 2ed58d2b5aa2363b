//! `version: cluster`, of a framework that has a document for each of its versions: which of them
//! a cluster is given.
//!
//! A document says for which versions of Kubernetes it was written, or for which providers. The
//! versions of one kind leave no gap: the first is also for what is older, each for what comes
//! before the next, the last for what is newer.

use super::Catalogue;
use crate::document::{Cluster, Document, Framework};
use crate::version::Version;
use std::collections::BTreeSet;

/// The clusters for which a version of a framework is picked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    pub framework: String,
    /// The framework's version.
    pub version: String,
    /// Of one provider; otherwise of all that have no version of their own.
    pub provider: Option<String>,
    pub others: BTreeSet<String>,
    /// The first minor version of Kubernetes; the first document has none.
    pub from: Option<Version>,
    /// The last; the last document has none.
    pub until: Option<Version>,
    /// The versions of Kubernetes the document itself names, the first and the last.
    pub known: Option<(Version, Version)>,
}

impl Pick {
    pub fn holds(&self, cluster: &Cluster) -> bool {
        let (provider, kubernetes) =
            (&cluster.provider.value, cluster.kubernetes.version.value.minor_version());
        let own = match &self.provider {
            Some(own) => own == provider,
            None => !self.others.contains(provider),
        };
        own && self.from.is_none_or(|from| from <= kubernetes)
            && self.until.is_none_or(|until| kubernetes <= until)
    }

    /// Whether the document was written with this version of Kubernetes in mind.
    pub fn knows(&self, kubernetes: Version) -> bool {
        let kubernetes = kubernetes.minor_version();
        self.known.is_none_or(|(first, last)| first <= kubernetes && kubernetes <= last)
    }
}

impl Catalogue {
    /// The versions of a framework among which a cluster's own decides, each with the clusters it
    /// is for; none if its documents name neither versions of Kubernetes nor providers.
    pub fn picks(&self, framework: &str) -> Vec<(&Document<Framework>, Pick)> {
        let documents = self.frameworks.get(framework).into_iter().flatten();
        let documents: Vec<&Document<Framework>> = documents.collect();
        let others: BTreeSet<String> = documents
            .iter()
            .flat_map(|one| &one.spec.providers)
            .map(|provider| provider.value.clone())
            .collect();
        let general = documents
            .iter()
            .filter(|one| one.spec.providers.is_empty() && !one.spec.kubernetes.is_empty());
        let mut picks = in_turn(general.copied().collect(), None, &others);
        for provider in &others {
            let own = documents
                .iter()
                .filter(|one| one.spec.providers.iter().any(|other| other.value == *provider));
            picks.extend(in_turn(own.copied().collect(), Some(provider), &others));
        }
        picks
    }
}

/// One document after the other, without a gap between them.
fn in_turn<'a>(
    mut documents: Vec<&'a Document<Framework>>,
    provider: Option<&String>,
    others: &BTreeSet<String>,
) -> Vec<(&'a Document<Framework>, Pick)> {
    let versions = |one: &Document<Framework>| {
        let versions = one.spec.kubernetes.iter().map(|version| version.value.minor_version());
        let all: BTreeSet<Version> = versions.collect();
        Some((*all.first()?, *all.last()?))
    };
    documents.sort_by_key(|one| versions(one));
    let first = |one: &Document<Framework>| Some(versions(one)?.0);
    let each = documents.iter().enumerate().map(|(index, document)| {
        let next = documents.get(index + 1).and_then(|next| first(next));
        let before = |next: Version| Version::new(next.major, next.minor.saturating_sub(1));
        let pick = Pick {
            framework: document.name.value.clone(),
            version: document.spec.newest(),
            provider: provider.cloned(),
            others: if provider.is_some() { BTreeSet::new() } else { others.clone() },
            from: if index == 0 { None } else { first(document) },
            until: next.map(before),
            known: versions(document),
        };
        (*document, pick)
    });
    each.collect()
}
