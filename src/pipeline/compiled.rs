//! Every distinct rule is compiled once per target, however many clusters are given it.

use crate::catalogue::Definition;
use crate::compile::Of;
use crate::document::Action;
use crate::engine::{Engine, Target};
use crate::plan::{Plan, Rule, Scope};
use crate::tree::{self, Rendered};
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// What the files of a rule depend on; origins and dates are no part of it.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    name: &'a str,
    control: &'a str,
    parameters: &'a Map<String, Value>,
    /// The followed version since which the control says what it says.
    since: Option<(u32, u32)>,
    parts: Vec<(&'a str, &'a Scope, Action, Of<'a>)>,
    target: &'a Target,
}

impl<'a> Key<'a> {
    fn new(rule: &'a Rule, target: &'a Target) -> Key<'a> {
        let parts = rule.parts.iter();
        let parts =
            parts.map(|part| (part.suffix.as_str(), &part.scope, part.action, Of::from(part)));
        Key {
            name: &rule.name,
            control: rule.control.id(),
            parameters: &rule.parameters,
            since: rule.since().map(|version| (version.major, version.minor)),
            parts: parts.collect(),
            target,
        }
    }
}

/// A key whose hash is known: these are long, and hashing them is left to many threads.
#[derive(PartialEq, Eq)]
struct Hashed<'a> {
    hash: u64,
    key: Key<'a>,
}

impl<'a> Hashed<'a> {
    fn new(key: Key<'a>) -> Hashed<'a> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Hashed { hash: hasher.finish(), key }
    }
}

impl Hash for Hashed<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.hash.hash(state);
    }
}

/// Values in the order they were first seen, each with its number.
struct Numbered<K, V> {
    known: HashMap<K, usize>,
    all: Vec<V>,
}

impl<K: Hash + Eq, V> Numbered<K, V> {
    fn new() -> Numbered<K, V> {
        Numbered { known: HashMap::new(), all: vec![] }
    }

    fn number(&mut self, key: K, value: impl FnOnce() -> V) -> usize {
        *self.known.entry(key).or_insert_with(|| {
            self.all.push(value());
            self.all.len() - 1
        })
    }
}

/// The files of each plan's rules, and of what these need to be there before them.
///
/// What is made of manifests depends on the namespaces of the plan and is not among them.
pub fn compile<'a>(
    plans: &[(&'a Plan, &'a Target)],
    engines: &[Box<dyn Engine>],
) -> Vec<Vec<Arc<Rendered>>> {
    let judged = |(plan, target): &(&'a Plan, &'a Target)| {
        let judged = plan.holding().filter(|rule| !rule.control.is_manifest());
        judged.map(|rule| (&**rule, Hashed::new(Key::new(rule, target)))).collect()
    };
    let keyed: Vec<Vec<(&Rule, Hashed<'_>)>> = plans.par_iter().map(judged).collect();
    let mut definitions: Numbered<(&str, &Target, bool), (&Definition, &Target, bool)> =
        Numbered::new();
    let mut rules: Numbered<Hashed<'_>, (&Rule, &Target)> = Numbered::new();
    let mut numbers: Vec<Vec<(usize, usize)>> = Vec::with_capacity(plans.len());
    for ((plan, target), keyed) in plans.iter().zip(keyed) {
        let of = keyed.into_iter().map(|(rule, hashed)| {
            let control = &*rule.control;
            let breaks = plan.break_glass;
            let key = (control.id(), *target, breaks);
            let definition = definitions.number(key, || (control, *target, breaks));
            (definition, rules.number(hashed, || (rule, *target)))
        });
        numbers.push(of.collect());
    }
    let engine = |target: &Target| engines.iter().find(|engine| engine.id() == target.engine);
    let definitions: Vec<Option<Arc<Rendered>>> = definitions
        .all
        .into_par_iter()
        .map(|(control, target, breaks)| {
            let definition = engine(target)?.definition(control, target, breaks)?;
            Some(Arc::new(tree::rule_files(control.id(), &[definition])))
        })
        .collect();
    let rules: Vec<Option<Arc<Rendered>>> = rules
        .all
        .into_par_iter()
        .map(|(rule, target)| {
            let emitted = engine(target)?.compile(rule, target);
            Some(Arc::new(tree::rule_files(&rule.name, &emitted)))
        })
        .collect();
    let files = |numbers: Vec<(usize, usize)>| {
        let both = numbers
            .into_iter()
            .flat_map(|(definition, rule)| [definitions[definition].clone(), rules[rule].clone()]);
        both.flatten().collect()
    };
    numbers.into_iter().map(files).collect()
}
