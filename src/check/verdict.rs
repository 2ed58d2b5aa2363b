//! Every object judged by every policy that it is given to, alike ones told once.

use super::blame;
use super::known::{Known, Labels};
use super::manifests::Manifest;
use crate::admission::{Compiled, Namespace, Operation, Prepared, Request, User, Verdict};
use crate::document::Action;
use crate::object;
use crate::text::Place;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What people know a policy by.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// The control it enforces; of a policy of somebody else, its own name.
    pub control: String,
    /// What it is called where it was rendered; differs where one control is asked for twice.
    pub rule: String,
    pub title: String,
    /// Why it is demanded; empty where nobody says.
    pub why: String,
    /// What the author of an object does about it; empty where nobody says.
    pub fix: String,
    /// The requirements that ask for it, as `intent/requirement`.
    pub intents: Vec<String>,
}

/// A policy that is ready to judge.
#[derive(Clone, Debug)]
pub struct Judge {
    pub policy: Compiled,
    pub about: Arc<About>,
}

/// All that judges on clusters alike.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// None where no cluster was asked about.
    pub clusters: Vec<String>,
    pub judges: Vec<Judge>,
    /// Who is taken to ask; `None`: what depends on it is not known.
    pub user: Option<User>,
    /// Of the inventory, with their labels.
    pub namespaces: BTreeMap<String, Labels>,
}

/// An object that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The object, by its place in the list.
    pub manifest: usize,
    pub about: Arc<About>,
    /// All requirements that ask for it, on whichever cluster.
    pub intents: Vec<String>,
    /// The strictest that follows.
    pub action: Action,
    pub message: String,
    pub offenders: Vec<String>,
    /// Where the offenders are written, as far as they can be found.
    pub places: Vec<(Place, String)>,
    /// The labels of its namespace are not known, and they decide.
    pub assumed: bool,
    pub clusters: Vec<String>,
}

/// An object that a policy could not judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unjudged {
    pub manifest: usize,
    pub about: Arc<About>,
    pub why: String,
    pub clusters: Vec<String>,
}

/// Judged as if its namespace had no labels but that of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    pub manifest: usize,
    pub namespace: String,
    /// The controls for which the labels decide.
    pub controls: BTreeSet<String>,
}

/// What came of it, in the order of the objects.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub violations: Vec<Violation>,
    pub unjudged: Vec<Unjudged>,
    pub assumed: Vec<Assumed>,
    /// How many verdicts were taken: an object, a policy that looks at it.
    pub verdicts: usize,
}

/// Judges every object as it would be created.
pub fn judge(
    manifests: &[Manifest],
    given: &BTreeMap<String, Labels>,
    panels: &[Panel],
) -> Findings {
    judge_as(Operation::Create, manifests, &Known::new(manifests, given), panels)
}

/// Judges every object as it would be created, or as it would be updated without being changed.
pub fn judge_as(
    operation: Operation,
    manifests: &[Manifest],
    known: &Known,
    panels: &[Panel],
) -> Findings {
    let known: Vec<Known> = panels.iter().map(|panel| known.with(&panel.namespaces)).collect();
    let each: Vec<Findings> = manifests
        .par_iter()
        .enumerate()
        .map(|(index, manifest)| {
            let mut told = Told { index, manifest, operation, findings: Findings::default() };
            let mut prepared: Vec<(As, Prepared)> = vec![];
            for (panel, known) in panels.iter().zip(&known) {
                told.panel(panel, known, &mut prepared);
            }
            told.findings
        })
        .collect();
    let mut all = Findings::default();
    for one in each {
        all.violations.extend(one.violations);
        all.unjudged.extend(one.unjudged);
        all.assumed.extend(one.assumed);
        all.verdicts += one.verdicts;
    }
    all
}

/// Where an object is judged, and in whose name.
type As = (Option<Namespace>, Option<User>);

/// What is found out about one object.
struct Told<'a> {
    index: usize,
    manifest: &'a Manifest,
    operation: Operation,
    findings: Findings,
}

