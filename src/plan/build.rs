//! Builds the plan of one situation.

use super::conflicts::{clash, collisions, contradictions, versions};
use super::merge::{Claim, breakable, canonical, merge, parts};
use super::{Followed, Granted, Origin, Plan, Rule, RunningGrace, Scope, Situation, scope};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Action;
use crate::link::{Demand, Lifting, Linked};
use crate::name;
use crate::selector::{NAME, Operator, Selector};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
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
    let builder = Builder { situation, linked, today };
    let mut rules = vec![];
    for (name, demands) in by_name {
        if let Some(rule) = builder.rule(name, &demands, diagnostics) {
            rules.push(Arc::new(rule));
        }
    }
    contradictions(&rules, linked, situation, diagnostics);
    collisions(&rules, diagnostics);
    // What clashes, or is lifted as a whole, covers something all the same.
    let covers = |index: &&usize| {
        let demand = &linked.demands[**index];
        !scope::scopes(demand, situation, None).is_empty()
    };
    let covering = situation.demands.iter().filter(covers);
    let covering = covering.map(|index| linked.demands[*index].label.clone()).collect();
    let gracing = situation.demands.iter().filter_map(|index| {
        let demand = &linked.demands[*index];
        scope::running(demand, situation, today, today).map(|grace| grace.place)
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
        nodes,
    }
}

struct Builder<'a> {
    situation: &'a Situation,
    linked: &'a Linked,
    today: Date,
}

impl Builder<'_> {
    fn rule(&self, name: &str, indices: &[usize], diagnostics: &mut Diagnostics) -> Option<Rule> {
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
        for (index, demand) in &demands {
            let since = self.situation.first(*index).unwrap_or(self.today);
            let grace = scope::running(demand, self.situation, since, self.today);
            let scopes = scope::scopes(demand, self.situation, grace.as_ref());
            if scopes.is_empty() {
                continue;
            }
            let origin = origins.len();
            origins.push(self.origin(demand, since, grace, &scopes, &liftings));
            claims.extend(scopes.into_iter().map(|(scope, action)| Claim {
                scope,
                action,
                origin,
            }));
        }
        let merged = merge(claims);
        for (index, origin) in origins.iter_mut().enumerate() {
            origin.contained = !merged.iter().any(|(_, _, asking)| asking.contains(&index));
        }
        let (namespaced, cluster_scoped) = first.control.looks_at();
        let both = namespaced && cluster_scoped;
        let mut parts = parts(merged, &liftings, both, self.situation, self.linked);
        // What is applied as it is refuses nobody.
        if !first.control.is_manifest() {
            let groups: Vec<String> = self.linked.settings.break_glass.keys().cloned().collect();
            parts = breakable(parts, &groups);
        }
        if origins.is_empty() {
            return None;
        }
        let exemptions = liftings.iter().map(|lifting| granted(lifting)).collect();
        Some(Rule {
            name: name.to_owned(),
            control: first.control.clone(),
            parameters: self.parameters(first),
            followed: followed(first),
            parts,
            origins,
            exemptions,
        })
    }

    /// What is given, and what stands for itself on this cluster.
    fn parameters(&self, demand: &Demand) -> Map<String, Value> {
        let mut parameters = demand.control.derived(self.situation.facts.kubernetes());
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

    /// The exemptions in force that reach a rule; one that another intent undoes is a complaint.
    fn liftings(
        &self,
        demands: &[(usize, &Demand)],
        diagnostics: &mut Diagnostics,
    ) -> Vec<&Lifting> {
        let mut found = vec![];
        for index in &self.situation.liftings {
            let lifting = &self.linked.liftings[*index];
            if !lifting.is_in_force(self.today)
                || !demands.iter().any(|(_, one)| lifting.lifts(one))
            {
                continue;
            }
            // The same control under another name would still refuse what is freed here.
            for index in &self.situation.demands {
                let other = &self.linked.demands[*index];
                // Other images are what another advisory is about.
                if other.lasting.is_some()
                    || lifting.lifts(other)
                    || !self.reaches(lifting, *index, other)
                {
                    continue;
                }
                let Some(place) = lifting.names_control(other) else { continue };
                diagnostics.push(
                    Diagnostic::error(
                        "exemption-without-effect",
                        format!(
                            "`{}` stays demanded by intent `{}`, which exemption `{}` does not lift",
                            other.control.id(),
                            other.intent,
                            lifting.name
                        ),
                    )
                    .at(place, "lifted here from other intents only")
                    .at(other.place, "still demanded here")
                    .help(format!(
                        "add `{{intent: {}, controls: [{}]}}` to `lifts`, if its owner agrees",
                        other.intent,
                        other.control.id()
                    )),
                );
            }
            diagnostics.extend(overdue(lifting, self.today));
            found.push(lifting);
        }
        found
    }

    /// The exemptions in force from other controls that follow, or belong to, the framework a
    /// manifest control follows: what it has applied would undo them.
    fn liftings_of_its_framework(
        &self,
        demands: &[(usize, &Demand)],
        own: &[&Lifting],
    ) -> Vec<&Lifting> {
        let Some(framework) = demands.first().and_then(|(_, one)| one.control.follows()) else {
            return vec![];
        };
        let listed = |demand: &Demand| {
            demand.control.follows() == Some(framework)
                || self
                    .linked
                    .members
                    .get(framework)
                    .is_some_and(|all| all.contains(demand.control.id()))
        };
        let liftings = self.situation.liftings.iter().map(|index| &self.linked.liftings[*index]);
        let touching = liftings.filter(|lifting| {
            let mut others =
                self.situation.demands.iter().map(|index| &self.linked.demands[*index]);
            lifting.is_in_force(self.today)
                && !own.iter().any(|one| one.name == lifting.name)
                && others.any(|demand| listed(demand) && lifting.lifts(demand))
        });
        touching.collect()
    }

    /// Whether a demand could hold for something the exemption is for.
    fn reaches(&self, lifting: &Lifting, index: usize, demand: &Demand) -> bool {
        let since = self.situation.first(index).unwrap_or(self.today);
        let grace = scope::running(demand, self.situation, since, self.today);
        let mut meant = lifting.scope.namespaces.clone();
        if !lifting.scope.namespace_names.is_empty() {
            let names = lifting.scope.namespace_names.iter().cloned();
            meant = meant.and(&Selector::one(NAME, Operator::In, names));
        }
        scope::scopes(demand, self.situation, grace.as_ref()).iter().any(|(scope, _)| match scope {
            Scope::Namespaces(selector) => selector.overlaps(&meant),
            Scope::Cluster => meant.is_all(),
        })
    }
}

