//! The output as a value: objects get their paths and bytes, folders their kustomizations and
//! locks. Nothing is written here.
//!
//! Clusters of one situation share one [`Folder`]; what names a cluster lies in its sync folder.

pub mod base;

pub use base::{Base, Id};

use crate::date::Date;
use crate::engine::{Emitted, Stage};
use crate::lock::{self, Lock, Remembered};
use crate::name;
use crate::object::{self, Object};
use crate::plan::Plan;
use crate::yaml;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The first line of every rendered document file.
const HEADER: &str = "# Rendered by Ordinance. Do not edit: change the intent and render again.\n";

/// Relative path → bytes.
pub type Files = BTreeMap<String, Arc<[u8]>>;

/// What clusters alike are given.
#[derive(Debug, PartialEq, Eq)]
pub struct Folder {
    pub files: Files,
    pub lock: Lock,
}

impl Folder {
    /// The steps that must be applied in order.
    pub fn steps(&self) -> Vec<Stage> {
        let has = |stage: &Stage| {
            self.files.contains_key(&format!("{}/kustomization.yaml", folder_name(*stage)))
        };
        Stage::ALL.into_iter().filter(|stage| has(stage)).collect()
    }
}

pub fn folder_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Templates => "templates",
        Stage::Policies => "policies",
        Stage::Manifests => "manifests",
    }
}

/// The rendered output of a whole fleet.
#[derive(Debug, Default)]
pub struct Tree {
    pub clusters: BTreeMap<String, ClusterTree>,
}

/// What belongs to one cluster.
#[derive(Debug)]
pub struct ClusterTree {
    pub folder: Arc<Folder>,
    /// The tool, and the files below `sync/<tool>/<cluster>`.
    pub sync: Option<(String, Files)>,
}

/// A rule's objects, compiled and written once however many clusters are given them.
#[derive(Debug)]
pub struct Rendered {
    /// Path below the cluster's folder → bytes.
    pub files: Files,
    /// The digests of these bytes, as locks state them.
    digests: BTreeMap<String, String>,
}

/// Gives a rule's objects their paths and bytes.
pub fn rule_files(rule: &str, emitted: &[Emitted]) -> Rendered {
    let mut documents: BTreeMap<String, Vec<&Object>> = BTreeMap::new();
    for one in emitted {
        let file = match one.stage {
            Stage::Templates => object::name(&one.object),
            Stage::Policies | Stage::Manifests => rule,
        };
        let path = format!("{}/{file}.yaml", folder_name(one.stage));
        documents.entry(path).or_default().push(&one.object);
    }
    let files = documents.into_iter().map(|(path, objects)| (path, document_bytes(&objects)));
    let files: Files = files.collect();
    let digests = files.iter().map(|(path, bytes)| (path.clone(), name::digest(bytes)));
    Rendered { digests: digests.collect(), files }
}

/// Several objects as one YAML file.
pub fn document_bytes(objects: &[&Object]) -> Arc<[u8]> {
    let documents: Vec<String> = objects.iter().map(|object| yaml::write(object)).collect();
    format!("{HEADER}{}", documents.join("---\n")).into_bytes().into()
}

/// Puts a plan's rendered rules together.
///
/// `before` is the base's lock: a template nothing uses any more stays until the change after the
/// one that left it, since removing it would remove its constraints with it before their own step
/// does. By itself it is no reason for a change: what has landed stays as it is. `keep` reads the
/// bytes of such a file.
pub fn folder(
    plan: &Plan,
    rules: &[Arc<Rendered>],
    before: &Lock,
    catalogue: (&str, &str),
    keep: impl Fn(&str) -> Option<Vec<u8>>,
) -> Folder {
    let assemble = |still: bool| {
        let mut files: Files = BTreeMap::new();
        let mut lock = Lock {
            catalogue: Some((catalogue.0.to_owned(), catalogue.1.to_owned())),
            ..Lock::default()
        };
        for rendered in rules {
            files.extend(rendered.files.iter().map(|(path, bytes)| (path.clone(), bytes.clone())));
            lock.files.extend(rendered.digests.clone());
        }
        for path in before.files.keys() {
            let template = path.starts_with("templates/") && path != "templates/kustomization.yaml";
            if template
                && !files.contains_key(path)
                && (still || !before.retiring.contains(path))
                && let Some(bytes) = keep(path)
            {
                files.insert(path.clone(), bytes.into());
                lock.retiring.insert(path.clone());
            }
        }
        kustomizations(&mut files);
        for rule in &plan.rules {
            for origin in &rule.origins {
                let key = (rule.name.clone(), origin.label.clone());
                lock.rules.insert(key, (origin.digest.clone(), origin.first));
            }
        }
        lock.held = plan.held.iter().cloned().map(Arc::new).collect();
        for (path, bytes) in &files {
            if !lock.files.contains_key(path) {
                lock.files.insert(path.clone(), name::digest(bytes));
            }
        }
        Folder { files, lock }
    };
    if !before.retiring.is_empty() {
        let kept = assemble(true);
        let now = |lock: &Lock| {
            let Lock { catalogue, files, retiring, rules, held, .. } = lock.clone();
            (catalogue, files, retiring, rules, held)
        };
        if now(&kept.lock) == now(before) {
            return kept;
        }
    }
    assemble(false)
}

impl Folder {
    /// The folder with the sync tool's files named in its lock, and the lock among its files.
    ///
    /// The lock keeps the date it was last changed for.
    pub fn finished(mut self, sync: Vec<String>, remembered: &Remembered, today: Date) -> Folder {
        self.lock.sync = sync.into_iter().collect();
        self.lock.rendered_for = Some(remembered.date(&self.lock, today));
        self.files.insert(lock::FILE.to_owned(), self.lock.write().into_bytes().into());
        self
    }
}

/// A kustomization for each step and one for all, listing what is there.
fn kustomizations(files: &mut Files) {
    let mut steps = vec![];
    for stage in Stage::ALL {
        let folder = folder_name(stage);
        let prefix = format!("{folder}/");
        let listed: Vec<String> =
            files.keys().filter_map(|path| path.strip_prefix(&prefix).map(str::to_owned)).collect();
        if !listed.is_empty() {
            files.insert(format!("{folder}/kustomization.yaml"), kustomization(&listed));
            steps.push(folder.to_owned());
        }
    }
    if !steps.is_empty() {
        files.insert("kustomization.yaml".to_owned(), kustomization(&steps));
    }
}

fn kustomization(resources: &[String]) -> Arc<[u8]> {
    let object: Value = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    document_bytes(&[&object])
}
