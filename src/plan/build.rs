//! Builds the plan of one situation.

use super::conflicts::{clash, collisions, contradictions, versions};
use super::held::{self, Asked, Kept, Standing, Terms};
use super::lifted::granted;
use super::merge::{Claim, Force, breakable, canonical, merge, parts};
use super::{Followed, Granted, Origin, Plan, Rule, RunningGrace, Scope, Situation, scope};
use crate::date::Date;
use crate::diagnostic::Diagnostics;
use crate::document::Action;
use crate::link::{Demand, Lifting, Linked};
use crate::lock::{Held, Since};
use crate::name;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The rules of every cluster in this situation on `today`.
///
/// Complaints name no cluster, so that what is wrong with many clusters is said once.
pub fn plan(
    situation: &Situation,
    linked: &Linked,
    today: Date,
    diagnostics: &mut Diagnostics,
) -> Plan {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for index in &situation.demands {
        by_name.entry(&linked.demands[*index].rule).or_default().push(*index);
    }
    let names: BTreeSet<&str> = by_name.keys().copied().collect();
    let builder = Builder { situation, linked, today, names: &names };
    let mut rules: Vec<Arc<Rule>> = vec![];
    let mut held = BTreeSet::new();
    for (name, demands) in &by_name {
        if let Some(built) = builder.rule(name, demands, diagnostics) {
            rules.extend(built.rules.into_iter().map(Arc::new));
            held.extend(built.held);
        }
    }
    rules.sort_by(|one, other| one.name.cmp(&other.name));
    let controls = linked.demands.iter().map(|one| (one.control.id(), &*one.control)).collect();
    let held = held::remembered(held, situation, &controls);
    contradictions(&rules, linked, situation, diagnostics);
    collisions(&rules, diagnostics);
    // What clashes, or is lifted as a whole, covers something all the same.
    let covers = |index: &&usize| {
        let demand = &linked.demands[**index];
        !scope::scopes(demand, situation).is_empty()
    };
    let covering = situation.demands.iter().filter(covers);
    let covering = covering.map(|index| linked.demands[*index].label.clone()).collect();
    let gracing = situation.demands.iter().filter_map(|index| {
        let demand = &linked.demands[*index];
        let grace = demand.grace.as_ref()?;
        scope::is_granted(demand, grace, situation).then_some(grace.place)
    });
    let gracing = gracing.collect();
    let (facts, system) = (situation.facts.clone(), situation.system.clone());
    let own_environment = situation.own_environment;
    let namespaces = situation.namespaces.clone();
    let break_glass = !linked.settings.break_glass.is_empty();
    let nodes = situation.nodes.clone();
    Plan {
        facts,
        rules,
        system,
        own_environment,
        covering,
        namespaces,
        gracing,
        break_glass,
        held,
        nodes,
    }
}

pub(super) struct Builder<'a> {
    pub(super) situation: &'a Situation,
    pub(super) linked: &'a Linked,
    pub(super) today: Date,
    /// The rules that are asked for.
    names: &'a BTreeSet<&'a str>,
}

/// What becomes of the demands for one rule.
struct Built {
    /// It, and those that asked for less and count while what was added has its grace.
    rules: Vec<Rule>,
    held: Vec<Held>,
}

