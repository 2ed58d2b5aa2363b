//! What is said of a cluster that cannot be rendered, though its documents are right by themselves.

use super::landed::Damaged;
use crate::diagnostic::Diagnostic;
use crate::document::{Cluster, Document};
use crate::engine::{Blame, Unsupported};
use crate::plan::Plan;
use std::collections::BTreeSet;

/// A damaged lock is an error with its repair, never a silent restart of a clock.
pub fn damaged_lock(cluster: &Document<Cluster>, damaged: &Damaged) -> Diagnostic {
    let Damaged { path, why } = damaged;
    let message = format!("`{path}` is damaged: {why}");
    let last = format!("`git log -- {path}`, then `git checkout COMMIT -- {path}`");
    Diagnostic::error("damaged-lock", message)
        .at(cluster.place(), "the cluster it belongs to")
        .help(format!("take the last good one: {last}"))
}

/// Names the cluster, the intents that want something of it, and the way out.
pub fn cannot(cluster: &Document<Cluster>, plan: &Plan, unsupported: &Unsupported) -> Diagnostic {
    let intents: BTreeSet<&str> = plan
        .rules
        .iter()
        .flat_map(|rule| rule.origins.iter().map(|origin| origin.intent.as_str()))
        .collect();
    let quoted: Vec<String> = intents.into_iter().map(|intent| format!("`{intent}`")).collect();
    let wanted = match &quoted[..] {
        [] => "is demanded".to_owned(),
        [intent] => format!("intent {intent} demands"),
        [most @ .., last] => format!("intents {} and {last} demand", most.join(", ")),
    };
    let name = &cluster.name.value;
    let message = format!("`{name}` cannot be given what {wanted}: {}", unsupported.why);
    let engine = &cluster.spec.engine;
    let unsupported_version = |message| Diagnostic::error("unsupported-version", message);
    let said = match (unsupported.blames, engine.version, engine.next) {
        (Blame::Upgrade, _, Some(next)) => Diagnostic::error("no-common-shape", message)
            .at(next.place, "the version it is to have"),
        (Blame::Stated, Some(stated), _) | (Blame::Stated, None, Some(stated)) => {
            Diagnostic::error("needless-version", message).at(stated.place, "stated here")
        }
        (_, Some(version), _) => unsupported_version(message).at(version.place, "this version"),
        (Blame::Kubernetes, None, _) => {
            let version = cluster.spec.kubernetes.version;
            unsupported_version(message).at(version.place, "this version")
        }
        _ => unsupported_version(message).at(engine.name.place, "needs `version`"),
    };
    said.help(unsupported.help.as_str())
}
