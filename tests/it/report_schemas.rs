//! Reports for programs are what their published schemas say: every field of a real one is described
//! there, and has the type it should.

use crate::check::WEB;
use crate::support::binary::{must, ordinance};
use crate::support::files::{self, root};
use ordinance::schema::check;
use ordinance::text::Sources;
use ordinance::yaml;
use serde_json::Value;

fn schema(name: &str) -> Value {
    serde_json::from_str(&must(root(), &["schema", name]).out).expect("a schema is JSON")
}

/// Fails on whatever the schema complains about, and on fields that it does not describe.
fn holds(name: &str, report: &str) -> Value {
    let schema = schema(name);
    let mut sources = Sources::default();
    let source = sources.add("report.json", report.to_owned());
    let nodes = yaml::read(&sources, source).expect("JSON is YAML");
    let complaints = check(&schema, &schema, &nodes[0], &sources);
    let told: Vec<String> =
        complaints.iter().map(|one| ordinance::diagnostic::render(one, &sources, false)).collect();
    assert!(told.is_empty(), "{name}: {}", told.join("\n"));
    let report: Value = serde_json::from_str(report).expect("JSON");
    described(&schema, &schema, &report, name);
    assert_eq!(report["schemaVersion"], schema["properties"]["schemaVersion"]["const"]);
    report
}

fn described(root: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(path) => root.pointer(path.trim_start_matches('#')).expect("a definition"),
        None => schema.get("anyOf").map_or(schema, |branches| &branches[0]),
    };
    if schema.get("$ref").is_some() {
        return described(root, schema, value, at);
    }
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let known = &schema["properties"][name.as_str()];
                let other = &schema["additionalProperties"];
                let known = if known.is_null() { other } else { known };
                assert!(!known.is_null(), "the schema does not describe {at}.{name}");
                // What has no shape may have any.
                if known.as_object().is_some_and(|known| !known.is_empty()) {
                    described(root, known, value, &format!("{at}.{name}"));
                }
            }
            let required = schema["required"].as_array().into_iter().flatten();
            for name in required.filter_map(Value::as_str) {
                assert!(fields.contains_key(name), "{at} lacks {name}");
            }
        }
        Value::Array(items) => {
            items.iter().for_each(|item| described(root, &schema["items"], item, at));
        }
        _ => {}
    }
}

#[test]
fn a_difference_is_what_its_schema_says() {
    let mut example = files::example();
    let same = files::folder(&example);
    let report = holds("DiffReport", &must(same.path(), &["diff", "--format", "json"]).out);
    assert_eq!(report["changes"], serde_json::json!([]));
    // What comes, what goes, what changes, and what is different on few clusters.
    example.remove("intents/owner.yaml");
    example.retain(|path, _| !path.starts_with("rendered/edge-1/"));
    let all = String::from_utf8_lossy(&example["intents/cis-baseline.yaml"]).into_owned();
    let milder =
        all.replace("action: deny", "action: warn").replace("enforce: deny", "enforce: warn");
    example.insert("intents/cis-baseline.yaml".into(), milder.into_bytes());
    let cluster = String::from_utf8_lossy(&example["clusters/edge-2.yaml"]).into_owned();
    example.insert(
        "clusters/edge-2.yaml".into(),
        cluster.replace("state: active", "state: retired").into_bytes(),
    );
    let folder = files::folder(&example);
    let run = must(folder.path(), &["diff", "--format", "json"]);
    let report = holds("DiffReport", &run.out);
    let changes = report["changes"].as_array().expect("changes");
    let has = |pointer: &str, value: &str| {
        changes.iter().any(|one| one.pointer(pointer).is_some_and(|found| found == value))
    };
    for (pointer, value) in [
        ("/subject/type", "cluster"),
        ("/subject/type", "rule"),
        ("/presence", "added"),
        ("/presence", "removed"),
        ("/direction", "loosens"),
    ] {
        assert!(has(pointer, value), "{pointer} {value}");
    }
    assert!(changes.iter().any(|one| one.get("outlierOf").is_some()), "nothing differs on few");
    let loosening = ["diff", "--format", "json", "--only", "loosening"];
    let report = holds("DiffReport", &must(folder.path(), &loosening).out);
    assert!(report["leftOut"].is_u64());
}

#[test]
fn verdicts_are_what_their_schema_says() {
    let folder = crate::check::folder(&[("web.yaml", WEB), ("broken.yaml", "kind: [\n")]);
    let words = ["check", "--control", "run-as-non-root", "--format", "json", "."];
    let report = holds("CheckReport", &ordinance(folder.path(), &words).out);
    assert_eq!(report["violations"][0]["control"], "run-as-non-root");
    assert_eq!(report["errors"][0]["file"], "broken.yaml");
    let pod = WEB.replace("namespace: shop", "namespace: nobody-knows");
    let folder = files::folder(&files::example());
    std::fs::write(folder.path().join("web.yaml"), pod).expect("a new file");
    let words = ["check", "--cluster", "prod-eu-1", "--format", "json", "web.yaml"];
    holds("CheckReport", &ordinance(folder.path(), &words).out);
}
