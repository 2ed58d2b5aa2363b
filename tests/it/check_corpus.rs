//! `ordinance check` on manifests of real applications, and on objects with a field gone.
//!
//! Every control, in one framework made for the purpose, judges as it is rendered for every
//! target. All targets must agree on every object, and no expression may fail. The corpus lies
//! beside the checkout, or where `ORDINANCE_CORPORA` says; without it these tests say that they
//! skip, and in CI they fail.

use crate::support::binary::{TODAY, full, ordinance};
use crate::support::catalogue::{controls, is_told_of_served_kinds_only};
use crate::support::corpora::corpus;
use crate::support::files;
use crate::support::page;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every shape, and the oldest and newest of each.
const ALL_TARGETS: [&str; 15] = [
    "native@1.30",
    "native@1.33",
    "native@1.36",
    "kyverno@1.11.5",
    "kyverno@1.12.6",
    "kyverno@1.13.6",
    "kyverno@1.14.4",
    "kyverno@1.15.3",
    "kyverno@1.16.3",
    "kyverno@1.17.2",
    "kyverno@1.18.2",
    "kyverno@1.19.0",
    "gatekeeper@3.17.1",
    "gatekeeper@3.20.0",
    "gatekeeper@3.23.1",
];

/// One of each text and habit: the others differ in the envelope alone.
const SHAPES: [&str; 4] = ["native@1.36", "kyverno@1.12.6", "kyverno@1.19.0", "gatekeeper@3.23.1"];

/// A repository whose one framework recommends every control.
fn everything() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let recommendations: Vec<Value> = controls()
        .iter()
        .enumerate()
        .map(|(index, (control, parameters))| {
            let entry = json!({"control": control, "parameters": parameters});
            json!({"id": index.to_string(), "level": 1, "title": control, "admission": "full",
                "controls": [entry]})
        })
        .collect();
    let framework = json!({"apiVersion": "ordinance.dev/v1", "kind": "Framework",
        "metadata": {"name": "everything"}, "spec": {"version": "1", "title": "All controls",
            "levels": [1], "recommendations": recommendations}});
    let path = folder.path().join("templates/frameworks/everything");
    fs::create_dir_all(&path).expect("a folder");
    fs::write(path.join("1.yaml"), framework.to_string()).expect("a file");
    folder
}

fn check(repository: &Path, target: &str, paths: &[String]) -> Value {
    let repository = repository.to_str().expect("a path");
    let mut words =
        vec!["check", "--repository", repository, "--framework", "everything", "--engine", target];
    words.extend(["--framework-version", "1", "--format", "json"]);
    words.extend(paths.iter().map(String::as_str));
    let run = ordinance(repository.as_ref(), &words);
    assert!([0, 1].contains(&run.code), "{target} on {TODAY}: {}{}", run.out, run.err);
    serde_json::from_str(&run.out).expect("one JSON document")
}

/// What must be the same on every target: who breaks which control, and who offends.
///
/// One control is about versions that clusters no longer serve; a ClusterPolicy, which would be
/// refused for naming them, is not told of them (`kyverno-no-unserved-kinds`). Kyverno ends with the
/// first rule of a control that is broken; others name the offenders of all.
fn verdicts(said: &Value, target: &str) -> BTreeSet<String> {
    let violations = said["violations"].as_array().expect("a list").iter();
    let (engine, version) = target.split_once('@').expect("NAME@VERSION");
    let served_only = is_told_of_served_kinds_only(engine, version);
    let mut judged = BTreeSet::new();
    violations
        .filter(|one| !(served_only && one["control"] == "disallow-removed-apis"))
        .filter(|one| {
            let which = [&one["file"], &one["document"], &one["control"]].map(Value::to_string);
            judged.insert(which) || engine != "kyverno"
        })
        .map(|one| {
            format!(
                "{}#{} {} {}: {} {}",
                one["file"],
                one["document"],
                one["object"],
                one["control"],
                one["action"],
                one["offenders"]
            )
        })
        .collect()
}

/// An object in a version that the API server turns into another before anybody judges it cannot
/// be judged as it stands; engines that go by the kind alone let it pass.
fn in_another_version(error: &Value) -> bool {
    error["message"].as_str().is_some_and(|text| text.contains("is converted to another version"))
}

fn errors(said: &Value) -> Vec<&Value> {
    let all = said["errors"].as_array().expect("a list").iter();
    all.filter(|one| !in_another_version(one)).collect()
}

