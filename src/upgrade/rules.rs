//! Rules that mean something else afterwards, that become possible, or impossible.

use super::Side;
use crate::document::Action;
use crate::engine::{self, Engine};
use crate::plan::Rule;
use crate::tree::folder_name;
use serde_json::Value;
use std::collections::BTreeMap;

/// What becomes of the rules.
#[derive(Debug, Default)]
pub struct Rules {
    /// How many stay as they are.
    pub same: usize,
    pub meanings: Vec<Meaning>,
    /// By name, with who asks for them.
    pub possible: Vec<(String, Vec<String>)>,
    pub impossible: Vec<(String, Vec<String>)>,
    pub actions: Vec<Acts>,
}

/// A rule whose control means something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub rule: String,
    /// Each as what, before and after.
    pub changes: Vec<(String, String, String)>,
}

/// A rule whose engine can do more, or less, than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acts {
    pub rule: String,
    pub before: Action,
    pub after: Action,
}

impl Rules {
    /// Those that do less than before.
    pub fn milder(&self) -> impl Iterator<Item = &Acts> {
        self.actions.iter().filter(|one| one.after < one.before)
    }
}

pub fn rules(engine: &dyn Engine, before: &Side<'_>, after: &Side<'_>) -> Rules {
    let named = |side: &Side<'_>| -> BTreeMap<String, Shared> {
        let holding = side.plan.holding().filter(|rule| is_rendered(rule, side));
        holding.map(|rule| (rule.name.clone(), rule.clone())).collect()
    };
    let (old, new) = (named(before), named(after));
    let mut rules = Rules::default();
    for (name, rule) in &old {
        let Some(other) = new.get(name) else {
            rules.impossible.push((name.clone(), asking(rule)));
            continue;
        };
        let changes = changes(rule, other);
        let acts = acts(engine, (rule, before), (other, after));
        match changes.is_empty() && acts.is_none() {
            true => rules.same += 1,
            false => rules.actions.extend(acts),
        }
        if !changes.is_empty() {
            rules.meanings.push(Meaning { rule: name.clone(), changes });
        }
    }
    let added = new.iter().filter(|(name, _)| !old.contains_key(*name));
    rules.possible = added.map(|(name, rule)| (name.clone(), asking(rule))).collect();
    rules
}

type Shared = std::sync::Arc<Rule>;

/// An engine that cannot be told of any of its kinds is given nothing.
fn is_rendered(rule: &Rule, side: &Side<'_>) -> bool {
    let suffix = format!("/{}.yaml", rule.name);
    let stages = crate::engine::Stage::ALL.map(folder_name);
    stages.iter().any(|stage| side.files.contains_key(&format!("{stage}{suffix}")))
}

fn asking(rule: &Rule) -> Vec<String> {
    rule.origins.iter().map(|origin| origin.label.clone()).collect()
}

fn changes(old: &Rule, new: &Rule) -> Vec<(String, String, String)> {
    let mut changes = vec![];
    if old.control.id() != new.control.id() {
        let (old, new) = (old.control.id().to_owned(), new.control.id().to_owned());
        changes.push(("control".to_owned(), old, new));
    }
    if let (Some(was), Some(is)) = (&old.followed, &new.followed)
        && was.since != is.since
    {
        let words = |since| format!("what it says since {since}");
        changes.push((is.framework.clone(), words(was.since), words(is.since)));
    }
    let shown = |value: Option<&Value>| value.map_or("none".to_owned(), Value::to_string);
    let keys = old.parameters.keys().chain(new.parameters.keys());
    let mut keys: Vec<&String> = keys.collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (was, is) = (old.parameters.get(key), new.parameters.get(key));
        if was != is {
            changes.push((format!("parameter {key}"), shown(was), shown(is)));
        }
    }
    changes
}

fn acts(
    engine: &dyn Engine,
    (old, before): (&Rule, &Side<'_>),
    (new, after): (&Rule, &Side<'_>),
) -> Option<Acts> {
    let strictest = |rule: &Rule, side: &Side<'_>| {
        let action = rule.parts.iter().map(|part| part.action).max()?;
        Some(engine::action(engine, rule, action, side.target))
    };
    let (before, after) = (strictest(old, before)?, strictest(new, after)?);
    (before != after).then(|| Acts { rule: new.name.clone(), before, after })
}
