//! What the intents allow: whether an exemption may be granted, for how long, of which controls
//! and images, and how often it is looked at again.

use super::Review;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemptable, Exemption, Intent, Lift};
use crate::link::Demand;
use crate::text::Spanned;
use std::collections::BTreeMap;

/// How often it must be reviewed, by the strictest intent that it lifts from.
pub fn review(
    exemption: &Exemption,
    intents: &BTreeMap<&str, &Document<Intent>>,
) -> Option<Review> {
    let bounds = exemption.lifts.iter().filter_map(|lift| {
        let bounds = intents.get(lift.intent.value.as_str())?.spec.exemptions.as_ref()?;
        bounds.value.review.as_ref()
    });
    let (period, place) = bounds.map(|period| (period.value, period.place)).min()?;
    let days = exemption.reviewed.iter().chain(&exemption.granted).map(|day| day.value);
    let days: Vec<Date> = days.collect();
    // Without any day it is asked for one.
    (!days.is_empty()).then_some(Review { days, period, place })
}

/// Says everything that keeps one of its lifts from being granted.
pub fn check(
    exemption: &Document<Exemption>,
    lift: &Lift,
    intent: &Document<Intent>,
    demands: &[Demand],
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
        let demanded = demands.iter().any(|demand| {
            demand.intent == *name
                && (demand.control.id() == control.value || demand.rule == control.value)
        });
        if !demanded {
            let message = format!("intent `{name}` does not demand `{}`", control.value);
            diagnostics.push(
                Diagnostic::error("exemption-without-effect", message)
                    .at(control.place, "lifts nothing")
                    .at(intent.place(), "does not demand it")
                    .help("remove it, or name the intent that demands it"),
            );
        }
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
    check_bounds(exemption, intent, bounds, diagnostics);
}

fn check_bounds(
    document: &Document<Exemption>,
    intent: &Document<Intent>,
    bounds: &Spanned<Exemptable>,
    diagnostics: &mut Diagnostics,
) {
    let exemption = &document.spec;
    let name = &intent.name.value;
    let never = exemption.granted.is_none() && exemption.reviewed.is_empty();
    let counted = bounds.value.review.as_ref().filter(|_| never).map(|period| period.place);
    let bounded = bounds.value.longest.as_ref().map(|period| period.place).or(counted);
    if let (None, Some(place)) = (&exemption.granted, bounded) {
        diagnostics.push(
            Diagnostic::error(
                "missing-field",
                format!("intent `{name}` bounds its exemptions, so this needs a beginning"),
            )
            .at(document.place(), "needs `granted`")
            .at(place, "bounded here")
            .help("`granted`: the day it was granted"),
        );
    }
    if let (Some(granted), Some(longest)) = (&exemption.granted, &bounds.value.longest) {
        let days = granted.days_until(exemption.expires.value);
        if days > i64::from(longest.days) {
            let message = format!("this exemption lasts {days} days");
            diagnostics.push(
                Diagnostic::error("exemption-too-long", message)
                    .at(exemption.expires.place, "expires here")
                    .at(longest.place, format!("`{name}` allows {}", **longest))
                    .help(format!(
                        "let it expire on {} or before; it can be renewed then",
                        granted.plus(longest.value)
                    )),
            );
        }
    }
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
