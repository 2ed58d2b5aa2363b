//! Who is hit: by change, cluster, namespace and owner.

use super::court::{Court, Said};
use super::witness::manifests;
use super::{Effect, Found, Judged};
use crate::admission::resource_of;
use crate::baseline::{Key, Objects, TEAM_LABELS};
use crate::change::{Change, Entry, Subject};
use crate::check::{Known, Labels};
use crate::object::{self, Object};
use crate::snapshot::{Seen, Taken};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::btree_map::{self, BTreeMap};
use std::collections::{BTreeSet, HashMap};

/// What a snapshot held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    pub objects: usize,
    /// Files, or parts of them, that could not be read.
    pub unread: usize,
    /// How many objects could not be judged by something, by why.
    pub unjudged: BTreeMap<String, usize>,
}

/// A workload that is hit, wherever it is hit alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub control: String,
    pub effect: Effect,
    /// Already when it is written again as it is; otherwise when it is made anew, as at a restart.
    pub now: bool,
    pub workload: Key,
    /// Who answers for it, as its labels say.
    pub owner: Option<String>,
    /// What of it offends, such as containers.
    pub offenders: Vec<String>,
    /// As if its namespace had no labels, since nobody states them.
    pub assumed: bool,
    /// Sorted.
    pub clusters: Vec<String>,
    /// The changes that do it, by their places in the change.
    pub entries: Vec<usize>,
}

/// Whom a change hits.
#[derive(Clone, Debug, Default)]
pub struct Blast {
    /// The clusters whose policies change, with the day of their snapshot as far as anybody says, and
    /// what it held; `None`: there is no snapshot.
    pub clusters: BTreeMap<String, Option<(Option<Taken>, Looked)>>,
    /// The worst first, then by control, namespace and name.
    pub hits: Vec<Hit>,
    /// What of both sides cannot judge, and why: what it does is not known.
    pub blind: BTreeSet<String>,
}

/// How many workloads are hit, each counted once on each of its clusters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// By effect; of what is hit several times, the worst.
    pub workloads: BTreeMap<Effect, usize>,
    /// Of those denied, how many already when they are written again as they are.
    pub denied_now: usize,
    pub namespaces: usize,
    pub clusters: usize,
}

/// A workload of one cluster, before clusters alike are put together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OneHit {
    effect: Effect,
    control: String,
    workload: Key,
    now: bool,
    owner: Option<String>,
    offenders: BTreeSet<String>,
    assumed: bool,
}

/// The objects of rules, by kind and name, that hit a workload.
pub type Origins = BTreeSet<String>;

/// `None` where something cannot be read that was only skimmed.
pub fn judge(
    court: &Court,
    objects: &[Seen<'_>],
    unread: usize,
    inventory: &BTreeMap<String, Labels>,
) -> Option<Judged> {
    let known = known(objects, inventory);
    let said = court.judge(objects, &known)?;
    let mut hits: BTreeMap<(Key, &str, Effect), (OneHit, Origins)> = BTreeMap::new();
    let mut unjudged: BTreeMap<String, usize> = BTreeMap::new();
    let is_hit = |heard: &Said| heard.as_ref().is_some_and(|one| !one.sentences.is_empty());
    let any = said.iter().any(is_hit);
    let may_own = |one: &Seen<'_>| any && one.kind() != "Pod";
    let mut outlined = outlines(objects, |at, one| is_hit(&said[at]) || may_own(one))?;
    // Few pods make others; where some do, any may be who answers for them.
    let of_a_pod =
        |one: &Cow<'_, Object>| object::controller(one).is_some_and(|owner| owner["kind"] == "Pod");
    if outlined.iter().flatten().any(of_a_pod) {
        outlined = outlines(objects, |_, _| true)?;
    }
    let all = Objects::new(outlined.iter().flatten().map(AsRef::as_ref));
    for (outline, heard) in outlined.iter().zip(&said) {
        let Some(heard) = heard else { continue };
        for why in &heard.unjudged {
            *unjudged.entry(why.clone()).or_default() += 1;
        }
        let Some(object) = outline.as_ref().filter(|_| !heard.sentences.is_empty()) else {
            continue;
        };
        let workload = owning(&all, object);
        for one in &heard.sentences {
            match hits.entry((workload.clone(), &one.control, one.effect)) {
                // Of pods alike, the first says whose they are.
                btree_map::Entry::Vacant(new) => {
                    let hit = OneHit {
                        effect: one.effect,
                        control: one.control.clone(),
                        now: one.now,
                        owner: all.owner(&workload, object, TEAM_LABELS),
                        workload: workload.clone(),
                        offenders: one.offenders.clone(),
                        assumed: one.assumed,
                    };
                    new.insert((hit, one.origins.clone()));
                }
                btree_map::Entry::Occupied(known) => {
                    let (known, by) = known.into_mut();
                    known.now |= one.now;
                    known.assumed |= one.assumed;
                    add(&mut known.offenders, &one.offenders);
                    add(by, &one.origins);
                }
            }
        }
    }
    let looked = Looked { objects: objects.len(), unread, unjudged };
    Some(Judged { looked, hits: hits.into_values().collect() })
}

/// The outlines of those that are wanted; `None` where one of them cannot be read.
fn outlines<'a>(
    objects: &'a [Seen<'a>],
    is_wanted: impl Fn(usize, &Seen<'_>) -> bool + Sync,
) -> Option<Vec<Option<Cow<'a, Object>>>> {
    let outline = |(at, one): (usize, &'a Seen<'a>)| match is_wanted(at, one) {
        true => one.outline(TEAM_LABELS).map(Some),
        false => Some(None),
    };
    objects.par_iter().enumerate().map(outline).collect()
}

