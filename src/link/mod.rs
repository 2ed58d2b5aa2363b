//! Whatever needs two documents: names that must exist elsewhere, parameters that must fit a
//! control's schema, selectors that must select something.
//!
//! What comes out is complete in itself: a [`Demand`] per control of a requirement with its scope,
//! action, grace and final parameters, and a [`Lifting`] per exemption. What any of it means for a
//! cluster is the plan's business.

mod exemption;
mod fleet;
mod parameters;
mod requirement;

pub use exemption::{ExemptScope, Lifting};
pub use fleet::{Environment, Settings};
pub use requirement::{Demand, DemandNamespaces, Graced, RecommendationId};

use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Cluster, Document, Read, State};
use crate::selector::{NAME, Selector};
use crate::text::{Place, Sources};
use std::collections::BTreeMap;

/// A repository whose documents fit together.
#[derive(Debug)]
pub struct Linked {
    pub settings: Settings,
    pub demands: Vec<Demand>,
    pub liftings: Vec<Lifting>,
    pub clusters: Vec<Document<Cluster>>,
    pub intents: Vec<Statement>,
}

/// What an intent says to people.
#[derive(Debug)]
pub struct Statement {
    pub name: String,
    pub place: Place,
    pub statement: String,
    pub owner: String,
}

/// Links everything that was read; complaints go to `diagnostics`.
pub fn link(
    read: Read,
    catalogue: &Catalogue,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Linked {
    let inventory: Vec<BTreeMap<String, String>> = read
        .clusters
        .iter()
        .filter(|cluster| cluster.spec.state != State::Retired)
        .map(labels)
        .collect();
    let context = Context { catalogue, sources, inventory };
    let settings = fleet::settings(&read.fleets, &context, diagnostics);
    for cluster in &read.clusters {
        check_cluster(cluster, catalogue, diagnostics);
    }
    let demands = requirement::demands(&read.intents, &settings, &context, diagnostics);
    let liftings =
        exemption::liftings(&read.exemptions, &read.intents, &demands, &context, diagnostics);
    let intents = read.intents.iter().map(|intent| Statement {
        name: intent.name.value.clone(),
        place: intent.place(),
        statement: intent.spec.statement.trim().to_owned(),
        owner: intent.spec.owner.clone(),
    });
    let intents = intents.collect();
    Linked { settings, demands, liftings, clusters: read.clusters, intents }
}

/// What linking looks things up in.
struct Context<'a> {
    catalogue: &'a Catalogue,
    sources: &'a Sources,
    /// The labels of every cluster that is not retired.
    inventory: Vec<BTreeMap<String, String>>,
}

impl Context<'_> {
    /// Selecting nothing is an error.
    fn must_select(&self, selector: &Selector, place: Place, diagnostics: &mut Diagnostics) {
        let selects = self.inventory.iter().any(|labels| selector.matches(labels));
        if !selects && !self.inventory.is_empty() {
            diagnostics.push(
                Diagnostic::error("selects-nothing", "this selects no cluster")
                    .at(place, format!("no cluster where {selector}"))
                    .help("correct the selector, or remove what it belongs to"),
            );
        }
    }
}

/// A cluster's labels, its name among them.
pub fn labels(cluster: &Document<Cluster>) -> BTreeMap<String, String> {
    let mut labels = cluster.labels.clone();
    labels.insert(NAME.to_owned(), cluster.name.value.clone());
    labels
}

fn check_cluster(
    cluster: &Document<Cluster>,
    catalogue: &Catalogue,
    diagnostics: &mut Diagnostics,
) {
    if cluster.name.value == "sync" {
        diagnostics.push(
            Diagnostic::error("reserved-name", "a cluster cannot be named `sync`")
                .at(cluster.place(), "reserved")
                .help("the output folder keeps the sync tools' objects under that name"),
        );
    }
    let provider = &cluster.spec.provider;
    if !catalogue.providers.contains_key(&provider.value) {
        diagnostics.push(crate::catalogue::unknown(
            "provider",
            provider,
            catalogue.providers.keys(),
        ));
    }
}
