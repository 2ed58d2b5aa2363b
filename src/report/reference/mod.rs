//! The catalogue as a reference: every control and every framework, for people and for programs.
//!
//! Whoever asks chooses which controls are told; the formats leave nothing of those out.

mod html;
mod json;
mod markdown;

use crate::catalogue::{Catalogue, Coverage, Definition, shown_default};
use crate::document::{Admission, Document, Framework, Recommendation, Subject};
use crate::version::Version;
use serde_json::Value;

/// The part of a catalogue that is told.
#[derive(Debug)]
pub struct Reference<'a> {
    pub catalogue: &'a Catalogue,
    pub controls: Vec<&'a Definition>,
}

/// A way to tell it.
#[derive(Clone, Copy, Debug)]
pub struct ReferenceFormat {
    /// What `--format` calls it.
    pub id: &'static str,
    pub write: fn(&Reference<'_>) -> String,
}

/// Every format beside the list for a terminal.
pub const REFERENCE_FORMATS: &[ReferenceFormat] = &[
    ReferenceFormat { id: "markdown", write: markdown::write },
    ReferenceFormat { id: "json", write: json::write },
    ReferenceFormat { id: "html", write: html::write },
];

/// A parameter of a control, as its schema says.
struct Parameter<'a> {
    name: &'a str,
    /// Without one it must be given.
    default: Option<&'a Value>,
    /// `tighter`, `looser` or `unordered`: what more of it means.
    more: &'a str,
    description: String,
    /// What it may be: a list of texts, one of some words.
    shape: String,
}

fn parameters(control: &Definition) -> impl Iterator<Item = Parameter<'_>> {
    control.parameters().map(|(name, schema)| {
        let text = |field: &str| schema.get(field).and_then(Value::as_str).unwrap_or_default();
        Parameter {
            name,
            default: shown_default(schema),
            more: text("x-more"),
            description: on_one_line(text("description")),
            shape: shape(schema),
        }
    })
}

/// A schema in few words.
fn shape(schema: &Value) -> String {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words = words.iter().map(|word| word.as_str().map_or(word.to_string(), str::to_owned));
        return words.collect::<Vec<_>>().join(" | ");
    }
    match (schema.get("type").and_then(Value::as_str), schema.get("items")) {
        (Some("array"), Some(items)) => format!("list of {}", shape(items)),
        (Some("array"), None) => "list".to_owned(),
        (Some("object"), _) => "map".to_owned(),
        (Some("string"), _) => "text".to_owned(),
        (Some("boolean"), _) => "true | false".to_owned(),
        (Some(kind), _) => kind.to_owned(),
        (None, _) => "any".to_owned(),
    }
}

/// What a control looks at, in words.
pub fn looks_at(control: &Definition) -> String {
    match &control.subject {
        Subject::Pod => "pods, and the workloads that make them".to_owned(),
        Subject::Workload => "workloads, and pods nobody else makes".to_owned(),
        Subject::Resources(resources) => {
            let mut kinds: Vec<&str> = vec![];
            for one in resources {
                if !kinds.contains(&one.kind.as_str()) {
                    kinds.push(&one.kind);
                }
            }
            kinds.join(", ")
        }
    }
}

/// A version of a framework with what it recommends; of one document for all, the newest.
fn frameworks<'a>(
    reference: &Reference<'a>,
) -> impl Iterator<Item = (&'a Document<Framework>, Vec<&'a Recommendation>)> {
    let documents = reference.catalogue.frameworks.values().flatten();
    documents.map(|one| {
        let newest = one.spec.span().map(|span| span.last);
        (one, had_in(&one.spec, newest))
    })
}

fn had_in(framework: &Framework, version: Option<Version>) -> Vec<&Recommendation> {
    framework.had_in(version).collect()
}

/// The recommendations a control is named by: framework, its version, their ids.
fn covers<'a>(
    reference: &Reference<'a>,
    control: &Definition,
) -> Vec<(&'a str, String, Vec<&'a str>)> {
    let named = |one: &&Recommendation| {
        one.controls.iter().any(|entry| entry.control.value == control.id())
    };
    let each = reference.catalogue.frameworks.values().flatten().map(|document| {
        let all = document.spec.recommendations.iter().filter(named);
        let ids: Vec<&str> = all.map(|one| one.id.value.as_str()).collect();
        (document.name.value.as_str(), document.spec.versions_in_words(), ids)
    });
    each.filter(|(_, _, ids)| !ids.is_empty()).collect()
}

/// How far a recommendation is covered, in words.
pub fn state(one: &Recommendation) -> &'static str {
    match (one.controls.is_empty(), one.admission) {
        (false, Admission::Full) => "covered",
        (false, _) => "covered in part",
        (true, Admission::None) => "not by admission",
        (true, _) => "not yet covered",
    }
}

fn counts(all: &[&Recommendation]) -> Coverage {
    Coverage::of(all.iter().copied())
}

fn cases(control: &Definition) -> usize {
    control.cases.iter().map(|cases| cases.spec.cases.len()).sum()
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
