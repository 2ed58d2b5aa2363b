//! No pod is bound to a node that an advisory affects: judged by the API server's own plugin.
//!
//! What is judged is the file that the scenario `advisory` is known to render.

use super::kubernetes::Kubernetes;
use super::objects::{list, read, text};
use super::tools::Tools;
use serde_json::{Value, json};
use std::path::Path;

const RENDERED: &str =
    "tests/scenarios/advisory/expected/gate-1/policies/cve-2026-12345-nodes.yaml";

/// What the scheduler asks: to bind a pod, or, as it once did, to make a Binding.
fn request(resource: &str, namespace: &str, target: &Value) -> Value {
    let (resource, subresource, name) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource, subresource, "web"),
        None => (resource, "", ""),
    };
    json!({
        "id": 1,
        "request": {
            "uid": "1",
            "kind": {"group": "", "version": "v1", "kind": "Binding"},
            "resource": {"group": "", "version": "v1", "resource": resource},
            "subResource": subresource,
            "name": name,
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": {"username": "system:kube-scheduler", "groups": []},
            "object": {
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": "web", "namespace": namespace},
                "target": target,
            },
        },
    })
}

#[test]
fn a_pod_is_bound_to_no_affected_node() {
    let rendered = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(RENDERED));
    let of = |kind: &str| -> Vec<&Value> {
        rendered.iter().filter(|object| text(object, "/kind") == kind).collect()
    };
    let cluster = json!({
        "policies": of("ValidatingAdmissionPolicy"),
        "bindings": of("ValidatingAdmissionPolicyBinding"),
        "namespaces": [{"name": "shop"}, {"name": "kube-system"}],
    });
    let node = |name: &str| json!({"kind": "Node", "name": name});
    let told = "node node-a takes no more pods: CVE-2026-12345 (critical) affects it, by a list of \
                nodes taken on 2026-11-20";
    let cases = [
        ("pods/binding", "shop", node("node-a"), Some(told)),
        ("bindings", "shop", node("node-a"), Some(told)),
        ("pods/binding", "shop", node("node-b"), None),
        // A name that begins like an affected one is another.
        ("pods/binding", "shop", node("node-a1"), None),
        ("pods/binding", "shop", json!({}), None),
        ("pods/binding", "kube-system", node("node-a"), None),
    ];
    for binary in ["admission-1.30", "admission-1.37"] {
        let Some(tools) = Tools::with(&[binary]) else { return };
        let mut lines = vec![cluster.clone()];
        lines.extend(cases.iter().map(|(what, where_to, to, _)| request(what, where_to, to)));
        let answers = Kubernetes { tools, binary }.ask(&lines).expect("answers");
        for ((what, namespace, to, expected), answer) in cases.iter().zip(&answers[1..]) {
            let denials: Vec<&str> =
                list(answer, "/denials").iter().map(|one| text(one, "/message")).collect();
            let asked = format!("{binary}: {what} in {namespace} to {to}: {answer}");
            assert_eq!(denials, expected.iter().copied().collect::<Vec<_>>(), "{asked}");
            assert_eq!(answer["allowed"], expected.is_none(), "{asked}");
            assert!(list(answer, "/errors").is_empty(), "{asked}");
        }
    }
}
