//! What dates bring to what changes, whenever that is, and to anything within a month.
//!
//! A proposal asks for the day it was made for, so that one that waits does not say something else
//! every morning.

use crate::calendar::{Event, Planned, advisories, exemptions, graces, standings};
use crate::change::{Change, Subject};
use crate::date::{Date, Period};
use crate::pipeline::{Loaded, Render};
use crate::report::{Due, Reason};
use std::collections::BTreeSet;

/// How many days ahead are soon.
const SOON: Period = Period { days: 30 };

pub fn dates(
    loaded: &Loaded,
    rendered: &Render,
    change: &Change,
    touched: &[Reason],
    day: Date,
) -> Vec<Due> {
    let rules: BTreeSet<&str> = change
        .entries
        .iter()
        .filter_map(|entry| match &entry.subject {
            Subject::Rule { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let touched: BTreeSet<&str> = touched.iter().map(|one| one.name.as_str()).collect();
    let planned = rendered.clusters.iter().map(|(cluster, clustered)| Planned {
        cluster,
        today: &rendered.units[clustered.unit].plan,
        committed: None,
    });
    let mut events = exemptions(&standings(&loaded.linked, day), day);
    events.extend(graces(&planned.collect::<Vec<_>>()));
    events.extend(advisories(&loaded.linked, day));
    let concerns = |event: &Event| {
        event.day <= day.plus(SOON)
            || touched.contains(event.about.as_str())
            || event.rules.iter().any(|rule| rules.contains(rule.as_str()))
    };
    events.retain(|event| event.day >= day && concerns(event));
    events.sort_by(|one, other| {
        let key = |event: &Event| (event.day, event.kind, event.about.clone(), event.rules.clone());
        key(one).cmp(&key(other))
    });
    let told = |event: Event| {
        let on = match &event.clusters[..] {
            [] => String::new(),
            some => format!(" on {}", crate::change::clusters(some)),
        };
        Due {
            day: event.day.to_string(),
            what: event.kind.title().to_owned(),
            text: format!("{}{on}", event.text),
            place: loaded.sources.short(event.place),
            about: event.about,
        }
    };
    events.into_iter().map(told).collect()
}
