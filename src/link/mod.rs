//! Whatever needs two documents: names that must exist elsewhere, parameters that must fit a
//! control's schema, selectors that must select something.
//!
//! What comes out is complete in itself: a [`Demand`] per control of a requirement with its scope,
//! action, grace and final parameters, and a [`Lifting`] per exemption. What any of it means for a
//! cluster is the plan's business.

mod advisory;
mod chosen;
mod exemption;
mod fleet;
mod following;
mod framework;
mod minimum;
mod parameters;
mod requirement;
mod upgrades;

pub use advisory::{Lasting, NODES, Warned};
pub use exemption::{Ended, ExemptScope, Lifting, Review};
pub use fleet::{BREAK_GLASS, Environment, POSTURE, Settings};
pub use following::Following;
pub use requirement::{Demand, DemandNamespaces, Graced, RecommendationId};
pub use upgrades::complaints as upgrade_complaints;

use crate::catalogue::Catalogue;
use crate::date::Period;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Broken, Cluster, Document, Exemptable, Framework, Read, State};
use crate::selector::{NAME, Selector};
use crate::text::{Place, Sources, Spanned};
use std::collections::{BTreeMap, BTreeSet};

/// A repository whose documents fit together.
#[derive(Debug)]
pub struct Linked {
    pub settings: Settings,
    pub demands: Vec<Demand>,
    pub liftings: Vec<Lifting>,
    /// What is known to be unsafe.
    pub warned: Vec<Warned>,
    pub clusters: Vec<Document<Cluster>>,
    pub intents: Vec<Statement>,
    /// The controls of each framework, in whatever version.
    pub members: BTreeMap<String, BTreeSet<String>>,
}

/// What an intent or an advisory says to people.
#[derive(Debug)]
pub struct Statement {
    pub name: String,
    pub place: Place,
    pub statement: String,
    pub why: Option<String>,
    pub owner: String,
    pub ticket: Option<String>,
    pub left_out: Vec<LeftOut>,
    /// How long an exemption from it may last; `None` where that is not bounded.
    pub longest_exemption: Option<Period>,
}

/// A control of a framework that a requirement deliberately does not demand.
#[derive(Debug)]
pub struct LeftOut {
    /// `intent/requirement`.
    pub label: String,
    pub control: String,
    pub because: String,
    pub place: Place,
}

/// Links everything that was read; complaints go to `diagnostics`.
pub fn link(
    read: Read,
    catalogue: &Catalogue,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Linked {
    let inventory: Vec<Listed> = read
        .clusters
        .iter()
        .filter(|cluster| cluster.spec.state != State::Retired)
        .map(Listed::from)
        .collect();
    let context = Context { catalogue, sources, inventory, broken: &read.broken };
    let settings = fleet::settings(&read.fleets, &context, diagnostics);
    for cluster in &read.clusters {
        check_cluster(cluster, diagnostics);
        upgrades::check(cluster, diagnostics);
    }
    let mut demands = requirement::demands(&read.intents, &settings, &context, diagnostics);
    let warned = advisory::warned(&read.advisories, &read.intents, &context, diagnostics);
    demands.extend(advisory::demands(&warned, &read.advisories, &context, diagnostics));
    advisory::check_names(&warned, &demands, diagnostics);
    following::check(&demands, &read.clusters, diagnostics);
    chosen::check(&demands, &read.clusters, diagnostics);
    let held = exemption::Held {
        intents: &read.intents,
        demands: &demands,
        warned: &warned,
        fleet: settings.exemptions.as_ref(),
    };
    let liftings = exemption::liftings(&read.exemptions, &held, &context, diagnostics);
    let intents = read.intents.iter().map(|intent| Statement {
        name: intent.name.value.clone(),
        place: intent.place(),
        statement: intent.spec.statement.trim().to_owned(),
        why: intent.spec.why.as_ref().map(|why| why.trim().to_owned()),
        owner: intent.spec.owner.clone(),
        ticket: intent.spec.ticket.clone(),
        left_out: requirement::left_out(intent),
        longest_exemption: intent.spec.exemptions.as_ref().and_then(longest),
    });
    let intents = intents.chain(advisory::statements(&read.advisories)).collect();
    let controls = |documents: &Vec<Document<Framework>>| {
        let all = documents.iter().flat_map(|document| &document.spec.recommendations);
        all.flat_map(|one| &one.controls).map(|entry| entry.control.value.clone()).collect()
    };
    let frameworks = catalogue.frameworks.iter();
    let members = frameworks.map(|(name, documents)| (name.clone(), controls(documents))).collect();
    Linked { settings, demands, liftings, warned, clusters: read.clusters, intents, members }
}

fn longest(exemptable: &Spanned<Exemptable>) -> Option<Period> {
    exemptable.value.longest.as_ref().map(|longest| longest.value)
}

/// What linking looks things up in.
struct Context<'a> {
    catalogue: &'a Catalogue,
    sources: &'a Sources,
    /// Every cluster that is not retired.
    inventory: Vec<Listed>,
    /// What could not be read is not missing.
    broken: &'a Broken,
}

