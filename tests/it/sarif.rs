//! Reports in SARIF before the validator of those who keep the standard, which holds them against
//! its schema and against what no schema says. It comes with npm (`tests/sarif`).

use crate::support::binary::{command, ordinance};
use crate::support::files::{self, root};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const MANIFEST: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers:
    - {name: web, image: 'registry.example.com/web:1', ports: [{hostPort: 80}]}
";

/// It asks the tool to tell where more can be read of it; Ordinance has no such address yet.
const KNOWN: [&str; 1] = ["SARIF2005"];

/// What the validator finds, or nothing, said aloud, where it is not installed.
fn found(report: &str) -> Option<Vec<Value>> {
    let tool = "tests/sarif/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool";
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join(tool);
    if !tool.exists() {
        let said = "the validator of SARIF is not installed: cd tests/sarif && npm ci";
        assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{said}");
        println!("skipped: {said}");
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("report.sarif"), report).expect("a new file");
    let output = Command::new(tool)
        .args(["validate", "report.sarif", "--output", "found.sarif"])
        .current_dir(folder.path())
        // It does without the system's tables of languages.
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output()
        .expect("it starts");
    let text = fs::read_to_string(folder.path().join("found.sarif"))
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stdout)));
    let found: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON");
    let found = found["runs"][0]["results"].as_array().expect("results").clone();
    Some(found.into_iter().filter(|one| one["kind"] != "pass").collect())
}

fn ids(found: &[Value]) -> Vec<&str> {
    found.iter().filter_map(|one| one["ruleId"].as_str()).collect()
}

#[test]
fn every_report_is_sarif() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("a b/ü.yaml");
    fs::create_dir(file.parent().expect("a folder")).expect("a new folder");
    fs::write(&file, MANIFEST).expect("a new file");
    fs::write(folder.path().join("broken.yaml"), "kind: [\n").expect("a new file");
    let absolute = file.display().to_string();
    for paths in [&["a b/ü.yaml"][..], &[&absolute], &["."], &["broken.yaml"]] {
        let words = ["check", "--framework", "pod-security-standards", "--format", "sarif"];
        let said = ordinance(folder.path(), &[&words, paths].concat());
        let Some(found) = found(&said.out) else { return };
        assert_eq!(ids(&found), KNOWN, "{paths:?}: {found:#?}");
    }
    let words = ["check", "--cluster", "prod-eu-1", "--format", "sarif", "-"];
    let mut command = command(root(), &words);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    child.stdin.take().expect("a pipe").write_all(MANIFEST.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8(output.stdout).expect("text");
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_ne!(report["runs"][0]["results"], json!([]));
    let found = found(&said).expect("the validator");
    assert_eq!(ids(&found), KNOWN, "{found:#?}");
    // What is broken is noticed.
    let broken = said.replace("\"startLine\": ", "\"startLine\": -");
    assert_ne!(ids(&self::found(&broken).expect("the validator")), KNOWN);
}

/// A repository in which a rule becomes milder, and another one is asked for no more.
fn milder() -> tempfile::TempDir {
    let mut example = files::example();
    example.remove("intents/owner.yaml");
    let intent = example.get_mut("intents/no-root.yaml").expect("an intent");
    let text = String::from_utf8(intent.clone()).expect("text").replace("deny", "audit");
    *intent = text.into_bytes();
    files::folder(&example)
}

#[test]
fn what_loosens_is_sarif_at_the_line_that_asks_for_it() {
    let folder = milder();
    let said = ordinance(folder.path(), &["diff", "--format", "sarif"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let results = report["runs"][0]["results"].as_array().expect("results");
    let of = |name: &str| {
        let is =
            |one: &&Value| one["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == name;
        results.iter().find(is).unwrap_or_else(|| panic!("nothing of {name}: {results:#?}"))
    };
    let place = |one: &Value| one["locations"][0]["physicalLocation"].clone();
    let (milder, gone) = (of("run-as-non-root"), of("required-labels"));
    assert_eq!((&milder["ruleId"], &milder["level"]), (&json!("policy-loosens"), &json!("error")));
    // Two intents ask for it: the change is told at both.
    let both = [&milder["locations"][0], &milder["relatedLocations"][0]];
    let places = both.map(|one| one["physicalLocation"].clone());
    let files = places.each_ref().map(|place| place["artifactLocation"]["uri"].as_str());
    assert_eq!(files, [Some("intents/cis-baseline.yaml"), Some("intents/no-root.yaml")]);
    assert!(places.iter().all(|place| place["region"]["startLine"].is_u64()), "{places:?}");
    let rendered = place(gone)["artifactLocation"]["uri"].as_str().expect("a file").to_owned();
    assert!(files::example().contains_key(&rendered), "{rendered} is where it was rendered");
    assert!(rendered.ends_with("/policies/required-labels.yaml"), "{rendered}");
    assert!(milder["partialFingerprints"]["ordinanceChange/v1"].is_string());
    let Some(found) = found(&said.out) else { return };
    assert_eq!(ids(&found), KNOWN, "{found:#?}");
    // Nothing that loosens is a report, too.
    let same = files::folder(&files::example());
    let said = ordinance(same.path(), &["diff", "--format", "sarif"]);
    assert_eq!(ids(&self::found(&said.out).expect("the validator")), KNOWN, "{}", said.out);
}
