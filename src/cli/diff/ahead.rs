//! What dates bring around a change: on the clusters it is about, and of the exemptions it touches.

use crate::calendar::{Event, Kind, calendar};
use crate::change::{Change, Topic};
use crate::cli::calendar::events;
use crate::date::{Date, Period};
use crate::pipeline::{Loaded, Render};
use crate::report::{Ahead, Dated};
use std::collections::BTreeSet;

/// How far ahead it is looked.
const AHEAD: Period = Period { days: 90 };

pub fn of(change: &Change, loaded: &Loaded, rendered: &Render, today: Date) -> Ahead {
    let until = today.plus(AHEAD);
    let said = change.entries.iter().flat_map(|entry| &entry.statements);
    let touched: BTreeSet<&str> =
        said.filter(|said| said.topic == Topic::Exemption).map(|said| said.path.as_str()).collect();
    let is_told = |event: &Event| {
        let of_exemption =
            matches!(event.kind, Kind::ExemptionBegins | Kind::ReviewDue | Kind::ExemptionEnds);
        let is_touched = of_exemption && touched.contains(event.about.as_str());
        let changes = || event.clusters.iter().any(|name| change.clusters.contains_key(name));
        is_touched || (event.day <= until && changes())
    };
    let all = events(loaded, rendered, None, today).into_iter().filter(is_told);
    let sorted = calendar(all, today, Date::LAST);
    let sorted = sorted.overdue.into_iter().chain(sorted.ahead);
    let dates = sorted.map(|event| Dated { place: loaded.sources.short(event.place), event });
    Ahead { today, until, dates: dates.collect() }
}
