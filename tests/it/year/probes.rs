//! What the rules of a rendered folder make of some pods, each of which breaks one rule at most.

use super::world::World;
use git2::Oid;
use ordinance::admission::{Namespace, Operation, Prepared, Request, Verdict};
use ordinance::{check, pipeline};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A pod that no rule of the year minds, in a namespace of a team.
fn pod(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "probe", "namespace": namespace},
        "spec": {"containers": [{
            "name": "main", "image": "registry.example.com/shop/web:1.4.2",
            "securityContext": {"runAsNonRoot": true, "allowPrivilegeEscalation": false},
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
        }]},
    })
}

/// Every probe: its name, and the pod.
pub fn probes() -> Vec<(&'static str, Value)> {
    let changed = |namespace: &str, change: &dyn Fn(&mut Value)| {
        let mut pod = pod(namespace);
        change(&mut pod["spec"]);
        pod
    };
    let root =
        |spec: &mut Value| spec["containers"][0]["securityContext"]["runAsNonRoot"] = false.into();
    let host = |spec: &mut Value| spec["hostNetwork"] = true.into();
    let volume = |spec: &mut Value| {
        spec["volumes"] = json!([{"name": "v", "hostPath": {"path": "/var"}}]);
    };
    let limits = |limits: Value| {
        move |spec: &mut Value| spec["containers"][0]["resources"]["limits"] = limits.clone()
    };
    let context = |field: &'static str, value: Value| {
        move |spec: &mut Value| spec["containers"][0]["securityContext"][field] = value.clone()
    };
    vec![
        ("well", pod("shop")),
        ("no-limits", changed("shop", &limits(json!({})))),
        ("no-cpu-limit", changed("shop", &limits(json!({"memory": "1Gi"})))),
        ("root-shop", changed("shop", &root)),
        ("root-billing", changed("billing", &root)),
        ("root-reports", changed("reports", &root)),
        ("host-shop", changed("shop", &host)),
        ("host-reports", changed("reports", &host)),
        (
            "latest",
            changed("shop", &|spec| {
                spec["containers"][0]["image"] = "registry.example.com/shop/web:latest".into();
            }),
        ),
        (
            "affected",
            changed("shop", &|spec| {
                spec["containers"][0]["image"] = "registry.example.com/base:2.3.0".into();
            }),
        ),
        ("mounts", changed("shop", &volume)),
        ("privileged", changed("shop", &context("privileged", json!(true)))),
        ("escalates", changed("shop", &context("allowPrivilegeEscalation", json!(true)))),
    ]
}

/// What the policies in these files do with every probe: nothing, or the strictest action.
pub fn verdicts(
    world: &World,
    engine: &str,
    files: &[Oid],
) -> BTreeMap<&'static str, &'static str> {
    let files: Vec<Vec<u8>> = files.iter().map(|id| world.bytes(*id)).collect();
    verdicts_of(engine, &files)
}

/// The same, of files as they are.
pub fn verdicts_of(engine: &str, files: &[Vec<u8>]) -> BTreeMap<&'static str, &'static str> {
    let engine = pipeline::engine(engine).expect("an engine");
    let policies = check::policies(engine.as_ref(), files.iter().map(Vec::as_slice));
    let policies: Vec<_> = policies
        .expect("what is rendered is read back")
        .into_iter()
        .map(|policy| policy.compile().expect("what is rendered compiles"))
        .collect();
    let mut found = BTreeMap::new();
    for (name, pod) in probes() {
        let namespace = pod["metadata"]["namespace"].as_str().expect("a namespace");
        let team = BTreeMap::from([("team".to_owned(), namespace.to_owned())]);
        let namespace = Namespace::with_labels(namespace, team);
        let request = Request::from_object(&pod, Operation::Create, None, Some(namespace));
        let request: Prepared = request.expect("a request").into();
        let mut verdict = None;
        for policy in &policies {
            match policy.judge_fully(&request).verdict {
                Verdict::NotMatched | Verdict::Allowed => {}
                Verdict::Violated { .. } => {
                    verdict = verdict.max(policy.policy().actions.iter().max().copied());
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        found.insert(name, verdict.map_or("passes", |action| action.verb()));
    }
    found
}
