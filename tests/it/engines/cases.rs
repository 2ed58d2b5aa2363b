//! Every case of every control, judged by the engine its policy was rendered for.

use super::case_files::{self, CaseFile};
use super::fleet::{self, Target};
use super::gator::Gator;
use super::kept::Kept;
use super::kubernetes::Kubernetes;
use super::kyverno::{Kyverno, Shape};
use super::objects;
use super::tools::{Tools, pool, say};
use super::verdict::{Answers, Judge, complaint};
use crate::support::binary::full;
use crate::support::catalogue::is_told_of_served_kinds_only;
use crate::support::page;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// How many cases must at least have been let in and denied, so that none falls away unseen.
struct Least(usize, usize);

/// Which files of cases are judged; all of them with `CI_FULL=1`. An engine takes up to a second for
/// each, and there are more than a thousand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// What every control is created with, and every tenth of the other files: the newest.
    Most,
    /// What every control is created with: the oldest.
    Create,
    /// Every twenty-fourth: where another judge, or the same one by the same shape, judges more.
    Some,
}

impl Share {
    fn of(self, files: Vec<CaseFile>) -> Vec<CaseFile> {
        if full() {
            return files;
        }
        let created = |file: &CaseFile| file.name.ends_with("-create");
        let wanted = |index: usize, file: &CaseFile| match self {
            Share::Most => created(file) || index.is_multiple_of(10),
            Share::Create => created(file),
            Share::Some => index.is_multiple_of(24),
        };
        let all = files.into_iter().enumerate();
        all.filter(|(index, file)| wanted(*index, file)).map(|(_, file)| file).collect()
    }
}

/// Tools know an object by its kind, namespace and name: cases that share all three are asked in
/// files of their own.
fn apart(files: Vec<CaseFile>) -> Vec<CaseFile> {
    let mut found = vec![];
    for mut file in files {
        let mut again = 1;
        loop {
            let mut seen = BTreeSet::new();
            let cases = std::mem::take(&mut file.cases).into_iter();
            let (first, rest): (Vec<_>, Vec<_>) =
                cases.partition(|case| case.update || seen.insert(objects::key(&case.object)));
            let name = match again {
                1 => file.name.clone(),
                _ => format!("{}-{again}", file.name),
            };
            found.push(CaseFile {
                name,
                control: file.control.clone(),
                parameters: file.parameters.clone(),
                version: file.version.clone(),
                namespaces: file.namespaces.clone(),
                exemptions: file.exemptions.clone(),
                cases: first,
                before_offenders: file.before_offenders.clone(),
            });
            if rest.is_empty() {
                break;
            }
            file.cases = rest;
            again += 1;
        }
    }
    found
}

#[derive(Default)]
struct Tally {
    allowed: usize,
    denied: usize,
    unjudged: usize,
    by: BTreeMap<&'static str, usize>,
    complaints: Vec<String>,
}

impl Tally {
    fn add(&mut self, file: &CaseFile, judge: &dyn Judge, answers: &Answers) {
        for (index, case) in file.cases.iter().enumerate() {
            if !judge.judges(case) || case.in_system_namespace() {
                self.unjudged += 1;
                continue;
            }
            let answer = answers.get(&index);
            if let Some(answer) = answer {
                *self.by.entry(answer.by).or_default() += 1;
            }
            match complaint(file, case, answer) {
                Some(why) => self.complaints.push(format!("{}: {}: {why}", file.name, case.name)),
                None if case.offenders.is_some() => self.denied += 1,
                None => self.allowed += 1,
            }
        }
    }
}

/// Controls about kinds whose plural Kyverno's command line takes for another than the API server
/// does (`gatewaies`), or that it no longer knows: its ValidatingPolicy and native policies, which
/// go by the plural, do not match them there.
const PLURALS: [&str; 5] = [
    "allowed-route-hosts",
    "disallow-removed-apis",
    "disallow-route-wildcards",
    "require-gateway-tls",
    "require-route-hosts",
];

