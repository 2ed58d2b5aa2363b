//! Builds the plan of one situation.

use super::merge::{Claim, canonical, merge, parts};
use super::{Granted, Origin, Plan, Rule, RunningGrace, Scope, Situation, scope};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Action;
use crate::link::{Demand, Lifting, Linked};
use crate::name;
use crate::selector::{NAME, Operator, Selector};
use serde_json::{Value, json};
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
    let (facts, system) = (situation.facts.clone(), situation.system.clone());
    Plan { facts, rules, system, own_environment: situation.own_environment, covering }
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
        for (_, other) in &demands[1..] {
            if other.control.id() != first.control.id() || other.parameters != first.parameters {
                diagnostics.push(clash(name, first, other));
                return None;
            }
        }
        let liftings = self.liftings(&demands, diagnostics);
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
        let parts = parts(merged, &liftings, both, self.situation, self.linked);
        if origins.is_empty() {
            return None;
        }
        let exemptions = liftings.iter().map(|lifting| granted(lifting)).collect();
        Some(Rule {
            name: name.to_owned(),
            control: first.control.clone(),
            parameters: first.parameters.clone(),
            parts,
            origins,
            exemptions,
        })
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
        let meaning = json!([
            demand.control.id(),
            demand.parameters,
            demand.action.name(),
            scopes,
            exemptions
        ]);
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
            let early = lifting.granted.is_some_and(|granted| granted > self.today);
            if early
                || lifting.expires < self.today
                || !demands.iter().any(|(_, one)| lifting.lifts(one))
            {
                continue;
            }
            // The same control under another name would still refuse what is freed here.
            for index in &self.situation.demands {
                let other = &self.linked.demands[*index];
                if lifting.lifts(other) || !self.reaches(lifting, *index, other) {
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
            if let Some((due, place)) = lifting.review.filter(|(due, _)| *due < self.today) {
                let message = format!("exemption `{}` was to be reviewed by {due}", lifting.name);
                diagnostics.push(
                    Diagnostic::warning("review-overdue", message)
                        .at(lifting.place, "not reviewed since")
                        .at(place, "bounded here")
                        .help("review it and add the day to `reviewed`, or remove it"),
                );
            }
            found.push(lifting);
        }
        found
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

/// One rendered name for two different things.
fn clash(name: &str, first: &Demand, other: &Demand) -> Diagnostic {
    let same_control = first.control.id() == other.control.id();
    if same_control {
        let id = first.control.id();
        let message = format!("control `{id}` is asked for twice with different parameters");
        return Diagnostic::error("needs-as", message)
            .at(other.place, "asked for with other parameters here")
            .at(first.place, "asked for here")
            .help("give one of them a name of its own with `as`, or agree on the parameters");
    }
    Diagnostic::error("needs-as", format!("two controls would be rendered as `{name}`"))
        .at(other.place, format!("`{}` is asked for here", other.control.id()))
        .at(first.place, format!("`{}` is asked for here", first.control.id()))
        .help("give one of them another name with `as`")
}

/// A rule's name together with the end of one of its parts may be another rule's name.
fn collisions(rules: &[Arc<Rule>], diagnostics: &mut Diagnostics) {
    let mut taken: BTreeMap<String, &Rule> = BTreeMap::new();
    for rule in rules {
        for part in &rule.parts {
            let name = name::object(["ordinance", &rule.name, &part.suffix]);
            let Some(other) = taken.insert(name.clone(), rule) else { continue };
            let places = [rule.origins.first(), other.origins.first()];
            let mut said =
                Diagnostic::error("needs-as", format!("two rules would be rendered as `{name}`"));
            for (origin, label) in places.into_iter().flatten().zip(["one of them", "the other"]) {
                said = said.at(origin.place, label);
            }
            diagnostics.push(said.help("give one of them another name with `as`"));
        }
    }
}

/// Two allow-lists of one control with nothing in common would let nothing through.
fn contradictions(
    rules: &[Arc<Rule>],
    linked: &Linked,
    situation: &Situation,
    diagnostics: &mut Diagnostics,
) {
    let place = |rule: &Rule| {
        let demand = situation.demands.iter().map(|index| &linked.demands[*index]);
        demand.clone().find(|demand| demand.rule == rule.name).map(|demand| demand.place)
    };
    for (index, one) in rules.iter().enumerate() {
        for other in &rules[index + 1..] {
            if one.control.id() != other.control.id() {
                continue;
            }
            for name in apart(one, other) {
                if !overlap(one, other) {
                    break;
                }
                let (Some(first), Some(second)) = (place(one), place(other)) else { continue };
                let message = format!(
                    "`{name}` of `{}` allows nothing: the two lists have nothing in common",
                    one.control.id()
                );
                diagnostics.push(
                    Diagnostic::error("contradiction", message)
                        .at(second, "one list")
                        .at(first, "the other list")
                        .help("agree on one list, or let the two hold in different places"),
                );
            }
        }
    }
}

/// The allow-lists of two rules of one control that have nothing in common.
fn apart<'a>(one: &'a Rule, other: &'a Rule) -> impl Iterator<Item = &'a str> {
    one.control.parameters().filter_map(|(name, schema)| {
        let lists =
            (one.parameters.get(name)?.as_array()?, other.parameters.get(name)?.as_array()?);
        let looser = schema.get("x-more").and_then(Value::as_str) == Some("looser");
        let (a, b) = lists;
        let common = || a.iter().any(|x| b.iter().any(|y| share(x, y)));
        (looser && !a.is_empty() && !b.is_empty() && !common()).then_some(name)
    })
}

fn overlap(one: &Rule, other: &Rule) -> bool {
    let denies = |rule: &Rule| -> Vec<Scope> {
        let parts = rule.parts.iter().filter(|part| part.action == Action::Deny);
        parts.map(|part| part.scope.clone()).collect()
    };
    let theirs = denies(other);
    denies(one).iter().any(|a| {
        theirs.iter().any(|b| match (a, b) {
            (Scope::Namespaces(a), Scope::Namespaces(b)) => a.overlaps(b),
            (a, b) => a == b,
        })
    })
}

/// Two entries of allow-lists admit something in common: equal, or one a prefix of the other.
fn share(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.starts_with(b) || b.starts_with(a),
        _ => a == b,
    }
}
