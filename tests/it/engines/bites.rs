//! The harness bites: what is broken on purpose does not pass it.

use super::case_files::{self, CaseFile};
use super::fleet::{Target, of_cases};
use super::judges::{for_each_gator, for_each_kubernetes, for_each_kyverno};
use super::objects;
use super::verdict::{Judge, complaint};
use serde_json::{Value, json};

const FILES: [&str; 2] = ["container-resource-limits-create", "container-resource-limits-updates"];

/// How many complaints a file gets when its policies are changed like this.
fn complaints(file: &CaseFile, judge: &dyn Judge, policies: &[Value]) -> usize {
    let work = tempfile::tempdir().expect("a temporary folder");
    match judge.judge(file, policies, work.path()) {
        // Trouble of the tool costs every case its verdict.
        Err(_) => file.cases.len(),
        Ok(answers) => {
            let judged = file.cases.iter().enumerate().filter(|(_, case)| judge.judges(case));
            judged.filter_map(|(index, case)| complaint(file, case, answers.get(&index))).count()
        }
    }
}

/// A change to the text of a policy, wherever its engine keeps it.
fn changed(policies: &[Value], change: &dyn Fn(&mut Value)) -> Vec<Value> {
    let places = ["/spec", "/spec/rules/0/validate/cel", "/spec/targets/0/code/0/source"];
    let mut policies = policies.to_vec();
    for policy in &mut policies {
        for place in places {
            if let Some(text) = policy.pointer_mut(place).filter(|text| text.is_object()) {
                change(text);
            }
        }
    }
    policies
}

/// Validations are called expressions in a ClusterPolicy.
fn each_validation(text: &mut Value, change: impl Fn(&mut Value)) {
    for field in ["validations", "expressions"] {
        if let Some(list) = text.get_mut(field).and_then(Value::as_array_mut) {
            list.iter_mut().for_each(&change);
        }
    }
}

fn bites(target: Target, judge: &dyn Judge) {
    let files: Vec<CaseFile> =
        case_files::all().into_iter().filter(|file| FILES.contains(&&*file.name)).collect();
    assert_eq!(files.len(), FILES.len(), "the files are still called so");
    let fleet = of_cases(&target, &files);
    for file in files.iter().filter(|file| file.cases.iter().any(|case| judge.judges(case))) {
        let policies = objects::below(&fleet.rendered(&file.name));
        let denied =
            file.cases.iter().filter(|case| judge.judges(case) && case.offenders.is_some()).count();
        let after =
            |change: &dyn Fn(&mut Value)| complaints(file, judge, &changed(&policies, change));
        assert_eq!(after(&|_| {}), 0, "{}: as rendered", file.name);
        let lax = |text: &mut Value| each_validation(text, |one| one["expression"] = json!("true"));
        assert_eq!(after(&lax), denied, "{}: a rule that lets all in", file.name);
        let broken =
            |text: &mut Value| each_validation(text, |one| one["expression"] = json!("1 +"));
        assert_eq!(after(&broken), file.cases.len(), "{}: a text that is none", file.name);
        let silent = |text: &mut Value| {
            each_validation(text, |one| one["messageExpression"] = json!("'no, for a reason'"));
        };
        assert_eq!(after(&silent), denied, "{}: a message that names nobody", file.name);
        let blind = changed(&policies, &|_| {});
        let blind: Vec<Value> = blind.into_iter().map(unmatched).collect();
        assert!(complaints(file, judge, &blind) > denied, "{}: kinds that are none", file.name);
    }
}

/// A policy that matches a kind nobody has.
fn unmatched(mut policy: Value) -> Value {
    let lists = [
        "/spec/match/kinds",
        "/spec/matchConstraints/resourceRules",
        "/spec/rules/0/match/any/0/resources/kinds",
    ];
    for list in lists {
        for one in policy.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            match one {
                Value::String(kind) => *kind = "apps/v1/ControllerRevision".to_owned(),
                rule if rule.get("kinds").is_some() => rule["kinds"] = json!(["Nothing"]),
                rule => rule["resources"] = json!(["controllerrevisions"]),
            }
        }
    }
    policy
}

#[test]
fn gator_refuses_what_is_broken() {
    for_each_gator(bites);
}

#[test]
fn kyverno_refuses_what_is_broken() {
    for_each_kyverno(bites);
}

#[test]
fn kubernetes_refuses_what_is_broken() {
    for_each_kubernetes(bites);
}
