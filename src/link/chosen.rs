//! Which versions of a framework a requirement asks for: one, or for each cluster its own.

use super::following::Asked;
use super::requirement::RequirementReader;
use crate::catalogue::{Pick, unknown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document, Framework, State};
use crate::text::{Place, Spanned};
use std::collections::BTreeSet;

/// What asks for the version that fits a cluster.
pub(super) const CLUSTER: &str = "cluster";

/// A framework's document, and for whom.
pub(super) struct Chosen<'a> {
    pub(super) document: &'a Document<Framework>,
    pub(super) asked: Asked,
    /// The clusters it is for, where each picks its own.
    pub(super) pick: Option<Pick>,
}

impl<'a> RequirementReader<'a> {
    /// The framework in the version, or the versions, that are asked for.
    pub(super) fn versions_of(
        &self,
        name: &Spanned<String>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<Chosen<'a>> {
        let catalogue = self.context.catalogue;
        let Some(documents) = catalogue.frameworks.get(&name.value) else {
            if !self.context.broken.named("Framework", &name.value) {
                diagnostics.push(unknown("framework", name, catalogue.frameworks.keys()));
            }
            return vec![];
        };
        // One document tells all versions, or each has its own.
        if let Some((document, span)) =
            documents.iter().find_map(|one| Some((one, one.spec.span()?)))
        {
            let asked = self.asked(&name.value, span, diagnostics).into_iter();
            return asked.map(|asked| Chosen { document, asked, pick: None }).collect();
        }
        let picks = catalogue.picks(&name.value);
        let others = match picks.is_empty() {
            true => "or `latest`",
            false => "`cluster` or `latest`",
        };
        let Some(version) = &self.requirement.value.version else {
            diagnostics.push(
                Diagnostic::error("missing-field", "a framework is asked for in a version")
                    .at(name.place, "needs `version`")
                    .help(format!("`version` is one of {}, {others}", listed(documents))),
            );
            return vec![];
        };
        if version.value == CLUSTER && !picks.is_empty() {
            let each = picks.into_iter().map(|(document, pick)| Chosen {
                document,
                asked: Asked::Cluster,
                pick: Some(pick),
            });
            return each.collect();
        }
        let found = catalogue.framework(&name.value, &version.value);
        if found.is_none() {
            let message = format!("there is no version {} of `{}`", version.value, name.value);
            diagnostics.push(
                Diagnostic::error("unknown-framework-version", message)
                    .at(version.place, "unknown version")
                    .help(format!("known: {}, {others}", listed(documents))),
            );
        }
        let found = found.into_iter();
        found.map(|document| Chosen { document, asked: Asked::Cluster, pick: None }).collect()
    }
}

fn listed(versions: &[Document<Framework>]) -> String {
    let quoted = versions.iter().map(|one| format!("\"{}\"", one.spec.newest()));
    quoted.collect::<Vec<_>>().join(", ")
}

/// Says which clusters are given a version that was not written for theirs.
pub(super) fn check(
    demands: &[super::Demand],
    clusters: &[Document<Cluster>],
    diagnostics: &mut Diagnostics,
) {
    let mut told: BTreeSet<(Place, String)> = BTreeSet::new();
    for cluster in clusters.iter().filter(|one| one.spec.state == State::Active) {
        let (kubernetes, labels) = (&cluster.spec.kubernetes.version, super::labels(cluster));
        let given = demands.iter().filter(|demand| demand.clusters.matches(&labels));
        for pick in given.filter_map(|demand| demand.picked.as_ref()) {
            let unknown = pick.holds(&cluster.spec) && !pick.knows(kubernetes.value);
            if unknown && told.insert((kubernetes.place, pick.framework.clone())) {
                let message = format!(
                    "no version of `{}` was written for Kubernetes {}",
                    pick.framework, kubernetes.value
                );
                diagnostics.push(
                    Diagnostic::note("no-version-of-its-own", message)
                        .at(kubernetes.place, format!("is given version {}", pick.version)),
                );
            }
        }
    }
}
