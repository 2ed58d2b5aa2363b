//! What a map asks for, rendered for every target and read back from the bytes.
//!
//! A fleet has a cluster for each thing that is asked for and each target, so that what one policy
//! of theirs becomes does not meet what another becomes.

use super::map::Asked;
use crate::support::binary::full;
use crate::support::nothing::Nothing;
use ordinance::admission::{Compiled, Namespace, Operation, Prepared, Request, Verdict};
use ordinance::catalogue::Extent;
use ordinance::check;
use ordinance::date::Date;
use ordinance::diagnostic::{self, Severity};
use ordinance::pipeline::{self, Landed, Loaded, RenderRequest};
use ordinance::source::Found;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a cluster is given.
pub struct Target {
    /// The kind it is given, where this is the version that the page tells of.
    pub shape: Option<&'static str>,
    pub engine: &'static str,
    /// Of the engine, or of Kubernetes where it is a part of that.
    pub version: &'static str,
}

const fn target(
    shape: Option<&'static str>,
    engine: &'static str,
    version: &'static str,
) -> Target {
    Target { shape, engine, version }
}

/// Every target; those of a shape with a name are judged always, the others with `CI_FULL=1`.
const TARGETS: [Target; 15] = [
    target(None, "native", "1.30"),
    target(Some("ValidatingAdmissionPolicy"), "native", "1.33"),
    target(None, "native", "1.36"),
    target(None, "kyverno", "1.11.5"),
    target(None, "kyverno", "1.12.6"),
    target(Some("ClusterPolicy"), "kyverno", "1.13.6"),
    target(None, "kyverno", "1.14.4"),
    target(None, "kyverno", "1.15.3"),
    target(Some("ValidatingPolicy v1beta1"), "kyverno", "1.16.3"),
    target(None, "kyverno", "1.17.2"),
    target(None, "kyverno", "1.18.2"),
    target(Some("ValidatingPolicy v1"), "kyverno", "1.19.0"),
    target(None, "gatekeeper", "3.17.1"),
    target(None, "gatekeeper", "3.20.0"),
    target(Some("ConstraintTemplate"), "gatekeeper", "3.23.1"),
];

/// The targets that are judged by this time.
pub fn targets() -> Vec<&'static Target> {
    let full = full();
    TARGETS.iter().filter(|target| full || target.shape.is_some()).collect()
}

/// By number of what was asked for, and by target: the policies, ready to judge.
pub type Judges = BTreeMap<(usize, usize), Vec<Compiled>>;

/// Renders everything that is asked for, for all targets.
pub fn judges(asked: &[Asked], targets: &[&Target]) -> Judges {
    let loaded = loaded(asked, targets);
    let day = "2026-11-22".parse::<Date>().expect("a day");
    let landed = Landed::new(&Nothing);
    let rendered = pipeline::render(&loaded, &RenderRequest::new(&landed, day));
    let said: Vec<String> = [loaded.diagnostics.into_list(), rendered.diagnostics.into_list()]
        .concat()
        .iter()
        .filter(|one| one.severity == Severity::Error)
        .map(|one| diagnostic::render(one, &loaded.sources, false))
        .collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    let wanted: Vec<(usize, usize)> =
        (0..asked.len()).flat_map(|one| (0..targets.len()).map(move |of| (one, of))).collect();
    let judges = wanted.into_par_iter().map(|(one, of)| {
        let cluster = &rendered.clusters[&cluster(one, of)];
        let folder = &rendered.units[cluster.unit].folder;
        let policy = |path: &str| {
            let stage = ["templates/", "policies/"].iter().any(|stage| path.starts_with(stage));
            stage && !path.ends_with("kustomization.yaml")
        };
        let files = folder.files.iter().filter(|(path, _)| policy(path));
        let engine = pipeline::engine(targets[of].engine).expect("an engine");
        let read = check::policies(&*engine, files.map(|(_, bytes)| &**bytes));
        let compile = |mut policy: ordinance::admission::Policy| {
            policy.budget = None;
            let origin = policy.origin.clone();
            policy.compile().unwrap_or_else(|flaws| panic!("{origin}: {flaws:?}"))
        };
        let read = read.expect("what was rendered is read");
        ((one, of), read.into_iter().map(compile).collect())
    });
    judges.collect()
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    NotMatched,
    Allowed,
    Denied,
}

