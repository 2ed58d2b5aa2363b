//! Those who may break the glass pass on every engine, and are told; nobody else is either.
//!
//! What is rendered once for the others and once for them is judged apart, since the engines'
//! command lines tell of a violation whatever follows from it: as somebody in the group and as
//! somebody in none. The API server's own plugin then judges all of it at once.

use super::case_files::{self, CaseFile};
use super::fleet::{self, Target};
use super::gator::Gator;
use super::kubernetes::{self, Kubernetes};
use super::kyverno::{Kyverno, Shape};
use super::objects::{self, list, text};
use super::tools::{Tools, pool, say};
use super::verdict::{Answers, Judge, complaint};
use rayon::prelude::*;
use serde_json::{Value, json};

const GROUP: &str = "emergency-admins";

/// A rule about pods, one about parameters, objects without a namespace, a version that is
/// followed, and a subresource.
const CONTROLS: [&str; 4] = [
    "container-resource-limits",
    "disallow-wildcard-rbac",
    "restrict-replicas",
    "restrict-sysctls",
];

/// What each is created with, as somebody in these groups would ask.
fn files(groups: &[&str]) -> Vec<CaseFile> {
    let mut files = case_files::all();
    files.retain(|file| CONTROLS.contains(&&*file.control) && file.name.ends_with("-create"));
    for case in files.iter_mut().flat_map(|file| &mut file.cases) {
        case.groups = groups.iter().map(|group| (*group).to_owned()).collect();
    }
    assert_eq!(files.len(), CONTROLS.len());
    files
}

/// Whether an object is for those who may break the glass; a binding, by its policy.
fn for_members(object: &Value, all: &[Value]) -> bool {
    let says = |object: &Value| {
        let passes = object.pointer("/spec/parameters/breakGlass/passes");
        passes == Some(&json!(false)) || object.to_string().contains("!variables.breakGlass")
    };
    let policy = text(object, "/spec/policyName");
    says(object) || all.iter().any(|one| text(one, "/metadata/name") == policy && says(one))
}

/// The objects for the others and those for members, each with what both need; those that warn
/// deny here, so that all engines tell of them alike.
fn apart(objects: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let (mut members, mut others): (Vec<Value>, Vec<Value>) =
        objects.iter().cloned().partition(|object| for_members(object, objects));
    assert!(!members.is_empty(), "something is rendered for members");
    for object in &mut members {
        if object.pointer("/spec/validationActions").is_some()
            && text(object, "/kind").ends_with("Binding")
        {
            object["spec"]["validationActions"] = json!(["Deny"]);
        }
    }
    let shared = |one: &&Value| text(one, "/kind") == "ConstraintTemplate";
    let templates: Vec<Value> = others.iter().filter(shared).cloned().collect();
    others.retain(|one| !shared(&one));
    (
        templates.iter().cloned().chain(others).collect(),
        templates.iter().cloned().chain(members).collect(),
    )
}

/// As a member, as somebody else, and in nobody's name, which is what an audit does.
fn prove(target: Target, judge: &dyn Judge) {
    let rendered = fleet::of_cases_with(&[GROUP], &target, &files(&[]));
    let complaints: Vec<String> = [vec![], vec!["system:authenticated"], vec![GROUP]]
        .iter()
        .flat_map(|groups| {
            let is_member = groups.contains(&GROUP);
            let one = |file: &CaseFile| {
                let objects = objects::below(&rendered.rendered(&file.name));
                let (others, members) = apart(&objects);
                let (judged, passed) =
                    if is_member { (members, others) } else { (others, members) };
                let mut told = of_file(file, judge, &judged, true);
                told.extend(of_file(file, judge, &passed, false));
                told.into_iter().map(|why| format!("{groups:?}: {why}")).collect::<Vec<_>>()
            };
            let files = files(groups);
            pool().install(|| files.par_iter().flat_map_iter(one).collect::<Vec<_>>())
        })
        .collect();
    assert!(complaints.is_empty(), "{}:\n{}", target.title(), complaints.join("\n"));
    say(&format!("{}: those who may break the glass pass, and nobody else", target.title()));
}

/// What is wrong with the answers: they must be those stated, or all must pass.
fn of_file(file: &CaseFile, judge: &dyn Judge, objects: &[Value], stated: bool) -> Vec<String> {
    let work = tempfile::tempdir().expect("a temporary folder");
    let answers: Answers = match judge.judge(file, objects, work.path()) {
        Ok(answers) => answers,
        Err(why) => return vec![format!("{}: {why}", file.name)],
    };
    let asked = file.cases.iter().enumerate().filter(|(_, case)| judge.judges(case));
    let wrong = asked.filter_map(|(index, case)| {
        let answer = answers.get(&index);
        let why = match (stated, answer) {
            (true, answer) => complaint(file, case, answer),
            (false, Some(answer)) if answer.denials.is_empty() => None,
            (false, None) => Some("nothing matches it".to_owned()),
            (false, Some(answer)) => Some(format!("must pass, was told: {:?}", answer.denials)),
        };
        why.map(|why| format!("{}: {}: {why}", file.name, case.name))
    });
    wrong.collect()
}

#[test]
fn gatekeeper() {
    for (version, binary) in [("3.17.1", "gator-3.17"), ("3.23.1", "gator-3.23")] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine: "gatekeeper", version, kubernetes: "1.34" };
        prove(target, &Gator { tools, binary });
    }
}

#[test]
fn kyverno() {
    for (version, binary, shape) in [
        ("1.12.6", "kyverno-1.12", Shape::ClusterPolicy),
        ("1.15.3", "kyverno-1.19", Shape::ClusterPolicy),
        ("1.19.0", "kyverno-1.19", Shape::ValidatingPolicy),
    ] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine: "kyverno", version, kubernetes: "1.29" };
        prove(target, &Kyverno { tools, binary, shape });
    }
}

#[test]
fn kubernetes() {
    for (version, binary) in [("1.30", "admission-1.30"), ("1.37", "admission-1.37")] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let target = Target { engine: "native", version: "", kubernetes: version };
        let judge = Kubernetes { tools, binary };
        prove(target, &judge);
        all_at_once(target, &judge);
    }
}

/// A member's request passes with a warning and a note in the audit log; anybody else's does not.
fn all_at_once(target: Target, judge: &Kubernetes) {
    let rendered = fleet::of_cases_with(&[GROUP], &target, &files(&[]));
    let mut denied = 0;
    for (member, outsider) in files(&[GROUP]).iter().zip(&files(&["system:authenticated"])) {
        let objects = objects::below(&rendered.rendered(&member.name));
        let mut lines = vec![kubernetes::cluster(member, &objects)];
        for file in [member, outsider] {
            lines.extend(
                file.cases.iter().enumerate().map(|one| kubernetes::question(one.0, one.1)),
            );
        }
        let told = judge.ask(&lines).expect("answers");
        let (first, second) = told[1..].split_at(member.cases.len());
        for ((case, passing), refused) in member.cases.iter().zip(first).zip(second) {
            let offends = case.offenders.is_some();
            let name = format!("{}: {}", member.name, case.name);
            assert_eq!(passing["allowed"], true, "{name}: {passing}");
            assert_eq!(!list(passing, "/warnings").is_empty(), offends, "{name}: {passing}");
            assert_eq!(passing["audit"].is_object(), offends, "{name}: {passing}");
            assert_eq!(refused["allowed"], !offends, "{name}: {refused}");
            assert!(list(refused, "/warnings").is_empty(), "{name}: {refused}");
            denied += usize::from(offends);
        }
    }
    assert!(denied >= 20, "only {denied} cases offend");
}
