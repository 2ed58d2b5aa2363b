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
use crate::support::page;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::time::Instant;

/// How many cases must at least have been let in and denied, so that none falls away unseen.
struct Least(usize, usize);

/// Which files of cases are judged; all of them with `CI_FULL=1`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    /// What every control is created with, and every fifth of the other files: an engine takes a
    /// third of a second for each, and there are more than a thousand.
    Most,
    /// Every twelfth: where another judge, or the same one by the same shape, judges more.
    Some,
}

impl Share {
    fn of(self, files: Vec<CaseFile>) -> Vec<CaseFile> {
        if std::env::var_os("CI_FULL").is_some() {
            return files;
        }
        let wanted = |index: usize, file: &CaseFile| match self {
            Share::Most => file.name.ends_with("-create") || index.is_multiple_of(5),
            Share::Some => index.is_multiple_of(12),
        };
        let all = files.into_iter().enumerate();
        all.filter(|(index, file)| wanted(*index, file)).map(|(_, file)| file).collect()
    }
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

fn prove(
    target: Target,
    (tools, binary): (&Tools, &'static str),
    judge: &dyn Judge,
    share: Share,
    least: Least,
) {
    let kept = Kept::new(judge, tools, binary);
    let began = Instant::now();
    let files = share.of(case_files::all());
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

fn gatekeeper(version: &'static str, binary: &'static str) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
    prove(
        target,
        (&tools, binary),
        &Gator { tools: tools.clone(), binary },
        Share::Most,
        Least(780, 825),
    );
}

fn kyverno(target: Target, (binary, shape): (&'static str, Shape), share: Share, least: Least) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    prove(target, (&tools, binary), &Kyverno { tools: tools.clone(), binary, shape }, share, least);
}

#[test]
fn gatekeeper_3_17() {
    gatekeeper("3.17.1", "gator-3.17");
}

#[test]
fn gatekeeper_3_23() {
    gatekeeper("3.23.1", "gator-3.23");
}

#[test]
fn kyverno_1_12_cluster_policy() {
    let target = Target { engine: "kyverno", version: "1.12.6", kubernetes: "1.29" };
    kyverno(target, ("kyverno-1.12", Shape::ClusterPolicy), Share::Most, Least(780, 823));
}

/// The last version that is given a ClusterPolicy, judged by the last version that takes one. What
/// differs from 1.12 is where the action is written.
#[test]
fn kyverno_1_15_cluster_policy() {
    let target = Target { engine: "kyverno", version: "1.15.3", kubernetes: "1.33" };
    kyverno(target, ("kyverno-1.19", Shape::ClusterPolicy), Share::Some, Least(240, 250));
}

#[test]
fn kyverno_1_19_validating_policy() {
    let target = Target { engine: "kyverno", version: "1.19.0", kubernetes: "1.34" };
    kyverno(target, ("kyverno-1.19", Shape::ValidatingPolicy), Share::Most, Least(600, 700));
}

/// Kubernetes' own plugin judges all of them.
#[test]
fn native_with_bindings() {
    let target = Target { engine: "native", version: "", kubernetes: "1.34" };
    kyverno(target, ("kyverno-1.19", Shape::Native), Share::Some, Least(180, 220));
}

fn kubernetes(kubernetes: &'static str, binary: &'static str, least: Least) {
    let Some(tools) = Tools::with(&[binary]) else { return };
    let target = Target { engine: "native", version: "", kubernetes };
    prove(
        target,
        (&tools, binary),
        &Kubernetes { tools: tools.clone(), binary },
        Share::Most,
        least,
    );
}

#[test]
fn kubernetes_1_30() {
    kubernetes("1.30", "admission-1.30", Least(775, 820));
}

#[test]
fn kubernetes_1_37() {
    kubernetes("1.37", "admission-1.37", Least(780, 825));
}
