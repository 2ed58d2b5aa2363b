//! What `ordinance check` says in the formats that other programs read.

use crate::check::{WEB, folder, json};
use crate::support::binary::ordinance;
use serde_json::json;

#[test]
fn annotations_are_workflow_commands() {
    let folder = folder(&[("web.yaml", WEB), ("broken.yaml", "kind: [\n")]);
    let words = ["check", "--control", "run-as-non-root", "--format", "annotations", "."];
    let run = ordinance(folder.path(), &words);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!((run.code, lines.len()), (1, 2), "{}", run.out);
    assert!(lines[0].starts_with("::error file=broken.yaml,line="), "{}", run.out);
    assert_eq!(
        lines[1],
        "::error file=web.yaml,line=15,col=11,title=run-as-non-root::container(s) that may run as \
         root: web%0ASet runAsNonRoot to true in the pod's securityContext or in that of every \
         container, and remove runAsUser 0. The image must name a numeric user other than 0, or \
         runAsUser must."
    );
}

#[test]
fn junit_has_a_suite_per_file_and_a_case_per_object() {
    let pod = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: \"a<b\"}\n";
    let folder = folder(&[("web.yaml", &format!("{WEB}{pod}")), ("broken.yaml", "kind: [\n")]);
    let words = ["check", "--control", "run-as-non-root", "--format", "junit", "."];
    let run = ordinance(folder.path(), &words);
    let expected = r#"  <testsuite name="web.yaml" tests="2" failures="1" errors="0">
    <testcase classname="web.yaml" name="Deployment shop/web">
      <failure type="run-as-non-root" message="container(s) that may run as root: web">web.yaml:15&#10;Set runAsNonRoot to true in the pod's securityContext or in that of every container, and remove runAsUser 0. The image must name a numeric user other than 0, or runAsUser must.</failure>
    </testcase>
    <testcase classname="web.yaml" name="ConfigMap a&lt;b"/>
  </testsuite>
</testsuites>
"#;
    assert!(run.out.ends_with(expected), "{}", run.out);
    let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                 <testsuites name=\"ordinance check\" tests=\"3\" failures=\"1\" errors=\"1\">\n  \
                 <testsuite name=\"broken.yaml\" tests=\"1\" failures=\"0\" errors=\"1\">\n";
    assert!(run.out.starts_with(start), "{}", run.out);
}

#[test]
fn sarif_has_rules_with_help_and_locations_with_lines() {
    let folder = folder(&[("my app/web.yaml", WEB), ("broken.yaml", "kind: [\n")]);
    let words = ["check", "--control", "run-as-non-root", "--format", "sarif", "."];
    let run = ordinance(folder.path(), &words);
    let said = json(&run);
    let one = &said["runs"][0];
    assert_eq!((run.code, &said["version"]), (1, &json!("2.1.0")));
    let rules = one["tool"]["driver"]["rules"].as_array().expect("rules");
    assert_eq!(rules.len(), 1);
    assert_eq!(rules[0]["id"], "run-as-non-root");
    assert_eq!(rules[0]["shortDescription"]["text"], "Containers do not run as root");
    let help = rules[0]["help"]["text"].as_str().expect("help");
    assert!(help.starts_with("Set runAsNonRoot to true"), "{help}");
    let result = json!({
        "ruleId": "run-as-non-root",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "Deployment shop/web: container(s) that may run as root: web"},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": "my%20app/web.yaml"},
                "region": {"startLine": 15, "startColumn": 11, "endLine": 15, "endColumn": 20},
            },
            "logicalLocations": [{"fullyQualifiedName": "Deployment shop/web"}],
        }],
    });
    assert_eq!(one["results"], json!([result]));
    let invocation = &one["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = &invocation["toolExecutionNotifications"][0];
    assert_eq!(told["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "broken.yaml");
}

#[test]
fn json_is_one_document() {
    let folder = folder(&[("web.yaml", WEB)]);
    let words = ["check", "--control", "run-as-non-root", "--format", "json", "web.yaml"];
    let run = ordinance(folder.path(), &words);
    let expected = json!({
        "schemaVersion": 1,
        "objects": 1,
        "violations": [{
            "file": "web.yaml",
            "document": 1,
            "line": 15,
            "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"},
            "control": "run-as-non-root",
            "intent": null,
            "intents": [],
            "action": "deny",
            "message": "container(s) that may run as root: web",
            "offenders": ["web"],
            "assumed": false,
            "clusters": [],
        }],
        "errors": [],
        "assumed": [],
    });
    assert_eq!((run.code, json(&run), run.err.as_str()), (1, expected, ""));
}
