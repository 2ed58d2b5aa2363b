//! Versions that demands follow: one that is named, or that of each cluster's Kubernetes.

use super::labels;
use super::requirement::{Demand, RequirementReader};
use crate::catalogue::{Definition, Span};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document, State};
use crate::text::{Place, Spanned};
use crate::version::Version;
use std::collections::{BTreeMap, BTreeSet};

/// Which version of a framework a demand is about, and for which it is demanded at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Following {
    /// The framework.
    pub framework: String,
    /// Named by the requirement; otherwise it is that of the cluster.
    pub pinned: Option<Version>,
    /// Newer clusters are given the newest that is known.
    pub newest: Version,
    /// The versions in which it is demanded.
    pub between: Span,
}

impl Following {
    /// The version for a cluster.
    pub fn version(&self, kubernetes: Version) -> Version {
        self.pinned.unwrap_or_else(|| kubernetes.minor_version().min(self.newest))
    }
}

impl Demand {
    /// Whether a cluster is asked for anything, as far as versions decide it.
    pub fn holds(&self, cluster: &Cluster) -> bool {
        let kubernetes = cluster.kubernetes.version.value;
        let picked = self.picked.as_ref().is_none_or(|pick| pick.holds(cluster));
        picked
            && self.follows.as_ref().is_none_or(|following| {
                let version = following.version(kubernetes);
                let says =
                    self.control.follows().is_none() || self.control.since(version).is_some();
                following.between.holds(version) && says
            })
    }
}

/// A requirement's `version`, of something that has one with every version of Kubernetes.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Cluster,
    Pinned(Version),
}

impl RequirementReader<'_> {
    /// What `version` says of such versions; `None` if it is none of them, which is complained of.
    pub(super) fn asked(
        &self,
        name: &str,
        span: Span,
        diagnostics: &mut Diagnostics,
    ) -> Option<Asked> {
        let Some(written) = &self.requirement.value.version else { return Some(Asked::Cluster) };
        match written.value.as_str() {
            "cluster" => Some(Asked::Cluster),
            "latest" => Some(Asked::Pinned(span.last)),
            number => {
                let version = number.parse::<Version>().ok();
                let known = version.filter(|version| span.holds(*version));
                if known.is_none() {
                    diagnostics.push(unknown_version(name, written, span));
                }
                known.map(|version| Asked::Pinned(version.minor_version()))
            }
        }
    }

    /// What a control follows that a requirement names, or a framework without versions lists.
    pub(super) fn following(&self, control: &Definition, asked: Asked) -> Option<Following> {
        let span = self.context.catalogue.followed(control)?;
        let pinned = match asked {
            Asked::Cluster => None,
            Asked::Pinned(version) => Some(version),
        };
        let framework = control.follows()?.to_owned();
        Some(Following { framework, pinned, newest: span.last, between: span })
    }
}

fn unknown_version(name: &str, written: &Spanned<String>, span: Span) -> Diagnostic {
    let message = format!("there is no version {} of `{name}`", written.value);
    let help = format!("known: {} to {}, `cluster` or `latest`", span.first, span.last);
    Diagnostic::error("unknown-framework-version", message)
        .at(written.place, "unknown version")
        .help(help)
}

/// A control that is demanded in a version in which it asks for nothing.
pub(super) fn says_nothing(
    control: &Definition,
    version: Version,
    written: Place,
    name: Place,
) -> Option<Diagnostic> {
    if control.since(version).is_some() {
        return None;
    }
    let message = format!("control `{}` asks for nothing in version {version}", control.id());
    let said = Diagnostic::error("nothing-to-follow", message)
        .at(written, "no rule of it counts in this version")
        .at(name, "the control")
        .help("name another version, or remove the requirement");
    Some(said)
}

fn newer(framework: &str, kubernetes: Spanned<Version>, label: String) -> Diagnostic {
    let message = format!(
        "Kubernetes {} is newer than every version of `{framework}` that is known",
        kubernetes.value
    );
    Diagnostic::note("newer-than-known", message).at(kubernetes.place, label)
}

/// Says which clusters are newer than what is known of a framework they follow, and which are
/// older than what a control asks.
pub(super) fn check(
    demands: &[Demand],
    clusters: &[Document<Cluster>],
    diagnostics: &mut Diagnostics,
) {
    let mut told: BTreeSet<(Place, Place)> = BTreeSet::new();
    for cluster in clusters.iter().filter(|one| one.spec.state == State::Active) {
        let kubernetes = cluster.spec.kubernetes.version.value;
        let labels = labels(cluster);
        let mut newest: BTreeMap<&str, Version> = BTreeMap::new();
        let next = cluster.spec.kubernetes.next;
        let mut after: BTreeMap<&str, Version> = BTreeMap::new();
        for demand in demands.iter().filter(|demand| demand.clusters.matches(&labels)) {
            let Some(following) = &demand.follows else { continue };
            if following.pinned.is_some() {
                continue;
            }
            if kubernetes.minor_version() > following.newest {
                newest.insert(&following.framework, following.newest);
            } else if next.is_some_and(|next| next.value.minor_version() > following.newest) {
                after.insert(&following.framework, following.newest);
            }
            let place = (demand.place, cluster.spec.kubernetes.version.place);
            let asked_for_itself = demand.recommendations.is_empty();
            if asked_for_itself && !demand.holds(&cluster.spec) && told.insert(place) {
                let message = format!(
                    "control `{}` asks for nothing in version {}",
                    demand.control.id(),
                    following.version(kubernetes)
                );
                diagnostics.push(
                    Diagnostic::warning("nothing-to-follow", message)
                        .at(demand.place, "demanded here")
                        .at(cluster.spec.kubernetes.version.place, "of a cluster of this version")
                        .help("name a `version`, or leave such clusters out"),
                );
            }
        }
        let version = cluster.spec.kubernetes.version;
        for (framework, newest) in newest {
            diagnostics.push(newer(framework, version, format!("is given version {newest}")));
        }
        for ((framework, newest), next) in after.into_iter().zip(next.into_iter().cycle()) {
            diagnostics.push(newer(framework, next, format!("will be given version {newest}")));
        }
    }
}
