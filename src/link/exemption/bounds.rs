//! What the intents and the fleet allow: whether an exemption may be granted and by whom, for how
//! long, of which controls and images, and how often it is looked at again.
//!
//! How many there may be of one owner depends on the day, which is not known here.

use super::super::requirement::label;
use super::{Demand, Held, Review};
use crate::date::{Date, Period};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemptable, Exemption, ExemptionBounds, Intent, Lift, Overdue};
use crate::text::{Place, Spanned};
use std::collections::BTreeMap;

/// How often it must be reviewed, by the strictest of the fleet and the intents that it lifts from.
pub fn review(
    exemption: &Exemption,
    intents: &BTreeMap<&str, &Document<Intent>>,
    fleet: Option<&ExemptionBounds>,
) -> Option<Review> {
    let bounds = exemption.lifts.iter().filter_map(|lift| {
        let bounds = intents.get(lift.intent.value.as_str())?.spec.exemptions.as_ref()?;
        bounds.value.review.as_ref()
    });
    let bounds = bounds.chain(fleet.and_then(|fleet| fleet.review.as_ref()));
    let (period, place) = bounds.map(|period| (period.value, period.place)).min()?;
    let mut days: Vec<Date> = exemption.reviewed.iter().map(|day| day.value).collect();
    days.sort();
    // Without any day it is asked for one.
    let begins = exemption.granted.as_ref().map(|granted| granted.value);
    let begins = begins.or(days.first().copied())?;
    let lapses = fleet.is_some_and(|fleet| fleet.overdue == Overdue::Lapse);
    Some(Review { begins, days, period, lapses, place })
}

/// Says everything that keeps one of its lifts from being granted.
pub fn check(
    exemption: &Document<Exemption>,
    lift: &Lift,
    intent: &Document<Intent>,
    held: &Held<'_>,
    diagnostics: &mut Diagnostics,
) {
    let name = &intent.name.value;
    let Some(bounds) = &intent.spec.exemptions else {
        diagnostics.push(
            Diagnostic::error("not-exemptible", format!("intent `{name}` grants no exemptions"))
                .at(lift.intent.place, "lifted here")
                .at(intent.place(), "has no `exemptions`")
                .help("its owner can allow them with `exemptions: {longest: 90d}`"),
        );
        return;
    };
    for control in &lift.controls {
        let mut demanded = held.demands.iter().filter(|demand| {
            demand.intent == *name
                && (demand.control.id() == control.value || demand.rule == control.value)
        });
        let Some(demand) = demanded.next() else {
            // Perhaps it would, but for a mistake that is told by itself.
            if diagnostics.has_errors() && is_unclear(intent, held) {
                continue;
            }
            let message = format!("intent `{name}` does not demand `{}`", control.value);
            diagnostics.push(
                Diagnostic::error("exemption-without-effect", message)
                    .at(control.place, "lifts nothing")
                    .at(intent.place(), "does not demand it")
                    .help("remove it, or name the intent that demands it"),
            );
            continue;
        };
        check_never(control, demand, held, diagnostics);
        let allowed = &bounds.value.controls;
        if !allowed.is_empty() && !allowed.iter().any(|one| one.value == control.value) {
            let message = format!("intent `{name}` does not allow `{}` to be lifted", **control);
            diagnostics.push(
                Diagnostic::error("not-exemptible", message)
                    .at(control.place, "lifted here")
                    .at(allowed[0].place, "only these may be")
                    .help("remove it, or ask the intent's owner to allow it"),
            );
        }
    }
    check_period(exemption, name, Some(&bounds.value), held.fleet, diagnostics);
    check_images(exemption, intent, bounds, diagnostics);
}

/// Whether something that an intent requires could not be understood.
fn is_unclear(intent: &Document<Intent>, held: &Held<'_>) -> bool {
    let mut labels = (0..intent.spec.requires.len()).map(|index| label(intent, index));
    labels.any(|label| !held.demands.iter().any(|demand| demand.label == label))
}

