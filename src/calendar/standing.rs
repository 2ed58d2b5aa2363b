//! How an exemption stands on a day, and which clusters are asked for what it lifts.

use super::next;
use crate::date::Date;
use crate::document::{Cluster, Document, State as ClusterState};
use crate::link::{Demand, Ended, Lifting, Linked, labels};
use crate::plan::environments;
use crate::selector::Selector;
use crate::snapshot::Taken;
use std::collections::BTreeMap;

/// An exemption as it stands.
#[derive(Debug)]
pub struct Standing<'a> {
    pub lifting: &'a Lifting,
    /// Days since it began; `None` where nobody says when, or that day is to come.
    pub age: Option<i64>,
    /// Days after today on which it still counts; `None` once it has ended by its date.
    pub left: Option<i64>,
    /// The clusters it selects that are asked for something it lifts, sorted.
    pub clusters: Vec<&'a str>,
    pub state: State,
}

impl Standing<'_> {
    /// It is in force on this cluster and selects something that is asked for there.
    pub fn counts_on(&self, cluster: &str) -> bool {
        let counts = matches!(self.state, State::InForce | State::EndsSoon);
        counts && self.clusters.contains(&cluster)
    }

    /// What runs shows that nothing needs it, if it counts at all.
    pub fn note_stale(&mut self, found: bool, taken: Option<Taken>) {
        if matches!(self.state, State::InForce | State::EndsSoon) {
            self.state = State::Stale { found, taken };
        }
    }
}

/// The most important thing there is to say of an exemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    InForce,
    /// It ends within the time that the fleet wants to be reminded.
    EndsSoon,
    NotYet,
    /// Since this day; `lapsed`: it does not count any more.
    Overdue {
        since: Date,
        lapsed: bool,
    },
    /// No cluster that it selects is asked for what it lifts.
    MatchesNothing,
    /// What it is for breaks no rule any more, or was not `found` at all, in a snapshot.
    Stale {
        found: bool,
        taken: Option<Taken>,
    },
    /// It counted for the last time on the day before.
    Ended {
        since: Date,
    },
}

impl State {
    /// What programs call it.
    pub fn id(self) -> &'static str {
        match self {
            State::InForce => "in-force",
            State::EndsSoon => "ends-soon",
            State::NotYet => "not-yet",
            State::Overdue { .. } => "review-overdue",
            State::MatchesNothing => "matches-nothing",
            State::Stale { .. } => "stale",
            State::Ended { .. } => "ended",
        }
    }

    /// The first day on which it was so, where that is a day.
    pub fn since(self) -> Option<Date> {
        match self {
            State::Overdue { since, .. } | State::Ended { since } => Some(since),
            _ => None,
        }
    }

    /// Somebody has to do something about it.
    pub fn is_wanting(self) -> bool {
        !matches!(self, State::InForce | State::EndsSoon | State::NotYet)
    }

    /// For people.
    pub fn in_words(self) -> String {
        let day = self.since().map_or(String::new(), |day| format!(" since {day}"));
        match self {
            State::InForce => "in force".to_owned(),
            State::EndsSoon => "ends soon".to_owned(),
            State::NotYet => "not yet".to_owned(),
            State::Overdue { lapsed: true, .. } => format!("lapsed{day}: review overdue"),
            State::Overdue { lapsed: false, .. } => format!("review overdue{day}"),
            State::MatchesNothing => "matches nothing".to_owned(),
            State::Stale { found: true, taken } => {
                format!("stale: breaks nothing in the snapshot {}", Taken::words(taken))
            }
            State::Stale { found: false, taken } => {
                format!("stale: not found in the snapshot {}", Taken::words(taken))
            }
            State::Ended { .. } => format!("ended{day}"),
        }
    }
}

