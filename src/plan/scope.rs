//! Where a demand holds on a cluster, where its grace is granted, and how a lock states either.

use super::{Scope, Situation};
use crate::link::{Demand, Graced};
use crate::lock::HeldScope;
use crate::selector::{NAME, Operator, Selector};

/// Scopes a demand covers here, disjoint.
pub fn scopes(demand: &Demand, situation: &Situation) -> Vec<Scope> {
    let mut found = vec![];
    let (namespaced, cluster_scoped) = demand.control.looks_at();
    if namespaced {
        found.extend(namespaces(demand, situation).into_iter().map(Scope::Namespaces));
    }
    if cluster_scoped && covers_cluster(demand, situation) {
        found.push(Scope::Cluster);
    }
    found
}

/// The parts of a scope for which a grace is granted, and those for which it is not.
pub fn graced(
    demand: &Demand,
    grace: &Graced,
    situation: &Situation,
    scope: Scope,
) -> (Vec<Scope>, Vec<Scope>) {
    let Scope::Namespaces(selector) = scope else {
        return match graces_cluster(grace, situation) {
            true => (vec![scope], vec![]),
            false => (vec![], vec![scope]),
        };
    };
    let mut inside = vec![];
    let mut rest = vec![selector.clone()];
    for part in graced_namespaces(demand, situation) {
        let both = selector.and(&part);
        if !both.is_empty() {
            inside.push(Scope::Namespaces(both));
        }
        rest = rest.iter().flat_map(|whole| whole.minus(&part)).collect();
    }
    (inside, rest.into_iter().map(Scope::Namespaces).collect())
}

/// Objects without a namespace belong to the cluster's own environment.
fn covers_cluster(demand: &Demand, situation: &Situation) -> bool {
    let environment =
        demand.environment.is_none_or(|(index, _)| Some(index) == situation.own_environment);
    environment && demand.namespaces.is_none()
}

/// What no rule covers unless it is asked to.
pub fn outside_system(situation: &Situation) -> Selector {
    if situation.system.is_empty() {
        return Selector::all();
    }
    Selector::one(NAME, Operator::NotIn, situation.system.iter().cloned())
}

fn namespaces(demand: &Demand, situation: &Situation) -> Vec<Selector> {
    let base = match demand.environment {
        Some((index, _)) => situation.environments[index].clone(),
        None => vec![Selector::all()],
    };
    let written = demand.namespaces.as_ref();
    let own = written.map_or_else(Selector::all, |namespaces| namespaces.selector.clone());
    let include_system = written.is_some_and(|namespaces| namespaces.include_system);
    let system = if include_system { Selector::all() } else { outside_system(situation) };
    let parts = base.iter().map(|part| part.and(&own).and(&system));
    parts.filter(|part| !part.is_empty()).collect()
}

/// Whether a grace touches anything the demand covers here.
pub fn is_granted(demand: &Demand, grace: &Graced, situation: &Situation) -> bool {
    let (namespaced, cluster_scoped) = demand.control.looks_at();
    let covered = namespaces(demand, situation);
    let graced = graced_namespaces(demand, situation);
    let meets = |one: &Selector| graced.iter().any(|other| one.overlaps(other));
    (namespaced && covered.iter().any(meets))
        || (cluster_scoped && covers_cluster(demand, situation) && graces_cluster(grace, situation))
}

/// Objects without a namespace are granted what their cluster's own environment is.
fn graces_cluster(grace: &Graced, situation: &Situation) -> bool {
    let own = situation.own_environment;
    grace.namespaces.is_none() && grace.environment.is_none_or(|one| Some(one) == own)
}

/// The namespaces in which a demand's grace is granted.
fn graced_namespaces(demand: &Demand, situation: &Situation) -> Vec<Selector> {
    let Some(grace) = &demand.grace else { return vec![] };
    let base = match grace.environment {
        Some(index) => situation.environments[index].clone(),
        None => vec![Selector::all()],
    };
    let own = grace.namespaces.clone().unwrap_or_default();
    base.iter().map(|part| part.and(&own)).filter(|part| !part.is_empty()).collect()
}

/// System namespaces are left out by rule and not by name, so that one more or less is no change.
pub fn relative(scope: &Scope, situation: &Situation) -> HeldScope {
    let Scope::Namespaces(selector) = scope else { return HeldScope::Cluster };
    if outside_system(situation).contains(selector) {
        let selector = selector.forgetting_names(&situation.system);
        return HeldScope::Namespaces { selector, system: false };
    }
    HeldScope::Namespaces { selector: selector.clone(), system: true }
}

/// The scope a lock states, on this cluster.
pub fn absolute(scope: &HeldScope, situation: &Situation) -> Scope {
    match scope {
        HeldScope::Cluster => Scope::Cluster,
        HeldScope::Namespaces { selector, system: true } => Scope::Namespaces(selector.clone()),
        HeldScope::Namespaces { selector, system: false } => {
            Scope::Namespaces(selector.and(&outside_system(situation)))
        }
    }
}

/// What is in both.
pub fn within(scope: &Scope, other: &Scope) -> Option<Scope> {
    match (scope, other) {
        (Scope::Namespaces(one), Scope::Namespaces(other)) => {
            Some(one.and(other)).filter(|both| !both.is_empty()).map(Scope::Namespaces)
        }
        (Scope::Cluster, Scope::Cluster) => Some(Scope::Cluster),
        _ => None,
    }
}

/// What is in the first alone.
pub fn without(scope: &Scope, other: &Scope) -> Vec<Scope> {
    match (scope, other) {
        // Most often both are the same.
        (one, other) if one == other => vec![],
        (Scope::Namespaces(one), Scope::Namespaces(other)) => {
            let rest: Vec<Selector> = one.minus(other);
            rest.into_iter().map(Scope::Namespaces).collect()
        }
        (scope, _) => vec![scope.clone()],
    }
}