/// Says everything that keeps a lift of what an advisory demands from being granted: its own end
/// bounds it, and so does the fleet.
pub fn check_of_advisory(
    exemption: &Document<Exemption>,
    lift: &Lift,
    held: &Held<'_>,
    diagnostics: &mut Diagnostics,
) {
    let name = &lift.intent.value;
    let demanded: Vec<&Demand> =
        held.demands.iter().filter(|demand| demand.is_of_advisory(name)).collect();
    for control in &lift.controls {
        let named = demanded
            .iter()
            .find(|demand| demand.control.id() == control.value || demand.rule == control.value);
        match (named, demanded.first()) {
            (Some(demand), _) => check_never(control, demand, held, diagnostics),
            (None, None) => {}
            (None, Some(demand)) => {
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
    check_period(exemption, name, None, held.fleet, diagnostics);
}

/// What the fleet never lets anybody lift.
fn check_never(
    control: &Spanned<String>,
    demand: &Demand,
    held: &Held<'_>,
    diagnostics: &mut Diagnostics,
) {
    let id = demand.control.id();
    let mut never = held.fleet.into_iter().flat_map(|fleet| &fleet.never);
    if let Some(never) = never.find(|never| never.value == id) {
        diagnostics.push(
            Diagnostic::error("not-exemptible", format!("no exemption may lift `{id}`"))
                .at(control.place, "lifted here")
                .at(never.place, "never, says the fleet")
                .help("remove it, and mend what does not comply"),
        );
    }
}

/// A period, where it is set, and who sets it.
struct Bound<'a> {
    period: &'a Spanned<Period>,
    by: String,
}

/// The shorter of what an intent and the fleet set.
fn shorter<'a>(
    intent: &str,
    own: Option<&'a Spanned<Period>>,
    fleet: Option<&'a Spanned<Period>>,
) -> Option<Bound<'a>> {
    match (own, fleet) {
        (Some(own), fleet) if fleet.is_none_or(|fleet| own.value <= fleet.value) => {
            Some(Bound { period: own, by: format!("`{intent}`") })
        }
        (_, fleet) => fleet.map(|period| Bound { period, by: "the fleet".to_owned() }),
    }
}

fn check_period(
    document: &Document<Exemption>,
    name: &str,
    own: Option<&Exemptable>,
    fleet: Option<&ExemptionBounds>,
    diagnostics: &mut Diagnostics,
) {
    let exemption = &document.spec;
    let fleets = |of: fn(&ExemptionBounds) -> &Option<Spanned<Period>>| {
        fleet.and_then(|fleet| of(fleet).as_ref())
    };
    let owns =
        |of: fn(&Exemptable) -> &Option<Spanned<Period>>| own.and_then(|own| of(own).as_ref());
    let longest = shorter(name, owns(|own| &own.longest), fleets(|fleet| &fleet.longest));
    let review = shorter(name, owns(|own| &own.review), fleets(|fleet| &fleet.review));
    let Some(granted) = &exemption.granted else {
        let never = exemption.reviewed.is_empty();
        if let Some(bound) = longest.or(review.filter(|_| never)) {
            let who =
                if bound.by == "the fleet" { bound.by } else { format!("intent {}", bound.by) };
            diagnostics.push(
                Diagnostic::error(
                    "missing-field",
                    format!("{who} bounds its exemptions, so this needs a beginning"),
                )
                .at(document.place(), "needs `granted`")
                .at(bound.period.place, "bounded here")
                .help("`granted`: the day it was granted"),
            );
        }
        return;
    };
    let Some(Bound { period: longest, by }) = longest else { return };
    let days = granted.days_until(exemption.expires.value);
    if days > i64::from(longest.days) {
        let message = format!("this exemption lasts {days} days");
        diagnostics.push(
            Diagnostic::error("exemption-too-long", message)
                .at(exemption.expires.place, "expires here")
                .at(longest.place, format!("{by} allows {}", **longest))
                .help(format!(
                    "let it expire on {} or before; it can be renewed then",
                    granted.plus(longest.value)
                )),
        );
    }
}

/// Says what is missing where the fleet names who may approve.
pub fn check_approval(
    document: &Document<Exemption>,
    held: &Held<'_>,
    diagnostics: &mut Diagnostics,
) {
    let approvers = held.fleet.map_or(&[][..], |fleet| &fleet.approvers);
    let Some(first) = approvers.first() else { return };
    let names: Vec<&str> = approvers.iter().map(|one| one.value.as_str()).collect();
    let refuse = |message: String, place: Place, label: &str| {
        Diagnostic::error("not-approved", message)
            .at(place, label)
            .at(first.place, "only these may")
            .help(format!(
                "ask for approval, then set `approvedBy` to one of: {}",
                names.join(", ")
            ))
    };
    match &document.spec.approved_by {
        Some(who) if names.contains(&who.value.as_str()) => {}
        Some(who) => diagnostics.push(refuse(
            format!("`{}` may not approve exemptions", who.value),
            who.place,
            "approved here",
        )),
        None => diagnostics.push(refuse(
            format!("nobody has approved exemption `{}`", document.name.value),
            document.place(),
            "needs `approvedBy`",
        )),
    }
}

fn check_images(
    document: &Document<Exemption>,
    intent: &Document<Intent>,
    bounds: &Spanned<Exemptable>,
    diagnostics: &mut Diagnostics,
) {
    let exemption = &document.spec;
    let name = &intent.name.value;
    let images = &bounds.value.images;
    let asked = &exemption.scope.value.images;
    let outside = asked.iter().find(|image| !images.contains(&image.value));
    if !images.is_empty() && (asked.is_empty() || outside.is_some()) {
        let place = outside.map_or(exemption.scope.place, |image| image.place);
        let message = format!("intent `{name}` lets only certain images be exempt");
        diagnostics.push(
            Diagnostic::error("not-exemptible", message)
                .at(place, "not limited to those images")
                .at(bounds.place, "limited here")
                .help(format!("set `images` of the scope to {}", images.join(", "))),
        );
    }
}
