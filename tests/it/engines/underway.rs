//! What is rendered while an engine is upgraded is taken by both of its versions: their own
//! definitions know every field of it, and the oldest shape is judged alike by the newest engine.

use super::case_files;
use super::fleet::{Fleet, Target, document};
use super::kyverno::{Kyverno, Shape};
use super::objects::{self, below, list, text};
use super::schemas::{constraint, definitions, name, unknown};
use super::tools::{Tools, say};
use super::verdict::{Judge, complaint};
use crate::support::catalogue::controls;
use serde_json::{Value, json};

/// Upgrades: an engine, the version it has, the one it is to have.
const UPGRADES: [(&str, &str, &str); 7] = [
    ("kyverno", "1.11.5", "1.13.6"),
    ("kyverno", "1.12.6", "1.17.2"),
    ("kyverno", "1.13.6", "1.19.0"),
    ("kyverno", "1.15.3", "1.16.3"),
    ("kyverno", "1.16.3", "1.17.2"),
    ("kyverno", "1.17.2", "1.19.0"),
    ("gatekeeper", "3.17.1", "3.23.1"),
];

/// A repository that demands every control of a cluster whose engine is being upgraded.
fn everything(target: &Target, next: &str) -> Fleet {
    let fleet = Fleet::new();
    let mut cluster = target.cluster(&name(target), &json!({}));
    cluster["spec"]["engine"]["next"] = next.into();
    cluster["spec"]["kubernetes"] = json!({"version": "1.32", "next": "1.33"});
    fleet.write("clusters/one.yaml", &[cluster]);
    let actions = ["deny", "warn", "audit"].iter().cycle();
    let requires: Vec<Value> = controls()
        .iter()
        .zip(actions)
        .map(|((control, given), action)| {
            json!({"control": control, "action": action, "parameters": given})
        })
        .collect();
    let spec = json!({"statement": "Everything.", "owner": "platform", "requires": requires});
    fleet.write("intents/all.yaml", &[document("Intent", &json!({"name": "all"}), &spec)]);
    fleet.render();
    fleet
}

#[test]
fn what_is_rendered_meanwhile_is_known_before_and_after() {
    let Some(tools) = Tools::with(&["crds"]) else { return };
    let mut checked = 0;
    for (engine, version, next) in UPGRADES {
        let target = Target { engine, version, kubernetes: "1.32" };
        let fleet = everything(&target, next);
        let rendered = below(&fleet.rendered(&name(&target)));
        for version in [version, next] {
            let minor = version.rsplit_once('.').expect("a patch level").0;
            let mut known = definitions(&tools.path("crds").join(format!("{engine}-{minor}")));
            for template in rendered.iter().filter(|one| text(one, "/kind") == "ConstraintTemplate")
            {
                let kind = text(template, "/spec/crd/spec/names/kind").to_owned();
                known.insert(kind, constraint(template));
            }
            for object in &rendered {
                let kind = text(object, "/kind");
                let key = format!("{kind} {}", text(object, "/apiVersion"));
                let schema = known.get(kind).or_else(|| known.get(&key));
                let schema = schema.unwrap_or_else(|| panic!("{engine} {version} knows no {key}"));
                let unknown = unknown(schema, object);
                let whose = objects::key(object);
                assert!(unknown.is_empty(), "{engine} {version}: {whose}: {unknown:#?}");
                checked += 1;
            }
        }
    }
    assert!(checked >= 1000, "only {checked} objects were held against definitions");
    say(&format!("upgrades: {checked} objects are known to both versions of an engine"));
}

/// The controls whose cases both engines are asked.
const ASKED: [&str; 3] =
    ["disallow-privileged-containers", "disallow-latest-tag", "run-as-non-root"];

#[test]
fn what_is_rendered_meanwhile_is_judged_alike_before_and_after() {
    let Some(tools) = Tools::with(&["kyverno-1.12", "kyverno-1.19"]) else { return };
    let files: Vec<_> =
        case_files::all().into_iter().filter(|one| ASKED.contains(&one.control.as_str())).collect();
    let mut judged = 0;
    for file in &files {
        let target = Target { engine: "kyverno", version: "1.12.6", kubernetes: "1.32" };
        let mut cluster = target.cluster(&file.name, &json!({"cases": file.name}));
        cluster["spec"]["engine"]["next"] = "1.19".into();
        let fleet = super::fleet::of_case(&cluster, file);
        let objects = below(&fleet.rendered(&file.name));
        assert!(list(&objects[0], "/spec/rules").len() == 1, "a ClusterPolicy");
        for binary in ["kyverno-1.12", "kyverno-1.19"] {
            let judge = Kyverno { tools: tools.clone(), binary, shape: Shape::ClusterPolicy };
            let work = tempfile::tempdir().expect("a temporary folder");
            let answers = judge.judge(file, &objects, work.path()).expect("no trouble");
            for (index, case) in file.cases.iter().enumerate().filter(|(_, one)| judge.judges(one))
            {
                let said = complaint(file, case, answers.get(&index));
                assert_eq!(said, None, "{binary}: {}: {}", file.name, case.name);
                judged += 1;
            }
        }
    }
    assert!(judged >= 40, "only {judged} cases were judged");
    say(&format!("upgrades: {judged} verdicts of the oldest and the newest kyverno on one object"));
}
