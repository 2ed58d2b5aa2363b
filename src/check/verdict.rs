//! Every object judged by every policy that it is given to, alike ones told once.

use super::blame;
use super::known::{Known, Labels};
use super::manifests::Manifest;
use crate::admission::{
    Compiled, Namespace, Operation, Prepared, Request, Resource, User, Verdict,
};
use crate::document::Action;
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
    let known = Known::new(manifests, given);
    let known: Vec<Known> = panels.iter().map(|panel| known.with(&panel.namespaces)).collect();
    let each: Vec<Findings> = manifests
        .par_iter()
        .enumerate()
        .map(|(index, manifest)| {
            let mut told = Told::new(index, manifest, Operation::Create);
            for (panel, known) in panels.iter().zip(&known) {
                told.panel(panel, known);
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

/// Judges one object as it would be created, or updated without being changed, by one of several
/// panels that know its cluster alike; `requests` is what they share.
pub fn hear(
    operation: Operation,
    manifest: &Manifest,
    known: &Known,
    panel: &Panel,
    requests: &mut Requests,
) -> Findings {
    let mut told = Told::new(0, manifest, operation);
    std::mem::swap(&mut told.requests, requests);
    told.panel(panel, known);
    std::mem::swap(&mut told.requests, requests);
    told.findings
}

/// Requests for one object that were made already.
#[derive(Debug, Default)]
pub struct Requests(Vec<(As, Prepared)>);

/// How an object is judged: where, and in whose name.
type As = (Operation, Option<Namespace>, Option<User>);

/// What is found out about one object.
struct Told<'a> {
    index: usize,
    manifest: &'a Manifest,
    operation: Operation,
    requests: Requests,
    findings: Findings,
}

impl Told<'_> {
    fn new(index: usize, manifest: &Manifest, operation: Operation) -> Told<'_> {
        let (requests, findings) = (Requests::default(), Findings::default());
        Told { index, manifest, operation, requests, findings }
    }

    fn panel(&mut self, panel: &Panel, known: &Known) {
        let (served, namespace) = known.place(&self.manifest.object);
        let bare = namespace.as_ref().and_then(Namespace::assumed);
        let stated = self.request(&served, namespace, panel.user.as_ref());
        for judge in &panel.judges {
            let mut judgement = judge.policy.judge_fully(&self.requests.0[stated].1);
            let mut is_assumed = false;
            // More would have to be known of the namespace than its name.
            if let (Some(bare), Verdict::Unknown(_)) = (&bare, &judgement.verdict) {
                let assumed = self.request(&served, Some(bare.clone()), panel.user.as_ref());
                let other = judge.policy.judge_fully(&self.requests.0[assumed].1);
                if !matches!(other.verdict, Verdict::Unknown(_)) {
                    (judgement, is_assumed) = (other, true);
                    self.assume(&bare.name, &judge.about);
                }
            }
            self.tell(panel, judge, judgement, is_assumed);
        }
    }

    /// The object's request, each made once; its place among those that are prepared.
    fn request(
        &mut self,
        served: &Resource,
        namespace: Option<Namespace>,
        user: Option<&User>,
    ) -> usize {
        let asked = (self.operation, namespace, user.cloned());
        let requests = &mut self.requests.0;
        if let Some(at) = requests.iter().position(|(known, _)| *known == asked) {
            return at;
        }
        let object = &self.manifest.object;
        let old = (self.operation == Operation::Update).then_some(object);
        let request =
            Request::served_as(served.clone(), object, self.operation, old, asked.1.clone());
        let mut request = request.expect("an object without kind is no manifest");
        request.user.clone_from(&asked.2);
        let prepared = match requests.first() {
            Some((_, first)) => first.beside(request),
            None => request.into(),
        };
        requests.push((asked, prepared));
        requests.len() - 1
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
