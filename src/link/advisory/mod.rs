//! Advisories: what each demands of images, and what it says of nodes.
//!
//! Images become demands like those of an intent, with the advisory as their origin: one control,
//! under the advisory's own name, so that two advisories stand beside each other. They are in force
//! for a while; whether they are on a day is the plan's business. Which nodes are affected is seen
//! where clusters and their snapshots are.

mod fits;
mod image;

use image::{Image, in_full};

use super::{Context, Demand, Statement};
use crate::date::{Date, Period};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Action, Advisory, Document, Intent, Severity, UnknownVersion};
use crate::selector::Selector;
use crate::text::{Place, count};
use crate::version::{Affected, Standing};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An advisory that counts for longer is no longer one that is looked at again.
const LONG: Period = Period { days: 90 };

/// The control that judges images.
const CONTROL: &str = "disallow-affected-images";

/// What the name ends in of a rule about images of which nobody can tell.
const UNKNOWN: &str = "unknown";

/// What the name ends in of what is rendered about nodes.
pub const NODES: &str = "nodes";

/// The first and the last day of what counts for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting {
    pub granted: Date,
    pub expires: Date,
}

impl Demand {
    /// It is what the advisory of this name demands.
    pub fn is_of_advisory(&self, name: &str) -> bool {
        self.lasting.is_some() && self.intent == name
    }
}

impl Lasting {
    /// Its first day counts, and so does its last.
    pub fn is_in_force(&self, today: Date) -> bool {
        self.granted <= today && today <= self.expires
    }

    /// How long it counts still, in words.
    pub fn left(&self, today: Date) -> String {
        match usize::try_from(today.days_until(self.expires)).unwrap_or(0) {
            0 => "its last day".to_owned(),
            days => count(days, "day"),
        }
    }
}

/// An advisory, as far as it is about more than admission can see.
#[derive(Debug)]
pub struct Warned {
    pub name: String,
    pub place: Place,
    pub ids: Vec<String>,
    pub severity: Severity,
    pub owner: String,
    /// Where it comes from.
    pub source: Option<String>,
    pub action: Action,
    pub lasting: Lasting,
    pub clusters: Selector,
    /// Repositories in full, with ranges and digests.
    pub images: Vec<Image>,
    /// Name of a runtime, and which of its versions.
    pub runtimes: Vec<(String, Affected)>,
    pub kubelets: Vec<Affected>,
}

impl Warned {
    /// Whether it says anything that only nodes know.
    pub fn is_about_nodes(&self) -> bool {
        !self.runtimes.is_empty() || !self.kubelets.is_empty()
    }

    /// What messages call it.
    pub fn title(&self) -> String {
        let called = self.ids.first().unwrap_or(&self.name);
        format!("{called} ({})", self.severity.name())
    }

    /// Where an image stands, by its reference as it is written.
    pub fn image(&self, reference: &str) -> Standing {
        image::standing(&self.images, reference)
    }
}

