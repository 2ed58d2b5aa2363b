//! Exemptions with their whys, and the recommendations that they reach.

use super::{Given, Told, on_one_line};
use crate::calendar::{self, State as ExemptionState};
use crate::date::Date;
use std::collections::{BTreeMap, BTreeSet};

/// An exemption, and where it is felt.
#[derive(Debug)]
pub struct Exempted {
    pub name: String,
    pub place: String,
    /// `control of intent`.
    pub lifts: Vec<String>,
    /// For whom.
    pub scope: String,
    /// The clusters that are asked for what it lifts.
    pub clusters: Vec<String>,
    pub reason: String,
    pub owner: String,
    pub approved_by: Option<String>,
    pub ticket: Option<String>,
    pub granted: Option<Date>,
    pub expires: Date,
    pub reviewed: Vec<Date>,
    pub review_due: Option<Date>,
    pub state: ExemptionState,
    /// `framework@version id`, of what it reaches.
    pub reaches: Vec<(String, String)>,
}

/// Those that lift a control of what is told, and how many others there are.
pub fn all(given: &Given<'_>, frameworks: &[Told]) -> (Vec<Exempted>, usize) {
    let mut reaches: BTreeMap<&str, BTreeSet<(usize, usize)>> = BTreeMap::new();
    for (framework, told) in frameworks.iter().enumerate() {
        for (index, one) in told.recommendations.iter().enumerate() {
            for name in one.variants.iter().flat_map(|variant| &variant.standing.exemptions) {
                reaches.entry(name).or_default().insert((framework, index));
            }
        }
    }
    let named: BTreeSet<&str> = given
        .frameworks
        .iter()
        .flat_map(|(document, _)| &document.spec.recommendations)
        .flat_map(|one| &one.controls)
        .flat_map(|entry| [Some(&entry.control), entry.rendered_as.as_ref()])
        .flatten()
        .map(|name| name.value.as_str())
        .collect();
    let (mut found, mut others) = (vec![], 0);
    for one in calendar::standings(given.linked, given.day) {
        let lifting = one.lifting;
        // A rule may have a name of its own, by which it is lifted.
        let lifts_any = lifting.lifts.iter().any(|(control, ..)| named.contains(control.as_str()));
        if !lifts_any && !reaches.contains_key(lifting.name.as_str()) {
            others += 1;
            continue;
        }
        let mut lifts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (control, intent, _) in &lifting.lifts {
            lifts.entry(intent).or_default().push(control);
        }
        let lifts = lifts.into_iter();
        // How near an end is depends on the day it is looked at.
        let state = match one.state {
            ExemptionState::EndsSoon if given.decided => ExemptionState::InForce,
            state => state,
        };
        let reached = reaches.get(lifting.name.as_str()).into_iter().flatten();
        let reached = reached.map(|(framework, index)| {
            let told = &frameworks[*framework];
            (told.called(), told.recommendations[*index].id.clone())
        });
        let review = lifting.review.as_ref();
        found.push(Exempted {
            name: lifting.name.clone(),
            place: given.sources.short(lifting.place),
            lifts: lifts.map(|(from, what)| format!("{} of {from}", what.join(", "))).collect(),
            scope: match lifting.scope.in_words(&format!("images {}", lifting.images.join(", "))) {
                whole if whole.is_empty() => "everything".to_owned(),
                scope => scope,
            },
            clusters: one.clusters.iter().map(|name| (*name).to_owned()).collect(),
            reason: on_one_line(&lifting.reason),
            owner: on_one_line(&lifting.owner),
            approved_by: lifting.approved_by.as_deref().map(on_one_line),
            ticket: lifting.ticket.as_deref().map(on_one_line),
            granted: lifting.granted,
            expires: lifting.expires,
            reviewed: review.map(|review| review.days.clone()).unwrap_or_default(),
            review_due: review
                .map(|review| review.due(given.day))
                .filter(|due| *due < lifting.expires),
            state,
            reaches: reached.collect(),
        });
    }
    (found, others)
}
