//! The posture in OSCAL before a validator of JSON schemas, with the schema of those who keep the
//! standard. Both come with pip (`tests/oscal`).

use crate::support::binary::must;
use crate::support::files::root;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The faults that are found, or nothing, said aloud, where the validator is not installed.
fn faults(document: &Value) -> Option<Vec<String>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oscal");
    let python = here.join("venv/bin/python");
    if !python.exists() {
        let said = "the validator of OSCAL is not installed: python3 -m venv tests/oscal/venv && \
                    tests/oscal/venv/bin/pip install --no-deps --require-hashes -r \
                    tests/oscal/requirements.txt";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{said}");
        println!("skipped: {said}");
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("posture.oscal.json");
    fs::write(&file, document.to_string()).expect("a new file");
    let output = Command::new(python).arg(here.join("validate.py")).arg(&file).output();
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("oscal/1.2.3/oscal-ar-schema.json"), "{said}{output:?}");
    let found: Vec<String> =
        said.lines().filter(|line| line.contains("oscal.json: ")).map(str::to_owned).collect();
    assert_eq!(output.status.code(), Some(i32::from(!found.is_empty())), "{said}");
    Some(found)
}

fn told(words: &[&str]) -> Value {
    let all = [&["posture", "--format", "oscal"], words].concat();
    serde_json::from_str(&must(root(), &all).out).expect("JSON")
}

#[test]
fn every_posture_is_assessment_results() {
    for framework in
        ["cis-kubernetes@1.8", "nsa-cisa@1.2", "pod-security-standards@1.34", "pci-dss", "hipaa"]
    {
        let Some(found) = faults(&told(&["--framework", framework])) else { return };
        assert!(found.is_empty(), "{framework}: {found:#?}");
    }
    let whole = told(&[]);
    assert_eq!(faults(&whole), Some(vec![]));
    // What is broken is noticed: an id, a day, a state, a field that there is not.
    let results = "/assessment-results/results/0";
    for (path, value) in [
        ("/assessment-results/uuid".to_owned(), json!("none")),
        ("/assessment-results/metadata/last-modified".to_owned(), json!("2026-11-22")),
        (format!("{results}/findings/0/target/status/state"), json!("perhaps")),
        (format!("{results}/findings/0/target/target-id"), json!("5.1.1")),
        (format!("{results}/observations/0"), json!({"words": "none"})),
    ] {
        let mut broken = whole.clone();
        *broken.pointer_mut(&path).unwrap_or_else(|| panic!("{path}")) = value;
        assert_ne!(faults(&broken), Some(vec![]), "{path}");
    }
}

/// What is said beside the schema: ids are there once, references lead somewhere, and a finding is
/// satisfied only where nothing is beside it.
#[test]
fn references_lead_somewhere_and_nothing_is_satisfied_by_half() {
    let whole = told(&["--framework", "cis-kubernetes@1.8"]);
    let result = &whole["assessment-results"]["results"][0];
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let ids = |name: &str| -> Vec<String> {
        list(&result[name])
            .iter()
            .map(|one| one["uuid"].as_str().expect("an id").to_owned())
            .collect()
    };
    let (observations, risks) = (ids("observations"), ids("risks"));
    let distinct: BTreeSet<&String> = observations.iter().chain(&risks).collect();
    assert_eq!(distinct.len(), observations.len() + risks.len());
    let mut satisfied = 0;
    for finding in list(&result["findings"]) {
        for one in list(&finding["related-observations"]) {
            assert!(observations.iter().any(|id| one["observation-uuid"] == **id));
        }
        for one in list(&finding["related-risks"]) {
            assert!(risks.iter().any(|id| one["risk-uuid"] == **id));
        }
        let status = &finding["target"]["status"];
        if status["state"] == "satisfied" {
            satisfied += 1;
            assert!(finding.get("related-risks").is_none() && status.get("remarks").is_none());
        }
    }
    assert_eq!((list(&result["findings"]).len(), satisfied), (35, 19));
    let exempt: Vec<Value> =
        list(&result["risks"]).into_iter().filter(|one| one.get("deadline").is_some()).collect();
    let deadlines: Vec<&Value> = exempt.iter().map(|one| &one["deadline"]).collect();
    assert_eq!(deadlines, ["2027-01-29T23:59:59Z", "2026-12-10T23:59:59Z"]);
    assert!(exempt.iter().all(|one| one["status"] == "deviation-approved"));
}
