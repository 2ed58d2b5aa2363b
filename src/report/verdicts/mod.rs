//! Verdicts on manifests, told to people and to the programs that gate their changes.
//!
//! All formats tell the same: every violation with its object and line, everything that could not
//! be read or judged, and what was assumed. What could not be judged is never told as a pass.

mod annotations;
mod json;
mod junit;
mod sarif;
mod text;

use crate::check::{Findings, Manifest};
use crate::diagnostic::Diagnostic;
use crate::document::Action;
use crate::object::{self, Object};
use crate::text::{Place, SourceId, Sources};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What came of judging manifests.
#[derive(Debug)]
pub struct Checked<'a> {
    pub sources: &'a Sources,
    pub manifests: &'a [Manifest],
    pub findings: &'a Findings,
    /// What could not be read or judged, apart from single objects.
    pub problems: Vec<Problem>,
    /// How many rules judged.
    pub rules: usize,
    /// Whose they are: `prod-eu-1`, `14 clusters`; empty where no cluster was asked about.
    pub whose: String,
    /// Only where a terminal reads it.
    pub colour: bool,
}

/// Something that could not be read or judged.
#[derive(Debug)]
pub struct Problem {
    /// The file it lies in.
    pub file: String,
    /// The policy, where it is one that cannot be judged by.
    pub policy: Option<String>,
    pub diagnostic: Diagnostic,
}

/// A way to tell it.
#[derive(Clone, Copy, Debug)]
pub struct CheckFormat {
    /// What `--format` calls it.
    pub id: &'static str,
    pub write: fn(&Checked<'_>) -> String,
}

/// Every format; the first is the default.
pub const CHECK_FORMATS: &[CheckFormat] = &[
    CheckFormat { id: "text", write: text::write },
    CheckFormat { id: "json", write: json::write },
    CheckFormat { id: "sarif", write: sarif::write },
    CheckFormat { id: "junit", write: junit::write },
    CheckFormat { id: "annotations", write: annotations::write },
];

impl Checked<'_> {
    fn file(&self, manifest: &Manifest) -> &str {
        &self.sources.get(manifest.source).path
    }
}

/// Group, kind and name of an object, for programs.
fn identity(object: &Object) -> Value {
    json!({
        "apiVersion": object::text(object, &["apiVersion"]),
        "kind": object::kind(object),
        "namespace": object::namespace(object),
        "name": object::name(object),
    })
}

/// One thing that was found, in terms that every format for programs understands.
#[derive(Debug)]
struct Told {
    file: String,
    /// Line and column, counted from 1, of what is pointed at.
    start: Option<(usize, usize)>,
    /// Where it ends; the column is the one after.
    end: Option<(usize, usize)>,
    /// The control, or the code of a complaint.
    rule: String,
    /// `None`: it could not be read or judged.
    action: Option<Action>,
    message: String,
    fix: String,
    /// `Deployment shop/web`; empty for what is no object.
    object: String,
}

/// What could not be read or judged, then every violation.
fn told(checked: &Checked<'_>, lines: &mut Lines<'_>) -> Vec<Told> {
    let mut all = vec![];
    for one in &checked.problems {
        let place = one.diagnostic.places.first();
        all.push(Told {
            file: one.file.clone(),
            start: place.map(|(place, _)| lines.at(*place)),
            end: None,
            rule: one.policy.clone().unwrap_or_else(|| one.diagnostic.code.to_string()),
            action: None,
            message: message(&one.diagnostic),
            fix: one.diagnostic.helps(),
            object: String::new(),
        });
    }
    for one in &checked.findings.unjudged {
        let manifest = &checked.manifests[one.manifest];
        all.push(Told {
            file: checked.file(manifest).to_owned(),
            start: Some(lines.at(manifest.place())),
            end: None,
            rule: one.about.control.clone(),
            action: None,
            message: format!("it cannot be judged: {}", one.why),
            fix: String::new(),
            object: manifest.title(),
        });
    }
    for one in &checked.findings.violations {
        let manifest = &checked.manifests[one.manifest];
        let place = one.places.first().map_or_else(|| manifest.place(), |(place, _)| *place);
        let place = checked.sources.first_line(place);
        all.push(Told {
            file: checked.file(manifest).to_owned(),
            start: Some(lines.at(place)),
            end: Some(lines.at(Place { start: place.end, ..place })),
            rule: one.about.control.clone(),
            action: Some(one.action),
            message: match one.assumed {
                false => one.message.clone(),
                true => {
                    format!("{} (assumed: the labels of its namespace are not known)", one.message)
                }
            },
            fix: one.about.fix.split_whitespace().collect::<Vec<_>>().join(" "),
            object: manifest.title(),
        });
    }
    all
}

/// A complaint in one sentence: what is wrong, and the words at its place.
fn message(diagnostic: &Diagnostic) -> String {
    let detail = diagnostic.places.first().map_or("", |(_, label)| label.as_str());
    match detail {
        "" => diagnostic.message.clone(),
        detail => format!("{}: {detail}", diagnostic.message),
    }
}

/// Lines and columns, found without reading a text anew for each place in it.
struct Lines<'a> {
    sources: &'a Sources,
    starts: BTreeMap<SourceId, Vec<usize>>,
}

impl<'a> Lines<'a> {
    fn new(sources: &'a Sources) -> Lines<'a> {
        Lines { sources, starts: BTreeMap::new() }
    }

    /// Both counted from 1; columns count characters.
    fn at(&mut self, place: Place) -> (usize, usize) {
        let text = &self.sources.get(place.source).text;
        let starts = self.starts.entry(place.source).or_insert_with(|| {
            let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
        });
        let offset = (place.start as usize).min(text.len());
        let line = starts.partition_point(|start| *start <= offset);
        let before = text.get(starts[line - 1]..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }
}