fn prove(
    target: Target,
    (tools, binary): (&Tools, &'static str),
    judge: &dyn Judge,
    share: Share,
    least: Least,
) {
    let kept = Kept::new(judge, tools, binary);
    let began = Instant::now();
    let mut files = apart(share.of(case_files::all()));
    let by_plural = binary == "kyverno-1.19" && target.version != "1.15.3";
    files.retain(|file| !(by_plural && PLURALS.contains(&&*file.control)));
    // The quirk `kyverno-no-unserved-kinds`: the rule is not about what its cases ask.
    let served_only = is_told_of_served_kinds_only(target.engine, target.version);
    files.retain(|file| !(served_only && file.control == "disallow-removed-apis"));
    let fleet = fleet::of_cases(&target, &files);
    let rendered = began.elapsed();
    let answers: Vec<Result<Answers, String>> = pool().install(|| {
        files
            .par_iter()
            .map(|file| {
                let work = tempfile::tempdir().expect("a temporary folder");
                let policies = objects::below(&fleet.rendered(&file.name));
                kept.judge(file, &policies, work.path())
            })
            .collect()
    });
    let mut tally = Tally::default();
    for (file, answers) in files.iter().zip(&answers) {
        match answers {
            Ok(answers) => tally.add(file, judge, answers),
            Err(why) => tally.complaints.push(format!("{}: {why}", file.name)),
        }
    }
    say(&format!(
        "{}: {} files ({} as answered before), {} allowed, {} denied, {:?}, {} in-process only; \
         {:.1} s to render, {:.1} s in all",
        target.title(),
        files.len(),
        kept.kept.into_inner(),
        tally.allowed,
        tally.denied,
        tally.by,
        tally.unjudged,
        rendered.as_secs_f64(),
        began.elapsed().as_secs_f64(),
    ));
    let shown: Vec<&str> = tally.complaints.iter().take(40).map(String::as_str).collect();
    assert!(
        shown.is_empty(),
        "{}: {} complaints:\n{}",
        target.title(),
        tally.complaints.len(),
        shown.join("\n")
    );
    let judged = tally.allowed + tally.denied;
    let shape = tally.by.keys().copied().collect::<Vec<_>>().join(", ");
    page::keep_row(
        "engine cases",
        &[
            &target.title(),
            &shape,
            &files.len(),
            &judged,
            &tally.allowed,
            &tally.denied,
            &tally.unjudged,
        ],
    );
    let Least(allowed, denied) = least;
    assert!(tally.allowed >= allowed, "fewer than {allowed} are let in");
    assert!(tally.denied >= denied, "fewer than {denied} are denied");
}

fn gatekeeper(version: &'static str, binary: &'static str, share: Share, least: Least) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
    prove(target, (&tools, binary), &Gator { tools: tools.clone(), binary }, share, least);
}

fn kyverno(target: Target, (binary, shape): (&'static str, Shape), share: Share, least: Least) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    prove(target, (&tools, binary), &Kyverno { tools: tools.clone(), binary, shape }, share, least);
}

#[test]
fn gatekeeper_3_17() {
    gatekeeper("3.17.1", "gator-3.17", Share::Create, Least(500, 600));
}

#[test]
fn gatekeeper_3_23() {
    gatekeeper("3.23.1", "gator-3.23", Share::Most, Least(700, 850));
}

#[test]
fn kyverno_1_12_cluster_policy() {
    let target = Target { engine: "kyverno", version: "1.12.6", kubernetes: "1.29" };
    kyverno(target, ("kyverno-1.12", Shape::ClusterPolicy), Share::Create, Least(500, 600));
}

/// The last version that is given a ClusterPolicy, judged by the last version that takes one. What
/// differs from 1.12 is where the action is written.
#[test]
fn kyverno_1_15_cluster_policy() {
    let target = Target { engine: "kyverno", version: "1.15.3", kubernetes: "1.33" };
    kyverno(target, ("kyverno-1.19", Shape::ClusterPolicy), Share::Some, Least(80, 80));
}

#[test]
fn kyverno_1_19_validating_policy() {
    let target = Target { engine: "kyverno", version: "1.19.0", kubernetes: "1.34" };
    kyverno(target, ("kyverno-1.19", Shape::ValidatingPolicy), Share::Most, Least(600, 700));
}

/// Kubernetes' own plugin judges more of them.
#[test]
fn native_with_bindings() {
    let target = Target { engine: "native", version: "", kubernetes: "1.34" };
    kyverno(target, ("kyverno-1.19", Shape::Native), Share::Some, Least(50, 60));
}

fn kubernetes(kubernetes: &'static str, binary: &'static str, share: Share, least: Least) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "native", version: "", kubernetes };
    prove(target, (&tools, binary), &Kubernetes { tools: tools.clone(), binary }, share, least);
}

#[test]
fn kubernetes_1_30() {
    kubernetes("1.30", "admission-1.30", Share::Create, Least(500, 600));
}

#[test]
fn kubernetes_1_37() {
    kubernetes("1.37", "admission-1.37", Share::Most, Least(700, 850));
}