/// How many objects, violations, and what could not be read.
fn agree(repository: &Path, paths: &[String], targets: &[&str]) -> (u64, usize, Vec<Value>) {
    let first = check(repository, targets[0], paths);
    let all = verdicts(&first, targets[0]);
    for (index, target) in targets.iter().enumerate() {
        let said = if index == 0 { first.clone() } else { check(repository, target, paths) };
        // A file of the corpus may be broken; an object that cannot be judged would be our defect.
        assert_eq!(errors(&said), errors(&first), "{target}");
        let of_objects = errors(&said).into_iter();
        let of_objects: Vec<_> = of_objects.filter(|one| !one["object"].is_null()).collect();
        assert!(of_objects.is_empty(), "{target}: {of_objects:#?}");
        assert_eq!(said["assumed"], json!([]), "{target}");
        let failed = said["violations"].as_array().expect("a list").iter();
        let failed: Vec<&Value> = failed
            .filter(|one| {
                one["message"].as_str().is_some_and(|text| text.contains("cannot be judged"))
            })
            .collect();
        assert!(failed.is_empty(), "{target}: {failed:#?}");
        let (expected, found) = (verdicts(&first, target), verdicts(&said, target));
        let differing: Vec<&String> = expected.symmetric_difference(&found).take(10).collect();
        assert!(differing.is_empty(), "{} and {target} differ: {differing:#?}", targets[0]);
    }
    let broken = errors(&first).into_iter().cloned().collect();
    (first["objects"].as_u64().expect("a number"), all.len(), broken)
}

#[test]
fn all_targets_agree_on_every_object_of_real_applications() {
    let Some(manifests) = corpus("manifests") else { return };
    let index = fs::read_to_string(manifests.join("index.json")).expect("an index");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let sets = index["sets"].as_object().expect("sets").keys();
    let paths: Vec<String> =
        sets.map(|set| manifests.join(set).to_str().expect("a path").to_owned()).collect();
    let repository = everything();
    let targets: &[&str] = if full() { &ALL_TARGETS } else { &SHAPES };
    let (objects, violations, broken) = agree(repository.path(), &paths, targets);
    eprintln!("{objects} objects, {violations} violations, {} targets", targets.len());
    let row = "objects of real applications";
    page::keep_row("totality", &[&row, &objects, &controls().len(), &targets.len(), &violations]);
    assert!(objects >= 1_700, "only {objects} objects");
    assert_eq!(broken.len(), 5, "files in which a key is given twice");
    assert!(violations >= 1_500, "only {violations} violations");
}

/// The places of all leaves, as JSON pointers; an empty map or list is one.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) if !map.is_empty() => {
            found.push(at.to_owned());
            for (key, inner) in map {
                leaves(inner, &format!("{at}/{}", escaped(key)), found);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            found.push(at.to_owned());
            for (index, inner) in list.iter().enumerate() {
                leaves(inner, &format!("{at}/{index}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

/// The object without the field, with null in it, and with nothing in it.
fn mangled(object: &Value, at: &str) -> Vec<Value> {
    let (parent, key) = at.rsplit_once('/').expect("a pointer");
    let key = key.replace("~1", "/").replace("~0", "~");
    let mut removed = object.clone();
    match removed.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(&key)),
        Some(Value::Array(list)) => drop(list.remove(key.parse().expect("an index"))),
        _ => unreachable!("every leaf has a parent"),
    }
    let with = |value: Value| {
        let mut object = object.clone();
        *object.pointer_mut(at).expect("it is there") = value;
        object
    };
    let empty = match object.pointer(at).expect("it is there") {
        Value::Object(_) => json!({}),
        Value::Array(_) => json!([]),
        Value::String(_) => json!(""),
        Value::Bool(_) => json!(false),
        Value::Number(_) => json!(0),
        Value::Null => Value::Null,
    };
    vec![removed, with(Value::Null), with(empty)]
}

/// The API server admits far odder objects than people write: no expression fails on any.
#[test]
fn no_expression_fails_on_an_object_with_a_field_gone() {
    let mut variants: BTreeSet<String> = BTreeSet::new();
    for (_, document) in files::documents("templates/controls") {
        for case in document["spec"]["cases"].as_array().into_iter().flatten() {
            let mut places = vec![];
            leaves(&case["object"], "", &mut places);
            for at in
                places.iter().filter(|at| !["", "/apiVersion", "/kind"].contains(&at.as_str()))
            {
                variants.extend(mangled(&case["object"], at).iter().map(Value::to_string));
            }
        }
    }
    // An object that is several things at once names the same place for two; one file is one list.
    let folder = tempfile::tempdir().expect("a folder");
    let step = if full() { 1 } else { 80 };
    let all: Vec<&String> = variants.iter().step_by(step).collect();
    for (index, part) in all.chunks(200).enumerate() {
        let items: Vec<&str> = part.iter().map(|one| one.as_str()).collect();
        let list = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, items.join(","));
        fs::write(folder.path().join(format!("{index:04}.json")), list).expect("a file");
    }
    let repository = everything();
    let paths = [folder.path().to_str().expect("a path").to_owned()];
    let (objects, violations, broken) = agree(repository.path(), &paths, &SHAPES);
    eprintln!("{objects} mangled objects, {violations} violations, {} targets", SHAPES.len());
    assert!(objects >= 1_800, "only {objects} objects");
    assert_eq!(broken, [] as [Value; 0]);
}