/// An exemption that nobody has looked at for too long.
fn overdue(lifting: &Lifting, today: Date) -> Option<Diagnostic> {
    let review = lifting.review.as_ref()?;
    let (message, label) = match review.due(today) {
        Some(due) if due >= today => return None,
        Some(due) => {
            let message = format!("exemption `{}` was to be reviewed by {due}", lifting.name);
            (message, "not reviewed since")
        }
        None => {
            let message = format!("exemption `{}` has not been reviewed yet", lifting.name);
            (message, "reviewed on days to come only")
        }
    };
    let said = Diagnostic::warning("review-overdue", message)
        .at(lifting.place, label)
        .at(review.place, "bounded here")
        .help("review it and add the day to `reviewed`, or remove it");
    Some(said)
}

fn granted(lifting: &Lifting) -> Granted {
    let mut words = vec![];
    words.extend(lifting.scope.workloads.iter().map(|one| one.replacen('/', " ", 1)));
    if !lifting.scope.namespace_names.is_empty() {
        words.push(format!("in namespace {}", lifting.scope.namespace_names.join(" or ")));
    }
    if !lifting.scope.namespaces.is_all() {
        words.push(format!("in namespaces where {}", lifting.scope.namespaces));
    }
    if !lifting.scope.labels.is_all() {
        words.push(format!("with labels where {}", lifting.scope.labels));
    }
    if !lifting.scope.images.is_empty() {
        words.push("for its named images".to_owned());
    }
    Granted {
        name: lifting.name.clone(),
        place: lifting.place,
        expires: lifting.expires,
        owner: lifting.owner.clone(),
        reason: lifting.reason.clone(),
        approved_by: lifting.approved_by.clone(),
        ticket: lifting.ticket.clone(),
        scope: words.join(" "),
    }
}
