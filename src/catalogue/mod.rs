//! What can be demanded: controls with their cases, frameworks, providers and engine quirks.
//!
//! The built-in part is embedded in the program; a repository adds controls and frameworks of its
//! own in the same format. Nothing here knows an intent, a cluster or an engine.

mod check;
mod definition;
mod following;
mod framework;
mod manifests;
mod networks;
mod parameters;
mod picking;
mod provided;
mod quantities;
mod removed;
mod strictness;
mod values;

pub use check::FOLLOWED;
pub use definition::{Definition, NEXT, Template, is_derived, shown_default};
pub use framework::{Coverage, Span};
pub use manifests::refused as refused_template;
pub use networks::KnownNetwork;
pub use parameters::check_parameters;
pub use picking::Pick;
pub use provided::{NETWORK_POLICIES, Provided, provided};
pub use removed::{RemovedApi, removed_apis};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cases, Control, Document, Framework, Provider, Quirk, Read, Reader};
use crate::text::{SourceId, Sources, Spanned};
use crate::version::Version;
use crate::yaml::{Node, Value};
use include_dir::{Dir, include_dir};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The version of the embedded catalogue: that of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything that can be demanded, and what is known of platforms.
#[derive(Debug, Default)]
pub struct Catalogue {
    pub controls: BTreeMap<String, Arc<Definition>>,
    /// By name, then in the order of their versions.
    pub frameworks: BTreeMap<String, Vec<Document<Framework>>>,
    pub providers: BTreeMap<String, Document<Provider>>,
    pub quirks: Vec<Document<Quirk>>,
}

/// How much of the built-in catalogue is read and checked: its cases are most of it, and only those
/// who prove or count them need them. They also check its expressions, which are then known to be
/// right. What a repository adds is always read and checked whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    WithCases,
    WithoutCases,
}

impl Extent {
    fn holds(self, path: &str) -> bool {
        self == Extent::WithCases || !path.contains("/cases/")
    }
}

/// Path and text of everything that is embedded, sorted by path. The folder is walked once.
static EMBEDDED: LazyLock<Vec<(String, &'static str)>> = LazyLock::new(|| {
    fn walk(folder: &'static Dir<'static>, found: &mut Vec<(String, &'static str)>) {
        for file in folder.files() {
            let path = format!("templates/{}", file.path().display());
            found.extend(file.contents_utf8().map(|text| (path, text)));
        }
        folder.dirs().for_each(|inner| walk(inner, found));
    }
    let mut found = vec![];
    walk(&BUILT_IN, &mut found);
    found.sort();
    found
});

fn embedded_files() -> impl Iterator<Item = (&'static str, &'static str)> {
    EMBEDDED.iter().map(|(path, text)| (path.as_str(), *text))
}

/// The folders of the catalogue: what a repository may have too, and what is known of platforms.
const FOLDERS: [&str; 4] =
    ["templates/controls/", "templates/frameworks/", "templates/providers/", "templates/quirks/"];

/// The embedded documents.
pub fn built_in() -> impl Iterator<Item = (&'static str, &'static str)> {
    catalogue_files(".yaml")
}

/// The embedded templates of manifests.
pub fn built_in_templates() -> impl Iterator<Item = (&'static str, &'static str)> {
    catalogue_files(TEMPLATE)
}

const IDLE: [&str; 3] = ["templates/scaffold/", "templates/kubernetes/", "templates/provided/"];

/// Whatever of the embedded files decides what is rendered: not the cases, which only prove it,
/// nor what a new repository begins with, nor what only an upgrade is judged by or only told.
pub fn decisive() -> impl Iterator<Item = (&'static str, &'static str)> {
    embedded_files().filter(|(path, _)| {
        !path.contains("/cases/") && !IDLE.iter().any(|one| path.starts_with(one))
    })
}

/// How the name of a manifest's template ends.
pub const TEMPLATE: &str = ".j2";

fn catalogue_files(end: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    embedded_files().filter(move |(path, _)| {
        path.ends_with(end) && FOLDERS.iter().any(|folder| path.starts_with(folder))
    })
}

/// The embedded files below a folder of `templates/`, with paths relative to it, in their order.
pub fn embedded_below(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    embedded_files().filter_map(move |(path, text)| {
        let below = path.strip_prefix("templates/")?.strip_prefix(folder)?.strip_prefix('/')?;
        Some((below, text))
    })
}

/// The names of the embedded providers, for the published schemas.
pub fn provider_names() -> Vec<String> {
    let paths = built_in().filter_map(|(path, _)| {
        Some(path.strip_prefix("templates/providers/")?.strip_suffix(".yaml")?.to_owned())
    });
    paths.collect()
}

impl Catalogue {
    /// The built-in catalogue together with what a repository adds.
    ///
    /// `templates` are the sources of the repository's own templates.
    pub fn load(
        sources: &mut Sources,
        reader: &Reader,
        extent: Extent,
        (own, mut templates): (Read, Vec<SourceId>),
        diagnostics: &mut Diagnostics,
    ) -> Catalogue {
        let built_in_templates = built_in_templates();
        templates.extend(built_in_templates.map(|(path, text)| sources.add_built_in(path, text)));
        let wanted = built_in().filter(|(path, _)| extent.holds(path));
        let ids: Vec<SourceId> =
            wanted.map(|(path, text)| sources.add_built_in(path, text)).collect();
        let mut read = reader.read(sources, &ids, diagnostics);
        read.controls.extend(own.controls);
        read.cases.extend(own.cases);
        read.frameworks.extend(own.frameworks);
        read.broken = own.broken;
        Catalogue::assemble(read, extent, &templates, sources, diagnostics)
    }

