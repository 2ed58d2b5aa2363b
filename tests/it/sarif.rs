//! Reports in SARIF before the validator of those who keep the standard, which holds them against
//! its schema and against what no schema says. It comes with npm (`tests/sarif`).

use crate::support::binary::{command, ordinance};
use crate::support::files::root;
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
