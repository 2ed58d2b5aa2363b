//! Exemptions: what each lifts, from whom, and for how long.
//!
//! Whether the intents and the fleet allow it is asked in `bounds`, for whom it holds in `scope`,
//! what a day makes of it in `lifting`. Which rules it reaches is the plan's business.

mod bounds;
mod lifting;
mod scope;

pub use lifting::{Ended, Lifting, Review};
pub use scope::ExemptScope;

use super::{Context, Demand, Warned};
use crate::catalogue::unknown;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::{Document, Exemption, ExemptionBounds, Intent, Lift};
use crate::selector::Selector;
use std::collections::BTreeMap;

/// What exemptions are held to.
pub struct Held<'a> {
    pub intents: &'a [Document<Intent>],
    pub demands: &'a [Demand],
    pub warned: &'a [Warned],
    /// What the fleet's settings say of all of them.
    pub fleet: Option<&'a ExemptionBounds>,
}

pub fn liftings(
    exemptions: &[Document<Exemption>],
    held: &Held<'_>,
    context: &Context<'_>,
    diagnostics: &mut Diagnostics,
) -> Vec<Lifting> {
    let by_name: BTreeMap<&str, &Document<Intent>> =
        held.intents.iter().map(|intent| (intent.name.value.as_str(), intent)).collect();
    for exemption in exemptions {
        for lift in &exemption.spec.lifts {
            match by_name.get(lift.intent.value.as_str()) {
                Some(intent) => bounds::check(exemption, lift, intent, held, diagnostics),
                None if context.broken.named("Intent", &lift.intent.value)
                    || context.broken.named("Advisory", &lift.intent.value) => {}
                None if held.demands.iter().any(|one| one.is_of_advisory(&lift.intent.value)) => {
                    bounds::check_of_advisory(exemption, lift, held, diagnostics);
                }
                None => diagnostics.push(nothing_to_lift(lift, held)),
            }
        }
        bounds::check_approval(exemption, held, diagnostics);
        scope::check(exemption, context, diagnostics);
    }
    exemptions.iter().map(|exemption| lifting(exemption, &by_name, held.fleet)).collect()
}

/// What is said of a lift from what demands nothing of anybody's pods.
fn nothing_to_lift(lift: &Lift, held: &Held<'_>) -> Diagnostic {
    match held.warned.iter().find(|one| one.name == lift.intent.value) {
        Some(one) => {
            let message = format!("advisory `{}` is about nodes alone", one.name);
            Diagnostic::error("exemption-without-effect", message)
                .at(lift.intent.place, "lifts nothing")
                .at(one.place, "names no images")
                .help("remove it: bindings to affected nodes are lifted for nobody")
        }
        None => {
            let intents = held.intents.iter().map(|intent| &intent.name.value);
            let known = intents.chain(held.warned.iter().map(|one| &one.name));
            unknown("intent", &lift.intent, known)
        }
    }
}

fn lifting(
    document: &Document<Exemption>,
    intents: &BTreeMap<&str, &Document<Intent>>,
    fleet: Option<&ExemptionBounds>,
) -> Lifting {
    let exemption = &document.spec;
    let lifts = exemption.lifts.iter().flat_map(|lift| {
        let intent = lift.intent.value.clone();
        lift.controls.iter().map(move |c| (c.value.clone(), intent.clone(), c.place))
    });
    let scope = &exemption.scope.value;
    let clusters = scope.clusters.as_ref();
    Lifting {
        name: document.name.value.clone(),
        place: document.place(),
        lifts: lifts.collect(),
        clusters: clusters.map_or(Selector::all(), |written| Selector::from(&written.value)),
        scope: ExemptScope::from(scope),
        images: scope.images.iter().map(|glob| glob.value.clone()).collect(),
        expires: exemption.expires.value,
        granted: exemption.granted.as_ref().map(|granted| granted.value),
        review: bounds::review(exemption, intents, fleet),
        owner: exemption.owner.clone(),
        reason: exemption.reason.clone(),
        approved_by: exemption.approved_by.as_ref().map(|who| who.value.clone()),
        ticket: exemption.ticket.clone(),
    }
}
