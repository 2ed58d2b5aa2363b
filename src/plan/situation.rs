//! What is true of a cluster, as far as it decides what it is given.
//!
//! Clusters with equal situations share one plan, one compilation and one rendered folder; a
//! cluster's name is no part of it.

use super::{Standing, UnsafeNodes};
use crate::catalogue::Catalogue;
use crate::date::Date;
use crate::document::{Cluster, Document};
use crate::limits::MINORS_AHEAD;
use crate::link::{Linked, labels};
use crate::lock::{Held, Remembered, Since};
use crate::selector::Selector;
use crate::version::Version;
use std::collections::BTreeMap;

/// The facts engines and sync tools look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Facts {
    pub kubernetes: (u32, u32),
    pub provider: String,
    pub engine: String,
    /// Major, minor, patch; none for the engine built into Kubernetes.
    pub engine_version: Option<(u32, u32, u32)>,
    pub fail_open: Option<bool>,
    /// What an upgrade that is under way will make of the versions.
    pub next_kubernetes: Option<(u32, u32)>,
    pub next_engine_version: Option<(u32, u32, u32)>,
}

impl Facts {
    pub fn of(cluster: &Cluster) -> Facts {
        let minor = |version: Version| (version.major, version.minor);
        let engine = &cluster.engine;
        Facts {
            kubernetes: minor(cluster.kubernetes.version.value),
            provider: cluster.provider.value.clone(),
            engine: engine.name.value.clone(),
            engine_version: engine.version.map(|written| written.value.numbers()),
            fail_open: engine.fails_open(),
            next_kubernetes: cluster.kubernetes.next.map(|next| minor(next.value)),
            next_engine_version: engine.next.map(|next| next.value.numbers()),
        }
    }

    pub fn kubernetes(&self) -> Version {
        Version::new(self.kubernetes.0, self.kubernetes.1)
    }

    pub fn engine_version(&self) -> Option<Version> {
        self.engine_version.map(|(major, minor, patch)| Version {
            major,
            minor,
            patch: Some(patch),
        })
    }

    /// The newest Kubernetes it will run on as far as is known.
    pub fn newest_kubernetes(&self) -> Version {
        let (major, minor) = self.next_kubernetes.unwrap_or(self.kubernetes).max(self.kubernetes);
        Version::new(major, minor)
    }

    /// The cluster in each state it may be in until its upgrades are done, the present one first:
    /// every minor of Kubernetes on the way, since it skips none, with the engine before and after.
    pub fn moments(&self) -> Vec<Facts> {
        let (major, minor) = self.kubernetes;
        let minors = match self.next_kubernetes {
            // More is refused where it is read.
            Some((same, last)) if same == major => {
                (minor..=last.max(minor)).take(MINORS_AHEAD as usize + 1).collect()
            }
            _ => vec![minor],
        };
        let next = self.next_engine_version.map(Some);
        let engines = [Some(self.engine_version), next].into_iter().flatten();
        let moment = |engine_version, minor| Facts {
            kubernetes: (major, minor),
            engine_version,
            next_kubernetes: None,
            next_engine_version: None,
            ..self.clone()
        };
        engines.flat_map(|engine| minors.iter().map(move |minor| moment(engine, *minor))).collect()
    }
}

/// A namespace that a cluster's document lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Known {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// Everything about a cluster that decides its plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Situation {
    pub facts: Facts,
    pub system: Vec<String>,
    /// For each environment of the fleet: disjoint namespaces of this cluster that belong to it.
    pub environments: Vec<Vec<Selector>>,
    /// The environment of the cluster's own objects.
    pub own_environment: Option<usize>,
    /// The namespaces its document lists, where something is demanded that is given to each.
    pub namespaces: Vec<Known>,
    /// Demands and liftings that select this cluster, by index.
    pub demands: Vec<usize>,
    pub liftings: Vec<usize>,
    /// What the base's lock remembers: the first day per demand.
    pub first: Vec<Option<Date>>,
    /// What has been asked for, and since when.
    pub held: Vec<Standing>,
    /// Nothing has landed there yet.
    pub is_new: bool,
    /// Nodes that advisories affect.
    pub nodes: Vec<UnsafeNodes>,
}

impl Situation {
    pub fn first(&self, demand: usize) -> Option<Date> {
        let index = self.demands.iter().position(|other| *other == demand)?;
        self.first[index]
    }
}

