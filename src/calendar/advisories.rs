//! The dates of advisories: when each begins to count, and when it ends.

use super::{Event, Kind};
use crate::date::Date;
use crate::document::State;
use crate::link::{Linked, Warned, labels};

/// What is ahead of every advisory, and which have ended and are still written down.
pub fn advisories(linked: &Linked, today: Date) -> Vec<Event> {
    linked.warned.iter().flat_map(|one| of(one, linked, today)).collect()
}

fn of(one: &Warned, linked: &Linked, today: Date) -> Vec<Event> {
    let active = linked.clusters.iter().filter(|cluster| cluster.spec.state == State::Active);
    let meant = active.filter(|cluster| one.clusters.matches(&labels(cluster)));
    let mut clusters: Vec<String> = meant.map(|cluster| cluster.name.value.clone()).collect();
    clusters.sort();
    let event = |day: Date, kind: Kind, text: &str| Event {
        day,
        kind,
        about: one.name.clone(),
        text: text.to_owned(),
        place: one.place,
        rules: vec![],
        clusters: clusters.clone(),
    };
    let (granted, expires) = (one.lasting.granted, one.lasting.expires);
    if expires < today {
        return vec![event(expires, Kind::AdvisoryEnds, "has ended and can be removed")];
    }
    let begins = (granted > today).then(|| {
        event(
            granted,
            Kind::AdvisoryBegins,
            "begins to count: what it names is refused or warned about",
        )
    });
    let ends =
        "counts for the last time; renew it, or what it names is let in again from the next day";
    begins.into_iter().chain([event(expires, Kind::AdvisoryEnds, ends)]).collect()
}
