//! What dates bring: every flip, expiry, beginning and review, as a list of dated events, and how
//! every exemption stands on a day.
//!
//! It is handed linked documents, plans and a day, and decides nothing: what is collected here is
//! what rendering on those days does. A source of events is a function that returns them; whoever
//! tells them chains these ([`exemptions`], [`graces`], [`advisories`]) and sorts them into a [`Calendar`].

mod advisories;
mod exemptions;
mod graces;
mod standing;

pub use advisories::advisories;
pub use exemptions::exemptions;
pub use graces::{Planned, graces};
pub use standing::{Standing, State, standings};

use crate::date::{Date, Period};
use crate::text::Place;

/// What happens on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub day: Date,
    pub kind: Kind,
    /// What it happens to: an exemption's name, or `intent/requirement`.
    pub about: String,
    /// In words, as the rest of a sentence that begins with `about`.
    pub text: String,
    pub place: Place,
    /// The rules that flip, by name; none where it is about no rule in particular.
    pub rules: Vec<String>,
    /// The clusters it happens on, sorted.
    pub clusters: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// From this day on, what was milder for a while holds in full.
    GraceEnds,
    /// The first day an advisory counts.
    AdvisoryBegins,
    /// The first day it counts.
    ExemptionBegins,
    /// The last day on which it need not have been reviewed again.
    ReviewDue,
    /// The last day it counts.
    ExemptionEnds,
    /// The last day an advisory counts.
    AdvisoryEnds,
}

impl Kind {
    /// What programs call it.
    pub fn id(self) -> &'static str {
        match self {
            Kind::GraceEnds => "grace-ends",
            Kind::AdvisoryBegins => "advisory-begins",
            Kind::AdvisoryEnds => "advisory-ends",
            Kind::ExemptionBegins => "exemption-begins",
            Kind::ReviewDue => "review-due",
            Kind::ExemptionEnds => "exemption-ends",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Kind::GraceEnds => "grace ends",
            Kind::AdvisoryBegins => "advisory begins",
            Kind::AdvisoryEnds => "advisory ends",
            Kind::ExemptionBegins => "exemption begins",
            Kind::ReviewDue => "review due",
            Kind::ExemptionEnds => "exemption ends",
        }
    }
}

/// Events from the past that still want something, and those of the days that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    pub overdue: Vec<Event>,
    pub ahead: Vec<Event>,
}

/// Sorts events by day: `until` still counts, and so does today.
pub fn calendar(events: impl IntoIterator<Item = Event>, today: Date, until: Date) -> Calendar {
    let mut events: Vec<Event> = events.into_iter().collect();
    events.sort_by(|one, other| {
        let key = |event: &Event| (event.day, event.kind);
        let names = |event: &Event| (event.about.clone(), event.rules.clone());
        key(one).cmp(&key(other)).then_with(|| names(one).cmp(&names(other)))
    });
    let (overdue, mut ahead): (Vec<Event>, Vec<Event>) =
        events.into_iter().partition(|event| event.day < today);
    ahead.retain(|event| event.day <= until);
    Calendar { overdue, ahead }
}

/// The day after.
fn next(day: Date) -> Date {
    day.plus(Period { days: 1 })
}

#[cfg(test)]
mod tests;