/// Looks at one cluster on a day; `tools_namespaces` are those its engine and its sync tool run in,
/// and `landed` tells when a line of its lock landed.
pub fn situation(
    cluster: &Document<Cluster>,
    linked: &Linked,
    catalogue: &Catalogue,
    remembered: &Remembered,
    tools_namespaces: &[String],
    landed: impl Fn(&Held) -> Option<Date>,
    today: Date,
) -> Situation {
    let spec = &cluster.spec;
    let labels = labels(cluster);
    let provider = catalogue.providers.get(&spec.provider.value);
    let mut system: Vec<String> = provider
        .into_iter()
        .flat_map(|provider| &provider.spec.system_namespaces)
        .flat_map(|group| &group.names)
        .map(|name| name.value.clone())
        .chain(spec.system_namespaces.iter().cloned())
        .chain(tools_namespaces.iter().cloned())
        .collect();
    system.sort();
    system.dedup();
    let (environments, own_environment) = environments(&labels, linked);
    let selected = |selector: &Selector| selector.matches(&labels);
    let demands: Vec<usize> = (0..linked.demands.len())
        .filter(|index| {
            let demand = &linked.demands[*index];
            let counts = demand.lasting.is_none_or(|lasting| lasting.is_in_force(today));
            counts && selected(&demand.clusters) && demand.holds(spec)
        })
        .collect();
    let liftings = (0..linked.liftings.len())
        .filter(|index| selected(&linked.liftings[*index].clusters))
        .collect();
    let first = demands
        .iter()
        .map(|index| {
            let demand = &linked.demands[*index];
            remembered.first(&demand.rule, &demand.label)
        })
        .collect();
    let held = remembered.landed.held.iter();
    // Only a grace that waits for its landing needs to know of it: writing the line takes time.
    let waits = |held: &Held| matches!(held.since, Since::First(_));
    let held = held.map(|held| {
        let landed = waits(held).then(|| landed(held)).flatten();
        Standing::new(held.clone(), landed, false)
    });
    // What is proposed anew has a day and has not begun; all else is told by what has landed.
    let proposed = remembered.proposed.iter().flat_map(|lock| &lock.held);
    let proposed = proposed.filter(|held| waits(held));
    let proposed = proposed.filter(|held| !remembered.landed.held.contains(*held));
    let held = held.chain(proposed.map(|held| Standing::new(held.clone(), None, true))).collect();
    let landed = &remembered.landed;
    let is_new = landed.rules.is_empty() && landed.held.is_empty() && landed.files.is_empty();
    let facts = Facts::of(spec);
    let by_name = demands.iter().any(|index| linked.demands[*index].control.is_manifest());
    let known = spec.namespaces.iter().filter(|_| by_name);
    let mut namespaces: Vec<Known> =
        known.map(|one| Known { name: one.name.clone(), labels: one.labels.clone() }).collect();
    namespaces.sort_by(|one, other| one.name.cmp(&other.name));
    Situation {
        facts,
        system,
        environments,
        own_environment,
        namespaces,
        demands,
        liftings,
        first,
        held,
        is_new,
        nodes: vec![],
    }
}

/// The namespaces of each environment here, and the one of the cluster's own objects; a namespace
/// belongs to the first that claims it.
pub fn environments(
    labels: &std::collections::BTreeMap<String, String>,
    linked: &Linked,
) -> (Vec<Vec<Selector>>, Option<usize>) {
    let all = &linked.settings.environments;
    let mut own = None;
    let mut taken: Vec<Selector> = vec![];
    let mut found = vec![vec![]; all.len()];
    let free = |selector: Selector, taken: &[Selector]| {
        taken.iter().fold(vec![selector], |parts, other| {
            parts.iter().flat_map(|part| part.minus(other)).collect()
        })
    };
    for (index, environment) in all.iter().enumerate() {
        for (clusters, namespaces) in environment.places.iter().flatten() {
            if !clusters.matches(labels) {
                continue;
            }
            if namespaces.is_none() && own.is_none() {
                own = Some(index);
            }
            let claimed = namespaces.clone().unwrap_or_default();
            let parts = free(claimed, &taken);
            taken.extend(parts.iter().cloned());
            found[index].extend(parts);
        }
    }
    let remainder = all.iter().position(|environment| environment.places.is_none());
    if let Some(index) = remainder {
        found[index] = free(Selector::all(), &taken);
    }
    (found, own.or(remainder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upgrade_passes_every_minor_with_the_engine_before_and_after() {
        let facts = Facts {
            kubernetes: (1, 31),
            provider: "generic".to_owned(),
            engine: "some".to_owned(),
            engine_version: Some((1, 2, 0)),
            fail_open: None,
            next_kubernetes: Some((1, 33)),
            next_engine_version: Some((1, 3, 0)),
        };
        let moments = facts.moments();
        let states: Vec<(u32, u32)> =
            moments.iter().map(|one| (one.engine_version.unwrap().1, one.kubernetes.1)).collect();
        assert_eq!(states, [(2, 31), (2, 32), (2, 33), (3, 31), (3, 32), (3, 33)]);
        assert_eq!(moments[0].moments(), [moments[0].clone()]);
        assert_eq!(facts.newest_kubernetes(), Version::new(1, 33));
    }
}