/// Most of what is added is there.
fn add(to: &mut BTreeSet<String>, more: &BTreeSet<String>) {
    for one in more {
        if !to.contains(one) {
            to.insert(one.clone());
        }
    }
}

/// What a cluster's own objects say of it, and the inventory's namespaces where they say nothing.
fn known(objects: &[Seen<'_>], inventory: &BTreeMap<String, Labels>) -> Known {
    let explains =
        |one: &&Seen<'_>| ["CustomResourceDefinition", "Namespace"].contains(&one.kind());
    let explaining = objects.iter().filter(explains).filter_map(Seen::read);
    Known::new(&manifests(explaining.map(Cow::into_owned).collect()), inventory)
}

/// The workload that people know an object by; what states no namespace lies in `default`.
fn owning(known: &Objects<'_>, object: &Object) -> Key {
    let mut key = known.owning(object).unwrap_or_else(|| Key {
        namespace: object::namespace(object).to_owned(),
        kind: object::kind(object).to_owned(),
        name: format!("{}*", object::text(object, &["metadata", "generateName"])),
    });
    let served = resource_of(object::group_version(object).0, object::kind(object));
    if key.namespace.is_empty() && served.namespaced == Some(true) {
        key.namespace = "default".to_owned();
    }
    key
}

pub fn sum<'a>(
    change: &Change,
    clusters: impl Iterator<Item = &'a str>,
    blind: impl Iterator<Item = &'a str>,
    judged: &BTreeMap<String, Found>,
) -> Blast {
    let clusters: BTreeMap<String, Option<(Option<Taken>, Looked)>> = clusters
        .map(|name| {
            let looked = judged.get(name).map(|(taken, one)| (*taken, one.looked.clone()));
            (name.to_owned(), looked)
        })
        .collect();
    let entries = Entries::of(change);
    let mut alike: HashMap<(&OneHit, Vec<usize>), Vec<String>> = HashMap::new();
    for name in clusters.keys() {
        for (hit, origins) in judged.get(name).iter().flat_map(|(_, one)| &one.hits) {
            let key = (hit, entries.behind(name, origins));
            // Of changes that are not told, nobody asked whom they hit.
            if key.1.is_empty() && change.left_out > 0 {
                continue;
            }
            alike.entry(key).or_default().push(name.clone());
        }
    }
    let hit = |((one, entries), clusters): ((&OneHit, Vec<usize>), Vec<String>)| Hit {
        control: one.control.clone(),
        effect: one.effect,
        now: one.now,
        workload: one.workload.clone(),
        owner: one.owner.clone(),
        offenders: one.offenders.iter().cloned().collect(),
        assumed: one.assumed,
        clusters,
        entries,
    };
    // Sorted right below by what no two of them share.
    let mut hits: Vec<Hit> = alike.into_iter().map(hit).collect();
    hits.sort_by(|a, b| {
        let key = |one: &Hit| (std::cmp::Reverse(one.effect), !one.now);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.control.cmp(&b.control))
            .then_with(|| a.workload.cmp(&b.workload))
            .then_with(|| a.clusters.cmp(&b.clusters))
    });
    Blast { clusters, hits, blind: blind.map(str::to_owned).collect() }
}

/// Which changes are about which objects.
struct Entries<'a> {
    /// By cluster: all of it comes or goes.
    whole: BTreeMap<&'a str, usize>,
    /// By name: what judges may have been of another kind before.
    of_object: BTreeMap<String, Vec<(usize, BTreeSet<&'a str>)>>,
}

impl<'a> Entries<'a> {
    fn of(change: &'a Change) -> Entries<'a> {
        let mut entries = Entries { whole: BTreeMap::new(), of_object: BTreeMap::new() };
        for (index, entry) in change.entries.iter().enumerate() {
            if entry.subject == Subject::Cluster {
                entries.whole.extend(entry.clusters().into_iter().map(|name| (name, index)));
            }
            for one in entry.renderings.iter().filter(|one| !one.kind.is_empty()) {
                let on = one.clusters.iter().map(String::as_str).collect();
                entries.of_object.entry(one.name.clone()).or_default().push((index, on));
            }
        }
        entries
    }

    fn behind(&self, cluster: &str, origins: &BTreeSet<String>) -> Vec<usize> {
        let names = origins.iter().filter_map(|origin| origin.split_once('/'));
        let of = names.filter_map(|(_, name)| self.of_object.get(name)).flatten();
        let on = of.filter(|(_, clusters)| clusters.contains(cluster)).map(|(index, _)| *index);
        let all: BTreeSet<usize> = on.chain(self.whole.get(cluster).copied()).collect();
        all.into_iter().collect()
    }
}

impl Blast {
    /// What one change hits.
    pub fn of(&self, entry: usize) -> impl Iterator<Item = &Hit> {
        self.hits.iter().filter(move |hit| hit.entries.contains(&entry))
    }

