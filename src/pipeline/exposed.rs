//! What an advisory affects that runs already, or that no pod says of itself: nodes and workloads,
//! as far as inventory and snapshots know them.
//!
//! A pod at admission has no runtime and no kubelet yet. What can be refused is binding it to a node
//! that was found to be affected; all else is told, with what it rests on.

use super::Loaded;
use crate::date::Date;
use crate::document::{Cluster, Document};
use crate::link::{Warned, labels};
use crate::object::{self, Object};
use crate::plan::UnsafeNodes;
use crate::snapshot::{Node, Snapshot, Taken};
use crate::version::{Affected, Standing, Version};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The first Kubernetes that judges by itself whether a pod may be bound.
const JUDGES_BINDINGS: Version = Version::new(1, 30);

/// What nodes do not report, whatever their runtime is.
const UNREPORTED: &str = "runc";

/// What is known of one cluster under one advisory.
#[derive(Debug)]
pub struct Exposed<'a> {
    pub cluster: &'a Document<Cluster>,
    pub taken: Option<Taken>,
    /// There is a snapshot of it.
    pub seen: bool,
    /// How many nodes its snapshot lists.
    pub known: usize,
    /// Those of them that are affected, or may be.
    pub nodes: Vec<ExposedNode>,
    /// Where no node is known: what its document says of all of them.
    pub stated: Vec<(Standing, String)>,
    pub workloads: Vec<ExposedWorkload>,
}

/// A node that is affected, or may be, and why.
#[derive(Clone, Debug)]
pub struct ExposedNode {
    pub name: String,
    pub standing: Standing,
    /// What it runs, and the range that this lies in.
    pub because: String,
}

/// A workload that runs an affected image, or one that may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExposedWorkload {
    pub namespace: String,
    pub kind: String,
    pub name: String,
    pub image: String,
    pub standing: Standing,
}

impl Exposed<'_> {
    /// The nodes that are known to be affected.
    pub fn affected(&self) -> impl Iterator<Item = &ExposedNode> {
        self.nodes.iter().filter(|node| node.standing == Standing::Inside)
    }

    /// Whether Kubernetes there can refuse to bind pods by itself.
    pub fn judges_bindings(&self) -> bool {
        judges_bindings(self.cluster)
    }
}

fn judges_bindings(cluster: &Document<Cluster>) -> bool {
    cluster.spec.kubernetes.version.value.minor_version() >= JUDGES_BINDINGS
}

/// What an advisory comes to on the clusters it is for, in the order of their names.
pub fn exposed<'a>(loaded: &'a Loaded, one: &Warned) -> Vec<Exposed<'a>> {
    let clusters = loaded.linked.clusters.iter();
    let mut chosen: Vec<&Document<Cluster>> =
        clusters.filter(|cluster| one.clusters.matches(&labels(cluster))).collect();
    chosen.sort_by(|one, other| one.name.value.cmp(&other.name.value));
    chosen.into_iter().map(|cluster| of_cluster(loaded, one, cluster)).collect()
}

fn of_cluster<'a>(loaded: &'a Loaded, one: &Warned, cluster: &'a Document<Cluster>) -> Exposed<'a> {
    let snapshot = loaded.snapshots.get(&cluster.name.value);
    let found = snapshot.map(Snapshot::nodes).unwrap_or_default();
    let stated = match found.is_empty() && one.is_about_nodes() {
        true => stated(one, &cluster.spec),
        false => vec![],
    };
    Exposed {
        cluster,
        taken: snapshot.and_then(|snapshot| snapshot.taken),
        seen: snapshot.is_some(),
        known: found.len(),
        nodes: found.iter().filter_map(|found| node(one, found)).collect(),
        stated,
        workloads: snapshot.map(|snapshot| workloads(one, snapshot)).unwrap_or_default(),
    }
}

/// Nodes that are not to be given any more pods, by what is in force on a day.
pub fn unsafe_nodes(loaded: &Loaded, cluster: &Document<Cluster>, today: Date) -> Vec<UnsafeNodes> {
    if !judges_bindings(cluster) || loaded.linked.warned.is_empty() {
        return vec![];
    }
    let Some(snapshot) = loaded.snapshots.get(&cluster.name.value) else { return vec![] };
    let labels = labels(cluster);
    let counts = |one: &&Warned| {
        one.is_about_nodes() && one.lasting.is_in_force(today) && one.clusters.matches(&labels)
    };
    let counting: Vec<&Warned> = loaded.linked.warned.iter().filter(counts).collect();
    if counting.is_empty() {
        return vec![];
    }
    let known = snapshot.nodes();
    let of = |one: &Warned| {
        let affected = known.iter().filter_map(|found| node(one, found));
        let affected = affected.filter(|found| found.standing == Standing::Inside);
        let names: Vec<String> = affected.map(|found| found.name).collect();
        (!names.is_empty()).then(|| UnsafeNodes {
            advisory: one.name.clone(),
            title: one.title(),
            severity: one.severity,
            action: one.action,
            names,
            found: Taken::words(snapshot.taken),
        })
    };
    counting.into_iter().filter_map(of).collect()
}

