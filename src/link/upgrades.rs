//! Upgrades that clusters say are under way: that they lead upwards, and not too far at once.

use super::Linked;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document};
use crate::limits::MINORS_AHEAD;
use crate::text::Spanned;
use crate::version::Version;

const KUBERNETES: &str = "Kubernetes";

/// What is to be said of a cluster whose versions were changed after it was linked.
pub fn complaints(linked: &Linked, cluster: &Document<Cluster>) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    check(cluster, &mut diagnostics);
    super::following::check(&linked.demands, std::slice::from_ref(cluster), &mut diagnostics);
    super::chosen::check(&linked.demands, std::slice::from_ref(cluster), &mut diagnostics);
    diagnostics
}

pub(super) fn check(cluster: &Document<Cluster>, diagnostics: &mut Diagnostics) {
    let (kubernetes, engine) = (&cluster.spec.kubernetes, &cluster.spec.engine);
    if let Some(next) = &kubernetes.next {
        let plain = |of: &Spanned<Version>| of.value.minor_version();
        match plain(next) > plain(&kubernetes.version) {
            true => diagnostics.extend(
                too_far(&kubernetes.version, next).or_else(|| skipped(&kubernetes.version, next)),
            ),
            false => diagnostics.push(not_newer(KUBERNETES, &kubernetes.version, next)),
        }
    }
    if let (Some(version), Some(next)) = (&engine.version, &engine.next)
        && next.value <= version.value
    {
        diagnostics.push(not_newer(&engine.name.value, version, next));
    }
}

fn not_newer(what: &str, version: &Spanned<Version>, next: &Spanned<Version>) -> Diagnostic {
    let message =
        format!("an upgrade of {what} cannot lead from {} to {}", version.value, next.value);
    let same = next.value.minor_version() == version.value.minor_version();
    let help = match what == KUBERNETES && same {
        true => "what is rendered depends on minor versions alone: remove `next`",
        false => "state in `version` what runs, and in `next` the newer one that will",
    };
    Diagnostic::error("next-not-newer", message)
        .at(next.place, "not newer")
        .at(version.place, "than this")
        .help(help)
}

/// What is rendered meanwhile has to be valid for every minor version on the way, so they have to be
/// known.
fn too_far(version: &Spanned<Version>, next: &Spanned<Version>) -> Option<Diagnostic> {
    let (from, to) = (version.value.minor_version(), next.value.minor_version());
    if from.major == to.major && to.minor - from.minor <= MINORS_AHEAD {
        return None;
    }
    let message = format!("nobody knows all versions of Kubernetes from {from} to {to}");
    let said = Diagnostic::error("next-too-far", message)
        .at(next.place, "too far off")
        .at(version.place, "what runs")
        .help(format!("state the version that comes next, at most {MINORS_AHEAD} minors off"));
    Some(said)
}

/// kubeadm refuses to skip a minor version, and so do those who run control planes for others: the
/// components of a control plane may differ by one (Kubernetes' version skew policy).
fn skipped(version: &Spanned<Version>, next: &Spanned<Version>) -> Option<Diagnostic> {
    let (from, to) = (version.value.minor_version(), next.value.minor_version());
    if to.minor - from.minor < 2 {
        return None;
    }
    let step = Version::new(from.major, from.minor + 1);
    let message = format!("Kubernetes cannot go from {from} to {to} in one step");
    let said = Diagnostic::warning("skipped-minor", message)
        .at(next.place, "skips a minor version")
        .at(version.place, "what runs")
        .help(format!(
            "go by way of {step}: kubeadm and Kubernetes' version skew policy allow one minor \
             version at a time; what is rendered meanwhile is valid for all of them"
        ));
    Some(said)
}
