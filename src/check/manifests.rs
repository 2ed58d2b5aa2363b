//! Manifests: what is to be judged, object by object, each with its place.
//!
//! A file is YAML or JSON with any number of documents; a `List` stands for its items. What cannot
//! be read is a complaint about that file or document and about nothing else.

use crate::diagnostic::Diagnostic;
use crate::object::{self, Object};
use crate::text::{Place, SourceId, Sources};
use crate::yaml::{self, Node, Value};
use rayon::prelude::*;

/// One object of a manifest.
#[derive(Clone, Debug)]
pub struct Manifest {
    pub source: SourceId,
    /// Which document of its file, counted from 1; empty ones do not count.
    pub document: usize,
    pub node: Node,
    pub object: Object,
}

impl Manifest {
    /// The line that says what it is: its `kind`.
    pub fn place(&self) -> Place {
        let kind = match &self.node.value {
            Value::Map(entries) => entries.iter().find(|((key, _), _)| key == "kind"),
            _ => None,
        };
        kind.map_or(self.node.place, |((_, key), value)| Place { end: value.place.end, ..*key })
    }

    /// `Deployment shop/web`.
    pub fn title(&self) -> String {
        title(&self.object)
    }
}

/// Kind, namespace and name in words.
pub fn title(object: &Object) -> String {
    let (kind, mut name) = (object::kind(object), object::name(object).to_owned());
    if name.is_empty() {
        name = object::text(object, &["metadata", "generateName"]).to_owned();
        name.push('*');
    }
    match object::namespace(object) {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    }
}

/// What is to be judged, and what could not be read.
#[derive(Debug, Default)]
pub struct Manifests {
    pub list: Vec<Manifest>,
    /// Of one file each.
    pub problems: Vec<Diagnostic>,
}

/// Reads all objects of these sources, in their order.
pub fn read(sources: &Sources, ids: &[SourceId]) -> Manifests {
    let files: Vec<Manifests> = ids.par_iter().map(|id| file(sources, *id)).collect();
    let mut all = Manifests::default();
    for file in files {
        all.list.extend(file.list);
        all.problems.extend(file.problems);
    }
    all
}

fn file(sources: &Sources, source: SourceId) -> Manifests {
    let mut found = Manifests::default();
    match yaml::read(sources, source) {
        Err(problems) => found.problems = problems,
        Ok(documents) => {
            for (index, node) in documents.into_iter().enumerate() {
                document(node, source, index + 1, &mut found);
            }
        }
    }
    found
}

fn document(node: Node, source: SourceId, document: usize, found: &mut Manifests) {
    let text = |field| node.get(field).and_then(Node::text).unwrap_or_default();
    let (version, kind) = (text("apiVersion"), text("kind"));
    if version.is_empty() || kind.is_empty() {
        let missing = if version.is_empty() { "apiVersion" } else { "kind" };
        let problem = Diagnostic::error("no-object", "this document is no Kubernetes object")
            .at(node.place, format!("has no `{missing}`"))
            .help("leave the file out, or check what was rendered from it");
        found.problems.push(problem);
        return;
    }
    if !object::is_version(version) {
        let message = format!("`{version}` is no version of an API");
        let place = node.get("apiVersion").map_or(node.place, |node| node.place);
        let problem = Diagnostic::error("no-object", message)
            .at(place, "neither `VERSION` nor `GROUP/VERSION`");
        found.problems.push(problem);
        return;
    }
    match (object::is_list(kind), node.get("items").map(|items| &items.value)) {
        (true, Some(Value::List(items))) => {
            for item in items {
                self::document(item.clone(), source, document, found);
            }
        }
        (true, Some(Value::Null) | None) if kind == "List" => {}
        _ => {
            let object = node.to_json();
            found.list.push(Manifest { source, document, node, object });
        }
    }
}
