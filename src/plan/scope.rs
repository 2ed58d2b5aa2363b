//! Where a demand holds on a cluster, and how strictly in which part of it.

use super::{RunningGrace, Scope, Situation};
use crate::date::Date;
use crate::document::Action;
use crate::link::{Demand, Graced};
use crate::selector::{NAME, Operator, Selector};

/// Scopes a demand covers here, disjoint, each with the action that counts today.
pub fn scopes(
    demand: &Demand,
    situation: &Situation,
    grace: Option<&RunningGrace>,
) -> Vec<(Scope, Action)> {
    let mut found = vec![];
    let (namespaced, cluster_scoped) = demand.control.looks_at();
    let running = grace.filter(|grace| !grace.over);
    if namespaced {
        let selectors = namespaces(demand, situation);
        let milder = running.map(|grace| (graced(demand, situation), grace.action));
        for selector in selectors {
            let Some((milder, action)) = &milder else {
                found.push((Scope::Namespaces(selector), demand.action));
                continue;
            };
            let mut rest = vec![selector.clone()];
            for part in milder {
                let inside = selector.and(part);
                if !inside.is_empty() {
                    found.push((Scope::Namespaces(inside), *action));
                }
                rest = rest.iter().flat_map(|whole| whole.minus(part)).collect();
            }
            found.extend(rest.into_iter().map(|part| (Scope::Namespaces(part), demand.action)));
        }
    }
    if cluster_scoped && covers_cluster(demand, situation) {
        let granted = |grace: &Graced| graces_cluster(grace, situation);
        let milder = running.filter(|_| demand.grace.as_ref().is_some_and(granted));
        found.push((Scope::Cluster, milder.map_or(demand.action, |grace| grace.action)));
    }
    found
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
fn is_granted(demand: &Demand, grace: &Graced, situation: &Situation) -> bool {
    let (namespaced, cluster_scoped) = demand.control.looks_at();
    let covered = namespaces(demand, situation);
    let graced = graced(demand, situation);
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
fn graced(demand: &Demand, situation: &Situation) -> Vec<Selector> {
    let Some(grace) = &demand.grace else { return vec![] };
    let base = match grace.environment {
        Some(index) => situation.environments[index].clone(),
        None => vec![Selector::all()],
    };
    let own = grace.namespaces.clone().unwrap_or_default();
    base.iter().map(|part| part.and(&own)).filter(|part| !part.is_empty()).collect()
}

/// Whether a grace still counts on `today`; `None` where none is granted on this cluster.
pub fn running(
    demand: &Demand,
    situation: &Situation,
    first: Date,
    today: Date,
) -> Option<RunningGrace> {
    let grace = demand.grace.as_ref().filter(|grace| is_granted(demand, grace, situation))?;
    let until = first.plus(grace.period);
    Some(RunningGrace {
        period: grace.period,
        action: grace.action,
        until,
        over: today >= until,
        place: grace.place,
    })
}
