//! Advisories: what each demands of images, and what it says of nodes.
//!
//! Images become demands like those of an intent, with the advisory as their origin: one control,
//! under the advisory's own name, so that two advisories stand beside each other. They are in force
//! for a while; whether they are on a day is the plan's business. Which nodes are affected is seen
//! where clusters and their snapshots are.

use super::{Context, Demand, Statement};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Action, Advisory, Document, Intent, Severity, UnknownVersion};
use crate::selector::Selector;
use crate::text::Place;
use crate::version::{Affected, Standing};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

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
}

/// An advisory, as far as it is about more than admission can see.
#[derive(Debug)]
pub struct Warned {
    pub name: String,
    pub place: Place,
    pub ids: Vec<String>,
    pub severity: Severity,
    pub owner: String,
    pub action: Action,
    pub lasting: Lasting,
    pub clusters: Selector,
    /// Repositories in full, with ranges and digests.
    pub images: Vec<Image>,
    /// Name of a runtime, and which of its versions.
    pub runtimes: Vec<(String, Affected)>,
    pub kubelets: Vec<Affected>,
}

/// What is affected of one repository.
#[derive(Debug)]
pub struct Image {
    pub repository: String,
    pub versions: Vec<Affected>,
    pub digests: Vec<String>,
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
        let (repository, tag, digest) = parts(reference);
        let of = self.images.iter().filter(|image| image.repository == repository);
        let standing = |image: &Image| {
            if image.digests.contains(&digest) {
                return Standing::Inside;
            }
            let each = image.versions.iter().map(|range| range.standing(tag_version(&tag)));
            each.max().unwrap_or(Standing::Outside)
        };
        of.map(standing).max().unwrap_or(Standing::Outside)
    }
}

/// Digits alone that are too many for a version, and are no day, are what a commit is called.
fn tag_version(tag: &str) -> &str {
    let core = tag.strip_prefix('v').unwrap_or(tag).split(['-', '_', '+']).next();
    let core = core.unwrap_or_default();
    let digits = core.len() >= 7 && core.bytes().all(|byte| byte.is_ascii_digit());
    let day = core.starts_with("20") && [8, 10, 12, 14].contains(&core.len());
    if digits && !day { "" } else { tag }
}

/// Repository in full, tag and digest, the way the control reads a reference.
fn parts(reference: &str) -> (String, String, String) {
    let full = in_full(reference);
    let (named, digest) = full.split_once('@').unwrap_or((&full, ""));
    match named.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => {
            (repository.to_owned(), tag.to_owned(), digest.to_owned())
        }
        _ => (named.to_owned(), String::new(), digest.to_owned()),
    }
}

/// A repository or a reference with its registry.
pub fn in_full(written: &str) -> String {
    let written = match written.strip_prefix("index.") {
        Some(rest) if rest.starts_with("docker.io/") => rest,
        _ => written,
    };
    let written = match written.strip_prefix("docker.io/") {
        Some(rest) if !rest.contains('/') => rest,
        _ => written,
    };
    let full = match written.split_once('/') {
        Some(("localhost", _)) => written.to_owned(),
        Some((first, _))
            if first.contains(|c: char| ".:".contains(c) || c.is_ascii_uppercase()) =>
        {
            written.to_owned()
        }
        Some(_) => format!("docker.io/{written}"),
        None => format!("docker.io/library/{written}"),
    };
    full.to_lowercase().replace(":443/", "/")
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
        image.digests.extend(written.digests.iter().cloned());
    }
    let clusters = spec.clusters.as_ref();
    Warned {
        name: document.name.value.clone(),
        place: document.place(),
        ids: spec.ids.clone(),
        severity: spec.severity,
        owner: spec.owner.clone(),
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
) -> Vec<Demand> {
    let Some(control) = context.catalogue.controls.get(CONTROL) else { return vec![] };
    let mut demands = vec![];
    for (one, document) in warned.iter().zip(documents).filter(|(one, _)| !one.images.is_empty()) {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What the control says of an image in CEL, proved by its cases, is what is said here.
    #[test]
    fn an_image_stands_where_its_control_puts_it() {
        let mut judged = 0;
        for (file, judge) in [("create", Standing::Inside), ("unknown-version", Standing::Unknown)]
        {
            let path = format!("templates/controls/{CONTROL}/cases/{file}.yaml");
            let mut built_in = crate::catalogue::built_in();
            let (_, text) = built_in.find(|(other, _)| *other == path).unwrap();
            let cases: Value = serde_saphyr::from_str(text).unwrap();
            let warned = warned_of(&cases["spec"]["parameters"]["images"]);
            for case in cases["spec"]["cases"].as_array().unwrap() {
                let offenders = case["offenders"].as_array().cloned().unwrap_or_default();
                for container in case["object"]["spec"]["containers"].as_array().unwrap() {
                    let image = container["image"].as_str().unwrap();
                    let found = warned.image(image) == judge;
                    assert_eq!(found, offenders.contains(&container["name"]), "{file}: {image}");
                    judged += 1;
                }
            }
        }
        assert!(judged > 60, "{judged}");
    }

    fn warned_of(images: &Value) -> Warned {
        let range = |written: &Value| {
            let signs = [("from", ">="), ("above", ">"), ("below", "<"), ("to", "<=")];
            let parts = signs
                .iter()
                .filter_map(|(name, sign)| Some(format!("{sign}{}", written.get(name)?.as_str()?)));
            let parts: Vec<String> = parts.collect();
            let text = if parts.is_empty() { "*".to_owned() } else { parts.join(", ") };
            text.parse::<Affected>().unwrap()
        };
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let image = |written: &Value| Image {
            repository: written["repository"].as_str().unwrap().to_owned(),
            versions: list(&written["versions"]).iter().map(range).collect(),
            digests: list(&written["digests"])
                .iter()
                .map(|one| one.as_str().unwrap().to_owned())
                .collect(),
        };
        let day: Date = "2026-11-22".parse().unwrap();
        let mut sources = crate::text::Sources::default();
        let source = sources.add("x", "x");
        Warned {
            name: "x".into(),
            place: Place { source, start: 0, end: 0 },
            ids: vec![],
            severity: Severity::High,
            owner: "x".into(),
            action: Action::Deny,
            lasting: Lasting { granted: day, expires: day },
            clusters: Selector::all(),
            images: list(images).iter().map(image).collect(),
            runtimes: vec![],
            kubelets: vec![],
        }
    }
}
