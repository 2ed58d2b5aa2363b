//! `ordinance check` of what is written to do harm: each is an error of its own, in plain text.

use crate::check_policies::{check, native, object};
use crate::support::binary::ordinance;
use serde_json::{Value, json};
use std::fs;

fn pod() -> Vec<Value> {
    vec![object("v1", "Pod", "shop", "bare")]
}

fn validated(expression: &str) -> Vec<Value> {
    let constraints = json!({"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["pods"]}]});
    let validations = json!([{"expression": expression, "message": "no"}]);
    native(&json!({"matchConstraints": constraints, "validations": validations}), &json!({}))
}

#[test]
fn an_expression_that_nests_too_deeply_is_a_flaw_of_its_policy() {
    let sum = |terms: usize| format!("{} > 0", vec!["1"; terms].join(" + "));
    let selected = |fields: usize| format!("object{} == null", ".?a".repeat(fields));
    assert_eq!(check(&validated(&sum(400)), &pod(), &[]), (0, vec![], vec![]));
    for text in [sum(2_000), sum(20_000), selected(8_000), selected(30_000)] {
        let (code, violations, errors) = check(&validated(&text), &pod(), &[]);
        assert_eq!((code, violations.len(), errors.len()), (2, 0, 1), "{errors:?}");
        assert!(errors[0].contains("nests deeper than 500 levels"), "{errors:?}");
    }
    let (code, _, errors) = check(&validated(&sum(50_000)), &pod(), &[]);
    assert_eq!((code, errors.len()), (2, 1), "{errors:?}");
    assert!(errors[0].contains("longer than 100000 characters"), "{errors:?}");
}

#[test]
fn what_an_operator_cannot_do_is_said_without_the_values() {
    let (_, violations, _) = check(&validated("object.metadata + object.spec == 1"), &pod(), &[]);
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert!(violations[0].contains("no such overload"), "{violations:?}");
    assert!(!violations[0].contains("Map("), "{violations:?}");
}

#[test]
fn nothing_in_a_manifest_ends_a_line_or_commands_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut pod = object("v1", "Pod", "shop\n::error::x", "a\u{1b}[31mb\n::set-output name=x::y");
    pod["spec"]["containers"][0]["name"] = json!("c\u{2}\n%0A");
    pod["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
    let policy = validated("!object.spec.containers.exists(c, c.name != '')");
    let mut said = policy.clone();
    said[0]["spec"]["validations"][0]["message"] = json!("no\n::error::\u{1b}[31mz");
    let list = |items: &[Value]| json!({"apiVersion": "v1", "kind": "List", "items": items});
    fs::write(folder.path().join("pod.json"), list(&[pod]).to_string()).expect("a file");
    fs::write(folder.path().join("rule.json"), list(&said).to_string()).expect("a file");
    for format in ["text", "annotations", "junit"] {
        let words = ["check", "--policies", "rule.json", "--format", format, "pod.json"];
        let run = ordinance(folder.path(), &words);
        assert_eq!(run.code, 1, "{}", run.err);
        let obeyed = |c: char| c.is_control() && c != '\n';
        assert!(!run.out.contains(obeyed), "{format}: {:?}", run.out);
        let commands = run.out.lines().filter(|line| line.trim_start().starts_with("::"));
        assert_eq!(commands.count(), usize::from(format == "annotations"), "{}", run.out);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_told_wherever_it_stands() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().expect("a folder");
    let name = std::ffi::OsStr::from_bytes(b"web\xff.yaml");
    fs::write(folder.path().join(name), "").expect("a file");
    fs::write(folder.path().join("pod.json"), pod()[0].to_string()).expect("a file");
    let words = ["check", "--control", "disallow-privileged-containers", "."];
    let run = ordinance(folder.path(), &words);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains("its name is not UTF-8"), "{}", run.out);
}

#[test]
fn a_control_of_ones_own_that_does_not_compile_is_wrong_input() {
    let folder = tempfile::tempdir().expect("a folder");
    let control = "apiVersion: ordinance.dev/v1\nkind: Control\nmetadata: {name: good-names}\n\
        spec:\n  title: T\n  severity: low\n  why: W\n  fix: F\n  subject: workload\n  \
        rules:\n  - name: names\n    offenders: \"variables.nowhere\"\n    message: \"bad: {offenders}\"\n";
    let home = folder.path().join("templates/controls/good-names");
    fs::create_dir_all(&home).expect("a folder");
    fs::write(home.join("control.yaml"), control).expect("a file");
    fs::write(folder.path().join("pod.json"), pod()[0].to_string()).expect("a file");
    let run = ordinance(folder.path(), &["check", "--control", "good-names", "pod.json"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let said = "error[bad-expression]: there is no `variables.nowhere` here";
    assert!(run.err.contains(said), "{}{}", run.out, run.err);
}
