//! Verdicts as SARIF 2.1.0, which code scanning reads.
//!
//! A rule of SARIF is a control here, with its help; a result has the line of the first offender
//! that can be found and, as a logical location, the object. What could not be read or judged is
//! a notification of the run, which then was not successful.

use super::{Checked, Lines, Told, told};
use crate::document::Action;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

pub fn write(checked: &Checked<'_>) -> String {
    let mut lines = Lines::new(checked.sources);
    let told = told(checked, &mut lines);
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for one in &checked.findings.violations {
        let about = &one.about;
        rules.entry(&about.control).or_insert_with(|| {
            let full = if about.why.is_empty() { &about.title } else { &about.why };
            let fix = if about.fix.is_empty() { full } else { &about.fix };
            let told = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            json!({
                "id": about.control,
                "shortDescription": {"text": or(told(&about.title), &about.control)},
                "fullDescription": {"text": or(told(full), &about.control)},
                "help": {"text": or(told(fix), &about.control)},
            })
        });
    }
    let places: BTreeMap<&str, usize> =
        rules.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    let (results, failures): (Vec<&Told>, Vec<&Told>) =
        told.iter().partition(|one| one.action.is_some());
    let results: Vec<Value> = results.into_iter().map(|one| result(one, &places)).collect();
    let notifications: Vec<Value> = failures
        .iter()
        .map(|one| {
            json!({
                "level": "error",
                "message": {"text": one.message},
                "locations": [location(one)],
            })
        })
        .collect();
    let report = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Ordinance",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.values().collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": notifications.is_empty(),
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    let text = serde_json::to_string_pretty(&report).expect("JSON can be written");
    format!("{text}\n")
}

/// A text may not be empty.
fn or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}

fn result(one: &Told, places: &BTreeMap<&str, usize>) -> Value {
    let level = match one.action {
        Some(Action::Deny) | None => "error",
        Some(Action::Warn) => "warning",
        Some(Action::Audit) => "note",
    };
    json!({
        "ruleId": one.rule,
        "ruleIndex": places.get(one.rule.as_str()),
        "level": level,
        "message": {"text": format!("{}: {}", one.object, one.message)},
        "locations": [location(one)],
    })
}

fn location(one: &Told) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&one.file)}});
    if let Some((line, column)) = one.start {
        let mut region = json!({"startLine": line, "startColumn": column});
        if let Some((end, after)) = one.end {
            region["endLine"] = json!(end);
            region["endColumn"] = json!(after);
        }
        physical["region"] = region;
    }
    let mut location = json!({"physicalLocation": physical});
    if !one.object.is_empty() {
        location["logicalLocations"] = json!([{"fullyQualifiedName": one.object}]);
    }
    location
}

/// A path as a URI reference, an absolute one as a URI of a file: what has a meaning there, or may
/// not stand there, is escaped. A reference may not begin with a slash
/// (SARIF1004 of the validator).
fn uri(path: &str) -> String {
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(super::uri("./a b/ü#1.yaml"), "a%20b/%C3%BC%231.yaml");
        assert_eq!(super::uri("<stdin>"), "%3Cstdin%3E");
        assert_eq!(super::uri("/a/b c.yaml"), "file:///a/b%20c.yaml");
    }
}
