//! What a rule loses sight of while an upgrade is under way: kinds that not every version on the way
//! serves, where the engine refuses a policy about a kind that is not served.

use super::Loaded;
use crate::diagnostic::Diagnostic;
use crate::document::{Cluster, Document};
use crate::engine::{self, Engine, Target};
use crate::plan::Plan;

/// A rule that is about nothing meanwhile is an error; one that is about less is said.
pub fn unseen(
    loaded: &Loaded,
    engines: &[Box<dyn Engine>],
    cluster: &Document<Cluster>,
    (plan, target): (&Plan, &Target),
) -> Vec<Diagnostic> {
    let kubernetes = &cluster.spec.kubernetes;
    let Some(next) = kubernetes.next.filter(|_| target.kubernetes.len() > 1) else { return vec![] };
    let engine = engines.iter().find(|engine| engine.id() == target.engine);
    let Some((engine, first)) = engine.zip(plan.facts.moments().into_iter().next()) else {
        return vec![];
    };
    let Ok(now) = engine::target(engine.as_ref(), &first, &loaded.catalogue) else { return vec![] };
    let (name, from, to) = (&cluster.name.value, kubernetes.version.value, next.value);
    let judged = plan.holding().filter(|rule| !rule.control.is_manifest());
    let said = judged.filter_map(|rule| {
        let unseen = engine::unseen(&rule.control, &now, target)?;
        let kinds = unseen.kinds.join(", ");
        let title = engine.title();
        let order = format!(
            "upgrade {title} first, to a version that takes a policy about kinds that are not \
             served, and render; then Kubernetes"
        );
        let said = match unseen.all {
            true => Diagnostic::error(
                "no-common-shape",
                format!(
                    "`{name}` cannot be given `{}` while Kubernetes goes from {from} to {to}: \
                     {title} refuses a policy about {kinds}, which is not served before and after",
                    rule.name
                ),
            ),
            false => Diagnostic::warning(
                "unseen-while-upgrading",
                format!(
                    "`{}` does not look at {kinds} on `{name}` while Kubernetes goes from {from} to \
                     {to}",
                    rule.name
                ),
            ),
        };
        let label = format!("{title} refuses a policy about what this does not serve");
        Some(said.at(next.place, label).help(order))
    });
    said.collect()
}
