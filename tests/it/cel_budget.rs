//! What the rendered policies cost on the largest objects people write, four times over.
//!
//! A target's smallest budget is 1,000,000 for a whole policy; half of that is ours to use. The
//! objects are those of the corpora (`../shared/corpora/manifests`, or where `ORDINANCE_CORPORA`
//! says), each kind's largest, with every list four times as long.

use std::collections::BTreeMap;
use std::path::Path;

use ordinance::cel::{Definitions, Dialect, Expression, Input, Scope, Value};
use serde_json::{Value as Json, json};

use crate::cel_rendered::{clusters, documents, files, programs};
use crate::support::corpora::corpus;

const MOST: u64 = 500_000;

/// Every list of `value` four times as long.
fn grown(value: &Json) -> Json {
    match value {
        Json::Array(items) => {
            let items: Vec<Json> = items.iter().map(grown).collect();
            (0..4).flat_map(|_| items.clone()).collect()
        }
        Json::Object(fields) => {
            fields.iter().map(|(name, field)| (name.clone(), grown(field))).collect()
        }
        other => other.clone(),
    }
}

/// Of each kind, the object that takes most room.
fn largest(folder: &Path) -> BTreeMap<String, Json> {
    let mut found: BTreeMap<String, (usize, Json)> = BTreeMap::new();
    for path in files(folder) {
        let text = std::fs::read_to_string(&path).expect("a file");
        let documents: Vec<Json> = serde_saphyr::from_multiple(&text).unwrap_or_default();
        for object in documents {
            let Some(kind) = object["kind"].as_str() else { continue };
            let size = object.to_string().len();
            if found.get(kind).is_none_or(|(most, _)| *most < size) {
                found.insert(kind.to_owned(), (size, object));
            }
        }
    }
    found.into_iter().map(|(kind, (_, object))| (kind, grown(&object))).collect()
}

/// What a program costs on an object, whatever its answers are.
fn cost(program: &Json, input: &Input, unlimited: &Dialect) -> u64 {
    let mut definitions = Definitions::new();
    for variable in program["variables"].as_array().into_iter().flatten() {
        let text = variable["expression"].as_str().expect("a text");
        let name = variable["name"].as_str().expect("a name");
        definitions.define(name, Expression::compile(text).expect(text)).expect(name);
    }
    let scope = Scope::metered(input, &definitions, unlimited);
    for list in ["validations", "expressions"] {
        for validation in program[list].as_array().into_iter().flatten() {
            for field in ["expression", "messageExpression"] {
                if let Some(text) = validation[field].as_str() {
                    scope.evaluate(&Expression::compile(text).expect(text)).expect(text);
                }
            }
        }
    }
    scope.spent()
}

#[test]
fn the_dearest_rule_on_the_largest_object_costs_half_the_smallest_budget() {
    let Some(folder) = corpus("manifests") else { return };
    let objects = largest(&folder);
    let unlimited = Dialect::complete();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut measured, mut dearest) = (0, (0, String::new()));
    // one cluster has its parameters in the texts; the texts are the same on every engine
    let (cluster, _) = clusters(root)
        .into_iter()
        .find(|(name, (engine, _))| engine == "native" && name.contains("prod"))
        .expect("a cluster of the example");
    for path in files(&root.join("rendered").join(cluster)) {
        for policy in documents(&path) {
            for (program, _) in programs(&policy) {
                for (kind, object) in &objects {
                    let input = Input {
                        object: Value::from_json(object),
                        old_object: Value::from_json(object),
                        request: Value::from_json(&json!({"operation": "CREATE"})),
                        ..Input::empty()
                    };
                    let spent = cost(program, &input, &unlimited);
                    measured += 1;
                    if spent > dearest.0 {
                        dearest = (spent, format!("{kind} under {}", policy["metadata"]["name"]));
                    }
                }
            }
        }
    }
    println!("{measured} measured, the dearest {} for {}", dearest.0, dearest.1);
    assert!(measured > 200, "only {measured} were measured");
    assert!(dearest.0 < MOST, "{} costs {}", dearest.1, dearest.0);
}
