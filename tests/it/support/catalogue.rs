//! The controls of the built-in catalogue, as tests ask for all of them.

use super::files;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The controls that judge, each with parameters for it: those of the first of its cases that give
/// any, where some have no default.
pub fn controls() -> BTreeMap<String, Value> {
    let all = files::documents("templates/controls");
    let text =
        |one: &Value, path: &str| one.pointer(path).and_then(Value::as_str).map(str::to_owned);
    // What is made of manifests judges nothing.
    let judging = all
        .iter()
        .map(|(_, one)| one)
        .filter(|one| one["kind"] == "Control" && one["spec"].get("manifests").is_none());
    let with_parameters = judging.map(|one| {
        let id = text(one, "/metadata/name").expect("a name");
        let needed = one.pointer("/spec/parameters/required").is_some();
        let cases = all.iter().map(|(_, one)| one).filter(|one| {
            one["kind"] == "Cases" && text(one, "/spec/control").as_ref() == Some(&id)
        });
        let mut given = cases.filter_map(|cases| cases["spec"].get("parameters"));
        let parameters = match needed {
            true => given.next().cloned().expect("cases with parameters"),
            false => json!({}),
        };
        (id, parameters)
    });
    with_parameters.collect()
}

/// Those of a usual production cluster: the Pod Security Standards, and rules of the house.
pub fn of_production() -> BTreeMap<String, Value> {
    let house = [
        "allowed-image-registries",
        "container-resource-limits",
        "disallow-latest-tag",
        "disallow-wildcard-rbac",
        "drop-capabilities",
        "require-seccomp-profile",
        "required-labels",
        "run-as-non-root",
    ];
    let frameworks = files::documents("templates/frameworks");
    let standards =
        frameworks.iter().filter(|(path, _)| path.starts_with("pod-security-standards/"));
    let named: Vec<&str> = standards
        .flat_map(|(_, one)| one["spec"]["recommendations"].as_array().expect("a list"))
        .flat_map(|one| one["controls"].as_array().expect("a list"))
        .map(|one| one["control"].as_str().expect("a control"))
        .chain(house)
        .collect();
    let mut all = controls();
    all.retain(|id, _| named.contains(&id.as_str()));
    all
}

/// Whether an engine is given ClusterPolicies, which name only what their cluster serves: the quirk
/// `kyverno-no-unserved-kinds`.
pub fn is_told_of_served_kinds_only(engine: &str, version: &str) -> bool {
    let old = ["1.11.", "1.12.", "1.13.", "1.14.", "1.15."];
    engine == "kyverno" && old.iter().any(|old| version.starts_with(old))
}