/// All that advisories say; complaints go to `diagnostics`.
pub(super) fn warned(
    documents: &[Document<Advisory>],
    intents: &[Document<Intent>],
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Warned> {
    let intents: BTreeMap<&str, Place> =
        intents.iter().map(|intent| (intent.name.value.as_str(), intent.place())).collect();
    for document in documents {
        check(document, &intents, context, diagnostics);
    }
    documents.iter().map(read).collect()
}

fn read(document: &Document<Advisory>) -> Warned {
    let spec = &document.spec;
    let mut images: BTreeMap<String, Image> = BTreeMap::new();
    for written in &spec.affects.images {
        let repository = in_full(&written.repository);
        let image = images.entry(repository.clone()).or_insert_with(|| Image {
            repository,
            versions: vec![],
            digests: vec![],
        });
        image.versions.extend(written.versions.iter().map(|range| range.value.clone()));
        for digest in &written.digests {
            if !image.digests.contains(digest) {
                image.digests.push(digest.clone());
            }
        }
    }
    let clusters = spec.clusters.as_ref();
    Warned {
        name: document.name.value.clone(),
        place: document.place(),
        ids: spec.ids.clone(),
        severity: spec.severity,
        owner: spec.owner.clone(),
        source: spec.source.clone(),
        action: spec.action.unwrap_or(Action::Deny),
        lasting: Lasting { granted: spec.granted.value, expires: spec.last_day() },
        clusters: clusters.map_or(Selector::all(), |written| Selector::from(&written.value)),
        images: images.into_values().collect(),
        runtimes: spec
            .affects
            .runtimes
            .iter()
            .map(|one| (one.name.value.clone(), one.versions.value.clone()))
            .collect(),
        kubelets: spec.affects.kubelets.iter().map(|one| one.versions.value.clone()).collect(),
    }
}

fn check(
    document: &Document<Advisory>,
    intents: &BTreeMap<&str, Place>,
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) {
    let (spec, name) = (&document.spec, &document.name);
    if let Some(intent) = intents.get(name.value.as_str()) {
        let message = format!("an advisory and an intent are both named `{}`", name.value);
        diagnostics.push(
            Diagnostic::error("duplicate-name", message)
                .at(name.place, "the advisory")
                .at(*intent, "the intent")
                .help("rename one of them: exemptions and locks name either by its name alone"),
        );
    }
    if let Some(written) = &spec.clusters {
        let selector = Selector::from(&written.value);
        context.must_select(&selector, written.place, diagnostics);
    }
    if let Some(expires) = &spec.expires
        && expires.value < spec.granted.value
    {
        diagnostics.push(
            Diagnostic::error("advisory-dates", "this advisory expires before it was granted")
                .at(expires.place, "expires")
                .at(spec.granted.place, "granted")
                .help("correct one of the two dates"),
        );
    }
    if let Some(expires) = &spec.expires {
        let days = spec.granted.days_until(expires.value);
        if days > i64::from(LONG.days) {
            diagnostics.push(
                Diagnostic::warning(
                    "advisory-dates",
                    format!("this advisory counts for {days} days"),
                )
                .at(expires.place, "expires")
                .at(spec.granted.place, "granted")
                .help(format!("let it end by {}; it can be renewed", spec.granted.plus(LONG)))
                .help("what is never to be started again is the business of an intent"),
            );
        }
    }
    let affects = &spec.affects;
    if affects.images.is_empty() && affects.runtimes.is_empty() && affects.kubelets.is_empty() {
        diagnostics.push(
            Diagnostic::error(
                "nothing-affected",
                "this advisory says of nothing that it is affected",
            )
            .at(affects.place, "needs `images`, `runtimes` or `kubelets`")
            .help("name what is affected, with its versions"),
        );
    }
    for image in &affects.images {
        if is_nameless(&image.repository) {
            let message = format!(
                "`{}` cannot be told from a repository of Docker Hub",
                image.repository.value
            );
            diagnostics.push(
                Diagnostic::error("bad-value", message)
                    .at(image.repository.place, "a registry without a dot, at the port 443")
                    .help("name the registry in full, as `registry.example.com` is"),
            );
        }
        if image.versions.is_none() && image.digests.is_empty() {
            let repository = &image.repository;
            let message = format!("nothing is said of which images of `{}`", repository.value);
            diagnostics.push(
                Diagnostic::error("nothing-affected", message)
                    .at(repository.place, "needs `versions` or `digests`")
                    .help("`versions: \"<2.4.1\"`, or `\"*\"` where all of them are affected"),
            );
        }
    }
}

/// Whether nothing is left that tells a registry once the port is gone that is meant without any.
fn is_nameless(repository: &str) -> bool {
    let registry = repository.split_once(":443/").map(|(registry, _)| registry);
    registry.is_some_and(|name| name != "localhost" && !name.contains(['.', '/']))
}

/// What is rendered about nodes has a name of its own, which no rule may have.
pub(super) fn check_names(warned: &[Warned], demands: &[Demand], diagnostics: &mut Diagnostics) {
    for one in warned.iter().filter(|one| one.is_about_nodes()) {
        let name = format!("{}-{NODES}", one.name);
        if let Some(demand) = demands.iter().find(|demand| demand.rule == name) {
            diagnostics.push(
                Diagnostic::error("needs-as", format!("two rules would be rendered as `{name}`"))
                    .at(demand.place, "one of them")
                    .at(one.place, "the other, about nodes")
                    .help("give one of them another name"),
            );
        }
    }
}

/// What advisories demand of images.
pub(super) fn demands(
    warned: &[Warned],
    documents: &[Document<Advisory>],
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Demand> {
    let Some(control) = context.catalogue.controls.get(CONTROL) else { return vec![] };
    let mut demands = vec![];
    for (one, document) in warned.iter().zip(documents).filter(|(one, _)| !one.images.is_empty()) {
        if !document.spec.affects.images.iter().any(|image| is_nameless(&image.repository)) {
            let parameters = parameters(one, &["affected"]);
            fits::check(one, document, control, &parameters, (context, diagnostics));
        }
        let unknown = document.spec.unknown_version.unwrap_or(UnknownVersion::Audit).action();
        let judged: &[(&str, &[&str], Action)] = match unknown {
            Some(same) if same == one.action => &[("", &["affected", UNKNOWN], one.action)],
            Some(other) => &[("", &["affected"], one.action), (UNKNOWN, &[UNKNOWN], other)],
            None => &[("", &["affected"], one.action)],
        };
        // A range is what may be told or not; a digest is told always.
        let ranges = one.images.iter().any(|image| !image.versions.is_empty());
        for (end, judge, action) in judged.iter().filter(|(end, ..)| end.is_empty() || ranges) {
            let part = if end.is_empty() { "images" } else { end };
            let rule = match *end {
                "" => one.name.clone(),
                end => format!("{}-{end}", one.name),
            };
            demands.push(Demand {
                intent: one.name.clone(),
                label: format!("{}/{part}", one.name),
                place: one.place,
                rule,
                control: control.clone(),
                follows: None,
                picked: None,
                parameters: parameters(one, judge),
                bounding: BTreeMap::new(),
                recommendations: vec![],
                action: *action,
                grace: None,
                lasting: Some(one.lasting),
                clusters: one.clusters.clone(),
                environment: None,
                namespaces: None,
            });
        }
    }
    demands
}

fn parameters(one: &Warned, judge: &[&str]) -> Map<String, Value> {
    let images = one.images.iter().map(|image| {
        let versions: Vec<Value> = image.versions.iter().map(Affected::parameter).collect();
        let mut written = Map::from_iter([("repository".to_owned(), json!(image.repository))]);
        if !versions.is_empty() {
            written.insert("versions".to_owned(), json!(versions));
        }
        if !image.digests.is_empty() {
            written.insert("digests".to_owned(), json!(image.digests));
        }
        Value::Object(written)
    });
    let mut all = Map::new();
    all.insert("advisory".to_owned(), json!(one.title()));
    all.insert("images".to_owned(), images.collect());
    all.insert("judge".to_owned(), json!(judge));
    all
}

/// What advisories say to people.
pub(super) fn statements(documents: &[Document<Advisory>]) -> impl Iterator<Item = Statement> + '_ {
    documents.iter().map(|document| Statement {
        name: document.name.value.clone(),
        place: document.place(),
        statement: document.spec.statement.trim().to_owned(),
        why: None,
        owner: document.spec.owner.clone(),
        ticket: document.spec.ticket.clone(),
        left_out: vec![],
        longest_exemption: None,
    })
}
