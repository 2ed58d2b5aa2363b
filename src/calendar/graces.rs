//! The ends of graces: from when a rule holds in full, and where.

use super::{Event, Kind};
use crate::date::Date;
use crate::plan::{Origin, Plan};
use crate::text::{Place, count};
use std::collections::BTreeMap;

/// A cluster, its plan of today, and its plan of the day that what is committed was rendered for.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    pub cluster: &'a str,
    pub today: &'a Plan,
    pub committed: Option<&'a Plan>,
}

/// The requirement, the day, where the grace stands, by which action what holds then, and whether
/// that day has come.
type Key<'a> = (&'a str, Date, Place, &'static str, bool);

/// What is rendered does not hold by itself.
const DUE: &str = " once it is rendered anew";

/// Every grace that still runs, and every one that is over today and what is committed still
/// grants. Rules of one requirement that flip on the same day and clusters are one event.
pub fn graces(planned: &[Planned<'_>]) -> Vec<Event> {
    let mut by_rule: BTreeMap<(Key<'_>, &str), Vec<&str>> = BTreeMap::new();
    for one in planned {
        for rule in one.today.holding() {
            for origin in &rule.origins {
                let Some(grace) = &origin.grace else { continue };
                if grace.over && !is_granted(one.committed, &rule.name, origin) {
                    continue;
                }
                let (label, verb) = (origin.label.as_str(), origin.action.verb());
                let key = (label, grace.until, grace.place, verb, grace.over);
                by_rule.entry((key, &rule.name)).or_default().push(one.cluster);
            }
        }
    }
    let mut by_clusters: BTreeMap<(Key<'_>, Vec<&str>), Vec<&str>> = BTreeMap::new();
    for ((key, rule), mut clusters) in by_rule {
        clusters.sort_unstable();
        clusters.dedup();
        by_clusters.entry((key, clusters)).or_default().push(rule);
    }
    let event = |(((label, day, place, verb, over), clusters), rules): (
        (Key<'_>, Vec<&str>),
        Vec<&str>,
    )| {
        let what = match rules[..] {
            [only] => format!("{only} {verb}"),
            _ => format!("each of {} {verb}", count(rules.len(), "rule")),
        };
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Event {
            day,
            kind: Kind::GraceEnds,
            about: label.to_owned(),
            text: format!("is graced no longer: {what}{}", if over { DUE } else { "" }),
            place,
            rules: owned(rules),
            clusters: owned(clusters),
        }
    };
    by_clusters.into_iter().map(event).collect()
}

/// Whether what is committed still grants a grace that is over today.
fn is_granted(committed: Option<&Plan>, rule: &str, origin: &Origin) -> bool {
    let rules = committed.into_iter().flat_map(Plan::holding).filter(|one| one.name == rule);
    let mut graces = rules
        .flat_map(|rule| &rule.origins)
        .filter(|one| one.label == origin.label)
        .filter_map(|one| one.grace.as_ref());
    graces.any(|grace| !grace.over)
}