    fn assemble(
        read: Read,
        extent: Extent,
        templates: &[SourceId],
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Catalogue {
        let mut catalogue = Catalogue { quirks: read.quirks, ..Catalogue::default() };
        let mut cases: BTreeMap<String, Vec<Document<Cases>>> = BTreeMap::new();
        for document in read.cases {
            cases.entry(document.spec.control.value.clone()).or_default().push(document);
        }
        for document in read.controls {
            let name = document.name.value.clone();
            let subject = match document.spec.subject() {
                Ok(subject) => subject,
                Err(why) => {
                    let message = format!("the subject of control `{name}` cannot be read");
                    diagnostics.push(
                        Diagnostic::error("bad-value", message)
                            .at(document.spec.subject.place, why)
                            .help("it is `pod`, `workload`, or `{resources: [...]}`"),
                    );
                    cases.remove(&name);
                    continue;
                }
            };
            // Kinds are made of the name without its dashes.
            let same =
                |other: &&Arc<Definition>| other.id().replace('-', "") == name.replace('-', "");
            if let Some(other) = catalogue.controls.values().find(same) {
                let message = match other.id() == name {
                    true => format!("there are two controls named `{name}`"),
                    false => {
                        format!("controls `{}` and `{name}` differ by dashes only", other.id())
                    }
                };
                diagnostics.push(
                    Diagnostic::error("duplicate-name", message)
                        .at(document.place(), "the same name again")
                        .at(other.document.place(), "first used here")
                        .help("built-in names are taken: rename your own control"),
                );
                continue;
            }
            check_folder(&document, sources, diagnostics);
            let cases = cases.remove(&name).unwrap_or_default();
            let templates = manifests::templates(&document, templates, sources, diagnostics);
            let definition = Definition { document, subject, cases, templates };
            let built_in = sources.get(definition.document.place().source).built_in;
            if extent == Extent::WithCases || !built_in {
                check::control(&definition, sources, diagnostics);
            }
            catalogue.controls.insert(name, Arc::new(definition));
        }
        for orphan in cases.into_values().flatten() {
            let control = &orphan.spec.control;
            if !read.broken.named("Control", &control.value) {
                diagnostics.push(unknown("control", control, catalogue.controls.keys()));
            }
        }
        for document in read.frameworks {
            for recommendation in &document.spec.recommendations {
                for entry in &recommendation.controls {
                    let Some(control) = catalogue.controls.get(&entry.control.value) else {
                        let known = catalogue.controls.keys();
                        if !read.broken.named("Control", &entry.control.value) {
                            diagnostics.push(unknown("control", &entry.control, known));
                        }
                        continue;
                    };
                    let given = entry.parameters.as_ref();
                    let node = given.and_then(|given| node_at(&document.node, given.place));
                    check_parameters(control, node, sources, diagnostics);
                }
            }
            framework::check(&document, diagnostics);
            catalogue.frameworks.entry(document.name.value.clone()).or_default().push(document);
        }
        for versions in catalogue.frameworks.values_mut() {
            versions.sort_by_key(|document| document.spec.order());
        }
        following::check(&catalogue, diagnostics);
        for document in read.providers {
            catalogue.providers.insert(document.name.value.clone(), document);
        }
        catalogue
    }

    /// What an engine of this version does, as far as rendering obeys it.
    pub fn effects(&self, engine: &str, version: Version) -> BTreeSet<String> {
        let quirks = self.quirks(engine, version);
        quirks.filter_map(|document| document.spec.effect.clone()).collect()
    }

    /// The quirks of an engine of this version.
    pub fn quirks(&self, engine: &str, version: Version) -> impl Iterator<Item = &Document<Quirk>> {
        self.quirks.iter().filter(move |document| {
            document.spec.engine == engine && document.spec.versions.contains(version)
        })
    }
}

/// The id of a control is its folder's name.
fn check_folder(document: &Document<Control>, sources: &Sources, diagnostics: &mut Diagnostics) {
    let path = &sources.get(document.place().source).path;
    let folder = path.rsplit('/').nth(1).unwrap_or_default();
    if folder != document.name.value {
        let message =
            format!("control `{}` lies in a folder named `{folder}`", document.name.value);
        diagnostics.push(
            Diagnostic::error("control-folder", message)
                .at(document.place(), "must be the folder's name")
                .help(format!(
                    "move it to templates/controls/{}/control.yaml",
                    document.name.value
                )),
        );
    }
}

/// "There is no such …", with the nearest name there is.
pub fn unknown<'a>(
    what: &str,
    written: &Spanned<String>,
    known: impl Iterator<Item = &'a String>,
) -> Diagnostic {
    let code = match what {
        "control" => "unknown-control",
        "framework" => "unknown-framework",
        "intent" => "unknown-intent",
        "environment" => "unknown-environment",
        _ => "unknown-name",
    };
    let known: Vec<&str> = known.map(String::as_str).collect();
    let mut said = Diagnostic::error(code, format!("there is no {what} `{}`", written.value))
        .at(written.place, format!("unknown {what}"));
    if let Some(near) = crate::text::nearest(&written.value, known.iter().copied()) {
        said = said.help(format!("did you mean `{near}`?"));
    }
    match what {
        "control" => said.help("`ordinance controls` lists what there is"),
        _ if known.is_empty() => said,
        _ => said.help(format!("known: {}", known.join(", "))),
    }
}

/// The part of a document's tree that stands at `place`.
pub fn node_at(node: &Node, place: crate::text::Place) -> Option<&Node> {
    if node.place == place && matches!(node.value, Value::Map(_)) {
        return Some(node);
    }
    match &node.value {
        Value::Map(entries) => entries.iter().find_map(|(_, value)| node_at(value, place)),
        Value::List(items) => items.iter().find_map(|item| node_at(item, place)),
        _ => None,
    }
}