impl Builder<'_> {
    fn rule(&self, name: &str, indices: &[usize], diagnostics: &mut Diagnostics) -> Option<Built> {
        let demands: Vec<(usize, &Demand)> =
            indices.iter().map(|index| (*index, &self.linked.demands[*index])).collect();
        let (_, first) = demands[0];
        let followed = |demand: &Demand| Followed::of(demand, &self.situation.facts);
        let since = |demand: &Demand| followed(demand).map(|followed| followed.since);
        for (_, other) in &demands[1..] {
            if other.control.id() != first.control.id() || other.parameters != first.parameters {
                diagnostics.push(clash(name, first, other));
                return None;
            }
            if since(other) != since(first) {
                diagnostics.push(versions(first, other, &self.situation.facts));
                return None;
            }
        }
        let mut liftings = self.liftings(&demands, diagnostics);
        if first.control.is_manifest() {
            liftings.extend(self.liftings_of_its_framework(&demands, &liftings));
        }
        let mut claims = vec![];
        let mut origins = vec![];
        let mut held = vec![];
        let mut kept: BTreeMap<String, Vec<(Kept, usize)>> = BTreeMap::new();
        for ((index, demand), terms) in demands.iter().zip(self.all_terms(&demands)) {
            let since = self.since(*index);
            if terms.pieces.is_empty() {
                continue;
            }
            let origin = origins.len();
            let scopes: Vec<(Scope, Action)> =
                terms.pieces.iter().map(|one| (one.scope.clone(), one.force.action)).collect();
            origins.push(self.origin(demand, since, terms.grace, &scopes, &liftings));
            for piece in terms.pieces {
                claims.push(Claim { scope: piece.scope, force: piece.force, origin });
                // An advisory is never graced, and is nothing to remember once it has ended.
                if demand.lasting.is_none() {
                    held.push(piece.held);
                }
            }
            for one in terms.kept {
                let key = Value::from(one.parameters.clone()).to_string();
                kept.entry(key).or_default().push((one, origin));
            }
        }
        let (namespaced, cluster_scoped) = first.control.looks_at();
        let both = namespaced && cluster_scoped;
        let rendered = |claims: Vec<Claim>| {
            let merged = merge(claims);
            let parts = parts(merged.clone(), &liftings, both, self.situation, self.linked);
            // What is applied as it is refuses nobody.
            if first.control.is_manifest() {
                return (merged, parts);
            }
            let groups: Vec<String> = self.linked.settings.break_glass.keys().cloned().collect();
            (merged, breakable(parts, &groups))
        };
        let (merged, parts) = rendered(claims);
        for (index, origin) in origins.iter_mut().enumerate() {
            origin.contained = !merged.iter().any(|(_, _, asking)| asking.contains(&index));
        }
        if origins.is_empty() {
            return None;
        }
        let exemptions: Vec<Granted> = liftings.iter().map(|lifting| granted(lifting)).collect();
        let mut rules = vec![Rule {
            name: name.to_owned(),
            control: first.control.clone(),
            parameters: self.parameters(first),
            followed: followed(first),
            parts,
            origins: origins.clone(),
            exemptions: exemptions.clone(),
        }];
        for (parameters, kept) in kept {
            let claims = kept.iter().map(|(one, origin)| Claim {
                scope: one.scope.clone(),
                force: Force::of(one.action),
                origin: *origin,
            });
            rules.push(Rule {
                name: format!("{name}-before-{}", name::short_digest(parameters.as_bytes())),
                control: first.control.clone(),
                parameters: kept[0].0.parameters.clone(),
                followed: followed(first),
                parts: rendered(claims.collect()).1,
                origins: origins.clone(),
                exemptions: exemptions.clone(),
            });
        }
        Some(Built { rules, held })
    }

    /// What each of the demands for one rule comes to.
    ///
    /// What one of them enforces from today on is not new to another one's grace: it would not be
    /// once this has landed, and rendering again must change nothing.
    fn all_terms(&self, demands: &[(usize, &Demand)]) -> Vec<Terms> {
        let all = |enforced: &[Standing]| -> Vec<Terms> {
            let one = |(index, demand): &(usize, &Demand)| {
                self.terms(demand, self.since(*index), enforced)
            };
            demands.iter().map(one).collect()
        };
        let terms = all(&[]);
        let runs = |terms: &Terms| terms.grace.as_ref().is_some_and(|grace| !grace.over);
        if demands.len() == 1 || !terms.iter().any(runs) {
            return terms;
        }
        // What an advisory asks for lasts no longer than it does.
        let lasting = demands.iter().zip(&terms).filter(|((_, one), _)| one.lasting.is_none());
        let pieces = lasting.flat_map(|(_, terms)| &terms.pieces);
        let enforced = pieces.filter(|piece| piece.held.since == Since::Enforced);
        let enforced: Vec<Standing> = enforced
            .map(|piece| Standing::new(Arc::new(piece.held.clone()), None, false))
            .collect();
        if enforced.is_empty() { terms } else { all(&enforced) }
    }

    /// The day a demand was first noted here.
    fn since(&self, index: usize) -> Date {
        self.situation.first(index).unwrap_or(self.today)
    }

    fn terms(&self, demand: &Demand, first: Date, enforced: &[Standing]) -> Terms {
        let parameters = &self.parameters(demand);
        let (situation, rules, today) = (self.situation, self.names, self.today);
        let onboarding = self.linked.settings.onboarding.as_ref();
        let graced = !demand.control.is_manifest() && demand.lasting.is_none();
        let onboarding = onboarding.filter(|_| graced);
        Asked { demand, parameters, situation, enforced, rules, onboarding, today }.terms(first)
    }

    /// What is given, and what stands for itself on this cluster.
    fn parameters(&self, demand: &Demand) -> Map<String, Value> {
        let mut parameters = demand.control.derived(self.situation.facts.newest_kubernetes());
        parameters.extend(demand.parameters.clone());
        parameters
    }

    fn origin(
        &self,
        demand: &Demand,
        first: Date,
        grace: Option<RunningGrace>,
        scopes: &[(Scope, Action)],
        liftings: &[&Lifting],
    ) -> Origin {
        let scope_text = |scope: &Scope| match scope {
            Scope::Namespaces(selector) => canonical(selector),
            Scope::Cluster => "cluster".to_owned(),
        };
        let scopes: Vec<Value> = scopes
            .iter()
            .map(|(scope, action)| json!([scope_text(scope), action.name()]))
            .collect();
        let exemptions: Vec<&str> = liftings.iter().map(|one| one.name.as_str()).collect();
        let mut meaning = vec![
            json!(demand.control.id()),
            Value::from(self.parameters(demand)),
            json!(demand.action.name()),
            json!(scopes),
            json!(exemptions),
        ];
        // An upgrade changes the meaning only where the control says something else since.
        let followed = Followed::of(demand, &self.situation.facts);
        meaning.extend(followed.map(|followed| json!(followed.since.to_string())));
        let breaks = &self.linked.settings.break_glass;
        if !breaks.is_empty() && demand.action == Action::Deny && !demand.control.is_manifest() {
            meaning.push(json!({"breakGlass": breaks.keys().collect::<Vec<_>>()}));
        }
        let meaning = Value::from(meaning);
        let environment = demand.environment.map(|(index, _)| {
            let environment = &self.linked.settings.environments[index];
            (environment.name.value.clone(), environment.name.place)
        });
        Origin {
            label: demand.label.clone(),
            intent: demand.intent.clone(),
            place: demand.place,
            action: demand.action,
            recommendations: demand.recommendations.clone(),
            first,
            grace,
            digest: name::short_digest(meaning.to_string().as_bytes()),
            contained: false,
            environment,
        }
    }
}
