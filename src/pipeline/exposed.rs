//! What an advisory affects that runs already, or that no pod says of itself: nodes and workloads,
//! as far as inventory and snapshots know them.
//!
//! A pod at admission has no runtime and no kubelet yet. What can be refused is binding it to a node
//! that was found to be affected; all else is told, with what it rests on.

use super::Loaded;
use super::running::{Running, running};
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{Cluster, Document, State};
use crate::link::{Warned, labels};
use crate::plan::UnsafeNodes;
use crate::snapshot::{Node, Snapshot, Taken};
use crate::version::{Affected, Standing, Version};

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
    /// Where no node is known: what its document says of all of them, if they may be affected.
    pub stated: Option<(Standing, String)>,
    pub workloads: Vec<Running>,
}

/// A node that is affected, or may be, and why.
#[derive(Clone, Debug)]
pub struct ExposedNode {
    pub name: String,
    pub standing: Standing,
    /// What it runs, and the range that this lies in.
    pub because: String,
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
        false => None,
    };
    Exposed {
        cluster,
        taken: snapshot.and_then(|snapshot| snapshot.taken),
        seen: snapshot.is_some(),
        known: found.len(),
        nodes: found.iter().filter_map(|found| node(one, found)).collect(),
        stated,
        workloads: snapshot.map(|snapshot| running(one, snapshot)).unwrap_or_default(),
    }
}

/// What is wrong with the snapshot of a cluster: an error where its nodes decide what is rendered,
/// since a rule must not go because a file broke.
pub fn unread(loaded: &Loaded, cluster: &Document<Cluster>, days: [Date; 2]) -> Vec<Diagnostic> {
    let [rendered_for, today] = days;
    let Some(snapshot) = loaded.snapshots.get(&cluster.name.value) else { return vec![] };
    let mut problems = snapshot.problems(today);
    let active = cluster.spec.state == State::Active;
    if active && about_nodes(loaded, cluster, rendered_for).next().is_some() {
        return problems;
    }
    problems.iter_mut().for_each(|problem| problem.severity = Severity::Warning);
    problems
}

/// The advisories about nodes that are in force on a cluster.
fn about_nodes<'a>(
    loaded: &'a Loaded,
    cluster: &Document<Cluster>,
    today: Date,
) -> impl Iterator<Item = &'a Warned> {
    let labels = labels(cluster);
    loaded.linked.warned.iter().filter(move |one| {
        one.is_about_nodes() && one.lasting.is_in_force(today) && one.clusters.matches(&labels)
    })
}

/// Nodes that are not to be given any more pods, by what is in force on a day.
pub fn unsafe_nodes(loaded: &Loaded, cluster: &Document<Cluster>, today: Date) -> Vec<UnsafeNodes> {
    if !judges_bindings(cluster) || loaded.linked.warned.is_empty() {
        return vec![];
    }
    let Some(snapshot) = loaded.snapshots.get(&cluster.name.value) else { return vec![] };
    let counting: Vec<&Warned> = about_nodes(loaded, cluster, today).collect();
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
    let (standing, because) = worst(reasons)?;
    Some(ExposedNode { name: found.name.clone(), standing, because })
}

/// The worst that is said, with each of its reasons once.
fn worst(said: Vec<(Standing, String)>) -> Option<(Standing, String)> {
    let standing = said.iter().map(|(standing, _)| *standing).max()?;
    let mut because: Vec<String> = vec![];
    for (one, words) in said {
        if one == standing && !because.contains(&words) {
            because.push(words);
        }
    }
    Some((standing, because.join("; ")))
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
fn stated(one: &Warned, cluster: &Cluster) -> Option<(Standing, String)> {
    let runtime = cluster.runtime.as_ref();
    let mut found = match runtime {
        Some(runtime) => runtimes(one, Some((&runtime.name, &runtime.version))),
        None => vec![],
    };
    found.extend(one.kubelets.iter().filter_map(|range| kubelets(range, cluster)));
    worst(found)
}

/// A node's kubelet may be older than the API server, and is never newer than the newest of them.
fn kubelets(range: &Affected, cluster: &Cluster) -> Option<(Standing, String)> {
    let kubernetes = &cluster.kubernetes;
    let newest = kubernetes.next.as_ref().map_or(kubernetes.version.value, |next| next.value);
    match range.standing_up_to(&newest.to_string()) {
        Standing::Outside => None,
        Standing::Inside => Some((
            Standing::Inside,
            format!("Kubernetes {newest} lies in {range}, and kubelets are no newer"),
        )),
        Standing::Unknown => Some((
            Standing::Unknown,
            format!("Kubernetes is {newest}, and kubelets, which may be older, may lie in {range}"),
        )),
    }
}
