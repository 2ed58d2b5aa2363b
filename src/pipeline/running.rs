//! What runs in a cluster by its snapshot that an advisory affects.
//!
//! A pod counts as what made it, found the way an exemption finds it: by owner references, and where
//! what stands between was not found, by the name that a controller gives. What an owner writes and
//! what its pods pulled are two sights of one workload, and the worse counts.

use crate::baseline::Objects;
use crate::link::Warned;
use crate::object::{self, Object};
use crate::snapshot::Snapshot;
use crate::version::Standing;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a controller of Kubernetes makes of what somebody wrote; its pods tell whether it runs.
const BETWEEN: &[&str] = &["ReplicaSet", "Job"];

/// A workload that runs an affected image, or one that may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Running {
    pub namespace: String,
    pub kind: String,
    pub name: String,
    pub image: String,
    pub standing: Standing,
}

/// The workloads that run what is affected; one image of one workload is told once, as what is known
/// worst of it.
pub fn running(one: &Warned, snapshot: &Snapshot) -> Vec<Running> {
    let objects = Objects::new(snapshot.objects.iter().map(|found| &found.object));
    let made: BTreeMap<[&str; 3], &Value> = snapshot
        .objects
        .iter()
        .filter(|found| BETWEEN.contains(&object::kind(&found.object)))
        .filter_map(|found| {
            let object = &found.object;
            let key = [object::namespace(object), object::kind(object), object::name(object)];
            Some((key, object::controller(object)?))
        })
        .collect();
    let mut worst: BTreeMap<[String; 4], Running> = BTreeMap::new();
    for object in snapshot.objects.iter().map(|one| &one.object) {
        if BETWEEN.contains(&object::kind(object)) && object::controller(object).is_some() {
            continue;
        }
        for image in images(object) {
            let standing = one.image(&image);
            if standing == Standing::Outside {
                continue;
            }
            let (kind, name) = match objects.owning(object) {
                Some(key) => (key.kind, key.name),
                None => (object::kind(object).to_owned(), object::name(object).to_owned()),
            };
            let namespace = object::namespace(object).to_owned();
            // What was found between a pod and its workload says best who made it.
            let between = object::controller(object).map(|one| {
                [
                    object::namespace(object),
                    object::text(one, &["kind"]),
                    object::text(one, &["name"]),
                ]
            });
            let (kind, name) = match between.and_then(|between| made.get(&between)) {
                Some(one) => (
                    object::text(one, &["kind"]).to_owned(),
                    object::text(one, &["name"]).to_owned(),
                ),
                None => (kind, name),
            };
            let key = [namespace.clone(), kind.clone(), name.clone(), named(&image).to_owned()];
            let found = Running { namespace, kind, name, image, standing };
            let known = worst.entry(key).or_insert_with(|| found.clone());
            // Of two that are as bad, the one that says less: what pods pulled differs.
            let better = (std::cmp::Reverse(found.standing), &found.image)
                < (std::cmp::Reverse(known.standing), &known.image);
            if better {
                *known = found;
            }
        }
    }
    worst.into_values().collect()
}

/// A reference without its digest.
fn named(image: &str) -> &str {
    image.split('@').next().unwrap_or_default()
}

/// The references of all that an object's pods pull, with the digest that was pulled where it is
/// known.
fn images(object: &Object) -> Vec<String> {
    let spec: &[&str] = match object::kind(object) {
        "Pod" => &["spec"],
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        "PodTemplate" => &["template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    let Some(spec) = object::at(object, spec) else { return vec![] };
    let mut found = vec![];
    for (list, pulled) in [
        ("containers", "containerStatuses"),
        ("initContainers", "initContainerStatuses"),
        ("ephemeralContainers", "ephemeralContainerStatuses"),
    ] {
        let pulled = object::list(object, &["status", pulled]);
        for container in object::list(spec, &[list]) {
            let image = object::text(container, &["image"]);
            let of = |status: &&Value| status["name"] == container["name"];
            let id = pulled.iter().find(of).map_or("", |status| object::text(status, &["imageID"]));
            match id.rsplit_once('@') {
                Some((_, digest)) if !image.contains('@') => {
                    found.push(format!("{image}@{digest}"))
                }
                _ => found.push(image.to_owned()),
            }
        }
    }
    let volumes = object::list(spec, &["volumes"]).iter();
    found.extend(volumes.map(|one| object::text(one, &["image", "reference"]).to_owned()));
    found.retain(|image| !image.is_empty());
    found
}
