//! Exemptions and groups that may break the glass: whose holes contain whose.

use crate::plan::{AskedBy, Exempt};
use std::collections::BTreeSet;

/// It frees whole namespaces and nothing smaller.
pub fn only_namespaces(one: &Exempt) -> bool {
    one.workloads.is_empty() && one.images.is_empty() && one.labels.is_all()
}

/// Everything the other frees, this frees too.
pub fn contains(one: &Exempt, other: &Exempt) -> bool {
    // Nothing listed means any; a list holds what it lists.
    let within = |own: &[String], theirs: &[String]| {
        own.is_empty() || (!theirs.is_empty() && theirs.iter().all(|name| own.contains(name)))
    };
    within(&one.namespaces, &other.namespaces)
        && within(&one.workloads, &other.workloads)
        && within(&one.images, &other.images)
        && one.labels.contains(&other.labels)
}

/// Some of those who ask: in one of each of these groups, and in none of those.
#[derive(Clone, Debug, Default)]
pub struct Askers {
    of: Vec<BTreeSet<String>>,
    not: BTreeSet<String>,
}

impl Askers {
    /// Those whose requests are judged, taken apart by the groups that anybody speaks of.
    pub fn of(asked_by: &AskedBy, groups: &[&Vec<String>]) -> Vec<Askers> {
        let set = |groups: &[String]| -> BTreeSet<String> { groups.iter().cloned().collect() };
        let mut all = vec![match asked_by {
            AskedBy::Everybody => Askers::default(),
            AskedBy::Others(groups) => Askers { not: set(groups), ..Askers::default() },
            AskedBy::Members(groups) => Askers { of: vec![set(groups)], ..Askers::default() },
        }];
        for groups in groups {
            all = all
                .into_iter()
                .flat_map(|one| {
                    let (mut of, mut not) = (one.clone(), one);
                    of.of.push(set(groups));
                    not.not.extend(set(groups));
                    [of, not]
                })
                .collect();
        }
        all.retain(|one| one.of.iter().all(|groups| !groups.is_subset(&one.not)));
        all
    }

    /// Whether all of them are judged.
    pub fn within(&self, asked_by: &AskedBy) -> bool {
        match asked_by {
            AskedBy::Everybody => true,
            AskedBy::Others(groups) => groups.iter().all(|group| self.not.contains(group)),
            AskedBy::Members(groups) => {
                let among = |one: &BTreeSet<String>| one.iter().all(|group| groups.contains(group));
                self.of.iter().any(among)
            }
        }
    }
}
