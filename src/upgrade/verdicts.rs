//! Whether all verdicts stay the same: on the cases of every control that is demanded, and on the
//! snapshot.
//!
//! Both sides' own objects judge. A case is judged in its own namespace, with the labels it states
//! and then with those of every namespace of the cluster that is known, so that a rule which holds in
//! some namespaces only meets its cases, too.

use super::Side;
use crate::admission::{Namespace, Prepared, Verdict};
use crate::catalogue::{Definition, removed_apis};
use crate::check::{self, Labels, Manifest, Panel, can_be_made, case_request, reaches};
use crate::document::{Action, Case, Cases};
use crate::object::{self, Object};
use crate::plan::Scope;
use crate::selector::{NAME, Selector};
use crate::text::Place;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;

/// The name of a namespace that no rule names.
const SOME: &str = "ordinance-case";

/// What was compared, and what came out differently.
#[derive(Clone, Debug, Default)]
pub struct Verdicts {
    /// The controls whose cases were judged, the cases, and the objects of the snapshot.
    pub controls: usize,
    pub cases: usize,
    pub objects: usize,
    /// Of both, those in versions of an API that are gone afterwards: nobody can ask for them then.
    pub gone: usize,
    /// Verdicts of a policy that looked, before or after.
    pub judged: usize,
    pub other: Vec<Other>,
}

/// A verdict that is another one afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// A case of a control, or an object of the snapshot.
    pub subject: String,
    /// Where the case is written.
    pub place: Option<Place>,
    pub rule: String,
    pub before: Outcome,
    pub after: Outcome,
}

/// What a rule comes to on an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Passes,
    Broken(Action),
    Unjudged(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Passes => f.write_str("passes"),
            Outcome::Broken(Action::Deny) => f.write_str("denied"),
            Outcome::Broken(Action::Warn) => f.write_str("warned of"),
            Outcome::Broken(Action::Audit) => f.write_str("audited"),
            Outcome::Unjudged(why) => write!(f, "cannot be judged: {why}"),
        }
    }
}

/// What each rule that looked came to.
type Outcomes = BTreeMap<String, Outcome>;

impl Verdicts {
    pub fn add(&mut self, more: Verdicts) {
        self.controls += more.controls;
        self.cases += more.cases;
        self.objects += more.objects;
        self.gone += more.gone;
        self.judged += more.judged;
        self.other.extend(more.other);
    }

    fn compare(
        &mut self,
        (subject, place): (&str, Option<Place>),
        before: &Outcomes,
        after: &Outcomes,
    ) {
        let rules: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for rule in rules {
            self.judged += 1;
            let of = |side: &Outcomes| side.get(rule).cloned().unwrap_or(Outcome::Passes);
            let other = Other {
                subject: subject.to_owned(),
                place,
                rule: rule.clone(),
                before: of(before),
                after: of(after),
            };
            if other.before != other.after && !self.other.contains(&other) {
                self.other.push(other);
            }
        }
    }
}

/// The cases of every control that either side demands; `namespaces` are those that are known of the
/// cluster.
pub fn on_cases(
    before: &Side<'_>,
    after: &Side<'_>,
    namespaces: &BTreeMap<String, Labels>,
) -> Verdicts {
    let demanded = before.plan.rules.iter().chain(&after.plan.rules);
    let controls: BTreeMap<&str, &Definition> =
        demanded.map(|rule| (rule.control.id(), &*rule.control)).collect();
    let known = before.panel.namespaces.values().chain(namespaces.values());
    let labels = kinds_of_namespaces(known, &[before, after]);
    let asked: Vec<(&Definition, &Cases, &Case)> = controls
        .values()
        .flat_map(|control| control.cases.iter().map(move |file| (*control, &file.spec)))
        .flat_map(|(control, cases)| cases.cases.iter().map(move |case| (control, cases, case)))
        .collect();
    let each = asked.par_iter().map(|(control, cases, case)| {
        let mut verdicts = Verdicts { cases: 1, ..Verdicts::default() };
        let subject = format!("case `{}` of {}", case.name.value, control.id());
        let told = (subject.as_str(), Some(case.name.place));
        let sides = [before, after];
        if !sides.iter().all(|side| can_be_made(case, &side.plan.facts)) {
            return Verdicts::default();
        }
        if is_gone(&case.object, after) {
            return Verdicts { gone: 1, ..Verdicts::default() };
        }
        let Ok(mut request) = case_request(case, cases, control) else { return verdicts };
        request.user.clone_from(&before.panel.user);
        let mut compare = |request: &Prepared| {
            let of = |side: &Side<'_>| match reaches(case, control, &side.plan.facts, side.target) {
                true => outcomes(side.panel, request),
                false => Outcomes::new(),
            };
            verdicts.compare(told, &of(before), &of(after));
        };
        let own = request.namespace.clone();
        let stated = own.as_ref().and_then(|one| one.labels.clone()).unwrap_or_default();
        let all = std::iter::once(&stated).chain(labels.iter().copied());
        match &own {
            None => compare(&request.clone().into()),
            Some(namespace) => all.for_each(|labels| {
                let labels = Namespace::with_labels(&namespace.name, labels.clone());
                request.namespace = Some(labels);
                compare(&request.clone().into());
            }),
        }
        verdicts
    });
    let mut all = Verdicts::default();
    each.collect::<Vec<_>>().into_iter().for_each(|one| all.add(one));
    all.controls = controls.values().filter(|control| !control.cases.is_empty()).count();
    all
}

