//! The API server refuses what the checker refuses, and takes what it takes.
//!
//! Each expression of the evaluator's own tables is a variable of a policy of its own, compiled
//! as a new one by the oldest and the newest supported Kubernetes.

use ordinance::cel::{Dialect, check};
use serde_json::{Value, json};

use super::kubernetes::Kubernetes;
use super::objects::list;
use super::tools::{Tools, asked, say};
use crate::support::page;

/// The oldest and the newest are asked always, one between with `CI_FULL=1`.
const OFTEN: [(u16, &str); 2] = [(30, "admission-1.30"), (37, "admission-1.37")];
const SELDOM: [(u16, &str); 1] = [(33, "admission-1.33")];

/// Where the two are known to differ, and why.
const DIFFERENCES: &[(&str, &str)] =
    &[("object.`a-b`", "names in backticks are not read here; Kubernetes takes them from 1.37 on")];

fn expressions() -> Vec<String> {
    let tables = [
        include_str!("../../../src/cel/cases.json"),
        include_str!("../../../src/cel/libraries.json"),
    ];
    let mut all = Vec::new();
    for table in tables {
        let groups: Vec<Value> = serde_json::from_str(table).expect("a table");
        for group in &groups {
            let texts = list(group, "/cases").iter().filter_map(|case| case[0].as_str());
            all.extend(texts.map(str::to_owned));
        }
    }
    let costs = include_str!("../../../src/cel/costs.tsv").lines();
    all.extend(costs.filter_map(|line| Some(line.split_once('\t')?.0.to_owned())));
    all.extend(include_str!("refused.txt").lines().map(str::to_owned));
    all
}

fn policy(expression: &str) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "one"},
        "spec": {
            "matchConstraints": {"resourceRules": [{
                "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"],
                "operations": ["CREATE"],
            }]},
            "variables": [{"name": "one", "expression": expression}],
            "validations": [{"expression": "true"}],
        },
    })
}

#[test]
fn the_checker_and_the_api_server_refuse_the_same() {
    let minors: Vec<(u16, &'static str)> = asked(&OFTEN, &SELDOM);
    let binaries: Vec<&str> = minors.iter().map(|(_, binary)| *binary).collect();
    let Some(tools) = Tools::with(&binaries) else { return };
    let expressions = expressions();
    let (mut taken, mut refused, mut wrong) = (0, 0, Vec::new());
    for &(minor, binary) in &minors {
        let dialect = Dialect::of("ValidatingAdmissionPolicy", (1, minor)).expect("a target");
        let judge = Kubernetes { tools: tools.clone(), binary };
        let policies: Vec<Value> = expressions.iter().map(|one| policy(one)).collect();
        let answers = judge.ask(&[json!({"id": 1, "compile": policies})]);
        let answers = answers.unwrap_or_else(|why| panic!("{why}"));
        let compiled = list(&answers[0], "/compiled");
        assert_eq!(compiled.len(), expressions.len());
        for (expression, answer) in expressions.iter().zip(compiled) {
            let theirs = list(answer, "/errors");
            let ours = check(expression, &dialect);
            if theirs.is_empty() {
                taken += 1
            } else {
                refused += 1
            }
            let known = DIFFERENCES.iter().any(|(text, _)| text == expression);
            if ours.is_empty() != theirs.is_empty() && !known {
                wrong.push(format!("1.{minor} {expression}\n  ours {ours:?}\n  theirs {theirs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(taken > 400 && refused > 100, "{taken} taken and {refused} refused are too few");
    page::keep(
        "checker",
        &format!(
            "{} expressions, each asked of {} minors: {taken} answers are that it is taken, {refused} that \
             it is refused, and the checker gives the same, except for {}.",
            expressions.len(),
            minors.len(),
            DIFFERENCES.iter().map(|(_, why)| *why).collect::<Vec<_>>().join("; "),
        ),
    );
    say(&format!(
        "checker: {taken} expressions taken and {refused} refused, as the API server does"
    ));
}