impl Told<'_> {
    fn panel(&mut self, panel: &Panel, known: &Known, prepared: &mut Vec<(As, Prepared)>) {
        let object = &self.manifest.object;
        let served = known.resource(object::group_version(object).0, object::kind(object));
        let named = object::namespace(object);
        let inside = served.namespaced.unwrap_or(!named.is_empty());
        let name = if named.is_empty() { "default" } else { named };
        let namespace = inside.then(|| known.namespace(name));
        let (operation, old) = match self.operation {
            Operation::Update => (Operation::Update, Some(object)),
            other => (other, None),
        };
        let mut request = |namespace: Option<Namespace>| -> usize {
            let asked = (namespace, panel.user.clone());
            if let Some(at) = prepared.iter().position(|(known, _)| *known == asked) {
                return at;
            }
            let request =
                Request::served_as(served.clone(), object, operation, old, asked.0.clone());
            let mut request = request.expect("an object without kind is no manifest");
            request.user.clone_from(&asked.1);
            prepared.push((asked, request.into()));
            prepared.len() - 1
        };
        let stated = request(namespace.clone());
        let bare = namespace.as_ref().filter(|namespace| namespace.labels.is_none());
        let bare = bare.map(|one| Namespace::with_labels(&one.name, Labels::new()));
        let assumed = bare.map(|bare| request(Some(bare)));
        for judge in &panel.judges {
            let mut judgement = judge.policy.judge_fully(&prepared[stated].1);
            let mut is_assumed = false;
            // More would have to be known of the namespace than its name.
            if let (Some(assumed), Verdict::Unknown(_)) = (assumed, &judgement.verdict) {
                let other = judge.policy.judge_fully(&prepared[assumed].1);
                if !matches!(other.verdict, Verdict::Unknown(_)) {
                    (judgement, is_assumed) = (other, true);
                    self.assume(name, &judge.about);
                }
            }
            self.tell(panel, judge, judgement, is_assumed);
        }
    }

    fn assume(&mut self, namespace: &str, about: &About) {
        let control = about.control.clone();
        match self.findings.assumed.last_mut() {
            Some(last) => {
                last.controls.insert(control);
            }
            None => self.findings.assumed.push(Assumed {
                manifest: self.index,
                namespace: namespace.to_owned(),
                controls: BTreeSet::from([control]),
            }),
        }
    }

    fn tell(
        &mut self,
        panel: &Panel,
        judge: &Judge,
        judgement: crate::admission::Judgement,
        assumed: bool,
    ) {
        let policy = judge.policy.policy();
        let action = policy.actions.iter().max().copied();
        match judgement.verdict {
            Verdict::NotMatched => {}
            Verdict::Allowed => self.findings.verdicts += 1,
            Verdict::Violated { messages } => {
                let Some(action) = action else {
                    let why = "nothing says what follows from a violation".to_owned();
                    return self.unjudged(panel, judge, why);
                };
                self.findings.verdicts += 1;
                for (message, offenders) in messages.into_iter().zip(judgement.offenders) {
                    self.violation(panel, judge, action, message, offenders, assumed);
                }
            }
            Verdict::Error(error) if policy.errors_deny() && action.is_some() => {
                self.findings.verdicts += 1;
                let message = format!("it cannot be judged, which counts as a violation: {error}");
                let action = action.unwrap_or(Action::Deny);
                self.violation(panel, judge, action, message, vec![], assumed);
            }
            Verdict::Error(why) | Verdict::Unknown(why) => self.unjudged(panel, judge, why),
        }
    }

    fn unjudged(&mut self, panel: &Panel, judge: &Judge, why: String) {
        let same = |one: &&mut Unjudged| one.about.rule == judge.about.rule && one.why == why;
        match self.findings.unjudged.iter_mut().find(same) {
            Some(one) => add(&mut one.clusters, &panel.clusters),
            None => self.findings.unjudged.push(Unjudged {
                manifest: self.index,
                about: judge.about.clone(),
                why,
                clusters: panel.clusters.clone(),
            }),
        }
    }

    /// What several clusters, or several parts of a rule, say alike is said once.
    fn violation(
        &mut self,
        panel: &Panel,
        judge: &Judge,
        action: Action,
        message: String,
        offenders: Vec<String>,
        assumed: bool,
    ) {
        let about = &judge.about;
        let same = |one: &&mut Violation| {
            one.about.rule == about.rule
                && one.action == action
                && one.message == message
                && one.offenders == offenders
                && one.assumed == assumed
        };
        if let Some(one) = self.findings.violations.iter_mut().find(same) {
            add(&mut one.clusters, &panel.clusters);
            add(&mut one.intents, &about.intents);
            return;
        }
        let places = blame::places(&self.manifest.node, &offenders);
        self.findings.violations.push(Violation {
            manifest: self.index,
            about: about.clone(),
            intents: about.intents.clone(),
            action,
            message,
            offenders,
            places,
            assumed,
            clusters: panel.clusters.clone(),
        });
    }
}

fn add(to: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !to.contains(one) {
            to.push(one.clone());
        }
    }
}