/// The labels of a cluster and of each of its namespaces that are known.
struct Listed {
    labels: BTreeMap<String, String>,
    namespaces: Vec<BTreeMap<String, String>>,
}

impl From<&Document<Cluster>> for Listed {
    fn from(cluster: &Document<Cluster>) -> Listed {
        let namespaces = cluster.spec.namespaces.iter().map(|namespace| {
            let mut labels = namespace.labels.clone();
            labels.insert(NAME.to_owned(), namespace.name.clone());
            labels
        });
        Listed { labels: labels(cluster), namespaces: namespaces.collect() }
    }
}

impl Context<'_> {
    /// Selecting nothing is an error.
    fn must_select(&self, selector: &Selector, place: Place, diagnostics: &mut Diagnostics) {
        let selects = self.inventory.iter().any(|cluster| selector.matches(&cluster.labels));
        if !selects && !self.inventory.is_empty() && !self.broken.any("Cluster") {
            diagnostics.push(
                Diagnostic::error("selects-nothing", "this selects no cluster")
                    .at(place, format!("no cluster where {selector}"))
                    .help("correct the selector, or remove what it belongs to"),
            );
        }
    }
}

impl Context<'_> {
    /// Selecting no namespace that is known today, where all clusters list theirs, is worth a word.
    ///
    /// It is no error: a namespace made tomorrow is under the rule too.
    fn should_select(
        &self,
        clusters: &Selector,
        namespaces: &Selector,
        place: Place,
        diagnostics: &mut Diagnostics,
    ) {
        let selected: Vec<&Listed> =
            self.inventory.iter().filter(|one| clusters.matches(&one.labels)).collect();
        let silent = |one: &&Listed| one.namespaces.is_empty();
        let unsure = self.broken.any("Cluster") || selected.iter().any(silent);
        if selected.is_empty() || unsure || namespaces.is_empty() {
            return;
        }
        let mut known = selected.iter().flat_map(|one| &one.namespaces);
        if !known.any(|labels| namespaces.matches(labels)) {
            let message = "this selects no namespace that is known today";
            diagnostics.push(
                Diagnostic::warning("selects-no-known-namespace", message)
                    .at(place, format!("no listed namespace where {namespaces}"))
                    .unless("selects-nothing")
                    .help("correct the selector, or list the namespace in its cluster's document"),
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

fn check_cluster(cluster: &Document<Cluster>, diagnostics: &mut Diagnostics) {
    if cluster.name.value == "sync" {
        diagnostics.push(
            Diagnostic::error("reserved-name", "a cluster cannot be named `sync`")
                .at(cluster.place(), "reserved")
                .help("the output folder keeps the sync tools' objects under that name"),
        );
    }
}
