//! Verdicts as SARIF 2.1.0, which code scanning reads.
//!
//! A rule of SARIF is a control here, with its help; a result has the line of the first offender
//! that can be found and, as a logical location, the object. What could not be read or judged is
//! a notification of the run, which then was not successful.

use super::super::scanning;
use super::{Checked, Lines, Told, told};
use crate::document::Action;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub fn write(checked: &Checked<'_>) -> String {
    let mut lines = Lines::new(checked.sources);
    let told = told(checked, &mut lines);
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for one in &checked.findings.violations {
        let about = &one.about;
        rules.entry(&about.control).or_insert_with(|| {
            let full = if about.why.is_empty() { &about.title } else { &about.why };
            let fix = if about.fix.is_empty() { full } else { &about.fix };
            scanning::rule(&about.control, &about.title, full, fix)
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
    scanning::report(&rules.into_values().collect::<Vec<_>>(), &results, &notifications)
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
    let region = one.start.map(|(line, column)| {
        let mut region = json!({"startLine": line, "startColumn": column});
        if let Some((end, after)) = one.end {
            region["endLine"] = json!(end);
            region["endColumn"] = json!(after);
        }
        region
    });
    scanning::location(&one.file, region, &one.object)
}