    /// How many are hit by one change, or by all of them.
    pub fn counts(&self, entry: Option<usize>) -> Counts {
        let hits = self.hits.iter();
        Counts::of(hits.filter(|hit| entry.is_none_or(|entry| hit.entries.contains(&entry))))
    }

    /// Clusters whose policies change and of which nobody knows what they hold.
    pub fn without_snapshot(&self) -> Vec<&str> {
        let without = self.clusters.iter().filter(|(_, looked)| looked.is_none());
        without.map(|(name, _)| name.as_str()).collect()
    }

    /// The oldest and the newest day a snapshot is of; whether there is one whose day nobody states.
    pub fn days(&self) -> (Option<(Taken, Taken)>, bool) {
        let taken: Vec<Option<Taken>> =
            self.clusters.values().flatten().map(|(taken, _)| *taken).collect();
        let known = || taken.iter().flatten().copied();
        let oldest = known().min_by_key(|one| one.day());
        let newest = known().max_by_key(|one| one.day());
        (oldest.zip(newest), taken.contains(&None))
    }

    /// Whether there is a snapshot of any cluster.
    pub fn knows(&self) -> bool {
        self.clusters.values().any(Option::is_some)
    }

    /// Whether there is a snapshot of any cluster that a change is on.
    pub fn knows_of(&self, entry: &Entry) -> bool {
        let looked = |name: &&str| self.clusters.get(*name).is_some_and(Option::is_some);
        entry.clusters().iter().any(looked)
    }
}

impl Counts {
    pub fn of<'a>(hits: impl Iterator<Item = &'a Hit>) -> Counts {
        let mut worst: BTreeMap<(&Key, &str), (Effect, bool)> = BTreeMap::new();
        for hit in hits {
            for cluster in &hit.clusters {
                let known = worst.entry((&hit.workload, cluster)).or_insert((hit.effect, hit.now));
                *known = (*known).max((hit.effect, hit.now));
            }
        }
        let mut counts = Counts::default();
        let (mut namespaces, mut clusters) = (BTreeSet::new(), BTreeSet::new());
        for ((workload, cluster), (effect, now)) in worst {
            *counts.workloads.entry(effect).or_default() += 1;
            counts.denied_now += usize::from(effect == Effect::Denied && now);
            namespaces.insert((cluster, &workload.namespace));
            clusters.insert(cluster);
        }
        (counts.namespaces, counts.clusters) = (namespaces.len(), clusters.len());
        counts
    }

    pub fn is_empty(&self) -> bool {
        self.workloads.is_empty()
    }

    pub fn get(&self, effect: Effect) -> usize {
        self.workloads.get(&effect).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::skim;

    #[test]
    fn an_outline_knows_owners_and_labels() {
        let text = r#"{"apiVersion":"v1","kind":"List","items":[
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop"},
             "spec":{"replicas":1,"template":{"metadata":{"labels":{"team":"web"}},"spec":{"containers":[]}}}},
            {"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"sweep","namespace":"shop"},
             "spec":{"jobTemplate":{"spec":{"template":{"metadata":{"labels":{"team":"broom"}}}}}}},
            {"apiVersion":"v1","kind":"PodTemplate","metadata":{"name":"plan","namespace":"shop"},
             "template":{"metadata":{"labels":{"team":"plan"}}}},
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-6d4cf-x","namespace":"shop",
             "labels":{"pod-template-hash":"6d4cf"},
             "ownerReferences":[{"kind":"ReplicaSet","name":"web-6d4cf","controller":true}]},"spec":{"x":1}},
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"none","namespace":"shop"},"data":"x"}]}"#;
        let seen = skim("a.json", text.as_bytes()).unwrap();
        let told = |objects: Vec<Object>| -> Vec<(String, Option<String>)> {
            let all = Objects::new(&objects);
            let keys = objects.iter().map(|one| (all.owning(one).unwrap(), one));
            keys.map(|(key, one)| (key.to_string(), all.owner(&key, one, TEAM_LABELS))).collect()
        };
        let outlines =
            told(seen.iter().map(|one| one.outline(TEAM_LABELS).unwrap().into_owned()).collect());
        assert_eq!(
            outlines,
            told(seen.iter().map(|one| one.read().unwrap().into_owned()).collect())
        );
        let owners: Vec<Option<&str>> =
            outlines.iter().map(|(_, owner)| owner.as_deref()).collect();
        assert_eq!(owners, [Some("web"), Some("broom"), Some("plan"), Some("web"), None]);
    }
}
