//! No more pods on nodes that an advisory affects: a policy on binding pods to nodes.
//!
//! Which node a pod runs on is known when the scheduler binds it, and to nobody else before. The API
//! server judges this by itself whatever else judges on the cluster: others do not look at bindings
//! unless they are told to.

use super::{API_VERSION, actions, emit};
use crate::compile::{literal, quoted};
use crate::engine::{Emitted, annotated};
use crate::name;
use crate::plan::UnsafeNodes;
use crate::selector::{NAME, Operator, Selector};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How many nodes one expression names.
const SEVERAL: usize = 200;

/// The objects that keep pods away from such nodes; namespaces of the system are left alone.
pub fn compile(nodes: &UnsafeNodes, system: &[String]) -> Vec<Emitted> {
    let name = name::object(["ordinance", &nodes.rule()]);
    let title = format!("No more pods on nodes that {} affects", nodes.title);
    let annotations = BTreeMap::from([
        ("ordinance.dev/advisory", nodes.advisory.as_str()),
        ("ordinance.dev/severity", nodes.severity.name()),
        ("ordinance.dev/title", title.as_str()),
    ]);
    let metadata = annotated(name.clone(), &annotations);
    let message = format!(
        " takes no more pods: {} affects it, by a list of nodes {}",
        nodes.title, nodes.found
    );
    let mut variables =
        vec![json!({"name": "node", "expression": "object.?target.?name.orValue('')"})];
    let mut none = vec![];
    for (index, names) in nodes.names.chunks(SEVERAL).enumerate() {
        let (name, names) = (format!("nodes{index}"), literal(&json!(names)));
        none.push(format!("!(variables.node in variables.{name})"));
        variables.push(json!({"name": name, "expression": names}));
    }
    let rules: Vec<Value> = vec![json!({
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["CREATE"],
        "resources": ["bindings", "pods/binding"],
        "scope": "Namespaced",
    })];
    let mut emitted = vec![];
    emit(
        &mut emitted,
        json!({
            "apiVersion": API_VERSION,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": metadata,
            "spec": {
                "failurePolicy": "Fail",
                "matchConstraints": {
                    "matchPolicy": "Equivalent",
                    "namespaceSelector": {},
                    "objectSelector": {},
                    "resourceRules": rules,
                },
                "variables": variables,
                "validations": [{
                    "expression": none.join(" && "),
                    "message": title,
                    "messageExpression": format!("'node ' + variables.node + {}", quoted(&message)),
                }],
            },
        }),
    );
    let outside = Selector::one(NAME, Operator::NotIn, system.iter().cloned());
    emit(
        &mut emitted,
        json!({
            "apiVersion": API_VERSION,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": metadata,
            "spec": {
                "policyName": name,
                "validationActions": actions(nodes.action),
                "matchResources": {
                    "matchPolicy": "Equivalent",
                    "namespaceSelector": outside.to_label_selector(),
                    "objectSelector": {},
                },
            },
        }),
    );
    emitted
}
