//! What dates bring around a change: on the clusters it is about, and to what it touches itself.
//!
//! A proposal asks for the day it was made for, so that one that waits does not say something else
//! every morning. How much of it there is room for is whose that tells it.

use crate::calendar::{Event, Kind, calendar};
use crate::change::{Change, Subject, Topic};
use crate::cli::calendar::events;
use crate::date::{Date, Period};
use crate::pipeline::{Loaded, Render};
use crate::report::{Ahead, Dated};
use std::collections::BTreeSet;

/// How far ahead it is looked.
const AHEAD: Period = Period { days: 90 };

pub fn dates(loaded: &Loaded, rendered: &Render, change: &Change, today: Date) -> Ahead {
    let until = today.plus(AHEAD);
    let touched = Touched::by(change);
    let told = |event: Event| {
        let touched = touched.is(&event);
        let changes = || event.clusters.iter().any(|name| change.clusters.contains_key(name));
        let place = loaded.sources.short(event.place);
        (touched || (event.day <= until && changes())).then_some(Dated { event, place, touched })
    };
    let sorted = calendar(events(loaded, rendered, None, today), today, Date::LAST);
    let sorted = sorted.overdue.into_iter().chain(sorted.ahead);
    Ahead { today, until, dates: sorted.filter_map(told).collect() }
}

/// What changes.
struct Touched<'a> {
    exemptions: BTreeSet<&'a str>,
    rules: BTreeSet<&'a str>,
}

impl<'a> Touched<'a> {
    fn by(change: &'a Change) -> Touched<'a> {
        let said = change.entries.iter().flat_map(|entry| &entry.statements);
        let exemptions = said.filter(|said| said.topic == Topic::Exemption);
        let rules = change.entries.iter().filter_map(|entry| match &entry.subject {
            Subject::Rule { name } => Some(name.as_str()),
            _ => None,
        });
        Touched {
            exemptions: exemptions.map(|said| said.path.as_str()).collect(),
            rules: rules.collect(),
        }
    }

    fn is(&self, event: &Event) -> bool {
        match event.kind {
            Kind::ExemptionBegins | Kind::ReviewDue | Kind::ExemptionEnds => {
                self.exemptions.contains(event.about.as_str())
            }
            _ => event.rules.iter().any(|rule| self.rules.contains(rule.as_str())),
        }
    }
}
