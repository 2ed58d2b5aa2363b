//! One policy as a claim: of which objects it asks what, and what happens to one that offends.

use super::resources::{self, Atom};
use crate::admission::{Policy, Scan, Scope, Unnamespaced};
use crate::compile::{Undone, undo};
use crate::date::Date;
use crate::document::Action;
use crate::selector::{NAME, Operator, Selector};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A policy, taken apart into what can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// Kind and name of each object it was read from.
    pub origins: Vec<String>,
    pub action: Action,
    /// The first day on which it may deny.
    pub later: Option<Date>,
    pub atoms: Vec<Atom>,
    pub namespaces: Selector,
    unnamespaced: Unnamespaced,
    pub objects: Selector,
    /// Whatever else must hold before it looks; the fewer, the more it looks at.
    pub conditions: BTreeSet<String>,
    pub errors_deny: bool,
    pub scan: Scan,
    /// All that must be the same on both sides for texts to be comparable.
    pub habits: String,
    pub text: Undone,
}

impl Claim {
    /// `None` where it does nothing about what offends.
    pub fn of(policy: &Policy) -> Option<Claim> {
        let action = policy.actions.iter().copied().max()?;
        let variables =
            policy.variables.iter().map(|one| (one.name.clone(), one.expression.clone()));
        let validations: Vec<String> =
            policy.validations.iter().map(|one| one.expression.clone()).collect();
        let handed = policy.constants.iter().find(|(name, _)| name == "params");
        let handed = handed.and_then(|(_, value)| value.as_object());
        let text = undo(variables, &validations, handed);
        let others =
            policy.constants.iter().filter(|(name, value)| name != "params" || !value.is_object());
        let others: BTreeMap<&str, &Value> = others.map(|(name, value)| (&**name, value)).collect();
        let habits = format!(
            "{:?} {:?} {:?} {:?} {others:?}",
            policy.absent, policy.params, policy.fails, policy.matching.converts_versions
        );
        let (mut namespaces, mut objects) = (Selector::all(), Selector::all());
        let mut conditions: BTreeSet<String> =
            policy.match_conditions.iter().map(|one| one.expression.clone()).collect();
        let matching = &policy.matching;
        let anything = resources::anything();
        for (index, one) in std::iter::once(matching).chain(&matching.also).enumerate() {
            namespaces = one.namespaces.iter().fold(namespaces, |all, more| all.and(more));
            objects = one.objects.iter().fold(objects, |all, more| all.and(more));
            if index > 0 && one.rules != anything {
                conditions.insert(format!("among {:?}", one.rules));
            }
            if index > 0 && !one.also.is_empty() {
                conditions.insert(format!("also {:?}", one.also));
            }
            for (what, names) in [("in", &one.namespace_names), ("named", &one.object_names)] {
                if !names.is_empty() {
                    conditions.insert(format!("{what} {names:?}"));
                }
            }
            conditions.extend(one.except_namespaces.iter().map(|name| format!("not in {name:?}")));
            conditions.extend(one.except.iter().map(|one| format!("not {one:?}")));
        }
        Some(Claim {
            origins: policy.origin.split(" by ").map(str::to_owned).collect(),
            action,
            later: text.later,
            atoms: resources::atoms(&matching.rules),
            namespaces,
            unnamespaced: matching.unnamespaced,
            objects,
            conditions,
            errors_deny: policy.errors_deny(),
            scan: policy.scan,
            habits,
            text,
        })
    }

    /// In which namespaces it judges such objects. What lies in none is judged everywhere or
    /// nowhere, but for a Namespace, which is selected as what lies in it.
    pub fn regions(&self, atom: &Atom) -> Vec<Selector> {
        let inside = atom.scope == Scope::Namespaced;
        let free = self.text.exemptions.iter().filter(|one| super::hole::only_namespaces(one));
        if free.clone().any(|one| one.namespaces.is_empty()) {
            return vec![];
        }
        let named = |names: &[String]| Selector::one(NAME, Operator::In, names.to_vec());
        let selector = match (inside, self.unnamespaced) {
            (true, _) => {
                let less = |all: Vec<Selector>, names: &Vec<String>| {
                    all.iter().flat_map(|one| one.minus(&named(names))).collect()
                };
                return free.map(|one| &one.namespaces).fold(vec![self.namespaces.clone()], less);
            }
            (false, Unnamespaced::Outside) if atom.may_be_a_namespace() => self.namespaces.clone(),
            (false, Unnamespaced::Outside) => Selector::all(),
            (false, Unnamespaced::Unlabelled) if atom.is_a_namespace() => return vec![],
            (false, Unnamespaced::Unlabelled) => match self.namespaces.matches(&BTreeMap::new()) {
                true => Selector::all(),
                false => return vec![],
            },
        };
        vec![selector]
    }
}
