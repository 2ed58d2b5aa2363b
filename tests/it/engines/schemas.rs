//! Every object passes the definitions its engine installs, strictly, in every version.
//!
//! Strictly: a field the definition does not know is an error, where an API server would drop it
//! in silence. And what the definition would fill in must be written out, so that an object that
//! was synced is the one that was committed.

use super::fleet::{Fleet, Target, document};
use super::objects::{self, below, list, text};
use super::tools::{Tools, say};
use crate::support::catalogue::controls;
use ordinance::schema;
use ordinance::text::Sources;
use ordinance::yaml;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Versions whose definitions are at hand, oldest first.
const VERSIONS: [(&str, &str, &str); 11] = [
    ("kyverno", "1.11.0", "1.28"),
    ("kyverno", "1.12.6", "1.29"),
    ("kyverno", "1.13.6", "1.31"),
    ("kyverno", "1.14.4", "1.32"),
    ("kyverno", "1.15.3", "1.33"),
    ("kyverno", "1.16.3", "1.34"),
    ("kyverno", "1.17.2", "1.34"),
    ("kyverno", "1.18.2", "1.35"),
    ("kyverno", "1.19.0", "1.36"),
    ("gatekeeper", "3.17.1", "1.30"),
    ("gatekeeper", "3.23.1", "1.34"),
];

/// A repository that demands every control of each of these clusters, with every action, with and
/// without parameters and exemptions.
pub fn everything(targets: &[Target]) -> Fleet {
    let fleet = Fleet::new();
    for target in targets {
        fleet.write(
            &format!("clusters/{}.yaml", name(target)),
            &[target.cluster(&name(target), &json!({}))],
        );
    }
    let controls = controls();
    let names: Vec<&String> = controls.keys().collect();
    let requires: Vec<Value> = controls.iter().enumerate().map(demand).collect();
    let spec = json!({
        "statement": "Everything.", "owner": "platform", "requires": requires, "exemptions": {},
    });
    fleet.write(
        "intents/everything.yaml",
        &[document("Intent", &json!({"name": "everything"}), &spec)],
    );
    let spec = json!({
        "lifts": [{"intent": "everything", "controls": [names[1], names[2]]}],
        "scope": {
            "namespaces": {"names": ["billing"]},
            "workloads": [{"kind": "Deployment", "name": "legacy"}],
            "labels": {"matchLabels": {"app.kubernetes.io/part-of": "billing"}},
            "images": ["registry.example.com/legacy/*"],
        },
        "reason": "To see it rendered.", "owner": "team-billing",
        "approvedBy": "security-lead", "ticket": "SEC-1",
        "granted": "2026-11-02", "expires": "2027-01-29",
    });
    fleet.write(
        "intents/exemption.yaml",
        &[document("Exemption", &json!({"name": "billing"}), &spec)],
    );
    fleet.render();
    fleet
}

fn demand((index, (control, parameters)): (usize, (&String, &Value))) -> Value {
    let action = ["deny", "warn", "audit"][index % 3];
    json!({"control": control, "action": action, "parameters": parameters})
}

pub fn name(target: &Target) -> String {
    target.title().replace([' ', '.'], "-")
}

#[test]
fn every_object_passes_its_definition_strictly() {
    let Some(tools) = Tools::with(&["crds"]) else { return };
    let targets =
        VERSIONS.map(|(engine, version, kubernetes)| Target { engine, version, kubernetes });
    let fleet = everything(&targets);
    let mut checked = 0;
    for target in &targets {
        let minor = target.version.rsplit_once('.').expect("a patch level").0;
        let folder = tools.path("crds").join(format!("{}-{minor}", target.engine));
        let mut definitions = definitions(&folder);
        let rendered = below(&fleet.rendered(&name(target)));
        for template in rendered.iter().filter(|one| text(one, "/kind") == "ConstraintTemplate") {
            definitions.insert(
                text(template, "/spec/crd/spec/names/kind").to_owned(),
                constraint(template),
            );
        }
        for object in &rendered {
            let kind = text(object, "/kind");
            let schema = definitions
                .get(kind)
                .or_else(|| definitions.get(&format!("{kind} {}", text(object, "/apiVersion"))));
            let schema =
                schema.unwrap_or_else(|| panic!("{}: no definition of {kind}", target.title()));
            let found = complaints(schema, object);
            assert!(found.is_empty(), "{}: {}: {found:#?}", target.title(), objects::key(object));
            checked += 1;
        }
    }
    assert!(checked >= 150, "only {checked} objects were rendered");
    say(&format!("schemas: {checked} objects of {} engine versions pass strictly", targets.len()));
}

/// The schemas of a folder of definitions by kind and API version.
pub fn definitions(folder: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for definition in below(folder) {
        let kind = text(&definition, "/spec/names/kind");
        for version in list(&definition, "/spec/versions") {
            let group = text(&definition, "/spec/group");
            let key = format!("{kind} {group}/{}", text(version, "/name"));
            found.insert(key, version["schema"]["openAPIV3Schema"].clone());
        }
    }
    found
}

/// Where an object has what its definition does not know, or otherwise than that asks for.
pub fn unknown(schema: &Value, object: &Value) -> Vec<String> {
    let mut schema = schema.clone();
    close(&mut schema);
    judged(&schema, object)
}

fn judged(schema: &Value, object: &Value) -> Vec<String> {
    let mut sources = Sources::default();
    let source = sources.add("object", object.to_string());
    let nodes = yaml::read(&sources, source).expect("JSON is YAML");
    let found = schema::check(schema, schema, &nodes[0], &sources);
    found.iter().map(|one| format!("{one:?}")).collect()
}

/// What Gatekeeper makes of a template: the definition of its constraints.
pub fn constraint(template: &Value) -> Value {
    let parameters = template["spec"]["crd"]["spec"]["validation"]["openAPIV3Schema"].clone();
    let texts = json!({"type": "array", "items": {"type": "string"}});
    let kinds = json!({"type": "object", "properties": {"apiGroups": texts, "kinds": texts}});
    let matching = json!({"type": "object", "properties": {
        "kinds": {"type": "array", "items": kinds},
        "scope": {"type": "string", "enum": ["*", "Cluster", "Namespaced"]},
        "namespaceSelector": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
    }});
    let action = json!({"type": "string", "enum": ["deny", "warn", "dryrun"], "default": "deny"});
    json!({"type": "object", "properties": {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {"type": "object", "properties": {
            "enforcementAction": action, "match": matching, "parameters": parameters,
        }},
    }})
}

fn complaints(schema: &Value, object: &Value) -> Vec<String> {
    let mut schema = schema.clone();
    close(&mut schema);
    let mut complaints = judged(&schema, object);
    unwritten(&schema, object, "", &mut complaints);
    complaints
}

/// Makes every field an error that a schema does not know.
fn close(schema: &mut Value) {
    let keep = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
    if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() && !keep {
        schema["additionalProperties"] = json!(false);
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(close),
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}

/// Defaults that the definition would write into an object.
fn unwritten(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(map) = value.as_object() {
        for (key, schema) in properties.into_iter().flatten() {
            match (map.get(key), schema.get("default")) {
                (Some(value), _) => unwritten(schema, value, &format!("{path}.{key}"), found),
                (None, Some(default)) => {
                    found.push(format!("{path}.{key} is left out and would become {default}"));
                }
                (None, None) => {}
            }
        }
    }
    for one in value.as_array().into_iter().flatten() {
        unwritten(schema.get("items").unwrap_or(&Value::Null), one, &format!("{path}[]"), found);
    }
}