/// Judges the creation of an object, or an update that changes nothing.
pub fn judge(policies: &[Compiled], object: &Value, update: bool) -> Result<Judged, String> {
    let (operation, old) =
        if update { (Operation::Update, Some(object)) } else { (Operation::Create, None) };
    let known = Request::from_object(object, operation, old, None)?;
    let namespace =
        known.namespace.as_ref().map(|one| Namespace::with_labels(&one.name, BTreeMap::new()));
    let request = Prepared::from(Request::from_object(object, operation, old, namespace)?);
    let mut judged = Judged::NotMatched;
    for policy in policies {
        match policy.judge(&request) {
            Verdict::NotMatched => {}
            Verdict::Allowed if judged == Judged::NotMatched => judged = Judged::Allowed,
            Verdict::Allowed => {}
            Verdict::Violated { .. } => judged = Judged::Denied,
            // Two names of one thing: the API server converts the older, and so is it done here.
            Verdict::Unknown(_) if object["apiVersion"] == "batch/v1beta1" => {
                let mut converted = object.clone();
                converted["apiVersion"] = json!("batch/v1");
                return judge(policies, &converted, update);
            }
            other => return Err(format!("{}: {other:?}", policy.policy().origin)),
        }
    }
    Ok(judged)
}

fn cluster(asked: usize, target: usize) -> String {
    format!("asked-{asked}-{target}")
}

fn document(kind: &str, name: &str, spec: Value) -> Vec<u8> {
    let head = json!({"apiVersion": "ordinance.dev/v1", "kind": kind, "metadata": {"name": name}});
    let mut document = head;
    document["spec"] = spec;
    document.to_string().into_bytes()
}

fn loaded(asked: &[Asked], targets: &[&Target]) -> Loaded {
    let environments = json!({"environments": [{"name": "all"}]});
    let mut files = vec![("ordinance.yaml".to_owned(), document("Fleet", "all", environments))];
    for (number, one) in asked.iter().enumerate() {
        let label = format!("asked-{number}");
        for (of, target) in targets.iter().enumerate() {
            let mut spec = json!({"provider": "generic", "kubernetes": "1.33"});
            match target.engine {
                "native" => {
                    spec["kubernetes"] = json!(target.version);
                    spec["engine"] = json!({"name": target.engine});
                }
                engine => spec["engine"] = json!({"name": engine, "version": target.version}),
            }
            let name = cluster(number, of);
            let head = json!({"apiVersion": "ordinance.dev/v1", "kind": "Cluster",
                "metadata": {"name": name, "labels": {"asks": label}}, "spec": spec});
            files.push((format!("clusters/{name}.yaml"), head.to_string().into_bytes()));
        }
        let intent = json!({
            "statement": "They ask for it.",
            "owner": "platform",
            "clusters": {"matchLabels": {"asks": label}},
            "requires": one.requires,
            "exemptions": {},
        });
        files.push((format!("intents/{label}.yaml"), document("Intent", &label, intent)));
        for (index, written) in one.exemptions.iter().enumerate() {
            let exemption = json!({
                "lifts": [{"intent": label, "controls": written["lifts"]}],
                "scope": written["scope"],
                "reason": "They leave it out.",
                "owner": "platform",
                "granted": "2026-11-01",
                "expires": "2026-12-01",
            });
            let name = format!("{label}-{index}");
            files.push((format!("intents/{name}.yaml"), document("Exemption", &name, exemption)));
        }
    }
    files.sort();
    let known = pipeline::known(vec![]);
    pipeline::load(Found { files, refused: vec![] }, &known, Extent::WithoutCases)
}
