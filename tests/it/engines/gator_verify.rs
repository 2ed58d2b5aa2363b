//! `gator verify`: one object or AdmissionReview at a time, as admission sees it.
//!
//! It knows no namespaces, so the constraints it is given lose their namespace selector, which
//! `gator test` proves. Every case is said to have no violation: what it complains of is the
//! denial, message and all.

use super::case_files::Case;
use super::gator::{Denials, Gator};
use super::objects::{text, write};
use super::verdict::untroubled;
use serde_json::{Value, json};
use std::path::Path;

const COMPLAINT: &str = "unexpected number of violations: got 1 violations but want exactly 0: \
                         got messages [";

pub fn run(
    gator: &Gator,
    cases: &[(usize, &Case)],
    policies: &[Value],
    work: &Path,
) -> Result<Denials, String> {
    let (templates, constraints): (Vec<&Value>, Vec<&Value>) =
        policies.iter().partition(|object| text(object, "/kind") == "ConstraintTemplate");
    let [template] = templates[..] else {
        return Err(format!("there are {} templates, not one", templates.len()));
    };
    write(&work.join("template.yaml"), [template]);
    let listed: Vec<Value> = cases
        .iter()
        .map(|(index, case)| {
            let file = format!("case-{index}.yaml");
            write(&work.join(&file), [&asked(case)]);
            let none = json!([{"violations": 0}]);
            json!({"name": format!("case-{index}"), "object": file, "assertions": none})
        })
        .collect();
    let tests: Vec<Value> = constraints
        .iter()
        .enumerate()
        .map(|(index, constraint)| {
            let file = format!("constraint-{index}.yaml");
            write(&work.join(&file), [&without_namespaces(constraint)]);
            json!({"name": file, "template": "template.yaml", "constraint": file, "cases": listed})
        })
        .collect();
    let suite = json!({
        "apiVersion": "test.gatekeeper.sh/v1alpha1",
        "kind": "Suite",
        "metadata": {"name": "cases"},
        "tests": tests,
    });
    write(&work.join("suite.yaml"), [&suite]);
    let finished = gator.tools.run(gator.binary, work, &["verify", "-v", "suite.yaml"]);
    let stderr = finished.stderr.trim();
    if !["", "Error: FAIL"].contains(&stderr) {
        return Err(format!("gator verify complained: {stderr}"));
    }
    let asked = cases.len() * constraints.len();
    read(&finished.stdout, asked).map_err(|why| format!("{why}\n{}", finished.stdout))
}

/// Reads what was printed: a line for each case, and below a failed one why it failed.
fn read(printed: &str, asked: usize) -> Result<Denials, String> {
    let mut denials = Denials::new();
    let mut failed: Option<usize> = None;
    let mut answered = 0;
    for line in printed.lines() {
        let trimmed = line.trim();
        if let Some((verdict, index)) = case_line(trimmed) {
            answered += 1;
            failed = (verdict == "FAIL").then_some(index);
        } else if let Some(index) = failed.take() {
            let message = trimmed
                .strip_prefix(COMPLAINT)
                .and_then(|rest| rest.strip_suffix(']'))
                .ok_or_else(|| format!("gator verify had trouble: {trimmed}"))?;
            denials.entry(index).or_default().push(untroubled(message)?);
        }
    }
    match answered == asked {
        true => Ok(denials),
        false => Err(format!("gator verify answered {answered} times, was asked {asked} times")),
    }
}

/// `--- PASS: case-3 (0.02s)`.
fn case_line(line: &str) -> Option<(&str, usize)> {
    let (verdict, rest) = line.strip_prefix("--- ")?.split_once(": case-")?;
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((verdict, number.parse().ok()?))
}

fn without_namespaces(constraint: &Value) -> Value {
    let mut constraint = constraint.clone();
    if let Some(matching) = constraint.pointer_mut("/spec/match").and_then(Value::as_object_mut) {
        matching.remove("namespaceSelector");
    }
    constraint
}

/// The object itself, or the review of its update, or of whatever somebody in particular asks.
fn asked(case: &Case) -> Value {
    if !case.update && case.groups.is_empty() {
        return case.object.clone();
    }
    let (kind, resource) = case.asks_for();
    let mut request = json!({
        "uid": "0",
        "kind": kind,
        "resource": resource,
        "name": text(&case.object, "/metadata/name"),
        "operation": if case.update { "UPDATE" } else { "CREATE" },
        "userInfo": {"username": "someone", "groups": case.groups},
        "object": case.object,
        "oldObject": case.old,
        "dryRun": false,
        "options": null,
    });
    if case.in_namespace() {
        request["namespace"] = case.object["metadata"]["namespace"].clone();
    }
    if !case.subresource.is_empty() {
        request["subResource"] = json!(case.subresource);
    }
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
}