/// All exemptions, by name.
pub fn standings(linked: &Linked, today: Date) -> Vec<Standing<'_>> {
    let active = linked.clusters.iter().filter(|one| one.spec.state != ClusterState::Retired);
    let mut clusters: Vec<Asked<'_>> = active.map(|cluster| Asked::new(cluster, linked)).collect();
    clusters.sort_by(|one, other| one.cluster.name.value.cmp(&other.cluster.name.value));
    let remind = linked.settings.exemptions.as_ref().and_then(|bounds| bounds.remind.as_ref());
    let mut found = vec![];
    for lifting in &linked.liftings {
        let demands: Vec<&Demand> = linked
            .demands
            .iter()
            .filter(|one| lifting.lifts(one) && !is_over(one, today))
            .collect();
        let asked = clusters.iter().filter(|one| {
            lifting.clusters.matches(&one.labels)
                && demands.iter().any(|demand| one.is_asked(demand, lifting))
        });
        let clusters: Vec<&str> = asked.map(|one| one.cluster.name.value.as_str()).collect();
        let soon = remind.is_some_and(|remind| lifting.expires <= today.plus(remind.value));
        let begins = lifting.begins().filter(|first| *first <= today);
        found.push(Standing {
            lifting,
            age: begins.map(|first| first.days_until(today)),
            left: (today <= lifting.expires).then(|| today.days_until(lifting.expires)),
            state: state(lifting, clusters.is_empty(), soon, today),
            clusters,
        });
    }
    found.sort_by(|one, other| one.lifting.name.cmp(&other.lifting.name));
    found
}

/// An advisory that has ended asks for nothing any more; one that is to come will.
fn is_over(demand: &Demand, today: Date) -> bool {
    demand.lasting.is_some_and(|lasting| lasting.expires < today)
}

/// A cluster that demands are made of.
struct Asked<'a> {
    cluster: &'a Document<Cluster>,
    labels: BTreeMap<String, String>,
    /// The namespaces of each environment of the fleet here, and that of the cluster's own objects.
    environments: (Vec<Vec<Selector>>, Option<usize>),
}

impl<'a> Asked<'a> {
    fn new(cluster: &'a Document<Cluster>, linked: &Linked) -> Asked<'a> {
        let labels = labels(cluster);
        let environments = environments(&labels, linked);
        Asked { cluster, labels, environments }
    }

    /// Whether a demand holds here for something that the exemption is for.
    fn is_asked(&self, demand: &Demand, lifting: &Lifting) -> bool {
        if !demand.clusters.matches(&self.labels) || !demand.holds(&self.cluster.spec) {
            return false;
        }
        let (environments, own) = &self.environments;
        let meant = lifting.scope.meant();
        let everywhere = [Selector::all()];
        let parts = match demand.environment {
            Some((index, _)) => &environments[index][..],
            None => &everywhere,
        };
        let written = demand.namespaces.as_ref().map(|written| &written.selector);
        let (namespaced, cluster_scoped) = demand.control.looks_at();
        let overlaps = |part: &Selector| match written {
            Some(written) => part.and(written).overlaps(&meant),
            None => part.overlaps(&meant),
        };
        let whole = written.is_none()
            && meant.is_all()
            && demand.environment.is_none_or(|(index, _)| Some(index) == *own);
        (namespaced && parts.iter().any(overlaps)) || (cluster_scoped && whole)
    }
}

fn state(lifting: &Lifting, matches_nothing: bool, soon: bool, today: Date) -> State {
    let review = lifting.review.as_ref().filter(|review| review.is_overdue(today));
    match (lifting.ended(today), review) {
        (Some(Ended::On(day)), _) => State::Ended { since: next(day) },
        _ if matches_nothing => State::MatchesNothing,
        _ if !lifting.has_begun(today) => State::NotYet,
        (_, Some(review)) => {
            State::Overdue { since: next(review.due(today)), lapsed: review.lapses }
        }
        _ if soon => State::EndsSoon,
        _ => State::InForce,
    }
}
