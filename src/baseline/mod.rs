//! Baselines: what already runs and breaks a rule, and the exemptions that let it run on for a while.
//!
//! One exemption per workload, each with an end of its own, so that a rule can deny whatever is new
//! from today. It relies on `check` for the verdicts and on the plan for who demands what; whether the
//! intents allow such an exemption is asked of the very documents that are written, by whoever writes
//! them. Nothing here knows today.

mod dates;
mod owner;
mod stale;
mod written;

pub use dates::Stagger;
pub use owner::{Key, Objects, TEAM_LABELS, explains};
pub use stale::{Standing, standing};
pub use written::{Granting, document};

use crate::check::{Findings, Manifest, Violation};
use crate::document::Action;
use crate::link::Lifting;
use crate::plan::{Plan, Rule, Scope};
use crate::selector::{NAME, Operator, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// A workload that breaks rules which deny, or will.
#[derive(Clone, Debug)]
pub struct Violator {
    pub key: Key,
    /// Who answers for it, as its labels say.
    pub owner: Option<String>,
    /// By rule.
    pub breaks: BTreeMap<String, Break>,
}

/// How a workload breaks one rule.
#[derive(Clone, Debug, Default)]
pub struct Break {
    /// What the rule enforces; another name where one control is asked for twice.
    pub control: String,
    pub offenders: BTreeSet<String>,
    /// Every intent that demands the rule where the workload is.
    pub intents: BTreeSet<String>,
}

/// What was found to break rules.
#[derive(Clone, Debug, Default)]
pub struct Violators {
    pub list: Vec<Violator>,
    /// What breaks a rule and has no name that an exemption could say, in words.
    pub nameless: BTreeSet<String>,
    /// How many workloads only break rules that warn or record.
    pub milder: usize,
}

/// Whoever breaks a rule that denies, by what owns it; `labels` say who answers for it, first come.
pub fn violators(
    manifests: &[Manifest],
    findings: &Findings,
    plan: &Plan,
    labels: &[&str],
) -> Violators {
    let objects = Objects::new(manifests.iter().map(|one| &one.object));
    let rules: BTreeMap<&str, &Rule> =
        plan.rules.iter().map(|rule| (rule.name.as_str(), rule.as_ref())).collect();
    let mut found: BTreeMap<Key, Violator> = BTreeMap::new();
    let mut milder = BTreeSet::new();
    let mut nameless = BTreeSet::new();
    for violation in &findings.violations {
        let manifest = &manifests[violation.manifest];
        let Some(key) = objects.owning(&manifest.object) else {
            nameless.insert(format!("{} ({})", manifest.title(), violation.about.rule));
            continue;
        };
        if !denies(violation, rules.get(violation.about.rule.as_str()).copied()) {
            milder.insert(key);
            continue;
        }
        let one = found.entry(key.clone()).or_insert_with(|| Violator {
            owner: objects.owner(&key, &manifest.object, labels),
            breaks: BTreeMap::new(),
            key,
        });
        let broken = one.breaks.entry(violation.about.rule.clone()).or_default();
        broken.control.clone_from(&violation.about.control);
        broken.offenders.extend(violation.offenders.iter().cloned());
        let asking = violation.intents.iter().filter_map(|label| label.split('/').next());
        broken.intents.extend(asking.map(str::to_owned));
        broken.intents.extend(demanding(plan, &violation.about.control, &one.key.namespace));
    }
    milder.retain(|key| !found.contains_key(key));
    Violators { list: found.into_values().collect(), nameless, milder: milder.len() }
}

/// It denies, or will once a grace is over.
fn denies(violation: &Violation, rule: Option<&Rule>) -> bool {
    let asks = |label: &str| violation.intents.iter().any(|one| one == label);
    let origins = rule.into_iter().flat_map(|rule| &rule.origins);
    violation.action == Action::Deny
        || origins.into_iter().any(|one| asks(&one.label) && one.action == Action::Deny)
}

/// The intents that demand a control, under whatever name, somewhere a namespace may be.
fn demanding<'a>(
    plan: &'a Plan,
    control: &'a str,
    namespace: &str,
) -> impl Iterator<Item = String> + use<'a> {
    let here = Selector::one(NAME, Operator::In, [namespace.to_owned()]);
    let namespaced = !namespace.is_empty();
    plan.rules.iter().filter(move |rule| rule.control.id() == control).flat_map(move |rule| {
        let holds = |scope: &Scope| match scope {
            Scope::Namespaces(selector) => namespaced && selector.overlaps(&here),
            Scope::Cluster => !namespaced,
        };
        let parts = rule.parts.iter().filter(|part| holds(&part.scope));
        let asking: BTreeSet<usize> = parts.flat_map(|part| part.origins.iter().copied()).collect();
        let origins = rule.origins.iter().enumerate();
        // What another demand contains is asked for by no part and still has to be lifted.
        let meant = origins.filter(move |(index, one)| asking.contains(index) || one.contained);
        meant.map(|(_, origin)| origin.intent.clone()).collect::<Vec<_>>()
    })
}

impl Violator {
    /// `Deployment shop/web`.
    pub fn title(&self) -> String {
        self.key.to_string()
    }

    /// The rules that no exemption here is about, on whatever day it counts.
    pub fn new_breaks(&self, liftings: &[&Lifting]) -> Vec<&str> {
        let meant = liftings.iter().filter(|one| self.is_meant(one));
        let lifts: Vec<&str> =
            meant.flat_map(|one| &one.lifts).map(|(control, ..)| control.as_str()).collect();
        let new = self.breaks.iter().filter(|(rule, one)| {
            !lifts.contains(&rule.as_str()) && !lifts.contains(&one.control.as_str())
        });
        new.map(|(rule, _)| rule.as_str()).collect()
    }

    /// An exemption is about it that frees all of it: what is freed for labels or images alone is
    /// not known to be this.
    fn is_meant(&self, lifting: &Lifting) -> bool {
        let scope = &lifting.scope;
        let own = format!("{}/{}", self.key.kind, self.key.name);
        let (names, workloads) = (&scope.namespace_names, &scope.workloads);
        (!workloads.is_empty() || !names.is_empty())
            && (workloads.is_empty() || workloads.contains(&own))
            && (names.is_empty() || names.contains(&self.key.namespace))
            && scope.namespaces.is_all()
            && scope.labels.is_all()
            && scope.images.is_empty()
    }
}
