//! A rule reaches the namespaces it is meant for and no other, on every engine.

use super::case_files::{Case, CaseFile};
use super::fleet::{Fleet, Target, document};
use super::judges::{for_each_gator, for_each_kubernetes, for_each_kyverno};
use super::objects::below;
use super::verdict::{Judge, complaint};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Name and labels of a namespace, and whether the rule is about it.
fn namespaces() -> Vec<(Value, bool)> {
    vec![
        (json!({"name": "shop", "labels": {"environment": "production"}}), true),
        (
            json!({"name": "billing", "labels": {"environment": "production", "team": "billing"}}),
            true,
        ),
        (
            json!({"name": "network", "labels": {"environment": "production", "team": "network"}}),
            false,
        ),
        (json!({"name": "old", "labels": {"environment": "production"}}), false),
        (json!({"name": "trial", "labels": {"environment": "development"}}), false),
        (json!({"name": "nameless", "labels": {}}), false),
        (json!({"name": "kube-system", "labels": {"environment": "production"}}), false),
    ]
}

fn rendered(target: &Target) -> Vec<Value> {
    let fleet = Fleet::new();
    fleet.write("clusters/one.yaml", &[target.cluster("one", &json!({}))]);
    let scope = json!({
        "matchLabels": {"environment": "production"},
        "matchExpressions": [{"key": "team", "operator": "NotIn", "values": ["network"]}],
        "except": ["old"],
    });
    let spec = json!({
        "statement": "Production has limits.",
        "owner": "platform",
        "requires": [{"control": "container-resource-limits", "namespaces": scope}],
    });
    fleet.write("intents/limits.yaml", &[document("Intent", &json!({"name": "limits"}), &spec)]);
    fleet.render();
    below(&fleet.rendered("one"))
}

/// One pod without limits in each namespace.
fn questions() -> CaseFile {
    let case = |(namespace, _): &(Value, bool)| Case {
        name: namespace["name"].to_string(),
        update: false,
        subresource: String::new(),
        parent: String::new(),
        groups: vec![],
        offenders: Some(BTreeSet::from(["app".to_owned()])),
        object: json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": "web", "namespace": namespace["name"]},
            "spec": {"containers": [{"name": "app", "image": "registry.example.com/web:1"}]},
        }),
        old: Value::Null,
    };
    CaseFile {
        version: None,
        name: "scopes".to_owned(),
        control: "container-resource-limits".to_owned(),
        parameters: json!({}),
        namespaces: namespaces().into_iter().map(|(namespace, _)| namespace).collect(),
        exemptions: vec![],
        cases: namespaces().iter().map(case).collect(),
        before_offenders: vec![": ".to_owned()],
    }
}

fn reaches(target: Target, judge: &dyn Judge) {
    let file = questions();
    let work = tempfile::tempdir().expect("a temporary folder");
    let answers = judge
        .judge(&file, &rendered(&target), work.path())
        .unwrap_or_else(|why| panic!("{}: {why}", target.title()));
    for (index, (namespace, meant)) in namespaces().iter().enumerate() {
        let answer = answers.get(&index);
        let title = target.title();
        assert_eq!(answer.is_some(), *meant, "{title}: whether {namespace} is reached");
        if *meant {
            assert_eq!(complaint(&file, &file.cases[index], answer), None, "{title}: {namespace}");
        }
    }
}

#[test]
fn gatekeeper_reaches_the_namespaces_that_are_meant() {
    for_each_gator(reaches);
}

#[test]
fn kyverno_and_native_reach_the_namespaces_that_are_meant() {
    for_each_kyverno(reaches);
}

#[test]
fn kubernetes_reaches_the_namespaces_that_are_meant() {
    for_each_kubernetes(reaches);
}