/// Of namespaces that the same rules hold in, one.
fn kinds_of_namespaces<'a>(
    known: impl Iterator<Item = &'a Labels>,
    sides: &[&Side<'_>],
) -> Vec<&'a Labels> {
    let parts = sides.iter().flat_map(|side| &side.plan.rules).flat_map(|rule| &rule.parts);
    let scopes: HashSet<&Selector> = parts
        .filter_map(|part| match &part.scope {
            Scope::Namespaces(selector) => Some(selector),
            Scope::Cluster => None,
        })
        .collect();
    let mut kinds: BTreeMap<Vec<bool>, &Labels> = BTreeMap::new();
    for labels in known {
        let mut some = labels.clone();
        some.insert(NAME.to_owned(), SOME.to_owned());
        let holds = scopes.iter().map(|selector| selector.matches(&some)).collect();
        kinds.entry(holds).or_insert(labels);
    }
    kinds.into_values().collect()
}

/// Whether the version of its API is one that Kubernetes serves no longer.
fn is_gone(object: &Object, side: &Side<'_>) -> bool {
    let key = (object::text(object, &["apiVersion"]), object::kind(object));
    let kubernetes = side.plan.facts.kubernetes();
    let mut all = removed_apis().filter(|one| one.removed <= kubernetes);
    all.any(|one| (one.api_version, one.kind) == key)
}

/// What every rule that looks at a request comes to.
fn outcomes(panel: &Panel, request: &Prepared) -> Outcomes {
    let mut found = Outcomes::new();
    for judge in &panel.judges {
        let policy = judge.policy.policy();
        let action = policy.actions.iter().max().copied();
        let outcome = match judge.policy.judge(request) {
            Verdict::NotMatched => continue,
            Verdict::Allowed => Outcome::Passes,
            Verdict::Violated { .. } => action.map_or(Outcome::Passes, Outcome::Broken),
            Verdict::Error(_) if policy.errors_deny() && action.is_some() => {
                Outcome::Broken(action.unwrap_or(Action::Deny))
            }
            Verdict::Error(why) | Verdict::Unknown(why) => Outcome::Unjudged(why),
        };
        note(&mut found, &judge.about.rule, outcome);
    }
    found
}

/// Of the parts of a rule the strictest counts.
fn note(found: &mut Outcomes, rule: &str, outcome: Outcome) {
    let weight = |one: &Outcome| match one {
        Outcome::Passes => 0,
        Outcome::Unjudged(_) => 1,
        Outcome::Broken(Action::Audit) => 2,
        Outcome::Broken(Action::Warn) => 3,
        Outcome::Broken(Action::Deny) => 4,
    };
    let known = found.entry(rule.to_owned()).or_insert(Outcome::Passes);
    if weight(&outcome) > weight(known) {
        *known = outcome;
    }
}

/// The objects of a snapshot, as they would be created.
pub fn on_snapshot(before: &Side<'_>, after: &Side<'_>, manifests: &[Manifest]) -> Verdicts {
    let judged = |side: &Side<'_>| {
        let findings = check::judge(manifests, &BTreeMap::new(), std::slice::from_ref(side.panel));
        let mut found: BTreeMap<usize, Outcomes> = BTreeMap::new();
        for one in &findings.unjudged {
            let outcomes = found.entry(one.manifest).or_default();
            note(outcomes, &one.about.rule, Outcome::Unjudged(one.why.clone()));
        }
        for one in &findings.violations {
            let outcomes = found.entry(one.manifest).or_default();
            note(outcomes, &one.about.rule, Outcome::Broken(one.action));
        }
        (found, findings.verdicts)
    };
    let ((old, looked), (new, looks)) = (judged(before), judged(after));
    let mut verdicts = Verdicts::default();
    let none = Outcomes::new();
    for (index, manifest) in manifests.iter().enumerate() {
        if is_gone(&manifest.object, after) {
            verdicts.gone += 1;
            continue;
        }
        verdicts.objects += 1;
        let (old, new) = (old.get(&index).unwrap_or(&none), new.get(&index).unwrap_or(&none));
        verdicts.compare((&manifest.title(), None), old, new);
    }
    verdicts.judged = looked.max(looks);
    verdicts
}
