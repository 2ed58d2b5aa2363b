//! Exemptions: what each lifts, from whom, and for how long.
//!
//! Whether the intents allow it is asked in `bounds`, for whom it holds in `scope`. Whether it is
//! in force on a day is the plan's business.

mod bounds;
mod scope;

pub use scope::ExemptScope;

use super::{Context, Demand};
use crate::catalogue::unknown;
use crate::date::{Date, Period};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemption, Intent, Lift};
use crate::selector::Selector;
use crate::text::Place;
use std::collections::BTreeMap;

/// An exemption, ready to be applied.
#[derive(Debug)]
pub struct Lifting {
    pub name: String,
    pub place: Place,
    /// Control (or rendered name) and the intents it is lifted from, each with its place.
    pub lifts: Vec<(String, String, Place)>,
    pub clusters: Selector,
    pub scope: ExemptScope,
    pub expires: Date,
    pub granted: Option<Date>,
    pub review: Option<Review>,
    pub owner: String,
    pub reason: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
}

/// How often it must be looked at again, by the strictest intent that it lifts from.
#[derive(Debug)]
pub struct Review {
    /// The days on which somebody did, the day it was granted among them.
    pub days: Vec<Date>,
    pub period: Period,
    /// The bound that says so.
    pub place: Place,
}

impl Review {
    /// The last day on which it need not have been reviewed again; `None` where it never was. A
    /// day to come is a plan, not a review.
    pub fn due(&self, today: Date) -> Option<Date> {
        let past = self.days.iter().copied().filter(|day| *day <= today);
        past.max().map(|day| day.plus(self.period))
    }
}

impl Lifting {
    /// It has begun and not ended; its last day still counts.
    pub fn is_in_force(&self, today: Date) -> bool {
        self.granted.is_none_or(|granted| granted <= today) && today <= self.expires
    }

    /// It lifts what `demand` asks for.
    pub fn lifts(&self, demand: &Demand) -> bool {
        self.lifts.iter().any(|(control, intent, _)| {
            *intent == demand.intent && (*control == demand.control.id() || *control == demand.rule)
        })
    }

    /// It names the control of `demand`, be it for this intent or another.
    pub fn names_control(&self, demand: &Demand) -> Option<Place> {
        let named = |(control, _, _): &&(String, String, Place)| {
            *control == demand.control.id() || *control == demand.rule
        };
        self.lifts.iter().find(named).map(|(_, _, place)| *place)
    }
}

pub fn liftings(
    exemptions: &[Document<Exemption>],
    intents: &[Document<Intent>],
    demands: &[Demand],
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Lifting> {
    let by_name: BTreeMap<&str, &Document<Intent>> =
        intents.iter().map(|intent| (intent.name.value.as_str(), intent)).collect();
    for exemption in exemptions {
        for lift in &exemption.spec.lifts {
            match by_name.get(lift.intent.value.as_str()) {
                Some(intent) => bounds::check(exemption, lift, intent, demands, diagnostics),
                None if context.broken.named("Intent", &lift.intent.value)
                    || context.broken.named("Advisory", &lift.intent.value) => {}
                // An advisory can be lifted by whoever names it: its own end is bound enough.
                None if demands.iter().any(|one| is_of_advisory(one, &lift.intent)) => {
                    of_advisory(lift, demands, diagnostics);
                }
                None => {
                    let known = intents.iter().map(|intent| &intent.name.value);
                    diagnostics.push(unknown("intent", &lift.intent, known));
                }
            }
        }
        scope::check(exemption, context, diagnostics);
    }
    exemptions.iter().map(|exemption| lifting(exemption, &by_name)).collect()
}

/// Whether a demand is that of an advisory of this name.
fn is_of_advisory(demand: &Demand, name: &str) -> bool {
    demand.lasting.is_some() && demand.intent == name
}

/// Of an advisory only what it demands can be lifted.
fn of_advisory(lift: &Lift, demands: &[Demand], diagnostics: &mut Diagnostics) {
    let name = &lift.intent.value;
    let of = || demands.iter().filter(|one| is_of_advisory(one, name));
    for control in &lift.controls {
        let is = |one: &Demand| one.control.id() == control.value || one.rule == control.value;
        if let (false, Some(demand)) = (of().any(is), of().next()) {
            let message = format!("advisory `{name}` does not demand `{}`", control.value);
            diagnostics.push(
                Diagnostic::error("exemption-without-effect", message)
                    .at(control.place, "lifts nothing")
                    .at(demand.place, "does not demand it")
                    .help(format!("name `{}`, which is what it demands", demand.control.id())),
            );
        }
    }
}

fn lifting(document: &Document<Exemption>, intents: &BTreeMap<&str, &Document<Intent>>) -> Lifting {
    let exemption = &document.spec;
    let lifts = exemption.lifts.iter().flat_map(|lift| {
        let intent = lift.intent.value.clone();
        lift.controls.iter().map(move |c| (c.value.clone(), intent.clone(), c.place))
    });
    let clusters = exemption.scope.clusters.as_ref();
    Lifting {
        name: document.name.value.clone(),
        place: document.place(),
        lifts: lifts.collect(),
        clusters: clusters.map_or(Selector::all(), |written| Selector::from(&written.value)),
        scope: ExemptScope::from(&exemption.scope.value),
        expires: exemption.expires.value,
        granted: exemption.granted.as_ref().map(|granted| granted.value),
        review: bounds::review(exemption, intents),
        owner: exemption.owner.clone(),
        reason: exemption.reason.clone(),
        approved_by: exemption.approved_by.clone(),
        ticket: exemption.ticket.clone(),
    }
}