fn node(one: &Warned, found: &Node) -> Option<ExposedNode> {
    let mut reasons: Vec<(Standing, String)> = vec![];
    let runtime = found.runtime.as_ref();
    let runtime = runtime.map(|runtime| (runtime.name.as_str(), runtime.version.as_str()));
    reasons.extend(runtimes(one, runtime));
    let kubelet = ("kubelet", found.kubelet.as_str());
    reasons.extend(one.kubelets.iter().filter_map(|range| reason(kubelet, range)));
    let standing = reasons.iter().map(|(standing, _)| *standing).max()?;
    let because: Vec<String> =
        reasons.into_iter().filter(|(one, _)| *one == standing).map(|(_, words)| words).collect();
    Some(ExposedNode { name: found.name.clone(), standing, because: because.join("; ") })
}

fn runtimes(one: &Warned, runtime: Option<(&str, &str)>) -> Vec<(Standing, String)> {
    let each = one.runtimes.iter().filter_map(|(name, range)| match runtime {
        _ if name == UNREPORTED => {
            Some((Standing::Unknown, format!("nodes do not say which {name} they run")))
        }
        Some((found, version)) if found == name => reason((found, version), range),
        Some(_) => None,
        None => Some((Standing::Unknown, "it does not say what runs its containers".to_owned())),
    });
    each.collect()
}

fn reason((name, version): (&str, &str), range: &Affected) -> Option<(Standing, String)> {
    match range.standing(version) {
        Standing::Outside => None,
        Standing::Unknown if version.is_empty() => {
            Some((Standing::Unknown, format!("it does not say which {name} it runs")))
        }
        Standing::Unknown => {
            Some((Standing::Unknown, format!("{name} {version} may lie in {range}")))
        }
        Standing::Inside => Some((Standing::Inside, format!("{name} {version} lies in {range}"))),
    }
}

/// What a cluster's document says of nodes that nobody lists.
fn stated(one: &Warned, cluster: &Cluster) -> Vec<(Standing, String)> {
    let runtime = cluster.runtime.as_ref();
    let mut found = match runtime {
        Some(runtime) => runtimes(one, Some((&runtime.name, &runtime.version))),
        None => vec![],
    };
    // A node's kubelet may be older than the API server, and never newer.
    let kubernetes = cluster.kubernetes.version.value;
    let api_server = kubernetes.to_string();
    found.extend(one.kubelets.iter().map(|range| match range.standing(&api_server) {
        Standing::Inside => {
            let words =
                format!("Kubernetes {kubernetes} lies in {range}, and kubelets are no newer");
            (Standing::Inside, words)
        }
        _ => (Standing::Unknown, format!("Kubernetes is {kubernetes}, kubelets may be older")),
    }));
    found
}

/// The workloads that run what is affected. What a controller made counts as its own; a pod counts
/// by itself where none that is written names its image, or where its digest alone gives it away.
fn workloads(one: &Warned, snapshot: &Snapshot) -> Vec<ExposedWorkload> {
    let mut found: BTreeSet<ExposedWorkload> = BTreeSet::new();
    let mut made: Vec<ExposedWorkload> = vec![];
    for object in snapshot.objects.iter().map(|one| &one.object) {
        let owner = controller(object);
        if owner.is_some() && object::kind(object) != "Pod" {
            continue;
        }
        for image in images(object) {
            let standing = one.image(&image);
            if standing == Standing::Outside {
                continue;
            }
            let (kind, name) =
                owner.clone().unwrap_or((object::kind(object).to_owned(), name_of(object)));
            let namespace = object::namespace(object).to_owned();
            let workload = ExposedWorkload { namespace, kind, name, image, standing };
            match owner {
                None => {
                    found.insert(workload);
                }
                Some(_) => made.push(workload),
            }
        }
    }
    let written: BTreeSet<(String, String)> =
        found.iter().map(|one| (one.namespace.clone(), named(&one.image).to_owned())).collect();
    for workload in made {
        let known = (workload.namespace.clone(), named(&workload.image).to_owned());
        if !written.contains(&known) {
            found.insert(workload);
        }
    }
    certain(found)
}

/// One image of one workload is told once, as what is known best of it.
fn certain(found: BTreeSet<ExposedWorkload>) -> Vec<ExposedWorkload> {
    let mut best: BTreeMap<(String, String, String, String), ExposedWorkload> = BTreeMap::new();
    for one in found {
        let key = (
            one.namespace.clone(),
            one.kind.clone(),
            one.name.clone(),
            named(&one.image).to_owned(),
        );
        let known = best.entry(key).or_insert_with(|| one.clone());
        if one.standing > known.standing {
            *known = one;
        }
    }
    best.into_values().collect()
}

/// A reference without its digest.
fn named(image: &str) -> &str {
    image.split('@').next().unwrap_or_default()
}

fn name_of(object: &Object) -> String {
    object::name(object).to_owned()
}

/// Kind and name of the controller that made an object.
fn controller(object: &Object) -> Option<(String, String)> {
    let owners = object::list(object, &["metadata", "ownerReferences"]);
    let owner = owners.iter().find(|owner| owner["controller"] == Value::Bool(true))?;
    Some((object::text(owner, &["kind"]).to_owned(), object::text(owner, &["name"]).to_owned()))
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
