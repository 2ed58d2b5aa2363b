//! Why something changes: the intents and exemptions behind it, and what is left out.

use crate::change::{self, Change};
use crate::document::State;
use crate::pipeline::{self, Loaded};
use crate::report::Reason;
use std::collections::BTreeSet;

/// The intents behind the rules that change.
pub fn intents(loaded: &Loaded, rendered: &pipeline::Render, change: &Change) -> Vec<Reason> {
    let rules: BTreeSet<&str> = change
        .entries
        .iter()
        .filter_map(|entry| match &entry.subject {
            change::Subject::Rule { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let origins = rendered
        .units
        .iter()
        .flat_map(|unit| &unit.plan.rules)
        .filter(|rule| rules.contains(rule.name.as_str()))
        .flat_map(|rule| &rule.origins);
    let mut intents: BTreeSet<&str> = origins.map(|origin| origin.intent.as_str()).collect();
    let nodes = rendered.units.iter().flat_map(|unit| &unit.plan.nodes);
    let nodes = nodes.filter(|nodes| rules.contains(nodes.rule().as_str()));
    intents.extend(nodes.map(|nodes| nodes.advisory.as_str()));
    loaded
        .linked
        .intents
        .iter()
        .filter(|intent| intents.contains(intent.name.as_str()))
        .map(|intent| Reason {
            name: intent.name.clone(),
            place: loaded.sources.short(intent.place),
            statement: intent.statement.clone(),
            why: intent.why.clone(),
            owner: intent.owner.clone(),
            agreed: intent.ticket.iter().cloned().collect(),
        })
        .collect()
}

/// The exemptions that changes name, as far as they are still written somewhere.
pub fn exemptions(loaded: &Loaded, change: &Change) -> Vec<Reason> {
    let statements = change.entries.iter().flat_map(|entry| &entry.statements);
    let named: BTreeSet<&str> = statements
        .filter(|one| one.topic == change::Topic::Exemption)
        .map(|one| one.path.as_str())
        .collect();
    let liftings = loaded.linked.liftings.iter();
    liftings
        .filter(|lifting| named.contains(lifting.name.as_str()))
        .map(|lifting| {
            let until = Some(format!("until {}", lifting.expires));
            let approved = lifting.approved_by.as_ref().map(|who| format!("approved by {who}"));
            let agreed = [until, approved, lifting.ticket.clone()];
            Reason {
                name: lifting.name.clone(),
                place: loaded.sources.short(lifting.place),
                statement: lifting.reason.clone(),
                why: None,
                owner: lifting.owner.clone(),
                agreed: agreed.into_iter().flatten().collect(),
            }
        })
        .collect()
}

pub fn skipped(loaded: &Loaded) -> Vec<(String, String)> {
    let paused = loaded.linked.clusters.iter().filter(|one| one.spec.state == State::Paused);
    let why = |place| format!("its state is `paused` ({})", loaded.sources.short(place));
    paused.map(|cluster| (cluster.name.value.clone(), why(cluster.place()))).collect()
}
