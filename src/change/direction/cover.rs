//! Whether claims cover claims: whether all that some ask for, others ask for too.

use super::Direction;
use super::claim::Claim;
use super::hole::{self, Askers};
use super::resources::Atom;
use crate::admission::{Scan, Scope};
use crate::catalogue::Definition;
use crate::document::Action;
use crate::plan::AskedBy;
use crate::selector::{NAME, Operator, Selector};

/// Selectors that a difference may fall into before it is given up.
const PARTS: usize = 512;

/// Distinct lists of groups that are told apart.
const GROUPS: usize = 3;

/// What changes between claims of one control.
pub fn direction(old: &[Claim], new: &[Claim], control: Option<&Definition>) -> Direction {
    let kept = covers(new, old, control, Proof::Complete);
    let within = covers(old, new, control, Proof::Complete);
    match (kept, within) {
        (true, true) => Direction::Neutral,
        (true, false) => Direction::Tightens,
        (false, true) => Direction::Loosens,
        // With a text of which nobody can tell what it asks for, it may be all.
        _ if covers(new, old, control, Proof::ButForTexts) => Direction::Unknown,
        _ => Direction::Loosens,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    Complete,
    /// As if any text asked for as much as any other.
    ButForTexts,
}

/// Whether `these` ask for all that `those` do.
fn covers(these: &[Claim], those: &[Claim], control: Option<&Definition>, proof: Proof) -> bool {
    let mut groups: Vec<&Vec<String>> = these
        .iter()
        .filter_map(|one| match &one.text.asked_by {
            AskedBy::Everybody => None,
            AskedBy::Others(groups) | AskedBy::Members(groups) => Some(groups),
        })
        .collect();
    groups.sort();
    groups.dedup();
    groups.truncate(GROUPS);
    // Most of what a control says stays as it is, and covers itself.
    those.iter().filter(|that| !these.contains(that)).all(|that| {
        let able: Vec<(&Claim, Vec<&Vec<String>>)> = these
            .iter()
            .filter_map(|this| Some((this, stands_in(this, that, control, proof)?)))
            .collect();
        Askers::of(&that.text.asked_by, &groups).iter().all(|askers| {
            let able = able.iter().filter(|(this, _)| askers.within(&this.text.asked_by));
            let able: Vec<_> = able.collect();
            that.atoms.iter().all(|atom| {
                let mut left = that.regions(atom);
                left.retain(|one| !one.is_empty());
                for (this, freed) in &able {
                    let at = |own: &Atom| {
                        own.contains(atom)
                            || (proof == Proof::ButForTexts && own.is_incomparable(atom))
                    };
                    for own in this.atoms.iter().filter(|own| at(own)) {
                        // Freed by its namespace is only what lies in one.
                        let freed = if own.scope == Scope::Namespaced { &freed[..] } else { &[] };
                        for region in less(this.regions(own), freed) {
                            left = left.iter().flat_map(|one| one.minus(&region)).collect();
                        }
                    }
                    if left.len() > PARTS {
                        return false;
                    }
                }
                left.is_empty()
            })
        })
    })
}

fn less(regions: Vec<Selector>, freed: &[&Vec<String>]) -> Vec<Selector> {
    freed.iter().fold(regions, |all, names| {
        let named = Selector::one(NAME, Operator::In, names.iter().cloned());
        all.iter().flat_map(|one| one.minus(&named)).collect()
    })
}

/// Whether `this` asks for as much as `that` of each object that both look at, but for those in
/// the namespaces that are returned, list by list; of whom and where they look is left aside.
fn stands_in<'a>(
    this: &'a Claim,
    that: &Claim,
    control: Option<&Definition>,
    proof: Proof,
) -> Option<Vec<&'a Vec<String>>> {
    let later = match (this.action, this.later, that.later) {
        (Action::Deny, ..) | (_, _, None) => true,
        (_, Some(this), Some(that)) => this <= that,
        (_, None, Some(_)) => false,
    };
    let strict = this.action >= that.action
        && later
        && (this.errors_deny || !that.errors_deny)
        && (that.scan == Scan::Never || this.scan == that.scan)
        && this.conditions.is_subset(&that.conditions)
        && this.objects.contains(&that.objects);
    if !strict || (proof == Proof::Complete && !text_as_strict(this, that, control)) {
        return None;
    }
    let known_alike = this.text.known_by == that.text.known_by;
    let mut freed = vec![];
    for one in this.text.exemptions.iter().filter(|one| !hole::only_namespaces(one)) {
        let mut before = that.text.exemptions.iter();
        if before.any(|old| hole::contains(old, one) && (known_alike || hole::only_namespaces(old)))
        {
            continue;
        }
        if one.namespaces.is_empty() {
            return None;
        }
        freed.push(&one.namespaces);
    }
    Some(freed)
}

fn text_as_strict(this: &Claim, that: &Claim, control: Option<&Definition>) -> bool {
    let parameters = match (&this.text.parameters, &that.text.parameters) {
        (Some(this), Some(that)) => {
            this == that || control.is_some_and(|control| control.asks_as_much(this, that))
        }
        (None, None) => true,
        _ => false,
    };
    parameters
        && this.habits == that.habits
        && that.text.validations.iter().all(|wanted| {
            this.text.validations.iter().any(|one| {
                // What has fewer ways to pass asks for more.
                one.is_subset(wanted)
                    && this
                        .text
                        .reached(one)
                        .iter()
                        .all(|(name, expression)| that.text.variables.get(name) == Some(expression))
            })
        })
}
