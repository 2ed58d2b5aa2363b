//! From source texts to documents: kind, schema, typed value; every complaint at once.

use super::*;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::schema;
use crate::text::{SourceId, Sources, nearest};
use crate::yaml;
use rayon::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Ids that are known to the program and not to this module: they fill the published enums.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub engines: Vec<String>,
    pub tools: Vec<String>,
    pub forges: Vec<String>,
    pub providers: Vec<String>,
}

/// A document on paper: what every kind shares.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Envelope<T> {
    #[allow(dead_code, reason = "the schema has judged it")]
    api_version: String,
    #[allow(dead_code, reason = "the schema has judged it")]
    kind: String,
    metadata: Option<Metadata>,
    spec: T,
}

/// The JSON Schema of every kind.
pub struct Schemas {
    by_kind: BTreeMap<&'static str, Value>,
}

impl Schemas {
    pub fn new(known: &Known) -> Schemas {
        fn of<T: JsonSchema>() -> Value {
            schemars::schema_for!(Envelope<T>).to_value()
        }
        let mut by_kind = BTreeMap::from([
            ("Fleet", of::<Fleet>()),
            ("Intent", of::<Intent>()),
            ("Exemption", of::<Exemption>()),
            ("Advisory", of::<Advisory>()),
            ("Cluster", of::<Cluster>()),
            ("Control", of::<Control>()),
            ("Cases", of::<Cases>()),
            ("Framework", of::<Framework>()),
            ("Provider", of::<Provider>()),
            ("Quirk", of::<Quirk>()),
        ]);
        for (kind, schema) in &mut by_kind {
            schema["title"] = json!(kind);
            schema["properties"]["apiVersion"] = json!({"const": API_VERSION});
            schema["properties"]["kind"] = json!({"const": kind});
            if *kind == "Cases" {
                schema["properties"].as_object_mut().expect("a map").remove("metadata");
            } else {
                schema["properties"]["metadata"] = json!({"$ref": "#/$defs/Metadata"});
                schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
            }
            fill(schema, known);
        }
        Schemas { by_kind }
    }

    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.by_kind.keys().copied()
    }

    pub fn get(&self, kind: &str) -> Option<&Value> {
        self.by_kind.get(kind)
    }
}

/// Replaces `x-ids: engines` by the enum of known engines, and so on. A whole number is given the
/// bound of its type, since validators do not know what `uint32` means.
fn fill(schema: &mut Value, known: &Known) {
    match schema {
        Value::Object(map) => {
            if let Some(ids) = map.remove("x-ids") {
                let ids = match ids.as_str() {
                    Some("engines") => &known.engines,
                    Some("tools") => &known.tools,
                    Some("forges") => &known.forges,
                    _ => &known.providers,
                };
                if !ids.is_empty() {
                    map.insert("enum".into(), json!(ids));
                }
            }
            if map.get("format").and_then(Value::as_str) == Some("uint32") {
                map.insert("maximum".into(), json!(u32::MAX));
            }
            map.values_mut().for_each(|value| fill(value, known));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, known)),
        _ => {}
    }
}

/// Everything that was read, by kind, in the order of the sources.
#[derive(Default, Debug)]
pub struct Read {
    pub fleets: Vec<Document<Fleet>>,
    pub intents: Vec<Document<Intent>>,
    pub exemptions: Vec<Document<Exemption>>,
    pub advisories: Vec<Document<Advisory>>,
    pub clusters: Vec<Document<Cluster>>,
    pub controls: Vec<Document<Control>>,
    pub cases: Vec<Document<Cases>>,
    pub frameworks: Vec<Document<Framework>>,
    pub providers: Vec<Document<Provider>>,
    pub quirks: Vec<Document<Quirk>>,
    /// What is there and could not be read: nobody is told that it is missing.
    pub broken: Broken,
}

/// Reads documents, knowing every kind's schema.
pub struct Reader {
    schemas: Schemas,
}

enum Parsed {
    Fleet(Document<Fleet>),
    Intent(Document<Intent>),
    Exemption(Document<Exemption>),
    Advisory(Document<Advisory>),
    Cluster(Document<Cluster>),
    Control(Document<Control>),
    Cases(Document<Cases>),
    Framework(Document<Framework>),
    Provider(Document<Provider>),
    Quirk(Document<Quirk>),
}

impl Reader {
    pub fn new(known: &Known) -> Reader {
        Reader { schemas: Schemas::new(known) }
    }

