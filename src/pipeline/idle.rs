//! What is written and comes to nothing on any cluster of the fleet.
//!
//! No single plan can tell: where one cluster is left out, another may not be. Each function is
//! handed what all plans together say.

use super::Loaded;
use crate::diagnostic::Diagnostic;
use crate::link::Demand;
use crate::text::Place;
use std::collections::BTreeSet;

/// Requirements that select clusters and cover nothing on any of them.
pub fn requirements(
    loaded: &Loaded,
    covering: &BTreeSet<String>,
    asked: &BTreeSet<usize>,
) -> Vec<Diagnostic> {
    let demands = asked.iter().map(|index| &loaded.linked.demands[*index]);
    let mut told = BTreeSet::new();
    // A selector that is empty by itself has been complained about already.
    let impossible = |demand: &Demand| {
        demand.namespaces.as_ref().is_some_and(|written| written.selector.is_empty())
    };
    demands
        .filter(|demand| !impossible(demand))
        .filter(|demand| !covering.contains(&demand.label) && told.insert(&demand.label))
        .map(|demand| {
            let place = demand.namespaces.as_ref().map_or(demand.place, |written| written.place);
            let message = format!("`{}` covers nothing on any cluster", demand.label);
            Diagnostic::error("selects-nothing", message)
                .at(place, "no namespace is left of this")
                .help("system namespaces are left out unless it says `includeSystem: true`")
                .help("correct where it holds, or remove it")
        })
        .collect()
}

/// Graces that are granted nowhere any of their requirements holds.
pub fn graces(
    loaded: &Loaded,
    covering: &BTreeSet<String>,
    gracing: &BTreeSet<Place>,
    asked: &BTreeSet<usize>,
) -> Vec<Diagnostic> {
    let demands = asked.iter().map(|index| &loaded.linked.demands[*index]);
    let mut told = BTreeSet::new();
    demands
        .filter(|demand| covering.contains(&demand.label))
        .filter_map(|demand| Some((demand, demand.grace.as_ref()?)))
        .filter(|(_, grace)| !gracing.contains(&grace.place) && told.insert(grace.place))
        .map(|(demand, grace)| {
            let environment = demand.environment.map(|(_, place)| place);
            let namespaces = demand.namespaces.as_ref().map(|written| written.place);
            let holds = environment.or(namespaces).unwrap_or(demand.place);
            let message = format!("the grace of `{}` covers nothing on any cluster", demand.label);
            Diagnostic::error("selects-nothing", message)
                .at(grace.place, "granted where the rule does not hold")
                .at(holds, "holds here")
                .help("correct where it is granted, or remove it")
        })
        .collect()
}
