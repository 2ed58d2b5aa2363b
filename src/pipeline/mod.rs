//! The whole of it: inputs resolve into a plan, engines compile it, the tree gives it paths.
//!
//! `load` reads and links, `render` plans and compiles; both collect every complaint before anyone
//! stops. Work is proportional to what is distinct: clusters in the same situation share a plan, a
//! compilation and a folder.

mod compiled;
mod exposed;
mod idle;
mod judged;
mod landed;
mod manifests;
mod owners;
mod posture;
mod refused;
mod render;
mod running;
mod underway;
mod updates;

pub use exposed::{Exposed, ExposedNode, exposed};
pub use judged::{ALONE, alone, namespaces, panels, usual};
pub use landed::Landed;
pub use posture::{kept as kept_posture, posture};
pub use render::{Clustered, Dates, Render, RenderRequest, Unit, render};
pub use running::Running;
pub use updates::{Update, update, updates};

use crate::catalogue::{self, Catalogue, Extent};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Known, Read, Reader};
use crate::engine::{self, Engine};
use crate::link::{self, Linked};
use crate::snapshot::{self, Snapshot};
use crate::source::Found;
use crate::sync;
use crate::text::Sources;
use std::collections::{BTreeMap, BTreeSet};

/// What a repository says, read and linked.
#[derive(Debug)]
pub struct Loaded {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    pub catalogue: Catalogue,
    pub linked: Linked,
    /// What was found in clusters, where something asks for it.
    pub snapshots: BTreeMap<String, Snapshot>,
}

impl Loaded {
    /// Whether anything here has to do with what was found in clusters.
    pub fn asks_for_snapshots(&self) -> bool {
        !self.linked.warned.is_empty()
    }

    /// Takes a file that was found below the folder of snapshots, or why it is not read, which takes
    /// nothing else with it.
    pub fn look_at(&mut self, path: &str, read: Result<Vec<u8>, String>) {
        let Some(cluster) = snapshot::cluster_of(path) else { return };
        let new = || Snapshot::new(cluster);
        self.snapshots.entry(cluster.to_owned()).or_insert_with(new).take(path, read);
    }
}

/// The ids that fill the published schemas.
pub fn known(forges: Vec<String>) -> Known {
    Known {
        engines: engine::all().iter().map(|engine| engine.id().to_owned()).collect(),
        tools: sync::all().iter().map(|tool| tool.id().to_owned()).collect(),
        forges,
        providers: catalogue::provider_names(),
    }
}

/// Reads and links everything that was found.
pub fn load(found: Found, known: &Known, extent: Extent) -> Loaded {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(found.refused.iter().map(crate::source::Refused::diagnostic));
    let built_in: BTreeMap<&str, &str> = catalogue::built_in().collect();
    let built_in_templates: BTreeSet<&str> =
        catalogue::built_in_templates().map(|(path, _)| path).collect();
    let (mut ids, mut templates) = (vec![], vec![]);
    for (path, bytes) in found.files {
        let template = path.ends_with(catalogue::TEMPLATE);
        if !(template || path.ends_with(".yaml") || path.ends_with(".yml")) {
            continue;
        }
        match String::from_utf8(bytes) {
            Ok(text) if template => {
                if !built_in_templates.contains(path.as_str()) {
                    templates.push(sources.add(path, text));
                }
            }
            // In the repository of Ordinance itself the built-in files are found once more.
            Ok(text) if built_in.get(path.as_str()).is_some_and(|known| *known == text) => {}
            Ok(text) => ids.push(sources.add(path, text)),
            Err(_) => diagnostics.push(
                Diagnostic::error("refused-file", format!("`{path}` is not read: it is not UTF-8"))
                    .help("save it as UTF-8"),
            ),
        }
    }
    let reader = Reader::new(known);
    let mut read = reader.read(&sources, &ids, &mut diagnostics);
    for (kind, place) in read
        .providers
        .iter()
        .map(|one| ("Provider", one.place()))
        .chain(read.quirks.iter().map(|one| ("Quirk", one.place())))
    {
        diagnostics.push(
            Diagnostic::error("built-in-kind", format!("a {kind} cannot be added by a repository"))
                .at(place, "is not used")
                .help("it is a part of Ordinance: propose it there, and remove it here"),
        );
    }
    let own = Read {
        controls: std::mem::take(&mut read.controls),
        cases: std::mem::take(&mut read.cases),
        frameworks: std::mem::take(&mut read.frameworks),
        broken: read.broken.clone(),
        ..Read::default()
    };
    let own = (own, templates);
    let catalogue = Catalogue::load(&mut sources, &reader, extent, own, &mut diagnostics);
    let linked = link::link(read, &catalogue, &sources, &mut diagnostics);
    Loaded { sources, diagnostics, catalogue, linked, snapshots: BTreeMap::new() }
}

/// The engine of this id.
pub fn engine(id: &str) -> Option<Box<dyn Engine>> {
    engine::all().into_iter().find(|engine| engine.id() == id)
}
