//! What the page tells, in the order it tells it: changes that loosen first, clusters with the
//! same changes as one group. Everything has an id that depends on what it is, not on where it
//! stands, so a link goes on leading to it.

use crate::change::{self, Change, Direction, Entry};
use crate::name;
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

const SCHEMA_VERSION: u32 = 1;

/// A change and where it is.
pub struct Told<'a> {
    /// From 1, as people count.
    pub number: usize,
    pub id: String,
    pub entry: &'a Entry,
    pub clusters: Vec<&'a str>,
}

/// Clusters with the same changes.
pub struct Group<'a> {
    pub id: String,
    pub clusters: Vec<&'a str>,
    /// Positions, ascending.
    pub changes: Vec<usize>,
}

pub struct Facts<'a> {
    pub told: Vec<Told<'a>>,
    pub groups: Vec<Group<'a>>,
    /// All clusters that anything is told of.
    pub everywhere: BTreeSet<&'a str>,
}

impl<'a> Facts<'a> {
    pub fn of(change: &'a Change, inventory: &change::Facts) -> Facts<'a> {
        let mut taken = BTreeSet::new();
        let told: Vec<Told<'a>> = change
            .numbered(inventory)
            .into_iter()
            .enumerate()
            .map(|(position, (entry, _))| Told {
                number: position + 1,
                id: free(&mut taken, anchor(entry)),
                entry,
                clusters: entry.clusters(),
            })
            .collect();
        let mut changes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, one) in told.iter().enumerate() {
            for cluster in &one.clusters {
                changes.entry(cluster).or_default().push(position);
            }
        }
        let everywhere = changes.keys().copied().collect();
        Facts { groups: groups(&told, changes), told, everywhere }
    }

    /// How many changes go which way, what weighs most first.
    pub fn tally(&self) -> Vec<(Direction, usize)> {
        let count = |way| self.told.iter().filter(|one| one.entry.direction == way).count();
        Direction::ALL.into_iter().rev().map(|way| (way, count(way))).collect()
    }

    /// For programs, and for what the page draws by itself. The changes of a group are hex digits,
    /// each of four changes: the first change is the highest bit of the first digit.
    pub fn data(&self, against: &str, compared: usize) -> Value {
        let change = |one: &Told<'_>| {
            json!({
                "id": one.id,
                "title": one.entry.title(),
                "direction": one.entry.direction.id(),
            })
        };
        let group = |one: &Group<'_>| json!({"id": one.id, "clusters": one.clusters, "changes": mask(&one.changes)});
        json!({
            "schemaVersion": SCHEMA_VERSION,
            "against": against,
            "compared": compared,
            "changes": self.told.iter().map(change).collect::<Vec<_>>(),
            "groups": self.groups.iter().map(group).collect::<Vec<_>>(),
        })
    }
}

/// How many of these changes loosen, or are not known not to.
pub fn loosening(told: &[Told<'_>], changes: &[usize]) -> usize {
    changes.iter().filter(|one| told[**one].entry.direction.counts_as_loosening()).count()
}

/// Groups by what weighs most: most that loosens, then most changes, then most clusters.
fn groups<'a>(told: &[Told<'a>], changes: BTreeMap<&'a str, Vec<usize>>) -> Vec<Group<'a>> {
    let mut alike: BTreeMap<Vec<usize>, Vec<&str>> = BTreeMap::new();
    for (cluster, changes) in changes {
        alike.entry(changes).or_default().push(cluster);
    }
    let mut groups: Vec<Group<'a>> = alike
        .into_iter()
        .map(|(changes, clusters)| {
            let ids: Vec<&str> = changes.iter().map(|one| told[*one].id.as_str()).collect();
            let id = format!("group-{}", name::short_digest(ids.join(" ").as_bytes()));
            Group { id, clusters, changes }
        })
        .collect();
    groups.sort_by_cached_key(|group| {
        let weight = (loosening(told, &group.changes), group.changes.len(), group.clusters.len());
        (Reverse(weight), group.clusters[0])
    });
    let mut taken = BTreeSet::new();
    for group in &mut groups {
        group.id = free(&mut taken, std::mem::take(&mut group.id));
    }
    groups
}

/// `change-no-root-` and its fingerprint: its title as far as it is plain, and what it says.
fn anchor(entry: &Entry) -> String {
    let title = entry.title();
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(48).collect();
    let known = entry.fingerprint();
    match slug.is_empty() {
        true => format!("change-{known}"),
        false => format!("change-{slug}-{known}"),
    }
}

/// Where a cluster is found on the page.
pub fn cluster_id(cluster: &str) -> String {
    match name::problem(cluster) {
        None => format!("cluster-{cluster}"),
        Some(_) => format!("cluster--{}", name::short_digest(cluster.as_bytes())),
    }
}

fn free(taken: &mut BTreeSet<String>, wanted: String) -> String {
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    let id = std::iter::once(wanted.clone()).chain(numbered).find(|id| !taken.contains(id));
    let id = id.unwrap_or(wanted);
    taken.insert(id.clone());
    id
}

/// `[0, 1, 2, 5]` → `e4`.
fn mask(positions: &[usize]) -> String {
    let mut digits = vec![0_u8; positions.last().map_or(0, |last| last / 4 + 1)];
    for position in positions {
        digits[position / 4] |= 8 >> (position % 4);
    }
    digits.iter().map(|digit| format!("{digit:x}")).collect()
}

/// `[0, 1, 2, 5]` → `[[0, 2], [5, 5]]`.
pub fn runs(positions: &[usize]) -> Vec<[usize; 2]> {
    let mut runs: Vec<[usize; 2]> = vec![];
    for position in positions {
        match runs.last_mut() {
            Some(run) if run[1] + 1 == *position => run[1] = *position,
            _ => runs.push([*position, *position]),
        }
    }
    runs
}