    /// Reads the given sources; what is wrong with one document does not hide the others.
    pub fn read(&self, sources: &Sources, ids: &[SourceId], diagnostics: &mut Diagnostics) -> Read {
        let parsed: Vec<(Vec<Parsed>, Vec<Diagnostic>, Broken)> =
            ids.par_iter().map(|id| self.source(sources, *id)).collect();
        let mut read = Read::default();
        for (documents, found, broken) in parsed {
            diagnostics.extend(found);
            read.broken.extend(broken);
            for document in documents {
                match document {
                    Parsed::Fleet(document) => read.fleets.push(document),
                    Parsed::Intent(document) => read.intents.push(document),
                    Parsed::Exemption(document) => read.exemptions.push(document),
                    Parsed::Advisory(document) => read.advisories.push(document),
                    Parsed::Cluster(document) => read.clusters.push(document),
                    Parsed::Control(document) => read.controls.push(document),
                    Parsed::Cases(document) => read.cases.push(document),
                    Parsed::Framework(document) => read.frameworks.push(document),
                    Parsed::Provider(document) => read.providers.push(document),
                    Parsed::Quirk(document) => read.quirks.push(document),
                }
            }
        }
        diagnostics.extend(duplicates("Fleet", &read.fleets));
        diagnostics.extend(duplicates("Intent", &read.intents));
        diagnostics.extend(duplicates("Exemption", &read.exemptions));
        diagnostics.extend(duplicates("Advisory", &read.advisories));
        diagnostics.extend(duplicates("Cluster", &read.clusters));
        diagnostics.extend(duplicates("Control", &read.controls));
        read
    }

    /// The kinds a repository can have; the others are parts of the program.
    fn kinds(&self) -> Vec<&'static str> {
        self.schemas.kinds().filter(|kind| !["Provider", "Quirk"].contains(kind)).collect()
    }

    fn source(&self, sources: &Sources, id: SourceId) -> (Vec<Parsed>, Vec<Diagnostic>, Broken) {
        let mut broken = Broken::default();
        let nodes = match yaml::read(sources, id) {
            Ok(nodes) => nodes,
            Err(found) => {
                broken.file = true;
                return (vec![], found, broken);
            }
        };
        let mut documents = vec![];
        let mut found = vec![];
        for node in nodes {
            let kind = node.get("kind").cloned();
            let name = node.get("metadata").and_then(|metadata| metadata.get("name")).cloned();
            match self.document(sources, node) {
                Ok(document) => documents.push(document),
                Err(problems) => {
                    broken.add(kind.as_ref(), name.as_ref());
                    found.extend(problems);
                }
            }
        }
        (documents, found, broken)
    }

    fn document(&self, sources: &Sources, node: Node) -> Result<Parsed, Vec<Diagnostic>> {
        let Some(kind) = node.get("kind") else {
            let message = "this document does not say what kind it is";
            return Err(vec![
                Diagnostic::error("missing-field", message)
                    .at(crate::text::Place { end: node.place.start, ..node.place }, "needs `kind`")
                    .help(format!("`kind` is one of {}", self.kinds().join(", "))),
            ]);
        };
        let written = kind.text().unwrap_or_default().to_owned();
        let Some(schema) = self.schemas.get(&written) else {
            let mut said =
                Diagnostic::error("unknown-kind", format!("there is no kind `{written}`"))
                    .at(kind.place, "unknown kind");
            if let Some(near) = nearest(&written, self.kinds()) {
                said = said.help(format!("did you mean `{near}`?"));
            }
            return Err(vec![said.help(format!("kinds are {}", self.kinds().join(", ")))]);
        };
        let problems = schema::check(schema, schema, &node, sources);
        if !problems.is_empty() {
            return Err(problems);
        }
        match written.as_str() {
            "Fleet" => finish(node, true).map(Parsed::Fleet),
            "Intent" => finish(node, true).map(Parsed::Intent),
            "Exemption" => finish(node, false).map(Parsed::Exemption),
            "Advisory" => finish(node, false).map(Parsed::Advisory),
            "Cluster" => finish(node, false).map(Parsed::Cluster),
            "Control" => finish(node, true).map(Parsed::Control),
            "Cases" => finish(node, true).map(Parsed::Cases),
            "Framework" => finish(node, true).map(Parsed::Framework),
            "Provider" => finish(node, false).map(Parsed::Provider),
            _ => finish(node, false).map(Parsed::Quirk),
        }
    }
}

/// The typed document; its tree is kept where complaints still need places inside it.
fn finish<T: DeserializeOwned>(node: Node, keep: bool) -> Result<Document<T>, Vec<Diagnostic>> {
    let place = node.place;
    let envelope: Envelope<T> = yaml::typed(&node).map_err(|error| {
        let message = format!("this passed its schema and still cannot be read: {error}");
        let help = "this is a defect of Ordinance; please report it with the document";
        vec![Diagnostic::error("internal", message).at(place, "this document").help(help)]
    })?;
    let (name, labels) = match envelope.metadata {
        Some(metadata) => (metadata.name, metadata.labels),
        None => (Spanned { value: String::new(), place }, BTreeMap::new()),
    };
    let node = if keep { node } else { Node { place, value: yaml::Value::Null } };
    Ok(Document { name, labels, spec: envelope.spec, node })
}

/// Two documents of one kind and name.
fn duplicates<T>(kind: &str, documents: &[Document<T>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<&str, Place> = BTreeMap::new();
    let mut found = vec![];
    for document in documents {
        let name = document.name.value.as_str();
        if let Some(earlier) = first.get(name) {
            found.push(
                Diagnostic::error(
                    "duplicate-name",
                    format!("there are two {kind}s named `{name}`"),
                )
                .at(document.place(), "the same name again")
                .at(*earlier, "first used here")
                .help("rename one of them"),
            );
        } else {
            first.insert(name, document.place());
        }
    }
    found
}
